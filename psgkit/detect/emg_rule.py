"""The amplitude and duration rule for one limb movement (LM), as data."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class LimbMovementRule:
    """When surface EMG is a limb movement.

    WASM 2016 (Ferri et al., Sleep Med 26:86-95), AASM 2007 and later, and WASM 2006 (Zucconi et
    al., Sleep Med 7:175-183) agree on the first four numbers; the fifth and sixth are the
    morphology test of WASM 2016 for computer detection.  All are confirmed second-hand, by a
    published comparison table and three implementations.

    The literal rule is about rectified samples.  On real noise "below rest + 2 uV for 0.5 s" never
    comes true sample by sample once resting EMG exceeds about 0.6 uV rms, so amplitude is read from
    short centred means of the rectified signal; their lengths are our choice.

    Attributes
    ----------
    onset_above_rest_uv : float
        An LM starts where the amplitude reaches rest plus this, included.
    offset_above_rest_uv : float
        Quiet is at or below rest plus this.
    offset_hold_s : float
        An LM ends at the start of a quiet stretch of at least this length.
    min_duration_s : float
        Shorter is no LM; exactly this long is one.
    morphology_above_rest_uv, morphology_s : float
        In some stretch of this length the median amplitude must lie at least this far above rest.
        0 switches the test off.
    amplitude_window_s : float
        Length of the mean that is compared with the thresholds.
    edge_window_s : float
        Length of the mean that places the end within that window; the onset is the first sample
        that reaches its threshold.
    """

    onset_above_rest_uv: float = 8.0
    offset_above_rest_uv: float = 2.0
    offset_hold_s: float = 0.5
    min_duration_s: float = 0.5
    morphology_above_rest_uv: float = 2.0
    morphology_s: float = 0.5
    amplitude_window_s: float = 0.1
    edge_window_s: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.offset_above_rest_uv < self.onset_above_rest_uv:
            raise ValueError(
                "offset threshold must be positive and below the onset threshold, got "
                f"{self.offset_above_rest_uv} and {self.onset_above_rest_uv} uV"
            )
        if not 0 < self.edge_window_s <= self.amplitude_window_s < self.offset_hold_s:
            raise ValueError(
                "windows must satisfy 0 < edge_window_s <= amplitude_window_s < offset_hold_s, got "
                f"{self.edge_window_s}, {self.amplitude_window_s} and {self.offset_hold_s} s"
            )
        if self.min_duration_s <= 0 or self.morphology_s <= 0 or self.morphology_above_rest_uv < 0:
            raise ValueError(f"durations must be positive and amplitudes not negative, got {self}")
