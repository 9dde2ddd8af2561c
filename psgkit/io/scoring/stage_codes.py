"""Words and numbers of one file to stages, by the stated coding or by one that alone fits.

The same numbers mean different things in different programs (``CODINGS``).  A file whose numbers
fit several of them, with different stages, is refused with a line that states each; the user pastes
the right one (``--stage-codes``, or ``stage_codes`` in a channel map).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding, Severity
from psgkit.core.hypnogram import ASLEEP, STAGES, UNSCORED
from psgkit.core.message import translatable
from psgkit.errors import SettingsError, TableError
from psgkit.io.scoring.words import KNOWN_WORDS, number_of_word, plain_stage, stage_of_word
from psgkit.io.text.tables import quoted

OPTION = "--stage-codes"
_EXAMPLE = f'{OPTION} "0=W,1=N1,2=N2,3=N3,4=N3,5=R"'
_MOST_NAMED_N = 6
_STATED_FEW_N = 3
"""Numbers without a 0 are ambiguous from this many different ones on."""


@dataclass(frozen=True, slots=True)
class Coding:
    """One way in which programs number stages."""

    used_by: str
    stage_of: Mapping[int, str]

    @property
    def option(self) -> str:
        """Return the coding as it is pasted into a command."""
        pairs = ",".join(f"{number}={stage}" for number, stage in sorted(self.stage_of.items()))
        return f'{OPTION} "{pairs}"'


_FIRST = {0: "W", 1: "N1", 2: "N2", 3: "N3"}
_NOT_SCORED = dict.fromkeys((-3, -2, -1, 8, 9), UNSCORED)
RK = Coding("Rechtschaffen and Kales, NSRR, Profusion", {**_FIRST, 4: "N3", 5: "R", 6: UNSCORED})
AASM = Coding("BIDS, YASA, Dreem", {**_FIRST, 4: "R"})
CODINGS = (
    RK,
    AASM,
    Coding("DeepSleepNet: 5 is movement", {**_FIRST, 4: "R", 5: UNSCORED, 6: UNSCORED}),
    Coding("1 is REM", {0: "W", 1: "R", 2: "N1", 3: "N2", 4: "N3", 5: "N3"}),
    Coding("counted from 1", {1: "W", 2: "N1", 3: "N2", 4: "N3", 5: "R"}),
    Coding("DREAMS: 5 is wake", {0: "N3", 1: "N3", 2: "N2", 3: "N1", 4: "R", 5: "W"}),
)
_RK_ONLY = 9
"""Unscored where 0 to 5 are those of Rechtschaffen and Kales; the others write it otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageCodes:
    """What the words or numbers in a file of stages mean, as the user states it.

    Attributes
    ----------
    stage_of : mapping of str to str
        Stage by word, as ``plain_stage`` has it; numbers as whole numbers.
    source : str
        Where it was stated, for messages.
    """

    stage_of: Mapping[str, str]
    source: str = OPTION

    def stage(self, word: str) -> str | None:
        """Return the stage of a word; None if the codes do not say.

        Examples
        --------
        >>> parse_stage_codes("0=W, 1=R, D=N3").stage("1.0")
        'R'
        """
        return self.stage_of.get(_key(word))

    @property
    def states_numbers(self) -> bool:
        """Return whether any code is a number: then no other coding is looked for."""
        return any(number_of_word(word) is not None for word in self.stage_of)

    def as_text(self) -> str:
        """Return the codes as they are written in a command."""
        return ",".join(f"{word}={stage}" for word, stage in sorted(self.stage_of.items()))


def _key(word: str) -> str:
    plain = plain_stage(word)
    number = number_of_word(plain)
    return plain if number is None else str(number)


