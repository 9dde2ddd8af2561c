"""A whole night with EMG of legs, arms and back and five accelerometers, against its truth."""

from dataclasses import replace

import night_store
import numpy as np
import pytest
from rounds import first_of

from psgkit.agreement import compare_events
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.core.postures import Turns
from psgkit.core.recording import Recording
from psgkit.night.walk import analyse_night
from psgkit.simulate import SimulatedNight, SimulationOptions

SEEDS = {"rbs": 5, "akathisia": 8, "ras": 3, "rls": 2, "healthy": 4}
FULL = SimulationOptions(rate_hz=200.0, accelerometer_rate_hz=32.0, sensors="full")
HOURS = 1.5


@pytest.fixture(scope="module", params=first_of(SEEDS))
def both(request: pytest.FixtureRequest) -> tuple[SimulatedNight, NightReport]:
    kind, seed = request.param, SEEDS[request.param]
    night = night_store.simulated(kind, hours=HOURS, seed=seed, options=FULL)
    return night, night_store.analysed(kind, hours=HOURS, seed=seed, options=FULL)


def of(movements: Movements, site: str, modality: str) -> Movements:
    return movements.where((movements.site == site) & (movements.modality == modality))


def away_from(movements: Movements, spans: np.ndarray) -> Movements:
    """Return the movements that touch none of the spans."""
    touched = (movements.onset_s[:, None] < spans[:, 1]) & (movements.end_s[:, None] > spans[:, 0])
    return movements.where(~touched.any(axis=1))


def apart(night: SimulatedNight) -> np.ndarray:
    """Return large movements and time out of bed: what is no movement of one limb."""
    large = night.truth.intervals()[night.truth_kinds == "large"]
    up = night.postures.stretches(("upright", "walking"))
    return np.concatenate((large, up))


def test_trunk_movements_are_found_beneath_a_heart_five_times_as_strong(
    both: tuple[SimulatedNight, NightReport],
) -> None:
    night, report = both
    spans = apart(night)
    true = away_from(of(night.truth, "trunk", "emg"), spans)
    found = away_from(of(report.movements.movements, "trunk", "emg"), spans)
    if len(true) < 10:
        assert len(found) <= len(true) + 1
        return
    assert compare_events(true, found).f1 >= 0.95


def test_jerks_of_a_limb_are_found_and_turns_are_none(
    both: tuple[SimulatedNight, NightReport],
) -> None:
    night, report = both
    moved = report.movements.movements
    sensors = moved.where(moved.modality == "accelerometer")
    turns = np.column_stack((night.turns.onset_s, night.turns.end_s))
    inside = (sensors.onset_s[:, None] < turns[:, 1]) & (sensors.end_s[:, None] > turns[:, 0])
    assert not inside.any()
    spans = np.concatenate((apart(night), night.rhythms.intervals(), turns))
    for site in ("left_leg", "right_leg", "left_arm", "right_arm"):
        true = away_from(of(night.truth_accelerometer, site, "accelerometer"), spans)
        if len(true) >= 10:
            found = away_from(of(moved, site, "accelerometer"), spans)
            assert compare_events(true, found).f1 >= 0.9, site


def test_trains_have_their_frequency_and_make_no_movement(
    both: tuple[SimulatedNight, NightReport],
) -> None:
    night, report = both
    lasting = night.rhythms.duration_s >= np.where(night.rhythms.modality == "emg", 4.0, 6.0)
    true = night.rhythms.where(lasting & (night.rhythms.kind != "scratch"))
    legs = np.isin(true.site, ["left_leg", "right_leg"])
    true = true.where(legs)
    hits, off_hz = 0, []
    for row in range(len(true)):
        found = report.rhythms.where(
            (report.rhythms.site == true.site[row])
            & (report.rhythms.modality == true.modality[row])
            & (report.rhythms.onset_s < true.end_s[row])
            & (report.rhythms.end_s > true.onset_s[row])
        )
        overlap = np.minimum(found.end_s, true.end_s[row]) - np.maximum(
            found.onset_s, true.onset_s[row]
        )
        if overlap.sum() >= 0.5 * true.duration_s[row]:
            hits += 1
            best = int(np.argmax(overlap))
            off_hz.append(abs(found.frequency_hz[best] - true.frequency_hz[row]))
    if len(true) >= 5:
        assert hits >= 0.95 * len(true)
        assert np.quantile(off_hz, 0.95) <= 0.1


