"""A trunk sensor's night made by hand: postures, turns, jerks, walking, errors of the sensor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.gravity import GravityTrack

RATE_HZ = 2.0
FINE_HZ = 20.0

ROLL_DEG = {"supine": 0.0, "left": 90.0, "right": -90.0, "prone": 180.0}
ELEVATION_DEG = {"upright": 90.0, "walking": 90.0, "reclined": 45.0}


@dataclass(frozen=True, kw_only=True)
class Night:
    """The truth second by second and turn by turn, and the track made from it."""

    track: GravityTrack
    walking: NDArray[np.float64]
    at_s: NDArray[np.float64]
    posture: NDArray[np.str_]
    turn_s: NDArray[np.float64]
    turn_deg: NDArray[np.float64]

    def away_from_turns(self, seconds: float = 5.0) -> NDArray[np.bool_]:
        """Return which seconds are so far from any turn."""
        far = self.posture != ""
        for start, stop in self.turn_s:
            far &= (self.at_s < start - seconds) | (self.at_s > stop + seconds)
        return far


def direction(roll_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Return where up is in body axes (front, left, head)."""
    roll, rise = np.radians(roll_deg), np.radians(elevation_deg)
    return np.array([np.cos(rise) * np.cos(roll), -np.cos(rise) * np.sin(roll), np.sin(rise)])


