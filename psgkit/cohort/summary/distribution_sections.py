"""Sections about the distributions of indices, one for each group of indices."""

from collections.abc import Iterator, Sequence

from psgkit.cohort.summary.picture import GROUPS_AT_MOST, distribution_picture
from psgkit.cohort.summary.statistics import Distribution
from psgkit.cohort.summary.summarise import CohortSummary
from psgkit.cohort.tables.index_columns import (
    OF_DAYS,
    column_in_words,
    group_in_words,
    group_of,
    label_with_unit,
)
from psgkit.document.values import tidy
from psgkit.report.html.pictures import Picture
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Notes, Part, Section, Table
from psgkit.report.words.language import _, in_context
from psgkit.report.words.number_format import NO_VALUE, digits, number
from psgkit.report.words.words import group_note

_REASONS_AT_MOST = 3
_FIGURES_N, _ON_A_TERMINAL_N = 7, 5
"""Columns of figures of a table, and how many of them a terminal has room for."""


def index_sections(summary: CohortSummary, *, brief: bool = False) -> Iterator[Section]:
    """Yield a section for each group of indices with a value, then one on those without.

    ``brief`` leaves out columns that do not fit a terminal.
    """
    figures_n = _ON_A_TERMINAL_N if brief else _FIGURES_N
    if not summary.outcomes.done_n:
        return
    for group, columns in _groups(summary):
        parts = (_table(summary, columns, figures_n), *_why_missing(summary, columns))
        yield Section(
            key=_key(group),
            title=group_in_words(group),
            note=group_note(group.removeprefix(OF_DAYS)),
            parts=parts,
        )
    empty = [one.column for one in summary.over_all() if not one.subjects_n]
    if empty:
        lines = tuple(
            _missing_line(_why(summary, one, _missing_n(summary, one)), [column_in_words(one)])
            for one in empty
        )
        yield Section(key="unmeasured", title=_("Without any value"), parts=(Notes(lines=lines),))


def index_pictures(summary: CohortSummary) -> dict[str, Picture]:
    """Return the drawing of each of those sections by its key."""
    found = {}
    for group, columns in _groups(summary):
        panels = [_largest(summary.in_groups(column)) for column in columns]
        picture = distribution_picture(
            _(
                "{group}: dots are subjects (the mean of their nights), the box holds the middle "
                "half, the line the middle 90 %, the mark is the median",
                group=group_in_words(group),
            ),
            panels,
        )
        if picture is not None:
            found[_key(group)] = picture
    return found


def _groups(summary: CohortSummary) -> list[tuple[str, list[str]]]:
    """Return the groups of indices with the columns that have any value."""
    together: dict[str, list[str]] = {}
    for one in summary.over_all():
        if one.subjects_n:
            together.setdefault(group_of(one.column), []).append(one.column)
    return list(together.items())


def _key(group: str) -> str:
    return f"indices-{group.replace('.', '-')}"


def _largest(rows: Sequence[Distribution]) -> list[Distribution]:
    """Return the rows to be shown: those of the largest groups, in their order."""
    sizes = sorted((row.subjects_n for row in rows), reverse=True)
    least = sizes[min(GROUPS_AT_MOST, len(sizes)) - 1]
    return [row for row in rows if row.subjects_n >= least][:GROUPS_AT_MOST]


def _table(summary: CohortSummary, columns: Sequence[str], figures_n: int) -> Table:
    """Return one row an index and group."""
    place = {(one.column, one.group): k for k, one in enumerate(summary.distributions)}
    grouped = bool(summary.groups)
    of_days = columns[0].startswith(OF_DAYS)
    # where stages were estimated, each index says in how many nights it rests on them
    estimated = bool(summary.outcomes.estimated_n) and any(
        one.estimated_n is not None for column in columns for one in summary.in_groups(column)
    )
    rows = []
    for column in columns:
        members = _largest(summary.in_groups(column))
        label = label_with_unit(column, members[0].unit)
        for one in members:
            key = f"distributions.{place[one.column, one.group]}"
            who = (one.group or NO_VALUE,) if grouped else ()
            cells = (*_cells(one, key)[:figures_n], *_estimated(one, shown=estimated))
            rows.append((label, *who, *cells))
            label = ""
    hidden = len(summary.groups) - GROUPS_AT_MOST
    return Table(
        head=(
            _("Index"),
            *((_("Group"),) if grouped else ()),
            *_heads(of_days=of_days)[:figures_n],
            *((_("Stages estimated"),) if estimated else ()),
        ),
        rows=tuple(rows),
        n_text=2 if grouped else 1,
        foot=_("Smaller groups, in cohort.csv: {n}.", n=hidden) if hidden > 0 else "",
    )


