"""Write EDF+C files: a recording with annotations, or annotations only.

A recording is written through pyedflib, in blocks of whole data records.  Samples are rounded to
the nearest of 65536 steps, so that a value read back is within half a step; the file is renamed to
its name when complete.  Times of annotations have a resolution of 0.1 ms beside signals (edflib),
and of 1 us in a file of annotations only.
"""

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import Samples
from psgkit.io.edf.dates import MONTHS
from psgkit.io.edf.header import FIXED_BYTES, SIGNALS_N, place_of
from psgkit.io.new_files import new_file

if TYPE_CHECKING:
    from pyedflib import EdfWriter

Annotation = tuple[float, float, str]
DIGITAL_MIN, DIGITAL_MAX = -32768, 32767
LONGEST_RECORD_S, BLOCK_S = 60, 60.0
SHORTEST_STEP_S = Fraction(1, 100_000)  # edflib stores record durations in steps of 10 us
LARGEST_DENOMINATOR = 100_000
RATE_TOLERANCE = 1e-12  # float64 rounding of a fraction such as 100/3
TEXT_BYTES = 40  # edflib truncates longer annotation texts without warning
LABEL_CHARACTERS, UNIT_CHARACTERS, NUMBER_CHARACTERS, NOTE_CHARACTERS = 16, 8, 8, 39
MOST_ANNOTATION_SIGNALS = 64
YEARS = range(1985, 2085)  # range of the two-digit year of EDF
UNKNOWN_START = datetime(1985, 1, 1)
_RECORD_BYTES = 10_240
_PROBE_BYTES = 2**16
_BYTES_BEFORE_COUNTS = 216  # of each signal, in fields before the number of samples
_TIME_KEEPING = b"+0\x14\x14\x00"
_SEPARATORS = str.maketrans(dict.fromkeys("\x00\x14\x15", " "))


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenEdf:
    """Result of writing, with the deviations that EDF requires.

    The last ``padded_s`` of the last record repeat the last sample of each channel, and
    ``clipped_n`` samples beyond the limits of their channel were stored as the limit.
    """

    path: Path
    record_s: float
    records_n: int
    padded_s: float
    clipped_n: int


class _Track(NamedTuple):
    """A channel with the scale of its samples in the file."""

    channel: Channel
    samples: Samples
    per_record: int
    low: float
    high: float


def write_edf(
    recording: Recording,
    path: str | Path,
    annotations: Sequence[Annotation] = (),
    *,
    record_s: float = 1.0,
    note: str = "",
) -> WrittenEdf:
    """Write the EDF+C file ``path`` and return its deviations.

    Parameters
    ----------
    recording : Recording
        One segment; samples may be arrays or views into a file, and are read block by block,
        without ``limits`` twice, to find the range first.  Of ``start`` the whole seconds are
        kept; a recording without one starts on 1 January 1985, midnight.
    annotations : sequence of (onset_s, duration_s, text)
        A duration of 0 is left out.  Those in ``recording.annotations`` are not written.
    record_s : float
        Wanted length of a data record.  If some rate does not fit, the shortest fitting whole
        number of seconds is taken, else the shortest fitting length of at least 1 s.
    note : str
        Text for the recording field of the header.

    Raises
    ------
    ValueError
        If EDF+C cannot hold it: a gap, a rate that fits no record of at most 60 s, a sample that
        is not finite, a text that is too long.

    Examples
    --------
    >>> import tempfile
    >>> from psgkit.core.recording import Segment
    >>> channel = Channel(label="LAT", unit="uV", rate_hz=200.0, samples=np.zeros(500))
    >>> night = Recording(source="", start=None, channels=(channel,),
    ...                   segments=(Segment(start_s=0.0, duration_s=2.5),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_edf(night, Path(folder) / "night.edf", [(1.0, 0.0, "Lights off")])
    >>> written.records_n, written.padded_s
    (3, 0.5)
    """
    from pyedflib import EdfWriter

    target = Path(path)
    rates_hz = [channel.rate_hz for channel in recording.channels]
    length_s = record_length_s(rates_hz, preferred_s=record_s)
    tracks = [_track(recording, channel, length_s) for channel in recording.channels]
    records_n = max(math.ceil(len(track.samples) / track.per_record) for track in tracks)
    texts = _checked_annotations(annotations, records_n)
    start, word = _checked_header(recording, note)
    with new_file(target) as part, _errors_of_disk(part):
        with EdfWriter(str(part), len(tracks)) as writer:
            writer.setStartdatetime(start)
            writer.setRecordingAdditional(word)
            _describe(writer, tracks, length_s)
            writer.set_number_of_annotation_signals(math.ceil(len(texts) / records_n))
            at_once = math.ceil(BLOCK_S / length_s)
            clipped_n = _write_records(writer, tracks, range(0, records_n, at_once))
            for onset_s, duration_s, text in texts:
                _done(writer.writeAnnotation(onset_s, duration_s or -1, text), text)
        _refuse_unwritten(part, records_n)
        _write_limits(part, tracks)
    return WrittenEdf(
        path=target,
        record_s=float(length_s),
        records_n=records_n,
        padded_s=round(float(records_n * length_s) - recording.duration_s, 9),
        clipped_n=clipped_n,
    )


