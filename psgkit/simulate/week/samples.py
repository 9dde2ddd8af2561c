"""Samples of a simulated week, drawn part by part when they are read: memory stays small."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel
from psgkit.simulate.plan.course import stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.accelerometer import (
    LIMITS_G,
    Motion,
    SensorPlan,
    sensor_channels,
    simulated_axes,
)
from psgkit.simulate.signals.attitude import Attitude
from psgkit.simulate.signals.jerks import Jerk, jerks_of
from psgkit.simulate.week.plan import WeekPart, week_attitude

_KEPT_PARTS = 3
_WANDERS = "wrist"
_WANDER_EVERY_S, _WANDER_RAD = 4.0, 0.06
"""The angle of an arm awake wanders by some degrees within seconds, too slowly to be a movement;
asleep it does not.  psgkit's own choice."""
_ON_A_TABLE = (0.05, -0.1, 0.99)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WeekSensor:
    """One sensor over all parts.

    Attributes
    ----------
    seed : int
    plan : SensorPlan
    parts : tuple of WeekPart
    attitude : Attitude
        Over the whole recording.
    off_s : tuple of (from, to)
        When it lies on a table.
    options : SimulationOptions
    drawn : dict
        The parts drawn last.
    """

    seed: int
    plan: SensorPlan
    parts: tuple[WeekPart, ...]
    attitude: Attitude
    off_s: tuple[Span, ...]
    options: SimulationOptions
    drawn: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def rate_hz(self) -> float:
        """Return the rate of every axis."""
        return self.options.accelerometer_rate_hz

    def jerks(self, part: WeekPart) -> list[Jerk]:
        """Return the jerks of one part that this sensor feels; times count from the part."""
        found = jerks_of(
            stream(part.seed, "jerks"), part.body.movements, self.options.seen_by_accelerometer
        )
        own = [one for one in found if one.site == self.plan.site]
        return [one for one in own if not self.is_off((one.onset_s, one.end_s), part)]

    def is_off(self, span_s: Span, part: WeekPart) -> bool:
        """Return whether the sensor lies on a table at any time of a span of ``part``."""
        from_s, to_s = (one + part.start_s for one in span_s)
        return any(from_s < end_s and to_s > begin_s for begin_s, end_s in self.off_s)

    def samples(self, number: int) -> NDArray[np.float32]:
        """Return the axes over one part in g, shape ``(3, n)``."""
        found = self.drawn.pop(number, None)
        if found is None:
            while len(self.drawn) >= _KEPT_PARTS:
                del self.drawn[next(iter(self.drawn))]
            found = self._draw(self.parts[number])
        self.drawn[number] = found  # the last to be dropped
        return found

    def _draw(self, part: WeekPart) -> NDArray[np.float32]:
        attitude = replace(
            self.attitude,
            starts_s=self.attitude.starts_s - part.start_s,
            ends_s=self.attitude.ends_s - part.start_s,
        )
        motion = Motion(
            attitude=attitude,
            jerks=self.jerks(part),
            trains=[one for one in part.body.trains if one.site == self.plan.site],
            walks=part.body.walks,
            worn_seed=self.seed,
        )
        axes = simulated_axes(part.seed, self.plan, motion, part.body.duration_s, self.options)
        if _WANDERS in self.plan.place and not part.is_night:
            rng = stream(part.seed, f"wander {self.plan.place}")
            axes = _turned(axes, _wandering_rad(rng, axes.shape[1], self.rate_hz))
        noise = stream(part.seed, f"table {self.plan.place}")
        for begin_s, end_s in self.off_s:
            first, last = (
                int(np.clip((one - part.start_s) * self.rate_hz, 0, axes.shape[1]))
                for one in (begin_s, end_s)
            )
            shape = (3, last - first)
            still = self.options.accelerometer_noise_g * noise.standard_normal(
                shape, dtype=np.float32
            )
            axes[:, first:last] = still + np.array(_ON_A_TABLE, dtype=np.float32)[:, None]
        return axes.clip(*LIMITS_G)


def _wandering_rad(rng: np.random.Generator, n_samples: int, rate_hz: float) -> NDArray[np.float32]:
    """Return small turns about three axes, smooth, none at both ends, shape ``(3, n_samples)``."""
    every = max(1, round(_WANDER_EVERY_S * rate_hz))
    n_knots = n_samples // every + 2
    knots = _WANDER_RAD * rng.standard_normal((3, n_knots), dtype=np.float32)
    knots[:, [0, -2, -1]] = 0.0
    share = (1 - np.cos(np.pi * np.arange(every, dtype=np.float32) / every)) / 2
    low, high = knots[:, :-1, None], knots[:, 1:, None]
    smooth = low + (high - low) * share
    return np.asarray(smooth.reshape(3, -1)[:, :n_samples], dtype=np.float32)


def _turned(axes: NDArray[np.float32], turn_rad: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return acceleration turned by small angles, shape ``(3, n)``."""
    (x, y, z), (a, b, c) = axes, turn_rad
    moved = np.stack((b * z - c * y, c * x - a * z, a * y - b * x))
    return np.asarray(axes + moved, dtype=np.float32)


class WeekSamples:
    """One axis of a ``WeekSensor``; slices are drawn when they are read."""

    __slots__ = ("_axis", "_edges", "_sensor")

    def __init__(self, sensor: WeekSensor, axis: int) -> None:
        self._sensor = sensor
        self._axis = axis
        counts = [round(one.body.duration_s * sensor.rate_hz) for one in sensor.parts]
        self._edges = np.cumsum([0, *counts])

    def __len__(self) -> int:
        return int(self._edges[-1])

    def __getitem__(self, part: slice, /) -> NDArray[Any]:
        start, stop, step = part.indices(len(self))
        found = [np.empty(0, dtype=np.float32)]
        first = int(np.searchsorted(self._edges, start, side="right")) - 1
        for number in range(max(first, 0), len(self._edges) - 1):
            low, high = int(self._edges[number]), int(self._edges[number + 1])
            if low >= stop:
                break
            own = self._sensor.samples(number)[self._axis]
            found.append(own[max(start - low, 0) : max(min(stop, high) - low, 0)])
        return np.concatenate(found)[::step]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001
        return np.array(self[:], dtype=dtype, copy=copy)


def week_sensors(
    seed: int,
    plans: Sequence[SensorPlan],
    parts: tuple[WeekPart, ...],
    off: Sequence[tuple[str, Span]],
    options: SimulationOptions,
) -> tuple[WeekSensor, ...]:
    """Return the sensors of a week; ``off`` says which lies on a table when."""
    return tuple(
        WeekSensor(
            seed=seed,
            plan=plan,
            parts=parts,
            attitude=week_attitude(plan, parts),
            off_s=tuple(span for place, span in off if place == plan.place),
            options=options,
        )
        for plan in plans
    )


def week_channels(sensor: WeekSensor) -> tuple[Channel, ...]:
    """Return the axes of a sensor as channels that draw their samples when they are read."""
    axes = [WeekSamples(sensor, axis) for axis in range(3)]
    return sensor_channels(sensor.plan, axes, sensor.rate_hz)
