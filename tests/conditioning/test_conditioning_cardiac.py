"""Heart beats are found whatever the unit and polarity, and subtracted without the EMG beside."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit.conditioning.cardiac.beats import BeatRule, Beats, find_beats
from psgkit.conditioning.cardiac.removal import RemovalRule, remove_beats
from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.core.signal import Signal

RULE = BeatRule()
SECONDS = 300.0


def rhythm(bpm: float = 66.0, spread: float = 0.04, seconds: float = SECONDS) -> np.ndarray:
    rng = np.random.default_rng(3)
    intervals = 60 / bpm * (1 + spread * rng.standard_normal(round(seconds * bpm / 40)))
    times_s = 0.4 + np.cumsum(np.maximum(intervals, 0.3))
    return times_s[times_s < seconds - 0.4]


def ecg(
    times_s: np.ndarray, rate_hz: float = 200.0, noise: float = 0.03, seconds: float = SECONDS
) -> np.ndarray:
    """Return QRS complexes of height 1 with P and T waves, in noise."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    out = noise * np.random.default_rng(4).standard_normal(len(at))
    for lag_s, width_s, height in (
        (-0.16, 0.02, 0.1),
        (0, 0.01, 1),
        (0.03, 0.01, -0.3),
        (0.26, 0.04, 0.3),
    ):
        for time_s in times_s + lag_s:
            part = slice(*np.searchsorted(at, (time_s - 5 * width_s, time_s + 5 * width_s)))
            out[part] += height * np.exp(-0.5 * ((at[part] - time_s) / width_s) ** 2)
    return out


def found_in(samples: np.ndarray, rate_hz: float = 200.0, start_s: float = 0.0) -> Beats:
    return find_beats(Signal(samples=samples, rate_hz=rate_hz, start_s=start_s), RULE)


def share_found(times_s: np.ndarray, beats: Beats, within_s: float = 0.03) -> float:
    """Return the share of true beats found; each beat found must be near a true one."""
    distance = np.abs(beats.times_s[:, None] - times_s)
    assert distance.min(axis=1).max() <= within_s
    return float((distance.min(axis=0) <= within_s).mean())


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 128.0, 256.0, 500.0, 1000.0])
def test_beats_are_found_at_every_rate(rate_hz: float) -> None:
    times_s = rhythm()
    assert share_found(times_s, found_in(ecg(times_s, rate_hz), rate_hz)) > 0.99


@pytest.mark.parametrize("bpm", [40, 60, 90, 120, 150])
def test_beats_are_found_at_every_heart_rate(bpm: float) -> None:
    times_s = rhythm(bpm)
    beats = found_in(ecg(times_s))
    assert share_found(times_s, beats) > 0.99
    assert beats.covered.shape == (1, 2)


def test_an_irregular_heart_is_a_heart() -> None:
    times_s = rhythm(80, spread=0.25)
    assert share_found(times_s, found_in(ecg(times_s))) > 0.98


@pytest.mark.parametrize("factor", [-1.0, 1e-3, 1e3, -250.0])
def test_unit_and_polarity_do_not_matter(factor: float) -> None:
    samples = ecg(rhythm())
    one, other = found_in(samples), found_in(factor * samples)
    assert np.abs(one.times_s - other.times_s).max() < 1e-4


def test_an_offset_and_a_wandering_baseline_do_not_matter() -> None:
    times_s = rhythm()
    samples = ecg(times_s)
    samples += 40 + 3 * np.sin(np.arange(len(samples)) / 300)
    assert share_found(times_s, found_in(samples)) > 0.99


def test_beats_are_where_they_were_when_the_signal_starts_later() -> None:
    samples = ecg(rhythm())
    one, other = found_in(samples), found_in(samples, start_s=1000.0)
    assert other.times_s - 1000 == pytest.approx(one.times_s)


