"""Read a text file, whichever program wrote it.

UTF-16 is tried first (it has a byte order mark, or NULs), then UTF-8, then Latin-1, which every
byte sequence fits.  A file that is no text is refused with the name of what it is.
"""

import os
import unicodedata
from pathlib import Path
from typing import Literal

from psgkit.errors import InputFileError
from psgkit.io.files import first_bytes

MAX_TEXT_BYTES = 64 * 2**20
"""Of a table of counts, which is read line by line; a month of seconds is 60 MB."""
MOST_NIGHT_BYTES = 16 * 2**20
"""Of other texts, which are read whole: a night with every event of every sensor is a few MB."""
MOST_LINES = 100_000
"""Lines of a text that is read whole: a day of seconds, a month of epochs; psgkit's own choice."""
MOST_JSON_PARTS, MOST_JSON_VALUES = 300_000, 1_500_000
"""Lists and objects, and values, of a JSON document: what 300 MB of memory hold; a night with
thousands of movements has a tenth."""

FileKind = Literal["edf", "text"]

EDF_SUFFIXES = (".edf", ".bdf", ".rec")
PACKED_EDF_SUFFIXES = tuple(
    f"{suffix}.{packed}" for suffix in EDF_SUFFIXES for packed in ("gz", "zip", "bz2", "xz", "zst")
)
"""Recordings that must be unpacked first; a folder lists them with that advice."""
SIGNATURES = (
    (b"0       ", "an EDF recording"),
    (b"\xffBIOSEMI", "a BDF recording"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Office workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "an HDF5 or MATLAB file"),
    (b"MATLAB 5.0 MAT", "a MATLAB file"),
)
PLAIN_CONTROLS = frozenset("\t\n\r\v\f")
"""Control characters that texts do contain."""
DOS_END_OF_FILE = "\x1a"
_READABLE = "a file that can be read"


def file_name(path: str | os.PathLike[str]) -> str:
    """Return what messages call a file: its name, without the folders it lies in.

    Examples
    --------
    >>> file_name("ward/night 3/hypnogram.csv")
    'hypnogram.csv'
    """
    return Path(path).name or str(path)


def open_kind(path: str | os.PathLike[str]) -> FileKind:
    """Return ``edf`` for an EDF or BDF file and ``text`` for anything else.

    The first bytes decide.  A file that is called ``.edf`` without beginning like one is taken as
    a damaged recording, so that the reader of recordings says what is wrong with it.

    Raises
    ------
    InputFileError
        If there is no such file, or it cannot be read.
    """
    head = first_bytes(path, 16, file_name(path), _READABLE)
    if head.startswith((b"0       ", b"\xffBIOSEMI")):
        return "edf"
    named = Path(path).name.lower().endswith((*EDF_SUFFIXES, *PACKED_EDF_SUFFIXES))
    return "edf" if named else "text"


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : path
        At most 16 MB of UTF-8 (with or without a byte order mark), UTF-16 or Latin-1.

    Raises
    ------
    InputFileError
        If there is no such file, it is a folder, empty, unreadable, too large or not text.
    """
    where = file_name(path)
    content = first_bytes(path, MOST_NIGHT_BYTES + 1, where, _READABLE)
    if len(content) > MOST_NIGHT_BYTES:
        raise InputFileError(
            where,
            f"more than {MOST_NIGHT_BYTES // 2**20} MB",
            "a text of one night, which is a few MB with every event",
            "Check that this is the file you meant. Write the rows of each night to a file of its "
            "own; psgkit days reads tables of counts of up to "
            f"{MAX_TEXT_BYTES // 2**20} MB.",
        )
    text = decode_text(content, where)
    if not text.strip():
        raise InputFileError(where, "an empty file", "a text table")
    return text


def decode_text(content: bytes, where: str) -> str:
    r"""Return ``content`` as text.

    Examples
    --------
    >>> decode_text(b"\xc9veil", "night.csv")
    'Éveil'

    Raises
    ------
    InputFileError
        If the bytes are not text; ``where`` names the file.
    """
    refuse_other_files(content, where)
    text = _decode(content).rstrip(DOS_END_OF_FILE)
    odd = {sign for sign in set(text) if sign < " " and sign not in PLAIN_CONTROLS}
    if odd:
        code = min(ord(sign) for sign in odd)
        at = text.index(chr(code))
        raise InputFileError(
            where, f"binary content (byte value {code} at character {at})", "a text table"
        )
    return text


def refuse_other_files(content: bytes, where: str) -> None:
    """Raise ``InputFileError`` for bytes that begin like a file of another kind."""
    for signature, name in SIGNATURES:
        if content.startswith(signature):
            raise InputFileError(
                where, name, "a text table", "Export the table as CSV and give that file."
            )


def refuse_many_lines(text: str, where: str) -> None:
    """Raise ``InputFileError`` for a text of more than ``MOST_LINES`` lines."""
    n = text.count("\n") or text.count("\r")
    if n > MOST_LINES:
        raise InputFileError(
            where,
            f"{n} lines",
            f"at most {MOST_LINES}: a day of seconds, a month of epochs",
            "Write the rows of each night to a file of its own.",
        )


def refuse_large_json(text: str, where: str, wanted: str) -> None:
    """Raise ``InputFileError`` for JSON that would take much memory, before it is parsed."""
    parts = text.count("[") + text.count("{")
    for n, most, what in (
        (parts, MOST_JSON_PARTS, "lists and objects"),
        (text.count(","), MOST_JSON_VALUES, "values"),
    ):
        if n > most:
            raise InputFileError(where, f"JSON of {n} {what}", f"{wanted} with at most {most}")


def lines_of(text: str) -> list[str]:
    r"""Return the lines of ``text``, without their ends.

    Unlike ``str.splitlines`` this breaks only where editors count a line.

    Examples
    --------
    >>> lines_of("W\r\nN1\n")
    ['W', 'N1', '']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def first_line_of(text: str) -> str:
    """Return the first line of ``text`` that is not blank; empty if there is none."""
    return next((line for line in lines_of(text) if line.strip()), "")


def without_accents(text: str) -> str:
    r"""Return ``text`` in lower case, without accents.

    Examples
    --------
    >>> without_accents("D\u00e9but")
    'debut'
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _decode(content: bytes) -> str:
    """Return ``content`` in the first of UTF-16, UTF-8 and Latin-1 that it is."""
    for encoding in (*utf16_candidates(content), "utf-8-sig"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def utf16_candidates(content: bytes) -> tuple[str, ...]:
    """Return the UTF-16 encodings to try: by the mark, or by which byte of a pair is NUL."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if max(even, odd) <= len(content) // 8:
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)
