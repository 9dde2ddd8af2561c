"""Arousals around leg movements, PLM by time of night, minutes: against loops, and written."""

import csv
import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from night_store import analysed

from psgkit import arousal_hazard, cumulative_plm, minute_series
from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.indices.night_course import hazard_columns, hazards, why_no_hazard
from psgkit.night.scored import score_night
from psgkit.report.csv_tables import course_csvs, movements_csv
from psgkit.report.html.course_pictures import course_pictures
from psgkit.report.html.page import night_as_html


def night(
    movements_s: list[float],
    arousals_s: list[tuple[float, float]],
    stages: list[str] | None = None,
) -> NightReport:
    rows = [(t, t + 2.0, "lm", "left_leg") for t in movements_s]
    rows += [(a, b, "arousal", "") for a, b in arousals_s]
    events = Events.of(*(list(column) for column in zip(*rows, strict=True)))
    return score_night(events, Hypnogram.of(stages or ["N2"] * 40))


def slow_hazard(report: NightReport, kind: str) -> list[tuple[int, int]]:
    """Return number at risk and arousals of each second, by loops."""
    found = []
    stages = report.hypnogram
    assert stages is not None
    arousals = report.events.of_kind(["arousal"])
    for second in range(-10, 20):
        at_risk = begun = 0
        for k, onset_s in enumerate(report.movements.movements.onset_s):
            row = report.movements
            leg = row.movements.site[k] in ("left_leg", "right_leg", "both_legs")
            if not leg or row.stage[k] not in SLEEP_STAGES or row.respiratory[k]:
                continue
            if (kind == "plms") != bool(row.plm[k]):
                continue
            now_s = onset_s + second
            asleep = stages.stage_at(np.array([now_s]))[0] in SLEEP_STAGES
            before = within = False
            for a, b in arousals.intervals():
                before |= onset_s - 10 <= a < now_s
                within |= a < onset_s - 10 and b > now_s
            if asleep and not before and not within:
                at_risk += 1
                begun += any(now_s <= a < now_s + 1 for a in arousals.onset_s)
        found.append((at_risk, begun))
    return found


def test_a_loop_over_movements_finds_the_same_hazard() -> None:
    report = analysed("rls", hours=1.0)
    columns = hazard_columns(report)
    for kind in ("plms", "other"):
        rows = [
            (columns["at_risk_n"][k], columns["arousals_n"][k])
            for k in range(len(columns["kind"]))
            if columns["kind"][k] == kind and columns["part"][k] == "all"
        ]
        assert rows == slow_hazard(report, kind)
        assert sum(n for _, n in rows) > 0


def test_the_hazard_of_arousals_at_known_places() -> None:
    onset_s = [100.0 + 40.0 * k for k in range(20)]
    # every second movement has an arousal 1.5 s later; the first is within an earlier one
    arousals_s = [(t + 1.5, t + 6.5) for t in onset_s[1::2]] + [(85.0, 93.0)]
    found = {(one.kind, one.part): one for one in hazards(night(onset_s, arousals_s))}
    one = found["plms", "all"]
    assert one.n == 20
    at = {int(second): k for k, second in enumerate(one.at_s)}
    assert one.at_risk[at[-10]] == 19
    assert one.at_risk[at[-7]] == 20
    assert one.arousals[at[1]] == 10
    assert one.per_s[at[1]] == pytest.approx(0.5)
    assert one.at_risk[at[2]] == 10
    assert one.usual_per_s == pytest.approx(11 / 1200)
    assert ("plms", "rem") not in found


def test_a_second_awake_is_not_at_risk() -> None:
    stages = ["N2"] * 5 + ["W"] + ["N2"] * 34
    found = night([145.0], [(400.0, 405.0)], stages)  # wake from 150 to 180 s
    (one,) = [h for h in hazards(found) if h.part == "all"]
    assert one.at_risk.tolist() == [1] * 15 + [0] * 15
    assert math.isnan(one.per_s[-1])


def test_without_arousals_or_stages_there_is_a_reason_and_no_table() -> None:
    unscored = night([100.0, 200.0], [])
    assert why_no_hazard(unscored) == "no arousals were scored"
    assert len(arousal_hazard(unscored)) == 0
    assert set(course_csvs(unscored)) == {"cumulative_plm.csv", "minutes.csv"}
    assert course_csvs(score_night(Events.none())) == {}


