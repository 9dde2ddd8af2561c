"""Rhythmic trains of bursts in leg EMG, and bouts of scratching at the wrists.

Conventions: a train counts if its onset lies between lights off and on, in the state of its onset;
rates are per observed hour of that state; a train on both sides is two rows and counts twice, while
minutes are those with a train on any side.

Scratching is experimental: the rule is psgkit's own and was not tried against video.  An
accelerometer at the wrist cannot distinguish a rhythmic tremor of 4-6 Hz from scratching, and
people without an itch scratch at night, too (Avey 2025, abstract).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, contains, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.rhythms import Rhythms
from psgkit.indices.movement import NOT_OBSERVED
from psgkit.sleep.time_in_stages import NightTime

EMG_KINDS = ("foot_tremor", "alma", "high_frequency")
"""Kinds of trains in EMG; together they are high-frequency leg movements in the wider sense."""

_STATES: dict[str, tuple[str, ...]] = {"sleep": SLEEP_STAGES, "wake": ("W",)}
_MINUTE_S = 60.0


def with_stages(rhythms: Rhythms, hypnogram: Hypnogram | None) -> Rhythms:
    """Return the trains with the stage at each onset, UNSCORED without a hypnogram.

    Examples
    --------
    >>> train = Rhythms.of([31.0], [40.0], [1.5], site="left_leg", modality="emg", kind="alma")
    >>> with_stages(train, Hypnogram.of(["W", "N1"])).stage.tolist()
    ['N1']
    """
    stages = (
        hypnogram.stage_at(rhythms.onset_s)
        if hypnogram is not None
        else np.full(len(rhythms), UNSCORED)
    )
    return replace(rhythms, stage=stages)


def rhythm_indices(rhythms: Rhythms, night_time: NightTime, reason: str = "") -> dict[str, Index]:
    """Return the indices of rhythmic trains by name.

    Parameters
    ----------
    rhythms : Rhythms
        With stages; see ``with_stages``.
    night_time : NightTime
        Clock of the group whose trains these are.
    reason : str, optional
        Why no channel could be used; all indices are missing with it.

    Returns
    -------
    dict of str to Index
        For all kinds together (``rhythm``) and for each of ``EMG_KINDS``: ``<kind>_n``,
        ``<kind>_index_sleep`` and ``<kind>_index_wake`` (trains an hour of that state).  For all
        together ``rhythm_minutes``, ``rhythm_minutes_sleep``, ``rhythm_minutes_wake``,
        ``rhythm_index_recording`` and ``rhythm_frequency_median_hz``.

    Examples
    --------
    >>> from psgkit.core.night_report import Lights
    >>> lights = Lights(off_s=0.0, on_s=3600.0, off_source="", on_source="")
    >>> time = NightTime(hypnogram=None, lights=lights, observed=np.array([[0.0, 3600.0]]))
    >>> train = Rhythms.of([60.0], [90.0], [1.5], site="left_leg", modality="emg", kind="alma")
    >>> found = rhythm_indices(train, time)
    >>> found["alma_n"].value, found["rhythm_minutes"].value, found["alma_index_sleep"].reason
    (1.0, 0.5, 'no hypnogram: sleep and wake are unknown')
    """
    inside = contains(night_time.window(), rhythms.onset_s)
    trains = rhythms.where(inside)
    hours = night_time.hours_within(np.array([[-np.inf, np.inf]]))
    frequency = np.median(trains.frequency_hz) if len(trains) else None
    found = {
        **_counts("rhythm", trains, night_time),
        **_minutes(trains, night_time),
        "rhythm_index_recording": Index.rate(
            "rhythm_index_recording", len(rhythms), hours, otherwise=NOT_OBSERVED
        ),
        "rhythm_frequency_median_hz": Index.plain(
            "rhythm_frequency_median_hz", frequency, otherwise=translatable("no rhythmic train")
        ),
    }
    for kind in EMG_KINDS:
        found |= _counts(kind, trains.where(trains.kind == kind), night_time)
    return all_missing(found, reason) if reason else found


def _counts(name: str, trains: Rhythms, time: NightTime) -> dict[str, Index]:
    found = {f"{name}_n": Index.plain(f"{name}_n", len(trains))}
    for state, stages in _STATES.items():
        key, count = f"{name}_index_{state}", np.isin(trains.stage, stages).sum()
        why = time.why_no_hours(stages)
        found[key] = Index.rate(key, count, time.hours(stages), otherwise=why)
    return found


def _minutes(trains: Rhythms, time: NightTime) -> dict[str, Index]:
    """Return the minutes between lights off and on that were spent in any train."""
    spans = intersect(union(trains.intervals()), time.window())
    found = {"rhythm_minutes": Index.plain("rhythm_minutes", total(spans) / _MINUTE_S)}
    for state, stages in _STATES.items():
        key = f"rhythm_minutes_{state}"
        found[key] = _minutes_in(key, spans, stages, time)
    return found


def _minutes_in(name: str, spans: Intervals, stages: tuple[str, ...], time: NightTime) -> Index:
    """Return the minutes of ``spans`` in ``stages``."""
    if time.hours(stages) <= 0:
        return Index.missing(name, time.why_no_hours(stages))
    return Index.plain(name, total(intersect(spans, time.stretches(stages))) / _MINUTE_S)


def scratch_indices(rhythms: Rhythms, time: NightTime, reason: str = "") -> dict[str, Index]:
    """Return the indices of bouts, those of kind ``scratch`` in ``rhythms``.

    Parameters
    ----------
    rhythms : Rhythms
        Bouts of both wrists at the same time count once.
    time : NightTime
        Its observed time is that of the wrist sensors.
    reason : str
        Empty, or why no wrist sensor could be used.

    Examples
    --------
    >>> from psgkit.core.hypnogram import Hypnogram
    >>> from psgkit.core.night_report import Lights
    >>> bouts = Rhythms.of([600.0, 1800.0], [603.0, 1805.0], [4.0, 5.0],
    ...                    site="left_arm", modality="accelerometer", kind="scratch")
    >>> clock = NightTime(
    ...     hypnogram=Hypnogram.of(["N2"] * 120), observed=np.array([[0.0, 3600.0]]),
    ...     lights=Lights(off_s=0.0, on_s=3600.0, off_source="", on_source=""))
    >>> found = scratch_indices(bouts, clock)
    >>> found["scratch_bouts_index"].value, found["scratch_bout_median_s"].value
    (2.0, 4.0)
    """
    chosen = rhythms.where(rhythms.kind == "scratch")
    bouts, asleep = union(chosen.intervals()), time.stretches(SLEEP_STAGES)
    medians = {
        "scratch_bout_median_s": (bouts[:, 1] - bouts[:, 0])[contains(asleep, bouts[:, 0])],
        "scratch_frequency_hz": chosen.frequency_hz[contains(asleep, chosen.onset_s)],
    }
    found = {
        "scratch_bouts_index": _bouts_rate("scratch_bouts_index", bouts, time, SLEEP_STAGES),
        "scratch_bouts_wake_index": _bouts_rate("scratch_bouts_wake_index", bouts, time, ("W",)),
        "scratch_min": _minutes_in("scratch_min", bouts, SLEEP_STAGES, time),
        **{name: _median_in_sleep(name, values, time) for name, values in medians.items()},
    }
    return all_missing(found, reason) if reason else found


def _bouts_rate(name: str, bouts: Intervals, time: NightTime, stages: tuple[str, ...]) -> Index:
    begun = contains(intersect(time.stretches(stages), time.observed), bouts[:, 0])
    return Index.rate(name, begun.sum(), time.hours(stages), otherwise=time.why_no_hours(stages))


def _median_in_sleep(name: str, values: NDArray[np.float64], time: NightTime) -> Index:
    if time.hours(SLEEP_STAGES) <= 0:
        return Index.missing(name, time.why_no_hours(SLEEP_STAGES))
    value = np.median(values) if len(values) else None
    return Index.plain(name, value, otherwise=translatable("no bout of scratching in sleep"))
