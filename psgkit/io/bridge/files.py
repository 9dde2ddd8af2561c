"""Recordings in formats that only MNE-Python reads: BrainVision, GDF, EEGLAB, FIF and others."""

import warnings
from dataclasses import replace
from pathlib import Path

from psgkit.core.finding import Finding
from psgkit.core.recording import Recording
from psgkit.errors import InputFileError
from psgkit.io.bridge.incoming import recording_from_mne

FORMATS = {
    ".vhdr": "BrainVision",
    ".ahdr": "BrainVision",
    ".gdf": "GDF",
    ".set": "EEGLAB",
    ".fif": "FIF",
    ".fif.gz": "FIF",
    ".cnt": "Neuroscan or ANT",
    ".eeg": "Nihon Kohden",
    ".mff": "EGI",
    ".lay": "Persyst",
    ".cdt": "Curry",
}
"""By the end of the file name.  EDF and BDF are read by psgkit itself and are not in here; nor is
eXimia (.nxe), which has no header that could tell a recording from any other bytes."""


def format_for_mne(path: Path) -> str:
    """Return the name of the format that MNE reads, empty if the file is of none.

    Examples
    --------
    >>> format_for_mne(Path("night.VHDR")), format_for_mne(Path("night.edf"))
    ('BrainVision', '')
    """
    name = path.name.lower()
    return next((form for end, form in FORMATS.items() if name.endswith(end)), "")


def read_with_mne(path: Path) -> Recording:
    """Return the recording that MNE finds in a file; samples are read when they are used.

    What MNE warns of becomes a finding.

    Raises
    ------
    InputFileError
        If MNE cannot read it; the message says why in the words of MNE.
    """
    import mne

    form = format_for_mne(path)
    if not path.exists():
        raise InputFileError(str(path), "no such file", f"a {form} recording")
    try:
        # MNE logs to standard output, which is for data
        with mne.utils.catch_logging(), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            raw = mne.io.read_raw(path, preload=False, verbose="warning")
    except ImportError as error:
        raise InputFileError(
            path.name, f"a {form} file that MNE reads only with another package", f"{error}"
        ) from None
    except _stumbling_blocks() as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise InputFileError(
            path.name,
            f"a {form} file that MNE cannot read ({what})",
            f"a whole {form} recording",
            "Of BrainVision give the .vhdr file." if path.suffix.lower() == ".eeg" else "",
        ) from error
    found = recording_from_mne(raw)
    about = Finding("info", "mne.reader", path.name, f"{form}, read by MNE {mne.__version__}")
    warned = dict.fromkeys(" ".join(str(one.message).split()) for one in said)
    return replace(
        found,
        source=path.name,
        path=str(path),
        findings=(
            *found.findings,
            about,
            *(Finding("warning", "mne.warning", path.name, message) for message in warned),
        ),
    )


def _stumbling_blocks() -> tuple[type[Exception], ...]:
    """Return what the readers of MNE raise over a broken file."""
    import configparser
    import struct

    from scipy.io.matlab import MatReadError

    own = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, EOFError)
    return (*own, ArithmeticError, AssertionError, configparser.Error, struct.error, MatReadError)
