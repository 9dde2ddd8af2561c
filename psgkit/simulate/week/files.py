"""Simulated days as files: the accelerometers, their counts, a diary, and tables of the truth."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from psgkit.conditioning.acceleration.activity_counts import OPEN_COUNTS, activity_counts
from psgkit.conditioning.acceleration.gravity import gravity_track
from psgkit.core.acceleration import Acceleration
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.diary import DIARY_TIMES, Diary
from psgkit.core.recording import Channel, Recording
from psgkit.io.edf.write import write_edf
from psgkit.io.new_files import new_file
from psgkit.simulate.files import (
    HYPNOGRAM_COLUMNS,
    POSTURE_COLUMNS,
    RECORD_S,
    RHYTHM_COLUMNS,
    TRUTH_COLUMNS,
    Row,
    hypnogram_rows,
    movement_rows,
    span_rows,
    write_table,
)
from psgkit.simulate.week.walk import SimulatedDays

OFF_COLUMNS = ("onset_s", "duration_s", "place")
NOTE = "# SIMULATED by psgkit, nobody was recorded: kind {kind}, seed {seed}"


def write_days(week: SimulatedDays, folder: str | Path) -> dict[str, Path]:
    """Return the files written to ``folder``, which is made if need be; the same bytes every time.

    ``days.edf`` holds the accelerometers, ``counts.csv`` their counts a minute, ``diary.csv`` the
    sleep diary, ``markers.csv`` the presses of the event button. The truth: ``hypnogram.csv`` (W
    by day), ``nights.csv`` (to bed, lights off, asleep, awake, up), ``truth.csv`` (movements, as
    events of kind ``lm``; ``note`` is the place and the truth kind), ``rhythms.csv``,
    ``postures.csv`` and ``off.csv`` (sensors on a table). ``about.json`` says kind, seed, time
    zone and start.

    Examples
    --------
    >>> import tempfile
    >>> from psgkit.simulate.week.walk import DayChoice, simulate_days
    >>> week = simulate_days("rbs", choice=DayChoice(days=1, places=("lumbar",)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(write_days(week, folder))[:4]
    ['about', 'counts', 'diary', 'hypnogram']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    note = f"SIMULATED {week.kind} seed {week.seed}"
    recording = target / "days.edf"
    write_edf(week.recording, recording, (), record_s=RECORD_S, note=note)
    return {"recording": recording} | write_day_tables(week, target)


def write_day_tables(week: SimulatedDays, target: Path) -> dict[str, Path]:
    """Return the tables written: all but the samples."""
    names = ("counts", "diary", "markers", "hypnogram", "nights", "truth", "rhythms", "postures")
    paths = {name: target / f"{name}.csv" for name in (*names, "off")}
    write_counts(week, paths["counts"])
    write_diary(week.diary, week.clock, paths["diary"])
    pressed = [(week.clock.local(at).isoformat(timespec="seconds"),) for at in _pressed(week.diary)]
    write_table(paths["markers"], ("time",), pressed)
    write_table(paths["hypnogram"], HYPNOGRAM_COLUMNS, hypnogram_rows(week.hypnogram))
    nights = [getattr(week.nights, name) for name in DIARY_TIMES]
    write_table(
        paths["nights"], ("date", *DIARY_TIMES), zip(week.nights.date, *nights, strict=True)
    )
    _write_truth(week, paths)
    paths["about"] = target / "about.json"
    with new_file(paths["about"]) as part:
        part.write_text(json.dumps(_about(week), indent=1) + "\n", encoding="utf-8")
    return paths


def write_counts(week: SimulatedDays, path: Path) -> None:
    """Write the counts a minute of all sensors, a column each."""
    counts = simulated_counts(week.recording)
    head = NOTE.format(kind=week.kind, seed=week.seed)
    columns = ("time", *(one.label for one in counts))
    lines = [head, ",".join(columns), *(",".join(row) for row in _count_rows(counts, week.clock))]
    with new_file(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def write_diary(diary: Diary, clock: DayClock, path: Path) -> None:
    """Write a diary with local clock times, one night a row."""
    columns = [getattr(diary, name) for name in DIARY_TIMES]
    rows = [
        (day, *(f"{clock.local(float(at)):%H:%M}" for at in times))
        for day, *times in zip(diary.date, *columns, strict=True)
    ]
    write_table(path, ("date", *(name.removesuffix("_s") for name in DIARY_TIMES)), rows)


def _write_truth(week: SimulatedDays, paths: dict[str, Path]) -> None:
    place_of = {one.label: one.place for one in week.recording.channels}
    notes = [
        f"{place_of[labels[0]]} {kind}"
        for labels, kind in zip(week.truth.channels, week.truth_kinds, strict=True)
    ]
    lm = np.full(len(week.truth), "lm")
    write_table(paths["truth"], TRUTH_COLUMNS, movement_rows(week.truth, lm, np.array(notes)))
    for name, table, columns in (
        ("rhythms", week.rhythms, RHYTHM_COLUMNS),
        ("postures", week.postures, POSTURE_COLUMNS),
    ):
        write_table(paths[name], columns, span_rows(table, columns))
    off: list[Row] = [(begin_s, end_s - begin_s, place) for place, (begin_s, end_s) in week.off]
    write_table(paths["off"], OFF_COLUMNS, off)


def _pressed(diary: Diary) -> list[float]:
    """Return the presses of the button: at lights off and on waking."""
    return sorted([*diary.lights_off_s.tolist(), *diary.wake_s.tolist()])


def _count_rows(counts: Sequence[Counts], clock: DayClock) -> Iterator[tuple[str, ...]]:
    starts_s = counts[0].epoch_starts_s().tolist()
    table = np.column_stack([one.counts for one in counts])
    for at_s, row in zip(starts_s, table, strict=True):
        cells = ("" if np.isnan(one) else f"{one:.0f}" for one in row)
        yield (clock.local(at_s).isoformat(timespec="seconds"), *cells)


def _about(week: SimulatedDays) -> dict[str, object]:
    return {
        "simulated": True,
        "kind": week.kind,
        "seed": week.seed,
        "start": week.clock.start.isoformat(),
        "zone": week.clock.zone,
        "duration_s": week.recording.duration_s,
        "places": sorted({one.place for one in week.recording.channels}),
    }


EPOCH_S = 60.0


def simulated_counts(recording: Recording, epoch_s: float = EPOCH_S) -> tuple[Counts, ...]:
    """Return the counts of each sensor of a simulated recording, missing nowhere."""
    places: dict[str, list[Channel]] = {}
    for channel in recording.channels:
        places.setdefault(channel.place, []).append(channel)
    return tuple(_counts(recording, axes, epoch_s) for axes in places.values())


def _counts(recording: Recording, axes: Sequence[Channel], epoch_s: float) -> Counts:
    signals = [recording.signals(channel)[0] for channel in axes]
    one = axes[0]
    sensor = Acceleration(axes=tuple(signals), place=one.place, site=one.site)
    found = activity_counts(gravity_track(sensor), epoch_s)
    return Counts(
        counts=np.round(found),
        epoch_s=epoch_s,
        definition=OPEN_COUNTS,
        place=one.place,
        site=one.site,
        label=f"counts_{one.place}",
    )
