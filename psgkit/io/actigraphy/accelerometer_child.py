"""Child process: reads one Axivity CWA or GENEActiv BIN file with actfast and writes columns.

``python -P accelerometer_child.py KIND FILE FOLDER`` writes the axes of the samples on one even
grid, stretch by stretch, light and temperature by the minute, and their description.  The file is
given to actfast in pieces of hours, so that a week needs little memory; a file that makes actfast
fail or hang ends only this process.  It is run by path in a temporary folder and imports nothing of
psgkit, so that no module of the working folder is imported.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex

GAP_S = 0.5
"""A longer step from sample to sample is a gap; psgkit's own choice."""

TRACK_EPOCH_S = 60.0
RATES_HZ = (5.0, 3200.0)
MOST_DAYS = 400
"""A file that states another rate, or times farther apart, is damaged: no room is made for it."""

ABOUT = "about.json"
AXES = "xyz"
TRACKS = {"cwa": ("temperature",), "bin": ("light", "temperature")}
"""Values beside the samples; the light of an Axivity is in no unit."""

CWA_HEAD_BYTES, CWA_BLOCK_BYTES, CWA_BLOCKS = 1024, 512, 9_000
BIN_PAGE_LINES, BIN_PAGES = 10, 2_400
"""Pieces of two hours at 100 Hz."""

CWA_BLOCK_HEAD = b"AX\xfc\x01"
BIN_PAGE_HEAD = b"Recorded Data"
BIN_SAMPLES_BYTES = 3600
"""A page has 300 samples of 12 hexadecimal digits."""
LONGEST_LINE = 65536
LONGEST_HEAD_LINES = 500
STRAY_S, NEAR_S = 86400.0, 3600.0
"""A page dated farther than the first from both neighbours, which are nearer than the second to
each other, has a damaged date; psgkit's own choice."""

_PAGES = b"Number of Pages:"
_PAGE_TIME = regex(rb"Page Time:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d):(\d{3})\s*")
_PAGE_NUMBERS = regex(rb"(?:Temperature|Battery voltage|Measurement Frequency): ?-?\d+(\.\d+)?\s*")
_ASCII = bytes(byte if byte < 128 else ord("?") for byte in range(256))  # noqa: PLR2004
_RATE = {
    "cwa": ("configuration", "sample_rate_hz"),
    "bin": ("Configuration Info", "Measurement Frequency"),
}


