"""Indices of recordings of days: the rhythm of rest and activity, and sleep estimated from it."""

from collections.abc import Mapping

from psgkit.core.index_catalogue.entry import (
    ACTIVITY,
    CLOCK,
    MINUTES,
    PERCENT,
    RATE,
    RATIO,
    SHARE,
    IndexEntry,
    Kind,
    Subject,
    of_stages,
)

_WITTING = "Witting et al. 1990, Biol Psychiatry 27:563-572, as GGIR computes it"
_VAN_SOMEREN = "Van Someren et al. 1999, Chronobiol Int 16:505-518"
_COSINOR = "Bingham et al. 1982, Chronobiologia 9:397-439"
_LIM = "Lim et al. 2011, Sleep 34:1569-1579, as pyActigraphy computes it"
_REST_H = "hour of rest with an ankle sensor"
_PER_EPOCH = Kind("probability", "1/epoch")
_PARTS_OF_DAY = (
    ("day", "by day (8 to 20 h)", "from 8 to 20 h"),
    ("night", "night", "in the windows of the nights"),
    ("evening", "evening", "from 18 to 24 h"),
    ("morning", "morning", "from 6 to 12 h"),
)


def _rest_rates(name: str, label: str, words: str) -> tuple[IndexEntry, ...]:
    """Return the rates at rest of one kind of movement, by part of the day."""
    return tuple(
        IndexEntry(
            f"{name}_{part}_per_h",
            f"{label} at rest, {short}",
            RATE,
            f"{words} at rest {long}.",
            _REST_H,
        )
        for part, short, long in _PARTS_OF_DAY
    )


def _rest_ratios(name: str, label: str) -> tuple[IndexEntry, ...]:
    """Return the ratios of those rates."""
    return (
        IndexEntry(
            f"{name}day_night_ratio",
            f"{label} at rest, day over night",
            RATIO,
            "Rate at rest from 8 to 20 h over the rate in the windows of the nights.",
            "rate at night",
            "psgkit's own definition, after Poyurovsky et al. 2000 (abstract)",
        ),
        IndexEntry(
            f"{name}evening_morning_ratio",
            f"{label} at rest, evening over morning",
            RATIO,
            "Rate at rest from 18 to 24 h over the rate from 6 to 12 h.",
            "rate in the morning",
        ),
    )


