"""Counts, rates and intervals of an immobilisation test, and the mean of the answers.

Conventions: a movement counts if it begins awake and in the test; a rate is per hour awake in which
a movement could be detected.  A series may span a stretch of sleep, as in WASM 2016; its movements
in that stretch do not count.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.discomfort import DISCOMFORT_SITES, Discomfort
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, complement, contains, intersect, total, union
from psgkit.core.movements import ScoredMovements
from psgkit.detect.emg.channels import GroupDetection
from psgkit.scoring.rules import ScoringRules
from psgkit.scoring.score import score_movements
from psgkit.sit.report import DiscomfortMean, Protocol, SitSettings, SitStep, SitTest

SECONDS_PER_HOUR = 3600.0
_NO_TIME = "no time awake while a movement could have been seen"
_NOT_ASKED = "no discomfort scores were given"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroupTest:
    """One group of sites in a test, scored by the older and the newer rules.

    ``awake`` is the time of the test that counts, ``observed`` the time of the recording in which a
    movement could be detected; ``reason`` states why the group has no indices.
    """

    older: ScoredMovements
    newer: ScoredMovements
    awake: Intervals
    observed: Intervals
    reason: str = ""

    def counted(self, scored: ScoredMovements) -> NDArray[np.bool_]:
        """Return which movements begin awake."""
        return contains(self.awake, scored.movements.onset_s)

    def hours(self) -> float:
        """Return the hours awake in which a movement could be detected."""
        return total(intersect(self.awake, self.observed)) / SECONDS_PER_HOUR

    def within(self, part: Intervals) -> "GroupTest":
        """Return a part of the test."""
        return GroupTest(
            older=self.older,
            newer=self.newer,
            awake=intersect(self.awake, part),
            observed=self.observed,
            reason=self.reason,
        )


def group_test(
    detected: GroupDetection, test: SitTest, awake: Intervals, settings: SitSettings
) -> GroupTest:
    """Return one group, scored by both rules within the part of the test.

    Movements that begin outside the part are left out before joining and linking, so that no series
    reaches across its ends.  A gross movement ends a series as a gap does; its time counts.
    """
    part = np.array([[test.part.from_s, test.part.to_s]])
    inside = detected.movements.where(contains(part, detected.movements.onset_s))
    unseen = complement(detected.observed, test.part.from_s, test.part.to_s)
    unobserved = union(unseen, intersect(union(detected.gross.intervals()), part))

    def scored(rules: ScoringRules) -> ScoredMovements:
        return score_movements(inside, None, None, rules, unobserved=unobserved)

    return GroupTest(
        older=scored(settings.older),
        newer=scored(settings.newer),
        awake=awake,
        observed=detected.observed,
        reason=detected.reason,
    )


def group_indices(group: GroupTest, protocol: Protocol, settings: SitSettings) -> dict[str, Index]:
    """Return rates, counts and intervals of one group."""
    return {
        **step_indices(group, protocol),
        **_counts(group),
        **_intervals(group, settings),
    }


def step_indices(group: GroupTest, protocol: Protocol) -> dict[str, Index]:
    """Return the rates: periodic movements by both rules, and all movements."""
    older, newer = group.counted(group.older), group.counted(group.newer)
    counts = {
        protocol.index_older: (older & group.older.plm).sum(),
        protocol.index_newer: (newer & group.newer.plm).sum(),
        "lm_index": older.sum(),
    }
    hours, why = 0.0 if group.reason else group.hours(), group.reason or _NO_TIME
    return {name: Index.rate(name, n, hours, otherwise=why) for name, n in counts.items()}


def _counts(group: GroupTest) -> dict[str, Index]:
    older, newer = group.counted(group.older), group.counted(group.newer)
    found = {
        "lm_n": older.sum(),
        "clm_older_n": (older & group.older.candidate).sum(),
        "plm_older_n": (older & group.older.plm).sum(),
        "plm_wasm2016_n": (newer & group.newer.plm).sum(),
        "series_older_n": len(np.unique(group.older.series[older & group.older.plm])),
        "series_wasm2016_n": len(np.unique(group.newer.series[newer & group.newer.plm])),
    }
    if group.reason:
        return all_missing(found, group.reason)
    return {name: Index.plain(name, n) for name, n in found.items()}


def _intervals(group: GroupTest, settings: SitSettings) -> dict[str, Index]:
    """Return the intervals within the series of the older rule."""
    imi_s = intervals_in_series(group)
    why = group.reason or "no series of periodic movements by the older rule"
    if group.reason or not len(imi_s):
        return all_missing(("imi_mean_s", "imi_modal_s", "short_imi_share"), why)
    short = is_too_short(imi_s, settings.newer)
    return {
        "imi_mean_s": Index.plain("imi_mean_s", imi_s.mean()),
        "imi_modal_s": Index.plain("imi_modal_s", modal(imi_s, settings.modal_window_s)),
        "short_imi_share": Index.share("short_imi_share", short.sum(), len(imi_s), otherwise=why),
    }


def intervals_in_series(group: GroupTest) -> NDArray[np.float64]:
    """Return the intervals between neighbours in a series, where the later one counts."""
    rows = np.flatnonzero(group.older.plm)
    series = group.older.series[rows]
    together = np.flatnonzero(series[1:] == series[:-1]) + 1
    later = rows[together]
    imi_s = group.older.movements.onset_s[later] - group.older.movements.onset_s[rows[together - 1]]
    return np.asarray(imi_s[group.counted(group.older)[later]], dtype=np.float64)


def is_too_short(imi_s: NDArray[np.float64], rules: ScoringRules) -> NDArray[np.bool_]:
    """Return which intervals are too short for a series of ``rules``."""
    return rules.series.imi_s.is_below(imi_s)


def modal(values: NDArray[np.float64], window: float) -> float:
    """Return the mean of the values within the fullest window; the lowest of equally full ones.

    Examples
    --------
    >>> modal(np.array([4.0, 11.0, 11.5, 12.0, 30.0]), 2.0)
    11.5
    """
    ordered = np.sort(values)
    ends = np.searchsorted(ordered, ordered + window + SLACK_S, side="right")
    first = int(np.argmax(ends - np.arange(len(ordered))))
    return float(ordered[first : ends[first]].mean())


def discomfort_mean(answers: Discomfort | None, why_none: str) -> DiscomfortMean:
    """Return the mean over all answers, or the reason why there is none.

    Examples
    --------
    >>> discomfort_mean(Discomfort.of([300.0, 600.0], [10, 30]), "").mean.value
    20.0
    """
    if answers is None or not len(answers):
        unit = "" if answers is None else answers.unit
        return DiscomfortMean(mean=Index.missing("discomfort_mean", why_none, unit=unit), n=0)
    mean = Index.plain("discomfort_mean", answers.score.mean(), answers.unit)
    return DiscomfortMean(mean=mean, n=len(answers))


def answers_between(answers: Discomfort, from_s: float, to_s: float, first_s: float) -> Discomfort:
    """Return the answers after ``from_s`` up to and with ``to_s``.

    A prompt asks about the time before it; the one at ``first_s``, when the test begins, belongs
    to its first part.
    """
    after = answers.time_s > from_s + SLACK_S
    at_first = (from_s <= first_s + SLACK_S) & (answers.time_s >= first_s - SLACK_S)
    return answers.where((after | at_first) & (answers.time_s <= to_s + SLACK_S))


def steps_of(
    groups: dict[str, GroupTest], test: SitTest, awake: Intervals, settings: SitSettings
) -> tuple[SitStep, ...]:
    """Return the test in steps of ten minutes; the last may be shorter."""
    part = test.part
    count = max(1, int(np.ceil((part.duration_s - SLACK_S) / settings.step_s)))
    steps = []
    for number in range(count):
        from_s = part.from_s + number * settings.step_s
        to_s = min(from_s + settings.step_s, part.to_s)
        step = np.array([[from_s, to_s]])
        asked = test.discomfort
        answers = None if asked is None else answers_between(asked, from_s, to_s, part.from_s)
        why = _NOT_ASKED if asked is None else "no score in this part"
        steps.append(
            SitStep(
                from_s=from_s,
                to_s=to_s,
                awake_s=total(intersect(awake, step)),
                indices={
                    name: step_indices(group.within(step), test.protocol)
                    for name, group in groups.items()
                },
                discomfort=discomfort_mean(answers, why),
            )
        )
    return tuple(steps)


def discomfort_means(answers: Discomfort | None) -> dict[str, DiscomfortMean]:
    """Return the mean of all answers (``all``), and that of each part of the body asked about."""
    if answers is None:
        return {"all": discomfort_mean(None, _NOT_ASKED)}
    means = {"all": discomfort_mean(answers, "no score was given during the test")}
    for site in DISCOMFORT_SITES:
        if (answers.site == site).any():
            means[site] = discomfort_mean(answers.at(site), "")
    return means
