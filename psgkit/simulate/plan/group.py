"""Groups of movements: a series, a run of short intervals, one movement alone.

A group is made around second 0 and then placed as a whole, so that its intervals and lags do not
depend on where it is placed.
"""

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.simulate.plan.activation import LONGEST_RAMP_S, Activation
from psgkit.simulate.plan.kinds import MovementProcess, RespiratoryPlan
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.plan.spread import Spread

QUIET_S = 0.8
"""Silence between the end of one movement's ramps and the start of the next one's."""

SHORTEST_RAMP_S = 0.02
WITHIN_GROUP_LOG_SD = 0.25
LOWEST_TAIL_UV = 10.0
AROUSAL_S = Spread(median=6.0, log_sd=0.4, low=3.0, high=14.0)
AROUSAL_LAG_S = (-0.4, 0.5)

Span = tuple[float, float]
Breath = tuple[float, float, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Movements of one group, with their arousals and breaths.

    Attributes
    ----------
    activations : tuple of Activation
    events_n : int
        Movements, those of both legs together counted once; of a respiratory group the breaths.
    arousals_s : tuple of (onset, end)
    breaths_s : tuple of (onset, end, kind)
    start_s, end_s : float
        Begin and end; it starts at 0 until it is placed.
    """

    activations: tuple[Activation, ...]
    events_n: int
    end_s: float
    start_s: float = 0.0
    arousals_s: tuple[Span, ...] = ()
    breaths_s: tuple[Breath, ...] = ()

    def later(self, seconds: float) -> "Group":
        """Return the same group ``seconds`` later."""
        return Group(
            activations=tuple(one.later(seconds) for one in self.activations),
            events_n=self.events_n,
            end_s=self.end_s + seconds,
            start_s=self.start_s + seconds,
            arousals_s=tuple((a + seconds, b + seconds) for a, b in self.arousals_s),
            breaths_s=tuple((a + seconds, b + seconds, kind) for a, b, kind in self.breaths_s),
        )


def make_group(
    rng: np.random.Generator, process: MovementProcess, options: SimulationOptions
) -> Group:
    """Return one group of ``process``, starting at 0."""
    size = round(process.size.one(rng))
    intervals_s = process.interval_s.draw(rng, size)
    strength_uv = amplitude_spread(options).one(rng)
    activations: list[Activation] = []
    arousals_s: list[Span] = []
    onset_s = LONGEST_RAMP_S
    for interval_s in intervals_s:
        parts = _movement(rng, process, options, strength_uv)
        activations += [one.later(onset_s) for one in parts]
        if rng.random() < process.arousal_share:
            start_s = onset_s + rng.uniform(*AROUSAL_LAG_S)
            arousals_s.append((start_s, start_s + AROUSAL_S.one(rng)))
        over_s = max(one.stops_s for one in activations)
        onset_s = max(onset_s + interval_s, over_s + QUIET_S + LONGEST_RAMP_S)
    return Group(
        activations=tuple(activations),
        events_n=size,
        end_s=max(one.stops_s for one in activations),
        arousals_s=tuple(arousals_s),
    )


def make_breaths(
    rng: np.random.Generator, plan: RespiratoryPlan, options: SimulationOptions
) -> Group:
    """Return a run of apneas and hypopneas, starting at 0, with the movements that end some."""
    groups: list[Group] = []
    onset_s = 0.0
    for interval_s in plan.interval_s.draw(rng, round(plan.size.one(rng))):
        end_s = onset_s + plan.duration_s.one(rng)
        kind = "apnea" if rng.random() < plan.apnea_share else "hypopnea"
        breath = Group(activations=(), events_n=1, end_s=end_s, breaths_s=((onset_s, end_s, kind),))
        groups.append(breath)
        if rng.random() < plan.moved_share:
            starts_s = end_s + rng.uniform(*plan.lag_s) - LONGEST_RAMP_S
            groups.append(make_group(rng, plan.movement, options).later(starts_s))
        over_s = max(group.end_s for group in groups)
        onset_s = max(onset_s + interval_s, over_s + plan.breathing_s)
    return Group(
        activations=tuple(one for group in groups for one in group.activations),
        events_n=sum(len(group.breaths_s) for group in groups),
        end_s=max(group.end_s for group in groups),
        arousals_s=tuple(span for group in groups for span in group.arousals_s),
        breaths_s=tuple(breath for group in groups for breath in group.breaths_s),
    )


def amplitude_spread(options: SimulationOptions) -> Spread:
    """Return the distribution of amplitudes of movements."""
    return Spread(
        median=options.amplitude_uv,
        log_sd=options.amplitude_log_sd,
        low=options.amplitude_min_uv,
        high=options.amplitude_max_uv,
    )


def _movement(
    rng: np.random.Generator,
    process: MovementProcess,
    options: SimulationOptions,
    strength_uv: float,
) -> list[Activation]:
    """Return the parts of one movement, the first of them with its onset at 0."""
    shares = np.array([share for _, share in process.sides])
    together = process.sides[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
    leader = together[int(rng.integers(len(together)))]
    duration_s = process.duration_s.one(rng)
    parts = []
    for site in together:
        lag_s = 0.0 if site == leader else rng.uniform(0.0, options.bilateral_lag_s)
        varied_s = duration_s * np.exp(0.15 * rng.standard_normal())
        kept_s = float(np.clip(varied_s, process.duration_s.low, process.duration_s.high))
        spread = np.exp(WITHIN_GROUP_LOG_SD * rng.standard_normal())
        amplitude_uv = np.clip(
            strength_uv * spread, options.amplitude_min_uv, options.amplitude_max_uv
        )
        parts.append(_burst(rng, site, process.kind, (lag_s, lag_s + kept_s), float(amplitude_uv)))
    return parts


def _burst(
    rng: np.random.Generator, site: Site, kind: str, span_s: Span, amplitude_uv: float
) -> Activation:
    lowest_tail = min(1.0, LOWEST_TAIL_UV / amplitude_uv)
    return Activation(
        onset_s=round(span_s[0], 3),
        end_s=round(span_s[1], 3),
        site=site,
        kind=kind,
        amplitude_uv=amplitude_uv,
        tail=max(float(rng.uniform(0.6, 1.0)), lowest_tail),
        rise_s=float(rng.uniform(SHORTEST_RAMP_S, LONGEST_RAMP_S)),
        fall_s=float(rng.uniform(SHORTEST_RAMP_S, LONGEST_RAMP_S)),
    )
