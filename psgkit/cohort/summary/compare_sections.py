"""Sections about groups compared with each other and nights compared within subjects."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from psgkit.cohort.summary.comparisons import PAIRS_UP_TO, Comparison
from psgkit.cohort.summary.effect_sizes import Effect
from psgkit.cohort.summary.summarise import CohortSummary, ReliabilityRow
from psgkit.cohort.tables.index_columns import column_in_words
from psgkit.document.values import tidy
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Notes, Part, Section, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import (
    NO_VALUE,
    digits,
    number,
    short_number,
    signed,
    with_unit,
)
from psgkit.report.words.words import listed

_PAIRS_AT_MOST = 60
_SMALLEST_P = 0.0001
_EFFECTS = Words({"hedges_g": marked("Hedges' g"), "cliffs_delta": marked("Cliff's delta")})
_NO_TEST = marked("No test: {reasons}.")
_NO_INTERVAL = marked("No interval: {reasons}.")
_NO_ICC = marked("No ICC: {reasons}.")


def comparison_section(summary: CohortSummary, at_most: int | None = None) -> Section:
    """Return the section of all tests and effects, or of the reason why nothing is compared.

    Parameters
    ----------
    summary : CohortSummary
    at_most : int, optional
        Most lines of a table; those with the smallest p are kept.
    """
    compared = summary.compared
    key, title = "compared", _("Groups compared")
    if not compared.pairs:
        return Section(
            key=key,
            title=title,
            parts=(
                Notes(
                    lines=(
                        _(
                            "There is one group, or none: nothing is compared. --by COLUMN names "
                            "the column that makes the groups."
                        ),
                    )
                ),
            ),
        )
    note = (
        _(
            "{n} tests were made together; p (Holm) is corrected for all of them. If no "
            "group differed in anything, a corrected p below 0.05 would still come up "
            "somewhere in at most 5 of 100 cohorts.",
            n=digits(compared.tests_n, 0),
        )
        if compared.tests_n
        else _("No test could be made; the reasons are in the table.")
    )
    parts = [*_omnibus(summary), *_pairs(summary, at_most)]
    return Section(key=key, title=title, note=note, parts=tuple(parts))


def _omnibus(summary: CohortSummary) -> Iterator[Part]:
    """Yield the tests of all groups at once."""
    rows = summary.compared.omnibus
    if rows:
        yield Table(
            title=_("Does any group differ (Kruskal-Wallis)"),
            head=(_("Index"), "H", _("p"), _("p (Holm)")),
            rows=tuple(
                (
                    column_in_words(one.column),
                    NO_VALUE if one.test.statistic is None else digits(one.test.statistic, 1),
                    p_in_words(one.test.p),
                    _marked_p(one.p_holm, f"omnibus.{k}.p_holm"),
                )
                for k, one in enumerate(rows)
            ),
            foot=_reasons(_NO_TEST, (one.test.reason for one in rows)),
        )


def _pairs(summary: CohortSummary, at_most: int | None) -> Iterator[Part]:
    """Yield a table for each pair of groups or, for many groups, one of the smallest p values."""
    numbered = list(enumerate(summary.compared.pairs))
    if len(summary.groups) <= PAIRS_UP_TO:
        ordered = sorted(numbered, key=lambda one: (one[1].first, one[1].second or ""))
        for (first, second), rows in groupby(ordered, key=lambda o: (o[1].first, o[1].second)):
            yield _pair_table(_versus(first, second), list(rows))
        return
    limit = _PAIRS_AT_MOST if at_most is None else at_most
    smallest = sorted(numbered, key=lambda o: math.inf if o[1].test.p is None else o[1].test.p)
    table = _pair_table("", smallest[:limit], with_groups=True)
    yield table
    if len(numbered) > limit:
        yield Notes(
            lines=(
                _(
                    "The {n} of {of} comparisons with the smallest p; the files have all.",
                    n=limit,
                    of=digits(len(numbered), 0),
                ),
            )
        )


def _versus(first: str, second: str | None) -> str:
    """Return two groups in words."""
    other = _("all others") if second is None else second
    return _("{first} against {second}", first=first, second=other)


def _pair_table(
    title: str, rows: Sequence[tuple[int, Comparison]], *, with_groups: bool = False
) -> Table:
    head = (
        _("Index"),
        _("Subjects"),
        _("Effect (95 % interval)"),
        _("Which"),
        _("p"),
        _("p (Holm)"),
    )
    lines = []
    for k, one in rows:
        key = f"pairs.{k}"
        effect: Effect = getattr(one.effects, one.shown)
        label = column_in_words(one.column)
        lines.append(
            (
                f"{_versus(one.first, one.second)}: {label}" if with_groups else label,
                listed([digits(one.first_n, 0), digits(one.second_n, 0)]),
                _effect(effect, f"{key}.{one.shown}"),
                _EFFECTS[one.shown],
                p_in_words(one.test.p),
                _marked_p(one.p_holm, f"{key}.p_holm"),
            )
        )
    tests = _reasons(_NO_TEST, (one.test.reason for _k, one in rows))
    effects = (getattr(one.effects, one.shown).interval_reason for _k, one in rows)
    return Table(
        title=title,
        head=head,
        rows=tuple(lines),
        foot=" ".join(filter(None, (tests, _reasons(_NO_INTERVAL, effects)))),
    )


def _reasons(sentence: str, found: Iterable[str | None]) -> str:
    """Return each reason for a missing value once, with its number of cases."""
    counted = Counter(reason for reason in found if reason is not None)
    reasons = "; ".join(f"{reason} ({n})" for reason, n in counted.most_common())
    return _(sentence, reasons=reasons) if counted else ""


def _effect(effect: Effect, key: str) -> str:
    value = tidy(effect.value)
    if value is None:
        return NO_VALUE
    if effect.low is None or effect.high is None:
        shown = _("{value} (no interval)", value=signed(value, 2))
    else:
        shown = _(
            "{value} ({low} to {high})",
            value=signed(value, 2),
            low=signed(effect.low, 2),
            high=signed(effect.high, 2),
        )
    return Number.of(shown, f"{key}.value", value)


def p_in_words(p: float | None) -> str:
    """Return a p value with two significant digits.

    Examples
    --------
    >>> p_in_words(0.03456), p_in_words(0.00001), p_in_words(0.5), p_in_words(1.0)
    ('0.035', '<0.0001', '0.50', '1.00')
    """
    if p is None:
        return NO_VALUE
    if p < _SMALLEST_P:
        return f"<{short_number(_SMALLEST_P)}"
    if p >= 0.1:  # noqa: PLR2004 - two digits either way
        return digits(p, 2)
    return digits(p, 1 - math.floor(math.log10(p)))


def _marked_p(p: float | None, key: str) -> str:
    """Return a p value marked with its place in the JSON."""
    return NO_VALUE if p is None else Number.of(p_in_words(p), key, float(f"{p:.4g}"))


def reliability_section(summary: CohortSummary) -> Iterator[Section]:
    """Yield the night-to-night reliability, if any subject has several nights."""
    rows = [(k, one) for k, one in enumerate(summary.reliability) if one.group is None]
    if not rows:
        return
    table = Table(
        head=(_("Index"), _("ICC (95 % interval)"), _("SD within"), _("Subjects, nights")),
        rows=tuple(_reliability(k, one) for k, one in rows),
        foot=_reasons(_NO_ICC, (one.found.reason for _k, one in rows)),
    )
    parts: tuple[Part, ...] = (table,)
    if len(rows) < len(summary.reliability):
        parts = (table, Notes(lines=(_("Values by group are in the files."),)))
    yield Section(
        key="reliability",
        title=_("Night to night"),
        note=_(
            "ICC(1,1), one-way random (Shrout and Fleiss 1979): the share of the variance of "
            "a single night that lies between people. It is larger where people differ more, "
            "so over several groups it is larger than within one. The last column is how "
            "much the nights of one person scatter. For days it is the recordings of one "
            "person; how much the nights of one recording scatter is a separate index."
        ),
        parts=parts,
    )


def _reliability(k: int, one: ReliabilityRow) -> tuple[str, ...]:
    found = one.found
    value = tidy(found.icc)
    icc = within = NO_VALUE
    if value is not None and found.low is not None and found.high is not None:
        shown = _(
            "{value} ({low} to {high})",
            value=digits(value, 2),
            low=digits(found.low, 2),
            high=digits(found.high, 2),
        )
        icc = Number.of(shown, f"reliability.{k}.icc", value)
    if found.within_sd is not None:
        within = with_unit(number(found.within_sd, one.unit), one.unit)
    return (
        column_in_words(one.column),
        icc,
        within,
        listed([digits(found.subjects_n, 0), digits(found.nights_n, 0)]),
    )
