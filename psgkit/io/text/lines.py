"""Lines of long texts, read from the file each time they are asked for, and cells kept small.

A table of counts of 64 MB has millions of cells: as objects of Python they take a gigabyte.
"""

import codecs
import gzip
import io
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, overload

from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.io.files import open_regular
from psgkit.io.text.read import (
    DOS_END_OF_FILE,
    MAX_TEXT_BYTES,
    PLAIN_CONTROLS,
    file_name,
    lines_of,
    refuse_other_files,
    utf16_candidates,
)

LONGEST_LINE = 2**20
"""Characters; psgkit's own choice, a hundred times the longest line of a table of counts."""
HEAD_CHARACTERS = 2**16
_BLOCK_BYTES = 2**20
_ROWS_A_BLOCK = 4096
_FEW_ROWS = 2**16
"""Columns of fewer rows are tuples, which are faster; psgkit's own choice."""
_SEPARATOR = "\0"
"""Between cells of a block; a text does not contain it."""
_CONTROLS = "".join(chr(code) for code in range(32) if chr(code) not in PLAIN_CONTROLS)
_ODD = regex(f"[{re.escape(_CONTROLS)}]")


class TextLines(Iterable[str]):
    r"""The lines of a text, without their ends; iterating reads the file again.

    Examples
    --------
    >>> lines = TextLines.of("time,counts\r\n12:00,5\n")
    >>> list(lines), lines.first(1)
    (['time,counts', '12:00,5', ''], ['time,counts'])
    """

    __slots__ = ("_encoding", "_source", "head")

    def __init__(self, source: str | Path, encoding: str, head: str) -> None:
        self._source = source
        self._encoding = encoding
        self.head = head
        """The first ``HEAD_CHARACTERS``."""

    @classmethod
    def of(cls, text: "str | TextLines") -> "TextLines":
        """Return the lines of a text."""
        return cls(text, "", text[:HEAD_CHARACTERS]) if isinstance(text, str) else text

    def __iter__(self) -> Iterator[str]:
        if isinstance(self._source, str):
            yield from lines_of(self._source)
            return
        ended = True
        with _opened(self._source) as file:
            # the whole file was decoded before; it may have changed since
            text = io.TextIOWrapper(file, self._encoding, errors="replace")
            for line in text:
                ended = line.endswith("\n")
                yield line.rstrip("\n" + DOS_END_OF_FILE)
            text.detach()
        if ended:
            yield ""

    def first(self, n: int) -> list[str]:
        """Return at most ``n`` lines from the start."""
        return list(islice(self, n))


def text_lines(path: str | Path) -> TextLines:
    """Return the lines of a text file, which may be packed with gzip.

    The file is read once to see that it is text, and in which encoding.

    Parameters
    ----------
    path : path
        At most 64 MB of UTF-8, UTF-16 or Latin-1.

    Raises
    ------
    InputFileError
        If there is no such file, it is too large, damaged, empty or not text.
    """
    where = file_name(path)
    path = Path(path)
    with _readable(where), _opened(path) as file:
        head = file.read(HEAD_CHARACTERS)
    refuse_other_files(head, where)
    fault: InputFileError | None = None
    for encoding in (*utf16_candidates(head), "utf-8-sig", "latin-1"):
        try:
            with _readable(where), _opened(path) as file:
                return TextLines(path, encoding, _looked_through(file, encoding, where))
        except UnicodeDecodeError:
            continue
        except InputFileError as error:
            fault = error
            break
    raise fault or InputFileError(where, "bytes that are no text", "a text table")


