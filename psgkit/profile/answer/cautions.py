"""What else could explain the answers, or makes a scale or a sensor say more than it can."""

from collections.abc import Iterator

from psgkit.core.message import translatable
from psgkit.profile.answer.phrases import capital
from psgkit.profile.answer.signs import PersonSigns
from psgkit.profile.context.causes import Cause, mimics, secondary_causes
from psgkit.profile.context.model import Context

_PSEUDO = translatable("Movements without awareness of restlessness are called pseudoakathisia")


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
        name, because = capital(cause.words), _because(cause)
        if cause.status == "present":
            plain = translatable(f"{name} can cause restless legs, arms or back")
            known = translatable(f"{name} can cause restless legs, arms or back: {because}")
            yield f"{known if because else plain}."
        elif cause.status == "contradictory":
            yield _contradicted(cause)


def _iron(context: Context) -> Iterator[str]:
    """Yield that iron deficiency is possible or not excluded where ferritin was measured."""
    for cause in secondary_causes(context):
        name, because = capital(cause.words), cause.because
        if cause.status == "possible":
            said = translatable(f"{name} is possible: {because}")
            yield f"{said}."
        elif cause.name == "iron_deficiency" and cause.status == "not_known":
            said = translatable(f"Iron deficiency is not excluded: {because}")
            if "ferritin" in because:
                yield f"{said}."


def _mimics(context: Context) -> Iterator[str]:
    for cause in mimics(context):
        name, because = capital(cause.words), _because(cause)
        if cause.status == "present":
            plain = translatable(f"{name} can alone explain the symptoms (criterion 5)")
            known = translatable(f"{name} can alone explain the symptoms (criterion 5): {because}")
            yield f"{known if because else plain}."
        elif cause.status == "contradictory":
            yield _contradicted(cause)


def _contradicted(cause: Cause) -> str:
    name = capital(cause.words)
    said = translatable(f"{name} is recorded with a contradiction: {cause.because}")
    return f"{said}."


def _akathisia(signs: PersonSigns) -> Iterator[str]:
    for confounder in signs.confounders:
        name = capital(confounder)
        said = translatable(f"{name} looks like akathisia on rating scales and sensors")
        yield f"{said}."
    if signs.bars is not None and signs.bars.pseudoakathisia:
        yield f"{_PSEUDO}."


def _because(cause: Cause) -> str:
    """Return the value or statement behind a cause, if it says more than yes."""
    return cause.because.removeprefix("stated: ").removeprefix("yes").removeprefix("; ")
