"""The nouns keep what they were given, in order, and nobody can change it afterwards."""

import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.events import Events
from psgkit.core.hypnogram import STAGES, UNSCORED, Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.signal import Signal
from psgkit.core.site import Site
from psgkit.scoring.rules import WASM_2016
from psgkit.scoring.score import score_movements
from psgkit.settings import Settings

ONSETS = [50.0, 10.0, 30.0]


def events() -> Events:
    return Events.of(ONSETS, [51.0, 12.0, 33.0], ["lm", "arousal", "apnea"], ["left_leg", "", ""])


def movements() -> Movements:
    return Movements.of(ONSETS, [51.0, 12.0, 33.0], ["left_leg", "right_leg", "trunk"])


def scored() -> ScoredMovements:
    return score_movements(movements())


def hypnogram() -> Hypnogram:
    return Hypnogram.of(["W", "N1", "R"], start_s=15.0)


def signal() -> Signal:
    return Signal(samples=np.arange(10.0), rate_hz=2.0)


def recording() -> Recording:
    channels = tuple(
        Channel(label=label, rate_hz=10.0, samples=np.arange(50.0), role=role)
        for label, role in (("LAT", "leg"), ("ECG", "ecg"))
    )
    segments = (Segment(start_s=0.0, duration_s=2.0), Segment(start_s=7.0, duration_s=3.0))
    return Recording(source="x.edf", start=None, segments=segments, channels=channels)


NOUNS = [
    events(),
    movements(),
    scored(),
    hypnogram(),
    signal(),
    recording(),
    Index.plain("lm_n", 1, "1"),
    WASM_2016,
    Settings(),
]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_no_field_can_be_set(noun: Any) -> None:  # noqa: ANN401
    for field in fields(noun):
        with pytest.raises(FrozenInstanceError, match="cannot assign"):
            setattr(noun, field.name, None)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_no_array_can_be_written_to(noun: Any) -> None:  # noqa: ANN401
    arrays = [getattr(noun, field.name) for field in fields(noun)]
    for array in arrays:
        if hasattr(array, "setflags"):
            assert not array.flags.writeable


@pytest.mark.parametrize("make", [Events.of, Movements.of])
def test_a_table_neither_changes_nor_follows_the_arrays_it_was_made_of(make: Any) -> None:  # noqa: ANN401
    onset_s, end_s = np.array(ONSETS), np.array([51.0, 12.0, 33.0])
    words = [["lm"] * 3, [""] * 3] if make == Events.of else [[""] * 3]
    table = make(onset_s, end_s, *words)
    assert onset_s.tolist() == ONSETS
    onset_s[:] = end_s[:] = 0
    assert table.onset_s.tolist() == sorted(ONSETS)
    assert table.end_s.tolist() == [12.0, 33.0, 51.0]


def test_a_hypnogram_does_not_follow_the_array_it_was_made_of() -> None:
    stages = np.array(["W", "N1", "R"])
    found = Hypnogram.of(stages)
    stages[:] = "W"
    assert found.stages.tolist() == ["W", "N1", "R"]


def test_a_signal_shares_its_samples_and_leaves_the_callers_array_writable() -> None:
    samples = np.zeros(4)
    found = Signal(samples=samples, rate_hz=1.0)
    samples[0] = 1.0
    assert np.asarray(found.samples[0:4]).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert np.shares_memory(samples, found.samples)


def test_tables_are_sorted_by_onset_row_by_row() -> None:
    table = events()
    assert table.onset_s.tolist() == [10.0, 30.0, 50.0]
    assert table.end_s.tolist() == [12.0, 33.0, 51.0]
    assert table.kind.tolist() == ["arousal", "apnea", "lm"]
    assert table.site.tolist() == ["", "", "left_leg"]
    named = replace(
        movements(), onset_s=ONSETS, end_s=[51, 12, 33], channels=(("a",), ("b",), ("c", "d"))
    )
    assert named.channels == (("b",), ("c", "d"), ("a",))


@given(st.lists(st.integers(0, 5), max_size=30))
def test_rows_of_one_onset_stay_in_the_order_they_came_in(onsets: list[int]) -> None:
    kinds = [str(i) for i in range(len(onsets))]
    table = Events.of(onsets, [t + 1 for t in onsets], kinds, [""] * len(onsets))
    wanted = sorted(range(len(onsets)), key=lambda i: onsets[i])
    assert table.kind.tolist() == [str(i) for i in wanted]


def test_the_site_of_a_movement_is_its_plain_word() -> None:
    found = Movements.of([1.0], [2.0], [Site.LEFT_LEG])
    assert found.site.tolist() == ["left_leg"]
    assert Movements.of([1.0, 5.0], [2.0, 6.0], "left_arm").site.tolist() == ["left_arm"] * 2


