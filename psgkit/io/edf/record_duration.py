"""Duration of a data record that does not fit into the 8 characters of its field.

A record of 1/256 s is written as ``0.003906``.  Read as it stands, a night drifts by seconds, and
no rate is whole.  The fraction that was meant is recognised by the rates, which it makes whole.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

_FIELD_CHARACTERS = 8
_LARGEST_DENOMINATOR = 2**16


def meant_duration(text: str, counts: Sequence[int]) -> Fraction | None:
    """Return the record duration that was cut to ``text``; None if it is meant as it stands.

    Parameters
    ----------
    text : str
        The field of the header, a number of 8 characters with a point.
    counts : sequence of int
        Samples of each signal in a record.

    Examples
    --------
    >>> meant_duration("0.003906", [1, 2]), meant_duration("0.333333", [100])
    (Fraction(1, 256), Fraction(1, 3))
    >>> meant_duration("0.500000", [128]), meant_duration("0.999987", [500])
    (None, None)
    """
    counts = [count for count in counts if count]
    if len(text) < _FIELD_CHARACTERS or not counts:
        return None
    written = Fraction(Decimal(text))
    if all(_is_whole(count / written) for count in counts):
        return None
    fitting = [one for one in _candidates(text) if all(_is_whole(n / one) for n in counts)]
    # recorders divide the second by powers of two, or by tens
    fitting.sort(key=lambda one: (not _is_power_of_two(one.denominator), one.denominator % 5 != 0))
    return fitting[0] if fitting else None


def _candidates(text: str) -> Iterator[Fraction]:
    """Yield the simplest fractions that round to a number, or are cut to it."""
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return
    unit = Fraction(Decimal(1).scaleb(exponent))
    written = Fraction(number)
    for low, high in ((written - unit / 2, written + unit / 2), (written, written + unit)):
        powers = (2**power for power in range(_LARGEST_DENOMINATOR.bit_length()))
        by_two = (Fraction(round(written * power), power) for power in powers)
        yield from (one for one in by_two if one > 0 and low <= one <= high)
        simplest = _simplest(low, high)
        if simplest.denominator <= _LARGEST_DENOMINATOR:
            yield simplest


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of the smallest denominator from ``low`` to ``high``."""
    floor = low.numerator // low.denominator
    if floor == low or floor + 1 <= high:
        return Fraction(floor if floor == low else floor + 1)
    # both lie between the same two whole numbers: the simplest follows from their reciprocals
    return floor + 1 / _simplest(1 / (high - floor), 1 / (low - floor))


def _is_whole(rate_hz: Fraction) -> bool:
    return rate_hz.denominator == 1 and rate_hz >= 1


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0
