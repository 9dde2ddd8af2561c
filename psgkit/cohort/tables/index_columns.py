"""Which indices are columns of ``nights.parquet`` in every cohort, and their units.

These columns are always there, in this order, null where a night has no value.  A group that is not
listed (accelerometers, movements before and after getting up) and a name that is not listed have
their columns only in a cohort where some night reports them, after the others, by name.
"""

from collections.abc import Mapping

from psgkit.core.index_catalogue import base_of
from psgkit.report.words.language import _
from psgkit.report.words.number_format import unit_in_words
from psgkit.report.words.words import group_title, index_label

_SLEEP = {
    "min": """tib_min trt_min spt_min tst_min sol_min waso_min waso_within_spt_min rem_latency_min
        n1_min n2_min n3_min r_min w_min unscored_min""",
    "%": "se_pct sme_pct n1_pct n2_pct n3_pct r_pct",
}
_DISRUPTION = {
    "1/h": """arousal_index awakening_index stage_shift_index sfi_haba_rubio sfi_morrell
        sfi_yasa""",
    "1": "wake_bouts_n",
    "min": "sleep_bout_median_min",
    "bits": "transition_entropy_bits",
}
_MOVEMENTS = {
    "1": """lm_n clm_n plm_n plmnr_n plms_n plmw_n plmsnr_n series_n periodicity_index_wasm_sleep
        periodicity_index_wasm_wake periodicity_index_ferri bilateral_share""",
    "1/h": """plms_index plmw_index plms_nrem_index plms_rem_index plmsnr_index plmsnr_nrem_index
        plmsnr_rem_index plms_arousal_index plmsnr_arousal_index clms_index clmw_index clmsr_index
        isolated_lms_index isolated_lmw_index short_interval_lms_index short_interval_lmw_index
        lm_index_recording plm_index_recording""",
    "s": "imi_log_mean_s plm_duration_mean_s",
    "ln s": "imi_log_sd",
}
_WHOLE_BODY = {
    "1": "lmm_n",
    "1/h": """lmm_index lmm_nrem_index lmm_rem_index lmm_wake_index lmm_index_recording
        limb_movement_index_sleep limb_movement_index_wake""",
    "s": "lmm_duration_mean_s",
}
_RHYTHMS = {
    "1": "rhythm_n foot_tremor_n alma_n high_frequency_n",
    "1/h": """rhythm_index_sleep rhythm_index_wake rhythm_index_recording foot_tremor_index_sleep
        foot_tremor_index_wake alma_index_sleep alma_index_wake high_frequency_index_sleep
        high_frequency_index_wake""",
    "min": "rhythm_minutes rhythm_minutes_sleep rhythm_minutes_wake",
    "Hz": "rhythm_frequency_median_hz",
}
_POSTURE = {
    "%": "supine_pct prone_pct left_pct right_pct",
    "min": "upright_min walking_min out_of_bed_min",
    "1": "out_of_bed_n posture_changes_n",
    "1/h": """turns_15_index turns_30_index turns_60_index turns_15_sleep_index turns_30_sleep_index
        turns_60_sleep_index""",
    "deg": "turn_size_median_deg",
    "deg/s": "turn_speed_median_deg_s",
}
_AKATHISIA = {
    "min": "waking_rest_min",
    "1": """rhythm_rest_share rhythm_regularity rhythm_lying_share rhythm_upright_share
        rhythm_asleep_share ankle_waist_ratio day_night_ratio""",
    "Hz": "rhythm_frequency_hz",
    "s": "rhythm_longest_train_s",
    "mg": "rest_activity_mg",
}
_SCRATCH = {
    "1/h": "scratch_bouts_index scratch_bouts_wake_index",
    "min": "scratch_min",
    "s": "scratch_bout_median_s",
    "Hz": "scratch_frequency_hz",
}
_GROUPS: Mapping[str, Mapping[str, str]] = {
    "sleep": _SLEEP,
    "disruption": _DISRUPTION,
    "legs": _MOVEMENTS,
    "arms": _MOVEMENTS,
    "trunk": _MOVEMENTS,
    "whole_body": _WHOLE_BODY,
    "rhythms": _RHYTHMS,
    "posture": _POSTURE,
    "akathisia": _AKATHISIA,
    "scratch": _SCRATCH,
}
SEPARATOR = "__"
OF_DAYS = "days."
"""Before the name of an index column of ``days.parquet``, wherever nights have columns, too."""


