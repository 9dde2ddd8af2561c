"""Tables as lines of a PDF column: text wraps, numbers stand at the right and never break."""

from collections.abc import Sequence
from dataclasses import replace

from psgkit.report.figures.drawn_text import harmless
from psgkit.report.page_model import Bars, Facts, Remarks, Table
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.pieces import (
    BODY,
    BOLD,
    LEADING,
    PLAIN,
    Box,
    Font,
    Line,
    Words,
    width_of,
    wrapped,
)
from psgkit.report.words.words import SEVERITY_NAMES, word_of

_GAP = 9.0
_LABEL = Font(colour=LIGHT["faint"])
_LONGEST_CELL = 600
_LONGEST_HEAD = 40
_TOGETHER = 3
"""Rows after which a table may go on in another column."""
_LEAST_TEXT = 34.0
_BAR_SHARE = 0.5
_SLACK = 1e-6
_BASE = 0.76 * LEADING
_SEVERITY = {
    "error": Font(bold=True, colour=LIGHT["error"]),
    "warning": Font(bold=True, colour=LIGHT["warning"]),
}


def table_lines(part: Table, width: float) -> list[Line]:
    """Return a table; its head is said again where it goes on in another column."""
    rows = [[harmless(cell, _LONGEST_CELL) for cell in row] for row in part.rows]
    head = [harmless(cell, _LONGEST_CELL) for cell in part.head]
    fonts = [BOLD, *(_font_of(row, part) for row in rows)]
    widths = _widths([head, *rows], fonts, part.n_text, width)
    top = _row(head, widths, part.n_text, BOLD)
    rule = Line(
        height=2.0, pieces=(Box(x=0.0, y=0.0, width=sum(widths), height=0.6),), with_next=True
    )
    again = (*(_kept(line) for line in top), rule)
    body = [
        _first_says(_row(row, widths, part.n_text, font), again)
        for row, font in zip(rows, fonts[1:], strict=True)
    ]
    last = len(rows) - 1
    kept = [
        [*lines[:-1], _kept(lines[-1])]
        if lines and number < last and (number < _TOGETHER or fonts[number + 1] is BOLD)
        else lines
        for number, lines in enumerate(body)
    ]
    return [*again, *(line for lines in kept for line in lines)]


def share_broken(part: Table, width: float) -> float:
    """Return how much of a table's text has to go on other lines for it to be ``width`` wide."""
    natural = _natural([part.head, *part.rows], [BOLD, *(_font_of(row, part) for row in part.rows)])
    text = sum(natural[: part.n_text])
    return max(0.0, sum(natural) - width) / max(text, 1.0)


def breaks_words(part: Table, width: float) -> bool:
    """Return whether a word would have to be broken for a table to be ``width`` wide."""
    rows = [part.head, *part.rows]
    fonts = [BOLD, *(_font_of(row, part) for row in part.rows)]
    widths = _widths(rows, fonts, part.n_text, width)
    return any(
        width_of(word, BODY, bold=font.bold) > room - _GAP + _SLACK
        for row, font in zip(rows, fonts, strict=True)
        for cell, room in zip(row, widths, strict=True)
        for word in cell.split(" ")
    )


def _natural(rows: Sequence[Sequence[str]], fonts: Sequence[Font]) -> list[float]:
    """Return how wide each column would be if no cell of it were broken."""
    return [
        _GAP
        + max(width_of(row[k], BODY, bold=font.bold) for row, font in zip(rows, fonts, strict=True))
        for k in range(len(rows[0]))
    ]


def _font_of(row: Sequence[str], part: Table) -> Font:
    """Return bold for a row of a table of numbers that only says what the rows below it are."""
    says = part.n_text == 1 < len(row) and not any(row[1:]) and len(row[0]) < _LONGEST_HEAD
    return BOLD if says else PLAIN


def _kept(line: Line) -> Line:
    return replace(line, with_next=True)


def _first_says(row: Sequence[Line], again: tuple[Line, ...]) -> list[Line]:
    """Return a row whose lines stay together, with the head that is said again before it."""
    return [
        Line(
            height=line.height,
            pieces=line.pieces,
            with_next=number < len(row) - 1,
            again=again if number == 0 else (),
        )
        for number, line in enumerate(row)
    ]


