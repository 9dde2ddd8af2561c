"""Assign roles, sites and units to the channels of a recording, by a channel map and by rules."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import ScaledSamples
from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.channels.channel_map import (
    ChannelMap,
    MappedChannel,
    apply_channel_map,
    refuse_misfit,
)
from psgkit.io.channels.places import RECORDER, site_of_place
from psgkit.io.channels.roles import (
    LIMB_ROLES,
    Limb,
    RoleAssignment,
    assign_roles,
    limb_of,
    may_be_one,
    may_be_several,
)
from psgkit.io.channels.units import unit_factor

_RULE = "stated in the channel map"


def with_roles(recording: Recording, channels: ChannelMap | None = None) -> Recording:
    """Return the recording with roles and units by the channel map, else by the rules.

    Raises
    ------
    SettingsError
        If the map names a channel that is not in the recording, or a site that does not fit.
    """
    stored = [(channel.label, channel.stored_unit) for channel in recording.channels]
    roles = assign_roles(stored) if channels is None else roles_with_map(channels, stored)
    units = {} if channels is None else {m.label: m.unit for m in channels.channels if m.unit}
    changed = {}
    for channel, found in zip(recording.channels, roles, strict=True):
        named = replace(
            channel,
            role=found.role,
            site=found.site,
            place=found.place,
            axis=found.axis,
            rule=found.rule,
        )
        unit = units.get(channel.label, channel.stored_unit)
        changed[channel.label] = named if unit == channel.stored_unit else _in_unit(named, unit)
    return recording.with_channels(changed)


def roles_with_map(
    channel_map: ChannelMap, labels_and_units: Sequence[tuple[str, str]]
) -> tuple[RoleAssignment, ...]:
    r"""Return the roles of all channels: those the map states, the others by the rules.

    A limb that the map assigns to one channel is not assigned to another by the rules.

    Examples
    --------
    >>> from psgkit.io.channels.channel_map import parse_channel_map
    >>> channel_map = parse_channel_map('["B"]\nrole = "leg"\nsite = "left_leg"', "map.toml")
    >>> [found.role for found in roles_with_map(channel_map, [("LAT", "uV"), ("B", "uV")])]
    ['', 'leg']

    Raises
    ------
    SettingsError
        If a mapped channel is missing, or its site does not fit the role by the rules.
    """
    mapped = apply_channel_map(channel_map, [label for label, _ in labels_and_units])
    stated = {
        label: _override(mapped[label], assign_roles([(label, unit)])[0], channel_map.source)
        for label, unit in labels_and_units
        if label in mapped
    }
    taken = _limbs(stated.values(), channel_map.source)
    # the rules assign the remaining limbs to the other channels
    others = [pair for pair in labels_and_units if pair[0] not in stated]
    by_rule = {found.label: _yielding(found, taken) for found in assign_roles(others)}
    return tuple((stated | by_rule)[label] for label, _ in labels_and_units)


def _override(channel: MappedChannel, by_rule: RoleAssignment, where: str) -> RoleAssignment:
    """Return the role by the map, completed by the rules."""
    role = by_rule.role if channel.role is None else channel.role
    if role == by_rule.role and channel.site is None:
        site = by_rule.site
    else:
        site = channel.site or (Site.TRUNK if role == "trunk" else Site.NONE)
    worn = channel.place or channel.axis
    refuse_misfit(role, site, worn, f"{where}, channel {channel.label!r}")
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
    """Return the limb of each channel; raise ``SettingsError`` if two have the same.

    An arm with a side may have several channels, which are its muscles.
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


def _in_unit(channel: Channel, stored_unit: str) -> Channel:
    """Return the channel with its samples scaled as if ``stored_unit`` stood in the file."""
    was = unit_factor(channel.stored_unit) or (channel.stored_unit, 1.0)
    now = unit_factor(stored_unit) or (stored_unit, 1.0)
    factor = now[1] / was[1]
    low, high = channel.limits or (0.0, 0.0)
    return replace(
        channel,
        samples=ScaledSamples(channel.samples, factor),
        unit=now[0],
        stored_unit=stored_unit,
        resolution=None if channel.resolution is None else channel.resolution * factor,
        limits=None if channel.limits is None else (low * factor, high * factor),
    )
