"""Rhythmic trains are found, and no movement is formed from their bursts."""

from dataclasses import replace

import numpy as np
import pytest
from rhythm_maker import Emg, found_in, matched, spans
from rounds import first_of

from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.emg.trains.rule import EmgRhythmRule

RULE = EmgRhythmRule()
OFF = EmgDetection(rhythm=EmgRhythmRule(enabled=False))
RATES_HZ = [200.0, 256.0, 512.0, 1000.0]


def many_trains(rate_hz: float, seed: int, seconds: float = 1800.0) -> Emg:
    """Return trains of any kind, half a minute apart."""
    emg = Emg(seconds, rate_hz, seed, rest_uv=float(np.random.default_rng(seed).uniform(2, 5)))
    end_s = 0.0
    while end_s < seconds - 150:
        pace_hz = float(np.exp(emg.rng.uniform(np.log(0.35), np.log(3.9))))
        # longer than a movement with several bursts
        n = int(emg.rng.integers(max(6, np.ceil(3.5 * pace_hz)), 40))
        width_s = float(np.clip(emg.rng.uniform(0.25, 0.6) / pace_hz, 0.08, 1.0))
        level_uv = float(np.exp(emg.rng.uniform(np.log(15), np.log(120))))
        onset_s = end_s + emg.rng.uniform(20, 40)
        jitter = emg.rng.uniform(0.03, 0.1)
        end_s = emg.train(onset_s, pace_hz, n, width_s=width_s, level_uv=level_uv, jitter=jitter)
    return emg


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_trains_of_any_kind_are_found_and_are_no_movements(rate_hz: float) -> None:
    nights = [many_trains(rate_hz, seed) for seed in (1, 2)]
    results = [night.detected() for night in nights]
    wanted = sum(len(night.trains) for night in nights)
    hits = sum(matched(result, night) for result, night in zip(results, nights, strict=True))
    assert wanted > 60
    assert hits >= 0.93 * wanted
    assert sum(len(result.trains) for result in results) <= 1.02 * wanted
    assert sum(len(result.movements) for result in results) <= 0.03 * wanted


@pytest.mark.parametrize("frequency_hz", [0.35, 0.6, 1.0, 1.7, 2.5, 3.5, 4.0])
def test_a_train_is_found_whole_with_its_frequency(frequency_hz: float) -> None:
    emg = Emg(180.0)
    emg.train(60.0, frequency_hz, 16)
    result = emg.detected()
    assert matched(result, emg) == len(result.trains) == 1
    assert len(result.trains[0].bursts) == 16
    assert result.trains[0].regularity > 0.85
    assert len(result.movements) == 0


@pytest.mark.parametrize(("frequency_hz", "n"), [(1.0, 30), (0.35, 12), (3.0, 40)])
def test_without_the_rule_trains_are_one_long_movement_or_many_short_ones(
    frequency_hz: float, n: int
) -> None:
    emg = Emg(200.0)
    width_s = 0.6 / frequency_hz if frequency_hz > 0.5 else 0.8
    emg.train(60.0, frequency_hz, n, width_s=width_s)
    assert len(emg.detected(OFF).movements) >= 1
    assert emg.detected(OFF).trains == ()
    assert len(emg.detected().movements) == 0


@pytest.mark.parametrize("n", [2, 3])
def test_fewer_than_four_bursts_are_no_train(n: int) -> None:
    emg = Emg(120.0)
    emg.train(60.0, 1.0, n, jitter=0.0)
    assert emg.detected().trains == ()


@pytest.mark.parametrize(("frequency_hz", "n"), [(2.5, 4), (2.5, 7), (3.5, 4), (3.5, 9)])
def test_bursts_without_a_pause_are_one_movement_until_they_last_too_long(
    frequency_hz: float, n: int
) -> None:
    emg = Emg(120.0)
    onset_s, end_s = 60.0, emg.train(60.0, frequency_hz, n, jitter=0.02)
    result = emg.detected()
    assert result.trains == ()
    assert result.movements.intervals() == pytest.approx(np.array([[onset_s, end_s]]), abs=0.1)
    longer = Emg(120.0)
    longer.train(60.0, frequency_hz, round(4 * frequency_hz), jitter=0.02)
    assert len(longer.detected().trains) == 1
    assert len(longer.detected().movements) == 0


def test_four_bursts_are_a_train() -> None:
    emg = Emg(120.0)
    emg.train(60.0, 1.0, 4, jitter=0.02)
    assert matched(emg.detected(), emg) == 1


@pytest.mark.parametrize("frequency_hz", [0.22, 5.0])
def test_other_frequencies_are_no_trains(frequency_hz: float) -> None:
    emg = Emg(240.0)
    emg.train(60.0, frequency_hz, 16, width_s=0.08 if frequency_hz > 1 else 0.8, jitter=0.02)
    assert emg.detected().trains == ()


