"""A whole night with known truth: signals, stages, events and what a detector should find."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.frozen import words
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.simulate.activation import Activation, as_movements, in_order
from psgkit.simulate.distractors import plan_distractors
from psgkit.simulate.emg import LIMITS_UV, STEP_UV, Scene, muscle_noise, simulate_emg
from psgkit.simulate.heart import WHOLE_BEAT, add_waves, beat_times
from psgkit.simulate.kinds import KINDS, ChannelPlan, NightKind
from psgkit.simulate.options import EPOCH_S, SimulationOptions
from psgkit.simulate.plan import SECONDS_PER_H, plan_movements
from psgkit.simulate.scored import annotations_of, lights, scored_events
from psgkit.simulate.sleep import simulate_hypnogram

START = datetime(2001, 1, 1, 22, 30)
"""Every simulated night starts here; nobody slept then."""

SHORTEST_H = 0.1
ECG_PEAK_UV = 1000.0
ECG_NOISE_UV = 8.0
ECG = ChannelPlan(label="ECG", role="ecg", site=Site.NONE, cardiac_share=1.0)
TURN_SHARE = 0.6
UNSEEN_TURNS_PER_H = 0.5
DEFAULT_OPTIONS = SimulationOptions()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SimulatedNight:
    """A simulated recording and the truth about it.

    The amplitude of a channel is, at every moment, the resting level plus the profile of the
    activation there is (rectified means, uV; hum and heart come on top).  A movement begins where
    its profile rises through 8 uV and ends where it falls through 2 uV, so the truth is the same
    at any rate.  Every row of ``truth`` is a movement of one leg that lasts 0.5 s or more, at
    least 0.8 s of silence from the next one of that leg.

    Attributes
    ----------
    kind, seed : str, int
    recording : Recording
        In memory; its annotations hold the stages and the events.
    hypnogram : Hypnogram
    events : Events
        Arousals, apneas, hypopneas, lights off and on.
    truth : Movements
        What a detector should find in each channel; ``amplitude`` is the mean of the profile.
    truth_kinds : str array, parallel to ``truth``
        ``plm`` (of a series of four or more, 10 to 90 s apart), ``isolated``, ``short_interval``,
        ``long`` (above 10 s) or ``respiratory`` (tied to the end of an apnea or hypopnea): which
        process moved the leg, not what a rule set makes of it.
    distractors : Movements
        What must not be found: above the threshold for less than 0.5 s, or never above it.
    distractor_kinds : str array, parallel to ``distractors``
        ``twitch`` or ``faint_burst``.
    """

    kind: str
    seed: int
    recording: Recording
    hypnogram: Hypnogram
    events: Events
    truth: Movements
    truth_kinds: NDArray[np.str_]
    distractors: Movements
    distractor_kinds: NDArray[np.str_]


def simulate_night(
    kind: str = "rls",
    *,
    hours: float = 8.0,
    seed: int = 0,
    options: SimulationOptions = DEFAULT_OPTIONS,
) -> SimulatedNight:
    """Return a night of ``kind`` ("healthy" or "rls"), the same for the same arguments.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
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
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; known are {', '.join(sorted(KINDS))}")
    if not SHORTEST_H <= hours < math.inf:
        raise ValueError(f"hours must be at least {SHORTEST_H}, got {hours}")
    plan_kind = KINDS[kind]
    n_epochs = round(hours * SECONDS_PER_H / EPOCH_S)
    duration_s = n_epochs * EPOCH_S
    # A stream for each part, so that the length of one does not change another.
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
        source=f"simulated-{kind}",
        start=START,
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=_channels(rngs, scene, plan_kind, activations),
        annotations=annotations_of(hypnogram, events),
        findings=(_finding(kind, seed),),
    )
    return SimulatedNight(
        kind=kind,
        seed=seed,
        recording=recording,
        hypnogram=hypnogram,
        events=events,
        truth=as_movements(plan.activations, plan_kind.channels),
        truth_kinds=words([one.kind for one in plan.activations]),
        distractors=as_movements(bursts, plan_kind.channels),
        distractor_kinds=words([one.kind for one in bursts]),
    )


def _finding(kind: str, seed: int) -> Finding:
    """Return what every reader of the recording must know."""
    return Finding(
        severity="info",
        code="simulate.simulated",
        where="recording",
        message=f"Everything is simulated (kind {kind}, seed {seed}); nobody was recorded.",
    )


def _turns(
    rng: np.random.Generator, activations: Sequence[Activation], duration_s: float
) -> NDArray[np.float64]:
    """Return when the sleeper turns over: in most long movements, and now and then unseen."""
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
    """Return the muscle channels and the ECG; each has a generator of its own."""
    channels = []
    for rng, plan in zip(rngs, kind.channels, strict=False):
        own = [one for one in activations if one.site == plan.site]
        samples = simulate_emg(rng, scene, plan, own)
        channels.append(_channel(plan, samples, scene.options.rate_hz))
    rate_hz = scene.options.ecg_rate_hz
    if rate_hz is not None:
        samples = ECG_NOISE_UV * muscle_noise(rngs[-1], round(scene.duration_s * rate_hz), rate_hz)
        add_waves(samples, rate_hz, scene.beats_s, WHOLE_BEAT, ECG_PEAK_UV)
        channels.append(_channel(ECG, samples, rate_hz))
    return tuple(channels)


def _channel(plan: ChannelPlan, samples: NDArray[np.float32], rate_hz: float) -> Channel:
    """Return ``samples`` as a channel of a recorder with 16 bits."""
    return Channel(
        label=plan.label,
        rate_hz=rate_hz,
        samples=samples,
        unit="uV",
        stored_unit="uV",
        role=plan.role,
        site=plan.site,
        rule="simulated",
        resolution=STEP_UV,
        limits=LIMITS_UV,
    )
