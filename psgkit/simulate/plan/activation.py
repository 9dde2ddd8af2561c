"""One activation of one muscle: onset, amplitude, and its profile over time.

Conventions: amplitudes are rectified means above the resting level, in uV.  The profile rises as a
squared sine, sinks slowly along its plateau and falls as a squared cosine.  The onset is where it
rises through ``threshold_uv`` (8 uV for movements and twitches, 2 uV for bursts that never reach
that), the end where it falls through 2 uV: both follow from the profile alone, whatever the rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.movements import Movements
from psgkit.core.site import Site
from psgkit.simulate.plan.kinds import ChannelPlan
from psgkit.simulate.plan.options import OFFSET_ABOVE_REST_UV, ONSET_ABOVE_REST_UV

LONGEST_RAMP_S = 0.2
POINTS_OF_MEAN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Activation:
    """A burst of one muscle.

    Attributes
    ----------
    onset_s, end_s : float
        Where the profile crosses its thresholds, whole milliseconds.
    site : Site
    kind : str
        ``plm``, ``isolated``... for movements; ``twitch`` or ``faint_burst``.
    amplitude_uv : float
        Start of the plateau.
    tail : float
        End of the plateau, as a share of its start.
    rise_s, fall_s : float
        Length of the ramps.
    threshold_uv : float
        What the onset crosses.
    """

    onset_s: float
    end_s: float
    site: Site
    kind: str
    amplitude_uv: float
    tail: float
    rise_s: float
    fall_s: float
    threshold_uv: float = ONSET_ABOVE_REST_UV

    def __post_init__(self) -> None:
        ends_above = self.tail * self.amplitude_uv > OFFSET_ABOVE_REST_UV
        if not (self.amplitude_uv > self.threshold_uv and ends_above):
            raise ValueError(f"an activation must cross its thresholds, got {self}")
        if not self.starts_s + self.rise_s <= self.falls_from_s:
            raise ValueError(f"the ramps do not fit into the activation: {self}")

    @property
    def starts_s(self) -> float:
        """Return the time at which the profile leaves zero."""
        share = self.threshold_uv / self.amplitude_uv
        return self.onset_s - self.rise_s * share_of_ramp(share)

    @property
    def falls_from_s(self) -> float:
        """Return the end of the plateau."""
        share = OFFSET_ABOVE_REST_UV / (self.amplitude_uv * self.tail)
        return self.end_s - self.fall_s * (1.0 - share_of_ramp(share))

    @property
    def stops_s(self) -> float:
        """Return the time at which the profile is zero again."""
        return self.falls_from_s + self.fall_s

    def later(self, seconds: float) -> "Activation":
        """Return the same activation ``seconds`` later."""
        onset_s = round(self.onset_s + seconds, 3)
        end_s = round(self.end_s + seconds, 3)
        return replace(self, onset_s=onset_s, end_s=end_s)

    def profile_uv(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the amplitude above rest at ``times_s``.

        Examples
        --------
        >>> burst = Activation(onset_s=10.0, end_s=12.0, site=Site.LEFT_LEG, kind="plm",
        ...                    amplitude_uv=60.0, tail=0.8, rise_s=0.1, fall_s=0.2)
        >>> burst.profile_uv(np.array([9.0, 10.0, 12.0, 13.0])).round(6).tolist()
        [0.0, 8.0, 2.0, 0.0]
        """
        rise = np.clip((times_s - self.starts_s) / self.rise_s, 0.0, 1.0)
        fall = np.clip((self.stops_s - times_s) / self.fall_s, 0.0, 1.0)
        plateau_s = max(self.falls_from_s - self.starts_s - self.rise_s, 1e-9)
        along = np.clip((times_s - self.starts_s - self.rise_s) / plateau_s, 0.0, 1.0)
        plateau_uv = self.amplitude_uv * (1.0 - (1.0 - self.tail) * along)
        ramps = np.sin(0.5 * np.pi * rise) ** 2 * np.sin(0.5 * np.pi * fall) ** 2
        return np.asarray(plateau_uv * ramps)

    def mean_uv(self) -> float:
        """Return the mean of the profile from onset to end."""
        steps = (np.arange(POINTS_OF_MEAN) + 0.5) / POINTS_OF_MEAN
        times_s = self.onset_s + (self.end_s - self.onset_s) * steps
        return float(self.profile_uv(times_s).mean())


def share_of_ramp(share: float) -> float:
    """Return the part of a squared-sine ramp at which ``share`` of its height is reached."""
    return float(2.0 / np.pi * np.arcsin(np.sqrt(share)))


def in_order(activations: Iterable[Activation]) -> list[Activation]:
    """Return the activations by onset, those of one onset by site."""
    return sorted(activations, key=lambda one: (one.onset_s, one.site))


def as_movements(activations: Sequence[Activation], channels: Sequence[ChannelPlan]) -> Movements:
    """Return the table of ``activations`` in order, one row for each."""
    sites = {one.site for one in activations}
    labels = {
        site: tuple(channel.label for channel in channels if channel.site == site) for site in sites
    }
    return Movements(
        onset_s=np.array([one.onset_s for one in activations], dtype=np.float64),
        end_s=np.array([one.end_s for one in activations], dtype=np.float64),
        site=np.array([str(one.site) for one in activations], dtype=np.str_),
        n_parts=np.ones(len(activations), dtype=np.int64),
        amplitude=np.array([one.mean_uv() for one in activations], dtype=np.float64),
        channels=tuple(labels[one.site] for one in activations),
        modality=words(["emg"] * len(activations)),
        amplitude_unit=words(["uV"] * len(activations)),
    )
