"""Every number that decides a report of days."""

from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from psgkit.conditioning.acceleration.activity_counts import CountRule
from psgkit.conditioning.acceleration.calibration import CalibrationRule
from psgkit.conditioning.wear.counts import CHOI_2011, ZeroRunRule
from psgkit.conditioning.wear.sensors import NonWearRule
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges
from psgkit.errors import SettingsError
from psgkit.indices.days.cosinor import CosinorRule
from psgkit.indices.days.rest_activity import RestActivityRule
from psgkit.indices.days.rest_movement import RestMovementRule
from psgkit.indices.days.rest_transitions import TransitionRule
from psgkit.indices.days.sleep_regularity import RegularityRule
from psgkit.settings import Settings, settings_from, settings_table, with_changes
from psgkit.sleep.from_movement.actigraphy import METHODS
from psgkit.sleep.from_movement.sleep_window import WindowRule
from psgkit.sleep.from_movement.sustained_inactivity import InactivityRule

ACTIVITIES = ("counts", "enmo", "mad")
"""Activity for the rhythm: counts (of the device where it has any, else of psgkit), or the mean
ENMO or MAD of each minute in mg, which need raw acceleration of three axes."""
WORN_AT_NIGHT = ZeroRunRule(
    name="no count for 3 h (psgkit's own, for devices that are worn at night)",
    min_run_min=180,
    spike_min=0,
    spike_below=0.0,
    around_min=1,
)
"""A sleeper moves an arm several times an hour; a device on a table does not move."""
_STILL_MOMENTS = 1440
"""Windows checked to calibrate a sensor; psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CleaningRule:
    """How days are cleaned.

    Attributes
    ----------
    calibration : CalibrationRule
    non_wear : NonWearRule
        For samples.
    zero_runs : ZeroRunRule
        For counts.
    fill : bool
        Whether missing epochs of counts are filled by the mean of their time of day, and marked.
    """

    calibration: CalibrationRule = field(
        default_factory=lambda: CalibrationRule(max_windows=_STILL_MOMENTS)
    )
    non_wear: NonWearRule = field(default_factory=NonWearRule)
    zero_runs: ZeroRunRule = CHOI_2011
    fill: bool = False

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysSettings:
    """How days are analysed.

    Attributes
    ----------
    night : Settings
        Of movements, trains, walking and posture, as for a night.
    sleep_by : str
        One of ``METHODS``; empty for ``van_hees`` where the angle of an arm is measured, for
        ``oakley_medium_60s`` (or of its epochs) on counts of an Actiwatch, else for
        ``cole_kripke_1min_webster``.
    sleep_place : str
        Place of the sensor; empty for a wrist, else the first sensor.
    activity_by : str
        One of ``ACTIVITIES``.
    count_scale : float or None
        Factor from counts to the units of a method; None for the factor known for their definition
        (``days.sleep.count_scale``).
    cleaning : CleaningRule
        Calibration and non-wear; counts must be zero for three hours on end, because ninety minutes
        of zeros, the published rule for hips, are ordinary sleep at a wrist.
    still_blocks : int
        Quarters of an hour at rest on all axes after which a leg or trunk sensor counts as not
        worn (an arm: the published hour).  Legs lie still for long; psgkit's own choice.
    min_minute_valid : float
        A minute of which a smaller share is valid has no activity; psgkit's own choice.
    """

    night: Settings = field(default_factory=Settings)
    sleep_by: str = ""
    sleep_place: str = ""
    activity_by: str = "counts"
    count_scale: float | None = None
    cleaning: CleaningRule = field(default_factory=lambda: CleaningRule(zero_runs=WORN_AT_NIGHT))
    still_blocks: int = 12
    min_minute_valid: float = 0.5
    counts: CountRule = field(default_factory=CountRule)
    inactivity: InactivityRule = field(default_factory=InactivityRule)
    window: WindowRule = field(default_factory=WindowRule)
    rhythm: RestActivityRule = field(default_factory=RestActivityRule)
    cosinor: CosinorRule = field(default_factory=CosinorRule)
    regularity: RegularityRule = field(default_factory=RegularityRule)
    transitions: TransitionRule = field(default_factory=TransitionRule)
    rest: RestMovementRule = field(default_factory=RestMovementRule)

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.sleep_by and self.sleep_by not in METHODS:
            raise ValueError(f"sleep is scored by one of {', '.join(METHODS)}")
        if self.activity_by not in ACTIVITIES:
            raise ValueError(f"activity is one of {', '.join(ACTIVITIES)}")
        if self.count_scale is not None and not self.count_scale > 0:
            raise ValueError(f"a scale of counts is above 0, got {self.count_scale}")

    def as_dict(self) -> dict[str, Any]:
        """Return every value that decides a result as plain data, in a fixed order."""
        return {**asdict(self), "night": self.night.as_dict()}


def read_days_settings(
    path: str | Path | None = None, options: Mapping[str, Any] | None = None
) -> DaysSettings:
    """Return the settings of a TOML file; ``options`` take precedence.

    Parameters
    ----------
    path : path, optional
        Fields of ``DaysSettings``; ``[night]`` holds the settings of a night, as ``psgkit report``
        takes them.
    options : mapping, optional
        Fields of ``DaysSettings``.

    Raises
    ------
    SettingsError
        Naming file, field, value and what was wanted.

    Examples
    --------
    >>> read_days_settings(options={"sleep_by": "sadeh_ps0"}).sleep_by
    'sadeh_ps0'
    """
    where = "settings" if path is None else Path(path).name
    changes = {} if path is None else settings_table(path)
    night = changes.pop("night", {})
    if not isinstance(night, Mapping):
        raise SettingsError(f"{where}: night", repr(night), "a table [night]")
    chosen = settings_from(night, where=f"{where}: night")
    default = asdict(DaysSettings(night=chosen))
    return with_changes(DaysSettings, default, {**changes, **(options or {})}, where)
