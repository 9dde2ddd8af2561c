"""How a simulated night is recorded: levels, noise, and what disturbs the signals."""

import math
from dataclasses import dataclass

LOWEST_RATE_HZ = 50.0
EPOCH_S = 30.0
ONSET_ABOVE_REST_UV = 8.0
OFFSET_ABOVE_REST_UV = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulationOptions:
    """Levels and switches; a level of 0 (or None where allowed) switches its part off.

    ``rate_hz``, ``rest_*``, ``mains_*``, ``ecg_*`` and the heart rate change no event, and twitches
    and faint bursts no movement; the others change what happens when.

    Attributes
    ----------
    rate_hz : float
        Rate of the EMG; an epoch of 30 s must hold whole samples.
    rest_uv_rms : float
        Usual resting EMG, root mean square, uV.
    rest_drift : float
        How much the resting level wanders, standard deviation of its logarithm: half of it slowly,
        half in steps where the sleeper turns over.
    mains_hz, mains_uv : float or None, float
        Frequency of the mains hum (None: none) and its root mean square in uV.  At or above
        0.45 of the rate there is none: the recorder filters it out before it samples.
    ecg_leak_uv : float
        Peak of the QRS complexes that leak into the EMG, uV.
    ecg_rate_hz : float or None
        Rate of the ECG channel; None leaves the channel out.
    heart_rate_per_min : float
        Mean heart rate; it varies with breath and over minutes.
    amplitude_uv, amplitude_log_sd : float
        Median of the plateau of a movement, rectified mean above rest in uV, and the standard
        deviation of its logarithm.
    amplitude_min_uv, amplitude_max_uv : float
        Limits of it.
    bilateral_lag_s : float
        Largest lag of the second leg, seconds; below 0.5, or it would not be one movement.
    twitches_per_h : float
        Twitches (0.1 to 0.35 s) an hour, too short to be movements.
    faint_bursts_per_h : float
        Bursts an hour that stay between 2.5 and 4 uV above rest, too weak to be movements.
    long_movements_per_h, respiratory_per_h : float or None
        Movements above 10 s, and apneas and hypopneas, an hour; None: as usual for the kind.
    """

    rate_hz: float = 256.0
    rest_uv_rms: float = 2.0
    rest_drift: float = 0.25
    mains_hz: float | None = 50.0
    mains_uv: float = 0.6
    ecg_leak_uv: float = 5.0
    ecg_rate_hz: float | None = 128.0
    heart_rate_per_min: float = 62.0
    amplitude_uv: float = 55.0
    amplitude_log_sd: float = 0.6
    amplitude_min_uv: float = 14.0
    amplitude_max_uv: float = 400.0
    bilateral_lag_s: float = 0.4
    twitches_per_h: float = 12.0
    faint_bursts_per_h: float = 6.0
    long_movements_per_h: float | None = None
    respiratory_per_h: float | None = None

    def __post_init__(self) -> None:
        for name in ("rate_hz", "ecg_rate_hz"):
            _check_rate(name, getattr(self, name))
        _check_range("rest_uv_rms", self.rest_uv_rms, above=0.0, up_to=10.0)
        _check_range("rest_drift", self.rest_drift, up_to=1.0)
        _check_range("mains_hz", self.mains_hz, above=0.0)
        _check_range("mains_uv", self.mains_uv, up_to=1000.0)
        _check_range("ecg_leak_uv", self.ecg_leak_uv, up_to=1000.0)
        _check_range("heart_rate_per_min", self.heart_rate_per_min, above=20.0, up_to=110.0)
        _check_range("amplitude_log_sd", self.amplitude_log_sd, up_to=2.0)
        _check_range("amplitude_min_uv", self.amplitude_min_uv, above=ONSET_ABOVE_REST_UV)
        _check_range("amplitude_max_uv", self.amplitude_max_uv, up_to=500.0)
        _check_range("bilateral_lag_s", self.bilateral_lag_s, up_to=0.45)
        for name in ("twitches", "faint_bursts", "long_movements", "respiratory"):
            _check_range(f"{name}_per_h", getattr(self, f"{name}_per_h"), up_to=120.0)
        if not self.amplitude_min_uv < self.amplitude_uv < self.amplitude_max_uv:
            raise ValueError(
                f"amplitude_uv must lie between amplitude_min_uv and amplitude_max_uv, got "
                f"{self.amplitude_min_uv}, {self.amplitude_uv}, {self.amplitude_max_uv}"
            )


def _check_rate(name: str, rate_hz: float | None) -> None:
    """Raise ``ValueError`` unless an epoch holds whole samples of a usable rate."""
    if rate_hz is None and name == "ecg_rate_hz":
        return
    if rate_hz is None or not LOWEST_RATE_HZ <= rate_hz < math.inf:
        raise ValueError(f"{name} must be at least {LOWEST_RATE_HZ:g} Hz, got {rate_hz}")
    if not float(rate_hz * EPOCH_S).is_integer():
        raise ValueError(f"{name} must put whole samples into {EPOCH_S:g} s, got {rate_hz}")


def _check_range(
    name: str, value: float | None, *, above: float = -math.inf, up_to: float = math.inf
) -> None:
    """Raise ``ValueError`` unless ``value`` is None or lies in [0, up_to] and above ``above``."""
    if value is not None and not (0 <= value <= up_to and above < value < math.inf):
        low = f"above {above:g}" if above > 0 else "at least 0" if above < 0 else "above 0"
        raise ValueError(f"{name} must be {low} and at most {up_to:g}, got {value}")
