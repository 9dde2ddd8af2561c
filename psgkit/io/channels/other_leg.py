"""Channels that may be the other leg of a recording in which one leg is known."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from psgkit.core.recording import Channel
from psgkit.core.regex import regex
from psgkit.io.channels.label_words import LEG_PLACES, plain_words
from psgkit.io.channels.role_rules import MAYBE_VOLTAGE, quantity_of

_MAY_BE = ("", "leg", "emg", "arm")
"""Roles of a channel that may be a leg under an unknown name."""
_NOT_THE_MUSCLE = regex(r"\b(left|right|emg|\w|\d+)\b")
_ALIKE = 0.8
"""Share of equal letters from which two labels are alike; psgkit's own choice."""


def like_other_leg(used: Channel, channels: Sequence[Channel]) -> list[Channel]:
    """Return the channels that may be the other leg, by their label and unit.

    These are channels that the rules took for a leg and did not use, and those whose label names a
    leg or differs little from that of the used one; electrodes of a difference are not.

    Examples
    --------
    >>> legs = [
    ...     Channel(label=name, rate_hz=200.0, samples=[], stored_unit="uV", role=role)
    ...     for name, role in (("Leg-x", "leg"), ("Leg-y", ""), ("Chin", "chin"))
    ... ]
    >>> [channel.label for channel in like_other_leg(legs[0], legs)]
    ['Leg-y']
    """
    halves = {half.label for one in channels for half in one.electrodes}
    others = [
        one
        for one in channels
        if one.label != used.label and one.label not in halves and _may_be(one)
    ]
    return [one for one in others if one.role == "leg" or _alike(used.label, one.label)]


def _may_be(channel: Channel) -> bool:
    quantity = quantity_of(channel.stored_unit or channel.unit)
    return channel.role in _MAY_BE and channel.status != "used" and quantity in MAYBE_VOLTAGE


def _alike(label: str, other: str) -> bool:
    words, others = _muscle(label), _muscle(other)
    if others & set(LEG_PLACES) or (words and words == others):
        return True
    return SequenceMatcher(None, label.casefold(), other.casefold()).ratio() >= _ALIKE


def _muscle(label: str) -> set[str]:
    """Return the words of a label without side, numbers and single letters."""
    return set(_NOT_THE_MUSCLE.sub(" ", plain_words(label)).split())
