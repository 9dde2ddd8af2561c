"""Read a recording, and give its channels roles and sites."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.core.recording import Channel, Recording
from psgkit.io.edf import read_edf

if TYPE_CHECKING:
    from psgkit.io.channel_map import ChannelMap


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
    """Return the recording with roles by the table of rules, then by the channel map."""
    raise RuntimeError
