"""Rhythmic trains: bursts in such quick succession that they are no limb movements of a series."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words
from psgkit.core.intervals import Intervals

if TYPE_CHECKING:
    import pandas as pd

_FLOATS = ("onset_s", "end_s", "frequency_hz", "regularity")
_WORDS = ("site", "modality", "kind", "place", "stage")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rhythms:
    """A table of rhythmic trains, sorted by onset.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        Seconds from the start of the recording, from the first burst to the end of the last.
    site : str array, shape (n,)
        See ``Site``.
    place : str array, shape (n,)
        Where exactly: ``left_ankle`` of an accelerometer, the label of an EMG channel.
    modality : str array, shape (n,)
        ``emg`` or ``accelerometer``.
    kind : str array, shape (n,)
        ``foot_tremor``, ``alma`` (alternating), ``high_frequency`` (EMG); ``rhythm`` or ``scratch``
        (accelerometer).
    frequency_hz : float64 array, shape (n,)
        Bursts (EMG) or cycles (accelerometer) a second.
    bursts_n : int64 array, shape (n,)
    regularity : float64 array, shape (n,)
        1 for a clock, 0 for intervals without order; the detector says how it is measured.
    alternating : bool array, shape (n,)
        Whether the bursts alternate with those of the other side.
    stage : str array, shape (n,)
        Stage at the onset, UNSCORED without a hypnogram.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    site: NDArray[np.str_]
    place: NDArray[np.str_]
    modality: NDArray[np.str_]
    kind: NDArray[np.str_]
    frequency_hz: NDArray[np.float64]
    bursts_n: NDArray[np.int64]
    regularity: NDArray[np.float64]
    alternating: NDArray[np.bool_]
    stage: NDArray[np.str_]

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            **{name: frozen(getattr(self, name)) for name in _FLOATS},
            **{name: words(getattr(self, name)) for name in _WORDS},
            "bursts_n": frozen(self.bursts_n, dtype=np.int64),
            "alternating": frozen(self.alternating, dtype=np.bool_),
        }
        check_same_length("Rhythms", **columns)
        check_spans("Rhythms", columns["onset_s"], columns["end_s"])
        order = np.argsort(columns["onset_s"], kind="stable")
        for name, column in columns.items():
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.onset_s)

    @classmethod
    def none(cls) -> "Rhythms":
        """Return an empty table."""
        return cls.of([], [], [], site="", modality="", kind="")

    @classmethod
    def of(  # noqa: PLR0913 - the columns of the table
        cls,
        onset_s: Sequence[float] | NDArray[Any],
        end_s: Sequence[float] | NDArray[Any],
        frequency_hz: Sequence[float] | NDArray[Any],
        *,
        site: str,
        modality: str,
        kind: str,
        place: str = "",
        bursts_n: Sequence[int] | NDArray[Any] | None = None,
        regularity: Sequence[float] | NDArray[Any] | None = None,
    ) -> "Rhythms":
        """Return trains of one site and kind, not alternating, of unknown stage.

        Examples
        --------
        >>> trains = Rhythms.of([10.0], [20.0], [1.5], site="left_leg", modality="emg", kind="x")
        >>> trains.duration_s.tolist()
        [10.0]
        """
        n = len(onset_s)
        return cls(
            onset_s=np.asarray(onset_s, dtype=np.float64),
            end_s=np.asarray(end_s, dtype=np.float64),
            site=words([site] * n),
            place=words([place] * n),
            modality=words([modality] * n),
            kind=words([kind] * n),
            frequency_hz=np.asarray(frequency_hz, dtype=np.float64),
            bursts_n=np.asarray([0] * n if bursts_n is None else bursts_n, dtype=np.int64),
            regularity=np.asarray([np.nan] * n if regularity is None else regularity),
            alternating=np.zeros(n, dtype=np.bool_),
            stage=words(["UNSCORED"] * n),
        )

    @classmethod
    def joined(cls, tables: "Sequence[Rhythms]") -> "Rhythms":
        """Return the rows of all ``tables`` in one."""
        if not tables:
            return cls.none()
        names = [field.name for field in fields(cls)]
        parts: dict[str, Any] = {
            name: np.concatenate([getattr(table, name) for table in tables]) for name in names
        }
        return cls(**parts)

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """Return how long each train lasts, in seconds."""
        return self.end_s - self.onset_s

    def intervals(self) -> Intervals:
        """Return onset and end, shape ``(n, 2)``."""
        return np.column_stack((self.onset_s, self.end_s))

    def where(self, mask: NDArray[np.bool_]) -> "Rhythms":
        """Return the rows where ``mask`` is True."""
        parts: dict[str, Any] = {f.name: getattr(self, f.name)[mask] for f in fields(self)}
        return Rhythms(**parts)

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a train."""
        import pandas as pd

        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        return pd.DataFrame(
            {n: c.astype(object) if c.dtype.kind == "U" else c for n, c in columns.items()}
        )
