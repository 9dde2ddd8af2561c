"""Assign roles, sites and units to the channels of a recording, by a channel map and by rules.

Channels whose difference is wanted are subtracted here: pairs of electrodes with a common reference
by their names, and what a channel map asks for with ``minus`` (``psgkit.io.channels.differences``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from psgkit.core.message import translatable
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
from psgkit.io.channels.differences import (
    Differences,
    named_differences,
    stored_only,
    subtracted,
)
from psgkit.io.channels.electrodes import SCORED_ROLES, Derivation
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

_RULE = translatable("stated in the channel map")
_ROLES_OF_PAIRS_ONLY = (*SCORED_ROLES, "chin", "emg", "")
"""Roles that an electrode of a pair loses.  A reference such as A2 keeps its role, and so does an
electrode of the ECG, in which heart beats show as well."""


def with_roles(recording: Recording, channels: ChannelMap | None = None) -> Recording:
    """Return the recording with roles and units by the channel map, else by the rules.

    A difference of two channels stands before the first of them.

    Raises
    ------
    SettingsError
        If the map names a channel that is not in the recording, a site that does not fit, or
        channels that cannot be subtracted.
    """
    recording = stored_only(recording)
    named = named_differences(recording, channels)
    labels = [*recording.labels(), *(pair.label for pair in named.pairs)]
    mapped = {} if channels is None else apply_channel_map(channels, labels)
    recording = recording.with_channels(_in_stated_units(recording, mapped, named.pairs))
    recording, differences = subtracted(recording, named, channels)
    stored = [(channel.label, channel.stored_unit) for channel in recording.channels]
    where = "" if channels is None else channels.source
    roles = {found.label: found for found in _roles(stored, mapped, where, differences)}
    named_channels = {
        channel.label: _named(channel, roles[channel.label], differences.suspected)
        for channel in recording.channels
    }
    return recording.with_channels(named_channels).with_findings(*differences.findings())


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
    return _roles(labels_and_units, mapped, channel_map.source, Differences())


def _roles(
    labels_and_units: Sequence[tuple[str, str]],
    mapped: Mapping[str, MappedChannel],
    where: str,
    differences: Differences,
) -> tuple[RoleAssignment, ...]:
    """Return the role of each channel; ``mapped`` is the map of the file called ``where``."""
    mapped = _at_differences(mapped, differences.pairs)
    judged_as = {pair.label: pair.judged_as for pair in differences.pairs}
    pair_of = {label: pair for pair in differences.pairs for label in (pair.second, pair.first)}
    stated: dict[str, RoleAssignment] = {}
    halves: dict[str, RoleAssignment] = {}
    others = []
    for label, unit in labels_and_units:
        alone = assign_roles([(label, unit)], judged_as)[0]
        if label in mapped:
            stated[label] = _override(mapped[label], alone, where)
        elif label in pair_of and alone.role in _ROLES_OF_PAIRS_ONLY:
            rule = f"one electrode of {pair_of[label].label!r}"
            halves[label] = replace(alone, role="", site=Site.NONE, rule=rule)
        else:
            others.append((label, unit))
    taken = _limbs(stated.values(), where)
    # the rules assign the remaining limbs to the other channels
    by_rule = assign_roles(others, judged_as, differences.suspected)
    found = stated | halves | {one.label: _yielding(one, taken) for one in by_rule}
    for pair in differences.pairs:
        rule = f"{pair.rule}; {found[pair.label].rule}"
        found[pair.label] = replace(found[pair.label], rule=rule)
    return tuple(found[label] for label, _ in labels_and_units)


def _at_differences(
    mapped: Mapping[str, MappedChannel], pairs: Iterable[Derivation]
) -> dict[str, MappedChannel]:
    """Return the entries of a map, those on the electrodes of a pair at its difference."""
    moved = dict(mapped)
    for pair in pairs:
        entries = [moved.pop(label, None) for label in (pair.label, pair.first)]
        if pair.by_name:
            entries.append(moved.pop(pair.second, None))
        said = [entry for entry in entries if entry is not None]
        # an entry on one electrode alone may state its unit only
        said.sort(key=lambda entry: not entry.says_what)
        if said:
            moved[pair.label] = replace(said[0], label=pair.label)
    return moved


def _in_stated_units(
    recording: Recording, mapped: Mapping[str, MappedChannel], pairs: Iterable[Derivation]
) -> dict[str, Channel]:
    """Return the channels whose unit the map states, by label; a difference states it for both."""
    units: dict[str, str] = {}
    for pair in pairs:
        entry = mapped.get(pair.label)
        if entry is not None and entry.unit:
            units |= {pair.first: entry.unit, pair.second: entry.unit}
    units |= {label: entry.unit for label, entry in mapped.items() if entry.unit}
    return {
        channel.label: _in_unit(channel, units[channel.label])
        for channel in recording.channels
        if units.get(channel.label, channel.stored_unit) != channel.stored_unit
    }


def _named(channel: Channel, found: RoleAssignment, suspected: Mapping[str, str]) -> Channel:
    """Return the channel with its role, and with doubt if it would be scored as an electrode."""
    doubt = suspected.get(channel.label, "") if found.role in SCORED_ROLES else ""
    return replace(
        channel,
        role=found.role,
        site=found.site,
        place=found.place,
        axis=found.axis,
        rule=found.rule,
        doubt=doubt,
    )


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
            rule = translatable(f"not used: the channel map gives this {found.role} to {label!r}")
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
