"""Transforms equal those of ``scipy.fft``, with or without its compiled module."""

import numpy as np
import pytest
import scipy.fft

from psgkit.conditioning import transforms
from psgkit.conditioning.transforms import irfft_rows, rfft_rows


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


def test_rows_that_overlap_in_memory_are_transformed() -> None:
    overlapping = np.lib.stride_tricks.sliding_window_view(rows(256)[0], 64)[::16]
    assert np.array_equal(rfft_rows(overlapping), scipy.fft.rfft(overlapping, axis=1))


def test_the_compiled_module_is_found_in_the_installed_scipy() -> None:
    assert transforms.compiled_transforms() is not None
