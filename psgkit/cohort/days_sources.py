"""Recordings of days among the nights of a source: which they are, and what lies beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from psgkit.cohort.one_night import NightFiles
from psgkit.cohort.planned import DaysFiles, PlannedNight
from psgkit.io.actigraphy.recognise import TEXT_SUFFIXES, kind_of_days


def with_days(nights: Sequence[PlannedNight], zone: str = "") -> list[PlannedNight]:
    """Return the nights, of which those that hold days are planned as such.

    What is planned as days already stays so; ``zone`` is that of recordings that name none.
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

    ``diary.csv`` does where this is the only recording of days in its folder.
    """
    stems = [f"{recording.stem}_"] + ([""] if list(others) == [recording] else [])

    def beside(what: str) -> Path | None:
        names = (f"{stem}{what}{suffix}" for stem in stems for suffix in TEXT_SUFFIXES)
        paths = (recording.parent / name for name in names)
        return next((path for path in paths if path.is_file()), None)

    return DaysFiles(diary=beside("diary"), markers=beside("markers"), clock=beside("clock"))


def named_files(cells: Mapping[str, str], folder: Path, zone: str) -> DaysFiles:
    """Return what a row of a manifest says about a recording of days."""

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
