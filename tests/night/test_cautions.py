"""Cautions of a night: each for what it says, above the numbers, the same in every output."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psgkit import analyse_night, score_night, simulate_night
from psgkit.core.caution import Caution, CautionRule
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index_catalogue import CATALOGUE
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.document.read import read_report
from psgkit.document.write import night_as_json
from psgkit.followup.reported import read_reported_night
from psgkit.followup.walk import follow_nights
from psgkit.io.channels.assign import with_roles
from psgkit.io.channels.channel_map import parse_channel_map
from psgkit.night.caution_table import COMPUTED, OF_FINDINGS, OWN_GROUP
from psgkit.night.cautions import with_cautions
from psgkit.report.followup.document import nights_as_dict
from psgkit.report.followup.page import page_about_nights
from psgkit.report.night.cautions import caution_mark
from psgkit.report.terminal import night_as_text, page_as_text
from psgkit.report.words.language import in_language
from psgkit.settings import Settings, settings_from
from psgkit.simulate import SimulationOptions

NIGHT = simulate_night(
    "rls", hours=0.5, seed=3, options=SimulationOptions(rate_hz=200.0, ecg_rate_hz=None)
)


def codes(report: NightReport) -> list[str]:
    return [one.code for one in report.cautions]


def caution(report: NightReport, code: str) -> Caution:
    (found,) = [one for one in report.cautions if one.code == code]
    return found


def labelled(*labels: str) -> Recording:
    """Return the night with other labels, and the roles that psgkit gives them."""
    names = dict(zip(("LAT", "RAT"), labels, strict=True))
    channels = tuple(
        replace(one, label=names.get(one.label, one.label), role="", site=type(one.site)(""))
        for one in NIGHT.recording.channels
    )
    return with_roles(replace(NIGHT.recording, channels=channels))


def test_a_leg_that_was_not_recognised_is_named_with_the_line_that_adds_it() -> None:
    recording = labelled("Bein links", "Bein q")
    found = caution(analyse_night(recording, NIGHT.hypnogram, NIGHT.events), "one_leg")
    assert "'Bein q' may be the other one" in found.message
    assert found.concerns == ("legs",)
    line = found.advice.partition("map.toml: ")[2].partition(" and report")[0]
    mapped = with_roles(recording, parse_channel_map(line, "map.toml"))
    again = analyse_night(mapped, NIGHT.hypnogram, NIGHT.events)
    assert "one_leg" not in codes(again)
    both = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    assert again.indices["legs"]["plms_index"] == both.indices["legs"]["plms_index"]


@pytest.mark.parametrize(
    ("labels", "assumed"),
    [
        (("Tib g", "Tib d"), False),
        (("Tib", "Tib-1"), True),
        (("Gamba s", "Gamba d"), False),
        (("EMG Tib1", "EMG Tib2"), True),
        (("Leg 3", "Leg 4"), True),
    ],
)
def test_both_legs_are_scored_whatever_they_are_called(
    labels: tuple[str, str],
    assumed: bool,  # noqa: FBT001
) -> None:
    report = analyse_night(labelled(*labels), NIGHT.hypnogram, NIGHT.events)
    both = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    assert report.indices["legs"]["plms_index"] == both.indices["legs"]["plms_index"]
    assert "one_leg" not in codes(report)
    assert ("sides_assumed" in codes(report)) is assumed
    if assumed:
        found = caution(report, "sides_assumed")
        assert f"{labels[0]!r} left, {labels[1]!r} right" in found.message
        assert (found.severity, found.concerns) == ("info", ())


def test_one_leg_recorded_twice_is_suspected() -> None:
    recording = labelled("Tib", "Tib-1")
    second = recording.channel("Tib-1")
    twice = recording.with_channels(
        {"Tib": replace(recording.channel("Tib"), samples=second.samples)}
    )
    found = caution(analyse_night(twice, NIGHT.hypnogram, NIGHT.events), "same_leg_twice")
    assert "100 % of the leg movements are in both channels ('Tib', 'Tib-1')" in found.message
    line = found.advice.partition("map.toml: ")[2].partition(" and report")[0]
    assert parse_channel_map(line, "map.toml").channels[0].role == ""


def test_one_leg_alone_has_no_other_to_name() -> None:
    recording = labelled("LAT", "Chin")
    report = analyse_night(recording, NIGHT.hypnogram, NIGHT.events)
    assert "('LAT', left leg)." in caution(report, "one_leg").message
    assert "may be" not in caution(report, "one_leg").message


def test_no_leg_is_a_caution_with_its_reason() -> None:
    report = analyse_night(labelled("Chin", "Chin 2"), NIGHT.hypnogram, NIGHT.events)
    assert "one_leg" not in codes(report)
    assert "no leg EMG channel in the recording" in caution(report, "no_legs").message


def test_movements_scored_in_one_leg_only_are_a_caution() -> None:
    onsets = [900.0 * k for k in range(1, 21)]
    one = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 20, ["left_leg"] * 20)
    both = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 20, ["left_leg", "right_leg"] * 10)
    stages = Hypnogram.of(["N2"] * 960)
    assert "All 20 scored leg movements" in caution(score_night(one, stages), "one_leg").message
    assert codes(score_night(both, stages)) == []


def test_the_same_codes_and_sentences_are_in_the_json_and_are_read_back(tmp_path: Path) -> None:
    report = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    text = night_as_json(report)
    rows = json.loads(text)["cautions"]
    assert [row["code"] for row in rows] == codes(report) == ["short_recording", "short_sleep"]
    assert rows[0]["message"] == "The recording is short: 0.5 h."
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    assert read_report(tmp_path / "report.json").cautions == report.cautions


def test_a_report_of_an_earlier_psgkit_is_read_without_cautions(tmp_path: Path) -> None:
    document = json.loads(night_as_json(score_night(Events.none())))
    assert document.pop("cautions")
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    assert read_report(tmp_path / "report.json").cautions == ()


def test_cautions_stand_above_the_numbers_and_mark_those_they_concern() -> None:
    report = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    page = night_as_text(report, width=100)
    assert page.index("(!)  The recording is short") < page.index("PLMS index (!)")
    assert "Total sleep time  " in page
    assert caution_mark(report, "legs", "plms_index")
    assert not caution_mark(report, "sleep", "tst_min")
    assert not caution_mark(replace(report, cautions=()), "legs", "plms_index")


@pytest.mark.parametrize(
    ("severity", "code", "shown"),
    [
        ("warning", "emg.high_rest", True),
        ("warning", "a.new_one", True),
        ("warning", "posture.front_assumed", False),
        ("error", "posture.new", True),
        ("info", "emg.mains", False),
    ],
)
def test_warnings_become_cautions_and_notes_do_not(severity: str, code: str, shown: bool) -> None:  # noqa: FBT001
    finding = Finding(severity, code, "channel 'LAT'", "it is so")  # type: ignore[arg-type]
    report = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    report = with_cautions(replace(report, findings=(finding, finding)), CautionRule())
    assert (code in codes(report)) is shown
    if code == "emg.high_rest":
        assert caution(report, code).concerns == ("legs",)


def plain_night(
    onsets: list[float], stages: list[str], settings: Settings | None = None
) -> NightReport:
    """Return the report of movements of both legs, scored by hand."""
    sides = ["left_leg", "right_leg"] * (len(onsets) // 2 + 1)
    ends = [onset + 1 for onset in onsets]
    events = Events.of(onsets, ends, ["lm"] * len(onsets), sides[: len(onsets)])
    return score_night(events, Hypnogram.of(stages), settings)


def test_little_of_a_stage_marks_the_rates_of_that_stage_only() -> None:
    onsets = [600.0 * k for k in range(1, 47)]
    report = plain_night(onsets, ["W"] * 30 + ["N2"] * 900 + ["R"] * 30)
    found = caution(report, "short_stage")
    assert "15 min of wake, 15 min of R." in found.message
    assert found.severity == "info"
    assert found.touches("legs", "plmw_index")
    assert found.touches("legs", "plms_rem_index")
    assert not found.touches("legs", "plms_index")
    assert codes(plain_night(onsets, ["W"] * 100 + ["N2"] * 760 + ["R"] * 100)) == []


def test_all_movements_in_half_an_hour_are_a_caution() -> None:
    stages = ["W"] * 100 + ["N2"] * 760 + ["R"] * 100
    near = [7200.0 + 60 * k for k in range(30)]
    found = caution(plain_night(near, stages), "concentrated")
    assert "All 30 leg movements lie within half an hour, from 2 h 00 min" in found.message
    assert "concentrated" not in codes(plain_night([*near, 20_000.0], stages))
    soon = [60.0 * k for k in range(1, 31)]
    assert "concentrated" not in codes(plain_night(soon, ["N2"] * 240))


def test_an_implausible_rate_is_a_caution_for_that_rate() -> None:
    stages = ["N2"] * 480
    often = plain_night([10 + 20.0 * k for k in range(700)], stages)
    found = caution(often, "implausible")
    assert ", 175 per hour." in found.message
    assert found.touches("legs", "plms_index")
    assert not found.touches("legs", "isolated_lms_index")
    assert "implausible" not in codes(plain_night([10 + 30.0 * k for k in range(470)], stages))
    allowed = settings_from({"cautions": {"max_rate_per_h": 200.0}})
    again = plain_night([10 + 20.0 * k for k in range(700)], stages, allowed)
    assert "implausible" not in codes(again)


def changed(label: str, **fields: object) -> Recording:
    """Return the night with one channel changed."""
    channel = replace(NIGHT.recording.channel(label), **fields)  # type: ignore[arg-type]
    return NIGHT.recording.with_channels({label: channel})


@pytest.mark.parametrize(("lost_s", "cautioned"), [(60.0, False), (180.0, True)])
def test_a_signal_that_is_flat_for_more_than_a_twentieth_is_a_caution(
    lost_s: float,
    cautioned: bool,  # noqa: FBT001
) -> None:
    samples = np.array(NIGHT.recording.channel("LAT").samples[:])
    samples[: round(lost_s * 200)] = 0.0
    report = analyse_night(changed("LAT", samples=samples), NIGHT.hypnogram, NIGHT.events)
    (finding,) = [one for one in report.findings if one.code == "emg.flat"]
    assert (finding.severity == "warning") is cautioned
    assert ("emg.flat" in codes(report)) is cautioned


@pytest.mark.parametrize(("hum_uv", "cautioned"), [(4.0, False), (20.0, True)])
def test_hum_as_large_as_a_movement_is_a_caution(
    hum_uv: float,
    cautioned: bool,  # noqa: FBT001
) -> None:
    signal = np.array(NIGHT.recording.channel("LAT").samples[:], dtype=np.float64)
    hum = hum_uv * np.sqrt(2) * np.sin(2 * np.pi * 50 * np.arange(len(signal)) / 200 + 0.3)
    report = analyse_night(changed("LAT", samples=signal + hum), NIGHT.hypnogram, NIGHT.events)
    assert ("emg.mains" in codes(report)) is cautioned


@pytest.mark.parametrize(("step_uv", "cautioned"), [(0.5, False), (1.5, True)])
def test_coarse_steps_of_the_recorder_are_a_caution(
    step_uv: float,
    cautioned: bool,  # noqa: FBT001
) -> None:
    report = analyse_night(changed("LAT", resolution=step_uv), NIGHT.hypnogram, NIGHT.events)
    assert ("emg.coarse_step" in codes(report)) is cautioned
    if cautioned:
        assert "one step of the recorder is 1.5 uV" in caution(report, "emg.coarse_step").message
        assert caution(report, "emg.coarse_step").concerns == ("legs",)


def test_several_nights_show_their_cautions_above_the_numbers(tmp_path: Path) -> None:
    stages = ["W"] * 100 + ["N2"] * 760 + ["R"] * 100
    onsets = [600.0 * k for k in range(1, 47)]
    for number, night in enumerate((stages, stages[:400], stages[:420]), 1):
        report = plain_night(onsets, night)
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "report.json").write_text(night_as_json(report), encoding="utf-8")
    reports = [read_reported_night(tmp_path / name / "report.json") for name in "123"]
    course = follow_nights(reports)
    text = page_as_text(page_about_nights(course))
    said = "(!)  Nights 2, 3, the first of them: "
    assert said in text
    assert text.index(said) < text.index("Total sleep time")
    rows = nights_as_dict(course)["nights"]
    assert rows[0]["cautions"] == []
    assert "unscored" in rows[1]["cautions"]


def test_no_text_of_the_table_ends_with_a_stop_and_every_concern_is_a_group() -> None:
    groups = {group for subject in CATALOGUE for group in subject.groups}
    for kind in (*COMPUTED.values(), *OF_FINDINGS.values()):
        assert not kind.advice.endswith(".")
        assert {one.partition(".")[0] for one in kind.concerns} <= {*groups, OWN_GROUP}


def test_cautions_are_in_the_language_of_the_reader() -> None:
    report = analyse_night(NIGHT.recording, NIGHT.hypnogram, NIGHT.events)
    with in_language("de"):
        page = night_as_text(report, width=100)
    assert "Die Aufzeichnung ist kurz: 0,5 h." in page
    assert "Es gibt wenig Schlaf: " in page
