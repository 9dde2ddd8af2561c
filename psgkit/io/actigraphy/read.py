"""Recognise a recording of days by its content, and read it with the module of its maker."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from zipfile import is_zipfile

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import DayClock, UnknownZoneError
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.finding import Finding
from psgkit.core.intervals import union
from psgkit.errors import InputFileError, PsgkitError, SettingsError, TableError
from psgkit.io.actigraphy.accelerometer import accelerometer_kind, read_accelerometer
from psgkit.io.actigraphy.actilife import is_actilife, read_actilife
from psgkit.io.actigraphy.actiwatch import is_actiware, is_awd, read_actiware, read_awd
from psgkit.io.actigraphy.count_columns import find_columns
from psgkit.io.actigraphy.counts_tables import header_line, read_counts_table
from psgkit.io.actigraphy.diary import (
    outside_findings,
    outside_markers,
    read_clock_events,
    read_diary,
    read_markers,
)
from psgkit.io.actigraphy.epoch_tables import (
    motion_columns,
    motion_header_line,
    read_epoch_table,
)
from psgkit.io.actigraphy.mtn import is_mtn, read_mtn
from psgkit.io.actigraphy.times import read_instants
from psgkit.io.text.lines import TextLines, text_lines
from psgkit.io.text.read import EDF_SUFFIXES, file_name, read_text
from psgkit.io.text.tables import delimiter_of
from psgkit.io.text.xml_tree import is_xml

HEAD_BYTES = 4096
ZIP = b"PK\x03\x04"
SQLITE = b"SQLite format 3\x00"
KNOWN = (
    "EDF, ActiGraph GT3X or AGD, Actiwatch AWD, CamNtech MTN, an Actiware or ActiLife export, "
    "Axivity CWA, GENEActiv BIN, a table of activity counts, or one of ENMO and anglez"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOptions:
    """Facts that a file of days may not state.

    Attributes
    ----------
    zone : str
        Time zone the device was worn in, as in ``Europe/Berlin``; empty if unknown.
    start : datetime or None
        Local time of the start, if the file does not say it.
    diary, markers : path or None
        Tables of a sleep diary and of event markers; see ``psgkit.io.actigraphy.diary``.
    clock : path or None
        Table of events that a reference recorded as well; see ``psgkit.io.actigraphy.diary``.
        Markers are in the time of the device, the diary in that of the reference.
    channels : path or None
        Channel map, for EDF.
    epoch_s : float or None
        Length of an epoch, for Actiwatch AWD files that do not state it.
    day_first : bool or None
        Order of ``03/04/2024`` in tables; None where the rows decide.
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
        If the time zone is not known, or a channel map is wrong or given for another file than EDF.

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
        pressed_s, found = read_markers(chosen.markers, days.clock, day_first=chosen.day_first)
        where = file_name(chosen.markers)
        findings += (*found, *outside_markers(pressed_s, days.duration_s, where))
        days = replace(days, markers_s=pressed_s)
    if chosen.clock is not None:
        fit = read_clock_events(chosen.clock, days.clock, day_first=chosen.day_first)
        days = replace(days, clock=days.clock.corrected(fit))
    if chosen.diary is not None:
        diary, found = read_diary(chosen.diary, days.clock, day_first=chosen.day_first)
        where = file_name(chosen.diary)
        findings += (*found, *outside_findings(diary, days.duration_s, where))
        # off-wrist time of the device counts more than the diary
        off_s = union(days.diary.not_worn_s, diary.not_worn_s)
        days = replace(days, diary=replace(diary, not_worn_s=off_s))
    return days.with_findings(*findings)


