"""Indices of posture, relief by getting up, rhythm at rest and scratching."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from psgkit.analysis.groups import NightFrame, ScoredGroups
from psgkit.analysis.sensors import Motion
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.intervals import union
from psgkit.core.night_report import BreakdownRow
from psgkit.core.recording import Recording
from psgkit.core.rhythms import Rhythms
from psgkit.detect.emg.channels import GroupDetection
from psgkit.detect.emg.propagation import Propagation, propagation, propagation_indices
from psgkit.indices.akathisia import AkathisiaNight, akathisia_findings, akathisia_indices
from psgkit.indices.breakdown import rates_by_posture
from psgkit.indices.movement_relief import movement_relief
from psgkit.indices.posture import posture_indices
from psgkit.indices.rhythms import EMG_KINDS, rhythm_indices, scratch_indices


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
    found = propagation(recording, trunk.movements, trunk.hearts, mask)
    return propagation_indices(found)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SensorNight:
    """What the sensors add to the report of a night."""

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
