"""Running means against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.conditioning.emg.envelope import cell_means, centred_mean, running_sum, step_means

amplitudes = st.lists(st.floats(0, 1000, width=32), max_size=60).map(np.array)


def naive_mean(samples: np.ndarray, window: int, at: int) -> float:
    low, high = max(0, at - window // 2), min(len(samples), at + window // 2 + 1)
    return float(np.mean(samples[low:high]))


@given(amplitudes, st.integers(0, 20), st.integers(0, 60), st.integers(0, 60))
def test_a_centred_mean_equals_a_loop(samples: np.ndarray, half: int, one: int, other: int) -> None:
    first, last = sorted((min(one, len(samples)), min(other, len(samples))))
    found = centred_mean(running_sum(samples), 2 * half + 1, (first, last))
    wanted = [naive_mean(samples, 2 * half + 1, at) for at in range(first, last)]
    np.testing.assert_allclose(found, np.array(wanted), rtol=1e-5, atol=1e-4)
    if (first, last) == (0, len(samples)) and len(samples):
        assert centred_mean(running_sum(samples), 2 * half + 1).tolist() == found.tolist()


@given(amplitudes)
def test_sums_side_by_side_are_the_sums_of_one_after_the_other(samples: np.ndarray) -> None:
    wanted = np.concatenate(([0.0], np.cumsum(samples.astype(np.float64))))
    np.testing.assert_allclose(running_sum(samples), wanted, rtol=1e-12)


@given(amplitudes, st.integers(1, 9))
def test_means_of_cells_equal_a_loop(samples: np.ndarray, cell: int) -> None:
    n_cells = len(samples) // cell
    wanted = [samples[row * cell : (row + 1) * cell].mean() for row in range(n_cells)]
    edges = np.arange(n_cells + 1) * cell
    assert cell_means(running_sum(samples), edges) == pytest.approx(wanted)
    stepped = step_means(samples.astype(np.float32), cell)
    np.testing.assert_allclose(stepped, np.array(wanted), rtol=1e-5)


def test_a_mean_late_in_a_night_is_as_exact_as_an_early_one() -> None:
    samples = np.full(20_000_000, 3.25, dtype=np.float32)
    samples[-1000:] = 0.125
    sums = running_sum(samples)
    assert centred_mean(sums, 51, (len(samples) - 500, len(samples))).tolist() == [0.125] * 500


def test_no_samples_have_no_means() -> None:
    sums = running_sum(np.empty(0))
    assert centred_mean(sums, 51).tolist() == []
    assert cell_means(sums, np.array([0])).tolist() == []
