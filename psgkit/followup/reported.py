"""Read night reports (``report.json``) for a course over nights."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import PurePath
from typing import Any

from psgkit.core.caution import Caution
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.staged_indices import marked_groups
from psgkit.document.read import (
    cautions_of,
    findings_of,
    indices_of,
    is_test_report,
    read_night_head,
    start_of,
)

USUAL_NAME = "report.json"
_SIMULATED = "simulate.simulated"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReportedNight:
    """One night as its report states it.

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
        All settings, to check that nights were scored alike.
    simulated : bool
        Whether the report states a simulated recording.
    indices : mapping of str to mapping of str to Index
        By group and name.
    cautions : tuple of Caution
        None in reports of an earlier psgkit.
    stages_from : str or None
        Who or what gave the stages of the night; None without stages, and in reports of an earlier
        psgkit.
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
    cautions: tuple[Caution, ...] = ()
    stages_from: str | None = None

    @property
    def name(self) -> str:
        """Return the name for messages, with the folder if the file is called ``report.json``."""
        return "/".join(self.path.parts[-2:]) if self.path.name == USUAL_NAME else self.path.name


def read_reported_night(path: str | os.PathLike[str]) -> ReportedNight:
    """Return the night of a report.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON, of another schema, or a field of it is broken.

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
    found = read_night_head(path)
    recording, settings = found["recording"], found["settings"]
    epochs = found.get("epochs")
    stages_from = None if epochs is None else epochs.get("stages_from")
    return ReportedNight(
        path=PurePath(path),
        recording=recording["file"] or None,
        sha256=recording["sha256"],
        start=start_of(recording),
        duration_s=recording["duration_s"],
        version=found["psgkit"]["version"],
        rules=settings["rules"]["name"],
        settings=settings,
        simulated=any(one.code == _SIMULATED for one in findings_of(found)),
        indices=marked_groups(
            indices_of(found["indices"]),
            stages_from,
            sleep_only=settings["rules"].get("in_wake") == "no_candidate",
        ),
        cautions=cautions_of(found),
        stages_from=stages_from,
    )


def read_reported_nights(
    paths: Sequence[str | os.PathLike[str]],
) -> tuple[list[ReportedNight], tuple[Finding, ...]]:
    """Return the nights among reports, and a finding for each test, which is left out.

    Raises
    ------
    InputFileError
        As ``read_reported_night``.
    """
    tests = [path for path in paths if is_test_report(path)]
    message = (
        "a test, not a night: left out; psgkit report NIGHT --sit FILE adds the sit.json of an "
        "immobilisation test to the report of its night, which is followed with it"
    )
    nights = [read_reported_night(path) for path in paths if path not in tests]
    return nights, tuple(
        Finding("warning", "nights.test", PurePath(path).name, message) for path in tests
    )
