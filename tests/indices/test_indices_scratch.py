"""Indices of scratching: bouts an hour of sleep, by hand."""

import numpy as np
import pytest

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import Lights
from psgkit.core.rhythms import Rhythms
from psgkit.indices.rhythms import scratch_indices
from psgkit.sleep.time_in_stages import NightTime

HOUR = 3600.0


def clock(stages: list[str] | None, observed_h: float = 3.0) -> NightTime:
    return NightTime(
        hypnogram=None if stages is None else Hypnogram.of(np.repeat(stages, 120)),
        lights=Lights(off_s=0.0, on_s=3 * HOUR, off_source="", on_source=""),
        observed=np.array([[0.0, observed_h * HOUR]]),
    )


def bouts(*rows: tuple[float, float, float], site: str = "left_arm") -> Rhythms:
    onset, end, hz = (list(column) for column in zip(*rows, strict=True))
    return Rhythms.of(onset, end, hz, site=site, modality="accelerometer", kind="scratch")


TWO = bouts((100, 110, 3.0), (HOUR + 100, HOUR + 102, 4.0), (2 * HOUR + 50, 2 * HOUR + 58, 6.0))


def test_bouts_are_counted_where_they_begin() -> None:
    found = scratch_indices(TWO, clock(["W", "N2", "R"]))
    assert found["scratch_bouts_index"].value == 1.0
    assert found["scratch_bouts_wake_index"].value == 1.0
    assert found["scratch_min"].value == pytest.approx(10 / 60)
    assert found["scratch_bout_median_s"].value == 5.0
    assert found["scratch_frequency_hz"].value == 5.0


def test_both_wrists_at_once_are_one_bout() -> None:
    both = Rhythms.joined([TWO, bouts((HOUR + 101, HOUR + 105, 4.2), site="right_arm")])
    found = scratch_indices(both, clock(["W", "N2", "R"]))
    assert found["scratch_bouts_index"].value == 1.0
    assert found["scratch_min"].value == pytest.approx(13 / 60)


def test_other_rhythms_are_no_scratching() -> None:
    swing = Rhythms.of([HOUR], [HOUR + 9], [3.0], site="left_arm", modality="emg", kind="rhythm")
    found = scratch_indices(swing, clock(["W", "N2", "R"]))
    assert found["scratch_bouts_index"].value == 0.0
    assert found["scratch_bout_median_s"].reason == "no bout of scratching in sleep"


def test_only_time_that_was_seen_counts() -> None:
    found = scratch_indices(TWO, clock(["W", "N2", "R"], observed_h=2.0))
    assert found["scratch_bouts_index"].value == 1.0
    assert found["scratch_bouts_index"].denominator_h == 1.0


def test_without_stages_or_without_a_wrist_there_is_a_reason() -> None:
    unstaged = scratch_indices(TWO, clock(None))
    assert {index.value for index in unstaged.values()} == {None}
    assert unstaged["scratch_min"].reason == "no hypnogram: sleep and wake are unknown"
    absent = scratch_indices(Rhythms.none(), clock(["W", "N2", "R"]), "no accelerometer at a wrist")
    assert {index.reason for index in absent.values()} == {"no accelerometer at a wrist"}
    assert [index.unit for index in absent.values()] == [index.unit for index in unstaged.values()]
