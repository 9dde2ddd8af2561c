"""How an index depends on the onset threshold of EMG."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.settings import Settings

ONSETS_UV = (6.0, 8.0, 10.0)
"""The 8 uV of the standard, and 2 uV to each side.  Psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnsetIndex:
    """What one onset threshold gives.

    Attributes
    ----------
    onset_uv : float
        Above rest.
    movements_n : int
        Movements of the legs.
    index : Index
        The PLMS index, or per hour of the recording where there are no stages.
    """

    onset_uv: float
    movements_n: int
    index: Index


def onset_sensitivity(
    analyse: Callable[[Settings], NightReport],
    settings: Settings,
    onsets_uv: tuple[float, ...] = ONSETS_UV,
) -> tuple[OnsetIndex, ...]:
    """Return the index of periodic movements of the legs at several onset thresholds.

    Parameters
    ----------
    analyse : callable
        Returns the report of the night by settings.
    settings : Settings
        Of the report; only the onset threshold is changed.
    onsets_uv : tuple of float

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> found = onset_sensitivity(
    ...     lambda settings: analyse_night(night.recording, night.hypnogram, settings=settings),
    ...     Settings(),
    ... )
    >>> [one.onset_uv for one in found]
    [6.0, 8.0, 10.0]
    """
    found = []
    for onset_uv in onsets_uv:
        rule = replace(settings.emg.rule, onset_above_rest_uv=onset_uv)
        report = analyse(replace(settings, emg=replace(settings.emg, rule=rule)))
        legs = report.indices["legs"]
        index = legs["plms_index"]
        if index.value is None:
            index = legs["plm_index_recording"]
        # a movement of both legs is one
        n = legs["lm_n"].value
        found.append(OnsetIndex(onset_uv=onset_uv, movements_n=int(n or 0), index=index))
    return tuple(found)
