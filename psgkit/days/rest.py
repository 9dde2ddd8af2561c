"""Rhythm of activity, and movements and trains at rest by hour and posture, over and by days."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.analysis.sensors import Motion
from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import DayRow, NightWindow
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, complement, intersect, no_intervals, total, union
from psgkit.core.night_report import Lights
from psgkit.core.postures import LYING
from psgkit.days.measure import Measured
from psgkit.days.settings import DaysSettings
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.indices.akathisia import NO_ANKLE, AkathisiaNight, akathisia_indices
from psgkit.indices.days.cosinor import COSINOR_NAMES, cosinor_indices
from psgkit.indices.days.rest_activity import REST_ACTIVITY_NAMES, rest_activity_indices
from psgkit.indices.days.rest_movement import RestPart, rate_ratio, rest_rate, time_shares
from psgkit.indices.days.rest_transitions import transition_indices
from psgkit.indices.days.sleep_regularity import sleep_regularity
from psgkit.sleep.time_in_stages import NightTime

_HOUR_S = 3600.0
_NEVER_AWAKE = "no time awake was recorded"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rest:
    """Rest awake by day, and in the windows of the nights.

    Attributes
    ----------
    waking : Intervals
        Awake outside the windows, an ankle sensor worn, no walking, turn or change of position.
    night : Intervals
        The same within the windows.
    awake : Intervals
        All time awake outside the windows.
    reason : str
        Why there is no rest.
    of_ankles : AkathisiaNight
        Trains and movement at the ankle sensors.
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
    motion: Motion,
    rest: Rest,
    settings: DaysSettings,
) -> dict[str, Index]:
    """Return the group ``rest_activity``: rhythm, rates at rest and their ratios, postures."""
    return {
        **_rhythm(measured, sleep, settings),
        **_rates(recording.clock, motion, rest, settings),
        **_by_posture(rest, motion),
    }


def akathisia_group(rest: Rest) -> dict[str, Index]:
    """Return the features of akathisia over all waking rest, without the ratio of day to night."""
    found = akathisia_indices(rest.of_ankles)
    return {name: index for name, index in found.items() if name != "day_night_ratio"}


