"""Where in time the records of an EDF file lie: segments, gaps, and the sub-second start."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.core.finding import Finding
from psgkit.core.recording import Segment
from psgkit.errors import EdfFormatError
from psgkit.io.edf_header import EdfHeader

_LONGEST_GAPS_S = 31 * 86400.0
"""A night is interrupted for minutes; beyond a month of gaps the times are damaged."""
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
    findings = []
    nominal = np.arange(len(record_start_s)) * header.record_s
    first_s = first_sample_s(header, record_start_s)
    broken = np.abs(record_start_s - first_s - nominal) > _ROUNDING_S
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
    unstamped = np.flatnonzero(np.isnan(record_start_s)).tolist()
    if unstamped or not len(record_start_s):
        raise EdfFormatError(
            f"{name}: record {unstamped[0] + 1 if unstamped else 1}",
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
    # from the time in the header to the first record counts as a gap
    gap_s = np.cumsum(np.concatenate((np.abs(record_start_s[:1]), np.maximum(step, 0))))
    farthest = int(np.searchsorted(gap_s, _LONGEST_GAPS_S, side="right"))
    if farthest < len(gap_s):
        raise EdfFormatError(
            f"{name}: record {farthest + 1}",
            f"a start at {record_start_s[farthest]:g} s",
            f"gaps of less than {_LONGEST_GAPS_S / 86400:g} days in all",
        )
    edges = np.concatenate(([0], np.flatnonzero(step > _ROUNDING_S) + 1, [header.n_records]))
    segments = tuple(
        Segment(start_s=float(starts[a]), duration_s=float((b - a) * header.record_s))
        for a, b in pairwise(edges)
    )
    if len(segments) == 1:
        return segments, []
    lost = f"{gap_s[-1] - gap_s[0]:g} s of gaps"
    message = f"{len(segments)} segments with {lost}; nothing is computed across one"
    return segments, [Finding("info", "edf.gaps", name, message)]
