"""Read the clinical context of a person from a TOML file; errors name line and field."""

import json
import os
from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any, get_type_hints

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import SettingsError
from psgkit.io.text.read import file_name
from psgkit.io.text.toml import parse_toml, read_toml_text
from psgkit.profile.context.checks import check_context
from psgkit.profile.context.fields import (
    Place,
    choices_of,
    fields_in_file,
    is_required,
    place_in,
    takes_when,
    wanted_of,
)
from psgkit.profile.context.model import Context

_IDENTIFYING = """
name first_name last_name surname family_name given_name initials birth_date birthdate
birthday date_of_birth dob born patient patient_id patient_name patient_number id mrn case_id
hospital_number insurance_number social_security_number ssn address street city postcode zip
phone telephone email
"""
IDENTIFYING = frozenset(_IDENTIFYING.split())
"""Fields that would identify the person."""
_WANTED = "a clinical context (TOML)"
_ADVICE = "psgkit context --new FILE writes one with every field explained."
DAY_PATTERN = r"^\s*[Dd]ay\s+([+-]?[0-9]{1,9})\s*$"
"""How a day is written where a date may stand: "day 14"."""
_DAY = regex(DAY_PATTERN)
_LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextFile:
    """A checked context, the name of its file, its findings, and its text."""

    source: str
    context: Context
    findings: tuple[Finding, ...] = ()
    text: str = field(default="", repr=False)

    def place_of(self, place: Place) -> str:
        """Return file, line and field for a message."""
        return place_in(self.source, self.text, place)


def read_context(path: str | os.PathLike[str]) -> ContextFile:
    r"""Return the clinical context in a TOML file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "subject.toml"
    >>> _ = file.write_text('[[drugs]]\nname = "amisulpride"\ndose = 0.6\nunit = "g/day"\n')
    >>> read_context(file).context.drugs[0].dose
    0.6

    Raises
    ------
    SettingsError
        Naming file, line and field: no TOML, a field that does not exist (the nearest is
        suggested) or identifies the person, a value of another kind or out of bounds, a dose
        without unit, dates out of order, dates mixed with days.
    """
    text = read_toml_text(path, _WANTED)
    return parse_context(text, file_name(path))


def parse_context(text: str, where: str = "context") -> ContextFile:
    r"""Return the clinical context in ``text``; ``where`` names it in messages.

    Examples
    --------
    >>> parse_context('[person]\nage = 50').context.person.age
    50.0

    Raises
    ------
    SettingsError
        As ``read_context``.
    """
    return _checked(parse_toml(text, where, _WANTED, _ADVICE), text, where)


def context_from(given: Mapping[str, Any], where: str = "context") -> ContextFile:
    """Return the context in plain data, nested as in TOML; ``plain_context`` gives such data back.

    Examples
    --------
    >>> context_from({"symptoms": [{"site": "back", "onset": 14}]}).context.symptoms[0].onset
    14

    Raises
    ------
    SettingsError
        As ``read_context``, without lines.
    """
    return _checked(given, "", where)


def plain_context(context: Context) -> dict[str, Any]:
    r"""Return the answers that were given, and only those, as plain data for JSON and TOML.

    Examples
    --------
    >>> plain_context(parse_context("[bars]\nglobal = 2").context)
    {'bars': [{'global': 2}]}
    """
    found = {}
    for name, one in fields_in_file(type(context)).items():
        value = getattr(context, one.name)
        if isinstance(value, tuple):
            value = [_given(row) for row in value]
        elif section_class(name) is not None:
            value = _given(value)
        if value not in (None, [], {}):
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def _given(row: Any) -> dict[str, Any]:  # noqa: ANN401 - any section
    pairs = {name: getattr(row, one.name) for name, one in fields_in_file(type(row)).items()}
    given = {
        name: list(value) if isinstance(value, tuple) else value for name, value in pairs.items()
    }
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
        if value is not None
    }


def _checked(content: Mapping[str, Any], text: str, where: str) -> ContextFile:
    given = {key: _section(key, value, text, where) for key, value in content.items()}
    context = _validated(given, text, where)
    findings = check_context(context, text, where)
    return ContextFile(source=where, context=context, findings=findings, text=text)


