"""Rhythmic trains of bursts: how many, how long, how fast, in sleep and in wake.

Conventions: a train counts where its onset lies between lights off and on, in the state of its
onset; rates are per observed hour of that state; a train seen on both sides is two rows and counts
twice, while minutes are those during which any side was in a train.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.frozen import words
from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import contains, intersect, total, union
from psgkit.core.rhythms import Rhythms
from psgkit.sleep.time_in_stages import NightTime

EMG_KINDS = ("foot_tremor", "alma", "high_frequency")
"""Kinds of trains in EMG; together they are the family of high-frequency leg movements."""

_STATES: dict[str, tuple[str, ...]] = {"sleep": SLEEP_STAGES, "wake": ("W",)}
_SECONDS_PER_MINUTE = 60.0


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
    columns: dict[str, Any] = {f.name: getattr(rhythms, f.name) for f in fields(rhythms)}
    return Rhythms(**{**columns, "stage": words(stages)})


@dataclass(frozen=True, slots=True, eq=False)
class _Trains:
    """Trains that begin between lights off and on, with the clock."""

    rows: Rhythms
    time: NightTime


def rhythm_indices(
    rhythms: Rhythms,
    night_time: NightTime,
    kinds: tuple[str, ...] = EMG_KINDS,
    reason: str = "",
) -> dict[str, Index]:
    """Return the indices of rhythmic trains by name.

    Parameters
    ----------
    rhythms : Rhythms
        With stages; see ``with_stages``.
    night_time : NightTime
        Clock of the group whose trains these are.
    kinds : tuple of str, optional
        Which kinds have indices of their own.
    reason : str, optional
        Why there was nothing to look at; all indices are missing with it.

    Returns
    -------
    dict of str to Index
        For all kinds together (``rhythm``) and for each of ``kinds``: ``<kind>_n``,
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
    trains = _Trains(rhythms.where(inside), night_time)
    found = {
        **_counts("rhythm", np.ones(len(trains.rows), dtype=np.bool_), trains),
        **_minutes(trains),
        "rhythm_index_recording": _recording_rate(rhythms, night_time),
        "rhythm_frequency_median_hz": _frequency(trains.rows),
    }
    for kind in kinds:
        found.update(_counts(kind, trains.rows.kind == kind, trains))
    if not reason:
        return found
    return {name: Index.missing(name, index.unit, reason) for name, index in found.items()}


def _counts(name: str, chosen: NDArray[np.bool_], trains: _Trains) -> dict[str, Index]:
    found = {f"{name}_n": Index.plain(f"{name}_n", float(chosen.sum()), "1")}
    for state, stages in _STATES.items():
        key = f"{name}_index_{state}"
        found[key] = Index.rate(
            key,
            float((chosen & np.isin(trains.rows.stage, stages)).sum()),
            trains.time.hours(stages),
            otherwise=trains.time.why_no_hours(stages),
        )
    return found


def _minutes(trains: _Trains) -> dict[str, Index]:
    """Return the minutes between lights off and on that were spent in any train."""
    spans = intersect(union(trains.rows.intervals()), trains.time.window())
    name = "rhythm_minutes"
    found = {name: Index.plain(name, total(spans) / _SECONDS_PER_MINUTE, "min")}
    for state, stages in _STATES.items():
        key = f"{name}_{state}"
        found[key] = (
            Index.plain(
                key,
                total(intersect(spans, trains.time.stretches(stages))) / _SECONDS_PER_MINUTE,
                "min",
            )
            if trains.time.hours(stages) > 0
            else Index.missing(key, "min", trains.time.why_no_hours(stages))
        )
    return found


def _recording_rate(rhythms: Rhythms, time: NightTime) -> Index:
    hours = time.hours_within(np.array([[-np.inf, np.inf]]))
    why = "no time while a movement could have been seen"
    return Index.rate("rhythm_index_recording", float(len(rhythms)), hours, otherwise=why)


def _frequency(rows: Rhythms) -> Index:
    name = "rhythm_frequency_median_hz"
    if not len(rows):
        return Index.missing(name, "Hz", "no rhythmic train")
    return Index.plain(name, float(np.median(rows.frequency_hz)), "Hz")
