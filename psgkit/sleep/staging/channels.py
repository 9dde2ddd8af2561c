"""EEG, EOG and chin EMG for automatic staging, chosen by role and label.

EEG: C4, then C3, each against the opposite mastoid (M1, M2; A1, A2 in older files), stored so or as
the difference of two channels; then other central, frontal and occipital channels.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import field

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.regex import regex

_ELECTRODES = ("C4", "C3", "CZ", "F4", "F3", "FZ", "O2", "O1", "PZ", "P4", "P3", "FPZ")
_DERIVATION = regex(
    r"(?<![a-z0-9])(?P<active>[cfop][34z12]|fpz|fp[12]|t[3-8])"
    r"(?:[\s:/_-]*(?P<reference>[ma][12]))?(?![a-z0-9])",
    re.IGNORECASE,
)
_MASTOID = regex(r"(?<![a-z0-9])[ma](?P<side>[12])(?![a-z0-9])", re.IGNORECASE)
_OPPOSITE = {"4": "1", "2": "1", "3": "2", "1": "2"}
_LEFT_EYE = regex(
    r"(?<![a-z0-9])(?:e1|loc|leog|eog[\s_-]*(?:l|left|1|links?|g)|l(?:eft)?[\s_-]*eog|eogl|eog1)"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivation:
    """One channel, or the difference of two."""

    label: str
    channel: Channel
    minus: Channel | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StagingChannels:
    """The derivations of a recording that a staging library gets, and why others are missing."""

    eeg: Derivation | None
    eog: Derivation | None
    chin: Derivation | None
    missing: dict[str, str] = field(default_factory=dict)

    def chosen(self) -> dict[str, Derivation]:
        """Return the derivations there are, by role."""
        found = {"eeg": self.eeg, "eog": self.eog, "chin": self.chin}
        return {role: one for role, one in found.items() if one is not None}


def staging_channels(recording: Recording, above_hz: float) -> StagingChannels:
    """Return EEG, EOG and chin with a rate above ``above_hz``.

    Examples
    --------
    >>> import numpy as np
    >>> from psgkit.core.recording import Segment
    >>> def channel(label, role):
    ...     return Channel(label=label, role=role, unit="uV", rate_hz=200.0, samples=np.ones(200))
    >>> night = Recording(source="", start=None, segments=(Segment(start_s=0, duration_s=1),),
    ...     channels=(channel("F4-M1", "eeg"), channel("C3", "eeg"), channel("M2", "eeg")))
    >>> chosen = staging_channels(night, 80.0)
    >>> chosen.eeg.label, chosen.missing
    ('C3 - M2', {'eog': 'no EOG channel', 'chin': 'no chin EMG channel'})
    """
    missing: dict[str, str] = {}

    def usable(role: str, name: str) -> list[Channel]:
        there = recording.with_role(role)
        volts = [one for one in there if one.unit == "uV" and one.status != "refused"]
        fast = [one for one in volts if one.rate_hz > above_hz]
        if not there:
            missing[role] = translatable(f"no {name} channel")
        elif not volts:
            missing[role] = translatable(f"no {name} channel in volts: {_labels(there)}")
        elif not fast:
            missing[role] = translatable(
                f"no {name} channel of more than {above_hz:g} Hz: {_labels(volts)}"
            )
        return fast

    eyes = usable("eog", "EOG")
    chins = usable("chin", "chin EMG")
    return StagingChannels(
        eeg=_best_eeg(usable("eeg", "EEG")),
        eog=_first(eyes, lambda one: not _LEFT_EYE.search(one.label)),
        # a derived difference before a single electrode
        chin=_first(chins, lambda one: not one.electrodes),
        missing=missing,
    )


def _labels(channels: Sequence[Channel]) -> str:
    return ", ".join(repr(one.label) for one in channels)


def _first(channels: list[Channel], key: Callable[[Channel], bool]) -> Derivation | None:
    """Return the channel with the lowest key, in file order among equals."""
    if not channels:
        return None
    best = min(channels, key=key)
    return Derivation(label=best.label, channel=best)


def _best_eeg(channels: list[Channel]) -> Derivation | None:
    """Return the EEG derivation that comes first in the order of the module."""
    ears = {
        found["side"]: one
        for one in reversed(channels)
        if not _DERIVATION.search(one.label) and (found := _MASTOID.search(one.label))
    }
    ranked: list[tuple[tuple[int, int], Derivation]] = []
    for one in channels:
        found = _DERIVATION.search(one.label)
        if found is None:
            if not _MASTOID.search(one.label):
                last = (len(_ELECTRODES) + 1, 0)
                ranked.append((last, Derivation(label=one.label, channel=one)))
            continue
        active, reference = found["active"].upper(), found["reference"]
        opposite = _OPPOSITE.get(active[-1], "1")
        place = _ELECTRODES.index(active) if active in _ELECTRODES else len(_ELECTRODES)
        ear = ears.get(opposite)
        if reference and reference[-1] == opposite:
            ranked.append((_rank(place, 0), Derivation(label=one.label, channel=one)))
        elif not reference and _is_alone(one.label, found) and _fits(one, ear):
            both = f"{one.label} - {ear.label}" if ear is not None else one.label
            ranked.append((_rank(place, 0), Derivation(label=both, channel=one, minus=ear)))
        else:
            ranked.append((_rank(place, 1), Derivation(label=one.label, channel=one)))
    return min(ranked, key=lambda row: row[0], default=(None, None))[1]


def _rank(place: int, reference: int) -> tuple[int, int]:
    """Return the order: C4 and C3 to the opposite mastoid, then central ones, then by place."""
    central = 2
    return (reference if place < central else 2 + place, place if place < central else reference)


def _is_alone(label: str, found: re.Match[str]) -> bool:
    """Return whether a label names one electrode against the common reference of the recorder."""
    rest = label[found.end() :].strip().strip("-:/_ ").lower()
    return rest in ("", "ref", "le", "avg", "g2")


def _fits(one: Channel, ear: Channel | None) -> bool:
    return ear is not None and ear.rate_hz == one.rate_hz
