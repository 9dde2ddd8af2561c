"""Texts of reports: all in one file, all of them used, and no English beside it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from psgkit.profile.context.drug_classes import drug_classes
from psgkit.report.words.texts import english_texts, fields_of, text
from psgkit.report.words.words import texts
from tests.report.text_keys import AskedFor, asked_for, english_in, fields_given, trees

REPORT = Path(texts.__file__).parent
PACKAGE = REPORT.parent
COHORT_PAGES = ("*_section.py", "*_sections.py", "page.py", "picture.py", "index_columns.py")

FOR_PROGRAMS = {
    "exchange/bids.py",  # keys of the JSON of BIDS
    "exchange/edf.py",  # what is wrong with an input
    "exchange/marks.py",  # words that EDF+, Luna and MNE read back
    "exchange/mne_files.py",
    "exchange/yasa_files.py",
    "figures/drawn_text.py",  # names of fonts and scripts
}
"""Modules whose words are read by programs."""

NO_TEXT = {
    "Hz",
    "ln s",
    "Date",
    "Creator",
    "Producer",
    "Title",
    "DejaVu Sans",
    "bold red",
    "bold yellow",
    "offset points",
    "upper left",
    "sleep and wake",
    "psgkit ",
}
"""Units by their key, fields of files, fonts, styles, a name in the code, our own name."""

REASONS = {
    "the computed value is no finite number",  # a reason, which is told where the value is made
    "no ",  # the beginnings of reasons that are told elsewhere
    "not measured",
    "the sensor",
    "none:",  # the beginning of a key
    "Did you mean ",  # advice of an error
}

REASONS_ABOUT_FILES = {"uses.py", "survey.py"}
"""Modules that tell why a channel is of no use, and findings, as detectors and readers do."""

PUT_TOGETHER = re.compile(
    r"site\.(left|right)_\w+"  # a side and a place
    r"|part\.second"
    r"|context\.drug_classes\.\w+"
    r"|check\.advice\.check\.\w+"
    r"|bids\.trial_types\.sleep_stage_\w+"
    r"|days\.labels\.(movements|rhythmic_trains|rhythm|lying|evening)_\w+"
)
"""Keys whose last part is put together in other rooms."""


@cache
def asked() -> AskedFor:
    return asked_for([PACKAGE])


def found_english(source: str) -> list[str]:
    return [value for _, value in english_in(ast.parse(source))]


def test_a_key_without_text_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"report\.nothing"):
        text("report.nothing")


def test_a_table_is_no_text() -> None:
    with pytest.raises(KeyError, match="'report'"):
        text("report")


def test_no_english_is_left_in_the_code_of_reports() -> None:
    left = [
        f"{path.relative_to(REPORT)}:{line}: {value!r}"
        for path, tree in trees(REPORT)
        if path.relative_to(REPORT).as_posix() not in FOR_PROGRAMS
        for line, value in english_in(tree)
        if value not in NO_TEXT | REASONS
    ]
    assert left == []


def test_no_english_is_left_in_the_pages_of_cohorts() -> None:
    pages = {path for pattern in COHORT_PAGES for path in (PACKAGE / "cohort").glob(pattern)}
    assert len(pages) > 6
    left = [
        f"{path.name}:{line}: {value!r}"
        for path, tree in trees(PACKAGE / "cohort")
        if path in pages
        for line, value in english_in(tree)
        if value not in NO_TEXT and "_" not in value  # lists of names of indices
    ]
    assert left == []


def test_no_english_is_left_in_what_is_said_about_files() -> None:
    left = [
        f"{path.name}:{line}: {value!r}"
        for path, tree in trees(PACKAGE / "check")
        if path.name not in REASONS_ABOUT_FILES
        for line, value in english_in(tree)
        if value not in NO_TEXT
    ]
    assert left == []


def test_english_is_found_where_it_is_shown_and_only_there() -> None:
    assert found_english('x = Table(title="By hour")') == ["By hour"]
    assert found_english('x = f"{n} of {all}"') == [" of "]
    assert found_english('head = ("Stages", "x_y")') == ["Stages"]
    assert found_english('axes.set_xlabel("time (h)")') == ["time (h)"]
    for hidden in (
        '"""A module says so."""',
        'def f() -> "Some Type":\n    """It says so."""',
        'raise ValueError(f"a page needs {n} lines")',
        'x = SettingsError("a file", "no such file", "a file that is there")',
        'text("report.title")',
        'style = "{ color: red }"',
    ):
        assert found_english(hidden) == [], hidden


def test_every_text_that_the_code_asks_for_is_there() -> None:
    known = english_texts()
    assert {key: where for key, where in asked().keys.items() if key not in known} == {}
    empty = [p for p in asked().certain if not any(asked().made_by(p, key) for key in known)]
    assert empty == []


def test_every_text_is_asked_for_somewhere() -> None:
    unused = [key for key in english_texts() if not asked().asks_for(key)]
    assert [key for key in unused if not PUT_TOGETHER.fullmatch(key)] == []


def test_classes_of_drugs_that_have_a_name_exist() -> None:
    named = {key.rsplit(".", 1)[1] for key in english_texts() if "context.drug_classes" in key}
    assert named
    assert named <= set(drug_classes())


def test_a_text_that_nobody_asks_for_is_noticed() -> None:
    assert not asked().asks_for("report.nothing")
    assert not asked().asks_for("days.nothing_of_the_kind")
    assert asked().asks_for("days.labels.l5")


def test_the_fields_of_every_text_are_plain_names() -> None:
    assert {name for said in english_texts().values() for name in fields_of(said)}


def test_texts_get_the_fields_they_have() -> None:
    """Of keys that stand in the code as they are; the pages prove the others."""
    wrong = [
        f"{where}: {key} has {sorted(fields_of(english_texts()[key]))}, gets {sorted(given)}"
        for where, key, given in fields_given(PACKAGE)
        if given != fields_of(english_texts()[key])
    ]
    assert wrong == []
