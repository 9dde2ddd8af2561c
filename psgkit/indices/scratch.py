"""Indices of scratching, group ``scratch``.  Experimental: the rule is ours and untried.

A rhythmic tremor of 4-6 Hz cannot be told apart from scratching by an accelerometer at the wrist,
and people without an itch scratch at night, too (Avey 2025, abstract).
"""

import numpy as np

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, contains, intersect, total, union
from psgkit.core.rhythms import Rhythms
from psgkit.sleep.time_in_stages import NightTime

GROUP = "scratch"
NOTE = (
    "experimental: the rule is psgkit's own and was not tried against video; "
    "a rhythmic tremor of 4-6 Hz looks the same at the wrist"
)
_WAKE = ("W",)
_MINUTE_S = 60.0


def scratch_indices(rhythms: Rhythms, time: NightTime, reason: str = "") -> dict[str, Index]:
    """Return the indices of bouts, those of kind ``scratch`` in ``rhythms``.

    Parameters
    ----------
    rhythms : Rhythms
        Bouts at both wrists at once count once.
    time : NightTime
        Observed is what a wrist sensor could see.
    reason : str
        Empty, or why no wrist could be looked at.

    Examples
    --------
    >>> from psgkit.core.hypnogram import Hypnogram
    >>> from psgkit.core.night_report import Lights
    >>> bouts = Rhythms.of([600.0, 1800.0], [603.0, 1805.0], [4.0, 5.0],
    ...                    site="left_arm", modality="accelerometer", kind="scratch")
    >>> clock = NightTime(
    ...     hypnogram=Hypnogram.of(["N2"] * 120), observed=np.array([[0.0, 3600.0]]),
    ...     lights=Lights(off_s=0.0, on_s=3600.0, off_source="", on_source=""))
    >>> found = scratch_indices(bouts, clock)
    >>> found["scratch_bouts_index"].value, found["scratch_bout_median_s"].value
    (2.0, 4.0)
    """
    chosen = rhythms.where(rhythms.kind == "scratch")
    bouts = union(chosen.intervals())
    asleep = contains(time.stretches(SLEEP_STAGES), bouts[:, 0])
    found = {
        "scratch_bouts_index": _rate("scratch_bouts_index", bouts, time, SLEEP_STAGES),
        "scratch_bouts_wake_index": _rate("scratch_bouts_wake_index", bouts, time, _WAKE),
        "scratch_min": _minutes(bouts, time),
        "scratch_bout_median_s": _median(
            "scratch_bout_median_s", "s", (bouts[:, 1] - bouts[:, 0])[asleep], time
        ),
        "scratch_frequency_hz": _median(
            "scratch_frequency_hz",
            "Hz",
            chosen.frequency_hz[contains(time.stretches(SLEEP_STAGES), chosen.onset_s)],
            time,
        ),
    }
    if not reason:
        return found
    return {name: Index.missing(name, index.unit, reason) for name, index in found.items()}


def _rate(name: str, bouts: Intervals, time: NightTime, stages: tuple[str, ...]) -> Index:
    begun = contains(intersect(time.stretches(stages), time.observed), bouts[:, 0])
    return Index.rate(
        name, float(begun.sum()), time.hours(stages), otherwise=time.why_no_hours(stages)
    )


def _minutes(bouts: Intervals, time: NightTime) -> Index:
    if time.hours(SLEEP_STAGES) <= 0:
        return Index.missing("scratch_min", "min", time.why_no_hours(SLEEP_STAGES))
    seconds = total(intersect(bouts, time.stretches(SLEEP_STAGES)))
    return Index.plain("scratch_min", seconds / _MINUTE_S, "min")


def _median(name: str, unit: str, values: np.ndarray, time: NightTime) -> Index:
    if time.hours(SLEEP_STAGES) <= 0:
        return Index.missing(name, unit, time.why_no_hours(SLEEP_STAGES))
    if not len(values):
        return Index.missing(name, unit, "no bout of scratching in sleep")
    return Index.plain(name, float(np.median(values)), unit)
