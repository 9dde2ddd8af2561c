"""Movements and trains at rest by hour and posture, and the rhythm: group ``rest_activity``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.analysis.sensors import Motion
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import NightWindow
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, complement, intersect, no_intervals, union
from psgkit.core.night_report import Lights
from psgkit.core.postures import LYING
from psgkit.days.measure import Measured
from psgkit.days.settings import DaysSettings
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.indices.akathisia import akathisia_indices
from psgkit.indices.akathisia_night import NO_ANKLE, AkathisiaNight
from psgkit.indices.days.cosinor import UNITS, cosinor_indices
from psgkit.indices.days.rest_activity import rest_activity_indices
from psgkit.indices.days.rest_movement import RestPart, rate_ratio, rest_rate, time_shares
from psgkit.indices.days.rest_transitions import transition_indices
from psgkit.indices.days.sleep_regularity import sleep_regularity
from psgkit.sleep.time_in_stages import NightTime

_RHYTHM = (
    *("interdaily_stability", "intradaily_variability"),
    *("l5", "l5_start_h", "m10", "m10_start_h", "relative_amplitude"),
)
_SHARES = ("lying", "seated", "walking")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rest:
    """When somebody rested, awake by day and in the windows of the nights.

    Attributes
    ----------
    waking : Intervals
        Awake outside of the windows, an ankle seen, no walking, turn or change of position.
    night : Intervals
        In the windows, an ankle seen, likewise.
    awake : Intervals
        All time awake outside of the windows.
    reason : str
        Why there is none.
    of_ankles : AkathisiaNight
        What the ankles show.
    """

    waking: Intervals
    night: Intervals
    awake: Intervals
    reason: str
    of_ankles: AkathisiaNight


def find_rest(
    recording: DayRecording,
    motion: Motion,
    hypnogram: Hypnogram | None,
    windows: Sequence[NightWindow],
) -> Rest:
    """Return the rest of all days and nights."""
    whole = np.array([[0.0, recording.duration_s]])
    lights = Lights(off_s=0.0, on_s=recording.duration_s, off_source="", on_source="")
    ankles = AkathisiaNight(
        time=NightTime(hypnogram=hypnogram, lights=lights, observed=whole),
        rhythms=motion.rhythms,
        tracks=motion.tracks,
        sites=motion.sites,
        walking=motion.walking.intervals,
        disturbed=union(motion.gross, motion.trunk.turns.intervals()),
        walking_known=bool(motion.walking.basis),
        postures=None if motion.trunk.reason else motion.trunk.postures,
        start=recording.clock.start.replace(tzinfo=None),
    )
    in_bed = union(*(window.spans() for window in windows)) if windows else no_intervals(np.float64)
    out = complement(in_bed, 0.0, recording.duration_s)
    reason = "" if ankles.ankles() else NO_ANKLE
    if hypnogram is None:
        reason = reason or "sleep and wake are not known"
        awake = no_intervals(np.float64)
    else:
        awake = intersect(hypnogram.stretches(("W",)), out)
    nothing = no_intervals(np.float64)
    return Rest(
        waking=nothing if reason else intersect(ankles.still(None), awake),
        night=nothing if reason else intersect(ankles.still(None), in_bed),
        awake=awake,
        reason=reason,
        of_ankles=ankles,
    )


def rest_activity_group(
    recording: DayRecording,
    measured: Measured,
    sleep: SleepWake | None,
    seen: tuple[Motion, Rest],
    settings: DaysSettings,
) -> dict[str, Index]:
    """Return the group ``rest_activity``: rhythm, rates at rest and their ratios, postures."""
    motion, rest = seen
    return {
        **_rhythm(measured, sleep, settings),
        **_rates(recording.clock, motion, rest, settings),
        **_by_posture(rest, motion),
    }


def akathisia_group(rest: Rest) -> dict[str, Index]:
    """Return the features of akathisia over all waking rest; day and night are told elsewhere."""
    found = akathisia_indices(rest.of_ankles)
    return {name: index for name, index in found.items() if name != "day_night_ratio"}


def _rhythm(
    measured: Measured, sleep: SleepWake | None, settings: DaysSettings
) -> dict[str, Index]:
    found: dict[str, Index] = {}
    activity = measured.activity
    if activity is None:
        names = dict.fromkeys((*_RHYTHM, *UNITS, "kra", "kar"), "1")
        found = {name: Index.missing(name, unit, measured.reason) for name, unit in names.items()}
    else:
        hours = activity.hours(settings.rhythm.min_hour_valid)
        found = {
            **rest_activity_indices(activity, settings.rhythm),
            **cosinor_indices(hours, activity.unit, settings.cosinor),
            **transition_indices(activity, settings.transitions),
        }
    name = "sleep_regularity_index"
    found[name] = (
        Index.missing(name, "1", "sleep and wake are not known")
        if sleep is None
        else sleep_regularity(sleep, settings.regularity)
    )
    return found


def clock_spans(
    clock: DayClock, duration_s: float, hours: tuple[float, float], within: Intervals
) -> Intervals:
    """Return the part of ``within`` between two hours of the local clock, of every day.

    Examples
    --------
    >>> clock = DayClock.of(datetime(2024, 3, 30, 12, 0), "Europe/Berlin")
    >>> day = np.array([[0.0, 86400.0]])
    >>> (clock_spans(clock, 86400.0, (1.0, 5.0), day) / 3600).tolist()
    [[13.0, 16.0]]
    """
    if not len(within):
        return within
    spans = []
    for day in clock.day_dates(duration_s, 0):
        midnight = datetime(day.year, day.month, day.day)
        edges = [clock.seconds_of(midnight + timedelta(hours=hour)) for hour in hours]
        spans.append(edges)
    return intersect(union(np.array(spans)), within)


def _rates(clock: DayClock, motion: Motion, rest: Rest, settings: DaysSettings) -> dict[str, Index]:
    rule = settings.rest
    duration_s = float(rest.of_ankles.time.lights.on_s)

    def waking(words: str, hours: tuple[float, float]) -> RestPart:
        span = f"{words}, {hours[0]:g} to {hours[1]:g} h"
        return RestPart(words=span, spans=clock_spans(clock, duration_s, hours, rest.waking))

    day = waking("awake by day", rule.day_h)
    night = RestPart(words="night", spans=rest.night)
    evening = waking("awake in the evening", rule.evening_h)
    morning = waking("awake in the morning", rule.morning_h)
    events = {
        "": ankle_movements(motion, rest),
        "rhythm_": rest.of_ankles.trains().onset_s,
    }
    what = {"": "movements", "rhythm_": "rhythmic_trains"}
    found: dict[str, Index] = {}
    for prefix, onset_s in events.items():
        for part_name, part in (
            ("day", day),
            ("night", night),
            ("evening", evening),
            ("morning", morning),
        ):
            name = f"{what[prefix]}_{part_name}_per_h"
            found[name] = rest_rate(name, onset_s, part)
        for name, parts in (
            ("day_night_ratio", (day, night)),
            ("evening_morning_ratio", (evening, morning)),
        ):
            found[prefix + name] = rate_ratio(prefix + name, onset_s, parts, rule)
    if rest.reason:
        return {name: Index.missing(name, index.unit, rest.reason) for name, index in found.items()}
    return found


def ankle_movements(motion: Motion, rest: Rest) -> NDArray[np.float64]:
    """Return when a movement of any ankle began; one of both ankles is one."""
    rows = [
        motion.groups[GROUP_PREFIX + place].movements.intervals()
        for place in rest.of_ankles.ankles()
        if GROUP_PREFIX + place in motion.groups
    ]
    return union(*rows)[:, 0].astype(np.float64) if rows else np.empty(0)


def _by_posture(rest: Rest, motion: Motion) -> dict[str, Index]:
    """Return shares of waking time by posture, and trains an hour of waking rest in each.

    Seated is up and neither walking nor lying: who stands still looks the same to a trunk sensor.
    """
    why = motion.trunk.reason
    spans = posture_spans(motion, rest.awake)
    found = time_shares(spans, why or ("" if len(rest.awake) else "no waking time was seen"))
    found["upright_share"] = _upright(found)
    onset_s = rest.of_ankles.trains().onset_s
    for kind in ("seated", "lying"):
        name = f"rhythmic_trains_{kind}_per_h"
        part = RestPart(words=f"awake and {kind}", spans=intersect(rest.waking, spans[kind]))
        reason = rest.reason or why
        found[name] = (
            Index.missing(name, "1/h", reason) if reason else rest_rate(name, onset_s, part)
        )
    return found


def posture_spans(motion: Motion, within: Intervals) -> Mapping[str, Intervals]:
    """Return when somebody lay, sat (or stood still) and walked, within intervals."""
    postures = motion.trunk.postures
    kinds = {"lying": LYING, "seated": ("upright",), "walking": ("walking",)}
    return {
        kind: intersect(union(postures.stretches(names)), within) for kind, names in kinds.items()
    }


def _upright(shares: Mapping[str, Index]) -> Index:
    name = "upright_share"
    seated, walking = shares["seated_share"], shares["walking_share"]
    if seated.value is None or walking.value is None:
        return Index.missing(name, "1", str(seated.reason))
    return Index(
        name=name,
        value=seated.value + walking.value,
        unit="1",
        numerator=(seated.numerator or 0.0) + (walking.numerator or 0.0),
        denominator_h=seated.denominator_h,
    )
