"""Trunk EMG is scored as a limb is, once the heart and breathing are out of it."""

from dataclasses import replace

import numpy as np
import pytest
from heart_maker import Made, TrunkNight, make, matched
from rounds import first_of

from psgkit.conditioning.cardiac.beats import BeatRule, find_beats
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.signal import Signal
from psgkit.core.site import Site
from psgkit.detect.emg.channels import GroupDetection, choose_channels, detect_group
from psgkit.detect.emg.detect import EmgDetection, EmgResult, detect_emg
from psgkit.detect.emg.ecg import ECG_USE, EcgBeats, why_heart_is_left
from psgkit.detect.emg.trunk import BreathingRule, HeartRule, breathing
from psgkit.night.walk import analyse_night
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.heart import WHOLE_BEAT, add_waves, beat_times

DETECTION = EmgDetection()
NIGHT = TrunkNight(seconds=900.0)


def recording_of(made: Made, *, ecg: Signal | None = None, with_ecg: bool = True) -> Recording:
    ecg = ecg or made.ecg
    emg = Channel(
        label=made.emg.label,
        rate_hz=made.emg.rate_hz,
        samples=made.emg.samples,
        unit="uV",
        role="trunk",
        site=Site.TRUNK,
    )
    heart = Channel(
        label="ECG", rate_hz=ecg.rate_hz, samples=ecg.samples, unit=ecg.unit, role="ecg"
    )
    segment = Segment(start_s=0.0, duration_s=made.emg.duration_s)
    return Recording(
        source="trunk",
        start=None,
        segments=(segment,),
        channels=(emg, heart) if with_ecg else (emg,),
    )


def scored(recording: Recording, detection: EmgDetection = DETECTION) -> GroupDetection:
    return detect_group(choose_channels(recording, detection), "trunk", detection)[0]


def codes(recording: Recording) -> dict[str, str]:
    found = detect_group(choose_channels(recording, DETECTION), "trunk", DETECTION)[1]
    return {finding.code: finding.message for finding in found}


def detect(made: Made, rule: HeartRule | None = None, *, with_ecg: bool = True) -> EmgResult:
    recording = recording_of(made, with_ecg=with_ecg)
    hearts = EcgBeats.of(recording, rule or DETECTION.heart)
    return detect_emg(made.emg, DETECTION, hearts.filter_of(made.emg, 0))


def assert_scored_well(made: Made, found: np.ndarray, median_s: float = 0.05) -> None:
    f1, error_s = matched(made.truth, found)
    assert f1 >= 0.98
    assert np.median(np.abs(error_s), axis=0).max() <= median_s


with_and_without = pytest.mark.parametrize("with_ecg", [True, False], ids=["ecg", "own"])


@with_and_without
@pytest.mark.parametrize(
    "changes",
    first_of(
        [
            {},
            {"qrs_uv": 55.0},
            {"qrs_uv": 1100.0},
            {"movement_uv": 14.0, "qrs_uv": 70.0},
            {"movement_uv": 14.0, "qrs_uv": 280.0, "rest_uv": 2.0},
            {"bpm": 50.0},
            {"bpm": 100.0},
            {"bpm": 150.0},
            {"variability": 0.2},
            {"rest_uv": 5.0},
            {"rate_hz": 200.0, "ecg_rate_hz": 128.0},
            {"rate_hz": 512.0, "ecg_rate_hz": 100.0},
            {"rate_hz": 1000.0, "seconds": 600.0},
            {"ectopic_share": 0.1},
            {"ecg_noise": 0.15},
            {"every_s": 8.0},
        ],
        5,
    ),
    ids=str,
)
def test_movements_are_found_beside_a_heart_that_is_louder(
    changes: dict, *, with_ecg: bool
) -> None:
    made = make(replace(NIGHT, **changes))
    found = scored(recording_of(made, with_ecg=with_ecg))
    assert found.reason == ""
    assert_scored_well(made, found.movements.intervals())
    assert set(found.movements.site) == {"trunk"}


