"""The laws that the truth of a night of the whole body keeps."""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rounds import first_of

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.intervals import group_of_connected
from psgkit.io.channels.roles import assign_roles
from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night, write_night
from psgkit.simulate.body_night import BodyPlan, plan_body
from psgkit.simulate.plan.lab_kinds import LAB_KINDS

LEAN = SimulationOptions(rate_hz=50.0, ecg_rate_hz=None, accelerometer_rate_hz=20.0, sensors="full")
KINDS = tuple(LAB_KINDS)
each_kind = pytest.mark.parametrize("kind", first_of(sorted(KINDS, reverse=True), 2))
LABELS = ["LAT", "RAT", "FDS L", "FDS R", "Paraspinal T8", "Paraspinal L3", "ECG"]
LABELS += [
    f"{place} {axis}"
    for place in ("Left Ankle", "Right Ankle", "Left Wrist", "Right Wrist", "Lumbar")
    for axis in "XYZ"
]


@cache
def short(kind: str, seed: int = 1) -> SimulatedNight:
    return simulate_night(kind, hours=1.0, seed=seed, options=LEAN)


@cache
def planned(kind: str, seed: int) -> BodyPlan:
    return plan_body(LAB_KINDS[kind], 960, seed, SimulationOptions())


def onsets(body: BodyPlan, kind: str, site: str) -> np.ndarray:
    found = [one.onset_s for one in body.movements if (one.kind, one.site) == (kind, site)]
    return np.array(found)


def close_to(times_s: np.ndarray, others_s: np.ndarray, within_s: float) -> np.ndarray:
    """Return whether each of ``times_s`` has one of ``others_s`` near it."""
    return (np.abs(times_s[:, None] - others_s) <= within_s).any(axis=1)


# what others rely on


LEGS_AS_THEY_WERE = {
    ("rls", 1): (
        "67deb9d90e9e475867380c79",
        {
            "noise": [[2.829311, 2.233067, 1.223984], [1.387078, 2.259576, 1.710781]],
            "units": [[2.9199, 2.26121, 1.24901], [1.4141, 2.32813, 1.74648]],
        },
    ),
    ("healthy", 2): (
        "74ac9a6ea96b5b53de21fccb",
        {
            "noise": [[1.373061, 2.707153, 2.365139], [2.577515, 3.244741, 2.861073]],
            "units": [[1.39781, 2.84626, 2.48951], [2.64038, 3.39804, 3.01851]],
        },
    ),
}


@pytest.mark.parametrize(("emg", "within_uv"), [("noise", 2e-6), ("units", 2e-5)])
@pytest.mark.parametrize(("kind", "seed"), LEGS_AS_THEY_WERE)
def test_nights_of_the_legs_stay_what_they_were(
    kind: str, seed: int, emg: str, within_uv: float
) -> None:
    night = simulate_night(kind, hours=0.5, seed=seed, options=SimulationOptions(emg=emg))
    digest, means_uv = LEGS_AS_THEY_WERE[kind, seed]
    found = hashlib.sha256()
    tables = (night.truth.onset_s, night.truth.end_s)
    for times_s in (*tables, night.events.onset_s, night.distractors.onset_s):
        found.update(np.rint(times_s * 1000).astype("<i8").tobytes())
    assert found.hexdigest()[:24] == digest
    assert night.recording.labels() == ["LAT", "RAT", "ECG"]
    # Means, not bytes: filters may round their last bit otherwise on another machine.
    for channel, expected_uv in zip(night.recording.channels, means_uv[emg], strict=False):
        samples = np.abs(np.asarray(channel.samples, dtype=np.float64)).reshape(3, -1)
        assert samples.mean(axis=1).tolist() == pytest.approx(expected_uv, abs=within_uv)
    assert len(night.postures) == len(night.rhythms) == len(night.truth_accelerometer) == 0


