"""Write a corrected copy of an EDF or BDF file: header fields and length, never a sample.

Only values that follow from the file itself are corrected.  A missing date, unit or range is left
unchanged and reported.  The original is only read.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.io.edf.copies import copied_records, new_copy
from psgkit.io.edf.header import (
    BDF_MAGIC,
    EDF_MAGIC,
    HEADER_SIZE,
    NUMBER_FIELDS,
    PATIENT,
    RECORD_DURATION,
    RECORDING,
    RECORDS_N,
    RESERVED,
    SIGNAL_FIELDS,
    SIGNALS_N,
    START_DATE,
    START_TIME,
    VERSION,
    EdfHeader,
    FieldPlace,
    HeaderFields,
    parse_start,
    place_of,
)
from psgkit.io.edf.read import read_edf, read_edf_header

_FIXED_FIELDS = (
    *(PATIENT, RECORDING, START_DATE, START_TIME, HEADER_SIZE),
    *(RESERVED, RECORDS_N, RECORD_DURATION, SIGNALS_N),
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
_CONTROL = regex(r"[\x00-\x1f\x7f]")
_DATE = regex(r"(\d{1,2})[.:/-](\d{1,2})[.:/-](?:\d\d)?(\d\d)")
_TIME = regex(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})")
_LEFT_CODES = (
    *("edf.start_unknown", "edf.date_unknown", "edf.startdate", "edf.dates_differ"),
    *("edf.record_duration", "edf.scaling", "edf.rate", "edf.timekeeping", "edf.annotations"),
    "edf.annotations_dropped",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One corrected field, with its first byte."""

    field: str
    byte: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """A corrected copy; ``left`` lists place and kind of faults that cannot be corrected."""

    path: Path
    changes: tuple[Change, ...]
    left: tuple[tuple[str, str], ...]


def repair_edf(path: str | Path, target: str | Path) -> Repair:
    """Write a corrected copy to ``target``; return the changes and the remaining faults.

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
    changes = [*_corrected_version(raw, header), *_corrected_text(raw, header)]
    changes += _corrected_numbers(raw, header)
    changes += [*_corrected_start(raw), *_corrected_size(raw, header)]
    kept_bytes = header.header_bytes + header.n_records * header.record_bytes
    if kept_bytes < size_bytes:
        whole, rest = divmod(size_bytes - kept_bytes, header.record_bytes)
        lost = f"{whole} records and {rest} bytes" if whole else f"{rest} bytes"
        changes.append(Change(field="end of file", byte=kept_bytes, old=lost, new="left out"))
    with new_copy(target) as copy:
        copy.write(raw)
        for block in copied_records(path, header):
            copy.write(block)
    return Repair(path=target, changes=tuple(changes), left=tuple(_left(target)))


def _corrected(raw: bytearray, place: FieldPlace, new: str) -> Iterator[Change]:
    """Write ``new`` into a field; yield the change if there is one."""
    old = bytes(raw[place.at : place.at + place.width])
    put = new.encode("ascii")[: place.width].ljust(place.width)
    if old == put:
        return
    raw[place.at : place.at + place.width] = put
    try:
        said = old.decode("utf-8")
    except UnicodeDecodeError:
        said = old.decode("latin-1")
    was, now = said.rstrip(" "), put.decode("ascii").rstrip(" ")
    yield Change(field=place.what, byte=place.at, old=was, new=now)


def _corrected_version(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Write the version by which readers know EDF and BDF."""
    magic = EDF_MAGIC if header.sample_bytes == 2 else BDF_MAGIC  # noqa: PLR2004
    old = bytes(raw[: VERSION.width])
    if old != magic:
        raw[: VERSION.width] = magic
        was, now = (text.decode("latin-1").rstrip(" ") for text in (old, magic))
        yield Change(field=VERSION.what, byte=VERSION.at, old=was, new=now)


def _corrected_text(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Convert text to ASCII, and blank control characters."""
    for place in (*_FIXED_FIELDS, *_signal_places(header, SIGNAL_FIELDS)):
        old = bytes(raw[place.at : place.at + place.width])
        if old.isascii() and not _CONTROL.search(old.decode("ascii")):
            continue
        plain = in_ascii(HeaderFields("", bytes(raw)).text(place))
        yield from _corrected(raw, place, plain)


def _signal_places(header: EdfHeader, names: Iterable[str]) -> list[FieldPlace]:
    n = len(header.signals)
    return [place_of(name, row, n) for name in names for row in range(n)]


def in_ascii(text: str) -> str:
    """Return ``text`` in ASCII: letters without accents, ``?`` for other characters.

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
    for place in (RECORDS_N, RECORD_DURATION, *_signal_places(header, NUMBER_FIELDS)):
        new = raw[place.at : place.at + place.width].decode("latin-1").strip(" \x00")
        if "," in new and "." not in new:
            new = new.replace(",", ".")
        yield from _corrected(raw, place, new)


def _corrected_start(raw: bytearray) -> Iterator[Change]:
    """Write date and time with points, if they are valid."""
    if parse_start(HeaderFields("", bytes(raw))) is None:
        return
    for place, pattern in ((START_DATE, _DATE), (START_TIME, _TIME)):
        match = pattern.fullmatch(raw[place.at : place.at + 8].decode("latin-1").strip(" \x00"))
        if match is None:  # the date of EDF+ stands elsewhere
            continue
        new = ".".join(f"{int(part):02d}" for part in match.groups())
        yield from _corrected(raw, place, new)


def _corrected_size(raw: bytearray, header: EdfHeader) -> Iterator[Change]:
    """Write the size of the header and the number of records that are there."""
    for place, value in ((HEADER_SIZE, header.header_bytes), (RECORDS_N, header.n_records)):
        if HeaderFields("", bytes(raw)).number(place) != value:
            yield from _corrected(raw, place, str(value))


def _left(target: Path) -> Iterator[tuple[str, str]]:
    """Yield place and kind of the remaining faults of the copy."""
    recording = read_edf(target)
    for finding in recording.findings:
        if finding.code in _LEFT_CODES:
            yield finding.where, finding.message
    for channel in recording.channels:
        if not channel.stored_unit:
            yield f"{target.name}: unit of {channel.label!r}", "not stated in the file"


def log_lines(name: str, repair: Repair) -> list[str]:
    """Return the log lines of one file: changes, and remaining faults.

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
