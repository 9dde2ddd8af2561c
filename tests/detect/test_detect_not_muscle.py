"""Sway of a cable and hum of an open electrode are no movements; what lies on them is."""

from pathlib import Path

import numpy as np
import pytest
from emg_maker import DETECTION, bursts_until, detect, emg, moved_by

from psgkit import analyse_night
from psgkit.conditioning.emg.not_muscle import NotMuscleRule
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.document.read import read_report
from psgkit.document.write import night_as_dict, night_as_json
from psgkit.report.night.sensors import rejected_section

SECONDS = 600.0
RATES_HZ = [128.0, 200.0, 256.0, 1000.0]


def sway(rate_hz: float, spans_s: list[tuple[float, float]], frequency_hz: float) -> np.ndarray:
    """Return what a cable adds that sways at a frequency, with its harmonics."""
    at = np.arange(round(SECONDS * rate_hz)) / rate_hz
    phase = 2 * np.pi * frequency_hz * at
    wave = sum(share * np.sin(k * phase + k) for k, share in ((1, 1.0), (2, 0.15), (3, 0.06)))
    inside = np.zeros(len(at))
    for start_s, end_s in spans_s:
        rise = np.minimum(at - start_s, end_s - at) / 2
        inside = np.maximum(inside, np.clip(rise, 0, 1))
    return 300.0 * inside * wave


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("frequency_hz", [3.7, 4.5])
def test_a_cable_that_sways_makes_no_movement(rate_hz: float, frequency_hz: float) -> None:
    spans = [(100.0, 140.0), (300.0, 330.0)]
    found = detect(emg(SECONDS, rate_hz) + sway(rate_hz, spans, frequency_hz), rate_hz)
    assert len(found.movements) == 0
    assert set(found.rejected.reason) == {"sway"}
    for start_s, end_s in zip(found.rejected.onset_s, found.rejected.end_s, strict=True):
        assert any(start_s > s - 1 and end_s < e + 1 for s, e in spans)
    for start_s, end_s in spans:
        middle = (start_s + end_s) / 2
        assert ((found.rejected.onset_s < middle) & (found.rejected.end_s > middle)).any()


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_movements_keep_their_place_while_a_cable_sways(rate_hz: float) -> None:
    bursts = bursts_until(SECONDS)
    quiet = emg(SECONDS, rate_hz, bursts)
    swaying = quiet + sway(rate_hz, [(60.0, 200.0), (250.0, 550.0)], 3.3)
    found = detect(swaying, rate_hz).movements
    assert len(found) == len(bursts)
    error_s = np.abs(found.intervals() - np.array(bursts)[:, :2])
    assert np.median(error_s) <= 0.1
    assert error_s.max() <= 1.0


@pytest.mark.parametrize("frequency_hz", [50.0, 60.0])
@pytest.mark.parametrize("amplitude_uv", [80.0, 400.0])
def test_an_electrode_that_is_off_makes_no_movement(
    frequency_hz: float, amplitude_uv: float
) -> None:
    rate_hz = 256.0
    samples = emg(SECONDS, rate_hz, bursts_until(SECONDS))
    off = slice(round(42.0 * rate_hz), round(53.0 * rate_hz))
    at = np.arange(off.stop - off.start) / rate_hz
    clean = detect(samples, rate_hz).movements
    samples[off] = amplitude_uv * np.sin(2 * np.pi * frequency_hz * at)
    found = detect(samples, rate_hz)
    assert set(found.rejected.reason) == {"hum"}
    assert found.movements.onset_s == pytest.approx(clean.onset_s, abs=0.05)


def test_nothing_is_rejected_in_a_clean_night() -> None:
    clean = emg(SECONDS, 256.0, bursts_until(SECONDS))
    found = detect(clean, 256.0)
    assert len(found.rejected) == 0


@pytest.mark.parametrize("stretch_s", [70.0, 130.0])
def test_stretches_give_together_what_the_whole_gives(
    stretch_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = emg(SECONDS, 256.0, bursts_until(SECONDS))
    samples += sway(256.0, [(60.0, 200.0), (250.0, 300.0)], 3.3).astype(np.float32)
    whole = detect(samples, 256.0)
    monkeypatch.setattr("psgkit.detect.emg.detect._STRETCH_SAMPLES", 1)
    monkeypatch.setattr("psgkit.detect.emg.detect._MIN_STRETCH_S", stretch_s)
    parts = detect(samples, 256.0)
    assert moved_by(whole.movements, parts.movements, 256.0).max() <= 0.05 * 256.0
    assert whole.rejected.onset_s == pytest.approx(parts.rejected.onset_s, abs=0.2)


@pytest.mark.parametrize("wrong", [{"least_share": 1.0}, {"from_hz": 0.0}, {"most_hum": 0.0}])
def test_impossible_rules_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be positive|must be a finite number above 0"):
        NotMuscleRule(**wrong)


def test_the_rule_is_part_of_the_settings_of_detection() -> None:
    assert DETECTION.conditioning.not_muscle == NotMuscleRule()


def test_a_report_lists_and_counts_what_was_rejected(tmp_path: Path) -> None:
    samples = emg(SECONDS, 256.0) + sway(256.0, [(100.0, 140.0)], 4.5)
    channel = Channel(
        label="LAT", role="leg", site=Site("left_leg"), unit="uV", rate_hz=256.0, samples=samples
    )
    segment = Segment(start_s=0.0, duration_s=SECONDS)
    report = analyse_night(
        Recording(source="", start=None, segments=(segment,), channels=(channel,))
    )
    rows = night_as_dict(report)["rejected"]
    assert rows
    assert {(row["reason"], row["channel"], row["site"]) for row in rows} == {
        ("sway", "LAT", "left_leg")
    }
    (found,) = [one for one in report.findings if one.code == "emg.not_muscle"]
    assert found.message.startswith(f"{len(rows)} candidates for movements (")
    section = rejected_section(report)
    assert section is not None
    assert section.parts[0].rows[0][2] == str(len(rows))
    (tmp_path / "night.json").write_text(night_as_json(report), encoding="utf-8")
    again = read_report(tmp_path / "night.json")
    assert again.rejected.onset_s == pytest.approx(report.rejected.onset_s)


def test_white_noise_of_an_open_input_makes_no_movement() -> None:
    rate_hz = 256.0
    samples = emg(SECONDS, rate_hz, bursts_until(SECONDS))
    off = slice(round(300.0 * rate_hz), round(345.0 * rate_hz))
    clean = detect(samples, rate_hz).movements
    samples[off] = np.random.default_rng(5).normal(0, 40.0, off.stop - off.start)
    found = detect(samples, rate_hz)
    assert set(found.rejected.reason) == {"noise"}
    # apart from movements that noise covers
    left, there = (
        one.onset_s[(one.onset_s < 280.0) | (one.onset_s > 346.0)]
        for one in (found.movements, clean)
    )
    assert left == pytest.approx(there, abs=0.05)
    during = (found.movements.onset_s > 302.0) & (found.movements.onset_s < 344.0)
    assert not during.any()
