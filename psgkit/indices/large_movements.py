"""Indices of large muscle group movements, and how many arm and trunk movements they explain."""

import numpy as np

from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import union
from psgkit.core.movements import Movements
from psgkit.indices.movement import GroupNight

_STATES: dict[str, tuple[str, ...]] = {
    "lmm_index": SLEEP_STAGES,
    "lmm_nrem_index": NREM_STAGES,
    "lmm_rem_index": ("R",),
    "lmm_wake_index": ("W",),
}


def large_movement_indices(night: GroupNight) -> dict[str, Index]:
    """Return count, rates and duration of large movements.

    ``lmm_index`` is per hour of sleep: healthy adults have 6.8/h (quartiles 4.5-10.8; Ferri et al.
    2021, n = 100, abstract).

    Parameters
    ----------
    night : GroupNight
        Of the group ``whole_body``; its ``reason`` says why none could be seen.
    """
    inside = night.inside()
    asleep = night.in_stages(SLEEP_STAGES) if night.time.is_staged else inside
    durations = night.scored.movements.duration_s[asleep]
    found = {
        "lmm_n": Index.plain("lmm_n", float(inside.sum()), "1"),
        **{name: _rate(name, night, stages) for name, stages in _STATES.items()},
        "lmm_duration_mean_s": Index.plain("lmm_duration_mean_s", float(durations.mean()), "s")
        if len(durations)
        else Index.missing("lmm_duration_mean_s", "s", "no large movement"),
        "lmm_index_recording": Index.rate(
            "lmm_index_recording",
            float(len(night.scored)),
            night.time.hours_within(np.array([[-np.inf, np.inf]])),
            otherwise="no time while a movement could have been seen",
        ),
    }
    if not night.reason:
        return found
    return {name: Index.missing(name, index.unit, night.reason) for name, index in found.items()}


def taken_out(removed: Movements, why_not: str) -> dict[str, Index]:
    """Return how many movements of a group were part of large ones and left its series.

    What several channels of one site saw at once is one movement.

    Examples
    --------
    >>> taken_out(Movements.of([1.0, 1.5], [3.0, 4.0], "trunk"), "")["lmm_removed_n"].value
    1.0
    """
    name = "lmm_removed_n"
    if why_not:
        return {name: Index.missing(name, "1", why_not)}
    return {name: Index.plain(name, float(_n_joined(removed)), "1")}


def _n_joined(movements: Movements) -> int:
    sites = np.unique(movements.site)
    return sum(len(union(movements.intervals()[movements.site == site])) for site in sites)


def _rate(name: str, night: GroupNight, stages: tuple[str, ...]) -> Index:
    return Index.rate(
        name,
        float(night.in_stages(stages).sum()),
        night.time.hours(stages),
        otherwise=night.time.why_no_hours(stages),
    )
