"""Sleep statistics and sleep disruption between lights off and lights on.

Conventions: unscored time is neither sleep nor wake; stage shares are of total sleep time; rates
are per hour of sleep.  ``waso_min`` is that of the AASM manual, all wake after sleep onset until
lights on; ``waso_within_spt_min`` stops at the last sleep, as YASA has it.  A shift is a change of
stage from one epoch to the next between sleep onset and the end of the last sleep, unscored epochs
left out; an awakening is a shift from sleep to wake.  "Sleep fragmentation index" has several
meanings, each with its own name here.

References
----------
Haba-Rubio et al. 2004 (``sfi_haba_rubio``: awakenings and all stage shifts, an awakening being a
shift as well).  ``sfi_morrell``: awakenings and shifts to N1 from another
stage of sleep (unconfirmed).  ``sfi_yasa``: shifts
from sleep to wake (YASA).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.caution import CautionRule
from psgkit.core.events import Events
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES, UNSCORED
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import names_of
from psgkit.core.intervals import Intervals, contains, intersect, total
from psgkit.core.message import translatable
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, SLEEP_NOT_DIVIDED, NightTime

_MINUTE_S = 60.0
PERSISTENT_S = 600.0
"""Sleep without a break that is called persistent."""
CYCLE_NREM_S, CYCLE_REM_S = 900.0, 300.0
"""Least NREM before and least R of an episode of R (Feinberg, Floyd 1979, unconfirmed)."""
_NEED_STAGES = ("stage_shift_index", "sfi_haba_rubio", "sfi_morrell", "transition_entropy_bits")
_STAGES_OF_SLEEP = (*NREM_STAGES, "R")


def sleep_statistics(
    time: NightTime, max_unscored: float = CautionRule().max_unscored_for_efficiency
) -> dict[str, Index]:
    """Return the sleep statistics by name; without sleep most have a reason instead of a value.

    Efficiency, a share of time that would count unscored time as wake, is missing if more than
    ``max_unscored`` of that time is unscored.
    """
    window_s = total(time.window())
    seconds = {"tib_min": window_s, "trt_min": window_s}
    percent: dict[str, float] = {}
    asleep = time.stretches(SLEEP_STAGES)
    if time.is_staged:
        told = (*_STAGES_OF_SLEEP, "W") if time.tells_stages else ("W",)
        in_stage = {stage: total(time.stretches([stage])) for stage in told}
        seconds |= {f"{stage.lower()}_min": spent_s for stage, spent_s in in_stage.items()}
        seconds |= {"unscored_min": total(time.stretches([UNSCORED])), "tst_min": total(asleep)}
        percent = {"se_pct": 0.0}
    if len(asleep):
        onset_s, end_s, tst_s = float(asleep[0, 0]), float(asleep[-1, 1]), total(asleep)
        wake, rem = time.stretches(["W"]), time.stretches(["R"])
        seconds |= {
            "spt_min": end_s - onset_s,
            "sol_min": onset_s - time.lights.off_s,
            "waso_min": total(intersect(wake, np.array([[onset_s, time.lights.on_s]]))),
            "waso_within_spt_min": total(intersect(wake, np.array([[onset_s, end_s]]))),
        }
        persistent = asleep[asleep[:, 1] - asleep[:, 0] >= PERSISTENT_S - SLACK_S]
        if len(persistent):
            seconds["lps_min"] = float(persistent[0, 0]) - time.lights.off_s
        if len(rem) and time.tells_stages:
            seconds["rem_latency_min"] = float(rem[0, 0]) - onset_s
        percent = {"se_pct": 100 * tst_s / window_s, "sme_pct": 100 * tst_s / (end_s - onset_s)}
        percent |= {
            f"{stage.lower()}_pct": 100 * in_stage[stage] / tst_s
            for stage in _STAGES_OF_SLEEP
            if stage in in_stage
        }
    why = time.why_no_hours(("R",) if len(asleep) else SLEEP_STAGES)
    known = {name: spent_s / _MINUTE_S for name, spent_s in seconds.items()} | percent
    found = {name: Index.plain(name, known.get(name), otherwise=why) for name in names_of("sleep")}
    if len(asleep) and time.tells_stages:
        found["cycles_n"] = Index.plain("cycles_n", sleep_cycles(time))
    if len(asleep) and "lps_min" not in known:
        none = translatable("no sleep of 10 minutes without a break")
        found["lps_min"] = Index.missing("lps_min", none)
    return found | dict(_uncertain_shares(time, asleep, max_unscored))


def sleep_cycles(time: NightTime) -> int:
    """Return the number of sleep cycles: episodes of R after enough NREM.

    R that is less than 15 min of NREM apart is one episode; every episode but the first needs 5 min
    of R (after Feinberg and Floyd 1979).
    """
    nrem = time.stretches(NREM_STAGES)
    n, spent_s, last_s, is_open = 0, 0.0, -np.inf, False
    for start_s, end_s in time.stretches(["R"]).tolist():
        before_s = total(intersect(nrem, np.array([[last_s, start_s]])))
        if before_s >= CYCLE_NREM_S - SLACK_S:
            spent_s, is_open = 0.0, True
        spent_s += end_s - start_s
        if is_open and (n == 0 or spent_s >= CYCLE_REM_S - SLACK_S):
            n, is_open = n + 1, False
        last_s = end_s
    return n


def _uncertain_shares(
    time: NightTime, asleep: Intervals, max_unscored: float
) -> Iterator[tuple[str, Index]]:
    """Yield the efficiencies whose time is unscored to more than ``max_unscored``."""
    whole = {"se_pct": time.window()}
    if len(asleep):
        whole["sme_pct"] = np.array([[asleep[0, 0], asleep[-1, 1]]])
    unscored = time.stretches([UNSCORED])
    for name, span in whole.items() if time.is_staged else ():
        share = total(intersect(unscored, span)) / total(span) if total(span) else 0.0
        if share > max_unscored:
            why = translatable(
                f"{100 * share:.0f} % of the time has no stage: efficiency would count it as wake"
            )
            yield name, Index.missing(name, why)


def disruption_indices(
    time: NightTime, events: Events | None, breathing: Events | None = None
) -> dict[str, Index]:
    """Return the disruption indices by name.

    Parameters
    ----------
    time : NightTime
    events : Events or None
        None if arousals were not scored; then the arousal index has a reason.
    breathing : Events or None
        None if respiratory events were not scored; then the AHI has a reason.
    """
    bouts = time.stretches(SLEEP_STAGES)
    tst_h = total(bouts) / SECONDS_PER_HOUR
    if tst_h <= 0:
        return all_missing(names_of("disruption"), time.why_no_hours(SLEEP_STAGES))
    stages = _stages_of_sleep_period(time)
    before, after = stages[:-1], stages[1:]
    shifts, awakenings = before != after, (before != after) & (after == "W")
    # W to N1 is falling asleep again after an awakening that has been counted
    to_lighter = shifts & (after == "N1") & (before != "W")
    counts = {
        "awakening_index": awakenings.sum(),
        "stage_shift_index": shifts.sum(),
        "sfi_haba_rubio": awakenings.sum() + shifts.sum(),
        "sfi_morrell": awakenings.sum() + to_lighter.sum(),
        "sfi_yasa": awakenings.sum(),
    }
    found = {
        "arousal_index": _arousal_index(time, events, tst_h),
        "ahi": _ahi(bouts, breathing, tst_h),
        **{name: Index.rate(name, count, tst_h, otherwise="") for name, count in counts.items()},
        "wake_bouts_n": Index.plain("wake_bouts_n", awakenings.sum()),
        "sleep_bout_median_min": Index.plain(
            "sleep_bout_median_min", np.median(np.diff(bouts, axis=1)) / _MINUTE_S
        ),
        "transition_entropy_bits": _transition_entropy(stages),
    }
    return found if time.tells_stages else found | all_missing(_NEED_STAGES, SLEEP_NOT_DIVIDED)


def _stages_of_sleep_period(time: NightTime) -> NDArray[np.str_]:
    """Return the scored stages from sleep onset to the end of the last sleep."""
    if time.hypnogram is None:
        return np.empty(0, dtype=np.str_)
    middle = time.hypnogram.epoch_starts_s() + time.hypnogram.epoch_s / 2
    inside = contains(time.window(), middle) & (time.hypnogram.stages != UNSCORED)
    stages = time.hypnogram.stages[inside]
    asleep = np.flatnonzero(np.isin(stages, SLEEP_STAGES))
    return np.asarray(stages[asleep[0] : asleep[-1] + 1] if len(asleep) else stages[:0])


def _arousal_index(time: NightTime, events: Events | None, tst_h: float) -> Index:
    if events is None:
        return Index.missing("arousal_index", translatable("no scored arousals were given"))
    arousals = events.of_kind(["arousal"])
    count = contains(time.window(), arousals.onset_s).sum()
    return Index.rate("arousal_index", count, tst_h, otherwise="")


def _ahi(bouts: Intervals, breathing: Events | None, tst_h: float) -> Index:
    """Return apnoeas and hypopnoeas of which part lies in sleep, per hour of sleep."""
    if breathing is None:
        return Index.missing("ahi", translatable("no scored respiratory events were given"))
    spans = breathing.of_kind(("apnea", "hypopnea")).intervals()
    bout = np.searchsorted(bouts[:, 1], spans[:, 0], side="right")
    next_sleep = np.append(bouts[:, 0], np.inf)[bout]
    return Index.rate("ahi", (next_sleep < spans[:, 1]).sum(), tst_h, otherwise="")


def _transition_entropy(stages: NDArray[np.str_]) -> Index:
    """Return the entropy of the next stage given this one, weighted by time, in bits."""
    name = "transition_entropy_bits"
    if len(stages) < 2:  # noqa: PLR2004 - one epoch has no next one
        return Index.missing(name, translatable("fewer than two scored epochs of sleep"))
    _, code = np.unique(stages, return_inverse=True)
    n = int(code.max()) + 1
    counts = np.bincount(code[:-1] * n + code[1:], minlength=n * n).reshape(n, n)
    leaving = counts.sum(axis=1, keepdims=True)
    p = counts / np.maximum(leaving, 1)
    bits = -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1)
    return Index.plain(name, (bits * leaving[:, 0]).sum() / leaving.sum())
