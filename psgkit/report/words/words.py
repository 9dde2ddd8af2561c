"""Vocabulary of reports: stages, sites, groups, channels and settings."""

from psgkit.core.index_catalogue import entry_of
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import unit_in_words

PERIODICITY = (
    "periodicity_index_wasm_sleep",
    "periodicity_index_wasm_wake",
    "periodicity_index_ferri",
    "imi_log_mean_s",
    "imi_log_sd",
)
MOVEMENT_MARK = "plm_n"
"""A group that has this index is about movements and series."""
STAGE_NAMES = Words(
    {
        "W": marked("Wake"),
        "N1": marked("N1"),
        "N2": marked("N2"),
        "N3": marked("N3"),
        "R": marked("R"),
        "SLEEP": marked("Sleep"),
        "UNSCORED": marked("Unscored"),
    }
)
BREAKDOWN_TITLES = Words(
    {
        "stage": marked("By stage"),
        "side": marked("By side"),
        "half": marked("By half of the night"),
        "third": marked("By third of the night"),
        "hour": marked("By hour from lights off"),
        "posture": marked("By posture"),
    }
)
POSTURE_NAMES = Words(
    {
        "supine": marked("supine", "posture"),
        "prone": marked("prone", "posture"),
        "left": marked("left", "posture"),
        "right": marked("right", "posture"),
        "lying": marked("lying", "posture"),
        "upright": marked("upright", "posture"),
        "walking": marked("walking", "posture"),
        "unknown": marked("unknown", "posture"),
    }
)
SEVERITY_NAMES = Words(
    {
        "error": marked("error"),
        "warning": marked("warning"),
        "info": marked("info"),
    }
)
CONDITION_NAMES = Words(
    {
        "rls": marked("RLS"),
        "ras": marked("RAS"),
        "rbs": marked("RBS"),
        "akathisia": marked("akathisia"),
        "none": marked("none", "condition"),
    }
)
ROLE_NAMES = Words(
    {
        "leg": marked("leg"),
        "arm": marked("arm"),
        "trunk": marked("trunk"),
        "chin": marked("chin"),
        "emg": marked("EMG"),
        "eeg": marked("EEG"),
        "eog": marked("EOG"),
        "ecg": marked("ECG"),
        "accelerometer": marked("accelerometer"),
        "motion": marked("motion", "channel"),
        "activity": marked("activity", "channel"),
        "respiration": marked("respiration"),
        "snore": marked("snore"),
        "oximetry": marked("oximetry"),
        "capnography": marked("capnography"),
        "pulse": marked("pulse", "channel"),
        "position": marked("position", "channel"),
        "temperature": marked("temperature"),
        "light": marked("light", "channel"),
        "sound": marked("sound", "channel"),
        "impedance": marked("impedance"),
        "marker": marked("marker", "channel"),
        "device": marked("device"),
        "annotations": marked("annotations"),
    }
)
"""What a channel is used as."""
EVENT_NAMES = Words(
    {
        "arousal": marked("arousal"),
        "apnea": marked("apnea"),
        "hypopnea": marked("hypopnea"),
        "rera": marked("RERA"),
    }
)
TRAIN_NAMES = Words(
    {
        "foot_tremor": marked("Foot tremor"),
        "alma": marked("ALMA"),
        "high_frequency": marked("High frequency"),
        "rhythm": marked("Rhythm"),
        "scratch": marked("Scratch"),
    }
)
REJECTION_NAMES = Words(
    {
        "sway": marked("Slower than muscle: a cable that sways"),
        "hum": marked("Hum alone: electrode off"),
        "noise": marked("Steady white noise: electrode off"),
    }
)
SITE_NAMES = Words(
    {
        "ankle": marked("ankle"),
        "left_ankle": marked("left ankle"),
        "right_ankle": marked("right ankle"),
        "foot": marked("foot"),
        "left_foot": marked("left foot"),
        "right_foot": marked("right foot"),
        "shin": marked("shin"),
        "left_shin": marked("left shin"),
        "right_shin": marked("right shin"),
        "calf": marked("calf"),
        "left_calf": marked("left calf"),
        "right_calf": marked("right calf"),
        "thigh": marked("thigh"),
        "left_thigh": marked("left thigh"),
        "right_thigh": marked("right thigh"),
        "leg": marked("leg"),
        "left_leg": marked("left leg"),
        "right_leg": marked("right leg"),
        "both_legs": marked("both legs"),
        "wrist": marked("wrist"),
        "left_wrist": marked("left wrist"),
        "right_wrist": marked("right wrist"),
        "hand": marked("hand"),
        "left_hand": marked("left hand"),
        "right_hand": marked("right hand"),
        "forearm": marked("forearm"),
        "left_forearm": marked("left forearm"),
        "right_forearm": marked("right forearm"),
        "upper_arm": marked("upper arm"),
        "left_upper_arm": marked("left upper arm"),
        "right_upper_arm": marked("right upper arm"),
        "arm": marked("arm"),
        "left_arm": marked("left arm"),
        "right_arm": marked("right arm"),
        "both_arms": marked("both arms"),
        "lumbar": marked("lumbar"),
        "left_lumbar": marked("left lumbar"),
        "right_lumbar": marked("right lumbar"),
        "back": marked("back", "site"),
        "left_back": marked("left back"),
        "right_back": marked("right back"),
        "trunk": marked("trunk"),
        "left_trunk": marked("left trunk"),
        "right_trunk": marked("right trunk"),
        "whole_body": marked("whole body"),
        "legs": marked("legs"),
        "arms": marked("arms"),
        "other": marked("other", "site"),
        "chest": marked("chest"),
        "left_chest": marked("left chest"),
        "right_chest": marked("right chest"),
        "abdomen": marked("abdomen"),
        "left_abdomen": marked("left abdomen"),
        "right_abdomen": marked("right abdomen"),
        "hip": marked("hip"),
        "left_hip": marked("left hip"),
        "right_hip": marked("right hip"),
        "sternum": marked("sternum"),
        "left_sternum": marked("left sternum"),
        "right_sternum": marked("right sternum"),
        "waist": marked("waist"),
        "left_waist": marked("left waist"),
        "right_waist": marked("right waist"),
        "recorder": marked("recorder"),
    }
)
"""Parts of the body and places of sensors."""
GROUP_TITLES = Words(
    {
        "sleep": marked("Sleep"),
        "disruption": marked("Sleep disruption"),
        "legs": marked("Leg movements"),
        "arms": marked("Arm movements"),
        "trunk": marked("Trunk movements"),
        "whole_body": marked("Large movements of the whole body"),
        "posture": marked("Posture and turns"),
        "movement_relief": marked("Movements before and after getting up"),
        "rhythms": marked("Rhythmic trains"),
        "akathisia": marked("Rhythm and activity at rest"),
        "rest_activity": marked("Rhythm of rest and activity"),
        "sleep_estimated": marked("Sleep, estimated"),
        "scratch": marked("Scratching"),
        "heart_rate": marked("Heart rate around leg movements"),
        "rem_atonia": marked("Muscle activity in REM sleep"),
        "sit": marked("Immobilisation test, recorded beside this night"),
        "rhythm_seated": marked("Rhythm of the legs while sitting still"),
    }
)
GROUP_NOTES = Words(
    {
        "whole_body": marked(
            "Large muscle group movements after Ferri et al. 2021; the amount of overlap "
            "is psgkit's own choice. Healthy adults have a median of 6.8 per hour of "
            "sleep."
        ),
        "posture": marked("From the direction of gravity at the trunk."),
        "movement_relief": marked(
            "Movement rates lying before getting up, while up, and after lying down "
            "again: what signals can show of relief by moving."
        ),
        "akathisia": marked(
            "No published threshold. Rhythm at 0.5 to 4 Hz also occurs in healthy half-sleep "
            "and in tremor."
        ),
        "sit": marked("Another recording of the same person, as in its report."),
        "rhythm_seated": marked(
            "Trains at 0.5 to 4 Hz at ankles and feet, of leg EMG where no sensor is there. No "
            "published threshold."
        ),
        "scratch": marked(
            "Experimental: rhythmic wrist movement at 2 to 8 Hz. Tremor looks alike; healthy "
            "people scratch too."
        ),
        "heart_rate": marked(
            "Median over movements, from heart beats of the ECG without ectopic ones. It does not "
            "show what raised the heart rate: turns, breathing and arousals that were not scored "
            "do so too, drugs and pacemakers suppress it, and periodic movements follow each other "
            "so closely that the response to one lies before the next. No published threshold."
        ),
        "rem_atonia": marked(
            "REM sleep without atonia. Left out are mini-epochs with unusable chin EMG and those "
            "that touch a scored arousal, respiratory event or artefact of the whole body. Snoring "
            "raises chin EMG and is not recognised: where it was not scored as one of these, it "
            "counts. A finding, not a diagnosis: REM sleep behaviour disorder needs video and "
            "history; antidepressants raise this activity without it."
        ),
        "accelerometer": marked("Estimated, not comparable with EMG."),
        "arms": marked("Leg rules applied to the arm, no published standard."),
        "trunk": marked("Leg rules applied to the trunk, no published standard."),
    }
)
TRACE_NAMES = Words(
    {
        "signal": marked("signal, as filtered for scoring"),
        "level": marked("envelope"),
        "rest": marked("resting level"),
        "on": marked("onset threshold"),
        "off": marked("offset threshold"),
        "scored": marked("scored movement"),
    }
)
"""Lines of the picture of a movement."""
MARK_NAMES = Words(
    {
        "plm": marked("periodic (in a series)"),
        "series": marked("from first to last of a series"),
        "candidate": marked("candidate outside series"),
        "movement": marked("other movement"),
        "outside": marked("lights on"),
        "gap": marked("not recorded"),
    }
)
"""Marks of the picture of a night."""
STATUS_NAMES = Words(
    {
        "used": marked("used"),
        "refused": marked("refused"),
        "ignored": marked("ignored"),
    }
)
"""What became of a channel."""
SENSOR_PREFIX = "accelerometer"
"""Groups of accelerometers begin with it; their movements are never called PLM."""
_ACRONYMS = frozenset(
    ("lm", "lms", "lmm", "clm", "clms", "clmw", "plm", "plms", "plmw", "imi", "sfi", "nrem", "rem")
)
_UNIT_SUFFIXES = {
    "min": "min",
    "pct": "%",
    "s": "s",
    "h": "h",
    "hz": "Hz",
    "uv": "uV",
    "n": "n",
    "mg": "mg",
    "deg": "deg",
}


