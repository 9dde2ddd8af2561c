"""Bursts of a limb channel without the heart beats that leak into it.

Between the bursts of a train a QRS complex is one burst more, and hides or joins them.  Where an
ECG channel tells when the heart beats, their common shape is subtracted before bursts are looked
for: what is left are bursts of the muscle, and four of them are a train as they are without a leak.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac_beats import Beats
from psgkit.conditioning.cardiac_removal import RemovalRule, remove_beats
from psgkit.conditioning.envelope import running_sum, step_means
from psgkit.conditioning.mains import MainsLine, without_mains
from psgkit.conditioning.resting import HOP_CELLS, ramp_between, resting_level
from psgkit.conditioning.usable import widened
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import Intervals, contains, union
from psgkit.core.signal import Signal
from psgkit.detect.emg_envelope import EmgConditioning, filtered_stretch, masked_cells
from psgkit.detect.emg_grid import Grid
from psgkit.detect.emg_rhythm import Cleared, Train
from psgkit.detect.emg_rhythm_bursts import Bursts, later, stretch_bursts
from psgkit.detect.emg_rhythm_rule import CardiacTrainRule, EmgRhythmRule

KnownBeats = Callable[[], Beats]
"""Asked only where a heart may leak: to find the beats of a night takes as long as a channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeakSettings:
    """What bursts are measured with, and how beats are taken out."""

    grid: Grid
    rhythm: EmgRhythmRule
    conditioning: EmgConditioning
    removal: RemovalRule
    mains: MainsLine | None


def cleared_bursts(
    signal: Signal,
    stretches: list[tuple[int, int]],
    beats: Beats,
    settings: LeakSettings,
) -> Cleared | None:
    """Return the bursts of ``signal`` that are left without its heart beats, in its seconds.

    None if no beat is known.
    """
    if not len(beats.times_s) or not stretches:
        return None
    own_s = beats.times_s - signal.start_s
    parts = [_of_stretch(signal, core, own_s * signal.rate_hz, settings) for core in stretches]
    return Cleared(
        choices=tuple(
            (
                Bursts.joined([part[k][0] for part in parts]),
                Bursts.joined([part[k][1] for part in parts]),
            )
            for k in range(len(parts[0]))
        ),
        known_s=beats.covered - signal.start_s,
        beats_s=own_s,
    )


def _of_stretch(
    signal: Signal, core: tuple[int, int], beats: NDArray[np.float64], settings: LeakSettings
) -> list[tuple[Bursts, Bursts]]:
    """Return the bursts that start in ``core``, with and without those at beats of odd shape.

    Each as all bursts and those left without brief ones.  What hides in a burst of a train is of no
    shape, either, so that without them trains may lose bursts.
    """
    conditioning, rate_hz = settings.conditioning, signal.rate_hz
    hop = settings.grid.hop
    reach = hop * (samples_at_least(conditioning.rest.window_s, rate_hz) // hop + 1)
    low, high = max(0, core[0] - reach), min(len(signal.samples), core[1] + reach)
    filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
    margin = samples_at_least(conditioning.usable.margin_s, rate_hz)
    blocked = widened(unusable.runs(), margin, high - low)
    inside = beats[(beats >= low) & (beats < high)] - low
    removed = remove_beats(filtered, inside, rate_hz, settings.removal)
    samples = removed.samples
    if settings.mains is not None:
        samples = without_mains(samples, low, rate_hz, settings.mains)
    bursts, opened = _bursts(samples, blocked, (core[0] - low, core[1] - low), rate_hz, settings)
    odd_s = removed.middle[removed.odd] / rate_hz
    others = bursts.where(~_at_odd_beats(bursts, odd_s, settings.rhythm.heart))
    return [later((some, opened), low / rate_hz) for some in (bursts, others)]


def _bursts(
    samples: NDArray[np.float32],
    blocked: Intervals,
    core: tuple[int, int],
    rate_hz: float,
    settings: LeakSettings,
) -> tuple[Bursts, Bursts]:
    """Return the bursts of band-passed samples, in their seconds."""
    grid = settings.grid
    sums = running_sum(step_means(np.abs(samples), grid.step))
    cells = masked_cells(sums, blocked, grid)
    rest = resting_level(cells, settings.conditioning.rest)
    above = np.nan_to_num(cells - ramp_between(rest, HOP_CELLS, (0, len(cells))))
    return stretch_bursts(sums, rest, above, core, (grid, rate_hz, settings.rhythm))


def _at_odd_beats(
    bursts: Bursts, odd_s: NDArray[np.float64], rule: CardiacTrainRule
) -> NDArray[np.bool_]:
    """Return which bursts are what is left of a beat."""
    around = np.column_stack((odd_s - rule.odd_beat_s / 2, odd_s + rule.odd_beat_s / 2))
    brief = bursts.width_s <= rule.odd_beat_s
    return np.asarray(brief & contains(union(around), bursts.centre_s))


def known_near(
    cleared: Cleared | None, trains: tuple[Train, ...], reach_s: float
) -> NDArray[np.float64]:
    """Return the known beats within reach of a train, whose bursts hide that they are regular."""
    if cleared is None or not trains:
        return np.empty(0)
    near = union(np.array([(train.onset_s - reach_s, train.end_s + reach_s) for train in trains]))
    return cleared.beats_s[contains(near, cleared.beats_s)]
