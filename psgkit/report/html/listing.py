"""A long table of a page that can be searched and sorted, by the script ``page_list.js``.

Without a script it is a table in the order of its rows.
"""

from psgkit.core.dataclass import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One cell.

    Attributes
    ----------
    text : str
        A ``Link`` is a link.
    sort : float, str or None
        What the column is sorted by; None comes last.
    also : str
        Shown behind it in faint letters.
    more : tuple of str
        Sentences that ``text`` stands for; they are shown below it when it is opened.
    style : {"", "number", "command", "error", "warning"}
    """

    text: str
    sort: float | str | None = None
    also: str = ""
    more: tuple[str, ...] = ()
    style: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The table: a name for each column, and rows of as many cells.

    Attributes
    ----------
    title : str
        What it lists, for a screen reader.
    head : tuple of str
    rows : tuple of tuple of Entry
    counted, more : str
        Words for how many were found, and for a button that shows all of them, with ``{shown}``
        and ``{n}``.
    foot : str
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    counted: str
    more: str
    foot: str = ""
