"""Where accelerometers are worn: one English word for each place, whatever the label says."""

import difflib

from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.label_words import ARM_PLACES, LEG_PLACES, TRUNK_PLACES, WORN_AT, Side

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
_LIMB_OF = dict.fromkeys(LEG_PLACES, "leg") | dict.fromkeys(ARM_PLACES, "arm")
_ITSELF = ("sternum", "waist", "leg", "arm")

RECORDER = "recorder"
"""The place of axes of which nothing is said: a recorder is usually worn on the chest."""

_PARTS = {
    "leg": frozenset(LEG_PLACES),
    "arm": frozenset(ARM_PLACES),
    "trunk": frozenset([*TRUNK_PLACES, *WORN_AT]),
}
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
"""Every place a sensor can be said to be worn at."""

_SITES = {
    ("leg", "left"): Site.LEFT_LEG,
    ("leg", "right"): Site.RIGHT_LEG,
    ("arm", "left"): Site.LEFT_ARM,
    ("arm", "right"): Site.RIGHT_ARM,
}


def worn_place(word: str, side: Side | None) -> str:
    """Return the name of the place that one word of a label means.

    Examples
    --------
    >>> worn_place("cheville", "left"), worn_place("sternum", None), worn_place("plm", "right")
    ('left_ankle', 'sternum', 'right_leg')
    """
    place = _PLACE_OF.get(word) or (word if word in _ITSELF else _LIMB_OF.get(word, "trunk"))
    return f"{side}_{place}" if side else place


def part_of_word(word: str) -> str:
    """Return ``leg``, ``arm`` or ``trunk``, or nothing if the word is no place."""
    return next((part for part, words in _PARTS.items() if word in words), "")


def site_of_place(place: str) -> Site:
    """Return the site a place belongs to; that of a limb of unknown side is not known.

    Examples
    --------
    >>> [site_of_place(place).value for place in ("left_ankle", "wrist", "waist", "recorder")]
    ['left_leg', '', 'trunk', 'trunk']
    """
    side, _, rest = place.partition("_")
    if side not in ("left", "right"):
        side, rest = "", place
    part = _PART_OF_PLACE.get(rest, "")
    return Site.TRUNK if part == "trunk" else _SITES.get((part, side), Site.NONE)


def refuse_unknown_place(
    place: str | None, axis: str | None, site: Site | None, where: str
) -> None:
    """Raise ``SettingsError`` for a place or axis that is none, or a place at another site."""
    if place is not None and place not in PLACES:
        near = difflib.get_close_matches(place.casefold().replace(" ", "_"), PLACES, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"{where}, place", repr(place), ", ".join(PLACES), advice)
    if axis not in (None, "", "x", "y", "z"):
        raise SettingsError(f"{where}, axis", repr(axis), "x, y, z, or empty if there is only one")
    fitting = site_of_place(place or "")
    if site and fitting and fitting != site:
        found = f"{site.value!r} for the place {place!r}"
        raise SettingsError(f"{where}, site", found, repr(fitting.value))


def refuse_place(role: str, stated: str | None, where: str) -> None:
    """Raise ``SettingsError`` if a place or an axis is stated for no accelerometer."""
    if stated and role != "accelerometer":
        found = f"{stated!r} for the role {role!r}"
        raise SettingsError(f"{where}, place and axis", found, 'role = "accelerometer"')
