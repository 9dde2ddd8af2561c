"""The class of a drug by its name, from a small table.

The table names classes by the groups of the WHO ATC index.  It was written from general knowledge
and has not been checked entry by entry against the index; a class stated in a context file wins.
"""

from collections.abc import Mapping
from functools import cache

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.drug_names import drug_key, drug_table

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
    table = drug_table()
    return {
        name: DrugClass(
            name=name, title=row["title"], atc=row["atc"], source=table["source"]["text"]
        )
        for name, row in table["classes"].items()
    }


def known_drug(name: str) -> KnownDrug | None:
    """Return what the table knows of a drug, or None; case, salts and forms do not matter.

    Examples
    --------
    >>> known_drug("Benzhexol HCl").drug_class, known_drug("moonshine")
    ('anticholinergic', None)
    """
    return _drugs().get(drug_key(name))


def drug_notes() -> tuple[str, ...]:
    """Return the notes on drugs; catalogues of other languages hold them.

    Examples
    --------
    >>> "hardly enters the brain" in drug_notes()
    True
    """
    return tuple(dict.fromkeys(drug_table()["notes"].values()))


@cache
def _drugs() -> dict[str, KnownDrug]:
    table = drug_table()
    return {
        drug: KnownDrug(name=drug, drug_class=name, note=table["notes"].get(drug, ""))
        for name, row in table["classes"].items()
        for drug in row["drugs"]
    }
