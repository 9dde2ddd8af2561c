"""One index as the catalogue declares it, and the subjects that indices are grouped by."""

from dataclasses import replace
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of number an index is, and its unit: ``1`` for plain numbers."""

    word: str
    unit: str


COUNT = Kind("count", "1")
RATE = Kind("rate", "1/h")
MINUTES, SECONDS = Kind("duration", "min"), Kind("duration", "s")
SHARE, PERCENT = Kind("share", "1"), Kind("share", "%")
RATIO = Kind("ratio", "1")
CLOCK = Kind("clock time", "h")
FREQUENCY = Kind("frequency", "Hz")
ACTIVITY = Kind("level", "activity")
"""In the unit of the activity of the recording, which its tables say in ``activity_unit``."""

OWN = "psgkit's own definition"
_STAGED = regex(r"\b(sleep|wake|waking|awake|N1|R|REM)\b")
"""Words of a denominator that only stages can tell."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One index.

    Attributes
    ----------
    name : str
        Key in documents and tables.  ``{group}`` or ``{place}`` stand for a group of movements or
        the place of a sensor.
    label : str
        English; reports translate it where they use it.
    kind : Kind
    definition : str
        One sentence.
    denominator : str
        Hour of what for a rate, the whole for a share, what it is divided by for a ratio.
    source : str
    also : str
        Better-known names, separated by ``;``.
    of_sensor : str
        Label where an accelerometer measured it, whose movements are never called LM or PLM.
    column : bool
        Whether the tables of every cohort have a column for it, or only where a night reports it.
    stages : bool, "rules" or None
        Whether its value depends on sleep stages; None where the denominator says so.  "rules":
        only by rule sets without candidate movements in wake.
    """

    name: str
    label: str
    kind: Kind
    definition: str
    denominator: str = ""
    source: str = OWN
    also: str = ""
    of_sensor: str = ""
    column: bool = True
    stages: bool | Literal["rules"] | None = None

    @property
    def unit(self) -> str:
        """Return the unit of its values."""
        return self.kind.unit

    def needs_stages(self, *, sleep_only: bool = False) -> bool:
        """Return whether its value depends on sleep stages, and so on who or what gave them.

        ``sleep_only``: the rule set has no candidate movements in wake.

        Examples
        --------
        >>> IndexEntry("a", "A", RATE, "", "hour of sleep").needs_stages()
        True
        >>> IndexEntry("b", "B", RATE, "", "hour lying").needs_stages()
        False
        """
        if self.stages is None:
            return bool(_STAGED.search(self.denominator))
        return sleep_only if self.stages == "rules" else self.stages

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Return the better-known names."""
        return tuple(self.also.split("; ")) if self.also else ()

    def field_of(self, name: str) -> str:
        """Return what stands in ``name`` for the field of this entry; empty if it does not match.

        Examples
        --------
        >>> rate = IndexEntry("{group}_up_rate", "{group}, rate while up", RATE, "")
        >>> rate.field_of("legs_up_rate"), rate.field_of("legs_up_ratio")
        ('legs', '')
        """
        before, opened, rest = self.name.partition("{")
        after = rest.partition("}")[2]
        if not (opened and name.startswith(before) and name.endswith(after)):
            return ""
        return name[len(before) : len(name) - len(after)]


def of_stages(*entries: IndexEntry) -> tuple[IndexEntry, ...]:
    """Return entries that all depend on stages, except where one says that it does not."""
    return tuple(replace(one, stages=True) if one.stages is None else one for one in entries)


@dataclass(frozen=True, slots=True)
class Subject:
    """Indices of one subject, in the order in which documents list them.

    Attributes
    ----------
    name, title : str
    groups : tuple of str
        Groups of a report that hold them; one that ends in ``_`` is the beginning of a name.
    entries : tuple of IndexEntry
    """

    name: str
    title: str
    groups: tuple[str, ...]
    entries: tuple[IndexEntry, ...]

    def holds(self, group: str) -> bool:
        """Return whether the indices of a group are of this subject."""
        return any(
            group.startswith(one) if one.endswith("_") else group == one for one in self.groups
        )
