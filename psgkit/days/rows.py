"""Days one by one, and indices over all nights."""

from collections.abc import Sequence

import numpy as np

from psgkit.analysis.sensors import Motion
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import DayRow, NightRow
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, intersect, total
from psgkit.days.measure import Measured
from psgkit.days.movement import SLEEP
from psgkit.days.rest import Rest, ankle_movements, posture_spans
from psgkit.days.settings import DaysSettings
from psgkit.indices.days.night_spread import night_spread
from psgkit.indices.days.rest_movement import RestPart, rest_rate, time_shares

SPREAD = {
    SLEEP: (
        *("tst_min", "waso_min", "se_pct", "sol_min", "window_min", "window_start_h"),
        *("window_end_h", "midsleep_h"),
    ),
    "posture": ("turns_30_index",),
    "scratch": ("scratch_bouts_index",),
}
"""Indices whose mean and spread over the nights are told, by group."""
MOVEMENT_SPREAD = ("lm_n", "plms_index", "clms_index", "plm_index_recording", "imi_log_mean_s")
"""Likewise, of every group of movements."""
_CLOCK_DAY_H = 24.0
_HOUR_S = 3600.0


def day_rows(
    recording: DayRecording,
    measured: Measured,
    seen: tuple[Motion, Rest],
    settings: DaysSettings,
) -> tuple[DayRow, ...]:
    """Return every local day, from midnight to midnight."""
    days = recording.clock.day_dates(recording.duration_s, 0)
    rows = []
    for day, (begin, end) in zip(days, recording.day_bounds_s(0).tolist(), strict=True):
        span = np.array([[begin, end]])
        rows.append(
            DayRow(
                date=day,
                bounds_s=(begin, end),
                seen_h=total(intersect(measured.worn, span)) / _HOUR_S,
                indices={"rest_activity": _day(span, measured, seen, settings)},
            )
        )
    return tuple(rows)


def _day(
    span: Intervals, measured: Measured, seen: tuple[Motion, Rest], settings: DaysSettings
) -> dict[str, Index]:
    motion, rest = seen
    waking = intersect(rest.waking, span)
    postures = posture_spans(motion, intersect(rest.awake, span))
    trains = rest.of_ankles.trains().onset_s
    parts = {"awake": RestPart(words="awake", spans=waking)}
    parts |= {
        kind: RestPart(words=f"awake and {kind}", spans=intersect(waking, postures[kind]))
        for kind in ("seated", "lying")
    }
    found = {
        "activity_mean": _mean_activity(span, measured, settings),
        "movements_rest_per_h": rest_rate(
            "movements_rest_per_h", ankle_movements(motion, rest), parts["awake"]
        ),
        "rhythmic_trains_rest_per_h": rest_rate(
            "rhythmic_trains_rest_per_h", trains, parts["awake"]
        ),
        **{
            f"rhythmic_trains_{kind}_per_h": rest_rate(
                f"rhythmic_trains_{kind}_per_h", trains, parts[kind]
            )
            for kind in ("seated", "lying")
        },
    }
    if rest.reason:
        found |= {
            name: Index.missing(name, "1/h", rest.reason)
            for name in found
            if name != "activity_mean"
        }
    why = motion.trunk.reason or ("" if len(rest.awake) else "no waking time was seen")
    return {**found, **time_shares(postures, why)}


def _mean_activity(span: Intervals, measured: Measured, settings: DaysSettings) -> Index:
    name, activity = "activity_mean", measured.activity
    if activity is None:
        return Index.missing(name, "1", measured.reason)
    begin_s = activity.start_s + np.arange(len(activity)) * activity.epoch_s
    inside = (begin_s >= span[0, 0]) & (begin_s < span[0, 1]) & np.isfinite(activity.level)
    hours = float(inside.sum() * activity.epoch_s / _HOUR_S)
    needed = settings.rhythm.min_hour_valid
    if hours < needed:
        return Index.missing(name, activity.unit, f"{hours:.1f} h valid, {needed:g} h are needed")
    return Index(
        name=name,
        value=float(activity.level[inside].mean()),
        unit=activity.unit,
        denominator_h=hours,
    )


def over_nights(nights: Sequence[NightRow]) -> dict[str, dict[str, Index]]:
    """Return mean and spread over the nights, by group; nights without a window have no part."""
    with_window = [night for night in nights if night.window.span_s is not None]
    found: dict[str, dict[str, Index]] = {}
    for group in dict.fromkeys(group for night in with_window for group in night.indices):
        wanted = SPREAD.get(group, MOVEMENT_SPREAD)
        rows: dict[str, Index] = {}
        for name in wanted:
            indices = [
                night.indices[group][name] for night in with_window if name in night.indices[group]
            ]
            if indices:
                rows |= night_spread(name, _unwrapped(indices) if name.endswith("_h") else indices)
        found[group] = {name: _on_clock(name, index) for name, index in rows.items()}
    return found


def _unwrapped(indices: Sequence[Index]) -> list[Index]:
    """Return hours of the clock within half a day of where they gather.

    A fixed hour to count from would tear apart nights that end before and after it.
    """
    hours = np.array([index.value for index in indices if index.value is not None])
    turn = 2 * np.pi / _CLOCK_DAY_H
    middle_h = float(np.angle(np.exp(1j * turn * hours).sum())) / turn
    begin_h = middle_h - _CLOCK_DAY_H / 2
    return [
        index
        if index.value is None
        else Index(
            name=index.name,
            value=(index.value - begin_h) % _CLOCK_DAY_H + begin_h,
            unit=index.unit,
        )
        for index in indices
    ]


def _on_clock(name: str, index: Index) -> Index:
    """Return a mean hour on the clock again."""
    if not name.endswith("_h_mean") or index.value is None:
        return index
    return Index(
        name=index.name,
        # a rounding below midnight is midnight, not 24 h
        value=round(index.value, 9) % _CLOCK_DAY_H,
        unit=index.unit,
        numerator=index.numerator,
    )