def between(one: NDArray[np.float64], other: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return ``n`` directions along the shortest way from one to the other."""
    angle = np.arccos(np.clip(one @ other, -1, 1))
    part = np.linspace(0, 1, n)[:, None]
    if angle > np.pi - 1e-3:
        middle = np.array([0.0, 0.0, 0.3]) + 0.9 * np.cross(one, [0.0, 0.0, 1.0])
        middle = middle / np.linalg.norm(middle)
        half = n // 2
        return np.vstack((between(one, middle, half), between(middle, other, n - half)))
    if angle < 1e-6:
        return np.repeat(one[None], n, axis=0)
    return (np.sin((1 - part) * angle) * one + np.sin(part * angle) * other) / np.sin(angle)


def any_rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random proper rotation."""
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


@dataclass(frozen=True, kw_only=True)
class How:
    """How well the night is lived and recorded."""

    jitter_deg: float = 12.0
    jerks_per_h: float = 30.0
    turn_s: tuple[float, float] = (0.5, 6.0)
    sensor_error: float = 0.03


def make_night(
    plan: list[tuple[str | float, float]],
    rng: np.random.Generator,
    *,
    rotation: NDArray[np.float64] | None = None,
    how: How = How(),
) -> Night:
    """Return a night of ``plan``: postures with seconds, made at 20 Hz, low-passed, at 2 Hz.

    A posture is a name, or a roll in degrees that is lain in exactly.
    """
    body, posture, turns = _laid_out(plan, rng, how)
    at = np.arange(len(body)) / FINE_HZ
    steps = posture == "walking"
    shake = np.sin(2 * np.pi * 1.8 * at)[:, None] * [0.1, 0.05, 0.25]
    body = body + np.where(steps[:, None], shake + 0.05 * rng.standard_normal(body.shape), 0.0)
    body = body + 0.01 * np.sin(2 * np.pi * 0.25 * at)[:, None] * [0.3, 0.2, 1.0]
    body = with_jerks(body, rng, how.jerks_per_h)
    sensor = body @ (np.eye(3) if rotation is None else rotation).T
    error = how.sensor_error
    sensor = sensor * (1 + rng.uniform(-error, error, 3)) + rng.uniform(-error, error, 3)
    low = low_passed(sensor + 0.01 * rng.standard_normal(sensor.shape))
    middle = (np.arange(int(len(body) / FINE_HZ)) + 0.5) * FINE_HZ
    edges = np.flatnonzero(np.diff(np.r_[False, steps, False].astype(int)))
    return Night(
        track=as_track(low[:: int(FINE_HZ / RATE_HZ)]),
        walking=edges.reshape(-1, 2) / FINE_HZ,
        at_s=middle / FINE_HZ,
        posture=posture[middle.astype(int)],
        turn_s=np.array([turn[:2] for turn in turns]).reshape(-1, 2),
        turn_deg=np.array([turn[2] for turn in turns]),
    )


def as_track(gravity_g: NDArray[np.floating]) -> GravityTrack:
    """Return a track of ``gravity_g`` with nothing unusable."""
    return GravityTrack(
        start_s=0.0,
        gravity_g=np.asarray(gravity_g, dtype=np.float32),
        movement_g=np.zeros(len(gravity_g), dtype=np.float32),
        usable=np.ones(len(gravity_g), dtype=bool),
    )


def _laid_out(
    plan: list[tuple[str | float, float]], rng: np.random.Generator, how: How
) -> tuple[NDArray[np.float64], NDArray[np.str_], list[tuple[float, float, float]]]:
    """Return directions and postures at 20 Hz, and the turns (from, to, degrees)."""
    parts: list[NDArray[np.float64]] = []
    truth: list[str] = []
    turns = []
    for name, seconds in plan:
        roll, rise = _angles(name, rng, how)
        way = direction(roll, rise)
        if parts:
            before = parts[-1][-1]
            k = max(round(rng.uniform(*how.turn_s) * FINE_HZ), 2)
            angle = np.degrees(np.arccos(np.clip(before @ way, -1, 1)))
            turns.append((len(truth) / FINE_HZ, (len(truth) + k) / FINE_HZ, angle))
            parts.append(between(before, way, k))
            truth += [""] * k
        n = round(seconds * FINE_HZ)
        parts.append(np.repeat(way[None], n, axis=0))
        up = {"reclined": "upright", "upright": "upright", "walking": "walking"}
        truth += [up.get(str(name)) or named(roll)] * n
    return np.vstack(parts), np.array(truth), turns


def _angles(name: str | float, rng: np.random.Generator, how: How) -> tuple[float, float]:
    if isinstance(name, float):
        return name, 0.0
    if name in ELEVATION_DEG:
        return rng.normal(0, 10), ELEVATION_DEG[name] + rng.normal(0, 3)
    return ROLL_DEG[name] + np.clip(rng.normal(0, how.jitter_deg), -30, 30), rng.normal(5, 5)


def named(roll_deg: float) -> str:
    """Return the name of a roll."""
    off = (roll_deg + 180) % 360 - 180
    if abs(off) <= 45:
        return "supine"
    if abs(off) >= 135:
        return "prone"
    return "left" if off > 0 else "right"


def with_jerks(
    body: NDArray[np.float64], rng: np.random.Generator, per_h: float
) -> NDArray[np.float64]:
    """Return the night with short movements that lead nowhere, up to 0.5 g for 0.3 to 1.5 s."""
    n = round(len(body) / FINE_HZ / 3600 * per_h)
    out = body.copy()
    for at in rng.integers(0, len(body), n):
        k = round(rng.uniform(0.3, 1.5) * FINE_HZ)
        k = min(k, len(body) - at)
        shape = np.hanning(k + 2)[1:-1] * np.sin(np.linspace(0, 4 * np.pi, k))
        out[at : at + k] += 0.5 * shape[:, None] * rng.standard_normal(3)
    return out


def low_passed(sensor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return zero-phase low-passed samples, half power at 0.25 Hz."""
    k = int(8 * FINE_HZ)
    lag = np.arange(-k, k + 1) / FINE_HZ
    # Gaussian whose gain at 0.25 Hz is 1/sqrt(2)
    sigma = np.sqrt(np.log(2)) / (2 * np.pi * 0.25)
    kernel = np.exp(-(lag**2) / (2 * sigma**2))
    padded = np.pad(sensor, ((k, k), (0, 0)), mode="edge")
    return np.column_stack(
        [np.convolve(padded[:, i], kernel / kernel.sum(), mode="valid") for i in range(3)]
    )


def usual_plan(rng: np.random.Generator, hours: float = 7.0) -> list[tuple[str | float, float]]:
    """Return an adult's night: mostly supine and sides, out of bed twice."""
    plan: list[tuple[str | float, float]] = [("walking", 40.0), ("upright", 60.0)]
    spent, last = 0.0, ""
    outs = rng.uniform(0.2, 0.8, 2) * hours * 3600
    while spent < hours * 3600:
        if len(outs) and spent > outs.min():
            outs = np.delete(outs, np.argmin(outs))
            plan += [("reclined", 40.0), ("walking", 60.0), ("upright", 90.0), ("walking", 50.0)]
            plan += [("upright", 15.0)]
            last = ""
        shares = {"supine": 0.4, "left": 0.28, "right": 0.25, "prone": 0.07}
        shares.pop(last, None)
        weight = np.array(list(shares.values()))
        last = str(rng.choice(list(shares), p=weight / weight.sum()))
        lasting = float(rng.gamma(2.0, 500.0)) + 30
        plan.append((last, lasting))
        spent += lasting
    return plan
