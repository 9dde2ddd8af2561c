"""Packets of an ActiGraph log, and the samples in them.

A packet is 0x1E, its type, a time in seconds since 1970 (4 bytes), the size of its payload (2),
the payload, and the complement of the exclusive-or of all that; numbers are little-endian
(github.com/actigraph/GT3X-File-Format).  Runs of packets of one kind and size are decoded together.
"""

import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from itertools import pairwise
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.cut_zip import read_cut_zip
from psgkit.io.files import ScratchFile

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
        Time of the device, seconds since 1970.
    at : int64 array, shape (n,)
        First byte of the payload.
    size : int64 array, shape (n,)
        Bytes of the payload.
    counted : Counter
        Packets of every kind.
    bad_checksums, lost_bytes : int
        Packets left out, and bytes that belong to no packet (runs of zeros are not counted).
    """

    kind: NDArray[np.uint8]
    time_s: NDArray[np.int64]
    at: NDArray[np.int64]
    size: NDArray[np.int64]
    counted: "Counter[int]" = field(default_factory=Counter)
    bad_checksums: int = 0
    lost_bytes: int = 0

    def of(self, *kinds: int) -> NDArray[np.int64]:
        """Return the rows of some kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


class _Window:
    """A buffer that moves through a file."""

    def __init__(self, log: ScratchFile) -> None:
        self._log = log
        self.total = len(log)
        self._first = 0
        self._bytes = np.empty(0, dtype=np.uint8)

    def view(self, at: int) -> NDArray[np.uint8]:
        """Return the bytes from ``at``, enough for several packets if the file has them."""
        left = at - self._first
        enough = min(LARGEST_PACKET, self.total - at)
        if left < 0 or len(self._bytes) - left < enough:
            raw = self._log.read(at, WINDOW_BYTES)
            self._first, left = at, 0
            self._bytes = np.frombuffer(raw, dtype=np.uint8)
        return self._bytes[left:]


def index_packets(log: ScratchFile, where: str) -> PacketIndex:
    """Return the packets of a log.

    Damaged packets are skipped and counted up to the next packet with a correct checksum.

    Parameters
    ----------
    log : ScratchFile
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputFileError
        If there are more packets than any device writes.
    """
    # one buffer each: an array for every run would need more memory than its content
    heads, starts = bytearray(), array("q")
    counted: Counter[int] = Counter()
    bad = lost = 0
    for at, junk, run in _runs(_Window(log)):
        lost += junk
        if run is None:
            continue
        right = _checked(run)
        kind = int(run[0, 1])
        counted[kind] += int(right.sum())
        bad += int(np.count_nonzero(~right))
        if bad + counted.total() > MOST_PACKETS:
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
        counted=counted,
        bad_checksums=bad,
        lost_bytes=lost,
    )


def _runs(window: _Window) -> Iterator[tuple[int, int, NDArray[np.uint8] | None]]:
    """Yield the position, the bytes that belong to no packet, and a run of packets or None."""
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
            # a separator within other bytes, or a truncated packet
            resyncs += 1
            yield at, 1, None
            at += 1
            continue
        run = _trimmed(block, run)
        yield at, 0, run
        at += run.size
    if at < window.total:
        yield at, window.total - at, None


