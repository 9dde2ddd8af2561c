"""Cautions as data: sentence, severity, advice and concerned indices by code.

``COMPUTED`` are found by functions of ``cautions.py``, which give the values of the fields
``{0}``, ``{1}`` of the sentence and of the advice.  ``OF_FINDINGS`` are findings that a reader must
see before the numbers: to make one of a new finding, add a line.  A warning or an error without a
line becomes a caution without advice; a code in ``NOTES`` stays a finding.  A code that ends in a
dot stands for all that begin with it.  Texts end without a full stop, which ``cautions.py`` adds.
"""

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Severity
from psgkit.core.message import translatable

OWN_GROUP = "{group}"
"""Stands for the group of the channel that a finding is about."""
_MOVEMENTS = ("legs", "arms", "trunk")
_STAGED = (
    *("sleep", "disruption", *_MOVEMENTS, "whole_body", "rhythms", "akathisia", "scratch"),
    *("heart_rate", "rem_atonia"),
)
_MAP = translatable("A channel map (--channels map.toml) can name another channel")
_CODES = translatable(
    'Say what the codes of stages mean, as in --stage-codes "0=W,1=N1,2=N2,3=N3,4=N3,5=R"'
)
_LOOK = translatable("Look at the signal and check the electrodes")
_NOT_TWO_LEGS = translatable(
    "Indices of one leg are lower than those of two: do not compare them with published values. "
    "If the other leg was recorded, name its channel in a channel map (--channels map.toml)"
)

_WHOLE_NIGHT = translatable(
    "Give stages of the whole night, or the right lights (--lights-off, --lights-on)"
)


@dataclass(frozen=True, slots=True)
class ComputedCaution:
    """Sentence and advice (with fields), concerned indices and severity."""

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
    "no_legs": ComputedCaution(translatable("No leg was scored: {0}"), _MAP, ("legs",)),
    "one_leg": ComputedCaution(
        translatable("Only one leg was scored ({0}, {1})"),
        _NOT_TWO_LEGS,
        ("legs",),
    ),
    "one_leg_of_two": ComputedCaution(
        translatable("Only one leg was scored ({0}, {1}); {2} may be the other one"),
        translatable("Write into map.toml: {0} and report again with --channels map.toml"),
        ("legs",),
    ),
    "one_leg_refused": ComputedCaution(
        translatable("Only one leg was scored ({0}, {1}), because {2}"),
        _NOT_TWO_LEGS,
        ("legs",),
    ),
    "same_leg_twice": ComputedCaution(
        translatable(
            "{0} % of the leg movements are in both channels ({1}): they may be one leg recorded "
            "twice"
        ),
        translatable(
            "Compare the two signals. If they are one leg, exclude a channel: write into "
            "map.toml: {0} and report again with --channels map.toml"
        ),
        ("legs",),
    ),
    "sides_assumed": ComputedCaution(
        translatable("Which leg is left is assumed: {0}"),
        translatable(
            "If it is the other way round, only the numbers of each leg change places. A channel "
            "map states it: {0}"
        ),
        (),
        "info",
    ),
    "legs_in_one_channel": ComputedCaution(
        translatable("Both legs were recorded in one channel ({0})"),
        translatable(
            "Movements of both legs cannot be told apart, and fewer are found than with a channel "
            "for each leg"
        ),
        ("legs",),
    ),
    "one_leg_marked": ComputedCaution(
        translatable("All {0} scored leg movements are of the {1} leg"),
        translatable("If the other leg was scored, its rows are missing from the table of events"),
        ("legs",),
    ),
    "unscored": ComputedCaution(
        translatable("{0} % of the time between lights off and on ({1} min) has no stage"),
        _WHOLE_NIGHT,
        _STAGED,
    ),
    "unscored_end": ComputedCaution(
        translatable(
            "The stages end {0} before lights on: {1} % of the time between lights off and on has "
            "no stage"
        ),
        _WHOLE_NIGHT,
        _STAGED,
    ),
    "unscored_start": ComputedCaution(
        translatable(
            "The stages begin {0} after lights off: {1} % of the time between lights off and on "
            "has no stage"
        ),
        _WHOLE_NIGHT,
        _STAGED,
    ),
    "sleep_outside_lights": ComputedCaution(
        translatable(
            "{0} min of sleep are scored before lights off and {1} min after lights on: they are "
            "not counted"
        ),
        translatable(
            "Check lights (--lights-off, --lights-on), and whether the stages are of this night"
        ),
        _STAGED,
    ),
    "events_in_wake": ComputedCaution(
        translatable(
            "Arousals and respiratory events occur {0} times per hour of scored wake and {1} times "
            "per hour of sleep"
        ),
        translatable(
            "Such events belong to sleep: the stages may be of another night, or their clock "
            "differs from that of the events"
        ),
        _STAGED,
    ),
    "short_recording": ComputedCaution(
        translatable("The recording is short: {0} h"),
        translatable(
            "Rates of a part of a night differ from those of a whole night: movements are not "
            "spread evenly over the night"
        ),
        _MOVEMENTS,
    ),
    "short_stage": ComputedCaution(
        translatable("There is little of a stage that has rates: {0}"),
        translatable("Rates per hour of a stage are uncertain when there is little of it"),
        (),
        "info",
    ),
    "concentrated": ComputedCaution(
        translatable("All {0} leg movements lie within half an hour, from {1} after the start on"),
        translatable(
            "Look at the signal there for an artefact, and whether the rest of the night could be "
            "scored"
        ),
        ("legs",),
    ),
    "implausible": ComputedCaution(
        translatable("An index is implausibly high: {0}, {1} per hour"),
        translatable("Look at the signal for artefacts, noise and heart beats"),
        (),
    ),
    "gaps": ComputedCaution(
        translatable("{0} % of the time ({1} min) was not recorded"),
        translatable("A gap ends a series of movements, and its time is in no rate"),
        _STAGED,
    ),
    "short_sleep": ComputedCaution(
        translatable("There is little sleep: {0} min"),
        translatable("Rates per hour of sleep are uncertain when there is little sleep"),
        ("disruption", *_MOVEMENTS),
    ),
}
SAME_CODE = {
    **dict.fromkeys(("one_leg_of_two", "one_leg_refused", "one_leg_marked"), "one_leg"),
    **dict.fromkeys(("unscored_start", "unscored_end"), "unscored"),
}
"""Code of the caution for sentences that are one caution."""

