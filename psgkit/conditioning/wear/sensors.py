"""When an accelerometer was worn, not worn, switched off, saturated or broken.

It is read in blocks of 15 minutes, so that a week needs little memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import Calibration, motion_stretches
from psgkit.conditioning.emg.usable import UsableRule, find_unusable_axes
from psgkit.core.acceleration import Acceleration
from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_recording import Excluded, Wear
from psgkit.core.finding import Finding
from psgkit.core.intervals import (
    Intervals,
    complement,
    intersect,
    no_intervals,
    runs_of_true,
    total,
    union,
)
from psgkit.core.ranges import check_ranges

BLOCK_S = 900.0
"""The step of the windows of van Hees 2013."""

_N_AXES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class NonWearRule:
    """When an accelerometer is not worn, and when it cannot be trusted.

    Windows and limits are those of van Hees et al., PLoS ONE 2013;8:e61691 (second-hand): 60 min
    in steps of 15, not worn if on two of three axes the standard deviation is below 13 mg or the
    range below 50 mg.  That such a window counts as not worn as a whole, and all else, is psgkit's
    own choice.

    Attributes
    ----------
    window_blocks : int
        Blocks of 15 min of a window.
    still_g, range_g : float
        Standard deviation and range of an axis below which it is at rest.
    min_axes : int
        How many axes must be at rest; all where there are fewer.
    norm_g : (float, float)
        Range of the norm of a block at rest; outside it the sensor is broken.
    usable : UsableRule
        What is flat (the device was off) or at its limits.
    """

    window_blocks: int = 4
    still_g: float = 0.013
    range_g: float = 0.050
    min_axes: int = 2
    norm_g: tuple[float, float] = (0.75, 1.25)
    usable: UsableRule = field(default_factory=lambda: UsableRule(saturated_s=0.5))

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def name(self) -> str:
        """Return the rule in words."""
        return (
            f"van Hees 2013: {self.window_blocks * BLOCK_S / 60:g} min, on {self.min_axes} axes a "
            f"standard deviation below {1000 * self.still_g:g} mg or a range below "
            f"{1000 * self.range_g:g} mg"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Block:
    """Statistics of 15 minutes of a sensor; ``low`` is infinite where nothing was measured."""

    span_s: tuple[float, float]
    n: int
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    off_s: Intervals
    saturated_s: Intervals


def sensor_wear(
    parts: Sequence[Acceleration],
    duration_s: float,
    calibration: Calibration | None = None,
    rule: NonWearRule | None = None,
) -> Wear:
    """Return when a sensor was worn.

    Parameters
    ----------
    parts : sequence of Acceleration
        Its segments, in time order; what lies between them was not recorded.
    duration_s : float
        Of the recording.
    calibration : Calibration, optional
    rule : NonWearRule, optional

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> rng = np.random.default_rng(0)
    >>> moved = np.concatenate((rng.normal(0, 0.1, 36000), rng.normal(0, 0.003, 54000)))
    >>> axes = tuple(Signal(samples=moved + g, rate_hz=10.0, unit="g") for g in (0.0, 0.0, 1.0))
    >>> wear = sensor_wear([Acceleration(axes=axes, place="left_wrist")], 9000.0)
    >>> wear.observed_s.tolist(), round(wear.share_of("non_wear"), 3)
    ([[0.0, 3600.0]], 0.6)
    """
    rule, calibration = rule or NonWearRule(), calibration or Calibration()
    place = parts[0].place if parts else "sensor"
    recorded = [(part.start_s, part.start_s + part.duration_s) for part in parts]
    gaps = [complement(np.array(recorded).reshape(-1, 2), 0.0, duration_s)]
    off, saturated, broken = [], [], []
    for part in parts:
        blocks = list(_blocks(part, calibration, rule))
        gaps += [one.off_s for one in blocks]
        saturated += [one.saturated_s for one in blocks]
        off.append(_still_windows(blocks, rule))
        broken.append(_broken(blocks, rule))
    out = _minus(union_of(gaps), no_intervals(np.float64))
    kinds = (
        ("gap", "nothing recorded, or the same value for a second or longer", out),
        ("non_wear", rule.name, _minus(union_of(off), out)),
        ("saturated", "at the limits of the recorder on an axis", union_of(saturated)),
        ("artefact", "at rest far from 1 g", _minus(union_of(broken), out)),
    )
    return wear_of(place, duration_s, kinds)


def wear_of(
    name: str, duration_s: float, kinds: Sequence[tuple[str, str, Intervals]], reason: str = ""
) -> Wear:
    """Return the wear with the excluded time, findings, and the reason if no time is left."""
    excluded = tuple(
        Excluded(
            kind=kind,
            rule=rule,
            spans_s=spans,
            share=total(spans) / duration_s if duration_s else 0.0,
        )
        for kind, rule, spans in kinds
        if len(spans)
    )
    wear = Wear(name=name, duration_s=duration_s, excluded=excluded, reason=reason)
    if not reason and not total(wear.observed_s):
        most = max(excluded, key=lambda one: one.share, default=None)
        what = {"gap": "nothing was recorded", "non_wear": "it was never worn"}
        reason = "no time at all" if most is None else what.get(most.kind, f"all {most.kind}")
    findings = tuple(
        Finding(
            "warning",
            f"days.{one.kind}",
            name,
            f"{one.kind.replace('_', '-')} for {100 * one.share:.1f} % of the time, in "
            f"{len(one.spans_s)} stretches ({one.rule}); left out",
        )
        for one in excluded
    )
    if reason:
        findings = (Finding("error", "days.unusable", name, reason), *findings)
    return Wear(
        name=name, duration_s=duration_s, excluded=excluded, reason=reason, findings=findings
    )


def union_of(many: Sequence[Intervals]) -> Intervals:
    """Return the union of all lists, in seconds; empty for no lists."""
    kept = [np.asarray(one, dtype=np.float64) for one in many if len(one)]
    return union(*kept) if kept else no_intervals(np.float64)


def _minus(spans: Intervals, other: Intervals) -> Intervals:
    """Return the part of ``spans`` that ``other`` does not cover."""
    if not len(spans) or not len(other):
        return spans
    return intersect(spans, complement(other, float(spans.min()), float(spans.max())))


def _blocks(part: Acceleration, calibration: Calibration, rule: NonWearRule) -> Iterator[_Block]:
    for stretch in motion_stretches(part, calibration, core_s=BLOCK_S, margin_s=0.0):
        samples = stretch.samples_g
        begin_s = part.start_s + stretch.core[0] / part.rate_hz
        end_s = part.start_s + stretch.core[1] / part.rate_hz
        # limits are of stored values, which calibrated ones are close to
        limits = [axis.limits for axis in part.axes]
        unusable = find_unusable_axes(samples, part.rate_hz, limits, rule.usable)
        known = np.isfinite(samples).all(axis=1)
        kept = samples[known] if not known.all() else samples
        yield _Block(
            span_s=(begin_s, end_s),
            n=len(kept),
            off_s=begin_s + union(unusable.flat, unusable.missing) / part.rate_hz,
            saturated_s=begin_s + unusable.saturated / part.rate_hz,
            **_statistics(kept),
        )


def _statistics(samples: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """Return mean, variance and range of each axis."""
    n_axes = samples.shape[1]
    if not len(samples):
        nothing = np.full(n_axes, np.nan)
        return {
            "mean": nothing,
            "variance": nothing,
            "low": np.full(n_axes, np.inf),
            "high": np.full(n_axes, -np.inf),
        }
    mean = samples.mean(axis=0, dtype=np.float64)
    variance = np.empty(n_axes)
    for row, column in enumerate(samples.T):
        # contiguous axes, whose squares are summed without another copy
        apart = column.astype(np.float64) - mean[row]
        # not a product of BLAS, whose threads cost more than they save
        variance[row] = np.square(apart, out=apart).sum() / len(apart)
    return {
        "mean": mean,
        "variance": variance,
        "low": samples.min(axis=0).astype(np.float64),
        "high": samples.max(axis=0).astype(np.float64),
    }


def _still_windows(blocks: Sequence[_Block], rule: NonWearRule) -> Intervals:
    """Return the windows in which the sensor is not worn, joined."""
    width = rule.window_blocks
    if len(blocks) < width or sum(one.n for one in blocks) == 0:
        return no_intervals(np.float64)
    count = np.array([one.n for one in blocks], dtype=np.float64)[:, None]
    mean = np.nan_to_num(np.stack([one.mean for one in blocks]))
    square = np.nan_to_num(np.stack([one.variance for one in blocks])) + mean**2
    windows = [slice(first, first + width) for first in range(len(blocks) - width + 1)]
    low = np.stack([one.low for one in blocks])
    high = np.stack([one.high for one in blocks])
    still = []
    for part in windows:
        n = count[part].sum()
        if n == 0:
            still.append(False)
            continue
        middle = (count[part] * mean[part]).sum(axis=0) / n
        variance = (count[part] * square[part]).sum(axis=0) / n - middle**2
        calm = np.sqrt(np.maximum(variance, 0.0)) < rule.still_g
        narrow = high[part].max(axis=0) - low[part].min(axis=0) < rule.range_g
        wanted = min(rule.min_axes, len(calm))
        still.append(calm.sum() >= wanted or narrow.sum() >= wanted)
    found = [
        (blocks[part.start].span_s[0], blocks[part.stop - 1].span_s[1])
        for part, flat in zip(windows, still, strict=True)
        if flat
    ]
    return union(np.array(found, dtype=np.float64).reshape(-1, 2))


def _broken(blocks: Sequence[_Block], rule: NonWearRule) -> Intervals:
    """Return the blocks at rest whose norm cannot be gravity."""
    if not blocks or len(blocks[0].mean) < _N_AXES:
        return no_intervals(np.float64)
    norm = np.linalg.norm(np.stack([one.mean for one in blocks]), axis=1)
    spread = np.sqrt(np.stack([one.variance for one in blocks])).max(axis=1)
    low, high = rule.norm_g
    with np.errstate(invalid="ignore"):
        wrong = (spread < rule.still_g) & ((norm < low) | (norm > high))
    edges = np.array([one.span_s for one in blocks])
    runs = runs_of_true(wrong)
    return np.column_stack((edges[runs[:, 0], 0], edges[runs[:, 1] - 1, 1]))
