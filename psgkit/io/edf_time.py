"""Where in time the records of an EDF file lie: segments, gaps, and the sub-second start."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.core.finding import Finding
from psgkit.core.recording import Segment
from psgkit.errors import EdfFormatError
from psgkit.io.edf_header import EdfHeader

_LONGEST_S = 366 * 86400.0
_ROUNDING_S = 1e-3
"""Writers round record times; a gap or overlap smaller than this is none."""


def first_sample_s(header: EdfHeader, record_start_s: NDArray[np.float64]) -> float:
    """Return how long after the clock time in the header the first sample was taken."""
    first = record_start_s[0] if len(record_start_s) else np.nan
    plausible = header.is_discontinuous or 0 <= first < 1
    return float(first) if np.isfinite(first) and plausible else 0.0


def find_segments(
    name: str, header: EdfHeader, record_start_s: NDArray[np.float64]
) -> tuple[tuple[Segment, ...], list[Finding]]:
    """Return the contiguous stretches, seconds from the first sample, and what is odd about them.

    Records follow each other without a gap unless the file says that it is discontinuous.

    Raises
    ------
    EdfFormatError
        If a discontinuous file does not say when each record starts, or the records overlap.
    """
    if not header.n_records or header.record_s == 0:
        return (), []
    if header.is_discontinuous:
        return _discontinuous(name, header, record_start_s)
    nominal = np.arange(header.n_records) * header.record_s
    first_s = first_sample_s(header, record_start_s)
    broken = np.abs(record_start_s - first_s - nominal) > _ROUNDING_S
    findings = []
    if broken.any():
        findings.append(
            Finding(
                "warning",
                "edf.timekeeping",
                f"{name}: record {int(np.flatnonzero(broken)[0]) + 1}",
                f"{int(broken.sum())} of {header.n_records} records state a time that does not "
                "follow from the start, though the file says it is continuous; read as continuous",
            )
        )
    return (Segment(start_s=0.0, duration_s=header.n_records * header.record_s),), findings


def _discontinuous(
    name: str, header: EdfHeader, record_start_s: NDArray[np.float64]
) -> tuple[tuple[Segment, ...], list[Finding]]:
    unstamped = np.flatnonzero(np.isnan(record_start_s))
    if len(unstamped):
        raise EdfFormatError(
            f"{name}: record {int(unstamped[0]) + 1}",
            "no time stamp",
            "a time stamp in every record of a discontinuous (EDF+D) file",
        )
    starts = record_start_s - record_start_s[0]
    step = np.diff(starts) - header.record_s
    early = np.flatnonzero(step < -_ROUNDING_S)
    if len(early):
        row = int(early[0]) + 1
        raise EdfFormatError(
            f"{name}: record {row + 1}",
            f"a start at {record_start_s[row]:g} s, inside the record before",
            "records in time order",
        )
    farthest = int(np.argmax(np.abs(record_start_s)))
    if abs(record_start_s[farthest]) > _LONGEST_S:
        raise EdfFormatError(
            f"{name}: record {farthest + 1}",
            f"a start at {record_start_s[farthest]:g} s",
            "a start within a year of the time in the header",
        )
    edges = np.concatenate(([0], np.flatnonzero(step > _ROUNDING_S) + 1, [header.n_records]))
    segments = tuple(
        Segment(start_s=float(starts[a]), duration_s=float((b - a) * header.record_s))
        for a, b in pairwise(edges)
    )
    if len(segments) == 1:
        return segments, []
    gap_s = float(np.maximum(step, 0).sum())
    message = f"{len(segments)} segments with {gap_s:g} s of gaps; nothing is computed across one"
    return segments, [Finding("info", "edf.gaps", name, message)]
