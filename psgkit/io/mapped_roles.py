"""The roles of all channels: what the channel map states, and what the rules say of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.arm_muscles import Limb, limb_of, may_be_one, may_be_several
from psgkit.io.channel_map import ChannelMap, MappedChannel, apply_channel_map, refuse_misfit
from psgkit.io.roles import LIMB_ROLES, RoleAssignment, assign_roles
from psgkit.io.worn_places import RECORDER, refuse_place, site_of_place

_RULE = "stated in the channel map"


def roles_with_map(
    channel_map: ChannelMap, labels_and_units: Sequence[tuple[str, str]]
) -> tuple[RoleAssignment, ...]:
    r"""Return the roles of all channels: those the map states, the others by the rules.

    A channel that the map leaves out does not serve a limb that the map gives to another.

    Examples
    --------
    >>> from psgkit.io.channel_map import parse_channel_map
    >>> channel_map = parse_channel_map('["B"]\nrole = "leg"\nsite = "left_leg"', "map.toml")
    >>> [found.role for found in roles_with_map(channel_map, [("LAT", "uV"), ("B", "uV")])]
    ['', 'leg']

    Raises
    ------
    SettingsError
        If a mapped channel is not there, or its site does not fit the role the rules gave it.
    """
    mapped = apply_channel_map(channel_map, [label for label, _ in labels_and_units])
    stated = {
        label: _override(mapped[label], assign_roles([(label, unit)])[0], channel_map.source)
        for label, unit in labels_and_units
        if label in mapped
    }
    taken = _limbs(stated.values(), channel_map.source)
    # The rules share out among the others what the map left to them.
    others = [pair for pair in labels_and_units if pair[0] not in stated]
    by_rule = {found.label: _yielding(found, taken) for found in assign_roles(others)}
    return tuple((stated | by_rule)[label] for label, _ in labels_and_units)


def _override(channel: MappedChannel, by_rule: RoleAssignment, where: str) -> RoleAssignment:
    """Return the role the map states; what it leaves out is as the rules say."""
    role = by_rule.role if channel.role is None else channel.role
    if role == by_rule.role and channel.site is None:
        site = by_rule.site
    else:
        site = channel.site or (Site.TRUNK if role == "trunk" else Site.NONE)
    refuse_misfit(role, site, f"{where}, channel {channel.label!r}")
    refuse_place(role, channel.place or channel.axis, f"{where}, channel {channel.label!r}")
    stated = channel.role is not None or channel.site is not None or channel.place is not None
    found = RoleAssignment(
        label=channel.label, role=role, site=site, rule=_RULE if stated else by_rule.rule
    )
    return _worn(found, channel, by_rule) if role == "accelerometer" else found


def _worn(found: RoleAssignment, channel: MappedChannel, by_rule: RoleAssignment) -> RoleAssignment:
    """Return an accelerometer with its place: the one stated, else by its site or its name."""
    place = channel.place
    if place is None and channel.site and channel.site != by_rule.site:
        place = channel.site.value
    if place is None:
        place = by_rule.place or RECORDER
    return replace(
        found,
        site=channel.site or site_of_place(place),
        place=place,
        axis=by_rule.axis if channel.axis is None else channel.axis,
    )


def _limbs(stated: Iterable[RoleAssignment], where: str) -> dict[str, Limb]:
    """Return which limb each channel serves; raise ``SettingsError`` if two serve one.

    An arm with a side has many muscles, and whoever maps two of them knows which.
    """
    limbs: dict[str, Limb] = {}
    taken: dict[tuple[str, Site], str] = {}
    for found in stated:
        limb = (found.role, found.site)
        if found.role not in LIMB_ROLES:
            continue
        limbs[found.label] = limb_of(found.role, found.site, found.label)
        if limb in taken and not may_be_several(*limb):
            both = f"{taken[limb]!r} and {found.label!r} for {found.site or found.role}"
            raise SettingsError(where, both, "one channel for each limb")
        taken[limb] = found.label
    return limbs


def _yielding(found: RoleAssignment, taken: dict[str, Limb]) -> RoleAssignment:
    """Return ``found`` without its role if the map gave that limb to another channel.

    A limb of unknown side may be any limb of its kind, and so may an arm muscle without a name.
    """
    if found.role not in LIMB_ROLES:
        return found
    own = limb_of(found.role, found.site, found.label)
    for label, limb in taken.items():
        if may_be_one(own, limb):
            rule = f"not used: the channel map gives this {found.role} to {label!r}"
            return replace(found, role="", site=Site.NONE, rule=rule)
    return found
