"""Night report as one HTML page that needs nothing else: no network, no other file.

The template escapes every text; before that, control characters are spelled out.  What the page's
program has to know is JSON in which no tag can begin.  A Content-Security-Policy allows that one
program and that one style, by their digests, and nothing else.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

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
from psgkit.report.outside_text import visible
from psgkit.report.overview import Overview, night_overview, overview_data
from psgkit.report.packed import packed
from psgkit.report.palette import DARK, LIGHT, css_variables
from psgkit.report.parts import Page
from psgkit.report.pictures import Picture, imi_bounds_s, imi_picture
from psgkit.report.summary import summary_of
from psgkit.report.texts import text
from psgkit.report.words import PERIODICITY, SEVERITIES, index_label

if TYPE_CHECKING:
    from jinja2 import Template

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
    return _rendered(
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
    return _rendered(
        page=page,
        n_before=0,
        summary=(),
        picture=overview,
        histograms=pictures or {},
        movements=MovementTable(head=(), rows=()),
        words={name: text(f"page.{name}") for name in ("skip", "contents")},
    )


def _rendered(**content: Any) -> str:  # noqa: ANN401 - what the template names
    """Return the page made of ``content``; what is not named is not there."""
    from markupsafe import Markup

    script = _file("page.js") if content.get("night") else ""
    logo = _logo_of(content["page"])
    policy = [
        "default-src 'none'",
        *([f"script-src {_digest(script)}"] if script else []),
        f"style-src {_digest(_style())}",
        *(["img-src data:"] if logo else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    found = {
        "night": None,
        "picture": None,
        "histograms": {},
        "periodicity": {},
        "logo": logo,
        "bibtex": "",
        **content,
    }
    found["language"] = text("words.language")
    found["severities"] = {name: text(f"severity.{name}") for name in SEVERITIES}
    found["long"] = {key: text(f"page.{key}", n="{n}") for key in ("channels", "findings")}
    # style, script and data are ours and hold no text that could end their elements
    found |= {
        "style": Markup(_style()),
        "script": Markup(script),
        "data": Markup(content.get("data", "")),
        "packed": Markup(content.get("packed", "")),
        "policy": Markup("; ".join(policy)),
    }
    return _template().render(found).strip() + "\n"


@cache
def _file(name: str) -> str:
    """Return a file beside this module."""
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _style() -> str:
    """Return the style: the palette, and light colours on paper whatever the screen shows."""
    colours = f":root {{ --ground: #f4f5f7; {css_variables(LIGHT)} }}\n"
    dark = f":root {{ --ground: #12161c; {css_variables(DARK)} }}"
    at_night = f"@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"
    return f"{colours}{at_night}{_file('page.css')}"


def _logo_of(page: Page) -> str:
    """Return the logo in the head of a page as base64, or nothing."""
    if page.letterhead is None or page.letterhead.logo is None:
        return ""
    return base64.b64encode(page.letterhead.logo.png).decode("ascii")


def _digest(content: str) -> str:
    """Return the digest of a script or style as a policy names it."""
    sha256 = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(sha256).decode('ascii')}'"


@cache
def _template() -> "Template":
    """Return the template, compiled once."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_file("page.html"))


def _harmless(value: Any) -> Any:  # noqa: ANN401
    """Return text without control characters; escaping follows, unless a macro made it."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


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
    return safe_json(_visible(data))


def safe_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    r"""Return JSON that can stand inside a script element.

    Examples
    --------
    >>> print(safe_json({"label": "</script>"}))
    {"label":"\u003c/script\u003e"}
    """
    compact = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        compact = compact.replace(sign, f"\\u{ord(sign):04x}")
    return compact


def _visible(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return ``value`` with every text in it harmless to read."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {key: _visible(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)) and value and not isinstance(value[0], (int, float)):
        return [_visible(inner) for inner in value]
    return value
