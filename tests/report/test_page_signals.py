"""The signals of a page: what was measured, around every movement, never too much of it."""

from dataclasses import replace

import night_store
import numpy as np
import pytest

from psgkit import simulate_night
from psgkit.core.events import Events
from psgkit.core.intervals import contains
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.core.trace import MISSING, NightTrace, TraceChannel, decoded, encoded
from psgkit.detect.emg.detect import EmgDetection, detect_emg
from psgkit.detect.trace import TraceRecorder
from psgkit.night.scored import score_night
from psgkit.night.walk import analyse_night
from psgkit.report.html.signals import (
    MOST_BYTES,
    MOST_CODES,
    ExcerptChannel,
    Excerpts,
    Line,
    excerpts_of,
    packed,
    seconds_in,
    windows_shown,
)

RATE_HZ = 256.0


def measured(recording: Recording) -> tuple[NightReport, Excerpts]:
    """Return the report of a recording and what its page shows of the signals."""
    recorder = TraceRecorder()
    report = analyse_night(recording, recorder=recorder)
    return report, excerpts_of(recorder.trace(), report)


@pytest.fixture(scope="module")
def rls() -> tuple[Recording, NightReport, Excerpts]:
    night = night_store.simulated("rls", hours=1.5)
    report, trace = night_store.traced("rls", hours=1.5)
    return night.recording, report, excerpts_of(trace, report)


def line_of(channel: ExcerptChannel, name: str) -> Line:
    (found,) = [one for one in channel.lines if one.name == name]
    return found


def values(channel: ExcerptChannel, name: str) -> np.ndarray:
    return decoded(line_of(channel, name).codes, channel.channel.scale)


def times(excerpts: Excerpts, rate_hz: float) -> np.ndarray:
    parts = [a + np.arange((b - a) * rate_hz) / rate_hz for a, b in excerpts.windows.tolist()]
    return np.concatenate(parts)


def test_all_of_30_s_around_each_movement_is_kept(
    rls: tuple[Recording, NightReport, Excerpts],
) -> None:
    _, report, excerpts = rls
    found = report.movements.movements
    assert len(found) > 20
    middle = (found.onset_s + found.end_s) / 2
    for seconds in (-14.9, 0.0, 14.9):
        at = np.clip(middle + seconds, 0, report.duration_s - 0.01)
        assert contains(excerpts.windows.astype(float), at).all()
    for channel in excerpts.channels:
        for one in channel.lines:
            assert len(one.codes) == seconds_in(excerpts.windows) * one.rate_hz


def test_the_levels_are_those_the_detector_compares(
    rls: tuple[Recording, NightReport, Excerpts],
) -> None:
    """Where a movement was found the envelope reaches the onset threshold, and nowhere else."""
    recording, report, excerpts = rls
    rule = EmgDetection().rule
    for channel in excerpts.channels:
        at = times(excerpts, 20.0)
        level, on = values(channel, "level"), np.repeat(values(channel, "on"), 20)
        rest = values(channel, "rest")
        rounding = 2 * np.sqrt(channel.channel.scale * values(channel, "on").max())
        assert np.abs(values(channel, "on") - rest - rule.onset_above_rest_uv).max() < rounding
        assert np.abs(values(channel, "off") - rest - rule.offset_above_rest_uv).max() < rounding
        (signal,) = recording.signals(recording.channel(channel.channel.label))
        own = detect_emg(signal, EmgDetection()).movements
        assert len(own) > 10
        for onset, end in own.intervals():
            inside = (at >= onset - 0.05) & (at < end)
            assert (level[inside] > 0.9 * on[inside]).any()
        loud = at[level > 2 * on]
        near = own.intervals() + np.array([-0.3, 0.3])
        assert contains(near[near[:, 0] >= 0], loud).mean() > 0.9  # twitches are loud, and short
        known = detect_emg(signal, EmgDetection())
        hops = known.rest_uv[np.minimum(times(excerpts, 1.0) / known.hop_s, 1e9).astype(int)]
        assert np.abs(rest - hops).max() < 1.0
    assert report.channels[0].label == "LAT"


def test_smallest_and_largest_bound_the_filtered_signal() -> None:
    recording, onset_s = a_leg_that_kicks()
    _, excerpts = measured(recording)
    (channel,) = excerpts.channels
    low, high = values(channel, "low"), values(channel, "high")
    known = ~np.isnan(low)
    assert known.mean() > 0.98
    assert (low[known] <= high[known]).all()
    at = times(excerpts, 20.0)
    kick = (at >= onset_s + 0.2) & (at < onset_s + 1.8)
    assert np.median(high[kick]) == pytest.approx(120.0, rel=0.1)
    assert np.median(low[kick]) == pytest.approx(-120.0, rel=0.1)
    calm = (at > onset_s + 4) & known
    assert np.abs(high[calm]).max() < 15.0


