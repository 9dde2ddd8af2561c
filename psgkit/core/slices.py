"""A window onto samples that reads nothing until it is asked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.signal import Samples


class SampleSlice:
    """``count`` samples of ``samples`` from ``first`` on."""

    __slots__ = ("_count", "_first", "_samples")

    def __init__(self, samples: Samples, first: int, count: int) -> None:
        self._samples = samples
        self._first = first
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        start, stop, step = part.indices(self._count)
        found = self._samples[self._first + start : self._first + max(start, stop)]
        return found if step == 1 else found[::step]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)


class ScaledSamples:
    """Samples times a factor."""

    __slots__ = ("_factor", "_samples")

    def __init__(self, samples: Samples, factor: float) -> None:
        self._samples = samples
        self._factor = factor

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        found = self._samples[part]
        return np.asarray(found * found.dtype.type(self._factor))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)
