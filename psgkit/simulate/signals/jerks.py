"""Movements in an accelerometer: jerks whose envelope has exact edges.

The envelope rises as a squared sine, stays, and falls likewise; a jerk lasts from where it crosses
``JERK_THRESHOLD_G`` to where it falls below it again, whatever the rate and the noise.  Under it a
jerk of one limb swings on an ellipse at 1.5 to 5 Hz, which never passes through zero; a large
movement is a mixture of several directions and frequencies.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.movements import Movements
from psgkit.core.site import Site
from psgkit.simulate.plan.activation import Activation, share_of_ramp
from psgkit.simulate.plan.body_kinds import ANKLES

JERK_THRESHOLD_G = 0.009
"""Three times the usual noise floor of an axis."""

JERK_G = (0.015, 0.3)
USUAL_G, USUAL_UV, FORCE_POWER, FORCE_LOG_SD = 0.06, 55.0, 0.7, 0.4
LARGE_FACTOR = 2.0
LAG_S = (0.02, 0.08)
END_SHIFT_S = (-0.1, 0.1)
RAMP_S = (0.08, 0.2)
JERK_HZ, LARGE_HZ = (1.5, 5.0), (0.5, 4.0)
ELLIPSE = 0.5
WAVES_OF_LARGE = 6
SEEN_ELSEWHERE = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Jerk:
    """An acceleration of one sensor.

    Attributes
    ----------
    onset_s, end_s : float
        Where the envelope crosses ``JERK_THRESHOLD_G``, whole milliseconds.
    site : Site
    kind : str
        Of the movement.
    amplitude_g : float
        Plateau of the envelope.
    ramp_s : float
    """

    onset_s: float
    end_s: float
    site: Site
    kind: str
    amplitude_g: float
    ramp_s: float

    @property
    def outside_s(self) -> float:
        """Return the time of the envelope above zero before the onset and after the end."""
        return self.ramp_s * share_of_ramp(JERK_THRESHOLD_G / self.amplitude_g)

    def envelope_g(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the envelope at ``times_s``.

        Examples
        --------
        >>> jerk = Jerk(onset_s=10.0, end_s=12.0, site=Site.LEFT_LEG, kind="plm",
        ...             amplitude_g=0.1, ramp_s=0.1)
        >>> jerk.envelope_g(np.array([9.0, 10.0, 11.0, 12.0])).round(6).tolist()
        [0.0, 0.009, 0.1, 0.009]
        """
        rise = np.clip((times_s - self.onset_s + self.outside_s) / self.ramp_s, 0.0, 1.0)
        fall = np.clip((self.end_s + self.outside_s - times_s) / self.ramp_s, 0.0, 1.0)
        ramps = np.sin(0.5 * np.pi * rise) ** 2 * np.sin(0.5 * np.pi * fall) ** 2
        return np.asarray(self.amplitude_g * ramps)


def jerks_of(
    rng: np.random.Generator, movements: Sequence[Activation], seen_of_legs: float
) -> tuple[Jerk, ...]:
    """Return the jerks of ``movements`` in accelerometers: all large ones, most of the others.

    Examples
    --------
    >>> burst = Activation(onset_s=10.0, end_s=12.0, site=Site.LEFT_LEG, kind="plm",
    ...                    amplitude_uv=60.0, tail=0.8, rise_s=0.1, fall_s=0.2)
    >>> [jerk.kind for jerk in jerks_of(np.random.default_rng(0), [burst], 1.0)]
    ['plm']
    """
    found = []
    for one in movements:
        # always the same count of random numbers, so that the share seen changes no movement
        drawn = rng.random()
        lag_s, shift_s = rng.uniform(*LAG_S), rng.uniform(*END_SHIFT_S)
        force = (one.amplitude_uv / USUAL_UV) ** FORCE_POWER
        amplitude_g = USUAL_G * force * np.exp(FORCE_LOG_SD * rng.standard_normal())
        ramp_s = float(rng.uniform(*RAMP_S))
        large = one.kind == "large"
        if drawn >= (1.0 if large else seen_of_legs if one.site in ANKLES else SEEN_ELSEWHERE):
            continue
        found.append(
            Jerk(
                onset_s=round(one.onset_s + lag_s, 3),
                end_s=round(one.end_s + shift_s, 3),
                site=one.site,
                kind=one.kind,
                amplitude_g=float(np.clip(amplitude_g * (LARGE_FACTOR if large else 1.0), *JERK_G)),
                ramp_s=ramp_s,
            )
        )
    return tuple(sorted(found, key=lambda jerk: (jerk.onset_s, jerk.site)))


def add_jerks(
    rng: np.random.Generator,
    moving_g: NDArray[np.float32],
    rate_hz: float,
    jerks: Sequence[Jerk],
) -> None:
    """Add ``jerks`` to the acceleration ``moving_g``, shape (n, 3), in place."""
    for jerk in jerks:
        first = max(0, int((jerk.onset_s - jerk.outside_s) * rate_hz))
        part = moving_g[first : int((jerk.end_s + jerk.outside_s) * rate_hz) + 2]
        times_s = (first + np.arange(len(part))) / rate_hz
        swing = _mixed(rng, times_s) if jerk.kind == "large" else _ellipse(rng, times_s)
        part += (jerk.envelope_g(times_s)[:, None] * swing).astype(np.float32)


def directions(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Return ``n`` random unit vectors, shape (n, 3)."""
    drawn = rng.standard_normal((n, 3))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def as_accelerometer_movements(jerks: Sequence[Jerk], labels: dict[Site, str]) -> Movements:
    """Return the table of ``jerks``, row for row; ``labels`` are those of the sensors."""
    return Movements(
        onset_s=np.array([one.onset_s for one in jerks], dtype=np.float64),
        end_s=np.array([one.end_s for one in jerks], dtype=np.float64),
        site=words([one.site for one in jerks]),
        n_parts=np.ones(len(jerks), dtype=np.int64),
        amplitude=np.array([one.amplitude_g for one in jerks], dtype=np.float64),
        channels=tuple(tuple(f"{labels[one.site]} {axis}" for axis in "XYZ") for one in jerks),
        modality=words(["accelerometer"] * len(jerks)),
        amplitude_unit=words(["g"] * len(jerks)),
    )


def _ellipse(rng: np.random.Generator, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a swing of length 0.5 to 1 on an ellipse, shape (n, 3)."""
    along, other = directions(rng, 2)
    across = np.cross(along, other)
    across /= np.linalg.norm(across)
    phase = 2.0 * np.pi * rng.uniform(*JERK_HZ) * (times_s - times_s[0])
    return np.asarray(np.outer(np.cos(phase), along) + ELLIPSE * np.outer(np.sin(phase), across))


def _mixed(rng: np.random.Generator, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a swing in many directions, of root mean square 1, shape (n, 3)."""
    hz = rng.uniform(*LARGE_HZ, WAVES_OF_LARGE)
    phase = 2.0 * np.pi * (np.outer(times_s, hz) + rng.uniform(size=WAVES_OF_LARGE))
    return np.asarray(np.sin(phase) @ directions(rng, WAVES_OF_LARGE) * np.sqrt(2 / WAVES_OF_LARGE))
