"""What else could explain the answers, or makes a scale or a sensor say more than it can."""

from collections.abc import Iterator

from psgkit.profile.answer.phrases import capital
from psgkit.profile.answer.signs import PersonSigns
from psgkit.profile.context.causes import Cause, mimics, secondary_causes
from psgkit.profile.context.model import Context

_NAMES = {
    "parkinsons_disease": "Parkinson's disease",
    "end_stage_renal_disease": "end-stage renal disease",
    "propriospinal_myoclonus": "propriospinal myoclonus",
}


def cautions_of(context: Context, signs: PersonSigns) -> tuple[str, ...]:
    """Return the cautions of the answers, one sentence each.

    Examples
    --------
    >>> from psgkit.profile.answer.signs import signs_of
    >>> from psgkit.profile.context.model import Conditions
    >>> context = Context(conditions=Conditions(pregnancy=True))
    >>> cautions_of(context, signs_of(context))
    ('Pregnancy can cause restless legs, arms or back.',)
    """
    return (*_causes(context), *_mimics(context), *_iron(context), *_akathisia(signs))


def _causes(context: Context) -> Iterator[str]:
    for cause in secondary_causes(context):
        if cause.status == "present":
            yield f"{_name(cause)} can cause restless legs, arms or back{_because(cause)}."
        elif cause.status == "contradictory":
            yield f"{_name(cause)} is recorded with a contradiction: {cause.because}."


def _iron(context: Context) -> Iterator[str]:
    """Yield that iron deficiency is possible or not excluded where ferritin was measured."""
    for cause in secondary_causes(context):
        measured = "ferritin" in cause.because
        if cause.status == "possible":
            yield f"{_name(cause)} is possible: {cause.because}."
        elif cause.name == "iron_deficiency" and cause.status == "not_known" and measured:
            yield f"Iron deficiency is not excluded: {cause.because}."


def _mimics(context: Context) -> Iterator[str]:
    for cause in mimics(context):
        if cause.status == "present":
            yield f"{_name(cause)} can alone explain the symptoms (criterion 5){_because(cause)}."
        elif cause.status == "contradictory":
            yield f"{_name(cause)} is recorded with a contradiction: {cause.because}."


def _akathisia(signs: PersonSigns) -> Iterator[str]:
    for name in signs.confounders:
        yield f"{capital(name)} looks like akathisia on rating scales and sensors."
    if signs.bars is not None and signs.bars.pseudoakathisia:
        yield "Movements without awareness of restlessness are called pseudoakathisia."


def _because(cause: Cause) -> str:
    """Return the value or statement behind a cause, if it says more than yes."""
    because = cause.because.removeprefix("stated: ").removeprefix("yes").removeprefix("; ")
    return f": {because}" if because else ""


def _name(cause: Cause) -> str:
    return capital(_NAMES.get(cause.name, cause.name.replace("_", " ")))