def _read(path: Path, options: DayOptions) -> DayRecording:
    """Return the recording in the file, without diary and markers."""
    head = _head(path)
    if _is_recording(path, head):
        from psgkit.io.actigraphy.days_edf import read_edf_days

        return read_edf_days(path, options.zone, options.channels, options.start)
    if options.channels is not None:
        raise SettingsError(
            file_name(options.channels),
            f"a channel map for {path.name}, which is no EDF recording",
            "channel maps for EDF alone",
            "Leave it out: columns are found by their names, sensors by the format.",
        )
    kind = accelerometer_kind(head)
    if kind:
        return read_accelerometer(path, kind, options.zone, head)
    if head.startswith(SQLITE):
        from psgkit.io.actigraphy.agd import read_agd

        return read_agd(path, options.zone)
    if is_zipfile(path) or (head.startswith(ZIP) and path.suffix.lower() == ".gt3x"):
        return _read_zip(path, options.zone)
    if is_mtn(_text_of(head)):
        # all its epochs may stand in one line
        return read_mtn(read_text(path), path.name, options.zone)
    # the tool of the UK Biobank packs its tables with gzip
    return _read_text(text_lines(path), path.name, options)


def _read_zip(path: Path, zone: str) -> DayRecording:
    from psgkit.io.actigraphy.gt3x import read_gt3x
    from psgkit.io.actigraphy.gt3x_log import is_gt3x

    # without the list at the end of the archive the reader says what is missing
    if is_zipfile(path) and not is_gt3x(path):
        raise InputFileError(path.name, "a zip archive that is no GT3X file", KNOWN)
    return read_gt3x(path, zone)


def _read_text(text: TextLines, where: str, options: DayOptions) -> DayRecording:
    """Return the recording in a text; without a known format it is read as a table of counts."""
    head = text.head
    if is_awd(head):
        return read_awd(text, where, options.zone, options.epoch_s, day_first=options.day_first)
    if is_actiware(head):
        return read_actiware(text, where, options.zone, day_first=options.day_first)
    if is_actilife(head):
        return read_actilife(text, where, options.zone, day_first=options.day_first)
    if is_xml(head[:2000]):
        raise InputFileError(where, "XML that is no MTN file", KNOWN)
    if motion_header_line(head) is not None:
        return read_epoch_table(text, where, options.zone, day_first=options.day_first)
    return read_counts_table(text, where, options.zone, day_first=options.day_first)


def _is_recording(path: Path, head: bytes) -> bool:
    """Return whether ``read_recording`` reads the file, so that its error message is used."""
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


MAKER_SUFFIXES = {
    ".gt3x": "ActiGraph GT3X",
    ".agd": "ActiGraph AGD",
    ".awd": "Actiwatch AWD",
    ".mtn": "CamNtech MTN",
    ".cwa": "Axivity CWA",
}
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
DAY_SUFFIXES = (*MAKER_SUFFIXES, ".bin", *TEXT_SUFFIXES)
"""Endings of recordings of days beside EDF; what other texts and ``.bin`` hold is looked at."""
DAYS_FROM_S = 86400.0
"""What is shorter than a day is a night, or no recording; psgkit's own choice."""
NIGHT_ROLES = ("eeg", "eog", "leg", "arm", "trunk")
"""A recording with one of these is a polysomnography however long it is; psgkit's own
choice."""

_MAKER_TEXTS = (
    (is_awd, MAKER_SUFFIXES[".awd"]),
    (is_mtn, MAKER_SUFFIXES[".mtn"]),
    (is_actiware, "Actiware export"),
    (is_actilife, "ActiLife table"),
)
_HEAD_BYTES = 65536
_EDF_HEAD_BYTES = 256
_EDF_HEADS = (b"0       ", b"\xffBIOSEMI")
_EDF_LENGTH = slice(236, 252)
_OWN_MINUTES = ("local_time", "onset_s", "activity", "unit", "asleep")
"""A result of ``psgkit days``, which is no recording."""
_FEWEST_ROWS = 2


