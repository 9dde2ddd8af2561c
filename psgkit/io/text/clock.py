"""Clock times that users type, as seconds of the recording."""

import math
import re
from datetime import datetime, timedelta

from psgkit.errors import SettingsError

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_DAY = timedelta(days=1)
_ROUNDED_S = 60.0
"""Times of lights are noted in minutes: so far a clock time may lie outside the recording."""


def lights_window_s(
    lights: tuple[str | None, str | None],
    start: datetime | None,
    duration_s: float = math.inf,
    names: tuple[str, str] = ("lights off", "lights on"),
) -> tuple[float | None, float | None]:
    """Return lights off and on as typed, in seconds; None where nothing was typed.

    A clock time is its first occurrence in the recording; lights on is its first after lights off,
    if the recording of ``duration_s`` lasts until then.  The two ends of any other part of the
    recording are read alike; ``names`` are for messages.

    Examples
    --------
    >>> lights_window_s(("23:30", "06:00"), datetime(2024, 1, 1, 23, 0))
    (1800.0, 25200.0)
    >>> lights_window_s((None, "600"), None)
    (None, 600.0)
    """
    off = None if lights[0] is None else seconds_at(lights[0], start, names[0])
    on = None if lights[1] is None else seconds_at(lights[1], start, names[1])
    is_clock = lights[1] is not None and _CLOCK.fullmatch(lights[1].strip()) is not None
    day_s = _DAY.total_seconds()
    if off is not None and off > duration_s and 0 < day_s - off < _ROUNDED_S:
        off = 0.0  # 22:30 for a recording from 22:30:20 on
    if on is not None and off is not None and on <= off and is_clock:
        later = on + day_s
        # in a recording that ends before, lights on before lights off is a fault for the caller
        on = later if later <= duration_s else on
    if on is not None and is_clock and 0 < on - duration_s < _ROUNDED_S:
        on = duration_s  # 06:40 for a recording until 06:39:30
    return off, on


def seconds_at(text: str, start: datetime | None, what: str) -> float:
    """Return the seconds from ``start`` to a clock time, a date with time, or a number of seconds.

    Raises
    ------
    SettingsError
        If the text is none of these, or a clock time meets a recording without a start.
    """
    wanted = "a clock time (23:15), a date with time (2024-01-31T23:15:00) or seconds (900)"
    text = text.strip()
    try:
        return float(text)
    except ValueError:
        pass
    clock = _CLOCK.fullmatch(text)
    try:
        moment = None if clock else datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(what, repr(text), wanted) from None
    if start is None:
        raise SettingsError(
            what, f"{text!r}, in a recording that does not say when it starts", "seconds (900)"
        )
    if clock is None and moment is not None:
        return (moment.replace(tzinfo=None) - start).total_seconds()
    return _first_occurrence(text, start, what, wanted)


def _first_occurrence(text: str, start: datetime, what: str, wanted: str) -> float:
    clock = _CLOCK.fullmatch(text)
    hour, minute, second = (float(part or 0) for part in clock.groups()) if clock else (99, 0, 0)
    if hour > 23 or minute > 59 or second >= 60:  # noqa: PLR2004 - what a clock shows
        raise SettingsError(what, repr(text), wanted)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    return (moment - start + (_DAY if moment < start else timedelta())).total_seconds()
