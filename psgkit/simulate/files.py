"""Files of a simulated night: the recording, and tables of stages, events and truth."""

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.frozen import words
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.postures import Postures, Turns
from psgkit.core.rhythms import Rhythms
from psgkit.io.edf.write import write_edf
from psgkit.io.new_files import new_file
from psgkit.simulate.signals.chin import RemTruth
from psgkit.simulate.simulated import SimulatedNight

RECORD_S = 10.0
REM_COLUMNS = ("onset_s", "duration_s", "kind")
EVENT_COLUMNS = ("onset_s", "duration_s", "kind", "site")
HYPNOGRAM_COLUMNS = ("onset_s", "duration_s", "stage")
TRUTH_COLUMNS = (*EVENT_COLUMNS, "note")
POSTURE_COLUMNS = ("onset_s", "duration_s", "posture", "angle_deg")
TURN_COLUMNS = ("onset_s", "duration_s", "angle_deg", "before", "after")
RHYTHM_COLUMNS = (
    *("onset_s", "duration_s", "site", "kind", "frequency_hz", "modality", "place"),
    *("bursts_n", "alternating"),
)

Row = Sequence[str | float]


def write_night(night: SimulatedNight, folder: str | Path) -> dict[str, Path]:
    """Write a night to ``folder``, created if missing, and return the files; reproducible.

    ``night.edf`` holds the signals and, as annotations, stages and events; ``hypnogram.csv`` and
    ``events.csv`` hold the same stages and events; ``truth.csv`` holds the movements as events of
    kind ``lm`` with their truth kind in the column ``note``; ``distractors.csv`` what must not be
    found.  Times are whole milliseconds, exact.  Where more than the legs was simulated there are
    ``truth_accelerometer.csv`` (the same; ``note`` is the place and the truth kind),
    ``postures.csv``, ``turns.csv`` and ``rhythms.csv``; where the chin was, ``rem_activity.csv``.

    Examples
    --------
    >>> import tempfile
    >>> from psgkit.simulate.night import simulate_night
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(write_night(simulate_night(hours=0.1), folder))
    ['distractors', 'events', 'hypnogram', 'recording', 'truth']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    names = ("hypnogram", "events", "truth", "distractors")
    paths = {"recording": target / "night.edf"} | {name: target / f"{name}.csv" for name in names}
    written = night.recording.annotations
    write_edf(
        night.recording,
        paths["recording"],
        list(zip(written.onset_s, written.duration_s, written.text, strict=True)),
        record_s=RECORD_S,
        note=f"SIMULATED {night.kind} seed {night.seed}",
    )
    events = night.events
    write_table(paths["hypnogram"], HYPNOGRAM_COLUMNS, hypnogram_rows(night.hypnogram))
    write_table(
        paths["events"],
        EVENT_COLUMNS,
        zip(events.onset_s, events.end_s - events.onset_s, events.kind, events.site, strict=True),
    )
    lm = np.full(len(night.truth), "lm")
    write_table(paths["truth"], TRUTH_COLUMNS, movement_rows(night.truth, lm, night.truth_kinds))
    notes = np.full(len(night.distractors), "not a movement")
    rows = movement_rows(night.distractors, night.distractor_kinds, notes)
    write_table(paths["distractors"], TRUTH_COLUMNS, rows)
    if len(night.postures):
        paths |= _write_body(night, target)
    if night.recording.with_role("chin"):
        paths["rem_activity"] = target / "rem_activity.csv"
        write_table(paths["rem_activity"], REM_COLUMNS, _rem_rows(night.rem))
    return paths


def _rem_rows(truth: RemTruth) -> Iterable[Row]:
    """Return tonic epochs and phasic bursts in order."""
    rows = [
        (onset_s, end_s - onset_s, kind)
        for kind, spans_s in (("tonic", truth.tonic_s), ("phasic", truth.phasic_s))
        for onset_s, end_s in spans_s.tolist()
    ]
    return sorted(rows)


def _write_body(night: SimulatedNight, target: Path) -> dict[str, Path]:
    """Write the tables of sensors beyond the legs and return them."""
    names = ("truth_accelerometer", "postures", "turns", "rhythms")
    paths = {name: target / f"{name}.csv" for name in names}
    seen = night.truth_accelerometer
    place_of = {one.label: one.place for one in night.recording.channels}
    notes = [
        f"{place_of[labels[0]]} {kind}"
        for labels, kind in zip(seen.channels, night.truth_accelerometer_kinds, strict=True)
    ]
    write_table(
        paths["truth_accelerometer"],
        TRUTH_COLUMNS,
        movement_rows(seen, words(["lm"] * len(seen)), words(notes)),
    )
    for name, table, columns in (
        ("postures", night.postures, POSTURE_COLUMNS),
        ("turns", night.turns, TURN_COLUMNS),
        ("rhythms", night.rhythms, RHYTHM_COLUMNS),
    ):
        write_table(paths[name], columns, span_rows(table, columns))
    return paths


def movement_rows(
    movements: Movements, kinds: NDArray[np.str_], notes: NDArray[np.str_]
) -> Iterable[Row]:
    """Return the rows of a table of movements."""
    return zip(movements.onset_s, movements.duration_s, kinds, movements.site, notes, strict=True)


def span_rows(table: Postures | Turns | Rhythms, columns: Sequence[str]) -> Iterable[Row]:
    """Return the rows of a table of spans; ``duration_s`` is computed."""
    duration_s = table.end_s - table.onset_s
    own = [duration_s if one == "duration_s" else getattr(table, one) for one in columns]
    return zip(*own, strict=True)


def hypnogram_rows(hypnogram: Hypnogram) -> Iterable[Row]:
    """Return the rows of a table of stages."""
    stages = zip(hypnogram.epoch_starts_s(), hypnogram.stages, strict=True)
    return ((onset_s, hypnogram.epoch_s, stage) for onset_s, stage in stages)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table; numbers to the millisecond, the same line ends on every system."""
    with new_file(path) as part, part.open("x", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow([_cell(cell) for cell in row])


def _cell(cell: str | float) -> str | float:
    """Return the text of a cell; a missing number is empty."""
    if not isinstance(cell, float):
        return cell
    return "" if math.isnan(cell) else f"{cell:.3f}"
