"""Movements, and their context and series as added by scoring."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words
from psgkit.core.intervals import Intervals
from psgkit.core.shown import Shown, drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Modality = Literal["emg", "accelerometer", "scored"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Movements(Shown):
    """A table of movements, sorted by onset.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        Seconds from the start of the recording; the end is excluded.
    site : str array, shape (n,)
        See ``Site``.
    n_parts : int64 array, shape (n,)
        How many movements of single channels make up this one.
    amplitude : float64 array, shape (n,)
        Mean above the resting level, in ``amplitude_unit``; NaN where it was not measured.
    channels : tuple of tuples of str, length n
        Labels of the channels that show each movement.
    modality : str array, shape (n,)
        Source of each: ``emg``, ``accelerometer``, or ``scored`` by a person or program.
    amplitude_unit : str array, shape (n,)
        ``uV``, ``g``, or empty.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    site: NDArray[np.str_]
    n_parts: NDArray[np.int64]
    amplitude: NDArray[np.float64]
    channels: tuple[tuple[str, ...], ...]
    modality: NDArray[np.str_]
    amplitude_unit: NDArray[np.str_]

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            "onset_s": frozen(self.onset_s),
            "end_s": frozen(self.end_s),
            "site": words(self.site),
            "n_parts": frozen(self.n_parts, dtype=np.int64),
            "amplitude": frozen(self.amplitude),
            "modality": words(self.modality),
            "amplitude_unit": words(self.amplitude_unit),
        }
        if len(self.channels) != len(columns["onset_s"]):
            raise ValueError(
                f"Movements: {len(self.channels)} channel lists for {len(self.onset_s)} rows"
            )
        check_same_length("Movements", **columns)
        check_spans("Movements", columns["onset_s"], columns["end_s"])
        if (columns["onset_s"][1:] < columns["onset_s"][:-1]).any():
            order = np.argsort(columns["onset_s"], kind="stable")
            for name, column in columns.items():
                columns[name] = frozen(column[order], dtype=column.dtype)
            object.__setattr__(self, "channels", tuple(self.channels[i] for i in order.tolist()))
        for name, column in columns.items():
            object.__setattr__(self, name, column)
        object.__setattr__(self, "channels", tuple(self.channels))

    def __len__(self) -> int:
        return len(self.onset_s)

    @classmethod
    def of(
        cls,
        onset_s: Sequence[float] | NDArray[Any],
        end_s: Sequence[float] | NDArray[Any],
        site: Sequence[str] | NDArray[Any] | str,
        modality: Modality = "scored",
    ) -> "Movements":
        """Return movements from plain sequences; a single ``site`` holds for all.

        Examples
        --------
        >>> Movements.of([10.0, 30.0], [12.0, 33.5], "left_leg").duration_s.tolist()
        [2.0, 3.5]
        """
        n = len(onset_s)
        return cls(
            onset_s=np.asarray(onset_s, dtype=np.float64),
            end_s=np.asarray(end_s, dtype=np.float64),
            site=words([site] * n if isinstance(site, str) else site),
            n_parts=np.ones(n, dtype=np.int64),
            amplitude=np.full(n, np.nan),
            channels=((),) * n,
            modality=words([modality] * n),
            amplitude_unit=words([""] * n),
        )

    @classmethod
    def joined(cls, tables: "Sequence[Movements]") -> "Movements":
        """Return the rows of all ``tables`` in one."""
        if not tables:
            return cls.of([], [], [])
        return cls(
            onset_s=np.concatenate([table.onset_s for table in tables]),
            end_s=np.concatenate([table.end_s for table in tables]),
            site=np.concatenate([table.site for table in tables]),
            n_parts=np.concatenate([table.n_parts for table in tables]),
            amplitude=np.concatenate([table.amplitude for table in tables]),
            channels=tuple(names for table in tables for names in table.channels),
            modality=np.concatenate([table.modality for table in tables]),
            amplitude_unit=np.concatenate([table.amplitude_unit for table in tables]),
        )

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """Return how long each movement lasts, in seconds."""
        return self.end_s - self.onset_s

    @property
    def intensity(self) -> NDArray[np.float64]:
        """Return the area under the rectified EMG above rest, in ``amplitude_unit`` times seconds.

        It is the amplitude times the duration; of movements joined from parts, of their mean
        amplitude over the whole.

        Examples
        --------
        >>> Movements.of([10.0], [12.0], "left_leg").intensity.tolist()
        [nan]
        """
        return self.amplitude * self.duration_s

    def where(self, mask: NDArray[np.bool_]) -> "Movements":
        """Return the rows where ``mask`` is True."""
        return self.taken(np.flatnonzero(mask))

    def taken(self, rows: NDArray[np.int64]) -> "Movements":
        """Return some rows by onset; rows with equal onsets keep the given order."""
        return Movements(
            onset_s=self.onset_s[rows],
            end_s=self.end_s[rows],
            site=self.site[rows],
            n_parts=self.n_parts[rows],
            amplitude=self.amplitude[rows],
            channels=tuple([self.channels[row] for row in rows.tolist()]),
            modality=self.modality[rows],
            amplitude_unit=self.amplitude_unit[rows],
        )

    def intervals(self) -> Intervals:
        """Return onset and end, shape ``(n, 2)``."""
        return np.column_stack((self.onset_s, self.end_s))

    def _line(self) -> str:
        said = ", ".join(f"{site} {n}" for site, n in Counter(self.site.tolist()).most_common())
        return f"{len(self)}: {said}" if said else "none"

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the movements by site over time; see ``psgkit.plot_movements``."""
        return drawing("plot_movements")(self, axes)  # type: ignore[no-any-return]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a movement."""
        import pandas as pd

        return pd.DataFrame(
            {
                "onset_s": self.onset_s,
                "end_s": self.end_s,
                "duration_s": self.duration_s,
                "site": self.site.astype(object),
                "modality": self.modality.astype(object),
                "channels": ["+".join(names) for names in self.channels],
                "n_parts": self.n_parts,
                "amplitude": self.amplitude,
                "amplitude_unit": self.amplitude_unit.astype(object),
                "intensity": self.intensity,
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ScoredMovements(Shown):
    """Movements with the columns that scoring adds.

    Attributes
    ----------
    movements : Movements
        After joining within a channel and across sides.
    candidate, respiratory, arousal : bool arrays, shape (n,)
        May join a series; is tied to a respiratory event; is tied to an arousal.
    stage : str array, shape (n,)
        Stage the movement is counted in.
    imi_s : float64 array, shape (n,)
        Onset to onset, from the candidate before; NaN where none is measurable.
    series, series_nr : int64 arrays, shape (n,)
        Number of the PLM series, 0 outside; ``_nr`` after respiratory candidates are removed.
    """

    movements: Movements
    candidate: NDArray[np.bool_]
    respiratory: NDArray[np.bool_]
    arousal: NDArray[np.bool_]
    stage: NDArray[np.str_]
    imi_s: NDArray[np.float64]
    series: NDArray[np.int64]
    imi_nr_s: NDArray[np.float64]
    series_nr: NDArray[np.int64]

    def __post_init__(self) -> None:
        rest = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "movements"}
        check_same_length("ScoredMovements", onset_s=self.movements.onset_s, **rest)
        for name, column in rest.items():
            object.__setattr__(self, name, frozen(column, dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.movements)

    @classmethod
    def none(cls) -> "ScoredMovements":
        """Return a table without rows.

        Examples
        --------
        >>> len(ScoredMovements.none())
        0
        """
        flags, numbers = np.empty(0, dtype=np.bool_), np.empty(0, dtype=np.int64)
        return cls(
            movements=Movements.of([], [], []),
            candidate=flags,
            respiratory=flags,
            arousal=flags,
            stage=np.empty(0, dtype=np.str_),
            imi_s=np.empty(0),
            series=numbers,
            imi_nr_s=np.empty(0),
            series_nr=numbers,
        )

    @property
    def plm(self) -> NDArray[np.bool_]:
        """Return whether each movement is a PLM: a candidate in a series."""
        return self.series > 0

    @property
    def plmnr(self) -> NDArray[np.bool_]:
        """Return whether each movement is in a series linked without respiratory candidates."""
        return self.series_nr > 0

    @property
    def left_out_nr(self) -> NDArray[np.bool_]:
        """Return which candidates were removed before the second linking (PLMnr is missing)."""
        return self.candidate & self.respiratory

    def _line(self) -> str:
        about = self.movements._line()
        return f"{about}; {int(self.plm.sum())} periodic" if len(self) else about

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the movements by site over time; see ``psgkit.plot_movements``."""
        return drawing("plot_movements")(self, axes)  # type: ignore[no-any-return]

    def where(self, mask: NDArray[np.bool_]) -> "ScoredMovements":
        """Return the rows where ``mask`` is True."""
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "movements"}
        return ScoredMovements(
            movements=self.movements.where(mask),
            **{name: column[mask] for name, column in columns.items()},
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a movement, all columns.

        An IMI that does not exist is NaN; ``plmnr`` is missing where a respiratory candidate was
        removed before the second linking.
        """
        import pandas as pd

        plmnr = pd.array(self.plmnr, dtype="boolean")
        plmnr[self.left_out_nr] = pd.NA
        return self.movements.to_frame().assign(
            candidate=self.candidate,
            respiratory=self.respiratory,
            arousal=self.arousal,
            stage=self.stage.astype(object),
            imi_s=self.imi_s,
            plm=self.plm,
            series=self.series,
            plmnr=plmnr,
            series_nr=self.series_nr,
            imi_nr_s=self.imi_nr_s,
        )
