"""Trains and movements are found although a heart leaks, and its beats are never a train."""

import numpy as np
import pytest
from leak_maker import covered, detected, kept, leak, made_of_bursts, night
from rhythm_maker import Emg, matched
from rounds import first_of, slow

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.channels import choose_channels, detect_group
from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.emg.ecg import LIMB_ECG_USE
from psgkit.detect.emg.heart_leak import CardiacBlipRule, without_cardiac_blips
from psgkit.detect.emg.limb_movements import ActivityRuns
from psgkit.detect.emg.trains.bursts import Bursts, leaking
from psgkit.detect.emg.trains.rule import CardiacTrainRule

SEEDS = (41, 42, 43)


def test_without_a_leak_trains_are_covered_and_movements_stay() -> None:
    wanted = hits = moves = same = 0
    for seed in SEEDS:
        emg, moved = night(seed)
        result = detected(emg)
        wanted, hits = wanted + len(emg.trains), hits + covered(result, emg)
        moves, same = moves + len(moved), same + kept(result, moved)
    assert wanted > 60
    assert hits >= 0.95 * wanted
    assert same >= 0.95 * moves


@pytest.mark.parametrize(
    ("peak_uv", "per_min", "rhythm"),
    [
        (30.0, 66, "sinus"),
        slow((80.0, 58, "sinus")),
        slow((50.0, 70, "ectopic")),
        slow((50.0, 80, "fibrillation")),
    ],
)
def test_with_an_ecg_a_leak_costs_neither_trains_nor_movements(
    peak_uv: float, per_min: float, rhythm: str
) -> None:
    wanted = hits = exact = found = moves = same = bursts = 0
    for seed in SEEDS:
        emg, moved = night(seed)
        result = detected(emg, leak(emg, peak_uv, per_min, rhythm))
        wanted, hits = wanted + len(emg.trains), hits + covered(result, emg)
        exact, found = exact + matched(result, emg), found + len(result.trains)
        moves, same = moves + len(moved), same + kept(result, moved)
        bursts += made_of_bursts(result, emg)
    assert hits >= 0.93 * wanted
    assert exact >= 0.85 * wanted
    assert found <= 1.03 * wanted
    assert same >= 0.88 * moves
    assert bursts <= 1.2 * wanted


@pytest.mark.parametrize(("frequency_hz", "n"), [(0.6, 6), (1.1, 4), (2.0, 7)])
def test_with_an_ecg_few_bursts_are_a_train_again(frequency_hz: float, n: int) -> None:
    emg = Emg(600.0, seed=5)
    emg.train(300.0, frequency_hz, n, jitter=0.02, level_uv=60.0)
    ecg = leak(emg, 50.0, 72.0)
    assert matched(detected(emg, ecg), emg) == 1
    assert detected(emg).trains == ()


@pytest.mark.parametrize("rhythm", ["sinus", "ectopic", "fibrillation"])
@pytest.mark.parametrize(("peak_uv", "per_min"), [(15.0, 110.0), (30.0, 97.0), (80.0, 62.0)])
@pytest.mark.parametrize("known", first_of(["", "from an ECG"]))
def test_beats_are_never_a_train_however_irregular(
    rhythm: str, peak_uv: float, per_min: float, known: str
) -> None:
    emg = Emg(1800.0, seed=round(peak_uv))
    for onset_s in np.cumsum(emg.rng.uniform(10, 50, 60)).tolist():
        if onset_s < emg.seconds - 20:
            emg.burst(onset_s, emg.rng.uniform(0.5, 6.0), emg.rng.uniform(12, 120))
    ecg = leak(emg, peak_uv, per_min, rhythm)
    assert detected(emg, ecg if known else None).trains == ()


def brief(at_s: np.ndarray) -> Bursts:
    ones = np.ones(len(at_s))
    return Bursts(
        start_s=at_s,
        end_s=at_s + 0.1,
        centre_s=at_s + 0.05,
        area_uv_s=ones,
        peak_uv=ones,
        trough_uv=0 * ones,
    )


def test_a_heart_may_leak_where_brief_bursts_fill_half_of_some_minutes() -> None:
    rule = CardiacTrainRule()
    assert len(leaking(Bursts.none(), 0.0, rule)) == len(leaking(Bursts.none(), 600.0, rule)) == 0
    half = np.arange(0.0, 3600.0, 1.0)
    assert leaking(brief(half[half < 150.0]), 3600.0, rule)[:, 0].tolist() == [0.0]
    assert len(leaking(brief(half[half < 140.0]), 3600.0, rule)) == 0
    # two in ten seconds are twitches
    assert len(leaking(brief(np.arange(0.0, 3600.0, 5.0)), 3600.0, rule)) == 0
    # the last moment belongs to the last stretch
    assert len(leaking(brief(np.arange(0.0, 600.0, 0.9999)), 600.0, rule)) == 1


def test_blips_at_known_beats_are_quiet_and_others_are_not() -> None:
    low = np.array([[0, 1000], [1020, 2000], [2020, 3000]])
    runs = ActivityRuns(
        low=low, reached=low[:0], sustained=low[:0], unusable=low[:0], spikes=low[:0]
    )
    known_s = np.append(5.05, 20.0 + np.arange(10))
    calm, n = without_cardiac_blips(runs, 200.0, CardiacBlipRule(), known_s)
    assert n == 1
    assert calm.low.tolist() == [[0, 2000], [2020, 3000]]
    assert without_cardiac_blips(runs, 200.0, CardiacBlipRule())[1] == 0


def recording(emg: Emg, ecg: np.ndarray) -> Recording:
    leg = Channel(
        label="LAT",
        rate_hz=256.0,
        samples=emg.samples(),
        unit="uV",
        role="leg",
        site=Site.LEFT_LEG,
    )
    heart = Channel(label="ECG", rate_hz=256.0, samples=ecg, unit="mV", role="ecg")
    return Recording(
        source="x",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=emg.seconds),),
        channels=(leg, heart),
    )


@pytest.mark.parametrize(("peak_uv", "reasons"), [(50.0, [LIMB_ECG_USE]), (0.0, [])])
def test_an_ecg_is_asked_only_where_the_heart_leaks(peak_uv: float, reasons: list[str]) -> None:
    emg = Emg(600.0, seed=5)
    emg.train(300.0, 1.1, 5, jitter=0.02, level_uv=60.0)
    ecg = np.asarray(leak(emg, peak_uv, 72.0).samples)
    detection = EmgDetection()
    chosen = choose_channels(recording(emg, ecg), detection)
    group, _ = detect_group(chosen, "legs", detection)
    assert [c.reason for c in group.channels] == reasons
    assert group.beats is None
    assert group.rhythms.bursts_n.tolist() == [5]
