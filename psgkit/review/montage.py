"""The montage of a review: which channels are drawn, and how; kept as JSON beside the review file.

A montage goes by label, so that it can be copied from one night to another: channels that the other
night lacks are kept for later, and those it has in addition follow with what suits their role.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, fields, replace
from pathlib import Path
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel, Recording
from psgkit.core.regex import regex
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import open_regular
from psgkit.io.new_files import new_file
from psgkit.report.palette import LIGHT
from psgkit.review.pyramid import Filter

SCHEMA = "psgkit.montage/1"
MONTAGE_FILE = "montage.json"
_MOST_BYTES = 2**20
_COLOUR = regex("#[0-9a-fA-F]{6}")
_ROLES = ("eeg", "eog", "chin", "leg", "arm", "trunk", "accelerometer", "ecg", "respiration")
"""Order of roles on the page; all others follow."""
_SHOWN: Mapping[str, int] = {
    "eeg": 4,
    "eog": 2,
    "chin": 1,
    "leg": 4,
    "arm": 4,
    "trunk": 4,
    "accelerometer": 6,
    "ecg": 1,
    "respiration": 4,
    "emg": 2,
    "motion": 3,
    "oximetry": 1,
    "snore": 1,
}
"""Channels of each role that are shown unless a montage says otherwise, so that each has room; a
night without any of these roles shows all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """How one channel is drawn.

    Attributes
    ----------
    label : str
    shown : bool
    height : float
        Share of the height, relative to other channels.
    colour : str
        ``#rrggbb`` or a name of the palette, which dark pages have too.
    per_height : float or None
        Units from the lower to the upper edge of the channel; None fits what is in view.
    low_hz, high_hz, notch_hz : float or None
        Filter of the drawing; see ``psgkit.review.signals.Filter``.
    """

    label: str
    shown: bool = True
    height: float = 1.0
    colour: str = "activity"
    per_height: float | None = None
    low_hz: float | None = None
    high_hz: float | None = None
    notch_hz: float | None = None

    @property
    def filter(self) -> Filter:
        """Return the filter of the drawing."""
        return Filter(low_hz=self.low_hz, high_hz=self.high_hz, notch_hz=self.notch_hz)


_BOUNDS = {
    "height": (0.2, 10.0),
    "per_height": (1e-9, 1e9),
    "low_hz": (0.01, 1000.0),
    "high_hz": (0.1, 10_000.0),
    "notch_hz": (40.0, 500.0),
}
_OF_ROLE: Mapping[str, Mapping[str, Any]] = {
    "eeg": {"per_height": 150.0, "low_hz": 0.3, "high_hz": 35.0},
    "eog": {"per_height": 250.0, "low_hz": 0.3, "high_hz": 35.0},
    "chin": {"per_height": 100.0, "low_hz": 10.0, "high_hz": 100.0},
    "leg": {"per_height": 200.0, "low_hz": 10.0, "high_hz": 100.0, "height": 1.6},
    "arm": {"per_height": 200.0, "low_hz": 10.0, "high_hz": 100.0, "height": 1.3},
    "trunk": {"per_height": 200.0, "low_hz": 10.0, "high_hz": 100.0, "height": 1.3},
    "ecg": {"low_hz": 0.5, "high_hz": 40.0},
}
"""As scorers see these channels; in uV where there is a scale.  Psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Montage:
    """Rows in the order in which they are drawn."""

    rows: tuple[Row, ...] = ()
    schema: str = field(default=SCHEMA, init=False)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"schema": self.schema, "channels": [asdict(row) for row in self.rows]}

    def row(self, label: str) -> Row:
        """Return the row of a channel, a hidden one where there is none."""
        return next((row for row in self.rows if row.label == label), Row(label=label, shown=False))


def montage_for(recording: Recording, given: Montage | None = None) -> Montage:
    """Return a montage with a row for each channel of a recording.

    Examples
    --------
    >>> from psgkit import simulate_night
    >>> montage = montage_for(simulate_night("rls", hours=0.1).recording)
    >>> [(row.label, row.per_height) for row in montage.rows[:2]]
    [('LAT', 200.0), ('RAT', 200.0)]
    """
    rows = list(given.rows) if given else []
    known = {row.label for row in rows}
    order = sorted(recording.channels, key=_place_in_order)
    shown = _shown_of(order)
    rows += [
        replace(_row_of(channel), shown=channel.label in shown)
        for channel in order
        if channel.label not in known
    ]
    return Montage(rows=tuple(rows))


def _shown_of(channels: Sequence[Channel]) -> set[str]:
    """Return the labels that are shown at first: those analysed, then derivations, then others."""
    best = sorted(channels, key=lambda one: (one.status != "used", "-" not in one.label))
    shown: set[str] = set()
    for role, most in _SHOWN.items():
        shown.update([one.label for one in best if one.role == role][:most])
    return shown or {one.label for one in channels}


def _place_in_order(channel: Channel) -> int:
    return _ROLES.index(channel.role) if channel.role in _ROLES else len(_ROLES)


def _row_of(channel: Channel) -> Row:
    row = Row(label=channel.label, **_OF_ROLE.get(channel.role, {}))
    return row if channel.unit == "uV" else replace(row, per_height=None)


def read_montage(path: Path) -> Montage | None:
    """Return the montage in a file, or None where there is no file.

    Raises
    ------
    InputFileError
        If the file is too large or no JSON.
    SettingsError
        If a value is wrong.
    """
    if not path.exists():
        return None
    if path.stat().st_size > _MOST_BYTES:
        raise InputFileError(path.name, "more than 1 MB", "a montage; delete it to start anew")
    try:
        with open_regular(path) as file:
            content = json.loads(file.read().decode("utf-8"))
    except ValueError as error:
        raise InputFileError(
            path.name, f"no JSON ({error})", "a montage; delete it to start anew"
        ) from error
    return montage_from(content, path.name)


def write_montage(path: Path, montage: Montage) -> None:
    """Write a montage, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as part:
        part.write_text(json.dumps(montage.as_dict(), ensure_ascii=False, indent=1), "utf-8")


