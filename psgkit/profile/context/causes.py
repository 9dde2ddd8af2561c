"""Other causes and mimics of restlessness: present, possible, excluded, contradictory or not known.

Which causes and mimics: Allen et al. 2014 (Sleep Med 15:860-873) for the legs; that they count for
arms and back as well is an analogy by psgkit.  A cause is excluded only by a statement or a value.
"""

from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.context.iron import iron_stores
from psgkit.profile.context.laboratory import latest_laboratory, value_in_words
from psgkit.profile.context.model import Context

CauseStatus: TypeAlias = Literal["present", "possible", "excluded", "contradictory", "not_known"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One cause or mimic, its status, and the answer or value behind it.

    ``because`` names what would tell where the status is ``not_known``.
    """

    name: str
    status: CauseStatus
    because: str

    @property
    def words(self) -> str:
        """Return the name of the cause as sentences have it."""
        return CAUSE_WORDS[self.name]


_RENAL_VALUES = (
    ("egfr", ("low",)),
    ("creatinine", ("high",)),
    ("renal_function", ("low", "high")),
)
"""Renal laboratory values, and the results that are abnormal."""

SECONDARY = (
    "iron_deficiency",
    "end_stage_renal_disease",
    "pregnancy",
    "rheumatic_disease",
    "parkinsons_disease",
    "neuropathy",
)
CRITERION_5 = (
    "radiculopathy",
    "arthritis",
    "myalgia",
    "cramps",
    "venous_stasis",
    "oedema",
    "positional_discomfort",
    "habitual_foot_tapping",
    "propriospinal_myoclonus",
)
"""What criterion 5 asks to be ruled out, and radiculopathy for the back."""
CAUSE_WORDS = {
    name: name.replace("_", " ") for name in ("skin_disease", "drug_rash", *SECONDARY, *CRITERION_5)
}
CAUSE_WORDS["parkinsons_disease"] = "Parkinson's disease"
CAUSE_WORDS["end_stage_renal_disease"] = "end-stage renal disease"
"""Names of causes and mimics as sentences have them."""

STATED_YES, STATED_NO = translatable("stated: yes"), translatable("stated: no")
_NO_RASH = translatable("no rash")
_SKIN_OPEN = translatable("skin.skin_disease has no answer")
_RASH_OPEN = translatable("skin.rash has no answer")


def secondary_causes(context: Context) -> tuple[Cause, ...]:
    """Return the causes of secondary restlessness, in a fixed order.

    Examples
    --------
    >>> from psgkit.profile.context.model import Conditions
    >>> causes = secondary_causes(Context(conditions=Conditions(pregnancy=False)))
    >>> [(c.name, c.status) for c in causes if c.status != "not_known"]
    [('pregnancy', 'excluded')]
    """
    special = {
        "iron_deficiency": _iron,
        "end_stage_renal_disease": _renal,
        "pregnancy": _pregnancy,
    }
    return tuple(
        special[name](context) if name in special else _stated(context, name) for name in SECONDARY
    )


def mimics(context: Context) -> tuple[Cause, ...]:
    """Return the mimics of restlessness: skin disease, drug rash, and criterion 5.

    Examples
    --------
    >>> from psgkit.profile.context.model import Skin
    >>> [c.status for c in mimics(Context(skin=Skin(rash=False)))[:2]]
    ['not_known', 'excluded']
    """
    found = (_skin_disease(context), _drug_rash(context))
    return found + tuple(_stated(context, name) for name in CRITERION_5)


def _stated(context: Context, name: str) -> Cause:
    answer: bool | None = getattr(context.conditions, name)
    if answer is None:
        return Cause(name=name, status="not_known", because=_unanswered(f"conditions.{name}"))
    said = STATED_YES if answer else STATED_NO
    return Cause(name=name, status="present" if answer else "excluded", because=said)


def _unanswered(field: str) -> str:
    return translatable(f"{field} has no answer")


def _iron(context: Context) -> Cause:
    """Weigh the statement against ferritin, transferrin saturation and CRP."""
    name = "iron_deficiency"
    stated, stores = _stated(context, name), iron_stores(context)
    if stores is None:
        return stated
    by_value = Cause(name=name, status=stores.status, because=stores.because)
    if by_value.status == "possible" and stated.status in {"excluded", "present"}:
        # a stated absence mostly means the range of the laboratory; the value is more
        status: CauseStatus = "present" if stated.status == "present" else "possible"
        because = f"{stated.because}; {by_value.because}"
        return Cause(name=name, status=status, because=because)
    return _both(stated, by_value)


def _renal(context: Context) -> Cause:
    """Weigh statements against renal values: normal excludes, abnormal alone does not prove."""
    name = "end_stage_renal_disease"
    stated = _stated(context, name)
    if context.conditions.dialysis and stated.status == "not_known":
        stated = Cause(name=name, status="present", because=translatable("stated: dialysis"))
    elif context.conditions.renal_disease is False and stated.status == "not_known":
        stated = Cause(
            name=name, status="excluded", because=translatable("stated: no renal disease")
        )
    for test, wrong in _RENAL_VALUES:
        value = latest_laboratory(context, test)
        if value is None or value.status is None:
            continue
        measured = value_in_words(value)
        said = {
            "egfr": translatable(f"egfr {measured}"),
            "creatinine": translatable(f"creatinine {measured}"),
            "renal_function": translatable(f"renal function {measured}"),
        }[test]
        if value.status in wrong:
            because = translatable(f"{said}, which alone does not give the stage")
            return _both(stated, Cause(name=name, status="not_known", because=because))
        return _both(stated, Cause(name=name, status="excluded", because=said))
    return stated


def _pregnancy(context: Context) -> Cause:
    stated = _stated(context, "pregnancy")
    if stated.status == "not_known" and context.person.sex == "male":
        return Cause(
            name="pregnancy", status="excluded", because=translatable("sex stated as male")
        )
    return stated


def _both(stated: Cause, by_value: Cause) -> Cause:
    """Join a statement and a value; where they contradict each other, both are named."""
    if stated.status == "not_known":
        return by_value
    if by_value.status in {"not_known", stated.status}:
        because = f"{stated.because}; {by_value.because}"
        return Cause(name=stated.name, status=stated.status, because=because)
    because = translatable(f"{stated.because}, but {by_value.because}")
    return Cause(name=stated.name, status="contradictory", because=because)


def _skin_disease(context: Context) -> Cause:
    """Weigh the examination of the skin.

    Without a rash a skin disease is not excluded, as it may itch without visible signs.  No rash
    on examination by a dermatologist, or a statement of no skin disease, excludes it.
    """
    skin, name = context.skin, "skin_disease"
    if skin.skin_disease is False and skin.rash is True and skin.drug_rash is not True:
        because = translatable("stated: no skin disease, but a rash")
        return Cause(name=name, status="contradictory", because=because)
    if skin.skin_disease is not None:
        status: CauseStatus = "excluded" if skin.skin_disease is False else "present"
        said = STATED_NO if skin.skin_disease is False else STATED_YES
        return Cause(name=name, status=status, because=said)
    if skin.rash is False and skin.dermatology:
        because = translatable("no rash, seen by a dermatologist")
        return Cause(name=name, status="excluded", because=because)
    if skin.rash:
        because = translatable("a rash, but skin.skin_disease has no answer")
        return Cause(name=name, status="not_known", because=because)
    because = f"{_NO_RASH}; {_SKIN_OPEN}" if skin.rash is False else _RASH_OPEN
    return Cause(name=name, status="not_known", because=because)


def _drug_rash(context: Context) -> Cause:
    skin, name = context.skin, "drug_rash"
    if skin.drug_rash is not None:
        if skin.drug_rash is not False and skin.rash is False:
            because = translatable("stated: a drug rash, but no rash")
            return Cause(name=name, status="contradictory", because=because)
        present = skin.drug_rash is not False
        because = STATED_YES if present else STATED_NO
        return Cause(name=name, status="present" if present else "excluded", because=because)
    if skin.rash is False:
        return Cause(name=name, status="excluded", because=_NO_RASH)
    rash_open = translatable("a rash, but skin.drug_rash has no answer")
    because = rash_open if skin.rash else _RASH_OPEN
    return Cause(name=name, status="not_known", because=because)