# fmt: off
REST_ACTIVITY = Subject(
    "rest_activity",
    "Rhythm of rest and activity over days",
    ("rest_activity",),
    (
        IndexEntry("interdaily_stability", "Interdaily stability (IS)", Kind("variance ratio", "1"),
            "Variance between the hours of the average day over the variance of all hours.",
            "variance of hourly activity", _WITTING, "IS"),
        IndexEntry("intradaily_variability", "Intradaily variability (IV)",
            Kind("variance ratio", "1"),
            "Mean squared change from hour to hour over the variance of all hours.",
            "variance of hourly activity", _WITTING, "IV"),
        IndexEntry("l5", "Least active 5 hours (L5)", ACTIVITY,
            "Mean activity of the least active five hours of the average day.", source=_VAN_SOMEREN,
            also="L5"),
        IndexEntry("l5_start_h", "L5 begins at", CLOCK,
            "Time of day at which these begin.", source=_VAN_SOMEREN),
        IndexEntry("m10", "Most active 10 hours (M10)", ACTIVITY,
            "Mean activity of the most active ten hours of the average day.", source=_VAN_SOMEREN,
            also="M10"),
        IndexEntry("m10_start_h", "M10 begins at", CLOCK,
            "Time of day at which these begin.", source=_VAN_SOMEREN),
        IndexEntry("relative_amplitude", "Relative amplitude (RA)", RATIO,
            "Difference of M10 and L5 over their sum.", "M10 + L5", _VAN_SOMEREN, "RA"),
        IndexEntry("mesor", "Cosinor, mesor", ACTIVITY,
            "Mean of a cosine of 24 hours fitted to hourly activity.", source=_COSINOR,
            also="mesor"),
        IndexEntry("amplitude", "Cosinor, amplitude", ACTIVITY,
            "Height of its peak above the mesor.", source=_COSINOR),
        IndexEntry("amplitude_low", "Cosinor, amplitude, lower limit", ACTIVITY,
            "Smallest amplitude of the 95 % confidence region.", source=_COSINOR),
        IndexEntry("amplitude_high", "Cosinor, amplitude, upper limit", ACTIVITY,
            "Largest amplitude of the 95 % confidence region.", source=_COSINOR),
        IndexEntry("acrophase_h", "Cosinor, acrophase", CLOCK,
            "Time of day of its peak.", source=_COSINOR, also="acrophase"),
        IndexEntry("acrophase_low_h", "Cosinor, acrophase, from", CLOCK,
            "Earliest peak of the 95 % confidence region.", source=_COSINOR),
        IndexEntry("acrophase_high_h", "Cosinor, acrophase, to", CLOCK,
            "Latest peak of the 95 % confidence region.", source=_COSINOR),
        IndexEntry("cosinor_r2", "Cosinor, share of variance", SHARE,
            "Share of the variance of hourly activity that the cosine explains.",
            "variance of hourly activity", _COSINOR, "R squared; percent rhythm"),
        IndexEntry("kra", "Rest to activity (kRA)", _PER_EPOCH,
            "Probability that a run of rest ends at the next epoch, where it is constant.",
            source=_LIM, also="kRA"),
        IndexEntry("kar", "Activity to rest (kAR)", _PER_EPOCH,
            "Probability that a run of activity ends at the next epoch, where it is constant.",
            source=_LIM, also="kAR"),
        IndexEntry("sleep_regularity_index", "Sleep regularity index (SRI)", Kind("score", "1"),
            "-100 + 200 times the share of epochs with the same state as 24 hours later.",
            "epochs scored both times", "Phillips et al. 2017, Sci Rep 7:3216", "SRI"),
        *_rest_rates("movements", "Movements of ankles", "Movements of either ankle"),
        *_rest_ratios("", "Movements"),
        *_rest_rates("rhythmic_trains", "Rhythmic trains", "Rhythmic trains of ankles and feet"),
        *_rest_ratios("rhythm_", "Rhythmic trains"),
        IndexEntry("lying_share", "Awake and lying", SHARE,
            "Waking time lying, of all waking time of known posture.", "waking time"),
        IndexEntry("seated_share", "Awake and seated", SHARE,
            "Waking time upright without walking, standing still included.", "waking time"),
        IndexEntry("walking_share", "Walking", SHARE, "Waking time walking.", "waking time"),
        IndexEntry("upright_share", "Awake and up", SHARE,
            "Waking time seated, standing or walking.", "waking time"),
        IndexEntry("rhythmic_trains_seated_per_h", "Rhythmic trains at waking rest, seated", RATE,
            "Rhythmic trains of ankles and feet at waking rest, seated.",
            "hour of waking rest seated",
            "psgkit's own definition, after Rapoport et al. 1994 (abstract)"),
        IndexEntry("rhythmic_trains_lying_per_h", "Rhythmic trains at waking rest, lying", RATE,
            "Rhythmic trains of ankles and feet at waking rest, lying.",
            "hour of waking rest lying"),
        IndexEntry("activity_mean", "Activity, mean", ACTIVITY,
            "Mean activity of one day.", column=False),
        IndexEntry("movements_rest_per_h", "Movements of ankles at waking rest", RATE,
            "Movements of either ankle at waking rest, of one day.", _REST_H, column=False),
        IndexEntry("rhythmic_trains_rest_per_h", "Rhythmic trains at waking rest", RATE,
            "Rhythmic trains of ankles and feet at waking rest, of one day.", _REST_H,
            column=False),
    ),
)
SLEEP_ESTIMATED = Subject(
    "sleep_estimated",
    "Sleep of one night estimated from movement",
    ("sleep_estimated",),
    of_stages(
        IndexEntry("window_start_h", "Window begins", CLOCK,
            "Time of day at which the window of sleep begins, by diary or by rest.", stages=False),
        IndexEntry("window_end_h", "Window ends", CLOCK, "Time of day at which it ends.",
            stages=False),
        IndexEntry("window_min", "Window", MINUTES, "Length of the window of sleep.", also="SPT",
            stages=False),
        IndexEntry("tst_min", "Total sleep time", MINUTES,
            "Time estimated asleep in the window.", also="TST"),
        IndexEntry("waso_min", "Wake after sleep onset", MINUTES,
            "Time estimated awake between the first and the last sleep.", also="WASO"),
        IndexEntry("sol_min", "Sleep onset latency", MINUTES,
            "From the beginning of the window, as the diary has it, to the first sleep.",
            also="SOL"),
        IndexEntry("sleep_start_h", "Sleep begins", CLOCK, "Time of day of the first sleep."),
        IndexEntry("sleep_end_h", "Sleep ends", CLOCK,
            "Time of day at which the last sleep ends."),
        IndexEntry("midsleep_h", "Middle of sleep", CLOCK,
            "Time of day in the middle between the first and the last sleep.", also="midsleep"),
        IndexEntry("se_pct", "Asleep, of the window", PERCENT,
            "Time estimated asleep as a share of the scored time of the window.",
            "scored time of the window", also="SE; sleep efficiency"),
        IndexEntry("unscored_min", "Unscored", MINUTES,
            "Time of the window that was neither estimated asleep nor awake."),
    ),
)
# fmt: on

OVER_NIGHTS: Mapping[str, tuple[str, ...]] = {
    "sleep_estimated": (
        *("tst_min", "waso_min", "se_pct", "sol_min", "window_min", "window_start_h"),
        *("window_end_h", "midsleep_h"),
    ),
    "posture": ("turns_30_index",),
    "scratch": ("scratch_bouts_index",),
}
"""Indices of nights whose mean and spread over the nights are reported, by group."""
MOVEMENTS_OVER_NIGHTS = (
    *("lm_n", "plms_index", "clms_index", "plm_index_recording", "imi_log_mean_s"),
)
"""The same of every group of movements."""
