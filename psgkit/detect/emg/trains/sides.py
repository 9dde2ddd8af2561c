"""Rhythmic trains of all channels as one table, with their kinds.

Trains of both sides at the same time stay two rows: unlike two limb movements they are not fused,
because their order distinguishes alternating leg muscle activation from tremor of both feet.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.frozen import words
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.detect.emg.trains.find import Train
from psgkit.detect.emg.trains.rule import EmgRhythmRule

SiteTrains = tuple[str, str, tuple[Train, ...]]
"""Site, label of the channel, and its trains."""

_SIDES = ((Site.LEFT_LEG, Site.RIGHT_LEG), (Site.LEFT_ARM, Site.RIGHT_ARM))
_FEET = (Site.LEFT_LEG, Site.RIGHT_LEG, Site.BOTH_LEGS)


def rhythms_of(channels: Sequence[SiteTrains], rule: EmgRhythmRule) -> Rhythms:
    """Return the trains of channels of one group as a table, of unknown stage.

    Parameters
    ----------
    channels : sequence of (str, str, tuple of Train)
        Site, label and trains of each channel, in seconds of the recording.
    rule : EmgRhythmRule

    Returns
    -------
    Rhythms
        ``alma`` if the bursts alternate with those of the other side, else ``foot_tremor`` if they
        are of a leg and as long as those of tremor, else ``high_frequency``.

    Examples
    --------
    >>> len(rhythms_of([("left_leg", "LAT", ())], EmgRhythmRule()))
    0
    """
    tables = []
    for site, label, trains in channels:
        others = [
            other
            for there, _, theirs in channels
            if (site, there) in _SIDES or (there, site) in _SIDES
            for other in theirs
        ]
        alternating = np.array(
            [any(alternate(train, other, rule) for other in others) for train in trains],
            dtype=np.bool_,
        )
        kinds = [
            kind_of(train, site, bool(does), rule)
            for train, does in zip(trains, alternating, strict=True)
        ]
        tables.append(_table(site, label, trains, (kinds, alternating)))
    return Rhythms.joined(tables)


def alternate(one: Train, other: Train, rule: EmgRhythmRule) -> bool:
    """Return whether the bursts of two trains alternate, as those of both legs in ALMA do.

    While both last, their frequencies are alike, together they have at least ``min_bursts``, and
    the bursts of one lie half-way between those of the other: the mean phase lies within
    ``max_phase_error`` of half a cycle, and the phases agree at least by ``min_phase_locking``
    (length of the mean phase vector).
    """
    ratio = one.frequency_hz / other.frequency_hz
    if max(ratio, 1 / ratio) > rule.max_change_between:
        return False
    here, there = one.bursts.centre_s, other.bursts.centre_s
    after = np.searchsorted(there, here)
    inside = (after > 0) & (after < len(there))
    n_between = len(np.unique(after[inside]))
    # n_between + 1 bursts of the other side surround those inside
    if n_between + np.count_nonzero(inside) + 1 <= rule.min_bursts:
        return False
    before_s, after_s = there[after[inside] - 1], there[after[inside]]
    phase = (here[inside] - before_s) / (after_s - before_s)
    mean = np.mean(np.exp(2j * np.pi * phase))
    error = abs(abs(float(np.angle(mean))) / (2 * np.pi) - 0.5)
    return bool(error <= rule.max_phase_error and abs(mean) >= rule.min_phase_locking)


def kind_of(train: Train, site: str, alternates: bool, rule: EmgRhythmRule) -> str:  # noqa: FBT001
    """Return ``alma``, ``foot_tremor`` or ``high_frequency``."""
    pace, width = np.array([train.frequency_hz]), np.array([train.burst_s])
    slow_enough = rule.alma_frequency_hz.contains(pace)[0]
    if alternates and slow_enough and rule.alma_burst_s.contains(width)[0]:
        return "alma"
    if site in _FEET and rule.foot_tremor_burst_s.contains(width)[0]:
        return "foot_tremor"
    return "high_frequency"


def _table(
    site: str,
    label: str,
    trains: tuple[Train, ...],
    kinds: tuple[list[str], NDArray[np.bool_]],
) -> Rhythms:
    n = len(trains)
    return Rhythms(
        onset_s=np.array([train.onset_s for train in trains]),
        end_s=np.array([train.end_s for train in trains]),
        site=words([site] * n),
        place=words([label] * n),
        modality=words(["emg"] * n),
        kind=words(kinds[0]),
        frequency_hz=np.array([train.frequency_hz for train in trains]),
        bursts_n=np.array([len(train.bursts) for train in trains], dtype=np.int64),
        regularity=np.array([train.regularity for train in trains]),
        alternating=kinds[1],
        stage=words(["UNSCORED"] * n),
    )
