"""What is measured is handed over once: the trace, made in the same pass as the movements."""

import itertools
from dataclasses import replace

import night_store
import numpy as np
import pytest

from psgkit.core.intervals import contains
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.signal import Samples
from psgkit.core.site import Site
from psgkit.core.trace import FAST_LINES, MISSING, NightTrace, TraceChannel
from psgkit.detect.emg.channels import choose_channels
from psgkit.detect.emg.detect import EmgDetection, traces_around
from psgkit.detect.trace import MOST_CODES, ChannelRecorder, StretchTrace, TraceRecorder, _extreme
from psgkit.document.write import night_as_json
from psgkit.night.walk import analyse_night
from psgkit.simulate.plan.options import SimulationOptions

RATE_HZ = 200.0


class Counted:
    """Samples that count how many of them are read."""

    def __init__(self, samples: Samples) -> None:
        self.samples, self.read_n = samples, 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, part: slice) -> np.ndarray:
        found = self.samples[part]
        self.read_n += len(found)
        return found


def a_leg(samples: Samples, segments: tuple[Segment, ...], rate_hz: float = RATE_HZ) -> Recording:
    leg = Channel(
        label="LAT", rate_hz=rate_hz, samples=samples, unit="uV", role="leg", site=Site.LEFT_LEG
    )
    return Recording(source="made", start=None, segments=segments, channels=(leg,))


def kicks(seconds: int, rate_hz: float = RATE_HZ) -> np.ndarray:
    emg = 2 * np.random.default_rng(0).standard_normal(int(seconds * rate_hz))
    for onset_s in range(30, seconds - 10, 40):
        emg[int(onset_s * rate_hz) : int((onset_s + 2) * rate_hz)] *= 15
    return emg


def test_a_report_is_the_same_with_a_trace_and_without() -> None:
    options = SimulationOptions(sensors="legs+trunk+ankles")
    night = night_store.simulated("rls", hours=0.2, options=options)
    with_trace = night_store.analysed("rls", hours=0.2, options=options)
    report = analyse_night(night.recording, night.hypnogram, night.events)
    assert night_as_json(report) == night_as_json(with_trace)


def test_no_sample_is_read_once_more_for_a_trace() -> None:
    read = []
    for recorder in (None, TraceRecorder()):
        samples = Counted(kicks(2400))
        whole = (Segment(start_s=0.0, duration_s=2400.0),)
        analyse_night(a_leg(samples, whole), recorder=recorder)
        read.append(samples.read_n)
    assert read[0] == read[1]


def test_every_channel_of_a_night_is_in_its_trace_in_the_order_of_the_groups() -> None:
    options = SimulationOptions(sensors="legs+trunk+ankles")
    report, trace = night_store.traced("rls", hours=0.2, options=options)
    used = [channel.label for channel in report.channels if channel.status == "used"]
    assert {label for one in trace.channels for label in one.labels} == set(used) - {"ECG"}
    assert [one.unit for one in trace.channels] == sorted(o.unit for o in trace.channels)[::-1]
    for one in trace.channels:
        assert len(one.lines["high"]) == 20 * np.ceil(report.duration_s)
        assert (one.lines["high"] != MISSING).mean() > 0.95


@pytest.mark.parametrize("rate_hz", [128.0, 200.0, 333.0, 512.0])
def test_a_bin_holds_the_extremes_of_its_twentieth_of_a_second(rate_hz: float) -> None:
    recorder = TraceRecorder()
    recording = a_leg(kicks(400, rate_hz), (Segment(start_s=0.0, duration_s=400.0),), rate_hz)
    analyse_night(recording, recorder=recorder)
    (channel,) = recorder.trace().channels
    (signal,) = recording.signals(recording.channels[0])
    found = {name: channel.values(name) for name in ("low", "high")}
    for stretch in traces_around(signal, np.array([[0.0, 400.0]]), EmgDetection()):
        for bin_ in range(round(stretch.core_s[0] * 20), int(stretch.core_s[1] * 20), 7):
            edges = (np.array([bin_, bin_ + 1]) / 20 - stretch.start_s) * stretch.rate_hz
            inside = stretch.samples[slice(*np.ceil(edges - 1e-6).astype(int))]
            for name, value in (("low", float(inside.min())), ("high", float(inside.max()))):
                rounding = 1.1 * (0.05 * abs(value)) ** 0.5 + 0.02
                assert found[name][bin_] == pytest.approx(value, abs=rounding)


