"""Large movements, arm movements that coincide with leg movements, movements of any limb.

No standard exists for arms.  That two movements coincide if they overlap or lie less than half a
second apart is psgkit's own choice, after the rule for two legs (WASM 2016).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, contains, group_of_connected, union
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.indices.movement import GroupNight
from psgkit.sleep.time_in_stages import NightTime

_STATES: dict[str, tuple[str, ...]] = {"sleep": SLEEP_STAGES, "wake": ("W",)}
_LMM_STAGES: dict[str, tuple[str, ...]] = {
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
        Of the group ``whole_body``; its ``reason`` states why none could be detected.
    """
    every = np.ones(len(night.scored), dtype=bool)
    asleep = night.in_stages(SLEEP_STAGES) if night.time.is_staged else night.inside()
    durations = night.scored.movements.duration_s[asleep]
    found = {
        "lmm_n": Index.plain("lmm_n", night.inside().sum()),
        **{name: night.rate(name, every, stages) for name, stages in _LMM_STAGES.items()},
        "lmm_duration_mean_s": Index.plain(
            "lmm_duration_mean_s",
            durations.mean() if len(durations) else None,
            otherwise=translatable("no large movement"),
        ),
        "lmm_index_recording": night.rate_of_recording("lmm_index_recording", every),
    }
    return all_missing(found, night.reason) if night.reason else found


def movements_in_large_ones(removed: Movements, why_not: str) -> dict[str, Index]:
    """Return how many movements of a group are part of large ones and removed from its series.

    Simultaneous movements of several channels of one site count once.

    Examples
    --------
    >>> removed = Movements.of([1.0, 1.5], [3.0, 4.0], "trunk")
    >>> movements_in_large_ones(removed, "")["lmm_removed_n"].value
    1.0
    """
    spans = removed.intervals()
    joined_n = sum(len(union(spans[removed.site == site])) for site in np.unique(removed.site))
    value = None if why_not else joined_n
    return {"lmm_removed_n": Index.plain("lmm_removed_n", value, otherwise=why_not)}


@dataclass(frozen=True, kw_only=True, slots=True)
class CoincidenceRule:
    """Movements coincide if they overlap or lie less than ``within_s`` apart (excluded).

    The number is psgkit's own choice.
    """

    within_s: float = 0.5


DEFAULT_RULE = CoincidenceRule()


def coincidence_indices(
    arms: GroupNight, legs: GroupNight, rule: CoincidenceRule = DEFAULT_RULE
) -> dict[str, Index]:
    """Return the share of arm candidates that coincide with a leg movement, in sleep and in wake.

    Any leg movement counts, candidate or not.  Arm candidates that begin while no leg was observed
    are left out.  Published, in wake: 42.8 % in 22 people with RLS (Chabli et al. 2000, abstract)
    and 14 % in 91 healthy people (Gabelia et al. 2014, abstract); both are shares of the periodic
    arm movements that coincide with periodic leg movements, a slightly different measure.

    Examples
    --------
    >>> from psgkit.core.hypnogram import Hypnogram
    >>> from psgkit.core.night_report import Lights
    >>> from psgkit.scoring.rules import WASM_2016
    >>> from psgkit.scoring.score import score_movements
    >>> asleep = Hypnogram.of(["N2"] * 4)
    >>> lights = Lights(off_s=0.0, on_s=120.0, off_source="", on_source="")
    >>> time = NightTime(hypnogram=asleep, lights=lights, observed=np.array([[0.0, 120.0]]))
    >>> arm, leg = (
    ...     score_movements(Movements.of(onset_s, [t + 2 for t in onset_s], site), asleep)
    ...     for onset_s, site in (([10.0, 60.0], "left_arm"), ([12.4], "left_leg"))
    ... )
    >>> arms, legs = (GroupNight(scored=one, time=time, rules=WASM_2016) for one in (arm, leg))
    >>> coincidence_indices(arms, legs)["arm_leg_coincidence_sleep"].value
    0.5
    """
    names = {state: f"arm_leg_coincidence_{state}" for state in _STATES}
    if arms.reason or legs.reason:
        return all_missing(names.values(), arms.reason or legs.reason)
    found = arms.scored.movements
    observed = arms.scored.candidate & contains(legs.time.observed, found.onset_s)
    meets = coincident(found, legs.scored.movements.intervals(), rule.within_s)
    indices = {}
    for state, stages in _STATES.items():
        chosen = observed & arms.in_stages(stages)
        why = translatable(f"no candidate arm movement in {state} while legs were observed")
        indices[names[state]] = Index.share(
            names[state],
            (chosen & meets).sum(),
            chosen.sum(),
            otherwise=why if arms.time.is_staged else arms.time.why_no_hours(stages),
        )
    return indices


