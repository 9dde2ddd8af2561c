"""Heart beats of a night from its ECG, and the findings about their removal from EMG."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.beats import Beats, find_beats
from psgkit.conditioning.cardiac.spikes import paced_beats
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import intersect, total
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import Signal
from psgkit.detect.emg.trunk import HeartFilter, HeartLeft, HeartRule

ECG_USE = translatable("heart beats, to be removed from trunk EMG")
LIMB_ECG_USE = translatable("heart beats, to distinguish them from rhythmic bursts of limb EMG")
HEART_RATE_USE = translatable("heart beats, for the response of heart rate to movements")
MIN_ECG_RATE_HZ = 50.0
_ENOUGH = 0.95
"""If an ECG channel shows a rhythm for this share of the recording, no other one is read."""
_LOST = 0.99
"""Below this share beats are also searched for in the EMG itself, with a finding."""
_BLIPS_PER_MIN = 10.0
_SWING_WORTH_SAYING_UV = 0.5


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EcgBeats:
    """Heart beats of a recording, from its ECG.

    Attributes
    ----------
    rule : HeartRule
    ecg : str
        Label of their channel; empty without a usable one.
    beats : tuple of Beats
        One per segment.
    channels : tuple of Channel
        ECG channels whose status changed.
    findings : tuple of Finding
    """

    rule: HeartRule
    ecg: str
    beats: tuple[Beats, ...]
    channels: tuple[Channel, ...] = ()
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, recording: Recording, rule: HeartRule) -> "EcgBeats":
        """Return the beats of the ECG channel that shows a rhythm longest."""
        none = Beats(times_s=np.empty(0), covered=np.empty((0, 2)))
        best, label, share = (none,) * len(recording.segments), "", 0.0
        tried = [channel for channel in recording.with_role("ecg") if _may_be_used(channel)]
        for channel in tried:
            found = tuple(find_beats(s, rule.beats) for s in recording.signals(channel))
            covered = sum(total(beats.covered) for beats in found)
            if covered / max(total(recording.recorded()), 1e-9) > share:
                best, label = found, channel.label
                share = covered / total(recording.recorded())
            if share >= _ENOUGH:
                break
        return cls(
            rule=rule,
            ecg=label,
            beats=best,
            channels=tuple(_with_status(channel, label) for channel in tried),
            findings=_about_ecg(tried, label, share),
        )

    def filter_of(self, signal: Signal, segment: int) -> HeartFilter:
        """Return the filter that subtracts the beats; where none are known, beats of the signal."""
        found = self.known_in(signal, segment)
        beats, source = found.beats, found.source
        whole = np.array([[signal.start_s, signal.start_s + signal.duration_s]])
        known = total(intersect(beats.covered, whole))
        if known < _LOST * signal.duration_s:
            own = find_beats(signal, self.rule.beats)
            filled = beats.filled(own)
            if len(filled.times_s) > len(beats.times_s):
                source = (
                    translatable(f"{source} and, where it shows none, the EMG itself")
                    if source
                    else "the EMG itself"
                )
            beats = filled
        # spikes leak into the EMG wherever they matter; many an ECG is filtered against them
        pacing = paced_beats(signal, beats, self.rule.spikes)
        return replace(found, beats=beats, source=source, pacing=pacing)

    def known_in(self, signal: Signal, segment: int) -> HeartFilter:
        """Return the filter that subtracts from a signal the beats of the ECG channel only."""
        return HeartFilter(
            beats=self.beats[segment],
            start_s=signal.start_s,
            rate_hz=signal.rate_hz,
            rule=self.rule,
            source=translatable(f"channel {self.ecg!r}") if self.ecg else "",
        )


class LazyEcgBeats:
    """The heart beats of a recording, found when they are first needed.

    Examples
    --------
    >>> from psgkit.simulate import simulate_night
    >>> beats = LazyEcgBeats(simulate_night("rls", hours=0.1).recording, HeartRule())
    >>> len(beats.of_limb(0).times_s) > 100
    True
    """

    __slots__ = ("_by_limbs", "_known", "_recording", "_rule")

    def __init__(self, recording: Recording, rule: HeartRule) -> None:
        self._recording, self._rule = recording, rule
        self._known: EcgBeats | None = None
        self._by_limbs = False

    def known(self) -> EcgBeats:
        """Return the beats of all segments."""
        if self._known is None:
            self._known = EcgBeats.of(self._recording, self._rule)
        return self._known

    def times_s(self) -> NDArray[np.float64]:
        """Return the times of all beats that an ECG channel shows, sorted."""
        return np.concatenate([np.empty(0), *(beats.times_s for beats in self.known().beats)])

    def channels_for_limbs(self) -> tuple[Channel, ...]:
        """Return the ECG channel whose beats served limb EMG."""
        tried = self.known().channels if self._by_limbs else ()
        return tuple(replace(c, reason=LIMB_ECG_USE) for c in tried if c.status == "used")

    def of_limb(self, segment: int) -> Beats:
        """Return the beats of one segment that an ECG channel shows, for limb EMG."""
        self._by_limbs = True
        return self.known().beats[segment]


def _may_be_used(channel: Channel) -> bool:
    return channel.status != "refused" and channel.rate_hz >= MIN_ECG_RATE_HZ


def _with_status(channel: Channel, used: str) -> Channel:
    if channel.label == used:
        return replace(channel, status="used", reason=ECG_USE)
    why = (
        translatable(f"{used!r} shows heart beats longer")
        if used
        else translatable("no heart beats were found in it")
    )
    return replace(channel, status="ignored", reason=why)


def _about_ecg(tried: Sequence[Channel], label: str, share: float) -> tuple[Finding, ...]:
    """Return the finding that an ECG channel could not be used, or not all the time."""
    if not tried or share >= _LOST:
        return ()
    names = ", ".join(repr(channel.label) for channel in tried)
    shows = (
        translatable(f"a heart rhythm in {100 * share:.1f} % of the time")
        if label
        else translatable("no heart rhythm")
    )
    message = translatable(f"{shows}; elsewhere beats are looked for in the trunk EMG itself")
    if not label:
        message = translatable(f"{shows}; beats are looked for in the trunk EMG itself")
    where = translatable(f"channel {label!r}") if label else translatable(f"channel {names}")
    return (Finding("warning", "emg.ecg_lost", where, message),)


def with_ecg_chosen(recording: Recording, rule: HeartRule) -> Recording:
    """Return the recording with its first usable ECG channel in use, if trunk EMG is in use."""
    trunk = [c for c in recording.with_role("trunk") if c.status == "used"]
    fit = [c for c in recording.with_role("ecg") if _may_be_used(c)]
    if not trunk or not fit or not rule.groups:
        return recording
    others = {
        c.label: replace(
            c, reason=translatable(f"heart beats are looked for in {fit[0].label!r} first")
        )
        for c in fit[1:]
    }
    first = replace(fit[0], status="used", reason=ECG_USE)
    return recording.with_channels({**others, first.label: first})


def heart_findings(
    where: str, filters: Sequence[HeartFilter], left: Sequence[HeartLeft]
) -> list[Finding]:
    """Return findings about what was subtracted from a channel."""
    beats = sum(part.beats_n for part in left)
    sources = sorted({heart.source for heart in filters if heart.source})
    if beats:
        peak, before, after = _of_all(left)
        message = translatable(
            f"{beats} heart beats of {peak:.0f} uV (median peak), known from {'; '.join(sources)}, "
            f"subtracted: at beats the rectified EMG lay {before:.1f} uV above rest, "
            f"{max(after, 0.0):.1f} uV are left"
        )
    else:
        known = sum(len(heart.beats.times_s) for heart in filters)
        message = (
            translatable(
                f"{known} heart beats are known from {'; '.join(sources)}, none shows in the EMG"
            )
            if known
            else translatable("no heart beats were found, so none were removed")
        )
    found = [Finding("info", "emg.heart", where, message)]
    swing = max((part.breathing_uv for part in left), default=0.0)
    if swing >= _SWING_WORTH_SAYING_UV:
        message = translatable(
            f"moves with breathing by up to {swing:.1f} uV up and down; subtracted"
        )
        found.append(Finding("info", "emg.breathing", where, message))
    return found


def _of_all(left: Sequence[HeartLeft]) -> tuple[float, float, float]:
    """Return peak, and rectified EMG at beats before and after, over all stretches with beats."""
    parts = [part for part in left if part.beats_n]
    weights = [part.beats_n for part in parts]
    columns = [(part.peak_uv, part.before_uv, part.after_uv) for part in parts]
    peak, before, after = np.average(columns, axis=0, weights=weights).tolist()
    return peak, before, after


def why_heart_is_left(
    left: Sequence[HeartLeft], blips_n: int, usable_s: float, limit_uv: float
) -> str:
    """Return why remaining heart beats prevent scoring of a channel; empty if they do not.

    Parameters
    ----------
    left : sequence of HeartLeft
    blips_n : int
        Remaining blips with the regularity of heart beats.
    usable_s : float
        Seconds in which they were counted.
    limit_uv : float
        Amplitude above rest that still counts as rest.
    """
    if any(part.beats_n for part in left):
        after = _of_all(left)[2]
        if after > limit_uv:
            return translatable(
                f"heart beats could not be removed: {after:.1f} uV of them are left at rest, more "
                f"than the {limit_uv:g} uV that are still rest"
            )
    per_min = blips_n / max(usable_s / 60, 1e-9)
    if per_min >= _BLIPS_PER_MIN:
        return translatable(
            f"heart beats could not be removed: {per_min:.0f} blips a minute as regular as a heart "
            "are left"
        )
    return ""
