"""The part of an EDF header that describes the signals: labels, units, ranges, counts.

Every field stands for all signals in a row before the next field begins, so the place of a field
follows from the number of signals.
"""

import math
from dataclasses import dataclass
from typing import TypedDict

from psgkit.io.edf.fields import HeaderFields

FIXED_BYTES = 256
SIGNAL_BYTES = 256
SIGNAL_FIELDS = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("samples_per_record", 8),
    ("reserved", 32),
)
NUMBER_FIELDS = ("physical_min", "physical_max", "digital_min", "digital_max", "samples_per_record")
LARGEST_RANGE, SMALLEST_STEP = 1e20, 1e-20
"""Beyond these a header is damaged: no recorder stores 1e20 volts."""


class _Range(TypedDict):
    """What the digital and physical ends of a signal's range are."""

    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfSignalHeader:
    """Header fields of one signal; ``flaw`` says why its samples cannot be scaled, if so."""

    label: str
    unit: str
    prefilter: str
    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float
    samples_per_record: int
    flaw: str = ""

    @property
    def is_annotation(self) -> bool:
        """Return whether the signal holds EDF+ annotations instead of samples."""
        return self.label in ("EDF Annotations", "BDF Annotations")

    @property
    def step(self) -> float:
        """Return physical units per digital step, negative for inverted polarity."""
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Where a field of a signal lies: first byte, width in bytes, and its name for messages."""

    at: int
    width: int
    what: str


def place_of(field: str, row: int, n_signals: int) -> FieldPlace:
    """Return where ``field`` of signal ``row`` lies in a header of ``n_signals``.

    Examples
    --------
    >>> place_of("unit", 1, 2)
    FieldPlace(at=456, width=8, what='unit of signal 2')
    """
    before = 0
    for name, width in SIGNAL_FIELDS:
        if name == field:
            at = FIXED_BYTES + before * n_signals + row * width
            return FieldPlace(at, width, f"{field.replace('_', ' ')} of signal {row + 1}")
        before += width
    raise ValueError(f"no field {field!r} in the header of a signal")


def parse_signals(fields: HeaderFields, n_signals: int) -> tuple[EdfSignalHeader, ...]:
    """Return the signals; raise ``EdfFormatError`` if one has no sure number of samples."""
    return tuple(_parse_signal(fields, row, n_signals) for row in range(n_signals))


def _parse_signal(fields: HeaderFields, row: int, n_signals: int) -> EdfSignalHeader:
    def number(name: str) -> float:
        place = place_of(name, row, n_signals)
        return fields.number(place.at, place.width, place.what)

    def text(name: str) -> str:
        place = place_of(name, row, n_signals)
        return fields.text(place.at, place.width, place.what)

    ranges = _Range(
        physical_min=number("physical_min"),
        physical_max=number("physical_max"),
        digital_min=number("digital_min"),
        digital_max=number("digital_max"),
    )
    count = number("samples_per_record")
    if not (math.isfinite(count) and count >= 0 and count == int(count)):
        place = place_of("samples_per_record", row, n_signals)
        wanted = "a whole number of samples, 0 or more"
        raise fields.refuse(place.what, place.at, place.width, wanted)
    signal = EdfSignalHeader(
        label=text("label"),
        unit=text("unit"),
        prefilter=text("prefilter"),
        samples_per_record=int(count),
        flaw=_scaling_flaw(ranges),
        **ranges,
    )
    where = f"signal {signal.label!r} (byte {place_of('physical_min', row, n_signals).at})"
    if signal.flaw and not signal.is_annotation:
        fields.note("error", "edf.scaling", where, signal.flaw)
    elif not signal.is_annotation and signal.step < 0:
        message = "physical minimum above the maximum: inverted polarity, read as written"
        fields.note("info", "edf.polarity", where, message)
    return signal


def _scaling_flaw(ranges: _Range) -> str:
    """Return why samples cannot become physical values, or an empty text."""
    physical_min, physical_max = ranges["physical_min"], ranges["physical_max"]
    digital_min, digital_max = ranges["digital_min"], ranges["digital_max"]
    if not all(map(math.isfinite, (physical_min, physical_max, digital_min, digital_max))):
        return "physical or digital range is not a number: no unit can be given to its samples"
    if digital_min >= digital_max:
        return f"digital minimum {digital_min:g} is not below the maximum {digital_max:g}"
    if physical_min == physical_max:
        return f"physical minimum and maximum are both {physical_min:g}"
    span = abs(physical_max - physical_min)
    step = span / (digital_max - digital_min)
    if max(span, abs(physical_min)) > LARGEST_RANGE or step < SMALLEST_STEP:
        return f"physical range from {physical_min:g} to {physical_max:g} is that of no recorder"
    return ""
