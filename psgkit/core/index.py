"""One index: a value with its numerator and denominator, or the reason why there is none.

The unit of a named index comes from the catalogue.
"""

from collections.abc import Iterable
from dataclasses import field

from psgkit.core.dataclass import dataclass
from psgkit.core.index_catalogue import unit_of
from psgkit.core.index_catalogue.entry import RATE, SHARE
from psgkit.core.shown import Shown
from psgkit.core.stage_source import is_estimate


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Index(Shown):
    """A count, rate, share or duration.

    ``value is None`` exactly when ``reason`` is set: an index that cannot be computed is never 0.
    ``denominator_h`` holds the hours of a rate; in recordings of days, the hours behind any index.
    ``stages_from`` says who or what gave the stages that the value depends on: ``scored`` or
    ``estimated by YASA 0.7.0, not scored``; None for an index that needs no stages.  A report sets
    it.

    Examples
    --------
    >>> Index.rate("plms_index", 30, 6.0, otherwise="no sleep scored").value
    5.0
    >>> Index.rate("plms_index", 0, 0.0, otherwise="no sleep scored").reason
    'no sleep scored'
    >>> Index.plain("tst_min", 400.0).unit
    'min'
    """

    name: str
    value: float | None
    unit: str
    numerator: float | None = None
    denominator_h: float | None = None
    reason: str | None = None
    stages_from: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError(
                f"{self.name}: an index has a value or a reason, got {self.value}, {self.reason}"
            )

    def _line(self) -> str:
        if self.value is None:
            return f"{self.name}: none, {self.reason}"
        value = f"{self.name}: {self.value:.6g} {self.unit}".rstrip()
        return f"{value} ({self.stages_from})" if is_estimate(self.stages_from) else value

    @classmethod
    def rate(cls, name: str, numerator: float, hours: float, *, otherwise: str) -> "Index":
        """Return ``numerator`` per hour, or the reason ``otherwise`` if there are no hours."""
        if hours <= 0:
            return cls.missing(name, otherwise, unit=RATE.unit)
        n, hours = float(numerator), float(hours)
        return cls(name=name, value=n / hours, unit=RATE.unit, numerator=n, denominator_h=hours)

    @classmethod
    def share(cls, name: str, numerator: float, of: float, *, otherwise: str) -> "Index":
        """Return ``numerator / of``, or the reason ``otherwise`` if ``of`` is nothing."""
        if of <= 0:
            return cls.missing(name, otherwise, unit=SHARE.unit)
        n = float(numerator)
        return cls(name=name, value=n / float(of), unit=SHARE.unit, numerator=n)

    @classmethod
    def plain(
        cls,
        name: str,
        value: float | None,
        unit: str | None = None,
        *,
        otherwise: str = "",
        numerator: float | None = None,
        denominator_h: float | None = None,
    ) -> "Index":
        """Return a count, a duration or the like; without a value the reason ``otherwise``."""
        if value is None:
            return cls.missing(name, otherwise, unit=unit)
        return cls(
            name=name,
            value=float(value),
            unit=unit_of(name) if unit is None else unit,
            numerator=numerator,
            denominator_h=denominator_h,
        )

    @classmethod
    def missing(cls, name: str, reason: str, *, unit: str | None = None) -> "Index":
        """Return an index that cannot be computed, with the reason."""
        unit = unit_of(name) if unit is None else unit
        return cls(name=name, value=None, unit=unit, reason=reason)


def all_missing(names: Iterable[str], reason: str, activity_unit: str = "") -> dict[str, Index]:
    """Return indices by name, none of which can be computed for one reason.

    Examples
    --------
    >>> all_missing(["plm_n", "plms_index"], "no leg channel")["plms_index"].unit
    '1/h'
    """
    units = {name: unit_of(name, activity_unit=activity_unit) for name in names}
    return {name: Index.missing(name, reason, unit=unit) for name, unit in units.items()}
