"""Norms: what was read in a source stands beside a value, and nothing else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from psgkit.core.index_catalogue import entry_of
from psgkit.core.sleeper import Sleeper
from psgkit.document.read import read_report
from psgkit.document.write import night_as_json
from psgkit.profile.norms import norm as norm_module
from psgkit.profile.norms.norm import Norm, all_norms, between_nights, norms_for
from psgkit.report.html.page import night_as_html
from psgkit.report.night.norms import norm_line, norm_note
from psgkit.report.terminal import night_as_text
from psgkit.report.words.language import in_language
from tests.report.night_fixtures import ordinary_night

PLMS = "legs.plms_index"


@pytest.mark.parametrize("norm", all_norms(), ids=lambda one: f"{one.index} {one.source}")
def test_every_norm_has_a_source_a_status_and_an_index_that_exists(norm: Norm) -> None:
    assert re.fullmatch(r".+ (19|20)\d\d", norm.source)
    assert norm.journal
    assert norm.status in ("full text", "abstract", "unverified")
    group, name = norm.index.split(".")
    assert group in ordinary_night().indices
    assert entry_of(name, group) is not None
    if norm.is_verified:
        assert (norm.percent is None) == (norm.above is None)
        assert (norm.value is None) != (norm.percent is None)
        assert norm.ages or norm.between_nights


def test_what_is_not_verified_is_kept_and_never_printed() -> None:
    kept = [norm for norm in all_norms() if not norm.is_verified]
    assert {"Pennestri 2006", "Bonnet, Arand 2007", "Ferri 2006"} <= {one.source for one in kept}
    ages = (None, *range(5, 95, 5))
    for index in {one.index for one in all_norms()}:
        shown = [*between_nights(index)]
        for age in ages:
            for sex in (None, "female", "male", "other"):
                shown += norms_for(index, age, sex)
        assert all(one.is_verified for one in shown)


def test_an_unverified_number_reaches_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    doubtful = tuple(replace(one, status="unverified", source="Nobody 1900") for one in all_norms())
    night = replace(ordinary_night(), person=Sleeper(age_years=50.0, sex="male"))
    assert "31.3" in night_as_html(night)
    monkeypatch.setattr(norm_module, "all_norms", lambda: doubtful)
    for shown in (night_as_html(night), night_as_text(night, full=True)):
        assert "Nobody" not in shown
        assert "have more than" not in shown


@pytest.mark.parametrize(
    ("age", "sex", "percents"),
    [
        (None, None, [28.6]),
        (None, "female", [26.0]),
        (52, "female", [26.0]),
        (52, "male", [31.3]),
        (52, "other", [28.6]),
        (80.9, None, [28.6]),
        (30, "male", [18.0]),
        (95, None, [28.6]),
        (8, None, []),
    ],
)
def test_the_norm_is_of_the_age_and_sex_where_they_are_known(
    age: float | None, sex: str | None, percents: list[float]
) -> None:
    assert [one.percent for one in norms_for(PLMS, age, sex)] == percents


@pytest.mark.parametrize(
    ("index", "age", "values"),
    [
        # Mitterling: at most 30 and more than 60 years, in whole years; between them both stand
        ("sleep.se_pct", 30.9, [87.0]),
        ("sleep.se_pct", 31, [87.0, 79.7]),
        ("sleep.se_pct", 60.9, [87.0, 79.7]),
        ("sleep.se_pct", 61, [79.7]),
        # Boselli: 10 to 19, 20 to 39, 40 to 59, 60 and older
        ("disruption.arousal_index", 19.9, [13.8]),
        ("disruption.arousal_index", 20, [14.7]),
        ("disruption.arousal_index", 59.9, [17.8]),
        ("disruption.arousal_index", 60, [27.1]),
        ("disruption.arousal_index", 9.9, []),
    ],
)
def test_the_ends_of_a_band_are_those_of_its_source(
    index: str, age: float, values: list[float]
) -> None:
    assert [one.value for one in norms_for(index, age)] == values


def test_a_band_is_called_as_its_source_calls_it() -> None:
    at_60 = replace(ordinary_night(), person=Sleeper(age_years=60.0))
    assert "27.1\u2009/h of 60 and older" in norm_line(at_60, "disruption", "arousal_index")
    said = norm_line(at_60, "sleep", "se_pct")
    assert "up to 30" in said
    assert "over 60" in said


def test_a_line_says_who_how_many_and_who_says_so() -> None:
    night = ordinary_night()
    said = norm_line(night, "legs", "plms_index").replace("\u2009", " ")
    assert said == "28.6 % of adults of 40-80 have more than 15 /h (Haba-Rubio 2016)"
    assert "Trotti 2009, n = 20" in norm_note(night, "legs")
    old = replace(night, person=Sleeper(age_years=70.0))
    said = norm_line(old, "sleep", "se_pct").replace("\u2009", " ")
    assert said == "healthy people: 79.7 % [44.5 to 90.9] over 60 (Mitterling 2015)"
    assert norm_line(night, "legs", "series_n") == ""


def test_a_line_is_never_a_verdict() -> None:
    said = " ".join(norm_note(ordinary_night(), group) for group in ("legs", "sleep", "disruption"))
    assert "Haba-Rubio" in said
    assert not re.search(r"abnormal|normal|elevated|patholog|too (high|low)", said)


def test_it_is_written_in_german() -> None:
    with in_language("de"):
        said = norm_line(ordinary_night(), "legs", "plms_index").replace("\u2009", " ")
    assert said.startswith("28,6 % der Erwachsenen von 40-80 haben mehr ")
    assert said.endswith(" 15 /h (Haba-Rubio 2016)")


def test_age_and_sex_are_kept_in_the_json(tmp_path: Path) -> None:
    night = replace(ordinary_night(), person=Sleeper(age_years=50.0, sex="male"))
    path = tmp_path / "report.json"
    path.write_text(night_as_json(night), encoding="utf-8")
    assert read_report(path).person == night.person


def test_the_norm_of_adults_up_to_an_age_is_not_that_of_a_child() -> None:
    assert norms_for("sleep.se_pct", 9) == ()
    assert [norm.value for norm in norms_for("sleep.se_pct", 19)] == [87.0]
