"""A hypnogram: cycles of about 90 minutes, broken by wake."""

from collections.abc import Sequence

import numpy as np

from psgkit.core.hypnogram import Hypnogram
from psgkit.simulate.plan.kinds import SleepPlan
from psgkit.simulate.plan.options import EPOCH_S

EPOCHS_PER_MIN = 60.0 / EPOCH_S
EPOCHS_PER_H = 60.0 * EPOCHS_PER_MIN
LONGEST_LATENCY_SHARE = 0.2  # so that a night of an hour holds some sleep
CYCLES_WITH_MUCH_N3 = 2

Bout = tuple[str, int]


def simulate_hypnogram(
    rng: np.random.Generator, plan: SleepPlan, n_epochs: int, lights_s: tuple[float, float]
) -> Hypnogram:
    """Return a hypnogram of ``n_epochs``; outside ``lights_s`` (off, on) all epochs are W.

    A cycle is N1, N2, N3, N2, R; N3 shrinks and R grows from cycle to cycle.  Wake bouts come at
    random and are followed by N1.

    Examples
    --------
    >>> from psgkit.simulate.plan.kinds import HEALTHY
    >>> night = simulate_hypnogram(np.random.default_rng(0), HEALTHY.sleep, 960, (300.0, 28500.0))
    >>> len(night), sorted(set(night.stages.tolist()))
    (960, ['N1', 'N2', 'N3', 'R', 'W'])
    """
    off, on = int(lights_s[0] // EPOCH_S) + 1, int(lights_s[1] // EPOCH_S)
    latency = min(plan.latency_min.one(rng) * EPOCHS_PER_MIN, LONGEST_LATENCY_SHARE * (on - off))
    asleep_n = max(0, on - off - round(latency))
    stages: list[str] = []
    cycle = 0
    while len(stages) < asleep_n:
        for stage, length in _with_wake(rng, plan, _cycle(rng, plan, cycle)):
            stages.extend([stage] * length)
        cycle += 1
    before = off + round(latency)
    night = ["W"] * before + stages[:asleep_n]
    return Hypnogram.of((night + ["W"] * n_epochs)[:n_epochs], epoch_s=EPOCH_S)


def _cycle(rng: np.random.Generator, plan: SleepPlan, cycle: int) -> list[Bout]:
    epochs = plan.cycle_min.one(rng) * EPOCHS_PER_MIN
    n3 = plan.n3_share * (1.6 if cycle < CYCLES_WITH_MUCH_N3 else 0.4)
    r = plan.rem_factor * min(0.08 + 0.07 * cycle, 0.35)
    n1 = plan.n1_factor * rng.uniform(0.03, 0.08)
    first_n2 = rng.uniform(0.3, 0.6) * (1.0 - n1 - n3 - r)
    shares = [n1, first_n2, n3, 1.0 - n1 - first_n2 - n3 - r, r]
    # Each bout varies independently, so that cycles differ.
    lengths = np.maximum(1, np.rint(epochs * np.array(shares) * rng.uniform(0.8, 1.2, 5)))
    return [
        (stage, int(length))
        for stage, length in zip(("N1", "N2", "N3", "N2", "R"), lengths, strict=True)
    ]


def _with_wake(rng: np.random.Generator, plan: SleepPlan, bouts: Sequence[Bout]) -> list[Bout]:
    """Return ``bouts`` with bouts of wake inserted at random, each followed by N1."""
    broken: list[Bout] = []
    for stage, length in bouts:
        left = length
        for _ in range(rng.poisson(plan.wake_bouts_per_h * length / EPOCHS_PER_H)):
            before = int(rng.integers(1, left + 1))
            wake = max(1, round(plan.wake_bout_min.one(rng) * EPOCHS_PER_MIN))
            broken += [(stage, before), ("W", wake), ("N1", int(rng.integers(1, 4)))]
            left -= before
            if left < 1:
                break
        broken.append((stage, left))
    return broken