@dataclass(kw_only=True, slots=True)
class Columns:
    """Samples read so far; the even grid of a stretch continues from piece to piece.

    Attributes
    ----------
    start_ns : int
        Time of the first sample, nanoseconds since 1970; all other times are seconds from it.
    rate_hz : float
        Rate of the grid.
    parts : list of [start, count]
        Stretches without a gap: time, samples of the grid.
    last : float64 array
        Time and axes of the last sample of the piece before, shape ``(0 or 1, 4)``.
    dropped_n : int
        Number of samples not later than all before.
    is_cut : bool
        Whether the file ends within a block or page, which is left out.
    damaged_n : int
        Number of damaged blocks or pages before the end, which are left out.
    sums, counted : dict of name to float64 array
        Of light and temperature, minute by minute.
    """

    start_ns: int = 0
    rate_hz: float = 0.0
    parts: list[list[float]] = field(default_factory=list)
    last: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    dropped_n: int = 0
    is_cut: bool = False
    damaged_n: int = 0
    sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    counted: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def too_long(self) -> bool:
        """Return whether times span more than any device records."""
        return bool(self.parts) and self.parts[-1][0] > MOST_DAYS * 86400

    @property
    def rate_is_possible(self) -> bool:
        """Return whether a device can have the rate."""
        return RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]

    def add(
        self, time_s: NDArray[np.float64], samples_g: NDArray[np.float32], out: Sequence[IO[bytes]]
    ) -> None:
        """Add the samples of one piece; each axis on the grid is written to its file in ``out``."""
        rows = rising(time_s)
        self.dropped_n += len(time_s) - len(rows)
        if len(self.last):
            late_s = time_s[rows] - self.last[0, 0]
            # near the end of a piece times are accurate to some samples only
            self.dropped_n += int(np.count_nonzero(late_s < -3.0 / self.rate_hz))
            rows = rows[late_s > 0]
        if not len(rows):
            return
        samples = np.column_stack((time_s[rows], samples_g[rows].astype(np.float64)))
        self._add_samples(np.vstack((self.last, samples)), out)
        self.last = np.array(samples[-1:], np.float64)

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

    def add_track(self, name: str, time_s: NDArray[np.float64], values: NDArray[Any]) -> None:
        """Add the values of one piece to the minutes that they belong to."""
        known = (time_s >= 0) & (time_s <= MOST_DAYS * 86400)
        epoch = (time_s[known] / TRACK_EPOCH_S).astype(np.int64)
        weights = np.asarray(values, np.float64)[known]
        before = self.sums.get(name, np.empty(0))
        n_epochs = max(len(before), int(epoch.max(initial=-1)) + 1)
        for table, added in ((self.sums, weights), (self.counted, np.ones(len(epoch)))):
            sums = np.bincount(epoch, weights=added, minlength=n_epochs).astype(np.float64)
            sums[: len(before)] += table.get(name, before)
            table[name] = sums

    def about(self) -> dict[str, object]:
        """Return the description of the columns."""
        return {
            "start_s": self.start_ns / 1e9,
            "rate_hz": self.rate_hz,
            "parts": [[at_s, int(count)] for at_s, count in self.parts],
            "dropped_n": self.dropped_n,
            "is_cut": self.is_cut,
            "damaged_n": self.damaged_n,
            "tracks": sorted(self.sums),
        }


def main(kind: str, file: str, folder: str) -> None:
    """Write the columns of ``file``, of the kind ``cwa`` or ``bin``, to ``folder``."""
    import actfast

    target = Path(folder)
    pieces = cwa_pieces(Path(file)) if kind == "cwa" else bin_pieces(Path(file))
    columns = Columns()
    with ExitStack() as opened:
        out = [opened.enter_context((target / axis).open("wb")) for axis in AXES]
        for content, columns.is_cut, damaged_n in pieces:
            columns.damaged_n += damaged_n
            if not content:
                continue
            piece = target / f"piece.{kind}"
            piece.write_bytes(content)
            # damaged blocks are left out, which leaves a gap
            found = actfast.read(piece, lenient=True)
            piece.unlink()
            category, key = _RATE[kind]
            columns.rate_hz = columns.rate_hz or _number(found["metadata"][category][key])
            # the parent process finds and reports the same from the description
            if not columns.rate_is_possible:
                break
            _add(columns, dict(found["timeseries"]), TRACKS[kind], out)
            if columns.too_long:
                break
    for name, sums in columns.sums.items():
        counted = columns.counted[name]
        mean = np.where(counted > 0, sums / np.maximum(counted, 1), np.nan)
        (target / name).write_bytes(mean.astype("<f8").tobytes())
    (target / ABOUT).write_text(json.dumps(columns.about()), encoding="utf-8")


def _number(text: str) -> float:
    """Return the number that a text such as ``100 Hz`` begins with."""
    return float(text.split(maxsplit=1)[0])


def _add(
    columns: Columns,
    tables: Mapping[str, Any],
    tracks: Sequence[str],
    out: Sequence[IO[bytes]],
) -> None:
    """Add the data of one piece."""
    samples = tables["high_frequency"]
    if not len(samples["datetime"]):
        return
    columns.start_ns = columns.start_ns or int(samples["datetime"][0])
    time_s = even_times(samples["datetime"] - columns.start_ns)
    columns.add(time_s, samples["acceleration"], out)
    if columns.too_long:
        return
    for name in tracks:
        table = next(table for table in tables.values() if name in table)
        columns.add_track(name, (table["datetime"] - columns.start_ns) / 1e9, table[name])


