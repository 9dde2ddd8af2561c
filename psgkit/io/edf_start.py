"""When an EDF recording started: the header's date and time, and the EDF+ field that wins."""

import re
from datetime import datetime

from psgkit.io.edf_fields import HeaderFields

_DATE = re.compile(r"(\d{1,2})[.:/-](\d{1,2})[.:/-](\d{2,4})")
_TIME = re.compile(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})")
_PLUS_DATE = re.compile(r"Startdate (\d{2})-([A-Z]{3})-(\d{4})", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_YEARS = range(1900, 2200)
_CLIPPING_YEAR = 85
"""Two-digit years from 85 on are 1985-1999, those below are 2000-2084 (EDF specification)."""


def parse_start(fields: HeaderFields) -> datetime | None:
    """Return the start, or None with a finding when date or time are impossible."""
    date_text = fields.text(168, 8, "start date")
    time_text = fields.text(176, 8, "start time")
    date, time = _DATE.fullmatch(date_text), _TIME.fullmatch(time_text)
    plus = _PLUS_DATE.match(fields.text(88, 80, "recording field"))
    try:
        if time is None:
            raise ValueError("time")
        hour, minute, second = (int(part) for part in time.groups())
        if plus is not None and plus[2].upper() in _MONTHS:
            month = _MONTHS.index(plus[2].upper()) + 1
            return datetime(_full_year(int(plus[3])), month, int(plus[1]), hour, minute, second)
        if date is None:
            raise ValueError("date")
        day, month, year = (int(part) for part in date.groups())
        return datetime(_full_year(year), month, day, hour, minute, second)
    except ValueError:
        fields.note(
            "warning",
            "edf.start_unknown",
            "start date and time (byte 168)",
            f"found {date_text!r} {time_text!r}, wanted dd.mm.yy hh.mm.ss; the start is unknown",
        )
        return None


def _full_year(year: int) -> int:
    if year >= 100:  # noqa: PLR2004 - four digits, against the specification but clear
        if year not in _YEARS:
            raise ValueError("year")
        return year
    return year + (1900 if year >= _CLIPPING_YEAR else 2000)
