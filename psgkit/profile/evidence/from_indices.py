"""Values of evidence items from the indices of a night.

A value is missing, with the reason of the index, if a signal was not recorded or the data are too
few.  A missing index never becomes a number.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index
from psgkit.core.message import translatable
from psgkit.core.night_report import NightReport
from psgkit.core.site import GROUP_SITES, Site
from psgkit.profile.evidence.items import TEST_GROUP, Item, Need

Indices: TypeAlias = Mapping[str, Mapping[str, Index]]
LIGHTS_OFF = "lights.off"
"""Probe: whether the time of lights off is known."""
PLAIN = "value"
"""The measure of an item that reads one index."""
_NO_TEST = translatable("no immobilisation test was given")
_NOT_MEASURED = translatable("not measured in this recording")
_SEEN_AT: Mapping[str, frozenset[str]] = {
    site.value: frozenset((site.value, both.value))
    for both, sides in (
        (Site.BOTH_LEGS, (Site.LEFT_LEG, Site.RIGHT_LEG)),
        (Site.BOTH_ARMS, (Site.LEFT_ARM, Site.RIGHT_ARM)),
    )
    for site in sides
}
"""At which sites a channel shows a side."""
_LEAST_INTERVALS = 10
_IMI_RANGE_S = (10.0, 90.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A number, or the reason why there is none; ``words`` go with the number."""

    value: float | None = None
    reason: str = ""
    words: str = ""


def value_of(item: Item, report: NightReport) -> Value:
    """Return the value of an item that reads a recording.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> from psgkit.profile.evidence.items import all_evidence
    >>> onset_s = [20.0 * n for n in range(12)]
    >>> legs = ["left_leg"] * 12
    >>> night = score_night(Events.of(onset_s, [t + 1 for t in onset_s], ["lm"] * 12, legs))
    >>> items = {item.id: item for item in all_evidence().items}
    >>> value_of(items["interval_share_legs"], night).value
    100.0
    >>> value_of(items["place_legs"], night).reason
    'no movements of the arms were scored'
    """
    if item.measure == PLAIN:
        return index_value(item, report.indices)
    why = _too_little(item, report.indices)
    found = Value(reason=why) if why else MEASURES[item.measure](item, report)
    return found if found.value is None else Value(value=found.value * item.scale)


def index_value(item: Item, indices: Indices) -> Value:
    """Return the value of an item that reads one index, from indices by group and name.

    Examples
    --------
    >>> from psgkit.profile.evidence.items import all_evidence
    >>> items = {item.id: item for item in all_evidence().items}
    >>> index_value(items["sit_index"], {}).reason
    'no immobilisation test was given'
    """
    index = _index(item.reads[0], indices)
    if index.value is None:
        return Value(reason=str(index.reason))
    why = _too_little(item, indices)
    return Value(reason=why) if why else Value(value=index.value * item.scale)


def is_there(need: Need, report: NightReport) -> bool:
    """Return whether all needs of an item were recorded."""
    if not any(_has(path, report) for path in need.probes):
        return False
    # a table of scored movements has no channels; it is the whole scoring
    used = {str(c.site) for c in report.channels if c.status == "used" and c.role == need.role}
    return not report.channels or all(used & _SEEN_AT[site] for site in need.sites)


def _has(path: str, report: NightReport) -> bool:
    if path == LIGHTS_OFF:
        return report.lights.off_is_stated
    return _index(path, report.indices).value is not None


def _too_little(item: Item, indices: Indices) -> str:
    """Return why the data are too few for a value; empty if they suffice."""
    for path, least, words in item.least:
        index = _index(path, indices)
        if index.value is None:
            return str(index.reason)
        if index.value < least:
            return translatable(f"too little to go by: it needs {words}")
    return ""


def _index(path: str, indices: Indices) -> Index:
    group, name = path.split(".", 1)
    found = indices.get(group, {}).get(name)
    if found is not None:
        return found
    why = _NO_TEST if group == TEST_GROUP and group not in indices else _NOT_MEASURED
    return Index.missing(name, why, unit="")


def _all(item: Item, report: NightReport) -> tuple[list[float], str]:
    """Return the values of everything an item reads, or the first reason that one is missing."""
    indices = [_index(path, report.indices) for path in item.reads]
    missing = next((str(index.reason) for index in indices if index.value is None), "")
    return [index.value for index in indices if index.value is not None], missing


def _share_of_first(item: Item, report: NightReport) -> Value:
    values, missing = _all(item, report)
    if missing:
        return Value(reason=missing)
    if sum(values) < max(item.least_sum, 1.0):
        few = translatable(f"{sum(values):g} in all, {item.least_sum:g} are needed for a share")
        return Value(reason=few)
    return Value(value=values[0] / sum(values))


def _imi_mode(item: Item, report: NightReport) -> Value:
    """Return the mean of the fullest three neighbouring bins of intervals in sleep."""
    histogram = report.imi.get(item.reads[0].split(".")[1])
    if histogram is None:
        return Value(reason=translatable("no movements of the legs could be seen"))
    if histogram.sleep_n.sum() < _LEAST_INTERVALS:
        return Value(reason=translatable(f"fewer than {_LEAST_INTERVALS} intervals in sleep"))
    counts = np.pad(histogram.sleep_n, 1)
    fullest = int(np.argmax(np.convolve(counts, np.ones(3), mode="valid")))
    middles_ln = np.log(np.sqrt(histogram.edges_s[:-1] * histogram.edges_s[1:]))
    near = slice(max(fullest - 1, 0), fullest + 2)
    mean_ln = np.average(middles_ln[near], weights=histogram.sleep_n[near])
    return Value(value=float(np.exp(mean_ln)))


def _imi_share(item: Item, report: NightReport) -> Value:
    group = item.reads[0].split(".")[1]
    if group not in report.imi:
        return Value(reason=translatable("no movements of the legs could be seen"))
    scored = report.movements
    rows = scored.candidate & np.isin(scored.movements.site, (*GROUP_SITES[group], ""))
    rows &= scored.movements.modality != "accelerometer"
    imi_s = scored.imi_s[rows]
    imi_s = imi_s[~np.isnan(imi_s)]
    if len(imi_s) < _LEAST_INTERVALS:
        return Value(reason=translatable(f"fewer than {_LEAST_INTERVALS} intervals"))
    low, high = _IMI_RANGE_S
    return Value(value=float(((imi_s >= low) & (imi_s <= high)).mean()))


def _first_half_share(item: Item, report: NightReport) -> Value:
    """Return the rate of the first half of the night over the sum of both rates."""
    _, group, name = item.reads[0].split(".")
    rates = {
        row.level: row.indices[name].value
        for row in report.breakdown
        if (row.group, row.by) == (group, "half") and name in row.indices
    }
    first, second = rates.get("first"), rates.get("second")
    if first is None or second is None:
        return Value(reason=translatable("no sleep scored in one of the halves"))
    if not first + second:
        return Value(reason=translatable("no periodic movement in sleep"))
    return Value(value=first / (first + second))


MEASURES: Mapping[str, Callable[[Item, NightReport], Value]] = {
    "share_of_first": _share_of_first,
    "imi_mode": _imi_mode,
    "imi_share": _imi_share,
    "first_half_share": _first_half_share,
}
"""How what an item reads becomes its value, by name; else it is the value of one index."""
