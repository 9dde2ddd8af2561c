"""Movement rates before, while and after being up, one line a group of movements."""

from collections.abc import Mapping

from psgkit.core.index import Index
from psgkit.report.marked import Number, cell, in_words, index_key
from psgkit.report.numbers import finite
from psgkit.report.parts import Facts, Notes, Part, Table
from psgkit.report.words import NO_VALUE, group_title

_GROUP = "movement_relief"
_ENDS_WITH = "_episodes_n"
_RATES = ("before_rate", "up_rate", "after_rate")


def relief_parts(indices: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return how often the sleeper was up, and the rates around it.

    Examples
    --------
    >>> relief_parts({"episodes_n": Index.missing("episodes_n", "1", "no sensor at the trunk")})
    (Notes(lines=('Not available: no sensor at the trunk.',), title=''),)
    """
    found = {name: finite(index) for name, index in indices.items()}
    times = found["episodes_n"]
    if times.reason is not None:
        return (Notes(lines=(f"Not available: {times.reason.rstrip('.')}.",)),)
    shown = in_words(times, index_key(_GROUP, "episodes_n"))
    parts: tuple[Part, ...] = (Facts(rows=(("Times up", shown),)),)
    groups = [name.removesuffix(_ENDS_WITH) for name in found if name.endswith(_ENDS_WITH)]
    if not times.value:
        return parts
    head = ("Movements an hour", "before", "up", "after", "after / before", "times up")
    return (*parts, Table(head=head, rows=tuple(_row(group, found) for group in groups)))


def _row(group: str, found: Mapping[str, Index]) -> tuple[str, ...]:
    low, high = (_shown(found, f"{group}_relief_ratio_{end}") for end in ("low", "high"))
    ratio = _shown(found, f"{group}_relief_ratio")
    interval = "" if NO_VALUE in (low, high) else f" ({low} to {high})"
    shown = f"{ratio}{interval}"
    return (
        group_title(group),
        *(_shown(found, f"{group}_{rate}") for rate in _RATES),
        Number.of(shown, ratio.key, ratio.value) if isinstance(ratio, Number) else shown,
        _shown(found, f"{group}{_ENDS_WITH}"),
    )


def _shown(found: Mapping[str, Index], name: str) -> str:
    return cell(found.get(name), index_key(_GROUP, name))