OF_FINDINGS = {
    "emg.low_rate": FindingCaution((OWN_GROUP,), translatable("Record limb EMG at 200 Hz or more")),
    "emg.refused": FindingCaution((OWN_GROUP,), _MAP),
    "emg.heart_left": FindingCaution((OWN_GROUP,), _MAP),
    "emg.high_rest": FindingCaution((OWN_GROUP,), _LOOK),
    "emg.loud_rest": FindingCaution((OWN_GROUP,), _LOOK),
    "emg.band_lost": FindingCaution((OWN_GROUP,)),
    "emg.near_bound": FindingCaution((OWN_GROUP,)),
    "emg.coarse_step": FindingCaution(
        (OWN_GROUP,), translatable("Record limb EMG with steps of 1 uV or less")
    ),
    "emg.mains": FindingCaution((OWN_GROUP,), _LOOK),
    "emg.missing": FindingCaution((OWN_GROUP,)),
    "emg.flat": FindingCaution((OWN_GROUP,), _LOOK),
    "emg.saturated": FindingCaution((OWN_GROUP,), _LOOK),
    "rem_atonia.never_quiet": FindingCaution(
        ("rem_atonia",),
        translatable("Read the share above NREM sleep, and look at the chin EMG in REM sleep"),
    ),
    "rem_atonia.heart": FindingCaution(("rem_atonia",), _LOOK),
    "night.no_hypnogram": FindingCaution(
        _STAGED,
        translatable(
            "Give stages with --hypnogram FILE, or --sidecar for files beside the recording; "
            "--stage yasa estimates them from the EEG"
        ),
    ),
    "staging.estimated": FindingCaution(
        _STAGED,
        translatable(
            "A scorer must check the stages: all numbers of sleep rest on them. N1 is estimated "
            "worst, and the classifiers know whole nights only"
        ),
    ),
    "person.differs": FindingCaution(
        _STAGED,
        translatable("Check that context and recording are of the same person"),
    ),
    "staging.low_confidence": FindingCaution(
        _STAGED, translatable("Review the epochs that are listed under findings and in stages.csv")
    ),
    "staging.impossible": FindingCaution(_STAGED, _MAP),
    "stages.coding": FindingCaution(_STAGED, _CODES),
    "stages.unknown": FindingCaution(_STAGED, _CODES),
    "stages.unusable": FindingCaution(_STAGED, _CODES),
    "stages.": FindingCaution(
        _STAGED,
        translatable("Check that the stages are of this recording: start, date, length of epochs"),
    ),
    "hypnogram.": FindingCaution(_STAGED, translatable("Check the file of stages")),
    "edf.annotations_dropped": FindingCaution(
        _STAGED,
        translatable("Give stages and events as files of their own, with --hypnogram and --events"),
    ),
    "annotations.": FindingCaution(_STAGED, translatable("Check the annotations")),
    "events.": FindingCaution(
        ("disruption", *_MOVEMENTS),
        translatable("Check that the events are of this recording, and their columns and words"),
    ),
    "night.lights_outside": FindingCaution(
        _STAGED, translatable("State them with --lights-off and --lights-on")
    ),
    "accelerometer.refused": FindingCaution((OWN_GROUP,), _MAP),
    "table.": FindingCaution(_STAGED, translatable("Correct these rows and report again")),
    "clock.": FindingCaution(_STAGED, translatable("Check dates and times of the scoring")),
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
