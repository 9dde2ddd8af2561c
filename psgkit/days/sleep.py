"""The windows of the nights, and sleep estimated from movement by a named method."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.activity_counts import OPEN_COUNTS
from psgkit.core.dataclass import dataclass
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
_ACTIWATCH_EPOCHS_S = (15.0, 30.0, 60.0)
"""Lengths of epochs that the weights of Oakley are for."""
_ANGLE = "arm angle at rest (HDCZA, van Hees 2018)"
_SCORING = "longest rest of the scoring of sleep and wake (blocks and gaps of HDCZA)"
_AS_OPEN_COUNTS = "from comparison with ActiGraph-like counts; psgkit's own choice"
_AS_ACTILIFE = "as ActiLife does with its own counts"
_AS_ACTIWARE = "as Actiware does with its own counts"
_BY_MOVEMENT = "wake from about the same movement on as Cole-Kripke; psgkit's own choice"
SCALES: Mapping[str, Mapping[str, tuple[float, str]]] = {
    "psgkit": {
        "cole_kripke": (0.0022, _AS_OPEN_COUNTS),
        "sadeh": (0.22, _AS_OPEN_COUNTS),
        "oakley": (0.02, _AS_OPEN_COUNTS),
    },
    "actigraph": {
        "cole_kripke": (0.01, _AS_ACTILIFE),
        "sadeh": (1.0, _AS_ACTILIFE),
        "oakley": (0.09, _BY_MOVEMENT),
    },
    "actiwatch": {"oakley": (1.0, _AS_ACTIWARE)},
}
"""Factors by device and family of methods, with their source.

One count of psgkit is 0.2 to 0.26 vector counts of scikit-digital-health from the same acceleration
(six places, one person walking and resting); Cole-Kripke divides ActiGraph counts by 100.  The
factors for Oakley give wake from about the same movement on as those for Cole-Kripke.  The three of
psgkit, and that of an ActiGraph with Oakley, are psgkit's own choice and not validated."""
MOST_SLEEP_H, LEAST_SLEEP_H = 16.0, 1.0
"""A mean of more or less estimated sleep in 24 h shows that method and counts do not fit; psgkit's
own choice."""
LONGEST_ANGLE_EPOCH_S = 15.0
"""A change of angle within longer epochs does not show; psgkit's own choice."""
_HOUR_S, _DAY_H = 3600.0, 24.0
_OF = {"psgkit": "of psgkit", "actigraph": "of an ActiGraph", "actiwatch": "of an Actiwatch"}
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
    if measured.epochs is not None:
        return VAN_HEES
    counts = measured.counts
    if counts is not None and device_of(counts) == "actiwatch":
        fits = (one for one in _ACTIWATCH_EPOCHS_S if one % counts.epoch_s == 0)
        return f"oakley_medium_{next(fits, 60.0):g}s"
    return _DEFAULT_ON_COUNTS


def device_of(counts: Counts) -> str:
    """Return the key of ``SCALES`` for some counts; empty for a device that is not known.

    Examples
    --------
    >>> device_of(Counts(counts=np.zeros(1), epoch_s=60.0, definition="Actiwatch counts"))
    'actiwatch'
    """
    if counts.definition == OPEN_COUNTS:
        return "psgkit"
    said = counts.definition.lower()
    return next((one for one in ("actigraph", "actiwatch") if one in said), "")


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
    findings = (*findings, *_about_amount(sleep), *_about_other_sleeps(recording, windows))
    findings = (*findings, *_about_one_sided(recording, windows))
    return sleep, windows, findings


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
    return known_scale(method, counts) or (1.0, "")


def known_scale(method: str, counts: Counts) -> tuple[float, str] | None:
    """Return the factor of a known device for a method with its source, None for any other.

    Examples
    --------
    >>> counts = Counts(counts=np.zeros(1), epoch_s=60.0, definition="ActiGraph counts")
    >>> known_scale("sadeh_ps-4", counts)[0], known_scale("cole_kripke_1min", counts)[0]
    (1.0, 0.01)
    """
    return SCALES.get(device_of(counts), {}).get(_family(method))


def _family(method: str) -> str:
    return next(name for name in SCALES["psgkit"] if method.startswith(name))


