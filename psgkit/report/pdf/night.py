"""The PDF of one night: two or three A4 pages of what the HTML page says, by the same parts."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.report.figures.imi import plot_imi
from psgkit.report.figures.night import plot_night
from psgkit.report.lanes import night_lanes
from psgkit.report.marked_numbers import cell, index_key
from psgkit.report.night.content import page_about
from psgkit.report.night.index_sections import is_about_movements, is_measured
from psgkit.report.night.methods import methods_section
from psgkit.report.night.profile import likelihood_in_words
from psgkit.report.night.summary import summary_of
from psgkit.report.page_model import Notes, Page, Part, Section, Table
from psgkit.report.pdf.bands import (
    ALL,
    HALF,
    WIDE,
    Amount,
    bands_of_sections,
    fitted,
    is_wide,
    joined,
)
from psgkit.report.pdf.draw import pdf_bytes
from psgkit.report.pdf.head import head_lines, running_of
from psgkit.report.pdf.layout import Band
from psgkit.report.pdf.pieces import Drawing, Font, Line, paragraph, space
from psgkit.report.pdf.sections import cut, figure_lines
from psgkit.report.words.texts import text
from psgkit.report.words.words import MOVEMENT_MARK, group_title

_LANE, _AROUND, _HIGHEST = 12.5, 42.0, 330.0
_LEVELS = 3.4
"""Height of a hypnogram in lanes."""
_NIGHT_MARGINS = (76.0, 12.0, 4.0, 36.0)
_IMI_HEIGHT, _IMI_MARGINS = 164.0, (26.0, 4.0, 34.0, 52.0)
_SUMMARY = Font(size=8.2)
_FIRST = ("findings", "recording", "sleep", "disruption")
_THEN = ("profile",)
_LAST = ("unmeasured", "channels")
_LISTS = ("trains", "turns")
_MOST_PAGES = 3
_BODY = ("legs", "arms", "trunk")
_FEWEST_PARTS = 2
_COUNTED = ("lm_n", "plm_n", "plms_index", "plmw_index")


def night_as_pdf(report: NightReport, letterhead: Letterhead | None = None) -> bytes:
    """Return the report of a night as a PDF of two or three A4 pages.

    It has the parts of the HTML page, what matters first; long tables are cut, and say how many
    rows the HTML page has beside.  The same report always gives the same bytes.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.1, seed=1)
    >>> night_as_pdf(analyse_night(night.recording, night.hypnogram, night.events))[:5]
    b'%PDF-'
    """
    page = replace(page_about(report), letterhead=letterhead)
    pages, left_out = fitted(partial(night_bands, report, page), _MOST_PAGES)
    return pdf_bytes(pages, running_of(page, left_out), f"{page.title} \u00b7 {page.subtitle}")


def night_bands(
    report: NightReport, page: Page, amount: Amount = ALL, of_rest: Amount = ALL
) -> tuple[Band, ...]:
    """Return all in its order: the night at a glance, movements, evidence, methods, the rest."""
    sections = {section.key: section for section in page.sections}
    first = [sections[key] for key in _FIRST if key in sections]
    then = [_brief(sections[key], report, amount) for key in _THEN if key in sections]
    moved = [key for key in sections if is_about_movements(report.indices.get(key, {}))]
    apart = (*_FIRST, *_THEN, *moved, *_LAST)
    rest = [section for key, section in sections.items() if key not in apart]
    rest += [sections[key] for key in _LAST if key in sections]
    if not of_rest.lists:
        rest = [_in_short(section, of_rest.table) for section in rest]
    top = [*head_lines(page, WIDE), *_summary(report), *_overview(report)]
    return (
        *joined([(1, top)]),
        *bands_of_sections(first, amount),
        *bands_of_sections(_by_part(report), amount),
        *_most_moved(report, sections.get(_main_group(report)), amount),
        *bands_of_sections([*then, methods_section(report)], amount),
        *bands_of_sections(rest, of_rest),
    )


def _in_short(section: Section, most: int) -> Section:
    """Return the first part of a section; what lists findings one by one is only counted."""
    if section.key in _LISTS:
        n = sum(_length(part) for part in section.parts)
        return replace(section, note="", parts=(Notes(lines=(text("pdf.listed", n=n),)),))
    first, *others = section.parts
    return replace(section, parts=(cut(first, most, beside=sum(map(_length, others))),))


def _length(part: Part) -> int:
    return len(part.lines if isinstance(part, Notes) else part.rows)


def _brief(section: Section, report: NightReport, amount: Amount) -> Section:
    """Return the profile so that its first table, what bears on the question, has most room.

    Likelihood ratios need all the words that go with them; they are on the HTML page.
    """
    pieces = report.profile.evidence
    ratios = tuple(likelihood_in_words(p["likelihood"]) for p in pieces if p.get("likelihood"))
    parts: list[Part] = []
    most = amount.bearing
    for part in section.parts:
        if isinstance(part, Table):
            rows = tuple(row for row in part.rows if not (ratios and row[0].endswith(ratios)))
            hidden = text("pdf.ratios") if len(rows) < len(part.rows) else ""
            foot = " ".join(filter(None, (part.foot, hidden)))
            parts.append(cut(replace(part, rows=rows, foot=foot), most))
            most = amount.silent
        else:
            parts.append(part)
    return replace(section, parts=tuple(parts))


def _summary(report: NightReport) -> list[Line]:
    """Return the sentences that can be quoted."""
    said = "".join(summary_of(report))
    return [*paragraph(said, WIDE, _SUMMARY), space(6.0)] if said else []


def _overview(report: NightReport) -> list[Line]:
    """Return the night on one time axis."""
    stages = report.hypnogram
    rows = float(len(list(night_lanes(report))))
    rows += _LEVELS if stages is not None and len(stages) else 0.0
    drawing = Drawing(
        width=WIDE,
        height=min(rows * _LANE + _AROUND, _HIGHEST),
        draw=partial(plot_night, report),
        margins=_NIGHT_MARGINS,
    )
    return figure_lines(drawing)


def _main_group(report: NightReport) -> str:
    """Return which part of the body has the most periodic movements: the legs unless another."""

    def periodic(group: str) -> float:
        index = report.indices.get(group, {}).get(MOVEMENT_MARK)
        return -1.0 if index is None or index.value is None else index.value

    return max(_BODY, key=periodic)


def _most_moved(report: NightReport, section: Section | None, amount: Amount) -> Iterator[Band]:
    """Yield one part of the body in full: tables, and how its intervals are spread."""
    if section is None:
        return
    wide = tuple(part for part in section.parts if is_wide(part))
    narrow = tuple(part for part in section.parts if not is_wide(part))
    *bands, last = bands_of_sections([replace(section, parts=(*wide, *narrow))], amount)
    yield from bands
    histogram = report.imi.get(section.key)
    if histogram is None or not (histogram.sleep_n + histogram.wake_n).any():
        yield last
        return
    drawing = Drawing(
        width=HALF,
        height=_IMI_HEIGHT,
        draw=partial(plot_imi, report, group=section.key),
        margins=_IMI_MARGINS,
    )
    if last.columns == 1:
        yield last
        last = Band(lines=(), columns=2)
    figure = figure_lines(drawing)
    # below a title of its own the figure comes last; else first, so that it is not left alone
    lines = (*figure, *last.lines) if bands and last.lines else (*last.lines, *figure)
    yield Band(lines=lines, columns=2)


def _by_part(report: NightReport) -> list[Section]:
    """Return the movements of each part of the body that was measured, a line each."""
    groups = [
        group
        for group, indices in report.indices.items()
        if is_about_movements(indices) and is_measured(indices)
    ]
    if len(groups) < _FEWEST_PARTS:
        return []
    table = Table(
        head=("", *(text(f"pdf.by_part_{name}") for name in _COUNTED)),
        rows=tuple((group_title(group), *_counts(report, group)) for group in groups),
        foot=text("pdf.by_part_foot"),
    )
    return [Section(key="by_part", title=text("pdf.by_part"), parts=(table,))]


def _counts(report: NightReport, group: str) -> Iterator[str]:
    """Yield what matters most of one part of the body."""
    for name in _COUNTED:
        yield cell(report.indices[group].get(name), index_key(group, name))
