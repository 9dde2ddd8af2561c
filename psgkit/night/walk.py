"""Analysis of one night from recording to report, all steps in order.

read -> stage -> condition, detect -> combine, associate, link -> index -> profile -> report.
Conditioning and detection run stretch by stretch, to limit memory; combining, associating and
linking are the three parts of ``score_movements``.  For movements scored by hand ``scored.py`` runs
the steps after detection; a review corrects a ``MeasuredNight`` and runs them again.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from psgkit.analysis.artefacts import without_artefacts
from psgkit.analysis.groups import NightFrame, Scorer, score_groups, scorer_of
from psgkit.analysis.sensors import Motion, look_at_sensors, without_steps
from psgkit.analysis.stages import given_estimate
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.rejected import Rejected
from psgkit.core.rhythms import Rhythms
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import StageEstimate
from psgkit.core.staged_indices import with_stage_source
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.atonia_channels import RemMuscles
from psgkit.detect.emg.channels import (
    EMG_GROUPS,
    GroupDetection,
    choose_channels,
    detect_group,
    no_leg_channel,
)
from psgkit.detect.emg.ecg import LazyEcgBeats
from psgkit.detect.trace import TraceRecorder
from psgkit.indices.rhythms import with_stages
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.night.assemble import (
    heart_rate,
    night_report,
    sensor_night,
    spinal_indices,
    with_heart_rate,
    with_rem_atonia,
    with_sensors,
)
from psgkit.night.cautions import with_cautions
from psgkit.night.staging import estimated_stages, without_comparison
from psgkit.profile.evidence.of_night import with_profile
from psgkit.settings import GivenSettings, Settings

if TYPE_CHECKING:
    import mne
    import yasa


def analyse_night(
    recording: "Recording | mne.io.BaseRaw",
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    events: Events | None = None,
    settings: GivenSettings = None,
    *,
    recorder: TraceRecorder | None = None,
    sleeper: Sleeper | None = None,
) -> NightReport:
    """Return the report of a night.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
    hypnogram : Hypnogram or yasa.Hypnogram, optional
        Without it the stages annotated in the recording are used; without these, indices that need
        sleep are missing with that reason.
    events : Events, optional
        Arousals, respiratory events, lights; by default those annotated in the recording.
    settings : Settings, optional
        Or a rule set (``psgkit.AASM_3``), or its name (``"aasm3"``).
    recorder : TraceRecorder, optional
        Keeps the signals and levels measured by the detectors, for a page or a review.
    sleeper : Sleeper, optional
        Age and sex as a context states them, for stages estimated by ``settings.staging`` and for
        norms; the header of the recording fills in what is missing.

    Raises
    ------
    HypnogramError
        If the hypnogram is of another night.
    SettingsError
        If lights off and on do not lie in the recording.

    Examples
    --------
    >>> from psgkit import simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> report = analyse_night(night.recording, night.hypnogram, night.events)
    >>> report.indices["legs"]["plm_index_recording"].unit
    '1/h'
    """
    return report_of_measured(
        measure_night(recording, hypnogram, events, settings, recorder=recorder, sleeper=sleeper)
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredNight:
    """A night after detection and before scoring; a review corrects it and scores it again.

    Attributes
    ----------
    recording : Recording
        With the status of every channel and findings about them.
    scorer : Scorer
    settings : Settings
    detected : mapping of group to GroupDetection
        Of EMG: legs, arms, trunk.
    motion : Motion
        Of accelerometers.
    estimate : StageEstimate or None
        Where the stages were estimated, not scored.
    sleeper : Sleeper
        Age and sex by context and header.
    beats : LazyEcgBeats
        Of the ECG.
    rem_muscles : RemMuscles
        Chin and arms, whose activity in REM sleep is measured once stages are known.
    """

    recording: Recording
    scorer: Scorer
    settings: Settings
    detected: Mapping[str, GroupDetection]
    motion: Motion
    beats: LazyEcgBeats
    rem_muscles: RemMuscles
    estimate: StageEstimate | None = None
    sleeper: Sleeper = field(default_factory=Sleeper)


def measure_night(
    recording: "Recording | mne.io.BaseRaw",
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    events: Events | None = None,
    settings: GivenSettings = None,
    *,
    recorder: TraceRecorder | None = None,
    sleeper: Sleeper | None = None,
) -> MeasuredNight:
    """Return what the detectors found in a night; parameters are those of ``analyse_night``.

    Examples
    --------
    >>> from psgkit import simulate_night
    >>> measured = measure_night(simulate_night("rls", hours=0.1, seed=1).recording)
    >>> sorted(measured.detected)
    ['arms', 'legs', 'trunk']
    """
    settings = Settings.of(settings)
    recording = choose_channels(as_recording(recording), settings.emg)
    recording = choose_accelerometers(recording, settings.accelerometer)
    stages = as_hypnogram(hypnogram)
    stated = sleeper or Sleeper()
    recording = recording.with_findings(*stated.contradictions(recording.sleeper))
    sleeper = stated.filled_from(recording.sleeper)
    estimate, about = estimated_stages(recording, stages, settings.staging, sleeper)
    recording = recording.with_findings(*about)
    stages = stages if estimate is None else estimate.hypnogram
    scorer = scorer_of(recording, stages, events, settings.cautions)
    if estimate is None:
        recording = recording.with_findings(*given_estimate(scorer.hypnogram))
    else:
        scorer = without_comparison(scorer)
    if recorder is not None:
        recorder.start(recording)
    detected, findings = {}, no_leg_channel(recording)
    beats = LazyEcgBeats(recording, settings.emg.heart)
    for group in EMG_GROUPS:
        detected[group], found = detect_group(recording, group, settings.emg, beats, recorder)
        findings.extend(found)
        recording = recording.with_channels({c.label: c for c in detected[group].channels})
    asleep = NightFrame.of(recording, scorer, settings).asleep()
    motion = look_at_sensors(recording, settings, asleep, recorder=recorder)
    return MeasuredNight(
        recording=recording.with_findings(*findings, *motion.findings),
        scorer=scorer,
        settings=settings,
        detected=detected,
        motion=motion,
        estimate=estimate,
        sleeper=sleeper,
        beats=beats,
        rem_muscles=RemMuscles(recording, settings.rem_atonia, settings.emg, beats),
    )


def report_of_measured(
    night: MeasuredNight, spine: Mapping[str, Index] | None = None
) -> NightReport:
    """Return the report of a measured night: everything after detection.

    ``spine`` are the indices of the levels of the spine if they are known already: only they read
    samples.
    """
    recording, motion, settings = night.recording, night.motion, night.settings
    frame = NightFrame.of(recording, night.scorer, settings)
    detected = without_artefacts(
        {**night.detected, **motion.groups}, night.scorer.events, frame.duration_s
    )
    groups = score_groups(detected, frame)
    bursts = Rhythms.joined([group.rhythms for group in night.detected.values()])
    trains = Rhythms.joined([motion.rhythms, without_steps(bursts, motion)])
    sensors = sensor_night(motion, with_stages(trains, frame.hypnogram), groups, frame)
    if spine is None:
        spine = spinal_indices(recording, night.detected["trunk"], frame)
    report = night_report(recording.with_findings(*sensors.findings), groups, frame)
    report = with_sensors(report, motion, sensors, spine)
    heart = heart_rate(recording, night.beats, groups, night.scorer.events)
    report = with_heart_rate(report, heart, night.beats)
    report = with_rem_atonia(report, night.rem_muscles, frame)
    rejected = Rejected.joined([group.rejected for group in night.detected.values()])
    report = replace(report, rejected=rejected, staging=night.estimate, person=night.sleeper)
    return with_profile(with_cautions(with_stage_source(report), settings.cautions))
