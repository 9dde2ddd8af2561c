"""Tables of activity counts: meaning of columns, by a table of words, and cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.errors import TableError
from psgkit.io.actigraphy.epochs import EpochGrid, epoch_grid
from psgkit.io.actigraphy.times import places_of, read_instants
from psgkit.io.channels.label_words import plain_words
from psgkit.io.channels.places import PLACES, site_of_place
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, parse_table

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
    """Columns of a table by their meaning; names are those of the header.

    ``counts`` pairs a column with the place of the device, empty if the header states none.
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
    """Return the columns of a table by their meaning.

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
    """Return a column as numbers, NaN for cells that state a missing value.

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
    """Return the columns of counts with their places; one without place only if it is alone."""
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


FORMAT = "a table of activity counts"
MOST_PREAMBLE_LINES = 60


def header_line(text: str) -> int | None:
    r"""Return the line, from 0, that names a column of times and one of counts; None without one.

    Examples
    --------
    >>> header_line("Serial Number: X\n\nDate;Time;Activity\n01.02.2024;12:00;3\n")
    2
    """
    for number, line in enumerate(lines_of(text[:65536])[:MOST_PREAMBLE_LINES]):
        columns = columns_of_line(line)
        if columns.has_times and columns.has_counts:
            return number
    return None


def read_counts_table(
    text: str, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    r"""Return the counts in a table.

    Parameters
    ----------
    text, where : str
        The table, and the name of its file.
    zone : str
        Time zone, empty if it is not stated.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, the rows decide.

    Raises
    ------
    TableError
        If a column is missing, a time or a count cannot be read, or the epoch cannot be determined.

    Examples
    --------
    >>> text = "time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,\n2024-01-31T12:03,7\n"
    >>> days = read_counts_table(text, "week.csv", "Europe/Berlin")
    >>> days.counts[0].counts.tolist(), days.counts[0].epoch_s
    ([5.0, nan, nan, 7.0], 60.0)
    """
    skipped = header_line(text)
    lines = lines_of(text)
    if skipped is None:
        first = next((line for line in lines if line.strip()), "")
        raise fault_without_columns(where, parse_table(first, where).header)
    # empty lines in place of the preamble keep the line numbers
    table = parse_table("\n" * skipped + "\n".join(lines[skipped:]), where)
    days = recording_of_table(table, find_columns(table.header), zone, day_first=day_first)
    if any("simulated" in line.lower() for line in lines[:skipped]):
        message = "the table states that it is simulated; no person was recorded"
        return days.with_findings(Finding("info", "counts.simulated", where, message))
    return days


def recording_of_table(
    table: Table, columns: CountColumns, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    """Return the recording in a table whose columns are known; errors as ``read_counts_table``."""
    if columns.time is not None:
        cells = table.text(columns.time)
        name = columns.time
    else:
        parts = (table.text(columns.date or ""), table.text(columns.clock or ""))
        cells = tuple(f"{day} {clock}" for day, clock in zip(*parts, strict=True))
        name = f"{columns.date} and {columns.clock}"
    times = read_instants(cells, places_of(table, name), day_first=day_first)
    grid = epoch_grid(times, zone, table.where)
    counts = counts_of(table, columns, grid)
    empty = [one.label for one in counts if bool(np.isnan(one.counts).all())]
    findings = [
        Finding("warning", "counts.empty", f"{table.where}, column {label!r}", "no count at all")
        for label in empty
    ]
    return DayRecording(
        source=table.where,
        clock=grid.clock,
        duration_s=grid.duration_s,
        counts=counts,
        tracks=tracks_of(table, columns, grid),
        markers_s=markers_of(table, columns, grid),
        findings=(*grid.findings, *findings),
    )


def columns_of_line(line: str) -> CountColumns:
    """Return the columns that a header line names."""
    delimiter = delimiter_of(line) or "\t"
    names = [cell.strip().strip('"').casefold() for cell in line.split(delimiter)]
    return find_columns(tuple(names))
