"""Words of recordings in findings, reasons and errors: masked where texts are stored.

A message of psgkit is a sentence of its own with parts quoted from a file, which stand in quotes
as ``repr`` writes them: ``found 'J. Smith 03.02.1971', wanted dd.mm.yy``.  A quoted part stays if
every word of it is one that psgkit knows (of channels, stages, events, columns, options) and it
has few digits; else it becomes ``[masked]``.  Writers of files call ``masked``; the terminal shows
texts as they are, and ``psgkit --show-names`` keeps them in files, too.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, TypeVar

from psgkit.document.outside_text import bare_name

MASK = "[masked]"
TEXT_FIELDS = ("message", "where", "advice", "reason", "found", "error", "problem")
"""Fields of findings, cautions, indices, channels and errors that may quote a file."""

_QUOTED = re.compile(
    r"""(?<![^\W_])            # an apostrophe within a word begins no quote
    (?:b|B)?
    (?: '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | \[masked\] )
    """,
    re.VERBOSE | re.DOTALL,
)
_MOST_DIGITS = 4
"""A label has fewer, a date of birth or a number of a patient more; psgkit's own choice."""
_SHORTEST_LABEL = 3
_WORD = re.compile(r"[^\W\d_]+")
_SHORT = (
    *("fp", "af", "fc", "ft", "cp", "tp", "po", "cz", "fz", "pz", "oz", "cb", "hr", "bp", "on"),
    *("uv", "mv", "nv", "hz", "mg", "lm", "mt", "id", "to", "by", "of", "no", "in", "is", "or"),
    *("la", "ra", "ll", "rl", "ta", "at", "li", "re", "lt", "rt", "sx", "dx", "ii", "iv", "sp"),
    *("ag", "gt", "ms", "dd", "mm", "yy", "hh", "ss", "ok"),
)
_LABELS = (
    "emg lat rat ltib rtib lleg rleg lemg remg eeg eog leog reog heog veog loc roc ecg ekg chin "
    "submental mental mentalis kinn flow airflow nasal cannula therm thermistor thorax thor "
    "abdomen abdo abd effort resp respiration pressure press snore spo sao osat pulse pleth "
    "heart rate bpm ppg temp temperature light lux audio sound mic volume position pos posture "
    "body imu acc accel accelerometer acceleration axis gyro mag magnetometer event events "
    "marker markers status trigger button battery bluetooth voltage imp impedance aux akti act "
    "activity counts vm enmo mad rpsg ant tib anterior surface left right leg legs arm arms "
    "trunk sub sensor channel ref avg cpap rip co etco tcco diff dif derivation eda gsr raw "
    "signal bipolar uni bip abdominal"
)
_COLUMNS = (
    "onset duration kind site stage epoch time date start stop end label type text name value unit"
    " code event description trial begin seconds minutes hour hours day night nights file files"
    " recording report severity symptom symptoms words diary bed wake awake asleep sleep"
    " device reference device_time reference_time timestamp datetime clock local zone column row"
    " empty cell line table number none null true false yes unknown subject session hypnogram"
    " channels context settings lights off out from scoring scored score amplitude side limb"
    " interval place role discomfort part parts lying seated standing morning evening scale"
)
_OWN = (
    "psgkit check batch days compare stage export cohort simulate indices schema review settings"
    " report csv json toml tsv html pdf edf bdf rec fif gtx agd awd mtn cwa bin vhdr set xml txt"
    " annotations simulated rules base emg wasm aasm yasa help map stages codes repair anonymise"
    " hypnogram sidecar protocol full quiet subject show names shared continuous biosemi windows"
    " utf latin ascii print printf write read git lfs pull dd conv notrunc seek copy unpack gunzip"
    " unzip mad enmo dmy mdy europe berlin america york utc gmt and the with for not"
)


@cache
def _vocabulary() -> frozenset[str]:
    """Return every word that may stand in quotes in a stored text: none names a person."""
    from psgkit.io.channels import label_words
    from psgkit.io.channels.role_rules import ROLES
    from psgkit.io.scoring import words as scoring_words
    from psgkit.io.text.read import without_accents

    text = " ".join(
        (
            _LABELS,
            _COLUMNS,
            _OWN,
            *ROLES,
            *label_words.LEG_PLACES,
            *label_words.ARM_PLACES,
            *label_words.TRUNK_PLACES,
            *label_words.WORN_AT,
            *label_words.SIDE_WORDS,
            *scoring_words.COMMON_WORDS,
        )
    )
    return frozenset(_WORD.findall(without_accents(text))) | frozenset(_SHORT)


_NAMES_SHOWN: ContextVar[bool] = ContextVar("names_shown", default=False)


@contextmanager
def names_kept(*, kept: bool) -> Iterator[None]:
    """Keep quoted text in stored texts in this block, or mask it."""
    before = _NAMES_SHOWN.set(kept)
    try:
        yield
    finally:
        _NAMES_SHOWN.reset(before)


def show_names(*, wanted: bool) -> None:
    """Keep quoted text from here to the end of the block of ``names_kept``, if wanted."""
    if wanted:
        _NAMES_SHOWN.set(True)


def names_are_shown() -> bool:
    """Return whether stored texts keep what they quote."""
    return _NAMES_SHOWN.get()


def is_known(quoted: str) -> bool:
    """Return whether a quoted text consists of words that psgkit knows, and few digits.

    Examples
    --------
    >>> is_known("EMG LAT2-LAT1"), is_known("Sleep stage N2"), is_known("EMG Smith")
    (True, True, False)
    >>> is_known("12.03.1961")
    False
    """
    from psgkit.io.text.read import without_accents

    if sum(sign.isdigit() for sign in quoted) > _MOST_DIGITS:
        return False
    # joined in capitals and digits: LegL, EMGleft
    parts = re.sub(r"(?<=[^\W\d_])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", quoted)
    return all(map(_is_known_word, _WORD.findall(without_accents(parts))))


def _is_known_word(word: str) -> bool:
    return len(word) == 1 or word in _vocabulary()


def masked_text(text: str) -> str:
    """Return a message with what it quotes from a file masked, unless names are shown.

    Examples
    --------
    >>> masked_text("night.edf: found 'Smith, J.', wanted a number")
    'night.edf: found [masked], wanted a number'
    >>> masked_text("channel 'EMG LAT': the recorder's step is coarse")
    "channel 'EMG LAT': the recorder's step is coarse"
    """
    return _masked(text, "") if not _NAMES_SHOWN.get() else text


@lru_cache(maxsize=4096)
def _masked(text: str, own: str) -> str:
    """Return a text masked but for the name of the file that it is about."""

    def shown(found: re.Match[str]) -> str:
        inside = found[0][1:-1]
        return found[0] if is_known(inside) or inside == own != "" else MASK

    return _QUOTED.sub(shown, text) if "'" in text or '"' in text else text


Report = TypeVar("Report")


def masked(report: Report) -> Report:
    """Return a report, or a part of one, with the texts of ``TEXT_FIELDS`` masked.

    Labels of its channels that hold unknown words are masked in these texts without quotes, too;
    the channels keep their labels, and a report may name its own file.

    Parameters
    ----------
    report : dataclass, mapping or sequence
        Whatever is written to a file: reports, rows, documents.

    Examples
    --------
    >>> from psgkit.core.finding import Finding
    >>> masked(Finding("info", "edf.x", "night.edf", "found 'Jane Smith'")).message
    'found [masked]'
    """
    if _NAMES_SHOWN.get():
        return report
    inside = report if isinstance(report, Mapping) else vars_of(report)
    own = bare_name(str(inside.get("source") or inside.get("file") or ""))
    labels = sorted(_unknown_labels(inside), key=len, reverse=True)
    if not labels:
        return with_texts(report, lambda text: _masked(text, own))
    named = re.compile("|".join(map(re.escape, labels)))
    return with_texts(report, lambda text: _masked(named.sub(MASK, text), own))


def _unknown_labels(inside: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of channels that hold a word psgkit does not know."""
    for channel in inside.get("channels") or ():
        label = channel.get("label") if isinstance(channel, Mapping) else vars_of(channel)["label"]
        if isinstance(label, str) and len(label) >= _SHORTEST_LABEL and not is_known(label):
            yield label


def with_texts(report: Report, change: Callable[[str], str]) -> Report:
    """Return a report with ``change`` made to the texts of ``TEXT_FIELDS``, however deep.

    Examples
    --------
    >>> with_texts({"rows": [{"reason": "a"}], "name": "a"}, str.upper)
    {'rows': [{'reason': 'A'}], 'name': 'a'}
    """
    done: Report = _inside(report, change)
    return done


def vars_of(value: object) -> dict[str, Any]:
    """Return the fields of a dataclass by name; nothing of any other value."""
    if not dataclasses.is_dataclass(value):
        return {}
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}


def _inside(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any part
    """Return a value with its texts changed; parts without any stay the same objects."""
    if isinstance(value, (list, tuple)):
        parts = [_inside(one, change) for one in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        return parts if isinstance(value, list) else tuple(parts)
    is_mapping = isinstance(value, Mapping)
    old = dict(value) if is_mapping else {} if isinstance(value, type) else vars_of(value)
    new = {name: _field(name, inner, change) for name, inner in old.items()}
    differing = {name: inner for name, inner in new.items() if inner is not old[name]}
    if not differing:
        return value
    return new if is_mapping else dataclasses.replace(value, **differing)


def _field(name: object, value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return change(value) if name in TEXT_FIELDS else value
    return _inside(value, change)
