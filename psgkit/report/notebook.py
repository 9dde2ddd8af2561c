"""How recordings, tables and reports show themselves in a notebook, and indices as a frame."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from psgkit.core.days.days_report import DaysReport
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.index_catalogue import entry_of, in_order
from psgkit.core.index_group import IndexGroup
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.shown import Shown
from psgkit.document.outside_text import visible
from psgkit.report.figures.frame import as_svg
from psgkit.report.page_model import Page
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number, value_in_words
from psgkit.report.words.words import STAGE_NAMES, group_title, index_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ROWS = 5
"""Of a table, at its head; the rest is counted."""
_WIDTH, _ROW_HEIGHT = 620.0, 18.0


def indices_frame(report: NightReport | DaysReport) -> "pd.DataFrame":
    """Return one row an index of the whole night, or over all days.

    Columns ``group``, ``name``, ``label``, ``value``, ``unit``, ``numerator``, ``denominator_h``
    ``reason`` and ``stages_from``; a missing value is NaN beside its reason.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> frame = analyse_night(night.recording, night.hypnogram, night.events).to_frame()
    >>> frame.set_index(["group", "name"]).loc[("legs", "plms_index"), "unit"]
    '1/h'
    """
    import pandas as pd

    rows = [
        {
            "group": group,
            "name": name,
            "label": index_label(name, group),
            "value": indices[name].value,
            "unit": indices[name].unit,
            "numerator": indices[name].numerator,
            "denominator_h": indices[name].denominator_h,
            "reason": indices[name].reason,
            "stages_from": indices[name].stages_from,
        }
        for group, indices in report.indices.items()
        for name in in_order(indices)
    ]
    columns = (
        *("group", "name", "label", "value", "unit", "numerator", "denominator_h", "reason"),
        "stages_from",
    )
    frame = pd.DataFrame(rows, columns=list(columns))
    numbers = ["value", "numerator", "denominator_h"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def as_notebook_html(shown: Shown) -> str:
    """Return the HTML of a noun, complete in itself; text from outside is escaped."""
    for kind, html in _HTML.items():
        if isinstance(shown, kind):
            return f"<div>{html(shown)}</div>"
    return f"<pre>{escape(repr(shown))}</pre>"


def _night(report: NightReport) -> str:
    from psgkit.report.figures.night import plot_night
    from psgkit.report.lanes import night_lanes
    from psgkit.report.night.content import page_about

    rows = len(list(night_lanes(report))) + (4 if report.hypnogram is not None else 1)
    picture = as_svg(lambda axes: plot_night(report, axes), _WIDTH, rows * _ROW_HEIGHT)
    return _card(page_about(report)) + picture + _index_tables(report.indices, ("sleep", "legs"))


def _days(report: DaysReport) -> str:
    from psgkit.report.days.page import page_about_days
    from psgkit.report.figures.actogram import plot_actogram

    height = (len(report.days) + 1) * 2 * _ROW_HEIGHT
    picture = as_svg(lambda axes: plot_actogram(report, axes), _WIDTH, height)
    tables = _index_tables(report.indices, ("rest_activity", "sleep_estimated"))
    return _card(page_about_days(report)) + picture + tables


def _card(page: Page) -> str:
    """Return title, cautions and main figures of a page."""
    warned = "".join(
        f"<li><b>{_text(one.message)}</b> {_text(one.advice)}</li>" for one in page.cautions
    )
    banners = "".join(f"<p><em>{_text(one)}</em></p>" for one in page.banners)
    return (
        f"<h4>{_text(page.title)}</h4><p>{_text(page.subtitle)}</p>{banners}"
        + (f"<ul>{warned}</ul>" if warned else "")
        + _table(("", ""), page.headline)
    )


def _index_tables(indices: Mapping[str, Mapping[str, Index]], groups: Iterable[str]) -> str:
    return "".join(_group(IndexGroup(name, indices[name])) for name in groups if name in indices)


def _group(group: IndexGroup) -> str:
    rows = [
        (index_label(name, group.name), value_in_words(index), index.reason or "")
        for name, index in ((name, group[name]) for name in in_order(group))
    ]
    head = (_("Index"), _("Value"), _("Why not"))
    title = escape(f"{group_title(group.name)} ({len(rows)})")
    return f"<details><summary>{title}</summary>{_table(head, rows)}</details>"


def _index(index: Index) -> str:
    entry = entry_of(index.name)
    about = _text(entry.definition) if entry is not None else ""
    value = value_in_words(index) if index.value is not None else (index.reason or "")
    return f"<b>{_text(index_label(index.name))}</b>: {_text(value)}<br><small>{about}</small>"


def _recording(recording: Recording) -> str:
    head = (_("Channel"), _("Role"), _("Site"), _("Unit"), _("Rate (Hz)"))
    rows = [
        (one.label, one.role, str(one.site) or one.place, one.unit, short_number(one.rate_hz))
        for one in recording.channels
    ]
    return f"<p>{_text(repr(recording))}</p>{_table(head, rows)}"


def _hypnogram(hypnogram: Hypnogram) -> str:
    from psgkit.report.figures.hypnogram import plot_hypnogram

    def draw(axes: "Axes") -> "Axes":
        return plot_hypnogram(hypnogram, axes)

    head = (_("Stage"), _("Epochs"), _("Minutes"))
    counts = {stage: int((hypnogram.stages == stage).sum()) for stage in STAGE_NAMES}
    rows = [
        (STAGE_NAMES[stage], str(n), short_number(n * hypnogram.epoch_s / 60))
        for stage, n in counts.items()
        if n
    ]
    picture = as_svg(draw, _WIDTH, 6 * _ROW_HEIGHT)
    return f"<p>{_text(repr(hypnogram))}</p>{picture}{_table(head, rows)}"


def _rows(table: Events | Movements | ScoredMovements) -> str:
    frame = table.to_frame()
    rows = [tuple(map(_cell, row)) for row in frame.head(_ROWS).itertuples(index=False)]
    left = len(frame) - len(rows)
    more = f"<p>{escape(_('and {n} more rows', n=left))}</p>" if left > 0 else ""
    return f"<p>{_text(repr(table))}</p>{_table(tuple(frame.columns), rows)}{more}"


def _cell(value: object) -> str:
    return short_number(value) if isinstance(value, float) else str(value)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = "".join(f"<th>{_text(name)}</th>" for name in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div style="overflow-x:auto">{table}</div>'


def _text(text: object) -> str:
    return escape(visible(str(text)))


_HTML: dict[type, Callable[[Any], str]] = {
    NightReport: _night,
    DaysReport: _days,
    Recording: _recording,
    Hypnogram: _hypnogram,
    Events: _rows,
    Movements: _rows,
    ScoredMovements: _rows,
    IndexGroup: _group,
    Index: _index,
}
