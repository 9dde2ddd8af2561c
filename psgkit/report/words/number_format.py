"""Format of numbers, durations and times of reports in the current language.

Number and unit are separated by a thin space (U+2009; a plain one on a terminal); negative numbers
have a minus sign (U+2212).
"""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from psgkit.core.index import Index
from psgkit.core.recording import NO_DATE
from psgkit.document.values import finite
from psgkit.report.words.language import _, language, locale, marked
from psgkit.report.words.messages import translated

NO_VALUE = "\u2013"
THIN = "\u2009"
MINUS = "\u2212"
_ONE_DECIMAL = ("1/h", "%", "pct", "min", "s", "mm")
_UNITS = {
    "1/h": marked("/h", "unit"),
    "1": "",
    "pct": "%",
    "n": "",
    "count": "",
    "ln s": "",
    "uV": "\u00b5V",
    "deg": "\u00b0",
    "deg/s": "\u00b0/s",
    "bits": marked("bits", "unit"),
    "1/epoch": marked("/epoch", "unit"),
    "beats/min": marked("beats/min", "unit"),
    "mg/day": marked("mg/day", "unit"),
    "g/day": marked("g/day", "unit"),
}
"""Units that are not printed as they are written in documents."""


def unit_in_words(unit: str) -> str:
    """Return a unit as printed; empty for counts and ratios."""
    shown = _UNITS.get(unit, unit)
    return _(shown) if shown else ""


def with_unit(shown: str, unit: str) -> str:
    r"""Return a number in words with its unit after a thin space.

    Examples
    --------
    >>> with_unit("7.5", "1/h"), with_unit("31", "1")
    ('7.5\u2009/h', '31')
    """
    return f"{shown}{THIN}{unit_in_words(unit)}".rstrip()


def digits(value: float, decimals: int) -> str:
    """Return a number with decimals and separated thousands; never minus zero, never nan.

    Examples
    --------
    >>> digits(12345.678, 1), digits(-0.01, 1), digits(float("nan"), 1) == NO_VALUE
    ('12,345.7', '0.0', True)
    """
    if not math.isfinite(value):
        return NO_VALUE
    return _as_written(f"{round(value, decimals) + 0.0:,.{decimals}f}")


def _as_written(shown: str) -> str:
    """Return a number written by Python with the signs of the language."""
    return shown.translate(_signs(language()))


@cache
def _signs(code: str) -> dict[int, str]:
    if code == "en":  # English needs no Babel
        return {ord("-"): MINUS}
    symbols = locale().number_symbols["latn"]
    return {ord(","): symbols["group"], ord("."): symbols["decimal"], ord("-"): MINUS}


def decimal_sign() -> str:
    """Return the decimal sign of the current language.

    Examples
    --------
    >>> decimal_sign()
    '.'
    """
    return _as_written(".")


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign, none if it rounds to nothing.

    Examples
    --------
    >>> signed(0.456, 2), signed(-0.001, 2), signed(-1.0, 2)
    ('+0.46', '0.00', '\u22121.00')
    """
    shown = digits(value, decimals)
    return f"+{shown}" if round(value, decimals) > 0 else shown


def number(value: float, unit: str, name: str = "") -> str:
    """Return a value without its unit, with the decimals usual for the unit.

    Examples
    --------
    >>> number(23.4567, "1/h"), number(0.6512, "1"), number(31.0, "1", "plm_n")
    ('23.5', '0.65', '31')
    """
    return digits(value, _decimals(value, unit, name))


def signed_number(value: float, unit: str) -> str:
    """Return a change with its sign, none if it rounds to nothing; decimals as of ``number``.

    Examples
    --------
    >>> signed_number(2.5, "1/h"), signed_number(0.01, "1/h")
    ('+2.5', '0.0')
    """
    return signed(value, _decimals(value, unit))


def _decimals(value: float, unit: str, name: str = "") -> int:
    if name.endswith("_n") or unit in ("n", "count"):
        return 0 if not math.isfinite(value) or value == int(value) else 1
    return 1 if unit in _ONE_DECIMAL else 2


def value_in_words(index: Index) -> str:
    r"""Return the value of an index with its unit, or why there is none.

    Examples
    --------
    >>> value_in_words(Index.rate("plms_index", 30, 4.0, otherwise="no sleep scored"))
    '7.5\u2009/h'
    >>> value_in_words(Index.missing("plms_index", "no sleep scored"))
    'not available: no sleep scored'
    """
    index = finite(index)
    if index.value is None:
        return _("not available: {reason}", reason=translated(index.reason or ""))
    return with_unit(number(index.value, index.unit, index.name), index.unit)


def short_number(value: float, significant: int = 6) -> str:
    """Return a setting without trailing zeros, to ``significant`` digits.

    Examples
    --------
    >>> short_number(10.0), short_number(0.5), short_number(2e6), short_number(1234.5, 3)
    ('10', '0.5', '2000000', '1230')
    """
    if not math.isfinite(value):
        return NO_VALUE
    shown = f"{value + 0.0:.{significant}g}"
    return _as_written(f"{Decimal(shown):f}" if "e" in shown else shown)


def megabytes(size_bytes: int) -> str:
    r"""Return the size of a file, to three digits.

    Examples
    --------
    >>> megabytes(5_840_123), megabytes(1_234_567_890)
    ('5.84\u2009MB', '1230\u2009MB')
    """
    return with_unit(short_number(size_bytes / 1e6, 3), "MB")


def hours_minutes(seconds: float) -> str:
    r"""Return a duration in hours and minutes, below ten minutes in seconds.

    Examples
    --------
    >>> hours_minutes(29045.0), hours_minutes(90.0)
    ('8\u2009h 04\u2009min', '90\u2009s')
    """
    if seconds < 600:  # noqa: PLR2004 - ten minutes
        return with_unit(short_number(round(seconds)), "s")
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{with_unit(digits(hours, 0), 'h')} {with_unit(f'{minutes:02d}', 'min')}"


def elapsed(seconds: float) -> str:
    """Return a time from the start of the recording.

    Examples
    --------
    >>> elapsed(3725.4), elapsed(-30.0)
    ('1:02:05', '-0:00:30')
    """
    whole = int(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def clock(start: datetime | None, seconds: float) -> str:
    """Return a time as the clock showed it, or from the start of the recording if unknown."""
    if start is None:
        return elapsed(seconds)
    try:
        return (start + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    except OverflowError:  # a header may claim the year 9999
        return elapsed(seconds)


def date_and_time(start: datetime | None) -> str:
    """Return when a recording starts."""
    if start is not None and start.date() == NO_DATE:
        return _("date not known, {time}", time=f"{start:%H:%M:%S}")
    return _("not stated") if start is None else f"{start:%Y-%m-%d %H:%M:%S}"


def day_and_month(day: date) -> str:
    """Return a date as weekday, day and month.

    Examples
    --------
    >>> day_and_month(date(2024, 3, 9))
    'Sat 09 Mar'
    """
    names = (locale().days, locale().months)
    weekdays, months = (one["stand-alone"]["abbreviated"] for one in names)
    return _(
        "{weekday} {day} {month}",
        weekday=weekdays[day.weekday()],
        day=f"{day.day:02d}",
        month=months[day.month],
    )


def day_in_words(day: int, known: date | None = None) -> str:
    """Return a day of the time axis, with its date if that is known."""
    shown = _("day {day}", day=day)
    return shown if known is None else _("{date} ({day})", date=known.isoformat(), day=shown)