def disclaimer(version: str) -> str:
    """Return the disclaimer at the end of every report, with the version."""
    return f"{research_only()} psgkit {version}."


def research_only() -> str:
    """Return the statement that psgkit is no medical device."""
    return _(
        "Research software, not a medical device. A scorer must review this report before it "
        "is used."
    )


def name_in_words(name: str) -> str:
    """Return the name of a setting, or an index without a label, without its unit.

    Examples
    --------
    >>> name_in_words("clm_nrem_index"), name_in_words("min_duration_s")
    ('CLM NREM index', 'Min duration')
    """
    parts = name.split("_")
    if len(parts) > 1 and parts[-1] in _UNIT_SUFFIXES:
        parts = parts[:-1]
    worded = " ".join(part.upper() if part in _ACRONYMS else part for part in parts)
    return capitalised(worded)


def capitalised(words: str) -> str:
    """Return words with a capital first letter, the rest unchanged."""
    return words[:1].upper() + words[1:]


def word_of(words: Words, name: str) -> str:
    """Return the word for a name; a name without one as it is, with spaces.

    Examples
    --------
    >>> word_of(SITE_NAMES, "left_leg"), word_of(SITE_NAMES, "big_toe")
    ('left leg', 'big toe')
    """
    return words.get(name) or name.replace("_", " ")


