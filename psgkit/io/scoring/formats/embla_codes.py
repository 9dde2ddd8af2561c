"""Codes of Embla and RemLogic for stages, in both of their formats."""

import re

from psgkit.core.hypnogram import ASLEEP
from psgkit.core.regex import regex
from psgkit.io.scoring.marks import UNKNOWN_STAGE
from psgkit.io.scoring.words import stage_among_events

_OF_CODE = {
    "SLEEP-N": ASLEEP,
    "SLEEP-TNREM": ASLEEP,
    # quiet, active and indeterminate sleep of infants
    "PEDSLEEP-QS": ASLEEP,
    "PEDSLEEP-AS": ASLEEP,
    "PEDSLEEP-IS": ASLEEP,
    "PEDSLEEP-W": "W",
}
_EVENT = regex(r"SLEEP-(?:KCOMPLEX|SPINDLE)", re.I)
_STAGE = regex(r"(?:PED)?SLEEP[ _-]", re.I)


def stage_of_code(text: str) -> str | None:
    """Return the stage of an event type, ``UNKNOWN_STAGE`` for an unknown one, None for an event.

    Examples
    --------
    >>> stage_of_code("SLEEP-S2"), stage_of_code("SLEEP-SPINDLE"), stage_of_code("SLEEP-N")
    ('N2', None, 'SLEEP')
    """
    known = _OF_CODE.get(text.strip().upper()) or stage_among_events(text)
    if known is not None or _EVENT.match(text) or not _STAGE.match(text):
        return known
    return UNKNOWN_STAGE
