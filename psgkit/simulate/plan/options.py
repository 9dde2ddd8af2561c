"""Options of a simulated recording: levels, noise and disturbances of the signals."""

import math

from psgkit.core.dataclass import dataclass

LOWEST_RATE_HZ = 50.0
LOWEST_ACCELEROMETER_HZ = 20.0
EMG_MODELS = ("units", "noise")
ALL_SENSORS = "full"
SENSORS = ("legs", "arms", "trunk", "ankles", "wrists", "lumbar")
EPOCH_S = 30.0
ONSET_ABOVE_REST_UV = 8.0
OFFSET_ABOVE_REST_UV = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulationOptions:
    """Levels and switches; a level of 0 (or None where allowed) switches its part off.

    ``rate_hz``, ``emg``, ``rest_*``, ``mains_*``, ``ecg_*``, ``trunk_*``, ``accelerometer_*`` and
    the heart rate change no event, twitches and faint bursts no movement, and
    ``seen_by_accelerometer`` only which movements an accelerometer sees; the others change what
    happens when.

    Attributes
    ----------
    rate_hz : float
        Rate of the EMG; an epoch of 30 s must hold whole samples.
    emg : str
        ``units``: motor units, recruited as the movement grows; ``noise``: noise of 10 to 100 Hz.
    rest_uv_rms : float
        Usual resting EMG, root mean square from 10 to 100 Hz, uV.
    rest_drift : float
        Drift of the resting level, standard deviation of its logarithm: half of it slow, half in
        steps when the sleeper turns over.
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
        Movements above 10 s (with more than the legs: large movements), and apneas and hypopneas,
        an hour; None: as usual for the kind.
    sensors : str or None
        What is recorded beside the ECG: ``legs``, ``full``, or parts joined by ``+`` out of
        ``legs arms trunk ankles wrists lumbar``; the last three are accelerometers.  Parts change
        no event.  To compare kinds give ``full``, or the same parts, for all of them: None is the
        legs alone for ``healthy`` and ``rls``, everything for the other kinds, and ``healthy`` and
        ``rls`` of the legs alone are other, simpler nights.
    trunk_ecg_uv, trunk_breathing_uv : float or None, float
        Peak of the QRS complexes in the EMG of the trunk (None: 5 times ``amplitude_uv``), and by
        how much its level rises with each breath, root mean square, uV.
    accelerometer_rate_hz : float
        Rate of the accelerometers; an epoch of 30 s must hold whole samples.
    accelerometer_noise_g : float
        Noise floor of each axis, root mean square.
    accelerometer_gain_error, accelerometer_offset_g : float
        Standard deviation of the relative error of the gain and of the offset of each axis.
    seen_by_accelerometer : float
        Share of the leg movements in the EMG that move the ankle.
    rem_tonic_share, rem_phasic_per_min : float or None
        Share of the epochs of REM sleep in which the chin is tonic, and bursts of the chin a minute
        in the others.  None for both: the chin is not recorded.  They change nothing else.
    """

    rate_hz: float = 256.0
    emg: str = "units"
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
    sensors: str | None = None
    trunk_ecg_uv: float | None = None
    trunk_breathing_uv: float = 1.5
    accelerometer_rate_hz: float = 50.0
    accelerometer_noise_g: float = 0.003
    accelerometer_gain_error: float = 0.0
    accelerometer_offset_g: float = 0.0
    seen_by_accelerometer: float = 0.65
    rem_tonic_share: float | None = None
    rem_phasic_per_min: float | None = None

    def __post_init__(self) -> None:
        for name in ("rate_hz", "ecg_rate_hz"):
            _check_rate(name, getattr(self, name))
        if self.emg not in EMG_MODELS:
            raise ValueError(f"emg must be {' or '.join(EMG_MODELS)}, got {self.emg!r}")
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
        self._check_body()
        if not self.amplitude_min_uv < self.amplitude_uv < self.amplitude_max_uv:
            raise ValueError(
                f"amplitude_uv must lie between amplitude_min_uv and amplitude_max_uv, got "
                f"{self.amplitude_min_uv}, {self.amplitude_uv}, {self.amplitude_max_uv}"
            )

    def _check_body(self) -> None:
        """Raise ``ValueError`` if an option of trunk, arms or accelerometers is out of range."""
        _check_rate("accelerometer_rate_hz", self.accelerometer_rate_hz, LOWEST_ACCELEROMETER_HZ)
        _check_range("trunk_ecg_uv", self.trunk_ecg_uv, up_to=2000.0)
        _check_range("trunk_breathing_uv", self.trunk_breathing_uv, up_to=20.0)
        _check_range("accelerometer_noise_g", self.accelerometer_noise_g, up_to=0.1)
        _check_range("accelerometer_gain_error", self.accelerometer_gain_error, up_to=0.2)
        _check_range("accelerometer_offset_g", self.accelerometer_offset_g, up_to=0.2)
        _check_range("seen_by_accelerometer", self.seen_by_accelerometer, up_to=1.0)
        _check_range("rem_tonic_share", self.rem_tonic_share, up_to=1.0)
        _check_range("rem_phasic_per_min", self.rem_phasic_per_min, up_to=30.0)
        if self.sensors not in (None, ALL_SENSORS):
            strange = sorted(set(str(self.sensors).split("+")) - set(SENSORS))
            if strange:
                raise ValueError(
                    f"sensors must be full, or parts out of {' '.join(SENSORS)} joined by '+', "
                    f"got {self.sensors!r}"
                )

    @property
    def records_chin(self) -> bool:
        """Return whether the chin is recorded.

        Examples
        --------
        >>> SimulationOptions().records_chin, SimulationOptions(rem_phasic_per_min=0.0).records_chin
        (False, True)
        """
        return self.rem_tonic_share is not None or self.rem_phasic_per_min is not None

    def records(self, part: str) -> bool:
        """Return whether ``part``, one of ``SENSORS``, is recorded where more than legs are.

        Examples
        --------
        >>> SimulationOptions(sensors="legs+lumbar").records("trunk")
        False
        """
        return self.sensors in (None, ALL_SENSORS) or part in str(self.sensors).split("+")


def _check_rate(name: str, rate_hz: float | None, lowest_hz: float = LOWEST_RATE_HZ) -> None:
    """Raise ``ValueError`` unless an epoch holds whole samples of a usable rate."""
    if rate_hz is None and name == "ecg_rate_hz":
        return
    if rate_hz is None or not lowest_hz <= rate_hz < math.inf:
        raise ValueError(f"{name} must be at least {lowest_hz:g} Hz, got {rate_hz}")
    if not float(rate_hz * EPOCH_S).is_integer():
        raise ValueError(f"{name} must put whole samples into {EPOCH_S:g} s, got {rate_hz}")


def _check_range(
    name: str, value: float | None, *, above: float = -math.inf, up_to: float = math.inf
) -> None:
    """Raise ``ValueError`` unless ``value`` is None or lies in [0, up_to] and above ``above``."""
    if value is not None and not (0 <= value <= up_to and above < value < math.inf):
        low = f"above {above:g}" if above > 0 else "at least 0" if above < 0 else "above 0"
        raise ValueError(f"{name} must be {low} and at most {up_to:g}, got {value}")
