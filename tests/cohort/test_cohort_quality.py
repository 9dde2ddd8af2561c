"""Quality flags of a night: each for what it says, none where nothing limits the night."""

from dataclasses import replace

import pytest
from cohort_fixtures import simulated_report, with_values

from psgkit.cohort.tables.quality import FLAGS, caution_codes, quality_flags
from psgkit.core.caution import CautionRule
from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Segment
from psgkit.night.cautions import with_cautions

EIGHT_H = (Segment(start_s=0.0, duration_s=8 * 3600.0),)


def flags_of(report: NightReport) -> tuple[str, ...]:
    return quality_flags(with_cautions(report, CautionRule()))


def whole_night() -> NightReport:
    """Return a night of eight hours that nothing limits."""
    report = replace(simulated_report(), segments=EIGHT_H, duration_s=8 * 3600.0)
    return with_values(
        report, {"sleep__tst_min": 400.0, "sleep__tib_min": 480.0, "sleep__unscored_min": 0.0}
    )


def test_a_whole_night_of_two_legs_has_no_flag() -> None:
    assert flags_of(whole_night()) == ()


def test_half_an_hour_is_short_in_both_ways() -> None:
    assert flags_of(simulated_report()) == ("short_recording", "short_sleep")


@pytest.mark.parametrize(
    ("minutes", "flagged"), [(239.9, True), (240.0, False)], ids=["below 4 h", "4 h"]
)
def test_little_sleep_is_below_four_hours(minutes: float, flagged: bool) -> None:  # noqa: FBT001
    report = with_values(whole_night(), {"sleep__tst_min": minutes})
    assert ("short_sleep" in flags_of(report)) is flagged


@pytest.mark.parametrize(("unscored_n", "flagged"), [(2, False), (4, True)])
def test_much_unscored_is_more_than_a_twentieth(unscored_n: int, flagged: bool) -> None:  # noqa: FBT001
    report = whole_night()
    stages = report.hypnogram.stages.tolist()
    stages[20 : 20 + unscored_n] = ["UNSCORED"] * unscored_n
    hypnogram = replace(report.hypnogram, stages=stages)
    assert ("unscored" in flags_of(replace(report, hypnogram=hypnogram))) is flagged


def test_stages_gaps_and_errors_are_flagged() -> None:
    report = whole_night()
    parts = (EIGHT_H[0], Segment(start_s=9 * 3600.0, duration_s=60.0))
    broken = Finding("error", "x.y", "channel", "not usable")
    lost = replace(report, segments=parts, duration_s=parts[-1].end_s)
    assert flags_of(lost) == ("gaps",)
    not_staged = Finding("warning", "night.no_hypnogram", "hypnogram", "no stages were given")
    assert flags_of(replace(report, findings=(not_staged,))) == ("no_hypnogram",)
    assert flags_of(replace(report, findings=(broken,))) == ("error",)


def test_legs_that_were_not_used_are_flagged() -> None:
    report = whole_night()
    legs = [channel for channel in report.channels if channel.role == "leg"]
    others = tuple(channel for channel in report.channels if channel.role != "leg")
    assert len(legs) == 2
    one = (legs[0], *others)
    refused = (legs[0], replace(legs[1], status="refused"), *others)
    assert flags_of(replace(report, channels=one)) == ("one_leg",)
    found = Finding("warning", "emg.refused", f"channel {legs[1].label!r}", "no unit")
    report = replace(report, findings=(found,))
    assert flags_of(replace(report, channels=refused)) == ("one_leg", "refused_channel")
    report = whole_night()
    assert flags_of(replace(report, channels=others)) == ("no_legs",)


def test_movements_that_somebody_scored_need_no_channel() -> None:
    assert flags_of(replace(whole_night(), channels=())) == ()


def test_flags_come_gravest_first() -> None:
    report = replace(simulated_report(), hypnogram=None, channels=())
    found = flags_of(report)
    assert list(found) == sorted(found, key=FLAGS.index)


def test_the_codes_are_those_of_the_report_each_once() -> None:
    report = with_cautions(simulated_report(), CautionRule())
    twice = replace(report, cautions=report.cautions * 2)
    assert caution_codes(twice) == ("short_recording", "short_sleep")
