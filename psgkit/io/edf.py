"""Open EDF, EDF+, BDF and BDF+ recordings; samples are read when they are used."""

import stat
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from psgkit.core.finding import Finding
from psgkit.core.recording import Annotations, Channel, Recording
from psgkit.errors import InputFileError
from psgkit.io.edf_annotations import DecodedAnnotations, decode_annotations
from psgkit.io.edf_header import FIXED_BYTES, SIGNAL_BYTES, EdfHeader, parse_header
from psgkit.io.edf_samples import EdfSamples
from psgkit.io.edf_time import find_segments, first_sample_s
from psgkit.io.units import unit_factor

_MOST_SIGNALS = 9999
"""Four digits: what the header field can say."""


def read_edf(path: str | Path) -> Recording:
    """Return the recording in ``path``, without roles.

    Channels keep their own exact rates; voltages become uV and accelerations g.

    Raises
    ------
    InputFileError
        If the file is missing, a folder, empty or unreadable.
    EdfFormatError
        If it is not EDF or BDF, or its records cannot be located with certainty.
    """
    path = Path(path)
    header = _read_header(path)
    columns = _columns(path, header)
    notes = [c for c, s in zip(columns, header.signals, strict=True) if s.is_annotation]
    decoded = decode_annotations(tuple(notes), header.n_records)
    segments, findings = find_segments(path.name, header, decoded.record_start_s)
    first_s = first_sample_s(header, decoded.record_start_s)
    channels = _channels(header, columns)
    return Recording(
        source=path.name,
        start=header.start + timedelta(seconds=first_s) if header.start else None,
        segments=segments,
        channels=channels,
        annotations=_shifted(decoded.annotations, -first_s),
        findings=(
            *header.findings,
            *findings,
            *_annotation_findings(path.name, decoded),
            *_duplicate_findings(path.name, header),
        ),
        path=str(path),
    )


def _read_header(path: Path) -> EdfHeader:
    try:
        status = path.stat()
        # opening a pipe could wait for ever
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if path.is_dir() else "a pipe or device"
            raise InputFileError(str(path), kind, "an EDF or BDF file")
        with path.open("rb") as file:
            raw = file.read(FIXED_BYTES + SIGNAL_BYTES * _MOST_SIGNALS)
    except FileNotFoundError:
        raise InputFileError(str(path), "no such file", "an EDF or BDF file") from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InputFileError(str(path), why or "unreadable", "a readable file") from None
    if not raw:
        raise InputFileError(str(path), "an empty file", "an EDF or BDF file")
    return parse_header(path.name, raw, status.st_size)


def _columns(path: Path, header: EdfHeader) -> list[EdfSamples]:
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
        flaw = signal.flaw or ("" if signal.samples_per_record else "no samples in the records")
        low, high = sorted((signal.physical_min * factor, signal.physical_max * factor))
        channels.append(
            Channel(
                label=label,
                rate_hz=max(signal.samples_per_record, 1) / header.record_s,
                samples=column,
                unit=unit,
                stored_unit=signal.unit,
                resolution=None if flaw else abs(column.gain),
                limits=None if flaw else (low, high),
                status="refused" if flaw else "ignored",
                reason=flaw,
            )
        )
    return tuple(channels)


def _numbered(labels: list[str]) -> list[str]:
    """Return the labels with repeats numbered: ``EMG``, ``EMG-1``, ``EMG-2``; never a clash."""
    seen: Counter[str] = Counter()
    taken = set(labels)
    out = []
    for label in labels:
        name = label
        while seen[label] and name in taken:
            name = f"{label}-{seen[label]}"
            seen[label] += 1
        seen[label] += 1 if name == label else 0
        taken.add(name)
        out.append(name)
    return out


def _duplicate_findings(name: str, header: EdfHeader) -> list[Finding]:
    counts = Counter(signal.label for signal in header.signals if not signal.is_annotation)
    return [
        Finding(
            "warning",
            "edf.duplicate_label",
            f"{name}: label {label!r}",
            f"used by {count} channels; all are kept, the later ones as {label}-1 and so on",
        )
        for label, count in counts.items()
        if count > 1
    ]


def _shifted(annotations: Annotations, seconds: float) -> Annotations:
    return replace(annotations, onset_s=tuple(t + seconds for t in annotations.onset_s))


def _annotation_findings(name: str, decoded: DecodedAnnotations) -> list[Finding]:
    if not decoded.n_broken:
        return []
    return [
        Finding(
            "warning",
            "edf.annotations",
            f"{name}: annotations",
            f"{decoded.n_broken} entries could not be decoded and are left out; "
            f"{len(decoded.annotations)} were read",
        )
    ]
