"""What a process of its own does: read one file with scikit-digital-health, and write columns.

``python -m psgkit.io.actigraphy.skdh_reading KIND FILE FOLDER`` writes the axes of the samples on
one even grid, stretch after stretch, light and temperature a minute, and what they are.  A file
that makes the reader fail, or hang, takes only this process with it, and the memory that a whole
week needs is given back when it ends.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GAP_S = 0.5
"""A longer step from sample to sample is a gap; ours."""

TRACK_EPOCH_S = 60.0
ABOUT = "about.json"
TRACKS = ("light", "temperature")


def main(kind: str, file: str, folder: str) -> None:
    """Write the columns of ``file``, of the kind ``cwa`` or ``bin``, to ``folder``."""
    from skdh.io import ReadBin, ReadCwa

    read = ReadCwa() if kind == "cwa" else ReadBin()
    found = read.predict(file=file)
    target = Path(folder)
    elapsed_s = np.asarray(found.pop("time"), dtype=np.float64)
    samples = np.asarray(found.pop("accel"))
    rate_hz = float(found["fs"])
    rows_n = len(elapsed_s)
    rows = rising(elapsed_s)
    # a week is large: nothing is copied if all of it is kept
    kept = slice(None) if len(rows) == rows_n else rows
    elapsed_s = elapsed_s[kept]
    start_s = float(elapsed_s[0]) if len(elapsed_s) else 0.0
    elapsed_s = elapsed_s - start_s
    del rows
    parts = even_parts(elapsed_s, rate_hz)
    for axis, name in enumerate("xyz"):
        with (target / name).open("wb") as out:
            column = samples[kept, axis]
            for first, last, count in parts:
                grid_s = elapsed_s[first] + np.arange(count) / rate_hz
                even = np.interp(grid_s, elapsed_s[first:last], column[first:last])
                out.write(even.astype("<f4").tobytes())
    tracks = [name for name in TRACKS if name in found]
    for name in tracks:
        values = np.asarray(found.pop(name), dtype=np.float64)[kept]
        (target / name).write_bytes(minute_means(elapsed_s, values).astype("<f8").tobytes())
    about = {
        "start_s": start_s,
        "rate_hz": rate_hz,
        "parts": [[float(elapsed_s[first]), count] for first, _, count in parts],
        "dropped_n": rows_n - len(elapsed_s),
        "tracks": tracks,
    }
    (target / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def rising(time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows whose time is finite and later than all before.

    Examples
    --------
    >>> rising(np.array([0.0, 1.0, 0.5, np.nan, 2.0])).tolist()
    [0, 1, 4]
    """
    rows = np.flatnonzero(np.isfinite(time_s))
    if not len(rows):
        return rows
    times_s = time_s[rows]
    latest_s = np.maximum.accumulate(times_s)
    return np.asarray(rows[np.concatenate(([True], times_s[1:] > latest_s[:-1]))])


def even_parts(elapsed_s: NDArray[np.float64], rate_hz: float) -> list[tuple[int, int, int]]:
    """Return the stretches without a gap: first row, last row, and samples of the even grid.

    Examples
    --------
    >>> even_parts(np.array([0.0, 0.1, 0.2, 5.0, 5.1]), 10.0)
    [(0, 3, 3), (3, 5, 2)]
    """
    gaps = np.flatnonzero(np.diff(elapsed_s) > max(GAP_S, 3.0 / rate_hz)) + 1
    edges = [0, *gaps.tolist(), len(elapsed_s)]
    found = []
    for first, last in pairwise(edges):
        if last > first:
            lasts_s = float(elapsed_s[last - 1] - elapsed_s[first])
            found.append((first, last, int(lasts_s * rate_hz + 1e-6) + 1))
    return found


def minute_means(
    elapsed_s: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of each minute, NaN where there is none."""
    epoch = (elapsed_s / TRACK_EPOCH_S).astype(np.int64)
    n_epochs = int(epoch[-1]) + 1 if len(epoch) else 0
    counted = np.bincount(epoch, minlength=n_epochs)
    sums = np.bincount(epoch, weights=values, minlength=n_epochs)
    return np.asarray(np.where(counted > 0, sums / np.maximum(counted, 1), np.nan))


if __name__ == "__main__":
    main(*sys.argv[1:4])
