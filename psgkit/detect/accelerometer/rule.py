"""When acceleration is a limb jerk, a gross movement, or a change of position, as data."""

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True, slots=True)
class AccelerometerRule:
    """When a sensor moved, and how.

    No standard exists.  The rule sheet's default (on at 8 times the noise floor or 20 mg, off at
    0.3 of that, 1 s drop-out, gross from 20 degrees or 10 s on) has the numbers of engineers; its
    on threshold misses movements a few times above the floor of a quiet sensor.  Means over half a
    second scatter so little that noise reaches 1.65 times the floor once in 20 hours, so
    that is required here.  All numbers but the 20 degrees and 10 s are psgkit's own choice.

    Attributes
    ----------
    level_s : float
        Length of the mean of the magnitude that is compared with the thresholds.
    on_above_floor, off_above_floor : float
        A movement reaches this many times the floor; quiet is at or below that many.  With three
        axes: fewer scatter more, see ``for_axes``.
    on_above_swell, off_above_swell : float
        The same for the swell, what the loudest half second of every 5 s reaches: noise alone
        reaches 1.2 times the floor, breath and pulse more.
    min_on_g, min_off_g : float
        The thresholds never fall below these, whatever a sensor without noise says.
    hold_s : float
        A movement ends with quiet of this length; as it is quiet of means over ``level_s``, pauses
        of about ``level_s + hold_s`` are bridged.
    min_duration_s : float
        Shorter is no movement.
    floor_window_s, floor_quantile, swell_quantile : float
        Floor and swell are the low levels of this long before and after, whichever is larger, of
        cells of half a second and of the largest in 5 s; movements may fill all but these shares.
    max_step_g : float
        A recorder with larger steps is refused: the default threshold of the rule sheet.
    step_share : float
        The on threshold is at least this many steps of the recorder: one that toggles is no
        movement.
    max_floor_g : float
        More than this is no noise: a sensor that is never still has movements, not a floor.
    max_swell_g : float
        More than this is no breath or pulse: jerks every few seconds are still jerks.
    edge_above_floor, edge_of_peak : float
        Within a movement the deviation from the rest before (and after) it begins (and ends) where
        it lies above so many floors, or above this share of its peak, whichever is more.
    position_change_deg : float
        A movement after which gravity points this much elsewhere is a change of position.
    tilt_deg, tilt_of_chord : float
        From this angle on it is one already if its peak is no more than the change of gravity
        itself makes, this many times the length of the change in g.
    gross_s : float
        A movement that lasts longer than this is a gross one.
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

    def __post_init__(self) -> None:
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
        if not 0 < self.floor_quantile < 1:
            raise ValueError(f"a quantile lies between 0 and 1, got {self.floor_quantile}")
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
