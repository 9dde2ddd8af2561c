"""Calibrate an accelerometer by its still moments.

At rest a sensor with three axes measures 1 g in any orientation.  Enough orientations give offset
and gain of every axis (after van Hees et al., J Appl Physiol 2014;117:738-744; the fit in closed
form is psgkit's own choice); fewer give one scale for all axes.
"""

from collections.abc import Iterator
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.acceleration import STANDARD_GRAVITY_M_S2, Acceleration
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.ranges import UPPER, check_ranges

_READ_S = 900.0
"""Windows within this time are read together: a read takes as long as the samples of minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MistakenUnit:
    """A unit other than that of the header, and the norm at rest that shows it."""

    norm_g: float
    name: str
    said: str


MISTAKEN_UNITS = (
    MistakenUnit(norm_g=STANDARD_GRAVITY_M_S2, name="m/s^2", said=translatable("m/s^2 called g")),
    MistakenUnit(norm_g=1000.0, name="mg", said=translatable("mg called g")),
    MistakenUnit(
        norm_g=1000 / STANDARD_GRAVITY_M_S2, name="mg", said=translatable("mg called m/s^2")
    ),
    MistakenUnit(norm_g=1 / STANDARD_GRAVITY_M_S2, name="g", said=translatable("g called m/s^2")),
    MistakenUnit(norm_g=0.001, name="g", said=translatable("g called mg")),
    MistakenUnit(
        norm_g=STANDARD_GRAVITY_M_S2 / 1000, name="m/s^2", said=translatable("m/s^2 called mg")
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationRule:
    """When a sensor is at rest, and how large a calibration error may be.

    Window, stillness and the spread of orientations are those of van Hees 2014 (second-hand); the
    other numbers are psgkit's own choice.

    Attributes
    ----------
    window_s : float
        Length of a still moment.
    still_g : float
        Largest standard deviation of any axis in it.
    spread_g : float
        Each axis must have been below minus this and above plus this.
    max_windows : int
        Windows checked, spread evenly over the night.
    min_still : int
        Fewer still moments give no calibration.
    tolerance : float
        A norm at rest farther than this from 1 g is reported.
    unit_tolerance : float
        Largest distance from the norm of another unit that overrules the header.
    max_error : float
        Gains farther than this from 1, or offsets above this in g, are not corrected, because they
        are no calibration error.
    good_fit_g : float
        Largest root mean square distance from 1 g after a fit.
    """

    window_s: float = 10.0
    still_g: float = 0.013
    spread_g: float = 0.3
    max_windows: int = 240
    min_still: int = 3
    tolerance: float = 0.02
    unit_tolerance: float = 0.05
    max_error: float = 0.25
    good_fit_g: float = 0.01

    def __post_init__(self) -> None:
        check_ranges(self, max_windows=(1, UPPER), min_still=(1, UPPER))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CalibrationResult:
    """The calibration of a sensor by its still moments.

    Attributes
    ----------
    calibration : Calibration
        To be applied to the stored samples.
    method : str
        ``axes`` (offset and gain of each), ``scale`` (one factor for all), or ``none``.
    norm_at_rest_g : float
        Median norm of still moments as stored; NaN if none was still, or an axis is missing.
    norm_after_g : float
        The same after calibration.
    still_n : int
        Still moments found.
    unit : str
        The unit the samples are in, if not that of the header; else empty.
    findings : tuple of Finding
    """

    calibration: Calibration = field(default_factory=Calibration)
    method: str = "none"
    norm_at_rest_g: float = float("nan")
    norm_after_g: float = float("nan")
    still_n: int = 0
    unit: str = ""
    findings: tuple[Finding, ...] = ()


def calibrate(
    parts: Acceleration | tuple[Acceleration, ...], rule: CalibrationRule | None = None
) -> CalibrationResult:
    """Return the calibration of a sensor, from all its segments.

    Parameters
    ----------
    parts : Acceleration or tuple of Acceleration
        The segments of one sensor.
    rule : CalibrationRule, optional

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> rng = np.random.default_rng(0)
    >>> stored = rng.normal([0.6, 0.0, 0.88], 0.003, (6000, 3))
    >>> axes = tuple(Signal(samples=axis, rate_hz=50.0, unit="g") for axis in stored.T)
    >>> found = calibrate(Acceleration(axes=axes, place="lumbar"))
    >>> found.method, round(found.norm_at_rest_g, 2), round(found.norm_after_g, 2)
    ('scale', 1.07, 1.0)
    """
    rule = rule or CalibrationRule()
    parts = (parts,) if isinstance(parts, Acceleration) else parts
    if not parts:
        return CalibrationResult()
    where = translatable(f"accelerometer {parts[0].place}")
    n_axes = len(parts[0].axes)
    if n_axes < 3:  # noqa: PLR2004 - space has three
        message = translatable(
            f"{n_axes} of 3 axes: whether it measures 1 g at rest cannot be checked, and it was "
            "not calibrated"
        )
        return CalibrationResult(
            findings=(Finding("info", "accelerometer.not_calibrated", where, message),)
        )
    still = still_moments(parts, rule)
    if len(still) < rule.min_still:
        message = translatable(
            f"{len(still)} still moments of {rule.window_s:g} s: it was not calibrated"
        )
        return CalibrationResult(
            still_n=len(still),
            findings=(Finding("warning", "accelerometer.not_calibrated", where, message),),
        )
    return _calibrated(still, rule, where)


def still_moments(parts: tuple[Acceleration, ...], rule: CalibrationRule) -> NDArray[np.float64]:
    """Return the mean of each still moment, as stored, shape ``(n, n_axes)``.

    Moments without any noise, as of a device that is off, count only if there are no others.
    """
    means, noise = [], []
    total_s = sum(part.duration_s for part in parts)
    every_s = max(rule.window_s, total_s / rule.max_windows)
    for part in parts:
        for samples_g in _windows(part, every_s, rule):
            window = samples_g.T.astype(np.float64)
            mean = window.mean(axis=1)
            window -= mean[:, None]
            means.append(mean)
            noise.append(np.sqrt(np.einsum("ij,ij->i", window, window) / window.shape[1]))
    if not means:
        return np.empty((0, len(parts[0].axes)))
    average, spread = np.stack(means), np.stack(noise)
    known = np.isfinite(average).all(axis=1)
    average, spread = average[known], spread[known]
    # the unit of the sensor may not be g: stillness is relative to its norm at rest
    gravity = float(np.median(np.linalg.norm(average, axis=1))) if len(average) else 0.0
    unit = _mistaken_unit(gravity, rule)
    limit = rule.still_g * (unit.norm_g if unit else 1.0)
    calm = (spread <= limit).all(axis=1)
    alive = (spread > 0).any(axis=1)
    chosen = calm & alive if (calm & alive).any() else calm
    return np.asarray(average[chosen])


def _windows(
    part: Acceleration, every_s: float, rule: CalibrationRule
) -> Iterator[NDArray[np.float32]]:
    """Yield the samples of a window every so many seconds; near windows are read together."""
    length, n = samples_at_least(rule.window_s, part.rate_hz), len(part)
    count = int((part.duration_s - rule.window_s) / every_s) + 1 if n >= length else 0
    first = [int(row * every_s * part.rate_hz) for row in range(count)]
    together = max(1, int(_READ_S / every_s))
    for begin in range(0, count, together):
        own = first[begin : begin + together]
        samples_g = part.read(own[0], min(own[-1] + length, n))
        for at in own:
            yield samples_g[at - own[0] : at - own[0] + length]


def _mistaken_unit(norm: float, rule: CalibrationRule) -> MistakenUnit | None:
    """Return the unit that the norm at rest shows, if it differs from that of the header."""
    return next((u for u in MISTAKEN_UNITS if _near(norm, u.norm_g, rule.unit_tolerance)), None)


def _near(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance * wanted


def _calibrated(still: NDArray[np.float64], rule: CalibrationRule, where: str) -> CalibrationResult:
    stored_norm = float(np.median(np.linalg.norm(still, axis=1)))
    findings = []
    unit = _mistaken_unit(stored_norm, rule)
    if unit:
        message = translatable(
            f"{stored_norm:.4g} g at rest, where gravity is 1 g: {unit.said}; converted so"
        )
        findings.append(Finding("warning", "accelerometer.unit", where, message))
    scale = 1 / unit.norm_g if unit else 1.0
    fit = _sphere_fit(still * scale, rule)
    method, offset, gain = fit or _one_scale(still * scale, rule)
    calibration = Calibration()
    if method != "none" or unit:
        calibration = Calibration(offset_g=offset / scale, gain=gain * scale)
    after = float(np.median(np.linalg.norm((still * scale - offset) * gain, axis=1)))
    off = stored_norm * scale - 1
    if abs(off) > rule.tolerance:
        done = {
            "axes": translatable("offset and gain of each axis were corrected"),
            "scale": translatable(
                "all axes were scaled alike: too few orientations to tell which axis is off"
            ),
            "none": translatable(
                "too far for a calibration error: left as it is, angles may be wrong"
            ),
        }[method]
        message = translatable(
            f"{stored_norm * scale:.3f} g at rest (median of still moments), not 1 g: {done}"
        )
        findings.append(Finding("warning", "accelerometer.norm", where, message))
    return CalibrationResult(
        calibration=calibration,
        method=method,
        norm_at_rest_g=stored_norm,
        norm_after_g=after,
        still_n=len(still),
        unit=unit.name if unit else "",
        findings=tuple(findings),
    )


def _one_scale(
    still: NDArray[np.float64], rule: CalibrationRule
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """Return one factor for all axes, or none if it is too large for a calibration error."""
    norm = float(np.median(np.linalg.norm(still, axis=1)))
    nothing = np.zeros(still.shape[1])
    if not _near(norm, 1.0, rule.max_error):
        return "none", nothing, np.ones(still.shape[1])
    return "scale", nothing, np.full(still.shape[1], 1 / norm)


def _sphere_fit(
    still: NDArray[np.float64], rule: CalibrationRule
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]] | None:
    """Return offset and gain that put the still moments on a sphere of 1 g; None without a fit.

    ``sum(a * x**2 + b * x) = 1`` is linear in ``a`` and ``b``.
    """
    n_axes = still.shape[1]
    wide = (still.min(axis=0) < -rule.spread_g) & (still.max(axis=0) > rule.spread_g)
    if not wide.all() or len(still) <= 2 * n_axes:
        return None
    kept = np.ones(len(still), dtype=bool)
    offset, gain = np.zeros(n_axes), np.ones(n_axes)
    for _ in range(2):  # fit again without moments off the first sphere
        x = still[kept]
        design = np.hstack((x**2, x))
        solved, _, rank, _ = np.linalg.lstsq(design, np.ones(len(x)), rcond=1e-6)
        a, b = solved[:n_axes], solved[n_axes:]
        if rank < 2 * n_axes or (a <= 0).any():
            return None
        offset = -b / (2 * a)
        gain = np.sqrt(a / (1 + (a * offset**2).sum()))
        error = np.abs(np.linalg.norm((still - offset) * gain, axis=1) - 1)
        kept = error <= max(3 * float(np.median(error)), 1e-4)
        if np.count_nonzero(kept) <= 2 * n_axes:
            return None
    close = np.sqrt(np.mean(error[kept] ** 2)) <= rule.good_fit_g
    small = (np.abs(gain - 1) <= rule.max_error).all() and (np.abs(offset) <= rule.max_error).all()
    return ("axes", offset, gain) if close and small else None
