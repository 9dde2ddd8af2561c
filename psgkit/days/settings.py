"""Every number that decides a report of days, in one frozen object."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from psgkit.conditioning.acceleration.activity_counts import CountRule
from psgkit.conditioning.wear.counts import ZeroRunRule
from psgkit.days.cleaning import CleaningRule
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
"""What the rhythm is taken from: counts (of the device where it has any, else of psgkit), or the
mean ENMO or MAD of each minute in mg, which need raw acceleration of three axes."""
WORN_AT_NIGHT = ZeroRunRule(
    name="no count for 3 h (psgkit's own, for devices that are worn at night)",
    min_run_min=180,
    spike_min=0,
    spike_below=0.0,
    around_min=1,
)
"""Somebody asleep moves an arm several times an hour; a device on a table does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysSettings:
    """How days are analysed.

    Attributes
    ----------
    night : Settings
        Of movements, trains, walking and posture, as for a night.
    sleep_by : str
        One of ``METHODS``; empty for ``van_hees`` where an arm's angle can be had, else
        ``cole_kripke_1min_webster``.
    sleep_place : str
        Which sensor; empty for a wrist, else the first there is.
    activity_by : str
        One of ``ACTIVITIES``.
    count_scale : float or None
        What counts are multiplied by before they meet the constants of a method; None for what is
        known about their definition (see ``count_scale`` of ``analysis.days_sleep``).
    cleaning : CleaningRule
        Calibration, and what is not worn; here counts must be zero for three hours on end, because
        ninety minutes of zeros, the published rule for hips, are ordinary sleep at a wrist.
    still_blocks : int
        A leg or a trunk is not worn after so many quarters of an hour at rest on all axes; an arm
        is after the hour of the published rule.  A leg may lie still for long; ours.
    min_minute_valid : float
        A minute of which a smaller share is valid has no activity; ours.
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
    """Return the settings of a TOML file, of which ``options`` take precedence.

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