def annotation_edf(annotations: Sequence[Annotation], start: datetime | None) -> bytes:
    r"""Return the content of an EDF+ file of annotations only.

    The file starts at the whole second in which the recording starts, and its times count from
    there, so that both align by clock; without a start the date is 1 January 1985.

    Parameters
    ----------
    annotations : sequence of (onset_s, duration_s, text)
        Seconds from the start of the recording.
    start : datetime or None
        Of the recording.

    Raises
    ------
    ValueError
        If the year of the start does not fit into EDF, or an annotation begins before the
        recording's first whole second.

    Examples
    --------
    >>> content = annotation_edf([(1.5, 2.0, "LM@@LAT")], None)
    >>> content[:8], b"+1.5\x152\x14LM@@LAT" in content
    (b'0       ', True)
    """
    begin = _edf_start(start)
    whole = begin.replace(microsecond=0)
    shift_s = (begin - whole).total_seconds()
    lists = [_tal(onset_s + shift_s, duration_s, text) for onset_s, duration_s, text in annotations]
    return _annotation_file(whole, lists)


def record_length_s(rates_hz: Sequence[float], *, preferred_s: float = 1.0) -> Fraction:
    """Return the length of a data record that holds whole samples of every rate.

    Examples
    --------
    >>> record_length_s([256.0, 0.5]), record_length_s([100 / 3, 200.0], preferred_s=6.0)
    (Fraction(2, 1), Fraction(6, 1))
    """
    if not rates_hz:
        raise ValueError("an EDF file needs at least one channel")
    exact = [_fraction(rate_hz) for rate_hz in rates_hz]
    steps_s = [SHORTEST_STEP_S, *(1 / rate for rate in exact if rate > 0)]
    tops, bottoms = zip(*(step_s.as_integer_ratio() for step_s in steps_s), strict=True)
    unit = Fraction(math.lcm(*tops), math.gcd(*bottoms))  # every fitting length is a multiple
    if 0 in exact or unit > LONGEST_RECORD_S:
        limit = f"at most {LONGEST_RECORD_S} s"
        raise ValueError(f"no data record of {limit} holds whole samples of {rates_hz} Hz")
    preferred = Fraction(preferred_s).limit_denominator(LARGEST_DENOMINATOR)
    if 0 < preferred <= LONGEST_RECORD_S and (preferred / unit).denominator == 1:
        return preferred
    whole = Fraction(unit.numerator)
    return whole if whole <= LONGEST_RECORD_S else unit * math.ceil(1 / unit)


def _fraction(rate_hz: float) -> Fraction:
    """Return the exact rate that float64 stands for, 0 if there is none."""
    if not 0 < rate_hz < math.inf:
        return Fraction(0)
    rate = Fraction(rate_hz).limit_denominator(LARGEST_DENOMINATOR)
    return rate if abs(rate_hz - float(rate)) <= RATE_TOLERANCE * rate_hz else Fraction(0)


