"""One night, from a recording to a report, on one screen.

read -> stage -> condition, detect -> combine, associate, link -> index -> profile -> report.
Conditioning and detecting go together, stretch by stretch, so that memory stays small; combining,
associating and linking are the three parts of ``score_movements``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import complement
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import Lights, NightReport
from psgkit.core.recording import Recording, Segment
from psgkit.core.site import GROUP_SITES, Site
from psgkit.detect.emg_channels import (
    EMG_GROUPS,
    GroupDetection,
    choose_channels,
    detect_group,
    no_leg_channel,
    trunk_not_scored,
)
from psgkit.errors import HypnogramError
from psgkit.indices.breakdown import breakdown
from psgkit.indices.intervals_between import imi_histogram
from psgkit.indices.movement import GroupNight, movement_indices
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.io.event_files import events_from_annotations
from psgkit.io.hypnogram_files import hypnogram_from_annotations
from psgkit.profile.statement import profile_without_evidence
from psgkit.scoring.score import in_onset_order, score_movements
from psgkit.settings import Settings
from psgkit.sleep.alignment import align, find_lights
from psgkit.sleep.fragmentation import disruption_indices
from psgkit.sleep.statistics import sleep_statistics
from psgkit.sleep.time_in_stages import NightTime

if TYPE_CHECKING:
    import mne
    import yasa


_FAR_S = 3600.0
"""Movements that all lie farther than this from a hypnogram are of another night."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scorer:
    """What a human scored; a hypnogram of None and False are "not scored", which is not "none"."""

    hypnogram: Hypnogram | None
    events: Events
    has_arousals: bool
    has_respiration: bool


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
    scorer = _scorer(recording, as_hypnogram(hypnogram), events)
    detected, findings = {}, no_leg_channel(recording)
    for group in EMG_GROUPS:
        detected[group], found = detect_group(recording, group, settings.emg)
        findings.extend(found)
    detected["trunk"] = trunk_not_scored(recording)
    return _report(recording.with_findings(*findings), scorer, detected, settings)


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
    return _report(recording, scorer, detected, settings)


def _scorer(recording: Recording, hypnogram: Hypnogram | None, events: Events | None) -> Scorer:
    if hypnogram is None:
        hypnogram = hypnogram_from_annotations(recording.annotations, where=recording.source)
    if events is None:
        events = events_from_annotations(recording.annotations)
    return Scorer(
        hypnogram=hypnogram,
        events=events,
        has_arousals=len(events.of_kind(["arousal"])) > 0,
        has_respiration=len(events.of_kind(RESPIRATORY_KINDS)) > 0,
    )


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


def _report(
    recording: Recording, scorer: Scorer, detected: dict[str, GroupDetection], settings: Settings
) -> NightReport:
    """Return the report from what was detected and what was scored."""
    events, hypnogram = scorer.events, scorer.hypnogram
    # a file of annotations alone lasts as long as its stages
    duration_s = recording.duration_s or (hypnogram.end_s if hypnogram is not None else 0.0)
    hypnogram = align(hypnogram, duration_s) if hypnogram is not None else None
    lights = find_lights(events, duration_s, settings.lights_off_s, settings.lights_on_s)
    has_arousals = len(events.of_kind(["arousal"])) > 0
    whole = NightTime(hypnogram=hypnogram, lights=lights, observed=recording.recorded())
    groups = {
        name: GroupNight(
            scored=_score(group, hypnogram, events, settings, duration_s),
            time=NightTime(hypnogram=hypnogram, lights=lights, observed=group.observed),
            rules=settings.rules,
            has_arousals=scorer.has_arousals,
            reason=group.reason,
        )
        for name, group in detected.items()
    }
    indices: dict[str, dict[str, Index]] = {
        "sleep": sleep_statistics(whole),
        "disruption": disruption_indices(whole, events if has_arousals else None),
        **{name: movement_indices(night) for name, night in groups.items()},
    }
    return NightReport(
        source=recording.source,
        sha256=None,
        start=recording.start,
        duration_s=duration_s,
        segments=recording.segments,
        settings=settings.as_dict(),
        channels=recording.channels,
        findings=(*recording.findings, *_findings(scorer, lights)),
        movements=in_onset_order([night.scored for night in groups.values()]),
        hypnogram=hypnogram,
        events=events,
        lights=lights,
        indices=indices,
        profile=profile_without_evidence(),
        breakdown=tuple(row for name, night in groups.items() for row in breakdown(name, night)),
        imi={
            name: imi_histogram(
                night.scored, night.in_stages(SLEEP_STAGES), night.in_stages(("W",))
            )
            for name, night in groups.items()
            if not night.reason
        },
    )


def _score(
    group: GroupDetection,
    hypnogram: Hypnogram | None,
    events: Events,
    settings: Settings,
    duration_s: float,
) -> ScoredMovements:
    unobserved = complement(group.observed, 0.0, duration_s)
    return score_movements(
        group.movements, hypnogram, events, settings.rules, unobserved=unobserved
    )


def _findings(scorer: Scorer, lights: Lights) -> list[Finding]:
    found = []
    if scorer.hypnogram is None:
        found.append(
            Finding(
                "warning",
                "night.no_hypnogram",
                "hypnogram",
                "no stages were given or annotated: only rates per hour recorded can be computed",
            )
        )
    scored = {"arousals": scorer.has_arousals, "respiratory events": scorer.has_respiration}
    not_scored = " or ".join(name for name, is_scored in scored.items() if not is_scored)
    if not_scored:
        message = f"no {not_scored} were given or annotated: movements tied to them stay unmarked"
        found.append(Finding("info", "night.no_events", "events", message))
    found.append(
        Finding(
            "info",
            "night.lights",
            "lights",
            f"off from {lights.off_source}, on from {lights.on_source}",
        )
    )
    return found
