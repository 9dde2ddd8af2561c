"""Bursts of EMG at up to four a second, and the heart beats among them.

A burst lasts while the amplitude exceeds a share of the largest nearby, so that bursts are
separated even if the amplitude does not return to rest in between.

Heart beats are brief bursts (QRS complexes) that persist.  Neither pace nor, at a low sampling
rate, width distinguishes them from a train.  Brief bursts count as beats where the same pace fills
most of some minutes; a train of a minute, or with another pace than the heart, does not.
"""

import math
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.envelope import centred_mean, running_sum
from psgkit.conditioning.emg.resting import HOP_CELLS
from psgkit.core.bounds import odd_samples_nearest, samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, contains, no_intervals, runs_of_true, union
from psgkit.detect.emg.grid import HOP_FINE, Grid
from psgkit.detect.emg.trains.rule import CardiacTrainRule, EmgRhythmRule

_REACH_HOPS = 4
"""Overlap of stretches in hops; longer than any burst of a train."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bursts:
    """A table of bursts, sorted and disjoint.

    Attributes
    ----------
    start_s, end_s : float64 arrays, shape (n,)
        Seconds from the first sample of the signal.
    centre_s : float64 array, shape (n,)
        Centre of gravity, which is less sensitive to noise than an edge.
    area_uv_s : float64 array, shape (n,)
        Amplitude above rest times seconds.
    peak_uv : float64 array, shape (n,)
        Largest amplitude above rest.
    trough_uv : float64 array, shape (n,)
        Smallest amplitude above rest until the next burst.
    """

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    centre_s: NDArray[np.float64]
    area_uv_s: NDArray[np.float64]
    peak_uv: NDArray[np.float64]
    trough_uv: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start_s)

    @classmethod
    def none(cls) -> "Bursts":
        """Return an empty table."""
        return cls(**{field.name: np.empty(0) for field in fields(cls)})

    @classmethod
    def joined(cls, tables: "list[Bursts]") -> "Bursts":
        """Return the rows of tables that follow each other."""
        if not tables:
            return cls.none()
        names = [field.name for field in fields(cls)]
        return cls(**{n: np.concatenate([getattr(table, n) for table in tables]) for n in names})

    @property
    def width_s(self) -> NDArray[np.float64]:
        """Return how long each burst lasts."""
        return self.end_s - self.start_s

    def where(self, mask: NDArray[np.bool_]) -> "Bursts":
        """Return the rows where ``mask`` is True."""
        return Bursts(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})

    def later(self, seconds: float) -> "Bursts":
        """Return the bursts ``seconds`` later."""
        return replace(
            self,
            start_s=self.start_s + seconds,
            end_s=self.end_s + seconds,
            centre_s=self.centre_s + seconds,
        )

    def part(self, first: int, stop: int) -> "Bursts":
        """Return the rows from ``first`` on, ``stop`` excluded."""
        rows = slice(first, stop)
        return Bursts(
            start_s=self.start_s[rows],
            end_s=self.end_s[rows],
            centre_s=self.centre_s[rows],
            area_uv_s=self.area_uv_s[rows],
            peak_uv=self.peak_uv[rows],
            trough_uv=self.trough_uv[rows],
        )

    def between(self, span_s: tuple[float, float]) -> "Bursts":
        """Return the rows that start within ``span_s``, its end excluded."""
        # far from the edges of cells, so that rounding gives none to two stretches
        slack_s = 1e-4
        return self.where(
            (self.start_s >= span_s[0] - slack_s) & (self.start_s < span_s[1] - slack_s)
        )

    def across(self, gap_s: float, least_trough: float = 0.0) -> "Bursts":
        """Return the bursts with those joined that follow each other within ``gap_s``.

        Only where the amplitude between them stays above ``least_trough`` of the lower peak.

        Examples
        --------
        >>> parts = np.array([0.0, 0.3, 2.0])
        >>> ones = np.ones(3)
        >>> three = Bursts(start_s=parts, end_s=parts + 0.2, centre_s=parts + 0.1, area_uv_s=ones,
        ...     peak_uv=ones, trough_uv=0.3 * ones)
        >>> three.across(0.15).centre_s.round(3).tolist()
        [0.25, 2.1]
        >>> len(three.across(0.15, least_trough=0.5))
        3
        """
        if gap_s <= 0 or not len(self):
            return self
        apart = self.start_s[1:] - self.end_s[:-1] > gap_s
        if least_trough > 0:
            lower = np.minimum(self.peak_uv[1:], self.peak_uv[:-1])
            apart |= self.trough_uv[:-1] < least_trough * lower
        first = np.flatnonzero(np.append(True, apart))
        last = np.append(first[1:], len(self)) - 1
        area = np.add.reduceat(self.area_uv_s, first)
        return Bursts(
            start_s=self.start_s[first],
            end_s=self.end_s[last],
            centre_s=np.add.reduceat(self.area_uv_s * self.centre_s, first) / area,
            area_uv_s=area,
            peak_uv=np.maximum.reduceat(self.peak_uv, first),
            trough_uv=self.trough_uv[last],
        )


def median(values: NDArray[np.floating]) -> float:
    """Return the median; ``np.median`` takes ten times as long for a few values.

    Examples
    --------
    >>> median(np.array([3.0, 1.0, 2.0])), median(np.array([3.0, 1.0]))
    (2.0, 2.0)
    """
    n = len(values)
    ranked = np.sort(values)
    if not n or np.isnan(ranked[-1]):
        return math.nan
    half = n // 2
    return float(ranked[half]) if n % 2 else float((ranked[half - 1] + ranked[half]) / 2)


def stretch_bursts(
    sums: NDArray[np.float64],
    rest: NDArray[np.float64],
    cells_uv: NDArray[np.float64],
    core: tuple[int, int],
    grid: Grid,
    rate_hz: float,
    rule: EmgRhythmRule,
) -> tuple[Bursts, Bursts]:
    """Return the bursts that start within ``core``: all, and those left without brief ones.

    Parameters
    ----------
    sums : array
        Running sum of the mean rectified signal of each step.
    rest : array
        Resting level at the edges of hops.
    cells_uv : array
        Mean above rest of each cell of the resting level.  Hops without a cell near the level of a
        burst, nearly all of a night, are skipped.
    core : (int, int)
        Samples on the same scale, starting at a hop; bursts may extend beyond.
    grid : Grid
    rate_hz : float
    rule : EmgRhythmRule

    Returns
    -------
    Bursts, Bursts
        Seconds from the first sample of ``sums``.  The second is made from the amplitude without
        anything shorter than ``opening_s``, that is without heart beats.
    """
    first, stop = core[0] // grid.hop, -(-core[1] // grid.hop)
    near = np.arange(max(0, first - _REACH_HOPS), stop + _REACH_HOPS)
    hops = near[_is_active(cells_uv, rest, near, rule)] if rule.enabled else near[:0]
    if not len(hops):
        return Bursts.none(), Bursts.none()
    cells = hops[:, None] * HOP_FINE + np.arange(HOP_FINE + 1)
    edges = np.minimum(cells * grid.hop // (HOP_FINE * grid.step), len(sums) - 1)
    fine = np.diff(sums[edges], axis=1) / np.maximum(np.diff(edges, axis=1), 1)
    begin, end = (rest[np.minimum(hops + k, len(rest) - 1)][:, None] for k in (0, 1))
    level = np.nan_to_num(begin + (end - begin) * np.arange(HOP_FINE) / HOP_FINE)
    above = running_sum((fine - level).ravel())
    least = _least(level.ravel(), rule)
    cell_s = grid.hop / HOP_FINE / rate_hz
    window_s = grid.amplitude_window * grid.step / rate_hz
    width = max(3, odd_samples_nearest(window_s, 1 / cell_s))
    # as much longer as the window is
    opening = samples_nearest(rule.opening_s / 0.1 * window_s, 1 / cell_s)
    at_s = np.asarray(cells[:, :-1].ravel() * cell_s, np.float64)
    span_s = first * HOP_FINE * cell_s, stop * HOP_FINE * cell_s
    bursts = _bursts_of(centred_mean(above, width), least, at_s, cell_s, rule)
    opened = _bursts_of(_opened(centred_mean(above, 3), opening), least, at_s, cell_s, rule)
    return bursts.between(span_s), opened.between(span_s)


def _least(level_uv: NDArray[np.floating], rule: EmgRhythmRule) -> NDArray[np.float64]:
    """Return how far a burst reaches above a resting level."""
    return np.asarray(
        np.maximum(rule.burst_above_rest_uv, rule.burst_share_of_rest * level_uv), np.float64
    )


def _is_active(
    cells_uv: NDArray[np.float64],
    rest: NDArray[np.float64],
    hops: NDArray[np.int64],
    rule: EmgRhythmRule,
) -> NDArray[np.bool_]:
    """Return which hops may hold part of a burst, and those beside them.

    A burst across two cells fills at least one of them by half.
    """
    n_hops = -(-len(cells_uv) // HOP_CELLS)
    whole = np.zeros(n_hops * HOP_CELLS)
    whole[: len(cells_uv)] = cells_uv
    highest = whole.reshape(-1, HOP_CELLS).max(axis=1)
    level = np.nan_to_num(rest[np.minimum(np.arange(n_hops), len(rest) - 1)])
    may = np.append(highest >= _least(level, rule) / 2, False)
    may[1:] |= may[:-1].copy()
    may[:-1] |= may[1:].copy()
    may[n_hops:] = False
    return may[np.minimum(hops, n_hops)]


def later(both: tuple[Bursts, Bursts], seconds: float) -> tuple[Bursts, Bursts]:
    """Return both tables ``seconds`` later."""
    return both[0].later(seconds), both[1].later(seconds)


def _bursts_of(
    above: NDArray[np.float32],
    least: NDArray[np.float64],
    at_s: NDArray[np.float64],
    cell_s: float,
    rule: EmgRhythmRule,
) -> Bursts:
    """Return the bursts of an amplitude above rest, of cells that start at given seconds."""
    near = moving_maximum(above, samples_nearest(rule.peak_reach_s, 1 / cell_s))
    runs = runs_of_true(above >= np.maximum(least, rule.burst_share_of_peak * near))
    if not len(runs):
        return Bursts.none()
    edges = runs.ravel()
    padded = np.append(above, np.float32(0.0)).astype(np.float64)
    middle_s = np.append(at_s, at_s[-1]) + cell_s / 2
    area = np.add.reduceat(padded, edges)[::2]
    return Bursts(
        start_s=at_s[runs[:, 0]],
        end_s=at_s[runs[:, 1] - 1] + cell_s,
        centre_s=np.add.reduceat(padded * middle_s, edges)[::2] / area,
        area_uv_s=area * cell_s,
        peak_uv=np.maximum.reduceat(padded, edges)[::2],
        trough_uv=np.minimum.reduceat(padded, edges)[1::2],
    )


def _opened(above: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the amplitude without anything shorter than ``width`` cells."""
    half = width // 2
    return moving_maximum(-moving_maximum(-above, half), half)


