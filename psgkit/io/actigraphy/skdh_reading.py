"""What a process of its own does: read one file with scikit-digital-health, and write columns.

``python -m psgkit.io.actigraphy.skdh_reading KIND FILE FOLDER`` writes the axes of the samples on
one even grid, stretch after stretch, light and temperature a minute, and what they are.  The file
is given to the reader in pieces of hours, so that a week needs little memory; one that makes the
reader fail, or hang, takes only this process with it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

GAP_S = 0.5
"""A longer step from sample to sample is a gap; ours."""

TRACK_EPOCH_S = 60.0
RATES_HZ = (5.0, 3200.0)
MOST_DAYS = 400
"""What states another rate, or times farther apart, is damaged: no room is made for it."""

ABOUT = "about.json"
AXES = "xyz"
TRACKS = ("light", "temperature")
CWA_HEAD_BYTES, CWA_BLOCK_BYTES, CWA_BLOCKS = 1024, 512, 9_000
CWA_NUMBER = slice(10, 14)
BIN_HEAD_LINES, BIN_PAGE_LINES, BIN_PAGES = 59, 10, 2_400
"""Pieces of two hours at 100 Hz."""

_PAGES, _NUMBER = b"Number of Pages:", b"Sequence Number:"


@dataclass(kw_only=True, slots=True)
class Columns:
    """What was read so far: the even grid of the last stretch goes on from piece to piece.

    Attributes
    ----------
    start_s, rate_hz : float
        Time of the first sample, seconds since 1970, and rate of the grid.
    parts : list of [start, count]
        Stretches without a gap: seconds from the start, samples of the grid.
    last : float64 array
        Time and axes of the last sample of the piece before, shape ``(0 or 1, 4)``.
    dropped_n : int
        Samples whose time is none, or not later than all before.
    sums, counted : dict of name to float64 array
        Of light and temperature, minute by minute.
    """

    start_s: float = 0.0
    rate_hz: float = 0.0
    parts: list[list[float]] = field(default_factory=list)
    last: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    dropped_n: int = 0
    sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    counted: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def too_long(self) -> bool:
        """Return whether times go on for longer than any device records."""
        return bool(self.parts) and self.parts[-1][0] > MOST_DAYS * 86400

    @property
    def rate_is_possible(self) -> bool:
        """Return whether a device can have the rate."""
        return RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]

    def add(self, found: dict[str, NDArray[np.float64]], out: Sequence[IO[bytes]]) -> None:
        """Add one piece; its samples on the grid go to ``out``, an axis each."""
        time_s = np.asarray(found["time"], dtype=np.float64)
        rows = rising(time_s)
        if len(self.last):
            rows = rows[time_s[rows] - self.start_s > self.last[0, 0]]
        elif len(rows):
            self.start_s = float(time_s[rows[0]])
        self.dropped_n += len(time_s) - len(rows)
        if not len(rows):
            return
        elapsed_s = time_s[rows] - self.start_s
        samples = np.column_stack((elapsed_s, np.asarray(found["accel"], np.float64)[rows]))
        self._add_samples(np.vstack((self.last, samples)), out)
        self.last = samples[-1:].copy()
        if self.too_long:
            return
        for name in TRACKS:
            if name in found:
                self._add_track(name, elapsed_s, np.asarray(found[name], np.float64)[rows])

    def _add_samples(self, samples: NDArray[np.float64], out: Sequence[IO[bytes]]) -> None:
        elapsed_s = samples[:, 0]
        gaps = np.flatnonzero(np.diff(elapsed_s) > max(GAP_S, 3.0 / self.rate_hz)) + 1
        for first, last in pairwise([0, *gaps.tolist(), len(samples)]):
            goes_on = first == 0 and len(self.last) > 0
            if not goes_on:
                self.parts.append([float(elapsed_s[first]), 0])
            part = self.parts[-1]
            until = int((float(elapsed_s[last - 1]) - part[0]) * self.rate_hz + 1e-6) + 1
            grid_s = part[0] + np.arange(int(part[1]), until) / self.rate_hz
            part[1] = max(until, int(part[1]))
            for axis, file in enumerate(out, 1):
                even = np.interp(grid_s, elapsed_s[first:last], samples[first:last, axis])
                file.write(even.astype("<f4").tobytes())

    def _add_track(
        self, name: str, elapsed_s: NDArray[np.float64], values: NDArray[np.float64]
    ) -> None:
        epoch = (elapsed_s / TRACK_EPOCH_S).astype(np.int64)
        n_epochs = int(epoch[-1]) + 1
        for table, weights in ((self.sums, values), (self.counted, np.ones(len(values)))):
            before = table.get(name, np.empty(0))
            sums = np.bincount(epoch, weights=weights, minlength=n_epochs).astype(np.float64)
            sums[: len(before)] += before
            table[name] = sums

    def about(self) -> dict[str, object]:
        """Return what the columns are."""
        return {
            "start_s": self.start_s,
            "rate_hz": self.rate_hz,
            "parts": [[at_s, int(count)] for at_s, count in self.parts],
            "dropped_n": self.dropped_n,
            "tracks": sorted(self.sums),
        }


def main(kind: str, file: str, folder: str) -> None:
    """Write the columns of ``file``, of the kind ``cwa`` or ``bin``, to ``folder``."""
    from skdh.io import ReadBin, ReadCwa

    target = Path(folder)
    reader = ReadCwa() if kind == "cwa" else ReadBin()
    pieces = cwa_pieces(Path(file)) if kind == "cwa" else bin_pieces(Path(file))
    columns = Columns()
    with ExitStack() as opened:
        out = [opened.enter_context((target / axis).open("wb")) for axis in AXES]
        for content in pieces:
            piece = target / f"piece.{kind}"
            piece.write_bytes(content)
            found = reader.predict(file=str(piece))
            piece.unlink()
            columns.rate_hz = columns.rate_hz or float(found["fs"])
            # who started this process finds the same in the description, and says so
            if not columns.rate_is_possible:
                break
            columns.add(found, out)
            if columns.too_long:
                break
    for name, sums in columns.sums.items():
        counted = columns.counted[name]
        mean = np.where(counted > 0, sums / np.maximum(counted, 1), np.nan)
        (target / name).write_bytes(mean.astype("<f8").tobytes())
    (target / ABOUT).write_text(json.dumps(columns.about()), encoding="utf-8")


def cwa_pieces(path: Path) -> Iterator[bytes]:
    """Yield an Axivity file in pieces that are files of their own: its head and some blocks.

    The reader takes the number of a block for its place in the file, so that they are numbered
    anew; a block whose checksum was wrong keeps a wrong one.
    """
    with path.open("rb") as file:
        head = file.read(CWA_HEAD_BYTES)
        while raw := file.read(CWA_BLOCKS * CWA_BLOCK_BYTES):
            whole = len(raw) // CWA_BLOCK_BYTES
            if not whole:
                return
            used = np.frombuffer(raw, np.uint8, whole * CWA_BLOCK_BYTES)
            blocks = used.reshape(whole, CWA_BLOCK_BYTES).copy()
            words = blocks.view("<u2")
            before = words.sum(axis=1, dtype=np.uint16)
            numbers = np.arange(whole, dtype="<u4")
            blocks[:, CWA_NUMBER] = numbers.view(np.uint8).reshape(whole, 4)
            words[:, -1] += before - words.sum(axis=1, dtype=np.uint16)
            yield head + blocks.tobytes()


def bin_pieces(path: Path) -> Iterator[bytes]:
    """Yield a GENEActiv file in pieces that are files of their own: its head and some pages."""
    with path.open("rb") as file:
        head = list(islice(file, BIN_HEAD_LINES))
        while pages := list(islice(file, BIN_PAGES * BIN_PAGE_LINES)):
            count = b"%s%d\r\n" % (_PAGES, len(pages) // BIN_PAGE_LINES)
            own = [count if line.startswith(_PAGES) else line for line in head]
            # as with blocks, a number is taken for a place
            numbers = iter(range(len(pages)))
            pages = [
                b"%s%d\r\n" % (_NUMBER, next(numbers)) if line.startswith(_NUMBER) else line
                for line in pages
            ]
            yield b"".join((*own, *pages))


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


if __name__ == "__main__":
    main(*sys.argv[1:4])
