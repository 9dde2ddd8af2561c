"""Which muscle of an arm a label names: an arm is recorded from several at once, a leg from one.

Nobody has set a standard for arms; authors record the finger flexors, the extensors, biceps,
triceps or deltoid, and often several of them.
"""

import re

from psgkit.core.site import Site
from psgkit.io.label_words import plain_words

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
