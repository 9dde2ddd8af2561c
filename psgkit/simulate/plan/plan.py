"""Placement of groups of movements and of respiratory events in the night.

Groups are more than the longest inter-movement interval apart, so that none extends or breaks the
series of another and the truth kinds are valid.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.simulate.plan.activation import Activation, in_order
from psgkit.simulate.plan.group import Breath, Group, Span, make_breaths, make_group
from psgkit.simulate.plan.kinds import APART_S, NightKind
from psgkit.simulate.plan.options import SimulationOptions

EDGE_S = 5.0
TRIES = 256
SECONDS_PER_H = 3600.0
LONG_KINDS = ("long", "large")


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementPlan:
    """Movements and events of a night, in time order."""

    activations: tuple[Activation, ...]
    arousals_s: tuple[Span, ...]
    breaths_s: tuple[Breath, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Density:
    """Density of events over the night.

    ``edges_s`` are the borders of the epochs; ``mass`` is the integral of the weight up to them.
    """

    edges_s: NDArray[np.float64]
    mass: NDArray[np.float64]

    @classmethod
    def of(cls, hypnogram: Hypnogram, weights: Mapping[str, float], fade: float) -> "Density":
        """Return the density of stages weighted by ``weights``, ``fade`` less at the end."""
        return cls.of_states(hypnogram, hypnogram.stages.tolist(), weights, fade)

    @classmethod
    def of_states(
        cls,
        hypnogram: Hypnogram,
        states: Sequence[str],
        weights: Mapping[str, float],
        fade: float = 0.0,
    ) -> "Density":
        """Return the density of ``states``, one an epoch, where they are more than stages."""
        weight = np.array([weights.get(state, 0.0) for state in states])
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
    """A source of groups: its generator, the number of events due, and their density."""

    make: Callable[[], Group]
    expected_n: float
    density: Density
    apart_s: float = APART_S


def plan_movements(
    rng: np.random.Generator,
    kind: NightKind,
    hypnogram: Hypnogram,
    options: SimulationOptions,
    kept_free_s: Sequence[Span] = (),
) -> MovementPlan:
    """Return the movements and respiratory events of a night of ``kind``.

    The rates of the kind are targets: a group without room is left out.  ``kept_free_s`` stays
    empty.

    Examples
    --------
    >>> from psgkit.simulate.plan.kinds import RLS
    >>> asleep = Hypnogram.of(["N2"] * 240)
    >>> plan = plan_movements(np.random.default_rng(0), RLS, asleep, SimulationOptions())
    >>> len(plan.activations) > 50
    True
    """
    placed = [Group(activations=(), events_n=0, start_s=a, end_s=b) for a, b in kept_free_s]
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
        if process.kind in LONG_KINDS and options.long_movements_per_h is not None:
            per_h = options.long_movements_per_h
        make = partial(make_group, rng, process, options)
        sources.append(Source(make, per_h * density.hours, density, process.apart_s))
    return sources


def _placed(rng: np.random.Generator, source: Source, before: Sequence[Group]) -> list[Group]:
    """Return groups of ``source`` with about as many events as are due, away from all others."""
    groups: list[Group] = []
    due_n = source.expected_n
    while due_n > 0:
        group = source.make()
        # the last group is kept with the probability that gives the right mean
        if rng.random() * group.events_n > due_n:
            break
        due_n -= group.events_n
        spans_s = [(one.start_s, one.end_s) for one in (*before, *groups)]
        taken_s = np.array(spans_s).reshape(-1, 2)
        start_s = free_start(rng, source.density, taken_s, group.end_s, source.apart_s)
        if start_s is not None:
            groups.append(group.later(start_s))
    return groups


def free_start(
    rng: np.random.Generator,
    density: Density,
    taken_s: Intervals,
    length_s: float,
    apart_s: float,
) -> float | None:
    """Return a start at least ``apart_s`` from all taken spans, None if none is found.

    Examples
    --------
    >>> density = Density.of(Hypnogram.of(["W", "N2", "W"]), {"N2": 1.0}, fade=0.0)
    >>> taken_s = np.array([[0.0, 40.0]])
    >>> start_s = free_start(np.random.default_rng(0), density, taken_s, 3.0, 5.0)
    >>> bool(45.0 <= start_s <= 60.0)
    True
    """
    latest_s = float(density.edges_s[-1]) - EDGE_S - length_s
    if latest_s <= EDGE_S:
        return None
    starts_s = rng.uniform(EDGE_S, latest_s, TRIES)
    before = starts_s[:, None] + length_s + apart_s <= taken_s[:, 0]
    after = starts_s[:, None] >= taken_s[:, 1] + apart_s
    # squared, so that a group is more often wholly inside than half outside a likely region
    chance = density.mean(starts_s, length_s) ** 2 * (before | after).all(axis=1)
    if chance.sum() <= 0:
        return None
    return float(rng.choice(starts_s, p=chance / chance.sum()))