def coincident(movements: Movements, others: Intervals, within_s: float) -> NDArray[np.bool_]:
    """Return which movements overlap one of ``others`` or lie less than ``within_s`` from it.

    Parameters
    ----------
    movements : Movements
    others : array, shape (n, 2)
        Seconds; they may overlap.
    within_s : float
        A gap of exactly this much does not count.

    Examples
    --------
    >>> arms = Movements.of([10.0, 20.0], [11.0, 21.0], "left_arm")
    >>> coincident(arms, np.array([[11.4, 12.0], [21.5, 22.0]]), 0.5).tolist()
    [True, False]
    """
    spans = union(others)
    if not len(spans):
        return np.zeros(len(movements), dtype=bool)
    # the first that ends late enough is the only one that can begin early enough
    row = np.searchsorted(spans[:, 1], movements.onset_s - within_s + SLACK_S, side="right")
    begins = np.append(spans[:, 0], np.inf)[row]
    return np.asarray(begins < movements.end_s + within_s - SLACK_S)


def limb_movement_indices(
    groups: Sequence[GroupNight], rule: CoincidenceRule = DEFAULT_RULE
) -> dict[str, Index]:
    """Return movements of any limb or the trunk per hour of sleep and of wake, each counted once.

    A chain of coinciding movements of all groups counts once, by the stage of the first.  The hours
    are those in which at least one of the groups was observed.

    Parameters
    ----------
    groups : sequence of GroupNight
        Legs, arms and trunk of one night; those with a reason are left out.
    rule : CoincidenceRule
    """
    there = [group for group in groups if not group.reason]
    names = {state: f"limb_movement_index_{state}" for state in _STATES}
    if not there:
        reason = "; ".join(dict.fromkeys(group.reason for group in groups)) or translatable(
            "no group of sites"
        )
        return all_missing(names.values(), reason)
    first = _firsts(there, rule.within_s)
    time = _seen_by_any([group.time for group in there])
    indices = {}
    for state, stages in _STATES.items():
        counts = [mask & group.in_stages(stages) for mask, group in zip(first, there, strict=True)]
        indices[names[state]] = Index.rate(
            names[state],
            sum(int(mask.sum()) for mask in counts),
            time.hours(stages),
            otherwise=time.why_no_hours(stages),
        )
    return indices


def _firsts(groups: Sequence[GroupNight], within_s: float) -> list[NDArray[np.bool_]]:
    """Return, for each group, which of its movements open a chain of coinciding ones."""
    onset_s = np.concatenate([group.scored.movements.onset_s for group in groups])
    end_s = np.concatenate([group.scored.movements.end_s for group in groups])
    order = np.argsort(onset_s, kind="stable")
    chain = group_of_connected(onset_s[order], end_s[order] + within_s - SLACK_S)
    opens = np.zeros(len(order), dtype=bool)
    opens[order] = np.diff(chain, prepend=-1) > 0
    return np.split(opens, np.cumsum([len(group.scored) for group in groups])[:-1])


def _seen_by_any(times: Sequence[NightTime]) -> NightTime:
    """Return the clock of the time in which at least one group was observed."""
    return NightTime(
        hypnogram=times[0].hypnogram,
        lights=times[0].lights,
        observed=union(*(time.observed for time in times)),
    )
