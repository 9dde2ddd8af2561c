"""Write a copy of an EDF or BDF file without patient, staff and date.

- Patient, recording, transducer and reserved fields are emptied; ``SIMULATED`` and purely numeric
  filter settings are kept.  Times and numbers are written again from what was read, so that no text
  stays in their fields.
- The date becomes 1985-01-01, the first date of EDF, for every file; the time of day is kept, the
  interval between two nights of one person is not.
- Annotations that psgkit recognises (stages, arousals, respiratory events, limb movements, lights,
  artifacts) are kept; all other text is blanked in place.
- Samples, labels, ranges and known units are kept; bytes after the last record are not.  A signal
  whose records begin like annotations is one, whatever its label.

The copy is read back before it gets its final name, and searched for the words of the fields that
are about the person: in any case, with and without accents, forwards and backwards, as a part of
another word, and the longer ones among the samples, too.
"""

import math
import re
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path

from psgkit.core.regex import regex
from psgkit.errors import PsgkitError, TableError
from psgkit.io.channels.electrodes import find_electrodes
from psgkit.io.channels.units import is_impedance, unit_factor
from psgkit.io.edf.annotations import (
    FILLED,
    MOST_ANNOTATIONS,
    MOST_TEXT_BYTES,
    TAL,
    annotations_n,
    decode_record,
)
from psgkit.io.edf.copies import copied_records, new_copy
from psgkit.io.edf.dates import MONTHS
from psgkit.io.edf.header import (
    HEADER_SIZE,
    NUMBER_FIELDS,
    PATIENT,
    RECORD_DURATION,
    RECORDING,
    RECORDS_N,
    RESERVED,
    SIGNAL_FIELDS,
    SIGNALS_N,
    START_DATE,
    START_TIME,
    VERSION,
    EdfHeader,
    FieldPlace,
    HeaderFields,
    place_of,
)
from psgkit.io.edf.read import SHORTER_RECORDS, read_edf_header, refuse_long_lists, refuse_surplus
from psgkit.io.files import sha256_of
from psgkit.io.known_words import is_known
from psgkit.io.scoring.words import kind_of_text, stage_of_annotation
from psgkit.io.text.read import without_accents

