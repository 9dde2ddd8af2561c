"""Movement indices of one group of sites: counts, rates, periodicity, intervals.

Conventions: a movement counts where its onset lies between lights off and on; in sleep or wake by
the stage scoring gave it; rates are per observed hour of that state.  Only ``..._recording`` rates
take the whole recording, staged or not.  PLM, isolated and short-interval movements share out the
candidates: a candidate outside series is a short-interval one if its interval is below that of the
rules, else isolated.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import contains
from psgkit.core.movements import ScoredMovements
from psgkit.core.site import Site
from psgkit.indices.intervals_between import interval_indices
from psgkit.scoring.rules import ScoringRules
from psgkit.sleep.time_in_stages import NightTime

Chosen = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroupNight:
    """What the indices of a group are computed from.

    ``reason`` is empty, or why the group has no movements to count (no channel, none usable).
    ``has_arousals`` says whether arousals were scored at all.
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

    def short_interval(self) -> Chosen:
        """Return which candidates outside series follow too short an interval."""
        below = self.rules.series.imi_s.is_below(self.scored.imi_s)
        return self.scored.candidate & ~self.scored.plm & below

    def isolated(self) -> Chosen:
        """Return which candidates outside series are none of the short-interval ones."""
        return self.scored.candidate & ~self.scored.plm & ~self.short_interval()


_WAKE = ("W",)
_REM = ("R",)


@dataclass(frozen=True, slots=True)
class _Rate:
    """One rate: which movements, per hour of which stages."""

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
_COUNTS = ("lm_n", "clm_n", "plm_n", "plmnr_n", "plms_n", "plmw_n", "plmsnr_n")


def movement_indices(night: GroupNight) -> dict[str, Index]:
    """Return all movement indices of a group by name."""
    found = {
        **_counts(night),
        **{name: _rate(name, rule, night) for name, rule in RATES.items()},
        **_recording_rates(night),
        **_periodicity(night),
        **interval_indices(night.scored, _interval_rows(night)),
        **_shares(night),
    }
    if not night.reason:
        return found
    return {name: Index.missing(name, index.unit, night.reason) for name, index in found.items()}


def _counts(night: GroupNight) -> dict[str, Index]:
    inside, scored = night.inside(), night.scored
    chosen = {
        "lm_n": inside,
        "clm_n": inside & scored.candidate,
        "plm_n": inside & scored.plm,
        "plmnr_n": inside & scored.plmnr,
        "plms_n": night.in_stages(SLEEP_STAGES) & scored.plm,
        "plmw_n": night.in_stages(_WAKE) & scored.plm,
        "plmsnr_n": night.in_stages(SLEEP_STAGES) & scored.plmnr,
    }
    needs_stages = {"plms_n", "plmw_n", "plmsnr_n"} if not night.time.is_staged else set()
    why = night.time.why_no_hours(SLEEP_STAGES)
    return {
        name: Index.missing(name, "1", why)
        if name in needs_stages
        else Index.plain(name, float(chosen[name].sum()), "1")
        for name in _COUNTS
    }


def _rate(name: str, rate: _Rate, night: GroupNight) -> Index:
    if rate.needs_arousals and not night.has_arousals:
        return Index.missing(name, "1/h", "no scored arousals were given")
    count = float((night.in_stages(rate.stages) & rate.chosen(night)).sum())
    return Index.rate(
        name,
        count,
        night.time.hours(rate.stages),
        otherwise=night.time.why_no_hours(rate.stages),
    )


def _recording_rates(night: GroupNight) -> dict[str, Index]:
    whole = np.array([[-np.inf, np.inf]])
    hours = night.time.hours_within(whole)
    counts = {
        "lm_index_recording": len(night.scored),
        "plm_index_recording": night.scored.plm.sum(),
    }
    why = "no time while a movement could have been seen"
    return {n: Index.rate(n, float(count), hours, otherwise=why) for n, count in counts.items()}


def _periodicity(night: GroupNight) -> dict[str, Index]:
    """Return PLM as a share of candidates, in sleep and in wake (WASM 2016 report form)."""
    found = {}
    for state, stages in (("sleep", SLEEP_STAGES), ("wake", _WAKE)):
        name = f"periodicity_index_wasm_{state}"
        here = night.in_stages(stages)
        why = (
            f"no candidate movement in {state}"
            if night.time.is_staged
            else night.time.why_no_hours(stages)
        )
        found[name] = Index.share(
            name,
            float((here & night.scored.plm).sum()),
            float((here & night.scored.candidate).sum()),
            otherwise=why,
        )
    return found


def _interval_rows(night: GroupNight) -> Chosen:
    """Return the movements whose intervals are described: in sleep, or all without stages."""
    return night.in_stages(SLEEP_STAGES) if night.time.is_staged else night.inside()


def _shares(night: GroupNight) -> dict[str, Index]:
    inside, scored = night.inside(), night.scored
    plm = inside & scored.plm
    candidates = inside & scored.candidate
    bilateral = np.isin(scored.movements.site, [Site.BOTH_LEGS, Site.BOTH_ARMS])
    durations = scored.movements.duration_s[plm]
    return {
        "series_n": Index.plain("series_n", float(len(np.unique(scored.series[plm]))), "1"),
        "plm_duration_mean_s": Index.plain("plm_duration_mean_s", float(durations.mean()), "s")
        if len(durations)
        else Index.missing("plm_duration_mean_s", "s", "no periodic movement"),
        "bilateral_share": Index.share(
            "bilateral_share",
            float((candidates & bilateral).sum()),
            float(candidates.sum()),
            otherwise="no candidate movement",
        ),
    }
