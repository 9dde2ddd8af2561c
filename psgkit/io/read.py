"""Read a recording, and give its channels roles and sites."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.core.recording import Channel, Recording
from psgkit.core.slices import ScaledSamples
from psgkit.io.edf import read_edf
from psgkit.io.units import unit_factor

if TYPE_CHECKING:
    from psgkit.io.channel_map import ChannelMap


def read_recording(
    path: str | Path, channels: "str | Path | ChannelMap | None" = None
) -> Recording:
    """Return the recording in ``path`` with a role and a site for each channel.

    Parameters
    ----------
    path : path
        An EDF, EDF+, BDF or BDF+ file; BrainVision, GDF, EEGLAB, FIF and a few others are read by
        MNE-Python, and a finding says so.
    channels : path or ChannelMap, optional
        Channel map (TOML) that overrides role, site and unit of the channels it names.

    Raises
    ------
    InputFileError, EdfFormatError
        If the file cannot be read; the message names the field and what was wanted.
    SettingsError
        If the channel map is wrong or names a channel that is not there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from psgkit.simulate import simulate_night, write_night
    >>> with TemporaryDirectory() as folder:
    ...     files = write_night(simulate_night("healthy", hours=0.1), folder)
    ...     recording = read_recording(files["recording"])
    ...     [str(channel.site) for channel in recording.with_role("leg")]
    ['left_leg', 'right_leg']
    """
    from psgkit.io.channel_map import ChannelMap, read_channel_map

    chosen = read_channel_map(channels) if isinstance(channels, str | Path) else channels
    if chosen is not None and not isinstance(chosen, ChannelMap):
        raise ValueError(f"channels must be a channel map, got {type(chosen).__name__}")
    return with_roles(_read(Path(path)), chosen)


def _read(path: Path) -> Recording:
    """Return the recording in ``path`` without regard to a channel map."""
    from psgkit.io.bridge.files import format_for_mne, read_with_mne

    return read_with_mne(path) if format_for_mne(path) else read_edf(path)


def with_roles(recording: Recording, channels: "ChannelMap | None" = None) -> Recording:
    """Return the recording with roles and units as the channel map states, else by the rules.

    Raises
    ------
    SettingsError
        If the map names a channel that is not in the recording, or a site that does not fit.
    """
    from psgkit.io.mapped_roles import roles_with_map
    from psgkit.io.roles import assign_roles

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
