"""Scored movements as EDF+ annotations, in a file of their own or beside the signals.

Texts are those that other readers show at a channel: ``Limb movement@@EMG LAT``.  A file of its own
holds times to the microsecond; beside signals edflib keeps a ten-thousandth of a second.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording
from psgkit.core.site import BOTH_SIDES, Site
from psgkit.io.channels.roles import LIMB_ROLES, role_of_label
from psgkit.io.edf.write import UNKNOWN_START, YEARS, WrittenEdf, write_edf

_RECORD_BYTES = 10_240
_TIME_KEEPING = b"+0\x14\x14\x00"
_SEPARATORS = str.maketrans(dict.fromkeys("\x00\x14\x15", " "))
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

Scored = Movements | ScoredMovements | NightReport


def write_scored_edf(scored: Scored, recording: Recording, path: str | Path) -> Path:
    """Return the annotation-only EDF+ file that was written, with one mark a movement.

    A movement that was joined from both legs (or arms) becomes two marks, one a side, each as long
    as the whole.  The file starts at the whole second in which the recording does, and its times
    count from there, so that the two align by clock; without a start it says 1 January 1985.  No
    name of a person is in it.

    Parameters
    ----------
    scored : Movements, ScoredMovements or NightReport
    recording : Recording
        What was scored: its start, and the sites of its channels.
    path : path
        Written under this name when it is complete.

    Raises
    ------
    ValueError
        If the year of the start does not fit into EDF, or a movement begins before the recording's
        first whole second.

    Examples
    --------
    >>> import tempfile
    >>> from psgkit.io.scoring.read import read_events
    >>> night = Recording(source="", start=None, segments=(), channels=())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     moved = Movements.of([10.25], [12.0], "left_leg")
    ...     found = read_events(write_scored_edf(moved, night, Path(folder) / "scored.edf"))
    >>> found.to_frame().values.tolist()
    [[10.25, 1.75, 'lm', 'left_leg']]
    """
    target = Path(path)
    content = annotation_edf(_marks(scored, recording), recording.start)
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


Mark = tuple[float, float, str]


def annotation_edf(marks: Sequence[Mark], start: datetime | None) -> bytes:
    """Return an EDF+ file of annotations alone; see ``write_scored_edf`` for its clock.

    Raises
    ------
    ValueError
        If the year of the start does not fit into EDF, or a mark begins before the recording's
        first whole second.
    """
    begin = _edf_start(start)
    whole = begin.replace(microsecond=0)
    shift_s = (begin - whole).total_seconds()
    lists = [_tal(onset_s + shift_s, duration_s, text) for onset_s, duration_s, text in marks]
    return _annotation_file(whole, lists)


def write_scored_recording(scored: Scored, recording: Recording, path: str | Path) -> WrittenEdf:
    """Return what was written: a copy of the recording with the movements as annotations.

    The annotations of the recording are kept.  ``write_edf`` says how samples are stored.

    Raises
    ------
    ValueError
        If EDF+C cannot hold it: a gap, a text of more than 40 bytes, a sample that is not finite.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from psgkit.core.recording import Channel, Segment
    >>> leg = Channel(label="LAT", unit="uV", rate_hz=200.0, samples=np.zeros(4000))
    >>> night = Recording(source="", start=None, channels=(leg,),
    ...                   segments=(Segment(start_s=0.0, duration_s=20.0),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     moved = Movements.of([10.25], [12.0], "left_leg")
    ...     write_scored_recording(moved, night, Path(folder) / "night.edf").records_n
    20
    """
    written = recording.annotations
    kept = list(zip(written.onset_s, written.duration_s, written.text, strict=True))
    return write_edf(recording, path, [*kept, *_marks(scored, recording)])


def _marks(scored: Scored, recording: Recording) -> list[Mark]:
    """Return the marks of what was scored."""
    movements = scored.movements if isinstance(scored, NightReport) else scored
    return movement_marks(movements, recording)


def _edf_start(known: datetime | None) -> datetime:
    """Return the start as EDF can hold it."""
    start = (known or UNKNOWN_START).replace(tzinfo=None)
    if start.year not in YEARS:
        raise ValueError(f"start {start}: EDF holds the years {YEARS[0]} to {YEARS[-1]}")
    return start


def _tal(onset_s: float, duration_s: float, text: str) -> bytes:
    """Return one time-stamped annotation list."""
    if onset_s < 0:
        raise ValueError(f"{text} at {onset_s:g} s: before the start of the recording")
    plain = text.translate(_SEPARATORS)
    return f"+{_seconds(onset_s)}\x15{_seconds(duration_s)}\x14{plain}\x14\x00".encode()


def _seconds(value: float) -> str:
    """Return seconds to the microsecond, no more digits than needed.

    Examples
    --------
    >>> _seconds(10.25), _seconds(10.0), _seconds(0.1 + 0.2)
    ('10.25', '10', '0.3')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _annotation_file(start: datetime, lists: Sequence[bytes]) -> bytes:
    """Return an EDF+ file without signals: records of duration 0 that hold nothing but text."""
    records = [_TIME_KEEPING]
    for one in lists:
        if len(records[-1]) + len(one) > _RECORD_BYTES:
            records.append(_TIME_KEEPING)
        records[-1] += one
    # two bytes a sample
    size = -(-max(map(len, records)) // 2) * 2
    date = f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year}"
    fixed = (
        ("0", 8),
        ("X X X X", 80),
        (f"Startdate {date} X X psgkit", 80),
        (start.strftime("%d.%m.%y"), 8),
        (start.strftime("%H.%M.%S"), 8),
        ("512", 8),
        ("EDF+C", 44),
        (str(len(records)), 8),
        ("0", 8),
        ("1", 4),
        ("EDF Annotations", 16),
        ("", 80),
        ("", 8),
        ("-1", 8),
        ("1", 8),
        ("-32768", 8),
        ("32767", 8),
        ("", 80),
        (str(size // 2), 8),
        ("", 32),
    )
    header = "".join(f"{value:<{width}}" for value, width in fixed).encode("ascii")
    return header + b"".join(record.ljust(size, b"\x00") for record in records)


TEXT = "Limb movement"
SENSOR_TEXT = "Accelerometer movement"
LARGE_TEXT = "Large movement"
"""No reader takes what an accelerometer found, or the whole body moving, for a limb movement."""
_TEXTS = {Site.WHOLE_BODY.value: LARGE_TEXT}
_SIDES_OF = {
    both: tuple(site for site, joined in BOTH_SIDES.items() if joined is both and site is not both)
    for both in set(BOTH_SIDES.values())
}


def movement_marks(
    movements: Movements | ScoredMovements, recording: Recording | None = None
) -> list[Mark]:
    """Return onset, duration and text of each movement, in time order.

    A movement that was joined from both legs (or arms) becomes two marks, one a side, each as long
    as the whole: a mark stands at one channel.  Of several channels at one site the first is named.
    Without a channel whose name tells the site, the site itself is named (``@@left leg``).

    Parameters
    ----------
    movements : Movements or ScoredMovements
    recording : Recording, optional
        Says at which site each channel lies; without it the names of the channels do.

    Examples
    --------
    >>> movement_marks(Movements.of([1.0, 5.0], [2.5, 7.0], ["left_leg", "both_legs"]))[1:]
    [(5.0, 2.0, 'Limb movement@@left leg'), (5.0, 2.0, 'Limb movement@@right leg')]
    """
    table = movements.movements if isinstance(movements, ScoredMovements) else movements
    known = () if recording is None else recording.channels
    rows = zip(table.onset_s, table.duration_s, movement_texts(table, known), strict=True)
    return [
        (float(onset_s), float(duration_s), f"{text}@@{place}" if place else text)
        for onset_s, duration_s, (text, places) in rows
        for place in places
    ]


def movement_texts(
    movements: Movements, channels: Sequence[Channel] = ()
) -> list[tuple[str, list[str]]]:
    """Return what each movement is called, and where it is marked: a place a side.

    Examples
    --------
    >>> movement_texts(Movements.of([1.0], [2.5], "both_legs"))
    [('Limb movement', ['left leg', 'right leg'])]
    """
    known = {channel.label: channel.site for channel in channels}
    rows = zip(movements.site, movements.channels, movements.modality, strict=True)
    return [
        (
            SENSOR_TEXT if modality == "accelerometer" else _TEXTS.get(str(site), TEXT),
            _places(Site(str(site)), labels, known),
        )
        for site, labels, modality in rows
    ]


def _places(site: Site, channels: tuple[str, ...], known: Mapping[str, Site]) -> list[str]:
    """Return where one movement is marked, a place a side; an empty one if nobody knows."""
    if not site:
        return [""]
    return [_place(side, channels, known) for side in _SIDES_OF.get(site, (site,))]


def _place(site: Site, channels: tuple[str, ...], known: Mapping[str, Site]) -> str:
    """Return the channel at ``site`` whose name says so to every reader, else the site."""
    for label in channels:
        if known.get(label, site) is site and _site_of(label) is site:
            return label
    return site.value.replace("_", " ")


def _site_of(label: str) -> Site:
    """Return the site that the name of a channel tells."""
    found = role_of_label(label)
    return found.site if found.role in (*LIMB_ROLES, "trunk") else Site.NONE
