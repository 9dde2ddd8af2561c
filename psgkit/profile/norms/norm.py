"""Norms of ``norms.toml``, and those that may stand beside a value of one person.

Only what was read in its source is ever returned for printing.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import floor
from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass

Status: TypeAlias = Literal["full text", "abstract", "unverified"]
_ADULT_FROM = 18.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Norm:
    """What was found in ``n`` people (0: number not known); fields as in ``norms.toml``.

    Attributes
    ----------
    index : str
        Group and name, as in ``legs.plms_index``.
    source : str
        Author and year, as it is printed.
    journal : str
    """

    index: str
    who: str
    n: int
    source: str
    journal: str
    status: Status
    ages: tuple[float, float] | None = None
    over: bool = False
    sex: str | None = None
    percent: float | None = None
    above: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    between_nights: bool = False

    @property
    def is_verified(self) -> bool:
        """Return whether its numbers were read in the source; others are never printed."""
        return self.status != "unverified"

    def is_of_age(self, age: float) -> bool:
        """Return whether people of this age were counted; a year is whole until its end.

        Without a lowest age only adults were.

        Examples
        --------
        >>> [one.is_of_age(60) for one in all_norms() if one.ages == (60.0, 0.0)]
        [False, True]
        """
        if self.ages is None:
            return True
        low, high = self.ages
        years = floor(age)
        above = years > low if self.over else years >= (low or _ADULT_FROM)
        return above and (not high or years <= high)


@cache
def all_norms() -> tuple[Norm, ...]:
    """Return the norms of the data file, unverified ones too.

    Examples
    --------
    >>> all_norms()[0].source
    'Haba-Rubio 2016'
    """
    found = tomllib.loads(files(__package__).joinpath("norms.toml").read_text(encoding="utf-8"))
    return tuple(_norm(row, found["sources"][row["source"]]) for row in found["norm"])


def _norm(row: dict[str, object], source: dict[str, object]) -> Norm:
    ages = row.get("ages")
    named = {
        **row,
        "ages": tuple(map(float, ages)) if isinstance(ages, list) else None,
        "source": f"{source['author']} {source['year']}",
        "journal": source["journal"],
    }
    return Norm(**named)  # type: ignore[arg-type]


def norms_for(index: str, age: float | None = None, sex: str | None = None) -> tuple[Norm, ...]:
    """Return the norms of one source that fit a person best; empty if none is verified.

    Without an age, or for an adult of an age that no source has, all ages of the first source.

    Parameters
    ----------
    index : str
        Group and name, as in ``legs.plms_index``.
    age : float, optional
        Years.
    sex : str, optional
        ``"female"``, ``"male"`` or another word, for which both sexes together are taken.

    Examples
    --------
    >>> [norm.percent for norm in norms_for("legs.plms_index", 52, "female")]
    [26.0]
    >>> [norm.value for norm in norms_for("disruption.arousal_index", 70)]
    [27.1]
    """
    usable = [one for one in _printable(index) if not one.between_nights]
    usable = [one for one in usable if one.sex in (None, sex)]
    of_age = [one for one in usable if age is not None and one.is_of_age(age)]
    if of_age:
        return (of_age[0],)
    if not usable or (age is not None and age < _ADULT_FROM):
        return ()
    first = usable[0]
    return tuple(one for one in usable if (one.source, one.sex) == (first.source, first.sex))


def between_nights(index: str) -> tuple[Norm, ...]:
    """Return how much an index differs between nights of one person.

    Examples
    --------
    >>> [norm.value for norm in between_nights("legs.plms_index")]
    [25.1]
    """
    return tuple(one for one in _printable(index) if one.between_nights)


def _printable(index: str) -> Iterable[Norm]:
    return (one for one in all_norms() if one.index == index and one.is_verified)