def _by_angle(
    recording: DayRecording, measured: Measured, settings: DaysSettings
) -> tuple[SleepWake | None, tuple[NightWindow, ...], tuple[Finding, ...]]:
    epochs = measured.epochs
    why = ""
    if epochs is None:
        why = "van Hees needs the angle of an arm from three axes of acceleration"
    elif not np.isfinite(epochs.z_angle_deg).any():
        why = "van Hees needs the angle of an arm, and none was measured"
    elif epochs.epoch_s > LONGEST_ANGLE_EPOCH_S:
        why = f"van Hees needs epochs of 5 s, the angle has {epochs.epoch_s:g} s"
    if epochs is None or why:
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
    about_scale = (
        _about_scale(counts, scale, how, rule.title, method),
        *_about_set_scale(counts, scale, rule.title, method),
    )
    rule_of_window = replace(settings.window, min_block_s=settings.window.min_block_counts_s)
    return sleep, _windows_of_nights(recording, grid, _SCORING, rule_of_window), about_scale


def _about_set_scale(counts: Counts, scale: float, title: str, method: str) -> tuple[Finding, ...]:
    """Return a warning if the factor that was set is not that of the device for the method."""
    known = known_scale(method, counts)
    if known is None or known[0] / 2 <= scale <= 2 * known[0]:
        return ()
    message = (
        f"counts ({counts.definition}) are multiplied by {scale:g} as set; their factor for "
        f"{title} is {known[0]:g} ({known[1]}): leave --count-scale out to use it"
    )
    return (Finding("warning", "days.count_scale_set", "sleep", message),)


def _about_scale(counts: Counts, scale: float, how: str, title: str, method: str) -> Finding:
    """Return the finding about the factor of the counts."""
    if counts.definition == OPEN_COUNTS or how == _BY_MOVEMENT:
        message = (
            f"counts {_OF[device_of(counts)]} are multiplied by {scale:g} for {title} ({how}): no "
            "factor for them has been validated, so sleep estimated from them is not comparable "
            "with sleep that this method estimates from counts of a device"
        )
        return Finding("warning", "days.count_scale_not_validated", "sleep", message)
    if how:
        message = f"counts ({counts.definition}) are multiplied by {scale:g} for {title}: {how}"
        return Finding("info", "days.count_scale", "sleep", message)
    definition = counts.definition or "not stated"
    family = _family(method)
    factors = ", ".join(
        f"{factors[family][0]:g} for counts {_OF[device]}"
        for device, factors in SCALES.items()
        if family in factors
    )
    message = (
        f"the unit of the counts is unknown ({definition}): {title} is applied as if they were the "
        "counts it was made for, and sleep may be far off; --count-scale sets the factor for this "
        f"method ({factors})"
    )
    return Finding("warning", "days.count_scale", "sleep", message)


def _about_amount(sleep: SleepWake | None) -> tuple[Finding, ...]:
    """Return a warning if estimated sleep fills the day, or there is hardly any."""
    if sleep is None:
        return ()
    scored_h = float(np.count_nonzero(sleep.state != UNSCORED)) * sleep.epoch_s / _HOUR_S
    if scored_h < _DAY_H:
        return ()
    asleep_h = float(np.count_nonzero(sleep.state == ASLEEP)) * sleep.epoch_s / _HOUR_S
    a_day_h = asleep_h / scored_h * _DAY_H
    if LEAST_SLEEP_H <= a_day_h <= MOST_SLEEP_H:
        return ()
    message = (
        f"sleep is estimated for {a_day_h:.1f} h of 24 h scored: the method or the factor of the "
        "counts does not fit this device, or it was not worn; no figure of sleep can be relied on"
    )
    return (Finding("warning", "days.implausible_sleep", "sleep", message),)


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
                written_one = _one_sided(recording, span, (begin, end))
                if written_one is not None:
                    span, source = written_one, f"one end of the {_DIARY}, and {source}"
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


def _one_sided(
    recording: DayRecording, found_s: tuple[float, float], bounds_s: tuple[float, float]
) -> tuple[float, float] | None:
    """Return a window with the end that the diary states alone; None without one that fits."""
    begin, end = bounds_s
    for from_s, to_s in recording.diary.one_sided_s().tolist():
        if begin <= (to_s if np.isnan(from_s) else from_s) < end:
            span = (found_s[0], to_s) if np.isnan(from_s) else (from_s, found_s[1])
            if span[0] < span[1]:
                return span
    return None


def _about_one_sided(
    recording: DayRecording, windows: tuple[NightWindow, ...]
) -> tuple[Finding, ...]:
    """Return a finding that counts the nights of the diary with one end only."""
    n = len(recording.diary.one_sided_s())
    if not n:
        return ()
    used = sum(window.source.startswith(f"one end of the {_DIARY}") for window in windows)
    message = (
        f"{n} nights of the diary have one end only; {used} of them were completed by the rest "
        "found in the recording"
    )
    return (Finding("info" if used == n else "warning", "diary.one_sided", "diary", message),)


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
