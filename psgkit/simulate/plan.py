"""Where in the night the groups of movements and the respiratory events happen.

Groups keep more than the longest inter-movement interval apart, so that none of them lengthens or
breaks the series of another and the truth kinds mean what they say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import Hypnogram
from psgkit.simulate.activation import Activation, in_order
from psgkit.simulate.group import Breath, Group, Span, make_breaths, make_group
from psgkit.simulate.kinds import NightKind
from psgkit.simulate.options import SimulationOptions

APART_S = 91.0
EDGE_S = 5.0
TRIES = 256
SECONDS_PER_H = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementPlan:
    """What happens in a night, in time order."""

    activations: tuple[Activation, ...]
    arousals_s: tuple[Span, ...]
    breaths_s: tuple[Breath, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Density:
    """How likely something is, over the night.

    ``edges_s`` are the borders of the epochs; ``mass`` is the integral of the weight up to them.
    """

    edges_s: NDArray[np.float64]
    mass: NDArray[np.float64]

    @classmethod
    def of(cls, hypnogram: Hypnogram, weights: Mapping[str, float], fade: float) -> "Density":
        """Return the density of stages weighted by ``weights``, ``fade`` less at the end."""
        weight = np.array([weights.get(stage, 0.0) for stage in hypnogram.stages.tolist()])
        weight = weight * np.linspace(1.0, 1.0 - fade, len(weight))
        edges_s = np.append(hypnogram.epoch_starts_s(), hypnogram.end_s)
        mass = np.concatenate(([0.0], np.cumsum(weight) * hypnogram.epoch_s))
        return cls(edges_s=edges_s, mass=mass)

    @property
    def hours(self) -> float:
        """Return the weighted hours of the night."""
        return float(self.mass[-1]) / SECONDS_PER_H

    def mean(self, starts_s: NDArray[np.float64], length_s: float) -> NDArray[np.float64]:
        """Return the mean weight of the ``length_s`` after each of ``starts_s``."""
        ends = np.interp(starts_s + length_s, self.edges_s, self.mass)
        return np.asarray((ends - np.interp(starts_s, self.edges_s, self.mass)) / length_s)


class Source(NamedTuple):
    """Something that happens: how to make a group of it, how many events are due, and where."""

    make: Callable[[], Group]
    expected_n: float
    density: Density


def plan_movements(
    rng: np.random.Generator, kind: NightKind, hypnogram: Hypnogram, options: SimulationOptions
) -> MovementPlan:
    """Return the movements and respiratory events of a night of ``kind``.

    The rates of the kind are aims: a group that finds no room is left out.

    Examples
    --------
    >>> from psgkit.simulate.kinds import RLS
    >>> asleep = Hypnogram.of(["N2"] * 240)
    >>> plan = plan_movements(np.random.default_rng(0), RLS, asleep, SimulationOptions())
    >>> len(plan.activations) > 50
    True
    """
    placed: list[Group] = []
    for source in _sources(rng, kind, hypnogram, options):
        placed += _placed(rng, source, placed)
    return MovementPlan(
        activations=tuple(in_order(one for group in placed for one in group.activations)),
        arousals_s=tuple(sorted(span for group in placed for span in group.arousals_s)),
        breaths_s=tuple(sorted(breath for group in placed for breath in group.breaths_s)),
    )


def _sources(
    rng: np.random.Generator, kind: NightKind, hypnogram: Hypnogram, options: SimulationOptions
) -> list[Source]:
    """Return all that happens, in the order of placing."""
    breathing = kind.respiratory
    if options.respiratory_per_h is not None:
        breathing = replace(breathing, per_h=options.respiratory_per_h)
    density = Density.of(hypnogram, breathing.weights, fade=0.0)
    make = partial(make_breaths, rng, breathing, options)
    sources = [Source(make, breathing.per_h * density.hours, density)]
    for process in kind.processes:
        density = Density.of(hypnogram, process.weights, process.fade)
        per_h = process.per_h
        if process.kind == "long" and options.long_movements_per_h is not None:
            per_h = options.long_movements_per_h
        make = partial(make_group, rng, process, options)
        sources.append(Source(make, per_h * density.hours, density))
    return sources


def _placed(rng: np.random.Generator, source: Source, before: Sequence[Group]) -> list[Group]:
    """Return groups of ``source`` with about as many events as are due, away from all others."""
    groups: list[Group] = []
    due_n = source.expected_n
    while due_n > 0:
        group = source.make()
        # The last group is kept with the chance that makes the mean come out right.
        if rng.random() * group.events_n > due_n:
            break
        due_n -= group.events_n
        start_s = _free_start(rng, source.density, [*before, *groups], group.end_s)
        if start_s is not None:
            groups.append(group.later(start_s))
    return groups


def _free_start(
    rng: np.random.Generator, density: Density, taken: Sequence[Group], length_s: float
) -> float | None:
    """Return a start that leaves ``APART_S`` to every other group, None if none is found."""
    latest_s = float(density.edges_s[-1]) - EDGE_S - length_s
    if latest_s <= EDGE_S:
        return None
    starts_s = rng.uniform(EDGE_S, latest_s, TRIES)
    begins_s = np.array([group.start_s for group in taken])
    ends_s = np.array([group.end_s for group in taken])
    before = starts_s[:, None] + length_s + APART_S <= begins_s
    after = starts_s[:, None] >= ends_s + APART_S
    # Squared, so that a group rather lies wholly where it is likely than half outside.
    chance = density.mean(starts_s, length_s) ** 2 * (before | after).all(axis=1)
    if chance.sum() <= 0:
        return None
    return float(rng.choice(starts_s, p=chance / chance.sum()))
