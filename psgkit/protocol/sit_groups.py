"""What each group of channels shows during an immobilisation test, scored by two rules."""

from dataclasses import replace

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, complement, contains, intersect, no_intervals, union
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES
from psgkit.detect.accelerometer_channels import detect_sensors
from psgkit.detect.emg_channels import EMG_GROUPS, GroupDetection, detect_group, no_leg_channel
from psgkit.detect.trunk_beats import AskedHearts
from psgkit.protocol.sit_indices import GroupTest
from psgkit.protocol.sit_report import SitSettings, SitTest
from psgkit.scoring.rules import ScoringRules
from psgkit.scoring.score import score_movements


def detect_groups(
    recording: Recording, settings: SitSettings
) -> tuple[dict[str, GroupDetection], list[Finding]]:
    """Return legs, arms and trunk, then each accelerometer, and findings about them.

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
    sensors, found = detect_sensors(recording, settings.accelerometer)
    findings += found
    for name, sensor in sensors.items():
        detected[name] = replace(sensor.group, gross=sensor.gross)
    return detected, findings


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