def montage_from(content: object, where: str = "montage") -> Montage:
    """Return the montage that plain values describe.

    Raises
    ------
    SettingsError
        Naming the value that is wrong.

    Examples
    --------
    >>> montage_from({"channels": [{"label": "LAT", "height": 2}]}).rows[0].height
    2.0
    """
    rows = content.get("channels") if isinstance(content, Mapping) else None
    if not isinstance(rows, list):
        raise SettingsError(where, "no list of channels", '{"channels": [{"label": "LAT"}]}')
    found = [_row_from(row, f"{where}: channel {n}") for n, row in enumerate(rows, start=1)]
    labels = [row.label for row in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise SettingsError(where, f"{twice[0]!r} twice", "each channel once")
    return Montage(rows=tuple(found))


def _row_from(given: object, where: str) -> Row:
    if not isinstance(given, Mapping):
        raise SettingsError(where, repr(given)[:60], '{"label": "LAT", "shown": true}')
    known = [one.name for one in fields(Row)]
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise SettingsError(where, f"the field {unknown[0][:60]!r}", f"one of {', '.join(known)}")
    label, shown = given.get("label"), given.get("shown", True)
    colour = given.get("colour", "activity")
    if not isinstance(label, str):
        raise SettingsError(f"{where}: label", repr(label)[:60], "a text")
    if not isinstance(shown, bool):
        raise SettingsError(f"{where}: shown", repr(shown)[:60], "true or false")
    if not isinstance(colour, str) or not (colour in LIGHT or _COLOUR.fullmatch(colour)):
        wanted = "a colour such as #0072b2, or a name of the palette such as ink"
        raise SettingsError(f"{where}: colour", repr(colour)[:60], wanted)
    numbers = {name: _number(given, name, where) for name in _BOUNDS}
    if numbers["height"] is None:
        numbers["height"] = 1.0
    return Row(label=label, shown=shown, colour=colour, **numbers)  # type: ignore[arg-type]


def _number(given: Mapping[str, Any], name: str, where: str) -> float | None:
    value = given.get(name)
    low, high = _BOUNDS[name]
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        wanted = f"a number from {low:g} to {high:g}, or null"
        raise SettingsError(f"{where}: {name}", repr(value)[:60], wanted)
    return float(value)
