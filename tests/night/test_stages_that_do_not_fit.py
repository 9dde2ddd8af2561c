"""Stages of half a night, of another night, off the clock, and lights that were mistyped."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from psgkit import analyse_night
from psgkit.core.caution import Caution
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Annotations, Recording, Segment
from psgkit.errors import SettingsError
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.settings import settings_from
from psgkit.simulate import SimulationOptions, simulate_night
from psgkit.simulate.files import write_night

HOUR = 120
"""Epochs."""
EIGHT_H = (["W"] * 40 + ["N2"] * 100 + ["N3"] * 60 + ["R"] * 40) * 4
"""Stages of eight hours."""
NOTHING = Annotations()


def marks(stages: list[str], start_s: float = 0.0) -> Annotations:
    return Annotations(
        onset_s=tuple(start_s + 30.0 * k for k in range(len(stages))),
        duration_s=(30.0,) * len(stages),
        text=tuple(f"Sleep stage {stage}" for stage in stages),
    )


def recorded(hours: float = 8.0, annotations: Annotations = NOTHING) -> Recording:
    """Return a recording without channels."""
    return Recording(
        source="night.edf",
        start=datetime(2024, 1, 1, 22, 30),
        segments=(Segment(start_s=0.0, duration_s=3600 * hours),),
        channels=(),
        annotations=annotations,
    )


def caution(report: NightReport, code: str) -> Caution:
    (found,) = [one for one in report.cautions if one.code == code]
    return found


def codes(report: NightReport) -> list[str]:
    return [one.code for one in report.cautions if one.code != "no_legs"]


def test_stages_of_the_whole_night_raise_no_caution() -> None:
    report = analyse_night(recorded(), Hypnogram.of(EIGHT_H))
    assert codes(report) == []
    assert report.indices["sleep"]["se_pct"].value == pytest.approx(100 * 200 / 240)


def test_stages_of_half_the_night_are_named_and_efficiency_is_not_given() -> None:
    report = analyse_night(recorded(), Hypnogram.of(EIGHT_H[: 4 * HOUR]))
    found = caution(report, "unscored")
    assert found.message == (
        "The stages end 4 h 00 min before lights on: 50 % of the time between lights off and on "
        "has no stage."
    )
    assert found.touches("legs", "plms_index")
    efficiency = report.indices["sleep"]["se_pct"]
    assert efficiency.value is None
    assert efficiency.reason == "50 % of the time has no stage: efficiency would count it as wake"
    assert report.indices["sleep"]["sme_pct"].value == pytest.approx(100 * 400 / 440)


def test_stages_that_begin_late_are_named() -> None:
    report = analyse_night(recorded(), Hypnogram.of(EIGHT_H[120:], start_s=3600.0))
    assert "begin 1 h 00 min after lights off: 12 %" in caution(report, "unscored").message
    assert report.indices["sleep"]["se_pct"].value is not None


@pytest.mark.parametrize(("unscored_n", "cautioned"), [(48, False), (49, True)])
def test_five_percent_unscored_is_the_limit(unscored_n: int, cautioned: bool) -> None:  # noqa: FBT001
    stages = EIGHT_H.copy()
    stages[400 : 400 + unscored_n] = ["UNSCORED"] * unscored_n
    report = analyse_night(recorded(), Hypnogram.of(stages))
    assert ("unscored" in codes(report)) is cautioned


def test_how_much_unscored_time_efficiency_allows_is_a_setting() -> None:
    settings = settings_from({"cautions": {"max_unscored_for_efficiency": 0.6}})
    report = analyse_night(recorded(), Hypnogram.of(EIGHT_H[: 4 * HOUR]), None, settings)
    assert report.indices["sleep"]["se_pct"].value == pytest.approx(100 * 400 / 960)
    assert "unscored" in codes(report)


def test_epochs_outside_the_recording_are_counted() -> None:
    report = analyse_night(recorded(), Hypnogram.of([*EIGHT_H, *["N2"] * 60], start_s=-150.0))
    found = caution(report, "stages.outside")
    assert "60 of 1020 scored epochs lie outside the recording of 480 min" in found.message


def test_annotations_of_the_recording_itself_are_never_of_another_night() -> None:
    cut = recorded(3.0, marks(EIGHT_H))
    report = analyse_night(cut)
    assert "600 of 960 scored epochs" in caution(report, "stages.outside").message
    assert report.indices["sleep"]["tib_min"].value == 180.0


def test_given_stages_are_compared_with_annotated_ones() -> None:
    annotated = recorded(annotations=marks(EIGHT_H))
    other = np.random.default_rng(1).permutation(EIGHT_H)
    found = caution(analyse_night(annotated, Hypnogram.of(other)), "stages.annotated")
    assert "they may be of another night" in found.message
    assert "(960 epochs)" in found.message
    moved = Hypnogram.of([*["W"] * 20, *EIGHT_H[:-20]])
    late = caution(analyse_night(annotated, moved), "stages.annotated")
    assert "well when they are moved by -10 min" in late.message
    nearly = ["N1" if k % 10 == 0 else stage for k, stage in enumerate(EIGHT_H)]
    report = analyse_night(annotated, Hypnogram.of(nearly))
    (note,) = [one for one in report.findings if one.code == "stages.annotated"]
    assert note.severity == "info"
    assert "stages.annotated" not in codes(report)
    assert "stages.annotated" not in {
        one.code for one in analyse_night(annotated, Hypnogram.of(EIGHT_H)).findings
    }


def test_sleep_outside_the_lights_is_a_caution() -> None:
    lights = Events.of(
        [3600.0, 7 * 3600.0], [3600.0, 7 * 3600.0], ["lights_off", "lights_on"], ["", ""]
    )
    report = analyse_night(recorded(), Hypnogram.of(EIGHT_H), lights)
    found = caution(report, "sleep_outside_lights")
    assert found.message.startswith("40 min of sleep are scored before lights off and 60 min after")


def test_arousals_in_wake_show_that_the_stages_are_of_another_night() -> None:
    onsets = np.arange(30.0, 8 * 3600.0, 240.0)
    anywhere = Events.of(onsets, onsets + 5, ["arousal"] * len(onsets), [""] * len(onsets))
    stages = Hypnogram.of(EIGHT_H)
    asleep = onsets[np.isin(stages.stage_at(onsets), ("N2", "N3", "R"))]
    scored = Events.of(asleep, asleep + 5, ["arousal"] * len(asleep), [""] * len(asleep))
    assert "events_in_wake" in codes(analyse_night(recorded(), stages, anywhere))
    assert "events_in_wake" not in codes(analyse_night(recorded(), stages, scored))


def test_scored_lights_after_the_end_are_a_caution_and_a_rounded_time_is_not() -> None:
    for late_s, cautioned in ((30.0, False), (900.0, True)):
        at = 8 * 3600.0 + late_s
        lights = Events.of([60.0, at], [60.0, at], ["lights_off", "lights_on"], ["", ""])
        report = analyse_night(recorded(), Hypnogram.of(EIGHT_H), lights)
        assert ("night.lights_outside" in codes(report)) is cautioned
        assert report.lights.on_s == 8 * 3600.0


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording from 22:30 to 23:00."""
    options = SimulationOptions(rate_hz=200.0, ecg_rate_hz=None)
    folder = tmp_path_factory.mktemp("night")
    write_night(simulate_night("rls", hours=0.5, seed=3, options=options), folder)
    return folder / "night.edf"


