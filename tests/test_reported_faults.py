"""Faults that users of the command line and the library met, each with what must happen."""

from pathlib import Path

import numpy as np
import pytest

import psgkit
from psgkit.cli import main
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.errors import HypnogramError, PsgkitError, SettingsError
from psgkit.night.scored import score_night
from psgkit.sleep.alignment import find_lights

ROOT = Path(__file__).parents[1]


def test_two_nights_of_one_name_do_not_overwrite_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nights = [str(ROOT / "sample_data" / kind / "night.edf") for kind in ("rls", "healthy")]
    out = tmp_path / "out"
    monkeypatch.setattr("sys.argv", ["psgkit", "report", *nights, "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "rls/night.edf" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ["healthy-night", "rls-night"]


def test_a_table_of_movements_alone_has_no_arousal_index_of_zero() -> None:
    onsets = [100.0, 120.0, 140.0, 160.0]
    table = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 4, ["left_leg"] * 4)
    report = score_night(table, Hypnogram.of(["N2"] * 10))
    found = report.indices["disruption"]["arousal_index"]
    assert (found.value, found.reason) == (None, "no scored arousals were given")


def test_movements_far_from_the_hypnogram_are_of_another_night() -> None:
    table = Events.of([100.0], [101.0], ["lm"], ["left_leg"])
    with pytest.raises(HypnogramError, match="another night"):
        score_night(table, Hypnogram.of(["N2"] * 10, start_s=200_000.0))


def test_infinite_samples_are_missing_ones() -> None:
    samples = 2 * np.random.default_rng(0).standard_normal(120 * 200)
    samples[60 * 200 : 62 * 200] *= 20
    samples[20 * 200] = np.inf
    found = psgkit.detect_movements(samples, 200)
    assert found.onset_s == pytest.approx([60.0], abs=0.05)


@pytest.mark.parametrize("samples", [np.zeros(500, complex), np.array(["a"] * 500)])
def test_samples_that_are_no_real_numbers_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="samples must be real numbers"):
        psgkit.detect_movements(samples, 200)


def test_typed_lights_before_the_recording_are_refused() -> None:
    with pytest.raises(SettingsError, match="seconds from 0 to 3600"):
        find_lights(Events.none(), 3600.0, -5.0, None)


def test_lights_scored_after_the_end_say_where_the_end_comes_from() -> None:
    scored = Events.of([60.0, 7000.0], [60.0, 7000.0], ["lights_off", "lights_on"], ["", ""])
    found = find_lights(scored, 3600.0, None, None)
    assert (found.on_s, found.on_source) == (
        3600.0,
        "end of the recording; scored event lies after it",
    )


def test_a_table_without_movements_says_so() -> None:
    report = score_night(Events.of([10.0], [20.0], ["arousal"], [""]), Hypnogram.of(["N2"] * 4))
    assert "night.no_movements" in [finding.code for finding in report.findings]


def test_movements_are_not_joined_across_a_gap() -> None:
    legs = Movements.of([10.0, 12.2], [12.0, 14.0], "left_leg")
    gap = np.array([[12.0, 12.2]])
    assert len(psgkit.score_movements(legs)) == 1
    assert len(psgkit.score_movements(legs, unobserved=gap)) == 2
    sides = Movements.of([10.0, 12.2], [12.0, 14.0], ["left_leg", "right_leg"])
    assert len(psgkit.score_movements(sides, unobserved=gap)) == 2


def test_the_error_to_catch_is_public() -> None:
    assert psgkit.PsgkitError is PsgkitError
    with pytest.raises(psgkit.PsgkitError, match="no such file"):
        psgkit.read_recording("nowhere.edf")
    with pytest.raises(ValueError, match="channel map"):
        psgkit.read_recording(ROOT / "sample_data/rls/night.edf", channels=["LAT"])
