"""Accelerometers: gravity by posture, movements, noise, and the orientation of the sensor.

At rest a sensor measures exactly 1 g, in a random orientation drawn once for each night.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel
from psgkit.core.signal import Samples
from psgkit.core.site import Site
from psgkit.simulate.plan.course import stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.attitude import Attitude
from psgkit.simulate.signals.jerks import Jerk, add_jerks
from psgkit.simulate.signals.trains import Train, add_trains
from psgkit.simulate.signals.walking import add_walks

LIMITS_G = (-8.0, 8.0)
STEP_G = (LIMITS_G[1] - LIMITS_G[0]) / 65535
BLOCK_N = 1 << 18
MOST_SDS = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorPlan:
    """An accelerometer; the axes are labelled ``label`` and X, Y, Z.

    ``part`` is its name among ``SENSORS``, ``pitch_up_deg`` the pitch of its limb when upright.
    """

    label: str
    place: str
    site: Site
    part: str
    pitch_up_deg: Span


SENSOR_PLANS = (
    SensorPlan(
        label="Left Ankle",
        place="left_ankle",
        site=Site.LEFT_LEG,
        part="ankles",
        pitch_up_deg=(70.0, 88.0),
    ),
    SensorPlan(
        label="Right Ankle",
        place="right_ankle",
        site=Site.RIGHT_LEG,
        part="ankles",
        pitch_up_deg=(70.0, 88.0),
    ),
    SensorPlan(
        label="Left Wrist",
        place="left_wrist",
        site=Site.LEFT_ARM,
        part="wrists",
        pitch_up_deg=(-60.0, -10.0),
    ),
    SensorPlan(
        label="Right Wrist",
        place="right_wrist",
        site=Site.RIGHT_ARM,
        part="wrists",
        pitch_up_deg=(-60.0, -10.0),
    ),
    SensorPlan(
        label="Lumbar", place="lumbar", site=Site.TRUNK, part="lumbar", pitch_up_deg=(75.0, 88.0)
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Motion:
    """Motion of the sensor of one site: its attitude and its accelerations.

    ``worn_seed`` is the seed of its orientation, if different from that of the night.
    """

    attitude: Attitude
    jerks: Sequence[Jerk]
    trains: Sequence[Train]
    walks: Sequence[tuple[Span, float]]
    worn_seed: int | None = None


def simulate_accelerometer(
    seed: int, plan: SensorPlan, motion: Motion, duration_s: float, options: SimulationOptions
) -> tuple[Channel, ...]:
    """Return the three axes of one sensor, in g."""
    axes = simulated_axes(seed, plan, motion, duration_s, options)
    return sensor_channels(plan, tuple(axes), options.accelerometer_rate_hz)


def simulated_axes(
    seed: int, plan: SensorPlan, motion: Motion, duration_s: float, options: SimulationOptions
) -> NDArray[np.float32]:
    """Return the samples of the three axes of one sensor, in g, shape ``(3, n)``."""
    rate_hz = options.accelerometer_rate_hz
    moving_g = np.zeros((round(duration_s * rate_hz), 3), dtype=np.float32)
    add_jerks(stream(seed, f"jerks {plan.place}"), moving_g, rate_hz, motion.jerks)
    add_trains(stream(seed, f"trains {plan.place}"), moving_g, rate_hz, motion.trains)
    add_walks(stream(seed, f"walks {plan.place}"), moving_g, rate_hz, plan.site, motion.walks)
    worn_seed = seed if motion.worn_seed is None else motion.worn_seed
    worn = stream(worn_seed, f"worn {plan.place}")
    turned = random_rotation(worn)
    errors = worn.standard_normal((2, 3)).clip(-MOST_SDS, MOST_SDS)
    gain = 1.0 + options.accelerometer_gain_error * errors[0]
    offset_g = options.accelerometer_offset_g * errors[1]
    noise = stream(seed, f"noise {plan.place}")
    axes = np.empty((3, len(moving_g)), dtype=np.float32)
    for first in range(0, len(moving_g), BLOCK_N):
        block = moving_g[first : first + BLOCK_N]
        up = motion.attitude.up((first + np.arange(len(block))) / rate_hz)
        shown = (up + block) @ turned
        drawn = options.accelerometer_noise_g * noise.standard_normal(shown.shape, dtype=np.float32)
        # axis by axis: numpy is slow over rows of three
        for axis in range(3):
            column = shown[:, axis] * gain[axis] + offset_g[axis]
            column += drawn[:, axis]
            axes[axis, first : first + len(block)] = column.clip(*LIMITS_G)
    return axes


def sensor_channels(
    plan: SensorPlan, axes: Sequence[Samples], rate_hz: float
) -> tuple[Channel, ...]:
    """Return the axes of one sensor as channels of a recorder with 16 bits."""
    return tuple(
        Channel(
            label=f"{plan.label} {axis}",
            rate_hz=rate_hz,
            samples=samples,
            unit="g",
            stored_unit="g",
            role="accelerometer",
            site=plan.site,
            place=plan.place,
            axis=axis.lower(),
            rule="simulated",
            resolution=STEP_G,
            limits=LIMITS_G,
        )
        for axis, samples in zip("XYZ", axes, strict=True)
    )


def random_rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a uniformly distributed rotation, shape (3, 3).

    Examples
    --------
    >>> turned = random_rotation(np.random.default_rng(0))
    >>> bool(np.allclose(turned @ turned.T, np.eye(3)) and np.linalg.det(turned) > 0)
    True
    """
    drawn = rng.standard_normal(4)
    w, x, y, z = drawn / np.linalg.norm(drawn)  # a quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
