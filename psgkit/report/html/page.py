"""Night report as one self-contained HTML page: no network, no other file.

This module lays out the content; ``template.py`` escapes it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.document.rows import movement_rows
from psgkit.document.values import finite, plain
from psgkit.report.html.course_pictures import course_pictures
from psgkit.report.html.heart_picture import heart_picture
from psgkit.report.html.listing import Listing
from psgkit.report.html.overview import Overview, night_overview, overview_data
from psgkit.report.html.pictures import Picture, imi_bounds_s, imi_picture
from psgkit.report.html.review import REVIEWING, packed_start, review_words
from psgkit.report.html.shorten import shortened
from psgkit.report.html.signals import excerpts_of, packed
from psgkit.report.html.template import all_visible, rendered, safe_json
from psgkit.report.marked_numbers import in_words, index_key
from psgkit.report.night.answer import folded
from psgkit.report.night.content import page_about
from psgkit.report.night.index_sections import is_about_movements
from psgkit.report.night.methods import bibtex_of, methods_section, provenance_section
from psgkit.report.night.summary import summary_of
from psgkit.report.page_model import ANSWER, Figure, Fold, Page, Section, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import (
    MINUS,
    NO_VALUE,
    clock,
    decimal_sign,
    digits,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.words import (
    PERIODICITY,
    STAGE_NAMES,
    TRACE_NAMES,
    index_label,
    listed,
    site_in_words,
)

_FIRST = ("recording", "channels", "findings")
"""Sections above those of what was measured."""
_THEN = {2: ("sleep", "disruption"), 4: ("profile",)}
_TOOLS = (
    ("out", "\u2212", marked("Zoom out")),
    ("in", "+", marked("Zoom in")),
    ("left", "\u2190", marked("Earlier")),
    ("right", "\u2192", marked("Later")),
    ("all", "\u2922", marked("Whole night")),
)
_STEPS = (
    ("previous", "\u2190", marked("Previous movement")),
    ("next", "\u2192", marked("Next movement")),
    ("lower", "\u2212", marked("Smaller")),
    ("higher", "+", marked("Larger")),
    ("close", "\u2715", marked("Close")),
)


def night_as_html(
    report: NightReport,
    trace: NightTrace | None = None,
    letterhead: Letterhead | None = None,
) -> str:
    """Return the night report as an HTML page.

    Parameters
    ----------
    report : NightReport
    trace : NightTrace, optional
        For the signals around movements; without it the page states that it has none.
    letterhead : Letterhead, optional
        Who makes the report.
    """
    bounds_s = imi_bounds_s(report.settings)
    pictures = {group: imi_picture(imi, bounds_s) for group, imi in report.imi.items()}
    pictures["heart_rate"] = heart_picture(report.heart_rate)
    in_time = course_pictures(report)
    pictures |= in_time
    overview = night_overview(report)
    page = page_about(report).headed(letterhead)
    signals, codes = (None, "") if trace is None else packed(excerpts_of(trace, report))
    kept = None if trace is None else trace.review_start
    start, digest = packed_start(report.review_start or kept)
    sections = sorted(page.sections, key=lambda section: _rank(section.key, report))
    sections += folded([methods_section(report), provenance_section(report)])
    sections = [one if one.key == ANSWER else shortened(one) for one in sections]
    sections = [_with_folded_table(one) if one.key in in_time else one for one in sections]
    return rendered(
        page=replace(page, sections=tuple(sections)),
        summary=summary_of(report),
        night=overview,
        histograms={group: picture for group, picture in pictures.items() if picture},
        folded_pictures=(*in_time, "heart_rate"),
        periodicity=_periodicity(report),
        bibtex=bibtex_of(report),
        settings=json.dumps(plain(report.settings), indent=1, ensure_ascii=False),
        movements=movement_table(report),
        n_movements=digits(len(report.movements), 0),
        tools=_TOOLS,
        steps=_STEPS,
        traces=TRACE_NAMES,
        data="" if overview is None else _data(overview, report, signals, digest),
        packed=codes,
        reviewing=REVIEWING,
        reviewable=start,
    )


def _with_folded_table(section: Section) -> Section:
    """Return a section of movements in time with its table folded away: its picture says as much.

    The numbers are counted from rows of the JSON and stand in no field of it: they are text here.
    """
    tables = tuple(
        replace(part, n_text=len(part.head)) if isinstance(part, Table) else part
        for part in section.parts
    )
    if not tables:
        return section
    return replace(section, parts=(), more=(Fold(title=_("As a table"), parts=tables),))


def _rank(key: str, report: NightReport) -> int:
    """Return the rank of a section on the page, by what a physician asks first."""
    if key in _FIRST:
        return 0
    if is_about_movements(report.indices.get(key, {})):
        return 1
    return next((rank for rank, keys in _THEN.items() if key in keys), 3)


def _periodicity(report: NightReport) -> dict[str, list[tuple[str, str]]]:
    """Return label and value of the periodicity of each group."""
    return {
        group: [
            (index_label(name, group), in_words(indices[name], index_key(group, name)))
            for name in PERIODICITY
            if name.startswith("periodicity")
            and name in indices
            and finite(indices[name]).value is not None
        ]
        for group, indices in report.indices.items()
    }


def page_as_html(
    page: Page,
    figure: Figure | None = None,
    pictures: Mapping[str, Picture] | None = None,
    listings: Mapping[str, Listing] | None = None,
) -> str:
    """Return a page as HTML, with at most one figure at its top, and pictures of its sections.

    ``pictures`` and ``listings`` are keyed by the section at whose end they are shown.
    """
    return rendered(
        page=page,
        summary=(),
        figure=figure,
        histograms=pictures or {},
        listings=listings or {},
        movements=MovementTable(head=(), rows=()),
    )


def _data(
    overview: Overview, report: NightReport, signals: dict[str, Any] | None, review: str
) -> str:
    """Return the data for the script of the page, as JSON in which no tag can begin."""
    data = {
        **overview_data(overview, report),
        "signals": signals,
        "review": review,
        "words": {
            **review_words(),
            "at": _("At"),
            "duration": _("Duration"),
            "no_signal": _("The signals are not in this page: it was made without the recording."),
            "old_browser": _(
                "This browser cannot unpack the signals in this page; a newer one can."
            ),
            "left_out": _("The signal around this movement was left out to keep the page small."),
            "drawing": _(
                "Signals around the movement, with envelope, resting level and thresholds"
            ),
            "decimal": decimal_sign(),
            "minus": MINUS,
            "seconds": unit_in_words("s"),
        },
    }
    return safe_json(all_visible(data))


_FIELDS = (
    (marked("Site"), ""),
    (marked("Stage"), ""),
    (marked("Kind"), ""),
    (marked("Associated with"), ""),
    (marked("At"), ""),
    (marked("Onset, s"), "onset_s"),
    (marked("Duration, s"), "duration_s"),
    (marked("Interval, s"), "imi_s"),
    (marked("Series"), "series"),
    (marked("Series without respiratory"), "series_nr"),
    (marked("Amplitude"), "amplitude"),
)
"""Columns of the table of movements, and which numbers of the JSON they are."""
_KINDS = Words(
    {
        "plm": marked("PLM"),
        "periodic": marked("periodic"),
        "candidate": marked("candidate"),
        "movement": marked("movement"),
    }
)
_TIES = Words({"arousal": marked("arousal"), "respiratory": marked("respiratory")})


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementTable:
    """The movements: name and JSON field of each column, and each cell with the exact value."""

    head: tuple[tuple[str, str], ...]
    rows: tuple[tuple[tuple[str, Any], ...], ...]


def movement_table(report: NightReport) -> MovementTable:
    """Return one line for each movement."""
    return MovementTable(
        head=tuple((_(name), field) for name, field in _FIELDS),
        rows=tuple(_movement_line(row, report) for row in movement_rows(report.movements)),
    )


def _movement_line(row: dict[str, Any], report: NightReport) -> tuple[tuple[str, Any], ...]:
    """Return one movement as texts with their exact values."""
    # what an accelerometer shows is never called PLM
    periodic = "periodic" if row["modality"] == "accelerometer" else "plm"
    kind = periodic if row["plm"] else "candidate" if row["candidate"] else "movement"
    tied = [word for name, word in _TIES.items() if row[name]]
    return (
        (site_in_words(row["site"] or ""), None),
        (STAGE_NAMES.get(row["stage"], row["stage"]), None),
        (_KINDS[kind], None),
        (listed(tied), None),
        (clock(report.start, row["onset_s"]), None),
        (digits(row["onset_s"], 2), row["onset_s"]),
        (digits(row["duration_s"], 2), row["duration_s"]),
        (NO_VALUE if row["imi_s"] is None else digits(row["imi_s"], 1), row["imi_s"]),
        (str(row["series"] or NO_VALUE), row["series"]),
        (str(row["series_nr"] or NO_VALUE), row["series_nr"]),
        (_amplitude(row), row["amplitude"]),
    )


def _amplitude(row: dict[str, Any]) -> str:
    """Return the amplitude of a movement with its unit; acceleration in mg."""
    value, unit = row["amplitude"], row["amplitude_unit"]
    if value is None:
        return NO_VALUE
    if unit == "g":
        return with_unit(digits(1000 * value, 0), "mg")
    return with_unit(digits(value, 1), unit or "")
