"""Which column of a table of counts is what: a table of words, and what their cells say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import Track
from psgkit.errors import TableError
from psgkit.io.actigraphy.epochs import EpochGrid
from psgkit.io.channels.label_words import plain_words
from psgkit.io.channels.places import PLACES, site_of_place
from psgkit.io.text.tables import Table

TIME_WORDS: tuple[str, ...] = (
    "time",
    "timestamp",
    "datetime",
    "date time",
    "date and time",
    "epoch",
    "zeitpunkt",
    "epoch start",
    "start time",
    "local time",
    "datatimestamp",
    "measurement timestamp",
)
DATE_WORDS = ("date", "datum", "data", "fecha", "day")
CLOCK_WORDS = ("time", "zeit", "heure", "uhrzeit", "ora", "clock")
COUNT_WORDS: tuple[str, ...] = (
    "counts",
    "count",
    "activity",
    "activity counts",
    "activity count",
    "act",
    "ac",
    "pim",
    "zcm",
    "tat",
    "aktivitat",
    "activite",
    "attivita",
    "motion",
    "mw",
)
MAGNITUDE_WORDS = ("vm", "vector magnitude", "vectormagnitude", "magnitude", "vmu")
AXIS_WORDS = (
    ("axis1", "axis2", "axis3"),
    ("axis 1", "axis 2", "axis 3"),
    ("x", "y", "z"),
    ("counts x", "counts y", "counts z"),
    ("axis x", "axis y", "axis z"),
)
MARKER_WORDS = ("marker", "event", "button", "event marker", "markierung", "marqueur", "indicatore")
TRACK_WORDS = {
    "light": (
        *("light", "lux", "white light", "photopic light", "lightlux", "ambient light"),
        *("weisses licht", "lumiere blanche", "luce bianca"),
    ),
    "temperature": ("temperature", "temp", "skin temperature"),
}
TRACK_UNITS = {"light": "lux", "temperature": "degC"}
MISSING_WORDS = frozenset(("", "nan", "na", "n/a", "null", "none", "-", ".", "kz"))
_LARGEST = 1e12
_WANTED_COUNT = (
    "a count of 0 or more (acceleration is not read from tables), or an empty cell if it is missing"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountColumns:
    """Which columns hold what; names are those of the header.

    ``counts`` pairs a column with the place it is about, empty if the header says none.
    """

    time: str | None = None
    date: str | None = None
    clock: str | None = None
    counts: tuple[tuple[str, str], ...] = ()
    axes: tuple[str, ...] = ()
    magnitude: str | None = None
    marker: str | None = None
    tracks: tuple[tuple[str, str], ...] = ()

    @property
    def has_times(self) -> bool:
        """Return whether rows have a time."""
        return self.time is not None or None not in (self.date, self.clock)

    @property
    def has_counts(self) -> bool:
        """Return whether rows have a count."""
        return bool(self.counts or self.axes or self.magnitude)


def find_columns(header: tuple[str, ...]) -> CountColumns:
    """Return which columns of a table are what.

    Examples
    --------
    >>> found = find_columns(("date", "time", "axis1", "axis2", "axis3", "lux"))
    >>> found.date, found.clock, found.axes, found.tracks
    ('date', 'time', ('axis1', 'axis2', 'axis3'), (('light', 'lux'),))
    >>> find_columns(("timestamp", "counts_left_ankle", "counts_right_ankle")).counts
    (('counts_left_ankle', 'left_ankle'), ('counts_right_ankle', 'right_ankle'))
    """
    words = {name: plain_words(name) for name in header}
    date = _first(words, DATE_WORDS)
    clock = _first(words, CLOCK_WORDS) if date else None
    time = None if clock else _first(words, TIME_WORDS) or date
    axes = next((_all(words, names) for names in AXIS_WORDS if _all(words, names)), ())
    marker = _first(words, MARKER_WORDS)
    tracks = [(kind, _first(words, names)) for kind, names in TRACK_WORDS.items()]
    return CountColumns(
        time=time,
        date=date if clock else None,
        clock=clock,
        counts=_counts(words),
        axes=axes,
        magnitude=_first(words, MAGNITUDE_WORDS),
        marker=marker,
        tracks=tuple((kind, name) for kind, name in tracks if name),
    )


def numbers(table: Table, name: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where a cell says that there is none.

    Raises
    ------
    TableError
        If a cell is neither; the message names the line.
    """
    cells = table.text(name)
    try:
        found = np.array(cells, dtype=np.float64) if len(cells) else np.empty(0)
    except ValueError:
        found = np.array([_number(table, name, row) for row in range(len(cells))])
    for row in np.flatnonzero(np.abs(found) > _LARGEST):
        raise table.fault(int(row), name, "a number of a device")
    return found


