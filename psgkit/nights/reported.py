"""Read what a night report (``report.json``, schema ``psgkit.night/1``) says of its night."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

from psgkit.core.index import Index
from psgkit.errors import InputFileError, PsgkitError
from psgkit.io.scored_report import SCHEMA
from psgkit.io.text import file_name, read_text

USUAL_NAME = "report.json"
_SIMULATED = "simulate.simulated"
_COURSE_SCHEMA = "psgkit.nights/"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReportedNight:
    """One night as its report has it.

    Attributes
    ----------
    path : PurePath
        Of the report.
    recording, sha256 : str or None
        The recording and its digest, as the report states them.
    start : datetime or None
    duration_s : float
    version : str
        Of the psgkit that wrote the report.
    rules : str
        The rule set.
    settings : mapping
        All settings, to tell whether nights were scored alike.
    simulated : bool
        The report says that nobody was recorded.
    indices : mapping of str to mapping of str to Index
        By group and name.
    """

    path: PurePath
    recording: str | None
    sha256: str | None
    start: datetime | None
    duration_s: float
    version: str
    rules: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    indices: Mapping[str, Mapping[str, Index]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what messages call the report: with its folder where all have one name."""
        return "/".join(self.path.parts[-2:]) if self.path.name == USUAL_NAME else self.path.name


def read_reported_night(path: str | os.PathLike[str]) -> ReportedNight:
    """Return the night of a report.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON, of another schema, or a part of it is broken.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "report.json"
    >>> text = '''{"schema": "psgkit.night/1", "psgkit": {"version": "1"}, "findings": [],
    ... "recording": {"file": "a.edf", "sha256": null, "start": null, "duration_s": 60},
    ... "settings": {"rules": {"name": "wasm2016"}}, "indices": {}}'''
    >>> _ = file.write_text(text)
    >>> read_reported_night(file).recording
    'a.edf'
    """
    where = file_name(path)
    try:
        text = read_text(path)
    except InputFileError as error:
        wanted, advice = f"a night report ({SCHEMA})", "psgkit report --out DIR writes one."
        raise InputFileError(where, error.found, wanted, advice) from error
    try:
        found = json.loads(text.lstrip("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        wanted = f"a night report ({SCHEMA})"
        raise InputFileError(where, f"no JSON ({error})", wanted) from None
    schema = found.get("schema") if isinstance(found, Mapping) else None
    if schema != SCHEMA:
        raise _another_schema(where, schema)
    try:
        return _night_of(found, PurePath(path))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = f"a broken report ({type(error).__name__}: {error})"
        raise InputFileError(where, what, f"a report as psgkit writes it ({SCHEMA})") from None


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _another_schema(where: str, schema: object) -> PsgkitError:
    """Return why a JSON file is no night report."""
    found = f"JSON of the schema {schema!r}" if schema else "JSON without a schema"
    advice = "psgkit report --out DIR writes one as report.json."
    if isinstance(schema, str) and schema.startswith(_COURSE_SCHEMA):
        advice = "Give the reports of the nights, not what was made of them."
    return InputFileError(where, found, f"the schema {SCHEMA!r}", advice)


def _night_of(found: Mapping[str, Any], path: PurePath) -> ReportedNight:
    """Return a parsed report as a night."""
    recording = found["recording"]
    start = recording["start"]
    settings = found["settings"]
    return ReportedNight(
        path=path,
        recording=str(recording["file"] or "") or None,
        sha256=str(recording["sha256"] or "") or None,
        start=datetime.fromisoformat(start) if start else None,
        duration_s=float(recording["duration_s"]),
        version=str(found["psgkit"]["version"]),
        rules=str(settings["rules"]["name"]),
        settings=settings,
        simulated=any(row["code"] == _SIMULATED for row in found["findings"]),
        indices={
            group: {name: _index(name, row) for name, row in rows.items()}
            for group, rows in found["indices"].items()
        },
    )


def _index(name: str, row: Mapping[str, Any]) -> Index:
    """Return one index of a report."""
    return Index(
        name=name,
        value=_number(name, row["value"]),
        unit=str(row["unit"]),
        numerator=_number(name, row["numerator"]),
        denominator_h=_number(name, row["denominator_h"]),
        reason=None if row["reason"] is None else str(row["reason"]),
    )


def _number(name: str, value: object) -> float | None:
    """Return a finite number or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name}: {value!r} is no finite number")
    return float(value)