_NO_PATIENT, _NO_RECORDING, _NO_DATE = "X X X X", "Startdate 01-JAN-1985 X X", "01.01.85"
_KINDS = ("EDF+C", "EDF+D", "BDF+C", "BDF+D", "24BIT")
_FILTER = regex(
    r"(?:(?:HP|LP|BP|N|Notch|DC|DHP|DLP)[:=]? ?[0-9.,/ ]*(?:k?Hz|s)?[;, ]*)+",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = regex(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_NUMBER_WIDTH = 8
_ANNOTATION_START = regex(rb"[+-]\d+(?:\.\d*)?(?:\x15\d+(?:\.\d*)?)?\x14")
"""Beginning of a list of annotations; samples that begin like it are hardly possible."""
EDF_SAMPLE_BYTES = 2
_WORD = regex(r"[^\W_]+")
_SHORTEST_WORD, _SHORTEST_NUMBER, _SHORTEST_PART = 3, 4, 4
_LONG_WORD = 6
"""Six letters, in any case, are among a terabyte of random samples less than once."""
_NOTE = regex(rb"[+-]\d+(?:\.\d*)?(?:\x15\d+(?:\.\d*)?)?\x14[^\x00-\x1f]{3,200}\x14\x00")
"""An annotation with a text, which samples can hardly be."""
_UNITS = (
    "% bpm /min deg degc c f lux l/s l/min ml/s cmh2o mmhg kpa pa hpa hz s ms h min rad dps deg/s"
    " ut gauss a ma ua db raw step steps count counts bit none mbar torr rpm boolean bool ratio"
)
_KNOWN_UNITS = frozenset(_UNITS.split())
_UNKNOWN_UNIT = "?"
_LONGEST_NOTE = 2**12
"""A longer text is a comment."""
_MOST_RECORD_BYTES = 2 * MOST_TEXT_BYTES
"""A record is held a few times over; 64 MB are a minute of 500 channels at 1 kHz."""
_HARMLESS = ("startdate", "simulated", "edf", "bdf", "24bit", "1985", *map(str.lower, MONTHS))


class AnonymiseError(PsgkitError):
    """A copy would still contain text about the person."""


def anonymise_edf(path: str | Path, target: str | Path) -> Path:
    """Write a copy without names, dates and free text; return ``target``.

    Raises
    ------
    AnonymiseError
        If the copy would still contain a word of the emptied fields, for example in a label, or if
        one record holds more annotations than are read; nothing is written then.
    InputFileError, EdfFormatError
        If the file cannot be read or the copy not be written.
    """
    path, target = Path(path), Path(target)
    header = read_edf_header(path)
    refuse_surplus(path, header)
    if target.exists() and target.samefile(path):
        raise AnonymiseError(str(target), "the original", "another file to write the copy to")
    with path.open("rb") as file:
        raw = file.read(header.header_bytes)
    _refuse_long_records(path, header)
    private = private_words(raw, header)
    labels = _labels(header)
    with new_copy(target) as copy:
        copy.write(_clean_header(raw, header))
        for block in copied_records(path, header):
            blanked = bytearray(block)
            for span in _annotation_spans(block, header):
                _refuse_many_annotations(path, block, span)
                blanked[span] = clean_annotations(block[span], labels)
            copy.write(blanked)
        copy.flush()
        for where in leftovers(copy.name, private):
            raise AnonymiseError(
                f"{path.name}: {where}",
                "a word of the patient, recording or transducer field",
                "none of them",
                "Rename the channel in the exporting program, or empty the field that repeats it.",
            )
    return target


def _refuse_long_records(path: Path, header: EdfHeader) -> None:
    """Raise if a record, or what it holds of annotations, is larger than what is held at once."""
    refuse_long_lists(path.name, header)
    if header.record_bytes > _MOST_RECORD_BYTES:
        raise AnonymiseError(
            f"{path.name}: data records",
            f"{header.record_bytes} bytes in one",
            f"at most {_MOST_RECORD_BYTES} bytes",
            "Export the recording with shorter data records.",
        )


def _refuse_many_annotations(path: Path, block: bytes, span: slice) -> None:
    """Raise if one record holds more annotations than a file from which they are read."""
    found = annotations_n(block, span.start, span.stop)
    if found > MOST_ANNOTATIONS:
        raise AnonymiseError(
            f"{path.name}: annotations",
            f"{found} in one data record",
            f"at most {MOST_ANNOTATIONS}",
            SHORTER_RECORDS,
        )


def hashed_name(path: str | Path) -> str:
    """Return a name computed from the content of a file: 16 digits of its SHA-256."""
    path = Path(path)
    refuse_surplus(path, read_edf_header(path))
    return f"{sha256_of(path)[:16]}{path.suffix.lower()}"


def clean_annotations(record: bytes, labels: frozenset[str] = frozenset()) -> bytes:
    r"""Return the annotations of one record with only known texts, at unchanged length.

    Examples
    --------
    >>> clean_annotations(b"+0\x14\x14\x00+1\x14Jane\x14\x00+2\x14Lights off\x14\x00")
    b'+0\x14\x14\x00+2\x14Lights off\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
    """
    kept = []
    for filled in FILLED.finditer(record):  # padding alone may be millions of bytes
        match = TAL.fullmatch(filled[0])
        # the reader cannot decode the rest either
        if match is None or match[3][-1:] not in (b"", b"\x14") or math.isinf(float(match[1])):
            continue
        texts = match[3].split(b"\x14")[:-1]
        known = [word for word in map(partial(known_text, labels=labels), texts) if word]
        when = match[1] + (b"\x15" + match[2] if match[2] else b"") + b"\x14"
        if not (texts and texts[0]):
            when += b"\x14"  # states the start of the record: its first text is empty
        elif not known:
            continue
        kept.append(when + b"".join(word + b"\x14" for word in known) + b"\x00")
    return b"".join(kept)[: len(record)].ljust(len(record), b"\x00")


def known_text(text: bytes, labels: frozenset[str] = frozenset()) -> bytes:
    """Return the part of an annotation that psgkit knows: a stage or event and one of ``labels``.

    Examples
    --------
    >>> known_text(b"Sleep stage N2"), known_text(b"EEG arousal@@Dr Smith"), known_text(b"2nd call")
    (b'Sleep stage N2', b'EEG arousal', b'')
    """
    if len(text) > _LONGEST_NOTE:
        return b""
    try:
        said = text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return b""
    named, _, channel = said.partition("@@")
    named = named.split("|")[0].strip()
    try:
        known = stage_of_annotation(named) is not None or kind_of_text(named) is not None
    except TableError:
        known = False
    if not known:
        return b""
    place = f"@@{channel.strip()}" if channel.strip() in labels else ""
    return f"{named}{place}".encode()


def private_words(raw: bytes, header: EdfHeader) -> frozenset[str]:
    """Return the words about the person, in lower case and without accents.

    They stand in the patient and recording fields, and as text in fields of times and numbers; of
    transducers only possible serial numbers count, because their words are those of labels.  What
    ``psgkit.io.known_words`` knows (``EMG``, ``left``), months and placeholders name no person.
    """
    fields = HeaderFields("", raw)
    n = len(header.signals)
    words = set(_words(f"{fields.text(PATIENT)} {fields.text(RECORDING)}"))
    numbers = [START_DATE, START_TIME, HEADER_SIZE, RECORDS_N, RECORD_DURATION, SIGNALS_N]
    numbers += [place_of(name, row, n) for name in NUMBER_FIELDS for row in range(n)]
    for place in numbers:
        words.update(word for word in _words(fields.text(place)) if word.isalpha())
    for row in range(n):
        made = _words(fields.text(place_of("transducer", row, n)))
        words |= {word for word in made if re.search(r"\d", word) and len(word) >= _SHORTEST_NUMBER}
    return frozenset(filter(_identifies, words.difference(_HARMLESS)))


def _words(text: str) -> list[str]:
    return _WORD.findall(without_accents(text))


def unknown_labels(path: str | Path) -> list[str]:
    """Return the labels of an EDF or BDF file that hold words psgkit does not know.

    A copy keeps them: whether one of them names a person, only a reader can tell.
    """
    labels = [signal.label for signal in read_edf_header(path).signals if not signal.is_annotation]
    return [label for label in dict.fromkeys(labels) if not is_known(label)]


def leftovers(target: str | Path, private: frozenset[str]) -> Iterator[str]:
    """Yield the places where a written copy still contains one of ``private``."""
    target = Path(target)
    header = read_edf_header(target)
    with target.open("rb") as file:
        clean = file.read(header.header_bytes)
    for where, text in _texts_of_header(clean, header):
        # joined as in EMGSmith, too
        parts = re.sub(r"(?<=[^\W\d_])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", text)
        if any(_repeats(word, private) for word in (*_words(text), *_words(parts))):
            yield where
    labels = _labels(header)
    searched = _among_samples(private)
    for block in copied_records(target, header):
        spans = [*_annotation_spans(block, header)]
        for span in spans:
            _, entries, broken = decode_record(block[span])
            texts = [text.encode() for _, _, text in entries]
            if broken or any(known_text(text, labels) != text for text in texts):
                yield "annotations"
        samples = bytearray(block)
        for span in spans:
            samples[span] = bytes(span.stop - span.start)
        if _NOTE.search(samples) or (searched and searched.search(samples)):
            yield "samples"


def _among_samples(private: frozenset[str]) -> re.Pattern[bytes] | None:
    """Return a pattern of the words that are too long to be there by chance."""
    long = [word.encode("utf-8") for word in private if len(word) >= _LONG_WORD]
    return re.compile(b"|".join(map(re.escape, long)), re.IGNORECASE) if long else None


def _repeats(word: str, private: frozenset[str]) -> bool:
    """Return whether a word is one of the private words, a longer part of one, or holds one."""
    if word in private or (len(word) >= _SHORTEST_PART and word[::-1] in private):
        return True
    if not _identifies(word) or word in _HARMLESS:
        return False
    return any(
        (len(word) >= _SHORTEST_PART and word in one)
        or one in word
        or (len(one) >= _SHORTEST_PART and one[::-1] in word)
        for one in private
        if not one.isdigit()
    )


def _labels(header: EdfHeader) -> frozenset[str]:
    """Return the labels that annotations may name: of channels and of their differences."""
    stored = [(signal.label, signal.unit) for signal in header.signals]
    pairs = find_electrodes(stored).pairs
    return frozenset([*(label for label, _ in stored), *(pair.label for pair in pairs)])


def _clean_header(raw: bytes, header: EdfHeader) -> bytes:
    clean = bytearray(raw)

    def put(place: FieldPlace, text: str) -> None:
        clean[place.at : place.at + place.width] = text.encode("ascii").ljust(place.width)

    said = HeaderFields("", raw).text(RECORDING)
    put(PATIENT, _NO_PATIENT)
    put(RECORDING, f"{_NO_RECORDING} {'SIMULATED' if 'simulated' in said.lower() else 'X'}")
    put(START_DATE, _NO_DATE)
    put(RESERVED, header.kind if header.kind in _KINDS else "")
    # text behind a time or a number is read over; only what was understood is written
    if header.sample_bytes == EDF_SAMPLE_BYTES:
        put(VERSION, "0")
    put(START_TIME, f"{header.start:%H.%M.%S}" if header.start else "00.00.00")
    n = len(header.signals)
    fields = HeaderFields("", raw)
    for place, value in (
        (HEADER_SIZE, float(header.header_bytes)),
        (RECORDS_N, float(header.n_records)),
        (RECORD_DURATION, header.record_s),
        (SIGNALS_N, float(n)),
    ):
        put(place, _number_text("" if place is RECORDS_N else fields.text(place), value))
    for row, signal in enumerate(header.signals):
        kept = signal.prefilter if _FILTER.fullmatch(signal.prefilter) else ""
        emptied = {"transducer": "", "reserved": "", "prefilter": kept}
        if not _is_known_unit(signal.unit):
            emptied["unit"] = _UNKNOWN_UNIT
        for field, text in emptied.items():
            put(place_of(field, row, n), text)
        for field in NUMBER_FIELDS:
            place = place_of(field, row, n)
            put(place, _number_text(fields.text(place), float(getattr(signal, field))))
    return bytes(clean)


def _is_known_unit(unit: str) -> bool:
    bare = unit.strip().casefold().lstrip("\u00b0")
    return not bare or bare in _KNOWN_UNITS or unit_factor(unit) is not None or is_impedance(unit)


def _number_text(written: str, value: float) -> str:
    """Return a number as the file has it, or written again if there is other text in its field."""
    if _NUMBER.fullmatch(written):
        return written
    if math.isnan(value):
        return ""
    return next(text for n in range(8, 0, -1) if len(text := f"{value:.{n}g}") <= _NUMBER_WIDTH)


def _annotation_spans(block: bytes, header: EdfHeader) -> Iterator[slice]:
    """Yield the positions of annotations in a block of whole records."""
    widths = [signal.samples_per_record * header.sample_bytes for signal in header.signals]
    ends = list(accumulate(widths))
    for first in range(0, len(block), header.record_bytes):
        for width, end, signal in zip(widths, ends, header.signals, strict=True):
            at = first + end - width
            if signal.is_annotation or _ANNOTATION_START.match(block, at, first + end):
                yield slice(at, first + end)


def _identifies(word: str) -> bool:
    if len(word) < (_SHORTEST_NUMBER if word.isdigit() else _SHORTEST_WORD):
        return False
    return word.isdigit() or not is_known(word)


def _texts_of_header(clean: bytes, header: EdfHeader) -> Iterator[tuple[str, str]]:
    """Yield the place of each field and its text; of a number only the letters."""
    fields = HeaderFields("", clean)
    for place in (PATIENT, RECORDING, RESERVED):
        yield str(place), fields.text(place)
    for place in (START_TIME, HEADER_SIZE, RECORDS_N, RECORD_DURATION, SIGNALS_N):
        yield str(place), re.sub(r"\d", "", fields.text(place))
    for name in SIGNAL_FIELDS:
        for row in range(len(header.signals)):
            place = place_of(name, row, len(header.signals))
            text = fields.text(place)
            yield str(place), re.sub(r"\d", "", text) if name in NUMBER_FIELDS else text