@pytest.mark.parametrize("frequency_hz", [0.6, 1.2, 3.0])
@pytest.mark.parametrize("gap_s", [0.6, 2.0])
def test_movements_beside_a_train_keep_their_edges(frequency_hz: float, gap_s: float) -> None:
    alone, both = Emg(200.0), Emg(200.0)
    end_s = both.train(80.0, frequency_hz, 20)
    for emg in (alone, both):
        emg.burst(80.0 - gap_s - 3.0, 3.0, 60.0)
        emg.burst(end_s + gap_s, 4.0, 60.0)
        emg.burst(150.0, 1.0, 60.0)
    found, wanted = both.detected(), alone.detected()
    assert len(wanted.movements) == 3
    assert found.movements.intervals().tolist() == wanted.movements.intervals().tolist()
    assert matched(found, both) == 1


def plm(emg: Emg) -> None:
    for onset_s in np.cumsum(emg.rng.uniform(10, 40, 100)).tolist():
        if onset_s < emg.seconds - 20:
            emg.burst(onset_s, emg.rng.uniform(0.5, 6.0), emg.rng.uniform(12, 120))


def short_intervals(emg: Emg) -> None:
    for onset_s in np.cumsum(emg.rng.uniform(2, 8, 800)).tolist():
        if onset_s < emg.seconds - 20 and onset_s % 90 < 50:
            emg.burst(onset_s, emg.rng.uniform(0.5, 1.8), emg.rng.uniform(12, 120))


def twitches(emg: Emg) -> None:
    for onset_s in emg.rng.uniform(5, emg.seconds - 5, round(emg.seconds / 300)).tolist():
        emg.burst(onset_s, emg.rng.uniform(0.05, 0.2), emg.rng.uniform(20, 120))


def long_movements(emg: Emg) -> None:
    for onset_s in np.arange(10.0, emg.seconds - 60, 45.0).tolist():
        emg.burst(onset_s, emg.rng.uniform(10, 30), emg.rng.uniform(12, 120))


def restless(emg: Emg) -> None:
    at_s = 10.0
    while at_s < emg.seconds - 20:
        width_s = float(np.exp(emg.rng.uniform(np.log(0.1), np.log(2.0))))
        emg.burst(at_s, width_s, float(np.exp(emg.rng.uniform(np.log(12), np.log(120)))))
        pause_s = float(np.exp(emg.rng.uniform(np.log(0.05), np.log(2.0))))
        at_s += width_s + (pause_s if at_s % 120 < 50 else 60.0)


@pytest.mark.parametrize("fill", [plm, short_intervals, twitches, long_movements, restless])
@pytest.mark.parametrize("seed", first_of([1, 2]))
@pytest.mark.parametrize("rate_hz", first_of([200.0, 512.0]))
def test_nothing_else_is_a_train_and_movements_stay_as_they_were(
    fill: object, seed: int, rate_hz: float
) -> None:
    assert callable(fill)
    emg = Emg(1800.0, rate_hz, seed, rest_uv=2.0 + seed)
    fill(emg)
    found, without = emg.detected(), emg.detected(OFF)
    assert found.trains == ()
    assert found.movements.intervals().tolist() == without.movements.intervals().tolist()
    assert found.cardiac_n == without.cardiac_n


@pytest.mark.parametrize("per_min", [45, 60, 75, 100, 130])
@pytest.mark.parametrize("peak_uv", [10.0, 30.0, 80.0])
def test_heart_beats_are_never_a_train(per_min: int, peak_uv: float) -> None:
    emg = Emg(1200.0, seed=per_min)
    plm(emg)
    emg.heart(peak_uv, per_min)
    assert emg.detected().trains == ()


@pytest.mark.parametrize("frequency_hz", [0.8, 1.3, 2.0])
def test_a_train_at_the_pace_of_a_heart_is_no_heart(frequency_hz: float) -> None:
    emg = Emg(400.0)
    emg.train(100.0, frequency_hz, 50, width_s=0.25 / frequency_hz)
    result = emg.detected()
    assert matched(result, emg) == 1
    assert result.cardiac_n == 0


def test_a_train_of_brief_bursts_ends_and_a_heart_does_not() -> None:
    emg = Emg(600.0)
    emg.train(200.0, 1.8, 40, width_s=0.1)
    assert matched(emg.detected(), emg) == 1
    always = Emg(600.0)
    always.train(5.0, 1.8, 1060, width_s=0.1, jitter=0.02)
    assert always.detected().trains == ()


