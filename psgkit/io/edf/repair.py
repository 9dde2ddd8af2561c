"""Write a corrected copy of an EDF or BDF file: header fields and length, never a sample.

Only what follows from the file itself is corrected.  What would need a value that nobody wrote (a
date, a unit, a range) is left as it is and said.  The original is only read.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psgkit.errors import InputFileError
from psgkit.io.edf.copies import copied_records, new_file
from psgkit.io.edf.fields import HeaderFields
from psgkit.io.edf.header import EdfHeader, parse_start
from psgkit.io.edf.read import read_edf, read_edf_header
from psgkit.io.edf.signal_header import NUMBER_FIELDS, SIGNAL_FIELDS, place_of

FIXED_FIELDS = (
    (8, 80, "patient field"),
    (88, 80, "recording field"),
    (168, 8, "start date"),
    (176, 8, "start time"),
    (184, 8, "header size"),
    (192, 44, "reserved field"),
    (236, 8, "number of records"),
    (244, 8, "record duration"),
    (252, 4, "number of signals"),
)
_SPELLED = str.maketrans(
    {
        "\u00b5": "u",
        "\u03bc": "u",
        "\u03a9": "Ohm",
        "\u2126": "Ohm",
        "\u00df": "ss",
        "\u00b0": "deg",
    }
    | {"\u00c6": "Ae", "\u00e6": "ae", "\u00d8": "O", "\u00f8": "o", "\u0153": "oe", "\u2013": "-"}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATE = re.compile(r"(\d{1,2})[.:/-](\d{1,2})[.:/-](?:\d\d)?(\d\d)")
_TIME = re.compile(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})")
_LEFT_CODES = ("edf.start_unknown", "edf.scaling", "edf.rate", "edf.timekeeping", "edf.annotations")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One field that was corrected, with the byte where it begins."""

    field: str
    byte: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """What was done to one file.

    Attributes
    ----------
    path : Path
        The copy.
    changes : tuple of Change
    left : tuple of (str, str)
        Where something is wrong that cannot be corrected, and what.
    """

    path: Path
    changes: tuple[Change, ...]
    left: tuple[tuple[str, str], ...]


def repair_edf(path: str | Path, target: str | Path) -> Repair:
    """Write a corrected copy to ``target``; return what was changed and what had to be left.

    Raises
    ------
    InputFileError, EdfFormatError
        If the file cannot be read at all, or the copy would replace it.
    """
    path, target = Path(path), Path(target)
    header = read_edf_header(path)
    if target.exists() and target.samefile(path):
        raise InputFileError(str(target), "the original", "another file to write the copy to")
    with path.open("rb") as file:
        raw = bytearray(file.read(header.header_bytes))
    size_bytes = path.stat().st_size
    changes = [*_corrected_text(raw, header), *_corrected_numbers(raw, header)]
    changes += [*_corrected_start(raw), *_corrected_size(raw, header)]
    kept_bytes = header.header_bytes + header.n_records * header.record_bytes
    if kept_bytes < size_bytes:
        whole, rest = divmod(size_bytes - kept_bytes, header.record_bytes)
        lost = f"{whole} records and {rest} bytes" if whole else f"{rest} bytes"
        changes.append(Change(field="end of file", byte=kept_bytes, old=lost, new="left out"))
    with new_file(target) as copy:
        copy.write(raw)
        for block in copied_records(path, header):
            copy.write(block)
    return Repair(path=target, changes=tuple(changes), left=tuple(_left(target)))


def _replace(raw: bytearray, at: int, width: int, new: str) -> tuple[str, str] | None:
    """Write ``new`` into a field; return the old and the new text if they differ."""
    old = bytes(raw[at : at + width])
    put = new.encode("ascii")[:width].ljust(width)
    if old == put:
        return None
    raw[at : at + width] = put
    try:
        said = old.decode("utf-8")
    except UnicodeDecodeError:
        said = old.decode("latin-1")
    return said.rstrip(" "), put.decode("ascii").rstrip(" ")


