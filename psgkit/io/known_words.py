"""Words of channels, stages, events, columns and options: a text of these alone names no person.

Stored texts keep quoted words that are known here, and the anonymiser takes all others for names.
A single letter may be an initial: it is known as a part of a label (``EMG L``, ``C4-M1``, ``30 s``)
and where it is all of a text and a side, an axis, a stage or a unit.
"""

import re
from functools import cache

from psgkit.core.regex import regex

_MOST_DIGITS = 4
"""A label has fewer, a date of birth or a number of a patient more; psgkit's own choice."""
_WORD = regex(r"[^\W\d_]+")
_SIDES = regex(r"(?<![^\W_])([lrxyz])(?:[\s/+,&-]+[lrxyz])+(?![^\W_.])")
"""Sides or axes in one label: ``L/R``, ``X Y Z``; with dots they may be initials."""
_WITH_DIGITS = regex(
    r"(?<![^\W_])(?:(?:[a-z]\d{1,2}){1,2}|\d{1,4} ?[ghmsv]|\d{1,2}h\d{1,2})(?![^\W_])"
)
"""Electrodes and numbers with a unit."""
_ALONE = frozenset("lrxyzwnvgmf")
"""Sides, axes, stages, units and codes of sex."""
_SIDE_LETTERS = frozenset("lr")
_FORMAT = regex(r"%[a-z](?![a-z])")
_BESIDE_INITIALS = "on id to by of no in is or ok and the with for not from subject name names"
_OF_PERSONS = frozenset(_BESIDE_INITIALS.split())
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
    "signal bipolar uni bip abdominal fpz afz fcz cpz poz iz horizontal vertical oro rectal "
    "elevation phase inductance thora abdom cal knee angle trig dtrig digital analog"
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
    " annotations simulated rls ras rbs akathisia healthy seed get up lie down"
    " rules base emg wasm aasm yasa help map stages codes repair anonymise"
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


def is_known(quoted: str) -> bool:
    """Return whether a quoted text consists of words that psgkit knows, and few digits.

    Examples
    --------
    >>> is_known("EMG LAT2-LAT1"), is_known("Sleep stage N2"), is_known("EMG Smith")
    (True, True, False)
    >>> is_known("12.03.1961"), is_known("J. S."), is_known("EMG L, C4-M1")
    (False, False, True)
    """
    from psgkit.io.channels.units import unit_factor
    from psgkit.io.text.read import without_accents

    if sum(sign.isdigit() for sign in quoted) > _MOST_DIGITS:
        return False
    if quoted.strip().lower() in _ALONE or unit_factor(quoted) is not None:
        return True
    # joined in capitals and digits: LegL, EMGleft
    parts = re.sub(r"(?<=[^\W\d_])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", quoted)
    return any(_has_known_words_only(without_accents(text)) for text in (quoted, parts))


def _has_known_words_only(text: str) -> bool:
    """Return whether all words are known, and single letters belong to them."""
    text = _WITH_DIGITS.sub(" ", _SIDES.sub(r"\1", _FORMAT.sub(" ", text)))
    words = _WORD.findall(text)
    letters = [at for at, word in enumerate(words) if len(word) == 1]
    # of two letters that are no sides, both may be initials, wherever they stand
    if sum(words[at] not in _SIDE_LETTERS for at in letters) > 1:
        return False
    return all(word in _vocabulary() for word in words if len(word) > 1) and all(
        _belongs_to_label(words, at) for at in letters
    )


def _belongs_to_label(words: list[str], at: int) -> bool:
    """Return whether a letter stands beside a word of a label."""
    letter, beside = words[at], words[max(at - 1, 0) : at + 2]
    least = 2 if letter in _SIDE_LETTERS else 3
    return letter.isascii() and any(
        len(word) >= least and word not in _OF_PERSONS for word in beside
    )
