"""Days and nights of an actigraph with known truth: accelerometers, counts, a diary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.diary import Diary
from psgkit.core.frozen import words
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.postures import Postures
from psgkit.core.recording import Recording, Segment
from psgkit.core.rhythms import Rhythms
from psgkit.simulate.plan.course import stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.accelerometer import SENSOR_PLANS
from psgkit.simulate.signals.jerks import Jerk, as_accelerometer_movements
from psgkit.simulate.signals.trains import rhythms_of
from psgkit.simulate.simulated import simulated_finding
from psgkit.simulate.week.kinds import DAY_KINDS
from psgkit.simulate.week.plan import WeekPart, off_spans, plan_week, week_hypnogram, week_postures
from psgkit.simulate.week.samples import WeekSensor, week_channels, week_sensors

ZONE = "Europe/Berlin"
STARTS = {
    "none": datetime(2001, 1, 8, 12),
    "spring": datetime(2001, 3, 23, 12),
    "autumn": datetime(2001, 10, 26, 12),
}
"""Start of a simulated week; no recording is of these dates.  In spring and autumn the clock
changes in the second night."""

DAY_PLACES = ("left_ankle", "left_wrist", "lumbar")
MOST_DAYS = 30
OPTIONS = SimulationOptions(
    accelerometer_rate_hz=25.0, accelerometer_gain_error=0.01, accelerometer_offset_g=0.01
)
DIARY_STEP_MIN, DIARY_ERROR_MIN = 5.0, 6.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DayChoice:
    """What is simulated.

    Attributes
    ----------
    days : int
        From noon to noon.
    clock_change : str
        ``none``, ``spring`` or ``autumn``: whether the clock changes in the second night.
    places : tuple of str
        Where sensors are worn; places of ``SENSOR_PLANS``.
    options : SimulationOptions
        Rate, noise and errors of the accelerometers.
    """

    days: int = 7
    clock_change: str = "none"
    places: tuple[str, ...] = DAY_PLACES
    options: SimulationOptions = OPTIONS

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"days must be from 1 to {MOST_DAYS}, got {self.days}")
        if self.clock_change not in STARTS:
            known = ", ".join(STARTS)
            raise ValueError(f"clock_change must be one of {known}, got {self.clock_change!r}")
        known_places = [plan.place for plan in SENSOR_PLANS]
        strange = [place for place in self.places if place not in known_places]
        if strange or not self.places:
            raise ValueError(f"places must be out of {', '.join(known_places)}, got {self.places}")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SimulatedDays:
    """A simulated recording of days, and the truth about it.

    Attributes
    ----------
    kind, seed : str, int
    clock : DayClock
    recording : Recording
        Its samples are drawn when they are read.
    hypnogram : Hypnogram
        Stages of all epochs of 30 s, W by day.
    diary : Diary
        As a person would write it: to five minutes, with errors of some minutes.
    nights : Diary
        The truth of the same columns.
    truth : Movements
        What a detector should find in each accelerometer; nothing where it is not worn.
    truth_kinds : str array, parallel to ``truth``
        ``large`` are gestures by day as well.
    rhythms : Rhythms
    postures : Postures
        Of the trunk.
    off : tuple of (place, (from, to))
        When which sensor was not worn.
    """

    kind: str
    seed: int
    clock: DayClock
    recording: Recording
    hypnogram: Hypnogram
    diary: Diary
    nights: Diary
    truth: Movements
    truth_kinds: NDArray[np.str_]
    rhythms: Rhythms
    postures: Postures
    off: tuple[tuple[str, Span], ...]

    def as_days(self) -> DayRecording:
        """Return it as what ``read_days`` gives, without counts."""
        return DayRecording(
            source=self.recording.source,
            clock=self.clock,
            duration_s=self.recording.duration_s,
            recording=self.recording,
            diary=self.diary,
            findings=self.recording.findings,
        )


def simulate_days(
    kind: str = "rls", *, seed: int = 0, choice: DayChoice | None = None
) -> SimulatedDays:
    """Return days and nights of ``kind``, the same for the same arguments.

    Parameters
    ----------
    kind : str
        ``healthy``, ``rls``, ``ras``, ``rbs`` or ``akathisia``.
    seed : int
        Another seed is another week.
    choice : DayChoice, optional

    Examples
    --------
    >>> week = simulate_days("rls", seed=1, choice=DayChoice(days=1, places=("left_ankle",)))
    >>> week.recording.labels(), week.recording.duration_s
    (['Left Ankle X', 'Left Ankle Y', 'Left Ankle Z'], 86400.0)
    """
    chosen = choice or DayChoice()
    if kind not in DAY_KINDS:
        raise ValueError(f"unknown kind {kind!r}; known are {', '.join(DAY_KINDS)}")
    clock = DayClock.of(STARTS[chosen.clock_change], ZONE)
    parts = plan_week(kind, clock, chosen.days, seed, chosen.options)
    plans = [one for one in SENSOR_PLANS if one.place in chosen.places]
    off = off_spans(stream(seed, "off"), parts, [one.place for one in plans])
    sensors = week_sensors(seed, plans, parts, off, chosen.options)
    truth, kinds = _truth(sensors)
    nights = _nights(parts, clock)
    return SimulatedDays(
        kind=kind,
        seed=seed,
        clock=clock,
        recording=_recording(kind, seed, sensors, clock),
        hypnogram=week_hypnogram(parts),
        diary=_written(stream(seed, "diary"), nights),
        nights=nights,
        truth=truth,
        truth_kinds=kinds,
        rhythms=_rhythms(sensors),
        postures=week_postures(parts),
        off=off,
    )


def _recording(kind: str, seed: int, sensors: Sequence[WeekSensor], clock: DayClock) -> Recording:
    duration_s = sensors[0].parts[-1].end_s
    return Recording(
        source=f"simulated-{kind}",
        start=clock.start.replace(tzinfo=None),
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=tuple(channel for one in sensors for channel in week_channels(one)),
        findings=(simulated_finding(kind, seed),),
    )


def _truth(sensors: Sequence[WeekSensor]) -> tuple[Movements, NDArray[np.str_]]:
    """Return the jerks that the sensors record, by onset."""
    jerks: list[Jerk] = []
    for sensor in sensors:
        for part in sensor.parts:
            jerks += [
                replace(one, onset_s=one.onset_s + part.start_s, end_s=one.end_s + part.start_s)
                for one in sensor.jerks(part)
            ]
    jerks.sort(key=lambda one: (one.onset_s, one.site))
    labels = {sensor.plan.site: sensor.plan.label for sensor in sensors}
    return as_accelerometer_movements(jerks, labels), words([one.kind for one in jerks])


def _rhythms(sensors: Sequence[WeekSensor]) -> Rhythms:
    tables = []
    for sensor in sensors:
        places = {sensor.plan.site: sensor.plan.place}
        for part in sensor.parts:
            worn = [
                one
                for one in part.body.trains
                if not sensor.is_off((one.cycles_s[0], one.cycles_s[-1]), part)
            ]
            table = rhythms_of(worn, part.body.hypnogram, "accelerometer", places)
            tables.append(
                replace(
                    table, onset_s=table.onset_s + part.start_s, end_s=table.end_s + part.start_s
                )
            )
    return Rhythms.joined(tables)


def _nights(parts: Sequence[WeekPart], clock: DayClock) -> Diary:
    """Return the true times of going to bed, sleeping and rising."""
    rows = []
    dates: list[date] = []
    for part in parts:
        if not part.is_night:
            continue
        asleep = part.body.hypnogram.stretches(SLEEP_STAGES)
        course = part.body.course
        lies_s, off_s = course.lie_downs_s[0], course.lights_s[0]
        of_night_s = (lies_s, off_s, asleep[0, 0], asleep[-1, 1], part.body.duration_s)
        rows.append([float(one) + part.start_s for one in of_night_s])
        dates.append((clock.local(part.start_s) - timedelta(hours=12)).date())
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    names = ("bed_s", "lights_off_s", "sleep_s", "wake_s", "up_s")
    return Diary(
        date=words([day.isoformat() for day in dates]), **dict(zip(names, columns, strict=True))
    )


def _written(rng: np.random.Generator, nights: Diary) -> Diary:
    """Return the diary of ``nights``: with errors, in order and to five minutes."""
    step_s = 60.0 * DIARY_STEP_MIN
    names = ("bed_s", "lights_off_s", "sleep_s", "wake_s", "up_s")
    table = np.stack([getattr(nights, name) for name in names])
    error_s = 60.0 * DIARY_ERROR_MIN * rng.standard_normal(table.shape).clip(-2.0, 2.0)
    rounded = step_s * np.round((table + error_s) / step_s)
    ordered = np.maximum.accumulate(rounded, axis=0)
    return Diary(date=nights.date, **dict(zip(names, ordered, strict=True)))
