"""Read a recording of days, whoever made it: the content decides what reads it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zipfile import is_zipfile

from psgkit.core.days.day_clock import DayClock, UnknownZoneError
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.finding import Finding
from psgkit.core.intervals import union
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.actigraphy.accelerometer import accelerometer_kind, read_accelerometer
from psgkit.io.actigraphy.actiware import is_actiware, read_actiware
from psgkit.io.actigraphy.awd import is_awd, read_awd
from psgkit.io.actigraphy.clock_events import read_clock_events
from psgkit.io.actigraphy.counts_csv import read_counts_table
from psgkit.io.actigraphy.diary import (
    outside_findings,
    outside_markers,
    read_diary,
    read_markers,
)
from psgkit.io.actigraphy.mtn import is_mtn, read_mtn
from psgkit.io.text.read import EDF_SUFFIXES, file_name, read_text
from psgkit.io.text.xml_tree import is_xml

HEAD_BYTES = 4096
SQLITE = b"SQLite format 3\x00"
KNOWN = (
    "EDF, ActiGraph GT3X or AGD, Actiwatch AWD, CamNtech MTN, an Actiware export, Axivity CWA, "
    "GENEActiv BIN, or a table of activity counts"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOptions:
    """What a file of days may not say itself.

    Attributes
    ----------
    zone : str
        Time zone the device was worn in, as in ``Europe/Berlin``; empty if nobody knows.
    start : datetime or None
        Local time of the start, if the file does not say it.
    diary, markers : path or None
        Tables of a sleep diary and of event markers; see ``psgkit.io.actigraphy.diary``.
    clock : path or None
        Table of events that a reference saw, too; see ``psgkit.io.actigraphy.clock_events``.
        Markers are in the time of the device, the diary in that of the reference.
    channels : path or None
        Channel map, for EDF.
    epoch_s : float or None
        Length of an epoch, for Actiwatch AWD files that do not say it.
    day_first : bool or None
        Order of ``03/04/2024`` in tables; None where the rows tell it.
    """

    zone: str = ""
    start: datetime | None = None
    diary: str | Path | None = None
    markers: str | Path | None = None
    clock: str | Path | None = None
    channels: str | Path | None = None
    epoch_s: float | None = None
    day_first: bool | None = None


def read_days(path: str | Path, options: DayOptions | None = None) -> DayRecording:
    r"""Return the recording of days in ``path``, with its diary and markers.

    Parameters
    ----------
    path : path
    options : DayOptions, optional
        Time zone, diary, markers.

    Raises
    ------
    InputFileError, EdfFormatError, TableError
        If a file cannot be read; the message says which, what was found and what was wanted.
    SettingsError
        If the time zone is not known, or a channel map is wrong.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "week.csv"
    >>> _ = file.write_text("time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,0\n")
    >>> days = read_days(file, DayOptions(zone="Europe/Berlin"))
    >>> len(days.counts[0]), days.clock.start.isoformat()
    (2, '2024-01-31T12:00:00+01:00')
    """
    chosen = options or DayOptions()
    try:
        DayClock.of(datetime(2000, 1, 1), chosen.zone)
    except UnknownZoneError as error:
        wanted = "a name of the IANA database, as in Europe/Berlin"
        raise SettingsError("time zone", repr(chosen.zone[:40]), wanted) from error
    days = _read(Path(path), chosen)
    findings: tuple[Finding, ...] = ()
    if chosen.markers is not None:
        pressed_s = read_markers(chosen.markers, days.clock, day_first=chosen.day_first)
        findings += outside_markers(pressed_s, days.duration_s, file_name(chosen.markers))
        days = replace(days, markers_s=pressed_s)
    if chosen.clock is not None:
        fit = read_clock_events(chosen.clock, days.clock, day_first=chosen.day_first)
        days = replace(days, clock=days.clock.corrected(fit))
    if chosen.diary is not None:
        diary, found = read_diary(chosen.diary, days.clock, day_first=chosen.day_first)
        where = file_name(chosen.diary)
        findings += (*found, *outside_findings(diary, days.duration_s, where))
        # a device that felt no wrist is not contradicted by a diary
        off_s = union(days.diary.not_worn_s, diary.not_worn_s)
        days = replace(days, diary=replace(diary, not_worn_s=off_s))
    return days.with_findings(*findings)


def _read(path: Path, options: DayOptions) -> DayRecording:
    """Return what the format of the file says; diary and markers are not looked at."""
    head = _head(path)
    if _is_recording(path, head):
        from psgkit.io.actigraphy.days_edf import read_edf_days

        return read_edf_days(path, options.zone, options.channels, options.start)
    kind = accelerometer_kind(head)
    if kind:
        return read_accelerometer(path, kind, options.zone, head)
    if head.startswith(SQLITE):
        from psgkit.io.actigraphy.agd import read_agd

        return read_agd(path, options.zone)
    if is_zipfile(path):
        from psgkit.io.actigraphy.gt3x import read_gt3x
        from psgkit.io.actigraphy.gt3x_packets import is_gt3x

        if not is_gt3x(path):
            raise InputFileError(path.name, "a zip archive that is no GT3X file", KNOWN)
        return read_gt3x(path, options.zone)
    return _read_text(read_text(path), path.name, options)


def _read_text(text: str, where: str, options: DayOptions) -> DayRecording:
    """Return what a text says; anything that is no format of a maker is a table of counts."""
    if is_awd(text):
        return read_awd(text, where, options.zone, options.epoch_s)
    if is_mtn(text):
        return read_mtn(text, where, options.zone)
    if is_actiware(text):
        return read_actiware(text, where, options.zone, day_first=options.day_first)
    if is_xml(text[:2000]):
        raise InputFileError(where, "XML that is no MTN file", KNOWN)
    return read_counts_table(text, where, options.zone, day_first=options.day_first)


def _is_recording(path: Path, head: bytes) -> bool:
    """Return whether the recording reader is responsible, which says best what is wrong."""
    from psgkit.io.bridge.incoming import format_for_mne

    if head.startswith((b"0       ", b"\xffBIOSEMI")):
        return True
    return path.suffix.lower() in EDF_SUFFIXES or bool(format_for_mne(path))


def _head(path: Path) -> bytes:
    """Return the first bytes of a regular file."""
    try:
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "no such file"
            raise InputFileError(path.name, kind, "a recording of days")
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputFileError(path.name, why.lower(), "a file that can be read") from None
