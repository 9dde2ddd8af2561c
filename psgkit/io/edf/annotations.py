"""Decode EDF+ and BDF+ annotation signals (time-stamped annotation lists, TAL).

A data record holds TALs separated by NUL bytes; each is ``onset [0x15 duration] 0x14 text 0x14
[text 0x14]...``.  The first TAL of a record has an empty text and states the start of the record.
"""

import math
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Annotations
from psgkit.core.regex import regex
from psgkit.io.edf.samples import EdfSamples

TAL = regex(
    rb"""
    ([+-]\d+(?:\.\d*)?)         # onset in seconds, always with its sign
    (?:\x15(\d+(?:\.\d*)?))?    # duration
    \x14(.*)                    # texts, each closed by 0x14
    """,
    re.VERBOSE | re.DOTALL,
)
_STAMP = regex(rb"([+-]\d+(?:\.\d*)?)(?:\x15\d+(?:\.\d*)?)?\x14(?:\x14|\Z)")
MOST_ANNOTATIONS = 250_000
"""One every 0.12 s of a night of eight hours; psgkit's own choice."""
TOO_MANY_ANNOTATIONS = "edf.annotations_dropped"
"""Code of the finding about a file with more."""
MOST_TEXT_BYTES = 2**25
"""Of all their texts together; psgkit's own choice."""
FILLED = regex(rb"[^\x00]+")
"""A list; what lies between lists is padding."""
_TEXT = regex(rb"\x14([^\x14\x00]+)(?=\x14)")
_BLOCK_RECORDS = 4096
_BLOCK_BYTES = 2**24
_STAMP_BYTES = 32
"""A time stamp that is longer is decoded as any list."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DecodedAnnotations:
    """Content of the annotation signals of a file.

    ``record_start_s`` has one entry for each record, NaN if not stated, and is empty without an
    annotation signal; times are as stored, relative to the clock time in the header.
    ``n_dropped`` counts the annotations of a file that has too many, of which none is kept.
    """

    annotations: Annotations
    record_start_s: NDArray[np.float64]
    n_broken: int
    n_dropped: int = 0


def decode_annotations(signals: tuple[EdfSamples, ...], n_records: int) -> DecodedAnnotations:
    """Return the annotations of all annotation signals, in time order.

    A list that cannot be decoded is counted in ``n_broken``; everything else is kept, unless it
    is more than ``MOST_ANNOTATIONS`` or ``MOST_TEXT_BYTES``: a part of the events of a night would
    look like all of them.
    """
    record_start_s = np.full(n_records if signals else 0, np.nan)
    found: list[tuple[float, float, str]] = []
    n_broken = n_texts = n_bytes = 0
    too_many = False
    for number, signal in enumerate(signals):
        for first, lists in _blocks(signal, n_records):
            is_stamp, start_s = time_stamps(lists)
            # a record without any list, as of a file that was not filled, states nothing
            for row in np.flatnonzero(~is_stamp & (lists != b"")).tolist():
                record = lists[row]
                here_n, here_bytes = _texts_in(record)
                # empty texts and lists are no annotations, but take memory like them
                entries_n = annotations_n(record, 0, len(record))
                if here_n <= MOST_ANNOTATIONS < entries_n:
                    here_n = entries_n
                n_texts, n_bytes = n_texts + here_n, n_bytes + here_bytes
                if too_many or n_texts > MOST_ANNOTATIONS or n_bytes > MOST_TEXT_BYTES:
                    too_many = True
                    found.clear()
                    start_s[row] = _start_of(record)
                    continue
                starts, entries, broken = decode_record(record)
                n_broken += broken
                found.extend(entries)
                start_s[row] = starts[0] if starts else np.nan
            if number == 0:
                record_start_s[first : first + len(lists)] = start_s
    found.sort(key=lambda entry: entry[0])
    onset, duration, text = zip(*found, strict=True) if found else ((), (), ())
    return DecodedAnnotations(
        annotations=Annotations(onset_s=onset, duration_s=duration, text=text),
        record_start_s=record_start_s,
        n_broken=n_broken,
        n_dropped=n_texts if too_many else 0,
    )


def annotations_n(block: bytes, first: int, end: int) -> int:
    r"""Return the number of texts, empty ones too, or of lists if there are more, held nowhere.

    Examples
    --------
    >>> content = b"+0\x14\x14\x00+1\x14a\x14b\x14\x00\x00\x00"
    >>> annotations_n(content, 0, len(content))
    3
    """
    lists_n = sum(1 for _ in FILLED.finditer(block, first, end))
    # each list has one behind its onset
    return max(lists_n, block.count(b"\x14", first, end) - lists_n)


def _texts_in(record: bytes) -> tuple[int, int]:
    """Return the number of texts in a record and their bytes, without holding them."""
    n = n_bytes = 0
    for text in _TEXT.finditer(record):
        n += 1
        n_bytes += text.end() - text.start(1)
    return n, n_bytes


def _start_of(record: bytes) -> float:
    """Return the start that a record states, NaN if it states none."""
    stamps = (_STAMP.match(tal[0]) for tal in FILLED.finditer(record))
    starts = (float(stamp[1]) for stamp in stamps if stamp is not None)
    return next((start for start in starts if math.isfinite(start)), np.nan)


def _blocks(signal: EdfSamples, n_records: int) -> Iterator[tuple[int, NDArray[np.bytes_]]]:
    """Yield the bytes of some records, without padding NULs, and the number of the first."""
    if not signal.per_record:
        return
    # a block is a copy, so its bytes are bounded, whatever the header says of a record
    at_once = max(1, min(_BLOCK_RECORDS, _BLOCK_BYTES // (signal.per_record * signal.sample_bytes)))
    for first in range(0, n_records, at_once):
        block = signal.raw(first, min(first + at_once, n_records))
        # numpy byte strings drop trailing NULs
        yield first, np.ascontiguousarray(block).view(f"S{block.shape[1]}")[:, 0]


def time_stamps(lists: NDArray[np.bytes_]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    r"""Return the mask of records that state their start only, as nearly all do, and the starts.

    Examples
    --------
    >>> [found.tolist() for found in time_stamps(np.array([b"+30.5\x14\x14", b"+1\x14a\x14"]))]
    [[True, False], [30.5, nan]]
    """
    start_s = np.full(len(lists), np.nan)
    length = np.strings.str_len(lists)
    is_stamp = (length <= _STAMP_BYTES) & np.strings.endswith(lists, b"\x14\x14")
    rows = np.flatnonzero(is_stamp)
    number = lists[rows].astype(f"S{_STAMP_BYTES}")
    letters = number.view(np.uint8).reshape(len(rows), _STAMP_BYTES)
    is_digit = (letters >= ord("0")) & (letters <= ord("9"))
    dots_n = np.count_nonzero(letters == ord("."), axis=1)
    # a sign, a digit, then digits with at most one point, and the two terminators
    good = np.isin(letters[:, 0], (ord("+"), ord("-"))) & is_digit[:, 1] & (dots_n <= 1)
    good &= np.count_nonzero(is_digit, axis=1) + dots_n + 3 == length[rows]
    is_stamp[rows[~good]] = False
    start_s[rows[good]] = np.strings.rstrip(number[good], b"\x14").astype(np.float64)
    return is_stamp, start_s


def decode_record(record: bytes) -> tuple[list[float], list[tuple[float, float, str]], int]:
    r"""Return the record start, annotations ``(onset_s, duration_s, text)`` and the broken count.

    The start is the first that is stated; the list is empty if none is.

    Examples
    --------
    >>> decode_record(b"+30\x14\x14\x00+31.5\x152\x14EEG arousal\x14\x00\x00")
    ([30.0], [(31.5, 2.0, 'EEG arousal')], 0)
    """
    starts: list[float] = []
    entries: list[tuple[float, float, str]] = []
    n_broken = 0
    for tal in FILLED.finditer(record):  # one by one: a record may hold millions
        read = _read_list(tal[0])
        if read is None:
            n_broken += 1
            continue
        onset, duration, texts = read
        if not starts and not (texts and texts[0]):
            starts.append(onset)
        entries.extend((onset, duration, _decode(text)) for text in texts if text)
    return starts, entries, n_broken


def _read_list(tal: bytes) -> tuple[float, float, list[bytes]] | None:
    """Return onset, duration and texts of a list, None if it is broken."""
    match = TAL.fullmatch(tal)
    onset = float(match[1]) if match else math.inf
    # a text without terminator is truncated; an onset of 400 digits is infinite
    if match is None or (match[3] and match[3][-1:] != b"\x14") or math.isinf(onset):
        return None
    return onset, float(match[2]) if match[2] else 0.0, match[3].split(b"\x14")[:-1]


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.decode("latin-1").strip()
