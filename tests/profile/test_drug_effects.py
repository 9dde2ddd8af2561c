"""What drugs do to restless legs and akathisia: directions, sources, trials, levels, windows."""

import tomllib
from importlib.resources import files

import pytest

from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.drug_classes import drug_classes, known_drug
from psgkit.profile.context.drug_effects import (
    adequate_trial,
    effects_of,
    level_range_of,
    onset_windows,
    provokes,
    windows_of,
)
from psgkit.profile.context.drugs import attempts
from psgkit.profile.context.laboratory import serum_levels
from psgkit.profile.context.read import parse_context
from psgkit.report.context import context_page
from psgkit.report.terminal import page_as_text

TABLE = tomllib.loads(
    files("psgkit.profile.context").joinpath("drug_effects.toml").read_text(encoding="utf-8")
)


def doing(name: str) -> dict[str, str]:
    return {one.on: one.does for one in effects_of(name)}


@pytest.mark.parametrize(
    ("name", "rls", "akathisia"),
    [
        ("amisulpride", "provokes", "provokes"),
        ("metoclopramide", "provokes", "provokes"),
        ("domperidone", "none", "none"),
        ("pimavanserin", "none", "none"),
        ("tetrabenazine", "provokes", "provokes"),
        ("flunarizine", "provokes", "provokes"),
        ("mirtazapine", "provokes", "relieves"),
        ("sertraline", "provokes", "provokes"),
        ("reboxetine", "none", "provokes"),
        ("clonazepam", "relieves", "relieves"),
        ("propranolol", None, "relieves"),
        ("metoprolol", None, "mixed"),
        ("pramipexole", "relieves", None),
        ("diphenhydramine", "provokes", "relieves"),
        ("doxylamine", "provokes", None),
        ("loratadine", None, None),
    ],
)
def test_directions(name: str, rls: str | None, akathisia: str | None) -> None:
    assert (doing(name).get("rls"), doing(name).get("akathisia")) == (rls, akathisia)


def test_the_numbers_that_are_quoted() -> None:
    of = {
        (name, one.on): one for name in ("mirtazapine", "propranolol") for one in effects_of(name)
    }
    rottach = of["mirtazapine", "rls"]
    assert "28 %" in rottach.says
    assert (rottach.source, rottach.status) == (
        "Rottach et al. 2008, J Psychiatr Res 43:70-75",
        "abstract",
    )
    poyurovsky = of["propranolol", "akathisia"]
    assert "30 %" in poyurovsky.says
    assert "7 %" in poyurovsky.says
    assert "59:1071" in poyurovsky.source


def test_every_entry_names_known_drugs_a_source_and_what_was_read_of_it() -> None:
    for row in TABLE["effect"]:
        for of in row["of"]:
            kind, _, name = of.rpartition(":")
            assert (name in drug_classes()) if kind else known_drug(of), of
        assert row["does"] in {"provokes", "relieves", "none", "mixed"}
        assert row["grade"] in {"several_studies", "one_study", "case_report", "opinion"}
    for row in TABLE["window"]:
        for of in row.get("drugs", ()):
            kind, _, name = of.rpartition(":")
            assert (name in drug_classes()) if kind else known_drug(of), of
    for row in (*TABLE["effect"], *TABLE["trial"], *TABLE["level"], *TABLE["window"]):
        assert row["source"] in TABLE["source"]
        assert row["status"] in {"full text", "abstract", "second hand", "unverified", "ours"}
        assert (row["status"] == "ours") == (row["source"] == "psgkit")
        # what nobody can look up is not called read
        assert row["source"] != "general" or row["status"] == "unverified"
    pairs = [(of, row["on"]) for row in TABLE["effect"] for of in row["of"]]
    assert len(pairs) == len(set(pairs))
    used = {row["source"] for key in ("effect", "trial", "level", "window") for row in TABLE[key]}
    assert used == set(TABLE["source"])