def _heads(*, of_days: bool) -> tuple[str, ...]:
    return (
        _("Subjects"),
        _("Recordings") if of_days else _("Nights"),
        _("Missing"),
        _("Median"),
        _("Middle half"),
        in_context("statistics", "Range"),
        _("Mean (SD)"),
    )


def _cells(one: Distribution, key: str) -> tuple[str, ...]:
    low, q25, median, q75, high = one.quantiles((0, 0.25, 0.5, 0.75, 1))
    mean = _shown(one.mean, one)
    return (
        Number.of(digits(one.subjects_n, 0), f"{key}.subjects_n", one.subjects_n),
        digits(one.nights_n, 0),
        Number.of(digits(one.missing_n, 0), f"{key}.missing_n", one.missing_n),
        _marked(median, one, f"{key}.median"),
        _span(q25, q75, one),
        _span(low, high, one),
        mean if one.sd is None else f"{mean} ({_shown(one.sd, one)})",
    )


def _estimated(one: Distribution, *, shown: bool) -> tuple[str, ...]:
    """Return the cell with the number of nights whose stages were estimated."""
    if not shown:
        return ()
    return (NO_VALUE if one.estimated_n is None else digits(one.estimated_n, 0),)


def _span(low: float | None, high: float | None, one: Distribution) -> str:
    """Return the two ends of a range of values."""
    if low is None or high is None or one.subjects_n < 2:  # noqa: PLR2004 - no range
        return NO_VALUE
    return _("{low} to {high}", low=_shown(low, one), high=_shown(high, one))


def _shown(value: float | None, one: Distribution) -> str:
    return NO_VALUE if value is None else number(value, one.unit)


def _marked(value: float | None, one: Distribution, key: str) -> str:
    """Return a value marked with its place in the JSON."""
    exact = tidy(value)
    return NO_VALUE if exact is None else Number.of(number(exact, one.unit), key, exact)


def _missing_n(summary: CohortSummary, column: str) -> int:
    """Return in how many finished nights an index is missing."""
    return next(one.missing_n for one in summary.over_all() if one.column == column)


def _why_missing(summary: CohortSummary, columns: Sequence[str]) -> Iterator[Part]:
    """Yield why values are missing, one line for all indices with the same reasons."""
    alike: dict[str, list[str]] = {}
    for column in columns:
        if n := _missing_n(summary, column):
            why = _why(summary, column, n)
            alike.setdefault(why, []).append(label_with_unit(column, ""))
    if alike:
        yield Notes(lines=tuple(_missing_line(why, labels) for why, labels in alike.items()))


def _missing_line(why: str, labels: Sequence[str]) -> str:
    """Return one line about indices missing in the same number of nights for the same reasons."""
    return _("{index}: {why}.", index="; ".join(labels), why=why)


def _why(summary: CohortSummary, column: str, n: int) -> str:
    """Return the number of nights without an index, and the most frequent reasons."""
    found = list(summary.nights.reasons[column].items())
    reasons = [f"{reason} ({digits(count, 0)})" for reason, count in found[:_REASONS_AT_MOST]]
    if len(found) > _REASONS_AT_MOST:
        reasons.append(_("and other reasons, {n} of them", n=len(found) - _REASONS_AT_MOST))
    unsaid = n - sum(count for _reason, count in found)
    if unsaid > 0:
        reasons.append(f"{_('nothing recorded that it could be taken from')} ({unsaid})")
    words = {
        "n": digits(n, 0),
        "of": digits(int(summary.nights.having(column).sum()), 0),
        "reasons": "; ".join(reasons),
    }
    if column.startswith(OF_DAYS):
        return _("missing in {n} of {of} recordings: {reasons}", **words)
    return _("missing in {n} of {of} nights: {reasons}", **words)
