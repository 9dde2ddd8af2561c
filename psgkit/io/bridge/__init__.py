"""To and from other packages: MNE-Python, YASA.

``from_mne`` and ``to_mne`` are the interface; a ``Recording`` has no such methods, because the
nouns know nothing of files and other packages.
"""

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
