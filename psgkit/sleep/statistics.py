"""Sleep statistics between lights off and lights on.

Conventions: times are minutes; unscored time is neither sleep nor wake; stage shares are of total
sleep time.  ``waso_min`` is that of the AASM manual, all wake after sleep onset until lights on;
``waso_within_spt_min`` stops at the last sleep, as YASA has it.
"""

import numpy as np

from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, intersect, total
from psgkit.sleep.time_in_stages import NightTime

_MINUTE_S = 60.0


def sleep_statistics(time: NightTime) -> dict[str, Index]:
    """Return the sleep statistics by name; without sleep most of them have a reason instead."""
    asleep = time.stretches(SLEEP_STAGES)
    trt_s = total(time.window())
    if not time.is_staged or not len(asleep):
        return _without_sleep(time, trt_s)
    onset_s, end_s = float(asleep[0, 0]), float(asleep[-1, 1])
    tst_s, spt_s = total(asleep), end_s - onset_s
    wake = time.stretches(["W"])
    rem = time.stretches(["R"])
    minutes = {
        **_time_in_bed(time, trt_s),
        "spt_min": spt_s,
        "tst_min": tst_s,
        "sol_min": onset_s - time.lights.off_s,
        "waso_min": total(intersect(wake, _span(onset_s, time.lights.on_s))),
        "waso_within_spt_min": total(intersect(wake, _span(onset_s, end_s))),
    }
    found = {name: Index.plain(name, value / _MINUTE_S, "min") for name, value in minutes.items()}
    found["se_pct"] = Index.plain("se_pct", 100 * tst_s / trt_s, "%")
    found["sme_pct"] = Index.plain("sme_pct", 100 * tst_s / spt_s, "%")
    found["rem_latency_min"] = (
        Index.plain("rem_latency_min", (float(rem[0, 0]) - onset_s) / _MINUTE_S, "min")
        if len(rem)
        else Index.missing("rem_latency_min", "min", "no R scored between lights off and on")
    )
    for stage in SLEEP_STAGES:
        name = f"{stage.lower()}_pct"
        found[name] = Index.plain(name, 100 * total(time.stretches([stage])) / tst_s, "%")
    return found


def _span(start_s: float, end_s: float) -> Intervals:
    return np.array([[start_s, end_s]])


def _time_in_bed(time: NightTime, trt_s: float) -> dict[str, float]:
    """Return what needs no sleep, in seconds."""
    stages = {
        f"{stage.lower()}_min": total(time.stretches([stage])) for stage in (*SLEEP_STAGES, "W")
    }
    unscored_s = total(time.stretches([UNSCORED]))
    return {"tib_min": trt_s, "trt_min": trt_s, **stages, "unscored_min": unscored_s}


def _without_sleep(time: NightTime, trt_s: float) -> dict[str, Index]:
    reason = time.why_no_hours(SLEEP_STAGES)
    seconds = _time_in_bed(time, trt_s)
    if not time.is_staged:
        seconds = {name: seconds[name] for name in ("tib_min", "trt_min")}
    known = {name: Index.plain(name, s / _MINUTE_S, "min") for name, s in seconds.items()}
    if time.is_staged:
        known["tst_min"] = Index.plain("tst_min", 0.0, "min")
        known["se_pct"] = Index.plain("se_pct", 0.0, "%")
    missing = {
        name: Index.missing(name, "%" if name.endswith("pct") else "min", reason)
        for name in SLEEP_NAMES
        if name not in known
    }
    return {name: (known | missing)[name] for name in SLEEP_NAMES}


SLEEP_NAMES = (
    *("tib_min", "trt_min", "spt_min", "tst_min", "sol_min", "waso_min", "waso_within_spt_min"),
    *("se_pct", "sme_pct", "rem_latency_min", "n1_min", "n2_min", "n3_min", "r_min", "w_min"),
    *("n1_pct", "n2_pct", "n3_pct", "r_pct", "unscored_min"),
)
"""All names, in the order of a report."""