@pytest.mark.parametrize(
    ("name", "mg", "days", "adequate"),
    [
        ("propranolol", 80, 7, "yes"),
        ("propranolol", 79, 7, "no"),
        ("propranolol", 80, 6, "no"),
        ("propranolol", None, 3, "no"),
        ("propranolol", None, None, "not_known"),
        ("mirtazapine", 15, 5, "yes"),
        ("biperiden", 6, 13, "no"),
        ("trihexyphenidyl", 4, 7, "not_known"),
        ("metoprolol", 50, 7, "not_known"),
    ],
)
def test_a_fair_trial_against_akathisia(
    name: str, mg: float | None, days: float | None, adequate: str
) -> None:
    assert adequate_trial(name, mg, days)[0] == adequate


def test_dose_and_days_of_an_attempt_come_from_the_rows() -> None:
    text = (
        '[[drugs]]\nname = "propranolol"\ndose = 10\nunit = "mg"\nfrequency = "twice daily"\n'
        'start = "day 1"\nstop = "day 3"\n'
        '[[responses]]\nchange = "started"\ndrug = "Inderal"\neffect = "no_change"\n'
    )
    (one,) = attempts(parse_context(text).context)
    assert (one.mg_a_day, one.days, one.adequate) == (20, 3, "no")


@pytest.mark.parametrize(
    ("unit", "value", "status"),
    [
        ("ng/mL", 431, "high"),
        ("ug/L", 325, "high"),
        ("\u00b5g/L", 320, "normal"),
        ("mg/L", 0.431, "high"),
        ("ng/mL", 99, "low"),
        ("nmol/L", 431, None),
    ],
)
def test_levels_against_the_usual_range(unit: str, value: float, status: str | None) -> None:
    text = f'[[serum]]\ndrug = "amisulpride"\nvalue = {value}\nunit = "{unit}"\ndose = 0.6'
    (level,) = serum_levels(parse_context(f'{text}\ndose_unit = "g/day"').context)
    assert level.status == status
    assert ("AGNP" in level.range_source) is (status is not None)


def test_a_stated_range_wins_over_the_usual_one() -> None:
    text = '[[serum]]\ndrug = "amisulpride"\nvalue = 431\nunit = "ng/mL"\nhigh = 500'
    (level,) = serum_levels(parse_context(text).context)
    assert (level.status, level.range_source) == ("normal", "as stated")
    assert level_range_of("risperidone").together == "9-hydroxyrisperidone"


@pytest.mark.parametrize(
    ("drug", "on", "to_days"),
    [
        ("Paspertin", "akathisia", 2),
        ("haloperidol", "akathisia", 73),
        ("sertraline", "akathisia", 28),
        ("Remeron", "rls", 14),
        ("Solian", "rls", 14),
        ("Deanxit", "akathisia", 73),
    ],
)
def test_windows_confined_to_a_drug_or_its_class(drug: str, on: str, to_days: float) -> None:
    found = next(one for one in windows_of(drug) if one.on == on and one.drugs)
    assert found.to_days == to_days
    assert found.status in {"unverified", "ours"}


def test_windows_are_those_of_what_a_drug_can_provoke() -> None:
    assert {one.on for one in windows_of("mirtazapine")} == {"rls"}
    assert windows_of("pramipexole") == ()
    assert windows_of("domperidone") == ()


def test_an_onset_later_than_usual_for_its_drug_is_told() -> None:
    text = (
        '[[symptoms]]\nsite = "legs"\nonset = "day 10"\n[[drugs]]\nname = "metoclopramide"\n'
        'start = "day 0"\n'
    )
    file = parse_context(text)
    said = answer_of_context(file.context).timing
    assert "(window 42 days, 2 days for metoclopramide, unverified)" in said
    page = page_as_text(context_page(file), width=120)
    assert "0-2" in page
    assert "Ann Emerg Med" in " ".join(page.split())


def test_windows_and_combinations() -> None:
    acute = next(one for one in onset_windows("more") if one.of == "acute akathisia")
    assert (acute.from_days, acute.to_days, acute.status) == (0, 42, "unverified")
    assert provokes("Deanxit", "akathisia")
    assert not provokes("domperidone", "rls")