def parse_stage_codes(text: str, where: str = OPTION) -> StageCodes:
    """Return the codes in a text such as ``0=W,1=R,2=N1``.

    Examples
    --------
    >>> parse_stage_codes("0=W,1=REM,2=S1").stage_of
    {'0': 'W', '1': 'R', '2': 'N1'}

    Raises
    ------
    SettingsError
        If a part is no pair, a stage is not known, or a code is stated twice.
    """
    pairs = [part for part in re.split(r"[,;\n]+", text) if part.strip()]
    split = [re.split(r"[=:]", part, maxsplit=1) for part in pairs]
    for part, pair in zip(pairs, split, strict=True):
        if len(pair) < 2 or not pair[0].strip():  # noqa: PLR2004 - a code and its stage
            raise SettingsError(where, quoted(part.strip()), "CODE=STAGE", f"Write {_EXAMPLE}.")
    return stage_codes_of({code.strip(): stage.strip() for code, stage in split}, where, len(pairs))


def stage_codes_of(codes: Mapping[str, str], where: str, stated_n: int | None = None) -> StageCodes:
    """Return the codes in a mapping of code to stage; errors are those of ``parse_stage_codes``."""
    found: dict[str, str] = {}
    for code, word in codes.items():
        stage = stage_of_word(word)
        if stage is None:
            raise SettingsError(
                f"{where}, {code}",
                quoted(word),
                f"one of {', '.join(STAGES)}",
                f"Write {_EXAMPLE}.",
            )
        found[_key(code)] = stage
    if not found:
        raise SettingsError(where, "no code", "CODE=STAGE for each code", f"Write {_EXAMPLE}.")
    if len(found) < (len(codes) if stated_n is None else stated_n):
        raise SettingsError(where, "a code that is stated twice", "each code once")
    return StageCodes(stage_of=found, source=where)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadStages:
    """Stages of the rows of one file; rows of an unknown word are UNSCORED and ``unknown``."""

    stages: list[str]
    findings: tuple[Finding, ...] = ()
    unknown_n: int = 0


def read_stages(
    words: Sequence[str], spots: Sequence[str], where: str, codes: StageCodes | None = None
) -> ReadStages:
    """Return the stage of each word of one file, and findings on how they were read.

    A word that is not known costs its epoch as long as most are known.

    Parameters
    ----------
    words : sequence of str
    spots : sequence of str
        Place of each word in the file (``line 2``), for messages.
    where : str
        Name of the file.
    codes : StageCodes, optional

    Examples
    --------
    >>> read_stages(["0", "2", "4"], ["line 1", "line 2", "line 3"], "night.txt").stages
    ['W', 'N2', 'R']

    Raises
    ------
    TableError
        If the numbers fit several codings, or not even half of the words are known.
    """
    stage_of: dict[str, str | None] = {}
    numbers: dict[str, int] = {}
    for word in dict.fromkeys(words):
        stated = codes.stage(word) if codes is not None else None
        number = number_of_word(plain_stage(word))
        if stated is not None:
            stage_of[word] = stated
        elif number is None:
            stage_of[word] = stage_of_word(word)
        elif codes is not None and codes.states_numbers:
            stage_of[word] = None
        else:
            numbers[word] = number
    findings = list(_about_codes(codes, stage_of, where))
    if numbers:
        coding, about = _coding(set(numbers.values()), set(stage_of.values()), where)
        findings += about
        known = {**_NOT_SCORED, **coding.stage_of}
        stage_of |= {word: known.get(number) for word, number in numbers.items()}
    stages = [stage_of[word] for word in words]
    unknown = [row for row, stage in enumerate(stages) if stage is None]
    if unknown and 2 * len(unknown) >= len(words):
        row = unknown[0]
        raise TableError(
            f"{where}, {spots[row]}",
            quoted(words[row]),
            f"a stage: {KNOWN_WORDS}",
            _advice_on([words[row] for row in unknown]),
        )
    if unknown:
        message = translatable(
            f"{len(unknown)} of {len(words)} epochs have no known stage and are left unscored: "
            f"{_counted([words[row] for row in unknown])}, first in {spots[unknown[0]]}"
        )
        findings.append(Finding("warning", "stages.unknown", where, message))
    kept = [UNSCORED if stage is None else stage for stage in stages]
    findings += about_sleep(words, kept, where)
    return ReadStages(stages=kept, findings=tuple(findings), unknown_n=len(unknown))


