"""Parse the header of EDF, EDF+, BDF and BDF+ files.

Nothing is allocated from what the header claims: the number of signals is checked against the size
of the file before their fields are read.  A field that can be repaired gives a finding, one that
cannot be trusted gives ``EdfFormatError``, or makes its channel unusable.

References: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi (BDF).
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from psgkit.core.finding import Finding
from psgkit.errors import EdfFormatError
from psgkit.io.edf_fields import HeaderFields
from psgkit.io.edf_start import parse_start

FIXED_BYTES = 256
SIGNAL_BYTES = 256
SIGNAL_FIELDS = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("samples_per_record", 8),
    ("reserved", 32),
)
EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"
LONGEST_RECORD_S, SHORTEST_RECORD_S = 1e6, 1e-6
LARGEST_RANGE, SMALLEST_STEP = 1e20, 1e-20
"""Beyond these a header is damaged: no recorder stores records of 12 days or 1e20 volts."""
_SAMPLES_PER_RECORD_AT = 216
_NOT_A_RECORDING = {
    b"<": "This looks like a web page: download the file itself.",
    b"version ": "This looks like a Git LFS pointer: 'git lfs pull' fetches the file.",
}


class _Range(TypedDict):
    """What the digital and physical ends of a signal's range are."""

    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfSignalHeader:
    """Header fields of one signal; ``flaw`` says why its samples cannot be scaled, if so."""

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
        return self.label in ("EDF Annotations", "BDF Annotations")

    @property
    def step(self) -> float:
        """Return physical units per digital step, negative for inverted polarity."""
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)


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
        raise fields.refuse("version", 0, 8, wanted, next(kinds, ""))
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
    signals = _parse_signals(fields, n_signals)
    record_s = _record_duration(fields, signals)
    start = parse_start(fields)
    kind = fields.text(192, 44, "reserved field")[:5]
    fields.note_encoding()
    _note_simulated(fields)
    sample_bytes: Literal[2, 3] = 3 if is_bdf else 2
    data_bytes = file_bytes - header_bytes
    record_bytes = _size_of_record(fields, signals, sample_bytes, data_bytes)
    return EdfHeader(
        sample_bytes=sample_bytes,
        start=start,
        header_bytes=header_bytes,
        kind=kind,
        n_records=_count_of_records(fields, data_bytes, record_bytes),
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
    row = counts.index(max(counts))
    raise fields.refuse(
        f"samples per record of signal {row + 1}",
        FIXED_BYTES + _SAMPLES_PER_RECORD_AT * len(signals) + 8 * row,
        8,
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


def _parse_signals(fields: HeaderFields, n_signals: int) -> tuple[EdfSignalHeader, ...]:
    offsets = {}
    at = FIXED_BYTES
    for name, width in SIGNAL_FIELDS:
        offsets[name] = (at, width)
        at += width * n_signals

    def place(name: str, row: int) -> tuple[int, int, str]:
        start, width = offsets[name]
        return start + row * width, width, f"{name.replace('_', ' ')} of signal {row + 1}"

    return tuple(
        _parse_signal(fields, {name: place(name, row) for name, _ in SIGNAL_FIELDS})
        for row in range(n_signals)
    )


def _parse_signal(fields: HeaderFields, places: dict[str, tuple[int, int, str]]) -> EdfSignalHeader:
    ranges = _Range(
        physical_min=fields.number(*places["physical_min"]),
        physical_max=fields.number(*places["physical_max"]),
        digital_min=fields.number(*places["digital_min"]),
        digital_max=fields.number(*places["digital_max"]),
    )
    count = fields.number(*places["samples_per_record"])
    if not (math.isfinite(count) and count >= 0 and count == int(count)):
        start, width, what = places["samples_per_record"]
        raise fields.refuse(what, start, width, "a whole number of samples, 0 or more")
    signal = EdfSignalHeader(
        label=fields.text(*places["label"]),
        unit=fields.text(*places["unit"]),
        prefilter=fields.text(*places["prefilter"]),
        samples_per_record=int(count),
        flaw=_scaling_flaw(ranges),
        **ranges,
    )
    if signal.flaw and not signal.is_annotation:
        fields.note("error", "edf.scaling", f"signal {signal.label!r}", signal.flaw)
    elif not signal.is_annotation and signal.step < 0:
        message = "physical minimum above the maximum: inverted polarity, read as written"
        fields.note("info", "edf.polarity", f"signal {signal.label!r}", message)
    return signal


def _scaling_flaw(ranges: _Range) -> str:
    """Return why samples cannot become physical values, or an empty text."""
    physical_min, physical_max = ranges["physical_min"], ranges["physical_max"]
    digital_min, digital_max = ranges["digital_min"], ranges["digital_max"]
    if not all(map(math.isfinite, (physical_min, physical_max, digital_min, digital_max))):
        return "physical or digital range is not a number: no unit can be given to its samples"
    if digital_min >= digital_max:
        return f"digital minimum {digital_min:g} is not below the maximum {digital_max:g}"
    if physical_min == physical_max:
        return f"physical minimum and maximum are both {physical_min:g}"
    span = abs(physical_max - physical_min)
    step = span / (digital_max - digital_min)
    if max(span, abs(physical_min)) > LARGEST_RANGE or step < SMALLEST_STEP:
        return f"physical range from {physical_min:g} to {physical_max:g} is that of no recorder"
    return ""
