"""Time that a scorer marked as artefact, taken out of scoring.

An artefact at a site hides that site: its movements there are not scored, and no series spans it.
Time counts as observed while any channel of the group is free of it.  An artefact without a site
(of the oximeter, for example) says nothing about limbs and hides none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import Events
from psgkit.core.intervals import Intervals, complement, intersect, no_intervals, union
from psgkit.core.movements import Movements
from psgkit.core.site import BOTH_SIDES, Site
from psgkit.detect.emg.channels import GroupDetection
from psgkit.scoring.associate import touches

_TOUCH_S = -1e-6
"""A common point is no overlap."""


def artefacts_at(events: Events, site: str) -> Intervals:
    """Return the seconds in which a site is hidden by an artefact.

    Examples
    --------
    >>> both = Events.of([5.0], [8.0], ["artifact"], ["both_legs"])
    >>> artefacts_at(both, "left_leg").tolist(), artefacts_at(both, "trunk").tolist()
    ([[5.0, 8.0]], [])
    """
    marks = events.of_kind(["artifact"])
    hiding = {Site.WHOLE_BODY.value, site}
    if site in BOTH_SIDES:
        hiding.add(BOTH_SIDES[Site(site)].value)
    rows = marks.intervals()[np.isin(marks.site, sorted(hiding - {""}))]
    return union(rows) if len(rows) else no_intervals(np.float64)


def hidden_by_artefact(movements: Movements, events: Events) -> NDArray[np.bool_]:
    """Return which movements overlap an artefact at their site."""
    hidden = np.zeros(len(movements), dtype=bool)
    for site in np.unique(movements.site):
        at = movements.site == site
        hidden[at] = touches(movements.intervals()[at], artefacts_at(events, str(site)), _TOUCH_S)
    return hidden


def time_without_artefacts(
    usable: Iterable[tuple[str, Intervals]], events: Events, duration_s: float
) -> Intervals:
    """Return the seconds in which any of the channels, given by site and usable time, is seen."""
    seen = [
        intersect(own, complement(artefacts_at(events, site), 0.0, duration_s))
        for site, own in usable
    ]
    return union(*seen) if seen else no_intervals(np.float64)


def without_artefacts(
    groups: Mapping[str, GroupDetection], events: Events, duration_s: float
) -> dict[str, GroupDetection]:
    """Return groups of channels less the time and the movements that artefacts hide."""
    if not len(events.of_kind(["artifact"])):
        return dict(groups)
    return {name: _clean(group, events, duration_s) for name, group in groups.items()}


def _clean(group: GroupDetection, events: Events, duration_s: float) -> GroupDetection:
    usable = group.usable or tuple(
        (str(site), group.observed) for site in np.unique(group.movements.site)
    )
    return replace(
        group,
        movements=group.movements.where(~hidden_by_artefact(group.movements, events)),
        observed=time_without_artefacts(usable, events, duration_s) if usable else group.observed,
    )
