"""A column of a table of a cohort: its name, type, unit and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass

from psgkit.cohort.index_columns import column_in_words, is_count


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is text, float, int, bool or time; ``unit`` is empty for text."""

    name: str
    kind: str
    about: str
    unit: str = ""


def index_columns_of(
    always: Mapping[str, str], more_units: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return the columns of indices: those always there, then what only some cohorts have."""
    more = {name: unit for name, unit in (more_units or {}).items() if name not in always}
    units = {**always, **dict(sorted(more.items()))}
    return tuple(
        Column(name, "int" if is_count(name) else "float", column_in_words(name), unit)
        for name, unit in units.items()
    )
