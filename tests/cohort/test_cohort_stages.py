"""A cohort of nights with scored and with estimated stages says so and tells them apart."""

import json
from dataclasses import replace

import numpy as np
import pytest

from psgkit.cohort.summary.document import cohort_as_dict, cohort_csvs
from psgkit.cohort.summary.nights import HEADS, CohortNights, with_stages_alone
from psgkit.cohort.summary.page import page_about_cohort
from psgkit.cohort.summary.summarise import SummaryRule, summary_of
from psgkit.cohort.tables.schema import schema_as_text
from psgkit.errors import SettingsError
from psgkit.report.terminal import page_as_text

_WORDS = "estimated by YASA 0.7.0, not scored"
_PLMS, _RECORDED = "legs__plms_index", "legs__plm_index_recording"


def _nights(sources: list[str | None], groups: list[str] | None = None) -> CohortNights:
    n = len(sources)

    def column(values: list[object]) -> np.ndarray:
        found = np.empty(n, dtype=object)
        found[:] = values
        return found

    names = [f"n{number}" for number in range(n)]
    nothing: list[object] = [None] * n
    head = {name: column(nothing) for name in (*HEADS["days"], *HEADS["night"])}
    head |= {
        "night_id": column([*names]),
        "state": column(["done"] * n),
        "rules": column(["wasm2016"] * n),
        "stages_from": column([*sources]),
        "recording": column([*names]),
    }
    values = np.arange(n, dtype=np.float64) + 1
    values[[source is None for source in sources]] = np.nan
    return CohortNights(
        name="c",
        by="group" if groups else None,
        protocol=column(["night"] * n),
        head=head,
        subject=column([*names]),
        group=column([*groups] if groups else nothing),
        values={_PLMS: values, _RECORDED: np.arange(n, dtype=np.float64) + 1},
        units={_PLMS: "1/h", _RECORDED: "1/h"},
        reasons={_PLMS: {}, _RECORDED: {}},
    )


def _banners(nights: CohortNights) -> str:
    return " ".join(page_about_cohort(summary_of(nights, SummaryRule())).banners)


def test_mixed_nights_are_a_caution_with_counts_in_all_and_in_groups() -> None:
    said = _banners(_nights([_WORDS, _WORDS, "scored", None], ["a", "a", "b", "b"]))
    assert f"The stages of 2 of 3 nights are {_WORDS}; those of the others are scored" in said
    assert "Estimated in each group: a 2 of 2; b 0 of 1." in said
    assert "--stages scored" in said


def test_all_estimated_is_said_and_all_scored_is_not() -> None:
    assert f"The stages of all 2 nights that have any are {_WORDS}" in _banners(
        _nights([_WORDS, _WORDS, None])
    )
    assert "estimated" not in _banners(_nights(["scored", "scored", None]))


def test_each_index_that_needs_stages_counts_the_estimated_nights() -> None:
    summary = summary_of(_nights([_WORDS, "scored", "scored"]), SummaryRule())
    found = {one["index"]: one["estimated_n"] for one in cohort_as_dict(summary)["distributions"]}
    assert found == {_PLMS: 1, _RECORDED: None}
    assert "estimated_n" in cohort_csvs(summary)["cohort.csv"].splitlines()[0]
    shown = page_as_text(page_about_cohort(summary), width=140, colour=False)
    assert "Stages estimated" in shown
    assert cohort_as_dict(summary)["stages"] == [
        {"stages_from": "scored", "nights_n": 2},
        {"stages_from": _WORDS, "nights_n": 1},
    ]


@pytest.mark.parametrize(("stages", "kept"), [("scored", [2.0, 3.0]), ("estimated", [1.0])])
def test_one_kind_alone_is_taken_and_the_rest_has_a_reason(stages: str, kept: list[float]) -> None:
    nights = with_stages_alone(_nights([_WORDS, "scored", "scored", None]), stages)
    values = nights.values[_PLMS]
    assert values[np.isfinite(values)].tolist() == kept
    assert np.isfinite(nights.values[_RECORDED]).all()  # needs no stages
    assert list(nights.reasons[_PLMS].values()) == [3 - len(kept)]
    assert f"as --stages {stages} wants" in _banners(nights)
    assert json.loads(json.dumps(cohort_as_dict(summary_of(nights, SummaryRule()))))[
        "stages_chosen"
    ] == (stages)


def test_by_aasm_rules_every_movement_depends_on_stages() -> None:
    nights = _nights([_WORDS, "scored"])
    assert not nights.needs_stages(_RECORDED)
    rules = np.array(["aasm3", "aasm3"], dtype=object)
    assert replace(nights, head={**nights.head, "rules": rules}).needs_stages(_RECORDED)


def test_another_word_is_refused() -> None:
    with pytest.raises(SettingsError, match="scored, estimated"):
        with_stages_alone(_nights(["scored"]), "yasa")


def test_the_schema_explains_the_columns() -> None:
    assert "stages_from" in schema_as_text()
