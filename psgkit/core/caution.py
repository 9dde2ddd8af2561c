"""Cautions: what a reader of a report must know before its numbers, and the limits they use."""

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Severity
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True)
class Caution:
    """One reason why numbers of a report may be wrong or may not be comparable.

    Attributes
    ----------
    code : str
        Stable name for programs, such as ``one_leg``; that of a finding if it comes from one.
    severity : {"info", "warning", "error"}
        As of a finding.
    message : str
        What is the matter, in one sentence.
    advice : str
        What to do about it; may be empty.
    concerns : tuple of str
        Groups of indices (``legs``), or single ones (``legs.plms_index``).
    """

    code: str
    severity: Severity
    message: str
    advice: str = ""
    concerns: tuple[str, ...] = ()

    def touches(self, group: str, name: str) -> bool:
        """Return whether the caution concerns an index.

        Examples
        --------
        >>> only_legs = Caution(code="one_leg", severity="warning", message="", concerns=("legs",))
        >>> only_legs.touches("legs", "plms_index"), only_legs.touches("arms", "plms_index")
        (True, False)
        """
        return group in self.concerns or f"{group}.{name}" in self.concerns


@dataclass(frozen=True, kw_only=True, slots=True)
class CautionRule:
    """Limits of the cautions of a night; psgkit's own choice.

    Attributes
    ----------
    min_recorded_h, min_sleep_h : float
        A shorter recording, or less sleep, is a caution.
    min_stage_min : float
        Time in a stage below which its rates are uncertain.
    concentrated_min : float
        If all leg movements lie within so short a time, that is a caution.
    max_rate_per_h : float
        A higher rate of movements or arousals is implausible.
    max_unscored_share : float
        Of the time between lights off and on; more is a caution.
    max_unscored_for_efficiency : float
        Share of unscored time above which sleep efficiency is not given.
    min_kappa : float
        Agreement of given stages with those annotated in the recording; less is a caution.
    max_sleep_outside_min : float
        Sleep scored before lights off or after lights on; more is a caution.
    max_wake_event_ratio : float
        Arousals and respiratory events per hour of wake, by those per hour of sleep; more is a
        caution, because both are defined in sleep.
    max_bilateral : float
        Share of leg movements in both channels; more is a caution where sides are assumed.
    max_gap_share : float
        Of the time from start to end; more without recording is a caution.
    """

    min_recorded_h: float = 4.0
    min_sleep_h: float = 4.0
    min_stage_min: float = 30.0
    concentrated_min: float = 30.0
    max_rate_per_h: float = 150.0
    max_unscored_share: float = 0.05
    max_unscored_for_efficiency: float = 0.2
    min_kappa: float = 0.4
    max_sleep_outside_min: float = 5.0
    max_wake_event_ratio: float = 0.5
    max_bilateral: float = 0.95
    max_gap_share: float = 0.05

    def __post_init__(self) -> None:
        check_ranges(self)