def kind_of_days(path: str | Path) -> str:
    r"""Return the format of a recording of days; empty if the file is none.

    Formats of actigraphs are recordings of days whatever their content, so that a damaged file is
    reported.  EDF needs a day of accelerometer or activity without EEG and
    EMG, a table a column of times and one of counts over a day.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "week.csv"
    >>> _ = file.write_text("time,counts\n2024-01-30T12:00,5\n2024-01-31T12:01,0\n")
    >>> kind_of_days(file)
    'table of counts'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in MAKER_SUFFIXES:
        return MAKER_SUFFIXES[suffix]
    try:
        # opening a pipe or a device could wait for ever
        if not path.is_file():
            return ""
        # for speed over many files only the first bytes are read
        with path.open("rb") as file:
            head = file.read(_EDF_HEAD_BYTES)
            head += file.read(_HEAD_BYTES if suffix in TEXT_SUFFIXES else 0)
    except (OSError, ValueError):
        return ""
    if head.startswith(_EDF_HEADS):
        return "EDF" if _lasts_days(head) and _shows_days(path) else ""
    if suffix in EDF_SUFFIXES:
        return ""
    maker = {"cwa": "Axivity CWA", "bin": "GENEActiv BIN"}.get(accelerometer_kind(head), "")
    return maker or (_kind_of_text(path, head) if suffix in TEXT_SUFFIXES else "")


def _lasts_days(head: bytes) -> bool:
    """Return whether the header of an EDF file states a day or more."""
    length = head[_EDF_LENGTH]
    try:
        return int(length[:8]) * float(length[8:]) >= DAYS_FROM_S
    except ValueError:
        return False


def _shows_days(path: Path) -> bool:
    """Return whether an EDF file has channels of days, and none that only a night has."""
    from psgkit.io.read import read_recording

    try:
        recording = read_recording(path)
    except PsgkitError:
        return False
    roles = {channel.role for channel in recording.channels}
    return bool(roles & {"accelerometer", "activity"}) and not roles & set(NIGHT_ROLES)


def _kind_of_text(path: Path, head: bytes) -> str:
    """Return the format of a text, which is read whole only if its head names times and counts."""
    start = _text_of(head)
    maker = next((name for is_of_maker, name in _MAKER_TEXTS if is_of_maker(start)), "")
    if maker:
        return maker
    motion = motion_header_line(start)
    number = header_line(start) if motion is None else motion
    if number is None:
        return ""
    try:
        spans = _spans_a_day(islice(text_lines(path), number, None))
    except PsgkitError:
        return ""
    if not spans:
        return ""
    return "table of counts" if motion is None else "table of ENMO"


def _text_of(head: bytes) -> str:
    """Return the beginning of a text, which may end within a character."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "ignore")
    if head.startswith(b"\xef\xbb\xbf") or not head.isascii():
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
        # without most of its characters it was Latin-1
        return text if len(text.encode()) >= len(head) - 8 else head.decode("latin-1")
    return head.decode("ascii")


def _spans_a_day(lines: Iterable[str]) -> bool:
    """Return whether the rows of a table span a day; its first line names the columns."""
    n, chosen = 0, [""] * 4
    for line in lines:
        if line.strip():
            chosen[min(n, 3)] = line
            n += 1
    chosen[3] = chosen[3] or chosen[2]
    delimiter = delimiter_of(chosen[0]) or "\t"
    header, first, second, last = (
        [cell.strip().strip('"') for cell in line.split(delimiter)] for line in chosen
    )
    if n <= _FEWEST_ROWS or tuple(map(str.casefold, header)) == _OWN_MINUTES:
        return False
    names = tuple(cell.casefold() for cell in header)
    columns = find_columns(names)
    wanted = [columns.time] if columns.time else [columns.date, columns.clock]
    places = [names.index(name) for name in wanted if name]
    if not places:
        # the header of the UK Biobank states start and end
        return motion_columns(names) is not None and n > DAYS_FROM_S / 60
    if max(places) >= min(len(first), len(second), len(last)):
        return n > DAYS_FROM_S / 60
    cells = [" ".join(row[place] for place in places) for row in (first, second, last)]
    try:
        at = read_instants(cells, str).at
    except TableError:
        # ambiguous dates or damage: the reader of the table reports it
        return n > DAYS_FROM_S / 60
    step_s, span_s = (float(abs((one - at[0]).astype("int64"))) / 1e6 for one in at[1:])
    # a date that never changes spans less than its rows
    return max(span_s, step_s * (n - 2)) >= DAYS_FROM_S - 3600