def test_cumulative_plm_ends_with_all_of_them() -> None:
    report = analysed("rls", hours=1.0)
    frame = cumulative_plm(report)
    legs = report.indices["legs"]
    assert frame["plms_n"].iloc[-1] == legs["plms_index"].numerator
    assert frame["sleep_min"].iloc[-1] == pytest.approx(report.indices["sleep"]["tst_min"].value)
    for name in ("plms_n", "plmw_n", "plm_n", "sleep_min"):
        assert frame[name].is_monotonic_increasing


def test_what_begins_at_lights_off_counts_and_what_begins_at_lights_on_does_not() -> None:
    onset_s = [100.0 + 20.0 * k for k in range(41)]
    rows = [(t, t + 1.0, "lm", "left_leg") for t in onset_s]
    rows += [(300.0, 300.0, "lights_off", ""), (900.0, 900.0, "lights_on", "")]
    events = Events.of(*(list(column) for column in zip(*rows, strict=True)))
    frame = cumulative_plm(score_night(events, Hypnogram.of(["N2"] * 40)))
    assert frame["time_s"].tolist() == [300.0, 600.0, 900.0]
    # one every 20 s: 15 in the five minutes from lights off, and none counted twice
    assert frame["plms_n"].tolist() == frame["plm_n"].tolist() == [0, 15, 30]
    minutes = minute_series(score_night(events, Hypnogram.of(["N2"] * 40)))
    assert minutes.loc[minutes["between_lights"], "plm_n"].sum() == 30


def test_minutes_sum_to_the_night() -> None:
    report = analysed("rls", hours=1.0)
    frame = minute_series(report)
    moved = report.movements.movements
    assert len(frame) == 60
    assert frame["lm_n"].sum() == len(moved)
    assert frame["plm_n"].sum() == report.movements.plm.sum()
    assert frame["intensity_uv_s"].sum() == pytest.approx(np.nansum(moved.intensity))
    assert frame["recorded_s"].sum() == pytest.approx(report.duration_s)
    assert (frame["stage"] == "W").sum() > 0


def test_intensity_is_amplitude_times_duration_in_every_row() -> None:
    rows = list(csv.DictReader(io.StringIO(movements_csv(analysed("rls", hours=1.0)))))
    assert len(rows) > 10
    for row in rows:
        product = float(row["amplitude"]) * float(row["duration_s"])
        assert float(row["intensity"]) == pytest.approx(product, abs=1e-5)


def test_each_table_has_a_picture_on_the_page_and_is_folded() -> None:
    text = night_as_html(analysed("rls", hours=1.0))
    for title in (
        "Share of leg movements in which an arousal begins",
        "Periodic leg movements from lights off on",
        "Intensity of leg movements in each minute",
    ):
        assert text.count(f"<title>{title}") == 1


def test_a_movement_after_the_last_minute_adds_no_intensity_to_it() -> None:
    whole = analysed("rls", hours=1.0)
    frame = minute_series(replace(whole, duration_s=600.0))
    last = minute_series(whole).iloc[:10]
    assert frame["lm_n"].tolist() == last["lm_n"].tolist()
    assert frame["intensity_uv_s"].tolist() == pytest.approx(last["intensity_uv_s"].tolist())


def test_a_last_minute_of_half_its_length_has_the_stage_of_its_epoch() -> None:
    frame = minute_series(night([10.0], [], ["N2"] * 16 + ["R"]))
    assert frame["stage"].tolist() == ["N2"] * 8 + ["R"]
    assert frame["recorded_s"].iloc[-1] == 30.0


def test_arousals_far_from_movements_stay_within_the_picture() -> None:
    report = night([100.0], [(600.0 + 5.0 * k, 603.0 + 5.0 * k) for k in range(100)])
    (style, path) = course_pictures(report)["arousal_hazard"].shapes[-1]
    assert style == "grid"
    usual_at = float(re.match(r"M[\d.]+ (-?[\d.]+)H", path)[1])  # type: ignore[index]
    assert 18.0 <= usual_at < 148.0
