"""When a sensor or counts measured a body: rules by name, and reasons where nothing is left."""

import numpy as np
import pytest

from psgkit.conditioning.wear.counts import (
    CHOI_2011,
    TROIANO_2008,
    counts_wear,
    filled_by_time_of_day,
    without,
    zero_runs_s,
)
from psgkit.conditioning.wear.sensors import NonWearRule, sensor_wear
from psgkit.core.acceleration import Acceleration
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import Wear
from psgkit.core.days.diary import Diary
from psgkit.core.signal import Signal

RATE_HZ = 10.0
HOUR = 36000
RNG = np.random.default_rng(3)


def sensor(samples: np.ndarray, start_s: float = 0.0, limit_g: float = 8.0) -> Acceleration:
    axes = tuple(
        Signal(samples=axis, rate_hz=RATE_HZ, unit="g", start_s=start_s, limits=(-limit_g, limit_g))
        for axis in samples.T
    )
    return Acceleration(axes=axes, place="left_wrist")


def worn(hours: float) -> np.ndarray:
    return RNG.normal([0.0, 0.0, 1.0], 0.1, (round(hours * HOUR), 3))


def lying(hours: float) -> np.ndarray:
    return RNG.normal([0.1, 0.0, 0.99], 0.003, (round(hours * HOUR), 3))


def hours_of(wear: Wear, kind: str) -> float:
    return wear.share_of(kind) * wear.duration_s / 3600


def test_an_hour_at_rest_is_not_worn_and_three_quarters_are_sleep() -> None:
    samples = np.vstack((worn(2), lying(0.75), worn(2), lying(1.5), worn(1.75)))
    wear = sensor_wear([sensor(samples)], 8 * 3600.0)
    spans = next(one.spans_s for one in wear.excluded if one.kind == "non_wear")
    assert (spans / 3600).tolist() == [[4.75, 6.25]]
    assert "van Hees 2013" in wear.excluded[0].rule
    assert [one.code for one in wear.findings] == ["days.non_wear"]


def test_two_axes_at_rest_are_enough_and_one_is_not() -> None:
    still = lying(2)
    one, two = still.copy(), still.copy()
    one[:, :2] += RNG.normal(0.0, 0.1, (len(still), 2))
    two[:, 0] += RNG.normal(0.0, 0.1, len(still))
    assert sensor_wear([sensor(one)], 7200.0).share == 1.0
    assert sensor_wear([sensor(two)], 7200.0).reason == "it was never worn"


