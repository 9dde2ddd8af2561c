"""Movement rates before, while and after being up, one line a group of movements."""

from collections.abc import Mapping

from psgkit.core.index import Index
from psgkit.report.numbers import finite
from psgkit.report.parts import Facts, Notes, Part, Table
from psgkit.report.words import NO_VALUE, group_title, number, value_in_words

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
    parts: tuple[Part, ...] = (Facts(rows=(("Times up", value_in_words(times)),)),)
    groups = [name.removesuffix(_ENDS_WITH) for name in found if name.endswith(_ENDS_WITH)]
    if not times.value:
        return parts
    head = ("Movements an hour", "before", "up", "after", "after / before", "times up")
    return (*parts, Table(head=head, rows=tuple(_row(group, found) for group in groups)))


def _row(group: str, found: Mapping[str, Index]) -> tuple[str, ...]:
    rates = (_shown(found.get(f"{group}_{rate}")) for rate in _RATES)
    low, high = (_shown(found.get(f"{group}_relief_ratio_{end}")) for end in ("low", "high"))
    ratio = _shown(found.get(f"{group}_relief_ratio"))
    interval = "" if NO_VALUE in (low, high) else f" ({low} to {high})"
    return (
        group_title(group),
        *rates,
        f"{ratio}{interval}",
        _shown(found.get(f"{group}{_ENDS_WITH}")),
    )


def _shown(index: Index | None) -> str:
    if index is None or index.value is None:
        return NO_VALUE
    return number(index.value, index.unit, index.name)
