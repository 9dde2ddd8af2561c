"""The laws that the truth of a simulated night keeps."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from rounds import first_of

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.intervals import group_of_connected
from psgkit.core.site import Site
from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.plan.kinds import KINDS, RLS, ChannelPlan, MovementProcess
from psgkit.simulate.plan.spread import Spread

FAST = SimulationOptions(rate_hz=50.0, ecg_rate_hz=None)
NIGHTS = [(kind, hours, seed) for seed in range(4) for kind in KINDS for hours in (8.0, 2.0)]


@pytest.fixture(scope="module", params=first_of(range(len(NIGHTS)), 4))
def night(request: pytest.FixtureRequest) -> SimulatedNight:
    kind, hours, seed = NIGHTS[request.param]
    return simulate_night(kind, hours=hours, seed=seed, options=FAST)


def combined(night: SimulatedNight) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return onset, end and kind of the movements with both legs taken together."""
    onset_s, end_s = night.truth.onset_s, night.truth.end_s
    group = group_of_connected(onset_s, end_s + 0.5)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    ends_s = np.maximum.reduceat(end_s, first) if len(first) else end_s
    return onset_s[first], ends_s, night.truth_kinds[first]


def test_movements_of_one_leg_are_apart_and_last_half_a_second(night: SimulatedNight) -> None:
    for site in ("left_leg", "right_leg"):
        own = night.truth.where(night.truth.site == site)
        assert (own.onset_s[1:] - own.end_s[:-1] >= 0.7).all()
        assert (own.duration_s >= 0.5).all()


def test_only_long_movements_last_more_than_ten_seconds(night: SimulatedNight) -> None:
    long = night.truth_kinds == "long"
    assert (night.truth.duration_s[long] >= 10.5).all()
    assert (night.truth.duration_s[long] <= 25.0).all()
    assert (night.truth.duration_s[~long] < 10.0).all()


def test_distractors_keep_away_from_movements_and_each_other(night: SimulatedNight) -> None:
    spans_of = defaultdict(list)
    for table in (night.truth, night.distractors):
        for onset_s, end_s, site in zip(table.onset_s, table.end_s, table.site, strict=True):
            spans_of[site].append((onset_s, end_s))
    for spans in spans_of.values():
        rows = np.array(sorted(spans))
        assert (rows[1:, 0] - rows[:-1, 1] >= 0.7).all()


def test_twitches_are_too_short_and_faint_bursts_too_weak(night: SimulatedNight) -> None:
    twitch = night.distractor_kinds == "twitch"
    assert set(night.distractor_kinds) == {"twitch", "faint_burst"}
    assert (night.distractors.duration_s[twitch] < 0.5).all()
    assert (night.distractors.amplitude[~twitch] < 8.0).all()


def test_movements_are_clearly_above_the_threshold(night: SimulatedNight) -> None:
    assert (night.truth.amplitude > 8.0).all()
    assert set(night.truth.amplitude_unit.tolist()) == {"uV"}


def test_plm_come_in_series_of_four_or_more_10_to_90_s_apart(night: SimulatedNight) -> None:
    onset_s, _, kind = combined(night)
    is_plm = kind == "plm"
    imi_s = np.diff(onset_s)
    linked = is_plm[1:] & is_plm[:-1] & (imi_s <= 90.0)
    assert (imi_s[linked] >= 10.0).all()
    series = np.cumsum(np.concatenate(([True], ~linked)))
    assert all(count >= 4 for count in np.bincount(series[is_plm]) if count)


def test_groups_of_different_kinds_are_more_than_90_s_apart(night: SimulatedNight) -> None:
    onset_s, _, kind = combined(night)
    assert (np.diff(onset_s)[kind[1:] != kind[:-1]] > 90.0).all()


def test_short_intervals_are_below_10_s(night: SimulatedNight) -> None:
    onset_s, _, kind = combined(night)
    short = kind == "short_interval"
    imi_s = np.diff(onset_s)[short[1:] & short[:-1]]
    assert ((imi_s < 10.0) | (imi_s > 90.0)).all()


def test_both_legs_move_within_half_a_second_of_each_other(night: SimulatedNight) -> None:
    group = group_of_connected(night.truth.onset_s, night.truth.end_s + 0.5)
    for number in np.flatnonzero(np.bincount(group) > 1):
        parts = night.truth.where(group == number)
        assert sorted(parts.site) == ["left_leg", "right_leg"]
        assert parts.onset_s[1] - parts.onset_s[0] < 0.5


def test_respiratory_movements_follow_the_end_of_an_event(night: SimulatedNight) -> None:
    ends_s = night.events.of_kind(("apnea", "hypopnea")).end_s
    for onset_s in night.truth.onset_s[night.truth_kinds == "respiratory"]:
        assert ((onset_s - ends_s >= -2.0) & (onset_s - ends_s <= 10.25)).any()


