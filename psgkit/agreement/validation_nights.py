"""A night of a data set with the movements that psgkit and each person found in it."""

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.agreement.sources import Scored, read_scored
from psgkit.agreement.validation_files import (
    LEGS,
    marked_leg,
    read_challenge,
    read_dreams,
    read_dreams_stages,
)
from psgkit.agreement.validation_layouts import ScoredRecording
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES, Site
from psgkit.errors import PsgkitError
from psgkit.io.channels.channel_map import ChannelMap
from psgkit.io.read import read_recording
from psgkit.io.scoring.read import outside_findings
from psgkit.night.walk import measure_night

PSGKIT = "psgkit"
"""Name of psgkit among the raters."""
TOGETHER = "legs"
"""Place of movements of either leg, those that share time joined."""
_People: TypeAlias = dict[str, tuple[Scored, tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RatedNight:
    """A night with the limb movements of every rater.

    Attributes
    ----------
    name : str
    duration_s : float
        Recorded time.
    raters : mapping of str to Events
        Movements of the legs, psgkit's first if it could look for any.
    sides : mapping of str to tuple of str
        Legs at which each rater looked for movements; ``legs`` alone if the marks say no side.
    hypnogram : Hypnogram or None
        Used for every rater.
    stages : str
        Whose stages they are, or why there are none.
    findings : tuple of Finding
    """

    name: str
    duration_s: float
    raters: dict[str, Events]
    sides: dict[str, tuple[str, ...]]
    hypnogram: Hypnogram | None
    stages: str
    findings: tuple[Finding, ...] = ()


def rated_night(files: ScoredRecording, channels: ChannelMap | None = None) -> RatedNight:
    """Return the movements that psgkit and each person found in a night.

    Raises
    ------
    PsgkitError
        If the recording cannot be read, or the scoring of none of the people.
    """
    recording = read_recording(files.recording, channels)
    findings: list[Finding] = []
    people = _read_people(files, recording, findings)
    measured = measure_night(recording)
    legs = measured.detected["legs"]
    found = {str(place) for place, _time in legs.usable}
    usable = tuple(site for site in LEGS if site in found)
    asked = {site for _scored, sides in people.values() for site in sides}
    asked = {*LEGS} if TOGETHER in asked else asked
    findings += [
        Finding(
            "warning",
            "validation.no_leg",
            files.recording.name,
            f"{site.replace('_', ' ')}: psgkit is not compared, no usable channel "
            f"({legs.reason or 'see psgkit report'})",
        )
        for site in LEGS
        if site in asked and site not in usable
    ]
    raters: dict[str, Events] = {}
    sides = {PSGKIT: tuple(site for site in usable if site in asked)}
    if sides[PSGKIT]:
        movements = legs.movements
        kinds = ["lm"] * len(movements)
        raters[PSGKIT] = Events.of(movements.onset_s, movements.end_s, kinds, movements.site)
    for name, (scored, places) in people.items():
        raters[name], about = _leg_marks(scored, recording.duration_s)
        unsided = bool(_n(raters[name], Site.NONE))
        sides[name] = (TOGETHER,) if unsided else places
        findings += [*scored.findings, *about]
    hypnogram, stages = _stages_for_all(files, measured.scorer.hypnogram, people)
    return RatedNight(
        name=files.name,
        duration_s=recording.duration_s,
        raters=raters,
        sides=sides,
        hypnogram=hypnogram,
        stages=stages,
        findings=tuple(findings),
    )


def _read_people(
    files: ScoredRecording, recording: Recording, findings: list[Finding]
) -> "_People":
    """Return each person's scoring and legs; a finding is added for each that cannot be read."""
    people: _People = {}
    refused = []
    for name, path in files.scorings:
        try:
            people[name] = _read_person(files, path, recording)
        except PsgkitError as error:
            refused.append(error)
            findings.append(refusal(path.name, error))
    if not people:
        raise refused[0]
    return people


def _read_person(
    files: ScoredRecording, path: Path, recording: Recording
) -> tuple[Scored, tuple[str, ...]]:
    """Return a person's scoring and the legs the person looked at."""
    if files.form == "challenge-2026":
        return read_challenge(path, recording), LEGS
    if files.form == "dreams":
        scored, channel = read_dreams(path)
        leg = marked_leg(channel, files.leg, recording, path, files.name)
        marks = scored.events
        sided = Events.of(marks.onset_s, marks.end_s, marks.kind, [leg] * len(marks))
        return replace(scored, events=sided), (leg,)
    return read_scored(path, recording.start), LEGS


def _leg_marks(scored: Scored, duration_s: float) -> tuple[Events, list[Finding]]:
    """Return the leg movements of a person, and findings on everything that is not one."""
    marks = scored.events.of_kind(["lm"])
    findings = [*outside_findings(marks, duration_s, scored.name)]
    inside = (marks.end_s >= 0) & (marks.onset_s <= duration_s)
    known = np.isin(marks.site, [*GROUP_SITES["legs"], Site.NONE])
    notes = (
        ("no movement is marked; taken as none found", int(not len(marks))),
        ("marks without a side: compared on both legs together only", _n(marks, Site.NONE)),
        ("marks of both legs are counted for each leg", _n(marks, Site.BOTH_LEGS)),
        ("marks at other parts of the body are left out", int((~known).sum())),
    )
    findings += [
        Finding("warning", "validation.marks", scored.name, f"{text} ({n})")
        for text, n in notes
        if n
    ]
    return marks.where(inside & known), findings


def _n(marks: Events, site: Site) -> int:
    return int((marks.site == site.value).sum())


def _stages_for_all(
    files: ScoredRecording, annotated: Hypnogram | None, people: "_People"
) -> tuple[Hypnogram | None, str]:
    """Return one hypnogram for all raters, and whose it is: the recording's, or the people's."""
    if annotated is not None:
        return annotated, "annotated in the recording"
    if files.stages is not None:
        return read_dreams_stages(files.stages), f"those of {files.stages.name}"
    known = [one.hypnogram for one, _legs in people.values() if one.hypnogram is not None]
    if not known:
        return None, "no stages: per hour recorded only"
    if len({(one.epoch_s, one.start_s) for one in known}) > 1:
        return None, "epochs of the people begin at different times: per hour recorded only"
    if len(known) == 1:
        return known[0], "those of one person"
    longest = max(len(one) for one in known)
    table = np.full((len(known), longest), UNSCORED, dtype=object)
    for row, one in enumerate(known):
        table[row, : len(one)] = one.stages
    voted = [_most_frequent(column) for column in table.T]
    first = known[0]
    return Hypnogram.of(voted, first.epoch_s, first.start_s), f"majority of {len(known)} people"


def _most_frequent(column: NDArray[np.object_]) -> str:
    """Return the stage of most people; of equally frequent ones the first in the alphabet."""
    names, counts = np.unique(column.astype(str), return_counts=True)
    return str(names[int(np.argmax(counts))])


def refusal(where: str, error: PsgkitError) -> Finding:
    """Return the finding on a file that is left out."""
    return Finding("error", "validation.refused", where, f"left out: {error}")
