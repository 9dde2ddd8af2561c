"""Movements before, while and after being up: counted where observed, compared where complete."""

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals
from psgkit.core.postures import Postures
from psgkit.indices.movement_relief import MovementRelief, ReliefRule, movement_relief

HOUR = 3600.0
RULE = ReliefRule()
WINDOW = np.array([[0.0, 100 * HOUR]])
ALWAYS = np.array([[0.0, 100 * HOUR]])


def postures(*rows: tuple[float, str]) -> Postures:
    """Return postures of (seconds, name), one after the other."""
    edges = np.r_[0.0, np.cumsum([seconds for seconds, _ in rows])]
    return Postures(
        onset_s=edges[:-1],
        end_s=edges[1:],
        posture=np.array([name for _, name in rows]),
        angle_deg=np.full(len(rows), np.nan),
    )


def bouts(n: int, lying_s: float = 2000.0, up_s: float = 300.0) -> Postures:
    """Return a night with ``n`` times up between times of lying."""
    return postures(*([(lying_s, "supine"), (up_s, "upright")] * n), (lying_s, "left"))


def relief(
    night: Postures,
    onsets: list[float] | NDArray[np.float64],
    observed: Intervals = ALWAYS,
    rule: ReliefRule = RULE,
) -> MovementRelief:
    return movement_relief({"legs": (np.array(onsets), observed)}, night, WINDOW, rule)


def value(found: MovementRelief, name: str) -> float | None:
    return found.indices[f"legs_{name}"].value


def test_one_time_up_by_hand() -> None:
    # up from 2000 to 2300: before is 1090-1990, while up 2010-2290, after 2310-3210
    onsets = [
        1089.0,
        1090.0,
        1500.0,
        1600.0,
        1989.0,
        1990.0,
        2015.0,
        2100.0,
        2309.0,
        2310.0,
        3210.0,
    ]
    found = relief(bouts(1), onsets)
    (row,) = found.episodes
    assert (row.up_onset_s, row.up_end_s) == (2000, 2300)
    assert (row.before_n, row.up_n, row.after_n) == (4, 2, 1)
    assert (row.before_h, row.after_h) == (0.25, 0.25)
    assert row.up_h == pytest.approx(280 / HOUR)
    assert value(found, "before_rate") == 16
    assert value(found, "after_rate") == 4
    assert value(found, "relief_ratio") == 0.25
    assert value(found, "up_ratio") == pytest.approx(2 / (280 / HOUR) / 16)
    assert value(found, "episodes_n") == 1
    assert found.indices["episodes_n"].value == 1
    assert "too few" in (found.indices["legs_relief_ratio_low"].reason or "")


def test_walking_is_not_counted_as_being_up() -> None:
    night = postures((2000, "supine"), (100, "upright"), (200, "walking"), (2000, "left"))
    found = relief(night, [1500.0, 2050.0, 2150.0, 2250.0])
    assert found.episodes[0].up_n == 1
    assert found.episodes[0].up_h == pytest.approx(90 / HOUR)
    walked = postures((2000, "supine"), (300, "walking"), (2000, "left"))
    assert "up without walking" in (relief(walked, [1.0]).indices["legs_up_rate"].reason or "")


def test_only_observed_time_counts() -> None:
    observed = np.array([[1500.0, 1800.0], [2310.0, 2610.0]])
    found = relief(bouts(1), [1400.0, 1600.0, 1700.0, 2400.0, 2700.0], observed)
    (row,) = found.episodes
    assert (row.before_n, row.after_n) == (2, 1)
    assert row.before_h == pytest.approx(300 / HOUR)
    assert row.up_h == 0


@pytest.mark.parametrize(("seconds", "complete"), [(179.0, 0), (180.0, 1)])
def test_less_than_3_minutes_lying_is_no_comparison(seconds: float, complete: int) -> None:
    night = postures((2000, "supine"), (300, "upright"), (seconds + 10, "left"))
    found = relief(night, [1500.0])
    assert value(found, "episodes_n") == complete
    assert (value(found, "relief_ratio") is None) == (complete == 0)


def test_the_minutes_of_one_time_up_do_not_reach_into_the_next() -> None:
    night = bouts(2, lying_s=600.0)
    found = relief(night, [500.0, 1000.0, 1250.0, 1900.0])
    first, second = found.episodes
    assert first.after_h == second.before_h == pytest.approx(580 / HOUR)
    assert first.after_n == second.before_n == 2


