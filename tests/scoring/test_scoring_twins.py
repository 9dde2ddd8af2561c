"""Scoring equals a second implementation in plain loops, and keeps its invariances.

Generated times are whole ticks of 1/64 s: the plain loops count ticks, so that they need no slack.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.scoring.rules import AASM_3, RULE_SETS, WASM_2006, WASM_2016, ScoringRules, SeriesRule
from psgkit.scoring.score import score_movements

TICKS = 64
Rows = list[tuple[int, int, str]]
"""Onset and end in ticks, and the site or the kind."""

STAGES = ["W", "N1", "N2", "N3", "R", "UNSCORED"]
LEGS = ["left_leg", "right_leg"]
EVERY_RULE_SET = pytest.mark.parametrize("rules", RULE_SETS.values(), ids=list(RULE_SETS))


# nights by chance


@st.composite
def movements_of_legs(draw: st.DrawFn, max_size: int = 25) -> Rows:
    """Draw movements of both legs around every limit of the rules, overlapping or not."""
    near = [0, 31, 32, 33, 64, 319, 320, 640, 1280, 5759, 5760, 5761]
    steps = st.one_of(st.sampled_from(near), st.integers(0, 1500))
    lengths = st.one_of(st.sampled_from([0, 31, 32, 100, 640, 641]), st.integers(0, 700))
    rows, onset = [], 0
    for step, length, site in draw(
        st.lists(st.tuples(steps, lengths, st.sampled_from(LEGS)), max_size=max_size)
    ):
        onset += step
        rows.append((onset, onset + length, site))
    return rows


@st.composite
def spread_movements(draw: st.DrawFn) -> Rows:
    """Draw movements of one leg that never meet: short candidates, some longer than 10 s."""
    steps = st.sampled_from([2 * TICKS, 5 * TICKS, 7 * TICKS, 10 * TICKS, 20 * TICKS, 90 * TICKS])
    rows, onset = [], 0
    for step, extra, is_long in draw(
        st.lists(st.tuples(steps, st.sampled_from([-1, 0, 0, 0, 1]), st.booleans()), max_size=30)
    ):
        long = is_long and draw(st.integers(0, 3)) == 0
        onset += step + extra
        length = 11 * TICKS if long else TICKS
        rows.append((onset, onset + length, "left_leg"))
        onset += length if long else 0
    return rows


@st.composite
def scorers_events(draw: st.DrawFn) -> Rows:
    times = st.tuples(st.integers(0, 15_000), st.integers(0, 1500))
    kinds = st.sampled_from(["arousal", "apnea", "hypopnea", "rera", "snore"])
    drawn = draw(st.lists(st.tuples(times, kinds), max_size=8))
    return [(onset, onset + length, kind) for (onset, length), kind in drawn]


hypnograms = st.lists(st.sampled_from(STAGES), max_size=12).map(Hypnogram.of)


@st.composite
def gaps(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Draw disjoint stretches nobody could see, in ticks."""
    edges = sorted(draw(st.sets(st.integers(0, 40_000), max_size=6)))
    return list(zip(edges[::2], edges[1::2], strict=False))


def as_movements(rows: Rows) -> Movements:
    return Movements.of(
        [r[0] / TICKS for r in rows], [r[1] / TICKS for r in rows], [r[2] for r in rows]
    )


def as_events(rows: Rows) -> Events:
    sites = [""] * len(rows)
    return Events.of(
        [r[0] / TICKS for r in rows], [r[1] / TICKS for r in rows], [r[2] for r in rows], sites
    )


def as_seconds(stretches: list[tuple[int, int]]) -> Intervals:
    return np.array(stretches, dtype=np.float64).reshape(-1, 2) / TICKS


# the second implementation


@dataclass
class Plain:
    """One movement, in ticks."""

    onset: int
    end: int
    sites: set[str]
    parts: int = 1
    candidate: bool = True
    respiratory: bool = False
    arousal: bool = False
    stage: str = "UNSCORED"
    imi: int | None = None
    series: int = 0
    imi_nr: int | None = None
    series_nr: int = 0


