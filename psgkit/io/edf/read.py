"""Open EDF, EDF+, BDF and BDF+ recordings; samples are read on access."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import EdfFormatError, InputFileError
from psgkit.io.channels.units import unit_factor
from psgkit.io.edf.annotations import (
    MOST_ANNOTATIONS,
    MOST_TEXT_BYTES,
    TOO_MANY_ANNOTATIONS,
    DecodedAnnotations,
    decode_annotations,
)
from psgkit.io.edf.header import (
    FIXED_BYTES,
    HIGHEST_RATE_HZ,
    PATIENT,
    RECORDS_N,
    SIGNAL_BYTES,
    EdfHeader,
    parse_header,
    place_of,
)
from psgkit.io.edf.person import sleeper_in
from psgkit.io.edf.samples import EdfSamples
from psgkit.io.files import first_bytes

_WANTED = "an EDF or BDF file"
_MOST_SIGNALS = 9999
"""The header has four digits for their number."""
_LONGEST_GAPS_S = 31 * 86400.0
"""A night is interrupted for minutes; beyond a month of gaps the times are damaged."""
_FLOAT_ROUNDING = 1e-12
_RECORDS_AT_ONCE = 2**18
_MOST_GAPS = 100_000
"""A recorder that stops more often is broken; psgkit's own choice."""
MOST_SURPLUS_BYTES = 10**6
"""A file that goes on for more than this, and more than a data record, after the last record its
header states is another recording than the header describes; psgkit's own choice."""
_ROUNDING_S = 1e-3
"""Writers round record times; a smaller gap or overlap is none."""


def read_edf(path: str | Path) -> Recording:
    """Return the recording in ``path``, without roles.

    Channels keep their exact rates; voltages are converted to uV and accelerations to g.

    Raises
    ------
    InputFileError
        If the file is missing, a folder, empty or unreadable.
    EdfFormatError
        If it is not EDF or BDF, its records cannot be located with certainty, the file is far
        larger than its header says, or one record holds more annotations than could be read.
    """
    path = Path(path)
    header = read_edf_header(path)
    refuse_surplus(path, header)
    refuse_long_lists(path.name, header)
    columns = _sample_columns(path, header)
    notes = [c for c, s in zip(columns, header.signals, strict=True) if s.is_annotation]
    decoded = decode_annotations(tuple(notes), header.n_records)
    first_s = _first_sample_s(header, decoded.record_start_s)
    segments, findings = _segments(path.name, header, decoded.record_start_s)
    onset_s = tuple(seconds - first_s for seconds in decoded.annotations.onset_s)
    return Recording(
        source=path.name,
        start=header.start + timedelta(seconds=first_s) if header.start else None,
        segments=segments,
        channels=_channels(header, columns),
        annotations=replace(decoded.annotations, onset_s=onset_s),
        findings=(
            *header.findings,
            *findings,
            *_annotation_findings(path.name, decoded),
            *_duplicate_findings(path.name, header),
            *_rate_findings(path.name, header),
            *_empty_findings(path.name, header),
        ),
        path=str(path),
        sleeper=header.sleeper,
    )


def read_edf_header(path: str | Path) -> EdfHeader:
    """Return the header of the file in ``path``; errors are those of ``read_edf``."""
    path = Path(path)
    raw = first_bytes(path, FIXED_BYTES + SIGNAL_BYTES * _MOST_SIGNALS, str(path), _WANTED)
    if not raw:
        raise InputFileError(str(path), "an empty file", _WANTED)
    header = parse_header(path.name, raw, path.stat().st_size)
    patient = raw[PATIENT.at : PATIENT.at + PATIENT.width].decode("latin-1")
    sleeper, unused = sleeper_in(patient, header.kind, header.start)
    about = [Finding("info", "edf.person", f"{path.name}: {PATIENT}", why) for why in unused]
    return replace(header, sleeper=sleeper, findings=(*header.findings, *about))


SHORTER_RECORDS = (
    "Export the recording with shorter data records, or its annotations to a file of their own."
)


def refuse_long_lists(name: str, header: EdfHeader) -> None:
    """Raise if one record has more room for annotations than texts of a whole file may take."""
    widths = [
        signal.samples_per_record * header.sample_bytes
        for signal in header.signals
        if signal.is_annotation
    ]
    if max(widths, default=0) > MOST_TEXT_BYTES:
        raise EdfFormatError(
            f"{name}: annotations",
            f"{max(widths)} bytes in one data record",
            f"at most {MOST_TEXT_BYTES} bytes",
            SHORTER_RECORDS,
        )


def refuse_surplus(path: Path, header: EdfHeader) -> None:
    """Raise ``EdfFormatError`` if the file is far larger than its header says.

    A few bytes more are left unread, with a finding; of a file that is much larger most of the
    recording would be lost.
    """
    stated = header.header_bytes + header.n_records * header.record_bytes
    size = path.stat().st_size
    if size - stated <= max(MOST_SURPLUS_BYTES, header.record_bytes):
        return
    raise EdfFormatError(
        f"{path.name}: {RECORDS_N}",
        f"a file of {size} bytes, of which the header describes {stated}",
        f"at most {max(MOST_SURPLUS_BYTES, header.record_bytes)} bytes after the last of "
        f"{header.n_records} records",
        "Export it again. If the records after it are of this night, write -1 as their number into "
        "a copy, and they are counted: printf '%-8s' -1 | dd of=COPY bs=1 seek=236 conv=notrunc",
    )


