"""The EMG detector against a twin that goes from sample to sample and from cell to cell.

The twin shares the band-pass filter with the detector and nothing else.  It runs at 200 Hz, where
the amplitude is compared at every sample.
"""

from dataclasses import replace
from statistics import fmean, median

import numpy as np
import pytest
from emg_maker import DETECTION, detect, emg
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import meter_of

RATE_HZ = 200.0
SECONDS = 75
CELL, HOP, FINE, HALF = 20, 200, 4, 100
"""Samples of 0.1, 1, 0.02 and 0.5 s."""
WIDE, BRIEF = 11, 2
"""Half of the means of 0.1 s and 0.02 s, longer by 90 Hz over 80 as the rate cuts the band."""
PLAIN = replace(
    DETECTION,
    conditioning=replace(DETECTION.conditioning, mains="off"),
    cardiac=replace(DETECTION.cardiac, enabled=False),
    rhythm=replace(DETECTION.rhythm, enabled=False),
)
"""Beats and trains have tests of their own."""
RULE = PLAIN.rule


def twin(samples: np.ndarray) -> list[list[int]]:
    """Return the movements of EMG at 200 Hz, in samples."""
    signal = Signal(samples=samples, rate_hz=RATE_HZ, unit="uV")
    filtered, _unusable = meter_of(signal, PLAIN, None).filtered((0, len(samples)))
    cells, rest = measured(filtered)
    swaying, humming = other_than_muscle(filtered, cells, rest)
    if any(swaying) or any(humming):
        cleared = without(filtered, swaying, humming, active_parts(cells, rest))
        cells, rest = measured(cleared)
        filtered = cleared
    return movements(np.abs(filtered), rest)


def measured(filtered: np.ndarray) -> tuple[list[float], list[float]]:
    """Return the mean of each cell, and the resting level at each edge of a second."""
    size = np.abs(filtered)
    cells = [fmean(size[at : at + CELL].tolist()) for at in range(0, len(size), CELL)]
    hops = len(cells) // 10
    width = min(60, hops)
    rest = []
    for edge in range(hops + 1):
        after = min(edge, hops - width)
        before = min(max(edge - width, 0), hops - width)
        rest.append(max(low_level(cells[first * 10 :][: width * 10]) for first in (before, after)))
    return cells, rest


def low_level(window: list[float]) -> float:
    """Return the mean of what lies near the 20th percentile or below."""
    low = sorted(window)[int(0.2 * (len(window) - 1))]
    return fmean(one for one in window if one <= low + max(2.0, 0.7 * low))


def level(rest: list[float], sample: float) -> float:
    """Return the resting level at a sample, linear between seconds."""
    hop, within = divmod(sample, HOP)
    begin = rest[int(hop)]
    return begin + (rest[min(int(hop) + 1, len(rest) - 1)] - begin) * within / HOP


def active_parts(cells: list[float], rest: list[float]) -> list[tuple[int, int]]:
    """Return cells, from and before, around activity above rest, half a second to each side."""
    wanted = [False] * len(cells)
    for k, cell in enumerate(cells):
        if cell - level(rest, k * CELL + CELL / 2) >= 2.0:
            for near in range(max(k - 5, 0), min(k + 6, len(cells))):
                wanted[near] = True
    parts = []
    for k, inside in enumerate(wanted):
        if inside and (k == 0 or not wanted[k - 1]):
            parts.append((k, k))
        if inside:
            parts[-1] = (parts[-1][0], k + 1)
    return parts


def above_25_hz(samples: np.ndarray) -> np.ndarray:
    pad = response_samples(RATE_HZ)
    high = Band(low_hz=25.0, high_hz=Band().clipped(RATE_HZ).high_hz)
    return filter_zero_phase(mirror_ends(samples, pad, pad), high, RATE_HZ)


