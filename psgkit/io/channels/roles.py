"""Assign a role and a site to each channel of a recording, by its label and its unit.

Every assignment carries the rule that made it.  A channel has one role; each leg and each muscle of
an arm has one channel.  A channel map overrides the rules (``psgkit.io.channels.channel_map``).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.core.site import Site
from psgkit.io.channels.label_words import BOTH_LEGS, Side, plain_words, sides_in
from psgkit.io.channels.places import RECORDER, SITES, part_of_word, site_of_place, worn_place
from psgkit.io.channels.role_rules import fitting_rule, quantity_of
from psgkit.io.channels.side_pairs import PairedSide, sides_of_pairs

Limb = tuple[str, Site, str]
"""Role, site and muscle: what one channel at most may serve."""

LIMB_ROLES = ("leg", "arm")
"""Roles that are shared out: a leg is served by one channel at most, an arm by one a muscle.  The
trunk has many muscles and one site, and an accelerometer has three axes."""

_MUSCLES = tuple(
    (muscle, regex(pattern))
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
_NUMBER = regex(r"\b\d+\b")
_NUMBER_SIDES: dict[str, Side] = {"1": "left", "2": "right"}
_TIBIALIS = {"at": "tibialis anterior", "ta": "tibialis anterior"}

_VERTEBRA = regex(r"(?P<emg>emg )?(?:t(?P<thoracic>[1-9]|1[0-2])|l[1-5])(?: [tl]\d{1,2})*")
_TEMPORAL = regex(r"(ft|tp)([789]|10)\b")
_LOWEST_FREE_THORACIC = 7
_HIGHEST_TEMPORAL = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleAssignment:
    """Role and site of one channel.

    Attributes
    ----------
    label : str
    role : str
        One of ``ROLES``, or empty.
    site : Site
    rule : str
        Reason, in words for users.
    place, axis : str
        Of an accelerometer: where it is worn, as in ``left_ankle``; ``x``, ``y`` or ``z``.
    """

    label: str
    role: str
    site: Site
    rule: str
    place: str = ""
    axis: str = ""


def assign_roles(
    labels_and_units: Sequence[tuple[str, str]],
    derived: Mapping[str, str] | None = None,
    last: Collection[str] = (),
) -> tuple[RoleAssignment, ...]:
    """Return a role and a site for each channel, in the order given.

    Parameters
    ----------
    labels_and_units : sequence of (label, unit)
        As stored in the file.
    derived : mapping of str to str, optional
        Differences of two channels, with the label by which each is judged.
    last : collection of str
        Labels that serve a limb only where no other channel does.

    Returns
    -------
    tuple of RoleAssignment
        At most one leg channel for each site, and one arm channel for each site and muscle: a
        bipolar derivation before an electrode, else the first in the file.  The rule of the others
        names the channel that has their role.

    Examples
    --------
    >>> [(found.role, str(found.site)) for found in assign_roles([("LAT", "uV"), ("ECG", "mV")])]
    [('leg', 'left_leg'), ('ecg', '')]
    """
    labels = [label for label, _ in labels_and_units]
    derived = derived or {}
    words = [
        plain_words(derived.get(label) or unrepeated(label, labels[:row]))
        for row, label in enumerate(labels)
    ]
    by_pair = sides_of_pairs(words, [quantity_of(unit) for _, unit in labels_and_units])
    words = [by_pair[row].words if row in by_pair else said for row, said in enumerate(words)]
    context = frozenset(words)
    judged = [
        _judge(label, said, unit, context)
        for (label, unit), said in zip(labels_and_units, words, strict=True)
    ]
    judged = [_by_pair(found, by_pair.get(row)) for row, found in enumerate(judged)]
    bipolar = {label for label in labels if label in derived or is_bipolar(label)}
    return tuple(_one_channel_a_limb(judged, bipolar, last))


def role_of_label(label: str, unit: str = "") -> RoleAssignment:
    """Return the role of one label, independent of other channels.

    Examples
    --------
    >>> role_of_label("Jambe droite").site.value
    'right_leg'
    """
    return assign_roles([(label, unit)])[0]


def arm_muscle(label: str) -> str:
    """Return the arm muscle that a label names; empty if it names only the arm.

    Examples
    --------
    >>> arm_muscle("L FDS"), arm_muscle("Extensor digitorum R"), arm_muscle("Left arm")
    ('fds', 'edc', '')
    """
    words = plain_words(label)
    return next((muscle for muscle, pattern in _MUSCLES if pattern.search(words)), "")


def limb_of(role: str, site: Site, label: str) -> Limb:
    """Return the limb of a channel: a leg by its side, an arm by its side and muscle.

    Two arm channels of unknown side may be of different sides, so their muscles do not matter.

    Examples
    --------
    >>> limb_of("leg", Site.LEFT_LEG, "LAT")[2], limb_of("arm", Site.LEFT_ARM, "L biceps")[2]
    ('', 'biceps')
    """
    return role, site, arm_muscle(label) if role == "arm" and site else ""


def may_be_one(one: Limb, other: Limb) -> bool:
    """Return whether two channels may be of one limb; unknown sides and muscles match any.

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
    """Return whether a map may assign several channels to a limb: an arm whose side is stated."""
    return role == "arm" and bool(site)


