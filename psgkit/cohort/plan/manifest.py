"""Manifest of a batch: a table with one row for each night.

::

    recording,hypnogram,subject,session,group,lights_off
    data/a.edf,data/a_stages.csv,P1,1,rls,23:05

Only ``recording`` is needed.  Paths are relative to the manifest.  ``hypnogram``, ``events``,
``context``, ``sit``, ``review``, ``channels``, ``subject``, ``session``, ``run``, ``lights_off``,
``lights_on`` and ``stage_codes`` (``0=W;1=R;2=N1``) are used; every other column is copied to the
tables, unless its name looks like a misspelling of one of these.

A row may name a recording of days instead: ``protocol`` is ``days``, or empty, when the content of
the file decides.  It takes ``tz`` (or ``timezone``), ``diary``, ``markers``, ``clock``,
``dates`` (``dmy`` or ``mdy``), ``count_scale`` and ``channels``, and nothing of a scored night.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from psgkit.cohort.plan.night_identity import identity_of, safe_name
from psgkit.cohort.plan.planned import PlannedNight, as_days, named_files
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.actigraphy.read import kind_of_days
from psgkit.io.files import is_file, real_path
from psgkit.io.scoring.stage_codes import parse_stage_codes
from psgkit.io.text.read import read_text
from psgkit.io.text.tables import Table, parse_table, quoted
from psgkit.night.files import NightFiles
from psgkit.review.apply import review_beside

FILES = ("hypnogram", "events", "channels", "context", "sit", "review")
LABELS = ("subject", "session", "run")
LIGHTS = ("lights_off", "lights_on")
CODES = "stage_codes"
OF_NIGHTS = ("hypnogram", "events", "context", "sit", "review", CODES, *LIGHTS)
OF_DAYS = ("diary", "markers", "clock", "dates", "count_scale")
DATE_ORDERS = ("dmy", "mdy")
ZONES = ("tz", "timezone")
PROTOCOLS = ("night", "days")
KNOWN = ("recording", *FILES, *LABELS, *LIGHTS, CODES, "protocol", *OF_DAYS, *ZONES)
LOOKS_ALIKE = 0.8
"""Likeness, as ``difflib`` measures it, from which a column is taken for a misspelt one;
psgkit's own choice."""
LIKE_NOTHING_ELSE = tuple(
    name for name in KNOWN if name not in ("sit", "run", "clock", "dates", "tz")
)
"""Columns whose misspelling can be recognised; ``site``, ``rung`` and ``block`` are words."""


def read_manifest(
    path: Path, hash_of: Callable[[Path], str], channels: Path | None = None
) -> list[PlannedNight]:
    """Return the nights of a manifest in its order, whether or not their files exist.

    Parameters
    ----------
    path : Path
    hash_of : callable
        Returns the hash that names a recording without a subject.
    channels : Path, optional
        Channel map of nights that name none.

    Raises
    ------
    InputFileError, TableError
        If it cannot be read, has no column ``recording``, or a row without one.
    SettingsError
        If the name of a column is nearly that of a known one, or a night is listed twice.
    """
    table = parse_table(read_text(path), path.name)
    table.one_of(("recording",))
    _refuse_misspelt(table)
    if not len(table):
        raise InputFileError(path.name, "a header line alone", "a row a night")
    columns = {name: table.text(name) for name in table.header}
    nights = []
    for row in range(len(table)):
        cells = {name: column[row] for name, column in columns.items()}
        if not cells["recording"]:
            raise table.fault(row, "recording", "the path of a recording")
        asked_as = f"line {table.lines[row]}: {cells['recording']}"
        night = _night(path.parent, cells, hash_of, channels)
        if _protocol_of(table, row, cells, night.recording) == "days":
            _check_days(table, row, cells)
            zone = cells.get("tz") or cells.get("timezone") or ""
            night = as_days(night, named_files(cells, path.parent, zone))
        else:
            _refuse_cells(table, row, OF_DAYS, "nothing here for a night; protocol says days")
        nights.append(replace(night, asked_as=asked_as, protocol_from="manifest"))
    refuse_twice(nights, path.name)
    return nights