def _number(table: Table, name: str, row: int) -> float:
    cell = table.text(name)[row]
    if cell.lower() in MISSING_WORDS:
        return float("nan")
    try:
        # a comma within a cell is quoted, or not the delimiter: a decimal comma
        return float(cell.replace(",", "."))
    except ValueError:
        raise table.fault(row, name, "a number, or an empty cell") from None


def counts_of(table: Table, columns: CountColumns, grid: EpochGrid) -> tuple[Counts, ...]:
    """Return the counts in a table, one for each place.

    Raises
    ------
    TableError
        If a count is no number or below 0.
    """
    axes = np.empty((len(table), 0))
    if columns.axes:
        axes = np.column_stack([_not_negative(table, name) for name in columns.axes])
    if columns.counts:
        return tuple(
            _counts_at(table, name, place, grid, (columns.axes, axes) if not row else ((), axes))
            for row, (name, place) in enumerate(columns.counts)
        )
    if columns.magnitude:
        values = _not_negative(table, columns.magnitude)
        definition = f"column {columns.magnitude!r} of the device"
    else:
        values = np.sqrt((axes**2).sum(axis=1))
        definition = f"vector magnitude of the columns {', '.join(columns.axes)} of the device"
    one = Counts(
        counts=grid.filled(values),
        epoch_s=grid.epoch_s,
        definition=definition,
        axis_names=columns.axes,
        axes=grid.filled(axes),
    )
    return (one,)


def _counts_at(
    table: Table,
    name: str,
    place: str,
    grid: EpochGrid,
    axes: tuple[tuple[str, ...], NDArray[np.float64]],
) -> Counts:
    return Counts(
        counts=grid.filled(_not_negative(table, name)),
        epoch_s=grid.epoch_s,
        definition=f"column {name!r} of the device",
        place=place,
        site=site_of_place(place),
        label=name,
        axis_names=axes[0],
        axes=grid.filled(axes[1]) if axes[0] else np.empty((grid.n_epochs, 0)),
    )


def tracks_of(table: Table, columns: CountColumns, grid: EpochGrid) -> tuple[Track, ...]:
    """Return light and temperature in a table."""
    return tuple(
        Track(
            name=kind,
            unit=TRACK_UNITS[kind],
            values=grid.filled(numbers(table, name)),
            epoch_s=grid.epoch_s,
        )
        for kind, name in columns.tracks
    )


def markers_of(table: Table, columns: CountColumns, grid: EpochGrid) -> NDArray[np.float64]:
    """Return the start of each epoch in which the button was pressed, in seconds."""
    if columns.marker is None:
        return np.empty(0)
    idle = MISSING_WORDS | {"0", "0.0", "false", "no"}
    pressed = np.array([cell.lower() not in idle for cell in table.text(columns.marker)])
    return np.asarray(grid.epoch[pressed[grid.row]] * grid.epoch_s, dtype=np.float64)


def _not_negative(table: Table, name: str) -> NDArray[np.float64]:
    values = numbers(table, name)
    for row in np.flatnonzero(values < 0):
        raise table.fault(int(row), name, _WANTED_COUNT)
    return values


def _counts(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the columns of counts with their places; one without a place only if no other is."""
    plain = [name for name, said in words.items() if said in COUNT_WORDS]
    placed = []
    for name, said in words.items():
        place = "_".join(part for part in said.split() if part not in COUNT_WORDS)
        if place in PLACES:
            placed.append((name, place))
    return tuple(placed) or tuple((name, "") for name in plain[:1])


def _first(words: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    for word in wanted:
        for name, said in words.items():
            if said == plain_words(word):
                return name
    return None


def _all(words: dict[str, str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    found = [_first(words, (word,)) for word in wanted]
    return tuple(name for name in found if name) if all(found) else ()


def fault_without_columns(where: str, header: tuple[str, ...]) -> TableError:
    """Return the error for a table in which times or counts were not found."""
    return TableError(
        f"{where}, header line",
        f"the columns {', '.join(map(repr, header[:12]))}",
        "a column of times (time, or date and time) and one of counts (counts, activity, vm, "
        "axis1 to axis3, x y z, or counts_left_ankle and other places)",
    )
