"""Rules at zero and at the ends of their ranges: an object that detects, or an error that says why.

Settings files may hold any number that a rule allows, so none of them may end a night in a
division by zero or an empty window.
"""

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import pytest
from test_ranges import FIELDS, is_number

from psgkit import analyse_days, analyse_night
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.ranges import range_of
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.days.settings import DaysSettings
from psgkit.errors import PsgkitError
from psgkit.indices.days.rest_movement import RestMovementRule
from psgkit.settings import Settings

SECONDS, RATE_HZ, SLOW_HZ = 60, 200.0, 50.0
LOWEST, HIGHEST = 0, 1
Rules = TypeVar("Rules")


@pytest.mark.parametrize(
    ("rule", "name"), FIELDS, ids=[f"{type(rule).__name__}.{name}" for rule, name in FIELDS]
)
def test_a_rule_at_its_limits_is_a_rule_or_a_clear_error(rule: object, name: str) -> None:
    low, high, _ = range_of(name)
    whole = isinstance(getattr(rule, name), int)
    for value in (low, high, low - 1, high + 1, 1e-300, 5e-324, np.nextafter(high, np.inf)):
        number = int(value) if whole else value
        try:
            made = dataclasses.replace(rule, **{name: number})
        except (ValueError, PsgkitError) as error:
            assert str(error).strip(), (name, number)  # noqa: PT017 - an object is fine, too
        else:
            assert getattr(made, name) == number


# analysis with a number at an end of its range, of every rule


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where the numbers of a rule, and of the rules within it, are."""
    if dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from paths_of(getattr(value, each.name), (*path, each.name))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from paths_of(inner, (*path, number))
    elif is_number(value):
        yield path


def changed(value: Any, path: tuple[str | int, ...], number: float) -> Any:  # noqa: ANN401
    """Return a rule with one number in it replaced."""
    if not path:
        return type(value)(number)
    here, *inner = path
    if isinstance(here, int):
        new = changed(value[here], tuple(inner), number)
        return (*value[:here], new, *value[here + 1 :])
    new = changed(getattr(value, here), tuple(inner), number)
    return dataclasses.replace(value, **{here: new})


def minute() -> Recording:
    """Return a minute of two legs, the chin, the heart and two accelerometers that move."""
    rng = np.random.default_rng(3)
    at_s = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    channels = []
    for label, role, site in (
        ("LAT", "leg", Site.LEFT_LEG),
        ("RAT", "leg", Site.RIGHT_LEG),
        ("Back", "trunk", Site.TRUNK),
    ):
        emg = 1.5 * rng.standard_normal(len(at_s))
        for onset_s in range(5, SECONDS - 4, 11):
            emg[int(onset_s * RATE_HZ) :][: int(2 * RATE_HZ)] *= 40
        channels.append(
            Channel(label=label, role=role, site=site, unit="uV", rate_hz=RATE_HZ, samples=emg)
        )
    beats = 900 * np.exp(-(((at_s % 0.9) - 0.3) ** 2) / 2e-4) + rng.standard_normal(len(at_s))
    channels.append(Channel(label="ECG", role="ecg", unit="uV", rate_hz=RATE_HZ, samples=beats))
    slow_s = np.arange(int(SECONDS * SLOW_HZ)) / SLOW_HZ
    for place, site in (("left_ankle", Site.LEFT_LEG), ("chest", Site.TRUNK)):
        for axis, still_g in zip("xyz", (0.0, 0.6, 0.8), strict=True):
            moved = 0.3 * (slow_s % 13 < 2) * np.sin(2 * np.pi * 2 * slow_s)
            samples = still_g + moved + 0.004 * rng.standard_normal(len(slow_s))
            channels.append(
                Channel(
                    label=f"{place} {axis}", role="accelerometer", site=site, place=place,
                    axis=axis, unit="g", rate_hz=SLOW_HZ, samples=samples,
                )
            )  # fmt: skip
    return Recording(
        source="minute.edf",
        start=datetime(2001, 1, 1, 22, 30),
        segments=(Segment(start_s=0.0, duration_s=float(SECONDS)),),
        channels=tuple(channels),
    )


NIGHT = [
    path
    for path in paths_of(Settings())
    if path[0] not in ("staging", "lab", "lights_off_s", "lights_on_s")
]
FOUND = (
    (LOWEST, ("emg", "heart", "beats", "max_change")),
    (LOWEST, ("emg", "heart", "removal", "before_s")),
    (LOWEST, ("emg", "heart", "removal", "after_s")),
    (LOWEST, ("accelerometer", "rule", "swell_quantile")),
    (LOWEST, ("accelerometer", "calibration", "max_windows")),
    (LOWEST, ("accelerometer", "calibration", "min_still")),
    (LOWEST, ("rhythm", "period", "least_s")),
    (HIGHEST, ("emg", "heart", "beats", "low_hz")),
    (HIGHEST, ("emg", "heart", "breathing", "low_hz")),
)
"""These ended in a division by zero, or in an empty window."""


def with_limit(rules: Rules, path: tuple[str | int, ...], end: int) -> Rules | None:
    """Return rules with a number at an end of its range, None if they refuse it clearly."""
    name = next(part for part in reversed(path) if isinstance(part, str))
    try:
        return changed(rules, path, range_of(name)[end])
    except (ValueError, PsgkitError) as error:
        assert str(error).strip(), path  # noqa: PT017 - to refuse it is as good
        return None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("end", "path"), FOUND, ids=[".".join(path) for _, path in FOUND])
def test_a_number_at_its_limit_ends_no_night(end: int, path: tuple[str | int, ...]) -> None:
    assert path in NIGHT
    settings = with_limit(Settings(), path, end)
    assert settings is None or analyse_night(minute(), settings=settings).duration_s == SECONDS


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("error")
def test_no_number_at_zero_ends_a_night() -> None:
    assert len(NIGHT) > 300
    night = minute()
    for path in NIGHT:
        settings = with_limit(Settings(), path, LOWEST)
        assert settings is None or analyse_night(night, settings=settings).duration_s == SECONDS


def test_days_without_rest_in_a_part_of_the_day_have_no_ratio_by_zero_hours() -> None:
    with pytest.raises(ValueError, match="min_h must be a finite number from"):
        RestMovementRule(min_h=0.0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("end", [LOWEST, HIGHEST])
def test_no_number_at_its_limit_ends_the_analysis_of_days(end: int) -> None:
    minutes = np.random.default_rng(1).integers(0, 300, (3, 2, 720))
    minutes[:, 1] *= minutes[:, 1] > 270  # twelve hours of rest
    counts = minutes.ravel().astype(float)
    days = DayRecording(
        source="days.csv",
        clock=DayClock.of(datetime(2024, 1, 1, 12), ""),
        duration_s=60.0 * len(counts),
        counts=(Counts(counts=counts, epoch_s=60.0),),
    )
    paths = [path for path in paths_of(DaysSettings()) if path[0] != "night"]
    assert len(paths) > 50
    for path in paths:
        settings = with_limit(DaysSettings(), path, end)
        assert settings is None or analyse_days(days, settings).duration_s == days.duration_s
