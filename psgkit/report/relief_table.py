"""Movement rates before, while and after being up, one line a group of movements."""

from collections.abc import Mapping

from psgkit.core.index import Index
from psgkit.report.marked import Number, cell, in_words, index_key
from psgkit.report.number_format import NO_VALUE
from psgkit.report.numbers import finite
from psgkit.report.parts import Facts, Notes, Part, Table
from psgkit.report.texts import text
from psgkit.report.words import group_title

_GROUP = "movement_relief"
_ENDS_WITH = "_episodes_n"
_COLUMNS = ("rate", "before", "up", "after", "ratio", "times")
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
        reason = times.reason.rstrip(".")
        return (Notes(lines=(text("relief.not_available", reason=reason),)),)
    shown = in_words(times, index_key(_GROUP, "episodes_n"))
    parts: tuple[Part, ...] = (Facts(rows=((text("relief.times_up"), shown),)),)
    groups = [name.removesuffix(_ENDS_WITH) for name in found if name.endswith(_ENDS_WITH)]
    if not times.value:
        return parts
    head = tuple(text(f"relief.{name}") for name in _COLUMNS)
    return (*parts, Table(head=head, rows=tuple(_row(group, found) for group in groups)))


def _row(group: str, found: Mapping[str, Index]) -> tuple[str, ...]:
    low, high = (_shown(found, f"{group}_relief_ratio_{end}") for end in ("low", "high"))
    ratio = _shown(found, f"{group}_relief_ratio")
    shown = ratio
    if NO_VALUE not in (low, high):
        shown = text("relief.interval", ratio=ratio, low=low, high=high)
    return (
        group_title(group),
        *(_shown(found, f"{group}_{rate}") for rate in _RATES),
        Number.of(shown, ratio.key, ratio.value) if isinstance(ratio, Number) else shown,
        _shown(found, f"{group}{_ENDS_WITH}"),
    )


def _shown(found: Mapping[str, Index], name: str) -> str:
    return cell(found.get(name), index_key(_GROUP, name))
