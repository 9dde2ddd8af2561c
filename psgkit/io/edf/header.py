"""Parse the header of EDF, EDF+, BDF and BDF+ files.

Nothing is allocated from what the header claims: the number of signals is checked against the size
of the file before their fields are read.  A field that can be repaired gives a finding, one that
cannot be trusted gives ``EdfFormatError``, or makes its channel unusable.

References: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi (BDF).
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psgkit.core.finding import Finding
from psgkit.errors import EdfFormatError
from psgkit.io.edf.fields import HeaderFields
from psgkit.io.edf.signal_header import (
    FIXED_BYTES,
    SIGNAL_BYTES,
    EdfSignalHeader,
    parse_signals,
    place_of,
)

EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"
LONGEST_RECORD_S, SHORTEST_RECORD_S = 86400.0, 1e-6
LONGEST_RECORDING_S = 366 * 86400.0
HIGHEST_RATE_HZ = 65536.0
"""Beyond these a header is damaged: no recorder stores records of a day, recordings of a year or
signals faster than sound, and what is computed from them would fill the memory."""
_NOT_A_RECORDING = {
    b"<": "This looks like a web page: download the file itself.",
    b"version ": "This looks like a Git LFS pointer: 'git lfs pull' fetches the file.",
}


def _advice_for_text(raw: bytes) -> str:
    """Return where a text table is taken, if this looks like one; else nothing."""
    first = raw.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").strip().replace("\t", " ")
    is_text = first.isprintable() and "\ufffd" not in first and b"\0" not in raw
    if not is_text or not any(mark in raw for mark in (b",", b";", b"\t")):
        return ""
    return "This looks like a table: psgkit days takes activity counts, psgkit score movements."


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfHeader:
    """Header of a file, with the findings met on the way."""

    sample_bytes: Literal[2, 3]
    start: datetime | None
    header_bytes: int
    kind: str
    n_records: int
    record_s: float
    signals: tuple[EdfSignalHeader, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def record_bytes(self) -> int:
        """Return the size of one data record."""
        return self.sample_bytes * sum(signal.samples_per_record for signal in self.signals)

    @property
    def is_discontinuous(self) -> bool:
        """Return whether the file says that it may have gaps (EDF+D, BDF+D)."""
        return self.kind[3:5] == "+D"


def parse_header(name: str, raw: bytes, file_bytes: int) -> EdfHeader:
    """Return the header of the file called ``name``.

    Parameters
    ----------
    name : str
        For messages.
    raw : bytes
        The beginning of the file, at least ``256 * (signals + 1)`` bytes where there are as many.
    file_bytes : int
        Size of the whole file.

    Raises
    ------
    EdfFormatError
        If this is not EDF or BDF, or no record can be located with certainty.
    """
    fields = HeaderFields(name, raw)
    is_bdf = raw[:8] == BDF_MAGIC
    if not is_bdf and raw[:8] != EDF_MAGIC:
        wanted = "'0' (EDF) or BIOSEMI (BDF) in the first 8 bytes"
        kinds = (text for start, text in _NOT_A_RECORDING.items() if raw.startswith(start))
        raise fields.refuse("version", 0, 8, wanted, next(kinds, _advice_for_text(raw)))
    if len(raw) < FIXED_BYTES:
        raise EdfFormatError(f"{name}: header", f"{len(raw)} bytes", "at least 256")
    n_signals = _count_of_signals(fields, file_bytes)
    header_bytes = FIXED_BYTES + SIGNAL_BYTES * n_signals
    if fields.number(184, 8, "header size") != header_bytes:
        claimed = raw[184:192].decode("latin-1").strip()
        fields.note(
            "warning",
            "edf.header_bytes",
            "header size (byte 184)",
            f"found {claimed!r}, wanted {header_bytes} for {n_signals} signals; used the latter",
        )
    signals = parse_signals(fields, n_signals)
    record_s = _record_duration(fields, signals)
    start = parse_start(fields)
    kind = fields.text(192, 44, "reserved field")[:5]
    fields.note_encoding()
    _note_simulated(fields)
    sample_bytes: Literal[2, 3] = 3 if is_bdf else 2
    data_bytes = file_bytes - header_bytes
    record_bytes = _size_of_record(fields, signals, sample_bytes, data_bytes)
    n_records = _count_of_records(fields, data_bytes, record_bytes)
    if n_records * record_s > LONGEST_RECORDING_S:
        wanted = f"{n_records} records that last less than a year together"
        raise fields.refuse("record duration", 244, 8, wanted)
    return EdfHeader(
        sample_bytes=sample_bytes,
        start=start,
        header_bytes=header_bytes,
        kind=kind,
        n_records=n_records,
        record_s=record_s,
        signals=signals,
        findings=tuple(fields.findings),
    )


def _note_simulated(fields: HeaderFields) -> None:
    recording = fields.text(88, 80, "recording field")
    if "simulated" in recording.lower():
        message = f"the recording field says so: {recording!r}; no person was recorded"
        fields.note("info", "edf.simulated", "recording field (byte 88)", message)


def _count_of_signals(fields: HeaderFields, file_bytes: int) -> int:
    count = fields.number(252, 4, "number of signals")
    fits = (file_bytes - FIXED_BYTES) // SIGNAL_BYTES
    if not (count >= 1 and count == int(count) and count <= fits):
        raise fields.refuse(
            "number of signals",
            252,
            4,
            f"a whole number from 1 to {fits}, what a file of {file_bytes} bytes can hold",
        )
    return int(count)


def _record_duration(fields: HeaderFields, signals: tuple[EdfSignalHeader, ...]) -> float:
    seconds = fields.number(244, 8, "record duration")
    has_samples = any(not signal.is_annotation for signal in signals)
    plausible = SHORTEST_RECORD_S <= seconds <= LONGEST_RECORD_S
    if not (plausible or (seconds == 0 and not has_samples)):
        raise fields.refuse("record duration", 244, 8, "a number of seconds above 0")
    return seconds


def _size_of_record(
    fields: HeaderFields, signals: tuple[EdfSignalHeader, ...], sample_bytes: int, data_bytes: int
) -> int:
    """Return the bytes of a record, of which the file must hold one unless it ends here."""
    counts = [signal.samples_per_record for signal in signals]
    record_bytes = sample_bytes * sum(counts)
    if 0 < record_bytes <= data_bytes or (record_bytes and not data_bytes):
        return record_bytes
    place = place_of("samples_per_record", counts.index(max(counts)), len(signals))
    raise fields.refuse(
        place.what,
        place.at,
        place.width,
        f"a record that fits into the {data_bytes} bytes of data"
        if record_bytes
        else "at least one sample in some signal",
        "The file may be cut off." if record_bytes else "",
    )


def _count_of_records(fields: HeaderFields, data_bytes: int, record_bytes: int) -> int:
    claimed = fields.number(236, 8, "number of records")
    whole, rest = divmod(data_bytes, record_bytes)
    if claimed == whole and not rest:
        return whole
    if math.isfinite(claimed) and claimed == int(claimed) >= 0:
        if claimed < whole or (claimed == whole and rest):
            extra = data_bytes - int(claimed) * record_bytes
            fields.note(
                "warning",
                "edf.trailing_bytes",
                "number of records (byte 236)",
                f"{extra} bytes after the last of {int(claimed)} records; left unread",
            )
            return int(claimed)
        fields.note(
            "warning",
            "edf.truncated",
            "number of records (byte 236)",
            f"the header promises {int(claimed)} records, the file holds {whole} whole ones "
            f"and {rest} bytes of another; the whole ones are used",
        )
        return whole
    found = fields.raw[236:244].decode("latin-1").strip()
    fields.note(
        "warning",
        "edf.record_count",
        "number of records (byte 236)",
        f"found {found!r}, counted {whole} whole records from the size of the file",
    )
    return whole


_DATE = re.compile(r"(\d{1,2})[.:/-](\d{1,2})[.:/-](\d{2,4})")
_TIME = re.compile(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})")
_PLUS_DATE = re.compile(r"Startdate (\d{2})-([A-Z]{3})-(\d{4})", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_YEARS = range(1900, 2200)
_CLIPPING_YEAR = 85
"""Two-digit years from 85 on are 1985-1999, those below are 2000-2084 (EDF specification)."""


def parse_start(fields: HeaderFields) -> datetime | None:
    """Return the start, or None with a finding when date or time are impossible."""
    date_text = fields.text(168, 8, "start date")
    time_text = fields.text(176, 8, "start time")
    date, time = _DATE.fullmatch(date_text), _TIME.fullmatch(time_text)
    plus = _PLUS_DATE.match(fields.text(88, 80, "recording field"))
    try:
        if time is None:
            raise ValueError("time")
        hour, minute, second = (int(part) for part in time.groups())
        if plus is not None and plus[2].upper() in _MONTHS:
            month = _MONTHS.index(plus[2].upper()) + 1
            return datetime(_full_year(int(plus[3])), month, int(plus[1]), hour, minute, second)
        if date is None:
            raise ValueError("date")
        day, month, year = (int(part) for part in date.groups())
        return datetime(_full_year(year), month, day, hour, minute, second)
    except ValueError:
        fields.note(
            "warning",
            "edf.start_unknown",
            "start date and time (byte 168)",
            f"found {date_text!r} {time_text!r}, wanted dd.mm.yy hh.mm.ss; the start is unknown",
        )
        return None


def _full_year(year: int) -> int:
    if year >= 100:  # noqa: PLR2004 - four digits, against the specification but clear
        if year not in _YEARS:
            raise ValueError("year")
        return year
    return year + (1900 if year >= _CLIPPING_YEAR else 2000)
