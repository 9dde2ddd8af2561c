"""When a profile leans toward a condition: a rule as data, and its text.

The rule counts families of evidence, never items, and multiplies nothing: items of one family see
the same property twice.  Families are not independent either (the same movements are behind many
of them); by how much has not been measured.  All numbers of the rule are psgkit's own choice.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from psgkit.profile.evidence.items import CONDITIONS

FAMILY_WORDS: Mapping[str, str] = {
    "place": "where it moves",
    "time_structure": "periodic or rhythmic",
    "amount": "how much",
    "posture": "lying or upright",
    "relief": "before and after getting up",
    "clock": "time of day and night",
    "sleep": "sleep",
    "skin": "scratching",
    "test": "immobilisation test",
    "criteria": "criteria asked",
    "scale": "rating scale",
    "feeling": "what is felt",
    "drugs": "drugs",
    "response": "what helped",
    "causes": "other causes",
    "contradiction": "answers against recording",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaningRule:
    """When there is a leaning.

    Attributes
    ----------
    recorded : tuple of str
        Needs that must have been met, so that each condition could have shown itself: a leaning
        must not come from a channel that was left out.
    least_families : int
        Families measured in the recording that support a condition, none of them divided.
    least_published : int
        So many of them with a grade better than ``derived_by_us``.
    ahead_by : int
        By how many families it leads every other condition.
    strong_grades : tuple of str
        An item of these against a condition forbids leaning toward it.
    decisive : tuple of str
        So does an answer of these families, whatever its grade.
    must_have : mapping of condition to families
        Which of its families must be among them.
    """

    recorded: tuple[str, ...]
    least_families: int
    least_published: int
    ahead_by: int
    strong_grades: tuple[str, ...]
    decisive: tuple[str, ...]
    must_have: Mapping[str, tuple[str, ...]]

    @property
    def words(self) -> str:
        """Return the rule as it is printed."""
        needed = sorted({family for families in self.must_have.values() for family in families})
        named = ", ".join(f'"{FAMILY_WORDS[family]}"' for family in needed)
        return (
            "When the profile leans: both legs, both arms and the back were recorded with sleep "
            "stages, lights off and accelerometers at ankle and waist, so that each of the four "
            f"could have shown itself; at least {self.least_families} kinds of finding in the "
            "night's recording (answers and an immobilisation test do not count) support the "
            f"condition, among them those it cannot do without ({named}); at least "
            f"{self.least_published} of them rests on a published observation; no study or answer "
            "speaks against it; answers and recording do not contradict each other; and it leads "
            f"every other condition by at least {self.ahead_by}, none of which would have enough "
            "by itself. Otherwise it is undetermined; it "
            "never leans toward none of the four, as a quiet night excludes nothing. The rule is "
            "psgkit's own and was tried on simulated nights only."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """An item that has a value: its family, grade, and how the value bears.

    ``beside`` is what the night did not record: answers, and a test on another occasion.
    """

    id: str
    family: str
    grade: str
    beside: bool
    supports: tuple[str, ...]
    against: tuple[str, ...]
    contradicts: bool = False


@cache
def leaning_rule() -> LeaningRule:
    """Return the rule of ``evidence.toml``.

    Examples
    --------
    >>> leaning_rule().least_families
    3
    """
    text = files(__package__).joinpath("evidence.toml").read_text(encoding="utf-8")
    given = tomllib.loads(text)["leaning"]
    return LeaningRule(
        recorded=tuple(given["recorded"]),
        least_families=given["least_families"],
        least_published=given["least_published"],
        ahead_by=given["ahead_by"],
        strong_grades=tuple(given["strong_grades"]),
        decisive=tuple(given["decisive"]),
        must_have={name: tuple(families) for name, families in given["must_have"].items()},
    )


def leaning(
    weighed: Iterable[Weighed], recorded: Iterable[str], rule: LeaningRule | None = None
) -> str | None:
    """Return the condition that evidence leans toward, or None: undetermined.

    Parameters
    ----------
    weighed : iterable of Weighed
        Items that have a value.
    recorded : iterable of str
        Names of the needs that were met.
    rule : LeaningRule, optional

    Examples
    --------
    >>> def item(family, grade="one_study", against=()):
    ...     return Weighed(id=family, family=family, grade=grade, beside=False,
    ...                    supports=("rls",), against=against)
    >>> everything = leaning_rule().recorded
    >>> leaning([item("place"), item("amount"), item("sleep")], everything)
    'rls'
    >>> leaning([item("place"), item("amount")], everything) is None
    True
    >>> leaning([item("place"), item("amount"), item("sleep")], ["emg_legs"]) is None
    True
    """
    rule = rule or leaning_rule()
    items = tuple(weighed)
    if any(item.contradicts for item in items) or not set(rule.recorded) <= set(recorded):
        return None
    families = {name: supporting_families(items, name) for name in CONDITIONS}
    enough = [name for name in CONDITIONS if _is_enough(name, families[name], items, rule)]
    if len(enough) != 1:  # no count separates two conditions that both have enough evidence
        return None
    (name,) = enough
    others = max(len(found) for other, found in families.items() if other != name)
    return name if len(families[name]) >= others + rule.ahead_by else None


def supporting_families(items: Iterable[Weighed], condition: str) -> frozenset[str]:
    """Return the families of the recording that support a condition, and nowhere speak against it.

    Examples
    --------
    >>> one = Weighed(id="a", family="sleep", grade="one_study", beside=False,
    ...               supports=("rls",), against=())
    >>> sorted(supporting_families([one], "rls"))
    ['sleep']
    """
    measured = [item for item in items if not item.beside]
    divided = {item.family for item in measured if condition in item.against}
    return frozenset(item.family for item in measured if condition in item.supports) - divided


def _is_enough(
    name: str, families: frozenset[str], items: tuple[Weighed, ...], rule: LeaningRule
) -> bool:
    published = {
        item.family
        for item in items
        if item.family in families and name in item.supports and item.grade != "derived_by_us"
    }
    forbidden = any(
        name in item.against and (item.grade in rule.strong_grades or item.family in rule.decisive)
        for item in items
    )
    return (
        len(families) >= rule.least_families
        and len(published) >= rule.least_published
        and set(rule.must_have[name]) <= families
        and not forbidden
    )
