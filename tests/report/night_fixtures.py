"""Night reports made by hand: an ordinary one, hostile ones, and ones with little in them."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from psgkit.core.caution import Caution
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import BreakdownRow, ImiHistogram, Lights, NightReport, Profile
from psgkit.core.recording import Channel, Segment
from psgkit.core.site import Site

NO_SLEEP = "no hypnogram was given"
RATES = [
    "plms_index",
    "plmw_index",
    "plms_nrem_index",
    "plms_rem_index",
    "plmsnr_index",
    "plms_arousal_index",
    "clms_index",
    "clmw_index",
    "isolated_lms_index",
    "short_interval_lms_index",
]
RECORDING_RATES = ("lm_index_recording", "plm_index_recording")
RATIOS = {
    "periodicity_index_wasm_sleep": ("1", 0.812),
    "periodicity_index_wasm_wake": ("1", 0.301),
    "periodicity_index_ferri": ("1", 0.655),
    "imi_log_mean_s": ("s", 23.46),
    "imi_log_sd": ("1", 0.41),
    "plm_duration_mean_s": ("s", 2.37),
    "bilateral_share": ("1", 0.333),
}
SLEEP = {
    "tib_min": 480.0,
    "trt_min": 480.0,
    "spt_min": 462.5,
    "tst_min": 421.0,
    "sol_min": 12.5,
    "waso_min": 41.5,
    "rem_latency_min": 88.0,
    "n1_min": 40.0,
    "n2_min": 220.0,
    "n3_min": 81.0,
    "r_min": 80.0,
    "w_min": 59.0,
    "unscored_min": 0.0,
}
SLEEP_PCT = {
    "se_pct": 87.7,
    "sme_pct": 91.0,
    "n1_pct": 9.5,
    "n2_pct": 52.3,
    "n3_pct": 19.2,
    "r_pct": 19.0,
}
NO_SAMPLES = np.empty(0)


def scored(n: int, site: str | list[str] = "left_leg", label: str = "LAT") -> ScoredMovements:
    """Return ``n`` movements, 20 s apart; every fifth is outside series."""
    onset_s = 600.0 + 20.0 * np.arange(n)
    in_series = np.arange(n) % 5 != 4
    imi_s = np.concatenate(([np.nan], np.diff(onset_s)))[:n]
    return ScoredMovements(
        movements=Movements(
            onset_s=onset_s,
            end_s=onset_s + 2.125,
            site=np.array([site] * n if isinstance(site, str) else site, dtype=str),
            n_parts=np.ones(n, dtype=np.int64),
            amplitude=np.where(np.arange(n) % 7 == 0, np.nan, 31.4159265358979),
            channels=((label,),) * n,
            modality=np.full(n, "emg"),
            amplitude_unit=np.full(n, "uV"),
        ),
        candidate=np.ones(n, dtype=bool),
        respiratory=np.arange(n) % 11 == 0,
        arousal=np.arange(n) % 3 == 0,
        stage=np.array(["N2"] * n, dtype=str),
        imi_s=imi_s,
        series=np.where(in_series, 1 + np.arange(n) // 5, 0).astype(np.int64),
        imi_nr_s=imi_s,
        series_nr=np.zeros(n, dtype=np.int64),
    )


def movement_indices() -> dict[str, Index]:
    counts = {"lm_n": 300, "clm_n": 250, "plm_n": 190, "plms_n": 160, "plmw_n": 30}
    return {
        **{name: Index.plain(name, float(n), "1") for name, n in counts.items()},
        **{
            name: Index.rate(name, 160 - 7 * k, 421 / 60, otherwise="no sleep")
            for k, name in enumerate(RATES)
        },
        **{name: Index.rate(name, 300, 8.0, otherwise="empty") for name in RECORDING_RATES},
        **{name: Index.plain(name, value, unit) for name, (unit, value) in RATIOS.items()},
        "series_n": Index.plain("series_n", 21.0, "1"),
    }


def sleep_indices() -> dict[str, Index]:
    return {
        **{name: Index.plain(name, value, "min") for name, value in SLEEP.items()},
        **{name: Index.plain(name, value, "%") for name, value in SLEEP_PCT.items()},
    }


def disruption_indices() -> dict[str, Index]:
    return {
        "arousal_index": Index.rate("arousal_index", 99, 421 / 60, otherwise="no sleep"),
        "sfi_haba_rubio": Index.rate("sfi_haba_rubio", 130, 421 / 60, otherwise="no sleep"),
        "wake_bouts_n": Index.plain("wake_bouts_n", 22.0, "1"),
        "transition_entropy_bits": Index.plain("transition_entropy_bits", 0.71, "bits"),
    }


def part(by: str, level: str, n: int, hours: float = 1.5) -> BreakdownRow:
    rate = Index.rate("plms_index", n, hours, otherwise=f"no {level}")
    plm = Index.plain("plm_n", float(n), "1")
    return BreakdownRow(group="legs", by=by, level=level, indices={rate.name: rate, "plm_n": plm})


def channels() -> tuple[Channel, ...]:
    return (
        Channel(
            label="LAT",
            rate_hz=200.0,
            samples=NO_SAMPLES,
            unit="uV",
            role="leg",
            site=Site.LEFT_LEG,
            rule="label LAT",
            status="used",
        ),
        Channel(
            label="RAT",
            rate_hz=100 / 3,
            samples=NO_SAMPLES,
            unit="",
            role="leg",
            site=Site.RIGHT_LEG,
            rule="label RAT",
            status="refused",
            reason="the unit is missing",
        ),
        Channel(label="C3-M2", rate_hz=200.0, samples=NO_SAMPLES, unit="uV", role="eeg"),
    )


def ordinary_night(n: int = 40, **changed: object) -> NightReport:
    stages = ["W"] * 20 + (["N1"] * 20 + ["N2"] * 200 + ["N3"] * 100 + ["R"] * 80) * 2 + ["W"] * 140
    night = NightReport(
        source="night.edf",
        sha256="ab" * 32,
        start=datetime(2024, 3, 1, 22, 31, 5),
        duration_s=28800.0,
        segments=(Segment(start_s=0.0, duration_s=28800.0),),
        settings={
            "rules": {
                "name": "WASM 2016",
                "reference": "Ferri et al., Sleep Med 2016",
                "candidate_duration_s": {
                    "low": 0.5,
                    "high": 10.0,
                    "includes_low": True,
                    "includes_high": True,
                },
                "bilateral_max_parts": 4,
                "series": {
                    "imi_s": {
                        "low": 10.0,
                        "high": 90.0,
                        "includes_low": True,
                        "includes_high": True,
                    },
                    "min_movements": 4,
                    "after_short_imi": "may_open_the_next",
                },
            },
            "conditioning": {"low_hz": 10.0, "tolerance": 1e-9},
        },
        channels=channels(),
        findings=(
            Finding("info", "edf.start", "night.edf", "the start has no century"),
            Finding("error", "channel.unit", "RAT", "no unit; the channel was not used"),
            Finding("warning", "edf.record_count", "night.edf", "fewer records than stated"),
        ),
        cautions=(
            Caution(
                code="one_leg",
                severity="warning",
                message="Only one leg was scored ('LAT', left leg). 'RAT' was refused: no unit.",
                advice="Do not compare them with published values.",
                concerns=("legs",),
            ),
        ),
        movements=scored(n),
        hypnogram=Hypnogram.of(stages),
        events=Events.of([700.0, 900.0], [703.0, 930.0], ["arousal", "apnea"], ["", ""]),
        lights=Lights(
            off_s=300.0, on_s=28500.0, off_source="event table", on_source="end of the recording"
        ),
        indices={
            "sleep": sleep_indices(),
            "disruption": disruption_indices(),
            "legs": movement_indices(),
        },
        profile=Profile(
            statement="Leg movements in series during sleep; nothing points to the arms.",
            evidence=(
                {
                    "id": "plms_index",
                    "value": 22.8,
                    "unit": "1/h",
                    "reason": None,
                    "supports": ["rls"],
                    "against": [],
                    "grade": "moderate",
                    "source": "Ferri 2016",
                    "text": "PLMS index above 15 per hour",
                },
            ),
            leaning={"toward": "rls", "because": ["PLMS index above 15 per hour"]},
        ),
        breakdown=(
            *(part("stage", stage, n) for stage, n in (("W", 5), ("N1", 9), ("N2", 60), ("R", 0))),
            part("stage", "N3", 0, hours=0.0),
            part("side", "left_leg", 50),
            part("side", "right_leg", 40),
            *(part("hour", str(hour), 40 - 5 * hour, hours=1.0) for hour in range(1, 9)),
        ),
        imi={
            "legs": ImiHistogram(
                edges_s=np.exp(np.arange(0, 4.6, 0.1)),
                sleep_n=np.arange(45) % 9,
                wake_n=np.arange(45) % 4,
            )
        },
    )
    return replace(night, **changed)  # type: ignore[arg-type]


def night_without_stages() -> NightReport:
    """No hypnogram: everything that needs sleep is missing for one reason."""
    night = ordinary_night()
    missing = {
        group: {
            name: index
            if name in ("lm_n", "clm_n", "plm_n", *RECORDING_RATES)
            else Index.missing(name, NO_SLEEP, unit=index.unit)
            for name, index in indices.items()
        }
        for group, indices in night.indices.items()
    }
    return replace(night, hypnogram=None, indices=missing, breakdown=(), imi={})


def empty_night() -> NightReport:
    """A file that says next to nothing."""
    return NightReport(
        source="empty.edf",
        sha256=None,
        start=None,
        duration_s=0.0,
        segments=(),
        settings={"rules": {"name": "WASM 2016"}},
        channels=(),
        findings=(),
        movements=scored(0),
        hypnogram=None,
        events=Events.none(),
        lights=Lights(off_s=0.0, on_s=0.0, off_source="start", on_source="end"),
        indices={},
        profile=Profile(statement="Nothing to say."),
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "[bold red]boo[/bold red]",
    "=cmd|'/c calc'!A1",
    "\x1b[2J\x07bell",
    "\u202egnp.exe",
    "half \udc80 character",
    "{{ 7*7 }}",
    '"><img src=x onerror=alert(1)>',
    "@SUM(A1)",
    "\tTAB",
)


def hostile_night() -> NightReport:
    """Every text that comes from outside tries something."""
    night = ordinary_night()
    bad = HOSTILE
    trying = tuple(
        Channel(
            label=text,
            rate_hz=200.0,
            samples=NO_SAMPLES,
            unit=text,
            role="leg",
            rule=text,
            reason=text,
            status=("used", "refused", "ignored")[k % 3],  # type: ignore[arg-type]
        )
        for k, text in enumerate(bad)
    )
    moves = scored(len(bad), site=list(bad))
    shown = replace(moves.movements, channels=tuple((text, text) for text in bad))
    reasons = {f"x{k}": Index.missing(f"x{k}", text, unit="1") for k, text in enumerate(bad)}
    return replace(
        night,
        source="/home/someone/" + bad[0].replace("/", "_") + ".edf",
        settings={"rules": {"name": bad[1], "note": bad[0], "list": list(bad)}},
        channels=trying,
        findings=tuple(Finding("warning", text, text, text) for text in bad),
        cautions=tuple(
            Caution(code=text, severity="warning", message=text, advice=text, concerns=(text,))
            for text in bad
        ),
        movements=replace(moves, movements=shown),
        events=Events.of([5.0], [6.0], [bad[0]], [bad[0]]),
        lights=Lights(off_s=0.0, on_s=9.0, off_source=bad[0], on_source=bad[3]),
        indices={**night.indices, bad[0]: {bad[0]: Index.plain(bad[0], 1.0, bad[0])}, "z": reasons},
        breakdown=(
            BreakdownRow(
                group="legs",
                by=bad[0],
                level=bad[1],
                indices={bad[0]: Index.plain(bad[0], 1.0, bad[0])},
            ),
        ),
        profile=Profile(
            statement=bad[0],
            evidence=({"id": bad[1], "text": bad[0], "supports": [bad[2]], "source": bad[3]},),
            leaning={"toward": bad[0], "because": [bad[3]]},
        ),
    )


def known_sites(night: NightReport) -> NightReport:
    """Return a night whose movements lie where psgkit can say they do."""
    table = night.movements.movements
    return replace(
        night,
        movements=replace(
            night.movements, movements=replace(table, site=np.full(len(table), "left_leg"))
        ),
    )
