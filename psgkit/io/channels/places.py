"""Where accelerometers are worn: one English word for each place, whatever the label says."""

import difflib
import re

from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.channels.label_words import (
    ARM_PLACES,
    LEG_PLACES,
    TRUNK_PLACES,
    WORN_AT,
    Side,
    plain_words,
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


Limb = tuple[str, Site, str]
"""Role, site and muscle: what one channel at most may serve."""

_MUSCLES = tuple(
    (muscle, re.compile(pattern))
    for muscle, pattern in (
        ("fcr", r"\bfcr\b|\bflex\w* carpi\b"),
        ("ecr", r"\becr\b|\bext\w* carpi\b"),
        ("fds", r"\bfds\b|\bflex"),
        ("edc", r"\bedc\b|\bext"),
        ("biceps", r"\bbiceps\b"),
        ("triceps", r"\btriceps\b"),
        ("deltoid", r"\bdelt"),
        ("brachioradialis", r"\bbrachioradialis\b"),
    )
)


def arm_muscle(label: str) -> str:
    """Return the muscle of the arm a label names; empty if it names only the arm.

    Examples
    --------
    >>> arm_muscle("L FDS"), arm_muscle("Extensor digitorum R"), arm_muscle("Left arm")
    ('fds', 'edc', '')
    """
    words = plain_words(label)
    return next((muscle for muscle, pattern in _MUSCLES if pattern.search(words)), "")


def limb_of(role: str, site: Site, label: str) -> Limb:
    """Return what a channel serves: a leg by its side, an arm by its side and muscle.

    Two arm channels of unknown side may be of different sides, so their muscles do not matter.

    Examples
    --------
    >>> limb_of("leg", Site.LEFT_LEG, "LAT")[2], limb_of("arm", Site.LEFT_ARM, "L biceps")[2]
    ('', 'biceps')
    """
    return role, site, arm_muscle(label) if role == "arm" and site else ""


def may_be_one(one: Limb, other: Limb) -> bool:
    """Return whether two channels may be of one limb: unknown sides and muscles may be any.

    Examples
    --------
    >>> left = Site.LEFT_ARM
    >>> may_be_one(("arm", left, "fds"), ("arm", left, "")), may_be_one(
    ...     ("arm", left, "fds"), ("arm", left, "biceps")
    ... )
    (True, False)
    """
    return one[0] == other[0] and all(
        mine == its or not mine or not its for mine, its in zip(one[1:], other[1:], strict=True)
    )


def may_be_several(role: str, site: Site) -> bool:
    """Return whether a map may give a limb to several channels: an arm whose side is stated."""
    return role == "arm" and bool(site)