def _rhythm(
    measured: Measured, sleep: SleepWake | None, settings: DaysSettings
) -> dict[str, Index]:
    found: dict[str, Index] = {}
    activity = measured.activity
    if activity is None:
        names = (*REST_ACTIVITY_NAMES, *COSINOR_NAMES, "kra", "kar")
        found = all_missing(names, measured.reason)
    else:
        hours = activity.hours(settings.rhythm.min_hour_valid)
        found = {
            **rest_activity_indices(activity, settings.rhythm),
            **cosinor_indices(hours, activity.unit, settings.cosinor),
            **transition_indices(activity, settings.transitions),
        }
    name = "sleep_regularity_index"
    found[name] = (
        Index.missing(name, "sleep and wake are not known")
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

    parts = {
        "day": waking("awake by day", rule.day_h),
        "night": RestPart(words="night", spans=rest.night),
        "evening": waking("awake in the evening", rule.evening_h),
        "morning": waking("awake in the morning", rule.morning_h),
    }
    found: dict[str, Index] = {}
    for prefix, what, onset_s in (
        ("", "movements", ankle_movements(motion, rest)),
        ("rhythm_", "rhythmic_trains", rest.of_ankles.trains().onset_s),
    ):
        for key, part in parts.items():
            name = f"{what}_{key}_per_h"
            found[name] = rest_rate(name, onset_s, part)
        for one, other in (("day", "night"), ("evening", "morning")):
            name = f"{prefix}{one}_{other}_ratio"
            found[name] = rate_ratio(name, onset_s, (parts[one], parts[other]), rule)
    return all_missing(found, rest.reason) if rest.reason else found


def ankle_movements(motion: Motion, rest: Rest) -> NDArray[np.float64]:
    """Return the onsets of movements of any ankle; overlapping ones of both count once."""
    rows = [
        motion.groups[GROUP_PREFIX + place].movements.intervals()
        for place in rest.of_ankles.ankles()
        if GROUP_PREFIX + place in motion.groups
    ]
    return union(*rows)[:, 0].astype(np.float64) if rows else np.empty(0)


def _by_posture(rest: Rest, motion: Motion) -> dict[str, Index]:
    """Return shares of waking time by posture, and trains an hour of waking rest in each.

    Seated means upright and not walking: a trunk sensor cannot tell sitting from standing still.
    """
    why = motion.trunk.reason
    spans = posture_spans(motion, rest.awake)
    found = time_shares(spans, why or ("" if len(rest.awake) else _NEVER_AWAKE))
    found["upright_share"] = _upright(found)
    onset_s = rest.of_ankles.trains().onset_s
    for kind in ("seated", "lying"):
        name = f"rhythmic_trains_{kind}_per_h"
        part = RestPart(words=f"awake and {kind}", spans=intersect(rest.waking, spans[kind]))
        found[name] = _rate(name, onset_s, part, rest.reason or why)
    return found


def posture_spans(motion: Motion, within: Intervals) -> Mapping[str, Intervals]:
    """Return the time lying, seated (or standing still) and walking, within intervals."""
    postures = motion.trunk.postures
    kinds = {"lying": LYING, "seated": ("upright",), "walking": ("walking",)}
    return {
        kind: intersect(union(postures.stretches(names)), within) for kind, names in kinds.items()
    }


def _upright(shares: Mapping[str, Index]) -> Index:
    name = "upright_share"
    seated, walking = shares["seated_share"], shares["walking_share"]
    if seated.value is None or walking.value is None:
        return Index.missing(name, str(seated.reason))
    return Index.plain(
        name,
        seated.value + walking.value,
        numerator=(seated.numerator or 0.0) + (walking.numerator or 0.0),
        denominator_h=seated.denominator_h,
    )


def day_rows(
    recording: DayRecording,
    measured: Measured,
    motion: Motion,
    rest: Rest,
    settings: DaysSettings,
) -> tuple[DayRow, ...]:
    """Return every local day, from midnight to midnight."""
    days = recording.clock.day_dates(recording.duration_s, 0)
    rows = []
    for day, (begin, end) in zip(days, recording.day_bounds_s(0).tolist(), strict=True):
        span = np.array([[begin, end]])
        rows.append(
            DayRow(
                date=day,
                bounds_s=(begin, end),
                seen_h=total(intersect(measured.worn, span)) / _HOUR_S,
                indices={"rest_activity": _day(span, measured, motion, rest, settings)},
            )
        )
    return tuple(rows)


def _day(
    span: Intervals, measured: Measured, motion: Motion, rest: Rest, settings: DaysSettings
) -> dict[str, Index]:
    waking = intersect(rest.waking, span)
    postures = posture_spans(motion, intersect(rest.awake, span))
    trains = rest.of_ankles.trains().onset_s
    awake = RestPart(words="awake", spans=waking)
    seated, lying = (
        RestPart(words=f"awake and {kind}", spans=intersect(waking, postures[kind]))
        for kind in ("seated", "lying")
    )
    found = {"activity_mean": _mean_activity(span, measured, settings)}
    for name, onset_s, part in (
        ("movements_rest_per_h", ankle_movements(motion, rest), awake),
        ("rhythmic_trains_rest_per_h", trains, awake),
        ("rhythmic_trains_seated_per_h", trains, seated),
        ("rhythmic_trains_lying_per_h", trains, lying),
    ):
        found[name] = _rate(name, onset_s, part, rest.reason)
    why = motion.trunk.reason or ("" if len(rest.awake) else _NEVER_AWAKE)
    return {**found, **time_shares(postures, why)}


def _rate(name: str, onset_s: NDArray[np.float64], part: RestPart, reason: str) -> Index:
    """Return events per hour of rest, or the reason why there is no rest."""
    return Index.missing(name, reason) if reason else rest_rate(name, onset_s, part)


def _mean_activity(span: Intervals, measured: Measured, settings: DaysSettings) -> Index:
    name, activity = "activity_mean", measured.activity
    if activity is None:
        return Index.missing(name, measured.reason)
    begin_s = activity.start_s + np.arange(len(activity)) * activity.epoch_s
    inside = (begin_s >= span[0, 0]) & (begin_s < span[0, 1]) & np.isfinite(activity.level)
    hours = float(inside.sum() * activity.epoch_s / _HOUR_S)
    needed = settings.rhythm.min_hour_valid
    if hours < needed:
        why = f"{hours:.1f} h valid, {needed:g} h are needed"
        return Index.missing(name, why, unit=activity.unit)
    return Index.plain(name, activity.level[inside].mean(), activity.unit, denominator_h=hours)
