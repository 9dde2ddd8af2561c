"""Sections about the states of the nights of a cohort and how they were analysed."""

from collections.abc import Iterator

from psgkit.cohort.summary.statistics import Outlier
from psgkit.cohort.summary.summarise import CohortSummary, NightToCheck
from psgkit.cohort.tables.index_columns import column_in_words
from psgkit.cohort.tables.night_chunk import NIGHTS_FOLDER
from psgkit.cohort.tables.quality import DaysQualityRule
from psgkit.core.caution import CautionRule
from psgkit.report.marked_numbers import Link
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
from psgkit.report.words.words import ROLE_NAMES, capitalised, listed, site_in_words, word_of

_SETS_AT_MOST = 8
_KINDS = Words({"night": marked("Nights"), "days": marked("Recordings of days")})
STATE_NAMES = Words(
    {
        "done": marked("done"),
        "failed": marked("failed"),
        "set_aside": marked("set aside"),
        "pending": marked("pending"),
    }
)
_FLAGS = Words(
    {
        "no_sleep_estimate": marked("days without an estimate of sleep"),
        "implausible_sleep": marked("implausible amount of sleep"),
        "few_nights": marked("few nights"),
        "not_worn": marked("not worn for long"),
        "no_zone": marked("time zone not stated"),
        "no_count_scale": marked("unit of the counts not known"),
        "error": marked("something could not be used"),
        "no_legs": marked("no leg EMG"),
        "one_leg": marked("one leg only"),
        "refused_channel": marked("a channel was refused"),
        "no_hypnogram": marked("no sleep stages"),
        "unscored": marked("much unscored"),
        "short_recording": marked("short recording"),
        "short_sleep": marked("little sleep"),
        "gaps": marked("gaps in the recording"),
    }
)
"""Quality flags, each a reason why a night or a recording of days counts for less."""


def night_section(summary: CohortSummary) -> Section:
    """Return the section on the number of nights, and why some have no result."""
    outcomes = summary.outcomes
    parts: list[Part] = [_states(summary)]
    if outcomes.failures:
        head = (_("Reason"), _("For example"), _("State"), _("Nights"))
        rows = tuple(
            (
                one.reason or NO_VALUE,
                ", ".join(one.examples),
                STATE_NAMES[one.state],
                digits(one.nights_n, 0),
            )
            for one in outcomes.failures
        )
        parts.append(
            Table(
                title=_("Why nights failed"),
                head=head,
                rows=rows,
                n_text=len(head) - 1,
                foot=_(
                    "Reasons that differ only in numbers are counted together; the table of "
                    "nights has each of them."
                ),
            )
        )
    if outcomes.flags:
        parts.append(_flags(summary))
    return Section(key="nights", title=_("Nights"), parts=tuple(parts))


def _states(summary: CohortSummary) -> Table:
    """Return the numbers of nights, and of recordings of days if any, in each state."""
    outcomes = summary.outcomes
    counted = [outcomes.states_of("night"), outcomes.states_of("days")]
    heads = [_("Nights"), _("Recordings of days")]
    shown = [0, 1] if outcomes.of_days else [0]
    return Table(
        head=(_("State"), *(heads[kind] for kind in shown)),
        rows=tuple(
            (
                STATE_NAMES[state],
                *(digits(counted[kind].get(state, 0), 0) for kind in shown),
            )
            for state, _count in outcomes.states
        ),
    )