def _judge(label: str, words: str, unit: str, context: frozenset[str]) -> RoleAssignment:
    """Return the role of one label by the rules, before each limb is limited to one channel."""
    quantity = quantity_of(unit)
    if quantity in ("voltage", "unstated"):
        if _is_vertebra(words, context):
            rule = translatable(
                "a vertebral level, taken as the back muscles beside it, an assumption"
            )
            return RoleAssignment(label=label, role="trunk", site=Site.TRUNK, rule=rule)
        if words in ("1", "2", "f") and context & {"1 2", "1 f", "2 f"}:
            rule = translatable("a chin electrode, beside the pair it belongs to")
            return RoleAssignment(label=label, role="chin", site=Site.NONE, rule=rule)
    found = fitting_rule(words, quantity)
    if found is None:
        return RoleAssignment(
            label=label, role="", site=Site.NONE, rule=translatable("no rule fits this label")
        )
    if found.role == "accelerometer":
        return _worn_at(label, words)
    if found.role in LIMB_ROLES:
        side, about_side = _side(words, context)
        site = SITES[found.role, side] if side else Site.NONE
        rule = f"{found.text}; {about_side}"
    else:
        site = Site.TRUNK if found.role == "trunk" else Site.NONE
        rule = found.text
    return RoleAssignment(label=label, role=found.role, site=site, rule=rule)


def _by_pair(found: RoleAssignment, pair: PairedSide | None) -> RoleAssignment:
    """Return the assignment with how its side is known, if another label tells it."""
    if pair is None or found.role not in LIMB_ROLES or not found.site:
        return found
    return replace(found, rule=f"{found.rule.partition('; ')[0]}; {pair.rule}")


def _side(words: str, context: frozenset[str]) -> tuple[Side | None, str]:
    """Return the side of a limb channel, and how it is known."""
    sides = sides_in(words)
    if sides == {"left", "right"}:
        return None, translatable("one pair across both sides, so its side is not known")
    if sides:
        (side,) = sides
        return side, translatable(f"{side} by its name")
    numbers = _NUMBER.findall(words)
    if (
        len(numbers) == 1
        and numbers[0] in _NUMBER_SIDES
        and not _numbers_electrodes(words, context)
    ):
        side = _NUMBER_SIDES[numbers[0]]
        return side, translatable(f"{side} is assumed from the number {numbers[0]}")
    if any(word in BOTH_LEGS for word in words.split()):
        return None, translatable("one channel for both legs by its name")
    return None, translatable("its side is not stated")


def _numbers_electrodes(words: str, context: frozenset[str]) -> bool:
    """Return whether the number in ``words`` counts electrodes: a third exists, or a pair."""
    stem = _NUMBER.sub("#", words)
    for other in context:
        pattern = _NUMBER.sub("#", other)
        if pattern == f"{stem} {stem}":
            return True
        if pattern == stem and int(_NUMBER.findall(other)[0]) > len(_NUMBER_SIDES):
            return True
    return False


