"""Parse the header of EDF, EDF+, BDF and BDF+ files.

The number of signals is checked against the size of the file before anything is allocated.  A field
that can be repaired gives a finding; one that cannot be trusted gives ``EdfFormatError`` or makes
its channel unusable.

References: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi (BDF).
"""

import math
import re
from dataclasses import field, replace
from datetime import date, datetime, time
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding, Severity
from psgkit.core.message import translatable
from psgkit.core.recording import NO_DATE
from psgkit.core.sleeper import Sleeper
from psgkit.errors import EdfFormatError
from psgkit.io.edf.dates import header_date, header_time, plus_date
from psgkit.io.edf.record_duration import meant_duration
from psgkit.io.files import how_to_unpack


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Place of a field of the header: first byte, width in bytes, and its name for messages.

    Examples
    --------
    >>> str(START_DATE)
    'start date (byte 168)'
    """

    at: int
    width: int
    what: str

    def __str__(self) -> str:
        return translatable(f"{self.what} (byte {self.at})")


VERSION = FieldPlace(0, 8, translatable("version"))
PATIENT = FieldPlace(8, 80, translatable("patient field"))
RECORDING = FieldPlace(88, 80, translatable("recording field"))
START_DATE = FieldPlace(168, 8, translatable("start date"))
START_TIME = FieldPlace(176, 8, "start time")
HEADER_SIZE = FieldPlace(184, 8, translatable("header size"))
RESERVED = FieldPlace(192, 44, translatable("reserved field"))
RECORDS_N = FieldPlace(236, 8, translatable("number of records"))
RECORD_DURATION = FieldPlace(244, 8, translatable("record duration"))
SIGNALS_N = FieldPlace(252, 4, translatable("number of signals"))
FIXED_BYTES = 256
SIGNAL_BYTES = 256
SIGNAL_FIELDS = {
    "label": 16,
    "transducer": 80,
    "unit": 8,
    "physical_min": 8,
    "physical_max": 8,
    "digital_min": 8,
    "digital_max": 8,
    "prefilter": 80,
    "samples_per_record": 8,
    "reserved": 32,
}
"""Width of each field of a signal: it stands for all signals in a row before the next begins."""
NUMBER_FIELDS = ("physical_min", "physical_max", "digital_min", "digital_max", "samples_per_record")
ANNOTATION_LABELS = ("EDF Annotations", "BDF Annotations")

EDF_MAGIC, BDF_MAGIC = b"0       ", b"\xffBIOSEMI"
LONGEST_RECORD_S, SHORTEST_RECORD_S = 86400.0, 1e-6
LONGEST_RECORDING_S, HIGHEST_RATE_HZ = 366 * 86400.0, 65536.0
LARGEST_RANGE, SMALLEST_STEP = 1e20, 1e-20
"""Beyond these a header is damaged: no recorder stores records of a day, recordings of a year,
signals faster than sound or 1e20 volts, and what is computed from them would fill the memory."""
_NOT_A_RECORDING = {
    b"<": "This looks like a web page: download the file itself.",
    b"version ": "This looks like a Git LFS pointer: 'git lfs pull' fetches the file.",
}


def is_annotation_label(label: str) -> bool:
    """Return whether a label is that of EDF+ annotations, however it is spelled.

    Examples
    --------
    >>> is_annotation_label("EDF annotations"), is_annotation_label("EDF_Annotation")
    (True, True)
    """
    letters = "".join(sign for sign in label.casefold() if sign.isalpha())
    return letters in ("edfannotations", "bdfannotations", "edfannotation", "bdfannotation")


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfSignalHeader:
    """Header fields of one signal; ``flaw`` is the reason if its samples cannot be scaled."""

    label: str
    unit: str
    prefilter: str
    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float
    samples_per_record: int
    flaw: str = ""

    @property
    def is_annotation(self) -> bool:
        """Return whether the signal holds EDF+ annotations instead of samples."""
        return self.label in ANNOTATION_LABELS or is_annotation_label(self.label)

    @property
    def step(self) -> float:
        """Return physical units per digital step, negative for inverted polarity."""
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfHeader:
    """Header of a file, with the findings of parsing it."""

    sample_bytes: Literal[2, 3]
    start: datetime | None
    header_bytes: int
    kind: str
    n_records: int
    record_s: float
    signals: tuple[EdfSignalHeader, ...]
    findings: tuple[Finding, ...] = ()
    sleeper: Sleeper = field(default_factory=Sleeper)

    @property
    def record_bytes(self) -> int:
        """Return the size of one data record."""
        return self.sample_bytes * sum(signal.samples_per_record for signal in self.signals)

    @property
    def is_discontinuous(self) -> bool:
        """Return whether the file may have gaps (EDF+D, BDF+D)."""
        return self.kind[3:5] == "+D"


@dataclass(slots=True)
class HeaderFields:
    """Raw header bytes of the file ``name``, and the findings of decoding them."""

    name: str
    raw: bytes
    findings: list[Finding] = field(default_factory=list)
    not_ascii: list[tuple[FieldPlace, str]] = field(default_factory=list)

    def note(self, severity: Severity, code: str, where: str | FieldPlace, message: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(severity, code, f"{self.name}: {where}", message))

    def text(self, place: FieldPlace) -> str:
        """Return a text field, decoded as ASCII, else UTF-8, else Latin-1 (both with a finding)."""
        raw = self.raw[place.at : place.at + place.width].rstrip(b" \x00")
        if raw.isascii():
            return raw.decode("ascii").strip()
        try:
            text, encoding = raw.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError:
            text, encoding = raw.decode("latin-1"), "Latin-1"
        self.not_ascii.append((place, encoding))
        return text.strip()

    def note_encoding(self) -> None:
        """Keep one finding for all fields that are not ASCII."""
        if not self.not_ascii:
            return
        place, encoding = self.not_ascii[0]
        n_others = len(self.not_ascii) - 1
        where = translatable(f"{place} and {n_others} more fields") if n_others else place
        message = translatable(f"not ASCII as the format asks; read as {encoding}")
        self.note("warning", "edf.encoding", where, message)

    def number(self, place: FieldPlace) -> float:
        """Return a number field; a decimal comma gives a finding, any other text NaN."""
        text = self._latin(place)
        if "," in text and "." not in text:
            message = translatable(f"decimal comma in {text!r}, read as a point")
            self.note("warning", "edf.decimal_comma", place, message)
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return math.nan
        # float() also takes "1_0", "inf" and "nan", which no recorder means
        return value if math.isfinite(value) and "_" not in text else math.nan

    def refuse(self, place: FieldPlace, wanted: str, advice: str = "") -> EdfFormatError:
        """Return the error for a field that makes the file unreadable."""
        return EdfFormatError(f"{self.name}: {place}", repr(self._latin(place)), wanted, advice)

    def _latin(self, place: FieldPlace) -> str:
        return self.raw[place.at : place.at + place.width].decode("latin-1").strip("\x00 ")


def place_of(name: str, row: int, n_signals: int) -> FieldPlace:
    """Return the place of a field of signal ``row`` in a header of ``n_signals``.

    Examples
    --------
    >>> place_of("unit", 1, 2)
    FieldPlace(at=456, width=8, what='unit of signal 2')
    """
    names = list(SIGNAL_FIELDS)
    before = sum(SIGNAL_FIELDS[earlier] for earlier in names[: names.index(name)])
    width = SIGNAL_FIELDS[name]
    at = FIXED_BYTES + before * n_signals + row * width
    return FieldPlace(at, width, translatable(f"{name.replace('_', ' ')} of signal {row + 1}"))


def parse_header(name: str, raw: bytes, file_bytes: int) -> EdfHeader:
    """Return the header of the file called ``name``.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    raw : bytes
        The beginning of the file, at least ``256 * (signals + 1)`` bytes if it is long enough.
    file_bytes : int
        Size of the whole file.

    Raises
    ------
    EdfFormatError
        If this is not EDF or BDF, or no record can be located with certainty.
    """
    fields = HeaderFields(name, raw)
    is_bdf = _is_bdf(fields, file_bytes)
    if len(raw) < FIXED_BYTES:
        raise EdfFormatError(f"{name}: header", f"{len(raw)} bytes", "at least 256")
    n_signals = _count_of_signals(fields, file_bytes)
    header_bytes = FIXED_BYTES + SIGNAL_BYTES * n_signals
    if fields.number(HEADER_SIZE) != header_bytes:
        claimed = raw[184:192].decode("latin-1").strip()
        message = translatable(
            f"found {claimed!r}, wanted {header_bytes} for {n_signals} signals; used the latter"
        )
        fields.note("warning", "edf.header_bytes", HEADER_SIZE, message)
    signals = tuple(_parse_signal(fields, row, n_signals) for row in range(n_signals))
    record_s = _record_duration(fields, signals)
    start = parse_start(fields)
    kind = fields.text(RESERVED)[:5]
    fields.note_encoding()
    _note_simulated(fields)
    sample_bytes: Literal[2, 3] = 3 if is_bdf else 2
    data_bytes = file_bytes - header_bytes
    record_bytes = _size_of_record(fields, signals, sample_bytes, data_bytes)
    n_records = _count_of_records(fields, data_bytes, record_bytes)
    if n_records * record_s > LONGEST_RECORDING_S:
        wanted = f"{n_records} records that last less than a year together"
        raise fields.refuse(RECORD_DURATION, wanted)
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


def _is_bdf(fields: HeaderFields, file_bytes: int) -> bool:
    """Return whether the version is that of BDF; raise ``EdfFormatError`` if it is neither.

    One wrong byte gives a finding where the rest of the header is whole.
    """
    raw = fields.raw[: VERSION.width]
    if raw in (EDF_MAGIC, BDF_MAGIC):
        return raw == BDF_MAGIC
    blank = raw.replace(b"\x00", b" ")
    for magic, kind in ((EDF_MAGIC, "EDF"), (BDF_MAGIC, "BDF")):
        wrong = sum(one != other for one, other in zip(blank, magic, strict=False))
        if wrong <= 1 and len(raw) == len(magic) and _is_header(fields, file_bytes):
            message = translatable(
                f"found {raw!r}, wanted {magic!r}; the rest of the header is {kind}, so read"
            )
            fields.note("warning", "edf.version", VERSION, message)
            return magic == BDF_MAGIC
    wanted = "'0' (EDF) or BIOSEMI (BDF) in the first 8 bytes"
    kinds = (text for start, text in _NOT_A_RECORDING.items() if raw.startswith(start))
    advice = next(kinds, how_to_unpack(raw, fields.name) or _advice_for_text(fields.raw))
    raise fields.refuse(VERSION, wanted, advice)


def _is_header(fields: HeaderFields, file_bytes: int) -> bool:
    """Return whether the numbers of the fixed header fit each other and the file."""
    count, size = fields.number(SIGNALS_N), fields.number(HEADER_SIZE)
    return size == FIXED_BYTES + SIGNAL_BYTES * count and FIXED_BYTES < size <= file_bytes


def parse_start(fields: HeaderFields) -> datetime | None:
    """Return the start, or None with a finding when the time of day is not known.

    The ``Startdate`` of EDF+ goes before the date of EDF.  A time of day without a date is kept, at
    ``NO_DATE``; at midnight it was wiped with the date.
    """
    clock = header_time(fields.text(START_TIME))
    day = _start_date(fields)
    where = translatable(f"start date and time (byte {START_DATE.at})")
    date_text, time_text = fields.text(START_DATE), fields.text(START_TIME)
    if clock is None or (day is None and not clock):
        message = translatable(
            f"found {date_text!r} {time_text!r}, wanted dd.mm.yy hh.mm.ss; the start is unknown"
        )
        fields.note("warning", "edf.start_unknown", where, message)
        return None
    if day is None:
        message = translatable(
            f"found {date_text!r} {time_text!r}, which has no date; shown as {NO_DATE}, and the "
            "time of day is kept"
        )
        fields.note("warning", "edf.date_unknown", where, message)
    return datetime.combine(day or NO_DATE, time.min) + clock


def _start_date(fields: HeaderFields) -> date | None:
    """Return the date of EDF+, else that of EDF; findings say where they do not agree."""
    plus, stated = plus_date(fields.text(RECORDING))
    plain = header_date(fields.text(START_DATE))
    if plus is None and stated:
        message = translatable(
            f"found Startdate {stated!r}, wanted dd-MMM-yyyy such as 02-MAR-2024; the start date "
            "of EDF is used"
        )
        fields.note("warning", "edf.startdate", RECORDING, message)
    if plus is not None and plain is not None and _short(plus) != _short(plain):
        message = translatable(
            f"{plain.isoformat()} here and {plus.isoformat()} in the recording field; the latter, "
            "of EDF+, is used"
        )
        fields.note("warning", "edf.dates_differ", START_DATE, message)
    return plus or plain


def _short(day: date) -> tuple[int, int, int]:
    """Return a date as the field of EDF has it, with two digits of the year."""
    return day.day, day.month, day.year % 100


def _advice_for_text(raw: bytes) -> str:
    """Return the command that reads a text table, if this looks like one; else an empty text."""
    first = raw.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").strip().replace("\t", " ")
    is_text = first.isprintable() and "\ufffd" not in first and b"\0" not in raw
    if not is_text or not any(mark in raw for mark in (b",", b";", b"\t")):
        return ""
    return "This looks like a table: psgkit days takes activity counts, psgkit score movements."


def _note_simulated(fields: HeaderFields) -> None:
    # the field may name a person, who is not named here
    said = re.search(r"\S*simulated\S*", fields.text(RECORDING), re.IGNORECASE)
    if said is not None:
        message = translatable(f"the recording field says so: {said[0]!r}; no person was recorded")
        fields.note("info", "edf.simulated", RECORDING, message)


def _count_of_signals(fields: HeaderFields, file_bytes: int) -> int:
    count = fields.number(SIGNALS_N)
    fits = (file_bytes - FIXED_BYTES) // SIGNAL_BYTES
    if not (count >= 1 and count == int(count) and count <= fits):
        wanted = f"a whole number from 1 to {fits}, what a file of {file_bytes} bytes can hold"
        raise fields.refuse(SIGNALS_N, wanted)
    return int(count)


def _parse_signal(fields: HeaderFields, row: int, n_signals: int) -> EdfSignalHeader:
    """Return one signal; raise ``EdfFormatError`` if its number of samples is not certain."""

    def number(name: str) -> float:
        return fields.number(place_of(name, row, n_signals))

    def text(name: str) -> str:
        return fields.text(place_of(name, row, n_signals))

    ends = [number(name) for name in NUMBER_FIELDS[:4]]
    count = number("samples_per_record")
    if not (math.isfinite(count) and count >= 0 and count == int(count)):
        place = place_of("samples_per_record", row, n_signals)
        raise fields.refuse(place, "a whole number of samples, 0 or more")
    signal = EdfSignalHeader(
        label=text("label"),
        unit=text("unit"),
        prefilter=text("prefilter"),
        physical_min=ends[0],
        physical_max=ends[1],
        digital_min=ends[2],
        digital_max=ends[3],
        samples_per_record=int(count),
    )
    signal = replace(signal, flaw=_scaling_flaw(signal))
    where = translatable(
        f"signal {signal.label!r} (byte {place_of('physical_min', row, n_signals).at})"
    )
    if signal.is_annotation and signal.label not in ANNOTATION_LABELS:
        message = translatable(f"found {signal.label!r}, read as {ANNOTATION_LABELS[0]!r}")
        fields.note("info", "edf.annotation_label", place_of("label", row, n_signals), message)
    if signal.flaw and not signal.is_annotation:
        fields.note("error", "edf.scaling", where, signal.flaw)
    elif not signal.is_annotation and signal.step < 0:
        message = translatable(
            "physical minimum above the maximum: inverted polarity, read as written"
        )
        fields.note("info", "edf.polarity", where, message)
    return signal


def _scaling_flaw(signal: EdfSignalHeader) -> str:
    """Return why samples cannot become physical values, or an empty text."""
    physical_min, physical_max = signal.physical_min, signal.physical_max
    digital_min, digital_max = signal.digital_min, signal.digital_max
    if not all(map(math.isfinite, (physical_min, physical_max, digital_min, digital_max))):
        return translatable(
            "physical or digital range is not a number: no unit can be given to its samples"
        )
    if digital_min >= digital_max:
        return translatable(
            f"digital minimum {digital_min:g} is not below the maximum {digital_max:g}"
        )
    if physical_min == physical_max:
        return translatable(f"physical minimum and maximum are both {physical_min:g}")
    span = abs(physical_max - physical_min)
    if max(span, abs(physical_min)) > LARGEST_RANGE or abs(signal.step) < SMALLEST_STEP:
        return translatable(
            f"physical range from {physical_min:g} to {physical_max:g} is that of no recorder"
        )
    return ""


def _record_duration(fields: HeaderFields, signals: tuple[EdfSignalHeader, ...]) -> float:
    seconds = fields.number(RECORD_DURATION)
    has_samples = any(not signal.is_annotation for signal in signals)
    plausible = SHORTEST_RECORD_S <= seconds <= LONGEST_RECORD_S
    if not (plausible or (seconds == 0 and not has_samples)):
        raise fields.refuse(RECORD_DURATION, "a number of seconds above 0")
    if not plausible:
        return seconds
    text = fields.text(RECORD_DURATION).replace(",", ".")
    meant = meant_duration(text, [s.samples_per_record for s in signals if not s.is_annotation])
    if meant is None:
        return seconds
    message = translatable(
        f"{text!r} is {meant} s, cut to the 8 characters of EDF: all rates are whole then"
    )
    fields.note("info", "edf.record_duration", RECORD_DURATION, message)
    return float(meant)


def _size_of_record(
    fields: HeaderFields, signals: tuple[EdfSignalHeader, ...], sample_bytes: int, data_bytes: int
) -> int:
    """Return the bytes of a record; the file must have one unless it ends after the header."""
    counts = [signal.samples_per_record for signal in signals]
    record_bytes = sample_bytes * sum(counts)
    if 0 < record_bytes <= data_bytes or (record_bytes and not data_bytes):
        return record_bytes
    place = place_of("samples_per_record", counts.index(max(counts)), len(signals))
    if not record_bytes:
        raise fields.refuse(place, "at least one sample in some signal")
    wanted = f"a record that fits into the {data_bytes} bytes of data"
    raise fields.refuse(place, wanted, "The file may be cut off.")


def _count_of_records(fields: HeaderFields, data_bytes: int, record_bytes: int) -> int:
    claimed = fields.number(RECORDS_N)
    whole, rest = divmod(data_bytes, record_bytes)
    if claimed == whole and not rest:
        return whole
    if not (math.isfinite(claimed) and claimed == int(claimed) >= 0):
        found = fields.raw[236:244].decode("latin-1").strip()
        message = translatable(
            f"found {found!r}, counted {whole} whole records from the size of the file"
        )
        fields.note("warning", "edf.record_count", RECORDS_N, message)
        return whole
    if claimed <= whole:
        extra = data_bytes - int(claimed) * record_bytes
        message = translatable(
            f"{extra} bytes after the last of {int(claimed)} records; left unread"
        )
        fields.note("warning", "edf.trailing_bytes", RECORDS_N, message)
        return int(claimed)
    message = translatable(
        f"the header promises {int(claimed)} records, the file holds {whole} whole ones and {rest} "
        "bytes of another; the whole ones are used"
    )
    fields.note("warning", "edf.truncated", RECORDS_N, message)
    return whole
