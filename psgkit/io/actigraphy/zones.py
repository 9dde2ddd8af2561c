"""Time zones that files state: an offset from UTC, or a name of the IANA database."""

import re
from collections.abc import Sequence
from datetime import datetime

from psgkit.core.days.day_clock import DayClock, UnknownZoneError, fixed_zone
from psgkit.core.finding import Finding
from psgkit.core.regex import regex

_LINE = regex(
    r'"?\s*(?:time\s?zone|zeitzone|fuseau horaire|fuso orario|zona horaria)\s*"?\s*[:=;,]+'
    r"\s*(.{1,60})",
    re.IGNORECASE,
)
_OFFSET = regex(r"([+-]?)(\d{1,2}):(\d{2})(?::00)?", re.ASCII)
_MOST_LINES = 200


def stated_zone(text: str) -> str:
    """Return the zone that a text of a file states; empty if it states none that is known.

    Examples
    --------
    >>> stated_zone("GMT +01:00"), stated_zone("-05:00:00"), stated_zone("Europe/Berlin")
    ('UTC+01:00', 'UTC-05:00', 'Europe/Berlin')
    >>> stated_zone("(UTC+01:00) Amsterdam, Berlin"), stated_zone("W. Europe Standard Time")
    ('UTC+01:00', '')
    """
    text = text.strip(' "\t')
    inner = re.match(r"\(((?:UTC|GMT)[^)]*)\)", text, re.IGNORECASE)
    text = inner[1] if inner else text
    bare = _OFFSET.fullmatch(text)
    if bare is not None:
        text = f"UTC{bare[1] or '+'}{bare[2]}:{bare[3]}"
    fixed = fixed_zone(text)
    if fixed or "/" not in text:
        return fixed or ("UTC+00:00" if text.upper() in ("UTC", "GMT") else "")
    try:
        return DayClock.of(datetime(2000, 1, 1), text).zone
    except UnknownZoneError:
        return ""


def zone_findings(stated: str, asked: str, clock: DayClock, where: str) -> tuple[Finding, ...]:
    """Return findings about the zone of a file whose times are local.

    Parameters
    ----------
    stated, asked : str
        Zone in the file, and zone given by the user, which goes first; empty if there is none.
    clock : DayClock
        Of the recording, with the zone that was used.
    where : str
        Name of the file.
    """
    if not stated or not clock.zone_stated:
        return ()
    if not asked:
        changes = "" if "/" in stated else "; changes of the clock are not known, --tz names a zone"
        message = f"time zone as the file states it: {stated}{changes}"
        return (Finding("info", "days.zone_of_file", where, message),)
    own = DayClock.of(clock.start.replace(tzinfo=None), stated).start.utcoffset()
    if own == clock.start.utcoffset():
        return ()
    message = (
        f"the file states the time zone {stated}, which is not {asked} at its start; "
        f"{asked} was used as asked"
    )
    return (Finding("warning", "days.zone_contradicts", where, message),)


def zone_in_lines(lines: Sequence[str]) -> str:
    """Return the zone that the lines above a table state; empty without one.

    Examples
    --------
    >>> zone_in_lines(["Serial Number: X", "Time Zone: GMT +01:00"])
    'UTC+01:00'
    """
    found = [match[1] for line in lines[:_MOST_LINES] if (match := _LINE.match(line))]
    return next((zone for text in found if (zone := stated_zone(text.rstrip(",; ")))), "")
