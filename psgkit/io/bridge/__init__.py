"""Convert recordings, hypnograms and movements from and to MNE-Python and YASA."""

from psgkit.io.bridge.incoming import (
    as_hypnogram,
    as_recording,
    hypnogram_from_yasa,
    recording_from_mne,
)
from psgkit.io.bridge.outgoing import movements_to_mne, to_mne

from_mne = recording_from_mne

__all__ = [
    "as_hypnogram",
    "as_recording",
    "from_mne",
    "hypnogram_from_yasa",
    "movements_to_mne",
    "recording_from_mne",
    "to_mne",
]
