"""Find the table in a text: comments and titles before its header, and its separator."""

import re
from collections.abc import Sequence

from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import written_time
from psgkit.io.scoring.columns import Column, columns_of, first_with
from psgkit.io.scoring.words import stage_of_word
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, parse_table

COMMENT_SIGNS = "#%"
_MOST_LINES_BEFORE_N = 60
_SEPARATOR_LINE = regex(r"sep=(.)", re.I)
_NUMBER = regex(r"[+-]?\d+(?:[.,]\d+)?")


def is_list(text: str) -> bool:
    r"""Return whether a text has no columns: one stage a line, or no scoring.

    Examples
    --------
    >>> is_list("# night 1\nW\nN1\n"), is_list("onset,stage\n0,W\n")
    (True, False)
    """
    return _header_at(lines_of(text)) is None and not delimiter_of(_first_plain(text))


def table_in(text: str, where: str) -> Table:
    r"""Return the table in a text; lines before its header are ignored.

    Examples
    --------
    >>> table_in("# MNE-Annotations\n# onset, duration, description\n0,30,W\n", "n.txt").header
    ('onset', 'duration', 'description')

    Raises
    ------
    TableError
        If there is no header, or a row does not fit it.
    """
    lines = lines_of(text)
    at = _header_at(lines)
    if at is None:
        plain = [k for k, line in enumerate(lines) if line.strip() and not _is_comment(line)]
        at = plain[0] if plain else 0
        _refuse_without_header(lines[at : at + 2], where)
    header = _bare(lines[at])
    rest = list(lines[at + 1 :])
    delimiter = delimiter_of(header)
    if not delimiter:
        sign = "|" if "|" in header else None
        width = len(header.split(sign))
        header, *rest = ("\t".join(line.split(sign, width - 1)) for line in (header, *rest))
    columns = columns_of([cell.strip(" \"'") for cell in header.split(delimiter or "\t")])
    # a comma in the text of an event that is not in quotes belongs to it
    open_ended = bool(columns) and columns[-1].meaning == "event"
    kept = ["" if _is_comment(line) else line for line in rest]
    return parse_table("\n" * at + "\n".join((header, *kept)), where, open_ended=open_ended)


def _bare(line: str) -> str:
    """Return a line without comment signs before it."""
    return (
        line.lstrip("\ufeff" + COMMENT_SIGNS + " ") if _is_comment(line) else line.lstrip("\ufeff")
    )


def _is_comment(line: str) -> bool:
    # "#" alone is the name of a column of numbers
    return re.match(rf"\ufeff?[{COMMENT_SIGNS}](?!\s*[,;\t])", line) is not None


def _first_plain(text: str) -> str:
    return next((line for line in lines_of(text) if line.strip() and not _is_comment(line)), "")


def _header_at(lines: Sequence[str]) -> int | None:
    """Return the number of the line that names columns of a scoring; None without one."""
    for at, line in enumerate(lines[:_MOST_LINES_BEFORE_N]):
        bare = _bare(line)
        cells = re.split(_pattern(bare), bare)
        columns = columns_of([cell.strip(" \"'").casefold() for cell in cells])
        if len(columns) > 1 and _names_a_scoring(columns):
            return at
    return None


def _pattern(line: str) -> str:
    delimiter = delimiter_of(line)
    if delimiter:
        return re.escape(delimiter)
    return r"\|" if "|" in line else r"\s+"


def _names_a_scoring(columns: Sequence[Column]) -> bool:
    """Return whether columns are a time or number, and what happened then."""
    when = first_with([one for one in columns if one.name], "onset", "end", "duration", "epoch")
    what = first_with(columns, "stage", "event")
    return when is not None and what is not None and when.at != what.at


def _refuse_without_header(first_two: Sequence[str], where: str) -> None:
    """Raise for a first line that holds times and stages, with the header to be added."""
    line = first_two[0]
    delimiter = delimiter_of(line)
    cells = [cell.strip(" \"'") for cell in line.split(delimiter)] if delimiter else []
    names = []
    for cell in cells:
        is_time = _NUMBER.fullmatch(cell) or written_time(cell) is not None
        if is_time:
            names.append("duration_s" if "onset_s" in names else "onset_s")
        else:
            names.append("stage" if stage_of_word(cell) is not None else "kind")
    if names[:1] == ["onset_s"] and _counts(cells[0], first_two[-1].split(delimiter)[0]):
        names[0] = "epoch"
        names = ["onset_s" if name == "duration_s" else name for name in names]
    # numbers alone may be one night on one line
    if {"onset_s", "epoch"} & set(names) and {"stage", "kind"} & set(names):
        raise TableError(
            f"{where}, header line",
            f"the columns {', '.join(map(repr, cells))}",
            "a column onset_s or onset, by name",
            f"Write as its first line: {delimiter.join(names)}",
        )


def _counts(first: str, second: str) -> bool:
    """Return whether two cells are whole numbers that follow each other."""
    plain = second.strip(" \"'")
    return first.isdigit() and plain.isdigit() and int(plain) == int(first) + 1
