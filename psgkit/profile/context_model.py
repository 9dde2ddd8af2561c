"""The clinical context of one person, as plain frozen data."""

from dataclasses import dataclass
from datetime import date

from psgkit.profile.context_fields import asked, rows, section
from psgkit.profile.context_person import Bars, Conditions, Person, Skin, Symptom
from psgkit.profile.context_treatment import Drug, Laboratory, Night, Response, Serum


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """Everything a recording cannot tell; whatever is left out is unknown, never "no".

    Attributes
    ----------
    source : str or None
        Where the facts come from.
    day_0 : date or None
        The calendar date of day 0; needed only where dates and days are mixed.
    polysomnography : bool or None
        Whether a night was recorded at all.
    """

    source: str | None = asked("where these facts come from", "notes of the ward")
    day_0: date | None = asked("the date of day 0, if days and dates are mixed", date(2024, 3, 1))
    polysomnography: bool | None = asked("whether any night was recorded", example=True)
    person: Person = section(Person, "Who: no name, no date of birth.")
    symptoms: tuple[Symptom, ...] = rows("One for each part of the body.")
    skin: Skin = section(Skin, "What was seen on the skin.")
    bars: tuple[Bars, ...] = rows("Barnes Akathisia Rating Scale, one for each rating.")
    drugs: tuple[Drug, ...] = rows("One for each drug and dose: a new dose is a new [[drugs]].")
    serum: tuple[Serum, ...] = rows("Drug levels in blood.")
    responses: tuple[Response, ...] = rows("What the symptom did after each change.")
    laboratory: tuple[Laboratory, ...] = rows("Values with the range of the laboratory.")
    conditions: Conditions = section(Conditions, "true, false, or left out if not known.")
    nights: tuple[Night, ...] = rows("Recorded nights on the time line.")
