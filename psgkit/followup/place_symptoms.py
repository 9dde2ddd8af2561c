"""Entries of a diary of symptoms on the line of days of the nights."""

from collections.abc import Sequence
from datetime import date

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.followup.match_context import PlacedNight
from psgkit.profile.context.model import Context
from psgkit.profile.context.timeline import day_of, day_zero, times_in

FARTHEST_DAYS = 62
"""Entries farther from all nights and dates of the context are not drawn (psgkit's own choice)."""
_NOON_H, _DAY_H = 12.0, 24.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SymptomPoint:
    """An entry on the line: a day begins half a day before its number, as doses are drawn."""

    day: float
    site: str
    severity: float


def place_symptoms(
    diary: SymptomDiary | None, nights: Sequence[PlacedNight], context: Context | None
) -> tuple[tuple[SymptomPoint, ...], tuple[Finding, ...]]:
    """Return the entries that lie on the line, and a finding on those that do not.

    Examples
    --------
    >>> place_symptoms(None, (), None)
    ((), ())
    """
    if diary is None:
        return (), ()
    zero = _zero(nights, context)
    if zero is None:
        message = translatable(
            "the entries are not drawn: no night has a date, and the context has no day_0 with one"
        )
        return (), (Finding("warning", "symptoms.no_line", diary.source, message),)
    known = [night.on_line.day for night in nights if night.on_line.day is not None]
    if context is not None:
        placed = (day_of(context, when) for _place, when in times_in(context))
        known += [day for day in placed if day is not None]
    first, last = min(known, default=0), max(known, default=0)
    points = [
        SymptomPoint(
            day=(one.at.date() - zero).days + (one.at.hour + one.at.minute / 60 - _NOON_H) / _DAY_H,
            site=one.site,
            severity=one.severity,
        )
        for one in diary.entries
    ]
    near = [one for one in points if first - FARTHEST_DAYS <= one.day <= last + FARTHEST_DAYS]
    if len(near) == len(points):
        return tuple(near), ()
    message = translatable(
        f"{len(points) - len(near)} of {len(points)} entries lie more than {FARTHEST_DAYS} days "
        "from all nights and dates of the context: counted, but not drawn"
    )
    return tuple(near), (Finding("warning", "symptoms.off_line", diary.source, message),)


def _zero(nights: Sequence[PlacedNight], context: Context | None) -> date | None:
    """Return the calendar date of day 0, of the context or else of a night with a date."""
    stated = None if context is None else day_zero(context)
    if stated is not None:
        return stated
    for night in nights:
        if night.evening is not None and night.on_line.day is not None:
            return date.fromordinal(night.evening.toordinal() - night.on_line.day)
    return None
