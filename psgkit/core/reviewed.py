"""Who looked at a night and corrected it, and how much was changed."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from psgkit.core.dataclass import dataclass

COUNTS = (
    "movements_n",
    "movements_changed_n",
    "movements_undecided_n",
    "events_n",
    "events_changed_n",
    "epochs_n",
    "epochs_changed_n",
    "lights_changed_n",
)
"""Keys of ``changes``: how many there are, and how many a reviewer changed or left undecided."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviewed:
    """A review that was applied to a night.

    Attributes
    ----------
    by, at : str
        Name, and time as ISO 8601.
    version : str
        Of the psgkit that applied it.
    changes : mapping of ``COUNTS`` to int
    signed : bool
        Whether the reviewer had finished.
    blind : bool
        Whether the movements found were hidden from the reviewer.
    comment : str
        Of the reviewer when signing.
    """

    by: str
    at: str
    version: str
    changes: Mapping[str, int] = field(default_factory=dict)
    signed: bool = True
    blind: bool = False
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReviewStart:
    """What a review of a report begins with; the page of the report holds it.

    Attributes
    ----------
    line : mapping
        First line of the review file, without who begins it and when.
    marks : tuple of tuple of str
        Ids of the marks in that line that became each movement of the report; a movement that
        cannot be reviewed has none.
    """

    line: Mapping[str, Any]
    marks: tuple[tuple[str, ...], ...]
