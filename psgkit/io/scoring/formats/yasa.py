"""Read the JSON of a ``yasa.Hypnogram``: words for stages, the length of an epoch, the start."""

import json
import re
from datetime import datetime

from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.io.scoring.marks import UNKNOWN_STAGE, Mark, MarkList
from psgkit.io.scoring.words import stage_of_word
from psgkit.io.text.read import MOST_LINES, refuse_large_json

HEAD = regex(r'\A\s*\{(?=[^{}]*"values"\s*:)(?=[^{}]*"(?:freq|n_stages)"\s*:|[^{}]{60000})')
_FREQUENCY = regex(r"(\d+(?:\.\d+)?)?\s*(ms|s|min|T|h)", re.I)
_UNIT_S = {"ms": 1e-3, "s": 1.0, "min": 60.0, "t": 60.0, "h": 3600.0}


def yasa_marks(text: str, where: str, _start: datetime | None) -> MarkList:
    """Return the marks of a hypnogram.

    Examples
    --------
    >>> text = '{"values": ["WAKE", "N2"], "freq": "30s", "start": null}'
    >>> found = yasa_marks(text, "h.json", None)
    >>> [(mark.onset_s, mark.stage) for mark in found.marks]
    [(0.0, 'W'), (30.0, 'N2')]

    Raises
    ------
    InputFileError
        If it is no JSON, or has no list of words or no length of an epoch.
    """
    refuse_large_json(text, where, _WANTED)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputFileError(where, f"JSON that is not well formed ({error})", _WANTED) from None
    values, frequency = found.get("values"), _FREQUENCY.fullmatch(str(found.get("freq")))
    if not isinstance(values, list) or frequency is None:
        raise InputFileError(where, "no list of values, or no freq such as '30s'", _WANTED)
    epoch_s = float(frequency[1] or 1) * _UNIT_S[frequency[2].lower()]
    if len(values) > MOST_LINES:
        raise InputFileError(where, f"{len(values)} values", f"at most {MOST_LINES}")
    words = [str(word) for word in values]
    stage_of = {word: stage_of_word(word) or UNKNOWN_STAGE for word in set(words)}
    marks = tuple(
        Mark(
            onset_s=number * epoch_s,
            duration_s=epoch_s,
            text=word,
            spot=f"values[{number}]",
            stage=stage_of[word],
        )
        for number, word in enumerate(words)
    )
    return MarkList(
        marks=marks,
        zero=_start_of(found.get("start"), where),
        duration_s=epoch_s * len(words),
    )


_WANTED = "a hypnogram as yasa.Hypnogram.to_json writes it"


def _start_of(written: object, where: str) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise InputFileError(
            f"{where}, start", repr(written), "a date with time, or null"
        ) from None
    return moment.replace(tzinfo=None)
