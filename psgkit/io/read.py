"""Read a recording and assign roles and sites to its channels."""

from pathlib import Path

from psgkit.core.recording import Recording
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.accelerometer import MOST_BYTES, accelerometer_kind
from psgkit.io.bridge.incoming import format_for_mne, read_with_mne
from psgkit.io.channels.assign import with_roles
from psgkit.io.channels.channel_map import ChannelMap, read_channel_map
from psgkit.io.edf.header import BDF_MAGIC, EDF_MAGIC
from psgkit.io.edf.read import read_edf, read_edf_header, refuse_surplus
from psgkit.io.files import open_regular
from psgkit.io.text.read import MAX_TEXT_BYTES

_HEAD_BYTES = 4096
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".toml", ".json", ".xml")


def read_recording(path: str | Path, channels: str | Path | ChannelMap | None = None) -> Recording:
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
    chosen = read_channel_map(channels) if isinstance(channels, str | Path) else channels
    if chosen is not None and not isinstance(chosen, ChannelMap):
        raise ValueError(f"channels must be a channel map, got {type(chosen).__name__}")
    path = Path(path)
    recording = read_with_mne(path) if format_for_mne(path) else read_edf(path)
    return with_roles(recording, chosen)


def is_too_large(path: str | Path) -> bool:
    """Return whether a reader refuses the file for its size; its bytes are not worth a digest.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    with open_regular(path) as file:
        head = file.read(_HEAD_BYTES)
    size = path.stat().st_size
    if head[:8] in (EDF_MAGIC, BDF_MAGIC):
        try:
            refuse_surplus(path, read_edf_header(path))
        except PsgkitError:
            return True
        return False
    if accelerometer_kind(head):
        return size > MOST_BYTES
    return path.suffix.lower() in _TEXT_SUFFIXES and size > MAX_TEXT_BYTES
