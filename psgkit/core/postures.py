"""Postures and turns of the trunk."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words
from psgkit.core.intervals import Intervals

if TYPE_CHECKING:
    import pandas as pd

LYING = ("supine", "prone", "left", "right", "lying")
"""``lying`` is lying on an unknown side, where a night has too few positions to know the axes."""
UP = ("upright", "walking")
POSTURES = (*LYING, *UP, "unknown")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Postures:
    """A table of postures, sorted by onset, without overlap.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        Seconds from the start of the recording; the end is excluded.
    posture : str array, shape (n,)
        One of ``POSTURES``.
    angle_deg : float64 array, shape (n,)
        Roll around the long axis of the body while lying (0 supine, 90 left, -90 right, 180
        prone); NaN when up or unknown.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    posture: NDArray[np.str_]
    angle_deg: NDArray[np.float64]

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            "onset_s": frozen(self.onset_s),
            "end_s": frozen(self.end_s),
            "posture": words(self.posture),
            "angle_deg": frozen(self.angle_deg),
        }
        check_same_length("Postures", **columns)
        check_spans("Postures", columns["onset_s"], columns["end_s"])
        strange = sorted(set(columns["posture"].tolist()) - set(POSTURES))
        if strange:
            raise ValueError(f"Postures: {strange} are none of {', '.join(POSTURES)}")
        order = np.argsort(columns["onset_s"], kind="stable")
        for name, column in columns.items():
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.onset_s)

    @classmethod
    def none(cls) -> "Postures":
        """Return an empty table."""
        empty = np.empty(0)
        return cls(onset_s=empty, end_s=empty, posture=words([]), angle_deg=empty)

    def stretches(self, postures: tuple[str, ...]) -> Intervals:
        """Return the stretches in any of ``postures``, seconds, shape ``(n, 2)``."""
        chosen = np.isin(self.posture, postures)
        return np.column_stack((self.onset_s[chosen], self.end_s[chosen]))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a posture."""
        return _frame(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Turns:
    """A table of changes of position, sorted by onset.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        From when to when the direction of gravity changed.
    angle_deg : float64 array, shape (n,)
        Angle between the directions of gravity before and after, 0 to 180.
    speed_deg_s : float64 array, shape (n,)
        Mean angular speed.
    before, after : str arrays, shape (n,)
        Posture before and after.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    angle_deg: NDArray[np.float64]
    speed_deg_s: NDArray[np.float64]
    before: NDArray[np.str_]
    after: NDArray[np.str_]

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            "onset_s": frozen(self.onset_s),
            "end_s": frozen(self.end_s),
            "angle_deg": frozen(self.angle_deg),
            "speed_deg_s": frozen(self.speed_deg_s),
            "before": words(self.before),
            "after": words(self.after),
        }
        check_same_length("Turns", **columns)
        check_spans("Turns", columns["onset_s"], columns["end_s"])
        order = np.argsort(columns["onset_s"], kind="stable")
        for name, column in columns.items():
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.onset_s)

    def intervals(self) -> Intervals:
        """Return onset and end, seconds, shape ``(n, 2)``."""
        return np.column_stack((self.onset_s, self.end_s))

    @classmethod
    def none(cls) -> "Turns":
        """Return an empty table."""
        empty = np.empty(0)
        return cls(
            onset_s=empty,
            end_s=empty,
            angle_deg=empty,
            speed_deg_s=empty,
            before=words([]),
            after=words([]),
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a turn."""
        return _frame(self)


def _frame(table: Postures | Turns) -> "pd.DataFrame":
    """Return the columns of a table as a frame."""
    import pandas as pd

    columns = {f.name: getattr(table, f.name) for f in fields(table)}
    return pd.DataFrame(
        {n: c.astype(object) if c.dtype.kind == "U" else c for n, c in columns.items()}
    )