def test_postures_are_right_away_from_turns(both: tuple[SimulatedNight, NightReport]) -> None:
    night, report = both
    seconds = np.arange(0.5, HOURS * 3600, 1.0)
    near = np.abs(seconds[:, None] - night.postures.onset_s[None, 1:]).min(axis=1) <= 5
    near |= (
        (seconds[:, None] > night.turns.onset_s - 5) & (seconds[:, None] < night.turns.end_s + 5)
    ).any(axis=1)
    true, found = (
        table.posture[np.searchsorted(table.onset_s, seconds, side="right") - 1]
        for table in (night.postures, report.postures)
    )
    up = np.isin(true, ["upright", "walking"])
    lying_right = np.isin(found, ["supine", "prone", "left", "right", "lying"]) == ~up
    assert lying_right[~near].mean() >= 0.99
    # where walking and enough sides told the axes of the body, which side is right, too
    front = [f for f in report.findings if f.code == "posture.front_assumed"]
    if "walking" in true and not any("0.5" in f.message for f in front):
        assert (true == found)[~near].mean() >= 0.99


def test_turns_have_their_angle(both: tuple[SimulatedNight, NightReport]) -> None:
    night, report = both
    lying = np.isin(report.turns.before, ["upright", "walking"]) | np.isin(
        report.turns.after, ["upright", "walking"]
    )
    assert_turns(night.turns, report.turns, lying)


def assert_turns(true: Turns, found: Turns, up: np.ndarray) -> None:
    large = true.angle_deg >= 20
    for onset_s, end_s, angle in zip(
        true.onset_s[large], true.end_s[large], true.angle_deg[large], strict=True
    ):
        here = (found.onset_s < end_s + 2) & (found.end_s > onset_s - 2)
        assert here.any(), onset_s
        if not up[here].any():
            assert np.abs(found.angle_deg[here] - angle).min() <= 5


def test_large_movements_leave_the_series_and_are_counted(
    both: tuple[SimulatedNight, NightReport],
) -> None:
    night, report = both
    true = night.truth.intervals()[night.truth_kinds == "large"]
    # one large movement is several rows of truth
    starts = true[np.argsort(true[:, 0]), 0]
    n_true = 1 + int((np.diff(starts) > 5).sum()) if len(starts) else 0
    found = report.movements.movements
    assert abs((found.site == "whole_body").sum() - n_true) <= max(2, 0.2 * n_true)
    whole = report.movements.where(found.site == "whole_body")
    assert not whole.candidate.any()
    assert not whole.plm.any()
    assert report.indices["trunk"]["lmm_removed_n"].value is not None


# what must not matter


def turned(recording: Recording, seed: int) -> Recording:
    """Return the recording with its accelerometers mounted otherwise, axes in another order."""
    rng = np.random.default_rng(seed)
    changed = {}
    places = dict.fromkeys(c.place for c in recording.channels if c.role == "accelerometer")
    for place in places:
        axes = [c for c in recording.channels if c.place == place]
        samples = np.stack([np.asarray(c.samples[:], dtype=np.float64) for c in axes], axis=1)
        q, r = np.linalg.qr(rng.standard_normal((3, 3)))
        q = q * np.sign(np.diag(r))
        rotation = q * np.sign(np.linalg.det(q))
        offset = rng.uniform(-0.02, 0.02, 3)
        mixed = (samples @ rotation)[:, [2, 0, 1]] * 1.02 + offset
        for channel, axis in zip(axes, mixed.T, strict=True):
            changed[channel.label] = replace(channel, samples=axis.astype(np.float32), limits=None)
    return recording.with_channels(changed)


@pytest.mark.slow
def test_mounting_gain_and_offset_change_no_movement() -> None:
    night = night_store.simulated("ras", hours=HOURS, seed=3, options=FULL)
    plain = night_store.analysed("ras", hours=HOURS, seed=3, options=FULL)
    other = analyse_night(turned(night.recording, 1), night.hypnogram, night.events)
    for site in ("left_arm", "right_arm"):
        one, two = (of(r.movements.movements, site, "accelerometer") for r in (plain, other))
        assert len(one) > 5
        assert compare_events(one, two).f1 >= 0.95
    assert abs(len(plain.turns) - len(other.turns)) <= 1
    emg = [of(r.movements.movements, "both_arms", "emg").onset_s.tolist() for r in (plain, other)]
    assert emg[0] == emg[1]


@pytest.mark.slow
def test_getting_up_relieves_a_restless_back_and_not_akathisia() -> None:
    ratios = {}
    for kind, seed in (("rbs", 5), ("akathisia", 5)):
        report = night_store.analysed(kind, hours=3.0, seed=seed, options=FULL)
        relief = report.indices["movement_relief"]
        assert (relief["episodes_n"].value or 0) >= 1
        ratios[kind] = relief["trunk_relief_ratio"]
        if kind == "rbs":
            assert ratios[kind].value is not None
            assert ratios[kind].value <= 0.2
        else:
            rest = report.indices["akathisia"]
            assert (rest["rhythm_rest_share"].value or 0) > 0.1
            assert (rest["rhythm_upright_share"].value or 0) > (
                rest["rhythm_lying_share"].value or 0
            )
            assert (rest["ankle_waist_ratio"].value or 0) > 2
