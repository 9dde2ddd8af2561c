"""One night, from a recording to a report, on one screen.

read -> stage -> condition, detect -> combine, associate, link -> index -> profile -> report.
Conditioning and detecting go together, stretch by stretch, so that memory stays small; combining,
associating and linking are the three parts of ``score_movements``.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from psgkit.analysis.groups import (
    WHOLE_BODY,
    NightFrame,
    ScoredGroups,
    score_alone,
    score_groups,
)
from psgkit.analysis.scorer import Scorer, scorer_of
from psgkit.analysis.sensor_indices import SensorNight, sensor_night, spinal_indices
from psgkit.analysis.sensors import Motion, look_at_sensors, without_steps
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements
from psgkit.core.night_report import Lights, NightReport
from psgkit.core.recording import Recording, Segment
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES, Site
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import (
    EMG_GROUPS,
    GroupDetection,
    choose_channels,
    detect_group,
    no_leg_channel,
)
from psgkit.detect.emg.ecg import AskedHearts
from psgkit.errors import HypnogramError
from psgkit.indices.breakdown import breakdown
from psgkit.indices.movement import imi_histogram
from psgkit.indices.rhythms import with_stages
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.profile.evidence.items import profile_without_evidence
from psgkit.profile.evidence.of_night import with_profile
from psgkit.scoring.score import in_onset_order
from psgkit.settings import Settings
from psgkit.sleep.alignment import align, find_lights
from psgkit.sleep.statistics import disruption_indices, sleep_statistics

if TYPE_CHECKING:
    import mne
    import yasa


_FAR_S = 3600.0
"""Movements that all lie farther than this from a hypnogram are of another night."""


def analyse_night(
    recording: "Recording | mne.io.BaseRaw",
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    events: Events | None = None,
    settings: Settings | None = None,
) -> NightReport:
    """Return the report of a night.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
    hypnogram : Hypnogram or yasa.Hypnogram, optional
        Without it the stages annotated in the recording are taken; without those, too, whatever
        needs sleep is missing with that reason.
    events : Events, optional
        Arousals, respiratory events, lights.  Without it those annotated in the recording.
    settings : Settings, optional

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
    settings = settings or Settings()
    recording = choose_channels(as_recording(recording), settings.emg)
    recording = choose_accelerometers(recording, settings.accelerometer)
    scorer = scorer_of(recording, as_hypnogram(hypnogram), events)
    detected, findings = {}, no_leg_channel(recording)
    asked = AskedHearts(recording, settings.emg.heart)
    for group in EMG_GROUPS:
        detected[group], found = detect_group(recording, group, settings.emg, asked)
        findings.extend(found)
        recording = recording.with_channels({c.label: c for c in detected[group].channels})
    frame = _frame(recording, scorer, settings)
    motion = look_at_sensors(recording, settings, frame.asleep())
    groups = score_groups({**detected, **motion.groups}, frame)
    bursts = Rhythms.joined([group.rhythms for group in detected.values()])
    trains = Rhythms.joined([motion.rhythms, without_steps(bursts, motion)])
    sensors = sensor_night(motion, with_stages(trains, frame.hypnogram), groups, frame)
    findings.extend((*motion.findings, *sensors.findings))
    spine = spinal_indices(recording, detected["trunk"], frame)
    report = _report(recording.with_findings(*findings), groups, frame)
    return with_profile(_with_sensors(report, motion, sensors, spine))


def score_night(
    events: Events, hypnogram: Hypnogram | None = None, settings: Settings | None = None
) -> NightReport:
    """Return the report of a night whose movements (kind ``lm``) were scored by somebody.

    The night lasts as long as the hypnogram or the last event, whichever ends later.  The table is
    the whole scoring: without arousals in it no movement is tied to one.

    Raises
    ------
    HypnogramError
        If all movements lie more than an hour from the hypnogram: it is of another night.

    Examples
    --------
    >>> onsets = [100.0, 120.0, 140.0, 160.0]
    >>> table = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 4, ["left_leg"] * 4)
    >>> score_night(table, Hypnogram.of(["N2"] * 120)).indices["legs"]["plms_index"].value
    4.0
    """
    settings = settings or Settings()
    ends = [*events.end_s, hypnogram.end_s if hypnogram is not None else 0.0]
    duration_s = float(max(ends))
    recording = Recording(
        source="events",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=(),
    )
    marks = events.of_kind(["lm"])
    movements = Movements.of(marks.onset_s, marks.end_s, marks.site)
    detected = {group: _scored_group(movements, group, duration_s) for group in GROUP_SITES}
    if hypnogram is not None:
        _refuse_another_night(movements, hypnogram)
    recording = recording.with_findings(*_left_out(movements))
    scorer = Scorer(hypnogram=hypnogram, events=events, has_arousals=True, has_respiration=True)
    frame = _frame(recording, scorer, settings)
    return with_profile(_report(recording, score_alone(detected, frame), frame))


