"""Night report as one HTML page that needs nothing else: no network, no other file.

What stands where on it; ``page_template.py`` makes it harmless.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psgkit.core.excerpts import SignalExcerpts
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.report.content import page_about
from psgkit.report.index_parts import is_about_movements
from psgkit.report.marked import in_words, index_key
from psgkit.report.methods import bibtex_of, methods_section, provenance_section
from psgkit.report.movement_table import MovementTable, movement_table
from psgkit.report.number_format import digits, unit_in_words
from psgkit.report.numbers import finite, plain
from psgkit.report.overview import Overview, night_overview, overview_data
from psgkit.report.packed import packed
from psgkit.report.page_template import all_visible, rendered, safe_json
from psgkit.report.parts import Page
from psgkit.report.pictures import Picture, imi_bounds_s, imi_picture
from psgkit.report.summary import summary_of
from psgkit.report.texts import text
from psgkit.report.words import PERIODICITY, index_label

_FIRST = ("recording", "channels", "findings")
"""Sections above the night."""
_THEN = {2: ("sleep", "disruption"), 4: ("profile",)}
_TOOLS = (
    ("out", "\u2212"),
    ("in", "+"),
    ("left", "\u2190"),
    ("right", "\u2192"),
    ("all", "\u2922"),
)
_STEPS = (
    ("previous", "\u2190"),
    ("next", "\u2192"),
    ("lower", "\u2212"),
    ("higher", "+"),
    ("close", "\u2715"),
)
_TRACES = ("signal", "level", "rest", "on", "off", "scored")


def night_as_html(
    report: NightReport,
    excerpts: SignalExcerpts | None = None,
    letterhead: Letterhead | None = None,
) -> str:
    """Return the night report as an HTML page.

    Parameters
    ----------
    report : NightReport
    excerpts : SignalExcerpts, optional
        Pieces of the signals, as ``psgkit.analysis.excerpts`` collects them; without them the page
        says that it has none.
    letterhead : Letterhead, optional
        Who makes the report.
    """
    bounds_s = imi_bounds_s(report.settings)
    pictures = {group: imi_picture(imi, bounds_s) for group, imi in report.imi.items()}
    overview = night_overview(report)
    page = replace(page_about(report), letterhead=letterhead)
    signals, traces = (None, "") if excerpts is None else packed(excerpts)
    sections = sorted(page.sections, key=lambda section: _rank(section.key, report))
    sections += [methods_section(report), provenance_section(report)]
    return rendered(
        page=replace(page, sections=tuple(sections)),
        n_before=sum(section.key in _FIRST for section in sections),
        summary=summary_of(report),
        night=overview,
        histograms={group: picture for group, picture in pictures.items() if picture},
        periodicity=_periodicity(report),
        bibtex=bibtex_of(report),
        settings=json.dumps(plain(report.settings), indent=1, ensure_ascii=False),
        movements=movement_table(report),
        words=_words(report),
        data="" if overview is None else _data(overview, report, signals),
        packed=traces,
    )


def _rank(key: str, report: NightReport) -> int:
    """Return where on the page a section goes: what a physician asks about first comes first."""
    if key in _FIRST:
        return 0
    if is_about_movements(report.indices.get(key, {})):
        return 1
    return next((rank for rank, keys in _THEN.items() if key in keys), 3)


def _periodicity(report: NightReport) -> dict[str, list[tuple[str, str]]]:
    """Return label and value of what describes the intervals of each group."""
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
    page: Page, overview: Picture | None = None, pictures: Mapping[str, Picture] | None = None
) -> str:
    """Return a page as HTML, with one picture at its top or none, and those of its sections.

    ``pictures`` are by the key of the section that ends with them.
    """
    return rendered(
        page=page,
        n_before=0,
        summary=(),
        picture=overview,
        histograms=pictures or {},
        movements=MovementTable(head=(), rows=()),
        words={name: text(f"page.{name}") for name in ("skip", "contents")},
    )


def _words(report: NightReport) -> dict[str, Any]:
    """Return the texts of the page that are not of a section."""
    count = len(report.movements)
    return {
        "skip": text("page.skip"),
        "contents": text("page.contents"),
        "title": text("overview.title"),
        "label": text("overview.label"),
        "how": text("overview.how"),
        "tools": [(name, sign, text(f"overview.tool_{name}")) for name, sign in _TOOLS],
        "movements": text("movements.title"),
        "bibtex": text("methods.bibtex_title"),
        "settings": text("provenance.settings"),
        "all_movements": text("movements.all", count=digits(count, 0)),
        "signal": text("signal.title"),
        "signal_note": text("signal.note"),
        "signal_legend": [(name, text(f"signal.{name}")) for name in _TRACES],
        "steps": [(name, sign, text(f"signal.{name}")) for name, sign in _STEPS],
    }


def _data(overview: Overview, report: NightReport, signals: dict[str, Any] | None) -> str:
    """Return what the page's program has to know, as JSON in which no tag can begin."""
    known = ("at", "duration", "no_signal", "old_browser", "left_out", "drawing")
    data = {
        **overview_data(overview, report),
        "signals": signals,
        "words": {
            **{name: text(f"signal.{name}") for name in known},
            **{name: text(f"number.{name}") for name in ("decimal", "minus")},
            "seconds": unit_in_words("s"),
        },
    }
    return safe_json(all_visible(data))
