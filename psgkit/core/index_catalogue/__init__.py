"""Every index of psgkit once: name, label, unit, kind, definition, source, better-known names.

A new index is a computation and an entry here.  Documents take the order of indices from the
catalogue, computations their units, pages and tables their labels, cohorts their columns, and
``psgkit indices`` prints it all.  Tables of one subject each lie beside this module.

Labels are English here and are translated where they are used.  Extraction of texts to translate
takes ``translatable_texts``: no call marks these labels in the code.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from psgkit.core.index_catalogue.days import REST_ACTIVITY, SLEEP_ESTIMATED
from psgkit.core.index_catalogue.entry import ACTIVITY, CLOCK, COUNT, IndexEntry, Subject
from psgkit.core.index_catalogue.movements import MOVEMENTS, RELIEF, WHOLE_BODY
from psgkit.core.index_catalogue.sensors import (
    AKATHISIA,
    HEART_RATE,
    POSTURE,
    REM_ATONIA,
    RHYTHMS,
    SCRATCH,
)
from psgkit.core.index_catalogue.sit import SIT
from psgkit.core.index_catalogue.sleep import DISRUPTION, SLEEP

CATALOGUE: tuple[Subject, ...] = (
    *(SLEEP, DISRUPTION, MOVEMENTS, WHOLE_BODY, POSTURE, RELIEF, RHYTHMS, AKATHISIA, SCRATCH),
    *(HEART_RATE, REM_ATONIA, SIT, REST_ACTIVITY, SLEEP_ESTIMATED),
)
"""The subjects, in the order in which documents list indices."""
SPREADS = ("_mean", "_sd")
"""Ends of names of a mean and a standard deviation over the nights of a recording of days."""


@lru_cache(maxsize=4096)
def entry_of(name: str, group: str = "") -> IndexEntry | None:
    """Return the entry of an index, or None for a name that is not in the catalogue.

    Parameters
    ----------
    name : str
        Of the index; mean and spread over nights have the entry of the index itself.
    group : str, optional
        Of the report: some names mean another thing in another group.

    Examples
    --------
    >>> entry_of("se_pct").label, entry_of("se_pct", "sleep_estimated").label
    ('Sleep efficiency', 'Asleep, of the window')
    >>> entry_of("legs_relief_ratio").label, entry_of("tst_min_sd").label
    ('{group}, after over before', 'Total sleep time')
    """
    named = _by_name(group).get(name)
    if named is not None:
        return named
    fitting = next((entry for _, entry in _entries() if entry.field_of(name)), None)
    base, ending = base_of(name)
    return entry_of(base, group) if ending and fitting is None else fitting


@cache
def _by_name(group: str) -> Mapping[str, IndexEntry]:
    """Return the entries by name; those of the group before those of others."""
    own = [entry for subject, entry in _entries() if subject.holds(group)]
    every = [entry for _, entry in _entries()]
    return {entry.name: entry for entry in reversed(own + every)}


@cache
def names_of(group: str) -> tuple[str, ...]:
    """Return the names of the indices of a group of a report, in order.

    Examples
    --------
    >>> names_of("scratch")[:2]
    ('scratch_bouts_index', 'scratch_bouts_wake_index')
    """
    return tuple(entry.name for subject, entry in _entries() if subject.holds(group))


def column_names(group: str) -> tuple[str, ...]:
    """Return which indices of a group the tables of every cohort have a column for."""
    return tuple(e.name for subject, e in _entries() if subject.holds(group) and e.column)


def unit_of(name: str, group: str = "", activity_unit: str = "") -> str:
    """Return the unit of an index.

    Parameters
    ----------
    name, group : str
    activity_unit : str, optional
        What the activity of a recording of days is in; stands for the unit ``activity``.

    Raises
    ------
    KeyError
        If the catalogue has no such index.

    Examples
    --------
    >>> unit_of("plms_index"), unit_of("window_end_h_sd"), unit_of("l5", activity_unit="mg")
    ('1/h', 'h', 'mg')
    """
    entry = entry_of(name, group)
    if entry is None:
        raise KeyError(f"no index {name!r} in the catalogue (psgkit.core.index_catalogue)")
    return activity_unit if activity_unit and entry.kind == ACTIVITY else entry.unit


@lru_cache(maxsize=4096)
def needs_stages(name: str, group: str = "", *, sleep_only: bool = False) -> bool:
    """Return whether the value of an index depends on sleep stages.

    Tables then say beside it whether the stages were scored or estimated.  ``sleep_only``: the rule
    set has no candidate movements in wake.

    Examples
    --------
    >>> needs_stages("plms_index"), needs_stages("lm_n"), needs_stages("lm_n", "sit")
    (True, False, True)
    """
    entry = entry_of(name, group)
    return entry is not None and entry.needs_stages(sleep_only=sleep_only)


def is_count(name: str) -> bool:
    """Return whether an index is a number of things, which is whole.

    Examples
    --------
    >>> is_count("plm_n"), is_count("lm_n_mean"), is_count("plms_index")
    (True, False, False)
    """
    entry = entry_of(name)
    return entry is not None and entry.kind == COUNT and not base_of(name)[1]


def is_clock(name: str) -> bool:
    """Return whether an index is a time of day, of which 23:30 and 00:30 have no usual mean.

    Examples
    --------
    >>> is_clock("midsleep_h_mean"), is_clock("midsleep_h_sd"), is_clock("l5_start_h")
    (True, False, True)
    """
    entry = entry_of(name)
    return entry is not None and entry.kind == CLOCK and base_of(name)[1] != "_sd"


def base_of(name: str) -> tuple[str, str]:
    """Return the index whose mean or spread over nights this is, and which of them.

    Examples
    --------
    >>> base_of("tst_min_sd"), base_of("l5"), base_of("imi_log_sd")
    (('tst_min', '_sd'), ('l5', ''), ('imi_log_sd', ''))
    """
    ending = next((one for one in SPREADS if name.endswith(one)), "")
    return (name, "") if name in index_order() else (name.removesuffix(ending), ending)


@cache
def index_order() -> Mapping[str, int]:
    """Return the place of every name among all, by which documents sort indices."""
    names = dict.fromkeys(entry.name for _, entry in _entries())
    return MappingProxyType({name: number for number, name in enumerate(names)})


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of indices in the order of the catalogue, then those it does not have.

    Examples
    --------
    >>> in_order(["a_new_one", "plms_index", "lm_n"])
    ['lm_n', 'plms_index', 'a_new_one']
    """
    place = index_order()
    return sorted(names, key=lambda name: place.get(name, len(place)))


def translatable_texts() -> Iterator[str]:
    """Yield every label once: what a catalogue of another language must hold."""
    labels = (label for _, entry in _entries() for label in (entry.label, entry.of_sensor))
    yield from filter(None, dict.fromkeys(labels))


@cache
def _entries() -> tuple[tuple[Subject, IndexEntry], ...]:
    return tuple((subject, entry) for subject in CATALOGUE for entry in subject.entries)
