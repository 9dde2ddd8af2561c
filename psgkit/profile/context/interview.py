"""An interview that fills a clinical context: short questions, each of which may be skipped.

The questions follow from what was answered: those about a part of the body come once for each part
that was named, those about a drug (ten of them the scale of Naranjo) once a drug was named.  What
has an answer is not asked again, so an interview goes on where it ended.
"""

import copy
import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Literal, TypeAlias, get_args

from psgkit.core.dataclass import dataclass
from psgkit.errors import SettingsError
from psgkit.profile.context.fields import Site
from psgkit.profile.context.model import Effect, Sensation
from psgkit.profile.context.read import DAY_PATTERN, context_from
from psgkit.profile.context.scales import NARANJO

Kind: TypeAlias = Literal[
    "answer", "yes_no", "judged", "number", "text", "when", "choice", "choices"
]
Given: TypeAlias = dict[str, Any]

_OF_A_SITE = (
    *("localised", "urge", "rest", "lying", "relief", "pacing", "evening"),
    "inner_restlessness",
)
_CHANGES = ("stopped", "dose_reduced", "no_change_made")
_CONDITIONS = (
    *("neuropathy", "parkinsons_disease", "renal_disease", "radiculopathy", "adhd"),
    *("tardive_dyskinesia", "family_history"),
)
_WORDS: Mapping[str, bool | str] = {
    **dict.fromkeys(("y", "yes", "true", "j", "ja"), True),
    **dict.fromkeys(("n", "no", "false", "nein"), False),
    **dict.fromkeys(("p", "partly", "teilweise"), "partly"),
}
_ANSWERS: Mapping[str, str] = {
    "answer": "y, n or p (partly)",
    "yes_no": "y or n",
    "judged": "y (ruled out), n (one of them explains it) or p (partly); Enter if not looked at",
}
_NOT_LOOKED_AT = {"not looked at", "not examined", "unknown", "?"}
_NOT_LOOKED_AT |= {"nicht untersucht", "nicht beurteilt", "unbekannt"}
_NO_DRUG = {*_WORDS, "none", "nothing", "unknown", "-", "?"}
_NO_DRUG |= {"kein", "keine", "keines", "keins", "nichts", "unbekannt"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question.

    Attributes
    ----------
    name : str
        By which ``report`` finds its words.
    kind : str
        How an answer is read.
    section, field : str
        Where the answer goes in a context.
    match : mapping
        The row of a list of tables it belongs to; a row is made where there is none.
    about : str
        The site or the drug that the words of the question name.
    choices : tuple of str
        Words that an answer may be.
    beside : mapping
        Fields set along, such as a unit.
    """

    name: str
    kind: Kind
    section: str
    field: str
    match: Mapping[str, str] | None = None
    about: str = ""
    choices: tuple[str, ...] = ()
    beside: Mapping[str, str] = dataclasses.field(default_factory=dict)


def questions(given: Given) -> Iterator[Question]:
    """Yield all questions for what was answered so far, answered ones among them.

    Examples
    --------
    >>> [one.name for one in questions({})][:4]
    ['age', 'sex', 'sites', 'suspect']
    >>> len(list(questions({"symptoms": [{"site": "back"}], "drugs": [{"name": "x"}]})))
    42
    """
    yield Question(name="age", kind="number", section="person", field="age")
    sexes = ("female", "male", "other")
    yield Question(name="sex", kind="choice", section="person", field="sex", choices=sexes)
    sites = get_args(Site)
    yield Question(name="sites", kind="choices", section="symptoms", field="site", choices=sites)
    for row in _rows(given, "symptoms"):
        yield from _of_site(str(row.get("site", "")))
    yield Question(name="suspect", kind="text", section="drugs", field="name")
    suspects = _rows(given, "drugs")
    if suspects:
        yield from _of_suspect(given, str(suspects[0].get("name", "")))
    yield from _of_treatment(given)
    yield Question(name="rash", kind="answer", section="skin", field="rash")
    for name in _CONDITIONS:
        yield Question(name=name, kind="yes_no", section="conditions", field=name)
    if given.get("person", {}).get("sex") != "male":
        yield Question(name="pregnancy", kind="yes_no", section="conditions", field="pregnancy")
    ferritin = {"name": "ferritin"}
    yield Question(
        name="ferritin",
        kind="number",
        section="laboratory",
        field="value",
        match=ferritin,
        beside={"unit": "ug/L"},
    )
    yield Question(name="bars", kind="number", section="bars", field="global", match={})
    yield Question(name="irls", kind="number", section="irls", field="total", match={})
    if suspects:
        drug = str(suspects[0].get("name", ""))
        for name in NARANJO:
            yield Question(
                name=f"naranjo_{name}",
                kind="yes_no",
                section="naranjo",
                field=name,
                match={"drug": drug},
                about=drug,
            )


def open_questions(given: Given) -> list[Question]:
    """Return the questions without an answer, in order.

    Examples
    --------
    >>> [one.name for one in open_questions({"person": {"age": 50, "sex": "male"}})][:2]
    ['sites', 'suspect']
    """
    return [one for one in questions(given) if not _is_answered(given, one)]


def answered(given: Given, question: Question, said: str, where: str = "context") -> Given:
    """Return the context with an answer, as plain data.

    Examples
    --------
    >>> sites = next(one for one in questions({}) if one.name == "sites")
    >>> answered({}, sites, "back, legs")
    {'symptoms': [{'site': 'back'}, {'site': 'legs'}]}

    Raises
    ------
    SettingsError
        If the answer cannot be read, or contradicts what was answered before.
    """
    value = _read(question, said, where)
    done = copy.deepcopy(given)
    if question.name == "sites":
        done["symptoms"] = [{"site": site} for site in value]
    elif question.name == "treatment":
        done.setdefault("drugs", []).append({"name": value})
        done.setdefault("responses", []).append({"change": "started", "drug": value})
    else:
        row = _row_to_fill(done, question)
        row[question.field] = value
        row.update(question.beside)
    context_from(done, where)
    return done


def is_skipped(question: Question, said: str) -> bool:
    """Return whether a line leaves a question open: empty, or that nobody looked.

    Examples
    --------
    >>> by_name = {one.name: one for one in questions({"symptoms": [{"site": "legs"}]})}
    >>> is_skipped(by_name["not_explained"], "not looked at"), is_skipped(by_name["urge"], "y")
    (True, False)
    """
    words = " ".join(said.casefold().split())
    return not words or (question.kind == "judged" and words in _NOT_LOOKED_AT)


def _of_site(site: str) -> Iterator[Question]:
    asked = partial(Question, section="symptoms", match={"site": site}, about=site)
    yield asked(name="words", kind="text", field="words")
    yield asked(name="sensations", kind="choices", field="sensations", choices=get_args(Sensation))
    for name in _OF_A_SITE:
        yield asked(name=name, kind="answer", field=name)
    yield asked(name="not_explained", kind="judged", field="not_explained")
    yield asked(name="onset", kind="when", field="onset")


def _of_suspect(given: Given, drug: str) -> Iterator[Question]:
    yield Question(
        name="dose",
        kind="number",
        section="drugs",
        field="dose",
        match={"name": drug},
        about=drug,
        beside={"unit": "mg/day"},
    )
    yield Question(
        name="start",
        kind="when",
        section="drugs",
        field="start",
        match={"name": drug},
        about=drug,
    )
    match = {"drug": drug}
    yield Question(
        name="change",
        kind="choice",
        section="responses",
        field="change",
        match=match,
        about=drug,
        choices=_CHANGES,
    )
    changed = _row_of(_rows(given, "responses"), match)
    if changed is not None and changed.get("change") != "started":
        yield from _of_response("", match, drug)


def _of_response(prefix: str, match: Mapping[str, str], drug: str) -> Iterator[Question]:
    """Yield what became of the symptoms after a change, and when."""
    yield Question(
        name=f"{prefix}effect",
        kind="choice",
        section="responses",
        field="effect",
        match=match,
        about=drug,
        choices=get_args(Effect),
    )
    yield Question(
        name=f"{prefix}{'days' if prefix else 'after_days'}",
        kind="number",
        section="responses",
        field="after_days",
        match=match,
        about=drug,
    )


def _of_treatment(given: Given) -> Iterator[Question]:
    tried = [row for row in _rows(given, "responses") if row.get("change") == "started"]
    yield Question(name="treatment", kind="text", section="responses", field="drug")
    if not tried:
        return
    drug = str(tried[0].get("drug", ""))
    yield Question(
        name="treatment_dose",
        kind="number",
        section="drugs",
        field="dose",
        match={"name": drug},
        about=drug,
        beside={"unit": "mg/day"},
    )
    yield from _of_response("treatment_", {"change": "started", "drug": drug}, drug)


def _rows(given: Given, section: str) -> list[dict[str, Any]]:
    rows = given.get(section, [])
    return [rows] if isinstance(rows, dict) else list(rows)


def _is_answered(given: Given, question: Question) -> bool:
    if question.name == "treatment":
        return any(row.get("change") == "started" for row in _rows(given, "responses"))
    if question.match is None:
        return any(question.field in row for row in _rows(given, question.section))
    found = _row_of(_rows(given, question.section), question.match)
    return found is not None and question.field in found


def _row_of(rows: list[dict[str, Any]], match: Mapping[str, str]) -> dict[str, Any] | None:
    fitting = (row for row in rows if all(row.get(key) == one for key, one in match.items()))
    return next(fitting, None)


def _row_to_fill(given: Given, question: Question) -> dict[str, Any]:
    """Return the table an answer goes into; it is made where there is none."""
    if question.match is None and question.section in {"person", "skin", "conditions"}:
        table: dict[str, Any] = given.setdefault(question.section, {})
        return table
    rows = _rows(given, question.section)
    match = question.match or {}
    row = _row_of(rows, match)
    if row is None or question.match is None:
        row = dict(match)
        rows.append(row)
    given[question.section] = rows
    return row


def _read(question: Question, said: str, where: str) -> Any:  # noqa: ANN401 - by the kind
    """Return an answer as a context holds it."""
    words = " ".join(said.split())
    place = f"{where}: {question.name}"
    if question.kind == "number":
        return _number(words, place)
    if question.kind in _ANSWERS:
        value = _WORDS.get(words.casefold())
        if value is None or (value == "partly" and question.kind == "yes_no"):
            raise SettingsError(place, repr(words), _ANSWERS[question.kind])
        return value
    if question.kind in {"choice", "choices"}:
        chosen = [_choice(one, question.choices, place) for one in _parts(question, words)]
        return chosen if question.kind == "choices" else chosen[0]
    if question.kind == "when":
        return _when(words, place)
    if question.name in {"suspect", "treatment"}:
        _refuse_no_drug(words, place)
    return words


def _refuse_no_drug(words: str, place: str) -> None:
    """Raise if an answer names no drug, or several: it would become the name of one."""
    if words.casefold() in _NO_DRUG:
        wanted = "the generic name of a drug, such as amisulpride; Enter if there was none"
        raise SettingsError(place, repr(words), wanted)
    if re.search(r"[,;]", words):
        wanted = "one drug; the others go into [[drugs]] of the file afterwards"
        raise SettingsError(place, repr(words), wanted)


def _parts(question: Question, words: str) -> list[str]:
    parts = [one for one in re.split(r"[,;]\s*|\s+and\s+", words) if one]
    return list(dict.fromkeys(parts)) if question.kind == "choices" else [words]


def _number(words: str, place: str) -> float:
    try:
        value = float(words.replace(",", "."))
    except ValueError:
        raise SettingsError(place, repr(words), "a number") from None
    return int(value) if value.is_integer() else value


def _choice(said: str, choices: tuple[str, ...], place: str) -> str:
    """Return the choice that is meant, by its word, its number or its beginning."""
    word = said.casefold().replace(" ", "_")
    if word.isdigit() and 1 <= int(word) <= len(choices):
        return choices[int(word) - 1]
    near = [one for one in choices if one.startswith(word)]
    if word in choices or len(near) == 1:
        return word if word in choices else near[0]
    raise SettingsError(place, repr(said), f"one of {', '.join(choices)}")


def _when(words: str, place: str) -> str:
    if re.fullmatch(DAY_PATTERN, words):
        return words
    if re.fullmatch(r"[+-]?\d{1,5}", words):
        return f"day {words}"
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        wanted = 'a date (2024-03-31) or a day ("day 14")'
        raise SettingsError(place, repr(words), wanted) from None
