"""How the index of periodic leg movements depends on the thresholds of EMG."""

from collections.abc import Callable
from dataclasses import replace

from psgkit.core.night_report import NightReport
from psgkit.core.threshold_index import ThresholdIndex
from psgkit.settings import GivenSettings, Settings

ONSETS_UV = (4.0, 6.0, 8.0, 10.0, 12.0, 16.0)
OFFSETS_UV = (1.0, 2.0, 3.0, 4.0)
"""The 8 and 2 uV of the standard, and half to twice of each.  Psgkit's own choice."""


def threshold_sensitivity(
    analyse: Callable[[Settings], NightReport],
    settings: GivenSettings = None,
    onsets_uv: tuple[float, ...] = ONSETS_UV,
    offsets_uv: tuple[float, ...] = OFFSETS_UV,
) -> tuple[ThresholdIndex, ...]:
    """Return the index of periodic leg movements at several onset and offset thresholds.

    Each onset threshold is tried with the offset threshold of the settings, and each offset
    threshold with the onset threshold of the settings.  An onset threshold not above the offset
    threshold is left out.

    Parameters
    ----------
    analyse : callable
        Returns the report of the night by settings.
    settings : Settings, optional
        Or a rule set (``psgkit.AASM_3``), or its name (``"aasm3"``).
        Of the report; only the two thresholds are changed.
    onsets_uv, offsets_uv : tuple of float
        Above rest.

    Returns
    -------
    tuple of ThresholdIndex
        By onset, then by offset threshold.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> found = threshold_sensitivity(
    ...     lambda own: analyse_night(night.recording, night.hypnogram, settings=own),
    ...     onsets_uv=(6.0, 8.0),
    ...     offsets_uv=(2.0, 3.0),
    ... )
    >>> [(one.onset_uv, one.offset_uv) for one in found]
    [(6.0, 2.0), (8.0, 2.0), (8.0, 3.0)]
    """
    settings = Settings.of(settings)
    own = settings.emg.rule
    pairs = {(onset_uv, own.offset_above_rest_uv) for onset_uv in onsets_uv}
    pairs |= {(own.onset_above_rest_uv, offset_uv) for offset_uv in offsets_uv}
    pairs = {(onset_uv, offset_uv) for onset_uv, offset_uv in pairs if onset_uv > offset_uv}
    return tuple(_at(pair, analyse, settings) for pair in sorted(pairs))


def _at(
    pair_uv: tuple[float, float], analyse: Callable[[Settings], NightReport], settings: Settings
) -> ThresholdIndex:
    """Return the index at an onset and an offset threshold."""
    onset_uv, offset_uv = pair_uv
    rule = replace(settings.emg.rule, onset_above_rest_uv=onset_uv, offset_above_rest_uv=offset_uv)
    legs = analyse(replace(settings, emg=replace(settings.emg, rule=rule))).indices["legs"]
    index = legs["plms_index"]
    if index.value is None:
        index = legs["plm_index_recording"]
    return ThresholdIndex(
        onset_uv=onset_uv,
        offset_uv=offset_uv,
        movements_n=int(legs["lm_n"].value or 0),
        index=index,
    )
