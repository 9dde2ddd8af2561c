"""Table of column names in the languages of scoring programs."""

import re
from collections.abc import Sequence

from psgkit.io.text.read import without_accents

COLUMN_WORDS = {
    "onset": (
        "start|start time|time|onset|begin|heure|heure de debut|debut|startzeit|beginn|anfang|zeit"
        "|hora de inicio|inicio|ora di inizio|inizio"
    ),
    "end": "end|end time|stop|stop time|heure de fin|fin|endzeit|ende|hora de fin|ora di fine|fine",
    "event": "event|event type|type|evenement|ereignis|evento",
    "duration": "duration|duree|dauer|duracion|durata",
    "place": (
        "location|channel|signal|site|emplacement|lieu|canal|ort|kanal|lokalisation|ubicacion"
        "|posizione del canale|canale"
    ),
}
"""Words for each column, separated by ``|``: lower case, without accents and units."""
_NAMED = {name: frozenset(words.split("|")) for name, words in COLUMN_WORDS.items()}
_ACCENTED = str.maketrans({"a": "[a\u00e0\u00e4]", "e": "[e\u00e9\u00e8\u00ea]", " ": " +"})
CELL_OF = {
    name: rf"(?<![^,;\t\n])[ \"']*(?:{words.translate(_ACCENTED)})"
    r" *(?:\[[^\]\n]*\])?[ \"']*(?![^,;\t\n])"
    for name, words in COLUMN_WORDS.items()
}
"""Pattern of a cell with the name of each column, maybe in quotes, maybe with a unit."""


def column_called(name: str, header: Sequence[str]) -> int | None:
    """Return the number of the column ``onset``, ``end``, ``event``, ``duration`` or ``place``.

    Examples
    --------
    >>> column_called("duration", ["Heure [hh:mm:ss]", "\u00c9v\u00e9nement", "Dur\u00e9e[s]"])
    2
    """
    return next((at for at, cell in enumerate(header) if _plain(cell) in _NAMED[name]), None)


def _plain(cell: str) -> str:
    """Return a name in lower case, without accents, quotes and its unit in brackets."""
    return " ".join(without_accents(re.sub(r"\[[^\]]*\]|[\"']", " ", cell)).split())
