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
from psgkit.report.words.number_format import (
    NO_VALUE,
    digits,
    number,
    short_number,
    signed,
    with_unit,
)
from psgkit.report.words.texts import text
from psgkit.report.words.words import listed

_PAIRS_AT_MOST = 60
_SMALLEST_P = 0.0001


def comparison_section(summary: CohortSummary, at_most: int | None = None) -> Section:
    """Return every test and effect, or why nothing is compared.

    Parameters
    ----------
    summary : CohortSummary
    at_most : int, optional
        Lines of a table; those with the smallest p are kept.
    """
    compared = summary.compared
    key, title = "compared", text("cohort.compared")
    if not compared.pairs:
        return Section(key=key, title=title, parts=(Notes(lines=(text("cohort.compared_none"),)),))
    note = (
        text("cohort.compared_note", n=digits(compared.tests_n, 0))
        if compared.tests_n
        else text("cohort.compared_no_tests")
    )
    parts = [*_omnibus(summary), *_pairs(summary, at_most)]
    return Section(key=key, title=title, note=note, parts=tuple(parts))


def _omnibus(summary: CohortSummary) -> Iterator[Part]:
    """Yield the tests of all groups at once."""
    rows = summary.compared.omnibus
    if rows:
        yield Table(
            title=text("cohort.omnibus"),
            head=(text("cohort.index"), "H", text("cohort.p"), text("cohort.p_holm")),
            rows=tuple(
                (
                    column_in_words(one.column),
                    NO_VALUE if one.test.statistic is None else digits(one.test.statistic, 1),
                    p_in_words(one.test.p),
                    _marked_p(one.p_holm, f"omnibus.{k}.p_holm"),
                )
                for k, one in enumerate(rows)
            ),
            foot=_reasons("no_test", (one.test.reason for one in rows)),
        )


def _pairs(summary: CohortSummary, at_most: int | None) -> Iterator[Part]:
    """Yield a table a pair of groups or, of many groups, one with the smallest p values."""
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
        yield Notes(lines=(text("cohort.pairs_cut", n=limit, of=digits(len(numbered), 0)),))


def _versus(first: str, second: str | None) -> str:
    """Return two groups in words."""
    other = text("cohort.all_others") if second is None else second
    return text("cohort.versus", first=first, second=other)


def _pair_table(
    title: str, rows: Sequence[tuple[int, Comparison]], *, with_groups: bool = False
) -> Table:
    """Return one line a comparison."""
    names = ("n_each", "effect", "which", "p", "p_holm")
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
                text(f"cohort.{one.shown}"),
                p_in_words(one.test.p),
                _marked_p(one.p_holm, f"{key}.p_holm"),
            )
        )
    tests = _reasons("no_test", (one.test.reason for _, one in rows))
    effects = (getattr(one.effects, one.shown).interval_reason for _, one in rows)
    return Table(
        title=title,
        head=(text("cohort.index"), *(text(f"cohort.{name}") for name in names)),
        rows=tuple(lines),
        foot=" ".join(filter(None, (tests, _reasons("no_interval_as", effects)))),
    )


def _reasons(what: str, found: Iterable[str | None]) -> str:
    """Return why something is missing, each reason once with how often it applies."""
    counted = Counter(reason for reason in found if reason is not None)
    told = (text("cohort.one_reason", reason=r, n=n) for r, n in counted.most_common())
    return text(f"cohort.{what}", reasons="; ".join(told)) if counted else ""


def _effect(effect: Effect, key: str) -> str:
    """Return an effect with its interval."""
    value = tidy(effect.value)
    if value is None:
        return NO_VALUE
    if effect.low is None or effect.high is None:
        shown = text("cohort.no_interval", value=signed(value, 2))
    else:
        shown = text(
            "cohort.interval",
            value=signed(value, 2),
            low=signed(effect.low, 2),
            high=signed(effect.high, 2),
        )
    return Number.of(shown, f"{key}.value", value)


def p_in_words(p: float | None) -> str:
    """Return a p value with the digits that mean anything.

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
    """Return a p value that knows its place in the JSON."""
    return NO_VALUE if p is None else Number.of(p_in_words(p), key, float(f"{p:.4g}"))


def reliability_section(summary: CohortSummary) -> Iterator[Section]:
    """Yield how alike the nights of one subject are, if any has several."""
    rows = [(k, one) for k, one in enumerate(summary.reliability) if one.group is None]
    if not rows:
        return
    names = ("icc", "within_sd", "repeated")
    table = Table(
        head=(text("cohort.index"), *(text(f"cohort.{name}") for name in names)),
        rows=tuple(_reliability(k, one) for k, one in rows),
        foot=_reasons("no_icc", (one.found.reason for _, one in rows)),
    )
    parts: tuple[Part, ...] = (table,)
    if len(rows) < len(summary.reliability):
        parts = (table, Notes(lines=(text("cohort.reliability_cut"),)))
    yield Section(
        key="reliability",
        title=text("cohort.reliability"),
        note=text("cohort.reliability_note"),
        parts=parts,
    )


def _reliability(k: int, one: ReliabilityRow) -> tuple[str, ...]:
    """Return one index."""
    found = one.found
    value = tidy(found.icc)
    icc = within = NO_VALUE
    if value is not None and found.low is not None and found.high is not None:
        shown = text(
            "cohort.interval",
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