def test_all_events_lie_within_the_night(night: SimulatedNight) -> None:
    for table in (night.truth, night.distractors, night.events):
        assert (table.onset_s >= 0.0).all()
        assert (table.end_s <= night.recording.duration_s).all()
    assert night.hypnogram.end_s == night.recording.duration_s


def test_times_are_whole_milliseconds(night: SimulatedNight) -> None:
    for table in (night.truth, night.distractors, night.events):
        for times_s in (table.onset_s, table.end_s):
            assert np.abs(times_s * 1000 - np.rint(times_s * 1000)).max() < 1e-6


def test_arousals_begin_in_sleep_and_ten_seconds_apart(night: SimulatedNight) -> None:
    arousals = night.events.of_kind(("arousal",))
    assert np.isin(night.hypnogram.stage_at(arousals.onset_s), SLEEP_STAGES).all()
    assert (arousals.onset_s[1:] - arousals.end_s[:-1] >= 9.99).all()
    assert (arousals.end_s - arousals.onset_s >= 2.99).all()


def test_everybody_is_awake_with_the_lights_on(night: SimulatedNight) -> None:
    off_s = night.events.of_kind(("lights_off",)).onset_s
    on_s = night.events.of_kind(("lights_on",)).onset_s
    assert len(off_s) == len(on_s) == 1
    starts_s = night.hypnogram.epoch_starts_s()
    lit = (starts_s < off_s[0]) | (starts_s + 30.0 > on_s[0])
    assert set(night.hypnogram.stages[lit]) == {"W"}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("kind", "low", "high"), [("rls", 15.0, 60.0), ("healthy", 0.0, 5.0)])
def test_a_whole_night_looks_like_its_kind(kind: str, low: float, high: float, seed: int) -> None:
    night = simulate_night(kind, seed=seed, options=FAST)
    asleep = np.isin(night.hypnogram.stages, SLEEP_STAGES)
    assert 0.7 < asleep.mean() < 0.97
    shares = {
        stage: float((night.hypnogram.stages == stage).mean()) for stage in ("N1", "N2", "N3", "R")
    }
    assert shares["N2"] == max(shares.values())
    assert min(shares.values()) > 0.02
    onset_s, _, kinds = combined(night)
    in_sleep = np.isin(night.hypnogram.stage_at(onset_s), SLEEP_STAGES)
    plms_index = np.count_nonzero((kinds == "plm") & in_sleep) / (asleep.sum() / 120)
    assert low <= plms_index <= high


def test_intervals_within_series_peak_between_15_and_30_s() -> None:
    imi_s = []
    for seed in range(4):
        onset_s, _, kind = combined(simulate_night("rls", seed=seed, options=FAST))
        inside = (kind[1:] == "plm") & (kind[:-1] == "plm") & (np.diff(onset_s) <= 90.0)
        imi_s.extend(np.diff(onset_s)[inside])
    counts, edges = np.histogram(imi_s, bins=np.arange(0.0, 95.0, 5.0))
    assert 15.0 <= edges[np.argmax(counts)] < 30.0


def test_part_of_the_plm_come_with_an_arousal() -> None:
    night = simulate_night("rls", seed=0, options=FAST)
    onset_s, end_s, kind = combined(night)
    arousals = night.events.of_kind(("arousal",)).intervals()
    apart_s = np.maximum(onset_s[:, None] - arousals[:, 1], arousals[:, 0] - end_s[:, None])
    linked = (apart_s < 0.5).any(axis=1)
    assert 0.1 < linked[kind == "plm"].mean() < 0.5


def test_respiratory_rate_can_be_chosen() -> None:
    options = replace(FAST, respiratory_per_h=15.0)
    night = simulate_night("rls", seed=1, options=options)
    hours = np.isin(night.hypnogram.stages, SLEEP_STAGES).sum() / 120
    assert 8.0 < len(night.events.of_kind(("apnea", "hypopnea"))) / hours < 22.0
    assert np.count_nonzero(night.truth_kinds == "respiratory") > 30


def test_parts_can_be_switched_off() -> None:
    options = replace(
        FAST,
        twitches_per_h=0.0,
        faint_bursts_per_h=0.0,
        long_movements_per_h=0.0,
        respiratory_per_h=0.0,
    )
    night = simulate_night("rls", seed=2, options=options)
    assert len(night.distractors) == 0
    assert len(night.events.of_kind(("apnea", "hypopnea"))) == 0
    assert set(night.truth_kinds) == {"plm", "isolated", "short_interval"}


