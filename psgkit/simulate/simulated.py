"""The result of simulating a night: the recording and the truth about it."""

from dataclasses import field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.frozen import words
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.postures import Postures, Turns
from psgkit.core.recording import Channel, Recording
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.simulate.plan.kinds import ChannelPlan
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.chin import RemTruth, plan_rem, simulate_chin
from psgkit.simulate.signals.emg import LIMITS_UV, STEP_UV, Scene, muscle_noise
from psgkit.simulate.signals.heart import WHOLE_BEAT, add_waves

START = datetime(2001, 1, 1, 22, 30)
"""Start of every simulated night; no recording is of that date."""

_CHIN_STREAM = 7
ECG_PEAK_UV = 1000.0
ECG_NOISE_UV = 8.0
CHIN = ChannelPlan(label="Chin1-Chin2", role="chin", site=Site.NONE, cardiac_share=0.0)
ECG = ChannelPlan(label="ECG", role="ecg", site=Site.NONE, cardiac_share=1.0)


def _no_movements() -> Movements:
    return Movements.joined([])


def _no_words() -> NDArray[np.str_]:
    return words([])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SimulatedNight:
    """A simulated recording and the truth about it.

    The amplitude of a channel is, at every moment, the resting level plus the profile of the
    activation there is (rectified means, uV; hum and heart come on top).  A movement begins where
    its profile rises through 8 uV and ends where it falls through 2 uV, so the truth is the same
    at any rate.  Every row of ``truth`` is a movement of one limb, or the trunk, that lasts 0.5 s
    or more, at least 0.8 s of silence from the next one of that site.

    Attributes
    ----------
    kind, seed : str, int
    recording : Recording
        In memory; its annotations hold the stages and the events.
    hypnogram : Hypnogram
    events : Events
        Arousals, apneas, hypopneas, lights off and on; ``get_up`` and ``lie_down`` where more than
        the legs is simulated.
    truth : Movements
        What a detector should find in each channel; ``amplitude`` is the mean of the profile.
    truth_kinds : str array, parallel to ``truth``
        ``plm`` (of a series of four or more, 10 to 90 s apart), ``isolated``, ``short_interval``,
        ``long`` (above 10 s), ``large`` (of several parts of the body at once) or ``respiratory``
        (tied to the end of an apnea or hypopnea): which process moved the limb, not what a rule
        set makes of it.
    distractors : Movements
        What must not be found: above the threshold for less than 0.5 s, or never above it.
    distractor_kinds : str array, parallel to ``distractors``
        ``twitch`` or ``faint_burst``.
    truth_accelerometer : Movements
        What a detector should find in each accelerometer: where the envelope of the acceleration
        (without gravity) crosses 9 mg, three times the usual noise floor; ``amplitude`` is the
        plateau of the envelope in g.  Empty where there is no accelerometer.
    truth_accelerometer_kinds : str array, parallel to ``truth_accelerometer``
    postures, turns : Postures, Turns
        Of the trunk; a posture begins in the middle of the change to it.  The leg bursts of
        walking are in no other table.
    rhythms : Rhythms
        Rhythmic trains: ``foot_tremor`` or, where the sides take turns, ``alma`` in the EMG of the
        legs, ``scratch`` in that of the arms; ``rhythm`` and ``scratch`` in accelerometers.  From
        the first burst (or cycle of an accelerometer) to the end of the last; their bursts are not
        in ``truth``.
    rem : RemTruth
        Tonic epochs and bursts of the chin in REM sleep, where it is recorded.
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
    truth_accelerometer: Movements = field(default_factory=_no_movements)
    truth_accelerometer_kinds: NDArray[np.str_] = field(default_factory=_no_words)
    postures: Postures = field(default_factory=Postures.none)
    turns: Turns = field(default_factory=Turns.none)
    rhythms: Rhythms = field(default_factory=Rhythms.none)
    rem: RemTruth = field(default_factory=RemTruth.none)


def simulated_finding(kind: str, seed: int) -> Finding:
    """Return the finding that a recording is simulated; reports show it as a banner."""
    return Finding(
        severity="info",
        code="simulate.simulated",
        where="recording",
        message=translatable(
            f"Everything is simulated (kind {kind}, seed {seed}); nobody was recorded."
        ),
    )


def ecg_channel(rng: np.random.Generator, scene: Scene, rate_hz: float) -> Channel:
    """Return the ECG of the night."""
    samples = ECG_NOISE_UV * muscle_noise(rng, round(scene.duration_s * rate_hz), rate_hz)
    add_waves(samples, rate_hz, scene.beats_s, WHOLE_BEAT, ECG_PEAK_UV)
    return voltage_channel(ECG, samples, rate_hz)


def voltage_channel(plan: ChannelPlan, samples: NDArray[np.float32], rate_hz: float) -> Channel:
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


def with_chin(night: SimulatedNight, options: SimulationOptions) -> SimulatedNight:
    """Return the night with the chin recorded, if the options say so."""
    if not options.records_chin:
        return night
    # its own random stream, so that no other signal changes
    rng = np.random.default_rng([night.seed, _CHIN_STREAM])
    truth = plan_rem(rng, night.hypnogram, options)
    samples = simulate_chin(rng, night.hypnogram, truth, options.rate_hz)
    chin = voltage_channel(CHIN, samples, options.rate_hz)
    recording = replace(night.recording, channels=(*night.recording.channels, chin))
    return replace(night, recording=recording, rem=truth)
