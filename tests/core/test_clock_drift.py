"""Common events of two clocks: a straight line, its residuals, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.days.clock_drift import ClockError, correct_clock


@given(
    offset_s=st.floats(-1e5, 1e5),
    drift=st.floats(-250e-6, 250e-6),
    at=st.lists(st.integers(0, 14 * 86400), min_size=2, max_size=9, unique=True),
)
def test_offset_and_drift_are_found_and_undone(
    offset_s: float, drift: float, at: list[int]
) -> None:
    device = np.array(sorted(at), dtype=np.float64)
    reference = offset_s + (1 + drift) * device
    if np.ptp(device) < 3600:
        with pytest.raises(ClockError, match="min apart"):
            correct_clock(device, reference)
        return
    fit = correct_clock(device, reference)
    assert fit.to_reference(device) == pytest.approx(reference, abs=1e-3)
    assert fit.to_device(reference) == pytest.approx(device, abs=1e-3)
    assert fit.drift == pytest.approx(drift, abs=1e-9 + 1e-4 / np.ptp(device))


def test_residuals_are_those_of_the_events_and_are_said() -> None:
    device = np.array([0.0, 30000.0, 60000.0])
    fit = correct_clock(device, device + np.array([1.0, 1.6, 1.0]))
    assert fit.residual_s == pytest.approx([-0.2, 0.4, -0.2])
    assert "3 common events" in fit.finding().message
    assert "residual 0.28 s" in fit.finding().message
    two = correct_clock(device[:2], device[:2])
    assert "cannot be checked" in two.finding().message


@pytest.mark.parametrize(
    ("device", "reference", "match"),
    [
        ([], [], "found 0, wanted two or more"),
        ([5.0], [6.0], "found 1, wanted two or more"),
        ([0.0, 60.0], [1.0, 61.0], "at least 60 min apart"),
        ([0.0, 36000.0], [0.0, 39600.0], "a drift of 100000 ppm"),
        ([0.0, 36000.0, 72000.0], [0.0, 36009.0, 72000.0], r"event 2 lies \+6.0 s"),
    ],
)
def test_events_that_cannot_tell_are_refused(
    device: list[float], reference: list[float], match: str
) -> None:
    with pytest.raises(ClockError, match=match):
        correct_clock(device, reference)


def test_events_that_are_no_pairs_are_a_bad_argument() -> None:
    with pytest.raises(ValueError, match="in pairs"):
        correct_clock([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="finite"):
        correct_clock([1.0, np.nan], [1.0, 2.0])
