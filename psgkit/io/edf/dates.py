"""Dates and clock times as the header of EDF spells them."""

import re
from datetime import date, timedelta

from psgkit.core.regex import regex

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_DATE = regex(r"(\d{1,2})[.:/-](\d{1,2})[.:/-](\d{2,4})", re.ASCII)
_TIME = regex(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})", re.ASCII)
_PLUS = regex(r"Startdate\s+(\S+)", re.IGNORECASE)
_PLUS_DATE = regex(r"(\d{1,2})-([A-Z]{3})-(\d{4})", re.IGNORECASE | re.ASCII)
_YEARS = range(1800, 2200)
"""Years of recordings; BIDS shifts them to before 1925."""
_CLIPPING_YEAR = 85
"""Two-digit years from 85 on are 1985-1999, those below are 2000-2084 (EDF specification)."""
_LEAP_SECOND = 60


def header_date(text: str) -> date | None:
    """Return the date in the field of EDF, None if it is none.

    Examples
    --------
    >>> header_date("29.02.84"), header_date("29.02.85"), header_date("00.00.00")
    (datetime.date(2084, 2, 29), None, None)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    if len(match[3]) == 2:  # noqa: PLR2004 - the digits that EDF has
        year += 1900 if year >= _CLIPPING_YEAR else 2000
    return _date(year, month, day)


def plus_date(recording: str) -> tuple[date | None, str]:
    """Return the ``Startdate`` of EDF+ in the recording field, and its text.

    The text is empty if none is stated, which EDF+ writes as ``Startdate X``.

    Examples
    --------
    >>> plus_date("Startdate 23-JAN-1918 X X X"), plus_date("Startdate X X X X")
    ((datetime.date(1918, 1, 23), '23-JAN-1918'), (None, ''))
    """
    match = _PLUS.match(recording)
    text = "" if match is None or match[1].upper() == "X" else match[1]
    found = _PLUS_DATE.fullmatch(text)
    if found is None or found[2].upper() not in MONTHS:
        return None, text
    return _date(int(found[3]), MONTHS.index(found[2].upper()) + 1, int(found[1])), text


def header_time(text: str) -> timedelta | None:
    """Return the clock time in the field of EDF, None if it is none; ``:`` is read like ``.``.

    Examples
    --------
    >>> str(header_time("22:15:30")), header_time("24.00.00"), str(header_time("23.59.60"))
    ('22:15:30', None, '1 day, 0:00:00')
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = map(int, match.groups())
    if hour > 23 or minute > 59 or second > _LEAP_SECOND:  # noqa: PLR2004 - what a clock shows
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None
