"""Transforms equal those of ``scipy.fft``, with or without its compiled module."""

import numpy as np
import pytest
import scipy.fft

from psgkit.conditioning import transforms
from psgkit.conditioning.transforms import fast_length, irfft_rows, rfft_rows


def rows(width: int) -> np.ndarray:
    return np.random.default_rng(width).standard_normal((3, width)).astype(np.float32)


@pytest.mark.parametrize("is_found", [True, False])
@pytest.mark.parametrize("width", [1, 2, 7, 64, 1000, 4096])
def test_transforms_are_those_of_scipy(
    width: int, *, is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_found:
        monkeypatch.setattr(transforms, "compiled_transforms", lambda: None)
    there = rfft_rows(rows(width))
    assert np.array_equal(there, scipy.fft.rfft(rows(width), axis=1))
    assert np.array_equal(irfft_rows(there, width), scipy.fft.irfft(there, width, axis=1))


@pytest.mark.parametrize("is_found", [True, False])
def test_lengths_and_transforms_of_stacked_rows_are_those_of_scipy(
    *, is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_found:
        monkeypatch.setattr(transforms, "compiled_transforms", lambda: None)
    for real in (True, False):
        wanted = [scipy.fft.next_fast_len(least, real=real) for least in range(1, 300)]
        assert [fast_length(least, real=real) for least in range(1, 300)] == wanted
    stacked = np.stack((rows(50), rows(50)))
    there = rfft_rows(stacked)
    assert np.array_equal(there, scipy.fft.rfft(stacked, axis=2))
    assert np.array_equal(irfft_rows(there, 50), scipy.fft.irfft(there, 50, axis=2))


def test_rows_that_overlap_in_memory_are_transformed() -> None:
    overlapping = np.lib.stride_tricks.sliding_window_view(rows(256)[0], 64)[::16]
    assert np.array_equal(rfft_rows(overlapping), scipy.fft.rfft(overlapping, axis=1))


def test_the_compiled_module_is_found_in_the_installed_scipy() -> None:
    assert transforms.compiled_transforms() is not None


@pytest.mark.parametrize("width", [30, 49, 50, 51, 80])
def test_frequencies_beyond_the_width_are_dropped_and_missing_ones_are_zero(width: int) -> None:
    """Every night with an accelerometer ended in a fault: its spectra are longer than its grid."""
    rows = np.random.default_rng(2).normal(size=(2, 3, 50)).astype(np.float32)
    there = rfft_rows(rows)
    assert np.array_equal(irfft_rows(there, width), scipy.fft.irfft(there, width, axis=2))
