"""Inter-movement intervals: their distribution, and the periodicity index of Ferri et al. 2006."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import Span
from psgkit.core.index import Index
from psgkit.core.intervals import drop_shorter_than, runs_of_true, total
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import ImiHistogram

PERIODIC_IMI = Span(low=10.0, high=90.0)
"""Ferri et al. 2006, Sleep 29:759-769 (10-90 s; whether 10 s is included is open, here it is)."""

MIN_RUN = 3
"""Intervals in a row that count as periodic (second-hand: Pendulum)."""

_BIN_LN = 0.1
_LAST_LN = 6.0


def interval_indices(scored: ScoredMovements, rows: NDArray[np.bool_]) -> dict[str, Index]:
    """Return periodicity and interval indices of the intervals that end in ``rows``."""
    imi_s = scored.imi_s[scored.candidate]
    wanted = rows[scored.candidate]
    measured = wanted & ~np.isnan(imi_s)
    inside = PERIODIC_IMI.contains(imi_s) & wanted
    runs = drop_shorter_than(MIN_RUN, runs_of_true(inside))
    logs = np.log(imi_s[inside])
    few = "fewer than two intervals of 10-90 s"
    return {
        "periodicity_index_ferri": Index.share(
            "periodicity_index_ferri",
            total(runs),
            float(measured.sum()),
            otherwise="no inter-movement interval",
        ),
        "imi_log_mean_s": Index.plain("imi_log_mean_s", float(np.exp(logs.mean())), "s")
        if len(logs)
        else Index.missing("imi_log_mean_s", "s", "no interval of 10-90 s"),
        "imi_log_sd": Index.plain("imi_log_sd", float(logs.std(ddof=1)), "ln s")
        if len(logs) > 1
        else Index.missing("imi_log_sd", "ln s", few),
    }


def imi_histogram(
    scored: ScoredMovements, in_sleep: NDArray[np.bool_], in_wake: NDArray[np.bool_]
) -> ImiHistogram:
    """Return how many intervals end in sleep and in wake, in bins of 0.1 ln-units from 1 s on."""
    edges_s = np.exp(np.arange(0, _LAST_LN + _BIN_LN / 2, _BIN_LN))

    def counts(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        imi_s = scored.imi_s[rows & scored.candidate]
        return np.histogram(imi_s[~np.isnan(imi_s)], bins=edges_s)[0].astype(np.int64)

    return ImiHistogram(edges_s=edges_s, sleep_n=counts(in_sleep), wake_n=counts(in_wake))
