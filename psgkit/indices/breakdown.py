"""The same counts by stage, by hour and half of the night, and by side."""

import numpy as np

from psgkit.core.hypnogram import SLEEP_STAGES, STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import contains
from psgkit.core.night_report import BreakdownRow
from psgkit.core.site import GROUP_SITES, Site
from psgkit.indices.movement import Chosen, GroupNight
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR

_PARTS = {"half": ("first", "second"), "third": ("first", "second", "third")}
_NOT_OBSERVED = "no time while a movement could have been seen"


def breakdown(group: str, night: GroupNight) -> tuple[BreakdownRow, ...]:
    """Return one row a state, stage, hour, half, third and side; none without channels."""
    if night.reason:
        return ()
    return (
        *_whole(group, night),
        *_by_stage(group, night),
        *_by_part(group, night, "hour"),
        *_by_part(group, night, "half"),
        *_by_part(group, night, "third"),
        *_by_side(group, night),
    )


def _whole(group: str, night: GroupNight) -> list[BreakdownRow]:
    """Return everything between lights off and on, and of that what lies in sleep and in wake."""
    hours = night.time.hours_within(night.time.window())
    levels = {"all": _counts(night, night.inside(), hours, _NOT_OBSERVED)}
    states = {"sleep": SLEEP_STAGES, "wake": ("W",)} if night.time.is_staged else {}
    for state, stages in states.items():
        here, why = night.in_stages(stages), night.time.why_no_hours(stages)
        levels[state] = _counts(night, here, night.time.hours(stages), why)
    return [
        BreakdownRow(group=group, by="night", level=level, indices=indices)
        for level, indices in levels.items()
    ]


def _by_stage(group: str, night: GroupNight) -> list[BreakdownRow]:
    if not night.time.is_staged:
        return []
    return [
        BreakdownRow(
            group=group,
            by="stage",
            level=stage,
            indices=_counts(
                night,
                night.in_stages((stage,)),
                night.time.hours([stage]),
                night.time.why_no_hours([stage]),
            ),
        )
        for stage in STAGES
    ]


def _by_part(group: str, night: GroupNight, by: str) -> list[BreakdownRow]:
    off_s, on_s = night.time.lights.off_s, night.time.lights.on_s
    if by in _PARTS:
        names = list(_PARTS[by])
        edges = np.linspace(off_s, on_s, len(names) + 1)
    else:
        edges = np.append(np.arange(off_s, on_s, SECONDS_PER_HOUR), on_s)
        names = [str(n) for n in range(1, len(edges))]
    rows = []
    for level, start, stop in zip(names, edges[:-1], edges[1:], strict=True):
        part = np.array([[start, stop]])
        inside = night.inside() & contains(part, night.scored.movements.onset_s)
        here = night.time.within(part)
        indices = _counts(night, inside, night.time.hours_within(part), _NOT_OBSERVED)
        asleep = inside & np.isin(night.scored.stage, SLEEP_STAGES) & night.scored.plm
        indices["plms_index"] = Index.rate(
            "plms_index",
            float(asleep.sum()),
            here.hours(SLEEP_STAGES),
            otherwise="no sleep in this part of the night"
            if night.time.is_staged
            else night.time.why_no_hours(SLEEP_STAGES),
        )
        rows.append(BreakdownRow(group=group, by=by, level=level, indices=indices))
    return rows


def _by_side(group: str, night: GroupNight) -> list[BreakdownRow]:
    # a movement without a side is one of a leg
    sites = (*GROUP_SITES.get(group, ()), *((Site.NONE,) if group == "legs" else ()))
    present = [site for site in sites if site or (night.scored.movements.site == "").any()]
    hours = night.time.hours_within(night.time.window())
    rows = []
    for site in present:
        here = night.inside() & (night.scored.movements.site == site)
        indices = _counts(night, here, hours, _NOT_OBSERVED)
        indices["plms_index"] = Index.rate(
            "plms_index",
            float((here & night.scored.plm & np.isin(night.scored.stage, SLEEP_STAGES)).sum()),
            night.time.hours(SLEEP_STAGES),
            otherwise=night.time.why_no_hours(SLEEP_STAGES),
        )
        rows.append(
            BreakdownRow(group=group, by="side", level=site or "side unknown", indices=indices)
        )
    return rows


def _counts(night: GroupNight, here: Chosen, hours: float, otherwise: str) -> dict[str, Index]:
    chosen = {
        "lm_n": here,
        "clm_n": here & night.scored.candidate,
        "plm_n": here & night.scored.plm,
        "plmnr_n": here & night.scored.plmnr,
    }
    counts = {name: Index.plain(name, float(mask.sum()), "1") for name, mask in chosen.items()}
    rates = {
        f"{name.removesuffix('_n')}_index": Index.rate(
            f"{name.removesuffix('_n')}_index",
            float(chosen[name].sum()),
            hours,
            otherwise=otherwise,
        )
        for name in ("plm_n", "plmnr_n")
    }
    return {**counts, **rates}
