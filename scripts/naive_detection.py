"""Find leg movements in an EDF as a short script would: scipy over whole channels, no checks.

    python scripts/naive_detection.py night.edf LAT RAT

A measure of speed for ``scripts/benchmark.py``, not of quality: no sleep, no artefacts, a fixed
resting level.  Prints onsets and ends as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, filtfilt, iirnotch, sosfiltfilt

BAND_HZ = (10.0, 100.0)
MAINS_HZ = 50.0
WINDOW_S = 0.1
ONSET_UV, END_UV = 8.0, 2.0
QUIET_S = 0.5
SHORTEST_S, LONGEST_S = 0.5, 10.0


def read_channel(path: Path, label: str) -> tuple[np.ndarray, float]:
    """Return the samples of one channel of an EDF in its unit, and their rate."""
    with path.open("rb") as file:
        fixed = file.read(256)
        n_signals = int(fixed[252:256])
        header = file.read(256 * n_signals)

    def column(before: int, width: int) -> list[str]:
        part = header[before * n_signals : (before + width) * n_signals].decode("latin-1")
        return [part[i * width : (i + 1) * width].strip() for i in range(n_signals)]

    row = column(0, 16).index(label)
    low, high, first, last = (float(column(at, 8)[row]) for at in (104, 112, 120, 128))
    counts = [int(text) for text in column(216, 8)]
    records = np.memmap(path, "<i2", "r", offset=int(fixed[184:192]))
    records = records[: len(records) // sum(counts) * sum(counts)].reshape(-1, sum(counts))
    begin = sum(counts[:row])
    digital = records[:, begin : begin + counts[row]].astype(np.float64).ravel()
    samples = (digital - first) * ((high - low) / (last - first)) + low
    return samples, counts[row] / float(fixed[244:252])


def movements(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    """Return onsets and ends in seconds, shape ``(n, 2)``."""
    sections = butter(4, BAND_HZ, "band", fs=rate_hz, output="sos")
    filtered = filtfilt(*iirnotch(MAINS_HZ, 30.0, rate_hz), sosfiltfilt(sections, samples))
    width = round(WINDOW_S * rate_hz)
    sums = np.append(0.0, np.cumsum(np.abs(filtered)))
    amplitude = (sums[width:] - sums[:-width]) / width
    rest = np.median(amplitude[::width])
    active = np.concatenate(([False], amplitude >= rest + END_UV, [False]))
    edges = np.flatnonzero(np.diff(active))
    start, end = edges[::2], edges[1::2]
    apart = start[1:] - end[:-1] >= QUIET_S * rate_hz
    start, end = start[np.append(True, apart)], end[np.append(apart, True)]
    peaks = np.maximum.reduceat(amplitude, start) if len(start) else start
    length_s = (end - start) / rate_hz
    kept = (peaks >= rest + ONSET_UV) & (length_s >= SHORTEST_S) & (length_s <= LONGEST_S)
    return np.column_stack((start, end))[kept] / rate_hz


def main() -> None:
    """Print the movements of the channels named."""
    path = Path(sys.argv[1])
    found = {label: movements(*read_channel(path, label)).tolist() for label in sys.argv[2:]}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
