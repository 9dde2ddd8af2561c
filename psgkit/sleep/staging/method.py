"""What a staging library must offer, and the libraries there are.

A further library is a module with a class of ``StagingMethod`` and a line in ``staging_method``.
"""

from typing import Protocol

from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges
from psgkit.core.recording import Recording
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import StageEstimate
from psgkit.errors import SettingsError

METHODS = ("yasa",)


@dataclass(frozen=True, kw_only=True, slots=True)
class StagingRule:
    """Whether stages are estimated, and when an estimate is a caution; psgkit's own choice.

    Attributes
    ----------
    method : str
        ``yasa``, or empty: stages are not estimated.
    restage : bool
        Whether stages that a scorer gave are replaced by the estimate.
    min_probability : float
        Epochs whose most probable stage is less probable are listed for review.
    max_unsure_share : float
        Share of such epochs above which the confidence is a caution.
    """

    method: str = ""
    restage: bool = False
    min_probability: float = 0.5
    max_unsure_share: float = 0.1

    def __post_init__(self) -> None:
        if self.method not in ("", *METHODS):
            raise ValueError(f"method is one of {', '.join(METHODS)}, or empty: {self.method!r}")
        check_ranges(self, min_probability=(0.0, 1.0))


class StagingMethod(Protocol):
    """A library that estimates stages."""

    def version(self) -> str:
        """Return the version of the library; raise ``SettingsError`` if it is not installed."""
        ...

    def estimate(self, recording: Recording, sleeper: Sleeper) -> "StageEstimate | str":
        """Return the estimate, or why there can be none."""
        ...


def staging_method(name: str) -> StagingMethod:
    """Return the library called ``name``, which is installed.

    Raises
    ------
    SettingsError
        If there is no such method, or its library is not installed: with the line to type.

    Examples
    --------
    >>> staging_method("luna")
    Traceback (most recent call last):
    ...
    psgkit.errors.SettingsError: staging method: found 'luna', wanted one of yasa.
    """
    from psgkit.sleep.staging.by_yasa import Yasa

    if name not in METHODS:
        raise SettingsError("staging method", repr(name), f"one of {', '.join(METHODS)}")
    method = Yasa()
    method.version()
    return method
