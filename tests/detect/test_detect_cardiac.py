"""Heart beats that leak into a leg channel neither make nor join movements."""

from dataclasses import replace

import numpy as np
import pytest
from emg_maker import DETECTION, detect, emg

from psgkit.core.intervals import no_intervals
from psgkit.detect.emg.heart_leak import CardiacBlipRule, are_beats, without_faint_blips
from psgkit.detect.emg.limb_movements import ActivityRuns, LimbMovementRule, find_limb_movements

SECONDS = 900.0
BURSTS = [(start, start + 2.0, 40.0) for start in np.arange(30.0, 880.0, 20.3)]


def with_heart(rate_hz: float, bpm: float, peak_uv: float, bursts: list = BURSTS) -> np.ndarray:
    """Return EMG with QRS complexes of some 50 ms, in sinus rhythm that varies by 3 %."""
    samples = emg(SECONDS, rate_hz, bursts).astype(np.float64)
    rng = np.random.default_rng(1)
    beats = np.cumsum(60 / bpm * (1 + 0.03 * rng.standard_normal(round(SECONDS * bpm / 60))))
    for beat in beats[(beats > 0.1) & (beats < SECONDS - 0.1)]:
        at = np.arange(round((beat - 0.08) * rate_hz), round((beat + 0.08) * rate_hz))
        samples[at] += peak_uv * np.exp(-0.5 * ((at / rate_hz - beat) / 0.012) ** 2)
    return samples.astype(np.float32)


@pytest.mark.parametrize("rate_hz", [200.0, 512.0])
@pytest.mark.parametrize("bpm", [60, 75, 90, 110])
@pytest.mark.parametrize("peak_uv", [10.0, 30.0, 80.0])
def test_beats_do_not_join_movements(rate_hz: float, bpm: float, peak_uv: float) -> None:
    found = detect(with_heart(rate_hz, bpm, peak_uv), rate_hz).movements
    assert len(found) == len(BURSTS)
    error_s = np.abs(found.intervals() - np.array(BURSTS)[:, :2])
    assert np.median(error_s, axis=0).max() <= 0.06
    # a beat within half a second of a movement may count as its end
    assert error_s.max() <= 0.5


def test_without_the_rule_fast_beats_join_movements() -> None:
    samples = with_heart(256.0, 110, 80.0)
    off = replace(DETECTION, cardiac=CardiacBlipRule(enabled=False))
    found = detect(samples, 256.0, off)
    assert found.cardiac_n == 0
    assert len(found.movements) < len(BURSTS)


@pytest.mark.parametrize("bpm", [60, 90, 110])
def test_beats_alone_are_no_movements_and_are_counted(bpm: float) -> None:
    found = detect(with_heart(256.0, bpm, 60.0, []), 256.0)
    assert len(found.movements) == 0
    assert found.cardiac_n == pytest.approx(SECONDS * bpm / 60, rel=0.05)


def test_periodic_limb_movements_are_no_heart_beats() -> None:
    found = detect(emg(SECONDS, 256.0, BURSTS), 256.0)
    assert found.cardiac_n == 0
    assert len(found.movements) == len(BURSTS)


def test_a_beat_that_hides_in_a_movement_does_not_break_the_rhythm() -> None:
    beats = np.delete(np.arange(60) * 0.8, [20, 21, 22])
    assert are_beats(beats, CardiacBlipRule()).all()


@pytest.mark.parametrize("interval_s", [0.2, 0.39, 1.6, 5.0])
def test_rhythms_no_heart_has_are_none(interval_s: float) -> None:
    assert not are_beats(np.arange(100) * interval_s, CardiacBlipRule()).any()


def test_irregular_or_few_blips_are_none() -> None:
    rule = CardiacBlipRule()
    irregular = np.cumsum(np.resize([0.5, 1.3, 0.8, 1.4], 60))
    assert not are_beats(irregular, rule).any()
    assert not are_beats(np.arange(rule.min_beats_per_window - 1) * 0.8, rule).any()
    assert are_beats(np.arange(20) * 0.8, rule).all()
    assert not are_beats(np.empty(0), rule).any()


def test_a_rhythm_does_not_reach_beyond_its_time() -> None:
    beats = np.arange(40) * 0.8
    far = np.array([600.0, 700.0])
    assert are_beats(np.concatenate((beats, far)), CardiacBlipRule()).tolist() == (
        [True] * 40 + [False] * 2
    )


@pytest.mark.parametrize(("reached", "found_n"), [([[100, 140]], 0), ([[100, 140], [160, 170]], 1)])
def test_a_faint_blip_does_not_make_a_movement_of_a_twitch(
    reached: list[list[int]], found_n: int
) -> None:
    rate_hz = 100.0
    runs = ActivityRuns(
        low=np.array([[0, 100], [140, 155], [170, 400]]),
        reached=np.array(reached),
        sustained=np.array([[0, 400]]),
        unusable=no_intervals(),
    )
    left = without_faint_blips(runs, rate_hz, CardiacBlipRule())
    found = find_limb_movements(left, 400, rate_hz, LimbMovementRule())
    assert len(found) == found_n
