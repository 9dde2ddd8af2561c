"""Muscle activity in REM sleep: a slow twin, invariances, simulated truth, heart beats."""

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.core.bounds import odd_samples_nearest
from psgkit.core.hypnogram import NREM_STAGES
from psgkit.core.intervals import contains, intersect, no_intervals, total, union
from psgkit.core.signal import Signal
from psgkit.detect.emg.atonia import (
    AtoniaRule,
    MuscleActivity,
    is_heart_alone,
    may_be_heart,
    rem_activity,
    without_beats,
)
from psgkit.detect.emg.detect import EmgDetection
from psgkit.simulate import SimulationOptions, simulate_night

RATE_HZ = 256.0
RULE, DETECTION = AtoniaRule(), EmgDetection()
RELATIVE = AtoniaRule(tonic_uv=0.0)
NO_NREM = no_intervals(np.float64)
REM_S = np.array([[0.0, 90.0], [120.0, 300.0]])
Floats = NDArray[np.float64]


def chin(seed: int = 0) -> Floats:
    """Return five minutes of chin EMG: bursts of many lengths, a loud half minute, 2 s flat."""
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal(round(300 * RATE_HZ))
    for at_s in np.arange(5.0, 290.0, 7.0):
        first = round(at_s * RATE_HZ)
        samples[first : first + round(rng.uniform(0.03, 6.0) * RATE_HZ)] *= rng.uniform(1.5, 20.0)
    samples[round(200 * RATE_HZ) : round(230 * RATE_HZ)] *= 5.0
    samples[round(150 * RATE_HZ) : round(152 * RATE_HZ)] = 1.0
    return samples


def activity(
    samples: Floats, rule: AtoniaRule = RULE, rate_hz: float = RATE_HZ, rem_s: Floats = REM_S
) -> MuscleActivity:
    signal = Signal(samples=samples, rate_hz=rate_hz, unit="uV", label="Chin")
    return rem_activity((signal,), rem_s, NO_NREM, rule, DETECTION)


def slow_envelope(samples: Floats) -> tuple[list[float], list[bool]]:
    """Return amplitude and whether it is usable, one sample after the other."""
    from scipy.signal import butter, sosfiltfilt

    usable, run = [True] * len(samples), 0
    for k in range(len(samples)):
        run = run + 1 if k and samples[k] == samples[k - 1] else 1
        if run >= RATE_HZ:  # flat for a second, and a quarter of a second around it
            for j in range(max(0, k - run + 1 - 64), min(len(samples), k + 1 + 64)):
                usable[j] = False
    sos = butter(4, (10.0, 100.0), "band", fs=RATE_HZ, output="sos")
    rectified = np.abs(sosfiltfilt(sos, bridge(samples)))
    half = odd_samples_nearest(0.1, RATE_HZ) // 2
    return [
        float(np.mean(rectified[max(0, k - half) : k + half + 1])) for k in range(len(samples))
    ], usable


def bridge(samples: Floats) -> Floats:
    """Return the samples with a line across the flat second."""
    first, last = round(150 * RATE_HZ), round(152 * RATE_HZ)
    out = samples.copy()
    out[first:last] = np.linspace(samples[first - 1], samples[last], last - first + 2)[1:-1]
    return out


def slow_background(envelope: list[float], usable: list[bool]) -> float:
    wide, lows = round(30 * RATE_HZ), []
    for begin_s, end_s in REM_S.tolist():
        first, last = round(begin_s * RATE_HZ), round(end_s * RATE_HZ)
        starts = [*range(first, last - wide, round(RATE_HZ)), last - wide]
        for start in starts:
            part = [envelope[k] for k in range(start, start + wide) if usable[k]]
            if len(part) >= 15 * RATE_HZ:
                lows.append(sum(part) / len(part))
    return min(lows)


def slow_activity(samples: Floats) -> tuple[list[list[float]], list[list[float]], float]:
    """Return bursts, strong bursts and the background, by a loop over samples."""
    envelope, usable = slow_envelope(samples)
    background = slow_background(envelope, usable)
    found = []
    for factor in (2.0, 4.0):
        bursts: list[list[int]] = []
        for begin_s, end_s in REM_S.tolist():
            own: list[list[int]] = []
            for k in range(round(begin_s * RATE_HZ), round(end_s * RATE_HZ)):
                if not (usable[k] and envelope[k] >= factor * background):
                    continue
                if own and k - own[-1][1] < 0.25 * RATE_HZ:
                    own[-1][1] = k + 1
                else:
                    own.append([k, k + 1])
            bursts += [one for one in own if one[1] - one[0] >= 0.1 * RATE_HZ]
        found.append([[a / RATE_HZ, b / RATE_HZ] for a, b in bursts])
    return found[0], found[1], background


@pytest.mark.parametrize("seed", [0, 1])
def test_a_loop_over_samples_finds_the_same(seed: int) -> None:
    samples = chin(seed)
    found = activity(samples)
    bursts, strong, background = slow_activity(samples)
    assert found.background_uv == pytest.approx([background], rel=1e-4)
    for ours, theirs in ((found.bursts, bursts), (found.strong, strong)):
        assert len(ours) == len(theirs) > 10
        assert np.abs(ours - np.array(theirs)).max() <= 1.5 / RATE_HZ


def test_gain_and_polarity_do_not_matter_where_thresholds_are_relative() -> None:
    usual = activity(chin(), RELATIVE)
    for gain in (-1.0, 30.0, 0.03):
        other = activity(gain * chin(), RELATIVE)
        for name in ("bursts", "strong", "sustained", "seen"):
            assert np.array_equal(getattr(other, name), getattr(usual, name)), (gain, name)
        assert other.background_uv == pytest.approx(abs(gain) * usual.background_uv)


