"""Where the nights of a recording of days lie: by diary, event button, or the longest rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.day_recording import DayRecording
from psgkit.core.days_report import NightWindow
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, paint, union
from psgkit.sleep.sleep_window import WindowRule, longest_rest, pressed_window

_DIARY = "sleep diary"
_MARKERS = ("", "event marker and ", "event markers, about the ")
_NEAR_EDGE_S = 600.0
"""A window that comes so near to time nobody saw may go on in it; the smoothing takes five minutes,
and five more are ours."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestGrid:
    """Epochs of the whole recording: where there is rest, and where that is known.

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


def epochs_within(bounds_s: list[float], epoch_s: float, start_s: float, n: int) -> slice:
    """Return the epochs that begin within bounds."""
    first, last = (int(np.ceil((edge - start_s) / epoch_s - 1e-6)) for edge in bounds_s)
    return slice(min(max(first, 0), n), min(max(last, 0), n))


def painted(spans: list[Intervals], grid: RestGrid) -> NDArray[np.bool_]:
    """Return the epochs of a grid that lie in any of the spans, to the nearest epoch."""
    joined = union(*spans) if spans else np.empty((0, 2))
    rows = np.round((joined - grid.start_s) / grid.epoch_s).astype(np.int64)
    return paint(rows, len(grid.rest))


def windows_of_nights(
    recording: DayRecording, grid: RestGrid, how: str, rule: WindowRule
) -> tuple[NightWindow, ...]:
    """Return one window a day from noon to noon: the longest of the diary, else the longest rest.

    Presses of the event button near the ends of that rest are its ends.
    """
    diary = recording.diary.nights_s()
    days = recording.clock.day_dates(recording.duration_s, 12)
    found = []
    for evening, (begin, end) in zip(days, recording.day_bounds_s(12).tolist(), strict=True):
        part = epochs_within([begin, end], grid.epoch_s, grid.start_s, len(grid.rest))
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


def about_other_sleeps(
    recording: DayRecording, windows: tuple[NightWindow, ...]
) -> tuple[Finding, ...]:
    """Return a finding if the diary has more than one night between two noons.

    Somebody who works in shifts may sleep twice; indices of nights are of the longer sleep alone.
    """
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
        f"{others_n} of {len(nights)} nights of the diary are no nights here: of several between "
        "two noons the longest is taken"
    )
    return (Finding("warning", "days.second_sleep", "diary", message),)


def _cut_off(span: tuple[float, float], grid: RestGrid) -> bool:
    """Return whether something just before or after a window was not seen."""
    begin, end = span
    around = [[begin - _NEAR_EDGE_S, begin], [end, end + _NEAR_EDGE_S]]
    wanted = round(_NEAR_EDGE_S / grid.epoch_s)
    n = len(grid.known)
    seen = [grid.known[epochs_within(one, grid.epoch_s, grid.start_s, n)] for one in around]
    return any(len(one) < wanted or not one.all() for one in seen)


def no_windows(recording: DayRecording, why: str) -> tuple[NightWindow, ...]:
    """Return one window a day that could not be found, and why."""
    days = recording.clock.day_dates(recording.duration_s, 12)
    bounds = recording.day_bounds_s(12).tolist()
    return tuple(
        NightWindow(evening=evening, bounds_s=(begin, end), span_s=None, reason=why)
        for evening, (begin, end) in zip(days, bounds, strict=True)
    )