def moving_maximum(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the largest of each value and the ``reach`` ones before and after it.

    Examples
    --------
    >>> moving_maximum(np.array([3, 0, 0, 1, 0, 2], dtype=np.float32), 1).tolist()
    [3.0, 3.0, 1.0, 1.0, 2.0, 2.0]
    """
    width = 2 * reach + 1
    largest = np.pad(values, reach, constant_values=-np.inf)
    done = 1
    # windows twice as long from two that follow each other, the last ones overlapping
    while done < width:
        step = min(done, width - done)
        largest = np.maximum(largest[:-step], largest[step:])
        done += step
    return largest


_FEWEST_BEATS = 3
"""Beats around two similar intervals."""

_BEATS_IN_BIN = 2
"""Regular beats from which a bin shows a heart; see ``CardiacTrainRule.bin_s``."""


def heart_beats(
    bursts: Bursts, duration_s: float, rule: CardiacTrainRule
) -> tuple[NDArray[np.bool_], Intervals]:
    """Return which bursts are heart beats, and the seconds during which a heart shows.

    Examples
    --------
    >>> at, ones = np.arange(0.0, 600.0, 0.9), np.ones(667)
    >>> brief = Bursts(start_s=at, end_s=at + 0.1, centre_s=at + 0.05, area_uv_s=ones,
    ...     peak_uv=ones, trough_uv=0 * ones)
    >>> beats, shown = heart_beats(brief, 600.0, CardiacTrainRule())
    >>> bool(beats.all()), shown.tolist()[0][0]
    (True, 0.0)
    """
    brief = np.flatnonzero(bursts.width_s <= rule.max_burst_s)
    found = np.zeros(len(bursts), dtype=bool)
    times_s = bursts.centre_s[brief]
    regular, interval_s = _regular(times_s, rule)
    if not regular.any():
        return found, no_intervals(np.float64)
    at_s, pace_s = times_s[regular], interval_s[regular]
    beating = _beating(at_s, duration_s, rule)
    shown = []
    for start_s in np.arange(0.0, duration_s, rule.bin_s).tolist():
        window = _window(start_s + rule.bin_s / 2, duration_s, rule)
        bins = beating[int(window[0] / rule.bin_s) : int(np.ceil(window[1] / rule.bin_s))]
        if bins.sum() < max(rule.min_bins, rule.min_share * len(bins)):
            continue
        shown.append((start_s, start_s + rule.bin_s))
        pace = float(np.median(pace_s[slice(*np.searchsorted(at_s, window))]))
        low, high = np.searchsorted(times_s, shown[-1])
        change = np.maximum(interval_s[low:high] / pace, pace / interval_s[low:high])
        found[brief[low:high][regular[low:high] & (change <= rule.max_change)]] = True
    return found, union(np.array(shown, dtype=np.float64).reshape(-1, 2))


def leaking(bursts: Bursts, duration_s: float, rule: CardiacTrainRule) -> Intervals:
    """Return the seconds in which brief bursts are as frequent as heart beats, regular or not.

    Examples
    --------
    >>> at, ones = np.arange(0.0, 600.0, 0.9), np.ones(667)
    >>> brief = Bursts(start_s=at, end_s=at + 0.1, centre_s=at + 0.05, area_uv_s=ones,
    ...     peak_uv=ones, trough_uv=0 * ones)
    >>> leaking(brief, 600.0, CardiacTrainRule()).tolist()
    [[0.0, 600.0]]
    >>> len(leaking(brief.part(0, 99), 600.0, CardiacTrainRule()))
    0
    """
    n_bins = max(1, int(np.ceil(duration_s / rule.bin_s)))
    at_s = bursts.centre_s[bursts.width_s <= rule.max_burst_s]
    counts = np.bincount((at_s / rule.bin_s).astype(np.int64), minlength=n_bins)
    window = min(len(counts), max(1, round(rule.window_s / rule.bin_s)))
    sums = np.append(0, np.cumsum(counts >= rule.min_brief_in_bin))
    filled = sums[window:] - sums[:-window] >= max(rule.min_bins, rule.min_share * window)
    first = np.flatnonzero(filled)
    return union(np.column_stack((first, first + window)) * rule.bin_s)


def _beating(
    at_s: NDArray[np.float64], duration_s: float, rule: CardiacTrainRule
) -> NDArray[np.bool_]:
    """Return which bins of the recording hold at least two regular beats."""
    n_bins = max(1, int(np.ceil(duration_s / rule.bin_s)))
    counts = np.bincount((at_s / rule.bin_s).astype(np.int64), minlength=n_bins)
    return np.asarray(counts >= _BEATS_IN_BIN)


def without_beats(
    both: tuple[Bursts, Bursts], duration_s: float, rule: CardiacTrainRule
) -> tuple[list[Bursts], Intervals]:
    """Return the sets of bursts in which to look for trains, and the seconds that show a heart.

    Without a heart the only set is all bursts.  With one there are four: without the beats; without
    all brief bursts about as high as beats; without all brief bursts; and bursts of the amplitude
    without anything brief.  Length and height of its bursts decide in which a train shows best.
    """
    bursts, long = both
    beats, shown = heart_beats(bursts, duration_s, rule)
    if not beats.any():
        return [bursts], shown
    brief = (bursts.width_s <= rule.max_burst_s) & contains(shown, bursts.centre_s)
    height = bursts.peak_uv / np.median(bursts.peak_uv[beats])
    as_high = (height <= rule.max_peak_change) & (height * rule.max_peak_change >= 1)
    return [
        bursts.where(~beats),
        bursts.where(~(brief & (beats | as_high))),
        bursts.where(~brief),
        long.where(contains(shown, long.centre_s)),
    ], shown


def _regular(
    times_s: NDArray[np.float64], rule: CardiacTrainRule
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which times have similar intervals on both sides, and one of those intervals."""
    found = np.zeros(len(times_s), dtype=bool)
    pace_s = np.full(len(times_s), np.inf)
    interval_s = np.diff(times_s)
    if len(times_s) < _FEWEST_BEATS:
        return found, pace_s
    plausible = rule.interval_s.contains(interval_s)
    ratio = interval_s[1:] / np.maximum(interval_s[:-1], 1e-9)
    pair = (ratio <= rule.max_change) & (ratio >= 1 / rule.max_change)
    pair &= plausible[1:] & plausible[:-1]
    mean_s = (interval_s[1:] + interval_s[:-1]) / 2
    for shift in range(3):
        found[shift : shift + len(pair)] |= pair
        part = pace_s[shift : shift + len(pair)]
        part[pair] = mean_s[pair]
    return found, pace_s


def _window(middle_s: float, duration_s: float, rule: CardiacTrainRule) -> tuple[float, float]:
    """Return the window around ``middle_s``, shifted to lie within the recording."""
    length_s = min(rule.window_s, duration_s)
    start_s = min(max(middle_s - length_s / 2, 0.0), duration_s - length_s)
    return start_s, start_s + length_s