def test_steep_edges_of_strong_movements_are_as_well_placed_as_without_a_heart() -> None:
    made = make(replace(NIGHT, movement_uv=100.0, qrs_uv=500.0))
    silent = make(replace(NIGHT, movement_uv=100.0, qrs_uv=0.0))
    _, error_s = matched(made.truth, detect(made).movements.intervals())
    _, limb_s = matched(made.truth, detect_emg(silent.emg, DETECTION).movements.intervals())
    assert len(error_s) == len(limb_s) == len(made.truth)
    difference = np.median(np.abs(error_s), axis=0) - np.median(np.abs(limb_s), axis=0)
    assert difference.max() < 0.01


def test_as_a_limb_the_trunk_could_not_be_scored() -> None:
    made = make(replace(NIGHT, bpm=90.0))
    as_limb = detect_emg(made.emg, DETECTION).movements.intervals()
    assert matched(made.truth, as_limb)[0] < 0.95
    not_removed = replace(DETECTION, heart=HeartRule(groups=()))
    same = scored(recording_of(made), not_removed)
    assert np.array_equal(same.movements.intervals(), as_limb)


@with_and_without
def test_a_heart_of_another_source_is_removed_too(*, with_ecg: bool) -> None:
    made = make(replace(NIGHT, qrs_uv=0.0))
    options = SimulationOptions(heart_rate_per_min=72.0)
    beats_s = beat_times(np.random.default_rng(5), NIGHT.seconds, options)
    emg, ecg = np.array(made.emg.samples), np.zeros(round(NIGHT.seconds * 128), np.float32)
    add_waves(emg, NIGHT.rate_hz, beats_s + 0.01, WHOLE_BEAT, -275.0)
    add_waves(ecg, 128.0, beats_s, WHOLE_BEAT, 1.0)
    ecg += 0.01 * np.random.default_rng(1).standard_normal(len(ecg)).astype(np.float32)
    heard = replace(
        made, emg=replace(made.emg, samples=emg), ecg=Signal(samples=ecg, rate_hz=128.0)
    )
    found = scored(recording_of(heard, with_ecg=with_ecg))
    assert_scored_well(heard, found.movements.intervals())


@with_and_without
@pytest.mark.parametrize("breathing_hz", first_of([0.27, 0.2, 0.33]))
@pytest.mark.parametrize("breathing_uv", first_of([2.0, 1.0, 4.0]))
def test_breathing_makes_and_joins_no_movements(
    breathing_hz: float, breathing_uv: float, *, with_ecg: bool
) -> None:
    night = replace(NIGHT, breathing_hz=breathing_hz, breathing_uv=breathing_uv)
    made = make(night)
    assert_scored_well(made, detect(made, with_ecg=with_ecg).movements.intervals(), 0.07)
    quiet = make(night, np.empty((0, 2)))
    assert len(detect(quiet, with_ecg=with_ecg).movements) == 0


@with_and_without
def test_more_breathing_than_quiet_bears_blurs_ends_only(*, with_ecg: bool) -> None:
    """Rest that swings by 8 uV is as loud as a rest of 13 uV rms at its loudest."""
    night = replace(NIGHT, breathing_uv=8.0)
    made = make(night)
    assert matched(made.truth, detect(made, with_ecg=with_ecg).movements.intervals())[0] >= 0.9
    quiet = make(night, np.empty((0, 2)))
    assert len(detect(quiet, with_ecg=with_ecg).movements) == 0


def test_without_the_rule_breathing_moves_the_ends() -> None:
    made = make(replace(NIGHT, breathing_uv=8.0))
    off = replace(DETECTION.heart, breathing=BreathingRule(min_uv=1e3))
    with_rule, without = detect(made), detect(made, off)
    assert with_rule.heart[0].breathing_uv == pytest.approx(4.0, abs=0.8)
    assert without.heart[0].breathing_uv == 0.0
    errors = [np.abs(matched(made.truth, r.movements.intervals())[1]) for r in (with_rule, without)]
    assert np.mean(errors[0]) < np.mean(errors[1])


def test_a_steady_rest_does_not_breathe() -> None:
    cells = 3 + 0.5 * np.random.default_rng(0).standard_normal(6000)
    assert breathing(cells, np.full(601, 3.0), BreathingRule()) is None
    assert breathing(cells[:100], np.full(11, 3.0), BreathingRule()) is None
    cells[1000:2000] = np.nan
    assert breathing(cells, np.full(601, 3.0), BreathingRule()) is None


