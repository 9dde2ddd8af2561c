"""Age and sex in the patient field of EDF+: ``code sex birthdate name``, ``X`` for an unknown part.

Neither code, name nor birthdate leaves this module.
"""

from datetime import date, datetime

from psgkit.core.message import translatable
from psgkit.core.recording import NO_DATE
from psgkit.core.regex import regex
from psgkit.core.sleeper import HEADER, Sleeper, age_at
from psgkit.io.edf.dates import MONTHS

_PARTS = 4
_SEXES = {"M": "male", "F": "female", "MALE": "male", "FEMALE": "female"}
_UNKNOWN = ("X", "")
_BORN = regex(r"(\d{1,2})-([A-ZÄÉÛ]{3})-(\d{4})")
_OTHER_MONTHS = {
    "MRZ": 3,
    "MÄR": 3,
    "MAE": 3,
    "MAI": 5,
    "OKT": 10,
    "DEZ": 12,
    "FÉV": 2,
    "FEV": 2,
    "AVR": 4,
    "JUI": 6,
    "AOÛ": 8,
    "AOU": 8,
    "DÉC": 12,
}
"""Months as German and French recorders write them."""
_STATED_AGE = regex(r"(?:FE)?MALE_(\d{1,3})YR")
"""PhysioNet writes ``Female_33yr`` for the name of the person."""


def sleeper_in(patient: str, kind: str, start: datetime | None) -> tuple[Sleeper, tuple[str, ...]]:
    """Return age and sex of a patient field, and messages why a stated one is not used.

    Messages show nothing of the field, which may hold a name and a birthdate.

    Parameters
    ----------
    patient : str
        The field.
    kind : str
        Reserved field of the header; plain EDF has free text, which is read only if it has the form
        of EDF+.
    start : datetime or None
        Of the recording.

    Examples
    --------
    >>> sleeper_in("X F 02-AUG-1951 X", "EDF+C", datetime(2022, 8, 1))[0].age_years
    70.0
    >>> sleeper_in("X F X Female_33yr", "EDF+C", None)[0].age_years
    33.0
    >>> sleeper_in("X W 1951 X", "EDF+C", datetime(2022, 8, 1))[0]
    Sleeper(age_years=None, sex=None, age_from='', sex_from='')
    """
    parts = patient.replace("\0", " ").split()
    is_plus = kind[3:4] == "+"
    if len(parts) < _PARTS:
        if is_plus and any(
            part.upper() in _SEXES or _BORN.fullmatch(part.upper()) for part in parts
        ):
            why = translatable("it has not the four parts code, sex, birthdate, name of EDF+")
            return Sleeper(), (_not_used(why),)
        return Sleeper(), ()
    sex_text, born_text = parts[1].upper(), parts[2].upper()
    of_form = (
        sex_text in (*_SEXES, *_UNKNOWN),
        born_text == "X" or _BORN.fullmatch(born_text) is not None,
    )
    if not any(of_form) or not (is_plus or all(of_form)):
        return Sleeper(), ()  # free text, as plain EDF has it
    sex, reasons = _SEXES.get(sex_text), []
    if sex is None and sex_text not in _UNKNOWN:
        reasons.append(translatable("the sex is not written as M, F or X"))
    age, why = _age(born_text, parts[3].upper(), start)
    reasons += [why] if why else []
    found = Sleeper(
        age_years=None if age is None else float(age),
        sex=sex,
        age_from="" if age is None else HEADER,
        sex_from="" if sex is None else HEADER,
    )
    return found, tuple(map(_not_used, reasons))


def _not_used(why: str) -> str:
    return translatable(
        f"age and sex are not all taken from it: {why}; the context can state both (person.age, "
        "person.sex)"
    )


def _age(born_text: str, name: str, start: datetime | None) -> tuple[int | None, str]:
    """Return the age by birthdate, else as PhysioNet states it; with the reason if none."""
    if born_text == "X":
        stated = _STATED_AGE.fullmatch(name)
        return (None if stated is None else int(stated[1])), ""
    match = _BORN.fullmatch(born_text)
    month = 0 if match is None else _month(match[2])
    try:
        born = date(int(match[3]), month, int(match[1])) if match is not None else None
    except ValueError:
        born = None
    if born is None:
        return None, translatable("the birthdate is not written as dd-MMM-yyyy")
    day = None if start is None else start.date()
    return age_at(born, None if day == NO_DATE else day)


def _month(text: str) -> int:
    """Return the number of a month; 0, which no date has, for another word."""
    return MONTHS.index(text) + 1 if text in MONTHS else _OTHER_MONTHS.get(text, 0)
