"""One index: a value with its numerator and denominator, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """A count, rate, share or duration.

    ``value is None`` exactly when ``reason`` is set: an index that cannot be computed is never 0.
    ``denominator_h`` is set for rates per hour, and in recordings of days to the hours that any
    index was made from.

    Examples
    --------
    >>> Index.rate("plms_index", 30, 6.0, otherwise="no sleep scored").value
    5.0
    >>> Index.rate("plms_index", 0, 0.0, otherwise="no sleep scored").reason
    'no sleep scored'
    """

    name: str
    value: float | None
    unit: str
    numerator: float | None = None
    denominator_h: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError(
                f"{self.name}: an index has a value or a reason, got {self.value}, {self.reason}"
            )

    @classmethod
    def rate(cls, name: str, numerator: float, hours: float, *, otherwise: str) -> "Index":
        """Return ``numerator`` per hour, or the reason ``otherwise`` if there are no hours."""
        if hours <= 0:
            return cls.missing(name, "1/h", otherwise)
        return cls(
            name=name,
            value=numerator / hours,
            unit="1/h",
            numerator=numerator,
            denominator_h=hours,
        )

    @classmethod
    def share(cls, name: str, numerator: float, of: float, *, otherwise: str) -> "Index":
        """Return ``numerator / of``, or the reason ``otherwise`` if ``of`` is nothing."""
        if of <= 0:
            return cls.missing(name, "1", otherwise)
        return cls(name=name, value=numerator / of, unit="1", numerator=numerator)

    @classmethod
    def plain(cls, name: str, value: float, unit: str) -> "Index":
        """Return a count or a duration that needs no denominator."""
        return cls(name=name, value=value, unit=unit)

    @classmethod
    def missing(cls, name: str, unit: str, reason: str) -> "Index":
        """Return an index that cannot be computed, with the reason."""
        return cls(name=name, value=None, unit=unit, reason=reason)