def _about_codes(
    codes: StageCodes | None, stage_of: Mapping[str, str | None], where: str
) -> list[Finding]:
    if codes is None:
        return []
    used = {word: stage for word, stage in stage_of.items() if codes.stage(word) is not None}
    if not used:
        message = translatable(
            f"none of the codes in {codes.source} ({codes.as_text()}) is in this file"
        )
        return [Finding("warning", "stages.codes_unused", where, message)]
    said = ", ".join(f"{quoted(word)} is {stage}" for word, stage in used.items())
    message = translatable(f"codes as {codes.source} says: {said}")
    return [Finding("info", "stages.codes", where, message)]


def _coding(
    numbers: set[int], stages: set[str | None], where: str
) -> tuple[Coding, tuple[Finding, ...]]:
    """Return the coding of the numbers in a file whose words already state some ``stages``."""
    core = {number for number in numbers if 0 <= number <= 5}  # noqa: PLR2004 - stages
    if "R" in stages or (_RK_ONLY in numbers and 5 in core):  # noqa: PLR2004 - REM
        return RK, _stated(RK, core, where)
    has_all = {4, 5} <= core or (4 in core and 6 in numbers)  # noqa: PLR2004 - stages
    if has_all or (0 not in core and len(core) >= _STATED_FEW_N):
        raise _ambiguous(numbers, where)
    if 4 in core:  # noqa: PLR2004 - the number whose meaning differs most
        sure = bool(numbers & {-2, -1, 8})
        return AASM, _stated(AASM, core, where, "info" if sure else "warning")
    return RK, _stated(RK, core, where, "warning" if len(core) > 1 else "info")


def _stated(
    coding: Coding, numbers: set[int], where: str, severity: Severity = "info"
) -> tuple[Finding, ...]:
    read = ", ".join(f"{n} is {coding.stage_of[n]}" for n in sorted(numbers))
    if not read:
        return ()
    message = translatable(f"numbers are read by the coding of {coding.used_by}: {read}")
    if severity == "warning":
        doubt = translatable("if they mean something else here, say so with --stage-codes")
        message = f"{message}; {doubt}"
    return (Finding(severity, "stages.coding", where, message),)


def _ambiguous(numbers: set[int], where: str) -> TableError:
    known = {number for number in numbers if number not in _NOT_SCORED}
    fitting = [one for one in CODINGS if known <= set(one.stage_of)] or list(CODINGS)
    said = " or ".join(f"{one.option} ({one.used_by})" for one in fitting)
    return TableError(
        where,
        f"the numbers {', '.join(map(str, sorted(numbers)))} for stages, which fit "
        f"{len(fitting)} codings",
        "the one that this file uses",
        f"Add one of: {said}.",
    )


def about_sleep(words: Sequence[str], stages: Sequence[str], where: str) -> list[Finding]:
    """Return a finding on epochs that are sleep without a stage."""
    coarse = [word for word, stage in zip(words, stages, strict=True) if stage == ASLEEP]
    if not coarse:
        return []
    message = translatable(
        f"{len(coarse)} of {len(words)} epochs are sleep without a stage ({_counted(coarse)}): "
        "indices of sleep and wake are computed, those of single stages are not"
    )
    return [Finding("warning", "stages.sleep_only", where, message)]


def _counted(words: Sequence[str]) -> str:
    """Return the words with their counts, the most frequent first."""
    counts = Counter(words).most_common()
    more = f" and {len(counts) - _MOST_NAMED_N} more" if len(counts) > _MOST_NAMED_N else ""
    return ", ".join(f"{quoted(word)} ({n})" for word, n in counts[:_MOST_NAMED_N]) + more


def _advice_on(words: Sequence[str]) -> str:
    """Return the option that states what the unknown words mean, to be filled in."""
    named = [word for word, _ in Counter(words).most_common(_MOST_NAMED_N) if word]
    if not named or any(re.search(r"[,;=:\"]", word) for word in named):
        return ""
    guesses = ("W", "N1", "N2", "N3", "R", UNSCORED)
    pairs = ",".join(f"{word}={stage}" for word, stage in zip(named, guesses, strict=False))
    return f'Say what they mean, as in {OPTION} "{pairs}".'