def other_than_muscle(
    filtered: np.ndarray, cells: list[float], rest: list[float]
) -> tuple[list[bool], list[bool]]:
    """Return which cells a cable or an open electrode made, looking at half a second of each."""
    swaying, humming = [False] * len(cells), [False] * len(cells)
    band = Band().clipped(RATE_HZ)
    part_of_full = ((band.high_hz - 25) / band.width_hz / (75 / 90)) ** 0.5
    least = 0.3 * min(1.0, part_of_full)
    white = (band.high_hz - 25) / band.width_hz
    for first, stop in active_parts(cells, rest):
        own = filtered[first * CELL : stop * CELL]
        high = above_25_hz(own)
        for k in range(first, stop):
            begin, end = max(k - 2, first), min(k + 3, stop)
            here = slice((begin - first) * CELL, (end - first) * CELL)
            size, size_high = float(np.abs(own[here]).sum()), float(np.abs(high[here]).sum())
            n = (end - begin) * CELL
            quiet = sum(level(rest, c * CELL + CELL / 2) * CELL for c in range(begin, end))
            added = size - quiet > 2.0 * n
            power = size_high**2 - 0.75 * white * quiet**2
            slow = size_high < least * size or (added and power < least**2 * (size**2 - quiet**2))
            near = [cells[min(max(c, 0), len(cells) - 1)] for c in range(k - 5, k + 6)]
            swaying[k] = slow and max(near) <= 3.5 * median(near)
            at = np.arange(begin * CELL, end * CELL) / RATE_HZ
            tone = max(
                abs(sum((own[here] * np.exp(-2j * np.pi * hz * at)).tolist()))
                for hz in (50.0, 60.0)
            )
            humming[k] = 4 / np.pi * tone / size > 0.85
    return swaying, humming


def without(
    filtered: np.ndarray,
    swaying: list[bool],
    humming: list[bool],
    parts: list[tuple[int, int]],
) -> np.ndarray:
    """Return the samples with what lies above 25 Hz of swaying cells, and nothing of hum."""
    cleared = filtered.copy()
    for first, stop in parts:
        high = above_25_hz(filtered[first * CELL : stop * CELL])
        for k in range(first, stop):
            if swaying[k]:
                here = slice((k - first) * CELL, (k - first + 1) * CELL)
                cleared[k * CELL : (k + 1) * CELL] = high[here]
    for k, hums in enumerate(humming):
        if hums:
            cleared[max(k - 1, 0) * CELL : (k + 2) * CELL] = 0
    return cleared


def movements(size: np.ndarray, rest: list[float]) -> list[list[int]]:
    """Return the movements of rectified EMG by thresholds over rest, sample by sample."""
    rests = [level(rest, at) for at in range(len(size))]
    off = [one + max(2.0, 0.6 * one) for one in rests]
    on = [one + max(8.0, 0.8 * one) for one in rests]
    envelope = [mean_around(size, at, WIDE) for at in range(len(size))]
    low = quiet_reaching(size, envelope, off)
    high = [mean >= threshold for mean, threshold in zip(envelope, on, strict=True)]
    reached = [False] * len(size)
    for at in range(len(size)):
        if high[at] and (at == 0 or not high[at - 1]):
            stop = next((k for k in range(at, len(size)) if not high[k]), len(size))
            first = first_high(size, on, searched_from(low, at))
            for k in range(max(first, 0), max(stop, first + 1)):
                reached[min(k, len(size) - 1)] = True
    return [one for one in by_state(low, reached) if sustained(one, size, rest)]


def quiet_reaching(size: np.ndarray, envelope: list[float], off: list[float]) -> list[bool]:
    """Return where EMG is low: by the mean, and on to both sides while the brief mean is low."""
    n = len(size)
    is_low = [envelope[at] <= off[at] for at in range(n)]
    low = list(is_low)
    for at in range(n):
        if is_low[at] and (at == 0 or not is_low[at - 1]):
            reach(low, size, off, range(at - 1, at - 2 * WIDE - 2, -1))
        if is_low[at] and (at == n - 1 or not is_low[at + 1]):
            reach(low, size, off, range(at + 1, at + 2 * WIDE + 2))
    return low


def reach(low: list[bool], size: np.ndarray, off: list[float], way: range) -> None:
    """Mark samples as low along ``way`` up to one whose brief mean reaches the threshold."""
    for at in way:
        if not 0 <= at < len(low) or mean_around(size, at, BRIEF) >= off[at]:
            return
        low[at] = True


def searched_from(low: list[bool], at: int) -> int:
    """Return from where on the sample is looked for that raised the mean at ``at``."""
    if low[at]:
        return next((k for k in range(at, len(low)) if not low[k]), len(low))
    return next((k + 1 for k in range(at - 1, at - WIDE - 1, -1) if k >= 0 and low[k]), at - WIDE)


