"""EDF and BDF files made byte by byte, so that any field can be wrong.

A signal is a mapping of header fields (text or bytes) with ``per_record`` and ``digital`` (all
samples as stored numbers) or ``records`` (the bytes of each data record, for annotations).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FIXED = (
    ("version", 8),
    ("patient", 80),
    ("recording", 80),
    ("startdate", 8),
    ("starttime", 8),
    ("header_bytes", 8),
    ("reserved", 44),
    ("n_records", 8),
    ("record_s", 8),
    ("ns", 4),
)
PER_SIGNAL = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("per_record", 8),
    ("signal_reserved", 32),
)
NS_OFFSET, RECORD_S_OFFSET, N_RECORDS_OFFSET, DATE_OFFSET, HEADER_BYTES_OFFSET = (
    252,
    244,
    236,
    168,
    184,
)

SignalFields = dict[str, Any]


def ordinary(
    digital: Sequence[int] | np.ndarray = (), per_record: int = 4, **fields: object
) -> SignalFields:
    """Return a voltage signal with one step of 1 uV, with ``fields`` replaced."""
    signal = {
        "label": "EMG",
        "unit": "uV",
        "physical_min": "-32768",
        "physical_max": "32767",
        "digital_min": "-32768",
        "digital_max": "32767",
        "per_record": per_record,
        "digital": np.asarray(digital, dtype=np.int64),
    }
    return signal | fields


def annotations(records: Sequence[bytes], samples: int = 30, **fields: object) -> SignalFields:
    """Return an annotation signal whose data records begin with ``records``, padded with NUL."""
    return {
        "label": "EDF Annotations",
        "unit": "",
        "physical_min": "-1",
        "physical_max": "1",
        "digital_min": "-32768",
        "digital_max": "32767",
        "per_record": samples,
        "records": list(records),
    } | fields


def tal(onset: str, *texts: str, duration: str = "") -> bytes:
    """Return one time-stamped annotation list; without texts the one that keeps time."""
    middle = b"\x15" + duration.encode() if duration else b""
    said = b"\x14".join(text.encode() for text in texts)
    return onset.encode() + middle + b"\x14" + said + b"\x14\x00"


def edf_bytes(
    signals: Sequence[SignalFields], *, sample_bytes: int = 2, tail: bytes = b"", **fields: object
) -> bytes:
    """Return a file with ``signals``; ``fields`` replace what the fixed header would say."""
    n_records = max((_n_records(signal) for signal in signals), default=0)
    said: dict[str, Any] = {
        "version": "0" if sample_bytes == 2 else b"\xffBIOSEMI",
        "patient": "X X X X",
        "recording": "",
        "startdate": "02.03.24",
        "starttime": "22.15.30",
        "header_bytes": 256 * (len(signals) + 1),
        "reserved": "",
        "n_records": n_records,
        "record_s": "1",
        "ns": len(signals),
    } | fields
    header = b"".join(_field(said[name], width) for name, width in FIXED)
    for name, width in PER_SIGNAL:
        header += b"".join(_field(signal.get(name, ""), width) for signal in signals)
    body = b"".join(
        _record(signal, row, sample_bytes) for row in range(n_records) for signal in signals
    )
    return header + body + tail


def write(path: Path, signals: Sequence[SignalFields], **fields: object) -> Path:
    """Return ``path`` after writing the file there."""
    path.write_bytes(edf_bytes(signals, **fields))
    return path


def physical(signal: Mapping[str, Any]) -> np.ndarray:
    """Return the samples of ``signal`` in its stored unit, computed in float64."""
    low, high = float(signal["physical_min"]), float(signal["physical_max"])
    bottom, top = float(signal["digital_min"]), float(signal["digital_max"])
    return (signal["digital"] - bottom) / (top - bottom) * (high - low) + low


def _n_records(signal: SignalFields) -> int:
    if "records" in signal:
        return len(signal["records"])
    return len(signal["digital"]) // max(int(signal["per_record"]), 1)


def _field(value: object, width: int) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("latin-1")
    if len(raw) > width:
        raise ValueError(f"{value!r} is longer than {width} bytes")
    return raw.ljust(width)


def _record(signal: SignalFields, row: int, sample_bytes: int) -> bytes:
    count = int(signal["per_record"])
    if "records" in signal:
        raw: bytes = signal["records"][row] if row < len(signal["records"]) else b""
        if len(raw) > count * sample_bytes:
            raise ValueError(f"{len(raw)} bytes do not fit into {count} samples")
        return raw.ljust(count * sample_bytes, b"\x00")
    wide = np.asarray(signal["digital"][row * count : (row + 1) * count]).astype("<i4")
    return wide.view(np.uint8).reshape(-1, 4)[:, :sample_bytes].tobytes()