def _scored_group(movements: Movements, group: str, duration_s: float) -> GroupDetection:
    sites = [*GROUP_SITES[group], *((Site.NONE,) if group == "legs" else ())]
    chosen = movements.where(np.isin(movements.site, sites))
    return GroupDetection(
        movements=chosen,
        observed=np.array([[0.0, duration_s]]),
        reason="" if len(chosen) else f"no movements of the {group} were scored",
    )


def _refuse_another_night(movements: Movements, hypnogram: Hypnogram) -> None:
    early = movements.end_s < hypnogram.start_s - _FAR_S
    late = movements.onset_s > hypnogram.end_s + _FAR_S
    if len(movements) and len(hypnogram) and (early | late).all():
        raise HypnogramError(
            "hypnogram",
            f"none of {len(movements)} movements within an hour of the time between its start at "
            f"{hypnogram.start_s:g} s and its end at {hypnogram.end_s:g} s",
            "stages of the night in which the movements were scored",
            "It seems to be of another night.",
        )


def _left_out(movements: Movements) -> list[Finding]:
    """Return findings that there are no movements, or some at a site that belongs to no group."""
    if not len(movements):
        message = "no movement (kind lm) is in the table: nothing could be scored"
        return [Finding("warning", "night.no_movements", "events", message)]
    known = [Site.NONE, *(site for sites in GROUP_SITES.values() for site in sites)]
    others = movements.site[~np.isin(movements.site, known)].tolist()
    return [
        Finding(
            "warning",
            "night.site_not_scored",
            "events",
            f"{others.count(site)} movements at {site} are left out: no series are scored there",
        )
        for site in sorted(set(others))
    ]


def _report(recording: Recording, groups: ScoredGroups, frame: NightFrame) -> NightReport:
    """Return the report from what was scored."""
    events = frame.scorer.events
    has_arousals = len(events.of_kind(["arousal"])) > 0
    whole, nights = frame.time(recording.recorded()), groups.nights
    return NightReport(
        source=recording.source,
        sha256=None,
        start=recording.start,
        duration_s=frame.duration_s,
        segments=recording.segments,
        settings=frame.settings.as_dict(),
        channels=recording.channels,
        findings=(*recording.findings, *frame.scorer.findings(), _about_lights(frame.lights)),
        movements=in_onset_order([night.scored for night in nights.values()]),
        hypnogram=frame.hypnogram,
        events=events,
        lights=frame.lights,
        indices={
            "sleep": sleep_statistics(whole),
            "disruption": disruption_indices(whole, events if has_arousals else None),
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


def _with_sensors(
    report: NightReport, motion: Motion, sensors: SensorNight, spine: dict[str, Index]
) -> NightReport:
    """Return the report with what the sensors add."""
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


def _frame(recording: Recording, scorer: Scorer, settings: Settings) -> NightFrame:
    """Return stages and lights on the clock of the recording."""
    # a file of annotations alone lasts as long as its stages
    hypnogram = scorer.hypnogram
    duration_s = recording.duration_s or (hypnogram.end_s if hypnogram is not None else 0.0)
    return NightFrame(
        scorer=scorer,
        hypnogram=align(hypnogram, duration_s) if hypnogram is not None else None,
        lights=find_lights(scorer.events, duration_s, settings.lights_off_s, settings.lights_on_s),
        duration_s=duration_s,
        settings=settings,
        start=recording.start,
    )


def _about_lights(lights: Lights) -> Finding:
    message = f"off from {lights.off_source}, on from {lights.on_source}"
    return Finding("info", "night.lights", "lights", message)
