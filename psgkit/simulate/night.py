"""A simulated night with known truth: signals, stages, events, and expected movements."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.frozen import words
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.simulate.body_night import simulate_body_night
from psgkit.simulate.plan.activation import Activation, as_movements, in_order
from psgkit.simulate.plan.distractors import plan_distractors
from psgkit.simulate.plan.kinds import KINDS, NightKind
from psgkit.simulate.plan.lab_kinds import LAB_KINDS
from psgkit.simulate.plan.options import EPOCH_S, SimulationOptions
from psgkit.simulate.plan.plan import SECONDS_PER_H, plan_movements
from psgkit.simulate.plan.scored import annotations_of, lights, scored_events
from psgkit.simulate.plan.sleep import simulate_hypnogram
from psgkit.simulate.signals.emg import Scene, simulate_emg
from psgkit.simulate.signals.heart import beat_times
from psgkit.simulate.simulated import (
    START,
    SimulatedNight,
    ecg_channel,
    simulated_finding,
    voltage_channel,
    with_chin,
)

SHORTEST_H = 0.1
TURN_SHARE = 0.6
UNSEEN_TURNS_PER_H = 0.5
DEFAULT_OPTIONS = SimulationOptions()


def simulate_night(
    kind: str = "rls",
    *,
    hours: float = 8.0,
    seed: int = 0,
    options: SimulationOptions = DEFAULT_OPTIONS,
) -> SimulatedNight:
    """Return a night of ``kind``, the same for the same arguments.

    Parameters
    ----------
    kind : str
        ``healthy`` or ``rls``, with EMG of the legs unless ``options.sensors`` says more;
        ``ras`` (restless arms), ``rbs`` (restless back) or ``akathisia``, with all sensors unless
        it says less.
    hours : float
        Length of the recording, rounded to whole epochs of 30 s; at least 0.1.
    seed : int
        Another seed is another night.
    options : SimulationOptions

    Examples
    --------
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> night.recording.labels(), night.recording.duration_s
    (['LAT', 'RAT', 'ECG'], 1800.0)
    """
    if kind not in (*KINDS, *LAB_KINDS):
        known = dict.fromkeys((*KINDS, *LAB_KINDS))
        raise ValueError(f"unknown kind {kind!r}; known are {', '.join(known)}")
    if not SHORTEST_H <= hours < math.inf:
        raise ValueError(f"hours must be at least {SHORTEST_H}, got {hours}")
    n_epochs = round(hours * SECONDS_PER_H / EPOCH_S)
    if kind in KINDS and options.sensors in (None, "legs"):
        return with_chin(_legs_night(KINDS[kind], n_epochs, seed, options), options)
    return with_chin(simulate_body_night(LAB_KINDS[kind], n_epochs, seed, options), options)


def _legs_night(
    plan_kind: NightKind, n_epochs: int, seed: int, options: SimulationOptions
) -> SimulatedNight:
    """Return a night of which the muscles of ``plan_kind`` and the ECG are recorded."""
    duration_s = n_epochs * EPOCH_S
    # a random stream for each part, so that the length of one does not change another
    sleep_rng, plan_rng, burst_rng, scorer_rng, body_rng, *rngs = np.random.default_rng(seed).spawn(
        6 + len(plan_kind.channels)
    )
    lights_s = lights(sleep_rng, duration_s)
    hypnogram = simulate_hypnogram(sleep_rng, plan_kind.sleep, n_epochs, lights_s)
    plan = plan_movements(plan_rng, plan_kind, hypnogram, options)
    bursts = plan_distractors(burst_rng, plan_kind, plan.activations, duration_s, options)
    events = scored_events(scorer_rng, plan_kind, plan, hypnogram, lights_s)
    scene = Scene(
        duration_s=duration_s,
        beats_s=beat_times(body_rng, duration_s, options),
        turns_s=_turns(body_rng, plan.activations, duration_s),
        options=options,
    )
    activations = in_order([*plan.activations, *bursts])
    recording = Recording(
        source=f"simulated-{plan_kind.name}",
        start=START,
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=_channels(rngs, scene, plan_kind, activations),
        annotations=annotations_of(hypnogram, events),
        findings=(simulated_finding(plan_kind.name, seed),),
    )
    return SimulatedNight(
        kind=plan_kind.name,
        seed=seed,
        recording=recording,
        hypnogram=hypnogram,
        events=events,
        truth=as_movements(plan.activations, plan_kind.channels),
        truth_kinds=words([one.kind for one in plan.activations]),
        distractors=as_movements(bursts, plan_kind.channels),
        distractor_kinds=words([one.kind for one in bursts]),
    )


def _turns(
    rng: np.random.Generator, activations: Sequence[Activation], duration_s: float
) -> NDArray[np.float64]:
    """Return the times of turning over: in most long movements, and sometimes without one."""
    during_s = [
        0.5 * (one.onset_s + one.end_s)
        for one in activations
        if one.kind == "long" and rng.random() < TURN_SHARE
    ]
    unseen_n = int(rng.poisson(UNSEEN_TURNS_PER_H * duration_s / SECONDS_PER_H))
    return np.sort(np.concatenate((during_s, rng.uniform(0.0, duration_s, unseen_n))))


def _channels(
    rngs: Sequence[np.random.Generator],
    scene: Scene,
    kind: NightKind,
    activations: Sequence[Activation],
) -> tuple[Channel, ...]:
    """Return the muscle channels and the ECG; each has its own generator."""
    channels = []
    for rng, plan in zip(rngs, kind.channels, strict=False):
        own = [one for one in activations if one.site == plan.site]
        samples = simulate_emg(rng, scene, plan, own)
        channels.append(voltage_channel(plan, samples, scene.options.rate_hz))
    rate_hz = scene.options.ecg_rate_hz
    if rate_hz is not None:
        channels.append(ecg_channel(rngs[-1], scene, rate_hz))
    return tuple(channels)
