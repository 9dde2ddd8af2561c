"""Samples of an ActiGraph, unpacked second by second when they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.io.actigraphy.gt3x_packets import ACTIVITY
from psgkit.io.files import ScratchFile

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
        """Return a block of seconds in g, shape ``(3, seconds * rate)``; NaN where one is short."""
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
    # 12 bits into the upper ones of 16 and back again keep the sign
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
