"""Days on end with known sleep, movements and trains, from formulas, not from any detector."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from night_store import kept
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import DaysReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.days.walk import analyse_days

SITES = {"left_wrist": Site.LEFT_ARM, "left_ankle": Site.LEFT_LEG, "lumbar": Site.TRUNK}
START = datetime(2024, 3, 30, 12, 0)
ZONE = "Europe/Berlin"
BED_H, RISE_H = 23.0, 7.0


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What happens: jerks every so often in the night, at waking rest, and trains awake."""

    night_jerk_s: float | None = 25.0
    day_jerk_s: float | None = None
    train_s: float | None = 700.0


def asleep_at(clock: DayClock, t: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether it is night by the clock."""
    hour = clock.time_of_day_h(t)
    return (hour >= BED_H) | (hour < RISE_H)


def make_days(
    n_days: float,
    habits: Habits | None = None,
    *,
    rate_hz: float = 20.0,
    places: tuple[str, ...] = tuple(SITES),
    start: datetime = START,
) -> DayRecording:
    """Return days of somebody who lies from 23 to 7 h and sits the rest of the time.

    Awake the arm goes elsewhere every other minute and moves a third of the time; asleep it moves
    about twice an hour.  The legs lie still but for what ``habits`` says.
    """
    habits = habits or Habits()
    rng = np.random.default_rng(0)
    clock = DayClock.of(start, ZONE)
    n_minutes = round(n_days * 1440)
    per_minute = round(60 * rate_hz)
    night = asleep_at(clock, 60.0 * np.arange(n_minutes))
    channels = []
    for place in places:
        down = _directions(place, night, rng)
        g = np.repeat(down, per_minute, axis=0) + rng.normal(0, 0.003, (n_minutes * per_minute, 3))
        g = g.astype(np.float32)
        if place == "left_wrist":
            busy = np.repeat(~night & (rng.random(n_minutes) < 0.35), per_minute)
            g[busy] += rng.normal(0, 0.12, (int(busy.sum()), 3))
        if place == "left_ankle":
            _move(g, night, habits, rate_hz)
        channels += [
            Channel(
                label=f"{place} {axis}",
                rate_hz=rate_hz,
                samples=np.ascontiguousarray(column),
                unit="g",
                role="accelerometer",
                site=SITES[place],
                place=place,
                axis=axis,
                limits=(-8.0, 8.0),
                resolution=0.001,
            )
            for axis, column in zip("xyz", g.T, strict=True)
        ]
    duration_s = 60.0 * n_minutes
    recording = Recording(
        source="days",
        start=start,
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=tuple(channels),
    )
    return DayRecording(source="days.edf", clock=clock, duration_s=duration_s, recording=recording)


def two_days() -> DaysReport:
    """Return the report of two days from noon, the first of 23 hours; made once in a run."""
    return kept("two days", lambda: analyse_days(make_days(2.0)))


def make_counts(level: NDArray[np.float64], *, epoch_s: float = 60.0) -> DayRecording:
    """Return a recording of counts at a wrist."""
    clock = DayClock.of(START, ZONE)
    counts = Counts(
        counts=level,
        epoch_s=epoch_s,
        definition="counts of a device",
        place="left_wrist",
        site=Site.LEFT_ARM,
    )
    return DayRecording(
        source="days.csv", clock=clock, duration_s=len(level) * epoch_s, counts=(counts,)
    )


def _directions(
    place: str, night: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return where down is at a sensor, a row a minute."""
    n = len(night)
    if place == "left_ankle":
        return np.where(night[:, None], [[0.0, 0.0, 1.0]], [[0.0, 1.0, 0.0]])
    turns = np.where(night, np.arange(n) % 25 == 0, rng.random(n) < 0.8)
    last = np.maximum.accumulate(np.where(turns, np.arange(n), 0))
    if place == "left_wrist":
        down = rng.normal(size=(n, 3))[last]
        return down / np.linalg.norm(down, axis=1)[:, None]
    side = (rng.integers(0, 4, n) * np.pi / 2)[last]
    lying = np.stack((np.sin(side), np.full(n, 0.05), np.cos(side)), axis=1)
    down = np.where(night[:, None], lying, [[0.0, 1.0, 0.1]])
    return down / np.linalg.norm(down, axis=1)[:, None]


def _move(g: NDArray[np.float32], night: NDArray[np.bool_], habits: Habits, rate_hz: float) -> None:
    end_s = len(g) / rate_hz - 120
    for every_s, at_night in ((habits.night_jerk_s, True), (habits.day_jerk_s, False)):
        if every_s is not None:
            onsets = np.arange(300.0, end_s, every_s)
            for onset_s in onsets[night[(onsets / 60).astype(int)] == at_night]:
                _swing(g, (onset_s, 1.5), (0.25, 3.0), rate_hz)
    if habits.train_s is not None:
        onsets = np.arange(600.0, end_s, habits.train_s)
        for onset_s in onsets[~night[(onsets / 60).astype(int)]]:
            _swing(g, (onset_s, 40.0), (0.2, 2.0), rate_hz)


def _swing(
    g: NDArray[np.float32], when: tuple[float, float], how: tuple[float, float], rate_hz: float
) -> None:
    first, n = round(when[0] * rate_hz), round(when[1] * rate_hz)
    t = np.arange(n) / rate_hz
    ramp = np.minimum(1.0, np.minimum(t, when[1] - t) / 0.3)
    g[first : first + n, 0] += how[0] * ramp * np.sin(2 * np.pi * how[1] * t)