def _row(cells: Sequence[str], widths: Sequence[float], n_text: int, font: Font) -> list[Line]:
    """Return one row, as high as its longest cell."""
    lefts = [sum(widths[:k]) for k in range(len(widths))]
    columns = [
        wrapped(cell, BODY, widths[k] - _GAP, bold=font.bold) for k, cell in enumerate(cells)
    ]
    lines = []
    for number in range(max(map(len, columns), default=0)):
        words = [
            Words(x=lefts[k], text=column[number], font=font, base=_BASE)
            if k < n_text
            else Words(
                x=lefts[k] + widths[k], text=column[number], font=font, align="right", base=_BASE
            )
            for k, column in enumerate(columns)
            if number < len(column) and column[number]
        ]
        lines.append(Line(height=LEADING, pieces=tuple(words)))
    return lines


def _widths(
    rows: Sequence[Sequence[str]], fonts: Sequence[Font], n_text: int, width: float
) -> list[float]:
    """Return the widths of columns: as wide as their words; text gives way where all do not fit.

    A column of text gives what it has above its share, the widest first.
    """
    natural = _natural(rows, fonts)
    numbers = sum(natural[n_text:])
    spare = width - numbers
    texts = natural[:n_text]
    if sum(texts) <= spare:
        return natural
    if spare < n_text * _LEAST_TEXT:  # numbers alone are too wide: all give alike
        return [one * width / sum(natural) for one in natural]
    limit = _limit(texts, spare)
    return [*(min(one, limit) for one in texts), *natural[n_text:]]


def _limit(texts: Sequence[float], spare: float) -> float:
    """Return the width that, as an upper limit of each column, uses all of ``spare``."""
    left, ranked = spare, sorted(texts)
    for number, one in enumerate(ranked):
        share = left / (len(ranked) - number)
        if one > share:
            return share
        left -= one
    return spare


def facts_lines(part: Facts, width: float) -> list[Line]:
    """Return labels and values."""
    rows = [tuple(harmless(cell, _LONGEST_CELL) for cell in row) for row in part.rows]
    told = [row for row in rows if row[1]] or rows
    widths = _widths(told, [PLAIN] * len(told), 2, width)
    lines: list[Line] = []
    for row in rows:
        if row[1]:
            label = _row((row[0], ""), widths, 2, _LABEL)
            lines += _first_says(_over(label, _row(("", row[1]), widths, 2, PLAIN)), ())
        else:  # how many more there are is as wide as it likes, and never alone
            lines[-1:] = map(_kept, lines[-1:])
            lines += _first_says(_row(row[:1], (width,), 1, _LABEL), ())
    return lines


def _over(one: Sequence[Line], other: Sequence[Line]) -> list[Line]:
    """Return two rows of the same widths drawn over each other."""
    high = max(len(one), len(other))
    return [
        Line(
            height=LEADING,
            pieces=tuple(piece for row in (one, other) if k < len(row) for piece in row[k].pieces),
        )
        for k in range(high)
    ]


def remarks_lines(part: Remarks, width: float) -> list[Line]:
    """Return findings: severity, then where, message and code."""
    indent = 8.0 + max(
        width_of(word_of(SEVERITY_NAMES, row[0]), BODY, bold=True) for row in part.rows
    )
    lines = []
    for severity, where, message, code in part.rows:
        said = f"{where}: {message}" if where else message
        told = harmless(f"{said} ({code})" if code else said, _LONGEST_CELL)
        font = _SEVERITY.get(severity, _LABEL)
        first = Words(x=0.0, text=word_of(SEVERITY_NAMES, severity), font=font, base=_BASE)
        row = [
            Line(height=LEADING, pieces=(Words(x=indent, text=one, base=_BASE),))
            for one in wrapped(told, BODY, width - indent)
        ]
        row[0] = Line(height=LEADING, pieces=(first, *row[0].pieces))
        lines += _first_says(row, ())
    return lines


def bars_lines(part: Bars, width: float) -> list[Line]:
    """Return one bar a row."""
    label = _GAP + max(width_of(harmless(row[0], 40), BODY) for row in part.rows)
    value = _GAP + max(width_of(row[2], BODY) for row in part.rows)
    room = min(width - label - value, _BAR_SHARE * width)
    lines = []
    for name, length, shown in part.rows:
        pieces: list[Words | Box] = [
            Words(x=0.0, text=harmless(name, 40), font=_LABEL, base=_BASE),
            Words(x=label + value - _GAP, text=harmless(shown, 40), align="right", base=_BASE),
        ]
        if length is not None and length > 0 and part.longest > 0:
            share = room * length / part.longest
            pieces.append(
                Box(x=label + value, y=1.6, width=share, height=6.0, colour=LIGHT["accent"])
            )
        lines.append(Line(height=LEADING, pieces=tuple(pieces)))
    return lines