@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 512.0])
@pytest.mark.parametrize("seed", range(4))
def test_noise_has_no_heart(rate_hz: float, seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(round(600 * rate_hz))
    noise[:: round(20 * rate_hz)] *= 30
    assert len(found_in(noise, rate_hz).times_s) == 0


@pytest.mark.parametrize("samples", [np.zeros(20000), np.full(20000, np.nan), np.empty(0)])
def test_a_dead_channel_has_no_heart(samples: np.ndarray) -> None:
    beats = found_in(samples)
    assert len(beats.times_s) == 0
    assert beats.covered.shape == (0, 2)


def test_where_the_heart_stops_or_is_lost_nothing_is_covered() -> None:
    times_s = rhythm()
    kept = times_s[(times_s < 100) | (times_s > 130)]
    samples = ecg(kept)
    samples[200 * 200 : 240 * 200] = np.nan
    beats = found_in(samples)
    there = kept[(kept < 200) | (kept > 240)]
    assert share_found(there, beats) > 0.98
    assert beats.covered.ravel() == pytest.approx([0, 100, 130, 200, 240, 300], abs=2.5)


def test_movements_in_the_channel_hide_no_beats_beside_them() -> None:
    times_s = rhythm()
    samples = ecg(times_s)
    rng = np.random.default_rng(0)
    for start in range(20, 280, 30):
        samples[start * 200 : (start + 4) * 200] += 2 * rng.standard_normal(800)
    beats = found_in(samples)
    quiet = times_s[((times_s - 20) % 30 > 4.4) & ((times_s - 20) % 30 < 29.6)]
    assert np.abs(beats.times_s[:, None] - quiet).min(axis=0).max() < 0.03


def test_too_short_a_rhythm_is_none() -> None:
    assert len(Beats.at(np.arange(5) * 0.8, RULE).times_s) == 0
    assert len(Beats.at(np.arange(50) * 0.8, RULE).times_s) == 50
    assert len(Beats.at(np.empty(0), RULE).times_s) == 0


def test_beats_are_filled_only_where_there_are_none() -> None:
    one = Beats.at(np.arange(0, 50, 0.8), RULE)
    other = Beats.at(np.arange(0.3, 100, 0.9), RULE)
    both = one.filled(other)
    assert set(one.times_s) <= set(both.times_s)
    assert np.array_equal(both.times_s[both.times_s < 49], one.times_s[one.times_s < 49])
    assert both.times_s[-1] == other.times_s[-1]
    assert (np.diff(both.times_s) > 0).all()


def band_passed(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    pad = response_samples(rate_hz)
    whole = mirror_ends(samples.astype(np.float32), pad, pad)
    return filter_zero_phase(whole, Band().clipped(rate_hz), rate_hz)


@pytest.mark.parametrize("rate_hz", [200.0, 256.0, 1000.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_subtraction_leaves_the_noise_there_was(rate_hz: float, sign: int) -> None:
    times_s = rhythm()
    heart = band_passed(sign * 300 * ecg(times_s, rate_hz, noise=0), rate_hz)
    noise = band_passed(
        np.random.default_rng(1).standard_normal(len(heart)) * 3 * np.sqrt(rate_hz / 200), rate_hz
    )
    jitter_s = 0.002 * np.random.default_rng(2).standard_normal(len(times_s))
    found = remove_beats(heart + noise, (times_s + jitter_s) * rate_hz, rate_hz, RemovalRule())
    assert len(found.middle) == len(times_s)
    assert not found.odd.any()
    assert np.abs(found.middle / rate_hz - times_s).max() < 0.02
    left = found.samples - noise
    assert np.sqrt(np.mean(heart**2)) > 20
    assert np.sqrt(np.mean(left**2)) < 0.3 * np.sqrt(np.mean(noise**2))


def test_subtraction_neither_learns_from_a_movement_nor_eats_it() -> None:
    rate_hz, times_s = 256.0, rhythm()
    heart = band_passed(275 * ecg(times_s, rate_hz, noise=0), rate_hz)
    level = np.full(len(heart), 3.0)
    for start in range(10, 290, 14):
        level[round(start * rate_hz) : round((start + 5) * rate_hz)] = 70.0
    emg = band_passed(level * np.random.default_rng(1).standard_normal(len(heart)), rate_hz)
    found = remove_beats(heart + emg, times_s * rate_hz, rate_hz, RemovalRule())
    inside, left = level > 50, found.samples - emg
    assert np.sqrt(np.mean(left[~inside] ** 2)) < 1.0
    # what is taken along lies at the complexes; all in all it is little
    assert np.sqrt(np.mean(left[inside] ** 2)) < 0.25 * np.sqrt(np.mean(emg[inside] ** 2))


def test_beats_that_do_not_show_are_not_subtracted() -> None:
    noise = np.random.default_rng(1).standard_normal(60000).astype(np.float32)
    found = remove_beats(noise, rhythm() * 200, 200.0, RemovalRule())
    assert len(found.middle) < 0.1 * len(rhythm())
    assert np.mean(found.samples != noise) < 0.1


@pytest.mark.parametrize("beats", [np.empty(0), np.array([500.0]), np.array([-5.0, 1e6])])
def test_hardly_a_beat_changes_nothing(beats: np.ndarray) -> None:
    samples = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    given = samples.copy()
    found = remove_beats(samples, beats, 200.0, RemovalRule())
    assert np.array_equal(found.samples, given)
    assert len(found.middle) == 0


def test_an_ectopic_beat_is_told_and_left() -> None:
    rate_hz, times_s = 200.0, np.arange(1.0, 299.0, 0.9)
    samples = 300 * ecg(times_s, rate_hz, noise=0.01)
    wide = round(times_s[150] * rate_hz)
    at = np.arange(-60, 61)
    samples[wide - 60 : wide + 61] = -400 * np.exp(-0.5 * (at / 7) ** 2) * np.sin(at / 9)
    filtered = band_passed(samples, rate_hz)
    given = filtered.copy()
    found = remove_beats(filtered, times_s * rate_hz, rate_hz, replace(RemovalRule()))
    assert np.flatnonzero(found.odd).tolist() == [150]
    assert np.array_equal(filtered, given)
