"""Agreement of stages: hand examples, grids that differ, and laws for every two nights."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.agreement import compare_stages
from psgkit.core.hypnogram import ASLEEP, STAGES, Hypnogram

NAMES = ["W", "N1", "N2", "N3", "R"]
TOLD = [stage for stage in STAGES if stage != ASLEEP]
NIGHTS = st.lists(st.sampled_from(TOLD), min_size=1, max_size=40)


def kappa_by_hand(first: list[str], second: list[str]) -> float | None:
    """Return Cohen's kappa of two lists, counted one by one."""
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(first.count(s) / n * (second.count(s) / n) for s in NAMES)
    return None if chance > 1 - 1e-12 else (observed - chance) / (1 - chance)


def test_identical_nights_agree_completely() -> None:
    night = Hypnogram.of(["W", "N1", "N2", "N3", "R", "W"])
    found = compare_stages(night, night)
    assert found.agreement == found.kappa == 1.0
    assert [found.kappa_of(stage) for stage in NAMES] == [1.0] * 5
    assert np.array_equal(found.confusion_n, np.diag([2, 1, 1, 1, 1]))


def test_cohens_own_kind_of_table() -> None:
    # 20 both W, 15 both N2, 5 W for N2, 10 N2 for W: observed 0.7, by chance 0.5, kappa 0.4
    reference = ["W"] * 25 + ["N2"] * 25
    candidate = ["W"] * 20 + ["N2"] * 5 + ["W"] * 10 + ["N2"] * 15
    found = compare_stages(Hypnogram.of(reference), Hypnogram.of(candidate))
    assert found.agreement == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.kappa_of("W") == pytest.approx(0.4)
    assert found.kappa_of("R") is None
    assert found.confusion_n[0].tolist() == [20, 0, 5, 0, 0]
    assert found.confusion_n[2].tolist() == [10, 0, 15, 0, 0]


def test_a_stage_that_only_one_uses_agrees_no_better_than_chance() -> None:
    found = compare_stages(Hypnogram.of(["W", "N1", "N2"]), Hypnogram.of(["W", "N2", "N2"]))
    assert found.kappa_of("N1") == pytest.approx(0.0)


def test_complete_disagreement_is_below_chance() -> None:
    found = compare_stages(Hypnogram.of(["W", "N2"]), Hypnogram.of(["N2", "W"]))
    assert (found.agreement, found.kappa) == (0.0, -1.0)


def test_one_stage_throughout_leaves_nothing_to_chance() -> None:
    found = compare_stages(Hypnogram.of(["N2"] * 9), Hypnogram.of(["N2"] * 9))
    assert found.agreement == 1.0
    assert found.kappa is None


def test_what_nobody_or_only_one_scored_is_left_out() -> None:
    reference = Hypnogram.of(["W", "UNSCORED", "N2", "UNSCORED", "R"])
    candidate = Hypnogram.of(["W", "N1", "UNSCORED", "UNSCORED"])
    found = compare_stages(reference, candidate)
    assert found.compared_n == 1
    assert (found.only_reference_n, found.only_candidate_n, found.neither_n) == (2, 1, 1)


@pytest.mark.parametrize("empty", [Hypnogram.of([]), Hypnogram.of(["UNSCORED"])])
def test_nothing_in_common_has_no_score(empty: Hypnogram) -> None:
    found = compare_stages(empty, Hypnogram.of(["W", "N1"]))
    assert (found.compared_n, found.agreement, found.kappa) == (0.0, None, None)
    assert found.kappa_of("W") is None
    assert found.only_candidate_n == 2
    neither = compare_stages(Hypnogram.of([]), Hypnogram.of([]))
    assert (neither.compared_n, neither.kappa) == (0.0, None)


def test_nights_apart_in_time_share_nothing() -> None:
    late = Hypnogram.of(["N2"] * 3, start_s=900.0)
    found = compare_stages(Hypnogram.of(["N2"] * 3), late)
    assert found.compared_n == 0
    # the gap between the two is time that neither scored
    assert (found.only_reference_n, found.only_candidate_n, found.neither_n) == (3, 3, 27)


