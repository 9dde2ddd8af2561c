"""Mean and spread over nights: hours of the clock that lie around midnight, or around noon."""

from datetime import date

import pytest

from psgkit.core.days.days_report import NightRow, NightWindow
from psgkit.core.index import Index
from psgkit.days.nights import SLEEP, over_nights


def nights(name: str, *hours: float | None) -> list[NightRow]:
    window = NightWindow(evening=date(2024, 1, 8), bounds_s=(0.0, 86400.0), span_s=(1.0, 2.0))
    return [
        NightRow(
            window=window,
            indices={
                SLEEP: {
                    name: Index.missing(name, "not seen", unit="h")
                    if hour is None
                    else Index.plain(name, hour, "h")
                }
            },
        )
        for hour in hours
    ]


@pytest.mark.parametrize(
    ("name", "hours", "mean", "sd"),
    [
        ("window_start_h", (23.0, 0.0, 1.0), 0.0, 1.0),
        ("window_start_h", (21.0, 22.0, 23.0), 22.0, 1.0),
        # people who sleep by day rise before and after noon
        ("window_end_h", (11.0, 12.0, 13.0), 12.0, 1.0),
        ("midsleep_h", (2.0, None, 4.0, 6.0), 4.0, 2.0),
    ],
)
def test_hours_of_the_clock_are_averaged_where_they_gather(
    name: str, hours: tuple[float | None, ...], mean: float, sd: float
) -> None:
    found = over_nights(nights(name, *hours))[SLEEP]
    assert found[f"{name}_mean"].value == pytest.approx(mean, abs=1e-6)
    assert found[f"{name}_sd"].value == pytest.approx(sd)


def test_two_nights_have_no_spread_and_a_night_without_the_hour_is_counted() -> None:
    found = over_nights(nights("midsleep_h", 3.0, None, 4.0))[SLEEP]
    assert found["midsleep_h_mean"].reason == "2 of 3 nights have it, 3 are needed"