def test_twitches_change_no_movement() -> None:
    quiet = replace(FAST, twitches_per_h=0.0, faint_bursts_per_h=0.0)
    with_twitches = simulate_night("rls", hours=2.0, options=FAST)
    without = simulate_night("rls", hours=2.0, options=quiet)
    assert np.array_equal(with_twitches.truth.onset_s, without.truth.onset_s)
    assert np.array_equal(with_twitches.truth.amplitude, without.truth.amplitude)


def test_event_times_are_the_same_at_every_rate() -> None:
    nights = [
        simulate_night("rls", hours=1.0, seed=3, options=SimulationOptions(rate_hz=rate_hz))
        for rate_hz in (100.0, 256.0, 512.0)
    ]
    for other in nights[1:]:
        for name in ("truth", "distractors"):
            one, two = getattr(nights[0], name), getattr(other, name)
            assert np.array_equal(one.intervals(), two.intervals())
            assert np.array_equal(one.site, two.site)
        assert np.array_equal(nights[0].events.intervals(), other.events.intervals())
        assert np.array_equal(nights[0].hypnogram.stages, other.hypnogram.stages)


def test_another_seed_is_another_night() -> None:
    one, two = (simulate_night("rls", hours=1.0, seed=seed, options=FAST) for seed in (0, 1))
    assert not np.array_equal(one.hypnogram.stages, two.hypnogram.stages)
    assert not np.array_equal(one.truth.onset_s[:5], two.truth.onset_s[:5])


@pytest.mark.parametrize("rise_s", [0.02, 0.2])
@pytest.mark.parametrize("amplitude_uv", [14.0, 55.0, 400.0])
def test_profile_crosses_8_uv_at_the_onset_and_2_uv_at_the_end(
    amplitude_uv: float, rise_s: float
) -> None:
    burst = Activation(
        onset_s=3.0,
        end_s=3.65,
        site=Site.LEFT_LEG,
        kind="plm",
        amplitude_uv=amplitude_uv,
        tail=0.8,
        rise_s=rise_s,
        fall_s=0.2,
    )
    times_s = np.arange(2.0, 5.0, 1e-4)
    profile_uv = burst.profile_uv(times_s)
    assert times_s[np.argmax(profile_uv >= 8.0)] == pytest.approx(3.0, abs=2e-4)
    assert times_s[profile_uv >= 2.0][-1] == pytest.approx(3.65, abs=2e-4)
    assert profile_uv.max() <= amplitude_uv


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"amplitude_uv": 7.0}, "cross its thresholds"), ({"end_s": 3.1}, "ramps do not fit")],
)
def test_impossible_activations_are_refused(changed: dict[str, float], message: str) -> None:
    burst = Activation(
        onset_s=3.0,
        end_s=3.65,
        site=Site.LEFT_LEG,
        kind="plm",
        amplitude_uv=55.0,
        tail=0.8,
        rise_s=0.2,
        fall_s=0.2,
    )
    with pytest.raises(ValueError, match=message):
        replace(burst, **changed)


def test_a_kind_must_record_what_it_moves() -> None:
    arm = (ChannelPlan(label="FDS", role="arm", site=Site.LEFT_ARM, cardiac_share=1.0),)
    with pytest.raises(ValueError, match=r"rls: nothing records .*left_leg"):
        replace(RLS, channels=arm)


def test_a_kind_with_other_limbs_needs_data_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sites = (Site.LEFT_ARM, Site.TRUNK)

    def moved(process: MovementProcess) -> MovementProcess:
        return replace(process, sides=(((sites[0],), 0.5), (sites, 0.5)))

    arms = replace(
        RLS,
        name="arms",
        channels=tuple(
            ChannelPlan(label=label, role=role, site=site, cardiac_share=1.0)
            for label, role, site in zip(("FDS", "Back"), ("arm", "trunk"), sites, strict=True)
        ),
        processes=tuple(moved(process) for process in RLS.processes),
        respiratory=replace(RLS.respiratory, movement=moved(RLS.respiratory.movement)),
    )
    monkeypatch.setattr("psgkit.simulate.night.KINDS", {"arms": arms})
    night = simulate_night("arms", hours=1.0, options=FAST)
    assert night.recording.labels() == ["FDS", "Back"]
    assert set(night.truth.site) == {"left_arm", "trunk"}


def test_spread_keeps_its_limits_and_its_median() -> None:
    values = Spread(median=24.0, log_sd=0.5, low=10.6, high=80.0).draw(
        np.random.default_rng(0), 20_000
    )
    assert values.min() >= 10.6
    assert values.max() <= 80.0
    assert np.median(values) == pytest.approx(24.0, rel=0.05)


@pytest.mark.parametrize("wrong", [{"low": 30.0}, {"high": 20.0}, {"low": 0.0}, {"log_sd": -1.0}])
def test_impossible_spreads_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a spread needs"):
        Spread(**{"median": 24.0, "log_sd": 0.5, "low": 10.0, "high": 80.0} | wrong)