@with_and_without
@pytest.mark.parametrize("breathing_uv", [0.0, 3.0])
def test_beats_alone_are_no_movements(breathing_uv: float, *, with_ecg: bool) -> None:
    made = make(replace(NIGHT, breathing_uv=breathing_uv), np.empty((0, 2)))
    assert len(detect(made, with_ecg=with_ecg).movements) == 0


def test_without_a_heart_the_trunk_is_a_limb() -> None:
    made = make(replace(NIGHT, qrs_uv=0.0))
    as_limb = detect_emg(made.emg, DETECTION)
    found = detect(made, with_ecg=False)
    assert np.array_equal(found.movements.intervals(), as_limb.movements.intervals())
    assert np.array_equal(found.rest_uv, as_limb.rest_uv)
    said = codes(recording_of(made, with_ecg=False))
    assert said["emg.heart"] == "no heart beats were found, so none were removed"


def test_a_heart_that_does_not_leak_changes_nearly_nothing() -> None:
    made = make(replace(NIGHT, qrs_uv=0.0))
    as_limb = detect_emg(made.emg, DETECTION).movements.intervals()
    found = detect(made).movements.intervals()
    assert len(found) == len(as_limb)
    assert np.median(np.abs(found - as_limb)) < 0.005


@with_and_without
def test_polarity_does_not_matter(*, with_ecg: bool) -> None:
    made = make(NIGHT)
    turned = replace(
        made,
        emg=replace(made.emg, samples=-made.emg.samples),
        ecg=replace(made.ecg, samples=-made.ecg.samples),
    )
    one, other = (detect(m, with_ecg=with_ecg).movements.intervals() for m in (made, turned))
    assert one == pytest.approx(other, abs=1e-3)


def test_the_unit_of_the_ecg_does_not_matter() -> None:
    made = make(NIGHT)
    louder = replace(made, ecg=replace(made.ecg, samples=1000 * made.ecg.samples, unit="uV"))
    one, other = (detect(m).movements.intervals() for m in (made, louder))
    assert one == pytest.approx(other, abs=0.005)


@with_and_without
@pytest.mark.parametrize("shift_s", first_of([7, 130]))
def test_a_shift_by_whole_seconds_shifts_the_movements(shift_s: int, *, with_ecg: bool) -> None:
    made = make(NIGHT)
    rate, ecg_rate = (round(s.rate_hz) for s in (made.emg, made.ecg))
    late = replace(
        made,
        emg=replace(made.emg, samples=made.emg.samples[shift_s * rate :]),
        ecg=replace(made.ecg, samples=made.ecg.samples[shift_s * ecg_rate :]),
    )
    first = detect(made, with_ecg=with_ecg).movements.intervals()
    moved = detect(late, with_ecg=with_ecg).movements.intervals() + shift_s
    # what the resting level and the neighbours of a beat are is known a minute from the cut
    first, moved = (rows[rows[:, 0] > shift_s + 80] for rows in (first, moved))
    assert len(first) == len(moved) > 20
    # which beats share a mean changes; that moves an end by a few samples at the most
    assert np.median(np.abs(first - moved)) < 1e-6
    assert np.abs(first - moved).max() < 0.06


def test_rates_of_the_emg_agree() -> None:
    truth = make(NIGHT).truth
    found = [
        detect(make(replace(NIGHT, rate_hz=rate_hz), truth)).movements.intervals()
        for rate_hz in (256.0, 1024.0)
    ]
    assert len(found[0]) == len(found[1]) == len(truth)
    assert np.median(np.abs(found[0] - found[1])) < 0.02


