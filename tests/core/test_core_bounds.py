"""Bounds include what they say, wherever in the night and at whatever rate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.bounds import (
    SLACK_S,
    Span,
    odd_samples_nearest,
    samples_at_least,
    samples_nearest,
)

RATES_HZ = [100, 128, 200, 250, 256, 500, 512, 1000, 1000 / 30]
NIGHT_S = 12 * 3600


@pytest.mark.parametrize("includes_low", [True, False])
@pytest.mark.parametrize("includes_high", [True, False])
def test_each_end_is_inside_exactly_if_it_is_included(
    *, includes_low: bool, includes_high: bool
) -> None:
    span = Span(low=10.0, high=90.0, includes_low=includes_low, includes_high=includes_high)
    seconds = np.array([9.99, 10.0, 10.01, 89.99, 90.0, 90.01])
    wanted = [False, includes_low, True, True, includes_high, False]
    assert span.contains(seconds).tolist() == wanted
    assert span.is_below(seconds).tolist() == [True, not includes_low, *[False] * 4]
    assert span.is_above(seconds).tolist() == [*[False] * 4, not includes_high, True]


@pytest.mark.parametrize("rate_hz", [100, 200, 250, 500, 1000])
@pytest.mark.parametrize("apart_s", [10.0, 90.0])
def test_whole_samples_apart_are_as_far_apart_everywhere_in_the_night(
    rate_hz: int, apart_s: float
) -> None:
    first = np.arange(0, 12 * 3600 * rate_hz, 97)
    second = first + round(apart_s * rate_hz)
    apart = second / rate_hz - first / rate_hz
    included = Span(low=10.0, high=90.0)
    excluded = Span(low=10.0, high=90.0, includes_low=False, includes_high=False)
    assert included.contains(apart).all()
    assert not excluded.contains(apart).any()
    one_sample = 1 / rate_hz
    outside = apart + (one_sample if apart_s == included.high else -one_sample)
    assert not included.contains(outside).any()


@given(
    seconds=st.floats(0, 200),
    one=st.floats(0, 100),
    other=st.floats(0, 100),
    ends=st.tuples(st.booleans(), st.booleans()),
)
def test_a_time_is_below_within_or_above(
    seconds: float, one: float, other: float, ends: tuple[bool, bool]
) -> None:
    low, high = sorted((one, other))
    span = Span(low=low, high=high + 1, includes_low=ends[0], includes_high=ends[1])
    time = np.array([seconds])
    places = span.is_below(time) + 0 + span.contains(time) + span.is_above(time)
    assert places.tolist() == [1]


def test_an_interval_that_was_not_measured_is_nowhere() -> None:
    span, nothing = Span(low=10.0, high=90.0), np.array([np.nan])
    assert not (span.contains(nothing) | span.is_below(nothing) | span.is_above(nothing)).any()


def test_a_span_of_one_point_holds_that_point() -> None:
    assert Span(low=5.0, high=5.0).contains(np.array([4.99, 5.0, 5.01])).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("low", "high"), [(2.0, 1.0), (math.nan, 1.0), (1.0, math.nan)])
def test_a_span_upside_down_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match=r"needs low <= high|must be a finite number"):
        Span(low=low, high=high)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@given(n=st.integers(0, 10**6))
def test_a_whole_number_of_samples_stays_that_number(rate_hz: float, n: int) -> None:
    assert samples_at_least(n / rate_hz, rate_hz) == n


@given(st.floats(0.001, 1000), st.floats(1, 4000))
def test_samples_at_least_are_the_fewest_that_last_long_enough(
    seconds: float, rate_hz: float
) -> None:
    n = samples_at_least(seconds, rate_hz)
    assert n / rate_hz >= seconds - SLACK_S
    assert (n - 1) / rate_hz < seconds


def test_half_a_second_at_25_hz_is_not_rounded_down() -> None:
    assert samples_at_least(0.5, 25) == 13


@given(st.floats(0, 100), st.floats(1, 4000))
def test_the_nearest_number_of_samples_is_nearest_and_at_least_one(
    seconds: float, rate_hz: float
) -> None:
    n, exact = samples_nearest(seconds, rate_hz), seconds * rate_hz
    assert n >= 1
    assert n == 1 or abs(n - exact) <= 0.5


@given(st.floats(0, 100), st.floats(1, 4000))
def test_the_nearest_odd_number_is_odd_and_nearest(seconds: float, rate_hz: float) -> None:
    n, exact = odd_samples_nearest(seconds, rate_hz), seconds * rate_hz
    assert n % 2 == 1
    assert n >= 1
    assert n == 1 or abs(n - exact) <= 1 + 1e-9
