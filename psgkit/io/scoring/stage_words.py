"""Words for sleep stages: a closed table.

A word that is not in the table is an error with its line, never a guess.  Bare numbers mean
different things in two families of files, so that they are read file by file:

==============  =====  =====  =====  =====  =====  =====  ==================
family          0      1      2      3      4      5      unscored
==============  =====  =====  =====  =====  =====  =====  ==================
``r&k``         W      N1     N2     N3     N3     R      -2 -1 6 8 9
``bids/yasa``   W      N1     N2     N3     R             -2 -1 8 9
==============  =====  =====  =====  =====  =====  =====  ==================

A file is ``r&k`` when it has a 5, a 6 (movement time) or a word for REM; otherwise 4 is REM.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED
from psgkit.errors import TableError
from psgkit.io.text.tables import quoted

NumberFamily = Literal["r&k", "bids/yasa"]

_WORDS_OF = {
    "W": "w wake awake wakefulness s0 eveil eveille veille wach wachheit wakker waak vigilia"
    " despierto veglia sveglio wachzustand wakestate",
    "N1": "n1 s1 nrem1 nrem-1 ns1",
    "N2": "n2 s2 nrem2 nrem-2 ns2",
    "N3": "n3 s3 n4 s4 nrem3 nrem-3 nrem4 nrem-4 ns3 ns4 sws n3/n4 s3/s4 lent-profond tiefschlaf",
    "R": "r rem srem rem-sleep paradoxal sommeil-paradoxal rem-schlaf rapideyemovementsleep"
    " rapideyemovement",
    UNSCORED: "unscored ? u uns unknown unscorable unscoreable undefined not-scored non-scored"
    " notscored noscore art artefact artifact a mt m mvt movement mouvement bewegung movement-time"
    " n/a nan unbewertet nicht-bewertet non-cote unsure",
}
_STAGE_OF = {word: stage for stage, words in _WORDS_OF.items() for word in words.split()}
_PLAIN_NUMBERS = {0: "W", 1: "N1", 2: "N2", 3: "N3"}
_NUMBERS_OF: dict[NumberFamily, dict[int, str]] = {
    "r&k": {**_PLAIN_NUMBERS, 4: "N3", 5: "R", 6: UNSCORED},
    "bids/yasa": {**_PLAIN_NUMBERS, 4: "R"},
}
_UNSCORED_NUMBERS = dict.fromkeys((-2, -1, 8, 9), UNSCORED)

_PREFIX = re.compile(
    r"(sleep[ _-]*)?(stage|stade|stadium|phase|schlafstadium)[ _:-]*|(sleep|sommeil|schlaf)[ _-]+"
)
_INTEGER = re.compile(r"[+-]?\d{1,3}(\.0+)?", re.ASCII)
# Free annotations are anything: "2" may count, and "S 1" is a stimulus.  These are stages.
_ALONE = re.compile(
    r"w|wake|n[1-4]|r|rem|movement[ -]?time"
    r"|sleep[ _-]+([ns]?[0-4]|w|wake|r|rem|unscored)|stage[ _-]+([ns]?[0-4]|w|wake|r|rem)",
    re.IGNORECASE | re.ASCII,
)

_EVENT_WORDS = (
    "art artefact artifact a mt m mvt movement mouvement bewegung"
    " u unsure unknown undefined n/a nan"
)
_EVENTS_TOO = frozenset(_EVENT_WORDS.split())
"""Words that state a stage in a list of stages, and an event or nothing in a list of events."""

KNOWN_WORDS = "W N1 N2 N3 R UNSCORED, WAKE REM, S1 S2 S3 S4, 0 1 2 3 4 5, 'Sleep stage N2', ?"
"""What error messages list: one of each kind."""


def stage_of_word(word: str) -> str | None:
    """Return the stage a word means; None for an unknown word and for a bare number.

    Case, accents and a leading ``Sleep stage`` do not matter; after ``Sleep stage`` the numbers
    are those of Rechtschaffen and Kales.

    Examples
    --------
    >>> stage_of_word("Sleep stage 4"), stage_of_word("\u00c9veil"), stage_of_word("4")
    ('N3', 'W', None)
    """
    plain = _plain(word)
    bare = plain[match.end() :] if (match := _PREFIX.match(plain)) else plain
    if bare != plain and (number := _number(bare)) is not None:
        return ({**_NUMBERS_OF["r&k"], **_UNSCORED_NUMBERS}).get(number)
    return _STAGE_OF.get(re.sub(r"[ _]+", "-", bare)) or _STAGE_OF.get(re.sub(r"[ _]+", "", bare))


def stage_of_annotation(text: str) -> str | None:
    """Return the stage an annotation states; None if it states none.

    ``Sleep stage X`` is one for every word of the table, and so are ``W N1 N2 N3 R`` alone.

    Examples
    --------
    >>> stage_of_annotation("Sleep stage R"), stage_of_annotation("N2"), stage_of_annotation("2")
    ('R', 'N2', None)

    Raises
    ------
    TableError
        If the text begins with ``Sleep stage`` and goes on with an unknown word.
    """
    words = text.split("@@", maxsplit=1)[0].strip()
    if re.match(r"sleep[ _-]*stage\b", words, re.IGNORECASE):
        stage = stage_of_word(words)
        if stage is None:
            raise TableError(f"annotation {quoted(words)}", "an unknown stage", KNOWN_WORDS)
        return stage
    return stage_of_word(words) if _ALONE.fullmatch(words) else None


def stage_among_events(text: str) -> str | None:
    """Return the stage that a mark states in a list where stages and events stand together.

    Examples
    --------
    >>> stage_among_events("SLEEP-S2"), stage_among_events("Movement"), stage_among_events("MJ")
    ('N2', None, None)
    """
    if _plain(text) in _EVENTS_TOO:
        return None
    return stage_of_word(text)


def stages_of_words(
    words: Sequence[str], lines: Sequence[int], where: str
) -> tuple[list[str], tuple[Finding, ...]]:
    """Return the stage of each word of one file, and what was decided about its numbers.

    Examples
    --------
    >>> stages_of_words(["0", "2", "5"], [1, 2, 3], "night.txt")[0]
    ['W', 'N2', 'R']

    Raises
    ------
    TableError
        If a word is not known; the message names its line.
    """
    numbers = {number for word in set(words) if (number := _number(_plain(word))) is not None}
    has_rem_word = any(stage_of_word(word) == "R" for word in set(words))
    family: NumberFamily = "r&k" if numbers & {5, 6} or has_rem_word else "bids/yasa"
    stage_of = {word: _stage_in(family, word) for word in set(words)}
    stages = []
    for word, line in zip(words, lines, strict=True):
        stage = stage_of[word]
        if stage is None:
            raise TableError(f"{where}, line {line}", quoted(word), f"a stage: {KNOWN_WORDS}")
        stages.append(stage)
    return stages, _findings(family, numbers, where)


def _stage_in(family: NumberFamily, word: str) -> str | None:
    """Return the stage of a word or number in a file of ``family``."""
    number = _number(_plain(word))
    if number is None:
        return stage_of_word(word)
    return _NUMBERS_OF[family].get(number) or _UNSCORED_NUMBERS.get(number)


def _findings(family: NumberFamily, numbers: set[int], where: str) -> tuple[Finding, ...]:
    """Say what a 4 was taken for, and how sure that is."""
    if 4 not in numbers:  # noqa: PLR2004 - the number whose meaning differs
        return ()
    if family == "r&k":
        message = "stage 4 is read as N3, because the file has another code or word for REM"
        return (Finding("info", "hypnogram.stage_4", where, message),)
    if numbers & {-2, -1, 8}:
        message = "stage 4 is read as REM: the file has codes of BIDS or YASA (-1, -2 or 8)"
        return (Finding("info", "hypnogram.stage_4", where, message),)
    message = (
        "stage 4 is read as REM, as BIDS and YASA write it, because no code 5 and no word for REM "
        "is in the file; if 4 is the deepest sleep here, write it as N3"
    )
    return (Finding("warning", "hypnogram.stage_4", where, message),)


def _plain(word: str) -> str:
    """Return ``word`` in lower case, without accents and with single blanks."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return " ".join("".join(sign for sign in parts if not unicodedata.combining(sign)).split())


def _number(plain: str) -> int | None:
    """Return the whole number a word is, None if it is none."""
    return int(float(plain)) if _INTEGER.fullmatch(plain) else None
