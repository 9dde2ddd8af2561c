"""Clock times that people type become seconds of the recording."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import SettingsError
from psgkit.io.text.clock import lights_window_s, seconds_at

START = datetime(2024, 1, 31, 22, 30, 15)
H = 3600.0


@pytest.mark.parametrize(
    ("text", "wanted_s"),
    [
        ("900", 900.0),
        (" 12.5 ", 12.5),
        ("-30", -30.0),
        ("23:30:15", H),
        ("23:30", H - 15),
        ("22:30:15", 0.0),
        ("22:30:15.25", 0.25),
        ("0:00:15", 1.5 * H),
        ("06:30:15", 8 * H),
        ("22:30:14", 24 * H - 1),
        ("2024-02-01T00:00:15", 1.5 * H),
        ("2024-01-31 22:00:15", -0.5 * H),
        ("2024-02-01T00:00:15+01:00", 1.5 * H),
    ],
)
def test_seconds_clock_times_and_dates(text: str, wanted_s: float) -> None:
    assert seconds_at(text, START, "lights off") == pytest.approx(wanted_s, abs=1e-6)


@given(st.datetimes(datetime(1985, 1, 1), datetime(2084, 1, 1)), st.integers(0, 86399))
def test_a_clock_time_is_its_first_occurrence(start: datetime, second: int) -> None:
    start = start.replace(microsecond=0)
    text = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    found_s = seconds_at(text, start, "lights off")
    assert 0 <= found_s < 24 * H
    assert (start + timedelta(seconds=found_s)).strftime("%H:%M:%S") == text


@pytest.mark.parametrize("text", ["24:00", "23:60", "23:15:60", "soon", "", "23.75 x", "1:2"])
def test_what_is_no_time_is_a_setting_error_that_says_what_was_typed(text: str) -> None:
    with pytest.raises(SettingsError, match="lights on") as caught:
        seconds_at(text, START, "lights on")
    assert repr(text.strip()) in str(caught.value)
    assert "23:15" in caught.value.wanted


@pytest.mark.parametrize("text", ["23:15", "2024-01-31T23:15:00"])
def test_a_clock_time_needs_a_recording_that_says_when_it_starts(text: str) -> None:
    with pytest.raises(SettingsError, match="does not say when it starts"):
        seconds_at(text, None, "lights off")
    assert seconds_at("900", None, "lights off") == 900.0


@pytest.mark.parametrize(
    ("lights", "wanted"),
    [
        ((None, None), (None, None)),
        (("23:30:15", None), (H, None)),
        ((None, "06:30:15"), (None, 8 * H)),
        (("23:30:15", "06:30:15"), (H, 8 * H)),
        (("3600", "06:30:15"), (H, 8 * H)),
        (("600", "300"), (600.0, 300.0)),
    ],
)
def test_lights_off_and_on(
    lights: tuple[str | None, str | None], wanted: tuple[float | None, float | None]
) -> None:
    assert lights_window_s(lights, START, 9 * H) == wanted


def test_lights_on_is_the_next_such_time_of_a_recording_that_lasts_so_long() -> None:
    lights = ("23:30:15", "23:00:15")
    assert lights_window_s(lights, START, 30 * H) == (H, 24.5 * H)


def test_lights_on_before_lights_off_is_not_moved_to_a_day_nobody_recorded() -> None:
    off_s, on_s = lights_window_s(("03:00", "01:00"), START, 8 * H)
    assert off_s is not None
    assert on_s is not None
    assert on_s < off_s
