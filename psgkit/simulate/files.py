"""A simulated night as files: the recording, and tables of stages, events and truth."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.movements import Movements
from psgkit.io.edf_write import write_edf
from psgkit.simulate.night import SimulatedNight

RECORD_S = 10.0
EVENT_COLUMNS = ("onset_s", "duration_s", "kind", "site")
HYPNOGRAM_COLUMNS = ("onset_s", "duration_s", "stage")
TRUTH_COLUMNS = (*EVENT_COLUMNS, "note")

Row = Sequence[str | float]


def write_night(night: SimulatedNight, folder: str | Path) -> dict[str, Path]:
    """Return the files written to ``folder``, which is made if need be; the same bytes every time.

    ``night.edf`` holds the signals and, as annotations, stages and events; ``hypnogram.csv`` and
    ``events.csv`` hold the same stages and events; ``truth.csv`` holds the movements as events of
    kind ``lm`` with their truth kind in the column ``note``; ``distractors.csv`` what must not be
    found.  Times are whole milliseconds, exact.

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
    stages, events = night.hypnogram, night.events
    _write(
        paths["hypnogram"],
        HYPNOGRAM_COLUMNS,
        (
            (onset_s, stages.epoch_s, stage)
            for onset_s, stage in zip(stages.epoch_starts_s(), stages.stages, strict=True)
        ),
    )
    _write(
        paths["events"],
        EVENT_COLUMNS,
        zip(events.onset_s, events.end_s - events.onset_s, events.kind, events.site, strict=True),
    )
    lm = np.full(len(night.truth), "lm")
    _write(paths["truth"], TRUTH_COLUMNS, _rows(night.truth, lm, night.truth_kinds))
    notes = np.full(len(night.distractors), "not a movement")
    rows = _rows(night.distractors, night.distractor_kinds, notes)
    _write(paths["distractors"], TRUTH_COLUMNS, rows)
    return paths


def _rows(movements: Movements, kinds: NDArray[np.str_], notes: NDArray[np.str_]) -> Iterable[Row]:
    """Return the rows of a table of movements."""
    return zip(movements.onset_s, movements.duration_s, kinds, movements.site, notes, strict=True)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table; numbers to the millisecond, lines end alike on every system."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow([f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row])