def _track(recording: Recording, channel: Channel, length_s: Fraction) -> _Track:
    """Return the channel with its range and its samples a record."""
    for text, most in ((channel.label, LABEL_CHARACTERS), (channel.unit, UNIT_CHARACTERS)):
        if len(text) > most or not text.isascii() or not text.isprintable():
            raise ValueError(f"{text!r}: EDF holds at most {most} ASCII characters here")
    stretches = recording.signals(channel)
    if len(stretches) != 1 or not len(stretches[0].samples):
        found = f"{len(stretches)} segments with {len(channel.samples)} samples"
        raise ValueError(f"{channel.label}: {found}; EDF+C holds one that is not empty")
    samples = stretches[0].samples
    ends = channel.limits or _range(channel.label, samples, channel.rate_hz)
    low, high = _rounded(ends[0], ROUND_FLOOR), _rounded(ends[1], ROUND_CEILING)
    if not low < high:
        raise ValueError(f"{channel.label}: limits {low} and {high} leave no range")
    return _Track(channel, samples, int(_fraction(channel.rate_hz) * length_s), low, high)


def _range(label: str, samples: Samples, rate_hz: float) -> tuple[float, float]:
    """Return the smallest and largest sample, one unit apart at least."""
    size = math.ceil(BLOCK_S * rate_hz)
    ends = []
    for first in range(0, len(samples), size):
        block = samples[first : first + size]
        ends.append((float(np.min(block)), float(np.max(block))))
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if not np.isfinite(ends).all():
        raise ValueError(f"{label}: not all samples are finite, and EDF cannot mark missing ones")
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _rounded(value: float, rounding: str) -> float:
    """Return ``value`` rounded outward to eight characters of a header."""
    for decimals in range(NUMBER_CHARACTERS, -1, -1):
        found = float(Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding))
        if len(_number(found)) <= NUMBER_CHARACTERS:
            return found
    raise ValueError(f"a limit of {value:g} does not fit into the 8 characters EDF has for it")


def _number(value: float) -> str:
    """Return all digits of ``value``, no exponent."""
    return f"{Decimal(str(value)).normalize():f}"


def _checked_annotations(annotations: Sequence[Annotation], records_n: int) -> list[Annotation]:
    """Return the annotations by onset; raise for those that EDF+ would lose or truncate."""
    for onset_s, duration_s, text in annotations:
        if not 0 <= onset_s <= onset_s + duration_s < math.inf:
            raise ValueError(f"annotation {text!r}: onset {onset_s} s, duration {duration_s} s")
        if not text or len(text.encode()) > TEXT_BYTES or not text.isprintable():
            raise ValueError(f"annotation {text!r}: wanted 1 to {TEXT_BYTES} printable bytes")
    if len(annotations) > records_n * MOST_ANNOTATION_SIGNALS:
        raise ValueError(f"{len(annotations)} annotations do not fit into {records_n} records")
    return sorted(annotations, key=lambda row: row[0])


def _checked_header(recording: Recording, note: str) -> tuple[datetime, str]:
    """Return the start in whole seconds and the note as one word, for the header."""
    start = _edf_start(recording.start).replace(microsecond=0)
    word = "_".join(note.split())
    if len(word) > NOTE_CHARACTERS or not word.isascii():
        raise ValueError(f"note {note!r}: wanted at most {NOTE_CHARACTERS} ASCII characters")
    return start, word


def _describe(writer: "EdfWriter", tracks: Sequence[_Track], length_s: Fraction) -> None:
    """Set the record length of the writer, then the channels."""
    with warnings.catch_warnings():
        # pyedflib warns of every record length that is set, and of the rate that it assumes until
        # the rates are set; record length and rates were checked to fit
        warnings.filterwarnings("ignore", message="Forcing a specific|Sample frequency 100 can")
        writer.setDatarecordDuration(float(length_s))
    headers: list[dict[str, str | int | float | None]] = [
        {
            "label": track.channel.label,
            "dimension": track.channel.unit,
            "sample_frequency": float(track.per_record / length_s),
            "physical_min": math.floor(track.low),
            "physical_max": math.ceil(track.high),
            "digital_min": DIGITAL_MIN,
            "digital_max": DIGITAL_MAX,
        }
        for track in tracks
    ]
    writer.setSignalHeaders(headers)


