"""Read a recording, and give its channels roles and sites."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.core.recording import Channel, Recording
from psgkit.core.slices import ScaledSamples
from psgkit.io.edf import read_edf
from psgkit.io.units import unit_factor

if TYPE_CHECKING:
    from psgkit.io.channel_map import ChannelMap, MappedChannel
    from psgkit.io.roles import RoleAssignment


def read_recording(
    path: str | Path, channels: "str | Path | ChannelMap | None" = None
) -> Recording:
    """Return the recording in ``path`` with a role and a site for each channel.

    Parameters
    ----------
    path : path
        An EDF, EDF+, BDF or BDF+ file.
    channels : path or ChannelMap, optional
        Channel map (TOML) that overrides role, site and unit of the channels it names.

    Raises
    ------
    InputFileError, EdfFormatError
        If the file cannot be read; the message names the field and what was wanted.
    SettingsError
        If the channel map is wrong or names a channel that is not there.
    """
    from psgkit.io.channel_map import read_channel_map

    chosen = read_channel_map(channels) if isinstance(channels, str | Path) else channels
    return with_roles(read_edf(path), chosen)


def with_roles(recording: Recording, channels: "ChannelMap | None" = None) -> Recording:
    """Return the recording with roles by the table of rules, then by the channel map.

    A channel that the map gives a role takes it from any channel that had it by its label.

    Raises
    ------
    SettingsError
        If the map names a channel that is not in the recording.
    """
    from psgkit.io.channel_map import apply_channel_map
    from psgkit.io.roles import assign_roles

    mapped = apply_channel_map(channels, recording.labels()) if channels is not None else {}
    claimed = {(m.role, m.site) for m in mapped.values() if m.role and m.site}
    assigned = assign_roles([(c.label, c.stored_unit) for c in recording.channels])
    changed = {}
    for channel, found in zip(recording.channels, assigned, strict=True):
        chosen = mapped.get(channel.label)
        if chosen is not None:
            changed[channel.label] = _as_mapped(channel, found, chosen)
        elif (found.role, found.site) in claimed:
            rule = f"the channel map gives {found.role} {found.site} to another channel"
            changed[channel.label] = replace(channel, rule=rule)
        else:
            changed[channel.label] = replace(
                channel, role=found.role, site=found.site, rule=found.rule
            )
    return recording.with_channels(changed)


def _as_mapped(channel: Channel, found: "RoleAssignment", chosen: "MappedChannel") -> Channel:
    """Return the channel with what the map says of it; what it leaves open follows the rules."""
    role = found.role if chosen.role is None else chosen.role
    site = found.site if chosen.site is None else chosen.site
    named = replace(channel, role=role, site=site, rule="channel map")
    if chosen.unit is None or chosen.unit == channel.stored_unit:
        return named
    return _in_unit(named, chosen.unit)


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
