"""The worked examples of the rule sheet, section 11: onsets in, sizes of series out."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.bounds import Span
from psgkit.core.movements import Movements
from psgkit.scoring.combine import combine
from psgkit.scoring.rules import AASM_3, WASM_2006, WASM_2016, ScoringRules, SeriesRule
from psgkit.scoring.score import score_movements
from psgkit.scoring.series import link_series


def changed(rules: ScoringRules, series: SeriesRule) -> ScoringRules:
    return replace(rules, name=f"{rules.name} variant", series=series)


CANNOT_START = changed(WASM_2016, replace(WASM_2016.series, after_short_imi="end"))
ALT_1 = changed(WASM_2006, replace(WASM_2006.series, imi_s=Span(low=10.0, high=90.0)))
OLD_BREAKS = changed(WASM_2006, replace(WASM_2006.series, no_candidate="breaks"))
ALT_1_BREAKS = changed(ALT_1, replace(ALT_1.series, no_candidate="breaks"))

COLUMNS = {
    "WASM 2016": [WASM_2016],
    "cannot start": [CANNOT_START],
    "skip below 5 s": [WASM_2006, AASM_3, OLD_BREAKS],
    "skip below 10 s": [ALT_1, ALT_1_BREAKS],
}
VECTORS: list[tuple[list[float], list[list[int]]]] = [
    ([0, 20, 40, 60, 80], [[5], [5], [5], [5]]),
    ([0, 20, 40], [[], [], [], []]),
    ([0, 20, 40, 130], [[4], [4], [4], [4]]),
    ([0, 20, 40, 130.1], [[], [], [], []]),
    ([0, 20, 40, 47, 67, 87, 107], [[4], [], [7], [6]]),
    ([0, 20, 40, 60, 67, 87, 107], [[4], [4], [7], [6]]),
    ([7 * n for n in range(8)], [[], [], [8], [4]]),
    ([0, 10, 20, 30], [[4], [4], [4], [4]]),
    ([0, 9.99, 19.98, 29.97], [[], [], [4], []]),
]
CASES = [
    pytest.param(onsets, rules, sizes, id=f"{onsets} by {rules.name}")
    for onsets, by_column in VECTORS
    for sets, sizes in zip(COLUMNS.values(), by_column, strict=True)
    for rules in sets
]


def sizes_of(series: np.ndarray) -> list[int]:
    return [int((series == n).sum()) for n in range(1, series.max(initial=0) + 1)]


@pytest.mark.parametrize(("onsets", "rules", "sizes"), CASES)
def test_onsets_of_one_leg_give_the_series_of_the_rule_sheet(
    onsets: list[float], rules: ScoringRules, sizes: list[int]
) -> None:
    found = score_movements(Movements.of(onsets, [t + 2 for t in onsets], "left_leg"), rules=rules)
    assert sizes_of(found.series) == sizes


def test_47_starts_the_new_series_in_wasm_2016() -> None:
    onsets = [0.0, 20, 40, 47, 67, 87, 107]
    found = score_movements(Movements.of(onsets, [t + 2 for t in onsets], "left_leg"))
    assert found.series.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_eight_at_7_s_keep_every_second_one_when_skipping_below_10_s() -> None:
    onsets = [7.0 * n for n in range(8)]
    rows = Movements.of(onsets, [t + 2 for t in onsets], "left_leg")
    assert score_movements(rows, rules=ALT_1).series.tolist() == [1, 0] * 4


@pytest.mark.parametrize(
    ("rules", "sizes"),
    [(WASM_2016, []), (CANNOT_START, []), (WASM_2006, [6]), (AASM_3, [6]), (OLD_BREAKS, [])],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_long_movement_at_60_within_a_rhythm(rules: ScoringRules, sizes: list[int]) -> None:
    onsets = [20.0 * n for n in range(7)]
    ends = [t + (10.5 if t == 60 else 2) for t in onsets]
    assert sizes_of(
        score_movements(Movements.of(onsets, ends, "left_leg"), rules=rules).series
    ) == (sizes)


@pytest.mark.parametrize(
    ("rules", "sizes"),
    [
        (WASM_2016, [4, 4]),
        (CANNOT_START, [4, 4]),
        (WASM_2006, [8]),
        (AASM_3, [8]),
        (OLD_BREAKS, [4, 4]),
        (ALT_1_BREAKS, [4, 4]),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_long_movement_at_70_between_two_series(rules: ScoringRules, sizes: list[int]) -> None:
    """More than 10 s from 70 on would meet 80, so this one is about linking alone."""
    onsets = np.array([0, 20, 40, 60, 70, 80, 100, 120, 140], dtype=np.float64)
    breaks = np.array([70.0]) if rules.series.no_candidate == "breaks" else np.array([])
    linked = link_series(onsets, onsets != 70, breaks, rules.series)
    assert sizes_of(linked.series) == sizes


Rows = list[tuple[float, float]]
BILATERAL: dict[str, tuple[Rows, Rows, list[tuple[float, float, bool]]]] = {
    "0.4 s apart": ([(10, 13)], [(13.4, 15)], [(10, 15, True)]),
    "0.5 s apart": ([(10, 13)], [(13.5, 15)], [(10, 13, True), (13.5, 15, True)]),
    "16 s": ([(10, 18)], [(17, 26)], [(10, 26, False)]),
    "a part of 10.5 s": ([(10, 20.5)], [(12, 14)], [(10, 20.5, False)]),
    "five parts in 10 s": (
        [(10, 11.5), (13.6, 15.1), (17.2, 20)],
        [(11.8, 13.3), (15.4, 16.9)],
        [(10, 20, False)],
    ),
    "four parts in 7.7 s": (
        [(10, 11.5), (13.6, 15.1)],
        [(11.8, 13.3), (15.4, 17.7)],
        [(10, 17.7, True)],
    ),
    "4 s from onset to onset": ([(10, 12)], [(14, 16)], [(10, 12, True), (14, 16, True)]),
}


def combined(left: Rows, right: Rows, rules: ScoringRules) -> list[tuple[float, float, bool]]:
    rows = [*((*row, "left_leg") for row in left), *((*row, "right_leg") for row in right)]
    found = combine(
        Movements.of([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]), rules
    )
    return [
        (float(onset), float(end), bool(candidate))
        for (onset, end), candidate in zip(
            found.movements.intervals(), found.candidate, strict=True
        )
    ]


@pytest.mark.parametrize("name", BILATERAL)
@pytest.mark.parametrize("swapped", [False, True], ids=["", "swapped"])
def test_both_legs_give_the_movements_of_the_rule_sheet(name: str, *, swapped: bool) -> None:
    left, right, wanted = BILATERAL[name]
    pair = (right, left) if swapped else (left, right)
    assert combined(*pair, WASM_2016) == wanted


def test_4_s_from_onset_to_onset_are_one_movement_by_aasm() -> None:
    left, right, _ = BILATERAL["4 s from onset to onset"]
    assert combined(left, right, AASM_3) == [(10, 16, True)]


@pytest.mark.parametrize(("rules", "n_plm"), [(WASM_2016, 8), (CANNOT_START, 4)])
def test_the_periodic_movements_of_the_periodicity_example(rules: ScoringRules, n_plm: int) -> None:
    onsets = [0.0, 20, 40, 60, 64, 90, 115, 140, 300]
    found = score_movements(Movements.of(onsets, [t + 2 for t in onsets], "left_leg"), rules=rules)
    assert found.candidate.sum() == 9
    assert found.plm.sum() == n_plm
