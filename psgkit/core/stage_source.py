"""Who or what gave the stages of a night, in words that tables and files of other programs carry.

``scored``, or ``estimated by YASA 0.7.0, not scored``.  The same words are written into exported
files and recognised when these are read again, so that an estimate never becomes a scoring.
"""

from psgkit.core.message import translatable
from psgkit.core.regex import regex

SCORED = translatable("scored")
_PROGRAM = r"[A-Za-z][\w-]{0,30}(?: [A-Za-z][\w-]{0,30})? v?\d[\w.+-]{0,20}"
_ESTIMATED = regex(rf"estimated by ({_PROGRAM}), not scored")


def stage_source(program: str) -> str:
    """Return the words for stages estimated by a program with its version; empty: scored.

    Examples
    --------
    >>> stage_source("YASA 0.7.0"), stage_source("")
    ('estimated by YASA 0.7.0, not scored', 'scored')
    """
    return translatable(f"estimated by {program}, not scored") if program else SCORED


def is_estimate(source: str | None) -> bool:
    """Return whether stages were estimated; False for scored ones, and for none."""
    return source is not None and source != SCORED


def program_in(text: str) -> str:
    """Return the program that a text names as the one that estimated stages; empty if none.

    Examples
    --------
    >>> program_in("0,30,W,'estimated by YASA 0.7.0, not scored'"), program_in("0,30,W")
    ('YASA 0.7.0', '')
    """
    found = _ESTIMATED.search(text)
    return "" if found is None else found[1]
