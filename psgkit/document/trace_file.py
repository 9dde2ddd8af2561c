"""The trace of a night as a file beside its report: ``trace.npz``, schema ``psgkit.trace/1``.

A page or a review of a finished night needs this file and ``report.json``, not the recording.

It is a zip archive that ``numpy.load`` opens without pickle.  ``trace.json`` says which recording
it belongs to (its SHA-256), how it was measured, and for each channel its labels, place, unit and
scale.  The lines of channel ``k`` are ``k.low.npy``, ``k.high.npy``, ``k.level.npy``,
``k.rest.npy``, ``k.on.npy`` and ``k.off.npy``: int8 codes as ``core/trace.py`` defines them.
``k.unusable_s.npy`` holds the seconds in which no movement could be found, shape ``(n, 2)``.
``review.json`` is what a review on the page of the report begins with, where that is known.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from lzma import LZMAError
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import NightReport
from psgkit.core.reviewed import ReviewStart
from psgkit.core.trace import (
    FAST_LINES,
    MISSING,
    SLOW_HZ,
    SLOW_LINES,
    NightTrace,
    TraceChannel,
)
from psgkit.document.values import plain
from psgkit.errors import InputFileError
from psgkit.io.files import open_regular

TRACE_FILE = "trace.npz"
SCHEMA = "psgkit.trace/1"
_ABOUT = "trace.json"
_REVIEW = "review.json"
_MOST_REVIEW = 256 * 2**20
_MOST_ABOUT, _MOST_HEADER = 1_000_000, 1_000
_MOST_SPANS = 10_000_000
"""Bytes and numbers that are read at most: an archive may promise more than memory holds."""
_MEASURED_WITH = ("emg", "accelerometer")
"""Settings that decide what a trace holds."""
_DAY_ONE = (1980, 1, 1, 0, 0, 0)
"""The first day of a zip archive: the same trace gives the same bytes."""
_WANTED = f"a trace ({SCHEMA})"
_WRITES_ONE = "psgkit report --out DIR --keep-trace writes one."
_UNUSABLE = "unusable_s"


def trace_as_npz(trace: NightTrace, report: NightReport) -> bytes:
    """Return the bytes of the trace file of a report."""
    about = {
        "schema": SCHEMA,
        "psgkit": report.version,
        "recording_sha256": trace.sha256,
        "measured_with_sha256": _digest_of_settings(report),
        "duration_s": trace.duration_s,
        "rate_hz": trace.rate_hz,
        "slow_rate_hz": SLOW_HZ,
        "missing": MISSING,
        "channels": [
            {
                "labels": list(channel.labels),
                "place": channel.place,
                "unit": channel.unit,
                "scale": channel.scale,
                "lines": list(channel.lines),
            }
            for channel in trace.channels
        ],
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(_ABOUT), json.dumps(about, indent=1).encode("utf-8"))
        start = report.review_start
        if start is not None:
            begins = {"line": start.line, "marks": start.marks}
            archive.writestr(_member(_REVIEW), json.dumps(begins).encode("utf-8"))
        for number, channel in enumerate(trace.channels):
            arrays = {**channel.lines, _UNUSABLE: channel.unusable_s.astype(np.float64)}
            for name, array in arrays.items():
                content = io.BytesIO()
                np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
                archive.writestr(_member(f"{number}.{name}.npy"), content.getvalue())
    return file.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _DAY_ONE)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _digest_of_settings(report: NightReport) -> str:
    """Return a digest of the settings that decide what a trace holds."""
    settings = plain({name: report.settings.get(name) for name in _MEASURED_WITH})
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode("utf-8")).hexdigest()


def read_trace(path: str | os.PathLike[str], report: NightReport | None = None) -> NightTrace:
    """Return the trace in a file that ``psgkit report --keep-trace`` wrote.

    Parameters
    ----------
    path : path
    report : NightReport, optional
        The report the trace must belong to: of the same recording, measured in the same way.

    Raises
    ------
    InputFileError
        If the file is no trace, is cut or damaged, or belongs to another recording.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from psgkit import analyse_night, simulate_night
    >>> from psgkit.detect.trace import TraceRecorder
    >>> recorder = TraceRecorder()
    >>> night = simulate_night("rls", hours=0.1, seed=1)
    >>> report = analyse_night(night.recording, recorder=recorder)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / TRACE_FILE
    ...     _ = path.write_bytes(trace_as_npz(recorder.trace(), report))
    ...     [channel.label for channel in read_trace(path, report).channels]
    ['LAT', 'RAT']
    """
    path = Path(path)
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            about = _about(archive, path.name)
            if report is not None:
                _refuse_another(about, report, path.name)
            return _trace_of(archive, about)
    except FileNotFoundError:
        raise InputFileError(path.name, "no such file", _WANTED, _WRITES_ONE) from None
    except OSError as error:
        found = error.strerror or str(error)
        raise InputFileError(path.name, found, "a readable file") from None
    except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError) as error:
        found = f"no whole archive ({error})"
        raise InputFileError(path.name, found, _WANTED, _WRITES_ONE) from None
    except (KeyError, TypeError, ValueError, NotImplementedError, RuntimeError) as error:
        found = f"content that does not fit its description ({error})"
        raise InputFileError(path.name, found, _WANTED, _WRITES_ONE) from None


def _about(archive: zipfile.ZipFile, where: str) -> Mapping[str, Any]:
    if _ABOUT not in archive.namelist():
        raise InputFileError(where, f"an archive without {_ABOUT}", _WANTED, _WRITES_ONE)
    if archive.getinfo(_ABOUT).file_size > _MOST_ABOUT:
        raise ValueError(f"{_ABOUT} is too long")
    about = json.loads(archive.read(_ABOUT))
    schema = about.get("schema") if isinstance(about, dict) else None
    if schema != SCHEMA:
        found = f"the schema {schema!r}" if schema else "no schema"
        raise InputFileError(where, found, f"the schema {SCHEMA!r}", _WRITES_ONE)
    return dict(about)


def _refuse_another(about: Mapping[str, Any], report: NightReport, where: str) -> None:
    """Raise if a trace belongs to another report."""
    wanted = f"the trace of {report.source!r}, which the report is about"
    same_length = abs(float(about["duration_s"]) - report.duration_s) < 1e-3  # noqa: PLR2004
    if about["recording_sha256"] != report.sha256 or not same_length:
        raise InputFileError(where, "the trace of another recording", wanted)
    if about["measured_with_sha256"] != _digest_of_settings(report):
        raise InputFileError(
            where, "the trace of an analysis with other settings", wanted, _WRITES_ONE
        )


def _trace_of(archive: zipfile.ZipFile, about: Mapping[str, Any]) -> NightTrace:
    """Return the trace in an archive that describes itself as one."""
    duration_s, rate_hz = float(about["duration_s"]), float(about["rate_hz"])
    sha256 = about["recording_sha256"]
    if not (0 <= duration_s < np.inf and 0 < rate_hz < np.inf):
        raise ValueError(f"{duration_s} s at {rate_hz} Hz")
    if about["slow_rate_hz"] != SLOW_HZ or about["missing"] != MISSING:
        raise ValueError("slow_rate_hz or missing")
    if sha256 is not None and not isinstance(sha256, str):
        raise TypeError("recording_sha256 is no text")
    seconds = max(1, int(np.ceil(duration_s)))
    lengths = dict.fromkeys(FAST_LINES, round(seconds * rate_hz))
    lengths |= dict.fromkeys(SLOW_LINES, round(seconds * SLOW_HZ))
    return NightTrace(
        duration_s=duration_s,
        rate_hz=rate_hz,
        sha256=sha256,
        review_start=_review_start(archive),
        channels=tuple(
            TraceChannel(
                labels=tuple(map(str, one["labels"])),
                place=str(one["place"]),
                unit=str(one["unit"]),
                scale=float(one["scale"]),
                lines={
                    name: _line(archive, f"{number}.{name}.npy", lengths[name])
                    for name in one["lines"]
                },
                unusable_s=_spans(archive, f"{number}.{_UNUSABLE}.npy"),
            )
            for number, one in enumerate(about["channels"])
        ),
    )


def _no_number(word: str) -> float:
    raise ValueError(f"{word} in {_REVIEW}")


def _review_start(archive: zipfile.ZipFile) -> ReviewStart | None:
    """Return what a review of the report begins with; None where the file does not have it."""
    if _REVIEW not in archive.namelist():
        return None
    if archive.getinfo(_REVIEW).file_size > _MOST_REVIEW:
        raise ValueError(f"{_REVIEW} is too long")
    begins = json.loads(archive.read(_REVIEW), parse_constant=_no_number)
    marks = tuple(tuple(map(str, names)) for names in begins["marks"])
    return ReviewStart(line=dict(begins["line"]), marks=marks)


def _line(archive: zipfile.ZipFile, name: str, length: int) -> NDArray[np.int8]:
    """Return one line, which must be as long as the recording."""
    codes: NDArray[np.int8] = _array(archive, name, np.dtype(np.int8), length)
    if codes.shape != (length,):
        raise ValueError(f"{name} has the shape {codes.shape}, not ({length},)")
    return codes


def _spans(archive: zipfile.ZipFile, name: str) -> NDArray[np.float64]:
    spans: NDArray[np.float64] = _array(archive, name, np.dtype(np.float64), _MOST_SPANS)
    if spans.shape[1:] != (2,):
        raise ValueError(f"{name} has the shape {spans.shape}, not (n, 2)")
    return spans


def _array(archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], most: int) -> NDArray[Any]:
    """Return an array of at most so many numbers; nothing larger is unpacked."""
    if archive.getinfo(name).file_size > most * dtype.itemsize + _MOST_HEADER:
        raise ValueError(f"{name} is too long")
    content = archive.read(name)
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{name} is no array of version 1.0")
    shape, in_columns, found = np.lib.format.read_array_header_1_0(file)
    if found != dtype or in_columns:
        raise ValueError(f"{name} holds {found}, not {dtype}")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)
