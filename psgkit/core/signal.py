"""One contiguous stretch of one channel."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site


@runtime_checkable
class Samples(Protocol):
    """Interface of samples: a length, and slices that become arrays.

    Examples are a numpy array, and a view into a file that reads only the slice.
    """

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        """Return the samples of a slice."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Signal:
    """Samples at one exact rate, without a gap.

    Attributes
    ----------
    samples : array or file view, shape (n,)
        In ``unit``.  NaN (or infinity) marks samples that are missing.
    rate_hz : float
        Exact; 1000 samples in a 30 s record are 33.333... Hz.
    unit : str
        ``uV`` for EMG, ``g`` for acceleration; empty if unknown.
    label, site : str, Site
        Its name in the recording, and where it was recorded.
    start_s : float
        Time of the first sample, seconds from the start of the recording.
    limits : (float, float) or None
        Smallest and largest value the recorder could store: samples there may be cut off.
    electrodes : tuple of Signal
        The two signals whose difference this is; empty for a signal that was stored.
    """

    samples: Samples
    rate_hz: float
    unit: str = ""
    label: str = ""
    site: Site = Site.NONE
    start_s: float = 0.0
    limits: tuple[float, float] | None = None
    electrodes: "tuple[Signal, ...]" = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise ValueError(f"a signal needs a positive rate, got {self.rate_hz} Hz")
        if isinstance(self.samples, np.ndarray):
            if self.samples.ndim != 1:
                raise ValueError(f"a signal is one channel, got shape {self.samples.shape}")
            view = self.samples.view()
            view.setflags(write=False)
            object.__setattr__(self, "samples", view)
        elif not isinstance(self.samples, Samples):
            raise ValueError(f"samples must be an array, got {type(self.samples).__name__}")

    @property
    def duration_s(self) -> float:
        """Return how long the signal lasts, in seconds."""
        return len(self.samples) / self.rate_hz


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


class DifferenceSamples:
    """Samples of one channel less those of another, subtracted when a slice is accessed.

    Examples
    --------
    >>> DifferenceSamples(np.array([5.0, 7.0, 9.0]), np.array([1.0, 1.0, 2.0]))[1:]
    array([6., 7.])
    """

    __slots__ = ("_first", "_second")

    def __init__(self, first: Samples, second: Samples) -> None:
        if len(first) != len(second):
            raise ValueError(f"{len(first)} samples less {len(second)}: wanted as many of both")
        self._first = first
        self._second = second

    def __len__(self) -> int:
        return len(self._first)

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        return np.asarray(self._first[part] - self._second[part])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)