def first_high(size: np.ndarray, on: list[float], begin: int) -> int:
    """Return the first sample that reaches the threshold within the window from ``begin``."""
    window = range(begin, begin + 2 * WIDE + 1)
    high = (k for k in window if not 0 <= k < len(size) or size[k] >= on[k])
    return next(high, window.stop)


def mean_around(size: np.ndarray, at: int, half: int) -> float:
    return float(size[max(at - half, 0) : at + half + 1].mean(dtype=np.float64))


def by_state(low: list[bool], reached: list[bool]) -> list[list[int]]:
    """Return what starts at a sample that reached and ends at the start of half a second low."""
    found = []
    quiet, since = [False] * len(low), 0
    for at, is_low in enumerate(low):
        since = since + 1 if is_low else 0
        if since == HALF:
            quiet[at - HALF + 1 : at + 1] = [True] * HALF
        elif since > HALF:
            quiet[at] = True
    onset: int | None = None
    for at in range(len(low) + 1):
        if onset is not None and (at == len(low) or quiet[at]):
            found.append([onset, at])
            onset = None
        elif at < len(low) and onset is None and reached[at] and not quiet[at]:
            onset = at
    return [one for one in found if one[1] - one[0] >= HALF]


def sustained(one: list[int], size: np.ndarray, rest: list[float]) -> bool:
    """Return whether half of the cells of 0.02 s of half a second lie above the morphology test."""
    start, stop = one
    for fine in range(len(size) // FINE - 24):
        at = fine * FINE
        if start - FINE <= at <= max(stop - 100, start) + FINE:
            high = 0
            for k in range(fine, fine + 25):
                here = level(rest, k * FINE + FINE / 2)
                high += fmean(size[k * FINE : (k + 1) * FINE].tolist()) - here >= max(
                    2.0, 0.5 * here
                )
            if 2 * high >= 25:
                return True
    return False


def assert_as_twin(samples: np.ndarray, *, at_least: int) -> None:
    wanted = twin(samples)
    found = np.round(detect(samples, RATE_HZ, PLAIN).movements.intervals() * RATE_HZ)
    assert found.tolist() == wanted
    assert len(wanted) >= at_least


def with_sway(samples: np.ndarray, start_s: float, end_s: float, hz: float) -> np.ndarray:
    at = np.arange(len(samples)) / RATE_HZ
    inside = np.clip(np.minimum(at - start_s, end_s - at), 0, 1)
    return (samples + 250 * inside * np.sin(2 * np.pi * hz * at)).astype(np.float32)


BURSTS = [(9.0, 11.0, 30.0), (20.0, 20.9, 25.0), (41.3, 46.0, 60.0), (62.0, 65.0, 12.0)]


@pytest.mark.parametrize("rest", [1.0, 4.0, 9.0, 15.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_movements_over_quiet_and_loud_rest_are_those_of_the_twin(rest: float, seed: int) -> None:
    bursts = [(start, end, high + 3 * rest) for start, end, high in BURSTS]
    samples = emg(SECONDS, RATE_HZ, bursts, seed=seed, rest=rest)
    assert_as_twin(samples, at_least=3)


@pytest.mark.parametrize("hz", [3.3, 4.7])
def test_movements_on_a_swaying_cable_are_those_of_the_twin(hz: float) -> None:
    samples = with_sway(emg(SECONDS, RATE_HZ, BURSTS), 15.0, 60.0, hz)
    assert_as_twin(samples, at_least=3)


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_movements_beside_an_open_electrode_are_those_of_the_twin(hz: float) -> None:
    samples = emg(SECONDS, RATE_HZ, BURSTS)
    off = slice(round(25 * RATE_HZ), round(36 * RATE_HZ))
    samples[off] = 120 * np.sin(2 * np.pi * hz * np.arange(off.stop - off.start) / RATE_HZ)
    assert_as_twin(samples, at_least=3)


movement = st.tuples(st.floats(2, 80), st.floats(0.1, 4), st.floats(3, 60))


@cases(12)
@given(st.lists(movement, max_size=8), st.sampled_from([0.5, 2.0, 6.0, 12.0]), st.integers(0, 9))
def test_any_bursts_over_any_rest_are_those_of_the_twin(
    several: list[tuple[float, float, float]], rest: float, seed: int
) -> None:
    bursts = [(start, start + length, rest * high / 3) for start, length, high in several]
    assert_as_twin(emg(SECONDS, RATE_HZ, bursts, seed=seed, rest=rest), at_least=0)
