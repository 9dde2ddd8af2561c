"""Several muscles of one arm: their movements at one site are joined before anything is counted."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.movements import Movements
from psgkit.scoring.rules import AASM_3, RULE_SETS, WASM_2016
from psgkit.scoring.score import score_movements

EVERY_RULE_SET = pytest.mark.parametrize("rules", RULE_SETS.values(), ids=list(RULE_SETS))


def muscle(name: str, rows: list[tuple[float, float]], site: str, uv: float) -> Movements:
    table = Movements.of([row[0] for row in rows], [row[1] for row in rows], site, "emg")
    n = len(rows)
    return replace(
        table, channels=((name,),) * n, amplitude=np.full(n, uv), amplitude_unit=["uV"] * n
    )


@EVERY_RULE_SET
def test_muscles_of_one_arm_are_one_part(rules: object) -> None:
    flexor = muscle("FDS L", [(10.0, 12.0)], "left_arm", 20.0)
    biceps = muscle("Biceps L", [(11.0, 13.0)], "left_arm", 40.0)
    found = score_movements(Movements.joined([flexor, biceps]), rules=rules).movements  # type: ignore[arg-type]
    assert found.intervals().tolist() == [[10.0, 13.0]]
    assert found.site.tolist() == ["left_arm"]
    assert found.n_parts.tolist() == [1]
    assert found.channels == (("FDS L", "Biceps L"),)
    assert found.amplitude.tolist() == [30.0]
    assert found.amplitude_unit.tolist() == ["uV"]


def test_amplitude_is_the_mean_weighted_by_duration() -> None:
    flexor = muscle("FDS L", [(10.0, 13.0)], "left_arm", 20.0)
    biceps = muscle("Biceps L", [(11.0, 12.0)], "left_arm", 60.0)
    found = score_movements(Movements.joined([flexor, biceps])).movements
    assert found.amplitude.tolist() == [30.0]


def test_muscles_join_below_half_a_second_and_not_at_it() -> None:
    flexor = muscle("FDS L", [(10.0, 12.0)], "left_arm", 20.0)
    near = muscle("EDC L", [(12.49, 13.0)], "left_arm", 20.0)
    far = muscle("EDC L", [(12.5, 13.5)], "left_arm", 20.0)
    assert len(score_movements(Movements.joined([flexor, near]))) == 1
    # at the gap of 0.5 s nothing joins, neither within the arm nor as two sides
    assert len(score_movements(Movements.joined([flexor, far]))) == 2


@EVERY_RULE_SET
def test_five_muscles_of_two_arms_are_two_parts(rules: object) -> None:
    tables = [
        *(muscle(f"{k} L", [(10.0, 12.0)], "left_arm", 20.0) for k in ("FDS", "EDC", "ECR")),
        *(muscle(f"{k} R", [(10.3, 12.5)], "right_arm", 20.0) for k in ("FDS", "EDC")),
    ]
    found = score_movements(Movements.joined(tables), rules=rules)  # type: ignore[arg-type]
    assert found.movements.site.tolist() == ["both_arms"]
    assert found.movements.n_parts.tolist() == [2]
    assert found.candidate.tolist() == [True]


def test_a_muscle_more_changes_no_count_where_it_moves_with_the_others() -> None:
    onsets = [100.0, 120.0, 140.0, 160.0]
    flexor = muscle("FDS L", [(t, t + 2) for t in onsets], "left_arm", 20.0)
    biceps = muscle("Biceps L", [(t + 0.5, t + 1.5) for t in onsets], "left_arm", 20.0)
    for rules in (WASM_2016, AASM_3):
        alone = score_movements(flexor, rules=rules)
        both = score_movements(Movements.joined([flexor, biceps]), rules=rules)
        assert both.plm.tolist() == alone.plm.tolist() == [True] * 4
        assert both.imi_s.tolist()[1:] == alone.imi_s.tolist()[1:]


def test_ten_muscle_movements_in_turn_are_one_long_movement_that_is_no_candidate() -> None:
    flexor = muscle("FDS L", [(10.0, 16.0)], "left_arm", 20.0)
    biceps = muscle("Biceps L", [(15.8, 21.0)], "left_arm", 20.0)
    found = score_movements(Movements.joined([flexor, biceps]))
    assert found.movements.duration_s.tolist() == [11.0]
    assert found.candidate.tolist() == [False]
