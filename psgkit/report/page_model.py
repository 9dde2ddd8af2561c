"""Model of a page, for terminal, browser and PDF.

Texts may come from outside and are not escaped here; each renderer escapes them.
"""

from dataclasses import replace
from typing import ClassVar, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Severity
from psgkit.core.lab import Letterhead

ANSWER = "answer"
"""Key of the section that stands above the numbers of a report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Labels with one value each."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows below a head; the first ``n_text`` columns are text, the others numbers.

    ``foot`` is an explanation below the table.
    """

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    n_text: int = 1
    foot: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """One bar for each row: label, length (None without a value) and the value as text."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What a condition expects of a feature.

    ``sign`` is plus where the finding agrees, minus where it does not, else empty; ``hint`` says
    where the expectation stands.
    """

    words: str
    sign: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixRow:
    """A feature, what was found of it, and a cell for each condition."""

    feature: str
    finding: str
    found: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """Features down, conditions across; ``foot`` explains the signs, ``sources`` names them all."""

    kind: ClassVar[str] = "matrix"
    head: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    foot: str
    sources: tuple[str, ...]
    title: str = ""


Part: TypeAlias = Facts | Table | Bars | Remarks | Notes | Matrix


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """Parts that an HTML page shows on request, below a line that says what they are."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading, a note on the limits of the section, and its parts.

    A ``folded`` section is closed on a page until somebody opens it, and left out of the short
    report on the terminal.  ``more`` is for HTML pages only: other reports have it in ``parts``.
    """

    key: str
    title: str
    note: str = ""
    parts: tuple[Part, ...] = ()
    folded: bool = False
    more: tuple[Fold, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A drawing as SVG, its description, and its legend."""

    svg: str
    title: str
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """A caution as it is shown: severity, sentence and advice."""

    severity: Severity
    message: str
    advice: str


class Simulated(str):
    """The banner that no person was recorded; in the PDF it is on every sheet."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A whole report: title, cautions, main figures and sections.

    ``norms`` are empty, or as many as figures in the headline: what is known of other people.
    """

    title: str
    subtitle: str
    banners: tuple[str, ...]
    headline: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    disclaimer: str
    letterhead: Letterhead | None = None
    cautions: tuple[Warned, ...] = ()
    norms: tuple[str, ...] = ()

    def headed(self, letterhead: Letterhead | None) -> "Page":
        """Return the page with the head of a laboratory and, if it is stated, the subject."""
        if letterhead is None or not letterhead.subject:
            return replace(self, letterhead=letterhead)
        subtitle = f"{letterhead.subject} \u00b7 {self.subtitle}"
        return replace(self, letterhead=letterhead, subtitle=subtitle)

    @property
    def answer(self) -> Section | None:
        """Return the section that answers what the report is about, if it has one."""
        return next((one for one in self.sections if one.key == ANSWER), None)

    @property
    def others(self) -> tuple[Section, ...]:
        """Return all sections but the answer."""
        return tuple(one for one in self.sections if one.key != ANSWER)
