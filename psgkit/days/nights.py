"""Sleep, posture and movements of each night, and their mean and spread."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from psgkit.analysis.groups import NightFrame, Scorer, score_groups
from psgkit.analysis.sensors import Motion
from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import NightRow, NightWindow
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED, SleepWake
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import is_clock, names_of
from psgkit.core.index_catalogue.days import MOVEMENTS_OVER_NIGHTS, OVER_NIGHTS
from psgkit.core.intervals import Intervals, contains, intersect, no_intervals, total, union
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import Lights
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.detect.emg.channels import EMG_GROUPS, GroupDetection
from psgkit.indices.days.sleep_regularity import night_spread
from psgkit.indices.movement import GroupNight, movement_indices
from psgkit.indices.posture import posture_indices
from psgkit.indices.rhythms import scratch_indices, with_stages
from psgkit.settings import Settings
from psgkit.sleep.time_in_stages import NightTime

_HOUR_S = 3600.0
_MINUTE_S = 60.0
_MOST_UNSCORED_MIN = 60.0
"""Most minutes of a window without data for which time asleep is stated; psgkit's own choice."""
_BY_STAGE = ("_nrem_", "_rem_")
_NO_EMG = "days are recorded without EMG"
_CUT_OFF = "the night goes on where nothing was recorded or worn"
SLEEP = "sleep_estimated"
"""Group of indices of sleep estimated from movement."""
_CLOCK_DAY_H = 24.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredNights:
    """Groups scored over the whole recording."""

    groups: Mapping[str, GroupNight]
    hypnogram: Hypnogram | None

    def of_night(self, window: NightWindow) -> dict[str, dict[str, Index]]:
        """Return the movement indices of a night, by group, without those of a sleep stage."""
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
        """Return the scored movements within the windows, by group."""
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
    """Return the movements of all accelerometers, scored over the whole recording.

    Groups are named after the place of the sensor.  A series may continue from a night into the
    morning; only movements within the window of a night count for it.
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
    scored: ScoredNights,
    motion: Motion,
    settings: Settings,
) -> tuple[NightRow, ...]:
    """Return every night with its sleep, posture and movements."""
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
    """Return window, stages and observed time of a night."""
    if window.span_s is None:
        raise ValueError("a night without a window has no times")
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
    """Return onset, end and duration of sleep; ``_h`` are hours of the clock."""
    why = window.reason or ("" if sleep is not None else "sleep and wake are not known")
    spans = window.spans()
    asleep = no_intervals(np.float64)
    if sleep is not None and not why:
        asleep = intersect(sleep.stretches(ASLEEP), spans)
        why = "" if total(asleep) > 0 else "no sleep in the window"
    if why or sleep is None or window.span_s is None:
        return all_missing(names_of(SLEEP), why)
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
        name: Index.plain(name, value, denominator_h=seen_s / _HOUR_S)
        for name, value in values.items()
    }
    why_not = _not_known(window, values["unscored_min"])
    return found | {name: Index.missing(name, reason) for name, reason in why_not.items()}


def _not_known(window: NightWindow, unscored_min: float) -> dict[str, str]:
    """Return the reasons for unknown indices of sleep, by name."""
    found = {}
    if unscored_min > _MOST_UNSCORED_MIN:
        why = f"{unscored_min:.0f} min of the window were not recorded or not worn"
        found = dict.fromkeys(("tst_min", "waso_min"), why)
    if window.source != "sleep diary":
        found["sol_min"] = "the window begins with rest: the time of lights off is not known"
    if window.cut_off:
        found |= dict.fromkeys(names_of(SLEEP), _CUT_OFF)
    return found


def over_nights(nights: Sequence[NightRow]) -> dict[str, dict[str, Index]]:
    """Return mean and spread over the nights that have a window, by group."""
    with_window = [night for night in nights if night.window.span_s is not None]
    found: dict[str, dict[str, Index]] = {}
    for group in dict.fromkeys(group for night in with_window for group in night.indices):
        wanted = OVER_NIGHTS.get(group, MOVEMENTS_OVER_NIGHTS)
        rows: dict[str, Index] = {}
        for name in wanted:
            indices = [
                night.indices[group][name] for night in with_window if name in night.indices[group]
            ]
            if indices:
                rows |= night_spread(name, _unwrapped(indices) if is_clock(name) else indices)
        found[group] = {name: _on_clock(name, index) for name, index in rows.items()}
    return found


def _unwrapped(indices: Sequence[Index]) -> list[Index]:
    """Return hours of the clock within half a day of their circular mean."""
    hours = np.array([index.value for index in indices if index.value is not None])
    turn = 2 * np.pi / _CLOCK_DAY_H
    middle_h = float(np.angle(np.exp(1j * turn * hours).sum())) / turn
    begin_h = middle_h - _CLOCK_DAY_H / 2
    return [
        index
        if index.value is None
        else Index.plain(index.name, (index.value - begin_h) % _CLOCK_DAY_H + begin_h, index.unit)
        for index in indices
    ]


def _on_clock(name: str, index: Index) -> Index:
    """Return a mean hour as an hour of the clock, from 0 to 24."""
    if not is_clock(name) or index.value is None:
        return index
    return Index(
        name=index.name,
        # rounding just below midnight gives 0 h, not 24 h
        value=round(index.value, 9) % _CLOCK_DAY_H,
        unit=index.unit,
        numerator=index.numerator,
    )