@pytest.mark.parametrize(
    ("onset_s", "end_s"),
    [(2.0, 1.0), (math.nan, 1.0), (1.0, math.nan), (1.0, math.inf), (-math.inf, 1.0)],
)
def test_times_that_are_no_interval_are_refused_with_their_row(
    onset_s: float, end_s: float
) -> None:
    with pytest.raises(ValueError, match=r"Movements: row 1 runs from .* must be finite"):
        Movements.of([0.0, onset_s], [1.0, end_s], "left_leg")
    with pytest.raises(ValueError, match=r"Events: row 0 runs from .* must be finite"):
        Events.of([onset_s], [end_s], ["lm"], [""])


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="Events: columns differ in length"):
        Events.of([1.0, 2.0], [2.0], ["lm"], [""])
    with pytest.raises(ValueError, match="Movements: columns differ in length"):
        Movements.of([1.0], [2.0], ["left_leg", "left_leg"])
    with pytest.raises(ValueError, match="Movements: 1 channel lists for 3 rows"):
        replace(movements(), channels=((),))
    with pytest.raises(ValueError, match="ScoredMovements: columns differ in length"):
        replace(scored(), imi_s=np.zeros(2))


def test_an_event_may_last_no_time() -> None:
    assert len(Events.of([5.0], [5.0], ["lights_off"], [""])) == 1


@pytest.mark.parametrize("empty", [Events.none(), Movements.of([], [], []), Movements.joined([])])
def test_an_empty_table_is_valid(empty: Events | Movements) -> None:
    assert len(empty) == 0
    assert empty.intervals().shape == (0, 2)
    assert len(empty.to_frame()) == 0
    assert len(empty.where(np.empty(0, dtype=bool))) == 0


def test_an_empty_scoring_and_an_empty_hypnogram_are_valid() -> None:
    nothing = score_movements(Movements.of([], [], []))
    assert len(nothing) == 0
    assert len(nothing.to_frame()) == 0
    assert Hypnogram.of([]).stretches(["W"]).shape == (0, 2)
    assert Hypnogram.of([]).stage_at(np.array([0.0])).tolist() == [UNSCORED]


def test_tables_can_be_chosen_from_joined_and_shifted() -> None:
    table = events()
    assert table.of_kind(["apnea", "hypopnea"]).onset_s.tolist() == [30.0]
    assert table.of_kind([]).onset_s.tolist() == []
    both = table.joined_with(Events.of([20.0], [21.0], ["arousal"], [""]))
    assert both.kind.tolist() == ["arousal", "arousal", "apnea", "lm"]
    assert table.shifted(-10.0).intervals().tolist() == [[0, 2], [20, 23], [40, 41]]
    halves = [
        movements().where(np.array([True, False, True])),
        movements().where(np.array([False, True, False])),
    ]
    assert Movements.joined(halves).to_frame().equals(movements().to_frame())


def test_a_frame_has_the_columns_of_the_event_table() -> None:
    frame = events().to_frame()
    assert list(frame) == ["onset_s", "duration_s", "kind", "site"]
    assert frame.duration_s.tolist() == [2.0, 3.0, 1.0]


def test_a_frame_of_scored_movements_tells_not_measured_from_not_periodic() -> None:
    onsets = [100.0, 120.0, 140.0, 160.0, 180.0]
    apnea = Events.of([130.0], [139.0], ["apnea"], [""])
    found = score_movements(Movements.of(onsets, [t + 1 for t in onsets], "left_leg"), None, apnea)
    frame = found.to_frame()
    assert math.isnan(frame.imi_s[0])
    assert frame.plm.tolist() == [True] * 5
    assert frame.plmnr.isna().tolist() == [False, False, True, False, False]
    assert frame.plmnr.dropna().tolist() == [True] * 4


# hypnogram


@pytest.mark.parametrize("stage", ["REM", "n1", "N4", "?", ""])
def test_the_vocabulary_of_stages_is_closed(stage: str) -> None:
    with pytest.raises(
        ValueError, match=r"unknown stages .*known are W, N1, N2, N3, R, SLEEP, UNSCORED"
    ):
        Hypnogram.of(["W", stage])


@pytest.mark.parametrize("epoch_s", [0.0, -30.0, math.nan])
def test_an_epoch_has_a_positive_length(epoch_s: float) -> None:
    with pytest.raises(ValueError, match="positive length"):
        Hypnogram.of(["W"], epoch_s=epoch_s)