# one plan, whatever records it


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_body_is_recorded(kind: str) -> None:
    night = simulate_night(kind, hours=0.1, options=SimulationOptions(sensors="full"))
    assert night.recording.labels() == LABELS
    for channel in night.recording.channels:
        assert len(night.recording.signals(channel)) == 1
        assert np.isfinite(channel.samples[:]).all()


def test_labels_and_units_say_what_the_channels_are() -> None:
    channels = short("rbs").recording.channels
    found = assign_roles([(channel.label, channel.unit) for channel in channels])
    for channel, judged in zip(channels, found, strict=True):
        assert (judged.role, judged.site) == (channel.role, channel.site), channel.label


@pytest.mark.parametrize(
    "changed",
    [
        {"rate_hz": 100.0},
        {"accelerometer_rate_hz": 25.0},
        {"accelerometer_noise_g": 0.01, "accelerometer_gain_error": 0.05},
        {"accelerometer_offset_g": 0.02},
        {"trunk_ecg_uv": 500.0, "trunk_breathing_uv": 0.0, "ecg_leak_uv": 0.0},
        {"ecg_rate_hz": 100.0, "heart_rate_per_min": 80.0},
    ],
)
def test_what_records_a_night_moves_no_event(changed: dict[str, float]) -> None:
    for kind in ("akathisia", "rbs"):
        one = short(kind)
        two = simulate_night(kind, hours=1.0, seed=1, options=replace(LEAN, **changed))
        for name in ("truth", "truth_accelerometer", "distractors", "rhythms", "events"):
            assert np.array_equal(getattr(one, name).intervals(), getattr(two, name).intervals())
        for name in ("postures", "turns"):
            assert np.array_equal(getattr(one, name).onset_s, getattr(two, name).onset_s)
        assert np.array_equal(one.hypnogram.stages, two.hypnogram.stages)


def test_a_part_is_recorded_the_same_alone_and_with_all_others() -> None:
    full = short("rbs")
    part = simulate_night("rbs", hours=1.0, seed=1, options=replace(LEAN, sensors="arms+lumbar"))
    assert part.recording.labels() == ["FDS L", "FDS R", "Lumbar X", "Lumbar Y", "Lumbar Z"]
    for channel in part.recording.channels:
        assert np.array_equal(channel.samples, full.recording.channel(channel.label).samples)
    assert set(part.truth.site) == {"left_arm", "right_arm"}
    assert set(part.truth_accelerometer.site) == {"trunk"}
    arms = np.isin(full.truth.site, ["left_arm", "right_arm"])
    assert np.array_equal(part.truth.onset_s, full.truth.onset_s[arms])
    assert set(part.rhythms.modality) == {"emg"}


@pytest.mark.slow
def test_what_an_accelerometer_sees_is_an_option() -> None:
    seen = {
        share: simulate_night("rls", hours=2.0, options=replace(LEAN, seen_by_accelerometer=share))
        for share in (0.0, 0.65, 1.0)
    }
    counts = {}
    for share, night in seen.items():
        assert np.array_equal(night.truth.onset_s, seen[1.0].truth.onset_s)
        legs = np.isin(night.truth_accelerometer.site, ["left_leg", "right_leg"])
        large = night.truth_accelerometer_kinds == "large"
        counts[share] = np.count_nonzero(legs & ~large)
        assert np.count_nonzero(large) == np.count_nonzero(night.truth_kinds == "large")
    in_emg = np.isin(seen[1.0].truth.site, ["left_leg", "right_leg"])
    assert counts[0.0] == 0
    assert counts[1.0] == np.count_nonzero(in_emg & (seen[1.0].truth_kinds != "large"))
    assert 0.4 < counts[0.65] / counts[1.0] < 0.9  # of some fifty


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one = write_night(short("akathisia"), tmp_path / "one")
    again = simulate_night("akathisia", hours=1.0, seed=1, options=LEAN)
    two = write_night(again, tmp_path / "two")
    assert sorted(one) == [
        *("distractors", "events", "hypnogram", "postures", "recording", "rhythms", "truth"),
        *("truth_accelerometer", "turns"),
    ]
    for name, path in one.items():
        assert path.read_bytes() == two[name].read_bytes(), name


