"""Is this file a recording of days?  What decides is what it holds and how long it is."""

from collections.abc import Sequence
from pathlib import Path

from psgkit.errors import PsgkitError, TableError
from psgkit.io.actigraphy.accelerometer import accelerometer_kind
from psgkit.io.actigraphy.actiware import is_actiware
from psgkit.io.actigraphy.awd import is_awd
from psgkit.io.actigraphy.columns import find_columns
from psgkit.io.actigraphy.counts_csv import header_line
from psgkit.io.actigraphy.mtn import is_mtn
from psgkit.io.actigraphy.times import read_instants
from psgkit.io.text.read import EDF_SUFFIXES, lines_of, read_text
from psgkit.io.text.tables import delimiter_of

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
"""What is shorter than a day is a night, or no recording; ours."""
NIGHT_ROLES = ("eeg", "eog", "leg", "arm", "trunk")
"""A recording with one of these is a polysomnography however long it is; ours."""

_HEAD_BYTES = 65536
_EDF_HEAD_BYTES = 256
_EDF_HEADS = (b"0       ", b"\xffBIOSEMI")
_EDF_LENGTH = slice(236, 252)
_OWN_MINUTES = ("local_time", "onset_s", "activity", "unit", "asleep")
"""A result of ``psgkit days``, which is no recording."""
_FEWEST_ROWS = 2


def kind_of_days(path: str | Path) -> str:
    r"""Return what a recording of days is written in; empty if the file is none.

    Files that only makers of actigraphs write are recordings of days whatever they hold, so that a
    damaged one is missed by nobody.  EDF needs a day of accelerometer or activity without EEG and
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
        with path.open("rb") as file:
            head = file.read(_EDF_HEAD_BYTES)
            # of a hundred thousand nights the first bytes are enough
            if suffix in TEXT_SUFFIXES:
                head += file.read(_HEAD_BYTES)
    except OSError:
        return ""
    if head.startswith(_EDF_HEADS):
        return "EDF" if _lasts_days(head) and _shows_days(path) else ""
    if suffix in EDF_SUFFIXES:
        return ""
    if accelerometer_kind(head):
        return "Axivity CWA" if accelerometer_kind(head) == "cwa" else "GENEActiv BIN"
    return _kind_of_text(path, head) if suffix in TEXT_SUFFIXES else ""


def _lasts_days(head: bytes) -> bool:
    """Return whether the header of an EDF file states a day or more."""
    length = head[_EDF_LENGTH]
    try:
        return int(length[:8]) * float(length[8:]) >= DAYS_FROM_S
    except ValueError:
        return False


def _shows_days(path: Path) -> bool:
    """Return whether an EDF file holds what days are measured by, and nothing of a night alone."""
    from psgkit.io.read import read_recording

    try:
        recording = read_recording(path)
    except PsgkitError:
        return False
    roles = {channel.role for channel in recording.channels}
    return bool(roles & {"accelerometer", "activity"}) and not roles & set(NIGHT_ROLES)


def _kind_of_text(path: Path, head: bytes) -> str:
    """Return what a text is, read whole only if its head names times and counts."""
    start = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "ignore")
    if is_awd(start):
        return MAKER_SUFFIXES[".awd"]
    if is_mtn(start):
        return MAKER_SUFFIXES[".mtn"]
    if is_actiware(start):
        return "Actiware export"
    number = header_line(start.removeprefix("\ufeff").removeprefix("\xef\xbb\xbf"))
    if number is None:
        return ""
    try:
        lines = [line for line in lines_of(read_text(path))[number:] if line.strip()]
    except PsgkitError:
        return ""
    return "table of counts" if _spans_a_day(lines) else ""


def _spans_a_day(lines: Sequence[str]) -> bool:
    """Return whether the rows of a table go on for a day; its first line names the columns."""
    delimiter = delimiter_of(lines[0]) or "\t"
    header, first, last = (
        [cell.strip().strip('"') for cell in line.split(delimiter)]
        for line in (lines[0], lines[min(1, len(lines) - 1)], lines[-1])
    )
    if len(lines) <= _FEWEST_ROWS or tuple(map(str.casefold, header)) == _OWN_MINUTES:
        return False
    names = tuple(cell.casefold() for cell in header)
    columns = find_columns(names)
    wanted = [columns.time] if columns.time else [columns.date, columns.clock]
    places = [names.index(name) for name in wanted if name]
    if not places or max(places) >= min(len(first), len(last)):
        return False
    cells = [" ".join(row[place] for place in places) for row in (first, last)]
    try:
        at = read_instants(cells, str).at
    except TableError:
        # dates that may be read in two ways, or damage: what reads the table says so
        return len(lines) > DAYS_FROM_S / 60
    return float(abs((at[1] - at[0]).astype("int64"))) / 1e6 >= DAYS_FROM_S - 3600
