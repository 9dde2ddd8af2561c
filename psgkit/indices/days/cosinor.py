"""One cosine of 24 hours through the activity, with its confidence region.

Halberg's single cosinor (Bingham et al., Chronobiologia 1982;9:397-439; Cornelissen, Theor Biol Med
Model 2014;11:16): ``x(t) = mesor + amplitude cos(2 pi (t - acrophase) / 24 h)`` by least squares
over hourly means.  Amplitude and acrophase have one common confidence region, an ellipse around the
two coefficients, whose extent gives their limits; there is no acrophase where it contains the
origin.  The region assumes independent errors, which hours of a day are not, and is too small.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import ActivityHours
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import unit_of
from psgkit.core.ranges import check_ranges

_PERIOD_H = 24.0
_POINTS = 3600
_PARAMETERS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class CosinorRule:
    """Confidence of the region, and days needed; ``min_days`` is psgkit's own choice."""

    confidence: float = 0.95
    min_days: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.confidence < 1:
            raise ValueError(f"a confidence lies between 0 and 1, got {self.confidence}")


_ACROPHASE = ("acrophase_h", "acrophase_low_h", "acrophase_high_h")
COSINOR_NAMES = (
    *("mesor", "amplitude", "amplitude_low", "amplitude_high"),
    *(*_ACROPHASE, "cosinor_r2"),
)


def cosinor_indices(
    hours: ActivityHours, unit: str, rule: CosinorRule | None = None
) -> dict[str, Index]:
    """Return the cosinor by name; the acrophase is an hour of the clock.

    Examples
    --------
    >>> clock = np.arange(72) % 24
    >>> wave = 5 + 2 * np.cos(2 * np.pi * (clock + 0.5 - 15) / 24)
    >>> found = cosinor_indices(ActivityHours(level=wave, clock_hour=clock, valid_h=72.0), "mg")
    >>> [round(found[n].value, 6) for n in ("mesor", "amplitude", "acrophase_h", "cosinor_r2")]
    [5.0, 2.0, 15.0, 1.0]
    """
    rule = rule or CosinorRule()
    known = np.isfinite(hours.level)
    level = hours.level[known]
    needed_h = rule.min_days * _PERIOD_H
    why = ""
    if hours.valid_h < needed_h:
        why = f"{hours.valid_h:.1f} valid hours, {needed_h:g} are needed"
    elif len(np.unique(hours.clock_hour[known])) < _PARAMETERS + 1:
        why = "fewer than 4 different hours of the clock were seen"
    elif hours.is_flat:
        why = "activity was the same in every hour"
    if why:
        return all_missing(COSINOR_NAMES, why, unit)
    # an hour is a mean around its middle
    time_h = np.asarray(hours.clock_hour[known] + 0.5, dtype=np.float64)
    return _indices(_fit(time_h, level, rule), unit, hours.valid_h)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Fit:
    """Mesor, the two coefficients, the edge of their region, and the share of variance."""

    mesor: float
    cosine: float
    sine: float
    edge: NDArray[np.float64]
    holds_origin: bool
    r2: float


def _fit(time_h: NDArray[np.float64], level: NDArray[np.float64], rule: CosinorRule) -> _Fit:
    angle = 2 * np.pi * time_h / _PERIOD_H
    design = np.column_stack((np.ones(len(angle)), np.cos(angle), np.sin(angle)))
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ level
    left = float(((level - design @ found) ** 2).sum())
    freedom = len(level) - _PARAMETERS
    # quantile of F with 2 and ``freedom`` degrees, which has a closed form
    quantile = freedom / 2 * ((1 - rule.confidence) ** (-2 / freedom) - 1)
    size = 2 * left / freedom * quantile
    root = np.linalg.cholesky(inverse[1:, 1:]) * np.sqrt(size)
    turn = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    edge = found[1:, None] + root @ np.stack((np.cos(turn), np.sin(turn)))
    distance = float(found[1:] @ np.linalg.solve(inverse[1:, 1:], found[1:]))
    return _Fit(
        mesor=float(found[0]),
        cosine=float(found[1]),
        sine=float(found[2]),
        edge=edge,
        holds_origin=distance <= size,
        r2=1 - left / float(((level - level.mean()) ** 2).sum()),
    )


def _indices(fit: _Fit, unit: str, valid_h: float) -> dict[str, Index]:
    radius = np.hypot(*fit.edge)
    phase = float(np.arctan2(fit.sine, fit.cosine))
    # half the angle that the region spans around the acrophase
    turned = np.angle(np.exp(1j * (np.arctan2(fit.edge[1], fit.edge[0]) - phase)))
    per_rad = _PERIOD_H / (2 * np.pi)
    values = {
        "mesor": fit.mesor,
        "amplitude": float(np.hypot(fit.cosine, fit.sine)),
        "amplitude_low": 0.0 if fit.holds_origin else float(radius.min()),
        "amplitude_high": float(radius.max()),
        "acrophase_h": phase * per_rad % _PERIOD_H,
        "acrophase_low_h": (phase + float(turned.min())) * per_rad % _PERIOD_H,
        "acrophase_high_h": (phase + float(turned.max())) * per_rad % _PERIOD_H,
        "cosinor_r2": fit.r2,
    }
    found = {
        name: Index.plain(name, value, unit_of(name, activity_unit=unit), denominator_h=valid_h)
        for name, value in values.items()
    }
    if fit.holds_origin:
        why = "no rhythm of 24 h beyond chance: the confidence region holds an amplitude of 0"
        found |= all_missing(_ACROPHASE, why)
    return found
