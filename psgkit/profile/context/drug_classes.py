"""The class of a drug by its name, from a small table.

The table names classes by the groups of the WHO ATC index.  It was written from general knowledge
and has not been checked entry by entry against the index; a class stated in a context file wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugClass:
    """A class of drugs.

    Attributes
    ----------
    name, title : str
        As written in a file, and in words.
    atc : str
        Group of the WHO ATC index, empty where no one group fits.
    source : str
        Where the class of its drugs comes from, and how sure it is.
    """

    name: str
    title: str
    atc: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDrug:
    """A drug of the table; ``note`` is empty or states what its class does not show."""

    name: str
    drug_class: str
    note: str


def drug_classes() -> Mapping[str, DrugClass]:
    """Return the classes by name.

    Examples
    --------
    >>> drug_classes()["antipsychotic"].atc
    'N05A'
    """
    table = _table()
    return {
        name: DrugClass(
            name=name, title=row["title"], atc=row["atc"], source=table["source"]["text"]
        )
        for name, row in table["classes"].items()
    }


def known_drug(name: str) -> KnownDrug | None:
    """Return what the table knows of a drug, or None; case and salts do not matter.

    Examples
    --------
    >>> known_drug("Benzhexol HCl").drug_class, known_drug("moonshine")
    ('anticholinergic', None)
    """
    folded = drug_key(name)
    return _drugs().get(folded)


def drug_key(name: str) -> str:
    """Return one spelling of a drug's name, so that steps, levels and responses meet.

    Examples
    --------
    >>> drug_key(" Trihexyphenidyl hydrochloride") == drug_key("benzhexol")
    True
    """
    table = _table()
    parts = [part for part in name.casefold().split() if part not in table["names"]["salts"]]
    folded = " ".join(parts)
    return str(table["aliases"].get(folded, folded))


def nearest_drug(name: str) -> str | None:
    """Return the drug of the table that is spelt most like ``name``, if one is close.

    Examples
    --------
    >>> nearest_drug("amisulprid")
    'amisulpride'
    """
    from difflib import get_close_matches

    near = get_close_matches(drug_key(name), list(_drugs()), n=1, cutoff=0.8)
    return near[0] if near else None


@cache
def _table() -> dict[str, Any]:
    import tomllib

    text = files(__package__).joinpath("drugs.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _drugs() -> dict[str, KnownDrug]:
    table = _table()
    return {
        drug: KnownDrug(name=drug, drug_class=name, note=table["notes"].get(drug, ""))
        for name, row in table["classes"].items()
        for drug in row["drugs"]
    }
