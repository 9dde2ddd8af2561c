"""Indices of scored sleep: time in stages, and how broken sleep is."""

from psgkit.core.index_catalogue.entry import (
    COUNT,
    MINUTES,
    PERCENT,
    RATE,
    IndexEntry,
    Kind,
    Subject,
    of_stages,
)

_AASM = "AASM manual"
_YASA = "YASA"
_SLEEP_H = "hour of sleep"

# fmt: off
SLEEP = Subject(
    "sleep",
    "Sleep between lights off and on",
    ("sleep",),
    of_stages(
        IndexEntry("tib_min", "Time in bed", MINUTES,
            "From lights off to lights on.", source=_AASM, also="TIB", stages=False),
        IndexEntry("trt_min", "Total recording time", MINUTES,
            "From lights off to lights on, as time in bed.", source=_AASM, also="TRT",
            stages=False),
        IndexEntry("spt_min", "Sleep period time", MINUTES,
            "From sleep onset to the end of the last sleep.", source=_YASA, also="SPT"),
        IndexEntry("tst_min", "Total sleep time", MINUTES,
            "Time scored N1, N2, N3 or R; unscored time is not sleep.", source=_AASM, also="TST"),
        IndexEntry("sol_min", "Sleep onset latency", MINUTES,
            "From lights off to the first epoch of sleep.", source=_AASM,
            also="SOL; sleep latency"),
        IndexEntry("lps_min", "Latency to persistent sleep", MINUTES,
            "From lights off to the first 10 minutes of sleep that no wake or unscored epoch "
            "interrupts.", also="LPS"),
        IndexEntry("waso_min", "Wake after sleep onset", MINUTES,
            "Wake from sleep onset to lights on, wake after the last sleep included.", source=_AASM,
            also="WASO"),
        IndexEntry("waso_within_spt_min", "Wake before the last sleep", MINUTES,
            "Wake from sleep onset to the end of the last sleep.", source=_YASA, also="WASO"),
        IndexEntry("se_pct", "Sleep efficiency", PERCENT,
            "Total sleep time as a share of time in bed.", "time in bed", _AASM, "SE"),
        IndexEntry("sme_pct", "Sleep maintenance efficiency", PERCENT,
            "Total sleep time as a share of sleep period time.", "sleep period time", _YASA, "SME"),
        IndexEntry("rem_latency_min", "REM latency", MINUTES,
            "From sleep onset to the first epoch of R.", source=_AASM, also="REM sleep latency"),
        IndexEntry("cycles_n", "Sleep cycles", COUNT,
            "Episodes of R after 15 minutes or more of NREM; each but the first has 5 minutes or "
            "more of R. R that is less than 15 minutes of NREM apart is one episode.",
            source="after Feinberg, Floyd 1979 (unconfirmed)"),
        *(
            IndexEntry(f"{stage.lower()}_min", label, MINUTES,
                f"Time scored {stage}.", source=_AASM)
            for stage, label in (
                ("N1", "N1"),
                ("N2", "N2"),
                ("N3", "N3"),
                ("R", "R"),
                ("W", "Wake"),
            )
        ),
        *(
            IndexEntry(f"{stage.lower()}_pct", stage, PERCENT,
                f"Time scored {stage} as a share of total sleep time.", "total sleep time", _AASM)
            for stage in ("N1", "N2", "N3", "R")
        ),
        IndexEntry("unscored_min", "Unscored", MINUTES,
            "Time without a stage, which is neither sleep nor wake."),
    ),
)
DISRUPTION = Subject(
    "disruption",
    "Sleep disruption",
    ("disruption",),
    of_stages(
        IndexEntry("arousal_index", "Arousal index", RATE,
            "Scored arousals that begin between lights off and on.", _SLEEP_H, _AASM, "ArI"),
        IndexEntry("ahi", "Apnoea-hypopnoea index", RATE,
            "Scored apnoeas and hypopnoeas of which part lies in sleep.", _SLEEP_H, _AASM, "AHI"),
        IndexEntry("awakening_index", "Awakening index", RATE,
            "Changes from sleep to wake before the last sleep.", _SLEEP_H),
        IndexEntry("stage_shift_index", "Stage shift index", RATE,
            "Changes of stage from sleep onset to the last sleep, unscored epochs left out.",
            _SLEEP_H),
        IndexEntry("sfi_haba_rubio", "Sleep fragmentation index, Haba-Rubio", RATE,
            "Awakenings and all stage shifts; an awakening is a stage shift as well.", _SLEEP_H,
            "Haba-Rubio et al. 2004, Sleep Med (abstract)", "SFI"),
        IndexEntry("sfi_morrell", "Sleep fragmentation index, Morrell", RATE,
            "Awakenings and shifts to N1 from another stage of sleep.", _SLEEP_H,
            "Morrell (unconfirmed)", "SFI"),
        IndexEntry("sfi_yasa", "Sleep fragmentation index, YASA", RATE,
            "Changes from sleep to wake.", _SLEEP_H, _YASA, "SFI"),
        IndexEntry("wake_bouts_n", "Wake bouts", COUNT,
            "Changes from sleep to wake before the last sleep.", also="number of awakenings"),
        IndexEntry("sleep_bout_median_min", "Sleep bout, median", MINUTES,
            "Median length of sleep that no wake or unscored epoch interrupts."),
        IndexEntry("transition_entropy_bits", "Stage transition entropy", Kind("entropy", "bits"),
            "Entropy of the next stage given the present one, weighted by how long each lasts."),
    ),
)
# fmt: on