@pytest.mark.parametrize("frequency_hz", [0.5, 0.9, 1.5])
@pytest.mark.parametrize("peak_uv", [20.0, 40.0])
def test_a_train_is_found_although_a_heart_leaks(frequency_hz: float, peak_uv: float) -> None:
    emg = Emg(900.0)
    for onset_s in (100.0, 350.0, 600.0):
        emg.train(onset_s, frequency_hz, 20, level_uv=60.0)
    emg.heart(peak_uv, 68.0)
    emg.hum(8.0)
    found = spans(emg.detected())
    wanted = np.array(emg.trains)
    assert len(found) == 3
    assert found[:, 2] == pytest.approx(wanted[:, 2], abs=0.1)
    assert np.abs(found[:, :2] - wanted[:, :2]).max() <= 1.0 / frequency_hz


def test_a_train_across_the_border_of_stretches_is_found_once_and_whole() -> None:
    for onset_s in (985.0, 997.5, 999.9):
        emg = Emg(1100.0)
        emg.train(onset_s, 1.5, 30)
        result = emg.detected()
        assert matched(result, emg) == len(result.trains) == 1
        assert len(result.trains[0].bursts) == 30
        assert len(result.movements) == 0


def test_a_shift_by_whole_seconds_shifts_trains() -> None:
    emg = Emg(400.0)
    emg.train(150.0, 1.5, 20)
    emg.train(220.0, 3.3, 20)
    samples = emg.samples()
    one = spans(found_in(samples, 256.0))
    other = spans(found_in(samples[256 * 17 :], 256.0))
    assert len(one) == 2
    assert other[:, :2] + 17.0 == pytest.approx(one[:, :2], abs=1e-6)
    assert other[:, 2] == pytest.approx(one[:, 2], abs=1e-3)


def test_polarity_does_not_matter() -> None:
    emg = many_trains(256.0, 3, 600.0)
    one, other = spans(emg.detected()), spans(found_in(-emg.samples(), 256.0))
    assert len(one) > 3
    assert other == pytest.approx(one, abs=1e-6)


@pytest.mark.parametrize("factor", [0.1, 20.0])
def test_gain_does_not_matter_when_levels_have_it_too(factor: float) -> None:
    emg = Emg(400.0)
    emg.train(150.0, 1.5, 20)
    emg.train(220.0, 3.3, 20)
    samples = emg.samples()
    base = EmgDetection()
    rule = replace(
        base.rule,
        onset_above_rest_uv=factor * base.rule.onset_above_rest_uv,
        offset_above_rest_uv=factor * base.rule.offset_above_rest_uv,
        morphology_above_rest_uv=factor * base.rule.morphology_above_rest_uv,
    )
    rest = replace(base.conditioning.rest, within_uv=factor * base.conditioning.rest.within_uv)
    rhythm = replace(
        RULE,
        burst_above_rest_uv=factor * RULE.burst_above_rest_uv,
        train_above_rest_uv=factor * RULE.train_above_rest_uv,
    )
    scaled = EmgDetection(
        rule=rule, conditioning=replace(base.conditioning, rest=rest), rhythm=rhythm
    )
    one = spans(found_in(samples, 256.0))
    other = spans(found_in(samples * np.float32(factor), 256.0, scaled))
    assert len(one) == 2
    assert other == pytest.approx(one, abs=0.021)


def test_the_rate_hardly_matters() -> None:
    found = []
    for rate_hz in RATES_HZ:
        emg = Emg(400.0, rate_hz)
        emg.train(150.0, 1.5, 20)
        emg.train(220.0, 3.0, 20)
        result = emg.detected()
        assert matched(result, emg) == len(result.trains) == 2
        found.append(spans(result))
    assert np.ptp(np.array(found), axis=0)[:, :2].max() <= 0.1


def test_no_train_reaches_across_what_is_unusable() -> None:
    emg = Emg(300.0)
    emg.train(100.0, 1.0, 40)
    samples = emg.samples()
    samples[round(118.0 * 256) : round(121.0 * 256)] = np.nan
    found = spans(found_in(samples, 256.0))
    assert len(found) == 2
    assert found[0, 1] <= 118.0
    assert found[1, 0] >= 121.0


def test_a_train_at_either_end_of_the_record_is_found() -> None:
    emg = Emg(120.0)
    emg.train(0.0, 1.0, 12)
    emg.train(108.0, 1.0, 12, jitter=0.0)
    assert len(emg.detected().trains) == 2


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3.0])
def test_short_records_have_no_trains(seconds: float) -> None:
    assert Emg(seconds).detected().trains == ()


@pytest.mark.parametrize(
    "wrong", [{"min_bursts": 2}, {"long_bursts": 4}, {"joins": ()}, {"burst_share_of_peak": 1.0}]
)
def test_impossible_rules_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="got"):
        replace(RULE, **wrong)