def unit_of_name(name: str) -> str:
    """Return the unit in the suffix of a name; empty without one."""
    suffix = name.rsplit("_", 1)[-1] if "_" in name else ""
    return unit_in_words(_UNIT_SUFFIXES[suffix]) if suffix in _UNIT_SUFFIXES else ""


def index_label(name: str, group: str = "") -> str:
    """Return the label of an index; those of accelerometers are never called PLM.

    Examples
    --------
    >>> index_label("plms_index", "legs"), index_label("plms_index", "accelerometer_left_ankle")
    ('PLMS index', 'Periodic movements in sleep')
    >>> index_label("legs_up_rate")
    'Leg movements, rate while up'
    """
    entry = entry_of(name, group)
    if entry is None:
        return name_in_words(name)
    if entry.of_sensor and group.startswith(SENSOR_PREFIX):
        return _(entry.of_sensor)
    field = entry.field_of(name)
    if not field:
        return _(entry.label)
    return _(entry.label, group=group_title(field), place=site_in_words(field))


def group_title(group: str) -> str:
    """Return the heading of a group of indices.

    Examples
    --------
    >>> group_title("legs"), group_title("accelerometer_left_ankle")
    ('Leg movements', 'Accelerometer, left ankle')
    """
    if group.startswith(f"{SENSOR_PREFIX}_"):
        place = site_in_words(group.removeprefix(f"{SENSOR_PREFIX}_"))
        return _("Accelerometer, {place}", place=place)
    return GROUP_TITLES.get(group) or name_in_words(group)


def group_note(group: str) -> str:
    """Return the note on the limits of a group of movements; empty for legs.

    Examples
    --------
    >>> group_note("arms")
    'Leg rules applied to the arm, no published standard.'
    """
    known = SENSOR_PREFIX if group.startswith(SENSOR_PREFIX) else group
    return GROUP_NOTES.get(known, "")


def site_in_words(site: str) -> str:
    """Return a part of the body, or the place of a sensor, as words."""
    return word_of(SITE_NAMES, site) or _("not stated")


def condition_in_words(condition: str) -> str:
    """Return the condition a piece of evidence speaks for or against."""
    return word_of(CONDITION_NAMES, condition)


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    """Return a flag as a word."""
    return _("yes") if value else _("no")


def listed(words: "list[str] | tuple[str, ...]") -> str:
    """Return words as a list on one line."""
    return ", ".join(words)
