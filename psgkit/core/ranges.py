"""The range of every number of a rule, checked when the rule is made.

The unit at the end of a name decides the range: no rule needs a window of more than a day or a
share above 1.  What a rule needs beyond that it checks itself.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache

UPPER_BY_UNIT = {
    "_s": 86400.0,
    "_min": 366 * 1440.0,
    "_h": 366 * 24.0,
    "_hours": 366 * 24.0,
    "_days": 366.0,
    "_hz": 10_000.0,
    "_uv": 1e6,
    "_g": 1000.0,
    "_deg": 360.0,
    "_share": 1.0,
    "_quantile": 1.0,
    "percentile": 100.0,
}
"""Largest value by the end of a name; psgkit's own choice, far above what any rule uses."""
UPPER = 1e5
"""Largest value of other numbers, counts and factors."""
_ABOVE_ZERO = ("_hz",)
"""Frequencies, by which is divided."""
_WIDTHS = ("window", "step", "hop", "every", "bin", "smooth", "apart", "energy", "level", "half")
"""Words in names of lengths that hold at least a sample."""


def check_ranges(rule: object, **bounds: tuple[float, float]) -> None:
    """Raise ``ValueError`` if a number of a dataclass is not finite or out of its range.

    Parameters
    ----------
    rule : dataclass instance
    **bounds : (float, float)
        Lowest and highest value of fields whose name does not tell their range.

    Examples
    --------
    >>> from psgkit.core.bounds import Span
    >>> check_ranges(Span(low=1.0, high=2.0))
    >>> Span(low=float("nan"), high=2.0)
    Traceback (most recent call last):
        ...
    ValueError: Span.low must be a finite number from -86400 to 86400, got nan
    """
    for each in fields(rule):  # type: ignore[arg-type]
        name = each.name
        low, high, is_open = range_of(name)
        if name in bounds:
            (low, high), is_open = bounds[name], False
        for value in _numbers(getattr(rule, name)):
            if _is_within(value, low, high) and not (is_open and value <= 0):
                continue
            lowest = "above 0" if is_open else f"from {low:.15g}"
            raise ValueError(
                f"{type(rule).__name__}.{name} must be a finite number {lowest} to {high:.15g}, "
                f"got {value!r}"
            )


def _is_within(value: float, low: float, high: float) -> bool:
    # NaN is within no range, infinity only within one that is open
    return low <= value <= high


@cache
def range_of(name: str) -> tuple[float, float, bool]:
    """Return the lowest and highest value of a field, and whether zero is excluded."""
    high = next((most for end, most in UPPER_BY_UNIT.items() if name.endswith(end)), UPPER)
    is_width = name.endswith("_s") and any(word in name for word in _WIDTHS)
    return 0.0, high, is_width or name.endswith(_ABOVE_ZERO)


def _numbers(value: object) -> Iterator[float]:
    """Yield the numbers of a field, those in tuples, too; other rules check their own."""
    if isinstance(value, tuple | list):
        for inner in value:
            yield from _numbers(inner)
    elif (isinstance(value, int) and not isinstance(value, bool)) or isinstance(value, float):
        yield value