def _looked_through(file: BinaryIO, encoding: str, where: str) -> str:
    """Return the head of a text; raise if it is none, or has lines without end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    head, ended, empty = "", False, True
    n_bytes = n_before = length = 0
    while block := file.read(_BLOCK_BYTES):
        n_bytes += len(block)
        if n_bytes > MAX_TEXT_BYTES:
            raise InputFileError(
                where,
                f"more than {MAX_TEXT_BYTES // 2**20} MB",
                "a text table of one night, or of counts an epoch",
                "Check that this is the file you meant; acceleration is not read from tables. "
                "Export longer epochs, or the recording in parts.",
            )
        text = decoder.decode(block)
        plain = text.rstrip(DOS_END_OF_FILE)
        odd = _ODD.search(text if ended else plain)
        if odd or (ended and plain):
            code = ord(odd[0]) if odd else ord(DOS_END_OF_FILE)
            at = n_before + (odd.start() if odd else 0)
            found = f"binary content (byte value {code} at character {at})"
            raise InputFileError(where, found, "a text table")
        ended = ended or len(plain) < len(text)
        n_before += len(text)
        empty = empty and not text.strip()
        head = head or plain[:HEAD_CHARACTERS]
        last = max(text.rfind("\n"), text.rfind("\r"))
        length = length + len(text) if last < 0 else len(text) - last
        if length > LONGEST_LINE:
            found = f"a line of more than {LONGEST_LINE} characters"
            raise InputFileError(where, found, "a line for each epoch")
    decoder.decode(b"", final=True)
    if empty:
        raise InputFileError(where, "an empty file", "a text table")
    return head


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file, unpacked if it is packed with gzip."""
    with open_regular(path) as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=file) as unpacked, io.BufferedReader(unpacked) as inside:
                yield inside
        else:
            yield file


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Raise ``InputFileError`` where a file cannot be read, or is damaged."""
    try:
        yield
    except FileNotFoundError:
        advice = "Check the spelling and the folder."
        raise InputFileError(where, "no such file", "a text table", advice) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        found = f"a damaged gzip file ({error})"[:120]
        raise InputFileError(where, found, "a text table") from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputFileError(where, why, "a file that can be read") from None


class Cells(Sequence[str]):
    """A column of texts, which takes little more memory than its characters.

    Examples
    --------
    >>> cells = Cells(["a", "", "b"])
    >>> len(cells), cells[1], cells[-1], list(cells)
    (3, '', 'b', ['a', '', 'b'])
    """

    __slots__ = ("_blocks", "_last", "_n")

    def __init__(self, cells: Iterable[str] = ()) -> None:
        self._blocks: list[str] = []
        self._n = 0
        self._last: tuple[int, list[str]] = (-1, [])
        rest = iter(cells)
        while block := list(islice(rest, _ROWS_A_BLOCK)):
            self.append(block)

    def append(self, block: Sequence[str]) -> None:
        """Add cells: ``_ROWS_A_BLOCK`` of them, fewer only at the end."""
        self._blocks.append(_SEPARATOR.join(block))
        self._n += len(block)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[str]:
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[list[str]]:
        """Yield the cells in lists."""
        for block in self._blocks:
            yield block.split(_SEPARATOR)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(self._n))]
        row = at + self._n if at < 0 else at
        if not 0 <= row < self._n:
            raise IndexError(at)
        number, place = divmod(row, _ROWS_A_BLOCK)
        if self._last[0] != number:
            self._last = (number, self._blocks[number].split(_SEPARATOR))
        return self._last[1][place]


def blocks_of(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the cells of a column in lists of a few thousand.

    Examples
    --------
    >>> [len(block) for block in blocks_of(("a",) * 5000)]
    [4096, 904]
    """
    if isinstance(cells, Cells):
        yield from cells.blocks()
        return
    for first in range(0, len(cells), _ROWS_A_BLOCK):
        yield cells[first : first + _ROWS_A_BLOCK]


class ColumnsBuilder:
    """Collects the rows of a table, column by column, in little memory."""

    __slots__ = ("_columns", "_lines", "_rows")

    def __init__(self, n_columns: int) -> None:
        self._columns = [Cells() for _ in range(n_columns)]
        self._rows: list[Sequence[str]] = []
        self._lines = array("q")

    def add(self, line: int, row: Sequence[str]) -> None:
        """Add a row that stands in a line of the file."""
        self._lines.append(line)
        self._rows.append(row)
        if len(self._rows) == _ROWS_A_BLOCK:
            self._store()

    def columns(self) -> tuple[Sequence[str], ...]:
        """Return the columns; those of few rows as tuples."""
        if self._rows:
            self._store()
        few = len(self._lines) < _FEW_ROWS
        return tuple(tuple(column) if few else column for column in self._columns)

    def lines(self) -> Sequence[int]:
        """Return the line of each row."""
        return self._lines if len(self._lines) >= _FEW_ROWS else tuple(self._lines)

    def _store(self) -> None:
        for column, cells in zip(self._columns, zip(*self._rows, strict=True), strict=True):
            column.append(cells)
        self._rows.clear()
