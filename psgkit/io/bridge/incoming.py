"""Recordings and hypnograms of MNE-Python and YASA, and recordings in files that only MNE reads."""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.recording import Annotations, Channel, Recording, Segment
from psgkit.core.regex import regex
from psgkit.core.sleeper import HEADER, Sleeper, age_at
from psgkit.core.stage_source import program_in
from psgkit.errors import InputFileError
from psgkit.extras import require
from psgkit.io.bridge import mne_child
from psgkit.io.channels.assign import with_roles

if TYPE_CHECKING:
    import mne
    import yasa

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
"""Formats that only MNE reads, by the end of the file name.  EDF and BDF are read by psgkit itself;
eXimia (.nxe) has no header by which a recording differs from any other bytes."""
MOST_S = 900
"""A damaged file may hold MNE in a loop; psgkit's own choice."""
_ERROR = regex(r"[A-Za-z_][\w.]*(?:Error|Exception|Warning)\b")
_FIFF_UNIT_V = 107
_UV_PER_V = 1e6
_SEXES = {1: "male", 2: "female"}
"""Of ``subject_info``, where 0 is not known."""
_UNITS_MNE_SCALES = ("V", "mV", "uV", "\u00b5V", "\u03bcV")
_YASA_STAGES = {
    "WAKE": "W",
    "N1": "N1",
    "N2": "N2",
    "N3": "N3",
    "REM": "R",
    "ART": UNSCORED,
    "UNS": UNSCORED,
}


def format_for_mne(path: Path) -> str:
    """Return the name of the format for MNE, empty if MNE does not read the file.

    Examples
    --------
    >>> format_for_mne(Path("night.VHDR")), format_for_mne(Path("night.edf"))
    ('BrainVision', '')
    """
    name = path.name.lower()
    return next((form for end, form in FORMATS.items() if name.endswith(end)), "")


def read_with_mne(path: Path) -> Recording:
    """Return the recording that MNE reads from a file; samples are read on access.

    A child process with limits of memory and time reads all of it first.  Each warning of MNE
    becomes a finding.

    Raises
    ------
    InputFileError
        If MNE cannot read it; the message quotes MNE.
    MissingExtraError
        If MNE is not installed.
    """
    require("mne")
    import mne

    form = format_for_mne(path)
    if not path.exists():
        raise InputFileError(str(path), "no such file", f"a {form} recording")
    if not (path.is_file() or path.is_dir()):
        # EGI's are folders; a pipe or a device would be waited for
        raise InputFileError(str(path), "a pipe or device", f"a {form} recording")
    _read_in_child(path, form)
    try:
        # MNE logs to standard output, which is for data
        with mne.utils.catch_logging(), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            raw = mne.io.read_raw(path, preload=False, verbose="warning")
    except ImportError as error:
        raise _needs_package(path, form, str(error)) from None
    except _errors_of_mne() as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise _damaged(path, form, f"({what!r})") from error
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
            *(Finding("warning", "mne.warning", path.name, repr(message)) for message in warned),
        ),
    )


