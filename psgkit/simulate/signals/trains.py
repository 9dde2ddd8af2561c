"""Rhythmic trains: restless feet and scratching, cycle by cycle.

A train is a list of cycles.  In the EMG each cycle is a burst, in an accelerometer one period of a
sine with its second harmonic, so that both modalities have the same times.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.plan.body_kinds import ANKLES, TrainProcess
from psgkit.simulate.plan.course import Course
from psgkit.simulate.plan.plan import Density, free_start
from psgkit.simulate.plan.spread import Spread
from psgkit.simulate.signals.jerks import directions

APART_S = 6.0
BURST_SHARE = 0.4
BURST_RAMP_SHARE = 0.25
LONGEST_BURST_RAMP_S = 0.05
BURST_UV = Spread(median=40.0, log_sd=0.3, low=15.0, high=120.0)
LEAST_CYCLES = 4
MOST_JITTER_SDS = 2.0
EDGE_S = 0.2
HARMONIC = 0.3
HIGHEST_SHARE = 0.45


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Train:
    """A rhythmic train of one site.

    Attributes
    ----------
    site : Site
    kind : str
        ``rhythm`` or ``scratch``.
    cycles_s : float64 array, shape (n + 1,)
        Start of each cycle, whole milliseconds, and the end of the last.
    amplitude_g, amplitude_uv : float
    alternating : bool
    """

    site: Site
    kind: str
    cycles_s: NDArray[np.float64]
    amplitude_g: float
    amplitude_uv: float
    alternating: bool = False

    @property
    def burst_ends_s(self) -> NDArray[np.float64]:
        """Return where the burst of each cycle ends, shape (n,)."""
        ends_s = self.cycles_s[:-1] + BURST_SHARE * np.diff(self.cycles_s)
        return np.asarray(ends_s.round(3))

    def end_in(self, modality: str) -> float:
        """Return the end of the last burst of the EMG, or of the last cycle of a sensor."""
        return float(self.burst_ends_s[-1] if modality == "emg" else self.cycles_s[-1])

    def later(self, seconds: float) -> "Train":
        """Return the same train ``seconds`` later."""
        return replace(self, cycles_s=(self.cycles_s + seconds).round(3))

    def bursts(self) -> list[Activation]:
        """Return the bursts in the EMG, one a cycle."""
        return [
            rhythmic_burst(self.site, self.kind, onset_s, end_s, self.amplitude_uv)
            for onset_s, end_s in zip(
                self.cycles_s[:-1].tolist(), self.burst_ends_s.tolist(), strict=True
            )
        ]


def rhythmic_burst(
    site: Site, kind: str, onset_s: float, end_s: float, amplitude_uv: float
) -> Activation:
    """Return one burst of a rhythm; its ramps are scaled to the cycle."""
    ramp_s = min(BURST_RAMP_SHARE * (end_s - onset_s), LONGEST_BURST_RAMP_S)
    return Activation(
        onset_s=onset_s,
        end_s=end_s,
        site=site,
        kind=kind,
        amplitude_uv=amplitude_uv,
        tail=1.0,
        rise_s=ramp_s,
        fall_s=ramp_s,
    )


def plan_trains(
    rng: np.random.Generator,
    processes: Sequence[TrainProcess],
    course: Course,
    hypnogram: Hypnogram,
    taken_s: Intervals,
) -> tuple[Train, ...]:
    """Return the trains of a night, by onset, away from all that is taken and from each other."""
    states = course.states(hypnogram)
    trains: list[Train] = []
    for process in processes:
        density = Density.of_states(hypnogram, states, process.per_h)
        for _ in range(int(rng.poisson(density.hours))):
            made = _make(rng, process)
            length_s = max(float(one.cycles_s[-1]) for one in made)
            start_s = free_start(rng, density, taken_s, length_s, APART_S)
            if start_s is not None:
                trains += [one.later(start_s) for one in made]
                taken_s = np.concatenate((taken_s, [[start_s, start_s + length_s]]))
    return tuple(sorted(trains, key=lambda one: (one.cycles_s[0], one.site)))


def add_trains(
    rng: np.random.Generator,
    moving_g: NDArray[np.float32],
    rate_hz: float,
    trains: Sequence[Train],
) -> None:
    """Add ``trains`` to the acceleration ``moving_g``, shape (n, 3), in place."""
    for train in trains:
        first = int(train.cycles_s[0] * rate_hz)
        part = moving_g[first : int(train.cycles_s[-1] * rate_hz) + 2]
        times_s = (first + np.arange(len(part))) / rate_hz
        cycles = np.interp(times_s, train.cycles_s, np.arange(len(train.cycles_s)))
        phase = 2.0 * np.pi * cycles
        swing = np.outer(np.cos(phase), directions(rng, 1)[0])
        second = np.outer(np.cos(2.0 * phase), directions(rng, 1)[0])
        if 2.0 / np.diff(train.cycles_s).min() < HIGHEST_SHARE * rate_hz:
            swing += HARMONIC * second
        edges_s = np.minimum(times_s - train.cycles_s[0], train.cycles_s[-1] - times_s)
        edge = np.sin(0.5 * np.pi * np.clip(edges_s / EDGE_S, 0.0, 1.0)) ** 2
        part += (train.amplitude_g * edge[:, None] * swing).astype(np.float32)


def rhythms_of(
    trains: Sequence[Train], hypnogram: Hypnogram, modality: str, places: dict[Site, str]
) -> Rhythms:
    """Return the table of the trains of the sites in ``places`` in one modality, row for row."""
    own = [train for train in trains if train.site in places]
    onset_s = np.array([train.cycles_s[0] for train in own], dtype=np.float64)
    lengths_s = [np.diff(train.cycles_s[:-1]) for train in own]
    return Rhythms(
        onset_s=onset_s,
        end_s=np.array([train.end_in(modality) for train in own], dtype=np.float64),
        site=words([train.site for train in own]),
        place=words([places[train.site] for train in own]),
        modality=words([modality] * len(own)),
        kind=words([_kind(train, modality) for train in own]),
        frequency_hz=np.array([1.0 / one.mean() for one in lengths_s], dtype=np.float64),
        bursts_n=np.array([len(train.cycles_s) - 1 for train in own], dtype=np.int64),
        regularity=np.array([1.0 - one.std() / one.mean() for one in lengths_s], dtype=np.float64),
        alternating=np.array([train.alternating for train in own], dtype=np.bool_),
        stage=hypnogram.stage_at(onset_s) if own else words([]),
    )


def _kind(train: Train, modality: str) -> str:
    if modality == "accelerometer" or train.site not in ANKLES:
        return train.kind
    return "alma" if train.alternating else "foot_tremor"


def _make(rng: np.random.Generator, process: TrainProcess) -> list[Train]:
    """Return one train for each site that takes part, starting at 0."""
    shares = np.array([share for _, share in process.sides])
    together = process.sides[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
    cycle_s = 1.0 / process.frequency_hz.one(rng)
    cycles_n = max(LEAST_CYCLES, round(process.duration_s.one(rng) / cycle_s))
    jitter = rng.standard_normal(cycles_n).clip(-MOST_JITTER_SDS, MOST_JITTER_SDS)
    lengths_s = cycle_s * (1.0 + process.jitter * jitter)
    cycles_s = np.concatenate(([0.0], np.cumsum(lengths_s)))
    amplitude_g, amplitude_uv = process.amplitude_g.one(rng), BURST_UV.one(rng)
    alternating = len(together) > 1 and bool(rng.random() < process.alternating_share)
    lags_s = [0.5 * cycle_s * number if alternating else 0.0 for number in range(len(together))]
    return [
        Train(
            site=site,
            kind=process.kind,
            cycles_s=cycles_s + lag_s,
            amplitude_g=amplitude_g,
            amplitude_uv=amplitude_uv,
            alternating=alternating,
        )
        for site, lag_s in zip(together, lags_s, strict=True)
    ]
