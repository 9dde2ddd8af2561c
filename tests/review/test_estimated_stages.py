"""Estimated stages in a review: uncertain epochs are listed, a corrected one is no estimate."""

from dataclasses import replace

import numpy as np

from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.core.stage_source import is_estimate
from psgkit.report.csv_tables import stages_csv
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.session import ReviewSession
from tests.review.nights import measured


def _session() -> ReviewSession:
    night = measured()
    stages = replace(night.scorer.hypnogram, estimated_by="YASA 0.7.0")  # type: ignore[type-var]
    likely = np.array([[float(one == stage) for stage in PROBABLE_STAGES] for one in stages.stages])
    likely[[3, 8]] = np.where(likely[[3, 8]] > 0, 0.4, 0.15)
    estimate = StageEstimate(
        method="YASA",
        version="0.7.0",
        hypnogram=stages,
        probability=likely,
        channels={"eeg": "C4-M1"},
        missing={},
        sleeper=Sleeper(),
    )
    night = replace(night, estimate=estimate, scorer=replace(night.scorer, hypnogram=stages))
    return ReviewSession.of(Rescorer(night=night, base=scoring_of(night)), "AB")


def test_uncertain_epochs_are_listed_until_they_are_set_and_again_after_undo() -> None:
    session = _session()
    codes = session.state()["stages"]["codes"]
    assert session.state()["stages"]["unsure"] == [3, 8]
    other = "N1" if codes[3] != "N1" else "N2"
    delta = session.apply({"action": "stage", "first_epoch": 3, "codes": [other]})
    assert delta["stages"]["unsure"] == [8]
    session.undo()
    assert session.state()["stages"]["unsure"] == [3, 8]


def test_the_corrected_stages_stay_an_estimate_but_for_the_corrected_epoch() -> None:
    session = _session()
    codes = session.state()["stages"]["codes"]
    other = "N1" if codes[3] != "N1" else "N2"
    session.apply({"action": "stage", "first_epoch": 3, "codes": [other]})
    report = session.report
    assert is_estimate(report.stages_from)
    assert is_estimate(report.legs.plms_index.stages_from)
    assert report.staging is not None
    lines = stages_csv(report.staging, 0.5).splitlines()[1:]
    changed = [n for n, line in enumerate(lines) if "changed by a reviewer" in line]
    assert changed == [3]
    assert f",{other}," in lines[3]


def test_a_scored_night_has_no_uncertain_epoch() -> None:
    night = measured()
    session = ReviewSession.of(Rescorer(night=night, base=scoring_of(night)), "AB")
    assert session.state()["stages"]["unsure"] == []
