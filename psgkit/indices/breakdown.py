"""Movement counts and rates by stage, hour, half and third of the night, side and posture."""

import numpy as np

from psgkit.core.hypnogram import ASLEEP, NREM_STAGES, SLEEP_STAGES, STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import contains, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.night_report import BreakdownRow
from psgkit.core.postures import LYING, UP, Postures
from psgkit.core.site import GROUP_SITES, Site
from psgkit.indices.movement import NOT_IN_WAKE, NOT_OBSERVED, Chosen, GroupNight
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

_PARTS = {"half": ("first", "second"), "third": ("first", "second", "third")}


def breakdown(group: str, night: GroupNight) -> tuple[BreakdownRow, ...]:
    """Return one row per state, stage, hour, half, third and side; none without channels."""
    if night.reason:
        return ()
    tables = {
        "night": _whole(night),
        "stage": {
            # where some sleep has no stage, all sleep is one row
            stage: _in_stages(night, SLEEP_STAGES if stage == ASLEEP else (stage,))
            for stage in _levels(night.time)
        },
        **{by: _by_part(night, by) for by in ("hour", "half", "third")},
        "side": _by_side(group, night),
    }
    return tuple(
        BreakdownRow(group=group, by=by, level=level, indices=indices)
        for by, levels in tables.items()
        for level, indices in levels.items()
    )


def _whole(night: GroupNight) -> dict[str, dict[str, Index]]:
    """Return rows for all time between lights off and on, for its sleep and for its wake."""
    hours = night.time.hours_within(night.time.window())
    levels = {"all": _counts(night, night.inside(), hours, NOT_OBSERVED)}
    if night.time.is_staged:
        levels |= {"sleep": _in_stages(night, SLEEP_STAGES), "wake": _in_stages(night, ("W",))}
    return levels


def _levels(time: NightTime) -> tuple[str, ...]:
    """Return the stages that have a row of their own: those the hypnogram can tell apart."""
    if not time.is_staged:
        return ()
    left_out = (ASLEEP,) if time.tells_stages else (*NREM_STAGES, "R")
    return tuple(stage for stage in STAGES if stage not in left_out)


def _in_stages(night: GroupNight, stages: tuple[str, ...]) -> dict[str, Index]:
    hours, why = night.time.hours(stages), night.time.why_no_hours(stages)
    found = _counts(night, night.in_stages(stages), hours, why)
    if stages == ("W",) and night.rules.in_wake == "no_candidate":
        found |= all_missing([name for name in found if name != "lm_n"], NOT_IN_WAKE)
    return found


def _by_part(night: GroupNight, by: str) -> dict[str, dict[str, Index]]:
    off_s, on_s = night.time.lights.off_s, night.time.lights.on_s
    if by in _PARTS:
        names = list(_PARTS[by])
        edges = np.linspace(off_s, on_s, len(names) + 1)
    else:
        edges = np.append(np.arange(off_s, on_s, SECONDS_PER_HOUR), on_s)
        names = [str(n) for n in range(1, len(edges))]
    why = (
        translatable("no sleep in this part of the night")
        if night.time.is_staged
        else night.time.why_no_hours(SLEEP_STAGES)
    )
    levels = {}
    for level, start, stop in zip(names, edges[:-1], edges[1:], strict=True):
        part = np.array([[start, stop]])
        inside = night.inside() & contains(part, night.scored.movements.onset_s)
        indices = _counts(night, inside, night.time.hours_within(part), NOT_OBSERVED)
        levels[level] = indices | _plms(night, inside, night.time.within(part), why)
    return levels


def _by_side(group: str, night: GroupNight) -> dict[str, dict[str, Index]]:
    # a movement without a side is one of a leg
    sites = (*GROUP_SITES.get(group, ()), *((Site.NONE,) if group == "legs" else ()))
    present = [site for site in sites if site or (night.scored.movements.site == "").any()]
    hours = night.time.hours_within(night.time.window())
    why = night.time.why_no_hours(SLEEP_STAGES)
    levels = {}
    for site in present:
        here = night.inside() & (night.scored.movements.site == site)
        indices = _counts(night, here, hours, NOT_OBSERVED)
        levels[site or "side unknown"] = indices | _plms(night, here, night.time, why)
    return levels


def _counts(night: GroupNight, here: Chosen, hours: float, why: str) -> dict[str, Index]:
    scored = night.scored
    chosen = {
        "lm": here,
        "clm": here & scored.candidate,
        "plm": here & scored.plm,
        "plmnr": here & scored.plmnr,
    }
    found = {f"{name}_n": Index.plain(f"{name}_n", rows.sum()) for name, rows in chosen.items()}
    for name in ("plm_index", "plmnr_index"):
        count = chosen[name.removesuffix("_index")].sum()
        found[name] = Index.rate(name, count, hours, otherwise=why)
    return found


def _plms(night: GroupNight, here: Chosen, time: NightTime, why: str) -> dict[str, Index]:
    """Return the PLMS index of a part of the night or of one side."""
    asleep = here & night.scored.plm & np.isin(night.scored.stage, SLEEP_STAGES)
    hours = time.hours(SLEEP_STAGES)
    return {"plms_index": Index.rate("plms_index", asleep.sum(), hours, otherwise=why)}


def rates_by_posture(group: str, night: GroupNight, postures: Postures) -> tuple[BreakdownRow, ...]:
    """Return the movement rates of a group in each posture between lights off and on.

    One row for each posture that occurs, with ``lm_n clm_n plm_n`` and per observed hour
    ``lm_index clm_index plm_index``.  Sitting and standing are both ``upright``.  Movements while
    walking are mostly steps.
    """
    if night.reason:
        return ()
    onset_s, scored = night.scored.movements.onset_s, night.scored
    chosen = {"lm": np.ones(len(onset_s), dtype=bool), "clm": scored.candidate, "plm": scored.plm}
    rows = []
    for level in (*LYING, *UP):
        part = union(intersect(postures.stretches((level,)), night.time.window()))
        if not total(part):
            continue
        here, hours = contains(part, onset_s), night.time.hours_within(part)
        why = translatable(f"no time {level} while a movement could have been seen")
        indices = {}
        for name, mask in chosen.items():
            count = (here & mask).sum()
            indices[f"{name}_n"] = Index.plain(f"{name}_n", count)
            rate = f"{name}_index"
            indices[rate] = Index.rate(rate, count, hours, otherwise=why)
        rows.append(BreakdownRow(group=group, by="posture", level=level, indices=indices))
    return tuple(rows)
