"""Offset and drift of a device clock, from events recorded by the device and by a reference.

The clock of an actigraph runs a few seconds a day too fast or too slow.  Two or more common events
(taps, button presses, lights off) determine a straight line that corrects it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.errors import PsgkitError

PPM = 1e-6


class ClockError(PsgkitError):
    """Common events do not determine offset and drift of a clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRule:
    """When events are trusted; the numbers are psgkit's own choice.

    Attributes
    ----------
    most_ppm : float
        Larger drift means wrong events: a quartz drifts by 20 to 100 ppm; 300 ppm are 26 s a day.
    most_residual_s : float
        Largest distance of an event from the line.
    least_span_s : float
        Least time between first and last event from which a drift is computed.
    """

    most_ppm: float = 300.0
    most_residual_s: float = 2.0
    least_span_s: float = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClockFit:
    """How the clock of a device relates to that of the reference.

    ``reference = offset_s + (1 + drift) * device``.

    Attributes
    ----------
    offset_s : float
        Reference time of second 0 of the device.
    drift : float
        How much slower than the reference the device runs, as a share.
    residual_s : float64 array, shape (n,)
        Reference minus line, of each event; with only two events always 0.
    """

    offset_s: float
    drift: float
    residual_s: NDArray[np.float64]

    @property
    def drift_ppm(self) -> float:
        """Return the drift in millionths."""
        return self.drift / PPM

    @property
    def residual_rms_s(self) -> float:
        """Return the root mean square distance of events from the line."""
        return float(np.sqrt(np.mean(self.residual_s**2)))

    def to_reference(self, device_s: ArrayLike) -> NDArray[np.float64]:
        """Return the reference time of device times."""
        return np.asarray(self.offset_s + (1.0 + self.drift) * np.asarray(device_s, np.float64))

    def to_device(self, reference_s: ArrayLike) -> NDArray[np.float64]:
        """Return the device time of reference times."""
        return np.asarray((np.asarray(reference_s, np.float64) - self.offset_s) / (1 + self.drift))

    def finding(self) -> Finding:
        """Return the finding that states offset and drift."""
        n = len(self.residual_s)
        sure = f"residual {self.residual_rms_s:.2f} s"
        if n == 2:  # noqa: PLR2004 - a line goes through any two
            sure = "two events only: the fit cannot be checked"
        message = (
            f"{n} common events: offset {self.offset_s:.2f} s, drift {self.drift / PPM:.1f} ppm "
            f"({self.drift * 86400:.2f} s a day), {sure}"
        )
        return Finding("info", "days.clock_drift", "clock", message)


def correct_clock(
    device_s: ArrayLike, reference_s: ArrayLike, rule: DriftRule | None = None
) -> ClockFit:
    """Return offset and drift of a device clock, by least squares over events of both clocks.

    Parameters
    ----------
    device_s, reference_s : array_like, shape (n,)
        Seconds of the same events, in the same order.
    rule : DriftRule, optional

    Raises
    ------
    ClockError
        If there are fewer than two events, they are too close together, or they contradict each
        other.

    Examples
    --------
    >>> fit = correct_clock([0.0, 40000.0, 80000.0], [10.0, 40012.0, 80014.0])
    >>> round(fit.offset_s, 6), round(fit.drift * 1e6, 3), round(float(fit.to_reference(2e4)), 6)
    (10.0, 50.0, 20011.0)
    """
    rule = rule or DriftRule()
    device = np.asarray(device_s, dtype=np.float64)
    reference = np.asarray(reference_s, dtype=np.float64)
    if device.shape != reference.shape or device.ndim != 1:
        raise ValueError(f"events of both clocks in pairs, got {device.shape}, {reference.shape}")
    if not (np.isfinite(device).all() and np.isfinite(reference).all()):
        raise ValueError("event times must be finite")
    where = "common events of two clocks"
    if len(device) < 2:  # noqa: PLR2004 - a line has two points
        raise ClockError(where, f"{len(device)}", "two or more")
    span_s = float(np.ptp(device))
    if span_s < rule.least_span_s:
        wanted = f"events at least {rule.least_span_s / 60:g} min apart"
        raise ClockError(where, f"{len(device)} within {span_s / 60:.1f} min", wanted)
    middle, level = device.mean(), reference.mean()
    away = device - middle
    slope = float((away * (reference - level)).sum() / (away**2).sum())
    residual_s = reference - level - slope * away
    worst = int(np.argmax(np.abs(residual_s)))
    if abs(slope - 1.0) > rule.most_ppm * PPM:
        found = f"a drift of {(slope - 1.0) / PPM:.0f} ppm"
        advice = "Look for events that are not the same, or a change of the clock."
        raise ClockError(where, found, f"at most {rule.most_ppm:g} ppm", advice)
    if abs(residual_s[worst]) > rule.most_residual_s:
        found = f"event {worst + 1} lies {residual_s[worst]:+.1f} s from the line"
        raise ClockError(where, found, f"at most {rule.most_residual_s:g} s")
    return ClockFit(
        offset_s=float(level - slope * middle), drift=slope - 1.0, residual_s=residual_s
    )
