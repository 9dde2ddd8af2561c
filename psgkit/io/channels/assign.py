"""Give the channels of a recording roles, sites and units."""

from dataclasses import replace
from typing import TYPE_CHECKING

from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import ScaledSamples
from psgkit.io.channels.channel_map import roles_with_map
from psgkit.io.channels.roles import assign_roles
from psgkit.io.channels.units import unit_factor

if TYPE_CHECKING:
    from psgkit.io.channels.channel_map import ChannelMap


def with_roles(recording: Recording, channels: "ChannelMap | None" = None) -> Recording:
    """Return the recording with roles and units as the channel map states, else by the rules.

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