def even_times(time_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the times of samples at the true rate of the device.

    Within a block actfast counts from the first sample by the nominal rate, so that blocks overlap
    or leave small steps.  Between steps that are no gaps, samples are spaced evenly.

    Parameters
    ----------
    time_ns : int64 array, shape (n,)
        Nanoseconds.

    Returns
    -------
    float64 array, shape (n,)
        Seconds.

    Examples
    --------
    >>> even_times(np.array([0, 10, 20, 27, 37]) * 10**6).round(3).tolist()
    [0.0, 0.009, 0.018, 0.027, 0.037]
    """
    time_s = time_ns / 1e9
    step_ns = np.diff(time_ns)
    if not len(step_ns):
        return time_s
    nominal_ns = int(np.median(step_ns))
    near = np.abs(step_ns - nominal_ns) < GAP_S * 1e9
    steps = np.flatnonzero((step_ns != nominal_ns) & near) + 1
    ends = np.flatnonzero(~near)
    anchors = np.unique(np.concatenate(([0], steps, ends, ends + 1, [len(time_s) - 1])))
    return np.asarray(np.interp(np.arange(len(time_s)), anchors, time_s[anchors]))


class Piece(NamedTuple):
    """Some blocks or pages as a complete file, and what was left out of them.

    Attributes
    ----------
    content : bytes
        Header and blocks; empty if none is whole.
    is_cut : bool
        Whether the file ends within the last block or page.
    damaged_n : int
        Number of damaged blocks or pages before the end.
    """

    content: bytes
    is_cut: bool
    damaged_n: int


def cwa_pieces(path: Path) -> Iterator[Piece]:
    """Yield an Axivity file in pieces that are complete files: its header and some whole blocks.

    A block is whole if its head and checksum are right.  Where blocks do not follow each other, as
    after bytes that were lost or inserted, the next head is looked for.
    """
    with path.open("rb") as file:
        head = file.read(CWA_HEAD_BYTES)
        rest, checked = b"", None
        while raw := file.read(CWA_BLOCKS * CWA_BLOCK_BYTES):
            blocks, rest, lost_bytes = _aligned_blocks(rest + raw)
            table = np.frombuffer(blocks, np.uint8).reshape(-1, CWA_BLOCK_BYTES)
            words = table.view("<u2").sum(axis=1, dtype=np.int64) & 0xFFFF
            if checked is None:
                # old firmware writes no checksum
                checked = bool(np.count_nonzero(words == 0) * 2 >= len(words))
            whole = (words == 0) | (not checked)
            damaged_n = -(-lost_bytes // CWA_BLOCK_BYTES) + int(np.count_nonzero(~whole))
            content = head + table[whole].tobytes() if whole.any() else b""
            yield Piece(content, len(rest) > 0, damaged_n)


def _aligned_blocks(data: bytes) -> tuple[bytes, bytes, int]:
    """Return the blocks that begin with a head, what is left at the end, and the bytes between."""
    parts, at, lost = [], 0, 0
    while len(data) - at >= CWA_BLOCK_BYTES:
        n = (len(data) - at) // CWA_BLOCK_BYTES
        table = np.frombuffer(data, np.uint8, n * CWA_BLOCK_BYTES, at).reshape(n, -1)
        wrong = np.flatnonzero(
            (table[:, :4] != np.frombuffer(CWA_BLOCK_HEAD, np.uint8)).any(axis=1)
        )
        good = int(wrong[0]) if len(wrong) else n
        # where the next block does not follow, bytes of a damaged block are lost: it ends earlier
        if 0 < good < n and table[good - 1].view("<u2").sum(dtype=np.int64) & 0xFFFF:
            good -= 1
        parts.append(data[at : at + good * CWA_BLOCK_BYTES])
        at += good * CWA_BLOCK_BYTES
        if good < n:
            found = data.find(CWA_BLOCK_HEAD, at + 1)
            # a head may lie across the end of what was read
            following = found if found >= 0 else len(data) - len(CWA_BLOCK_HEAD) + 1
            lost, at = lost + following - at, following
    return b"".join(parts), data[at:], lost


def bin_pieces(path: Path) -> Iterator[Piece]:
    """Yield a GENEActiv file in pieces that are complete files: its header and some whole pages.

    A page is whole if it has its ten lines, a date that fits those of its neighbours, and 300
    samples.  actfast accepts UTF-8 only, and allocates memory for the stated number of pages.
    """
    with path.open("rb") as file:
        head, first = _bin_head(file)
        pages, is_last = [], False
        for page, is_last in _bin_pages(file, first):
            pages.append(page)
            if is_last or len(pages) == BIN_PAGES:
                yield _bin_piece(head, pages, is_last=is_last)
                pages = []


def _bin_head(file: IO[bytes]) -> tuple[list[bytes], bytes]:
    """Return the lines before the first page, and the first line of it."""
    head: list[bytes] = []
    while len(head) < LONGEST_HEAD_LINES and (line := file.readline(LONGEST_LINE)):
        if line.startswith(BIN_PAGE_HEAD):
            return head, line
        head.append(line)
    return head, b""


def _bin_pages(file: IO[bytes], first: bytes) -> Iterator[tuple[list[bytes], bool]]:
    """Yield the lines from each head of a page to the next, and whether they are the last."""
    page = [first] if first else []
    while line := file.readline(LONGEST_LINE):
        if line.startswith(BIN_PAGE_HEAD) and page:
            yield page, False
            page = []
        # lines of a damaged page may go on for long
        if len(page) <= BIN_PAGE_LINES:
            page.append(line)
    if page:
        yield page, True


def _bin_piece(head: list[bytes], pages: list[list[bytes]], *, is_last: bool) -> Piece:
    known = [[line for line in page if line.strip()] for page in pages]
    times_s = np.array([_page_time_s(page) for page in known])
    steps_s = np.abs(np.diff(times_s))
    between_s = np.abs(times_s[2:] - times_s[:-2])
    stray = np.zeros(len(times_s), dtype=bool)
    with np.errstate(invalid="ignore"):
        alone = (steps_s[:-1] > STRAY_S) & (steps_s[1:] > STRAY_S) & (between_s < NEAR_S)
    stray[1:-1] = alone
    whole = np.isfinite(times_s) & ~stray
    is_cut = is_last and not whole[-1]
    kept = [line for page, good in zip(known, whole.tolist(), strict=True) if good for line in page]
    damaged_n = int(np.count_nonzero(~whole)) - int(is_cut)
    count = b"%s%d\r\n" % (_PAGES, int(np.count_nonzero(whole)))
    own = [count if line.startswith(_PAGES) else line for line in head]
    content = b"".join((*own, *kept)).translate(_ASCII) if kept else b""
    return Piece(content, is_cut, damaged_n)


def _page_time_s(page: list[bytes]) -> float:
    """Return the time of a page, seconds since 1970; NaN if the page is not whole."""
    if len(page) != BIN_PAGE_LINES:
        return float("nan")
    when = _PAGE_TIME.fullmatch(page[3])
    numbers = [_PAGE_NUMBERS.fullmatch(page[row]) for row in (5, 6, 8)]
    samples = page[9].strip()
    if when is None or None in numbers or len(samples) != BIN_SAMPLES_BYTES:
        return float("nan")
    try:
        bytes.fromhex(samples.decode("ascii"))
        moment = datetime.strptime(when[1].decode(), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return float("nan")
    return moment.replace(tzinfo=UTC).timestamp() + int(when[2]) / 1000


def rising(time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows whose time is later than all before.

    Examples
    --------
    >>> rising(np.array([0.0, 1.0, 0.5, 1.0, 2.0])).tolist()
    [0, 1, 4]
    """
    if not len(time_s):
        return np.empty(0, dtype=np.int64)
    latest_s = np.maximum.accumulate(time_s)
    return np.flatnonzero(np.concatenate(([True], time_s[1:] > latest_s[:-1])))


if __name__ == "__main__":
    main(*sys.argv[1:4])