def a_leg_that_kicks() -> tuple[Recording, float]:
    """Return 2 minutes of noise with a kick of 120 uV at 40 Hz, and when it begins."""
    rng = np.random.default_rng(0)
    emg = rng.standard_normal(int(120 * RATE_HZ))
    at = np.arange(len(emg)) / RATE_HZ
    kick = (at >= 60) & (at < 62)
    emg[kick] += 120 * np.sin(2 * np.pi * 40 * at[kick])
    return a_recording(emg, (Segment(start_s=0.0, duration_s=120.0),)), 60.0


def a_recording(emg: np.ndarray, segments: tuple[Segment, ...]) -> Recording:
    leg = Channel(
        label="LAT", rate_hz=RATE_HZ, samples=emg, unit="uV", role="leg", site=Site.LEFT_LEG
    )
    return Recording(source="made", start=None, segments=segments, channels=(leg,))


def test_what_was_not_recorded_is_missing_and_not_zero() -> None:
    recording, _ = a_leg_that_kicks()
    emg = np.asarray(recording.channels[0].samples)
    parts = (Segment(start_s=0.0, duration_s=70.0), Segment(start_s=100.0, duration_s=50.0))
    gap = a_recording(emg, parts)
    _, excerpts = measured(gap)
    (channel,) = excerpts.channels
    high = line_of(channel, "high").codes
    at = times(excerpts, 20.0)
    assert (high[(at >= 70) & (at < 100)] == MISSING).all()
    assert (high[(at >= 50) & (at < 69.9)] != MISSING).all()


def test_a_report_without_signals_shows_none() -> None:
    table = Events.of([100.0, 120.0], [101.0, 121.0], ["lm"] * 2, ["left_leg"] * 2)
    excerpts = excerpts_of(NightTrace(duration_s=121.0, rate_hz=20.0), score_night(table))
    assert excerpts.channels == ()
    assert packed(excerpts) == ({"windows": [], "channels": []}, "")


def test_a_channel_that_the_report_refused_is_not_shown() -> None:
    recorder = TraceRecorder()
    report = analyse_night(simulate_night("rls", hours=0.2, seed=1).recording, recorder=recorder)
    channels = tuple(
        replace(one, status="refused") if one.label == "RAT" else one for one in report.channels
    )
    excerpts = excerpts_of(recorder.trace(), replace(report, channels=channels))
    assert [one.channel.label for one in excerpts.channels] == ["LAT"]


@pytest.mark.parametrize("hours", [8, 24, 168])
def test_a_long_night_full_of_movements_is_kept_within_bounds(hours: int) -> None:
    onset_s = np.arange(10.0, hours * 3600 - 10, 20.0)
    moves = Movements.of(onset_s, onset_s + 2, "left_leg", modality="emg")
    base = score_night(Events.none())
    one = np.zeros(len(moves))
    scored = replace(
        base.movements,
        movements=moves,
        **{name: one.astype(bool) for name in ("candidate", "respiratory", "arousal")},
        stage=np.full(len(moves), "N2"),
        **dict.fromkeys(("imi_s", "imi_nr_s"), one),
        **{name: one.astype(np.int64) for name in ("series", "series_nr")},
    )
    report = replace(base, movements=scored, duration_s=hours * 3600.0)
    windows, rate_hz = windows_shown(report, 6, 20.0)
    assert seconds_in(windows) * 6 * 3 * (rate_hz + 1) <= MOST_CODES
    assert contains(windows.astype(float), onset_s).all() == (hours < 24)
    assert windows[-1, 1] > 0.95 * report.duration_s  # of all of the night


def test_too_much_is_made_coarser_until_it_fits_and_extremes_stay() -> None:
    rng = np.random.default_rng(0)
    n = 120_000
    noise = rng.integers(-127, 128, 20 * n).astype(np.int8)
    slow = np.full(n, 7, dtype=np.int8)
    lines = (
        Line(name="low", rate_hz=20.0, codes=noise),
        Line(name="high", rate_hz=20.0, codes=noise),
        Line(name="rest", rate_hz=1.0, codes=slow),
    )
    whole = TraceChannel(labels=("x",), place="", unit="uV", scale=0.05, lines={})
    channel = ExcerptChannel(channel=whole, lines=lines, rows=np.arange(3))
    data, text = packed(Excerpts(windows=np.array([[0, n]]), channels=(channel,)))
    series = data["channels"][0]["series"]
    assert len(text) <= MOST_BYTES
    assert series["low"]["rate_hz"] == series["high"]["rate_hz"] < 20.0
    assert series["rest"]["rate_hz"] == 1.0
    assert series["high"]["at"] == n * series["low"]["rate_hz"]


@pytest.mark.parametrize("value", [0.0, 0.05, 3.0, -3.0, 90.0, 800.0])
def test_a_code_is_within_its_rounding_of_the_value(value: float) -> None:
    (back,) = decoded(encoded(np.array([value]), 0.05), 0.05)
    assert back == pytest.approx(value, abs=1.02 * np.sqrt(0.05 * abs(value)) + 0.0125)
