"""EMG to movements: what must not change them, and what is none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from emg_maker import DETECTION, bursts_until, detect, emg, moved_by, scaled
from rounds import first_of

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.signal import Signal
from psgkit.core.site import Site
from psgkit.detect.emg.detect import EmgDetection, detect_emg, detect_movements
from psgkit.detect.emg.grid import Grid
from psgkit.errors import UnitError
from psgkit.io.edf.read import read_edf
from psgkit.io.edf.write import write_edf

RATES_HZ = [200.0, 256.0, 500.0, 1000.0]
SECONDS = 600.0
ONE_SAMPLE = 1.001
MEAN_OF_NOISE = 0.75
"""Mean rectified amplitude in the band of noise of deviation 1 at 200 Hz, about."""


def night(rate_hz: float) -> np.ndarray:
    return emg(SECONDS, rate_hz, bursts_until(SECONDS))


def grid_of(rate_hz: float) -> Grid:
    return Grid.of(rate_hz, DETECTION.rule, DETECTION.conditioning.band)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_burst_is_found_where_it_is(rate_hz: float) -> None:
    bursts = np.array(bursts_until(SECONDS))
    found = detect(night(rate_hz), rate_hz).movements
    assert len(found) == len(bursts)
    error_s = np.abs(found.intervals() - bursts[:, :2])
    assert np.median(error_s, axis=0).max() <= 0.03
    assert error_s[:, 0].max() <= 0.05
    assert error_s[:, 1].max() <= 0.12
    assert (found.amplitude > DETECTION.rule.onset_above_rest_uv / 2).all()
    at_sample = found.onset_s * rate_hz
    assert at_sample == pytest.approx(np.round(at_sample), abs=1e-6)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("stretch_s", [70.0, 130.0, 250.0])
def test_stretches_give_together_what_the_whole_gives(
    rate_hz: float, stretch_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = night(rate_hz)
    samples[round(100.0 * rate_hz) : round(140.3 * rate_hz)] = 0.0
    samples[round(399.0 * rate_hz) : round(399.6 * rate_hz)] = np.nan
    whole = detect(samples, rate_hz)
    monkeypatch.setattr("psgkit.detect.emg.detect._STRETCH_SAMPLES", 1)
    monkeypatch.setattr("psgkit.detect.emg.detect._MIN_STRETCH_S", stretch_s)
    parts = detect(samples, rate_hz)
    assert moved_by(whole.movements, parts.movements, rate_hz).max() <= ONE_SAMPLE
    np.testing.assert_allclose(parts.rest_uv, whole.rest_uv, rtol=1e-3)
    np.testing.assert_allclose(parts.movements.amplitude, whole.movements.amplitude, rtol=1e-3)
    assert parts.unusable == pytest.approx(whole.unusable)
    assert parts.share == pytest.approx(whole.share)
    assert parts.cardiac_n == whole.cardiac_n


@pytest.mark.parametrize("rate_hz", [200.0, 512.0])
def test_stretches_give_what_the_whole_gives_under_mains_hum(
    rate_hz: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = night(rate_hz)
    at = np.arange(len(samples)) / rate_hz
    samples += (6 * np.sin(2 * np.pi * 50.02 * at)).astype(np.float32)
    whole = detect(samples, rate_hz)
    assert whole.mains is not None
    monkeypatch.setattr("psgkit.detect.emg.detect._STRETCH_SAMPLES", 1)
    monkeypatch.setattr("psgkit.detect.emg.detect._MIN_STRETCH_S", 130.0)
    parts = detect(samples, rate_hz)
    moved = moved_by(whole.movements, parts.movements, rate_hz)
    assert np.median(moved) <= ONE_SAMPLE
    assert moved.max() <= 0.05 * rate_hz


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_polarity_does_not_matter(rate_hz: float) -> None:
    samples = night(rate_hz)
    one, other = detect(samples, rate_hz).movements, detect(-samples, rate_hz).movements
    assert moved_by(one, other, rate_hz).max() <= ONE_SAMPLE


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("factor", [0.25, 3.7])
def test_gain_does_not_matter_when_thresholds_have_it_too(rate_hz: float, factor: float) -> None:
    samples = night(rate_hz)
    one = detect(samples, rate_hz).movements
    other = detect(samples * np.float32(factor), rate_hz, scaled(factor)).movements
    assert moved_by(one, other, rate_hz).max() <= ONE_SAMPLE
    np.testing.assert_allclose(other.amplitude, factor * one.amplitude, rtol=1e-3)


@pytest.mark.parametrize("unit", ["mV", "V", "nV"])
def test_another_unit_does_not_matter(tmp_path: Path, unit: str) -> None:
    samples = np.round(night(200.0), 1).astype(np.float64)
    factor = {"mV": 1e-3, "V": 1e-6, "nV": 1e3}[unit]
    # the same digital numbers, said to be microvolts and said to be another unit
    found = []
    for stored, scale in (("uV", 1.0), (unit, factor)):
        channel = Channel(
            label="LAT",
            unit=stored,
            rate_hz=200.0,
            samples=samples * scale,
            limits=(-400.0 * scale, 400.0 * scale),
        )
        segment = Segment(start_s=0.0, duration_s=SECONDS)
        recording = Recording(source="", start=None, segments=(segment,), channels=(channel,))
        path = tmp_path / "night.edf"
        write_edf(recording, path)
        read = read_edf(path)
        (signal,) = read.signals(read.channels[0])
        found.append(detect_emg(signal, DETECTION).movements)
    assert moved_by(*found, 200.0).max() <= ONE_SAMPLE


def padding(rate_hz: float, n_samples: int, kind: str) -> np.ndarray:
    if kind == "zeros":
        return np.zeros(n_samples, dtype=np.float32)
    return emg(n_samples / rate_hz, rate_hz, seed=9)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("hops", [1, 30])
def test_quiet_hops_around_a_night_do_not_matter(rate_hz: float, hops: int) -> None:
    samples = night(rate_hz)
    pad = padding(rate_hz, hops * grid_of(rate_hz).hop, "quiet")
    alone = detect(samples, rate_hz).movements
    before = detect(np.concatenate((pad, samples)), rate_hz).movements
    after = detect(np.concatenate((samples, pad)), rate_hz).movements
    assert moved_by(alone, before, rate_hz, len(pad) / rate_hz).max() <= ONE_SAMPLE
    assert moved_by(alone, after, rate_hz).max() <= ONE_SAMPLE


def check_hardly_moved(moved: np.ndarray, rate_hz: float) -> None:
    """Check what a resting level seen a little differently may do to where noise crosses it."""
    assert np.mean(moved > ONE_SAMPLE) <= 0.1
    assert moved.max() <= 0.05 * rate_hz


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("kind", ["quiet", "zeros"])
@pytest.mark.parametrize("hops", first_of([0.5, 1.0, 30.37], 2))
def test_anything_around_a_night_hardly_matters(rate_hz: float, kind: str, hops: float) -> None:
    samples = night(rate_hz)
    pad = padding(rate_hz, round(hops * grid_of(rate_hz).hop), kind)
    alone = detect(samples, rate_hz).movements
    before = detect(np.concatenate((pad, samples)), rate_hz).movements
    after = detect(np.concatenate((samples, pad)), rate_hz).movements
    check_hardly_moved(moved_by(alone, before, rate_hz, len(pad) / rate_hz), rate_hz)
    check_hardly_moved(moved_by(alone, after, rate_hz), rate_hz)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_shift_by_single_samples_hardly_matters(rate_hz: float) -> None:
    samples = night(rate_hz)
    alone = detect(samples, rate_hz).movements
    for n_samples in (1, 7, 1237):
        pad = padding(rate_hz, n_samples + round(30 * rate_hz), "quiet")
        shifted = detect(np.concatenate((pad, samples)), rate_hz).movements
        check_hardly_moved(moved_by(alone, shifted, rate_hz, len(pad) / rate_hz), rate_hz)


def test_a_signal_that_starts_later_has_its_movements_later() -> None:
    samples = night(256.0)
    samples[: 5 * 256] = np.nan
    now, later = detect(samples, 256.0), detect(samples, 256.0, start_s=3600.5)
    assert later.movements.onset_s.tolist() == (now.movements.onset_s + 3600.5).tolist()
    assert later.unusable == pytest.approx(now.unusable + 3600.5)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_night_cut_in_two_and_joined_gives_the_same(rate_hz: float) -> None:
    samples = night(rate_hz)
    whole = detect(samples, rate_hz).movements
    # in a quiet stretch, on the grid
    grid = grid_of(rate_hz)
    cut = round(302.6 * rate_hz / grid.step) * grid.step
    first = detect(samples[:cut], rate_hz).movements
    second = detect(samples[cut:], rate_hz, start_s=cut / rate_hz).movements
    assert len(first) + len(second) == len(whole)
    joined = np.concatenate((first.intervals(), second.intervals()))
    moved = np.abs(joined - whole.intervals()) * rate_hz
    assert np.median(moved) <= 1e-6
    check_hardly_moved(moved, rate_hz)


def test_the_end_of_twelve_hours_is_as_exact_as_their_start() -> None:
    rate_hz, n_samples = 200.0, 12 * 3600 * 200
    samples = np.random.default_rng(5).standard_normal(n_samples, dtype=np.float32)
    minutes = emg(360.0, rate_hz, [(200.0, 201.5, 30.0), (230.0, 236.0, 60.0)], seed=6)
    hop = grid_of(rate_hz).hop
    starts = (0, (n_samples - len(minutes)) // hop * hop)
    for start in starts:
        samples[start : start + len(minutes)] = minutes
    found = detect(samples, rate_hz).movements
    assert len(found) == 4
    early, late = found.intervals()[:2], found.intervals()[2:]
    assert np.abs(late - starts[1] / rate_hz - early).max() * rate_hz <= ONE_SAMPLE
    assert early.ravel() == pytest.approx([200.0, 201.5, 230.0, 236.0], abs=0.08)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_bursts_of_half_a_second_are_movements_and_twitches_are_none(rate_hz: float) -> None:
    starts = np.arange(30.0, 580.0, 20.3)
    for length_s, wanted in ((0.1, 0), (0.2, 0), (0.35, 0), (0.5, len(starts)), (0.7, len(starts))):
        bursts = [(start, start + length_s, 40.0) for start in starts]
        assert len(detect(emg(SECONDS, rate_hz, bursts), rate_hz).movements) == wanted, length_s


@pytest.mark.parametrize("rate_hz", [200.0, 512.0, 1000.0])
@pytest.mark.parametrize("every_s", [0.3, 0.35, 0.4])
def test_wasm_2016_morphology_rejects_trains_of_short_spikes(
    rate_hz: float, every_s: float
) -> None:
    samples = emg(SECONDS, rate_hz).astype(np.float64)
    rng = np.random.default_rng(0)
    trains = np.arange(30.0, 580.0, 20.3)
    for start in trains:
        for beat in start + every_s * np.arange(12) + rng.uniform(-0.04, 0.04, 12):
            at = np.arange(round((beat - 0.05) * rate_hz), round((beat + 0.05) * rate_hz))
            phase = (at / rate_hz - beat) / 0.006
            samples[at] += 60.0 * phase * np.exp(0.5 - 0.5 * phase**2)
    samples = samples.astype(np.float32)
    # they are rhythmic trains as well, which are taken out before
    apart = replace(DETECTION, rhythm=replace(DETECTION.rhythm, enabled=False))
    assert len(detect(samples, rate_hz, apart).movements) == 0
    without = replace(apart, rule=replace(DETECTION.rule, morphology_above_rest_uv=0.0))
    assert len(detect(samples, rate_hz, without).movements) >= 0.8 * len(trains)


def test_movements_at_both_ends_of_the_record_are_found() -> None:
    samples = emg(300.0, 256.0, [(0.0, 3.0, 40.0), (290.0, 300.0, 40.0)])
    found = detect(samples, 256.0).movements.intervals()
    assert found == pytest.approx(np.array([[0.0, 3.0], [290.0, 300.0]]), abs=0.06)
    assert found[1, 1] == 300.0


def test_a_movement_whose_quiet_is_cut_off_goes_on_to_the_end() -> None:
    found = detect(emg(300.0, 256.0, [(290.0, 299.7, 40.0)]), 256.0).movements
    assert found.end_s.tolist() == [300.0]


MASKS = {"missing": np.nan, "flat": 3.0, "saturated": 500.0}


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("kind", MASKS)
def test_no_movement_reaches_into_what_is_unusable(rate_hz: float, kind: str) -> None:
    samples = night(rate_hz)
    rng = np.random.default_rng(3)
    for start in rng.uniform(0, SECONDS - 20, 12):
        length_s = rng.uniform(1.0, 8.0)
        samples[round(start * rate_hz) : round((start + length_s) * rate_hz)] = MASKS[kind]
    found = detect(samples, rate_hz, limits=(-500.0, 500.0))
    assert found.share[kind] > 0.05
    onset, end = found.movements.onset_s[:, None], found.movements.end_s[:, None]
    overlaps = (onset < found.unusable[:, 1] - 1e-6) & (end > found.unusable[:, 0] + 1e-6)
    assert not overlaps.any()


@pytest.mark.parametrize("kind", MASKS)
def test_what_comes_before_an_unusable_stretch_inside_a_movement_stays(kind: str) -> None:
    samples = emg(300.0, 256.0, [(100.0, 110.0, 40.0)])
    samples[104 * 256 : round(106.5 * 256)] = MASKS[kind]
    found = detect(samples, 256.0, limits=(-500.0, 500.0))
    margin_s = DETECTION.conditioning.usable.margin_s
    assert found.unusable[0] == pytest.approx([104 - margin_s, 106.5 + margin_s], abs=0.01)
    first = found.movements.intervals()[0]
    assert first == pytest.approx([100.0, 104 - margin_s], abs=0.05)


@pytest.mark.parametrize("kind", MASKS)
def test_an_unusable_stretch_splits_a_movement(kind: str) -> None:
    samples = emg(300.0, 256.0, [(100.0, 110.0, 40.0)])
    samples[104 * 256 : round(106.5 * 256)] = MASKS[kind]
    found = detect(samples, 256.0, limits=(-500.0, 500.0)).movements.intervals()
    margin_s = DETECTION.conditioning.usable.margin_s
    assert len(found) == 2
    assert found[1] == pytest.approx([106.5 + margin_s, 110.0], abs=0.1)


@pytest.mark.parametrize("value", [0.0, 7.5, np.nan])
def test_a_channel_without_signal_has_no_movement_and_no_usable_time(value: float) -> None:
    found = detect(np.full(256 * 300, value, dtype=np.float32), 256.0)
    assert len(found.movements) == 0
    assert found.unusable.tolist() == [[0.0, 300.0]]
    assert max(found.share.values()) == 1.0


@pytest.mark.parametrize("rate_hz", [100.0, *RATES_HZ])
@pytest.mark.parametrize("rest", [0.3, 1.0, 3.0, 8.0])
def test_noise_alone_has_no_movement(rate_hz: float, rest: float) -> None:
    assert len(detect(emg(1200.0, rate_hz, rest=rest, seed=8), rate_hz).movements) == 0


@pytest.mark.parametrize("n_samples", [0, 1, 2, 10, 99, 100, 400, 2000])
def test_signals_of_any_length_are_looked_at(n_samples: int) -> None:
    found = detect(emg(n_samples / 200.0, 200.0), 200.0)
    assert len(found.movements) == 0
    assert not any(found.share.values())


def test_a_quiet_record_that_is_shorter_than_every_window_may_hold_a_movement() -> None:
    found = detect(emg(4.0, 256.0, [(1.0, 2.0, 60.0)]), 256.0).movements.intervals()
    assert found == pytest.approx(np.array([[1.0, 2.0]]), abs=0.1)


@pytest.mark.parametrize("rest", [1.0, 4.0, 15.0, 30.0])
def test_the_resting_level_of_noise_is_its_rectified_mean(rest: float) -> None:
    found = detect(emg(600.0, 256.0, rest=rest), 256.0)
    assert found.hop_s * len(found.rest_uv) == pytest.approx(600.0, abs=2 * found.hop_s)
    expected_uv = rest * np.sqrt(2 / np.pi) * np.sqrt(90 / 100)
    assert found.rest_uv == pytest.approx(np.full(len(found.rest_uv), expected_uv), rel=0.15)


def test_hum_is_found_taken_out_and_no_movement() -> None:
    samples = night(256.0)
    at = np.arange(len(samples)) / 256.0
    hum = (9 * np.sin(2 * np.pi * 49.98 * at)).astype(np.float32)
    clean, dirty = detect(samples, 256.0), detect(samples + hum, 256.0)
    assert dirty.mains is not None
    assert dirty.mains.frequency_hz == 50.0
    assert clean.mains is None
    moved_s = moved_by(clean.movements, dirty.movements, 1.0)
    assert np.median(moved_s) <= 0.02
    off = replace(DETECTION, conditioning=replace(DETECTION.conditioning, mains="off"))
    assert detect(samples + hum, 256.0, off).mains is None


@pytest.mark.parametrize("unit", ["", "g", "mV"])
def test_a_signal_that_is_not_in_microvolts_is_refused(unit: str) -> None:
    signal = Signal(samples=np.zeros(100), rate_hz=200.0, unit=unit, label="LAT")
    with pytest.raises(UnitError, match=r"LAT.*microvolts"):
        detect_emg(signal, EmgDetection())


def test_a_rate_below_50_hz_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 50 Hz, got 20 Hz"):
        detect_movements(np.zeros(100), 20.0)


def test_an_array_needs_its_rate() -> None:
    with pytest.raises(ValueError, match="needs its rate"):
        detect_movements(np.zeros(100))


def test_an_array_and_a_signal_give_the_same() -> None:
    samples = night(200.0)
    signal = Signal(samples=samples, rate_hz=200.0, unit="uV", label="LAT", site=Site.LEFT_LEG)
    by_array, by_signal = detect_movements(samples, 200.0), detect_movements(signal)
    assert by_array.intervals().tolist() == by_signal.intervals().tolist()
    assert set(by_signal.channels) == {("LAT",)}
    assert set(by_signal.site.tolist()) == {"left_leg"}
    assert set(by_signal.amplitude_unit.tolist()) == {"uV"}


def test_detection_does_not_change_what_it_is_given() -> None:
    samples = night(200.0)
    samples[4000:9000] = np.nan
    kept = samples.copy()
    detect(samples, 200.0)
    assert np.array_equal(samples, kept, equal_nan=True)


@pytest.mark.parametrize("rest_uv", [6.0, 10.0, 14.0])
def test_loud_rest_makes_no_movements_and_hides_none_that_stand_out(rest_uv: float) -> None:
    """Means of loud rest scatter by more than the 2 uV of the standard: quiet never came."""
    noise_uv = rest_uv / MEAN_OF_NOISE
    bursts = [(s, e, 4 * noise_uv) for s, e, _ in bursts_until(SECONDS)]
    found = detect(emg(SECONDS, 256.0, bursts, rest=noise_uv), 256.0).movements
    assert len(found) == len(bursts)
    error_s = np.abs(found.intervals() - np.array(bursts)[:, :2])
    assert error_s[:, 0].max() <= 0.1
    assert error_s[:, 1].max() <= 0.6
    assert len(detect(emg(SECONDS, 256.0, rest=noise_uv), 256.0).movements) == 0


def test_without_shares_of_rest_the_microvolts_of_the_standard_hold() -> None:
    rule = replace(
        DETECTION.rule,
        quiet_share_of_rest=0.0,
        onset_share_of_rest=0.0,
        morphology_share_of_rest=0.0,
    )
    quiet = night(256.0)
    one, other = (
        detect(quiet, 256.0, d).movements for d in (DETECTION, replace(DETECTION, rule=rule))
    )
    assert moved_by(one, other, 256.0).max() == 0
    off, on = rule.thresholds(np.array([10.0], dtype=np.float32))
    assert (off[0], on[0]) == (12.0, 18.0)
