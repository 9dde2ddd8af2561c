"""Respiratory events, arousals and stages that coincide with a movement."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.core.movements import Movements
from psgkit.scoring.rules import RespiratoryRule, ScoringRules


def tied_to_respiration(
    movements: Movements, events: Events, rule: RespiratoryRule
) -> NDArray[np.bool_]:
    """Return whether any part of each movement lies in the window of a respiratory event.

    Examples
    --------
    >>> legs = Movements.of([20.0, 40.0], [22.0, 42.0], "left_leg")
    >>> apnea = Events.of([0.0], [15.0], ["apnea"], [""])
    >>> tied_to_respiration(legs, apnea, RespiratoryRule()).tolist()
    [True, False]
    """
    breaths = events.of_kind(rule.kinds)
    begins = breaths.end_s if rule.anchor == "end" else breaths.onset_s
    ends = breaths.end_s + rule.window_s.high
    windows = np.column_stack((begins + rule.window_s.low, ends))
    included = SLACK_S if rule.window_s.includes_low and rule.window_s.includes_high else -SLACK_S
    return touches(movements.intervals(), windows, included)


def tied_to_arousal(movements: Movements, events: Events, rules: ScoringRules) -> NDArray[np.bool_]:
    """Return whether each movement overlaps an arousal or lies near one, in either order."""
    arousals = events.of_kind(["arousal"]).intervals()
    near = arousals + np.array([-rules.arousal_within_s, rules.arousal_within_s])
    return touches(movements.intervals(), near, -SLACK_S)


def touches(first: Intervals, second: Intervals, slack_s: float) -> NDArray[np.bool_]:
    """Return whether each of ``first`` meets any of ``second``; either may overlap itself.

    With positive ``slack_s`` a common point is enough, with negative ``slack_s`` it is not.
    """
    if not len(second):
        return np.zeros(len(first), dtype=bool)
    order = np.argsort(second[:, 0], kind="stable")
    starts, reach = second[order, 0], np.maximum.accumulate(second[order, 1])
    # the latest end of those that start before the movement ends
    row = np.searchsorted(starts, first[:, 1] + slack_s, side="right") - 1
    return np.asarray((row >= 0) & (reach[np.maximum(row, 0)] >= first[:, 0] - slack_s))


def counted_stage(
    movements: Movements, hypnogram: Hypnogram | None, rules: ScoringRules
) -> NDArray[np.str_]:
    """Return the stage each movement is counted in; UNSCORED without a hypnogram."""
    if hypnogram is None:
        return np.full(len(movements), UNSCORED)
    stage = hypnogram.stage_at(movements.onset_s)
    if rules.counted_by == "onset":
        return stage
    for row in np.flatnonzero(~np.isin(stage, SLEEP_STAGES)):
        steps = np.arange(movements.onset_s[row], movements.end_s[row], hypnogram.epoch_s / 2)
        # a movement that ends exactly with an epoch does not reach into the next
        last = np.array([movements.end_s[row] - 2 * SLACK_S])
        touched = hypnogram.stage_at(np.concatenate((steps, last)))
        asleep = touched[np.isin(touched, SLEEP_STAGES)]
        if len(asleep):
            stage[row] = asleep[0]
    return stage
