"""A channel label as plain words: ``LAT1-LAT2`` is "left at 1 left at 2".

Recorders join side, muscle and number in many ways.  Here a label is split into words;
``psgkit.io.channels.roles`` interprets them.
"""

import re
from typing import Literal

from psgkit.io.text.read import without_accents

Side = Literal["left", "right"]

_LEG = (
    "antibialis anttibial anttib antib tibialis tibant tibial tibia tib plms plm legs leg"
    " jambes jambe beine bein been gamba gambe pierna piernas perna feet foot ankle calf shin thigh"
    " pied cheville enkel knochel tobillo caviglia tornozelo"
    " fuss wade gastrocnemius gastroc soleus quadriceps quad hamstring vastus femoris fem"
    " semitendinosus edb at ta"
)
_ARM = (
    "forearm unterarm arms arm bras brazo braccio fds edc fcr ecr biceps triceps deltoideus deltoid"
    " delt brachioradialis wrist hand poignet handgelenk polso pols muneca flexor extensor"
    " digitorum"
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
FRENCH_PLACES = ("jambe", "jambes", "bras", "pied", "cheville", "poignet")

_SIDE_WORDS: dict[Side, str] = {
    "left": "left l lt li links lks gauche izq izquierda izquierdo sx sinistra sinistro esq"
    " esquerda esquerdo",
    "right": "right r rt re rechts droite droit der derecha derecho dx destra destro dir direita"
    " direito",
}
_SIDE_OF: dict[str, Side] = {word: side for side, ws in _SIDE_WORDS.items() for word in ws.split()}
_FRENCH_LETTERS: dict[str, Side] = {"g": "left", "d": "right"}

_PLACES = frozenset([*LEG_PLACES, *ARM_PLACES, *TRUNK_PLACES, *WORN_AT])
_LONGEST_LABEL = 80
"""EDF has 16 characters; a longer text is cut before patterns search it."""
_ACCELEROMETERS = ("accelerometre", "accelerometer", "acceleration", "accelero", "accel", "acc")
_PLACE = "|".join(sorted(_PLACES, key=len, reverse=True))
_ACC = "|".join(_ACCELEROMETERS)
_GLUED = (
    re.compile(
        rf"""
        (emg)? (left|right|l|r)? ({_PLACE}) (left|right|li|re|l|r)? (\d{{1,2}})? (left|right|l|r)?
        (emg)? ({_ACC})? ([xyz])? (imp)?
        """,
        re.VERBOSE,
    ),
    re.compile(
        rf"(left|right|l|r)? ([xyz])? ({_ACC}) (left|right|l|r)? (\d)? ([xyz])?", re.VERBOSE
    ),
    re.compile(r"(emg)(\d{1,2})"),
    re.compile(r"([xyz])(axis|axe|achse)"),
)
_NUMBERED_SIDE = re.compile(r"^(left|right|l|r)(\d{1,2})$")


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
    text = without_accents(label[:_LONGEST_LABEL])
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


def _unglued(token: str) -> list[str]:
    """Return the words one token is made of."""
    for pattern in _GLUED:
        if match := pattern.fullmatch(token):
            return [part for part in match.groups() if part]
    return [token]
