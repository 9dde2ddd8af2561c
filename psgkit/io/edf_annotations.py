"""Decode EDF+ and BDF+ annotation signals (time-stamped annotation lists, TAL).

A data record holds TALs separated by NUL bytes; each is ``onset [0x15 duration] 0x14 text 0x14
[text 0x14]...``.  The first TAL of a record has an empty text: it says when the record starts.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.recording import Annotations
from psgkit.io.edf_samples import EdfSamples

TAL = re.compile(
    rb"""
    ([+-]\d+(?:\.\d*)?)         # onset in seconds, always with its sign
    (?:\x15(\d+(?:\.\d*)?))?    # duration
    \x14(.*)                    # texts, each closed by 0x14
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_RECORDS = 4096


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DecodedAnnotations:
    """What the annotation signals of a file say.

    ``record_start_s`` has one entry a record, NaN where the record does not say, and none at all
    without an annotation signal; times are as stored, relative to the clock time in the header.
    """

    annotations: Annotations
    record_start_s: NDArray[np.float64]
    n_broken: int


def decode_annotations(signals: tuple[EdfSamples, ...], n_records: int) -> DecodedAnnotations:
    """Return the annotations of all annotation signals, in time order.

    A list that cannot be decoded is counted in ``n_broken``; everything else is kept.
    """
    record_start_s = np.full(n_records if signals else 0, np.nan)
    found: list[tuple[float, float, str]] = []
    n_broken = 0
    for number, signal in enumerate(signals):
        for row, record in enumerate(_records(signal, n_records)):
            if _is_time_stamp(record):
                starts = [float(record[:-2])]
            else:
                starts, entries, broken = decode_record(record)
                n_broken += broken
                found.extend(entries)
            if number == 0 and starts:
                record_start_s[row] = starts[0]
    found.sort(key=lambda entry: entry[0])
    onset, duration, text = zip(*found, strict=True) if found else ((), (), ())
    return DecodedAnnotations(
        annotations=Annotations(onset_s=onset, duration_s=duration, text=text),
        record_start_s=record_start_s,
        n_broken=n_broken,
    )


def _records(signal: EdfSamples, n_records: int) -> Iterator[bytes]:
    """Return the bytes of each record, less the NULs that fill it."""
    if not signal.per_record:
        return
    for first in range(0, n_records, _BLOCK_RECORDS):
        block = signal.raw(first, min(first + _BLOCK_RECORDS, n_records))
        # numpy's byte strings end where the NULs begin
        yield from np.ascontiguousarray(block).view(f"S{block.shape[1]}")[:, 0].tolist()


def _is_time_stamp(record: bytes) -> bool:
    """Return whether a record says when it starts and nothing else, as nearly all of them do."""
    digits = record[1:-2].replace(b".", b"", 1)
    is_number = digits.isdigit() and record[:1] in (b"+", b"-") and record[1:2] != b"."
    return is_number and record[-2:] == b"\x14\x14"


def decode_record(record: bytes) -> tuple[list[float], list[tuple[float, float, str]], int]:
    r"""Return record starts, annotations ``(onset_s, duration_s, text)`` and the broken count.

    Examples
    --------
    >>> decode_record(b"+30\x14\x14\x00+31.5\x152\x14EEG arousal\x14\x00\x00")
    ([30.0], [(31.5, 2.0, 'EEG arousal')], 0)
    """
    starts: list[float] = []
    entries: list[tuple[float, float, str]] = []
    n_broken = 0
    for tal in record.split(b"\x00"):
        if not tal:
            continue
        match = TAL.fullmatch(tal)
        onset = float(match[1]) if match else math.inf
        # a text that is not closed was cut off; an onset of 400 digits is infinite
        if match is None or (match[3] and match[3][-1:] != b"\x14") or math.isinf(onset):
            n_broken += 1
            continue
        texts = match[3].split(b"\x14")[:-1]
        if not texts or not texts[0]:
            starts.append(onset)
        duration = float(match[2]) if match[2] else 0.0
        entries.extend((onset, duration, _decode(text)) for text in texts if text)
    return starts, entries, n_broken


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.decode("latin-1").strip()
