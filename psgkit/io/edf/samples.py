"""Samples of one EDF or BDF channel, read from the file when a slice is accessed."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass

_WINDOW_BYTES = 64 * 2**20
"""How much of the file is mapped at a time: memory stays small however long the recording is."""

_SHORT_BYTES = 2**16
"""A shorter piece of the file is read, not mapped, which costs ten times as much."""

_CACHED_SAMPLES = 2**16

_LONG_RECORD = 2**18
"""From this many samples on a part of a record is read instead of all of it."""

_FLOAT32_STEPS = 2**22
"""Channels with more distinct steps (24 bits, large offsets) are scaled in float64."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EdfSamples:
    """A lazy column of a file of records.

    Attributes
    ----------
    path : Path
    first_byte : int
        Where the channel's samples start in the first record, from the start of the file.
    record_bytes, n_records : int
        Size and number of the records.
    per_record : int
        Samples of the channel in one record.
    sample_bytes : int
        2 (EDF) or 3 (BDF).
    gain, offset : float
        Physical value is ``digital * gain + offset``.
    """

    path: Path
    first_byte: int
    record_bytes: int
    n_records: int
    per_record: int
    sample_bytes: int = 2
    gain: float = 1.0
    offset: float = 0.0

    def __len__(self) -> int:
        return self.n_records * self.per_record

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        wanted = range(*part.indices(len(self)))
        if not wanted:
            return np.empty(0, dtype=self.dtype)
        start, stop = min(wanted[0], wanted[-1]), max(wanted[0], wanted[-1]) + 1
        if self.per_record >= _LONG_RECORD:
            return self._within_records(start, stop)[:: wanted.step]
        first, last = start // self.per_record, -(-stop // self.per_record)
        out = np.empty((last - first, self.per_record), dtype=self.dtype)
        rows = max(1, _WINDOW_BYTES // self.record_bytes)
        for row in range(first, last, rows):
            until = min(row + rows, last)
            self._scale(self.digital(row, until), out[row - first : until - first])
        begin = start - first * self.per_record
        return out.reshape(-1)[begin : begin + stop - start][:: wanted.step]

    def _within_records(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples by their own bytes, because one record may be larger than the memory."""
        out = np.empty(stop - start, dtype=self.dtype)
        at = start
        while at < stop:
            record, first = divmod(at, self.per_record)
            n = min(self.per_record - first, stop - at, _WINDOW_BYTES // self.sample_bytes)
            offset = record * self.record_bytes + first * self.sample_bytes
            raw = self._bytes(self.first_byte + offset, n * self.sample_bytes)
            part = out[at - start : at - start + n]
            for cached in range(0, n, _CACHED_SAMPLES):
                until = min(cached + _CACHED_SAMPLES, n)
                numbers = raw[cached * self.sample_bytes : until * self.sample_bytes]
                self._scale(self._numbers(numbers[None]), part[None, cached:until])
            at += n
        return out

    def _scale(self, digital: NDArray[np.signedinteger[Any]], out: NDArray[Any]) -> None:
        """Write the physical values of ``digital`` into ``out``."""
        rows = max(1, _CACHED_SAMPLES // self.per_record)
        gain, offset = out.dtype.type(self.gain), out.dtype.type(self.offset)
        for row in range(0, len(out), rows):
            # a few records at a time, so that they are still in the cache when multiplied
            block = out[row : row + rows]
            block[...] = digital[row : row + rows]
            block *= gain
            if offset:
                block += offset

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of the scaled samples."""
        farthest = abs(self.offset) + 2 ** (8 * self.sample_bytes - 1) * abs(self.gain)
        fits = farthest < _FLOAT32_STEPS * abs(self.gain)
        return np.dtype(np.float32 if fits else np.float64)

    def digital(self, first_record: int, last_record: int) -> NDArray[np.signedinteger[Any]]:
        """Return the stored numbers of some records, shape ``(records, per_record)``."""
        return self._numbers(self.raw(first_record, last_record))

    def _numbers(self, raw: NDArray[np.uint8]) -> NDArray[np.signedinteger[Any]]:
        """Return the numbers in rows of bytes."""
        if self.sample_bytes == 2:  # noqa: PLR2004
            return raw.view("<i2") if raw.flags.c_contiguous else _as_int16(raw)
        # the 24 bits become the upper three bytes of an int32; shifting back keeps the sign
        wide = np.zeros((len(raw), raw.shape[1] // 3, 4), dtype=np.uint8)
        wide[..., 1:] = raw.reshape(len(raw), -1, 3)
        return wide.view("<i4")[..., 0] >> 8

    def raw(self, first_record: int, last_record: int) -> NDArray[np.uint8]:
        """Return the bytes of the channel in some records, shape ``(records, bytes)``."""
        offset = self.first_byte + first_record * self.record_bytes
        n_bytes = (last_record - first_record - 1) * self.record_bytes + self._own_bytes
        return np.ndarray(
            (last_record - first_record, self._own_bytes),
            dtype=np.uint8,
            buffer=self._bytes(offset, n_bytes),
            strides=(self.record_bytes, 1),
        )

    def _bytes(self, offset: int, n_bytes: int) -> NDArray[np.uint8]:
        """Return a piece of the file; ValueError if the file has become shorter."""
        with self.path.open("rb", buffering=0) as file:
            if n_bytes > _SHORT_BYTES:
                # numpy.memmap does this, too, but looks up the whole path each time
                skipped = offset % mmap.ALLOCATIONGRANULARITY
                size, start = skipped + n_bytes, offset - skipped
                mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=start)
                return np.frombuffer(mapped, dtype=np.uint8, offset=skipped)
            file.seek(offset)
            return np.frombuffer(file.read(n_bytes), dtype=np.uint8, count=n_bytes)

    @property
    def _own_bytes(self) -> int:
        return self.per_record * self.sample_bytes


def _as_int16(raw: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return rows of bytes as rows of int16 without copying: only the last axis is contiguous."""
    return np.lib.stride_tricks.as_strided(
        np.asarray(raw[:1, :2]).view("<i2"),
        shape=(raw.shape[0], raw.shape[1] // 2),
        strides=(raw.strides[0], 2),
        writeable=False,
    )