def named_columns(groups: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the unit of each index column, from names by unit and group.

    Examples
    --------
    >>> named_columns({"legs": {"1/h": "plms_index plmw_index"}})
    {'legs__plms_index': '1/h', 'legs__plmw_index': '1/h'}
    """
    return {
        f"{group}{SEPARATOR}{name}": unit
        for group, units in groups.items()
        for unit, names in units.items()
        for name in names.split()
    }


INDEX_COLUMNS: Mapping[str, str] = named_columns(_GROUPS)
"""Unit of every index that is always a column, by ``group__name``, in the order of the columns."""


def is_count(column: str) -> bool:
    """Return whether an index is a number of things, which is whole.

    Examples
    --------
    >>> is_count("legs__plm_n"), is_count("legs__plms_index")
    (True, False)
    """
    return column.endswith("_n")


def group_of(column: str) -> str:
    """Return the group of an index column, with the mark of those of days.

    Examples
    --------
    >>> group_of("legs__plms_index"), group_of("days.rest_activity__l5")
    ('legs', 'days.rest_activity')
    """
    return column.partition(SEPARATOR)[0]


def group_in_words(group: str) -> str:
    """Return what a group of indices is called.

    Examples
    --------
    >>> group_in_words("legs"), group_in_words("days.rest_activity")
    ('Leg movements', 'Days: Rhythm of rest and activity')
    """
    title = group_title(group.removeprefix(OF_DAYS))
    return _("Days: {title}", title=title) if group.startswith(OF_DAYS) else title


def column_in_words(column: str) -> str:
    """Return what an index column holds, without its unit.

    Examples
    --------
    >>> column_in_words("legs__plms_index")
    'Leg movements: PLMS index'
    >>> column_in_words("days.sleep_estimated__tst_min_sd")
    'Days: Sleep, estimated: Total sleep time, SD'
    """
    group, _separator, name = column.partition(SEPARATOR)
    return f"{group_in_words(group)}: {_label(name, group)}"


def label_with_unit(column: str, unit: str) -> str:
    """Return what an index is called with its unit, but not its group.

    Examples
    --------
    >>> label_with_unit("legs__plms_index", "1/h")
    'PLMS index (/h)'
    """
    group, _separator, name = column.partition(SEPARATOR)
    worded = unit_in_words(unit)
    return f"{_label(name, group)} ({worded})" if worded else _label(name, group)


def _label(name: str, group: str) -> str:
    """Return what an index is called; mean and spread over the nights of a recording say so."""
    base, ending = base_of(name)
    label = index_label(base, group.removeprefix(OF_DAYS))
    if not ending:
        return label
    return _("{label}, mean", label=label) if ending == "_mean" else _("{label}, SD", label=label)


ACTIVITY = "activity"
"""Unit of what is in the unit of the recording, which the column ``activity_unit`` says."""
_REST_ACTIVITY = {
    "1": """interdaily_stability intradaily_variability relative_amplitude cosinor_r2
        sleep_regularity_index day_night_ratio evening_morning_ratio rhythm_day_night_ratio
        rhythm_evening_morning_ratio lying_share seated_share walking_share upright_share""",
    ACTIVITY: "l5 m10 mesor amplitude amplitude_low amplitude_high",
    "h": "l5_start_h m10_start_h acrophase_h acrophase_low_h acrophase_high_h",
    "1/epoch": "kra kar",
    "1/h": """movements_day_per_h movements_night_per_h movements_evening_per_h
        movements_morning_per_h rhythmic_trains_day_per_h rhythmic_trains_night_per_h
        rhythmic_trains_evening_per_h rhythmic_trains_morning_per_h rhythmic_trains_seated_per_h
        rhythmic_trains_lying_per_h""",
}
_AKATHISIA_days_columns = {
    "min": "waking_rest_min",
    "1": """rhythm_rest_share rhythm_regularity rhythm_lying_share rhythm_upright_share
        rhythm_asleep_share ankle_waist_ratio""",
    "Hz": "rhythm_frequency_hz",
    "s": "rhythm_longest_train_s",
    "mg": "rest_activity_mg",
}
_SLEEP_days_columns = {
    "min": """tst_min_mean tst_min_sd waso_min_mean waso_min_sd sol_min_mean sol_min_sd
        window_min_mean window_min_sd""",
    "%": "se_pct_mean se_pct_sd",
    "h": """window_start_h_mean window_start_h_sd window_end_h_mean window_end_h_sd midsleep_h_mean
        midsleep_h_sd""",
}
_NIGHT = {
    "h": "window_start_h window_end_h sleep_start_h sleep_end_h midsleep_h",
    "min": "window_min tst_min waso_min sol_min unscored_min",
    "%": "se_pct",
}
DAYS_COLUMNS: Mapping[str, str] = named_columns(
    {
        "rest_activity": _REST_ACTIVITY,
        "akathisia": _AKATHISIA_days_columns,
        "sleep_estimated": _SLEEP_days_columns,
        "posture": {"1/h": "turns_30_index_mean turns_30_index_sd"},
        "scratch": {"1/h": "scratch_bouts_index_mean scratch_bouts_index_sd"},
    }
)
"""Unit of every index that is always a column of ``days``, by ``group__name``."""
DAY_NIGHT_COLUMNS: Mapping[str, str] = named_columns(
    {"sleep_estimated": _NIGHT, "posture": {"1/h": "turns_30_index"}}
)
"""The same of ``day_nights``."""


def is_clock(column: str, unit: str) -> bool:
    """Return whether an index is a time of day, of which 23:30 and 00:30 have no usual mean.

    Examples
    --------
    >>> is_clock("rest_activity__l5_start_h", "h"), is_clock("sleep_estimated__midsleep_h_sd", "h")
    (True, False)
    """
    return unit == "h" and column.removesuffix("_mean").endswith("_h")