@pytest.mark.parametrize(
    ("off", "on", "named"),
    [
        (None, "22:00", "--lights-on 23:00 for the end of the recording"),
        (None, "06:30", "--lights-on 23:00 for the end of the recording"),
        (None, "9000", "--lights-on 23:00 for the end of the recording"),
        ("22:00", None, "--lights-off 22:30 for its start"),
        ("-600", None, "--lights-off 22:30 for its start"),
    ],
)
def test_lights_outside_the_recording_are_an_error_that_says_what_to_write(
    night: Path, off: str | None, on: str | None, named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        report_of_files(night, NightFiles(), NightChoice(lights=(off, on)))
    assert named in str(caught.value)
    assert "2001-01-01 22:30:00 to 23:00:00" in caught.value.wanted
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("off", "on", "window"),
    [
        ("22:35", "22:55", (300.0, 1500.0)),
        ("22:29:30", None, (0.0, 1800.0)),
        (None, "23:00:40", (0.0, 1800.0)),
    ],
)
def test_lights_inside_and_rounded_ones_are_taken(
    night: Path, off: str | None, on: str | None, window: tuple[float, float]
) -> None:
    found = report_of_files(night, NightFiles(), NightChoice(lights=(off, on))).lights
    if off is None:  # the recording has scored lights
        assert found.on_s == window[1]
    else:
        assert found.off_s == window[0]


def test_lights_of_the_settings_are_checked_alike() -> None:
    settings = replace(settings_from({}), lights_on_s=40_000.0)
    with pytest.raises(SettingsError, match=r"lights on.*--lights-on 06:30"):
        analyse_night(recorded(), Hypnogram.of(EIGHT_H), None, settings)
