"""Packets of an ActiGraph log: where each lies, of which kind, and whether its checksum holds.

A packet is 0x1E, its type, a time in seconds since 1970 (4 bytes), the size of its payload (2),
the payload, and the complement of the exclusive-or of all that; numbers are little-endian
(github.com/actigraph/GT3X-File-Format).  Packets of one kind and size follow each other, and are
looked at many at a time.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.errors import InputFileError
from psgkit.io.scratch_file import ScratchFile

SEPARATOR = 0x1E
HEADER_BYTES, CHECKSUM_BYTES = 8, 1
LARGEST_PACKET = HEADER_BYTES + 65535 + CHECKSUM_BYTES
WINDOW_BYTES = 2**24
AT_ONCE = 512
"""Packets that are compared with the first; a run of one kind lasts about a minute."""

MOST_RESYNCS = 100_000
MOST_PACKETS = 20_000_000
"""Ten weeks of samples and light every second are 12 million; a small archive may hold far more."""

SEARCH_BYTES = 4096
_HEAD = np.dtype([("separator", "u1"), ("kind", "u1"), ("time_s", "<u4"), ("size", "<u2")])
ACTIVITY, BATTERY, LUX, METADATA, PARAMETERS, ACTIVITY2 = 0, 2, 5, 6, 21, 26
KEPT = (ACTIVITY, LUX, PARAMETERS, ACTIVITY2)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PacketIndex:
    """Packets of the kinds that are read, in the order of the file.

    Attributes
    ----------
    kind : uint8 array, shape (n,)
    time_s : int64 array, shape (n,)
        Of the clock of the device, seconds since 1970.
    at : int64 array, shape (n,)
        First byte of the payload.
    size : int64 array, shape (n,)
        Bytes of the payload.
    seen : Counter
        Packets of every kind.
    bad_checksums, lost_bytes : int
        Packets left out, and bytes that belong to no packet (runs of zeros are usual, and not
        counted).
    """

    kind: NDArray[np.uint8]
    time_s: NDArray[np.int64]
    at: NDArray[np.int64]
    size: NDArray[np.int64]
    seen: "Counter[int]" = field(default_factory=Counter)
    bad_checksums: int = 0
    lost_bytes: int = 0

    def of(self, *kinds: int) -> NDArray[np.int64]:
        """Return the rows of some kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


class _Window:
    """A piece of a file that moves on."""

    def __init__(self, log: ScratchFile) -> None:
        self._log = log
        self.total = len(log)
        self._first = 0
        self._bytes = np.empty(0, dtype=np.uint8)

    def view(self, at: int) -> NDArray[np.uint8]:
        """Return the bytes from ``at`` on, room for some packets if the file has them."""
        left = at - self._first
        enough = min(LARGEST_PACKET, self.total - at)
        if left < 0 or len(self._bytes) - left < enough:
            raw = self._log.read(at, WINDOW_BYTES)
            self._first, left = at, 0
            self._bytes = np.frombuffer(raw, dtype=np.uint8)
        return self._bytes[left:]


def index_packets(log: ScratchFile, where: str) -> PacketIndex:
    """Return the packets of a log.

    What is damaged is left out and counted: after it the next packet with a right checksum is
    looked for.

    Parameters
    ----------
    log : ScratchFile
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputFileError
        If there are more packets than a device writes.
    """
    # one buffer each: an array for every run would take more room than what it holds
    heads, starts = bytearray(), array("q")
    seen: Counter[int] = Counter()
    bad = lost = 0
    for at, junk, run in _runs(_Window(log)):
        lost += junk
        if run is None:
            continue
        right = _checked(run)
        kind = int(run[0, 1])
        seen[kind] += int(right.sum())
        bad += int(np.count_nonzero(~right))
        if bad + seen.total() > MOST_PACKETS:
            raise InputFileError(where, f"more than {MOST_PACKETS} packets", "packets of seconds")
        if kind in KEPT:
            chosen = np.flatnonzero(right)
            heads += run[chosen, :HEADER_BYTES].tobytes()
            starts.extend((at + chosen * run.shape[1]).tolist())
    head = np.frombuffer(heads, dtype=_HEAD)
    return PacketIndex(
        kind=head["kind"].copy(),
        time_s=head["time_s"].astype(np.int64),
        at=np.frombuffer(starts, dtype=np.int64) + HEADER_BYTES,
        size=head["size"].astype(np.int64),
        seen=seen,
        bad_checksums=bad,
        lost_bytes=lost,
    )


def _runs(window: _Window) -> Iterator[tuple[int, int, NDArray[np.uint8] | None]]:
    """Yield where something begins, bytes of no packet, and a run of packets, or None."""
    at = resyncs = 0
    while at + HEADER_BYTES + CHECKSUM_BYTES <= window.total and resyncs <= MOST_RESYNCS:
        block = window.view(at)
        if block[0] != SEPARATOR:
            step, junk = _to_next(block)
            resyncs += junk > 0
            yield at, junk, None
            at += step
            continue
        run = _run(block)
        if run is None or not (_checked(run[:1])[0] or _goes_on(block, run.shape[1])):
            # a separator among other bytes, or a packet that is cut off
            resyncs += 1
            yield at, 1, None
            at += 1
            continue
        yield at, 0, run
        at += run.size
    if at < window.total:
        yield at, window.total - at, None


def _to_next(block: NDArray[np.uint8]) -> tuple[int, int]:
    """Return how far the next separator is, and how many bytes before it are no zeros."""
    block = block[:SEARCH_BYTES]
    found = np.flatnonzero(block == SEPARATOR)
    step = int(found[0]) if len(found) else len(block)
    return step, int(np.count_nonzero(block[:step]))


def _run(block: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the packets of the kind and size of the first, one a row; None if it is cut off."""
    stride = HEADER_BYTES + (int(block[6]) | int(block[7]) << 8) + CHECKSUM_BYTES
    count = min(AT_ONCE, len(block) // stride)
    if count < 1:
        return None
    rows = block[: count * stride].reshape(count, stride)
    same = (rows[:, [0, 1, 6, 7]] == rows[0, [0, 1, 6, 7]]).all(axis=1)
    different = np.flatnonzero(~same)
    return rows[: int(different[0])] if len(different) else rows


def _checked(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which packets have the right checksum."""
    return np.asarray(np.invert(np.bitwise_xor.reduce(rows[:, :-1], axis=1)) == rows[:, -1])


def _goes_on(block: NDArray[np.uint8], stride: int) -> bool:
    """Return whether another packet, or the end, follows where the first one ends."""
    return len(block) == stride or (len(block) > stride and block[stride] in (SEPARATOR, 0))
