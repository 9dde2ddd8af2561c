"""What drugs do to restless legs and to akathisia, levels of use, and trials against akathisia.

Every entry of ``drug_effects.toml`` states its source, its grade and what was read of the source.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.context.drug_classes import known_drug
from psgkit.profile.context.drug_names import drug_key, substances_in

Condition: TypeAlias = Literal["rls", "akathisia"]
Does: TypeAlias = Literal["provokes", "relieves", "none", "mixed"]
Adequate: TypeAlias = Literal["yes", "no", "not_known"]
SourceStatus: TypeAlias = Literal["full text", "abstract", "second hand", "unverified", "ours"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugEffect:
    """What a drug, or its class, does to one condition.

    Attributes
    ----------
    on : {"rls", "akathisia"}
        ``rls`` stands for restless legs, arms and back.
    does : {"provokes", "relieves", "none", "mixed"}
        ``none`` where no effect was found or is expected.
    of_class : bool
        The entry is that of the class; the drug itself has none.
    grade, says, source, status : str
        How well it is known, in words, where it stands, and what of that was read.
    """

    on: Condition
    does: Does
    of_class: bool
    grade: str
    says: str
    source: str
    status: SourceStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelRange:
    """A therapeutic reference range in ng/mL; ``together`` names a metabolite that it includes."""

    low: float
    high: float
    together: str
    source: str
    status: SourceStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """The dose a day and the days from which a treatment of akathisia counts as tried."""

    least_mg: float
    least_days: float
    found: str
    source: str
    status: SourceStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class OnsetWindow:
    """Days after a change within which an adverse effect is expected; None for an open end.

    ``drugs`` are names, or ``class:NAME``, to which a window is confined; none means all that
    provoke the condition.
    """

    of: str
    on: Condition
    after: Literal["more", "less"]
    from_days: float
    to_days: float | None
    says: str
    source: str
    status: SourceStatus
    drugs: tuple[str, ...] = ()

    @property
    def days_in_words(self) -> str:
        """Return the window in days: ``0-42``, or ``90 or more``.

        Examples
        --------
        >>> [one.days_in_words for one in onset_windows() if one.of == "tardive akathisia"]
        ['90 or more']
        """
        if self.to_days is None:
            return f"{self.from_days:g} or more"
        return f"{self.from_days:g}-{self.to_days:g}"


def effects_of(name: str, drug_class: str | None = None) -> tuple[DrugEffect, ...]:
    """Return what is known of a drug's effects, restless legs first; none where nothing is known.

    ``drug_class`` stands in for drugs that the table does not know.

    Examples
    --------
    >>> [(one.on, one.does) for one in effects_of("mirtazapine")]
    [('rls', 'provokes'), ('akathisia', 'relieves')]
    >>> [one.does for one in effects_of("moonshine")]
    []
    """
    known = known_drug(name)
    of_class = f"class:{known.drug_class if known else drug_class}"
    found: list[DrugEffect] = []
    for on in ("rls", "akathisia"):
        own = _effect(drug_key(name), on) or _effect(of_class, on)
        if own is not None:
            found.append(own)
    return tuple(found)


def level_range_of(name: str) -> LevelRange | None:
    """Return the therapeutic reference range of a drug, or None.

    Examples
    --------
    >>> level_range_of("Solian").high, level_range_of("moonshine")
    (320, None)
    """
    for row in _table()["level"]:
        if row["of"] == drug_key(name):
            together = row.get("with", "")
            return LevelRange(low=row["low"], high=row["high"], together=together, **_source(row))
    return None


def trial_of(name: str) -> Trial | None:
    """Return from which dose on a treatment of akathisia counts as tried; None if not known.

    Examples
    --------
    >>> trial_of("propranolol").least_mg, trial_of("metoprolol")
    (80, None)
    """
    for row in _table()["trial"]:
        if row["of"] == drug_key(name):
            numbers = {key: row[key] for key in ("least_mg", "least_days", "found")}
            return Trial(**numbers, **_source(row))
    return None


def adequate_trial(name: str, mg_a_day: float | None, days: float | None) -> tuple[Adequate, str]:
    """Return whether a trial against akathisia was long and high enough, and why.

    Examples
    --------
    >>> adequate_trial("propranolol", 40, 14)
    ('no', '40 mg a day, where 80 mg were tried')
    >>> adequate_trial("propranolol", 80, None)
    ('not_known', 'how long it was taken is not stated')
    >>> adequate_trial("metoprolol", 50, 7)
    ('not_known', 'no dose of it is known to help')
    """
    trial = trial_of(name)
    if trial is None:
        return "not_known", translatable("no dose of it is known to help")
    if mg_a_day is not None and mg_a_day < trial.least_mg:
        few = translatable(f"{mg_a_day:g} mg a day, where {trial.least_mg:g} mg were tried")
        return "no", few
    if days is not None and days < trial.least_days:
        return "no", translatable(f"{days:g} days, where {trial.least_days:g} were needed")
    if mg_a_day is None:
        return "not_known", translatable("its dose a day is not stated")
    if days is None:
        return "not_known", translatable("how long it was taken is not stated")
    least = translatable(f"at least {trial.least_mg:g} mg a day for {trial.least_days:g} days")
    return "yes", least


def onset_windows(after: Literal["more", "less"] | None = None) -> tuple[OnsetWindow, ...]:
    """Return in which time after a change a drug-induced condition is expected.

    Examples
    --------
    >>> [one.of for one in onset_windows("less")]
    ['withdrawal akathisia']
    """
    return tuple(
        OnsetWindow(
            of=row["of"],
            on=row["on"],
            after=row["after"],
            from_days=row.get("from_days", 0),
            to_days=row.get("to_days"),
            says=row["says"],
            drugs=tuple(row.get("drugs", ())),
            **_source(row),
        )
        for row in _table()["window"]
        if after in {None, row["after"]}
    )


def windows_of(
    name: str, drug_class: str | None = None, after: Literal["more", "less"] = "more"
) -> tuple[OnsetWindow, ...]:
    """Return the windows of onset of a drug, those confined to it or its class first.

    Examples
    --------
    >>> [(one.on, one.to_days) for one in windows_of("metoclopramide")][0]
    ('akathisia', 2)
    >>> windows_of("moonshine")
    ()
    """
    found = [
        window
        for window in onset_windows(after)
        if provokes(name, window.on, drug_class)
        and (not window.drugs or _is_one_of(name, drug_class, window.drugs))
    ]
    return tuple(sorted(found, key=lambda window: not window.drugs))


def _is_one_of(name: str, drug_class: str | None, drugs: tuple[str, ...]) -> bool:
    """Return whether a drug, or one of a combination, is named by itself or by its class."""
    for part in substances_in(name) or (name,):
        known = known_drug(part)
        of_class = known.drug_class if known else drug_class
        if drug_key(part) in drugs or f"class:{of_class}" in drugs:
            return True
    return False


def provokes(name: str, on: Condition, drug_class: str | None = None) -> bool:
    """Return whether a drug, or one of a combination, is known or expected to provoke a condition.

    Examples
    --------
    >>> provokes("domperidone", "akathisia"), provokes("tetrabenazine", "akathisia")
    (False, True)
    >>> provokes("Deanxit", "akathisia")
    True
    """
    return any(
        effect.on == on and effect.does == "provokes"
        for part in substances_in(name) or (name,)
        for effect in effects_of(part, drug_class)
    )


def drug_effect_texts() -> tuple[str, ...]:
    """Return what is said of drugs, and the sources; catalogues of other languages hold them.

    Examples
    --------
    >>> "akathisia in 14-35 % of people treated" in drug_effect_texts()
    True
    """
    table = _table()
    says = (row["says"] for row in (*table["effect"], *table["window"]))
    return tuple(dict.fromkeys((*says, *table["source"].values(), *get_args(SourceStatus))))


def _effect(of: str, on: str) -> DrugEffect | None:
    row = _effects().get((of, on))
    if row is None:
        return None
    words = {key: row[key] for key in ("on", "does", "grade", "says")}
    return DrugEffect(of_class=of.startswith("class:"), **words, **_source(row))


def _source(row: dict[str, Any]) -> dict[str, Any]:
    return {"source": _table()["source"][row["source"]], "status": row["status"]}


@cache
def _effects() -> dict[tuple[str, str], dict[str, Any]]:
    return {(of, row["on"]): row for row in _table()["effect"] for of in row["of"]}


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath("drug_effects.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
