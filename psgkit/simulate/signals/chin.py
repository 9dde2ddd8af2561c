"""EMG of the chin: tone by stage, and in REM sleep tonic epochs and phasic bursts.

The tone is noise of muscle bandwidth whose root mean square falls from wake to REM sleep; the
values are psgkit's own choice and are not fitted to any data.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.emg import muscle_noise

TONE_UV = {"W": 6.0, "N1": 4.0, "N2": 3.0, "N3": 2.5, "R": 1.2}
"""Root mean square by stage."""
TONIC_TIMES, PHASIC_TIMES = 4.0, (6.0, 12.0)
"""Amplitude of tonic epochs and of bursts over that of quiet REM sleep."""
BURST_S = (0.2, 3.0)
APART_S, EDGE_S = 1.0, 0.5
_TRIES = 40


@dataclass(frozen=True, slots=True, eq=False)
class RemTruth:
    """What the chin does in REM sleep.

    Attributes
    ----------
    tonic_s : Intervals
        Whole epochs.
    phasic_s : Intervals
        Bursts, in other epochs.
    times : array, shape (n_bursts,)
        Amplitude of each burst over that of quiet REM sleep.
    """

    tonic_s: Intervals
    phasic_s: Intervals
    times: NDArray[np.float64]

    @classmethod
    def none(cls) -> "RemTruth":
        """Return no activity."""
        return cls(no_intervals(np.float64), no_intervals(np.float64), np.empty(0))


def plan_rem(
    rng: np.random.Generator, hypnogram: Hypnogram, options: SimulationOptions
) -> RemTruth:
    """Return the tonic epochs and the bursts of a night.

    Examples
    --------
    >>> stages = Hypnogram.of(["N2", *["R"] * 9])
    >>> options = SimulationOptions(rem_tonic_share=0.5, rem_phasic_per_min=4.0)
    >>> truth = plan_rem(np.random.default_rng(0), stages, options)
    >>> bool(truth.tonic_s.min() >= 30.0), bool((truth.times >= 6.0).all())
    (True, True)
    """
    starts_s = hypnogram.epoch_starts_s()[hypnogram.stages == "R"]
    tonic = rng.random(len(starts_s)) < (options.rem_tonic_share or 0.0)
    per_epoch = (options.rem_phasic_per_min or 0.0) * hypnogram.epoch_s / 60.0
    spans: list[tuple[float, float]] = []
    for start_s in starts_s[~tonic].tolist():
        own: list[tuple[float, float]] = []
        for length_s in rng.uniform(*BURST_S, rng.poisson(per_epoch)).tolist():
            latest_s = start_s + hypnogram.epoch_s - EDGE_S - length_s
            for onset_s in rng.uniform(start_s + EDGE_S, latest_s, _TRIES).tolist():
                if all(
                    onset_s + length_s + APART_S <= begin_s or onset_s >= end_s + APART_S
                    for begin_s, end_s in own
                ):
                    own.append((onset_s, onset_s + length_s))
                    break
        spans += sorted(own)
    tonic_s = np.column_stack((starts_s[tonic], starts_s[tonic] + hypnogram.epoch_s))
    return RemTruth(
        tonic_s, np.round(np.array(spans).reshape(-1, 2), 3), rng.uniform(*PHASIC_TIMES, len(spans))
    )


def simulate_chin(
    rng: np.random.Generator, hypnogram: Hypnogram, truth: RemTruth, rate_hz: float
) -> NDArray[np.float32]:
    """Return the samples of the chin in uV, as long as the hypnogram."""
    n = round(len(hypnogram) * hypnogram.epoch_s * rate_hz)
    samples = muscle_noise(rng, n, rate_hz)
    tone_uv = np.array([TONE_UV[stage] for stage in hypnogram.stages.tolist()], dtype=np.float32)
    samples *= np.repeat(tone_uv, round(hypnogram.epoch_s * rate_hz))
    for spans_s, times in (
        (truth.tonic_s, np.full(len(truth.tonic_s), TONIC_TIMES)),
        (truth.phasic_s, truth.times),
    ):
        rows = np.round(spans_s * rate_hz).astype(np.int64).tolist()
        for (first, last), factor in zip(rows, times.tolist(), strict=True):
            samples[first:last] *= np.float32(factor)
    return samples
