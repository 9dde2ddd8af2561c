"""Times that people type for lights: clock times in every shape, and what is refused."""

import math
from datetime import datetime

import pytest

from psgkit.errors import SettingsError
from psgkit.io.scoring.clocks import moments_of, written_time
from psgkit.io.text.clock import lights_window_s, seconds_at

START = datetime(2024, 1, 5, 22, 0, 0)
NIGHT_S = 8 * 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[
            ("22:40", 2400),
            ("22.40", 2400),
            ("22h40", 2400),
            ("22 h 40", 2400),
            ("22:40 Uhr", 2400),
        ],
        *[("22.40.30", 2430), ("22:40:30", 2430), ("10:40 PM", 2400), ("10:40pm", 2400)],
        *[("06.30", 30600), ("6.30", 30600), ("6:30", 30600), ("12:15 am", 8100)],
        *[("900", 900), ("900s", 900), ("15 min", 900), ("1.5h", 5400), ("12.5", 12.5), ("0", 0)],
        *[("1800", 1800), ("3600", 3600), ("-30", -30), ("7s", 7)],
        *[("2024-01-05T22:40:00", 2400), ("2024-01-05 22:40", 2400), ("05.01.2024 22:40", 2400)],
        *[("2024-01-05T22:40:00Z", 2400), ("2024-01-05T22:40:00+01:00", 2400)],
    ],
)
def test_what_is_typed_for_lights(text: str, seconds: float) -> None:
    assert seconds_at(text, START, "lights off", NIGHT_S) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "advice"),
    [("23", "Write 23:00 "), ("2240", "2240s"), ("5", "Write 5:00 "), ("0030", "Write 00:30 ")],
)
def test_a_bare_number_that_may_be_both_is_refused(text: str, advice: str) -> None:
    with pytest.raises(SettingsError) as caught:
        seconds_at(text, START, "lights off", NIGHT_S)
    assert advice in caught.value.advice
    # without a clock it can only be seconds
    assert seconds_at(text, None, "lights off", NIGHT_S) == float(text)


@pytest.mark.parametrize("text", ["22.60", "25.10", "nan", "inf", "22:4", "morning", "22,40"])
def test_what_is_no_time_is_refused(text: str) -> None:
    if text == "22.60":
        assert seconds_at(text, START, "lights off", NIGHT_S) == 22.6
        return
    if text == "25.10":
        assert seconds_at(text, START, "lights off", NIGHT_S) == 25.1
        return
    with pytest.raises(SettingsError, match="lights off"):
        seconds_at(text, START, "lights off", NIGHT_S)


def test_both_lights_with_dots() -> None:
    assert lights_window_s(("22.40", "5.30"), START, NIGHT_S) == (2400.0, 27000.0)
    assert lights_window_s(("22.40", None), START, math.inf) == (2400.0, None)


@pytest.mark.parametrize(
    ("text", "clock_s"),
    [
        *[("22:40:30", 81630), ("22.40.30", 81630), ("22h40", 81600), ("22 h 40 min 30 s", 81630)],
        *[("10:40:30 p.m.", 81630), ("22:40:30,250", 81630.25), ("22:40 Uhr", 81600)],
        *[("2024-01-05T22:40:30", 81630), ("05.01.2024 22.40.30", 81630)],
        *[("2024-01-05T22:40:30.5+01:00", 81630.5), ("2024/01/05 22:40:30 UTC", 81630)],
    ],
)
def test_times_in_files(text: str, clock_s: float) -> None:
    time = written_time(text)
    assert time is not None
    assert time.clock_s == clock_s


@pytest.mark.parametrize("text", ["22", "22.4", "24:00", "22:60", "1.5", "2024-01-05", "x", ""])
def test_what_is_no_time_in_a_file(text: str) -> None:
    assert written_time(text) is None


def test_zones_that_change_in_a_file_do_not_move_its_events() -> None:
    texts = ["2024-10-27T01:30:00+02:00", "2024-10-27T02:30:00+01:00"]
    times = [time for text in texts if (time := written_time(text)) is not None]
    (first, second), findings = moments_of(times, None, "night.csv")
    assert (second - first).total_seconds() == 7200.0
    assert [one.code for one in findings] == ["clock.zones"]