def test_epochs_of_other_length_are_compared_by_time() -> None:
    # 60 s: N2 throughout against N2 for 40 s and W for 20 s
    found = compare_stages(Hypnogram.of(["N2", "N2"], 30.0), Hypnogram.of(["N2", "N2", "W"], 20.0))
    assert found.epoch_s == 20.0
    assert found.confusion_n[2].tolist() == pytest.approx([1, 0, 2, 0, 0])
    assert found.agreement == pytest.approx(2 / 3)


def test_a_grid_that_starts_within_an_epoch_is_compared_by_time() -> None:
    reference = Hypnogram.of(["W", "N2", "N2"])
    candidate = Hypnogram.of(["W", "N2", "N2"], start_s=10.0)
    found = compare_stages(reference, candidate)
    assert found.compared_n == pytest.approx(80 / 30)
    assert found.confusion_n[0, 0] == pytest.approx(20 / 30)
    assert found.confusion_n[2, 0] == pytest.approx(10 / 30)
    assert found.only_reference_n == found.only_candidate_n == pytest.approx(10 / 30)


def test_rows_later_in_one_file_are_found_by_time() -> None:
    whole = Hypnogram.of(["UNSCORED"] * 10 + ["N1", "N2", "N3"])
    cut = Hypnogram.of(["N1", "N2", "N3"], start_s=300.0)
    found = compare_stages(whole, cut)
    assert (found.compared_n, found.agreement) == (3.0, 1.0)


def test_an_unknown_stage_has_no_kappa() -> None:
    found = compare_stages(Hypnogram.of(["W"]), Hypnogram.of(["W"]))
    with pytest.raises(ValueError, match="N4"):
        found.kappa_of("N4")


@given(reference=NIGHTS, candidate=NIGHTS)
def test_counted_one_by_one_it_is_the_same(reference: list[str], candidate: list[str]) -> None:
    found = compare_stages(Hypnogram.of(reference), Hypnogram.of(candidate))
    both = [(a, b) for a, b in zip(reference, candidate, strict=False) if "UNSCORED" not in (a, b)]
    assert found.compared_n == len(both)
    for row, a in enumerate(NAMES):
        for column, b in enumerate(NAMES):
            assert found.confusion_n[row, column] == both.count((a, b))
    if both:
        first, second = map(list, zip(*both, strict=True))
        assert found.kappa == pytest.approx(kappa_by_hand(first, second))
        for stage in NAMES:
            one, other = (
                [s if s == stage else "W" if stage != "W" else "N1" for s in night]
                for night in (first, second)
            )
            assert found.kappa_of(stage) == pytest.approx(kappa_by_hand(one, other))


@given(
    reference=NIGHTS,
    candidate=NIGHTS,
    epoch_s=st.sampled_from([10.0, 20.0, 30.0]),
    start_s=st.integers(-100, 100),
)
def test_swapping_transposes_the_table_and_changes_no_score(
    reference: list[str], candidate: list[str], epoch_s: float, start_s: int
) -> None:
    one, other = Hypnogram.of(reference), Hypnogram.of(candidate, epoch_s, float(start_s))
    there, back = compare_stages(one, other), compare_stages(other, one)
    np.testing.assert_allclose(there.confusion_n, back.confusion_n.T)
    assert there.kappa == pytest.approx(back.kappa)
    assert there.only_reference_n == pytest.approx(back.only_candidate_n)


@given(reference=NIGHTS, candidate=NIGHTS, shift=st.integers(-30000, 30000))
def test_the_time_of_night_does_not_matter(
    reference: list[str], candidate: list[str], shift: int
) -> None:
    here = compare_stages(Hypnogram.of(reference), Hypnogram.of(candidate))
    there = compare_stages(
        Hypnogram.of(reference, start_s=shift / 7), Hypnogram.of(candidate, start_s=shift / 7)
    )
    np.testing.assert_allclose(here.confusion_n, there.confusion_n, atol=1e-6)


def test_six_people_who_staged_one_night_agree_as_people_do(shared: Path) -> None:
    from itertools import combinations

    from psgkit.io.scoring.read import read_hypnogram

    files = sorted((shared / "data" / "multi-scorer-hypnograms").glob("*.edf"))
    kappas = [
        compare_stages(one, other).kappa
        for one, other in combinations(map(read_hypnogram, files), 2)
    ]
    assert len(kappas) == 15
    assert 0.7 < min(kappas) < max(kappas) < 0.85