def _write_limits(part: Path, tracks: Sequence[_Track]) -> None:
    """Write the exact limits into the header; those of edflib may differ in the last digit."""
    with part.open("r+b") as stream:
        signals_n = int(stream.read(FIXED_BYTES)[SIGNALS_N.at :])
        lows, highs = [track.low for track in tracks], [track.high for track in tracks]
        for name, ends in (("physical_min", lows), ("physical_max", highs)):
            stream.seek(place_of(name, 0, signals_n).at)
            stream.write("".join(f"{_number(end):8}" for end in ends).encode())


def _write_records(writer: "EdfWriter", tracks: Sequence[_Track], records: range) -> int:
    """Write ``records`` in steps and return the number of clipped samples."""
    clipped_n = 0
    for first in records:
        count = min(records.step, records.stop - first)
        parts = [_digital(track, first, count) for track in tracks]
        clipped_n += sum(clipped for _, clipped in parts)
        for record in np.hstack([digital for digital, _ in parts]):
            _done(writer.blockWriteDigitalShortSamples(record), "samples")
    return clipped_n


def _digital(track: _Track, first: int, count: int) -> tuple[NDArray[np.int16], int]:
    """Return ``count`` records from record ``first`` on, one a row, and the clipped samples."""
    start, size = first * track.per_record, count * track.per_record
    values = np.asarray(track.samples[start : start + size], dtype=np.float64)
    if not np.isfinite(values).all():
        at_s = (start + int(np.argmin(np.isfinite(values)))) / track.channel.rate_hz
        raise ValueError(f"{track.channel.label}: the sample at {at_s:.3f} s is not finite")
    clipped_n = int(np.count_nonzero((values < track.low) | (values > track.high)))
    last = np.asarray(track.samples[len(track.samples) - 1 : len(track.samples)])
    padded = np.concatenate((values, np.repeat(last, size - len(values))))
    step = (track.high - track.low) / (DIGITAL_MAX - DIGITAL_MIN)
    digital = np.clip(np.rint((padded - track.low) / step) + DIGITAL_MIN, DIGITAL_MIN, DIGITAL_MAX)
    return digital.astype(np.int16).reshape(count, track.per_record), clipped_n


def _done(code: int, what: str) -> None:
    """Raise ``OSError`` unless edflib reports success."""
    if code < 0:
        raise OSError(f"edflib could not write {what!r}")


@contextmanager
def _errors_of_disk(part: Path) -> Iterator[None]:
    """Raise the error that the system has for a file where edflib says only that it failed."""
    try:
        yield
    except OSError as error:
        if error.errno is None and part.exists():
            with part.open("ab") as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        raise


def _refuse_unwritten(part: Path, records_n: int) -> None:
    """Raise ``OSError`` unless all records are there: edflib reports no error when it closes."""
    with part.open("rb") as file:
        fixed = file.read(FIXED_BYTES)
        signals_n = _stated(fixed[-4:])
        file.seek(FIXED_BYTES + signals_n * _BYTES_BEFORE_COUNTS)
        counts = file.read(8 * signals_n)
    values_n = sum(_stated(counts[at : at + 8]) for at in range(0, len(counts), 8))
    wanted = FIXED_BYTES * (signals_n + 1) + 2 * values_n * records_n
    if not signals_n or not values_n or part.stat().st_size != wanted:
        raise OSError("edflib could not write the whole file")


def _stated(field: bytes) -> int:
    """Return the number in a field of a header, 0 if it was not written."""
    return int(field) if field.strip().isdigit() else 0


# --- annotations alone ---------------------------------------------------------------------------


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
    """Return an EDF+ file without signals: records of duration 0 with text only."""
    records = [_TIME_KEEPING]
    for one in lists:
        if len(records[-1]) + len(one) > _RECORD_BYTES:
            records.append(_TIME_KEEPING)
        records[-1] += one
    # two bytes a sample
    size = -(-max(map(len, records)) // 2) * 2
    date = f"{start.day:02}-{MONTHS[start.month - 1]}-{start.year}"
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