def _sample_columns(path: Path, header: EdfHeader) -> list[EdfSamples]:
    """Return the samples of all signals in file order, those of annotations too."""
    columns = []
    at = header.header_bytes
    for signal in header.signals:
        scaled = not (signal.flaw or signal.is_annotation)
        gain, offset = 1.0, 0.0
        if scaled:
            _, factor = unit_factor(signal.unit) or ("", 1.0)
            gain = signal.step * factor
            offset = signal.physical_min * factor - signal.digital_min * gain
        columns.append(
            EdfSamples(
                path=path,
                first_byte=at,
                record_bytes=header.record_bytes,
                n_records=header.n_records,
                per_record=signal.samples_per_record,
                sample_bytes=header.sample_bytes,
                gain=gain,
                offset=offset,
            )
        )
        at += signal.samples_per_record * header.sample_bytes
    return columns


def _channels(header: EdfHeader, columns: list[EdfSamples]) -> tuple[Channel, ...]:
    kept = [
        (signal, column)
        for signal, column in zip(header.signals, columns, strict=True)
        if not signal.is_annotation
    ]
    labels = _numbered([signal.label for signal, _ in kept])
    channels = []
    for label, (signal, column) in zip(labels, kept, strict=True):
        unit, factor = unit_factor(signal.unit) or (signal.unit, 1.0)
        flaw = signal.flaw or _rate_flaw(signal.samples_per_record, header.record_s)
        why_not = flaw or ("" if header.n_records else "the file holds no data record")
        low, high = sorted((signal.physical_min * factor, signal.physical_max * factor))
        channels.append(
            Channel(
                label=label,
                rate_hz=_rate_hz(signal.samples_per_record, header.record_s),
                samples=column,
                unit=unit,
                stored_unit=signal.unit,
                resolution=None if flaw else abs(column.gain),
                limits=None if flaw else (low, high),
                status="refused" if why_not else "ignored",
                reason=why_not,
            )
        )
    return tuple(channels)


def _rate_hz(samples_per_record: int, record_s: float) -> float:
    """Return the rate, whole if only the rounding of a fraction such as 1/7 s is between."""
    rate_hz = max(samples_per_record, 1) / record_s
    whole = float(round(rate_hz))
    return whole if abs(rate_hz - whole) < _FLOAT_ROUNDING * rate_hz else rate_hz


def _rate_flaw(samples_per_record: int, record_s: float) -> str:
    """Return why no rate follows from the samples in a record, or an empty text."""
    if not samples_per_record:
        return translatable("no samples in the records")
    rate_hz = samples_per_record / record_s
    return (
        translatable(f"{rate_hz:g} Hz is the rate of no recorder")
        if rate_hz > HIGHEST_RATE_HZ
        else ""
    )


def _numbered(labels: list[str]) -> list[str]:
    """Return the labels with repeats numbered: ``EMG``, ``EMG-1``, ``EMG-2``; never a clash."""
    used: Counter[str] = Counter()
    taken = set(labels)
    out = []
    for label in labels:
        name = label
        while used[label] and name in taken:
            name = f"{label}-{used[label]}"
            used[label] += 1
        used[label] += 1 if name == label else 0
        taken.add(name)
        out.append(name)
    return out


# --- time ----------------------------------------------------------------------------------------


def _first_sample_s(header: EdfHeader, record_start_s: NDArray[np.float64]) -> float:
    """Return the time of the first sample after the clock time in the header."""
    first = record_start_s[0] if len(record_start_s) else np.nan
    plausible = header.is_discontinuous or 0 <= first < 1
    return float(first) if np.isfinite(first) and plausible else 0.0


def _segments(
    name: str, header: EdfHeader, record_start_s: NDArray[np.float64]
) -> tuple[tuple[Segment, ...], list[Finding]]:
    """Return the segments, seconds from the first sample, and findings about them.

    Records are contiguous unless the file is marked discontinuous; then ``EdfFormatError`` is
    raised if a record does not state its start, or records overlap.
    """
    if not header.n_records or header.record_s == 0:
        return (), []
    if header.is_discontinuous:
        return _discontinuous(name, header, record_start_s)
    whole = (Segment(start_s=0.0, duration_s=header.n_records * header.record_s),)
    first_s = _first_sample_s(header, record_start_s)
    broken = np.empty(len(record_start_s), dtype=bool)
    for first in range(0, len(broken), _RECORDS_AT_ONCE):
        stated_s = record_start_s[first : first + _RECORDS_AT_ONCE]
        nominal_s = np.arange(first, first + len(stated_s)) * header.record_s
        broken[first : first + len(stated_s)] = np.abs(stated_s - first_s - nominal_s) > _ROUNDING_S
    if not broken.any():
        return whole, []
    where = translatable(f"{name}: record {int(broken.argmax()) + 1}")
    message = translatable(
        f"{int(broken.sum())} of {header.n_records} records state a time that does not follow from "
        "the start, though the file says it is continuous; read as continuous"
    )
    return whole, [Finding("warning", "edf.timekeeping", where, message)]


