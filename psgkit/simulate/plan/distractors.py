"""Bursts that must not be scored: twitches too short, bursts too faint to be movements."""

from collections.abc import Sequence

import numpy as np

from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.site import Site
from psgkit.simulate.plan.activation import Activation, in_order
from psgkit.simulate.plan.group import QUIET_S
from psgkit.simulate.plan.kinds import NightKind
from psgkit.simulate.plan.options import OFFSET_ABOVE_REST_UV, SimulationOptions
from psgkit.simulate.plan.plan import EDGE_S, SECONDS_PER_H
from psgkit.simulate.plan.spread import Spread

TWITCH_S = (0.1, 0.35)
TWITCH_RAMP_S = (0.015, 0.05)
TWITCH_UV = Spread(median=25.0, log_sd=0.5, low=12.0, high=80.0)
FAINT_S = (0.6, 4.0)
FAINT_RAMP_S = (0.1, 0.2)
FAINT_UV = (2.5, 4.0)


def plan_distractors(
    rng: np.random.Generator,
    kind: NightKind,
    movements: Sequence[Activation],
    duration_s: float,
    options: SimulationOptions,
) -> tuple[Activation, ...]:
    """Return twitches and faint bursts, ``QUIET_S`` away from other activity of their limb.

    Examples
    --------
    >>> from psgkit.simulate.plan.kinds import HEALTHY
    >>> rng = np.random.default_rng(0)
    >>> bursts = plan_distractors(rng, HEALTHY, [], 3600.0, SimulationOptions())
    >>> sorted({one.kind for one in bursts})
    ['faint_burst', 'twitch']
    """
    hours = duration_s / SECONDS_PER_H
    twitches_n = int(rng.poisson(options.twitches_per_h * hours))
    faint_n = int(rng.poisson(options.faint_bursts_per_h * hours))
    sites = [channel.site for channel in kind.channels]
    drawn_sites = rng.integers(len(sites), size=twitches_n + faint_n)
    onsets_s = rng.uniform(EDGE_S, duration_s - EDGE_S - FAINT_S[1], twitches_n + faint_n)
    taken = {site: _extent([one for one in movements if one.site == site]) for site in sites}
    kept: list[Activation] = []
    for number, (drawn, onset_s) in enumerate(zip(drawn_sites, onsets_s, strict=True)):
        site = sites[int(drawn)]
        make = _twitch if number < twitches_n else _faint_burst
        burst = make(rng, site).later(float(onset_s))
        if _is_free(taken[site], burst):
            kept.append(burst)
            taken[site] = np.concatenate((taken[site], _extent([burst])))
    return tuple(in_order(kept))


def _twitch(rng: np.random.Generator, site: Site) -> Activation:
    """Return a twitch at 0, strong enough for a movement but too short."""
    return Activation(
        onset_s=0.0,
        end_s=round(float(rng.uniform(*TWITCH_S)), 3),
        site=site,
        kind="twitch",
        amplitude_uv=TWITCH_UV.one(rng),
        tail=1.0,
        rise_s=float(rng.uniform(*TWITCH_RAMP_S)),
        fall_s=float(rng.uniform(*TWITCH_RAMP_S)),
    )


def _faint_burst(rng: np.random.Generator, site: Site) -> Activation:
    """Return a burst at 0, long enough for a movement but too weak."""
    return Activation(
        onset_s=0.0,
        end_s=round(float(rng.uniform(*FAINT_S)), 3),
        site=site,
        kind="faint_burst",
        amplitude_uv=float(rng.uniform(*FAINT_UV)),
        tail=1.0,
        rise_s=float(rng.uniform(*FAINT_RAMP_S)),
        fall_s=float(rng.uniform(*FAINT_RAMP_S)),
        threshold_uv=OFFSET_ABOVE_REST_UV,
    )


def _extent(activations: Sequence[Activation]) -> Intervals:
    """Return the span in which each activation is above zero, shape ``(n, 2)``."""
    if not activations:
        return no_intervals(np.float64)
    return np.array([(one.starts_s, one.stops_s) for one in activations])


def _is_free(taken: Intervals, burst: Activation) -> bool:
    """Return whether ``burst`` is ``QUIET_S`` away from all spans in ``taken``."""
    before = taken[:, 1] + QUIET_S <= burst.starts_s
    after = taken[:, 0] >= burst.stops_s + QUIET_S
    return bool((before | after).all())
