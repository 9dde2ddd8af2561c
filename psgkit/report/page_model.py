"""What a page is made of, whether it is printed on a terminal or in a browser.

Texts in here may come from outside, untouched; each renderer makes them harmless for its medium.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from psgkit.core.lab import Letterhead


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Labels with one value each."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows below a head; the first ``n_text`` columns are text, the others numbers.

    ``foot`` explains what a cell cannot say.
    """

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    n_text: int = 1
    foot: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """One bar a row: label, length (None where there is no value) and the value as text."""

    kind: ClassVar[str] = "bars"
    rows: tuple[tuple[str, float | None, str], ...]
    title: str = ""

    @property
    def longest(self) -> float:
        """Return the largest value, never below zero."""
        return max((value for _, value, _ in self.rows if value is not None), default=0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remarks:
    """Findings: severity, where, message and code of each."""

    kind: ClassVar[str] = "remarks"
    rows: tuple[tuple[str, str, str, str], ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notes:
    """Plain lines."""

    kind: ClassVar[str] = "notes"
    lines: tuple[str, ...]
    title: str = ""


Part: TypeAlias = Facts | Table | Bars | Remarks | Notes


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading, how far to trust what follows, and the parts that follow."""

    key: str
    title: str
    note: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A drawing as SVG, what it shows in words, and colour and meaning of its marks."""

    svg: str
    title: str
    legend: tuple[tuple[str, str], ...] = ()


class Simulated(str):
    """A banner that says that no person was recorded; on paper it stands on every sheet."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A whole report: what it is about, the figures that matter most, and the sections."""

    title: str
    subtitle: str
    banners: tuple[str, ...]
    headline: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    disclaimer: str
    letterhead: Letterhead | None = None
