"""Heart-rate response to movements: known rises, ectopic beats, atrial fibrillation, no rise."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from night_store import analysed
from numpy.typing import NDArray

from psgkit import analyse_night, plot_heart_rate, read_report, simulate_night
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index_catalogue import names_of
from psgkit.core.movements import Movements
from psgkit.core.night_report import Lights
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.ecg import LazyEcgBeats
from psgkit.detect.emg.trunk import HeartRule
from psgkit.document.write import night_as_json
from psgkit.errors import InputFileError
from psgkit.indices.heart_rate import (
    GROUP,
    clean_rate,
    control_times,
    heart_rate_night,
    responses,
)
from psgkit.indices.movement import GroupNight
from psgkit.report.html.page import night_as_html
from psgkit.scoring.rules import WASM_2016
from psgkit.scoring.score import score_movements
from psgkit.simulate.signals.heart import add_waves
from psgkit.sleep.time_in_stages import NightTime

NIGHT_S = 7200.0
LIGHTS = Lights(off_s=0.0, on_s=NIGHT_S, off_source="", on_source="")
PLM_S = np.arange(100.0, 3000.0, 40.0)
ISOLATED_S = np.arange(3200.0, NIGHT_S - 100, 200.0)
Floats = NDArray[np.float64]


def legs(
    onset_s: Floats, arousals: Events | None = None, *, stages: bool = True, reason: str = ""
) -> GroupNight:
    hypnogram = Hypnogram.of(["N2"] * int(NIGHT_S / 30)) if stages else None
    movements = Movements.of(onset_s, onset_s + 2.0, "left_leg")
    return GroupNight(
        scored=score_movements(movements, hypnogram, arousals),
        time=NightTime(hypnogram=hypnogram, lights=LIGHTS, observed=np.array([[0.0, NIGHT_S]])),
        rules=WASM_2016,
        has_arousals=arousals is not None,
        reason=reason,
    )


def beats(rises: list[tuple[Floats, float, float]], jitter: float = 0.01) -> Floats:
    """Return beats at 60 a minute with rises (onsets, height a minute, delay of the peak)."""
    at_s = np.arange(0.0, NIGHT_S, 0.01)
    rate = np.full(len(at_s), 60.0)
    for onset_s, height, delay_s in rises:
        for onset in onset_s:
            # farther than eight standard deviations a rise adds nothing
            here = slice(max(0, round(100 * (onset + delay_s - 24))), round(100 * (onset + 40)))
            rate[here] += height * np.exp(-0.5 * ((at_s[here] - onset - delay_s) / 3.0) ** 2)
    count = np.cumsum(rate / 60.0) * 0.01
    found = np.interp(np.arange(1.0, count[-1]), count, at_s)
    return found + np.random.default_rng(0).normal(0.0, jitter, len(found))


BOTH = np.concatenate((PLM_S, ISOLATED_S))


def test_rises_after_movements_are_compared_with_times_without_one() -> None:
    few_s = np.arange(100.0, 1500.0, 40.0)
    quiet = heart_rate_night(beats([(few_s, 12.0, 4.0)]), legs(few_s))
    assert quiet.indices["heart_risen_share"].value == 1.0
    assert quiet.indices["heart_control_share"].value == pytest.approx(0.0, abs=0.01)
    assert quiet.curves["control_all"].n > 300
    # rises that have nothing to do with movements are as frequent without them
    anywhere_s = np.arange(50.0, NIGHT_S, 20.0)
    chance = heart_rate_night(beats([(anywhere_s, 12.0, 4.0)]), legs(few_s))
    assert float(chance.indices["heart_control_share"].value or 0.0) > 0.5


def test_control_times_lie_away_from_movements_and_breathing() -> None:
    group = legs(np.array([600.0, 640.0]))
    times_s = control_times(group, np.array([[1000.0, 1100.0]]))
    assert ((times_s < 570.0) | (times_s >= 672.0)).all()
    assert ((times_s < 970.0) | (times_s >= 1130.0)).all()
    assert len(times_s) > 400
    crowded = heart_rate_night(beats([]), legs(np.arange(20.0, NIGHT_S, 40.0)))
    assert "without a leg movement" in str(crowded.indices["heart_control_share"].reason)


def test_known_rises_are_found() -> None:
    found = heart_rate_night(beats([(PLM_S, 8.0, 4.0), (ISOLATED_S, 12.0, 6.0)]), legs(BOTH))
    values = {name: index.value for name, index in found.indices.items()}
    assert values["heart_plms_n"] == len(PLM_S)
    assert values["heart_plms_rise_bpm"] == pytest.approx(8.0, abs=0.5)
    assert values["heart_plms_peak_s"] == pytest.approx(4.0, abs=0.5)
    assert values["heart_isolated_n"] == len(ISOLATED_S)
    assert values["heart_isolated_rise_bpm"] == pytest.approx(12.0, abs=0.5)
    assert values["heart_isolated_peak_s"] == pytest.approx(6.0, abs=0.5)
    assert list(found.indices) == list(names_of(GROUP))


@pytest.mark.parametrize("rate_hz", [128.0, 256.0])
def test_known_rises_are_found_from_the_samples_of_an_ecg(rate_hz: float) -> None:
    """From the waves of a channel, beats found by the detector, not from given beats."""
    times_s = beats([(PLM_S, 8.0, 4.0), (ISOLATED_S, 12.0, 6.0)])
    noise = np.random.default_rng(2).normal(0.0, 30.0, round(NIGHT_S * rate_hz))
    samples = noise.astype(np.float32)
    add_waves(samples, rate_hz, times_s, ((0.0, 0.012, 1.0), (0.26, 0.045, 0.25)), 900.0)
    channel = Channel(label="ECG", role="ecg", rate_hz=rate_hz, unit="uV", samples=samples)
    recording = Recording(
        source="night.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=NIGHT_S),),
        channels=(channel,),
    )
    found = LazyEcgBeats(recording, HeartRule()).times_s()
    values = heart_rate_night(found, legs(BOTH)).indices
    assert values["heart_plms_n"].value == len(PLM_S)
    assert values["heart_plms_rise_bpm"].value == pytest.approx(8.0, abs=0.5)
    assert values["heart_plms_peak_s"].value == pytest.approx(4.0, abs=0.5)
    assert values["heart_isolated_rise_bpm"].value == pytest.approx(12.0, abs=0.5)
    assert values["heart_isolated_peak_s"].value == pytest.approx(6.0, abs=0.5)


def test_ectopic_and_missed_beats_change_nothing() -> None:
    times_s = beats([(PLM_S, 8.0, 4.0)])
    times_s[::17] -= 0.4  # early, with a pause after
    times_s = np.delete(times_s, np.arange(9, len(times_s), 53))
    found = heart_rate_night(times_s, legs(BOTH)).indices
    assert found["heart_plms_rise_bpm"].value == pytest.approx(8.0, abs=0.5)
    assert found["heart_plms_peak_s"].value == pytest.approx(4.0, abs=0.5)
    assert clean_rate(times_s).per_min.max() < 80.0


def test_atrial_fibrillation_is_refused() -> None:
    apart_s = np.random.default_rng(1).uniform(0.5, 1.1, int(NIGHT_S))
    found = heart_rate_night(np.cumsum(apart_s), legs(BOTH))
    assert not found.curves
    assert {index.value for index in found.indices.values()} == {None}
    assert "irregular" in str(found.indices["heart_plms_rise_bpm"].reason)


def test_movements_in_a_bout_of_fibrillation_are_left_out() -> None:
    regular = beats([(PLM_S, 8.0, 4.0)])
    apart_s = np.random.default_rng(1).uniform(0.5, 1.1, 700)
    bout_s = 1000.0 + np.cumsum(apart_s)
    kept = (regular < 1000.0) | (regular > bout_s[-1] + 0.5)
    found = heart_rate_night(np.sort(np.concatenate((regular[kept], bout_s))), legs(BOTH)).indices
    assert 40 <= (found["heart_plms_n"].value or 0) < len(PLM_S) - 8
    assert found["heart_plms_rise_bpm"].value == pytest.approx(8.0, abs=0.5)


def test_autonomic_arousals_stand_beside_cortical_ones() -> None:
    cortical, autonomic = PLM_S[::4], PLM_S[1::4]
    arousals = Events.of(
        cortical, cortical + 5.0, ["arousal"] * len(cortical), [Site.NONE] * len(cortical)
    )
    times_s = beats([(np.concatenate((cortical, autonomic)), 12.0, 4.0)])
    found = heart_rate_night(times_s, legs(BOTH, arousals))
    share = len(autonomic) / len(PLM_S)
    assert found.indices["heart_autonomic_share"].value == pytest.approx(share, abs=0.02)
    assert found.indices["heart_cortical_share"].value == len(cortical) / len(PLM_S)
    assert found.curves["plms_arousal"].n == len(cortical)
    unscored = heart_rate_night(times_s, legs(BOTH)).indices["heart_autonomic_share"]
    assert unscored.reason == "no arousals were scored"


@pytest.mark.parametrize(
    ("night", "words"),
    [
        (legs(PLM_S[:9]), "9 movements"),
        (legs(PLM_S, stages=False), "no "),
        (legs(PLM_S, reason="no leg channel"), "no leg channel"),
    ],
)
def test_what_is_missing_has_a_reason(night: GroupNight, words: str) -> None:
    found = heart_rate_night(beats([]), night).indices
    assert set(found) == set(names_of(GROUP))
    assert all(index.value is None and words in str(index.reason) for index in found.values())


def test_movements_without_known_beats_are_not_counted() -> None:
    times_s = beats([(PLM_S, 8.0, 4.0)])
    found = heart_rate_night(times_s[times_s > 1500.0], legs(BOTH)).indices
    assert found["heart_plms_n"].value == (PLM_S > 1511.0).sum()
    none = heart_rate_night(np.empty(0), legs(BOTH)).indices
    assert none["heart_plms_n"].reason == "no heart beats were found in the ECG"


@given(st.floats(0.35, 1.9), st.lists(st.floats(20.0, 170.0), max_size=20))
def test_a_constant_rate_does_not_respond(apart_s: float, onsets: list[float]) -> None:
    change = responses(clean_rate(np.arange(0.0, 200.0, apart_s)), np.array(onsets))
    assert change.shape == (len(onsets), 61)
    assert np.allclose(change, 0.0, atol=1e-6)


@pytest.mark.parametrize("n", range(8))
def test_few_beats_are_no_error(n: int) -> None:
    change = responses(clean_rate(np.arange(float(n))), np.array([3.0]))
    assert np.isnan(change).all()


def test_a_night_without_ecg_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    night = simulate_night("rls", hours=0.5, seed=1)
    plain = [channel for channel in night.recording.channels if channel.role != "ecg"]
    found = analyse_night(
        night.recording.__class__(
            source="night.edf",
            start=None,
            segments=night.recording.segments,
            channels=tuple(plain),
        ),
        night.hypnogram,
        night.events,
    )
    assert {index.reason for index in found.indices[GROUP].values()} == {"no ECG channel"}
    assert not found.heart_rate

    def never(_beats: LazyEcgBeats) -> Floats:
        raise AssertionError("beats were looked for")

    monkeypatch.setattr(LazyEcgBeats, "times_s", never)
    awake = analyse_night(night.recording)
    assert all(index.reason for index in awake.indices[GROUP].values())


def test_page_figure_and_document_show_the_curves(tmp_path: Path) -> None:
    report = replace(
        analysed("rls", hours=1.0),
        heart_rate=heart_rate_night(beats([(PLM_S, 8.0, 4.0)]), legs(BOTH)).curves,
    )
    page = night_as_html(report)
    assert "Change of heart rate around the onset" in page
    assert "Isolated LM in sleep" in page
    axes = plot_heart_rate(report)
    assert [line.get_ydata().max() for line in axes.get_lines()[:1]] == [
        report.heart_rate["plms_all"].median.max()
    ]
    with pytest.raises(ValueError, match="no part 'rest'"):
        plot_heart_rate(report, part="rest")
    file = tmp_path / "report.json"
    file.write_text(night_as_json(report), encoding="utf-8")
    again = read_report(file).heart_rate
    assert list(again) == list(report.heart_rate)
    assert again["plms_all"].median.tolist() == report.heart_rate["plms_all"].median.tolist()
    broken = json.loads(file.read_text(encoding="utf-8"))
    broken["heart_rate"]["plms_all"]["low"].pop()
    file.write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(InputFileError, match="61 values, as in at_s"):
        read_report(file)
