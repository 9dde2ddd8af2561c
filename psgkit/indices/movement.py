"""Movement indices of one group of sites: counts, rates, periodicity, intervals.

Conventions: a movement counts if its onset lies between lights off and on; as sleep or wake by its
scored stage; rates are per observed hour of that state.  Only ``..._recording`` rates use the whole
recording, staged or not.  Every candidate is a PLM, an isolated or a short-interval movement:
outside series it is a short-interval one if its interval is below that of the rules, else isolated.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import Span
from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import contains, drop_shorter_than, runs_of_true, total
from psgkit.core.message import translatable
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import ImiHistogram
from psgkit.core.site import Site
from psgkit.scoring.rules import ScoringRules
from psgkit.sleep.time_in_stages import NightTime

PERIODIC_IMI = Span(low=10.0, high=90.0)
"""Intervals that are described as periodic; both ends are included, as in a series of WASM 2016."""

FERRI_IMI = Span(low=10.0, high=90.0, includes_low=False)
"""Ferri et al. 2006, Sleep 29:759-769: more than 10 s, up to 90 s."""

MIN_RUN = 3
"""Intervals in a row that count as periodic (second-hand: Pendulum)."""

_BIN_LN = 0.1
_LAST_LN = 6.0
_WAKE = ("W",)
_REM = ("R",)

Chosen = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroupNight:
    """Input of the movement indices of a group.

    Attributes
    ----------
    scored : ScoredMovements
    time : NightTime
        Its observed time is that in which a movement of this group could be detected.
    rules : ScoringRules
    has_arousals : bool
        Whether arousals were scored at all.
    reason : str
        Empty, or why the group has no movements to count (no channel, none usable).
    """

    scored: ScoredMovements
    time: NightTime
    rules: ScoringRules
    has_arousals: bool = True
    reason: str = ""

    def inside(self) -> Chosen:
        """Return which movements begin between lights off and on."""
        return contains(self.time.window(), self.scored.movements.onset_s)

    def in_stages(self, stages: tuple[str, ...]) -> Chosen:
        """Return which movements begin between lights off and on in one of ``stages``."""
        return self.inside() & np.isin(self.scored.stage, stages)

    def rate(self, name: str, chosen: Chosen, stages: tuple[str, ...]) -> Index:
        """Return the rate of chosen movements in ``stages`` per observed hour in them."""
        count = (self.in_stages(stages) & chosen).sum()
        why = self.time.why_no_hours(stages)
        return Index.rate(name, count, self.time.hours(stages), otherwise=why)

    def rate_of_recording(self, name: str, chosen: Chosen) -> Index:
        """Return the chosen movements per observed hour of the whole recording."""
        hours = self.time.hours_within(np.array([[-np.inf, np.inf]]))
        return Index.rate(name, chosen.sum(), hours, otherwise=NOT_OBSERVED)

    def short_interval(self) -> Chosen:
        """Return which candidates outside series follow too short an interval."""
        below = self.rules.series.imi_s.is_below(self.scored.imi_s)
        return self.scored.candidate & ~self.scored.plm & below

    def isolated(self) -> Chosen:
        """Return which candidates outside series are no short-interval ones."""
        return self.scored.candidate & ~self.scored.plm & ~self.short_interval()


NOT_IN_WAKE = translatable("these rules score no movement in wake")
NOT_OBSERVED = translatable("no time while a movement could have been seen")


@dataclass(frozen=True, slots=True)
class _Rate:
    """A rate: the movements that count, and the stages whose hours count."""

    stages: tuple[str, ...]
    chosen: Callable[[GroupNight], Chosen]
    needs_arousals: bool = False


def _plm(night: GroupNight) -> Chosen:
    return night.scored.plm


def _plmnr(night: GroupNight) -> Chosen:
    return night.scored.plmnr


def _candidates(night: GroupNight) -> Chosen:
    return night.scored.candidate


def _plm_arousal(night: GroupNight) -> Chosen:
    return night.scored.plm & night.scored.arousal


def _plmnr_arousal(night: GroupNight) -> Chosen:
    return night.scored.plmnr & night.scored.arousal


def _respiratory(night: GroupNight) -> Chosen:
    return night.scored.candidate & night.scored.respiratory


RATES: dict[str, _Rate] = {
    "plms_index": _Rate(SLEEP_STAGES, _plm),
    "plmw_index": _Rate(_WAKE, _plm),
    "plms_nrem_index": _Rate(NREM_STAGES, _plm),
    "plms_rem_index": _Rate(_REM, _plm),
    "plmsnr_index": _Rate(SLEEP_STAGES, _plmnr),
    "plmsnr_nrem_index": _Rate(NREM_STAGES, _plmnr),
    "plmsnr_rem_index": _Rate(_REM, _plmnr),
    "plms_arousal_index": _Rate(SLEEP_STAGES, _plm_arousal, needs_arousals=True),
    "plmsnr_arousal_index": _Rate(SLEEP_STAGES, _plmnr_arousal, needs_arousals=True),
    "clms_index": _Rate(SLEEP_STAGES, _candidates),
    "clmw_index": _Rate(_WAKE, _candidates),
    "clmsr_index": _Rate(SLEEP_STAGES, _respiratory),
    "isolated_lms_index": _Rate(SLEEP_STAGES, GroupNight.isolated),
    "isolated_lmw_index": _Rate(_WAKE, GroupNight.isolated),
    "short_interval_lms_index": _Rate(SLEEP_STAGES, GroupNight.short_interval),
    "short_interval_lmw_index": _Rate(_WAKE, GroupNight.short_interval),
}


def movement_indices(night: GroupNight) -> dict[str, Index]:
    """Return all movement indices of a group by name."""
    scored = night.scored
    # intervals are described in sleep, or over the whole night without stages
    described = night.in_stages(SLEEP_STAGES) if night.time.is_staged else night.inside()
    found = {
        **_counts(night),
        **{name: _rate(name, rule, night) for name, rule in RATES.items()},
        "lm_index_recording": night.rate_of_recording(
            "lm_index_recording", np.ones(len(scored), dtype=bool)
        ),
        "plm_index_recording": night.rate_of_recording("plm_index_recording", scored.plm),
        **_periodicity(night),
        **interval_indices(scored, described),
        **_series_and_sides(night),
    }
    return all_missing(found, night.reason) if night.reason else found


def _counts(night: GroupNight) -> dict[str, Index]:
    inside, scored = night.inside(), night.scored
    anywhere = {
        "lm_n": inside,
        "clm_n": inside & scored.candidate,
        "plm_n": inside & scored.plm,
        "plmnr_n": inside & scored.plmnr,
    }
    in_state = {
        "plms_n": night.in_stages(SLEEP_STAGES) & scored.plm,
        "plmw_n": night.in_stages(_WAKE) & scored.plm,
        "plmsnr_n": night.in_stages(SLEEP_STAGES) & scored.plmnr,
    }
    found = {name: Index.plain(name, chosen.sum()) for name, chosen in anywhere.items()}
    if not night.time.is_staged:
        return found | all_missing(in_state, night.time.why_no_hours(SLEEP_STAGES))
    found |= {name: Index.plain(name, chosen.sum()) for name, chosen in in_state.items()}
    if night.rules.in_wake == "no_candidate":
        found["plmw_n"] = Index.missing("plmw_n", NOT_IN_WAKE)
    return found


def _rate(name: str, rate: _Rate, night: GroupNight) -> Index:
    if rate.needs_arousals and not night.has_arousals:
        return Index.missing(name, translatable("no scored arousals were given"))
    if rate.stages == _WAKE and night.rules.in_wake == "no_candidate":
        return Index.missing(name, NOT_IN_WAKE)
    return night.rate(name, rate.chosen(night), rate.stages)


def _periodicity(night: GroupNight) -> dict[str, Index]:
    """Return PLM as a share of candidates, in sleep and in wake (WASM 2016 report form)."""
    found = {}
    for state, stages in (("sleep", SLEEP_STAGES), ("wake", _WAKE)):
        name = f"periodicity_index_wasm_{state}"
        here = night.in_stages(stages)
        why = translatable(f"no candidate movement in {state}")
        if state == "wake" and night.rules.in_wake == "no_candidate" and night.time.is_staged:
            found[name] = Index.missing(name, NOT_IN_WAKE)
            continue
        found[name] = Index.share(
            name,
            (here & night.scored.plm).sum(),
            (here & night.scored.candidate).sum(),
            otherwise=why if night.time.is_staged else night.time.why_no_hours(stages),
        )
    return found


def _series_and_sides(night: GroupNight) -> dict[str, Index]:
    inside, scored = night.inside(), night.scored
    plm, candidates = inside & scored.plm, inside & scored.candidate
    bilateral = np.isin(scored.movements.site, [Site.BOTH_LEGS, Site.BOTH_ARMS])
    durations = scored.movements.duration_s[plm]
    return {
        "series_n": Index.plain("series_n", len(np.unique(scored.series[plm]))),
        "plm_duration_mean_s": Index.plain(
            "plm_duration_mean_s",
            durations.mean() if len(durations) else None,
            otherwise=translatable("no periodic movement"),
        ),
        "bilateral_share": Index.share(
            "bilateral_share",
            (candidates & bilateral).sum(),
            candidates.sum(),
            otherwise=translatable("no candidate movement"),
        ),
    }


def interval_indices(scored: ScoredMovements, rows: Chosen) -> dict[str, Index]:
    """Return periodicity and interval indices of the intervals that end in ``rows``."""
    imi_s = scored.imi_s[scored.candidate]
    wanted = rows[scored.candidate]
    inside = PERIODIC_IMI.contains(imi_s) & wanted
    runs = drop_shorter_than(MIN_RUN, runs_of_true(FERRI_IMI.contains(imi_s) & wanted))
    logs = np.log(imi_s[inside])
    return {
        "periodicity_index_ferri": Index.share(
            "periodicity_index_ferri",
            total(runs),
            (wanted & ~np.isnan(imi_s)).sum(),
            otherwise=translatable("no inter-movement interval"),
        ),
        "imi_log_mean_s": Index.plain(
            "imi_log_mean_s",
            np.exp(logs.mean()) if len(logs) else None,
            otherwise=translatable("no interval of 10-90 s"),
        ),
        "imi_log_sd": Index.plain(
            "imi_log_sd",
            logs.std(ddof=1) if len(logs) > 1 else None,
            otherwise=translatable("fewer than two intervals of 10-90 s"),
        ),
    }


def imi_histogram(scored: ScoredMovements, in_sleep: Chosen, in_wake: Chosen) -> ImiHistogram:
    """Return how many intervals end in sleep and in wake, in bins of 0.1 ln-units from 1 s on."""
    edges_s = np.exp(np.arange(0, _LAST_LN + _BIN_LN / 2, _BIN_LN))

    def counts(rows: Chosen) -> NDArray[np.int64]:
        imi_s = scored.imi_s[rows & scored.candidate]
        return np.histogram(imi_s[~np.isnan(imi_s)], bins=edges_s)[0].astype(np.int64)

    return ImiHistogram(edges_s=edges_s, sleep_n=counts(in_sleep), wake_n=counts(in_wake))
