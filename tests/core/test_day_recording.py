"""The nouns of recordings of days refuse what cannot be, and know what is missing."""

from datetime import datetime

import numpy as np
import pytest

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording, Excluded, Track, Wear
from psgkit.core.days.diary import Diary
from psgkit.core.frozen import words


def test_counts_know_what_is_missing_and_keep_their_axes() -> None:
    counts = Counts(
        counts=np.array([3.0, np.nan]),
        epoch_s=30.0,
        start_s=60.0,
        axis_names=("x", "y"),
        axes=np.array([[1.0, 2.0], [np.nan, np.nan]]),
    )
    assert counts.spans(counts.missing).tolist() == [[90.0, 120.0]]
    assert counts.end_s == 120.0
    assert counts.to_frame().columns.tolist() == ["onset_s", "duration_s", "counts", "imputed",
                                                  "x", "y"]  # fmt: skip
    assert not counts.imputed.any()
    with pytest.raises(ValueError, match="read-only"):
        counts.counts[0] = 1.0


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"counts": np.array([-1.0])}, "0 or more"),
        ({"counts": np.array([np.inf])}, "0 or more"),
        ({"counts": np.ones((2, 2))}, "one row"),
        ({"counts": np.ones(2), "epoch_s": 0.0}, "positive length"),
        ({"counts": np.ones(2), "axis_names": ("x",)}, "axes must have"),
        ({"counts": np.ones(2), "imputed": np.ones(3, dtype=bool)}, "imputed must have"),
    ],
)
def test_counts_that_cannot_be_are_refused(fields: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Counts(**({"epoch_s": 60.0} | fields))  # type: ignore[arg-type]


def test_what_is_left_of_a_recording_is_what_no_reason_takes_out() -> None:
    def excluded(kind: str, *spans: tuple[float, float]) -> Excluded:
        return Excluded(kind=kind, rule="by hand", spans_s=np.array(spans), share=0.1)

    wear = Wear(
        name="left_ankle",
        duration_s=100.0,
        excluded=(excluded("gap", (0, 10)), excluded("non_wear", (5, 20), (90, 100))),
    )
    assert wear.observed_s.tolist() == [[20.0, 90.0]]
    assert wear.share == pytest.approx(0.7)
    assert wear.share_of("non_wear") == pytest.approx(0.25)
    assert wear.share_of("artefact") == 0.0
    nothing = Wear(name="left_ankle", duration_s=100.0, reason="all counts are 0")
    assert nothing.share == 0.0
    with pytest.raises(ValueError, match="kind must be one of"):
        excluded("bored", (0, 1))


def test_a_recording_keeps_its_markers_in_order_and_finds_its_tracks() -> None:
    light = Track(name="light", unit="lux", values=np.ones(3), epoch_s=60.0)
    days = DayRecording(
        source="week.csv",
        clock=DayClock.of(datetime(2024, 1, 1, 12)),
        duration_s=86400.0,
        tracks=(light,),
        markers_s=np.array([9.0, 3.0]),
    )
    assert days.markers_s.tolist() == [3.0, 9.0]
    assert days.track("light") is light
    assert days.track("temperature") is None
    assert len(days.day_bounds_s()) == 1


def test_a_diary_of_unequal_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Diary(date=words(["2024-01-01"]))
