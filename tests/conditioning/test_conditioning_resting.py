"""The resting level follows the night and is not lifted by movements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.conditioning.emg.resting import (
    CELL_S,
    HOP_CELLS,
    RestingLevelRule,
    low_levels,
    low_levels_of_hops,
    ramp_between,
    resting_level,
)

RULE = RestingLevelRule()
HOP_S = HOP_CELLS * CELL_S


def night(level_uv: np.ndarray) -> np.ndarray:
    """Return cells whose level is ``level_uv``, as uneven as short means of noise are."""
    rng = np.random.default_rng(0)
    return level_uv * (1 + 0.1 * rng.standard_normal(len(level_uv)))


def cells_of(minutes: float) -> np.ndarray:
    return np.arange(round(minutes * 60 / CELL_S)) * CELL_S


def edges_s(level: np.ndarray) -> np.ndarray:
    return np.arange(len(level)) * HOP_S


@pytest.mark.parametrize("level_uv", [0.2, 1.6, 5.0, 15.0])
def test_the_level_of_quiet_noise_is_its_mean(level_uv: float) -> None:
    cells = night(np.full(len(cells_of(30)), level_uv))
    found = resting_level(cells, RULE)
    assert len(found) == len(cells) // HOP_CELLS + 1
    assert np.abs(found / level_uv - 1).max() < 0.1


def test_it_follows_a_drift() -> None:
    at = cells_of(240)
    level = 2.0 + 3.0 * np.sin(at / 3600) ** 2
    found = resting_level(night(level), RULE)
    wanted = np.interp(edges_s(found), at, level)
    assert np.abs(found - wanted).max() < 0.4


@pytest.mark.parametrize(("before_uv", "after_uv"), [(1.5, 6.0), (6.0, 1.5), (2.0, 30.0)])
def test_it_follows_a_step_at_once(before_uv: float, after_uv: float) -> None:
    at = cells_of(20)
    found = resting_level(night(np.where(at < 600, before_uv, after_uv)), RULE)
    edges = edges_s(found)
    # the higher level counts for the part of a window that may be at rest at the least
    slack_s = RULE.window_s * RULE.quantile + HOP_S
    wanted = np.where(edges < 600, before_uv, after_uv)
    sure = np.abs(edges - 600) > slack_s
    assert np.abs(found[sure] / wanted[sure] - 1).max() < 0.15
    near = found[~sure]
    assert (near > 0.85 * min(before_uv, after_uv)).all()
    assert (near < 1.15 * max(before_uv, after_uv)).all()
    assert found[round(600 / HOP_S)] > 0.85 * max(before_uv, after_uv)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("period_s", [10.0, 20.0, 40.0])
def test_movements_do_not_lift_it(share: float, period_s: float) -> None:
    at = cells_of(30)
    cells = night(np.full(len(at), 2.0)) + np.where(at % period_s < share * period_s, 40.0, 0.0)
    found = resting_level(cells, RULE)
    assert np.abs(found - 2.0).max() < 0.35


def test_one_long_movement_does_not_lift_it() -> None:
    at = cells_of(20)
    cells = night(np.full(len(at), 2.0)) + np.where((at > 600) & (at < 645), 80.0, 0.0)
    assert np.abs(resting_level(cells, RULE) - 2.0).max() < 0.35


def test_unusable_cells_are_left_out() -> None:
    at = cells_of(20)
    cells = night(np.full(len(at), 3.0))
    rng = np.random.default_rng(1)
    cells[rng.random(len(cells)) < 0.6] = np.nan
    assert np.abs(resting_level(cells, RULE) - 3.0).max() < 0.3


def test_a_long_unusable_stretch_has_no_level_and_both_sides_keep_theirs() -> None:
    at = cells_of(20)
    cells = night(np.where(at < 600, 2.0, 5.0))
    cells[(at >= 480) & (at < 720)] = np.nan
    found = resting_level(cells, RULE)
    edges = edges_s(found)
    gap = (edges > 480 + RULE.window_s) & (edges < 720 - RULE.window_s)
    assert np.isnan(found[gap]).all()
    assert np.abs(found[edges <= 480] - 2.0).max() < 0.3
    assert np.abs(found[edges >= 720] - 5.0).max() < 0.6
    between = ramp_between(found, 20, (0, 20 * len(found)))
    assert not np.isnan(between).any()


def test_what_is_all_unusable_has_no_level() -> None:
    found = resting_level(np.full(600, np.nan), RULE)
    assert np.isnan(found).all()
    assert np.isnan(ramp_between(found, 20, (0, 600))).all()


@pytest.mark.parametrize("n_cells", [0, 1, 19, 20, 21, 599, 600, 601])
def test_short_signals_have_a_level_at_every_edge(n_cells: int) -> None:
    found = resting_level(np.full(n_cells, 2.5), RULE)
    assert len(found) == n_cells // HOP_CELLS + 1
    assert found == pytest.approx(np.full(len(found), 2.5 if n_cells else np.nan), nan_ok=True)


windows = st.lists(
    st.lists(st.floats(0, 100) | st.just(np.nan), min_size=7, max_size=7), min_size=1, max_size=6
)


@given(windows, st.sampled_from([0.1, 0.2, 0.5]))
def test_low_levels_equal_a_loop(rows: list[list[float]], quantile: float) -> None:
    rule = RestingLevelRule(quantile=quantile, min_share=0.3)
    wanted = []
    for row in rows:
        known = sorted(value for value in row if not np.isnan(value))
        if len(known) < 0.3 * len(row):
            wanted.append(np.nan)
            continue
        low = known[int(quantile * (len(known) - 1))]
        limit = low + max(rule.within_uv, rule.within_share * low)
        wanted.append(np.mean([value for value in known if value <= limit]))
    found = low_levels(np.array(rows), rule)
    assert found == pytest.approx(wanted, nan_ok=True, rel=1e-9, abs=1e-9)


@given(
    st.lists(st.floats(0, 50) | st.just(np.nan), min_size=1, max_size=8),
    st.sampled_from([(1, 1), (4, 1), (4, 2), (6, 3)]),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_ramp_is_linear_between_edges_and_level_after_the_last(
    edges: list[float], grid: tuple[int, int], one: int, other: int
) -> None:
    hop, step = grid
    first, last = sorted((one, other))
    first = first // step * step
    found = ramp_between(np.array(edges), hop, (first, last), step)
    known = [row for row, value in enumerate(edges) if not np.isnan(value)]
    assert len(found) == len(range(first, last, step))
    if not known:
        assert np.isnan(found).all()
        return
    at = np.arange(first, last, step) / hop
    wanted = np.interp(at, known, np.array(edges)[known])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("field", ["window_s", "quantile", "within_uv"])
def test_settings_that_are_not_positive_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match=rf"positive settings|{field} must be"):
        RestingLevelRule(**{field: 0.0})


@given(
    seed=st.integers(0, 99),
    n_hops=st.integers(1, 40),
    width=st.integers(1, 40),
    quantile=st.sampled_from([0.01, 0.2, 0.5, 0.99]),
    loud=st.sampled_from([0.0, 5.0, 50.0]),
)
def test_levels_ranked_together_are_those_of_each_window(
    seed: int, n_hops: int, width: int, quantile: float, loud: float
) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.exponential(1 + loud * rng.random(n_hops * HOP_CELLS)).astype(np.float32)
    width, rule = min(width, n_hops), RestingLevelRule(quantile=quantile)
    windows = np.lib.stride_tricks.sliding_window_view(cells, width * HOP_CELLS)[::HOP_CELLS]
    found = low_levels_of_hops(cells, width, rule)
    np.testing.assert_allclose(found, low_levels(windows, rule), rtol=1e-5)
