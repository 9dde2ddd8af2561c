"""Numbers of a report marked with their place in the JSON.

A page shows 22.8 where the JSON has 22.783912.  Each number carries its key and its value in the
JSON, so that programs and tests can compare both.
"""

from urllib.parse import quote

from psgkit.core.index import Index
from psgkit.core.index_catalogue import is_count
from psgkit.document.values import tidy, tidy_count
from psgkit.report.words.number_format import (
    NO_VALUE,
    digits,
    number,
    value_in_words,
    with_unit,
)


class Number(str):
    """A number as text, with its place in the JSON and its value there.

    It is a ``str`` with two more attributes, which only the HTML page uses.

    Attributes
    ----------
    key : str
        Dotted, as in ``indices.legs.plms_index.value``.
    value : float or int
    """

    __slots__ = ("key", "value")
    key: str
    value: float

    @classmethod
    def of(cls, text: str, key: str, value: float) -> "Number":
        """Return ``text`` marked as the number at ``key``.

        Examples
        --------
        >>> shown = Number.of("22.8 /h", "indices.legs.plms_index.value", 22.783912)
        >>> shown, shown.value
        ('22.8 /h', 22.783912)
        """
        marked = cls(text)
        marked.key, marked.value = key, value
        return marked


class Link(str):
    """Text that is a link on the HTML page and plain text elsewhere.

    Attributes
    ----------
    href : str
        Relative, percent-encoded.
    """

    __slots__ = ("href",)
    href: str

    @classmethod
    def to(cls, text: str, *steps: str) -> "Link":
        """Return ``text`` linked to a relative path: ``steps`` are folders, the last one a file.

        Examples
        --------
        >>> Link.to("night 1", "nights", "a b#1", "report.html").href
        './nights/a%20b%231/report.html'
        """
        link = cls(text)
        # with "./" a first step with a colon is no URL scheme
        link.href = "/".join((".", *(quote(step, safe="") for step in steps)))
        return link


def index_key(group: str, name: str) -> str:
    """Return the key in the JSON of an index of the whole night."""
    return f"indices.{group}.{name}"


def cell(index: Index | None, key: str) -> str:
    """Return a value without its unit, for a column whose head states it.

    Examples
    --------
    >>> cell(Index.plain("plm_n", 31.0, "1"), "indices.legs.plm_n")
    '31'
    """
    if index is None or (exact := _as_written(index)) is None:
        return NO_VALUE
    return Number.of(number(exact, index.unit, index.name), f"{key}.value", exact)


def in_words(index: Index, key: str) -> str:
    """Return the value of an index with its unit, or why there is none."""
    exact = _as_written(index)
    if exact is None:
        return value_in_words(index)
    shown = with_unit(number(exact, index.unit, index.name), index.unit)
    return Number.of(shown, f"{key}.value", exact)


def rate_numbers(index: Index, key: str) -> tuple[str, str, str]:
    """Return a rate without its unit, its count, and its hours; empty if not known."""
    counted, hours = tidy_count(index.numerator), tidy(index.denominator_h)
    return (
        cell(index, key),
        ""
        if counted is None
        else Number.of(number(counted, "1", "_n"), f"{key}.numerator", counted),
        "" if hours is None else Number.of(digits(hours, 2), f"{key}.denominator_h", hours),
    )


def row_number(shown: str, place: str, value: float) -> str:
    """Return ``shown`` marked with ``place``, a row and column of a table of the JSON.

    Examples
    --------
    >>> row_number("1.4", "rhythms.3.frequency_hz", 1.4142135).value
    1.414214
    """
    exact = tidy(value)
    return shown if exact is None else Number.of(shown, place, exact)


def _as_written(index: Index) -> float | None:
    """Return the value rounded as in the JSON, so that a page made from the JSON is the same."""
    return tidy_count(index.value) if is_count(index.name) else tidy(index.value)
