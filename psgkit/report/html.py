"""Night report as one HTML page that needs nothing else: no script, no network, no other file.

The template escapes every text; before that, control characters are spelled out.
"""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from psgkit.core.night_report import NightReport
from psgkit.report.as_json import movement_rows
from psgkit.report.content import page_about
from psgkit.report.outside_text import visible
from psgkit.report.parts import Page, Table
from psgkit.report.pictures import Picture, imi_bounds_s, imi_picture, night_overview
from psgkit.report.words import NO_VALUE, STAGE_NAMES, clock, site_in_words, unit_in_words

if TYPE_CHECKING:
    from jinja2 import Template

_MOVEMENT_HEAD = (
    "Site",
    "Stage",
    "Kind",
    "Tied to",
    "At",
    "Onset, s",
    "Duration, s",
    "Interval, s",
    "Series",
    "Series without respiratory",
    "Amplitude",
)
_TEXT_COLUMNS = 4


def night_as_html(report: NightReport) -> str:
    """Return the night report as an HTML page."""
    bounds_s = imi_bounds_s(report.settings)
    histograms = {group: imi_picture(imi, bounds_s) for group, imi in report.imi.items()}
    page = _template().render(
        page=page_about(report),
        overview=night_overview(report),
        histograms={group: picture for group, picture in histograms.items() if picture},
        movements=_movement_table(report),
    )
    return page.strip() + "\n"


def page_as_html(page: Page, overview: Picture | None = None) -> str:
    """Return a page as HTML, with one picture at its top or none."""
    nothing = Table(head=(), rows=())
    text = _template().render(page=page, overview=overview, histograms={}, movements=nothing)
    return text.strip() + "\n"


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
    return environment.from_string(files(__package__).joinpath("page.html").read_text("utf-8"))


def _harmless(value: Any) -> Any:  # noqa: ANN401
    """Return text without control characters; escaping follows, unless a macro made it."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def _movement_table(report: NightReport) -> Table:
    """Return one line a movement."""
    rows = tuple(_movement_line(row, report) for row in movement_rows(report))
    return Table(head=_MOVEMENT_HEAD, rows=rows, n_text=_TEXT_COLUMNS)


def _movement_line(row: dict[str, Any], report: NightReport) -> tuple[str, ...]:
    """Return one movement in words."""
    kind = "PLM" if row["plm"] else "candidate" if row["candidate"] else "movement"
    tied = [word for word in ("arousal", "respiratory") if row[word]]
    return (
        site_in_words(row["site"] or ""),
        STAGE_NAMES.get(row["stage"], row["stage"]),
        kind,
        ", ".join(tied),
        clock(report.start, row["onset_s"]),
        f"{row['onset_s']:.2f}",
        f"{row['duration_s']:.2f}",
        NO_VALUE if row["imi_s"] is None else f"{row['imi_s']:.1f}",
        str(row["series"] or NO_VALUE),
        str(row["series_nr"] or NO_VALUE),
        _amplitude(row),
    )


def _amplitude(row: dict[str, Any]) -> str:
    """Return how strong a movement was, with its unit; acceleration in thousandths of g."""
    value, unit = row["amplitude"], row["amplitude_unit"]
    if value is None:
        return NO_VALUE
    if unit == "g":
        return f"{1000 * value:.0f} mg"
    return f"{value:.1f} {unit_in_words(unit or '')}".rstrip()
