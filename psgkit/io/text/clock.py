"""Clock times that users type, as seconds of the recording."""

import math
import re
from datetime import datetime, timedelta

from psgkit.core.regex import regex
from psgkit.errors import SettingsError, TableError
from psgkit.io.scoring.clocks import moments_of, written_time

_DOTTED = regex(r"\d{1,2}\.\d\d")
_BARE = regex(r"\d{1,2}|\d{4}")
_LASTING = regex(r"(\d+(?:\.\d+)?) ?(s|sec|min|h)", re.I)
_UNIT_S = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}
_DAY = timedelta(days=1)
_ROUNDED_S = 60.0
"""Times of lights are noted in minutes: so far a clock time may lie outside the recording."""
_WANTED = "a clock time (23:15), a date with time (2024-01-31T23:15:00) or seconds (900)"


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
    off, on = (
        None if text is None else seconds_at(text, start, name, duration_s)
        for text, name in zip(lights, names, strict=True)
    )
    is_clock = lights[1] is not None and _clock_s(lights[1].strip()) is not None
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


def seconds_at(text: str, start: datetime | None, what: str, duration_s: float = math.inf) -> float:
    """Return the seconds from ``start`` to a clock time, a date with time, or a number of seconds.

    ``22.40`` and ``22h40`` are clock times, and ``900``, ``900s`` and ``15min`` are not.  A whole
    number that can be an hour or a clock time (``22``, ``2240``) is refused if both lie in the
    recording of ``duration_s``.

    Examples
    --------
    >>> seconds_at("22.40", datetime(2024, 1, 1, 22, 0), "lights off")
    2400.0

    Raises
    ------
    SettingsError
        If the text is none of these or may be two of them, or a clock time meets a recording
        without a start.
    """
    text = text.strip()
    lasting = _LASTING.fullmatch(text)
    if lasting:
        return float(lasting[1]) * _UNIT_S[lasting[2].lower()]
    clock_s = _clock_s(text)
    if clock_s is None:
        try:
            seconds = float(text)
        except ValueError:
            return _dated_s(text, start, what)
        if not math.isfinite(seconds):
            raise SettingsError(what, repr(text), _WANTED)
        _refuse_two_meanings(text, start, what, duration_s)
        return seconds
    if start is None:
        raise SettingsError(
            what, f"{text!r}, in a recording that does not say when it starts", "seconds (900)"
        )
    return _first_occurrence_s(clock_s, start)


def _clock_s(text: str) -> float | None:
    """Return the seconds since midnight of a clock time; None for anything else."""
    if _DOTTED.fullmatch(text):
        text = text.replace(".", ":")
    time = written_time(text)
    return None if time is None or time.numbers is not None else time.clock_s


def _dated_s(text: str, start: datetime | None, what: str) -> float:
    """Return the seconds to a date with time."""
    time = written_time(text)
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None) if time is None else None
    except ValueError:
        raise SettingsError(what, repr(text), _WANTED) from None
    if start is None:
        raise SettingsError(
            what, f"{text!r}, in a recording that does not say when it starts", "seconds (900)"
        )
    if time is not None:
        try:
            (moment,), _ = moments_of([time], start, what)
        except TableError:
            raise SettingsError(what, repr(text), _WANTED) from None
    return 0.0 if moment is None else (moment - start).total_seconds()


def _refuse_two_meanings(text: str, start: datetime | None, what: str, duration_s: float) -> None:
    """Raise for a whole number that lies in the recording as seconds and as a clock time."""
    if start is None or not _BARE.fullmatch(text) or not int(text):
        return
    clock = f"{text}:00" if len(text) < 3 else f"{text[:2]}:{text[2:]}"  # noqa: PLR2004 - hours
    clock_s = _clock_s(clock)
    if clock_s is None or not _first_occurrence_s(clock_s, start) <= duration_s >= int(text):
        return
    raise SettingsError(
        what,
        f"{text!r}, which may be a clock time or seconds",
        "either",
        f"Write {clock} for the clock time, or {text}s for seconds after the start.",
    )


def _first_occurrence_s(clock_s: float, start: datetime) -> float:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(seconds=clock_s)
    return (moment - start + (_DAY if moment < start else timedelta())).total_seconds()
