"""A night whose movements were scored by hand: the steps of ``walk.py`` after detection."""

import numpy as np

from psgkit.analysis.artefacts import without_artefacts
from psgkit.analysis.groups import NightFrame, Scorer, score_alone
from psgkit.analysis.stages import given_estimate
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording, Segment
from psgkit.core.site import GROUP_SITES, Site
from psgkit.core.staged_indices import with_stage_source
from psgkit.detect.emg.channels import GroupDetection
from psgkit.errors import HypnogramError
from psgkit.night.assemble import night_report
from psgkit.night.cautions import with_cautions
from psgkit.profile.evidence.of_night import with_profile
from psgkit.settings import GivenSettings, Settings

_FAR_S = 3600.0
"""Distance in seconds beyond which a hypnogram is rejected as belonging to another night."""


def score_night(
    events: Events,
    hypnogram: Hypnogram | None = None,
    settings: GivenSettings = None,
    *,
    duration_s: float = 0.0,
) -> NightReport:
    """Return the report of a night whose movements (kind ``lm``) were scored by hand.

    The night ends with the hypnogram, the last event or ``duration_s``, whichever is later.  The
    table is the whole scoring: without arousals in it no movement is associated with an arousal.

    Raises
    ------
    HypnogramError
        If all movements are more than an hour outside the hypnogram, which is of another night.

    Examples
    --------
    >>> onsets = [100.0, 120.0, 140.0, 160.0]
    >>> table = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 4, ["left_leg"] * 4)
    >>> score_night(table, Hypnogram.of(["N2"] * 120)).indices["legs"]["plms_index"].value
    4.0
    """
    settings = Settings.of(settings)
    ends = [*events.end_s, hypnogram.end_s if hypnogram is not None else 0.0, duration_s]
    duration_s = float(max(ends))
    recording = Recording(
        source="events",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=(),
    )
    marks = events.of_kind(["lm"])
    movements = Movements.of(marks.onset_s, marks.end_s, marks.site)
    detected = without_artefacts(
        {group: _scored_group(movements, group, duration_s) for group in GROUP_SITES},
        events,
        duration_s,
    )
    if hypnogram is not None:
        _refuse_another_night(movements, hypnogram)
    recording = recording.with_findings(*_left_out(movements), *given_estimate(hypnogram))
    scorer = Scorer(hypnogram=hypnogram, events=events, has_arousals=True, has_respiration=True)
    frame = NightFrame.of(recording, scorer, settings)
    report = night_report(recording, score_alone(detected, frame), frame)
    return with_profile(with_cautions(with_stage_source(report), settings.cautions))


def _scored_group(movements: Movements, group: str, duration_s: float) -> GroupDetection:
    sites = [*GROUP_SITES[group], *((Site.NONE,) if group == "legs" else ())]
    chosen = movements.where(np.isin(movements.site, sites))
    return GroupDetection(
        movements=chosen,
        observed=np.array([[0.0, duration_s]]),
        reason="" if len(chosen) else translatable(f"no movements of the {group} were scored"),
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
    """Return findings on missing movements, or on movements at a site without group."""
    if not len(movements):
        message = translatable("no movement (kind lm) is in the table: nothing could be scored")
        return [Finding("warning", "night.no_movements", "events", message)]
    known = [Site.NONE, *(site for sites in GROUP_SITES.values() for site in sites)]
    others = movements.site[~np.isin(movements.site, known)].tolist()
    return [
        Finding(
            "warning",
            "night.site_not_scored",
            "events",
            translatable(
                f"{others.count(site)} movements at {site} are left out: no series are scored there"
            ),
        )
        for site in sorted(set(others))
    ]