def _section(key: str, value: Any, text: str, where: str) -> Any:  # noqa: ANN401 - as TOML gives
    """Return one top entry with its names checked; one table where rows are wanted is one row."""
    tops = fields_in_file(Context)
    _check_name(key, list(tops), (key,), (text, where))
    inner = section_class(key)
    if inner is None:
        return _plain(value, takes_when(_hints(Context)[key]))
    listed = is_listed(key)
    if isinstance(value, dict) and listed:
        value = [value]
    rows = value if listed else [value]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found, wanted = _shown(value), f"[[{key}]]" if listed else f"a table [{key}]"
        raise SettingsError(place_in(where, text, (key,)), found, wanted, _ADVICE)
    places: list[Place] = [(key, n) for n in range(len(rows))] if listed else [(key,)]
    done = [_row(inner, row, place, (text, where)) for row, place in zip(rows, places, strict=True)]
    return done if listed else done[0]


def _row(
    cls: type[Any], row: Mapping[str, Any], place: Place, source: tuple[str, str]
) -> dict[str, Any]:
    """Return one table with its names checked and its days as numbers."""
    known = fields_in_file(cls)
    hints = _hints(cls)
    for name in row:
        _check_name(name, list(known), (*place, name), source)
    for name, one in known.items():
        if is_required(one) and name not in row:
            text, where = source
            found = f"no field {name!r}"
            raise SettingsError(place_in(where, text, place), found, one.metadata["description"])
    return {name: _plain(value, takes_when(hints[known[name].name])) for name, value in row.items()}


def _check_name(name: str, known: list[str], place: Place, source: tuple[str, str]) -> None:
    """Raise for an unknown field: a misspelt one must not be ignored."""
    from difflib import get_close_matches

    if name in known:
        return
    text, where = source
    at = place_in(where, text, place)
    if name.casefold().replace(" ", "_") in IDENTIFYING:
        reason = "Reports carry no patient data; age and sex are enough."
        raise SettingsError(at, f"{name!r}, which identifies the person", "no such field", reason)
    said = name.casefold()
    near = get_close_matches(said, known, n=1) or [one for one in known if one in said.split("_")]
    advice = f"Did you mean {near[0]!r}?" if near else ""
    raise SettingsError(at, f"the unknown field {name!r}", f"one of {', '.join(known)}", advice)


def _plain(value: Any, is_when: bool) -> Any:  # noqa: ANN401, FBT001 - as TOML gives
    """Return a value as JSON can hold it; 'day 14' as 14."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    day = _DAY.fullmatch(value) if is_when and isinstance(value, str) else None
    return int(day[1]) if day else value


def _validated(given: dict[str, Any], text: str, where: str) -> Context:
    from pydantic import TypeAdapter, ValidationError

    try:
        # as JSON, where strict still lets an array be a tuple, but no text be a number
        return TypeAdapter(Context).validate_json(json.dumps(given, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise _refused(first["loc"], first["msg"], given, (text, where)) from None


def _refused(
    loc: tuple[str | int, ...], message: str, given: dict[str, Any], source: tuple[str, str]
) -> SettingsError:
    """Return the error for a value of another kind or out of bounds."""
    from difflib import get_close_matches

    section = str(loc[0])
    cls = section_class(section)
    place = loc[:1] if cls is None else loc[:3] if is_listed(section) else loc[:2]
    value: Any = given
    for part in place:
        value = value[part]
    owner = cls or Context
    hint = _hints(owner)[fields_in_file(owner)[str(place[-1])].name]
    wanted = wanted_of(hint) or message.removeprefix("Input should be ")
    near = get_close_matches(_shown(value).strip("'").casefold(), choices_of(hint), n=1)
    advice = f"Did you mean {near[0]!r}?" if near else ""
    text, where = source
    return SettingsError(place_in(where, text, place), _shown(value), wanted, advice)


def section_class(key: str) -> type[Any] | None:
    """Return the class of a section of the file, or None for a plain field of the top.

    Examples
    --------
    >>> section_class("drugs").__name__, section_class("source")
    ('Drug', None)
    """
    from typing import get_args

    hint = _hints(Context)[key]
    inner = get_args(hint)[0] if is_listed(key) else hint
    return inner if isinstance(inner, type) and inner.__module__.startswith("psgkit.") else None


def is_listed(key: str) -> bool:
    """Return whether a section may occur several times.

    Examples
    --------
    >>> is_listed("drugs"), is_listed("person")
    (True, False)
    """
    return fields_in_file(Context)[key].default == ()


def _hints(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls)


def _shown(value: Any) -> str:  # noqa: ANN401 - as TOML gives
    """Return a value as a message shows it: on one line and not too long."""
    if isinstance(value, dict):
        return "a table"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
