"""Diary of symptoms in the reports of nights and of days: section of the page, and JSON."""

from typing import Any

from psgkit.core.night_report import Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.document.outside_text import bare_name
from psgkit.document.values import tidy
from psgkit.profile.answer.diary import DIARY
from psgkit.report.night.profile import evidence_in_words
from psgkit.report.page_model import Bars, Notes, Part, Section, Table
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import NO_VALUE, digits

SYMPTOM_SITE_WORDS = Words(
    {
        "legs": marked("legs"),
        "arms": marked("arms"),
        "back": marked("back", "part of the body"),
        "other": marked("other", "part of the body"),
    }
)
_COLOURS = {
    "legs": LIGHT["site-both-legs"],
    "arms": LIGHT["site-right-arm"],
    "back": LIGHT["site-trunk"],
    "other": LIGHT["site-whole-body"],
}


def symptom_colour(site: str) -> str:
    """Return the colour of a site of the diary in figures.

    Examples
    --------
    >>> symptom_colour("back")
    '#009e73'
    """
    return _COLOURS[site]


def symptom_sections(
    diary: SymptomDiary | None, profile: Profile | None = None
) -> tuple[Section, ...]:
    """Return the section on a diary: by site, and by hour of the day; none without a diary.

    ``profile`` has the counts of the diary among its evidence.

    Examples
    --------
    >>> symptom_sections(None)
    ()
    """
    if diary is None:
        return ()
    sites = tuple(
        (
            SYMPTOM_SITE_WORDS[one.site],
            str(one.n),
            digits(one.mean, 1),
            digits(100 * one.late_n / one.n, 0),
            NO_VALUE if one.late_mean is None else digits(one.late_mean, 1),
            NO_VALUE if one.day_mean is None else digits(one.day_mean, 1),
        )
        for one in diary.by_site()
    )
    head = (
        _("Site"),
        _("entries"),
        _("mean"),
        _("18-6 h, % of entries"),
        _("mean, 18-6 h"),
        _("mean, 6-18 h"),
    )
    hours = tuple(
        (f"{hour:02d} h (n = {n})", mean, digits(mean, 1)) for hour, n, mean in diary.by_hour()
    )
    pieces = () if profile is None else profile.evidence
    counts = tuple(evidence_in_words(one) for one in pieces if one.get("family") == DIARY)
    said: tuple[Part, ...] = (
        (Notes(title=_("What it says to both questions"), lines=counts),) if counts else ()
    )
    return (
        Section(
            key="symptoms",
            title=_("Diary of symptoms, severity 0-10"),
            note=_("As written by the person, by their clock. Hours without an entry are unknown."),
            parts=(
                *said,
                Table(head=head, rows=sites),
                Bars(title=_("Mean severity by hour of the day"), rows=hours),
            ),
        ),
    )


def symptom_rows(diary: SymptomDiary | None) -> dict[str, Any] | None:
    """Return the diary as plain values; None without one."""
    if diary is None:
        return None
    return {
        "file": bare_name(diary.source),
        "by_site": [
            {
                "site": one.site,
                "n": one.n,
                "mean": tidy(one.mean),
                "late_n": one.late_n,
                "late_mean": None if one.late_mean is None else tidy(one.late_mean),
                "day_mean": None if one.day_mean is None else tidy(one.day_mean),
            }
            for one in diary.by_site()
        ],
        "by_hour": [
            {"hour": hour, "n": n, "mean": tidy(mean)} for hour, n, mean in diary.by_hour()
        ],
        "entries": [
            {
                "time": one.at.isoformat(),
                "site": one.site,
                "severity": tidy(one.severity),
                "posture": one.posture or None,
                "moving_helped": one.moving_helped or None,
                "words": one.words or None,
            }
            for one in diary.entries
        ],
    }