def test_gaps_between_segments_missing_samples_and_a_device_that_is_off_are_gaps() -> None:
    holes = worn(2)
    holes[: HOUR // 2] = np.nan
    holes[HOUR : HOUR + HOUR // 4] = [0.1, 0.2, 0.9]
    parts = [sensor(holes), sensor(worn(1), start_s=3 * 3600.0)]
    wear = sensor_wear(parts, 4 * 3600.0)
    assert hours_of(wear, "gap") == pytest.approx(0.5 + 0.25 + 1.0, abs=0.01)
    assert hours_of(wear, "non_wear") == 0.0
    assert wear.observed_s[-1].tolist() == [10800.0, 14400.0]


def test_saturation_and_a_broken_sensor_have_their_own_kinds() -> None:
    samples = worn(2)
    samples[HOUR : HOUR + 6000, 0] = 8.0
    wear = sensor_wear([sensor(samples)], 7200.0)
    assert hours_of(wear, "saturated") == pytest.approx(1 / 6, abs=0.01)
    broken = np.vstack((worn(2), RNG.normal([1.2, 0.9, 0.8], 0.002, (HOUR // 2, 3))))
    assert hours_of(sensor_wear([sensor(broken)], 9000.0), "artefact") == pytest.approx(0.5)


def test_nothing_recorded_and_never_worn_are_reasons() -> None:
    assert sensor_wear([], 3600.0).reason == "nothing was recorded"
    nothing = sensor_wear([sensor(np.zeros((HOUR, 3)))], 3600.0)
    assert nothing.reason == "nothing was recorded"
    assert nothing.observed_s.shape == (0, 2)
    assert nothing.findings[0].severity == "error"


def test_the_rule_can_be_changed() -> None:
    samples = np.vstack((worn(1), lying(0.6), worn(1.4)))
    half_an_hour = NonWearRule(window_blocks=2)
    wear = sensor_wear([sensor(samples)], 3 * 3600.0, rule=half_an_hour)
    assert hours_of(wear, "non_wear") == pytest.approx(0.5)


# counts


def minutes(*runs: tuple[float, int]) -> Counts:
    values = np.concatenate([np.full(n, value) for value, n in runs])
    return Counts(counts=values, epoch_s=60.0)


@pytest.mark.parametrize(
    ("runs", "choi_min", "troiano_min"),
    [
        (((0, 90),), 90, 90),
        (((0, 89),), 0, 89),
        (((0, 59),), 0, 0),
        (((0, 45), (900, 2), (0, 45)), 92, 0),
        (((0, 45), (90, 2), (0, 45)), 92, 92),
        (((0, 45), (90, 3), (0, 45)), 0, 0),
        (((0, 29), (90, 2), (0, 70)), 0, 101),
        (((0, 60), (5, 1), (0, 5), (5, 1), (0, 60)), 0, 127),
        (((0, 50), (np.nan, 2), (0, 50)), 0, 0),
    ],
)
def test_runs_of_zeros_by_the_rules_of_choi_and_troiano(
    runs: tuple[tuple[float, int], ...], choi_min: int, troiano_min: int
) -> None:
    counts = minutes((300.0, 10), *runs, (300.0, 10))
    for rule, expected in ((CHOI_2011, choi_min), (TROIANO_2008, troiano_min)):
        found = zero_runs_s(counts, rule)
        assert (found[:, 1] - found[:, 0]).sum() / 60 == expected, rule.name


def test_short_epochs_are_summed_to_minutes_and_long_ones_stay() -> None:
    shorter = Counts(counts=np.repeat([5.0, 0.0, 5.0], [40, 400, 40]), epoch_s=15.0)
    assert zero_runs_s(shorter, CHOI_2011).tolist() == [[600.0, 6600.0]]
    longer = Counts(counts=np.repeat([5.0, 0.0, 5.0], [4, 20, 4]), epoch_s=300.0)
    assert zero_runs_s(longer, CHOI_2011).tolist() == [[1200.0, 7200.0]]


def test_all_zero_all_missing_saturated_and_stuck_counts_are_said() -> None:
    assert counts_wear(minutes((0.0, 500)), 30000.0).reason == "every count is 0"
    assert counts_wear(minutes((np.nan, 500)), 30000.0).reason == "every count is missing"
    varied = RNG.integers(1, 500, 300).astype(float)
    full = Counts(counts=np.concatenate((varied, np.full(60, 65535.0), varied)), epoch_s=60.0)
    wear = counts_wear(full, full.end_s)
    assert hours_of(wear, "saturated") == pytest.approx(1.0)
    assert hours_of(wear, "artefact") == 0.0
    stuck = Counts(counts=np.concatenate((varied, np.full(60, 77.0), varied)), epoch_s=60.0)
    assert hours_of(counts_wear(stuck, stuck.end_s), "artefact") == pytest.approx(1.0)


def test_the_diary_takes_time_out_too() -> None:
    counts = Counts(counts=RNG.integers(1, 500, 300).astype(float), epoch_s=60.0)
    diary = Diary(not_worn_s=np.array([[600.0, 1200.0]]))
    assert counts_wear(counts, 18000.0, diary=diary).observed_s.tolist() == [
        [0.0, 600.0],
        [1200.0, 18000.0],
    ]


def test_nothing_is_filled_unless_asked_for_and_then_it_is_marked() -> None:
    from datetime import datetime

    day = np.tile([10.0, 20.0, 30.0, 40.0], 6)
    values = np.tile(day, 3)
    values[30] = np.nan
    counts = Counts(counts=values, epoch_s=3600.0)
    wear = counts_wear(counts, counts.end_s)
    kept = without(counts, wear)
    assert np.isnan(kept.counts[30])
    assert not kept.imputed.any()
    filled = filled_by_time_of_day(kept, DayClock.of(datetime(2024, 1, 1), "Europe/Berlin"))
    assert filled.counts[30] == day[30 % 24]
    assert np.flatnonzero(filled.imputed).tolist() == [30]


def test_what_no_day_has_measured_stays_missing() -> None:
    from datetime import datetime

    values = np.ones(48)
    values[[5, 29]] = np.nan
    filled = filled_by_time_of_day(
        Counts(counts=values, epoch_s=3600.0), DayClock.of(datetime(2024, 1, 1))
    )
    assert np.flatnonzero(np.isnan(filled.counts)).tolist() == [5, 29]
    assert not filled.imputed.any()