def _read_in_child(path: Path, form: str) -> None:
    """Raise ``InputFileError`` if MNE fails, crashes, hangs or needs too much memory."""
    # by path with -P, so that nothing is imported from the working folder
    command = [sys.executable, "-P", "-W", "ignore", mne_child.__file__]
    try:
        done = subprocess.run(
            [*command, str(path.resolve()), str(MOST_S)],
            cwd=Path(mne_child.__file__).parent,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _damaged(path, form, f"in {MOST_S // 60} minutes") from None
    if done.returncode == 0:
        return
    if done.returncode == mne_child.REFUSED:
        refused = json.loads(done.stdout.splitlines()[-1])
        if refused["kind"] == "package":
            raise _needs_package(path, form, refused["said"])
        raise _damaged(path, form, f"with {mne_child.MOST_BYTES // 2**30} GB of memory")
    said = [line for line in done.stderr.splitlines() if _ERROR.match(line)]
    why = f"({said[-1][:300]!r})" if said else f"(it stopped with {done.returncode})"
    raise _damaged(path, form, why)


def _needs_package(path: Path, form: str, said: str) -> InputFileError:
    found = f"a {form} file that MNE reads only with another package"
    return InputFileError(path.name, found, said)


def _damaged(path: Path, form: str, why: str) -> InputFileError:
    advice = "Of BrainVision give the .vhdr file." if path.suffix.lower() == ".eeg" else ""
    found = f"a {form} file that MNE cannot read {why}"
    return InputFileError(path.name, found, f"a whole {form} recording", advice)


def as_recording(recording: "Recording | mne.io.BaseRaw") -> Recording:
    """Return a recording; one of MNE is converted."""
    if isinstance(recording, Recording):
        return recording
    if hasattr(recording, "ch_names") and hasattr(recording, "get_data"):
        return recording_from_mne(recording)
    advice = ""
    if isinstance(recording, str | Path):
        advice = f"; read the file first: psgkit.read_recording({str(recording)!r})"
    raise ValueError(f"wanted a Recording or an mne Raw, got {type(recording).__name__}{advice}")


def as_hypnogram(hypnogram: "Hypnogram | yasa.Hypnogram | None") -> Hypnogram | None:
    """Return a hypnogram; one of YASA is converted."""
    if hypnogram is None or isinstance(hypnogram, Hypnogram):
        return hypnogram
    if hasattr(hypnogram, "hypno") and hasattr(hypnogram, "freq"):
        return hypnogram_from_yasa(hypnogram)
    advice = ""
    if isinstance(hypnogram, str | Path):
        advice = f"; read the file first: psgkit.read_hypnogram({str(hypnogram)!r})"
    got = type(hypnogram).__name__
    raise ValueError(f"wanted a Hypnogram or a yasa.Hypnogram, got {got}{advice}")


def recording_from_mne(raw: "mne.io.BaseRaw") -> Recording:
    """Return the recording in an MNE ``Raw``; voltages become uV, nothing is loaded.

    MNE has one rate for all channels; a finding reports channels that it resampled while reading.
    """
    info = raw.info
    # readers of MNE declare every channel a voltage, even without a stated unit
    stated = getattr(raw, "_orig_units", None) or {}
    channels = []
    for row, described in enumerate(info["chs"]):
        unit = stated.get(described["ch_name"], "V")
        volts = int(described["unit"]) == _FIFF_UNIT_V and unit in _UNITS_MNE_SCALES
        channels.append(
            Channel(
                label=described["ch_name"],
                rate_hz=float(info["sfreq"]),
                samples=MneSamples(raw, row, _UV_PER_V if volts else 1.0),
                unit="uV" if volts else "",
                stored_unit="V" if volts else "",
            )
        )
    # onsets count from the first measured sample, also in a cropped Raw without a date
    offset_s = float(raw.first_time)
    start = info["meas_date"]
    recording = Recording(
        source=str(raw.filenames[0].name) if raw.filenames and raw.filenames[0] else "mne.io.Raw",
        # a cropped Raw keeps the date of the uncropped one
        start=start.replace(tzinfo=None) + timedelta(seconds=raw.first_time) if start else None,
        segments=(Segment(start_s=0.0, duration_s=raw.n_times / float(info["sfreq"])),),
        channels=tuple(channels),
        annotations=Annotations(
            onset_s=tuple(float(t) - offset_s for t in raw.annotations.onset),
            duration_s=tuple(float(d) for d in raw.annotations.duration),
            text=tuple(str(text) for text in raw.annotations.description),
        ),
        findings=(
            Finding(
                "info",
                "mne.bridge",
                "recording",
                translatable(
                    f"came through MNE-Python: all channels at {float(info['sfreq']):g} Hz, the "
                    "recorder's resolution and limits are unknown"
                ),
            ),
        ),
        sleeper=_sleeper(info),
    )
    return with_roles(recording)


def _sleeper(info: "mne.Info") -> Sleeper:
    """Return age and sex of the subject, as far as MNE knows them."""
    person, start = info["subject_info"] or {}, info["meas_date"]
    sex, born = _SEXES.get(int(person.get("sex") or 0)), person.get("birthday")
    age = age_at(born, start.date())[0] if isinstance(born, date) and start else None
    return Sleeper(
        age_years=None if age is None else float(age),
        sex=sex,
        age_from="" if age is None else HEADER,
        sex_from="" if sex is None else HEADER,
    )


def hypnogram_from_yasa(hypnogram: "yasa.Hypnogram") -> Hypnogram:
    """Return the psgkit form of a five-stage ``yasa.Hypnogram``; artefacts are UNSCORED.

    Raises
    ------
    ValueError
        If it has fewer than five stages, so that N1, N2 and N3 are not distinguished.
    """
    import pandas as pd

    found = [str(stage) for stage in hypnogram.hypno]
    unknown = sorted(set(found) - set(_YASA_STAGES))
    if unknown:
        raise ValueError(f"stages {unknown} of a hypnogram with {hypnogram.n_stages} stages")
    epoch_s = pd.Timedelta(hypnogram.freq).total_seconds()
    stages = Hypnogram.of([_YASA_STAGES[stage] for stage in found], epoch_s)
    return replace(stages, estimated_by=_estimated_by(hypnogram))


def _estimated_by(hypnogram: "yasa.Hypnogram") -> str:
    """Return the program of a hypnogram that a program made; empty for one of a scorer.

    YASA keeps the probabilities of the stages that it estimates; a scorer has none.
    """
    said = program_in(str(getattr(hypnogram, "scorer", None) or ""))
    if said or getattr(hypnogram, "proba", None) is None:
        return said
    import yasa

    return f"YASA {yasa.__version__}"


class MneSamples:
    """One channel of an MNE ``Raw``, read when a slice is asked for."""

    __slots__ = ("_factor", "_raw", "_row")

    def __init__(self, raw: "mne.io.BaseRaw", row: int, factor: float) -> None:
        self._raw = raw
        self._row = row
        self._factor = factor

    def __len__(self) -> int:
        return int(self._raw.n_times)

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        start, stop, step = part.indices(len(self))
        data = self._raw.get_data(picks=[self._row], start=start, stop=max(start, stop))
        return np.asarray(data[0, ::step] * self._factor)


def _errors_of_mne() -> tuple[type[Exception], ...]:
    """Return the errors that readers of MNE raise for a damaged file."""
    import configparser
    import struct

    from scipy.io.matlab import MatReadError

    own = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, EOFError)
    return (*own, ArithmeticError, AssertionError, configparser.Error, struct.error, MatReadError)