def _discontinuous(
    name: str, header: EdfHeader, record_start_s: NDArray[np.float64]
) -> tuple[tuple[Segment, ...], list[Finding]]:
    unstamped = np.isnan(record_start_s)
    if unstamped.any() or not len(record_start_s):
        raise EdfFormatError(
            f"{name}: record {int(unstamped.argmax()) + 1 if len(unstamped) else 1}",
            "no time stamp",
            "a time stamp in every record of a discontinuous (EDF+D) file",
        )
    starts = record_start_s - record_start_s[0]
    step = np.diff(starts) - header.record_s
    early = np.flatnonzero(step < -_ROUNDING_S)
    if len(early):
        row = int(early[0]) + 1
        raise EdfFormatError(
            f"{name}: record {row + 1}",
            f"a start at {record_start_s[row]:g} s, inside the record before",
            "records in time order",
        )
    # the time from the start in the header to the first record counts as a gap
    gap_s = np.cumsum(np.concatenate((np.abs(record_start_s[:1]), np.maximum(step, 0))))
    farthest = int(np.searchsorted(gap_s, _LONGEST_GAPS_S, side="right"))
    if farthest < len(gap_s):
        raise EdfFormatError(
            f"{name}: record {farthest + 1}",
            f"a start at {record_start_s[farthest]:g} s",
            f"gaps of less than {_LONGEST_GAPS_S / 86400:g} days in all",
        )
    gaps = np.flatnonzero(step > _ROUNDING_S)
    if len(gaps) > _MOST_GAPS:
        raise EdfFormatError(name, f"{len(gaps)} gaps", f"at most {_MOST_GAPS} gaps")
    edges = np.concatenate(([0], gaps + 1, [header.n_records]))
    segments = tuple(
        Segment(start_s=float(starts[a]), duration_s=float((b - a) * header.record_s))
        for a, b in pairwise(edges)
    )
    if len(segments) == 1:
        return segments, []
    lost = translatable(f"{gap_s[-1] - gap_s[0]:g} s of gaps")
    message = translatable(f"{len(segments)} segments with {lost}; nothing is computed across one")
    return segments, [Finding("info", "edf.gaps", name, message)]


# --- findings ------------------------------------------------------------------------------------


def _annotation_findings(name: str, decoded: DecodedAnnotations) -> list[Finding]:
    if decoded.n_dropped:
        message = translatable(
            f"{decoded.n_dropped} annotations, more than the {MOST_ANNOTATIONS} or "
            f"{MOST_TEXT_BYTES} bytes of text that are read: none of them is used, stages and "
            "events among them are missing; signals are read"
        )
        return [Finding("error", TOO_MANY_ANNOTATIONS, f"{name}: annotations", message)]
    if not decoded.n_broken:
        return []
    message = translatable(
        f"{decoded.n_broken} entries could not be decoded and are left out; "
        f"{len(decoded.annotations)} were read"
    )
    return [Finding("warning", "edf.annotations", f"{name}: annotations", message)]


def _duplicate_findings(name: str, header: EdfHeader) -> list[Finding]:
    rows: dict[str, list[int]] = {}
    for row, signal in enumerate(header.signals):
        if not signal.is_annotation:
            rows.setdefault(signal.label, []).append(row)
    return [
        Finding(
            "warning",
            "edf.duplicate_label",
            translatable(
                f"{name}: label {label!r} (byte {place_of('label', at[1], len(header.signals)).at})"
            ),
            translatable(
                f"used by {len(at)} channels; all are kept, the later ones as {f'{label}-1'!r} and "
                "so on"
            ),
        )
        for label, at in rows.items()
        if len(at) > 1
    ]


def _rate_findings(name: str, header: EdfHeader) -> list[Finding]:
    """Return findings on channels without a rate, one for all with the same fault."""
    rows: dict[str, list[int]] = {}
    for row, signal in enumerate(header.signals):
        if not (signal.is_annotation or signal.flaw):
            flaw = _rate_flaw(signal.samples_per_record, header.record_s)
            rows.setdefault(flaw, []).append(row)
    rows.pop("", None)
    found = []
    for flaw, at in rows.items():
        labels = ", ".join(repr(header.signals[row].label) for row in at)
        byte = place_of("samples_per_record", at[0], len(header.signals)).at
        where = translatable(f"{name}: signal {labels} (byte {byte})")
        found.append(
            Finding("error", "edf.rate", where, translatable(f"{flaw}; the channel is not used"))
        )
    return found


def _empty_findings(name: str, header: EdfHeader) -> list[Finding]:
    if header.n_records:
        return []
    message = translatable("the file is a header without any data record")
    return [Finding("error", "edf.empty", f"{name}: {RECORDS_N}", message)]
