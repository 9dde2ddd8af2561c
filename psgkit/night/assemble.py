"""Steps of ``walk.py`` that assemble scored groups and sensors into a report.

``night_report`` has the indices of every group of channels; ``sensor_night`` adds those of posture,
relief by getting up, rhythm at rest and scratching, and ``with_sensors`` puts both together.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from psgkit.analysis.groups import WHOLE_BODY, NightFrame, ScoredGroups
from psgkit.analysis.sensors import Motion
from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import no_intervals, union
from psgkit.core.message import translatable
from psgkit.core.night_report import BreakdownRow, NightReport
from psgkit.core.recording import Recording
from psgkit.core.rhythms import Rhythms
from psgkit.detect.emg.atonia_channels import CHIN_USE, RemMuscles
from psgkit.detect.emg.channels import GroupDetection
from psgkit.detect.emg.ecg import HEART_RATE_USE, LazyEcgBeats
from psgkit.detect.emg.propagation import Propagation, propagation, propagation_indices
from psgkit.indices.akathisia import AkathisiaNight, akathisia_findings, akathisia_indices
from psgkit.indices.breakdown import breakdown, rates_by_posture
from psgkit.indices.heart_rate import (
    HeartRateNight,
    heart_rate_night,
    no_response,
    why_no_response,
)
from psgkit.indices.movement import imi_histogram
from psgkit.indices.movement_relief import movement_relief
from psgkit.indices.posture import posture_indices
from psgkit.indices.rem_atonia import rem_atonia_indices, why_no_rem
from psgkit.indices.rhythms import EMG_KINDS, rhythm_indices, scratch_indices
from psgkit.profile.evidence.items import profile_without_evidence
from psgkit.scoring.score import in_onset_order
from psgkit.sleep.statistics import disruption_indices, sleep_statistics


def night_report(recording: Recording, groups: ScoredGroups, frame: NightFrame) -> NightReport:
    """Return the report of the scored groups, without a profile."""
    events = frame.scorer.events
    has_arousals = len(events.of_kind(["arousal"])) > 0
    has_breathing = len(events.of_kind(RESPIRATORY_KINDS)) > 0
    whole, nights = frame.time(recording.recorded()), groups.nights
    lights = translatable(f"off from {frame.lights.off_source}, on from {frame.lights.on_source}")
    about_lights = [Finding("info", "night.lights", "lights", lights)]
    if " lies " in lights:
        message = translatable("lights lie outside the recording: its end is used instead")
        about_lights.append(Finding("warning", "night.lights_outside", "lights", message))
    return NightReport(
        source=recording.source,
        sha256=None,
        start=recording.start,
        duration_s=frame.duration_s,
        segments=recording.segments,
        settings=frame.settings.as_dict(),
        channels=recording.channels,
        findings=(*recording.findings, *frame.scorer.findings(), *about_lights),
        movements=in_onset_order([night.scored for night in nights.values()]),
        hypnogram=frame.hypnogram,
        events=events,
        lights=frame.lights,
        indices={
            "sleep": sleep_statistics(whole, frame.settings.cautions.max_unscored_for_efficiency),
            "disruption": disruption_indices(
                whole, events if has_arousals else None, events if has_breathing else None
            ),
            **groups.indices(),
        },
        profile=profile_without_evidence(),
        breakdown=tuple(
            row
            for name, night in nights.items()
            if name != WHOLE_BODY
            for row in breakdown(name, night)
        ),
        imi={
            name: imi_histogram(
                night.scored, night.in_stages(SLEEP_STAGES), night.in_stages(("W",))
            )
            for name, night in nights.items()
            if not night.reason and name != WHOLE_BODY
        },
    )


def with_sensors(
    report: NightReport, motion: Motion, sensors: "SensorNight", spine: Mapping[str, Index]
) -> NightReport:
    """Return the report with the indices of sensors and of the levels of the spine."""
    trunk = {**report.indices["trunk"], **spine}
    return replace(
        report,
        postures=motion.trunk.postures,
        turns=motion.trunk.turns,
        rhythms=sensors.rhythms,
        relief=sensors.relief,
        indices={**report.indices, "trunk": trunk, **sensors.indices},
        breakdown=(*report.breakdown, *sensors.breakdown),
    )


def spinal_indices(
    recording: Recording, trunk: GroupDetection, frame: NightFrame
) -> dict[str, Index]:
    """Return whether jerks of the trunk in wake and N1 ran along the spine.

    Propriospinal myoclonus occurs in relaxed wakefulness and ends with spindles and K-complexes
    (Vetrugno 2005, Montagna 2006, abstracts); without stages all jerks count.
    """
    if trunk.reason:
        return propagation_indices(Propagation(reason=trunk.reason))
    stages = frame.hypnogram
    mask = stages.stretches(("W", "N1")) if stages is not None else None
    found = propagation(recording, trunk.movements, trunk.beats, mask)
    return propagation_indices(found)


def heart_rate(
    recording: Recording, beats: LazyEcgBeats, groups: ScoredGroups, events: Events
) -> HeartRateNight:
    """Return the response of heart rate to leg movements; beats are found only if it needs them."""
    legs = groups.nights["legs"]
    why = why_no_response(legs)
    if not recording.with_role("ecg"):
        why = translatable("no ECG channel")
    if why:
        return no_response(why)
    return heart_rate_night(beats.times_s(), legs, events.of_kind(RESPIRATORY_KINDS).intervals())


def with_heart_rate(report: NightReport, found: HeartRateNight, beats: LazyEcgBeats) -> NightReport:
    """Return the report with the response of heart rate, and its ECG channel in use."""
    ecg = beats.known().ecg if found.curves else ""
    return replace(
        report,
        channels=tuple(
            replace(channel, status="used", reason=HEART_RATE_USE)
            if channel.label == ecg and channel.status != "used"
            else channel
            for channel in report.channels
        ),
        heart_rate=found.curves,
        indices={**report.indices, "heart_rate": found.indices},
    )


def with_rem_atonia(report: NightReport, muscles: RemMuscles, frame: NightFrame) -> NightReport:
    """Return the report with muscle activity in REM sleep, and its chin channel in use."""
    time = frame.time(muscles.recording.recorded())
    rem_s = nrem_s = no_intervals(np.float64)
    if frame.hypnogram is not None and not why_no_rem(time):
        rem_s, nrem_s = frame.hypnogram.stretches(("R",)), frame.hypnogram.stretches(NREM_STAGES)
    found = muscles.activity(rem_s, nrem_s)
    chin = "" if found.chin is None else found.chin.label
    indices = rem_atonia_indices(found, time, frame.scorer.events, frame.settings.rem_atonia)
    return replace(
        report,
        channels=tuple(
            replace(channel, status="used", reason=CHIN_USE) if channel.label == chin else channel
            for channel in report.channels
        ),
        findings=(*report.findings, *found.findings),
        indices={**report.indices, "rem_atonia": indices},
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SensorNight:
    """Indices and tables that sensors add to the report of a night."""

    rhythms: Rhythms
    indices: Mapping[str, Mapping[str, Index]]
    breakdown: tuple[BreakdownRow, ...]
    relief: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]


def sensor_night(
    motion: Motion,
    rhythms: Rhythms,
    groups: ScoredGroups,
    frame: NightFrame,
) -> SensorNight:
    """Return the indices that need more than one sensor, or posture.

    Parameters
    ----------
    rhythms : Rhythms
        Of EMG and accelerometers, with stages.
    """
    nights, settings = groups.nights, frame.settings
    postures = motion.trunk.postures
    relief = movement_relief(
        {
            name: (night.scored.movements.onset_s, night.time.observed)
            for name, night in nights.items()
            if not night.reason
        },
        postures,
        frame.time(nights["legs"].time.observed).window(),
        settings.relief,
        motion.trunk.reason,
    )
    rest = AkathisiaNight(
        time=frame.time(nights["legs"].time.observed),
        rhythms=rhythms,
        tracks=motion.tracks,
        sites=motion.sites,
        walking=motion.walking.intervals,
        disturbed=union(motion.gross, motion.trunk.turns.intervals()),
        walking_known=bool(motion.walking.basis),
        postures=None if motion.trunk.reason else postures,
        leg_emg=not nights["legs"].reason,
        start=frame.start,
    )
    whole = frame.time(motion.scratch_seen)
    legs = nights["legs"]
    return SensorNight(
        rhythms=rhythms,
        indices={
            "rhythms": rhythm_indices(
                rhythms.where(np.isin(rhythms.kind, EMG_KINDS)),
                frame.time(legs.time.observed),
                reason=legs.reason,
            ),
            "posture": posture_indices(motion.trunk, whole, settings.relief.out_of_bed),
            "movement_relief": relief.indices,
            "akathisia": akathisia_indices(rest),
            "scratch": scratch_indices(rhythms, whole, motion.scratch_reason),
        },
        breakdown=tuple(
            row for name, night in nights.items() for row in rates_by_posture(name, night, postures)
        ),
        relief=tuple(asdict(episode) for episode in relief.episodes),
        findings=tuple(akathisia_findings(rest)),
    )
