"""Dates as reports write them."""

from datetime import date, datetime

from psgkit.report.texts import text


def date_and_time(start: datetime | None) -> str:
    """Return when a recording starts."""
    return text("words.not_stated") if start is None else f"{start:%Y-%m-%d %H:%M:%S}"


def day_and_month(day: date) -> str:
    """Return a date beside others of its weeks.

    Examples
    --------
    >>> day_and_month(date(2024, 3, 9))
    'Sat 09 Mar'
    """
    weekday, month = text(f"weekday.{day.isoweekday()}"), text(f"month.{day.month}")
    return text("words.day_and_month", weekday=weekday, day=f"{day.day:02d}", month=month)


def day_in_words(day: int, known: date | None = None) -> str:
    """Return a day of the patient's own count, with its date if that is known."""
    shown = text("words.day", day=day)
    return shown if known is None else text("words.date_of_day", date=known.isoformat(), day=shown)
