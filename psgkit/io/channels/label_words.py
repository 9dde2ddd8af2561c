"""A channel label as plain words: ``LAT1-LAT2`` is "left at 1 left at 2".

Recorders join side, muscle and number in many ways.  Here a label is split into words;
``psgkit.io.channels.roles`` interprets them.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Literal

from psgkit.core.regex import regex
from psgkit.io.text.read import without_accents

Side = Literal["left", "right"]

_LEG = (
    "antibialis anttibial anttib antib tibialis tibant tibial tibia tib plms plm legs leg"
    " jambes jambe beine bein been gamba gambe pierna piernas perna feet foot ankle calf shin thigh"
    " pied cheville enkel knochel tobillo caviglia tornozelo"
    " fuss wade gastrocnemius gastroc soleus quadriceps quad hamstring vastus femoris fem"
    " semitendinosus edb at ta"
    " jambier jbe unterschenkel schienbein kuit onderbeen scheenbeen gambe polpaccio pantorrilla"
    " panturrilha noga nogi golen piszczel piszczelowy podudzie ben underben vad skinnben legg"
    " laegg jalka saari noha picior bacak mollet jamb нога голень"
)
_ARM = (
    "forearm unterarm arms arm bras brazo braccio fds edc fcr ecr biceps triceps deltoideus deltoid"
    " delt brachioradialis wrist hand poignet handgelenk polso pols muneca flexor extensor"
    " digitorum onderarm avambraccio antebrazo antebraco braco reka ramie handled kasi ruka"
)
_TRUNK = (
    "paraspinals paraspinal psp erector multifidus lumbar lombaire back dos rucken trunk tronc"
    " rumpf sternum"
)
LEG_PLACES = tuple(_LEG.split())
ARM_PLACES = tuple(_ARM.split())
TRUNK_PLACES = tuple(_TRUNK.split())
WORN_AT = ("chest", "thorax", "waist", "hip", "hufte", "belly", "abdomen")
"""Places of the trunk where accelerometers are worn, but whose name alone is respiration."""
FRENCH_PLACES = ("jambe", "jambes", "jbe", "jambier", "bras", "pied", "cheville", "poignet")
BOTH_LEGS = ("legs", "jambes", "beine", "gambe", "piernas", "feet", "pernas", "nogi")
"""Words for both legs: without a side their channel is of both."""

_SIDE_WORDS: dict[Side, str] = {
    "left": "left l lt lft li links linker linke linkes lks gauche gau gche izq izqda izqdo izda"
    " izdo izquierda izquierdo sx sin sinistra sinistro esq esqda esquerda esquerdo lewa lewy lewej"
    " lew vanster vanst venstre ven vens vasen leva levy stang stanga zuo hidari левая левый лев",
    "right": "right r rt rgt re rechts rechter rechte rechtes rts droite droit dte dro der dcha"
    " dcho derecha derecho dx destra destro dest dir dta direita direito prawa prawy prawej praw"
    " hoger hog hojre hoj hoyre hoy oikea oik prava pravy drept dreapta you migi правая правый"
    " прав",
}
_SIDE_OF: dict[str, Side] = {word: side for side, ws in _SIDE_WORDS.items() for word in ws.split()}
SIDE_WORDS = tuple(_SIDE_OF)
_IN_SIGNS = {
    "胫骨前肌 胫前肌 胫前 前脛骨筋 前脛骨": "tibialis",
    "下肢 小腿 腿 脚 足 胫 脛 다리 하지": "leg",
    "上肢 手臂 臂 腕 팔": "arm",
    "左 좌 왼": "left",
    "右 우 오른": "right",
}
"""Words of Chinese, Japanese and Korean, which are written without blanks, long before short."""
_SIGNS = tuple((sign, word) for signs, word in _IN_SIGNS.items() for sign in signs.split())
_CYRILLIC_STEMS = ("ног", "голен")
_SCRIPTS = ("gb18030", "shift_jis", "euc_kr", "cp1251")
"""Encodings of labels that were read as Latin-1."""
_UNACCENTED = str.maketrans("øłıđ", "olid")
_FRENCH_LETTERS: dict[str, Side] = {"g": "left", "d": "right"}

_PLACES = frozenset([*LEG_PLACES, *ARM_PLACES, *TRUNK_PLACES, *WORN_AT])
_LONGEST_LABEL = 80
"""EDF has 16 characters; a longer text is cut before patterns search it."""
_ACCELEROMETERS = ("accelerometre", "accelerometer", "acceleration", "accelero", "accel", "acc")
_PLACE = "|".join(sorted(_PLACES, key=len, reverse=True))
_ACC = "|".join(_ACCELEROMETERS)
_BEFORE = "left|right|linker|rechter|linkes|rechtes|l|r"
_AFTER = "left|right|li|re|lks|sx|dx|sin|des|izq|der|esq|dir|[lrgdspvhei]"
_GLUED = (
    regex(
        rf"""
        (emg)? ({_BEFORE})? ({_PLACE}) ({_AFTER})? (\d{{1,2}})? (left|right|l|r)?
        (emg)? ({_ACC})? ([xyz])? (imp)?
        """,
        re.VERBOSE,
    ),
    regex(rf"(left|right|l|r)? ([xyz])? ({_ACC}) (left|right|l|r)? (\d)? ([xyz])?", re.VERBOSE),
    regex(r"(emg)(\d{1,2})"),
    regex(r"([xyz])(axis|axe|achse)"),
)
_NUMBERED_SIDE = regex(r"^(left|right|l|r)(\d{1,2})$")


@lru_cache(maxsize=4096)
def plain_words(label: str) -> str:
    """Return the words of a label: lower case, no accents, separated, sides in full.

    A letter is a side only in a label that names a place on the body.

    Examples
    --------
    >>> plain_words("LAT1-LAT2"), plain_words("Jambe gauche"), plain_words("PLMr")
    ('left at 1 left at 2', 'jambe left', 'plm right')
    >>> plain_words("L"), plain_words("Accel_X")
    ('l', 'accel x')
    """
    text = without_accents(_with_blanks(label[:_LONGEST_LABEL])).translate(_UNACCENTED)
    parts = [part for token in re.split(r"[\W_]+", text) if token for part in _unglued(token)]
    if not any(part in _PLACES or part in _ACCELEROMETERS for part in parts):
        return " ".join(parts)
    parts = [part for whole in parts for part in _NUMBERED_SIDE.sub(r"\1 \2", whole).split()]
    sides: dict[str, Side] = dict(_SIDE_OF)
    if any(part in FRENCH_PLACES for part in parts):
        sides |= _FRENCH_LETTERS
    return " ".join(sides.get(part, part) for part in parts)


def sides_in(words: str) -> set[Side]:
    """Return the sides that ``plain_words`` found.

    Examples
    --------
    >>> sorted(sides_in(plain_words("LLeg-RLeg")))
    ['left', 'right']
    """
    return {_SIDE_OF[word] for word in words.split() if word in ("left", "right")}


def _with_blanks(label: str) -> str:
    """Return a label with words of scripts without blanks in English, between blanks."""
    if label.isascii():
        return label
    text = next(filter(_is_known, (label, *_redecoded(label))), label)
    # Hangul and letters with accents may be stored in parts
    text = unicodedata.normalize("NFC", text)
    for sign, word in _SIGNS:
        text = text.replace(sign, f" {word} ")
    return text


def _redecoded(label: str) -> Iterator[str]:
    """Yield what a label may be if it was read as Latin-1 and is not."""
    for encoding in _SCRIPTS:
        with suppress(UnicodeError):
            yield label.encode("latin-1").decode(encoding)


def _is_known(text: str) -> bool:
    known = (*(sign for sign, _ in _SIGNS), *_CYRILLIC_STEMS)
    return any(sign in text.casefold() for sign in known)


def _unglued(token: str) -> list[str]:
    """Return the words one token is made of."""
    for pattern in _GLUED:
        if match := pattern.fullmatch(token):
            return [part for part in match.groups() if part]
    return [token]
