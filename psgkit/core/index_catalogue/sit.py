"""Indices of the suggested immobilisation tests (SIT, m-SIT)."""

from psgkit.core.index_catalogue.entry import (
    COUNT,
    MINUTES,
    RATE,
    SECONDS,
    SHARE,
    IndexEntry,
    Kind,
    Subject,
)

_MONTPLAISIR = "Montplaisir et al. 1998, Mov Disord 13; Michaud et al. 2001, Sleep Med 2:317-321"
_MICHAUD = "Michaud et al. 2002, Eur Neurol 48:108-113 (abstract)"
_GARCIA = "Garcia-Borreguero et al. 2013, Sleep 36:1101-1109"
_WASM = "WASM 2016 (Ferri et al., Sleep Med 2016;26:86-95)"
_AWAKE_H = "hour awake in the test with a usable signal"

# fmt: off
SIT = Subject(
    "sit",
    "Suggested immobilisation test",
    ("sit",),
    (
        IndexEntry("test_awake_min", "Awake in the test", MINUTES,
            "Time of the test that is not scored as sleep."),
        IndexEntry("sit_index_older", "SIT index, older rule (4-90 s)", RATE,
            "PLM awake in the test by the older rule, with intervals of 4-90 s.", _AWAKE_H,
            _MONTPLAISIR, "SIT index; SIT-PLM"),
        IndexEntry("sit_index_wasm2016", "SIT index, WASM 2016 (10-90 s)", RATE,
            "PLM awake in the test by WASM 2016; published limits do not apply to it.", _AWAKE_H,
            _WASM),
        IndexEntry("sit_discomfort_mean", "Discomfort, mean of all prompts", Kind("score", "mm"),
            "Mean of the answers to all prompts on a line of 100 mm.", source=_MICHAUD,
            also="SIT discomfort; mean discomfort score"),
        IndexEntry("msit_plmw", "m-SIT PLMW, older rule (4-90 s)", RATE,
            "PLM awake in the multiple test, in which moving is allowed, by the older rule.",
            _AWAKE_H, _GARCIA, "m-SIT"),
        IndexEntry("msit_plmw_wasm2016", "m-SIT PLMW, WASM 2016 (10-90 s)", RATE,
            "PLM awake in the multiple test by WASM 2016.", _AWAKE_H, _WASM),
        IndexEntry("msit_discomfort_mean", "Discomfort, mean of all prompts",
            Kind("score", "points"),
            "Mean of the answers to all prompts on a scale of 0-10.", source=_GARCIA),
        IndexEntry("discomfort_mean", "Discomfort, mean", Kind("score", "scale"),
            "Mean of the answers on their own scale, of all or of a part of the test or body."),
        IndexEntry("lm_index", "All movements", RATE,
            "All movements awake in the test.", _AWAKE_H),
        IndexEntry("lm_n", "Movements (LM)", COUNT, "All movements awake in the test.", also="LM"),
        IndexEntry("clm_older_n", "Candidates, older rule", COUNT,
            "Candidate movements awake in the test by the older rule.", source=_MONTPLAISIR),
        IndexEntry("plm_older_n", "Periodic, older rule", COUNT,
            "PLM awake in the test by the older rule.", source=_MONTPLAISIR),
        IndexEntry("plm_wasm2016_n", "Periodic, WASM 2016", COUNT,
            "PLM awake in the test by WASM 2016.", source=_WASM),
        IndexEntry("series_older_n", "Series, older rule", COUNT,
            "Series with a PLM awake in the test by the older rule.", source=_MONTPLAISIR),
        IndexEntry("series_wasm2016_n", "Series, WASM 2016", COUNT,
            "Series with a PLM awake in the test by WASM 2016.", source=_WASM),
        IndexEntry("imi_mean_s", "Interval in series, mean", SECONDS,
            "Mean interval between neighbours in series by the older rule.",
            also="IMI; inter-movement interval"),
        IndexEntry("imi_modal_s", "Interval in series, most frequent", SECONDS,
            "Mean of the intervals in the fullest window of 2 s.", also="modal IMI"),
        IndexEntry("short_imi_share", "Share of intervals too short for WASM 2016", SHARE,
            "Share of these intervals that are too short for a series by WASM 2016.",
            "intervals in series by the older rule"),
    ),
)
# fmt: on
