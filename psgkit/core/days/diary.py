"""A sleep diary: times of going to bed, sleep and rising, as written down by the person."""

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words
from psgkit.core.intervals import Intervals, no_intervals

if TYPE_CHECKING:
    import pandas as pd

DIARY_TIMES = ("bed_s", "lights_off_s", "sleep_s", "wake_s", "up_s")
"""In the order in which they happen in a night."""


def _no_times() -> NDArray[np.float64]:
    return np.empty(0)


def _no_spans() -> Intervals:
    return no_intervals(np.float64)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Diary:
    """A table of nights; times are seconds from the start of the recording, NaN where left empty.

    Attributes
    ----------
    date : str array, shape (n,)
        Local date of the evening, ISO.
    bed_s, lights_off_s, sleep_s, wake_s, up_s : float64 arrays, shape (n,)
        To bed, lights off, fell asleep, last awakening, out of bed.
    naps_s, not_worn_s : float64 arrays, shape (m, 2)
        Naps, and times without the device, half-open.
    """

    date: NDArray[np.str_] = field(default_factory=lambda: words([]))
    bed_s: NDArray[np.float64] = field(default_factory=_no_times)
    lights_off_s: NDArray[np.float64] = field(default_factory=_no_times)
    sleep_s: NDArray[np.float64] = field(default_factory=_no_times)
    wake_s: NDArray[np.float64] = field(default_factory=_no_times)
    up_s: NDArray[np.float64] = field(default_factory=_no_times)
    naps_s: Intervals = field(default_factory=_no_spans)
    not_worn_s: Intervals = field(default_factory=_no_spans)

    def __post_init__(self) -> None:
        columns = {"date": words(self.date.tolist())}
        columns |= {name: frozen(getattr(self, name)) for name in DIARY_TIMES}
        check_same_length("diary", **columns)
        for name in ("naps_s", "not_worn_s"):
            spans = frozen(np.reshape(getattr(self, name), (-1, 2)))
            check_spans(f"diary, {name}", spans[:, 0], spans[:, 1])
            object.__setattr__(self, name, spans)
        for name, column in columns.items():
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(self.date)

    def nights_s(self) -> Intervals:
        """Return lights off (or to bed) to last awakening (or out of bed), where both are known.

        Examples
        --------
        >>> diary = Diary(date=words(["2024-01-01"]), bed_s=np.array([10.0]),
        ...               lights_off_s=np.array([np.nan]), sleep_s=np.array([np.nan]),
        ...               wake_s=np.array([90.0]), up_s=np.array([95.0]))
        >>> diary.nights_s().tolist()
        [[10.0, 90.0]]
        """
        nights = self._ends_s()
        return np.asarray(nights[np.isfinite(nights).all(axis=1)])

    def one_sided_s(self) -> Intervals:
        """Return the nights of which one end only is known; the other end is NaN.

        Examples
        --------
        >>> diary = Diary(date=words(["2024-01-01"]), bed_s=np.array([10.0]),
        ...               lights_off_s=np.array([np.nan]), sleep_s=np.array([np.nan]),
        ...               wake_s=np.array([np.nan]), up_s=np.array([np.nan]))
        >>> diary.one_sided_s().tolist()
        [[10.0, nan]]
        """
        ends = self._ends_s()
        return np.asarray(ends[np.isfinite(ends).sum(axis=1) == 1])

    def _ends_s(self) -> Intervals:
        from_s = np.where(np.isnan(self.lights_off_s), self.bed_s, self.lights_off_s)
        to_s = np.where(np.isnan(self.wake_s), self.up_s, self.wake_s)
        return np.column_stack((from_s, to_s))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a night."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in DIARY_TIMES}
        return pd.DataFrame({"date": self.date.astype(object), **columns})
