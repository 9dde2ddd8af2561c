"""Measure speed as ratios inside one run, and peak memory; write them to a CSV file.

    python scripts/benchmark.py [--quick] [--only-reports] [--out benchmark.csv]

Ratios compare with plain numpy or scipy on the same data in the same run, so that the speed of the
machine does not matter.  ``--quick`` uses one hour instead of eight without the long recordings;
its figures are less precise.
"""

import argparse
import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.io.edf.write import write_edf
from psgkit.io.new_files import new_file

REPEATS = 5
BLOCK_S = 600
"""Length of the piece of signal that is written again and again."""

REPORT_CODE = """
import sys
from psgkit.cli import main
sys.argv = ["psgkit", "report", sys.argv[1], "--json"]
main()
"""

PEAK_CODE = """
import contextlib, os, sys
from psgkit.cli import main
sys.argv = ["psgkit", "report", sys.argv[1], "--json"]
with open(os.devnull, "w") as out, contextlib.redirect_stdout(out):
    with contextlib.suppress(SystemExit):
        main()
status = open("/proc/self/status").read()
print(status.split("VmHWM:")[1].split()[0])
"""


@dataclass(frozen=True)
class Row:
    """One line of the result: what was measured, against what, and the target."""

    what: str
    value: float
    unit: str
    target: float

    def line(self) -> str:
        """Return the row as printed."""
        verdict = "ok" if self.value <= self.target else "MISSED"
        return f"{self.what:<62} {self.value:8.2f} {self.unit:<6} <= {self.target:<6g} {verdict}"


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one hour instead of eight")
    parser.add_argument(
        "--only-reports", action="store_true", help="only whole reports beside a short script"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmark.csv"))
    options = parser.parse_args()
    hours = 1.0 if options.quick else 8.0
    rows: list[Row] = []

    def note(row: Row) -> None:
        rows.append(row)
        print(row.line(), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for row in speed_of_reports(Path(folder), hours):
            note(row)
        if options.only_reports:
            write_rows(options.out, rows)
            return
        night = Path(folder) / "night.edf"
        write_night(night, Night(hours=hours, rate_hz=512.0, limbs=4, others=19))
        for row in (*speed_of_reading(night), *speed_of_detection(night), *speed_of_start()):
            note(row)
        for row in speed_of_page(hours):
            note(row)
        note(speed_of_accelerometer(hours))
        sensor = Path(folder) / "sensor.edf"
        write_night(sensor, Night(hours=hours, rate_hz=100.0, limbs=0, axes=3))
        note(speed_of_sensor(sensor))
        note(peak_memory(f"{hours:g} h, 23 channels, 512 Hz", night))
        for what, long_night in long_recordings(quick=options.quick).items():
            path = Path(folder) / "long.edf"
            write_night(path, long_night)
            note(peak_memory(what, path))
    write_rows(options.out, rows)


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write the rows as CSV."""
    with new_file(path) as part, part.open("x", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("what", "value", "unit", "target"))
        table.writerows((row.what, f"{row.value:.3f}", row.unit, row.target) for row in rows)


@dataclass(frozen=True, kw_only=True)
class Night:
    """Length, rate and channels of a benchmark recording."""

    hours: float
    rate_hz: float
    limbs: int = 2
    others: int = 0
    axes: int = 0
    loudness: str = "movements"
    hum_uv: float = 0.0


def long_recordings(*, quick: bool) -> dict[str, Night]:
    """Return the recordings for which memory must not grow with length."""
    if quick:
        return {}
    return {
        "24 h, 2 legs, 2 kHz": Night(hours=24.0, rate_hz=2000.0),
        "7 days, 2 legs, 100 Hz": Night(hours=168.0, rate_hz=100.0),
        "7 days, 3 axes, 100 Hz": Night(hours=168.0, rate_hz=100.0, limbs=0, axes=3),
        "8 h, all quiet": Night(hours=8.0, rate_hz=512.0, loudness="quiet"),
        "8 h, never at rest": Night(hours=8.0, rate_hz=512.0, loudness="restless"),
    }


def write_night(path: Path, night: Night) -> None:
    """Write a recording of noise with movements: one block, repeated."""
    rate_hz = night.rate_hz
    rng = np.random.default_rng(0)
    names = ["LAT", "RAT", "Arm L", "Arm R"][: night.limbs]
    names += [f"EEG {i}" for i in range(night.others)]
    n = int(BLOCK_S * rate_hz)
    channels = []
    for row, name in enumerate(names):
        samples = rng.standard_normal(n, dtype=np.float32) * 2.5
        for onset_s in (
            np.arange(10 + row, BLOCK_S - 10, 25.0) if night.loudness == "movements" else ()
        ):
            samples[int(onset_s * rate_hz) : int((onset_s + 2) * rate_hz)] *= 12
        if night.loudness == "restless":
            samples *= np.repeat(rng.choice([1.0, 8.0], n // 100 + 1), 100)[:n]
        # whole cycles in a block, so that the hum goes on from block to block
        phase = 2 * np.pi * 50.0 * np.arange(n) / rate_hz
        samples += (night.hum_uv * np.sin(phase)).astype(np.float32)
        channels.append(
            Channel(label=name, rate_hz=rate_hz, samples=samples, unit="uV", stored_unit="uV")
        )
    axes = moving_axes(n, rate_hz)[:, : night.axes]
    channels.extend(
        Channel(label=f"Left Ankle {letter}", rate_hz=rate_hz, samples=axis, unit="g")
        for letter, axis in zip("XYZ", axes.T, strict=False)
    )
    block = Recording(
        source=path.name,
        start=None,
        segments=(Segment(start_s=0.0, duration_s=float(BLOCK_S)),),
        channels=tuple(channels),
    )
    write_edf(block, path, note="SIMULATED benchmark")
    repeat_records(path, max(1, round(night.hours * 3600 / BLOCK_S)))


def repeat_records(path: Path, repeats: int) -> None:
    """Write the records of an EDF again and again, without time stamps, which would repeat too."""
    raw = path.read_bytes()
    header_bytes = int(raw[184:192])
    n_records = int(raw[236:244])
    head = raw[:236] + str(n_records * repeats).encode().ljust(8) + raw[244:header_bytes]
    # a plain EDF has no time stamps, which would have to differ from record to record
    head = head[:192] + b" " * 44 + head[236:]
    with path.open("wb") as file:
        file.write(head)
        for _ in range(repeats):
            file.write(raw[header_bytes:])


def moving_axes(n: int, rate_hz: float) -> np.ndarray:
    """Return acceleration in g with a jerk every 25 s, shape (n, 3)."""
    axes = np.random.default_rng(0).normal([0.0, 0.6, 0.8], 0.003, (n, 3)).astype(np.float32)
    t = np.arange(n) / rate_hz
    moves = (t % 25.0) // 2.0 == 0
    axes[:, 0] += np.where(moves, 0.1 * np.sin(2 * np.pi * 3 * t), 0).astype(np.float32)
    return axes


def median_s(
    work: Callable[[], object],
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median time of ``work``, after one run to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return statistics.median(times)


def user_s(arguments: list[str], byte_code: Path) -> float:
    """Return the processor time, without that of the system, of a fresh process.

    It finds its byte code in a folder, as installed programs do.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(byte_code)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def speed_of_reports(folder: Path, hours: float) -> list[Row]:
    """Measure a report from EDF to JSON against a short scipy script, each in fresh processes.

    Runs of both alternate, so that other work on the machine slows both.
    """
    rows, naive = [], str(Path(__file__).with_name("naive_detection.py"))
    path, byte_code = folder / "report.edf", folder / "byte_code"
    for rate_hz in (256.0, 512.0):
        for hum_uv in (0.0, 10.0):
            write_night(path, Night(hours=hours, rate_hz=rate_hz, others=21, hum_uv=hum_uv))
            both = ["-c", REPORT_CODE, str(path)], [naive, str(path), "LAT", "RAT"]
            # the first of four runs writes the byte code
            runs = [[user_s(one, byte_code) for one in both] for _ in range(4)][1:]
            report_s, naive_s = (statistics.median(times) for times in zip(*runs, strict=True))
            what = f"EDF to JSON, 2 legs, {rate_hz:g} Hz, {'hum' if hum_uv else 'no hum'}"
            rows.append(Row(f"{what}: report / script", report_s / naive_s, "x", 0.5))
            print(
                f"{what}: report {report_s:.2f} s, script {naive_s:.2f} s of user time", flush=True
            )
    path.unlink()
    return rows


def speed_of_reading(path: Path) -> list[Row]:
    """Measure reading 4 limb channels against a plain strided copy."""
    from psgkit.io.edf.read import read_edf

    recording = read_edf(path)
    chosen = [recording.channel(name) for name in ("LAT", "RAT", "Arm L", "Arm R")]

    def read() -> None:
        for channel in chosen:
            np.asarray(channel.samples[:])

    def bare() -> None:
        for channel in chosen:
            column = channel.samples
            mapped = np.memmap(column.path, dtype="<i2", mode="r", offset=column.first_byte % 2)
            first = column.first_byte // 2
            width, stride = column.per_record, column.record_bytes // 2
            view = np.lib.stride_tricks.as_strided(
                mapped[first:], (column.n_records, width), (2 * stride, 2), writeable=False
            )
            view.astype(np.float32).__imul__(np.float32(column.gain))

    ratio = median_s(read) / median_s(bare)
    opened = median_s(lambda: read_edf(path)) / median_s(bare)
    return [
        Row("read 4 limb channels of 23 / bare memmap copy of them", ratio, "x", 1.3),
        Row("open the recording / bare memmap copy of 4 channels", opened, "x", 0.5),
    ]


def speed_of_detection(path: Path) -> list[Row]:
    """Return detection and the whole night against the plain filter."""
    from scipy.signal import butter, sosfiltfilt

    from psgkit.detect.emg.detect import EmgDetection, detect_emg
    from psgkit.io.read import read_recording
    from psgkit.night.walk import analyse_night

    recording = read_recording(path)
    legs = recording.with_role("leg")
    whole = [np.asarray(leg.samples[:]) for leg in legs]
    doubles = [samples.astype(np.float64) for samples in whole]
    sections = butter(4, [10, 100], "band", fs=legs[0].rate_hz, output="sos")
    signal = recording.signals(legs[0])[0]
    in_memory = type(signal)(
        samples=whole[0], rate_hz=signal.rate_hz, unit="uV", label="LAT", site=signal.site
    )
    one = median_s(lambda: sosfiltfilt(sections, doubles[0]))
    two = median_s(lambda: [sosfiltfilt(sections, samples) for samples in doubles])
    found = median_s(lambda: detect_emg(in_memory, EmgDetection()))
    without_arms = recording.with_channels(
        {
            c.label: Channel(label=c.label, rate_hz=c.rate_hz, samples=c.samples, unit=c.unit)
            for c in recording.with_role("arm")
        }
    )
    night = median_s(lambda: analyse_night(without_arms))
    return [
        Row("detect EMG movements, one channel-night / sosfiltfilt of it", found / one, "x", 1.3),
        Row("analyse_night, two legs, open file / sosfiltfilt of both", night / two, "x", 3.0),
    ]


def speed_of_accelerometer(hours: float) -> Row:
    """Return the detection of limb jerks against a plain filter of the three axes."""
    from scipy.signal import butter, sosfiltfilt

    from psgkit.core.acceleration import Acceleration
    from psgkit.core.signal import Signal
    from psgkit.detect.accelerometer.detect import detect_accelerometer

    rate_hz = 100.0
    samples = moving_axes(int(hours * 3600 * rate_hz), rate_hz)
    columns = [np.ascontiguousarray(axis) for axis in samples.T]
    doubles = [axis.astype(np.float64) for axis in columns]
    sections = butter(4, [0.3, 10], "band", fs=rate_hz, output="sos")
    axes = tuple(Signal(samples=axis, rate_hz=rate_hz, unit="g") for axis in columns)
    sensor = Acceleration(axes=axes, place="left_ankle")
    plain = median_s(lambda: [sosfiltfilt(sections, axis) for axis in doubles])
    found = median_s(lambda: detect_accelerometer(sensor))
    return Row("detect jerks, 3 axes at 100 Hz / sosfiltfilt of them", found / plain, "x", 3.0)


def speed_of_sensor(path: Path) -> Row:
    """Return all that is done with one accelerometer of an open file against a plain filter.

    Processor time: other work on the machine does not matter.
    """
    from scipy.signal import butter, sosfiltfilt

    from psgkit.analysis.sensors import look_at_sensors
    from psgkit.detect.accelerometer.channels import choose_accelerometers
    from psgkit.io.read import read_recording
    from psgkit.settings import Settings

    recording, settings = choose_accelerometers(read_recording(path)), Settings()
    axes = recording.with_role("accelerometer")
    doubles = [np.asarray(axis.samples[:]).astype(np.float64) for axis in axes]
    sections = butter(4, [0.3, 10], "band", fs=axes[0].rate_hz, output="sos")

    def plain() -> None:
        for axis in doubles:
            sosfiltfilt(sections, axis)

    ratio = median_s(lambda: look_at_sensors(recording, settings), clock=time.process_time)
    ratio /= median_s(plain, clock=time.process_time)
    return Row("one 3-axis 100 Hz night, all of it / sosfiltfilt on the axes", ratio, "x", 3.0)


def kicking_night(hours: float) -> Recording:
    """Return four limbs with a movement every 36 s each, no stretch like another.

    Blocks that are written again and again would be packed into next to nothing.
    """
    rate_hz, rng = 256.0, np.random.default_rng(0)
    limbs = {
        "LAT": ("leg", Site.LEFT_LEG),
        "RAT": ("leg", Site.RIGHT_LEG),
        "Arm L": ("arm", Site.LEFT_ARM),
        "Arm R": ("arm", Site.RIGHT_ARM),
    }
    channels = []
    for row, (label, (role, site)) in enumerate(limbs.items()):
        samples = rng.standard_normal(int(hours * 3600 * rate_hz), dtype=np.float32) * 2.5
        for onset_s in np.arange(10 + 3 * row, hours * 3600 - 10, 36.0):
            samples[int(onset_s * rate_hz) : int((onset_s + 2) * rate_hz)] *= 12
        channels.append(
            Channel(label=label, rate_hz=rate_hz, samples=samples, unit="uV", role=role, site=site)
        )
    whole = (Segment(start_s=0.0, duration_s=hours * 3600),)
    return Recording(source="kicks", start=None, segments=whole, channels=tuple(channels))


def speed_of_page(hours: float) -> list[Row]:
    """Return what it takes to make the page of a finished night, and how large it is.

    Processor time: other work on the machine does not matter.
    """
    from psgkit.detect.trace import TraceRecorder
    from psgkit.night.walk import analyse_night
    from psgkit.report.html.page import night_as_html

    recording, recorder = kicking_night(hours), TraceRecorder()
    report = analyse_night(recording, recorder=recorder)
    trace = recorder.trace()
    night = median_s(lambda: analyse_night(recording), 3, clock=time.process_time)
    traced = median_s(
        lambda: analyse_night(recording, recorder=TraceRecorder()), 3, clock=time.process_time
    )
    made = median_s(lambda: night_as_html(report, trace), 3, clock=time.process_time)
    megabytes = len(night_as_html(report, trace).encode("utf-8")) / 1e6
    n = len(report.movements)
    return [
        Row(f"make the page of a finished night, {n} movements", made, "s", 2.0),
        Row("size of that page, 4 channels around every movement", megabytes, "MB", 3.0),
        Row("analyse_night with a trace / without", traced / night, "x", 1.1),
    ]


def speed_of_start() -> list[Row]:
    """Return what a fresh process needs to import psgkit, and to print its help."""

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    bare = median_s(run("-c", "import numpy"), 9)
    imported = median_s(run("-c", "import psgkit"), 9)
    # -m would run another start-up than the installed command; this is what the command does
    helped = median_s(
        run(
            "-c", "import sys; sys.argv = ['psgkit', '--help']; from psgkit.cli import main; main()"
        ),
        9,
    )
    return [
        Row("import psgkit / import numpy", imported / bare, "x", 1.5),
        Row("psgkit --help / python -c 'import numpy'", helped / bare, "x", 1.5),
    ]


def peak_memory(what: str, path: Path) -> Row:
    """Return the peak resident memory of reporting a recording, in its own process."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK_CODE, str(path)], check=True, capture_output=True, text=True
    )
    return Row(f"peak memory of a report: {what}", int(done.stdout.split()[-1]) / 1024, "MB", 150.0)


if __name__ == "__main__":
    main()
