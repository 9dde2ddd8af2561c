"""What is known about telling RLS, RAS, RBS and akathisia apart: items of ``evidence.toml``.

The file holds every number and every sentence; the code only reads indices and compares.  No
cut-off that separates the four has been validated, so each item states its source, the certainty of
the quotation, and whether the cut-off is the source's or psgkit's own choice.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.night_report import Profile

CONDITIONS = ("rls", "ras", "rbs", "akathisia")
TEST_GROUP = "sit"
"""The group of indices of an immobilisation test, beside those of a night."""
CONTRADICTION = "contradiction"
"""The family of items that compare answers with a recording."""

Grade: TypeAlias = Literal["several_studies", "one_study", "case_report", "derived_by_us"]
Certainty: TypeAlias = Literal["confirmed", "second_hand", "unconfirmed", "derived"]
CutOffs: TypeAlias = Literal["published", "unconfirmed", "ours", "none"]
Compared: TypeAlias = Literal["healthy", "akathisia", "rls", "none"]
"""With whom a finding was compared; only akathisia and RLS separate the two questions."""
SourceStatus: TypeAlias = Literal["full text", "abstract", "unverified", "ours"]
"""How far the sources of an item were read; ``ours`` has no publication."""
LEAST_FOR_RATIO = 10
"""Fewest people in each group of a study for a likelihood ratio (psgkit's own choice)."""
Noun = TypeVar("Noun", "Need", "Source", "Reference", "Band", "Counts", "Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What has to be recorded or asked.

    It is met if any of the indices ``probes`` has a value and a channel of ``role`` was used at
    each of ``sites``, so that an unrecorded limb does not bias a comparison.  A need without probes
    (an answer, a night with an event) cannot be detected.
    """

    words: str
    probes: tuple[str, ...] = ()
    role: str = ""
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A publication."""

    author: str
    year: int
    journal: str

    @property
    def words(self) -> str:
        """Return it as it is printed."""
        return f"{self.author} {self.year}, {self.journal}"


DOUBTS = {"unconfirmed": " [unconfirmed]", "second_hand": " [second-hand]"}
"""What marks a value that could not be confirmed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What was found in ``n`` people (0: number not known) of a population."""

    population: str
    n: int
    value: str
    certainty: Certainty

    @property
    def words(self) -> str:
        """Return the printed value, marked where it could not be confirmed."""
        people = f" (n = {self.n})" if self.n else ""
        doubt = DOUBTS.get(self.certainty, "")
        return f"{self.population}{people}: {self.value}{doubt}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Values from ``start`` (included) to ``stop`` (excluded), and how they bear.

    ``contradicts`` marks that what was answered and what was recorded do not fit.
    """

    start: float = float("-inf")
    stop: float = float("inf")
    supports: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    contradicts: bool = False
    says: str = ""

    def holds(self, value: float) -> bool:
        """Return whether ``value`` lies in the band.

        Examples
        --------
        >>> Band(start=15.0).holds(15.0), Band(stop=5.0).holds(5.0)
        (True, False)
        """
        return self.start <= value < self.stop


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """People with a finding in two groups, ``(with the finding, all)``.

    The finding is a value of the item of at least ``start``.
    """

    finding: str
    start: float
    of: str
    of_counts: tuple[int, int]
    over: str
    over_counts: tuple[int, int]
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One piece of evidence; what the fields mean stands at the top of ``evidence.toml``."""

    id: str
    question: str
    reads: tuple[str, ...]
    unit: str
    family: str
    needs: tuple[str, ...]
    references: tuple[Reference, ...]
    compared_with: Compared
    n: tuple[int, int]
    sources: tuple[Source, ...]
    source_status: SourceStatus
    grade: Grade
    cut_offs: CutOffs
    text: str
    measure: str = "value"
    scale: float = 1.0
    decimals: int = 1
    least: tuple[tuple[str, float, str], ...] = ()
    least_sum: float = 0.0
    bands: tuple[Band, ...] = ()
    counts: Counts | None = None
    brief: str = ""

    @property
    def separates(self) -> bool:
        """Return whether the finding was compared between akathisia and RLS."""
        return self.compared_with in {"akathisia", "rls"}

    @property
    def from_context(self) -> bool:
        """Return whether the answers of a person are read, not a recording."""
        return self.reads[0].startswith("context:")

    @property
    def asks_of_night(self) -> bool:
        """Return whether answers are compared with what a night shows."""
        return self.family == CONTRADICTION

    @property
    def from_test(self) -> bool:
        """Return whether an immobilisation test is read, another recording than the night."""
        return self.reads[0].startswith(f"{TEST_GROUP}.")

    def bears(self, value: float) -> Band:
        """Return how a value bears; outside of all bands it separates nothing."""
        return next((band for band in self.bands if band.holds(value)), Band())


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All items, and what they may need, by name."""

    items: tuple[Item, ...]
    needs: Mapping[str, Need]


@cache
def all_evidence() -> Evidence:
    """Return the items of ``evidence.toml``.

    Examples
    --------
    >>> items = {item.id: item for item in all_evidence().items}
    >>> items["plms_legs"].bands, items["ankle_waist"].grade
    ((), 'one_study')
    """
    return evidence_from(_file())


def evidence_texts() -> tuple[str, ...]:
    """Return the sentences that items and bands print, with ``{0}``, ``{1}`` for their fields.

    Catalogues of other languages hold them.

    Examples
    --------
    >>> [text for text in evidence_texts() if "most frequent interval" in text][0][:62]
    'The most frequent interval between leg movements was about {0}'
    """
    items = all_evidence().items
    says = (band.says for item in items for band in item.bands if band.says)
    briefs = (item.brief for item in items if item.brief)
    known = [one for item in items for one in item.references if one.population != "none"]
    found = (*(one.population for one in known), *(one.value for one in known))
    least = (words for item in items for _path, _least, words in item.least)
    counted = [item.counts for item in items if item.counts is not None]
    ratios = (text for one in counted for text in (one.finding, one.over, one.note))
    in_words = (row for row in _file()["source"].items() if row[1]["journal"][0].islower())
    sources = (source_words(key) for key, _row in in_words)
    texts = dict.fromkeys(
        (*(item.text for item in items), *says, *briefs, *found, *least, *ratios, *sources)
    )
    return tuple(_with_numbered_fields(text) for text in texts)


def _with_numbered_fields(text: str) -> str:
    names = dict.fromkeys(name for _text, name, _form, _as in Formatter().parse(text) if name)
    for number, name in enumerate(names):
        text = text.replace(f"{{{name}}}", f"{{{number}}}")
    return text


def source_words(key: str) -> str:
    """Return a source of ``evidence.toml`` as it is printed.

    Examples
    --------
    >>> source_words("walters_1991")
    'Walters et al. 1991, Sleep 14:339-345'
    """
    return _made(Source, _file()["source"][key], key).words


@cache
def _file() -> dict[str, Any]:
    text = files(__package__).joinpath("evidence.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def evidence_from(given: Mapping[str, Any]) -> Evidence:
    """Return the evidence in a parsed file.

    Raises
    ------
    ValueError
        For an item that lacks a field or has one too many, or names an unknown source or need.
    """
    sources = {key: _made(Source, row, key) for key, row in given["source"].items()}
    needs = {key: _made(Need, row, key) for key, row in given["need"].items()}
    items = tuple(_item(row, sources) for row in given["item"])
    for item in items:
        unknown = set(item.needs) - set(needs)
        if unknown:
            raise ValueError(f"evidence {item.id}: unknown needs {sorted(unknown)}")
    return Evidence(items=items, needs=needs)


def _item(row: Mapping[str, Any], sources: Mapping[str, Source]) -> Item:
    name = str(row.get("id"))
    unknown = set(row.get("sources", ())) - set(sources)
    if unknown:
        raise ValueError(f"evidence {name}: unknown sources {sorted(unknown)}")
    parts: dict[str, Any] = dict(row)
    parts["sources"] = tuple(sources[key] for key in row.get("sources", ()))
    parts["references"] = tuple(_made(Reference, one, name) for one in row.get("references", ()))
    parts["bands"] = tuple(_band(one, name) for one in row.get("bands", ()))
    if "counts" in row:
        parts["counts"] = _counts(row["counts"], name)
    item = _made(Item, parts, name)
    _check(item)
    return item


def _check(item: Item) -> None:
    """Refuse an item without comparator, numbers or status, or with a ratio of too few people."""
    for field, found, wanted in (
        ("compared_with", item.compared_with, get_args(Compared)),
        ("source_status", item.source_status, get_args(SourceStatus)),
    ):
        if found not in wanted:
            raise ValueError(f"evidence {item.id}: {field} = {found!r}, not one of {wanted}")
    if len(item.n) != len(("with", "without")) or min(item.n) < 0:
        raise ValueError(f"evidence {item.id}: n = {item.n}, not people with and without")
    if item.counts is None:
        return
    people = item.counts.of_counts[1], item.counts.over_counts[1]
    if min(people) < LEAST_FOR_RATIO or people != item.n:
        raise ValueError(
            f"evidence {item.id}: a ratio needs {LEAST_FOR_RATIO} people in each group of one "
            f"study, found {people} beside n = {item.n}"
        )
    if item.compared_with == "none" or not any(
        band.supports or band.against for band in item.bands
    ):
        raise ValueError(f"evidence {item.id}: a ratio of a finding that separates nothing")


def _band(row: Mapping[str, Any], name: str) -> Band:
    return _made(Band, _renamed(row, {"from": "start", "to": "stop"}), name)


def _counts(row: Mapping[str, Any], name: str) -> Counts:
    words = {"from": "start", "with": "of_counts", "without": "over_counts"}
    return _made(Counts, _renamed(row, words), name)


def _renamed(row: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    return {words.get(key, key): value for key, value in row.items()}


def _made(kind: type[Noun], row: Mapping[str, Any], name: str) -> Noun:
    """Return an object of ``kind``; arrays become tuples."""
    unknown = set(row) - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"evidence {name}: unknown fields {sorted(unknown)}")
    try:
        return kind(**{key: _as_tuple(value) for key, value in row.items()})
    except TypeError as error:
        raise ValueError(f"evidence {name}: {error}") from None


def _as_tuple(value: Any) -> Any:  # noqa: ANN401 - any value of a TOML file
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


STATEMENT = translatable(
    "A recording alone cannot separate restless legs, restless arms and restless back syndrome "
    "from akathisia: the criteria are asked in an interview, no cut-off for them has been "
    "validated, and "
    "periodic leg movements in sleep occur in about half of the patients with akathisia "
    "(Walters et al. 1991, Sleep 14:339-345: 5 of 9). This is no diagnosis."
)


def profile_without_evidence() -> Profile:
    """Return the profile of a night from which no evidence is drawn: the statement, no leaning."""
    return Profile(statement=STATEMENT)