def _flags(summary: CohortSummary) -> Table:
    """Return the number of nights with each quality flag."""
    rule, days = CautionRule(), DaysQualityRule()
    about_days = _(
        "Recordings of days: few nights are fewer than {nights} with a window; not worn is "
        "less than {worn} % of the recording worn.",
        nights=short_number(days.min_nights),
        worn=short_number(100 * days.min_worn_share),
    )
    more = f" {about_days}" if summary.outcomes.of_days else ""
    return Table(
        title=_("Quality"),
        head=(_("Flag"), _("Nights")),
        rows=tuple((flag_in_words(flag), digits(n, 0)) for flag, n in summary.outcomes.flags),
        foot=_(
            "What limits a night; the limits are psgkit's own choice: recorded less than "
            "{recorded} h, slept less than {slept} h, {unscored} % unscored.",
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
    return _FLAGS[flag]


def analysis_section(summary: CohortSummary) -> Iterator[Section]:
    """Yield the section on the rules and channels of the finished nights."""
    outcomes = summary.outcomes
    if not outcomes.done_n:
        return
    mixed = bool(outcomes.of_days)
    parts = (
        Table(
            title=_("Rules and settings"),
            head=(
                *([_("What")] if mixed else []),
                _("Rules"),
                _("Settings"),
                _("Version"),
                _("Nights"),
            ),
            rows=tuple(
                (
                    *([_KINDS[one.protocol]] if mixed else []),
                    *(one.rules, one.settings_id, one.version, digits(one.nights_n, 0)),
                )
                for one in outcomes.analyses
            ),
            n_text=3 + mixed,
            foot=_(
                "Nights with the same letters under Settings were analysed with the same "
                "settings, lights apart."
            ),
        ),
        Table(
            title=_("Measured where"),
            head=("", _("Nights")),
            rows=tuple((_site(site), digits(n, 0)) for site, n in outcomes.sites),
        ),
        _channel_sets(summary),
    )
    yield Section(key="analysis", title=_("How they were analysed"), parts=parts)


def _channel_sets(summary: CohortSummary) -> Table:
    """Return the sets of channels of the nights."""
    found = summary.outcomes.channels
    hidden = len(found) - _SETS_AT_MOST
    return Table(
        title=_("Channels of one night"),
        head=("", _("Nights")),
        rows=tuple(
            (
                "; ".join(map(_site, sites.split("+"))) if sites else _("none"),
                digits(n, 0),
            )
            for sites, n in found[:_SETS_AT_MOST]
        ),
        foot=_("More combinations, in the files: {n}.", n=hidden) if hidden > 0 else "",
    )


def _site(measured: str) -> str:
    """Return ``leg:left_leg`` or ``ecg`` in words."""
    role, _colon, place = measured.partition(":")
    where = site_in_words(place) if place else ""
    what = capitalised(word_of(ROLE_NAMES, role))
    return f"{what}, {where}" if where and role not in place.split("_") else where or what


_NIGHTS_AT_MOST = 50
_OUTLIERS_AT_MOST = 4
REPORT_FILE = "report.html"


def check_section(
    summary: CohortSummary, home: tuple[str, ...] = (), at_most: int | None = None
) -> Section:
    """Return the section on nights with outliers or quality flags.

    Parameters
    ----------
    summary : CohortSummary
    home : tuple of str
        Folders from the page to that of the batch.
    at_most : int, optional
        Most nights shown.
    """
    key, title = "check", _("Nights to check")
    found = summary.to_check
    if not found:
        return Section(
            key=key,
            title=title,
            parts=(Notes(lines=(_("No night is flagged and no value lies far out."),)),),
        )
    limit = _NIGHTS_AT_MOST if at_most is None else at_most
    head = (_("Night"), _("Group"), _("Far out"), _("Quality"))
    parts: list[Part] = [
        Table(
            head=head,
            rows=tuple(_row(one, home) for one in found[:limit]),
            n_text=len(head),
        )
    ]
    if len(found) > limit:
        parts.append(
            Notes(lines=(_("More nights, in the files: {n}.", n=digits(len(found) - limit, 0)),))
        )
    return Section(
        key=key,
        title=title,
        note=_(
            "Values far outside those of their own group (Tukey's outer fences, 3 times the "
            "middle half), and what limits a night."
        ),
        parts=tuple(parts),
    )


def _row(one: NightToCheck, home: tuple[str, ...]) -> tuple[str, ...]:
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
    value = with_unit(number(one.value, one.unit), one.unit)
    return _("{index} {value}", index=column_in_words(one.column), value=value)
