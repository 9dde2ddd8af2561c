"""Parts of the body in the cells of a table: ``left_leg``, ``Left Leg``, ``L``, ``LAT``."""

import re

from psgkit.core.site import Site
from psgkit.io.channels.label_words import plain_words, sides_in
from psgkit.io.channels.roles import role_of_label
from psgkit.io.text.read import without_accents

_LIMB_ROLES = ("leg", "arm", "trunk")
_LEFT_TEXT = (
    "left l lt li links linke linkes g gauche izq izquierda izquierdo sx sin sinistra sinistro"
    " esq esquerda esquerdo linker vanster v lewa lewy venstre"
)
_LEFT = frozenset(_LEFT_TEXT.split())
_RIGHT_TEXT = (
    "right r rt re rechts rechte rechtes d droite droit der derecha derecho dx dex destra"
    " destro dir direita direito rechter hoger h prawa prawy hojre"
)
_RIGHT = frozenset(_RIGHT_TEXT.split())
_BOTH_TEXT = (
    "both b bi bil bilat bilateral bilaterally beide beidseits beidseitig deux ambos ambas"
    " entrambe entrambi ambo oba obie legs"
)
_BOTH = frozenset(_BOTH_TEXT.split())
_ARM_WORDS = frozenset(["arm", "arms", "bras", "brazo", "braccio", "hand"])
_OF_LIMB_TEXT = (
    "leg limb leg. side bein beine seite jambe jambes cote pierna piernas lado gamba gambe lato"
    " perna pernas been benen ben sida side noga foot feet pied fuss anterior tibialis tibial"
    " emg legs membre arto extremitat"
)
_OF_LIMB = frozenset(_OF_LIMB_TEXT.split())


def site_of_cell(cell: str) -> Site | None:
    """Return the site a cell names; NONE for an empty one, None for an unknown one.

    A side without a limb is a leg: limb movements are scored in the legs unless said otherwise.

    Examples
    --------
    >>> [site_of_cell(cell).value for cell in ("L", "RAT", "bilateral", "trunk")]
    ['left_leg', 'right_leg', 'both_legs', 'trunk']
    >>> site_of_cell("left_wing") is None
    True
    """
    plain = without_accents(cell).strip()
    joined = re.sub(r"[\W_]+", "_", plain).strip("_")
    if joined in set(Site):
        return Site(joined)
    words = set(re.findall(r"[^\W_]+", plain))
    rest = words - _LEFT - _RIGHT - _BOTH - _OF_LIMB
    if not rest:
        return _leg_of(words)
    if rest <= _ARM_WORDS and words & _BOTH:
        return Site.BOTH_ARMS
    return _site_of_channel(cell)


def _leg_of(words: set[str]) -> Site:
    """Return the leg, by words that only name a side or a leg."""
    left, right = bool(words & _LEFT), bool(words & _RIGHT)
    if words & _BOTH or (left and right):
        return Site.BOTH_LEGS
    if left or right:
        return Site.LEFT_LEG if left else Site.RIGHT_LEG
    return Site.NONE


def _site_of_channel(label: str) -> Site | None:
    """Return the site of a channel; None if it shows no limb."""
    found = role_of_label(label)
    if found.role in _LIMB_ROLES and found.site:
        return found.site
    if found.role == "leg":
        return Site.BOTH_LEGS if len(sides_in(plain_words(label))) > 1 else Site.NONE
    return None