def test_another_seed_is_another_night() -> None:
    one, two = short("rbs"), short("rbs", 2)
    assert not np.array_equal(one.turns.onset_s[:3], two.turns.onset_s[:3])
    assert not np.array_equal(one.recording.channels[0].samples, two.recording.channels[0].samples)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hours", first_of([0.1, 0.34, 3.0], 2))
def test_nights_of_any_length_keep_their_laws(kind: str, hours: float) -> None:
    night = simulate_night(kind, hours=hours, seed=3, options=LEAN)
    end_s = night.recording.duration_s
    for table in (night.truth, night.truth_accelerometer, night.rhythms, night.events, night.turns):
        assert (table.onset_s >= 0.0).all()
        assert (table.end_s <= end_s).all()
        times_s = np.concatenate((table.onset_s, table.end_s))
        assert np.abs(times_s * 1000 - np.rint(times_s * 1000)).max(initial=0.0) < 1e-6
    assert night.postures.onset_s[0] == 0.0
    assert night.postures.end_s[-1] == end_s


# movements


@each_kind
def test_movements_of_one_site_are_apart_and_no_burst_of_a_rhythm_is_one(kind: str) -> None:
    night = simulate_night(kind, seed=2, hours=4.0, options=LEAN)
    for site in set(night.truth.site):
        own = night.truth.where(night.truth.site == site)
        assert (own.onset_s[1:] - own.end_s[:-1] >= 0.7).all()
        assert (own.duration_s >= 0.5).all()
        trains = night.rhythms.where(
            (night.rhythms.site == site) & (night.rhythms.modality == "emg")
        ).intervals()
        for onset_s, end_s in own.intervals():
            assert ((trains[:, 1] < onset_s) | (trains[:, 0] > end_s)).all()


@each_kind
def test_large_movements_move_several_parts_for_3_to_45_s(kind: str) -> None:
    bodies = [planned(kind, seed) for seed in range(4)]
    rates, lengths_s = [], []
    for body in bodies:
        large = [one for one in body.plan.activations if one.kind == "large"]
        onset_s, end_s = (
            np.array([getattr(one, name) for one in large]) for name in ("onset_s", "end_s")
        )
        group = group_of_connected(onset_s, end_s)
        for number in range(group.max() + 1):
            sites = {one.site for one, its in zip(large, group, strict=True) if its == number}
            assert len(sites) >= 3
            assert "trunk" in sites
        lengths_s.extend(end_s - onset_s)
        first_s = onset_s[np.flatnonzero(np.diff(group, prepend=-1))]
        asleep = np.isin(body.hypnogram.stages, SLEEP_STAGES)
        in_sleep = np.isin(body.hypnogram.stage_at(first_s), SLEEP_STAGES)
        rates.append(np.count_nonzero(in_sleep) / (asleep.sum() / 120))
    assert min(lengths_s) >= 3.0
    assert max(lengths_s) <= 45.0
    assert np.median(lengths_s) == pytest.approx(12.0, rel=0.2)
    assert np.mean(rates) == pytest.approx(6.8, rel=0.3)


def test_large_movements_can_be_left_out_but_for_getting_up_and_lying_down() -> None:
    options = SimulationOptions(long_movements_per_h=0.0)
    body = plan_body(LAB_KINDS["rbs"], 960, 1, options)
    assert body.large_s == ()
    assert {one.kind for one in body.changes} == {"large"}
    assert len(body.trunk.starts_s) == len(body.course.change_s)


def test_restless_arms_move_both_arms_and_part_of_the_time_the_legs() -> None:
    shares, rates = [], []
    for seed in range(4):
        body = planned("ras", seed)
        left, right, legs = (
            np.concatenate([onsets(body, "plm", f"{side}_{limb}") for side, limb in sides])
            for sides in (
                (("left", "arm"),),
                (("right", "arm"),),
                (("left", "leg"), ("right", "leg")),
            )
        )
        assert min(len(left), len(right)) > 20
        arms = np.concatenate((left, right))
        shares.append(close_to(arms, legs, 0.5).mean())
        rates.append(len(arms))
    assert 0.15 < np.mean(shares) < 0.4