def _to_next(block: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the distance to the next separator, and the number of nonzero bytes before it."""
    block = block[:SEARCH_BYTES]
    found = np.flatnonzero(block == SEPARATOR)
    step = int(found[0]) if len(found) else len(block)
    return step, int(np.count_nonzero(block[:step]))


def _run(block: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the packets of the kind and size of the first, one in each row; None if truncated."""
    stride = HEADER_BYTES + (int(block[6]) | int(block[7]) << 8) + CHECKSUM_BYTES
    count = min(AT_ONCE, len(block) // stride)
    if count < 1:
        return None
    rows = block[: count * stride].reshape(count, stride)
    same = (rows[:, [0, 1, 6, 7]] == rows[0, [0, 1, 6, 7]]).all(axis=1)
    different = np.flatnonzero(~same)
    return rows[: int(different[0])] if len(different) else rows


def _checked(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the mask of packets with a correct checksum."""
    return np.asarray(np.invert(np.bitwise_xor.reduce(rows[:, :-1], axis=1)) == rows[:, -1])


def _trimmed(block: NDArray[np.uint8], run: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a run without a damaged last packet after which no other follows.

    Bytes of it may be lost, so that the next packet begins before its stated end.
    """
    stride = run.shape[1]
    last = block[run.size - stride :]
    if len(run) == 1 or _checked(run[-1:])[0] or _goes_on(last, stride):
        return run
    return run[:-1]


def _goes_on(block: NDArray[np.uint8], stride: int) -> bool:
    """Return whether a whole packet, zeros, or the end, follows where the first one ends.

    A single byte shows nothing: samples at rest are full of zeros.
    """
    following = block[stride:]
    if not len(following):
        return len(block) == stride
    if not following[:HEADER_BYTES].any():
        return True
    is_packet = following[0] == SEPARATOR and len(following) >= HEADER_BYTES
    run = _run(following) if is_packet else None
    return run is not None and bool(_checked(run[:1])[0])


INFO, LOG, OLD_LOG = "info.txt", "log.bin", "activity.bin"
MOST_INFO_BYTES = 2**16
MOST_LOG_BYTES = 4 * 2**30
"""Ten weeks of three axes of 16 bits at 100 Hz; what unpacks to more is refused."""

MOST_ENTRIES = 1000
RATES_HZ = range(10, 257)
LONGEST_PLACE = 14  # a label of EDF, less its axis
WANTED = "a GT3X file of ActiGraph"
_BLOCK = 2**22


@dataclass(frozen=True, kw_only=True, slots=True)
class Gt3xInfo:
    """Content of ``info.txt``; keys in lower case."""

    where: str
    said: dict[str, str]

    @property
    def rate(self) -> int:
        """Return the rate in Hz; raise ``InputFileError`` for a rate that no device has."""
        text = self.said.get("sample rate", "")
        if not (text.isascii() and text.isdigit() and int(text[:6]) in RATES_HZ):
            wanted = f"{RATES_HZ[0]} to {RATES_HZ[-1]} Hz"
            raise InputFileError(f"{self.where}, {INFO}, Sample Rate", repr(text[:20]), wanted)
        return int(text)

    @property
    def place(self) -> str:
        """Return the place of the device in words of a label; empty if not stated."""
        side, limb = (self.said.get(key, "").strip() for key in ("side", "limb"))
        words = f"{side} {limb}".strip().title()
        return (
            words
            if limb and words.replace(" ", "").isalpha() and len(words) <= LONGEST_PLACE
            else ""
        )

    def number(self, key: str) -> float | None:
        """Return the value of a key as a number, None if there is none."""
        try:
            found = float(self.said.get(key, ""))
        except ValueError:
            return None
        return found if np.isfinite(found) else None


_DAMAGED = (BadZipFile, zlib.error, LZMAError, EOFError)
"""What a zip archive raises while it is unpacked, by the method of its members."""


def is_gt3x(path: Path) -> bool:
    """Return whether a zip archive has the members of a GT3X file."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return INFO in names and bool(names & {LOG, OLD_LOG})


def unpacked_log(path: Path) -> tuple[Gt3xInfo, ScratchFile, bool, list[Finding]]:
    """Return the info, the log, whether it is of the old format, and findings."""
    if not is_zipfile(path):
        return _cut_log(path)
    findings: list[Finding] = []
    log = ScratchFile()
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES:
                raise InputFileError(path.name, f"{len(names)} files in a zip", WANTED)
            with archive.open(INFO) as file:
                text = file.read(MOST_INFO_BYTES + 1)
            old = LOG not in names
            entry = archive.getinfo(OLD_LOG if old else LOG)
            if len(text) > MOST_INFO_BYTES or entry.file_size > MOST_LOG_BYTES:
                found = f"{max(len(text), entry.file_size) / 2**30:.1f} GB when unpacked"
                raise InputFileError(path.name, found, f"at most {MOST_LOG_BYTES // 2**30} GB")
            info = _info(text, path.name)
            with archive.open(entry) as packed:
                _copy(packed, log, path.name, findings)
    except KeyError as error:
        raise InputFileError(path.name, str(error)[:80], WANTED) from None
    except (*_DAMAGED, NotImplementedError, RuntimeError, OSError) as error:
        # RuntimeError: encrypted
        found = f"a zip archive that cannot be read ({str(error)[:80]})"
        raise InputFileError(path.name, found, WANTED) from None
    return info, log, old, findings


def _cut_log(path: Path) -> tuple[Gt3xInfo, ScratchFile, bool, list[Finding]]:
    """Return the same of an archive whose end is missing, as far as it goes."""
    info, logs = bytearray(), {LOG: ScratchFile(), OLD_LOG: ScratchFile()}

    def write(name: str, block: bytes) -> None:
        if name == INFO and len(info) <= MOST_INFO_BYTES:
            info.extend(block)
        elif name in logs:
            if len(logs[name]) + len(block) > MOST_LOG_BYTES:
                wanted = f"at most {MOST_LOG_BYTES // 2**30} GB when unpacked"
                raise InputFileError(path.name, "a log that is larger", wanted)
            logs[name].write(block)

    read_cut_zip(path, write)
    old = not len(logs[LOG])
    log = logs[OLD_LOG if old else LOG]
    if not info or not len(log):
        missing = INFO if not info else "a log"
        found = f"a zip archive that was cut off before {missing}"
        raise InputFileError(path.name, found, WANTED, "Copy the file again from the device.")
    message = f"the archive is cut off; {len(log)} bytes of its log are read"
    finding = Finding("warning", "gt3x.cut", path.name, message)
    return _info(bytes(info), path.name), log, old, [finding]


def _copy(packed: IO[bytes], log: ScratchFile, where: str, findings: list[Finding]) -> None:
    """Unpack the log; bytes before a damage are kept."""
    try:
        while block := packed.read(_BLOCK):
            if len(log) + len(block) > MOST_LOG_BYTES:
                wanted = f"at most {MOST_LOG_BYTES // 2**30} GB when unpacked"
                raise InputFileError(where, "more than its archive says", wanted)
            log.write(block)
    except _DAMAGED as error:
        message = f"the log is damaged after {len(log)} bytes ({str(error)[:60]}); the rest is lost"
        findings.append(Finding("warning", "gt3x.damaged", where, message))


def _info(raw: bytes, where: str) -> Gt3xInfo:
    text = raw.decode("utf-8-sig", errors="replace")
    rows = [line.partition(":") for line in text.splitlines()[:200]]
    said = {key.strip().lower(): value.strip() for key, colon, value in rows if colon}
    return Gt3xInfo(where=where, said=said)


N_AXES = 3
PACKED_BITS, PLAIN_BYTES = 12, 2
SECONDS_AT_ONCE = 1024
_KEPT_BLOCKS = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Gt3xSeconds:
    """Seconds of samples in an open file.

    Attributes
    ----------
    file : ScratchFile
        Holds the payloads.
    kind, at, size : arrays, shape (n,)
        Kind, first byte and bytes of the payload of each second.
    rate : int
        Samples a second.
    per_g : float
        Steps of the device in one g.
    drawn : dict
        The blocks unpacked last.
    """

    file: ScratchFile
    kind: NDArray[np.uint8]
    at: NDArray[np.int64]
    size: NDArray[np.int64]
    rate: int
    per_g: float
    drawn: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    def block(self, number: int) -> NDArray[np.float32]:
        """Return a block of seconds in g, shape ``(3, seconds * rate)``; NaN where missing."""
        found = self.drawn.pop(number, None)
        if found is None:
            while len(self.drawn) >= _KEPT_BLOCKS:
                del self.drawn[next(iter(self.drawn))]
            first = number * SECONDS_AT_ONCE
            found = self._unpacked(first, min(first + SECONDS_AT_ONCE, len(self)))
        self.drawn[number] = found
        return found

    def _unpacked(self, first: int, last: int) -> NDArray[np.float32]:
        axes = np.full((N_AXES, last - first, self.rate), np.nan, dtype=np.float32)
        for begin, end in self._alike(first, last):
            raw = self._payloads(begin, end)
            packed = self.kind[begin] == ACTIVITY
            values = _of_12_bits(raw) if packed else raw.view("<i2")
            n = min(values.shape[1] // N_AXES, self.rate)
            samples = values[:, : n * N_AXES].reshape(end - begin, n, N_AXES)
            # packed samples are in the order y, x, z
            order = (1, 0, 2) if packed else (0, 1, 2)
            for row, source in enumerate(order):
                axes[row, begin - first : end - first, :n] = samples[:, :, source]
        axes /= np.float32(self.per_g)
        return axes.reshape(N_AXES, -1)

    def _alike(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the runs of seconds of one kind and size."""
        kind, size = self.kind[first:last], self.size[first:last]
        same = (kind[1:] == kind[:-1]) & (size[1:] == size[:-1])
        edges = [0, *(np.flatnonzero(~same) + 1).tolist(), last - first]
        for begin, end in pairwise(edges):
            yield first + begin, first + end

    def _payloads(self, begin: int, end: int) -> NDArray[np.uint8]:
        """Return the payloads of some seconds of one size, one a row."""
        at, size = self.at[begin:end], int(self.size[begin])
        low, high = int(at.min()), int(at.max()) + size
        if high - low > 4 * (end - begin) * (size + 64):
            pieces = [self.file.read(int(one), size) for one in at]
            return np.frombuffer(b"".join(pieces), dtype=np.uint8).reshape(end - begin, size)
        raw = np.frombuffer(self.file.read(low, high - low), dtype=np.uint8)
        return np.asarray(raw[(at - low)[:, None] + np.arange(size)])


class Gt3xAxis:
    """One axis of ``Gt3xSeconds``."""

    __slots__ = ("_axis", "_seconds")

    def __init__(self, seconds: Gt3xSeconds, axis: int) -> None:
        self._seconds = seconds
        self._axis = axis

    def __len__(self) -> int:
        return len(self._seconds) * self._seconds.rate

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        start, stop, step = part.indices(len(self))
        per_block = SECONDS_AT_ONCE * self._seconds.rate
        found = [np.empty(0, dtype=np.float32)]
        for number in range(start // per_block, -(-stop // per_block)):
            low = number * per_block
            own = self._seconds.block(number)[self._axis]
            found.append(own[max(start - low, 0) : max(stop - low, 0)])
        return np.concatenate(found)[::step]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)


def _of_12_bits(raw: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return rows of bytes as signed numbers of 12 bits, highest bits first.

    Examples
    --------
    >>> _of_12_bits(np.array([[0x00, 0x60, 0x08]], dtype=np.uint8)).tolist()
    [[6, 8]]
    """
    n_values = raw.shape[1] * 8 // PACKED_BITS
    short = -raw.shape[1] % 3
    if short:
        raw = np.hstack((raw, np.zeros((len(raw), short), dtype=np.uint8)))
    triples = raw.reshape(len(raw), -1, 3).astype(np.int16)
    values = np.empty((*triples.shape[:2], 2), dtype=np.int16)
    values[..., 0] = triples[..., 0] << 4 | triples[..., 1] >> 4
    values[..., 1] = (triples[..., 1] & 15) << 8 | triples[..., 2]
    # shifting the 12 bits to the top of 16 and back keeps the sign
    signed = (values << 4) >> 4
    return np.asarray(signed.reshape(len(raw), -1)[:, :n_values])


def stretches(time_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the runs of seconds that follow each other, shape ``(n, 2)``.

    Examples
    --------
    >>> stretches(np.array([5, 6, 7, 10, 11])).tolist()
    [[0, 3], [3, 5]]
    """
    if not len(time_s):
        return np.empty((0, 2), dtype=np.int64)
    edges = np.flatnonzero(np.diff(time_s) != 1) + 1
    bounds = np.concatenate(([0], edges, [len(time_s)]))
    return np.column_stack((bounds[:-1], bounds[1:])).astype(np.int64)