def test_above_10_uv_it_is_sustained_whatever_the_background() -> None:
    loud = np.random.default_rng(0).standard_normal(round(300 * RATE_HZ)) * 25.0
    assert total(activity(loud).sustained) > 0.9 * total(activity(loud).seen)
    assert total(activity(loud, RELATIVE).sustained) == 0.0


def test_the_rate_does_not_matter() -> None:
    from scipy.signal import resample_poly

    fast = chin()
    doubled = resample_poly(fast, 2, 1)
    usual, other = (
        activity(samples, RELATIVE, rate_hz)
        for samples, rate_hz in ((fast, RATE_HZ), (doubled, 2 * RATE_HZ))
    )
    both = total(intersect(usual.bursts, other.bursts))
    assert both > 0.97 * max(total(usual.bursts), total(other.bursts))


def test_segments_and_stretches_give_what_the_whole_gives() -> None:
    samples = chin()
    cut = round(100 * RATE_HZ)  # in NREM sleep, between the stretches
    parts = tuple(
        Signal(samples=part, rate_hz=RATE_HZ, unit="uV", start_s=start_s)
        for part, start_s in ((samples[:cut], 0.0), (samples[cut:], cut / RATE_HZ))
    )
    found = rem_activity(parts, REM_S, NO_NREM, RULE, DETECTION)
    whole = activity(samples)
    assert found.bursts == pytest.approx(whole.bursts, abs=2 / RATE_HZ)


def test_only_rem_sleep_and_usable_time_is_seen() -> None:
    found = activity(chin())
    assert total(intersect(found.bursts, np.array([[90.0, 120.0]]))) == 0.0
    assert total(intersect(found.seen, np.array([[149.8, 152.2]]))) == 0.0
    assert total(found.seen) == pytest.approx(270.0 - 2.5, abs=0.1)
    nothing = activity(np.zeros(round(300 * RATE_HZ)))
    assert not len(nothing.seen)
    assert not len(nothing.bursts)


def test_an_episode_that_is_tonic_throughout_takes_the_background_of_the_night() -> None:
    samples = np.random.default_rng(0).standard_normal(round(600 * RATE_HZ))
    samples[round(400 * RATE_HZ) :] *= 5.0
    rem_s = np.array([[0.0, 120.0], [420.0, 600.0]])
    found = activity(samples, RELATIVE, rem_s=rem_s)
    assert found.taken_n == 1
    assert total(intersect(found.sustained, rem_s[1:])) > 170.0
    signal = Signal(samples=samples, rate_hz=RATE_HZ, unit="uV")
    nrem = rem_activity((signal,), rem_s[1:], np.array([[0.0, 300.0]]), RELATIVE, DETECTION)
    assert nrem.taken_n == 1
    assert total(nrem.above_nrem) > 170.0


def test_simulated_epochs_and_bursts_are_found_and_nothing_else() -> None:
    options = SimulationOptions(rem_tonic_share=0.2, rem_phasic_per_min=4.0, ecg_rate_hz=None)
    night = simulate_night("healthy", hours=4.0, seed=5, options=options)
    (channel,) = night.recording.with_role("chin")
    found = rem_activity(
        night.recording.signals(channel),
        night.hypnogram.stretches(("R",)),
        night.hypnogram.stretches(NREM_STAGES),
        RULE,
        DETECTION,
    )
    truth = night.rem
    assert len(truth.phasic_s) > 40
    assert len(truth.tonic_s) > 3
    middle_s = truth.phasic_s.mean(axis=1)
    assert contains(found.bursts, middle_s).all()
    phasic = found.bursts[found.bursts[:, 1] - found.bursts[:, 0] <= RULE.longest_s]
    outside = total(phasic) - total(intersect(phasic, union(truth.phasic_s, truth.tonic_s)))
    # the mean over 0.1 s makes a burst a little longer
    assert outside < 0.1 * len(truth.phasic_s)
    assert total(intersect(found.sustained, truth.tonic_s)) > 0.9 * total(truth.tonic_s)


def leaking(every_s: float = 0.9) -> tuple[Floats, Floats]:
    """Return chin EMG into which the heart leaks, and the beats."""
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(round(300 * RATE_HZ))
    beats_s = np.cumsum(every_s + rng.normal(0.0, 0.02, round(295 / every_s)))
    for beat in np.round(beats_s * RATE_HZ).astype(int).tolist():
        samples[beat - 6 : beat + 6] += 25.0 * np.sin(np.linspace(0.0, 2 * np.pi, 12))
    samples[round(30 * RATE_HZ) : round(32 * RATE_HZ)] *= 15.0
    return samples, beats_s


def test_bursts_at_heart_beats_do_not_count() -> None:
    samples, beats_s = leaking()
    found = activity(samples)
    assert may_be_heart(found)
    assert is_heart_alone(found)
    clean, n = without_beats(found, beats_s)
    assert n > 200
    assert clean.bursts == pytest.approx(np.array([[30.0, 32.0]]), abs=0.3)
    # the beats of another heart take nothing out
    kept, none = without_beats(activity(chin()), beats_s)
    assert none == 0
    assert np.array_equal(kept.bursts, activity(chin()).bursts)
    assert not is_heart_alone(activity(chin()))


@pytest.mark.parametrize(
    ("name", "value"),
    [("factor", 0.5), ("least_background_s", 31.0), ("epoch_s", 2.0), ("tonic_share", 1.5)],
)
def test_a_rule_out_of_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        AtoniaRule(**{name: value})
