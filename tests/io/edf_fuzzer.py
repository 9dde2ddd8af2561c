"""Mutate EDF files, and see that each ends in a recording or in one error of psgkit.

    PYTHONPATH=. python tests/io/edf_fuzzer.py COUNT [SEED]

Prints one JSON object: how many were read, how many refused, the slowest case, the peak of memory,
and every failure with the seed that makes it again.  Memory and time are limited by the system, so
that a header cannot ask for more than the size of its file allows.
"""

import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from edf_maker import FIXED, PER_SIGNAL, annotations, edf_bytes, ordinary, tal

from psgkit.check.as_json import channels_csv, files_as_json
from psgkit.check.as_text import file_as_text
from psgkit.check.survey import check_file
from psgkit.cohort.run.night_task import peak_bytes
from psgkit.core.recording import Recording
from psgkit.document.write import night_as_json
from psgkit.errors import PsgkitError
from psgkit.io.edf.anonymise import anonymise_edf
from psgkit.io.edf.repair import repair_edf
from psgkit.io.read import read_recording
from psgkit.night.walk import analyse_night

N_RECORDS, N_SIGNALS = 20, 3
HEADER_BYTES = 256 * (N_SIGNALS + 1)
MEMORY_BYTES = 3 * 2**30
SLOWEST_S = 20.0

VALUES = [
    b"",
    b"0",
    b"-1",
    b"1",
    b"2",
    b"0.5",
    b"0,5",
    b"1e-6",
    b"1e308",
    b"-1e-308",
    b"nan",
    b"inf",
    b"99999999",
    b"-9999999",
    b"9999",
    b"86400",
    b"EDF+C",
    b"EDF+D",
    b"BDF+D",
    b"24BIT",
    b"31.12.84",
    b"00.00.00",
    b"23:59:59",
    b"1_0",
    b"0x10",
    b"\xb5V",
    b"\xc2\xb5V",
    b"mV",
    b"V",
    b"g",
    b"EDF Annotations",
    b"BDF Annotations",
    b"LAT",
    b"RAT",
    b"ECG",
    b"=cmd|'!A1",
    b"\x00\x01\x02",
    b"\xff" * 16,
    b"\x1b[31mLAT",
]
TALS = [
    tal("+0"),
    tal("-5"),
    tal("+99999999999999999999"),
    tal("+1e5"),
    tal("+0", "Sleep stage W", duration="30"),
    tal("+0", "Sleep stage W", duration="999999999"),
    tal("+0.001", "Sleep stage N2", duration="0.001"),
    tal("+0", "Sleep stage X"),
    tal("+5", "Lights off"),
    tal("+4", "Lights on"),
    tal("-9999999", "Lights on"),
    tal("+3", "EEG arousal", duration="3"),
    tal("+3", "Apnea@@Flow", duration="1e3"),
    tal("+3", "Limb movement@@EMG LAT", duration="2"),
    tal("+2678300"),
    tal("+2678300", "x"),
    b"+1\x15",
    b"\x14\x14\x14",
    b"+\x14\x00",
    b"\xff\xfe\x00",
    b"+" + b"9" * 60 + b"\x14x\x14\x00",
]


def base(rng: random.Random) -> bytearray:
    """Return an ordinary file of one of the six kinds."""
    kind = rng.choice(["", "EDF+C", "EDF+D", "BDF+C", "BDF+D", "24BIT"])
    sample_bytes = 3 if kind[:1] in "B2" and kind else 2
    gap = rng.choice([0.0, 0.25, 7.5, 3600.0]) if kind.endswith("D") else 0.0
    stamps = [tal(f"+{k + gap * (k >= 8) + gap * (k >= 15)}") for k in range(N_RECORDS)]
    stamps[1] += tal("+0", "Sleep stage N2", duration="20") + tal("+6", "EEG arousal", duration="3")
    digital = np.random.default_rng(rng.randrange(8)).normal(0, 20, 200 * N_RECORDS)
    digital[800:1100] *= 30
    leg = ordinary(digital.astype(int), 200, label="EMG LAT", physical_min="-3276.8")
    slow = ordinary(np.arange(N_RECORDS), 1, label="SpO2", unit="%", physical_min="0")
    label = "EDF Annotations" if sample_bytes == 2 else "BDF Annotations"
    notes = annotations(stamps, 60, label=label)
    signals = [leg, slow, notes] if rng.random() < 0.5 else [notes, leg, slow]
    return bytearray(edf_bytes(signals, reserved=kind, sample_bytes=sample_bytes))


def mutated(seed: int) -> bytes:
    """Return the damaged file of a seed."""
    rng = random.Random(seed)
    raw = base(rng)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        rng.choice(MUTATIONS)(raw, rng)
    return bytes(raw)


