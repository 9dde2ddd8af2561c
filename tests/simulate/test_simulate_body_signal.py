"""The signals of a night of the whole body are what its truth says."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from rounds import first_of

from psgkit.core.intervals import complement, paint, union
from psgkit.core.postures import LYING, UP
from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night
from psgkit.simulate.plan.body_kinds import ANKLES, BODY_KINDS, WRISTS
from psgkit.simulate.signals.jerks import JERK_THRESHOLD_G

QUIET = SimulationOptions(
    rate_hz=100.0,
    rest_drift=0.0,
    mains_hz=None,
    ecg_leak_uv=0.0,
    ecg_rate_hz=None,
    trunk_ecg_uv=0.0,
    trunk_breathing_uv=0.0,
    sensors="full",
    emg="noise",
    accelerometer_noise_g=0.0,
)
PLACES = {
    "left_leg": "left_ankle",
    "right_leg": "right_ankle",
    "left_arm": "left_wrist",
    "right_arm": "right_wrist",
    "trunk": "lumbar",
}
RATE_HZ = 50.0
KEPT = np.sqrt((0.45 * QUIET.rate_hz - 10) / 90)
"""Share of the amplitude of a muscle that is left at the rate of the EMG."""


@cache
def quiet(kind: str, hours: float = 1.0, sensors: str = "full") -> SimulatedNight:
    options = replace(QUIET, sensors=sensors)
    return simulate_night(kind, hours=hours, seed=1, options=options)


def acceleration(night: SimulatedNight, place: str) -> np.ndarray:
    axes = [one.samples[:] for one in night.recording.channels if one.place == place]
    return np.stack(axes, axis=1).astype(np.float64)


def still(night: SimulatedNight, site: str, margin_s: float = 0.6) -> np.ndarray:
    """Return the stretches in which nothing accelerates or turns the sensor of ``site``."""
    seen = night.truth_accelerometer
    moving = [
        # A limb lies anew in any large movement of the body.
        seen.where((seen.site == site) | (night.truth_accelerometer_kinds == "large")).intervals(),
        night.rhythms.where(night.rhythms.site == site).intervals(),
        night.postures.stretches(("walking",)),
        np.column_stack((night.turns.onset_s, night.turns.end_s)),
    ]
    spans = np.concatenate(moving) + np.array([-margin_s, margin_s])
    end_s = night.recording.duration_s
    return complement(union(spans.clip(0.0, end_s)), 0.0, end_s)


def mask_of(spans_s: np.ndarray, n: int, rate_hz: float = RATE_HZ) -> np.ndarray:
    return paint(np.rint(spans_s * rate_hz).astype(np.int64), n)


# the EMG


@pytest.mark.parametrize(("kind", "role"), [("ras", "arm"), ("rbs", "trunk"), ("rls", "leg")])
def test_emg_is_as_strong_as_its_truth_says(kind: str, role: str) -> None:
    night = quiet(kind)
    rate_hz = QUIET.rate_hz
    for channel in night.recording.with_role(role):
        samples = np.asarray(channel.samples)
        tables = (night.truth, night.distractors, night.rhythms)
        busy = [table.where(table.site == str(channel.site)).intervals() for table in tables]
        if role == "leg":
            busy.append(night.postures.stretches(("walking",)))
        spans = np.concatenate(busy) + np.array([-0.3, 0.3])
        rest = samples[~mask_of(spans.clip(0.0), len(samples), rate_hz)]
        assert np.sqrt(np.mean(rest**2)) == pytest.approx(2.0 * KEPT, rel=0.02)
        own = night.truth.where(night.truth.site == str(channel.site))
        assert len(own) > 10
        rest_uv = 2.0 * KEPT * np.sqrt(2.0 / np.pi)
        ratios = [
            (np.abs(samples[int(on * rate_hz) : int(off * rate_hz)]).mean() - rest_uv) / height
            for on, off, height in zip(own.onset_s, own.end_s, own.amplitude, strict=True)
        ]
        assert np.mean(ratios) == pytest.approx(KEPT, abs=0.06)


def test_heart_beats_tower_over_the_emg_of_the_trunk_and_breathe() -> None:
    options = replace(QUIET, rate_hz=256.0, trunk_ecg_uv=None, ecg_rate_hz=256.0)
    night = simulate_night("rbs", hours=0.25, seed=1, options=options)
    ecg = np.asarray(night.recording.channel("ECG").samples)
    high = ecg > 600.0
    beats = np.flatnonzero(high[1:] & ~high[:-1])
    windows = beats[:, None] + np.arange(-5, 12)
    windows = windows[(windows >= 0).all(1) & (windows < len(ecg)).all(1)]
    peaks_uv = np.asarray(night.recording.channel("Paraspinal T8").samples)[windows].max(axis=1)
    assert np.median(peaks_uv) == pytest.approx(5.0 * 55.0, rel=0.05)
    low, top = np.percentile(peaks_uv, [10, 90]) / np.median(peaks_uv)
    assert 0.1 < 0.5 * (top - low) < 0.2
    other_uv = np.asarray(night.recording.channel("Paraspinal L3").samples)[windows].max(axis=1)
    assert np.median(other_uv) == pytest.approx(0.6 * 5.0 * 55.0, rel=0.08)
    assert np.abs(np.asarray(night.recording.channel("LAT").samples)[windows]).mean() < 10.0


def test_breath_swells_the_emg_of_the_trunk_alone() -> None:
    options = replace(QUIET, trunk_breathing_uv=2.0)
    night = simulate_night("healthy", hours=1.0, seed=1, options=options)
    depth_uv = {}
    for label in ("Paraspinal T8", "FDS L"):
        channel = night.recording.channel(label)
        samples = np.asarray(channel.samples, dtype=np.float64)
        own = night.truth.where(night.truth.site == str(channel.site)).intervals()
        quiet_n = ~mask_of((own + np.array([-0.5, 0.5])).clip(0.0), len(samples), QUIET.rate_hz)
        times_s = np.arange(len(samples)) / QUIET.rate_hz
        wave = np.exp(-2j * np.pi * 0.25 * times_s)
        rectified = np.where(quiet_n, np.abs(samples), np.nan)
        rectified -= np.nanmean(rectified)
        depth_uv[label] = 2.0 * abs(np.nanmean(rectified * wave)) * np.sqrt(np.pi / 2.0)
    assert depth_uv["Paraspinal T8"] == pytest.approx(KEPT, rel=0.15)
    assert depth_uv["FDS L"] < 0.1


# gravity and posture


@pytest.mark.parametrize("kind", ["rbs", "akathisia"])
@pytest.mark.parametrize("site", first_of(PLACES, 2))
def test_a_sensor_at_rest_shows_exactly_one_g(kind: str, site: str) -> None:
    night = quiet(kind)
    shown = acceleration(night, PLACES[site])
    rests = [span for span in still(night, site) if span[1] - span[0] > 2.0]
    assert len(rests) > 5
    for from_s, to_s in rests:
        part = shown[int(from_s * RATE_HZ) + 1 : int(to_s * RATE_HZ)]
        assert np.linalg.norm(part, axis=1) == pytest.approx(1.0, abs=1e-5)
        assert np.ptp(part, axis=0).max() < 1e-5


def test_noise_and_errors_of_a_sensor_are_as_wanted() -> None:
    options = replace(QUIET, rate_hz=50.0, accelerometer_noise_g=0.005)
    one = quiet("healthy")
    noisy = simulate_night("healthy", hours=1.0, seed=1, options=options)
    difference = acceleration(noisy, "lumbar") - acceleration(one, "lumbar")
    assert difference.std(axis=0) == pytest.approx(0.005, rel=0.02)
    wrong = replace(QUIET, accelerometer_gain_error=0.05, accelerometer_offset_g=0.02)
    badly = simulate_night("healthy", hours=1.0, seed=1, options=wrong)
    ratio, offset_g = np.polyfit(
        acceleration(one, "lumbar")[:, 0], acceleration(badly, "lumbar")[:, 0], 1
    )
    assert 0.9 <= ratio <= 1.1
    assert ratio != pytest.approx(1.0, abs=1e-4)
    assert 1e-4 < abs(offset_g) <= 0.04


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_postures_tile_the_night_and_turns_lead_from_one_to_the_next(kind: str) -> None:
    night = quiet(kind, 4.0, "lumbar")
    postures, turns = night.postures, night.turns
    assert np.array_equal(postures.onset_s[1:], postures.end_s[:-1])
    assert postures.onset_s[0] == 0.0
    assert postures.end_s[-1] == night.recording.duration_s
    assert np.isnan(postures.angle_deg[np.isin(postures.posture, UP)]).all()
    assert np.isfinite(postures.angle_deg[np.isin(postures.posture, LYING)]).all()
    assert len(turns) > 0
    for row in range(len(turns)):
        middle_s = 0.5 * (turns.onset_s[row] + turns.end_s[row])
        begun = int(np.argmin(np.abs(postures.onset_s - middle_s)))
        assert abs(postures.onset_s[begun] - middle_s) < 1e-3
        assert postures.posture[begun] == turns.after[row]
        assert postures.posture[begun - 1] == turns.before[row]
    length_s = turns.end_s - turns.onset_s
    assert length_s.min() >= 0.7 - 1e-9
    assert length_s.max() <= 5.0 + 1e-9
    assert turns.angle_deg.min() >= 20.0
    assert turns.angle_deg.max() <= 180.0
    assert turns.speed_deg_s == pytest.approx(turns.angle_deg / length_s)


def test_the_lumbar_sensor_shows_the_angle_of_every_turn() -> None:
    night = quiet("rbs", 4.0, "lumbar")
    shown = acceleration(night, "lumbar")
    rests = still(night, "trunk")
    for onset_s, end_s, angle_deg in zip(
        night.turns.onset_s, night.turns.end_s, night.turns.angle_deg, strict=True
    ):
        before = rests[rests[:, 1] <= onset_s][-1].mean()
        after = rests[rests[:, 0] >= end_s][0].mean()
        one, two = shown[int(before * RATE_HZ)], shown[int(after * RATE_HZ)]
        found_deg = np.degrees(np.arccos(np.clip(one @ two, -1.0, 1.0)))
        assert found_deg == pytest.approx(angle_deg, abs=0.1)


def test_postures_differ_for_the_sensor_as_they_are_called() -> None:
    night = quiet("rbs", 4.0, "lumbar")
    shown = acceleration(night, "lumbar")
    at_rest = mask_of(still(night, "trunk"), len(shown))
    mean = {}
    for posture in ("supine", "left", "right", "upright"):
        spans = mask_of(night.postures.stretches((posture,)), len(shown))
        found = shown[spans & at_rest].mean(axis=0)
        mean[posture] = found / np.linalg.norm(found)
    assert mean["left"] @ mean["right"] < -0.8
    assert abs(mean["left"] @ mean["supine"]) < 0.4
    assert abs(mean["upright"] @ mean["supine"]) < 0.5
    # Right-handed: supine, head, left.
    assert np.cross(mean["upright"], mean["supine"]) @ mean["right"] > 0.7


# what moves


@pytest.mark.parametrize(
    ("kind", "site"), [("rls", "left_leg"), ("ras", "right_arm"), ("rbs", "trunk")]
)
def test_jerks_are_where_the_truth_says_and_nowhere_else(kind: str, site: str) -> None:
    night = quiet(kind, 2.0)
    shown = acceleration(night, PLACES[site])
    times_s = np.arange(len(shown)) / RATE_HZ
    own = night.truth_accelerometer.where(
        (night.truth_accelerometer.site == site) & (night.truth_accelerometer_kinds != "large")
    )
    assert len(own) >= 5
    for onset_s, end_s, amplitude_g in zip(own.onset_s, own.end_s, own.amplitude, strict=True):
        around = (times_s > onset_s - 0.25) & (times_s < end_s + 0.25)
        rest = shown[np.flatnonzero(around)[0]]
        moving = np.linalg.norm(shown[around] - rest, axis=1)
        inside = (times_s[around] >= onset_s) & (times_s[around] < end_s)
        assert moving[~inside].max() <= JERK_THRESHOLD_G + 1e-5
        assert moving.max() <= amplitude_g + 1e-5
        assert moving.max() > 0.9 * amplitude_g
        above_s = times_s[around][moving > JERK_THRESHOLD_G]
        # On the ellipse the acceleration is at least half of the envelope.
        assert onset_s <= above_s[0] <= onset_s + 0.15
        assert end_s - 0.15 <= above_s[-1] <= end_s
        assert 0.015 <= amplitude_g <= 0.3


@pytest.mark.parametrize(
    ("kind", "sites", "low_hz", "high_hz"),
    [("akathisia", ANKLES, 0.5, 4.0), ("rbs", WRISTS, 2.0, 8.0)],
)
def test_trains_keep_the_stated_time_in_both_modalities(
    kind: str, sites: tuple[str, ...], low_hz: float, high_hz: float
) -> None:
    night = quiet(kind, 2.0)
    rhythms = night.rhythms
    seen = 0
    for row in np.flatnonzero(np.isin(rhythms.site, sites) & (rhythms.duration_s > 5.0)):
        frequency_hz = rhythms.frequency_hz[row]
        assert low_hz * 0.95 <= frequency_hz <= high_hz * 1.05
        emg = rhythms.modality[row] == "emg"
        rate_hz = QUIET.rate_hz if emg else RATE_HZ
        span = slice(*(int(at * rate_hz) for at in (rhythms.onset_s[row], rhythms.end_s[row])))
        if emg:
            part = np.abs(np.asarray(night.recording.channel(rhythms.place[row]).samples[span]))[
                :, None
            ]
        else:
            part = acceleration(night, rhythms.place[row])[span]
        power = np.abs(np.fft.rfft(part - part.mean(axis=0), axis=0, n=8 * len(part))) ** 2
        found_hz = np.fft.rfftfreq(8 * len(part), 1.0 / rate_hz)
        wanted = (found_hz > 0.3) & (found_hz < 1.5 * frequency_hz)
        peak_hz = found_hz[wanted][np.argmax(power.sum(axis=1)[wanted])]
        assert peak_hz == pytest.approx(frequency_hz, abs=0.08 * frequency_hz + 0.02)
        bursts_n = rhythms.bursts_n[row]
        assert bursts_n / rhythms.duration_s[row] == pytest.approx(
            frequency_hz, rel=1.5 / bursts_n + 0.1
        )
        seen += 1
    assert seen >= 4


def test_restless_feet_are_regular_and_take_turns_or_not() -> None:
    night = quiet("akathisia", 4.0, "legs+ankles+wrists+lumbar")
    feet = night.rhythms.where(night.rhythms.kind == "rhythm")
    assert (feet.regularity > 0.9).all()
    assert 0 < feet.alternating.sum() < len(feet)
    left, right = (feet.where(feet.alternating & (feet.site == side)) for side in ANKLES)
    lag = (right.onset_s - left.onset_s) * left.frequency_hz
    assert np.abs(lag) == pytest.approx(0.5, abs=0.05)
    emg = night.rhythms.where(night.rhythms.modality == "emg")
    assert set(emg.kind[emg.alternating]) == {"alma"}
    assert set(emg.kind[~emg.alternating]) == {"foot_tremor"}
    states = {
        "up": list(night.postures.stretches(UP)),
        "lying": list(night.postures.stretches(LYING)),
    }
    share = {}
    for state, spans in states.items():
        inside_s = sum(
            max(0.0, min(on_off[1], to_s) - max(on_off[0], from_s))
            for on_off in feet.intervals()
            for from_s, to_s in spans
        )
        share[state] = inside_s / sum(to_s - from_s for from_s, to_s in spans)
    assert share["up"] > 3.0 * share["lying"] > 0.0


def test_walking_has_1_8_steps_a_second_at_the_trunk_and_half_at_an_ankle() -> None:
    night = quiet("akathisia", 4.0, "legs+ankles+wrists+lumbar")
    walks = night.postures.stretches(("walking",))
    walks = walks[walks[:, 1] - walks[:, 0] > 15.0]
    assert len(walks) >= 3
    for place, expected_hz in (("lumbar", 1.8), ("left_ankle", 0.9), ("right_wrist", 0.9)):
        shown = acceleration(night, place)
        for from_s, to_s in walks:
            part = shown[int(from_s * RATE_HZ) : int(to_s * RATE_HZ)]
            part = part - part.mean(axis=0)
            power = (np.abs(np.fft.rfft(part, axis=0, n=8 * len(part))) ** 2).sum(axis=1)
            peak_hz = np.fft.rfftfreq(8 * len(part), 1.0 / RATE_HZ)[np.argmax(power)]
            assert peak_hz == pytest.approx(expected_hz, rel=0.15)
            size_g = np.sqrt((part**2).sum(axis=1)).max()
            assert 0.1 < size_g < (0.7 if place == "lumbar" else 2.0)


def test_ankles_move_more_than_the_waist_while_seated_with_akathisia() -> None:
    night = quiet("akathisia", 4.0, "legs+ankles+wrists+lumbar")
    seated_s = night.postures.stretches(("upright",))
    strength = {}
    for place in ("left_ankle", "lumbar"):
        shown = acceleration(night, place)
        parts = [
            shown[int(from_s * RATE_HZ) : int(to_s * RATE_HZ)]
            for from_s, to_s in seated_s + np.array([5.0, -5.0])
            if to_s - from_s > 20.0
        ]
        strength[place] = np.mean([part.std(axis=0).max() for part in parts])
    assert strength["left_ankle"] > 2.0 * strength["lumbar"]
