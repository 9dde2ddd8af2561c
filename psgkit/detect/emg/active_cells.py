"""Mean EMG of the movements of a signal, from the cells in which they may lie."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, complement, drop_shorter_than, paint
from psgkit.detect.emg.grid import Grid
from psgkit.detect.emg.stretch import EmgMeter, MeasuredStretch


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActiveCells:
    """Mean EMG above rest of the cells in which a movement may lie.

    Attributes
    ----------
    row : int64 array, shape (n,)
        Number of each cell in the signal, rising.
    above_uv : float32 array, shape (n,)
    """

    row: NDArray[np.int64]
    above_uv: NDArray[np.float32]

    @classmethod
    def of_stretch(
        cls, measured: MeasuredStretch, core: tuple[int, int], meter: EmgMeter
    ) -> "ActiveCells":
        """Return the active cells of ``core``, and its last: a movement may end just behind it."""
        grid = meter.grid
        first = grid.cell_of(core[0])
        hold = samples_at_least(meter.rule.offset_hold_s, meter.signal.rate_hz)
        active = complement(drop_shorter_than(hold, measured.runs.low), *core)
        touched = grid.cell_of(active[:, 0]), grid.cell_of(active[:, 1] - 1) + 1
        wanted = paint(np.column_stack(touched) - first, len(measured.cells_uv))
        wanted[-1:] = True
        return cls(row=np.flatnonzero(wanted) + first, above_uv=measured.cells_uv[wanted])

    @classmethod
    def joined(cls, parts: list["ActiveCells"]) -> "ActiveCells":
        """Return the cells of stretches that follow each other."""
        return cls(
            row=np.concatenate([np.empty(0, np.int64), *(part.row for part in parts)]),
            above_uv=np.concatenate([np.empty(0, np.float32), *(part.above_uv for part in parts)]),
        )

    def peaks(self, found: Intervals, grid: Grid) -> NDArray[np.float64]:
        """Return the largest mean above rest of a cell that each movement touches."""
        if not len(found) or not len(self.row):
            return np.full(len(found), np.nan)
        begin, end = self._rows(found, grid)
        padded = np.append(self.above_uv, np.float32(0))
        largest = np.maximum.reduceat(padded, np.column_stack((begin, end)).ravel())[::2]
        return np.asarray(largest, dtype=np.float64)

    def _rows(self, found: Intervals, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first row of each movement, and the one after its last."""
        last_cell = self.row[-1]
        first = np.minimum(grid.cell_of(found[:, 0]), last_cell)
        stop = np.clip(grid.cell_of(found[:, 1] - 1) + 1, first + 1, last_cell + 1)
        return np.searchsorted(self.row, first), np.searchsorted(self.row, stop)

    def means(self, found: Intervals, grid: Grid) -> NDArray[np.float64]:
        """Return the mean above rest of each movement over the cells it touches.

        NaN where the signal is too short for a cell.
        """
        if not len(found) or not len(self.row):
            return np.full(len(found), np.nan)
        begin, end = self._rows(found, grid)
        # one more cell, so that the end of the last one is an index
        padded = np.append(self.above_uv, np.float32(0))
        sums = np.add.reduceat(padded, np.column_stack((begin, end)).ravel())[::2]
        return np.asarray(sums / (end - begin), dtype=np.float64)
