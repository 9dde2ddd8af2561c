"""Score movements: join, associate, link."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.site import GROUP_SITES, Site
from psgkit.scoring.associate import counted_stage, tied_to_arousal, tied_to_respiration
from psgkit.scoring.combine import combine
from psgkit.scoring.rules import WASM_2016, ScoringRules
from psgkit.scoring.series import link_series


def score_movements(
    movements: Movements,
    hypnogram: Hypnogram | None = None,
    events: Events | None = None,
    rules: ScoringRules = WASM_2016,
    *,
    unobserved: Intervals | None = None,
) -> ScoredMovements:
    """Return movements joined across channels, with context and series, in onset order.

    Parameters
    ----------
    movements : Movements
        Of single channels.  Legs, arms and trunk are scored separately; a movement without a site
        counts as one of a leg whose side is unknown.
    hypnogram : Hypnogram, optional
        Without it every stage is UNSCORED.
    events : Events, optional
        Arousals and respiratory events.
    rules : ScoringRules
    unobserved : array, shape (n, 2), optional
        Seconds in which no movement could be detected; no movement, interval or series spans them.

    Examples
    --------
    >>> onsets = [100.0, 120.0, 140.0, 160.0]
    >>> legs = Movements.of(onsets, [t + 1 for t in onsets], "left_leg")
    >>> score_movements(legs).plm.tolist()
    [True, True, True, True]
    """
    events = Events.none() if events is None else events
    gaps = no_intervals(np.float64) if unobserved is None else unobserved
    scored = [
        _score_group(movements.where(mask), hypnogram, events, rules, gaps)
        for mask in _group_masks(movements)
    ]
    return in_onset_order(scored)


def _group_masks(movements: Movements) -> list[NDArray[np.bool_]]:
    """Return a mask for each group of sites that are scored together."""
    legs = np.isin(movements.site, [*GROUP_SITES["legs"], Site.NONE])
    others = [
        np.isin(movements.site, sites) for name, sites in GROUP_SITES.items() if name != "legs"
    ]
    rest = ~np.any([legs, *others], axis=0)
    alone = [rest & (movements.site == site) for site in np.unique(movements.site[rest])]
    return [legs, *(mask for mask in (*others, *alone) if mask.any())]


def _score_group(
    movements: Movements,
    hypnogram: Hypnogram | None,
    events: Events,
    rules: ScoringRules,
    gaps: Intervals,
) -> ScoredMovements:
    combined = combine(movements, rules, gaps[:, 0])
    found, candidate = combined.movements, combined.candidate
    respiratory = tied_to_respiration(found, events, rules.respiratory)
    if rules.respiratory.scored_as == "no_candidate":
        candidate = candidate & ~respiratory
    stage = counted_stage(found, hypnogram, rules)
    if rules.in_wake == "no_candidate":
        candidate = candidate & (stage != "W")
    breakers = np.empty(0)
    if rules.series.no_candidate == "breaks":
        breakers = found.onset_s[~combined.candidate]
    breaks_s = np.sort(np.concatenate((gaps[:, 0], breakers)))
    every = link_series(found.onset_s, candidate, breaks_s, rules.series)
    calm = link_series(found.onset_s, candidate & ~respiratory, breaks_s, rules.series)
    return ScoredMovements(
        movements=found,
        candidate=candidate,
        respiratory=respiratory,
        arousal=tied_to_arousal(found, events, rules),
        stage=stage,
        imi_s=every.imi_s,
        series=every.series,
        imi_nr_s=calm.imi_s,
        series_nr=calm.series,
    )


def in_onset_order(groups: list[ScoredMovements]) -> ScoredMovements:
    """Return all groups in one table; series numbers go on from group to group."""
    onset = np.concatenate([group.movements.onset_s for group in groups])
    order = np.argsort(onset, kind="stable")

    def column(name: str) -> NDArray[Any]:
        return np.asarray(np.concatenate([getattr(group, name) for group in groups])[order])

    def numbered(name: str) -> NDArray[np.int64]:
        columns, used = [], 0
        for group in groups:
            own = getattr(group, name)
            columns.append(np.where(own > 0, own + used, 0))
            used += int(own.max(initial=0))
        return np.concatenate(columns)[order]

    return ScoredMovements(
        movements=Movements.joined([group.movements for group in groups]),
        candidate=column("candidate"),
        respiratory=column("respiratory"),
        arousal=column("arousal"),
        stage=column("stage"),
        imi_s=column("imi_s"),
        series=numbered("series"),
        imi_nr_s=column("imi_nr_s"),
        series_nr=numbered("series_nr"),
    )
