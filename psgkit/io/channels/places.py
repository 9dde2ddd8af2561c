"""Places of accelerometers: one English word for each, from labels in several languages."""

from psgkit.core.site import Site
from psgkit.io.channels.label_words import (
    ARM_PLACES,
    LEG_PLACES,
    TRUNK_PLACES,
    WORN_AT,
    Side,
)

_WORDS = {
    "ankle": "ankle cheville enkel knochel tobillo caviglia tornozelo",
    "foot": "foot feet pied fuss edb",
    "shin": "shin at ta tib tibia tibial tibialis tibant antib antibialis anttib anttibial",
    "calf": "calf wade gastrocnemius gastroc soleus",
    "thigh": "thigh quadriceps quad hamstring vastus femoris fem semitendinosus",
    "wrist": "wrist poignet handgelenk polso pols muneca",
    "hand": "hand",
    "forearm": "forearm unterarm fds edc fcr ecr brachioradialis flexor extensor digitorum",
    "upper_arm": "biceps triceps deltoideus deltoid delt",
    "lumbar": "lumbar lombaire multifidus",
    "back": "back dos rucken paraspinals paraspinal psp erector",
    "trunk": "trunk tronc rumpf",
    "chest": "chest thorax",
    "abdomen": "abdomen belly",
    "hip": "hip hufte",
}
"""A word that is not here is its own place (sternum, waist), or its limb (leg, arm)."""
_PLACE_OF = {word: place for place, words in _WORDS.items() for word in words.split()}
_PART_OF = (
    dict.fromkeys([*TRUNK_PLACES, *WORN_AT], "trunk")
    | dict.fromkeys(ARM_PLACES, "arm")
    | dict.fromkeys(LEG_PLACES, "leg")
)
_ITSELF = ("sternum", "waist", "leg", "arm")

RECORDER = "recorder"
"""The place of axes whose label names no place: a recorder is usually worn on the chest."""

_PART_OF_PLACE = {
    **dict.fromkeys(("ankle", "foot", "shin", "calf", "thigh", "leg"), "leg"),
    **dict.fromkeys(("wrist", "hand", "forearm", "upper_arm", "arm"), "arm"),
    **dict.fromkeys(
        ("lumbar", "back", "trunk", "chest", "abdomen", "hip", "sternum", "waist", RECORDER),
        "trunk",
    ),
}
PLACES = tuple(
    f"{side}{place}"
    for place in _PART_OF_PLACE
    for side in (("",) if place == RECORDER else ("", "left_", "right_"))
)
"""Every place at which a sensor may be worn."""
SITES = {
    ("leg", "left"): Site.LEFT_LEG,
    ("leg", "right"): Site.RIGHT_LEG,
    ("arm", "left"): Site.LEFT_ARM,
    ("arm", "right"): Site.RIGHT_ARM,
}


def worn_place(word: str, side: Side | None) -> str:
    """Return the place that one word of a label names.

    Examples
    --------
    >>> worn_place("cheville", "left"), worn_place("sternum", None), worn_place("plm", "right")
    ('left_ankle', 'sternum', 'right_leg')
    """
    place = _PLACE_OF.get(word) or (word if word in _ITSELF else _PART_OF.get(word, "trunk"))
    return f"{side}_{place}" if side else place


def part_of_word(word: str) -> str:
    """Return ``leg``, ``arm`` or ``trunk``, or nothing if the word is no place."""
    return _PART_OF.get(word, "")


def site_of_place(place: str) -> Site:
    """Return the site of a place; empty for a limb of unknown side.

    Examples
    --------
    >>> [site_of_place(place).value for place in ("left_ankle", "wrist", "waist", "recorder")]
    ['left_leg', '', 'trunk', 'trunk']
    """
    side, _, rest = place.partition("_")
    if side not in ("left", "right"):
        side, rest = "", place
    part = _PART_OF_PLACE.get(rest, "")
    return Site.TRUNK if part == "trunk" else SITES.get((part, side), Site.NONE)