def constructed(
    rng: np.random.Generator, n: int, rates: tuple[float, float]
) -> NDArray[np.float64]:
    """Return onsets at one rate per hour before and another after each time up."""
    onsets = []
    for k in range(n):
        up = 2000.0 + 2300.0 * k
        for rate, low in zip(rates, (up - 910, up + 310), strict=True):
            count = rng.poisson(rate / 4)
            onsets.append(low + rng.uniform(0, 900, count))
    return np.sort(np.concatenate(onsets))


def test_the_ratio_is_right_and_its_interval_covers_on_constructed_nights() -> None:
    rng = np.random.default_rng(0)
    ratios, covers = [], []
    for _ in range(60):
        found = relief(
            bouts(12), constructed(rng, 12, (60.0, 24.0)), rule=ReliefRule(resamples=400)
        )
        ratios.append(value(found, "relief_ratio"))
        low, high = value(found, "relief_ratio_low"), value(found, "relief_ratio_high")
        assert low is not None
        assert high is not None
        covers.append(low <= 0.4 <= high)
    assert np.mean(ratios) == pytest.approx(0.4, abs=0.02)
    assert np.mean(covers) >= 0.85


def test_the_interval_is_the_same_each_time() -> None:
    onsets = constructed(np.random.default_rng(1), 5, (60.0, 30.0))
    names = ("relief_ratio_low", "relief_ratio_high")
    one, two = (relief(bouts(5), onsets) for _ in range(2))
    assert [value(one, name) for name in names] == [value(two, name) for name in names]


def test_no_movement_before_gives_no_ratio_and_few_an_open_interval() -> None:
    found = relief(bouts(4), [2400.0])
    assert value(found, "before_rate") == 0
    reason = "no movement in the time lying before getting up"
    assert found.indices["legs_relief_ratio"].reason == reason
    one = relief(bouts(4), [1500.0, 2400.0, 4700.0])
    assert value(one, "relief_ratio") == 2
    assert "too few movements" in (one.indices["legs_relief_ratio_high"].reason or "")


def test_nobody_up_and_no_sensor_are_missing_with_their_reasons() -> None:
    quiet = relief(postures((HOUR, "supine")), [5.0])
    assert quiet.indices["episodes_n"].value == 0
    assert (
        quiet.indices["legs_before_rate"].reason == "no time out of bed between lights off and on"
    )
    blind = movement_relief(
        {"legs": (np.array([5.0]), ALWAYS)}, Postures.none(), WINDOW, RULE, "no trunk sensor"
    )
    assert {index.reason for index in blind.indices.values()} == {"no trunk sensor"}
    assert set(blind.indices) == set(quiet.indices)
    assert blind.episodes == ()


def test_each_group_has_its_own_indices_and_none_is_no_group() -> None:
    groups = {name: (np.array([1500.0]), ALWAYS) for name in ("legs", "accelerometer_lumbar")}
    found = movement_relief(groups, bouts(1), WINDOW, RULE)
    assert "accelerometer_lumbar_relief_ratio" in found.indices
    assert {row.group for row in found.episodes} == set(groups)
    assert set(movement_relief({}, bouts(1), WINDOW, RULE).indices) == {"episodes_n"}


def test_an_empty_group_counts_nothing_but_has_its_hours() -> None:
    found = relief(bouts(1), [], ALWAYS)
    assert value(found, "before_rate") == 0
    assert relief(bouts(1), [], np.empty((0, 2))).indices["legs_before_rate"].value is None


def test_times_shifted_together_change_nothing() -> None:
    onsets = np.array([1500.0, 1600.0, 2500.0])
    here = relief(bouts(1), onsets)
    night = postures((500.0, "unknown"), (2000, "supine"), (300, "upright"), (2000, "left"))
    later = relief(night, onsets + 500)
    assert value(later, "relief_ratio") == value(here, "relief_ratio")


@pytest.mark.parametrize(
    "wrong", [{"min_lying_s": 0.0}, {"lying_s": 100.0}, {"coverage": 1.0}, {"margin_s": -1.0}]
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"[Rr]elief"):
        ReliefRule(**wrong)  # type: ignore[arg-type]
