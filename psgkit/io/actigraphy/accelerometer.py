"""Axivity CWA and GENEActiv BIN, read by actfast in a child process.

A file that makes the reader fail, hang or exhaust memory ends only that process and is one error.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import weakref
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.day_clock import YEARS, DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.extras import require
from psgkit.io.actigraphy import accelerometer_child
from psgkit.io.actigraphy.accelerometer_child import ABOUT, MOST_DAYS, RATES_HZ, TRACK_EPOCH_S
from psgkit.io.actigraphy.zones import stated_zone, zone_findings
from psgkit.io.channels.assign import with_roles

KINDS = {"cwa": "Axivity CWA", "bin": "GENEActiv BIN"}
CWA_HEAD = b"MD\xfc\x03"
BIN_HEAD = b"Device Identity"
LIMITS_G = {"cwa": None, "bin": (-8.0, 8.0)}
MOST_BYTES = 4 * 2**30
MOST_S = 1800
_UNITS = {"light": "lux", "temperature": "degC"}
_LOCATION = regex(rb"Device Location Code:([A-Za-z ]{2,14})\r?\n")
_ZONE = regex(rb"Time Zone:([ -~]{1,40}?)\s*\r?\n")
_ERROR = regex(r"^([A-Za-z_][\w.]*(?:Error|Exception|Warning))\b", re.MULTILINE)


def accelerometer_kind(head: bytes) -> str:
    r"""Return ``cwa`` or ``bin`` by the first bytes of a file, else an empty text.

    Examples
    --------
    >>> accelerometer_kind(b"MD\xfc\x03..."), accelerometer_kind(b"Device Identity\r\n")
    ('cwa', 'bin')
    """
    if head.startswith(CWA_HEAD):
        return "cwa"
    return "bin" if head.lstrip(b"\xef\xbb\xbf").startswith(BIN_HEAD) else ""


class _Folder:
    """A temporary folder of columns, removed when its last column is no longer used."""

    __slots__ = ("__weakref__", "path")

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="psgkit-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class FileColumn:
    """Samples of one axis in a file of 32-bit numbers, read on access."""

    __slots__ = ("_count", "_folder", "_path")

    def __init__(self, folder: _Folder, name: str, count: int) -> None:
        self._folder = folder
        self._path = folder.path / name
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        start, stop, step = part.indices(self._count)
        count = max(stop - start, 0)
        found = np.fromfile(self._path, dtype="<f4", count=count, offset=4 * start)
        return found[::step]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)


def read_accelerometer(path: Path, kind: str, zone: str, head: bytes) -> DayRecording:
    """Return the accelerometer in a CWA or BIN file.

    Parameters
    ----------
    path : Path
    kind : str
        Of ``accelerometer_kind``.
    zone : str
        Time zone, empty if it is not stated.
    head : bytes
        The first bytes of the file.

    Raises
    ------
    InputFileError
        If actfast cannot read the file.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputFileError(path.name, "more than 4 GB", KINDS[kind])
    folder = _Folder()
    about = _columns(path, kind, folder)
    start = _start(about, path.name)
    segments = tuple(
        Segment(start_s=at_s, duration_s=count / about["rate_hz"]) for at_s, count in about["parts"]
    )
    findings: list[Finding] = []
    # the codes of reports stay as they were when scikit-digital-health (skdh) read these files
    if about["dropped_n"]:
        message = f"{about['dropped_n']} samples step back in time; left out"
        findings.append(Finding("warning", "skdh.order", path.name, message))
    if about["is_cut"]:
        message = "the file ends within a block of samples, which is left out"
        findings.append(Finding("warning", "accelerometer.cut", path.name, message))
    if about["damaged_n"]:
        message = f"{about['damaged_n']} damaged blocks or pages of samples; left out"
        findings.append(Finding("warning", "accelerometer.damaged", path.name, message))
    if len(segments) > 1:
        message = f"{len(segments) - 1} gaps"
        findings.append(Finding("warning", "skdh.gap", path.name, message))
    place = _LOCATION.search(head)
    label = place.group(1).decode().strip().title() if place else "Acc"
    recording = with_roles(
        Recording(
            source=path.name,
            start=start,
            segments=segments,
            channels=_channels(folder, about, label, kind),
            path=str(path),
        )
    )
    stated = _stated_zone(head)
    clock = DayClock.of(start, zone or stated)
    findings += zone_findings(stated, zone, clock, path.name)
    return DayRecording(
        source=path.name,
        clock=clock,
        duration_s=recording.duration_s,
        recording=recording,
        tracks=tuple(
            Track(
                name=name,
                unit=_UNITS[name],
                values=np.fromfile(folder.path / name, dtype="<f8"),
                epoch_s=TRACK_EPOCH_S,
            )
            for name in about["tracks"]
        ),
        device=KINDS[kind].split()[0],
        findings=tuple(findings),
    )


def _stated_zone(head: bytes) -> str:
    """Return the zone in the head of a BIN file; an Axivity states none."""
    match = _ZONE.search(head)
    return stated_zone(match.group(1).decode("ascii")) if match else ""


def _columns(path: Path, kind: str, folder: _Folder) -> dict[str, Any]:
    """Return the description of the columns by the child process."""
    require("actfast")
    # by path with -P, so that nothing is imported from the working folder
    command = [sys.executable, "-P", "-W", "ignore", accelerometer_child.__file__, kind]
    try:
        done = subprocess.run(
            [*command, str(path.resolve()), str(folder.path)],
            cwd=folder.path,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        found = f"a file that takes more than {MOST_S // 60} minutes"
        raise InputFileError(path.name, found, KINDS[kind]) from None
    if done.returncode:
        said = _ERROR.findall(done.stderr)
        why = said[-1] if said else f"it stopped with {done.returncode}"
        found = f"a file that actfast cannot read ({why})"
        raise InputFileError(path.name, found, f"{KINDS[kind]} that is whole")
    about: dict[str, Any] = json.loads((folder.path / ABOUT).read_text(encoding="utf-8"))
    low, high = RATES_HZ
    total = sum(count for _, count in about["parts"])
    if total < 2 or not low <= about["rate_hz"] <= high:  # noqa: PLR2004
        found = f"{total} samples at {about['rate_hz']:g} Hz"
        raise InputFileError(path.name, found, KINDS[kind])
    if about["parts"][-1][0] > MOST_DAYS * 86400:
        raise InputFileError(path.name, "times over more than a year", f"{MOST_DAYS} days")
    return about


def _start(about: dict[str, Any], where: str) -> datetime:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=about["start_s"])
    if moment.year not in YEARS:
        raise InputFileError(where, f"a start in {moment.year}", f"a year from {YEARS[0]} on")
    return moment.replace(tzinfo=None)


def _channels(folder: _Folder, about: dict[str, Any], label: str, kind: str) -> tuple[Channel, ...]:
    count = sum(n for _, n in about["parts"])
    return tuple(
        Channel(
            label=f"{label} {axis.upper()}",
            rate_hz=about["rate_hz"],
            samples=FileColumn(folder, axis, count),
            unit="g",
            stored_unit="g",
            limits=LIMITS_G[kind],
        )
        for axis in "xyz"
    )
