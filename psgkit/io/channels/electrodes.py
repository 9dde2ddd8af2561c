"""Electrodes recorded against a common reference, recognised by their labels.

``LAT1`` and ``LAT2`` are the two electrodes of one leg: only their difference is the EMG of the
muscle.  Each alone shows everything that lies on the reference, such as the heart.  A pair that is
certain becomes a derivation (``psgkit.io.channels.assign`` subtracts it); where a pair is suspected
and not certain the channel is refused with the lines of a channel map that decide.

Numbers after a side (``LAT1``, ``LAT2``) belong to one leg.  Numbers without a side (``Leg1``,
``Leg2``) are left and right, which ``psgkit.io.channels.roles`` knows.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.core.site import Site
from psgkit.io.channels.label_words import (
    ARM_PLACES,
    FRENCH_PLACES,
    LEG_PLACES,
    TRUNK_PLACES,
    plain_words,
    sides_in,
)
from psgkit.io.channels.places import SITES
from psgkit.io.channels.roles import LIMB_ROLES, is_bipolar, limb_of, role_of_label, unrepeated

PAIRED_ROLES = ("leg", "arm", "trunk", "chin", "ecg")
"""Roles whose signal is the difference of two electrodes."""
SCORED_ROLES = ("leg", "arm", "trunk")
"""Roles for which an electrode alone would give a wrong number."""

_ORDERS = {
    "sign": ("plus pos positive positiv", "minus neg negative negativ"),
    "letter": ("a", "b"),
    "roman": ("i", "ii"),
    "end": ("proximal prox p cranial", "distal dist d caudal"),
    "height": ("sup superior oben haut", "inf inferior unten bas"),
    "grid": ("g1", "g2"),
    "tendon": ("belly muscle bauch", "tendon sehne"),
    "reference": ("act active aktiv hot", "ref reference referenz indifferent cold"),
}
"""Words that say which of the two electrodes a channel is, by the system they belong to."""
_DESIGNATORS = {
    word: (system, order)
    for system, ordered in _ORDERS.items()
    for order, words in enumerate(ordered, start=1)
    for word in words.split()
}
_CHEST_SIDES = {"left": 1, "l": 1, "la": 1, "right": 2, "r": 2, "ra": 2}
"""Sides of a chin or an ECG: its two electrodes, not two muscles."""
_CERTAIN_WITHOUT_SIDE = ("sign", "end", "height", "grid", "tendon", "reference")
_SUSPECT_ALONE = ("number", "sign", "letter", "grid", "reference")
"""Systems in which one electrode without the other is suspected; ``distal`` may be a place."""

_REFERENCE = regex(
    r"""
    (?P<text>.*\S) \s* [-:/] \s*
    (?P<reference>
        [am][12] | a1a?2 | m1m?2 | ref\w* | av[eg]? | avg | c?le | ler | fpz | [cfp]?cz | [fpo]z
        | gnd | com(?:mon)? | nose | tp(?:9|10)
    ) \s*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A label that names what its electrode is recorded against: ears, mastoids, the vertex."""
_SIGN = regex(r"(?P<text>.*\w)\s*\(?(?P<sign>[+\-\u2212\u2013])\)?\s*")
_GLUED_NUMBER = regex(r"([a-z]{2,})(\d{1,2})")
_GLUED_CHEST = regex(r"([lr])?(chin|submental|subment|mentalis|ment|kinn|ecg|ekg)([lrabz]|\d)?")
_GLUED_LETTER = regex(r"(?P<text>.*\w\w)(?P<letter>[abpd])", re.IGNORECASE)
_LEVEL = regex(r"(?:.*[^a-z])?(?:c|th|t|d|l|s)\d{1,2}\s*", re.IGNORECASE)
_RIGHT_NUMBER = regex(r"(?<![a-z])r\s?\d", re.IGNORECASE)
_LIMBS = frozenset([*LEG_PLACES, *ARM_PLACES])
_PLACES = frozenset([*_LIMBS, *TRUNK_PLACES])
_IGNORED_WORDS = ("emg", "electrode", "elektrode")


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivation:
    """The difference of two channels.

    Attributes
    ----------
    label : str
        As in ``LAT1-LAT2``.
    first, second : str
        Labels of the channels; the second is subtracted.
    judged_as : str
        Label by which its role is decided.
    rule : str
        Why they are subtracted, in words for users.
    by_name : bool
        Whether their names say so, and no channel map.
    """

    label: str
    first: str
    second: str
    judged_as: str
    rule: str
    by_name: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Electrodes:
    """Pairs among the channels of a recording, and channels that may be half of one.

    ``suspected`` has by label why a channel cannot be used as it is, and what to write instead.
    """

    pairs: tuple[Derivation, ...]
    suspected: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Electrode:
    """What a label says: which electrode it is (``system`` and ``order``), and everything else.

    ``words`` are those without the electrode; a label that names two has the system ``pair``.
    """

    label: str
    name: str
    words: tuple[str, ...]
    system: str
    order: int
    reference: str
    role: str
    site: Site

    @property
    def stem(self) -> frozenset[str]:
        """Return the words that both electrodes of a pair share."""
        return frozenset(self.words).difference(_IGNORED_WORDS)

    @property
    def is_one(self) -> bool:
        """Return whether the label names one electrode: by its number, or by its reference."""
        return self.system != "pair" and bool(self.system or self.reference)


_Group = Sequence[_Electrode]


def find_electrodes(
    labels_and_units: Sequence[tuple[str, str]], decided: Collection[str] = ()
) -> Electrodes:
    """Return the pairs of electrodes among labels, and the suspected ones.

    Parameters
    ----------
    labels_and_units : sequence of (label, unit)
        As stored in the file.
    decided : collection of str
        Labels about which a channel map decides.

    Examples
    --------
    >>> found = find_electrodes([("LAT1", "uV"), ("LAT2", "uV"), ("RAT1", "uV")])
    >>> [pair.label for pair in found.pairs], sorted(found.suspected)
    (['LAT1-LAT2'], ['RAT1'])
    """
    labels = [label for label, _ in labels_and_units]
    has_right = any(map(_RIGHT_NUMBER.search, labels))
    said = [
        _said(label, unrepeated(label, labels[:row]), unit, levels=not has_right)
        for row, (label, unit) in enumerate(labels_and_units)
    ]
    groups: dict[tuple[str, Site, frozenset[str], str], list[_Electrode]] = {}
    for one in said:
        if one.role in PAIRED_ROLES and one.system != "pair" and one.label not in decided:
            groups.setdefault((one.role, one.site, one.stem, one.reference), []).append(one)
    pairs: list[Derivation] = []
    suspected: dict[str, str] = {}
    for group in groups.values():
        better = _shown_already(group, said)
        pair = None if better else _pair_in(group)
        if pair:
            pairs.append(_derivation(*pair))
        elif group[0].role in SCORED_ROLES:
            suspected |= _suspected_in(group, said, better)
    return Electrodes(pairs=tuple(pairs), suspected=suspected)


def derivation_of(first: str, second: str) -> Derivation:
    """Return the difference that a channel map asks for; its label omits references.

    Examples
    --------
    >>> derivation_of("LAT1-A2", "LAT2-A2").label, derivation_of("LAT", "A2").label
    ('LAT1-LAT2', 'LAT-A2')
    """
    names = [_reference_of(label)[0] for label in (first, second)]
    return Derivation(
        label="-".join(names),
        first=first,
        second=second,
        judged_as=" ".join(_designated(names[0], levels=False)[0]),
        rule=translatable(f"{first} minus {second} by the channel map"),
        by_name=False,
    )


def map_line(label: str, **fields: str) -> str:
    """Return the line of a channel map that states ``fields`` of a channel.

    Examples
    --------
    >>> map_line("LAT1", minus="LAT2", role="leg")
    '"LAT1" = {minus = "LAT2", role = "leg"}'
    """
    inside = ", ".join(f"{name} = {_quoted(value)}" for name, value in fields.items())
    return f"{_quoted(label)} = {{{inside}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- one label -----------------------------------------------------------------------------------


def _said(label: str, shown: str, unit: str, *, levels: bool) -> _Electrode:
    """Return what a label says; ``levels`` if L1 and L2 may be lumbar vertebrae."""
    name, reference = _reference_of(shown)
    words, system, order = _designated(name, levels=levels)
    found = role_of_label(" ".join(words), unit)
    if found.role in ("chin", "ecg") and not system:
        words, system, order = _by_side(words)
    if found.role == "ecg" and system in ("roman", "letter"):
        system = ""  # I and II are leads of an ECG, not electrodes
    if _names_two(name):
        system = "pair"
    sides = sides_in(" ".join(words))
    side = next(iter(sides)) if len(sides) == 1 else None
    return _Electrode(
        label=label,
        name=name,
        words=tuple(words),
        system=system,
        order=order,
        reference=reference,
        role=found.role,
        site=SITES.get((found.role, side or ""), Site.NONE),
    )


def _reference_of(label: str) -> tuple[str, str]:
    """Return a label without the reference it names, and that reference."""
    match = _REFERENCE.fullmatch(label)
    return (match["text"], match["reference"].upper()) if match else (label, "")


def _words_of(text: str) -> list[str]:
    """Return the words of a text, numbers apart from the letters before them."""
    words: list[str] = []
    for word in plain_words(text).split():
        match = _GLUED_CHEST.fullmatch(word) or _GLUED_NUMBER.fullmatch(word)
        words += filter(None, match.groups() if match else (word,))
    return words


def _designated(text: str, *, levels: bool) -> tuple[list[str], str, int]:
    """Return the other words of a text, and system and order of the electrode it names."""
    match = _SIGN.fullmatch(text)
    if match:
        return _words_of(match["text"]), "sign", 1 if match["sign"] == "+" else 2
    words = _words_of(text)
    if levels and _LEVEL.fullmatch(text) and not _LIMBS.intersection(words):
        return words, "", 0
    french = any(word in FRENCH_PLACES for word in words)
    for at in range(len(words) - 1, 0, -1):
        word = words[at]
        if word.isdecimal():
            return words[:at] + words[at + 1 :], "number", int(word)
        if word in _DESIGNATORS and not (french and word == "d"):
            return words[:at] + words[at + 1 :], *_DESIGNATORS[word]
    glued = _GLUED_LETTER.fullmatch(text)
    if glued and not _names_place(words) and _names_place(_words_of(glued["text"])):
        return _words_of(glued["text"]), *_DESIGNATORS[glued["letter"].lower()]
    return words, "", 0


def _by_side(words: list[str]) -> tuple[list[str], str, int]:
    """Return the words of a chin or an ECG without its side, which is one of two electrodes."""
    sides = [word for word in words if word in _CHEST_SIDES]
    if len(sides) != 1:
        return words, "", 0
    return [word for word in words if word != sides[0]], "side", _CHEST_SIDES[sides[0]]


def _names_place(words: Iterable[str]) -> bool:
    return not _PLACES.isdisjoint(words)


def _names_two(text: str) -> bool:
    """Return whether a label names two electrodes: ``LAT1-LAT2``, ``Chin 1-2``, ``LAT-RAT``."""
    if is_bipolar(text):
        return True
    for cut in re.finditer(r"(?<=\S)\s*[-:/]\s*(?=\w)", text):
        ends = text[: cut.start()], text[cut.end() :]
        words = [frozenset(_words_of(end)) for end in ends]
        shared = words[0] & words[1] - frozenset(_IGNORED_WORDS)
        if shared & _PLACES or shared & {"chin", "ecg", "ekg"} or all(map(_is_electrode, ends)):
            return True
    return False


def _is_electrode(text: str) -> bool:
    """Return whether a part of a label names an electrode: ``EMG3``, ``L2``, ``2``, ``RA``."""
    alone = re.fullmatch(r"[lr]?\s?\d{1,2}|(?:.*\W)?[lr]a", text.strip(), re.IGNORECASE)
    return alone is not None or bool(_designated(text, levels=False)[1])


# --- pairs ---------------------------------------------------------------------------------------


def _shown_already(group: _Group, said: _Group) -> str:
    """Return the label of a channel that shows the difference of a group, or what it shows."""
    one = group[0]
    if any(e.system == "reference" for e in group):
        return ""
    for other in said:
        if other.role != one.role or other in group or other.is_one:
            continue
        if one.role in ("chin", "ecg") or other.stem == one.stem:
            return other.label
        if (
            one.role in LIMB_ROLES
            and other.system == "pair"
            and one.site
            and (
                limb_of(one.role, one.site, one.label)
                == limb_of(other.role, other.site, other.label)
            )
        ):
            return other.label
    return next((e.label for e in group if not e.is_one), "")


def _pair_in(group: _Group) -> tuple[_Electrode, _Electrode] | None:
    """Return the two electrodes of a group, if it certainly is one pair."""
    one, ordered = group[0], sorted(group, key=lambda e: e.order)
    if [e.system for e in ordered] == ["", "reference"]:
        return ordered[0], ordered[1]
    if len(ordered) < 2 or ordered[1].order != ordered[0].order + 1:  # noqa: PLR2004
        return None
    systems = {e.system for e in ordered}
    certain = len(ordered) == 2 or one.role in ("chin", "ecg")  # noqa: PLR2004
    needs_side = one.role in LIMB_ROLES and not systems.issubset(_CERTAIN_WITHOUT_SIDE)
    if len(systems) > 1 or "" in systems or not certain or (needs_side and not one.site):
        return None
    return ordered[0], ordered[1]


def _derivation(first: _Electrode, second: _Electrode) -> Derivation:
    against = (
        translatable(f"both against {first.reference}")
        if first.reference
        else translatable("by their names")
    )
    rule = translatable(
        f"{first.label} minus {second.label}, electrodes with a common reference {against}"
    )
    return Derivation(
        label=f"{first.name}-{second.name}",
        first=first.label,
        second=second.label,
        judged_as=" ".join(first.words),
        rule=rule,
    )


def _suspected_in(group: _Group, said: _Group, better: str) -> dict[str, str]:
    """Return why the channels of a group that is no certain pair cannot be used as they are."""
    one, many = group[0], [e for e in group if e.is_one]
    if better and many:
        return {
            e.label: translatable(f"by its name one electrode of what {better!r} shows")
            for e in many
        }
    if len(many) == 1:
        alone = many[0]
        is_half = alone.reference or _is_half(alone)
        return {alone.label: _why_alone(alone, said)} if is_half else {}
    numbers = {e.system for e in many} == {"number"} and not one.reference
    if numbered_sides := numbers and one.role in LIMB_ROLES and not one.site:
        # Leg1 and Leg2 are left and right; more of them are electrodes
        numbered_sides = len(many) <= 2  # noqa: PLR2004
    return {} if numbered_sides else {e.label: _why_unclear(many) for e in many}


def _is_half(one: _Electrode) -> bool:
    """Return whether a channel is half of a pair though the other half is missing."""
    if one.role not in LIMB_ROLES or one.system not in _SUSPECT_ALONE:
        return False
    # "EMG1 LAT" numbers a channel, "LAT1" an electrode
    numbers_channel = one.system == "number" and re.match(r"(?:emg\W*)?\d", one.name, re.IGNORECASE)
    return not numbers_channel and (bool(one.site) or one.system in _CERTAIN_WITHOUT_SIDE)


def _why_alone(one: _Electrode, said: _Group) -> str:
    same = [e for e in said if e is not one and (e.role, e.stem) == (one.role, one.stem)]
    other = next((e for e in same if e.is_one and one.site), None)
    as_it_is = translatable(
        f"{map_line(one.label, minus='')} if the channel is a difference already"
    )
    if other and one.reference and other.reference:
        return translatable(
            f"by its name one electrode of a pair, against {one.reference}, while {other.label!r} "
            "is against another reference: export both against one, or write in a channel map "
            f"{as_it_is}"
        )
    against = translatable(f" recorded against {one.reference}") if one.reference else ""
    line = map_line(one.label, minus=other.label if other else "LABEL OF THE OTHER")
    return translatable(
        f"by its name one electrode of a pair{against}, and which one belongs to it is not "
        f"certain. In a channel map write {line} to subtract that, or {as_it_is}"
    )


def _why_unclear(many: _Group) -> str:
    ordered = sorted(many, key=lambda e: (e.system, e.order))
    sites = {"leg": ("left_leg", "right_leg"), "arm": ("left_arm", "right_arm")}
    of_role = () if many[0].site else sites.get(many[0].role, ())
    two_pairs = len(ordered) == 4 and of_role  # noqa: PLR2004
    lines = []
    for row in (0, 2) if two_pairs else (0,):
        fields = {"minus": ordered[row + 1].label}
        if two_pairs:
            fields |= {"role": many[0].role, "site": of_role[row // 2]}
        lines.append(map_line(ordered[row].label, **fields))
    return translatable(
        f"{', '.join(e.label for e in ordered)} look like electrodes with a common reference, and "
        f"which belong together is not certain. In a channel map write {' and '.join(lines)} to "
        f"subtract them, or {map_line(ordered[0].label, minus='')} for one that is a difference "
        "already"
    )
