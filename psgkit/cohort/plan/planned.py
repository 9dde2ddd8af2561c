"""A planned night: its identity, its files and its times of lights off and on."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Literal, TypeVar

from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.core.dataclass import dataclass
from psgkit.core.days.days_report import DaysReport
from psgkit.core.night_report import NightReport
from psgkit.document.masking import with_texts
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import TEXT_SUFFIXES, kind_of_days
from psgkit.io.files import is_file
from psgkit.night.files import NightFiles


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysFiles:
    """Settings and companion files of a recording of days.

    Attributes
    ----------
    zone : str
        Time zone in which it was worn, as in ``Europe/Berlin``; empty if not stated.
    diary, markers, clock : Path or None
        Tables, as for ``psgkit days``.
    dates : str
        ``dmy`` or ``mdy``, the order of ``03/04/2024`` in its tables; empty where the rows decide.
    count_scale : float or None
        Factor on its counts for the sleep method; None for that of the settings.
    """

    zone: str = ""
    diary: Path | None = None
    markers: Path | None = None
    clock: Path | None = None
    dates: str = ""
    count_scale: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedNight:
    """One night of the source, or one recording of days.

    Attributes
    ----------
    identity : NightIdentity
    recording : Path
    files : NightFiles
        The files named for it; ``sidecar`` if files beside it are used.
    sidecars : tuple of Path
        Files beside it that belong to it by their names, whatever their content.
    lights : (str or None, str or None)
        Off and on, as written in the manifest.
    days : DaysFiles or None
        For a recording of days; None for a night.
    protocol_from : {"content", "manifest"}
        Whether the manifest or the content of the file decides the protocol.
    asked_as : str
        Line of the manifest, or path below the folder; shown on the terminal only.
    """

    identity: NightIdentity
    recording: Path
    files: NightFiles = field(default_factory=NightFiles)
    sidecars: tuple[Path, ...] = ()
    lights: tuple[str | None, str | None] = (None, None)
    days: DaysFiles | None = None
    protocol_from: Literal["content", "manifest"] = "content"
    asked_as: str = ""

    @property
    def night_id(self) -> str:
        """Return the name of the night."""
        return self.identity.night_id

    @property
    def known_as(self) -> str:
        """Return what the user calls the recording: its path below the folder, or its name."""
        return self.asked_as if self.asked_as.endswith(self.recording.name) else self.recording.name

    def with_own_name(self) -> "PlannedNight":
        """Return the night with its recording named by its file."""
        return replace(self, identity=replace(self.identity, recording=self.recording.name))

    def files_by_purpose(self) -> Iterator[tuple[str, Path]]:
        """Return every file whose content decides the result, by its purpose."""
        yield "recording", self.recording
        for purpose in ("hypnogram", "events", "channels", "context", "sit", "review"):
            path = getattr(self.files, purpose)
            if path is not None:
                yield purpose, path
        for purpose in ("diary", "markers", "clock"):
            path = getattr(self.days, purpose, None)
            if path is not None:
                yield purpose, path
        for path in self.sidecars:
            yield "sidecar", path


def with_days(nights: Sequence[PlannedNight], zone: str = "") -> list[PlannedNight]:
    """Return the nights with recordings of days recognised by their content.

    ``zone`` applies to recordings of days without a stated time zone.
    """
    holders = [night.recording for night in nights if night.days is None and _holds_days(night)]
    in_folder: dict[Path, list[Path]] = {}
    for path in holders:
        in_folder.setdefault(path.parent, []).append(path)
    found = set(holders)
    return [
        _in_zone(
            as_days(night, files_beside(night.recording, in_folder[night.recording.parent]))
            if night.recording in found and night.days is None
            else night,
            zone,
        )
        for night in nights
    ]


def as_days(night: PlannedNight, days: DaysFiles) -> PlannedNight:
    """Return a night planned as a recording of days."""
    return replace(
        night,
        identity=replace(night.identity, protocol="days"),
        days=days,
        files=NightFiles(channels=night.files.channels),
        sidecars=(),
        lights=(None, None),
    )


def files_beside(recording: Path, others: Sequence[Path]) -> DaysFiles:
    """Return the tables beside a recording of days: ``week_diary.csv`` belongs to ``week.csv``.

    ``diary.csv`` belongs to the only recording of days in its folder.
    """
    stems = [f"{recording.stem}_"] + ([""] if list(others) == [recording] else [])

    def beside(what: str) -> Path | None:
        names = (f"{stem}{what}{suffix}" for stem in stems for suffix in TEXT_SUFFIXES)
        paths = (recording.parent / name for name in names)
        return next((path for path in paths if is_file(path)), None)

    return DaysFiles(diary=beside("diary"), markers=beside("markers"), clock=beside("clock"))


def named_files(cells: Mapping[str, str], folder: Path, zone: str) -> DaysFiles:
    """Return the entries of a row of a manifest about a recording of days."""

    def named(what: str) -> Path | None:
        return folder / cells[what] if cells.get(what) else None

    scale = cells.get("count_scale")
    return DaysFiles(
        zone=zone,
        diary=named("diary"),
        markers=named("markers"),
        clock=named("clock"),
        dates=cells.get("dates", "").lower(),
        count_scale=float(scale) if scale else None,
    )


def _holds_days(night: PlannedNight) -> bool:
    return night.protocol_from == "content" and bool(kind_of_days(night.recording))


def _in_zone(night: PlannedNight, zone: str) -> PlannedNight:
    if night.days is None or night.days.zone or not zone:
        return night
    return replace(night, days=replace(night.days, zone=zone))


Renamed = TypeVar("Renamed", NightReport, DaysReport)


def renaming(night: PlannedNight) -> Callable[[str], str]:
    """Return the function that replaces the names of the night's files by ``night_id`` in a text.

    For a night that keeps its names it changes nothing.
    """
    shown = night.identity.recording
    if shown == night.recording.name:
        return str
    names: dict[str, str] = {}
    for purpose, path in night.files_by_purpose():
        called = shown if purpose == "recording" else f"{night.night_id}_{purpose}{path.suffix}"
        beside = path.name.startswith(night.recording.stem)
        if beside and purpose == "sidecar":
            called = night.night_id + path.name[len(night.recording.stem) :]
        names |= {str(path): called, str(path.absolute()): called, path.name: called}
        names |= {str(path.parent.absolute()): night.night_id}
    # the longest first: a path contains the name of its file
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = re.compile(pattern)
    return lambda text: found.sub(lambda match: names[match[0]], text)


def renamed_report(report: Renamed, rename: Callable[[str], str]) -> Renamed:
    """Return the report with its recording renamed, there and in all texts that name files."""
    report = replace(report, source=rename(report.source))
    if isinstance(report, NightReport) and report.review_start is not None:
        start = report.review_start
        recording = start.line["recording"]
        named = {**recording, "file": rename(recording["file"])}
        report = replace(
            report, review_start=replace(start, line={**start.line, "recording": named})
        )
    return with_texts(report, rename)


def renamed_error(error: PsgkitError, rename: Callable[[str], str]) -> str:
    """Return the message of an error with the files renamed."""
    return rename(str(error))
