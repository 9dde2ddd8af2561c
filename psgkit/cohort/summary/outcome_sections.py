"""Sections about what became of the nights of a cohort and how they were analysed."""

from collections.abc import Iterator

from psgkit.cohort.summary.distributions import Outlier
from psgkit.cohort.summary.summarise import CohortSummary, NightToCheck
from psgkit.cohort.tables.index_columns import column_in_words
from psgkit.cohort.tables.night_chunk import NIGHTS_FOLDER
from psgkit.cohort.tables.quality import DaysQualityRule, QualityRule
from psgkit.report.marked_numbers import Link
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
from psgkit.report.words.words import capitalised, listed, site_in_words, word_of

_SETS_AT_MOST = 8
_KINDS = {"night": "cohort.nights", "days": "cohort.days"}


def night_section(summary: CohortSummary) -> Section:
    """Return how many nights there are, and why some have no result."""
    outcomes = summary.outcomes
    parts: list[Part] = [_states(summary)]
    if outcomes.failures:
        head = ("reason", "examples", "state", "count")
        rows = tuple(
            (
                one.reason or NO_VALUE,
                ", ".join(one.examples),
                text(f"cohort.state_{one.state}"),
                digits(one.nights_n, 0),
            )
            for one in outcomes.failures
        )
        parts.append(
            Table(
                title=text("cohort.failures"),
                head=tuple(text(f"cohort.{name}") for name in head),
                rows=rows,
                n_text=len(head) - 1,
                foot=text("cohort.failures_foot"),
            )
        )
    if outcomes.flags:
        parts.append(_flags(summary))
    return Section(key="nights", title=text("cohort.nights"), parts=tuple(parts))


def _states(summary: CohortSummary) -> Table:
    """Return how many nights, and recordings of days where there are any, are in which state."""
    outcomes = summary.outcomes
    counted = [outcomes.states_of("night"), outcomes.states_of("days")]
    heads = [text("cohort.count"), text("cohort.days_count")]
    shown = [0, 1] if outcomes.of_days else [0]
    return Table(
        head=(text("cohort.state"), *(heads[kind] for kind in shown)),
        rows=tuple(
            (
                text(f"cohort.state_{state}"),
                *(digits(counted[kind].get(state, 0), 0) for kind in shown),
            )
            for state, _ in outcomes.states
        ),
    )


def _flags(summary: CohortSummary) -> Table:
    """Return how many nights each quality flag limits."""
    rule, days = QualityRule(), DaysQualityRule()
    about_days = text(
        "cohort.day_flags_foot",
        nights=short_number(days.min_nights),
        worn=short_number(100 * days.min_worn_share),
    )
    more = f" {about_days}" if summary.outcomes.of_days else ""
    return Table(
        title=text("cohort.flags"),
        head=(text("cohort.flag"), text("cohort.count")),
        rows=tuple((flag_in_words(flag), digits(n, 0)) for flag, n in summary.outcomes.flags),
        foot=text(
            "cohort.flags_foot",
            recorded=short_number(rule.min_recorded_h),
            slept=short_number(rule.min_sleep_h),
            unscored=short_number(100 * rule.max_unscored_share),
        )
        + more,
    )


def flag_in_words(flag: str) -> str:
    """Return a quality flag in words.

    Examples
    --------
    >>> flag_in_words("one_leg")
    'one leg only'
    """
    return text(f"cohort.flag_{flag}")


def analysis_section(summary: CohortSummary) -> Iterator[Section]:
    """Yield by which rules the finished nights were analysed, and what was measured."""
    outcomes = summary.outcomes
    if not outcomes.done_n:
        return
    mixed = bool(outcomes.of_days)
    parts = (
        Table(
            title=text("cohort.analysed"),
            head=(
                *([text("cohort.kind")] if mixed else []),
                *(text(f"cohort.{n}") for n in ("rules", "settings", "version", "count")),
            ),
            rows=tuple(
                (
                    *([text(_KINDS[one.protocol])] if mixed else []),
                    *(one.rules, one.settings_id, one.version, digits(one.nights_n, 0)),
                )
                for one in outcomes.analyses
            ),
            n_text=3 + mixed,
            foot=text("cohort.analysed_foot"),
        ),
        Table(
            title=text("cohort.measured"),
            head=("", text("cohort.count")),
            rows=tuple((_site(site), digits(n, 0)) for site, n in outcomes.sites),
        ),
        _channel_sets(summary),
    )
    yield Section(key="analysis", title=text("cohort.analysis"), parts=parts)


def _channel_sets(summary: CohortSummary) -> Table:
    """Return which channels nights have together."""
    found = summary.outcomes.channels
    hidden = len(found) - _SETS_AT_MOST
    return Table(
        title=text("cohort.channel_sets"),
        head=("", text("cohort.count")),
        rows=tuple(
            (
                "; ".join(map(_site, sites.split("+"))) if sites else text("cohort.no_channels"),
                digits(n, 0),
            )
            for sites, n in found[:_SETS_AT_MOST]
        ),
        foot=text("cohort.sets_foot", n=hidden) if hidden > 0 else "",
    )


def _site(measured: str) -> str:
    """Return ``leg:left_leg`` or ``ecg`` in words."""
    role, _, place = measured.partition(":")
    where = site_in_words(place) if place else ""
    what = capitalised(word_of("role", role))
    return f"{what}, {where}" if where and role not in place.split("_") else where or what


_NIGHTS_AT_MOST = 50
_OUTLIERS_AT_MOST = 4
REPORT_FILE = "report.html"


def check_section(
    summary: CohortSummary, home: tuple[str, ...] = (), at_most: int | None = None
) -> Section:
    """Return the nights with values far out or with quality flags.

    Parameters
    ----------
    summary : CohortSummary
    home : tuple of str
        Folders from the page to that of the batch.
    at_most : int, optional
        Nights that are shown.
    """
    key, title = "check", text("cohort.check")
    found = summary.to_check
    if not found:
        return Section(key=key, title=title, parts=(Notes(lines=(text("cohort.check_none"),)),))
    limit = _NIGHTS_AT_MOST if at_most is None else at_most
    names = ("night", "group", "far_out", "flags")
    parts: list[Part] = [
        Table(
            head=tuple(text(f"cohort.{name}") for name in names),
            rows=tuple(_row(one, home) for one in found[:limit]),
            n_text=len(names),
        )
    ]
    if len(found) > limit:
        parts.append(Notes(lines=(text("cohort.check_cut", n=digits(len(found) - limit, 0)),)))
    return Section(key=key, title=title, note=text("cohort.check_note"), parts=tuple(parts))


def _row(one: NightToCheck, home: tuple[str, ...]) -> tuple[str, ...]:
    """Return one night, which leads to its report."""
    shown = [_outlier(outlier) for outlier in one.outliers[:_OUTLIERS_AT_MOST]]
    if len(one.outliers) > _OUTLIERS_AT_MOST:
        shown.append(signed(len(one.outliers) - _OUTLIERS_AT_MOST, 0))
    return (
        Link.to(one.night_id, *home, NIGHTS_FOLDER, one.night_id, REPORT_FILE),
        one.group or NO_VALUE,
        "; ".join(shown) or NO_VALUE,
        listed([flag_in_words(flag) for flag in one.flags]) or NO_VALUE,
    )


def _outlier(one: Outlier) -> str:
    """Return an index with its value."""
    value = with_unit(number(one.value, one.unit), one.unit)
    return text("cohort.value_outside", index=column_in_words(one.column), value=value)
