"""Cautions as data: sentence, severity, advice and concerned indices by code.

``COMPUTED`` are found by functions of ``cautions.py``, which give the values of the fields in
braces.  ``OF_FINDINGS`` are findings that a reader must see before the numbers: to make one of a
new finding, add a line.  A warning or an error without a line becomes a caution without advice;
a code in ``NOTES`` stays a finding.  A code that ends in a dot stands for all that begin with it.
"""

from dataclasses import dataclass

from psgkit.core.finding import Severity

OWN_GROUP = "{group}"
"""Stands for the group of the channel that a finding is about."""
_MOVEMENTS = ("legs", "arms", "trunk")
_STAGED = ("sleep", "disruption", *_MOVEMENTS)
_MAP = "A channel map (--channels map.toml) can name another channel."


@dataclass(frozen=True, slots=True)
class ComputedCaution:
    """Sentence and advice (with fields), severity and concerned indices."""

    message: str
    advice: str
    concerns: tuple[str, ...]
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class FindingCaution:
    """What a finding concerns, and what to do about it; the finding itself is the sentence."""

    concerns: tuple[str, ...]
    advice: str = ""


COMPUTED = {
    "no_legs": ComputedCaution(
        "No leg was scored: {reason}.",
        _MAP,
        ("legs",),
    ),
    "one_leg": ComputedCaution(
        "Only one leg was scored ({label}, {side}).",
        "Indices of one leg are lower than those of two: do not compare them with published "
        "values. If the other leg was recorded, name its channel in a channel map "
        "(--channels map.toml).",
        ("legs",),
    ),
    "one_leg_of_two": ComputedCaution(
        "Only one leg was scored ({label}, {side}); {others} may be the other one.",
        "Write into map.toml: {line} and report again with --channels map.toml.",
        ("legs",),
    ),
    "one_leg_refused": ComputedCaution(
        "Only one leg was scored ({label}, {side}). {refused}.",
        "Indices of one leg are lower than those of two: do not compare them with published "
        "values.",
        ("legs",),
    ),
    "legs_in_one_channel": ComputedCaution(
        "Both legs were recorded in one channel ({label}).",
        "Movements of both legs cannot be told apart, and fewer are found than with a channel for "
        "each leg.",
        ("legs",),
    ),
    "one_leg_marked": ComputedCaution(
        "All {n} scored leg movements are of the {side} leg.",
        "If the other leg was scored, its rows are missing from the table of events.",
        ("legs",),
    ),
    "unscored": ComputedCaution(
        "{percent} % of the time between lights off and on ({minutes} min) has no stage.",
        "Give stages of the whole night, or the right lights (--lights-off, --lights-on).",
        _STAGED,
    ),
    "short_recording": ComputedCaution(
        "The recording is short: {hours} h.",
        "Rates of a part of a night differ from those of a whole night: movements are not spread "
        "evenly over the night.",
        _MOVEMENTS,
    ),
    "gaps": ComputedCaution(
        "{percent} % of the time ({minutes} min) was not recorded.",
        "A gap ends a series of movements, and its time is in no rate.",
        _STAGED,
    ),
    "short_sleep": ComputedCaution(
        "There is little sleep: {minutes} min.",
        "Rates per hour of sleep are uncertain when there is little sleep.",
        ("disruption", *_MOVEMENTS),
    ),
}
SAME_FLAG = dict.fromkeys(("one_leg_of_two", "one_leg_refused", "one_leg_marked"), "one_leg")
"""Codes of sentences that are one caution: its code."""

OF_FINDINGS = {
    "emg.low_rate": FindingCaution((OWN_GROUP,), "Record limb EMG at 200 Hz or more."),
    "emg.refused": FindingCaution((OWN_GROUP,), _MAP),
    "emg.heart_left": FindingCaution((OWN_GROUP,), _MAP),
    "emg.high_rest": FindingCaution((OWN_GROUP,), "Look at the signal and check the electrodes."),
    "emg.missing": FindingCaution((OWN_GROUP,)),
    "emg.flat": FindingCaution((OWN_GROUP,), "Look at the signal and check the electrodes."),
    "emg.saturated": FindingCaution((OWN_GROUP,), "Look at the signal and check the electrodes."),
    "night.no_hypnogram": FindingCaution(
        _STAGED, "Give stages with --hypnogram FILE, or --sidecar for files beside the recording."
    ),
    "accelerometer.refused": FindingCaution((OWN_GROUP,), _MAP),
    "clock.": FindingCaution(_STAGED, "Check the dates and times of the scoring."),
}
NOTES = (
    "night.no_legs",  # is the caution no_legs
    "accelerometer.",
    "walking.",
    "posture.",
    "edf.",
    "sidecar.",
    "report.",
    "context.",
)
"""Codes of findings that change no number a reader relies on, or that have another caution.

A code in the table above is a caution all the same.
"""