def test_an_epoch_holds_its_start_and_not_its_end() -> None:
    times = np.array([14.9, 15.0, 44.999, 45.0, 104.9, 105.0, -1e6])
    assert hypnogram().stage_at(times).tolist() == [
        UNSCORED,
        *["W", "W", "N1", "R"],
        UNSCORED,
        UNSCORED,
    ]
    assert hypnogram().end_s == 105.0


@given(st.lists(st.sampled_from(STAGES), max_size=20), st.sampled_from([0.1, 20.0, 30.0]))
def test_stretches_hold_the_epochs_of_their_stages(stages: list[str], epoch_s: float) -> None:
    found = Hypnogram.of(stages, epoch_s=epoch_s, start_s=3.3)
    for wanted in (("N2",), ("N1", "N2", "N3", "R"), STAGES):
        hours = sum(stage in wanted for stage in stages) * epoch_s
        lengths = np.diff(found.stretches(wanted), axis=1)
        assert lengths.sum() == pytest.approx(hours)
    assert found.stage_at(found.epoch_starts_s()).tolist() == stages


# signal and recording


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, math.nan, math.inf])
def test_a_signal_has_a_positive_rate(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        Signal(samples=np.zeros(3), rate_hz=rate_hz)


def test_a_signal_is_one_channel_of_samples() -> None:
    with pytest.raises(ValueError, match=r"one channel, got shape \(2, 3\)"):
        Signal(samples=np.zeros((2, 3)), rate_hz=1.0)
    with pytest.raises(ValueError, match="must be an array, got int"):
        Signal(samples=3, rate_hz=1.0)  # type: ignore[arg-type]


def test_the_stretches_of_a_channel_follow_the_gaps_of_the_recording() -> None:
    parts = recording().signals(recording().channel("LAT"))
    assert [part.start_s for part in parts] == [0.0, 7.0]
    assert [np.asarray(part.samples[:]).tolist() for part in parts] == [
        list(range(20)),
        list(range(20, 50)),
    ]
    assert np.asarray(parts[1].samples[5:1:1]).tolist() == []
    assert np.asarray(parts[1].samples[1:9:3]).tolist() == [21.0, 24.0, 27.0]
    assert recording().duration_s == 10.0
    assert recording().recorded().tolist() == [[0.0, 2.0], [7.0, 10.0]]


def test_samples_that_do_not_fill_the_segments_are_refused() -> None:
    channel = replace(recording().channel("LAT"), samples=np.zeros(49))
    with pytest.raises(ValueError, match="LAT: 49 samples, the segments need 50"):
        recording().signals(channel)


def test_a_channel_that_is_not_there_is_missed_by_name() -> None:
    with pytest.raises(KeyError, match="no channel 'RAT'; there are LAT, ECG"):
        recording().channel("RAT")


def test_replacing_channels_keeps_their_order_and_the_old_recording() -> None:
    old = recording()
    new = old.with_channels({"ECG": replace(old.channel("ECG"), role="leg")})
    assert new.labels() == old.labels()
    assert [channel.label for channel in new.with_role("leg")] == ["LAT", "ECG"]
    assert [channel.label for channel in old.with_role("leg")] == ["LAT"]


# index


@pytest.mark.parametrize(("value", "reason"), [(None, None), (1.0, "because")])
def test_an_index_has_a_value_or_a_reason(value: float | None, reason: str | None) -> None:
    with pytest.raises(ValueError, match="plms_index: an index has a value or a reason"):
        Index(name="plms_index", value=value, unit="1/h", reason=reason)


def test_nothing_per_no_hours_is_no_zero() -> None:
    missing = Index.rate("plms_index", 0, 0.0, otherwise="no sleep")
    assert (missing.value, missing.reason) == (None, "no sleep")
    none_of_some = Index.rate("plms_index", 0, 2.0, otherwise="no sleep")
    assert (none_of_some.value, none_of_some.reason) == (0.0, None)
    assert none_of_some.denominator_h == 2.0
    assert Index.share("bilateral_share", 0, 0, otherwise="no movement").value is None
    assert Index.share("bilateral_share", 1, 4, otherwise="no movement").value == 0.25


def test_joined_movements_keep_the_modality_of_each() -> None:
    none = Movements.joined([])
    emg = Movements.of([5.0], [6.0], "left_leg", modality="emg")
    sensor = Movements.of([1.0], [2.0], "left_leg", modality="accelerometer")
    together = Movements.joined([none, emg, sensor, none])
    assert together.modality.tolist() == ["accelerometer", "emg"]
    assert together.taken(np.array([1])).modality.tolist() == ["emg"]
