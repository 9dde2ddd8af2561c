"""When acceleration is a limb jerk, a gross movement, or a change of position, as data."""

import math
from dataclasses import field, replace

from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges
from psgkit.detect.accelerometer.breath import BreathRule


@dataclass(frozen=True, kw_only=True, slots=True)
class AccelerometerRule:
    """When acceleration is a movement, and of which kind.

    No standard exists.  The rule sheet suggests: on at 8 times the noise floor or 20 mg, off at
    0.3 of that, 1 s drop-out, gross from 20 degrees or 10 s on.  That on threshold misses movements
    a few times above the floor of a quiet sensor.  Here it is 1.65 times the floor, which means of
    noise over half a second reach once in 20 hours.  All numbers but the 20 degrees and 10 s are
    psgkit's own choice.

    Attributes
    ----------
    level_s : float
        Length of the mean of the magnitude that is compared with the thresholds.
    on_above_floor, off_above_floor : float
        A movement reaches the first multiple of the floor; quiet is at or below the second.  For
        three axes; see ``for_axes``.
    on_above_swell, off_above_swell : float
        The same for the swell, what the loudest half second of every 5 s reaches: noise alone
        reaches 1.2 times the floor, breath and pulse more.
    min_on_g, min_off_g : float
        Lower limits of the thresholds, for sensors with very little noise.
    hold_s : float
        A movement ends with quiet of this length.  Quiet is judged on means over ``level_s``, so
        pauses of up to about ``level_s + hold_s`` are bridged.
    min_duration_s : float
        Minimum duration of a movement.
    floor_window_s, floor_quantile, swell_quantile : float
        Floor and swell are these quantiles of the window before and of the window after, whichever
        is larger: the floor of cells of half a second, the swell of the maximum in every 5 s.
    max_step_g : float
        A recorder with larger steps is refused: the default threshold of the rule sheet.
    step_share : float
        The on threshold is at least this many steps of the recorder, so that a toggling last bit
        is no movement.
    max_floor_g : float
        Upper limit of the floor; more is movement of a sensor that is never still.
    max_swell_g : float
        Upper limit of the swell; more is jerks every few seconds, not breath or pulse.
    edge_above_floor, edge_of_peak : float
        A movement begins (ends) where its deviation from the rest before (after) it exceeds this
        multiple of the floor or this share of its peak, whichever is more.
    position_change_deg : float
        A movement after which gravity points this much elsewhere is a change of position.
    tilt_deg, tilt_of_chord : float
        From this smaller angle on it is one if its peak is at most ``tilt_of_chord`` times the
        change of gravity in g: the movement shows nothing but the turn itself.
    gross_s : float
        A longer movement is a gross one.
    breath : BreathRule
        Breath in the rest beside a movement is no part of its deviation.
    """

    level_s: float = 0.5
    on_above_floor: float = 1.65
    off_above_floor: float = 1.3
    on_above_swell: float = 1.4
    off_above_swell: float = 1.1
    min_on_g: float = 0.0025
    min_off_g: float = 0.0015
    hold_s: float = 0.4
    min_duration_s: float = 0.5
    floor_window_s: float = 120.0
    floor_quantile: float = 0.2
    swell_quantile: float = 0.15
    max_step_g: float = 0.02
    step_share: float = 0.75
    max_floor_g: float = 0.03
    max_swell_g: float = 0.012
    edge_above_floor: float = 1.5
    edge_of_peak: float = 0.05
    position_change_deg: float = 20.0
    tilt_deg: float = 10.0
    tilt_of_chord: float = 0.8
    gross_s: float = 10.0
    breath: BreathRule = field(default_factory=BreathRule)

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 1 < self.off_above_floor < self.on_above_floor:
            raise ValueError(
                "off and on must lie above the floor in this order, got "
                f"{self.off_above_floor} and {self.on_above_floor}"
            )
        if not 0 < self.min_off_g <= self.min_on_g <= self.max_floor_g:
            raise ValueError(
                "0 < min_off_g <= min_on_g <= max_floor_g is needed, got "
                f"{self.min_off_g}, {self.min_on_g} and {self.max_floor_g}"
            )
        for name in ("floor_quantile", "swell_quantile"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} lies between 0 and 1, got {getattr(self, name)}")
        if not (0 < self.tilt_deg <= self.position_change_deg < 180):  # noqa: PLR2004 - half a turn
            raise ValueError(
                "0 < tilt_deg <= position_change_deg < 180 is needed, got "
                f"{self.tilt_deg} and {self.position_change_deg}"
            )
        if min(self.level_s, self.hold_s, self.min_duration_s, self.gross_s) <= 0:
            raise ValueError(f"durations must be positive, got {self}")

    def for_step(self, step_g: float) -> "AccelerometerRule":
        """Return the rule for a recorder with steps of ``step_g``.

        Examples
        --------
        >>> AccelerometerRule().for_step(0.016).min_on_g
        0.012
        """
        least = min(self.step_share * step_g, self.max_floor_g)
        if least <= self.min_on_g:
            return self
        share = self.min_off_g / self.min_on_g
        return replace(self, min_on_g=least, min_off_g=share * least)

    def for_axes(self, n_axes: int) -> "AccelerometerRule":
        """Return the rule for a sensor with so many axes: the magnitude of fewer scatters more.

        Examples
        --------
        >>> round(AccelerometerRule().for_axes(1).on_above_floor, 2)
        2.13
        """
        if n_axes >= 3:  # noqa: PLR2004 - space has three
            return self
        wider = math.sqrt(3 / n_axes)
        return replace(
            self,
            on_above_floor=1 + wider * (self.on_above_floor - 1),
            off_above_floor=1 + wider * (self.off_above_floor - 1),
            on_above_swell=1 + wider * (self.on_above_swell - 1),
        )