def test_a_trace_does_not_depend_on_where_a_stretch_ends() -> None:
    """A constant tone has the same extremes in every bin, at the borders of stretches, too."""
    seconds = 2100  # three stretches
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = 50 * np.sin(2 * np.pi * 40 * at + 0.3)
    recorder = TraceRecorder()
    analyse_night(a_leg(tone, (Segment(start_s=0.0, duration_s=seconds),)), recorder=recorder)
    (channel,) = recorder.trace().channels
    inner = slice(40, 20 * (seconds - 2))
    for name in ("low", "high"):
        codes = channel.lines[name][inner].astype(int)
        assert np.ptp(codes) <= 1


def test_what_could_not_be_used_is_missing_and_masked() -> None:
    emg = kicks(300)
    emg[int(100 * RATE_HZ) : int(120 * RATE_HZ)] = np.nan
    parts = (Segment(start_s=0.0, duration_s=200.0), Segment(start_s=260.0, duration_s=100.0))
    recorder = TraceRecorder()
    analyse_night(a_leg(emg, parts), recorder=recorder)
    (channel,) = recorder.trace().channels
    at_s = (np.arange(len(channel.lines["high"])) + 0.5) / 20
    missing = channel.lines["high"] == MISSING
    assert missing[(at_s > 100) & (at_s < 120)].all()
    assert missing[(at_s > 200) & (at_s < 260)].all()
    assert not missing[(at_s > 261) & (at_s < 359)].any()
    assert contains(channel.unusable_s, np.array([100.5, 119.5])).all()
    assert not contains(channel.unusable_s, np.array([98.0, 122.0])).any()


@pytest.mark.parametrize(
    ("hours", "n", "rate_hz"), [(8, 8, 20.0), (24, 6, 20.0), (24, 8, 10.0), (168, 2, 5.0)]
)
def test_the_trace_of_a_long_recording_is_coarser_and_bounded(
    hours: int, n: int, rate_hz: float
) -> None:
    silent = np.broadcast_to(np.float32(0), (hours * 3600 * 100,))
    one = a_leg(silent, (Segment(start_s=0.0, duration_s=hours * 3600.0),), 100.0)
    channels = tuple(replace(one.channels[0], label=f"L{k}") for k in range(n))
    chosen = choose_channels(replace(one, channels=channels), EmgDetection())
    recorder = TraceRecorder()
    recorder.start(chosen)
    lines = [recorder.channel([channel], "left_leg").channel.lines for channel in chosen.channels]
    assert recorder.trace().rate_hz == rate_hz
    assert sum(len(of[name]) for of in lines for name in FAST_LINES) <= MOST_CODES


def test_a_peak_survives_any_rate_of_the_trace() -> None:
    samples = np.zeros(1000, dtype=np.float32)
    samples[437], samples[611] = 80.0, -70.0
    flat = np.ones(1000, dtype=np.float32)
    stretch = StretchTrace(
        core_s=(0.0, 10.0),
        start_s=0.0,
        rate_hz=100.0,
        samples=samples,
        step=1,
        level=np.abs(samples),
        rest=flat,
        on=8 + flat,
        off=2 + flat,
    )
    for rate_hz in (20.0, 10.0, 5.0, 2.0):
        lines = {name: np.full(round(10 * rate_hz), MISSING, np.int8) for name in FAST_LINES}
        channel = TraceChannel(labels=("x",), place="", unit="uV", scale=0.05, lines=lines)
        ChannelRecorder(channel=channel, rate_hz=rate_hz).take(stretch)
        assert np.argmax(lines["high"]) == np.argmax(lines["level"]) == int(4.37 * rate_hz)
        assert np.argmin(lines["low"]) == int(6.11 * rate_hz)


def test_a_night_without_channels_has_an_empty_trace() -> None:
    nothing = Recording(
        source="", start=None, segments=(Segment(start_s=0.0, duration_s=60.0),), channels=()
    )
    recorder = TraceRecorder()
    analyse_night(nothing, recorder=recorder)
    trace = recorder.trace()
    assert isinstance(trace, NightTrace)
    assert (trace.channels, trace.duration_s) == ((), 60.0)


@pytest.mark.parametrize("per_bin", [0.4, 1.0, 2.5, 12.8, 25.6, 100.0])
@pytest.mark.parametrize("name", ["low", "high"])
def test_extremes_are_those_of_the_values_between_positions(name: str, per_bin: float) -> None:
    values = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    values[500] = np.nan
    at = np.arange(int(1000 / per_bin) + 2) * per_bin
    edges = np.minimum(np.ceil(at - 1e-6).astype(int), len(values))
    pick = np.min if name == "low" else np.max
    wanted = [
        pick(values[min(low, 999) : max(high, min(low, 999) + 1)])
        for low, high in itertools.pairwise(edges.tolist())
    ]
    assert np.array_equal(_extreme(name, values, at), wanted, equal_nan=True)
