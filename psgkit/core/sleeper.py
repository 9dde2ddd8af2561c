"""Age and sex of the person recorded, and where each is known from; never a name or a birthdate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable

CONTEXT, HEADER = translatable("the context"), translatable("the header of the recording")
OLDEST_YEARS = 110
"""Higher ages in a header are faults; psgkit's own choice."""
SAME_AGE_YEARS = 1.5
"""Ages of two sources that differ by more contradict each other; psgkit's own choice."""
_HEADER_SEXES = ("female", "male")
_WIPED_YEARS = (1753, 1800, 1899, 1900, 1901, 1904, 1970, 1980, 1985, 2000, 2001)
"""Years whose first or last day programs and anonymisers write for an unknown date."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeper:
    """Age in whole or stated years and sex (``female``, ``male``, ``other``); None is not known.

    ``age_from`` and ``sex_from`` say where each is known from, empty if it is not known.
    """

    age_years: float | None = None
    sex: str | None = None
    age_from: str = ""
    sex_from: str = ""

    def filled_from(self, other: "Sleeper") -> "Sleeper":
        """Return what is known here, and of the rest what ``other`` knows.

        Examples
        --------
        >>> Sleeper(age_years=50.0).filled_from(Sleeper(age_years=33.0, sex="male")).sex
        'male'
        """
        found = self
        if found.age_years is None:
            found = replace(found, age_years=other.age_years, age_from=other.age_from)
        if found.sex is None:
            found = replace(found, sex=other.sex, sex_from=other.sex_from)
        return found

    def contradictions(self, other: "Sleeper") -> Iterator[Finding]:
        """Yield where age and sex of the context (``self``) and of a header do not agree."""
        ages = (self.age_years, other.age_years)
        if None not in ages and abs((ages[0] or 0.0) - (ages[1] or 0.0)) > SAME_AGE_YEARS:
            message = translatable(
                f"the context says {ages[0]:g} years, the header of the recording {ages[1]:g}; "
                "that of the context is used"
            )
            yield Finding("warning", "person.differs", "person", message)
        # a header knows male and female alone
        if self.sex in _HEADER_SEXES and other.sex in _HEADER_SEXES and self.sex != other.sex:
            message = translatable(
                f"the context says {self.sex}, the header of the recording {other.sex}; that of "
                "the context is used"
            )
            yield Finding("warning", "person.differs", "person", message)


def age_at(born: date, recorded: date | None) -> tuple[int | None, str]:
    """Return the age in whole years at a recording, or None and why it is not used.

    Whole years, so that no birthdate follows from age and date.  The reason does not state a date.

    Examples
    --------
    >>> age_at(date(1951, 8, 2), date(2022, 8, 1))
    (70, '')
    >>> age_at(date(1985, 1, 1), date(2022, 8, 1))[1]
    'the birthdate is one that programs and anonymisers write for an unknown one'
    """
    if is_wiped(born):
        why = translatable(
            "the birthdate is one that programs and anonymisers write for an unknown one"
        )
        return None, why
    if recorded is None or is_wiped(recorded):
        return None, translatable("the date of the recording is not known, or was wiped")
    had_birthday = (recorded.month, recorded.day) >= (born.month, born.day)
    years = recorded.year - born.year - (not had_birthday)
    if born >= recorded or years > OLDEST_YEARS:
        why = translatable(
            f"the birthdate is not within the {OLDEST_YEARS} years before the recording"
        )
        return None, why
    return years, ""


def is_wiped(day: date) -> bool:
    """Return whether programs and anonymisers write this date for one that is not known."""
    ends = ((1, 1), (12, 30), (12, 31))
    return day.year in _WIPED_YEARS and (day.month, day.day) in ends
