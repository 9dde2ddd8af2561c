"""How broken sleep is.  "Sleep fragmentation index" has several meanings: each has its own name.

Conventions: a shift is a change of stage from one epoch to the next between sleep onset and the end
of the last sleep, unscored epochs aside; an awakening is a shift from sleep to wake; rates are per
hour of sleep.

References
----------
Haba-Rubio et al. 2004 (``sfi_haba_rubio``: awakenings and all stage shifts, an awakening being a
shift as well).  ``sfi_morrell``: awakenings and shifts to N1 (unconfirmed).  ``sfi_yasa``: shifts
from sleep to wake (YASA).
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED
from psgkit.core.index import Index
from psgkit.core.intervals import contains
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

_HOURLY = (
    *("arousal_index", "awakening_index", "stage_shift_index"),
    *("sfi_haba_rubio", "sfi_morrell", "sfi_yasa"),
)
DISRUPTION_NAMES = (*_HOURLY, "wake_bouts_n", "sleep_bout_median_min", "transition_entropy_bits")
_UNITS = {"wake_bouts_n": "1", "sleep_bout_median_min": "min", "transition_entropy_bits": "bits"}


def disruption_indices(time: NightTime, events: Events | None) -> dict[str, Index]:
    """Return the disruption indices by name.

    Parameters
    ----------
    time : NightTime
    events : Events or None
        None if nobody scored arousals; then the arousal index has a reason.
    """
    tst_h = sum(float(b - a) for a, b in time.stretches(SLEEP_STAGES)) / SECONDS_PER_HOUR
    if tst_h <= 0:
        reason = time.why_no_hours(SLEEP_STAGES)
        return {n: Index.missing(n, _UNITS.get(n, "1/h"), reason) for n in DISRUPTION_NAMES}
    stages = _stages_of_sleep_period(time)
    before, after = stages[:-1], stages[1:]
    shift = before != after
    awakening = shift & (after == "W")
    counts = {
        "awakening_index": awakening.sum(),
        "stage_shift_index": shift.sum(),
        "sfi_haba_rubio": awakening.sum() + shift.sum(),
        "sfi_morrell": awakening.sum() + (shift & (after == "N1")).sum(),
        "sfi_yasa": awakening.sum(),
    }
    found = {n: Index.rate(n, float(count), tst_h, otherwise="") for n, count in counts.items()}
    found["arousal_index"] = _arousal_index(time, events, tst_h)
    found["wake_bouts_n"] = Index.plain("wake_bouts_n", float(awakening.sum()), "1")
    bouts = np.diff(time.stretches(SLEEP_STAGES), axis=1) / 60
    found["sleep_bout_median_min"] = Index.plain(
        "sleep_bout_median_min", float(np.median(bouts)), "min"
    )
    found["transition_entropy_bits"] = _transition_entropy(stages)
    return {name: found[name] for name in DISRUPTION_NAMES}


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
        return Index.missing("arousal_index", "1/h", "no scored arousals were given")
    arousals = events.of_kind(["arousal"])
    count = float(contains(time.window(), arousals.onset_s).sum())
    return Index.rate("arousal_index", count, tst_h, otherwise="")


def _transition_entropy(stages: NDArray[np.str_]) -> Index:
    """Return the entropy of the next stage given this one, weighted by time, in bits."""
    name = "transition_entropy_bits"
    if len(stages) < 2:  # noqa: PLR2004 - one epoch has no next one
        return Index.missing(name, "bits", "fewer than two scored epochs of sleep")
    _, code = np.unique(stages, return_inverse=True)
    n = int(code.max()) + 1
    counts = np.bincount(code[:-1] * n + code[1:], minlength=n * n).reshape(n, n)
    leaving = counts.sum(axis=1, keepdims=True)
    p = counts / np.maximum(leaving, 1)
    bits = -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1)
    return Index.plain(name, float((bits * leaving[:, 0]).sum() / leaving.sum()), "bits")
