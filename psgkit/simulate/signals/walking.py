"""Walking, as muscles of the legs and accelerometers record it.

A step shakes the trunk at the step rate; a leg swings once in two steps, and an arm with the leg of
the other side.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.site import Site
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.plan.body_kinds import ANKLES
from psgkit.simulate.plan.group import Span
from psgkit.simulate.signals.trains import rhythmic_burst

STEP_HZ = 1.8
STRIDE_SPREAD = 0.04
BURST_SHARE = 0.4
BURST_UV = 70.0
EDGE_S = 1.0
TRUNK_G = (0.15, 0.4)

# Cycles a stride, and the share of the amplitude along x, y and z of the body.
WAVES: dict[Site, tuple[tuple[int, tuple[float, float, float]], ...]] = {
    Site.TRUNK: ((1, (0.0, 0.4, 0.0)), (2, (0.5, 0.0, 1.0)), (4, (0.2, 0.0, 0.3))),
    Site.LEFT_LEG: ((1, (2.5, 0.3, 1.0)), (2, (1.2, 0.5, 1.2)), (3, (0.8, 0.2, 0.8))),
    Site.LEFT_ARM: ((1, (0.8, 0.2, 0.4)), (2, (0.2, 0.1, 0.6))),
}
WAVES |= {
    Site.RIGHT_LEG: WAVES[Site.LEFT_LEG],
    Site.RIGHT_ARM: WAVES[Site.LEFT_ARM],
}
HALF_A_STRIDE_LATER = (Site.RIGHT_LEG, Site.LEFT_ARM)


def strides_hz(rng: np.random.Generator, walks_s: Sequence[Span]) -> NDArray[np.float64]:
    """Return the strides per second of each walk.

    Examples
    --------
    >>> strides_hz(np.random.default_rng(0), [(10.0, 30.0)]).round(1).tolist()
    [0.9]
    """
    spread = STRIDE_SPREAD * rng.standard_normal(len(walks_s)).clip(-2.0, 2.0)
    return np.asarray(0.5 * STEP_HZ * (1.0 + spread))


def walking_bursts(walks_s: Sequence[Span], hz: NDArray[np.float64]) -> list[Activation]:
    """Return the bursts of the legs, one for each stride, legs alternating."""
    bursts = []
    for (from_s, to_s), stride_hz in zip(walks_s, hz.tolist(), strict=True):
        for site in ANKLES:
            lag_s = 0.5 / stride_hz if site in HALF_A_STRIDE_LATER else 0.0
            onsets_s = np.arange(from_s + lag_s, to_s - 1.0 / stride_hz, 1.0 / stride_hz)
            bursts += [
                rhythmic_burst(
                    site, "walking", onset_s, round(onset_s + BURST_SHARE / stride_hz, 3), BURST_UV
                )
                for onset_s in onsets_s.round(3).tolist()
            ]
    return bursts


def add_walks(
    rng: np.random.Generator,
    moving_g: NDArray[np.float32],
    rate_hz: float,
    site: Site,
    walks: Sequence[tuple[Span, float]],
) -> None:
    """Add ``walks`` (span, strides a second) to ``moving_g``, shape (n, 3), in place."""
    strength_g = rng.uniform(*TRUNK_G)
    phases = rng.uniform(size=(len(WAVES[site]), 3))
    for (from_s, to_s), stride_hz in walks:
        first = int(from_s * rate_hz)
        part = moving_g[first : int(to_s * rate_hz) + 1]
        times_s = (first + np.arange(len(part))) / rate_hz
        strides = (times_s - from_s) * stride_hz + (0.5 if site in HALF_A_STRIDE_LATER else 0.0)
        edges_s = np.minimum(times_s - from_s, to_s - times_s)
        edge = np.sin(0.5 * np.pi * np.clip(edges_s / EDGE_S, 0.0, 1.0)) ** 2
        for (cycles, shares), phase in zip(WAVES[site], phases, strict=True):
            wave = np.sin(2.0 * np.pi * (cycles * strides[:, None] + phase)) * shares
            part += (strength_g * edge[:, None] * wave).astype(np.float32)
