"""Choose the chin and the arm muscles whose activity in REM sleep is measured."""

from dataclasses import field

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, total
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.site import Site
from psgkit.detect.emg.atonia import (
    AtoniaRule,
    MuscleActivity,
    is_heart_alone,
    may_be_heart,
    rem_activity,
    without_beats,
)
from psgkit.detect.emg.channels import FULL_BAND_RATE_HZ
from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.emg.ecg import LazyEcgBeats
from psgkit.io.channels.roles import arm_muscle

CHIN_USE = translatable("muscle activity in REM sleep")
"""Why a chin channel is in use."""
_SIDES = {Site.LEFT_ARM: "left", Site.RIGHT_ARM: "right"}
_FLEXOR = "fds"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RemActivity:
    """Activity of chin and arms in REM sleep.

    Attributes
    ----------
    chin : MuscleActivity or None
    chin_reason : str
        Why there is none.
    arms : tuple of MuscleActivity
        Left and right, or none.
    arms_reason : str
        Why there are none.
    flexors : bool
        Whether the arm channels are of the flexor digitorum superficialis.
    findings : tuple of Finding
    """

    chin: MuscleActivity | None = None
    chin_reason: str = ""
    arms: tuple[MuscleActivity, ...] = ()
    arms_reason: str = ""
    flexors: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True, eq=False)
class RemMuscles:
    """The muscles of a recording; their activity is measured when REM sleep is known.

    A review that changes stages measures them again, another change does not.
    """

    recording: Recording
    rule: AtoniaRule
    detection: EmgDetection
    beats: LazyEcgBeats
    _stages: tuple[bytes, bytes] | None = field(default=None, init=False)
    _found: RemActivity = field(default_factory=RemActivity, init=False)

    def activity(self, rem_s: Intervals, nrem_s: Intervals) -> RemActivity:
        """Return the activity in stretches of REM sleep; NREM sleep is what it is compared with."""
        key = rem_s.tobytes(), nrem_s.tobytes()
        if key != self._stages:
            self._found, self._stages = self._measured(rem_s, nrem_s), key
        return self._found

    def _measured(self, rem_s: Intervals, nrem_s: Intervals) -> RemActivity:
        channel, reason = _chin(self.recording, self.rule)
        if channel is None:
            return RemActivity(chin_reason=reason, arms_reason=reason)
        if not len(rem_s):
            return RemActivity()
        chin, reason, findings = self._of(channel, rem_s, nrem_s)
        if chin is None:
            return RemActivity(chin_reason=reason, arms_reason=reason, findings=findings)
        if chin.quieter_in_nrem(self.rule.above_nrem):
            findings = (*findings, _never_quiet(channel, chin))
        if channel.rate_hz < FULL_BAND_RATE_HZ:
            findings = (*findings, _slow(channel))
        sides, arms_reason, flexors = _arms(self.recording, self.rule)
        arms: list[MuscleActivity] = []
        for side in sides:
            found, why, about = self._of(side, rem_s, nrem_s)
            findings = (*findings, *about)
            arms_reason = arms_reason or why
            if found is not None:
                arms.append(found)
        return RemActivity(
            chin=chin,
            arms=() if arms_reason else tuple(arms),
            arms_reason=arms_reason,
            flexors=flexors,
            findings=findings,
        )

    def _of(
        self, channel: Channel, rem_s: Intervals, nrem_s: Intervals
    ) -> tuple[MuscleActivity | None, str, tuple[Finding, ...]]:
        """Return the activity of a channel, or why there is none, and findings."""
        signals = self.recording.signals(channel)
        found = rem_activity(signals, rem_s, nrem_s, self.rule, self.detection)
        where = translatable(f"channel {channel.label!r}")
        if not total(found.seen):
            return None, translatable(f"no usable REM sleep in {channel.label}"), ()
        findings = []
        if may_be_heart(found):
            found, n = without_beats(found, self.beats.times_s())
            if n:
                message = translatable(
                    f"{n} brief bursts in REM sleep lie at heart beats and do not count"
                )
                findings.append(Finding("info", "rem_atonia.heart", where, message))
            elif is_heart_alone(found):
                why = translatable(
                    f"brief bursts in {channel.label} follow each other as regularly as a heart, "
                    "and no ECG shows which are heart beats"
                )
                return None, why, (Finding("warning", "rem_atonia.heart", where, why),)
        if found.taken_n:
            message = translatable(
                f"{found.taken_n} episodes of REM sleep are nowhere quiet: the lowest background "
                "of the night is taken for them"
            )
            findings.append(Finding("info", "rem_atonia.background", where, message))
        return found, "", tuple(findings)


def _chin(recording: Recording, rule: AtoniaRule) -> tuple[Channel | None, str]:
    """Return the chin channel, a difference of two electrodes before one electrode, or why none."""
    there = recording.with_role("chin")
    if not there:
        return None, translatable("no chin EMG channel")
    volts = [one for one in there if one.unit == "uV" and one.status != "refused" and not one.doubt]
    labels = ", ".join(one.label for one in there)
    if not volts:
        return None, translatable(f"no chin EMG channel in volts: {labels}")
    fast = [one for one in volts if one.rate_hz >= rule.min_rate_hz]
    if not fast:
        return None, translatable(
            f"no chin EMG channel of at least {rule.min_rate_hz:g} Hz: {labels}"
        )
    return min(fast, key=lambda one: not one.electrodes), ""


def _arms(recording: Recording, rule: AtoniaRule) -> tuple[list[Channel], str, bool]:
    """Return one channel of each arm, or why not, and whether they are of the flexors."""
    fit = [
        one
        for one in recording.with_role("arm")
        if one.status == "used" and one.rate_hz >= rule.min_rate_hz
    ]
    if not fit:
        return [], translatable("no arm EMG channel was used"), False
    flexors = [one for one in fit if arm_muscle(one.label) == _FLEXOR]
    for chosen, are_flexors in ((flexors, True), (fit, False)):
        sides = {_SIDES[one.site]: one for one in reversed(chosen) if one.site in _SIDES}
        if len(sides) == len(_SIDES):
            return [sides["left"], sides["right"]], "", are_flexors
    return [], translatable("EMG of both arms is needed"), False


def _never_quiet(channel: Channel, chin: MuscleActivity) -> Finding:
    rem_uv = float(np.nanmin(chin.background_uv))
    return Finding(
        "warning",
        "rem_atonia.never_quiet",
        translatable(f"channel {channel.label!r}"),
        translatable(
            f"the chin is nowhere as quiet in REM sleep ({rem_uv:.1f} uV) as in NREM sleep "
            f"({chin.nrem_uv:.1f} uV): it may be tonic throughout, and shares that compare with "
            "its quietest 30 s in REM sleep are too low"
        ),
    )


def _slow(channel: Channel) -> Finding:
    return Finding(
        "info",
        "rem_atonia.low_rate",
        translatable(f"channel {channel.label!r}"),
        translatable(
            f"{channel.rate_hz:g} Hz, {FULL_BAND_RATE_HZ:g} Hz are asked for: activity of the chin "
            "in REM sleep is an estimate"
        ),
    )
