"""The section that leads to the nights that should be looked at."""

from psgkit.cohort.distributions import Outlier
from psgkit.cohort.index_columns import column_in_words
from psgkit.cohort.night_chunk import NIGHTS_FOLDER
from psgkit.cohort.outcome_sections import flag_in_words
from psgkit.cohort.summary import CohortSummary, NightToCheck
from psgkit.report.marked import Link
from psgkit.report.number_format import NO_VALUE, digits, number, signed, with_unit
from psgkit.report.parts import Notes, Part, Section, Table
from psgkit.report.texts import text
from psgkit.report.words import listed

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