def _fixed_field(raw: bytearray, rng: random.Random) -> None:
    name, width = rng.choice(FIXED[1:])
    names = [field for field, _ in FIXED]
    at = sum(size for _, size in FIXED[: names.index(name)])
    _put(raw, at, width, rng)


def _signal_field(raw: bytearray, rng: random.Random) -> None:
    row = rng.randrange(len(PER_SIGNAL))
    width = PER_SIGNAL[row][1]
    at = 256 + N_SIGNALS * sum(size for _, size in PER_SIGNAL[:row])
    _put(raw, at + width * rng.randrange(N_SIGNALS), width, rng)


def _put(raw: bytearray, at: int, width: int, rng: random.Random) -> None:
    value = rng.choice(VALUES)
    if rng.random() < 0.3:
        value = str(
            rng.choice([rng.randrange(-9, 999), rng.uniform(-1, 1) * 10 ** rng.randrange(9)])
        )[:width].encode()
    raw[at : at + width] = value[:width].ljust(width)


def _flip(raw: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 4, 40])):
        if raw:
            raw[rng.randrange(min(len(raw), HEADER_BYTES if rng.random() < 0.7 else len(raw)))] = (
                rng.randrange(256)
            )


def _tals(raw: bytearray, rng: random.Random) -> None:
    """Put annotations where some of the file's annotations are."""
    marks = [at for at in range(HEADER_BYTES, len(raw) - 1) if raw[at : at + 2] == b"\x14\x14"]
    for _ in range(rng.choice([1, 3])):
        if not marks:
            return
        at = rng.choice(marks) - rng.choice([0, 2, 3])
        said = b"".join(rng.choice(TALS) for _ in range(rng.choice([1, 2])))
        raw[at : at + min(len(said), 90)] = said[:90]


def _noise(raw: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(raw) + 1)
    size = rng.choice([1, 8, 120, 2000])
    raw[at : at + size] = rng.randbytes(min(size, max(len(raw) - at, 0)))


def _cut(raw: bytearray, rng: random.Random) -> None:
    del raw[
        rng.choice([rng.randrange(len(raw) + 1), len(raw) - 1 - rng.randrange(400) % len(raw)]) :
    ]
    raw.extend(b"0" * (not raw))


def _shift(raw: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(raw) + 1)
    if rng.random() < 0.5:
        raw[at:at] = rng.randbytes(rng.randrange(1, 300))
    else:
        del raw[at : at + rng.randrange(1, 300)]
    raw.extend(b"0" * (not raw))


MUTATIONS = [_fixed_field, _fixed_field, _signal_field, _signal_field, _flip, _tals, _tals]
MUTATIONS += [_noise, _cut, _shift]


def run_one(path: Path, seed: int) -> str:
    """Return ``read`` or ``refused``; anything else is an exception."""
    path.write_bytes(mutated(seed))
    said = check_file(path)
    file_as_text(said)
    channels_csv([said])
    json.loads(files_as_json([said]))
    try:
        recording = read_recording(path)
    except PsgkitError:
        assert said.error is not None
        return "refused"
    assert said.error is None
    look_at_everything(recording)
    copy = path.with_name("copy.edf")
    for make in (repair_edf, anonymise_edf):
        try:
            make(path, copy)
        except PsgkitError:
            continue
        assert read_recording(copy).labels() == recording.labels() or make is repair_edf
    try:
        night_as_json(analyse_night(recording))
    except PsgkitError:
        return "refused by the report"
    return "read"


def look_at_everything(recording: Recording) -> None:
    """Read all samples; they must be finite, as many as the segments need, and in time order."""
    assert np.isfinite(recording.duration_s)
    ends = [segment.end_s for segment in recording.segments]
    assert ends == sorted(ends)
    assert np.isfinite(recording.annotations.onset_s).all()
    for channel in recording.channels:
        samples = channel.samples[:]
        assert len(samples) == len(channel.samples)
        assert np.isfinite(samples).all()
        parts = recording.signals(channel) if len(samples) else ()
        assert sum(len(part.samples) for part in parts) == len(samples)


def main(count: int, seed: int) -> None:
    """Run ``count`` cases and print what came of them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    counts: dict[str, int] = {}
    failures = []
    slowest = (0.0, -1)
    with tempfile.TemporaryDirectory() as folder:
        for case in range(seed, seed + count):
            start = time.process_time()
            try:
                outcome = run_one(Path(folder) / "night.edf", case)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
                outcome = "failed"
                failures.append((case, f"{type(error).__name__}: {error}"[:200]))
            counts[outcome] = counts.get(outcome, 0) + 1
            slowest = max(slowest, (time.process_time() - start, case))
    peak_mb = peak_bytes() / 2**20
    said: dict[str, object] = {"counts": counts, "failures": failures, "peak_mb": peak_mb}
    said |= {"slowest_s": slowest[0], "slowest_case": slowest[1], "all_s": time.process_time()}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
