"""Which indices of days are columns of ``days.parquet`` and ``day_nights.parquet`` in every cohort.

As for nights: these columns are always there, in this order; others (accelerometers) only where
some recording reports them.
"""

from collections.abc import Mapping

from psgkit.cohort.index_columns import named_columns

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
_AKATHISIA = {
    "min": "waking_rest_min",
    "1": """rhythm_rest_share rhythm_regularity rhythm_lying_share rhythm_upright_share
        rhythm_asleep_share ankle_waist_ratio""",
    "Hz": "rhythm_frequency_hz",
    "s": "rhythm_longest_train_s",
    "mg": "rest_activity_mg",
}
_SLEEP = {
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
        "akathisia": _AKATHISIA,
        "sleep_estimated": _SLEEP,
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
