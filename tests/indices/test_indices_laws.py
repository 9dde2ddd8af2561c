"""Every index is always there, with a value or a reason, and the parts add up to the whole."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.events import Events
from psgkit.core.hypnogram import STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.night.scored import score_night
from psgkit.night.walk import analyse_night
from psgkit.scoring.rules import RULE_SETS
from psgkit.settings import Settings

NAMES = {
    "sleep": "tib_min trt_min spt_min tst_min sol_min waso_min se_pct sme_pct rem_latency_min "
    "n1_min n2_min n3_min r_min w_min n1_pct n2_pct n3_pct r_pct unscored_min",
    "disruption": "arousal_index awakening_index stage_shift_index sfi_haba_rubio sfi_morrell "
    "wake_bouts_n sleep_bout_median_min transition_entropy_bits",
    "movements": "lm_n clm_n plm_n plms_n plmw_n plms_index plmw_index plms_nrem_index "
    "plms_rem_index plmsnr_index plms_arousal_index clms_index clmw_index isolated_lms_index "
    "short_interval_lms_index lm_index_recording plm_index_recording "
    "periodicity_index_wasm_sleep periodicity_index_wasm_wake periodicity_index_ferri "
    "imi_log_mean_s imi_log_sd series_n plm_duration_mean_s bilateral_share",
}
"""The names of the design, section 6."""
GROUPS = {
    "sleep": "sleep",
    "disruption": "disruption",
    "legs": "movements",
    "arms": "movements",
    "trunk": "movements",
}
SITES = ["left_leg", "right_leg", "both_legs", "", "left_arm", "right_arm", "trunk"]

# situations


def emg(*, unit: str = "uV", seconds: int = 60) -> Recording:
    """Return noise with a burst every 20 s on one leg."""
    samples = 2 * np.random.default_rng(1).standard_normal(seconds * 200)
    for start in range(10, seconds - 2, 20):
        samples[start * 200 : (start + 2) * 200] *= 20
    leg = Channel(
        label="LAT", rate_hz=200.0, samples=samples, unit=unit, role="leg", site=Site.LEFT_LEG
    )
    segment = Segment(start_s=0.0, duration_s=float(seconds))
    return Recording(source="x.edf", start=None, segments=(segment,), channels=(leg,))


def flat() -> Recording:
    recording = emg()
    leg = recording.channels[0]
    silent = Channel(
        label="LAT", rate_hz=200.0, samples=np.zeros(12_000), unit="uV", role="leg", site=leg.site
    )
    return recording.with_channels({"LAT": silent})


def nothing_recorded() -> Recording:
    return Recording(source="x.edf", start=None, segments=(), channels=())


def marks(*onsets: float) -> Events:
    n = len(onsets)
    return Events.of(onsets, [t + 1 for t in onsets], ["lm"] * n, ["left_leg"] * n)


ASLEEP = Hypnogram.of(["W", "N2"])
SITUATIONS: dict[str, Callable[[], NightReport]] = {
    "nothing at all": lambda: score_night(Events.none()),
    "stages and nothing else": lambda: score_night(Events.none(), ASLEEP),
    "one movement without stages": lambda: score_night(marks(10.0)),
    "one movement with stages": lambda: score_night(marks(10.0), ASLEEP),
    "no sleep": lambda: score_night(marks(10.0), Hypnogram.of(["W", "W"])),
    "nothing but sleep": lambda: score_night(marks(10.0), Hypnogram.of(["R", "R"])),
    "nothing scored": lambda: score_night(marks(10.0), Hypnogram.of(["UNSCORED"] * 2)),
    "an empty hypnogram": lambda: score_night(marks(10.0), Hypnogram.of([])),
    "a recording of nothing": lambda: analyse_night(nothing_recorded()),
    "a recording without stages": lambda: analyse_night(emg()),
    "a recording with stages": lambda: analyse_night(emg(), ASLEEP),
    "a recording with everything": lambda: analyse_night(emg(), ASLEEP, Events.none()),
    "a channel without a unit": lambda: analyse_night(emg(unit=""), ASLEEP),
    "a flat channel": lambda: analyse_night(flat(), ASLEEP),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_index_is_there_with_a_value_or_a_reason(situation: str) -> None:
    report = SITUATIONS[situation]()
    assert set(report.indices) >= set(GROUPS)
    for group, kind in GROUPS.items():
        assert not set(NAMES[kind].split()) - set(report.indices[group]), group
    check(report)


def check(report: NightReport) -> None:
    """Assert that every index of a report has a finite value or says why it has none."""
    tables = [*report.indices.values(), *(row.indices for row in report.breakdown)]
    for name, index in (item for table in tables for item in table.items()):
        assert index.name == name
        assert (index.value is None) == (index.reason is not None)
        if index.value is None:
            assert index.reason, name
            continue
        assert math.isfinite(index.value), name
        if index.unit == "1/h":
            assert index.denominator_h is not None, name
            assert index.denominator_h > 0, name
            assert index.value == pytest.approx(index.numerator / index.denominator_h), name
        assert index.value >= 0 or index.unit == "ln s", name


def test_groups_of_one_kind_have_the_same_names_in_the_same_order() -> None:
    for make in SITUATIONS.values():
        report = make()
        legs, arms, trunk = (list(report.indices[group]) for group in ("legs", "arms", "trunk"))
        # what is known of arms or trunk alone comes last
        assert legs == arms[: len(legs)] == trunk[: len(legs)]


def test_what_needs_stages_says_so_without_them() -> None:
    legs = SITUATIONS["one movement without stages"]().indices["legs"]
    why = "no hypnogram: sleep and wake are unknown"
    for name in ("plms_n", "plmw_n", "plms_index", "plmw_index", "periodicity_index_wasm_sleep"):
        assert legs[name].reason == why, name
    assert legs["lm_n"].value == 1
    assert legs["lm_index_recording"].value == pytest.approx(3600 / 11)


def test_a_channel_that_cannot_be_used_gives_its_reason() -> None:
    refused = SITUATIONS["a channel without a unit"]().indices["legs"]["plms_index"]
    assert refused.reason is not None
    assert refused.reason.startswith("LAT: unit unknown")
    unseen = SITUATIONS["a flat channel"]().indices["legs"]["plms_index"]
    assert unseen.reason == "no usable time in LAT"


def test_arousals_that_nobody_scored_are_missing_in_a_recording() -> None:
    unscored = SITUATIONS["a recording with stages"]().indices
    scored = SITUATIONS["a recording with everything"]().indices
    for group, name in (
        ("disruption", "arousal_index"),
        ("legs", "plms_arousal_index"),
        ("legs", "plmsnr_arousal_index"),
    ):
        assert unscored[group][name].reason == "no scored arousals were given"
        assert scored[group][name].reason == "no scored arousals were given"


def test_arm_movements_found_in_emg_are_not_called_scored() -> None:
    recording = emg()
    leg = recording.channels[0]
    arm = Channel(
        label="ARM", rate_hz=200.0, samples=leg.samples, unit="uV", role="arm", site=Site.LEFT_ARM
    )
    report = analyse_night(recording.with_channels({"LAT": arm}))
    assert len(report.movements) > 0
    assert set(report.movements.movements.modality.tolist()) <= {"emg"}


# nights by chance


@st.composite
def nights(draw: st.DrawFn) -> NightReport:
    """Draw a scored night of up to three hours under any rule set."""
    n_epochs = draw(st.integers(1, 360))
    runs = draw(st.lists(st.tuples(st.sampled_from(STAGES), st.integers(1, 60)), min_size=1))
    stages = [stage for stage, n in runs for _ in range(n)][:n_epochs]
    end_s = 30 * len(stages)
    rows, onset = [], 0.0
    steps = st.sampled_from([1.0, 4.0, 8.0, 20.0, 25.5, 60.0, 95.0, 600.0])
    lengths = st.sampled_from([0.4, 1.0, 3.0, 11.0])
    for step, length, site in draw(
        st.lists(st.tuples(steps, lengths, st.sampled_from(SITES)), max_size=40)
    ):
        onset += step
        rows.append((onset, onset + length, "lm", site))
    kinds = st.sampled_from(["arousal", "apnea"])
    for at, kind in draw(st.lists(st.tuples(st.integers(0, end_s), kinds), max_size=6)):
        rows.append((float(at), at + 8.0, kind, ""))
    off_s = draw(st.integers(0, end_s - 1))
    on_s = draw(st.integers(off_s + 1, end_s))
    rules = draw(st.sampled_from(list(RULE_SETS.values())))
    settings = Settings(rules=rules, lights_off_s=float(off_s), lights_on_s=float(on_s))
    events = Events.of(*([row[i] for row in rows] for i in range(4)))
    return score_night(events, Hypnogram.of(stages), settings)


def summed(report: NightReport, group: str, by: str, name: str) -> float:
    found: list[Index] = [
        row.indices[name] for row in report.breakdown if (row.group, row.by) == (group, by)
    ]
    return sum((i.numerator if name.endswith("_index") else i.value) or 0.0 for i in found)


def stages_hours_halves_thirds_and_sides_add_up_to_the_night(report: NightReport) -> None:
    for group in ("legs", "arms", "trunk"):
        whole = report.indices[group]
        if whole["lm_n"].reason:
            assert not [row for row in report.breakdown if row.group == group]
            continue
        for by in ("stage", "hour", "half", "third", "side"):
            for name in ("lm_n", "clm_n", "plm_n", "plmnr_n"):
                assert summed(report, group, by, name) == whole[name].value, (group, by, name)
        for by in ("hour", "half", "third", "side"):
            rows = [r.indices for r in report.breakdown if (r.group, r.by) == (group, by)]
            if all(row["plms_index"].value is not None for row in rows):
                assert summed(report, group, by, "plms_index") == whole["plms_n"].value, (group, by)


def sleep_and_wake_of_the_breakdown_are_the_indices_of_the_night(report: NightReport) -> None:
    rows = {(r.group, r.level): r.indices for r in report.breakdown if r.by == "night"}
    for group in {row.group for row in report.breakdown}:
        whole = report.indices[group]
        for level, name, of_all in (
            ("sleep", "plm_index", "plms_index"),
            ("sleep", "plmnr_index", "plmsnr_index"),
            ("wake", "plm_index", "plmw_index"),
            ("all", "plm_n", "plm_n"),
        ):
            found = rows[group, level][name]
            assert (found.value, found.reason) == (whole[of_all].value, whole[of_all].reason)


def hours_of_the_parts_add_up_to_the_hours_of_the_night(report: NightReport) -> None:
    window_h = (report.lights.on_s - report.lights.off_s) / 3600
    scores_wake = report.settings["rules"]["in_wake"] == "scored"
    for group in {row.group for row in report.breakdown}:
        for by in ("stage", "hour", "half", "third") if scores_wake else ("hour", "half", "third"):
            hours = [
                row.indices["plm_index"].denominator_h or 0.0
                for row in report.breakdown
                if (row.group, row.by) == (group, by)
            ]
            assert sum(hours) == pytest.approx(window_h), (group, by)


def periodic_isolated_and_short_interval_movements_share_out_the_candidates(
    report: NightReport,
) -> None:
    for group in ("legs", "arms", "trunk"):
        found = report.indices[group]
        for state, all_of_it in (("s", "clms_index"), ("w", "clmw_index")):
            parts = (f"plm{state}_index", f"isolated_lm{state}_index")
            parts += (f"short_interval_lm{state}_index",)
            if found[all_of_it].value is None:
                assert all(found[name].reason == found[all_of_it].reason for name in parts)
            else:
                counts = sum(found[name].numerator or 0.0 for name in parts)
                assert counts == found[all_of_it].numerator


def nrem_and_rem_add_up_to_sleep(report: NightReport) -> None:
    found = report.indices["legs"]
    for name in ("plms{}_index", "plmsnr{}_index"):
        parts = [found[name.format(part)] for part in ("_nrem", "_rem")]
        whole = found[name.format("")]
        if whole.value is not None and report.hypnogram.tells_stages:
            assert sum(part.numerator or 0.0 for part in parts) == whole.numerator
            assert sum(part.denominator_h or 0.0 for part in parts) == pytest.approx(
                whole.denominator_h
            )


def shares_lie_between_0_and_1_and_every_index_is_sound(report: NightReport) -> None:
    check(report)
    for group in ("legs", "arms", "trunk"):
        for name, index in report.indices[group].items():
            if name.startswith("periodicity") or name.endswith("_share"):
                assert index.value is None or 0 <= index.value <= 1, name
        counts = [report.indices[group][name].value for name in ("lm_n", "clm_n", "plm_n")]
        assert counts == sorted(counts, key=lambda n: -(n or 0.0))


def a_report_has_all_movements_in_onset_order(report: NightReport) -> None:
    onset_s = report.movements.movements.onset_s
    assert (np.diff(onset_s) >= 0).all()
    series = report.movements.series
    assert sorted(set(series[series > 0].tolist())) == list(range(1, series.max(initial=0) + 1))


LAWS: tuple[Callable[[NightReport], None], ...] = (
    stages_hours_halves_thirds_and_sides_add_up_to_the_night,
    sleep_and_wake_of_the_breakdown_are_the_indices_of_the_night,
    hours_of_the_parts_add_up_to_the_hours_of_the_night,
    periodic_isolated_and_short_interval_movements_share_out_the_candidates,
    nrem_and_rem_add_up_to_sleep,
    shares_lie_between_0_and_1_and_every_index_is_sound,
    a_report_has_all_movements_in_onset_order,
)
"""Each is asked of every night: drawing and scoring a night takes longer than all of them."""


@given(nights())
def test_every_law_holds_for_nights_by_chance(report: NightReport) -> None:
    for law in LAWS:
        law(report)
