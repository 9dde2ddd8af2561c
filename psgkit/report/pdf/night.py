"""The PDF of one night: a clinical page, then an appendix with all measurements."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from psgkit.core.index import Index
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.document.values import finite, tidy_count
from psgkit.report.figures.frame import as_svg
from psgkit.report.figures.night import plot_night
from psgkit.report.html.pictures import imi_bounds_s, imi_picture, picture_as_svg
from psgkit.report.lanes import night_lanes
from psgkit.report.marked_numbers import in_words, index_key, rate_numbers
from psgkit.report.night.cautions import caution_mark
from psgkit.report.night.content import page_about, recording_facts
from psgkit.report.night.index_sections import is_about_movements, is_measured, missing_lines
from psgkit.report.night.methods import methods_section, provenance_section
from psgkit.report.night.summary import summary_of
from psgkit.report.page_model import (
    Facts,
    Figure,
    Matrix,
    Notes,
    Page,
    Part,
    Remarks,
    Section,
    Table,
    Warned,
)
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.typeset import typeset
from psgkit.report.words.language import _
from psgkit.report.words.number_format import digits, with_unit
from psgkit.report.words.rule_words import changed_in_words, rule_facts
from psgkit.report.words.words import (
    MOVEMENT_MARK,
    SENSOR_PREFIX,
    group_note,
    group_title,
    index_label,
    listed,
    site_in_words,
)

_WIDTH, _LANE, _LEVELS, _HIGHEST = 440.0, 11.5, 3.4, 180.0
"""Of the Axes of the night, in points; the height of a hypnogram is in lanes."""
_IMI_WIDTH = 360.0
_BODY = ("legs", "arms", "trunk")
_SENSORS_AT_MOST = 2
_CAUTIONS_AT_MOST = 6
_SLEEP = (
    *("tst_min", "se_pct", "sol_min", "waso_min", "rem_latency_min"),
    *("n1_pct", "n2_pct", "n3_pct", "r_pct"),
)
_OF_LEGS = (
    *("plms_index", "plmsnr_index", "plms_arousal_index", "plmw_index"),
    *("plm_index_recording", "lm_index_recording"),
)
_OF_OTHERS = ("plms_index", "plmw_index", "lm_index_recording")
_OF_SLEEP = ("arousal_index", "awakening_index")
_PERIODICITY = ("periodicity_index_wasm_sleep", "periodicity_index_wasm_wake")
_POSTURE = ("supine_pct", "left_pct", "right_pct", "prone_pct")
_FIRST = ("findings", "recording", "sleep", "disruption")
_LAST = ("profile", "methods", "unmeasured", "channels", "provenance")


def night_as_pdf(report: NightReport, letterhead: Letterhead | None = None) -> bytes:
    """Return the report of a night as a PDF: one clinical page, and an appendix.

    The appendix has the sections of the HTML page; long tables are cut and state how many more rows
    the HTML page has.  The same report always gives the same bytes.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.1, seed=1)
    >>> night_as_pdf(analyse_night(night.recording, night.hypnogram, night.events))[:5]
    b'%PDF-'
    """
    page = page_about(report).headed(letterhead)
    sections = {section.key: section for section in page.others}
    sections |= {one.key: one for one in (methods_section(report), provenance_section(report))}
    cautions, sources = _caution_section(page), _matrix_sources(page)
    ordered = [*([cautions] if cautions else []), *sorted(sections.values(), key=_rank)]
    ordered += [sources] if sources else []
    whole = replace(page, cautions=_first_cautions(page), sections=tuple(ordered))
    return typeset("night.typ", whole, report.start, clinical_page(report, page))


def _first_cautions(page: Page) -> tuple[Warned, ...]:
    """Return the cautions that have room on the first page; the appendix has them all."""
    more = len(page.cautions) - _CAUTIONS_AT_MOST
    if more <= 0:
        return page.cautions
    said = _("and {n} more in the appendix.", n=digits(more, 0))
    return (
        *page.cautions[:_CAUTIONS_AT_MOST],
        Warned(severity="warning", message=said, advice=""),
    )


def _caution_section(page: Page) -> Section | None:
    """Return all cautions for the appendix; None if the first page has room for them."""
    if len(page.cautions) <= _CAUTIONS_AT_MOST:
        return None
    rows = tuple((one.severity, "", f"{one.message} {one.advice}", "") for one in page.cautions)
    return Section(key="cautions", title=_("Cautions"), parts=(Remarks(rows=rows),))


def _rank(section: Section) -> int:
    """Return the rank of a section in the appendix: the night, movements, evidence, others."""
    order = (*_FIRST, "", *_LAST)
    return order.index(section.key if section.key in order else "")


def clinical_page(report: NightReport, page: Page) -> dict[str, Any]:
    """Return the content of the first page below its head, by its place on the page."""
    return {
        "words": {
            "appendix": _("Appendix"),
            "comment": _("Comment"),
            "signature": _("Signature"),
            "date": _("Date"),
        },
        "patient_line": _patient_line(page),
        "norms": page.norms,
        "lacking": _lacking(report, page),
        "summary": "".join(summary_of(report)),
        "recording": Facts(rows=tuple(_recording(report))),
        "sleep": [_tile("sleep", name, index) for name, index in _known(report, "sleep", _SLEEP)],
        "figures": {"night": _night(report), "imi": _imi(report)},
        "key": _key_indices(report),
        "besides": Facts(rows=tuple(_besides(report))),
        "answer": None if page.answer is None else _without_sources(page.answer),
    }


def _lacking(report: NightReport, page: Page) -> tuple[str, ...]:
    """Return why key indices are missing, if the main figures are not the usual ones."""
    if len(page.headline) and index_label("plms_index", "legs") in page.headline[0][0]:
        return ()
    return tuple(
        line for part in _key_indices(report) if isinstance(part, Notes) for line in part.lines
    )


def _patient_line(page: Page) -> str:
    """Return the label of an empty line for name and number of the patient, if it is wanted."""
    wanted = page.letterhead is not None and page.letterhead.patient_line
    return _("Patient, number") if wanted else ""


def _without_sources(answer: Section) -> Section:
    """Return the answer without the sources of its matrix, which stand in the appendix."""
    parts = (
        replace(part, sources=()) if isinstance(part, Matrix) else part for part in answer.parts
    )
    return replace(answer, parts=tuple(parts))


def _matrix_sources(page: Page) -> Section | None:
    """Return the sources of the matrix of the first page; None without a matrix."""
    parts = () if page.answer is None else page.answer.parts
    sources = tuple(one for part in parts if isinstance(part, Matrix) for one in part.sources)
    if not sources:
        return None
    title = _("Sources of the expectations")
    return Section(key="expectations", title=title, parts=(Notes(lines=("; ".join(sources),)),))


def _recording(report: NightReport) -> Iterator[tuple[str, str]]:
    """Yield time and channels of the recording, and the rules of scoring."""
    yield from recording_facts(report)
    used = [channel for channel in report.channels if channel.status == "used"]
    sites = (str(one.place or one.site) for one in used if one.place or one.site)
    places = [*dict.fromkeys(map(site_in_words, sites))]
    yield _("Measured at"), listed(places) or _("no channel")
    yield rule_facts(report.settings)[0]
    changed = changed_in_words(report.settings)
    if changed:
        yield _("Changed settings"), changed


def _known(report: NightReport, group: str, names: tuple[str, ...]) -> Iterator[tuple[str, Index]]:
    """Yield the given indices that have a value."""
    for name in names:
        index = report.indices.get(group, {}).get(name)
        if index is not None and finite(index).value is not None:
            yield name, index


def _tile(group: str, name: str, index: Index) -> tuple[str, str]:
    return index_label(name, group), in_words(index, index_key(group, name))


def _night(report: NightReport) -> Figure:
    """Return stages, movements and events on one time axis."""
    rows = len([*night_lanes(report)])
    staged = report.hypnogram is not None and len(report.hypnogram) > 0
    height = min(max(1.0, rows + _LEVELS * staged) * _LANE, _HIGHEST)
    svg = as_svg(partial(plot_night, report), _WIDTH, height)
    return Figure(
        svg=svg, title=_("Sleep stages, movements and events of the night on one time axis.")
    )


def _imi(report: NightReport) -> dict[str, Any] | None:
    """Return the interval histogram of the group with most movements."""
    group = max(
        (one for one in _shown(report) if one in report.imi),
        key=partial(_plm_n, report),
        default="",
    )
    picture = (
        imi_picture(report.imi[group], imi_bounds_s(report.settings), _IMI_WIDTH) if group else None
    )
    if picture is None:
        return None
    legend = tuple((LIGHT[style], words) for style, words in picture.legend)
    return {
        "title": group_title(group),
        "figure": Figure(svg=picture_as_svg(picture), title=picture.title, legend=legend),
        "periodicity": [_tile(group, *one) for one in _known(report, group, _PERIODICITY)],
    }


def _plm_n(report: NightReport, group: str) -> float:
    index = report.indices[group].get(MOVEMENT_MARK)
    return -1.0 if index is None else finite(index).value or 0.0


def _shown(report: NightReport) -> list[str]:
    """Return the groups on the first page; accelerometers where no EMG was measured."""
    there = [name for name, indices in report.indices.items() if is_measured(indices)]
    emg = [name for name in _BODY if name in there]
    sensors = [
        name
        for name in there
        if name.startswith(SENSOR_PREFIX) and is_about_movements(report.indices[name])
    ]
    return emg or sensors[:_SENSORS_AT_MOST]


def _key_indices(report: NightReport) -> list[Part]:
    """Return the key indices with count and hours, or the reason why they are missing."""
    wanted = {group: _OF_LEGS if group == "legs" else _OF_OTHERS for group in _shown(report)}
    rows: list[tuple[str, ...]] = []
    missing: list[str] = []
    for group, names in ({"legs": _OF_LEGS} | wanted | {"disruption": _OF_SLEEP}).items():
        indices = report.indices.get(group, {})
        found = {name: finite(indices[name]) for name in names if name in indices}
        there = [one for one in found.items() if one[1].value is not None]
        if there:
            rows.append((group_title(group), "", "", ""))
            rows += [_rate(report, group, *one) for one in there]
        lines = missing_lines(found, partial(_label, group))
        missing += [f"{group_title(group)}: {line}" for line in lines]
    notes = dict.fromkeys(group_note(group) for group in wanted)
    head = ("", _("per hour"), _("number"), _("hours"))
    parts: list[Part] = [Table(head=head, rows=tuple(rows), foot=" ".join(filter(None, notes)))]
    return [*parts, Notes(lines=tuple(missing))] if missing else parts


def _label(group: str, name: str) -> str:
    return index_label(name, group)


def _rate(report: NightReport, group: str, name: str, index: Index) -> tuple[str, ...]:
    label = f"{index_label(name, group)}{caution_mark(report, group, name)}"
    return (label, *rate_numbers(index, index_key(group, name)))


def _besides(report: NightReport) -> Iterator[tuple[str, str]]:
    """Yield the share of movements with an arousal, posture, and relief by getting up."""
    legs = report.indices.get("legs", {})
    counted = [
        tidy_count(legs[name].numerator) if name in legs else None
        for name in ("plms_arousal_index", "plms_index")
    ]
    with_arousal, of = counted
    if with_arousal is not None and of:
        share = with_unit(digits(100 * with_arousal / of, 0), "%")
        yield (
            _("PLMS with an arousal"),
            _("{n} of {of} ({share})", n=digits(with_arousal, 0), of=digits(of, 0), share=share),
        )
    for name, index in _known(report, "posture", _POSTURE):
        yield _tile("posture", name, index)
    for name, index in _known(report, "movement_relief", ("episodes_n", "legs_relief_ratio")):
        yield _tile("movement_relief", name, index)