def _protocol_of(table: Table, row: int, cells: Mapping[str, str], recording: Path) -> str:
    """Return the protocol that a row states, else that of the content of its file."""
    stated = cells.get("protocol", "").casefold()
    if stated and stated not in PROTOCOLS:
        raise table.fault(row, "protocol", f"{' or '.join(PROTOCOLS)}, or nothing")
    if stated:
        return stated
    has_own = any(cells.get(name) for name in OF_DAYS)
    return "days" if kind_of_days(recording) or (has_own and not is_file(recording)) else "night"


def _check_days(table: Table, row: int, cells: Mapping[str, str]) -> None:
    """Raise for entries that do not apply to a recording of days."""
    _refuse_cells(table, row, OF_NIGHTS, "nothing here for a recording of days")
    zones = {cells[name] for name in ZONES if cells.get(name)}
    if len(zones) > 1:
        raise table.fault(row, "timezone", "what tz says, or one of both columns")
    if cells.get("dates", "").lower() not in (*DATE_ORDERS, ""):
        raise table.fault(row, "dates", f"{' or '.join(DATE_ORDERS)}, or nothing")
    scale = cells.get("count_scale")
    if scale:
        try:
            factor = float(scale)
        except ValueError:
            factor = float("nan")
        if not 0 < factor < float("inf"):
            raise table.fault(row, "count_scale", "a number above 0, or nothing")


def _refuse_cells(table: Table, row: int, names: Sequence[str], wanted: str) -> None:
    for name in names:
        if name in table.header and table.text(name)[row]:
            raise table.fault(row, name, wanted)


def refuse_twice(nights: Sequence[PlannedNight], where: str) -> None:
    """Raise ``SettingsError`` if two nights are the same recording or get the same name.

    Examples
    --------
    >>> refuse_twice([], "nights.csv")
    """
    # the halves of a split night are one recording with different lights
    _refuse_same(nights, where, "name", lambda night: night.night_id.casefold())
    _refuse_same(
        nights,
        where,
        "recording and lights",
        lambda night: (real_path(night.recording), night.lights),
    )


def _refuse_same(
    nights: Sequence[PlannedNight], where: str, what: str, key: Callable[[PlannedNight], object]
) -> None:
    first: dict[object, PlannedNight] = {}
    for night in nights:
        other = first.setdefault(key(night), night)
        if other is not night:
            raise SettingsError(
                where,
                f"two nights with the same {what}: {other.asked_as} and {night.asked_as}",
                "every night once",
                "Columns subject, session and run tell nights apart.",
            )


def _refuse_misspelt(table: Table) -> None:
    """Raise if the name of an unused column is nearly that of a used one."""
    for name in table.header:
        plain = name.replace(" ", "_").replace("-", "_")
        near = difflib.get_close_matches(plain, LIKE_NOTHING_ELSE, n=1, cutoff=LOOKS_ALIKE)
        if name not in KNOWN and near:
            raise SettingsError(
                f"{table.where}, header line",
                f"the column {quoted(name)}",
                f"one of {', '.join(KNOWN)}, or a name unlike them",
                f"Did you mean {near[0]!r}?",
            )


def _night(
    folder: Path,
    cells: Mapping[str, str],
    hash_of: Callable[[Path], str],
    channels: Path | None,
) -> PlannedNight:
    recording = folder / cells["recording"]
    paths = {name: folder / cells[name] if cells.get(name) else None for name in FILES}
    subject, session, run = (cells.get(name, "") for name in LABELS)
    return PlannedNight(
        identity=identity_of(
            (subject, session, run),
            "" if safe_name(subject) else hash_of(recording),
            recording.suffix,
            {name: cell for name, cell in cells.items() if name not in KNOWN},
        ),
        recording=recording,
        files=NightFiles(
            hypnogram=paths["hypnogram"],
            events=paths["events"],
            channels=paths["channels"] or channels,
            context=paths["context"],
            sit=paths["sit"],
            review=paths["review"] or review_beside(recording),
            sidecar=paths["hypnogram"] is None and paths["events"] is None,
            stage_codes=parse_stage_codes(cells[CODES], CODES) if cells.get(CODES) else None,
        ),
        lights=(cells.get("lights_off") or None, cells.get("lights_on") or None),
    )
