"""The windows of the nights, and sleep estimated from movement by a named method."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.activity_counts import OPEN_COUNTS
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import NightWindow
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED, SleepWake
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED as NO_STAGE
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals, paint, union
from psgkit.days.measure import Measured
from psgkit.days.settings import DaysSettings
from psgkit.sleep.from_movement.actigraphy import (
    VAN_HEES,
    VAN_HEES_TITLE,
    CountMethod,
    count_method,
    estimated_label,
    in_epochs,
)
from psgkit.sleep.from_movement.sleep_window import (
    WindowRule,
    angle_rest,
    longest_rest,
    pressed_window,
)
from psgkit.sleep.from_movement.sustained_inactivity import sustained_inactivity

_DEFAULT_ON_COUNTS = "cole_kripke_1min_webster"
_ANGLE = "arm angle at rest (HDCZA, van Hees 2018)"
_SCORING = "longest rest of the scoring of sleep and wake (blocks and gaps of HDCZA)"
_SCALES = {
    "cole_kripke": (0.0022, 0.01),
    "sadeh": (0.22, 1.0),
    "oakley": (0.02, 1.0),
}
"""Factors for counts of psgkit and of an ActiGraph, by family of methods.

One count of psgkit is 0.2 to 0.26 vector counts of scikit-digital-health from the same acceleration
(six places, one person walking and resting); Cole-Kripke divides ActiGraph counts by 100.  The
factor for Oakley gives wake from about the same movement on as that for Cole-Kripke.  All three are
psgkit's own choice and have not been validated."""
_DIARY = "sleep diary"
_MARKERS = ("", "event marker and ", "event markers, about the ")
_NEAR_EDGE_S = 600.0
"""A window that ends this near to time without data may continue in it: five minutes of smoothing,
and five more by psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestGrid:
    """Epochs of the whole recording that are rest, and those that are known.

    Attributes
    ----------
    rest, known : bool array, shape (n,)
    epoch_s : float
    start_s : float
        Start of the first epoch, seconds from the start of the recording.
    """

    rest: NDArray[np.bool_]
    known: NDArray[np.bool_]
    epoch_s: float
    start_s: float


def sleep_method(measured: Measured, settings: DaysSettings) -> str:
    """Return the name of the method: the one in the settings, else one that the data allow."""
    if settings.sleep_by:
        return settings.sleep_by
    return VAN_HEES if measured.epochs is not None else _DEFAULT_ON_COUNTS


def estimate_sleep(
    recording: DayRecording, measured: Measured, settings: DaysSettings
) -> tuple[SleepWake | None, tuple[NightWindow, ...], tuple[Finding, ...]]:
    """Return sleep and wake of the whole recording, the windows of its nights, and findings.

    Sleep is None, with a finding, where the method cannot be applied to the data.
    """
    method = sleep_method(measured, settings)
    if method == VAN_HEES:
        sleep, windows, findings = _by_angle(recording, measured, settings)
    else:
        sleep, windows, findings = _by_counts(method, recording, measured, settings)
    return sleep, windows, (*findings, *_about_other_sleeps(recording, windows))


def hypnogram_of(sleep: SleepWake | None) -> Hypnogram | None:
    """Return the estimate as a hypnogram, which scoring and indices of a night need.

    Movement does not show stages: N2 stands for all sleep, and no index of a stage is reported.

    Examples
    --------
    >>> hypnogram_of(SleepWake(state=np.array([0, 1, -1]), epoch_s=60.0)).stages.tolist()
    ['W', 'N2', 'UNSCORED']
    """
    if sleep is None:
        return None
    names = np.array([NO_STAGE, "W", "N2"])
    return Hypnogram(
        stages=names[sleep.state.astype(np.int64) + 1],
        epoch_s=sleep.epoch_s,
        start_s=sleep.start_s,
    )


def count_scale(method: str, counts: Counts, settings: DaysSettings) -> tuple[float, str]:
    """Return the factor from counts to a method, and its source; "" if the factor is unknown."""
    if settings.count_scale is not None:
        return settings.count_scale, "as set"
    family = next(name for name in _SCALES if method.startswith(name))
    own, actigraph = _SCALES[family]
    if counts.definition == OPEN_COUNTS:
        return own, "from comparison with ActiGraph-like counts; psgkit's own choice"
    if "actigraph" in counts.definition.lower():
        return actigraph, "as ActiLife does with its own counts"
    return 1.0, ""


def _by_angle(
    recording: DayRecording, measured: Measured, settings: DaysSettings
) -> tuple[SleepWake | None, tuple[NightWindow, ...], tuple[Finding, ...]]:
    epochs = measured.epochs
    if epochs is None:
        why = "van Hees needs the angle of an arm from three axes of acceleration"
        return None, _no_windows(recording, why), (_no_sleep(why),)
    angle, epoch_s, start_s = epochs.z_angle_deg, epochs.epoch_s, epochs.start_s
    rest = np.zeros(len(angle), dtype=np.bool_)
    for bounds in recording.day_bounds_s(12).tolist():
        part = _epochs_within(bounds, epoch_s, start_s, len(angle))
        rest[part] = angle_rest(angle[part], epoch_s, settings.window)
    grid = RestGrid(rest=rest, known=np.isfinite(angle), epoch_s=epoch_s, start_s=start_s)
    windows = _windows_of_nights(recording, grid, _ANGLE, settings.window)
    still = sustained_inactivity(angle, epoch_s, settings.inactivity)
    inside = _painted([w.spans() for w in windows], grid)
    state = np.where((still == ASLEEP) & ~inside, AWAKE, still)
    # a day without a window is not all awake
    blind = [np.array([w.bounds_s]) for w in windows if w.span_s is None]
    state = np.where(_painted(blind, grid), UNSCORED, state)
    label = estimated_label(measured.place, VAN_HEES_TITLE)
    sleep = SleepWake(state=state, epoch_s=epoch_s, start_s=start_s, label=label)
    return sleep, windows, ()


def _by_counts(
    method: str, recording: DayRecording, measured: Measured, settings: DaysSettings
) -> tuple[SleepWake | None, tuple[NightWindow, ...], tuple[Finding, ...]]:
    counts = measured.counts
    if counts is None:
        return None, _no_windows(recording, measured.reason), (_no_sleep(measured.reason),)
    rule = count_method(method)
    values, why = _in_epochs_of(counts, rule)
    if values is None:
        return None, _no_windows(recording, why), (_no_sleep(why),)
    scale, how = count_scale(method, counts, settings)
    state = rule.apply(values, scale)
    grid = RestGrid(
        rest=state == ASLEEP,
        known=state != UNSCORED,
        epoch_s=rule.epoch_s,
        start_s=counts.start_s,
    )
    sleep = SleepWake(
        state=state,
        epoch_s=rule.epoch_s,
        start_s=counts.start_s,
        label=estimated_label(measured.place, rule.title),
    )
    about_scale = _about_scale(counts, scale, how, rule.title)
    rule_of_window = replace(settings.window, min_block_s=settings.window.min_block_counts_s)
    return sleep, _windows_of_nights(recording, grid, _SCORING, rule_of_window), (about_scale,)


def _about_scale(counts: Counts, scale: float, how: str, title: str) -> Finding:
    """Return the finding about the factor of the counts."""
    if counts.definition == OPEN_COUNTS:
        message = (
            f"counts of psgkit are multiplied by {scale:g} for {title} ({how}): no factor for them "
            "has been validated, so sleep estimated from them is not comparable with sleep that "
            "this method estimates from counts of a device"
        )
        return Finding("warning", "days.count_scale_not_validated", "sleep", message)
    if how:
        message = f"counts ({counts.definition}) are multiplied by {scale:g} for {title}: {how}"
        return Finding("info", "days.count_scale", "sleep", message)
    definition = counts.definition or "not stated"
    message = (
        f"the unit of the counts is unknown ({definition}): {title} is applied as if they were the "
        "counts it was made for, and sleep may be far off; --count-scale sets a factor (0.01 for "
        "counts of an ActiGraph, 0.0022 for counts of psgkit)"
    )
    return Finding("warning", "days.count_scale", "sleep", message)


def _in_epochs_of(counts: Counts, rule: CountMethod) -> tuple[NDArray[np.float64] | None, str]:
    """Return counts in epochs of the method, or why that is not possible."""
    factor = rule.epoch_s / counts.epoch_s
    if factor < 1 or abs(factor - round(factor)) > 1e-9:  # noqa: PLR2004 - rounding
        why = f"{rule.title} needs epochs of {rule.epoch_s:g} s, counts have {counts.epoch_s:g} s"
        return None, why
    return in_epochs(counts.counts, round(factor)), ""


def _no_sleep(why: str) -> Finding:
    return Finding("warning", "days.no_sleep", "sleep", f"sleep and wake are not known: {why}")


def _epochs_within(bounds_s: list[float], epoch_s: float, start_s: float, n: int) -> slice:
    """Return the epochs that begin within bounds."""
    first, last = (int(np.ceil((edge - start_s) / epoch_s - 1e-6)) for edge in bounds_s)
    return slice(min(max(first, 0), n), min(max(last, 0), n))


def _painted(spans: list[Intervals], grid: RestGrid) -> NDArray[np.bool_]:
    """Return the epochs of a grid that lie in any of the spans, to the nearest epoch."""
    joined = union(*spans) if spans else np.empty((0, 2))
    rows = np.round((joined - grid.start_s) / grid.epoch_s).astype(np.int64)
    return paint(rows, len(grid.rest))


def _windows_of_nights(
    recording: DayRecording, grid: RestGrid, how: str, rule: WindowRule
) -> tuple[NightWindow, ...]:
    """Return one window per day from noon to noon: the longest of the diary, or the longest rest.

    Presses of the event button near the ends of that rest replace them.
    """
    diary = recording.diary.nights_s()
    days = recording.clock.day_dates(recording.duration_s, 12)
    found = []
    for evening, (begin, end) in zip(days, recording.day_bounds_s(12).tolist(), strict=True):
        part = _epochs_within([begin, end], grid.epoch_s, grid.start_s, len(grid.rest))
        known_s = float(grid.known[part].sum()) * grid.epoch_s
        written = diary[(diary.mean(axis=1) >= begin) & (diary.mean(axis=1) < end)]
        reason, span, source = "", None, how
        if len(written):
            longest_s = written[np.argmax(written[:, 1] - written[:, 0])]
            span, source = (float(longest_s[0]), float(longest_s[1])), _DIARY
        elif known_s < rule.min_known * (end - begin):
            reason = (
                f"{known_s / 3600:.1f} h of {(end - begin) / 3600:g} h were recorded and worn, "
                f"{100 * rule.min_known:g} % are needed"
            )
        else:
            longest = longest_rest(grid.rest[part], grid.epoch_s, rule, grid.known[part])
            rows = longest + part.start
            if len(rows):
                first, last = (grid.start_s + rows[0] * grid.epoch_s).tolist()
                span, ends_n = pressed_window((first, last), recording.markers_s, rule)
                source = f"{_MARKERS[ends_n]}{how}"
            reason = "" if span else f"no rest of {rule.min_block_s / 60:g} min"
        found.append(
            NightWindow(
                evening=evening,
                bounds_s=(begin, end),
                span_s=span,
                source=source if span else "",
                reason=reason,
                cut_off=span is not None and _cut_off(span, grid),
            )
        )
    return tuple(found)


def _about_other_sleeps(
    recording: DayRecording, windows: tuple[NightWindow, ...]
) -> tuple[Finding, ...]:
    """Return a finding if the diary has several nights between two noons, as in shift work."""
    nights = recording.diary.nights_s()
    middle_s = nights.mean(axis=1)
    written = [window for window in windows if window.source == _DIARY]
    others_n = sum(
        int(np.count_nonzero((middle_s >= begin) & (middle_s < end))) - 1
        for begin, end in (window.bounds_s for window in written)
    )
    if not others_n:
        return ()
    message = (
        f"{others_n} of {len(nights)} nights of the diary are not analysed: of several between two "
        "noons the longest is taken"
    )
    return (Finding("warning", "days.second_sleep", "diary", message),)


def _cut_off(span: tuple[float, float], grid: RestGrid) -> bool:
    """Return whether time just before or after a window was not recorded or not worn."""
    begin, end = span
    around = [[begin - _NEAR_EDGE_S, begin], [end, end + _NEAR_EDGE_S]]
    wanted = round(_NEAR_EDGE_S / grid.epoch_s)
    n = len(grid.known)
    known = [grid.known[_epochs_within(one, grid.epoch_s, grid.start_s, n)] for one in around]
    return any(len(one) < wanted or not one.all() for one in known)


def _no_windows(recording: DayRecording, why: str) -> tuple[NightWindow, ...]:
    """Return a night without a window for every day, with the reason."""
    days = recording.clock.day_dates(recording.duration_s, 12)
    bounds = recording.day_bounds_s(12).tolist()
    return tuple(
        NightWindow(evening=evening, bounds_s=(begin, end), span_s=None, reason=why)
        for evening, (begin, end) in zip(days, bounds, strict=True)
    )
