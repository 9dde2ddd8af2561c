"""Movements of the nights: accelerometers scored by the grammar of a night, night by night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from psgkit.analysis.groups import NightFrame, score_groups
from psgkit.analysis.scorer import Scorer
from psgkit.analysis.sensors import Motion
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import NightRow, NightWindow
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED, SleepWake
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, contains, intersect, no_intervals, total, union
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import Lights
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.detect.emg.channels import EMG_GROUPS, GroupDetection
from psgkit.indices.movement import GroupNight, movement_indices
from psgkit.indices.posture import posture_indices
from psgkit.indices.rhythms import with_stages
from psgkit.indices.scratch import scratch_indices
from psgkit.settings import Settings
from psgkit.sleep.time_in_stages import NightTime

_HOUR_S = 3600.0
_MINUTE_S = 60.0
_MOST_UNSCORED_MIN = 60.0
"""Of a night of which more was not seen, it is not known how long somebody slept; ours."""
_BY_STAGE = ("_nrem_", "_rem_")
_NO_EMG = "days are recorded without EMG"
_CUT_OFF = "the night goes on where nothing was recorded or worn"
SLEEP = "sleep_estimated"
"""Group of sleep in days: its name says that it is no scored sleep."""
_SLEEP_UNITS = {
    "window_start_h": "h",
    "window_end_h": "h",
    "window_min": "min",
    "tst_min": "min",
    "waso_min": "min",
    "sol_min": "min",
    "sleep_start_h": "h",
    "sleep_end_h": "h",
    "midsleep_h": "h",
    "se_pct": "%",
    "unscored_min": "min",
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredNights:
    """Groups scored over the whole recording, in which nights lie."""

    groups: Mapping[str, GroupNight]
    hypnogram: Hypnogram | None

    def of_night(self, window: NightWindow) -> dict[str, dict[str, Index]]:
        """Return the movement indices of a night, by group; none that rest on a stage."""
        found = {}
        for name, whole in self.groups.items():
            own = _within(whole, window, self.hypnogram)
            found[name] = {
                key: index
                for key, index in movement_indices(own).items()
                if not any(word in key for word in _BY_STAGE)
            }
        return found

    def movements(self, windows: Sequence[NightWindow]) -> dict[str, ScoredMovements]:
        """Return what was scored within the windows."""
        spans = union(*(window.spans() for window in windows))
        return {
            name: group.scored.where(contains(spans, group.scored.movements.onset_s))
            for name, group in self.groups.items()
        }


def score_nights(
    recording: DayRecording,
    motion: Motion,
    hypnogram: Hypnogram | None,
    settings: Settings,
) -> ScoredNights:
    """Return the accelerometers of a recording scored once, in groups called after their place.

    Series may run on from a night into the morning; what is counted is what lies in the night.
    """
    whole = Lights(off_s=0.0, on_s=recording.duration_s, off_source="", on_source="")
    frame = NightFrame(
        scorer=Scorer(
            hypnogram=hypnogram, events=Events.none(), has_arousals=False, has_respiration=False
        ),
        hypnogram=hypnogram,
        lights=whole,
        duration_s=recording.duration_s,
        settings=settings,
        start=recording.clock.start,
    )
    nothing = GroupDetection(
        movements=Movements.of([], [], []), observed=no_intervals(np.float64), reason=_NO_EMG
    )
    scored = score_groups({**dict.fromkeys(EMG_GROUPS, nothing), **motion.groups}, frame)
    groups = {name: one for name, one in scored.nights.items() if name.startswith(GROUP_PREFIX)}
    return ScoredNights(groups=groups, hypnogram=hypnogram)


def night_rows(
    recording: DayRecording,
    windows: Sequence[NightWindow],
    sleep: SleepWake | None,
    seen: tuple[ScoredNights, Motion],
    settings: Settings,
) -> tuple[NightRow, ...]:
    """Return every night with its sleep, posture and movements."""
    scored, motion = seen
    rows = []
    for window in windows:
        indices = {SLEEP: _sleep(recording, window, sleep)}
        if window.span_s is not None:
            time = _time(window, scored.hypnogram, window.spans())
            posture = posture_indices(motion.trunk, time, settings.relief.out_of_bed)
            bouts = with_stages(motion.rhythms, scored.hypnogram)
            watched = time.within(motion.scratch_seen)
            indices |= {
                "posture": posture,
                "scratch": scratch_indices(bouts, watched, motion.scratch_reason),
                **scored.of_night(window),
            }
        rows.append(NightRow(window=window, indices=indices))
    return tuple(rows)


def _within(whole: GroupNight, window: NightWindow, hypnogram: Hypnogram | None) -> GroupNight:
    """Return the part of a group that lies in a window."""
    onset_s = whole.scored.movements.onset_s
    spans = window.spans()
    observed = intersect(whole.time.observed, spans)
    own = whole.reason or ("" if total(observed) > 0 else "not worn or not recorded this night")
    return replace(
        whole,
        scored=whole.scored.where(contains(spans, onset_s)),
        time=_time(window, hypnogram, observed),
        reason=own,
    )


def _time(window: NightWindow, hypnogram: Hypnogram | None, observed: Intervals) -> NightTime:
    """Return the clock of a night; its stages are those of the window only."""
    if window.span_s is None:
        raise ValueError("a night without a window has no clock")
    begin, end = window.span_s
    lights = Lights(off_s=begin, on_s=end, off_source=window.source, on_source=window.source)
    if hypnogram is None:
        return NightTime(hypnogram=None, lights=lights, observed=observed)
    first = max(0, int((begin - hypnogram.start_s) // hypnogram.epoch_s))
    last = max(first, int(np.ceil((end - hypnogram.start_s) / hypnogram.epoch_s)))
    part = Hypnogram(
        stages=hypnogram.stages[first:last],
        epoch_s=hypnogram.epoch_s,
        start_s=hypnogram.start_s + first * hypnogram.epoch_s,
    )
    return NightTime(hypnogram=part, lights=lights, observed=observed)


def _sleep(
    recording: DayRecording, window: NightWindow, sleep: SleepWake | None
) -> dict[str, Index]:
    """Return when and how long somebody slept; hours of the clock where it says ``_h``."""
    why = window.reason or ("" if sleep is not None else "sleep and wake are not known")
    spans = window.spans()
    asleep = no_intervals(np.float64)
    if sleep is not None and not why:
        asleep = intersect(sleep.stretches(ASLEEP), spans)
        why = "" if total(asleep) > 0 else "no sleep in the window"
    if why or sleep is None or window.span_s is None:
        return {name: Index.missing(name, unit, why) for name, unit in _SLEEP_UNITS.items()}
    clock_h = recording.clock.time_of_day_h
    begin, end = window.span_s
    first, last = float(asleep[0, 0]), float(asleep[-1, 1])
    awake = intersect(sleep.stretches(AWAKE), np.array([[first, last]]))
    seen_s = total(asleep) + total(intersect(sleep.stretches(AWAKE), spans))
    values = {
        "window_start_h": float(clock_h(begin)),
        "window_end_h": float(clock_h(end)),
        "window_min": (end - begin) / _MINUTE_S,
        "tst_min": total(asleep) / _MINUTE_S,
        "waso_min": total(awake) / _MINUTE_S,
        "sol_min": (first - begin) / _MINUTE_S,
        "sleep_start_h": float(clock_h(first)),
        "sleep_end_h": float(clock_h(last)),
        "midsleep_h": float(clock_h((first + last) / 2)),
        "se_pct": 100 * total(asleep) / seen_s,
        "unscored_min": total(intersect(sleep.stretches(UNSCORED), spans)) / _MINUTE_S,
    }
    found = {
        name: Index(name=name, value=value, unit=_SLEEP_UNITS[name], denominator_h=seen_s / _HOUR_S)
        for name, value in values.items()
    }
    found |= {
        name: Index.missing(name, _SLEEP_UNITS[name], reason)
        for name, reason in _not_known(window, values["unscored_min"]).items()
    }
    return found


def _not_known(window: NightWindow, unscored_min: float) -> dict[str, str]:
    """Return why some figures of a night are not known."""
    found = {}
    if unscored_min > _MOST_UNSCORED_MIN:
        why = f"{unscored_min:.0f} min of the window were not recorded or not worn"
        found = dict.fromkeys(("tst_min", "waso_min"), why)
    if window.source != "sleep diary":
        found["sol_min"] = "the window begins with rest: when somebody wanted to sleep is not known"
    if window.cut_off:
        found |= dict.fromkeys(_SLEEP_UNITS, _CUT_OFF)
    return found
