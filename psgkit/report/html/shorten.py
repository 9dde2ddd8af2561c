"""Sections of a night made short for a page: zeros and long tables are shown on request.

The PDF and the terminal have the same rows in their places.
"""

from collections.abc import Iterable
from dataclasses import replace

from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Facts, Fold, Notes, Part, Section, Table
from psgkit.report.words.language import _, plural

_EVIDENCE = "profile"
_SHOWN_OF_EVIDENCE = 2
"""Parts of the evidence that are shown: what limits it, and what bears on the question."""
_LONG, _LONG_BELOW_ANOTHER = 24, 12
"""Rows of a table that is folded, as the first part of a section and below another."""

_PARAGRAPH = 200
"""Letters of a fact that is folded."""
_IN_TWO_FROM = 6
"""Facts shown in two columns."""


def shortened(section: Section) -> Section:
    """Return a section without zeros, long tables and long facts; ``more`` has them.

    Examples
    --------
    >>> zero = Number.of("0", "indices.legs.plm_n.value", 0.0)
    >>> section = Section(key="legs", title="Legs", parts=(Facts(rows=(("PLM", zero),)),))
    >>> short = shortened(section)
    >>> short.parts, short.more[0].title, short.more[0].parts == section.parts
    ((), '1 value is zero', True)
    """
    shown: list[Part] = []
    folds: list[Fold] = []
    zeros: list[Part] = []
    for number, part in enumerate(section.parts):
        if _is_long(section, number, part):
            folds.append(Fold(title=_title(part), parts=(_untitled(part),)))
            continue
        kept, long = _without_long_facts(part)
        folds += [Fold(title=label, parts=(Notes(lines=(value,)),)) for label, value in long]
        kept, without = _parted(kept)
        shown += [kept] if _rows(kept) else []
        zeros += [without] if _rows(without) else []
    n = sum(len(_rows(part)) for part in zeros)
    if n:
        said = plural("{n} value is zero", "{n} values are zero", n)
        folds.append(Fold(title=said, parts=tuple(zeros)))
    return replace(section, parts=_in_columns(tuple(shown)), more=tuple(folds))


def _in_columns(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the facts of a section of nothing else in halves, for two columns of a wide page."""
    facts = parts[0] if len(parts) == 1 else None
    if not isinstance(facts, Facts) or len(facts.rows) < _IN_TWO_FROM:
        return parts
    half = (len(facts.rows) + 1) // 2
    return replace(facts, rows=facts.rows[:half]), Facts(rows=facts.rows[half:])


def _is_long(section: Section, number: int, part: Part) -> bool:
    if section.key == _EVIDENCE:
        return number >= _SHOWN_OF_EVIDENCE
    most = _LONG_BELOW_ANOTHER if number else _LONG
    return isinstance(part, Table) and len(part.rows) > most


def _title(part: Part) -> str:
    """Return the line that stands for a part: its title, else the name of its first column."""
    head = part.head[0] if isinstance(part, Table) else ""
    return part.title or head or _("More")


def _untitled(part: Part) -> Part:
    return replace(part, title="")


def _rows(part: Part) -> tuple[object, ...]:
    return part.lines if isinstance(part, Notes) else part.rows


def _without_long_facts(part: Part) -> tuple[Part, tuple[tuple[str, str], ...]]:
    """Return a part without facts as long as a paragraph, and these."""
    if not isinstance(part, Facts):
        return part, ()
    long = tuple(row for row in part.rows if len(row[1]) > _PARAGRAPH)
    return replace(part, rows=tuple(row for row in part.rows if row not in long)), long


def _parted(part: Part) -> tuple[Part, Part]:
    """Return a part without its rows of zeros, and with these only."""
    if not isinstance(part, (Facts, Table)):
        return part, Notes(lines=())
    if isinstance(part, Facts):
        facts = [(row, _is_zero(row, counts=False)) for row in part.rows]
        kept, without = (tuple(row for row, zero in facts if zero == one) for one in (False, True))
        return replace(part, rows=kept), replace(part, rows=without)
    rows = [(row, _is_zero(row, counts=True)) for row in part.rows]
    shown, hidden = (tuple(row for row, zero in rows if zero == one) for one in (False, True))
    return replace(part, rows=shown), replace(part, rows=hidden)


def _is_zero(row: Iterable[str], *, counts: bool) -> bool:
    """Return whether all a row states is zero.

    ``counts``: only a row with a count is meant; the time in a stage, or the rate in one part of
    the night, says something where it is zero.
    """
    numbers = [cell for cell in row if isinstance(cell, Number)]
    stated = [one for one in numbers if not one.key.endswith(".denominator_h")]
    if not stated or not all(one.key.startswith("indices.") for one in stated):
        return False
    if counts and not any(one.key.endswith(".numerator") for one in stated):
        return False
    return all(one.value == 0 for one in stated)
