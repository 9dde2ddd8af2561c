"""The matrix: what the literature expects of a feature in each condition, and what was found.

``matrix.toml`` holds every expectation with its source.  A finding agrees with what is typical, or
with the absence of what is atypical; what is only possible or unknown agrees with nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any, Literal, TypeAlias, get_args

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.answer.recorded import Recorded
from psgkit.profile.answer.signs import PersonSigns
from psgkit.profile.answer.timing import drug_that_helped, onset_fits, remission_fits
from psgkit.profile.context.fields import Answer
from psgkit.profile.context.model import Context
from psgkit.profile.context.scales import naranjo_scores
from psgkit.profile.evidence.items import CONDITIONS, source_words

Level: TypeAlias = Literal["typical", "possible", "atypical", "unknown"]
YES = "yes"
_NOT_ASKED = translatable("not asked")
_NOT_RECORDED = translatable("not recorded")
_PERIODIC_FROM = 10.0
"""Periodic movements an hour from which a recording counts as periodic (psgkit's own choice)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """How a condition expects one finding, and where that stands."""

    level: Level
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A feature, and for each possible finding what the four conditions expect."""

    id: str
    feature: str
    says: Mapping[str, str]
    expected: Mapping[str, Mapping[str, Expectation]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found: a key of the row (``yes``, ``no``, ``back``), or nothing, and its words."""

    key: str = ""
    words: str = ""
    mark: str = ""


@cache
def matrix_rows() -> tuple[Row, ...]:
    """Return the rows of ``matrix.toml``.

    Examples
    --------
    >>> [row.id for row in matrix_rows()][:3], len(matrix_rows())
    (['site', 'rest', 'relief'], 12)
    """
    text = files(__package__).joinpath("matrix.toml").read_text(encoding="utf-8")
    return tuple(map(_row, tomllib.loads(text)["row"]))


def matrix_texts() -> tuple[str, ...]:
    """Return the features and findings of the matrix; catalogues of other languages hold them.

    Examples
    --------
    >>> matrix_texts()[:2]
    ('Site', 'legs')
    """
    texts = ((row.feature, *row.says.values()) for row in matrix_rows())
    return tuple(dict.fromkeys(chain.from_iterable(texts)))


def _row(given: Mapping[str, Any]) -> Row:
    found = {key: value for key, value in given.items() if isinstance(value, dict)}
    expected = {
        key: {name: _expectation(value[name]) for name in CONDITIONS}
        for key, value in found.items()
    }
    says = {key: str(value.get("says", key)) for key, value in found.items()}
    return Row(id=given["id"], feature=given["feature"], says=says, expected=expected)


def _expectation(given: list[Any]) -> Expectation:
    level, source = given
    if level not in get_args(Level):
        raise ValueError(f"matrix: {level!r} is not one of {get_args(Level)}")
    return Expectation(level=level, source=source_words(source))


def matrix_of(
    context: Context | None, signs: PersonSigns, recorded: Recorded | None
) -> tuple[dict[str, Any], ...]:
    """Return the matrix as the document has it, one row a feature.

    ``agrees`` is true, false, or null where the finding is missing or says neither.

    Examples
    --------
    >>> from psgkit.profile.answer.signs import signs_of
    >>> from psgkit.profile.context.model import Symptom
    >>> context = Context(symptoms=(Symptom(site="back", rest=True),))
    >>> found = matrix_of(context, signs_of(context), None)
    >>> found[1]["feature"], found[1]["finding"], found[1]["agrees"]["rbs"]
    ('Worse at rest', 'yes', True)
    """
    findings = findings_of(context, signs, recorded)
    return tuple(_entry(row, findings[row.id]) for row in matrix_rows())


def _mark_of(recorded: Recorded | None) -> str:
    """Return what marks a finding of a recording of nobody."""
    return " (simulated)" if recorded is not None and recorded.simulated else ""


def _entry(row: Row, finding: Finding) -> dict[str, Any]:
    shown = finding.key if finding.key in row.expected else next(iter(row.expected))
    expected = row.expected[shown]
    if not finding.key and YES not in row.expected:
        # without a finding each condition shows what it expects most
        expected = {name: _typical(row, name) for name in CONDITIONS}
    sources = dict.fromkeys(one.source for one in expected.values())
    return {
        "feature": row.feature,
        "finding": (finding.words or row.says.get(finding.key, finding.key)) + finding.mark,
        "found": bool(finding.key),
        "expected": {name: expected[name].level for name in CONDITIONS},
        "expects": {name: _expects(row, finding, name) for name in CONDITIONS},
        "agrees": {name: _agrees(expected[name].level, finding.key) for name in CONDITIONS},
        "source": "; ".join(sources),
        "sources": {name: expected[name].source for name in CONDITIONS},
    }


def _typical(row: Row, condition: str) -> Expectation:
    """Return the expectation of the finding that a condition shows most."""
    order = get_args(Level)
    return min(
        (found[condition] for found in row.expected.values()),
        key=lambda one: order.index(one.level),
    )


def _expects(row: Row, finding: Finding, condition: str) -> str:
    """Return which finding a cell without one of the person is about."""
    if finding.key or YES in row.expected:
        return ""
    best = _typical(row, condition)
    if best.level not in {"typical", "possible"}:
        return ""
    return next(row.says[key] for key, found in row.expected.items() if found[condition] == best)


def _agrees(level: Level, key: str) -> bool | None:
    if not key or level in {"possible", "unknown"}:
        return None
    return (level == "typical") != (key == "no")


def findings_of(
    context: Context | None, signs: PersonSigns, recorded: Recorded | None
) -> dict[str, Finding]:
    """Return what was found for each row, by its id.

    Examples
    --------
    >>> from psgkit.profile.answer.signs import signs_of
    >>> findings_of(None, signs_of(Context()), None)["rest"].words
    'not asked'
    """
    asked = [one.symptom for one in signs.sites]
    localised = [True if one.localised else one.symptom.localised for one in signs.sites]
    return {
        "site": _site(signs, recorded),
        "rest": _answer([one.rest for one in asked]),
        "relief": Finding(key="pacing") if signs.pacing else _answer([one.relief for one in asked]),
        "evening": _answer([one.evening for one in asked]),
        "sensation": _answer(localised),
        "inner": _answer([one.inner_restlessness for one in asked]),
        **_timing(context),
        "rhythm": _rhythm(recorded),
        "posture": _posture(signs, recorded),
        "sleep": _sleep(recorded),
    }


def _answer(answers: list[Answer | None]) -> Finding:
    """Return yes if any is affirmed, no if all are denied; partly decides nothing."""
    if any(answer is True for answer in answers):
        return Finding(key=YES)
    if any(answer == "partly" for answer in answers):
        return Finding(words=translatable("partly"))
    known = [answer for answer in answers if answer is not None]
    return Finding(key="no") if known else Finding(words=_NOT_ASKED)


def _site(signs: PersonSigns, recorded: Recorded | None) -> Finding:
    sites = [one.site for one in signs.sites if one.condition]
    if len(sites) == 1:
        return Finding(key=sites[0])
    if sites:
        return Finding(words=" and ".join(sites))
    if signs.sites:
        return Finding(words=translatable("elsewhere"))
    places = {"place_legs": "legs", "place_arms": "arms", "place_back": "back"}
    measured = [] if recorded is None else recorded.measured
    shown = frozenset() if recorded is None else recorded.signs.supports
    moved = [
        places[one["id"]]
        for one in measured
        if one["id"] in places and shown.intersection(one["supports"])
    ]
    if len(moved) == 1:
        return Finding(key=moved[0], mark=_mark_of(recorded))
    return Finding(words=_NOT_ASKED)


def _timing(context: Context | None) -> dict[str, Finding]:
    if context is None:
        missing = Finding(words=_NOT_ASKED)
        return {"onset": missing, "dechallenge": missing, "helped": missing}
    onset, remission = onset_fits(context), remission_fits(context)
    helped = drug_that_helped(context)
    return {
        "onset": _answer([onset]),
        "dechallenge": _dechallenge(context, remission),
        "helped": Finding(key=helped) if helped else Finding(words=_NOT_RECORDED),
    }


def _dechallenge(context: Context, remission: bool | None) -> Finding:  # noqa: FBT001 - an answer
    """Return whether less of a drug helped, with the scores of Naranjo beside it."""
    found = _answer([remission])
    scores = [one for one in naranjo_scores(context) if one.points is not None]
    if not scores:
        return found
    said = found.words or found.key
    named = ", ".join(f"Naranjo {one.points} ({one.probability})" for one in scores)
    return replace(found, words=f"{said}; {named}")


def _value(recorded: Recorded | None, name: str) -> Mapping[str, Any] | None:
    measured = [] if recorded is None else recorded.measured
    return next((one for one in measured if one["id"] == name), None)


_RHYTHMIC = ("rhythm_rest", "sit_rhythm", "rest_upright_rhythm")
_PERIODIC = (
    *("periodic_legs", "periodic_arms", "periodic_back", "plmw_legs"),
    *("sit_index", "rest_lying_periodic"),
)
_SEATED = ("rhythm_upright", "rest_upright_rhythm", "days_seated")
"""Evidence that a night, a test or days give on a row of the matrix."""


def _rhythm(recorded: Recorded | None) -> Finding:
    """Return whether the recorded movements are periodic, rhythmic or both."""
    rhythmic, periodic = (
        [found for name in names if (found := _value(recorded, name)) is not None]
        for names in (_RHYTHMIC, _PERIODIC)
    )
    plms = _value(recorded, "plms_legs")
    is_rhythmic = any("akathisia" in found["supports"] for found in rhythmic)
    is_periodic = any(found["supports"] for found in periodic)
    is_periodic |= plms is not None and plms["value"] >= _PERIODIC_FROM
    if is_periodic and is_rhythmic:
        return Finding(key="periodic_and_rhythmic", mark=_mark_of(recorded))
    if is_periodic or is_rhythmic:
        return Finding(key="periodic" if is_periodic else "rhythmic", mark=_mark_of(recorded))
    seen = rhythmic or periodic or plms is not None
    return Finding(words=translatable("neither") if seen else _NOT_RECORDED)


def _posture(signs: PersonSigns, recorded: Recorded | None) -> Finding:
    if any(one.symptom.lying is True for one in signs.sites):
        return Finding(key="lying")
    seated = [_value(recorded, name) for name in _SEATED]
    if any(found is not None and found["supports"] for found in seated):
        return Finding(key="seated", mark=_mark_of(recorded))
    if any(one.symptom.lying is False for one in signs.sites):
        return Finding(words=translatable("not worse lying"))
    return Finding(words=_NOT_ASKED)


def _sleep(recorded: Recorded | None) -> Finding:
    latency = _value(recorded, "sleep_latency")
    if latency is None:
        return Finding(words=_NOT_RECORDED)
    return Finding(key=YES if latency["supports"] else "no", mark=_mark_of(recorded))