def _corrected_text(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Spell in ASCII what is not, and blank control characters."""
    n = len(header.signals)
    places = [(at, width, what) for at, width, what in FIXED_FIELDS]
    for name, _ in SIGNAL_FIELDS:
        rows = (place_of(name, row, n) for row in range(n))
        places += [(place.at, place.width, place.what) for place in rows]
    for at, width, what in places:
        old = bytes(raw[at : at + width])
        if old.isascii() and not _CONTROL.search(old.decode("ascii")):
            continue
        plain = in_ascii(HeaderFields("", old).text(0, width, what))
        if changed := _replace(raw, at, width, plain):
            yield Change(field=what, byte=at, old=changed[0], new=changed[1])


def in_ascii(text: str) -> str:
    """Return ``text`` in ASCII: letters without their accents, ``?`` for what has no spelling.

    Examples
    --------
    >>> in_ascii("M\u00fcller \u00b5V"), in_ascii("\u4e2d")
    ('Muller uV', '?')
    """
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED)).translate(_SPELLED)
    letters = "".join(sign for sign in spelled if not unicodedata.combining(sign))
    plain = letters.encode("ascii", "replace").decode("ascii")
    return _CONTROL.sub(" ", plain).strip()


def _corrected_numbers(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Write numbers with a point, from the left edge of their field."""
    n = len(header.signals)
    places = [(236, 8, "number of records"), (244, 8, "record duration")]
    for name in NUMBER_FIELDS:
        rows = (place_of(name, row, n) for row in range(n))
        places += [(place.at, place.width, place.what) for place in rows]
    for at, width, what in places:
        text = raw[at : at + width].decode("latin-1")
        new = text.strip(" \x00")
        if "," in new and "." not in new:
            new = new.replace(",", ".")
        if changed := _replace(raw, at, width, new):
            yield Change(field=what, byte=at, old=changed[0], new=changed[1])


def _corrected_start(raw: bytearray) -> Iterator[Change]:
    """Write date and time with points, where they are possible."""
    if parse_start(HeaderFields("", bytes(raw))) is None:
        return
    for at, pattern, what in ((168, _DATE, "start date"), (176, _TIME, "start time")):
        match = pattern.fullmatch(raw[at : at + 8].decode("latin-1").strip(" \x00"))
        if match is None:  # the date of EDF+ stands elsewhere
            continue
        new = ".".join(f"{int(part):02d}" for part in match.groups())
        if changed := _replace(raw, at, 8, new):
            yield Change(field=what, byte=at, old=changed[0], new=changed[1])


def _corrected_size(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Write the size of the header and the number of records that are there."""
    for at, what, value in (
        (184, "header size", header.header_bytes),
        (236, "number of records", header.n_records),
    ):
        was = HeaderFields("", bytes(raw)).number(at, 8, what)
        if was != value and (changed := _replace(raw, at, 8, str(value))):
            yield Change(field=what, byte=at, old=changed[0], new=changed[1])


def _left(target: Path) -> Iterator[tuple[str, str]]:
    """Return what is still wrong with the copy."""
    recording = read_edf(target)
    for finding in recording.findings:
        if finding.code in _LEFT_CODES:
            yield finding.where, finding.message
    for channel in recording.channels:
        if not channel.stored_unit:
            yield f"{target.name}: unit of {channel.label!r}", "not stated in the file"


def log_lines(name: str, repair: Repair) -> list[str]:
    """Return the lines of the log about one file: what was changed, and what was left.

    The columns are file, field, byte, old and new value; tabs and line ends cannot occur in them.
    """
    rows = [
        (name, change.field, str(change.byte), repr(change.old), repr(change.new))
        for change in repair.changes
    ]
    rows += [(name, where, "", "left", message) for where, message in repair.left]
    return ["\t".join(map(_cell, row)) for row in rows]


def _cell(text: str) -> str:
    return _CONTROL.sub(" ", text)
