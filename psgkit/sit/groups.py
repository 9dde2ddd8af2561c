"""Movements and rhythmic trains of each group of channels during an immobilisation test."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from psgkit.analysis.artefacts import without_artefacts
from psgkit.analysis.sensors import Motion, look_at_sensors, without_steps
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, contains, intersect, no_intervals, union
from psgkit.core.movements import Movements
from psgkit.core.night_report import Lights
from psgkit.core.recording import Recording
from psgkit.core.reviewed import Reviewed
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES
from psgkit.core.trace import NightTrace
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import (
    EMG_GROUPS,
    GroupDetection,
    choose_channels,
    detect_group,
    no_leg_channel,
)
from psgkit.detect.emg.ecg import LazyEcgBeats
from psgkit.detect.trace import TraceRecorder
from psgkit.indices.akathisia import AkathisiaNight, rhythm_at_rest
from psgkit.io.scoring.annotations import events_from_annotations
from psgkit.settings import Settings
from psgkit.sit.report import SitSettings
from psgkit.sleep.time_in_stages import NightTime


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitDetection:
    """Detected movements of each group, and trains of bursts."""

    groups: Mapping[str, GroupDetection]
    motion: Motion
    trains: Rhythms
    findings: tuple[Finding, ...]

    def rhythm(self, awake: Intervals) -> dict[str, Index]:
        """Return the share of the time ``awake`` that rhythmic trains of the legs fill.

        Trains come from sensors at ankles and feet, without a sensor from leg EMG.  Time walking,
        turning or in gross movement does not count as sitting still.
        """
        legs = self.groups["legs"]
        whole = Lights(off_s=0.0, on_s=np.inf, off_source="", on_source="")
        seated = AkathisiaNight(
            time=NightTime(hypnogram=None, lights=whole, observed=legs.observed),
            rhythms=self.trains,
            tracks=self.motion.tracks,
            sites=self.motion.sites,
            walking=self.motion.walking.intervals,
            disturbed=union(self.motion.gross),
            walking_known=bool(self.motion.walking.basis),
            leg_emg=not legs.reason,
        )
        found = rhythm_at_rest(seated, intersect(seated.still(None), awake))
        return {index.name: index for index in found}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredTest:
    """A test after detection and before scoring; a review corrects it.

    Attributes
    ----------
    recording : Recording
        With the status of every channel.
    detected : SitDetection
        Without what artefacts hide.
    trace : NightTrace or None
        The measured signals, if they were recorded.
    reviewed : Reviewed or None
        Who corrected what was detected.
    """

    recording: Recording
    detected: SitDetection
    trace: NightTrace | None = None
    reviewed: Reviewed | None = None


def measure_test(
    recording: Recording,
    settings: SitSettings,
    part: Intervals,
    events: Events | None = None,
    recorder: TraceRecorder | None = None,
) -> MeasuredTest:
    """Return what the detectors found in a test, less what artefacts hide.

    Artefacts are those of ``events``, by default those annotated in the recording.  Other
    parameters are those of ``detect_groups``.
    """
    recording = choose_channels(recording, settings.emg)
    recording = choose_accelerometers(recording, settings.accelerometer)
    detected = detect_groups(recording, settings, part, recorder)
    if events is None:
        events = events_from_annotations(recording.annotations)
    groups = without_artefacts(detected.groups, events, recording.duration_s)
    return MeasuredTest(
        recording=recording,
        detected=replace(detected, groups=groups),
        trace=None if recorder is None else recorder.trace(),
    )


def detect_groups(
    recording: Recording,
    settings: SitSettings,
    part: Intervals,
    recorder: TraceRecorder | None = None,
) -> SitDetection:
    """Return legs, arms and trunk, then each accelerometer, and findings about them.

    ``part`` is the test, seconds, shape ``(n, 2)``; trains within it are a finding.  The status of
    the channels must be set before.  ``recorder`` keeps the measured signals.
    """
    if recorder is not None:
        recorder.start(recording)
    detected: dict[str, GroupDetection] = {}
    findings = no_leg_channel(recording)
    beats = LazyEcgBeats(recording, settings.emg.heart)
    for name in EMG_GROUPS:
        detected[name], found = detect_group(recording, name, settings.emg, beats, recorder)
        findings += found
    for name in (name for name in GROUP_SITES if name not in detected):
        detected[name] = _nothing(name)
    motion = look_at_sensors(
        recording,
        Settings(emg=settings.emg, accelerometer=settings.accelerometer),
        recorder=recorder,
    )
    return gathered(detected, motion, findings, part)


def gathered(
    detected: Mapping[str, GroupDetection],
    motion: Motion,
    findings: Iterable[Finding],
    part: Intervals,
) -> SitDetection:
    """Return limbs and accelerometers together, with trains of bursts and findings about them."""
    bursts = Rhythms.joined([group.rhythms for group in detected.values()])
    trains = Rhythms.joined([motion.rhythms, without_steps(bursts, motion)])
    # the posture of the trunk is not part of this test
    about = [one for one in motion.findings if one not in motion.trunk.findings]
    return SitDetection(
        groups={**detected, **motion.groups},
        motion=motion,
        trains=trains,
        findings=(*findings, *about, *_about_trains(trains, part)),
    )


def _about_trains(trains: Rhythms, part: Intervals) -> list[Finding]:
    """Return the warning that rhythmic trains count in no index of the test."""
    found = []
    inside = trains.where(contains(part, trains.onset_s) & (trains.kind != "scratch"))
    for place in dict.fromkeys(inside.place.tolist()):
        here = inside.where(inside.place == place)
        message = (
            f"{len(here)} rhythmic trains, {here.duration_s.sum() / 60:.1f} min in all, at "
            f"{float(np.median(here.frequency_hz)):.1f} Hz (median) were set apart and are in no "
            "index of this test; restless feet of akathisia and foot tremor look like this"
        )
        found.append(Finding("warning", "sit.rhythm", place, message))
    return found


def _nothing(group: str) -> GroupDetection:
    return GroupDetection(
        movements=Movements.joined([]),
        observed=no_intervals(np.float64),
        reason=f"no analysis of the {group} in this test",
    )
