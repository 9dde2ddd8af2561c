"""Drawings of the HTML report as plain geometry; the template turns them into SVG.

A picture has shapes (style name and SVG path) and texts (style name, place and text).  All marks of
one style are one path, which keeps the page small.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.night_report import ImiHistogram
from psgkit.core.regex import regex
from psgkit.document.values import plain
from psgkit.report.figures.drawn_text import ALWAYS_THERE, harmless
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _, plural
from psgkit.report.words.number_format import short_number, with_unit

Shape: TypeAlias = tuple[str, str]
Label: TypeAlias = tuple[str, float, float, str]

_WIDTH = 420.0
"""As wide as a phone can show without scrolling."""
_LEFT, _RIGHT = 18.0, 18.0
_TOP = 22.0
_AXIS_HEIGHT = 24.0
_IMI_HEIGHT = 120.0
_VARIABLES = {LIGHT[name]: f"var(--{name})" for name in reversed(tuple(LIGHT))}
"""Colours by what they are on white paper; of names that share a colour there, the first."""
_IMI_TICKS_S = (1, 2, 5, 10, 20, 45, 90, 180, 360)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A drawing: size, description in one sentence, shapes, texts and legend."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    legend: tuple[tuple[str, str], ...] = ()


def imi_picture(
    histogram: ImiHistogram, bounds_s: tuple[float, float] | None, width: float = _WIDTH
) -> Picture | None:
    """Return the histogram of inter-movement intervals, sleep below wake; None if empty.

    ``bounds_s`` are the intervals that may belong to a series, drawn as a band.
    """
    total = histogram.sleep_n + histogram.wake_n
    edges_s = histogram.edges_s
    if not total.any() or edges_s[-1] <= 0:
        return None
    # a first edge of 0 has no logarithm; the bin is drawn as wide as the next one
    lowest_s = edges_s[0] if edges_s[0] > 0 else edges_s[1] ** 2 / edges_s[min(2, len(total))]
    log_first, log_last = math.log(lowest_s), math.log(edges_s[-1])

    def x(seconds: float) -> float:
        share = (math.log(max(seconds, lowest_s)) - log_first) / (log_last - log_first)
        return _LEFT + min(share, 1.0) * (width - _LEFT - _RIGHT)

    places = [x(float(edge)) for edge in edges_s]
    bottom, scale = _TOP + _IMI_HEIGHT, _IMI_HEIGHT / float(total.max())
    shapes: list[Shape] = []
    if bounds_s is not None:
        low, high = (x(bound) for bound in bounds_s)
        low_s, high_s = map(short_number, bounds_s)
        shapes.append(("band", f"M{low:.1f} {_TOP:.1f}H{high:.1f}V{bottom:.1f}H{low:.1f}z"))
    shapes.append(("asleep", _columns(places, 0 * total, histogram.sleep_n, bottom, scale)))
    shapes.append(("awake", _columns(places, histogram.sleep_n, total, bottom, scale)))
    shapes.append(("grid", f"M{_LEFT:.1f} {bottom:.1f}H{width - _RIGHT:.1f}"))
    band = (
        ()
        if bounds_s is None
        else (("band", _("interval of a series, {low} to {high} s", low=low_s, high=high_s)),)
    )
    ticks = [value for value in _IMI_TICKS_S if lowest_s <= value <= edges_s[-1]]
    return Picture(
        width=width,
        height=bottom + _AXIS_HEIGHT,
        title=_("Intervals between movements in seconds, logarithmic"),
        shapes=tuple(shapes),
        labels=(
            *(
                ("tick", x(value), bottom + 15, with_unit(short_number(value), "s"))
                for value in ticks
            ),
            (
                "count",
                _LEFT,
                _TOP - 6,
                plural("{n} interval", "{n} intervals", int(total.max())),
            ),
        ),
        legend=(("asleep", _("in sleep")), ("awake", _("in wake")), *band),
    )


def _columns(
    places: list[float],
    low_n: NDArray[np.int64],
    high_n: NDArray[np.int64],
    bottom: float,
    scale: float,
) -> str:
    """Return one path of columns from ``low_n`` to ``high_n``."""
    return "".join(
        f"M{places[k]:.1f} {bottom - scale * low:.1f}V{bottom - scale * high:.1f}"
        f"H{places[k + 1]:.1f}V{bottom - scale * low:.1f}z"
        for k, (low, high) in enumerate(zip(low_n.tolist(), high_n.tolist(), strict=True))
        if high > low
    )


def imi_bounds_s(settings: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the intervals that may belong to a series, if the rules state them."""
    series = plain(settings.get("rules", {})).get("series")
    span = series.get("imi_s") if isinstance(series, Mapping) else None
    if not isinstance(span, Mapping) or not {"low", "high"} <= span.keys():
        return None
    return float(span["low"]), float(span["high"])


def picture_as_svg(picture: Picture) -> str:
    """Return a picture as SVG with the colours of white paper, for the PDF."""
    from markupsafe import escape

    fills = {style: LIGHT[style] for style, _path in picture.shapes if style in LIGHT}
    rules = "".join(f".{style}{{fill:{colour}}}" for style, colour in fills.items())
    shapes = "".join(
        f'<path class="{style}" d="{path}"/>' for style, path in picture.shapes if path
    )
    labels = "".join(
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(harmless(words))}</text>'
        for style, x, y, words in picture.labels
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}">'
        f"<style>text{{font:10px {ALWAYS_THERE};fill:{LIGHT['ink']}}}.tick{{text-anchor:middle}}"
        f".lane{{text-anchor:end}}.grid{{stroke:{LIGHT['line']}}}{rules}</style>"
        f"{shapes}{labels}</svg>"
    )


_NOT_SHOWN = regex(r"<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_TAG = regex(r"<[^>]+>")
_STYLE = regex(r' style="([^"]*)"')
_FONT_SIZE = regex(r"[\d.]+px")
_LONG_NUMBER = regex(r"\d+\.\d{3,}")


def inline_svg(svg: str) -> str:
    """Return an SVG of matplotlib for the page, with attributes in place of forbidden styles.

    Colours of the palette become variables, so that they follow a light or dark page.

    Examples
    --------
    >>> inline_svg('<?xml?><svg width="9pt"><path d="M 1.2345 6" style="fill: #d55e00"/></svg>')
    '<svg class="drawn" role="img"><path d="M 1.23 6" fill="var(--plm)"/></svg>'
    """
    body = _NOT_SHOWN.sub("", svg[svg.index("<svg") :])
    body = re.sub(r' (width|height|version)="[^"]*"', "", body, count=3)
    body = _TAG.sub(lambda tag: _with_attributes(tag[0]), body)
    return body.replace("<svg", '<svg class="drawn" role="img"', 1)


def _with_attributes(tag: str) -> str:
    """Return a tag with its style as attributes, and numbers to a hundredth of a point."""
    tag = _STYLE.sub(lambda style: "".join(map(_attribute, style[1].split(";"))), tag)
    return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", tag)


def _attribute(rule: str) -> str:
    name, _, value = (word.strip() for word in rule.partition(":"))
    if name == "font":
        size = _FONT_SIZE.search(value)
        return f' font-size="{size[0]}"' if size else ""
    return f' {name}="{_VARIABLES.get(value, value)}"' if name else ""