@pytest.mark.parametrize("lost", [np.nan, 0.0])
def test_an_ecg_lost_half_the_night_is_replaced_by_the_emg(lost: float) -> None:
    made = make(NIGHT)
    samples = np.array(made.ecg.samples)
    samples[len(samples) // 2 :] = lost
    recording = recording_of(made, ecg=replace(made.ecg, samples=samples))
    assert_scored_well(made, scored(recording).movements.intervals())
    said = codes(recording)
    assert "in 50" in said["emg.ecg_lost"] or "in 49" in said["emg.ecg_lost"]
    assert "channel 'ECG' and, where it shows none, the EMG itself" in said["emg.heart"]


@pytest.mark.parametrize("kind", ["flat", "noise"])
def test_an_ecg_without_a_rhythm_is_said_and_not_used(kind: str) -> None:
    made = make(NIGHT)
    noise = np.random.default_rng(0).standard_normal(len(made.ecg.samples))
    dead = replace(made.ecg, samples=noise if kind == "noise" else 0 * noise)
    recording = recording_of(made, ecg=dead)
    found = scored(recording)
    assert_scored_well(made, found.movements.intervals())
    said = codes(recording)
    assert "no heart rhythm; beats are looked for in the trunk EMG" in said["emg.ecg_lost"]
    assert "known from the EMG itself" in said["emg.heart"]
    (ecg,) = (channel for channel in found.channels if channel.role == "ecg")
    assert ecg.status == "ignored"


def test_a_heart_that_stops_is_no_movement() -> None:
    made = make(replace(NIGHT, bpm=60.0), np.array([[100.0, 103.0], [460.0, 462.0]]))
    silent = make(replace(NIGHT, bpm=60.0, qrs_uv=0.0), made.truth)
    stop = slice(round(440 * NIGHT.rate_hz), round(480 * NIGHT.rate_hz))
    emg, ecg = np.array(made.emg.samples), np.array(made.ecg.samples)
    emg[stop] = silent.emg.samples[stop]
    ecg[(440 * 256) : (480 * 256)] = 0.02
    broken = replace(made, emg=replace(made.emg, samples=emg), ecg=replace(made.ecg, samples=ecg))
    for with_ecg in (True, False):
        found = detect(broken, with_ecg=with_ecg).movements.intervals()
        assert found == pytest.approx(made.truth, abs=0.15)


@pytest.mark.parametrize("with_ecg", [True, False])
@pytest.mark.parametrize(
    ("share", "lags_s", "rate_hz"),
    [
        (0.85, (-0.045,), 256.0),
        (1.0, (-0.045,), 512.0),
        (0.5, (-0.03,), 208.0),
        (0.85, (-0.2, -0.045), 256.0),
    ],
)
def test_a_paced_heart_is_removed_with_its_spikes(
    share: float, lags_s: tuple[float, ...], rate_hz: float, *, with_ecg: bool
) -> None:
    paced = {"paced_share": share, "spike_lags_s": lags_s}
    made = make(TrunkNight(seconds=900.0, rate_hz=rate_hz, variability=0.01, **paced))
    found = scored(recording_of(made, with_ecg=with_ecg))
    assert "refused" not in [channel.status for channel in found.channels]
    assert matched(made.truth, found.movements.intervals())[0] >= 0.95


def test_what_was_removed_is_said() -> None:
    made = make(NIGHT)
    said = codes(recording_of(made))
    beats = int(said["emg.heart"].split()[0])
    assert beats == pytest.approx(len(made.beats_s), abs=3)
    assert "known from channel 'ECG', subtracted" in said["emg.heart"]
    assert said["emg.heart"].endswith("uV are left")
    assert "emg.heart_left" not in said
    assert "emg.breathing" not in said
    assert "emg.breathing" in codes(recording_of(make(replace(NIGHT, breathing_uv=4.0))))


def test_the_ecg_is_used_only_if_there_is_trunk_emg() -> None:
    made = make(replace(NIGHT, seconds=60.0))
    recording = recording_of(made)
    chosen = choose_channels(recording, DETECTION)
    assert [(c.status, c.reason) for c in chosen.channels] == [("used", ""), ("used", ECG_USE)]
    alone = replace(recording, channels=recording.channels[1:])
    assert choose_channels(alone, DETECTION).channels[0].status == "ignored"
    slow = replace(recording.channels[1], rate_hz=40.0)
    with_slow = replace(recording, channels=(recording.channels[0], slow))
    assert choose_channels(with_slow, DETECTION).channels[1].status == "ignored"


def test_of_several_ecg_channels_the_one_with_a_rhythm_is_used() -> None:
    made = make(replace(NIGHT, seconds=300.0))
    recording = recording_of(made)
    emg, ecg = recording.channels
    dead = replace(ecg, label="ECG 1", samples=np.zeros(len(made.ecg.samples)))
    found = scored(replace(recording, channels=(emg, dead, replace(ecg, label="ECG 2"))))
    assert {c.label: c.status for c in found.channels} == {"ECG 1": "ignored", "ECG 2": "used"}


def test_a_heart_that_cannot_be_removed_makes_the_channel_unusable() -> None:
    made = make(NIGHT)
    # nothing is subtracted nor levelled: the rule wants more than any mean can have
    removal = replace(DETECTION.heart.removal, times_noise=1e5)
    blind = replace(DETECTION, heart=replace(DETECTION.heart, removal=removal))
    found = scored(recording_of(made), blind)
    assert found.reason.startswith("T10: heart beats could not be removed")
    assert len(found.movements) == 0
    assert found.observed.shape == (0, 2)
    assert {c.label: c.status for c in found.channels}["T10"] == "refused"


def test_beats_left_are_judged_by_what_is_still_rest() -> None:
    left = detect(make(replace(NIGHT, seconds=300.0))).heart
    assert why_heart_is_left(left, 0, 300.0, 2.0) == ""
    at_bound = [replace(part, after_uv=2.0) for part in left]
    assert why_heart_is_left(at_bound, 0, 300.0, 2.0) == ""
    above = [replace(part, after_uv=2.1) for part in left]
    assert "2.1 uV of them are left at rest" in why_heart_is_left(above, 0, 300.0, 2.0)
    assert why_heart_is_left((), 49, 300.0, 2.0) == ""
    assert "10 blips a minute" in why_heart_is_left((), 50, 300.0, 2.0)
    assert why_heart_is_left((), 0, 0.0, 2.0) == ""


def test_a_night_with_trunk_emg_has_trunk_indices() -> None:
    made = make(NIGHT)
    report = analyse_night(recording_of(made))
    trunk = report.indices["trunk"]
    assert trunk["lm_n"].value == pytest.approx(len(made.truth), abs=1)
    assert report.indices["legs"]["lm_n"].reason == "no leg EMG channel in the recording"
    assert {c.label: c.status for c in report.channels} == {"T10": "used", "ECG": "used"}
    assert "emg.heart" in {finding.code for finding in report.findings}


def test_without_trunk_emg_the_group_says_so() -> None:
    found = scored(replace(recording_of(make(replace(NIGHT, seconds=60.0))), channels=()))
    assert found.reason == "no trunk EMG channel in the recording"


@pytest.mark.parametrize("n", [0, 1, 100])
def test_a_tiny_channel_is_no_error(n: int) -> None:
    made = make(replace(NIGHT, seconds=60.0))
    emg, ecg = (replace(s, samples=s.samples[:n]) for s in (made.emg, made.ecg))
    recording = replace(recording_of(made), segments=(Segment(start_s=0.0, duration_s=n / 256),))
    short = replace(made, emg=emg, ecg=ecg)
    channels = recording_of(short).channels
    assert len(scored(replace(recording, channels=channels)).movements) == 0


def test_a_qrs_of_two_equal_lobes_has_all_its_beats() -> None:
    # found by an energy window twice as long, its middle wandered from lobe to lobe
    rate_hz, n = 200.0, 300
    beats_s = 0.6 + 0.6 * np.arange(n) + 0.02 * np.sin(np.arange(n) / 3)
    times_s = np.arange(round((beats_s[-1] + 1) * rate_hz)) / rate_hz
    samples = 3 * np.random.default_rng(0).standard_normal(len(times_s))
    for beat_s in beats_s:
        at = slice(round((beat_s - 0.1) * rate_hz), round((beat_s + 0.1) * rate_hz))
        u = (times_s[at] - beat_s) / 0.012
        samples[at] -= 450 * u * np.exp(-0.5 * u**2)
    signal = Signal(samples=samples, rate_hz=rate_hz, unit="uV")
    found = find_beats(signal, BeatRule()).times_s
    assert abs(len(found) - n) <= 2