def is_cut(one: int, other: int, unseen: list[tuple[int, int]]) -> bool:
    """Return whether a gap begins between two onsets."""
    return any(min(one, other) <= start < max(one, other) for start, _ in unseen)


def plain_legs(rows: Rows, unseen: Sequence[tuple[int, int]] = ()) -> list[Plain]:
    """Return movements of single legs: joined, long enough, judged by their duration."""
    found: list[Plain] = []
    for leg in LEGS:
        open_one: Plain | None = None
        before = 0
        for onset, end, _ in sorted(row for row in rows if row[2] == leg):
            near = open_one is not None and onset - open_one.end < TICKS // 2
            if open_one is not None and near and not is_cut(before, onset, unseen):
                open_one.end = max(open_one.end, end)
            else:
                open_one = Plain(onset, end, {leg})
                found.append(open_one)
            before = onset
    kept = [m for m in found if m.end - m.onset >= TICKS // 2]
    for movement in kept:
        movement.candidate = movement.end - movement.onset <= 10 * TICKS
    return kept


def no_onset_is_shared(rows: Rows) -> bool:
    """Return whether no two movements of single legs begin together."""
    onsets = [m.onset for m in plain_legs(rows)]
    return len(set(onsets)) == len(onsets)


def plain_combined(rows: Rows, rules: ScoringRules, unseen: list[tuple[int, int]]) -> list[Plain]:
    """Return movements of both legs: chains of neighbours on opposite legs."""
    singles = plain_legs(rows, unseen)
    chains = [[movement] for movement in singles]
    for one in singles:
        for other in singles:
            apart = max(one.onset, other.onset) - min(one.end, other.end)
            cut = is_cut(one.onset, other.onset, unseen)
            if one.sites != other.sites and apart < TICKS // 2 and not cut:
                a = next(chain for chain in chains if one in chain)
                b = next(chain for chain in chains if other in chain)
                if a is not b:
                    a.extend(b)
                    chains.remove(b)
    combined = []
    for chain in chains:
        movement = Plain(
            min(m.onset for m in chain),
            max(m.end for m in chain),
            set().union(*(m.sites for m in chain)),
            parts=len(chain),
        )
        limits = rules.bilateral
        movement.candidate = all(m.candidate for m in chain)
        if len(chain) > 1 and limits.max_parts:
            movement.candidate &= len(chain) <= limits.max_parts
        if len(chain) > 1 and limits.max_duration_s:
            movement.candidate &= movement.end - movement.onset <= limits.max_duration_s * TICKS
        combined.append(movement)
    return sorted(combined, key=lambda m: m.onset)


def plain_series(  # noqa: PLR0912, PLR0915 - one walk through the night, in one piece
    movements: list[Plain], rule: SeriesRule, unseen: list[tuple[int, int]]
) -> tuple[list[int | None], list[int]]:
    """Return interval and series of each movement by walking through the night."""
    low, high = (round(limit * TICKS) for limit in (rule.imi_s.low, rule.imi_s.high))
    imi: list[int | None] = [None] * len(movements)
    series = [0] * len(movements)
    run: list[int] = []
    last: int | None = None
    n_series = 0

    def close() -> None:
        nonlocal n_series
        if len(run) >= rule.min_movements:
            n_series += 1
            for row in run:
                series[row] = n_series
        run.clear()

    for row, movement in enumerate(movements):
        if last is not None and any(last <= start < movement.onset for start, _ in unseen):
            close()
            last = None
        if not movement.candidate:
            if rule.no_candidate == "breaks":
                close()
                last = None
            continue
        if last is None:
            run.append(row)
            last = movement.onset
            continue
        apart = movement.onset - last
        imi[row] = apart
        if apart < low and rule.after_short_imi == "skip":
            continue
        last = movement.onset
        if low <= apart <= high:
            run.append(row)
        else:
            close()
            if not (apart < low and rule.after_short_imi == "end"):
                run.append(row)
    close()
    return imi, series


def plain_wasm(
    rows: Rows,
    events: Rows,
    hypnogram: Hypnogram,
    unseen: list[tuple[int, int]],
    rules: ScoringRules,
) -> list[Plain]:
    """Return a night scored by WASM 2016 or 2006."""
    found = plain_combined(rows, rules, unseen)
    window = rules.respiratory.window_s
    for m in found:
        epoch = m.onset // (30 * TICKS)
        m.stage = str(hypnogram.stages[epoch]) if epoch < len(hypnogram) else "UNSCORED"
        for onset, end, kind in events:
            if kind == "arousal":
                apart = max(m.onset, onset) - min(m.end, end)
                m.arousal |= apart < TICKS // 2
            elif kind in rules.respiratory.kinds:
                begins, stops = end + window.low * TICKS, end + window.high * TICKS
                m.respiratory |= m.onset <= stops and m.end >= begins
    imi, series = plain_series(found, rules.series, unseen)
    calm = [m for m in found if not (m.candidate and m.respiratory)]
    imi_nr, series_nr = plain_series(calm, rules.series, unseen)
    for m, interval, number in zip(found, imi, series, strict=True):
        m.imi, m.series = interval, number
    for m, interval, number in zip(calm, imi_nr, series_nr, strict=True):
        m.imi_nr, m.series_nr = interval, number
    return found


def measured(imi_s: np.ndarray) -> list[float | None]:
    return [None if np.isnan(imi) else float(imi * TICKS) for imi in imi_s]


def table(found: ScoredMovements) -> list[tuple[Any, ...]]:
    """Return everything scoring says, one row a movement, times in ticks."""
    return list(
        zip(
            (found.movements.onset_s * TICKS).tolist(),
            (found.movements.end_s * TICKS).tolist(),
            found.movements.site.tolist(),
            found.movements.n_parts.tolist(),
            found.candidate.tolist(),
            found.respiratory.tolist(),
            found.arousal.tolist(),
            found.stage.tolist(),
            measured(found.imi_s),
            found.series.tolist(),
            measured(found.imi_nr_s),
            found.series_nr.tolist(),
            strict=True,
        )
    )


def plain_table(found: list[Plain]) -> list[tuple[Any, ...]]:
    return [
        (
            *(m.onset, m.end, "both_legs" if len(m.sites) > 1 else next(iter(m.sites)), m.parts),
            *(m.candidate, m.respiratory, m.arousal, m.stage),
            *(m.imi, m.series, m.imi_nr, m.series_nr),
        )
        for m in found
    ]


@pytest.mark.parametrize("rules", [WASM_2016, WASM_2006], ids=lambda rules: rules.name)
@given(rows=movements_of_legs(), events=scorers_events(), hypnogram=hypnograms, unseen=gaps())
def test_a_night_is_scored_as_plain_loops_score_it(
    rules: ScoringRules,
    rows: Rows,
    events: Rows,
    hypnogram: Hypnogram,
    unseen: list[tuple[int, int]],
) -> None:
    found = score_movements(
        as_movements(rows), hypnogram, as_events(events), rules, unobserved=as_seconds(unseen)
    )
    assert table(found) == plain_table(plain_wasm(rows, events, hypnogram, unseen, rules))


@pytest.mark.parametrize("after_short_imi", ["restart", "end", "skip"])
@pytest.mark.parametrize("no_candidate", ["breaks", "ignored"])
@given(rows=spread_movements(), unseen=gaps(), min_movements=st.integers(2, 5))
def test_series_are_linked_as_a_plain_walk_links_them(
    after_short_imi: Any,  # noqa: ANN401 - the words of a rule
    no_candidate: Any,  # noqa: ANN401
    rows: Rows,
    unseen: list[tuple[int, int]],
    min_movements: int,
) -> None:
    rule = SeriesRule(
        after_short_imi=after_short_imi, no_candidate=no_candidate, min_movements=min_movements
    )
    rules = replace(WASM_2016, series=rule)
    found = score_movements(as_movements(rows), rules=rules, unobserved=as_seconds(unseen))
    walked = [
        Plain(onset, end, {site}, candidate=end - onset <= 10 * TICKS) for onset, end, site in rows
    ]
    imi, series = plain_series(walked, rule, unseen)
    assert measured(found.imi_s) == imi
    assert found.series.tolist() == series


@given(rows=movements_of_legs())
def test_aasm_legs_are_grouped_as_a_plain_walk_groups_them(rows: Rows) -> None:
    assume(no_onset_is_shared(rows))
    groups: list[list[Plain]] = []
    for movement in sorted(plain_legs(rows), key=lambda m: m.onset):
        last = groups[-1] if groups else None
        if (
            last
            and movement.onset - last[0].onset < 5 * TICKS
            and all(movement.sites != other.sites for other in last)
        ):
            last.append(movement)
        else:
            groups.append([movement])
    wanted = [
        (
            group[0].onset,
            max(m.end for m in group),
            len(group),
            all(m.candidate for m in group),
        )
        for group in groups
    ]
    found = score_movements(as_movements(rows), rules=AASM_3)
    assert [(row[0], row[1], row[3], row[4]) for row in table(found)] == wanted


# laws


def test_aasm_groups_legs_that_begin_together_alike_on_both_sides() -> None:
    """After a movement of one leg, both legs begin together within 5 s."""

    def parts(first: str) -> list[int]:
        rows = [(0, 64, first), *((2 * TICKS, 3 * TICKS, site) for site in LEGS)]
        return score_movements(as_movements(rows), rules=AASM_3).movements.n_parts.tolist()

    assert parts("left_leg") == parts("right_leg")


@EVERY_RULE_SET
@given(rows=movements_of_legs(), events=scorers_events(), hypnogram=hypnograms)
def test_left_and_right_are_interchangeable(
    rules: ScoringRules, rows: Rows, events: Rows, hypnogram: Hypnogram
) -> None:
    other = {"left_leg": "right_leg", "right_leg": "left_leg", "both_legs": "both_legs"}
    swapped = [(onset, end, other[site]) for onset, end, site in rows]
    one = table(score_movements(as_movements(rows), hypnogram, as_events(events), rules))
    two = table(score_movements(as_movements(swapped), hypnogram, as_events(events), rules))
    assert sorted((*row[:2], other[row[2]], *row[3:]) for row in one) == sorted(
        tuple(row) for row in two
    )


@EVERY_RULE_SET
@given(
    rows=movements_of_legs(),
    events=scorers_events(),
    hypnogram=hypnograms,
    unseen=gaps(),
    shift_s=st.sampled_from([0.1, 1 / 3, 30.0, 3600.7, 86_399.999, -12.345]),
)
def test_a_shift_in_time_changes_nothing(
    rules: ScoringRules,
    rows: Rows,
    events: Rows,
    hypnogram: Hypnogram,
    unseen: list[tuple[int, int]],
    shift_s: float,
) -> None:
    found = as_movements(rows)
    here = score_movements(
        found, hypnogram, as_events(events), rules, unobserved=as_seconds(unseen)
    )
    there = score_movements(
        replace(found, onset_s=found.onset_s + shift_s, end_s=found.end_s + shift_s),
        replace(hypnogram, start_s=hypnogram.start_s + shift_s),
        as_events(events).shifted(shift_s),
        rules,
        unobserved=as_seconds(unseen) + shift_s,
    )
    columns = ["candidate", "respiratory", "arousal", "stage", "series", "series_nr"]
    for name in columns:
        assert getattr(here, name).tolist() == getattr(there, name).tolist(), name
    assert np.allclose(here.imi_s, there.imi_s, equal_nan=True)
    assert np.allclose(here.movements.onset_s + shift_s, there.movements.onset_s)


@EVERY_RULE_SET
@given(rows=movements_of_legs(), events=scorers_events(), before=st.booleans())
def test_an_isolated_movement_far_away_changes_no_series(
    rules: ScoringRules, rows: Rows, events: Rows, *, before: bool
) -> None:
    onset = -100 * TICKS if before else max((row[1] for row in rows), default=0) + 91 * TICKS
    alone = (onset, onset + TICKS, "left_leg")
    one = score_movements(as_movements(rows), None, as_events(events), rules)
    two = score_movements(as_movements([*rows, alone]), None, as_events(events), rules)
    rest = two.where(two.movements.onset_s != onset / TICKS)
    assert len(two) == len(one) + 1
    assert rest.series.tolist() == one.series.tolist()
    assert rest.series_nr.tolist() == one.series_nr.tolist()
    assert not two.plm[two.movements.onset_s == onset / TICKS].any()


@EVERY_RULE_SET
@given(first=movements_of_legs(15), second=movements_of_legs(15))
def test_two_nights_in_a_row_have_the_series_of_both(
    rules: ScoringRules, first: Rows, second: Rows
) -> None:
    later = max((row[1] for row in first), default=0) + 101 * TICKS
    moved = [(onset + later, end + later, site) for onset, end, site in second]
    one, two = (score_movements(as_movements(rows), rules=rules) for rows in (first, second))
    both = score_movements(as_movements([*first, *moved]), rules=rules)
    numbered = np.where(two.series > 0, two.series + one.series.max(initial=0), 0)
    assert both.series.tolist() == [*one.series.tolist(), *numbered.tolist()]


@EVERY_RULE_SET
@given(rows=movements_of_legs(), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    rules: ScoringRules,
    rows: Rows,
    seed: Any,  # noqa: ANN401 - what hypothesis calls Random
) -> None:
    distinct = list({row[0]: row for row in rows}.values())
    mixed = list(distinct)
    seed.shuffle(mixed)
    one = score_movements(as_movements(distinct), rules=rules)
    assert table(score_movements(as_movements(mixed), rules=rules)) == table(one)


@EVERY_RULE_SET
@given(rows=movements_of_legs(), events=scorers_events())
def test_what_a_series_is(rules: ScoringRules, rows: Rows, events: Rows) -> None:
    """All in a series are candidates, there are enough of them, and intervals lie within bounds."""
    found = score_movements(as_movements(rows), None, as_events(events), rules)
    assert (found.candidate | ~found.plm).all()
    assert not (found.plmnr & found.respiratory).any()
    for series in (found.series, found.series_nr):
        for number in range(1, series.max(initial=0) + 1):
            onsets = found.movements.onset_s[series == number]
            assert len(onsets) >= rules.series.min_movements
            assert rules.series.imi_s.contains(np.diff(onsets)).all()


@EVERY_RULE_SET
@given(rows=movements_of_legs())
def test_scoring_what_was_scored_with_nothing_respiratory_gives_the_same_series_twice(
    rules: ScoringRules, rows: Rows
) -> None:
    found = score_movements(as_movements(rows), rules=rules)
    assert found.series.tolist() == found.series_nr.tolist()
    assert measured(found.imi_s) == measured(found.imi_nr_s)


@EVERY_RULE_SET
@given(rows=movements_of_legs(), arms=movements_of_legs())
def test_what_the_arms_do_changes_nothing_for_the_legs(
    rules: ScoringRules, rows: Rows, arms: Rows
) -> None:
    of_arms = [(onset, end, site.replace("leg", "arm")) for onset, end, site in arms]
    alone = score_movements(as_movements(rows), rules=rules)
    together = score_movements(as_movements([*rows, *of_arms]), rules=rules)
    is_leg = np.isin(together.movements.site, [*LEGS, "both_legs"])
    assert table(together.where(is_leg)) == table(alone)
    as_arms: Callable[[str], str] = lambda site: site.replace("leg", "arm")  # noqa: E731
    of_the_arms = table(score_movements(as_movements(arms), rules=rules))
    first = int(alone.series.max(initial=0))
    for row, leg_row in zip(table(together.where(~is_leg)), of_the_arms, strict=True):
        assert row[2] == as_arms(leg_row[2])
        assert row[9] == (leg_row[9] + first if leg_row[9] else 0)
