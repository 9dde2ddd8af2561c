"""What each group of channels shows during an immobilisation test, scored by two rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from psgkit.analysis.sensors import Motion, look_at_sensors, without_steps
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, complement, contains, intersect, no_intervals, union
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import Lights
from psgkit.core.recording import Recording
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES
from psgkit.detect.emg.channels import EMG_GROUPS, GroupDetection, detect_group, no_leg_channel
from psgkit.detect.emg.ecg import AskedHearts
from psgkit.indices.akathisia import rhythm_at_rest
from psgkit.indices.akathisia_night import AkathisiaNight
from psgkit.scoring.rules import ScoringRules
from psgkit.scoring.score import score_movements
from psgkit.settings import Settings
from psgkit.sit.indices import GroupTest
from psgkit.sit.report import SitSettings, SitTest
from psgkit.sleep.time_in_stages import NightTime


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitDetection:
    """What was seen at all sites and sensors: movements of each group, and trains."""

    groups: Mapping[str, GroupDetection]
    motion: Motion
    trains: Rhythms
    findings: tuple[Finding, ...]

    def rhythm(self, awake: Intervals) -> dict[str, Index]:
        """Return how much of the time ``awake`` rhythmic trains of the legs fill.

        Trains are those of ankles and feet, of leg EMG where no sensor is there; walking, turns
        and gross movements are no sitting still.
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


def detect_groups(recording: Recording, settings: SitSettings, part: Intervals) -> SitDetection:
    """Return legs, arms and trunk, then each accelerometer, and findings about them.

    ``part`` is the test, seconds, shape ``(1, 2)``: trains within it are a finding.
    The status of the channels must have been set before.
    """
    detected: dict[str, GroupDetection] = {}
    findings = no_leg_channel(recording)
    asked = AskedHearts(recording, settings.emg.heart)
    for name in EMG_GROUPS:
        detected[name], found = detect_group(recording, name, settings.emg, asked)
        findings += found
    for name in (name for name in GROUP_SITES if name not in detected):
        detected[name] = _nothing(name)
    motion = look_at_sensors(
        recording, Settings(emg=settings.emg, accelerometer=settings.accelerometer)
    )
    bursts = Rhythms.joined([group.rhythms for group in detected.values()])
    trains = Rhythms.joined([motion.rhythms, without_steps(bursts, motion)])
    # how the trunk lies is no question of this test
    told = [finding for finding in motion.findings if finding not in motion.trunk.findings]
    findings += [*told, *_about_trains(trains, part)]
    return SitDetection(
        groups={**detected, **motion.groups},
        motion=motion,
        trains=trains,
        findings=tuple(findings),
    )


def _about_trains(trains: Rhythms, part: Intervals) -> list[Finding]:
    """Return that rhythmic trains were set apart: they are in no index of the test."""
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


def group_test(
    detected: GroupDetection, test: SitTest, awake: Intervals, settings: SitSettings
) -> GroupTest:
    """Return one group, scored by both rules within the part of the test.

    Movements that begin outside the part are left out before anything is joined or linked, so
    that no series reaches across its ends.  A gross movement ends a series as a gap does, and its
    time counts all the same.
    """
    part = np.array([[test.part.from_s, test.part.to_s]])
    inside = detected.movements.where(contains(part, detected.movements.onset_s))
    unseen = complement(detected.observed, test.part.from_s, test.part.to_s)
    unobserved = union(unseen, intersect(union(detected.gross.intervals()), part))

    def scored(rules: ScoringRules) -> ScoredMovements:
        return score_movements(inside, None, None, rules, unobserved=unobserved)

    return GroupTest(
        older=scored(settings.older),
        newer=scored(settings.newer),
        awake=awake,
        observed=detected.observed,
        reason=detected.reason,
    )