def _worn_at(label: str, words: str) -> RoleAssignment:
    """Return place and axis of an accelerometer channel."""
    sides = sides_in(words)
    side = next(iter(sides)) if len(sides) == 1 else None
    letter = re.search(r"\b([xyz])\b", words)
    axis = letter[1] if letter else ""
    named = translatable(f"accelerometer {axis.upper()}").rstrip()
    # a limb goes before the trunk: "hand, back of"
    said = sorted(filter(part_of_word, words.split()), key=lambda w: part_of_word(w) == "trunk")
    if said:
        place = worn_place(said[0], side)
        at = _TIBIALIS.get(said[0], said[0])
        rule = translatable(f"{named} at {side} {at}") if side else translatable(f"{named} at {at}")
    elif side:
        place, rule = side, translatable(f"{named} on the {side}, its place is not stated")
    else:
        place = RECORDER
        rule = translatable(
            f"{named}, its place is not stated; a recorder is usually worn on the chest, "
            "an assumption"
        )
    return RoleAssignment(
        label=label,
        role="accelerometer",
        site=site_of_place(place),
        rule=rule,
        place=place,
        axis=axis,
    )


def _is_vertebra(words: str, context: frozenset[str]) -> bool:
    """Return whether a label such as ``T8`` or ``L3`` is a level of the spine.

    T1 to T6 are EEG electrodes of the 10-20 system, T7 to T10 of the 10-10 system: those are
    taken as vertebrae when nothing else of the temporal 10-10 electrodes is recorded.
    """
    match = _VERTEBRA.fullmatch(words)
    if match is None:
        return False
    if match["thoracic"] is None:
        # L1 and L2 beside R1 and R2 are electrodes of the left and right.
        return not any(re.fullmatch(r"r[1-5]", other) for other in context)
    level = int(match["thoracic"])
    if match["emg"] or level > _HIGHEST_TEMPORAL:
        return True
    if level < _LOWEST_FREE_THORACIC:
        return False
    opposite = level + 1 if level % 2 else level - 1
    return f"t{opposite}" not in context and not any(map(_TEMPORAL.match, context))


def _one_channel_a_limb(
    judged: list[RoleAssignment], bipolar: Collection[str], last: Collection[str]
) -> list[RoleAssignment]:
    """Return the assignments with one channel for each limb, the others without role."""
    taken: dict[Limb, RoleAssignment] = {}
    # Sorting is stable: file order decides among equals.
    for found in sorted(judged, key=lambda one: (one.label in last, one.label not in bipolar)):
        if found.role in LIMB_ROLES:
            taken.setdefault(limb_of(found.role, found.site, found.label), found)
    sided = {role: other.label for (role, site, _), other in taken.items() if site}
    shared_out = []
    for found in judged:
        if found.role not in LIMB_ROLES:
            shared_out.append(found)
            continue
        winner = taken[limb_of(found.role, found.site, found.label)]
        if winner is not found:
            better = winner.label in bipolar and found.label not in bipolar
            why = (
                translatable("is the bipolar derivation")
                if better
                else translatable("comes first in the file")
            )
            rule = translatable(f"not used: {winner.label!r} {why} and serves as this {found.role}")
            shared_out.append(replace(found, role="", site=Site.NONE, rule=rule))
        elif not found.site and found.role in sided:
            rule = translatable(
                f"not used: its side is not known, and {sided[found.role]!r} serves as "
                f"{found.role} with a side"
            )
            shared_out.append(replace(found, role="", rule=rule))
        else:
            shared_out.append(found)
    return shared_out


def is_bipolar(label: str) -> bool:
    """Return whether a label names two electrodes: ``LAT1-LAT2``, but not ``TIB-L``.

    Examples
    --------
    >>> is_bipolar("LAT1-LAT2"), is_bipolar("TIB-L")
    (True, False)
    """
    pair = re.fullmatch(r"([^-:]+)[-:]([^-:]+)", label)
    if pair is None:
        return False
    ends = [plain_words(end) for end in pair.groups()]
    return all(re.search(r"[a-z]{2,} \d+$|\b(left|right)\b", end) for end in ends)


def unrepeated(label: str, earlier: Sequence[str]) -> str:
    """Return the label without its repeat number: ``Leg-1`` after ``Leg`` is the second ``Leg``.

    Readers number repeats from 1, so ``1-2`` after ``1`` is no repeat.

    Examples
    --------
    >>> unrepeated("Leg-1", ["Leg"]), unrepeated("1-2", ["1"])
    ('Leg', '1-2')
    """
    match = re.fullmatch(r"(.*)-(\d{1,4})", label)
    if match is None or match[1] not in earlier:
        return label
    before = int(match[2]) - 1
    return match[1] if before == 0 or f"{match[1]}-{before}" in earlier else label
