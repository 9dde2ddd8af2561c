"""Detection on simulated nights, whose truth is the same at any rate."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from rounds import first_of

from psgkit import compare_events
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.movements import Movements
from psgkit.detect.emg.detect import EmgDetection, detect_emg
from psgkit.scoring.score import score_movements
from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night

RATES_HZ = [100.0, 200.0, 256.0, 500.0, 512.0, 1000.0]
SEEDS = (1, 2)
LEGS = ("left_leg", "right_leg")
HARD = SimulationOptions(
    rest_uv_rms=3.0, rest_drift=0.6, mains_uv=4.0, ecg_leak_uv=30.0, heart_rate_per_min=85.0
)


@cache
def detected(
    kind: str, seed: int, options: SimulationOptions, hours: float = 1.0
) -> tuple[SimulatedNight, Movements]:
    night = simulate_night(kind, hours=hours, seed=seed, options=options)
    legs = [
        detect_emg(signal, EmgDetection()).movements
        for channel in night.recording.with_role("leg")
        for signal in night.recording.signals(channel)
    ]
    without_samples = replace(night.recording, channels=())
    return replace(night, recording=without_samples), Movements.joined(legs)


def pooled(kind: str, options: SimulationOptions) -> tuple[float, np.ndarray, np.ndarray]:
    """Return F1, onset and end errors of both legs over all seeds."""
    matched = both = 0
    onset_s, end_s = [], []
    for seed in SEEDS:
        night, found = detected(kind, seed, options)
        for leg in LEGS:
            agreement = compare_events(*(t.where(t.site == leg) for t in (night.truth, found)))
            matched += agreement.n_matched
            both += agreement.n_reference + agreement.n_candidate
            onset_s.append(agreement.onset_error_s)
            end_s.append(agreement.end_error_s)
    return 2 * matched / both, np.concatenate(onset_s), np.concatenate(end_s)


@pytest.mark.parametrize("kind", first_of(["rls", "healthy"]))
@pytest.mark.parametrize("rate_hz", first_of(RATES_HZ, 2))
def test_movements_are_found_at_every_rate(kind: str, rate_hz: float) -> None:
    f1, onset_error_s, end_error_s = pooled(kind, SimulationOptions(rate_hz=rate_hz))
    assert f1 >= 0.99
    assert np.median(np.abs(onset_error_s)) <= 0.05
    assert np.median(np.abs(end_error_s)) <= 0.05
    # a window that is not shifted back would be late or early by half its length, 0.05 s
    assert abs(np.median(onset_error_s)) <= 0.03
    # at 100 Hz, with 10-45 Hz left, the last potentials of the units are found later (0.0415 s)
    assert abs(np.median(end_error_s)) <= 0.045


def plm_in_sleep(night: SimulatedNight, movements: Movements) -> int:
    scored = score_movements(movements, night.hypnogram, night.events)
    return int(np.sum(scored.plm & np.isin(scored.stage, SLEEP_STAGES)))


@pytest.mark.parametrize("rate_hz", first_of(RATES_HZ, 2))
def test_the_plms_index_is_that_of_the_truth(rate_hz: float) -> None:
    for kind in ("rls", "healthy"):
        nights = [detected(kind, seed, SimulationOptions(rate_hz=rate_hz)) for seed in SEEDS]
        wanted = sum(plm_in_sleep(night, night.truth) for night, _ in nights)
        found = sum(plm_in_sleep(night, movements) for night, movements in nights)
        # the hours of sleep are the same, so the index differs as the counts do
        assert found == pytest.approx(wanted, rel=0.02)
    assert plm_in_sleep(*detected("rls", 1, SimulationOptions(rate_hz=rate_hz))) > 0


@pytest.mark.parametrize("rate_hz", first_of([200.0, 100.0, 512.0]))
def test_hum_heart_beats_and_a_restless_baseline_cost_little(rate_hz: float) -> None:
    f1, onset_error_s, _ = pooled("rls", replace(HARD, rate_hz=rate_hz))
    # beats lie below 25 Hz: at a low rate they are raised with what the band lost of muscle
    assert f1 >= (0.95 if rate_hz >= 200 else 0.9)
    assert np.median(np.abs(onset_error_s)) <= 0.05


def test_no_distractor_is_taken_for_a_movement() -> None:
    options = SimulationOptions(twitches_per_h=60.0, faint_bursts_per_h=60.0)
    night, found = detected("healthy", 4, options)
    overlaps = (found.onset_s[:, None] < night.distractors.end_s) & (
        found.end_s[:, None] > night.distractors.onset_s
    )
    same_leg = found.site[:, None] == night.distractors.site
    assert len(night.distractors) > 60
    assert np.sum(overlaps & same_leg) <= 1


def test_amplitudes_are_those_of_the_truth() -> None:
    night, found = detected("rls", 1, SimulationOptions(rate_hz=512.0))
    for leg in LEGS:
        truth, own = (t.where(t.site == leg) for t in (night.truth, found))
        agreement = compare_events(truth, own)
        wanted = truth.amplitude[agreement.reference_row]
        ratio = own.amplitude[agreement.candidate_row] / wanted
        assert np.median(ratio) == pytest.approx(1.0, abs=0.15)