def test_a_restless_back_moves_the_trunk_and_the_legs_as_healthy_people_do() -> None:
    for seed in range(4):
        body = planned("rbs", seed)
        trunk = onsets(body, "plm", "trunk")
        assert len(trunk) > 60
        assert len(onsets(body, "plm", "left_leg")) < 0.3 * len(trunk)
        stages = body.hypnogram.stage_at(trunk)
        assert np.isin(stages, ["W", "N1", "N2"]).mean() > 0.8
        assert not any(up[0] <= at <= up[1] for up in body.course.up_s for at in trunk)


@pytest.mark.slow
def test_about_half_of_the_nights_with_akathisia_have_periodic_leg_movements() -> None:
    with_plm = [
        len(onsets(planned("akathisia", seed), "plm", "left_leg")) > 45 for seed in range(24)
    ]
    assert 6 <= sum(with_plm) <= 18


# getting up


def test_getting_up_relieves_a_restless_back_but_not_akathisia() -> None:
    before, after = [], []
    for seed in range(8):
        assert planned("akathisia", seed).course.relief_s == ()
        body = planned("rbs", seed)
        times_s = onsets(body, "plm", "trunk")
        for up_s, down_s in body.course.up_s[1:]:
            before.append(np.count_nonzero((times_s >= up_s - 600) & (times_s < up_s)))
            after.append(np.count_nonzero((times_s >= down_s) & (times_s < down_s + 600)))
    assert np.mean(before) > 2.0
    assert np.mean(after) < 0.1 * np.mean(before)


@each_kind
def test_getting_up_and_lying_down_are_events_in_wake(kind: str) -> None:
    night = simulate_night(kind, seed=2, hours=8.0, options=replace(LEAN, sensors="lumbar"))
    ups_s = night.events.of_kind(["get_up"]).onset_s
    downs_s = night.events.of_kind(["lie_down"]).onset_s
    assert len(downs_s) == len(ups_s) + 1
    assert (downs_s[:-1] < ups_s).all()
    assert (ups_s < downs_s[1:]).all()
    assert set(night.hypnogram.stage_at(np.concatenate((ups_s, downs_s)))) == {"W"}
    assert downs_s[0] < night.events.of_kind(["lights_off"]).onset_s[0]
    assert list(night.recording.annotations.text).count("Out of bed") == len(ups_s)


def test_get_ups_are_rare_in_healthy_nights_and_not_with_a_restless_back() -> None:
    counts = {
        kind: [len(planned(kind, seed).course.get_ups_s) for seed in range(12)]
        for kind in ("healthy", "rbs")
    }
    assert np.mean(counts["healthy"]) < 2.0
    assert np.mean(counts["rbs"]) > np.mean(counts["healthy"])
    assert min(counts["rbs"]) >= 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sensors": "legs+head"}, "sensors must be full, or parts out of legs arms"),
        ({"sensors": ""}, "sensors must be full"),
        ({"accelerometer_rate_hz": 10.0}, "accelerometer_rate_hz must be at least 20 Hz"),
        ({"accelerometer_rate_hz": 25.01}, "accelerometer_rate_hz must put whole samples"),
        ({"accelerometer_noise_g": -0.1}, "accelerometer_noise_g must be at least 0"),
        ({"accelerometer_gain_error": 1.0}, "accelerometer_gain_error must be .* at most 0.2"),
        ({"seen_by_accelerometer": 1.1}, "seen_by_accelerometer must be .* at most 1"),
        ({"trunk_ecg_uv": float("nan")}, "trunk_ecg_uv must be"),
    ],
)
def test_bad_options_of_the_body_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SimulationOptions(**wrong)
