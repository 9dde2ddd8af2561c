"""Context files: every field comes through, a wrong one is refused by line and field."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from psgkit.errors import SettingsError
from psgkit.profile.context.fields import fields_in_file
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import (
    IDENTIFYING,
    context_from,
    is_listed,
    parse_context,
    plain_context,
    read_context,
    section_class,
)
from psgkit.profile.context.template import context_schema, context_template, write_template

_COMMENTED = re.compile(r"^# (?=(?:[a-z_0-9]+ = |\[))", flags=re.MULTILINE)
FILLED = _COMMENTED.sub("", context_template())
SECTIONS = [name for name in fields_in_file(Context) if section_class(name)]
EVERY_FIELD = [
    (section, name)
    for section in SECTIONS
    for name in fields_in_file(section_class(section) or Context)
]


def of(text: str) -> Context:
    return parse_context(text, "c.toml").context


def row_of(context: Context, section: str) -> object:
    value = getattr(context, section)
    return value[0] if isinstance(value, tuple) else value


def refusal_of(text: str) -> str:
    try:
        parse_context(text, "c.toml")
    except SettingsError as error:
        return str(error)
    return "c.toml is fine"


# every field


def test_the_template_as_it_is_written_says_nothing() -> None:
    assert of(context_template()) == Context()


def test_every_field_of_the_template_comes_through() -> None:
    for section, name in EVERY_FIELD:
        one = fields_in_file(section_class(section) or Context)[name]
        (example,) = one.metadata["examples"]
        read = getattr(row_of(of(FILLED), section), one.name)
        told = int(example.removeprefix("day ")) if str(example).startswith("day ") else example
        assert read == (tuple(told) if isinstance(told, list) else told)


def test_the_plain_fields_of_the_template_come_through() -> None:
    context = of(FILLED)
    assert context.day_0 == date(2024, 3, 1)
    assert context.polysomnography is True
    assert context.source == "notes of the ward"


def test_the_filled_template_has_only_the_contradictions_of_its_examples() -> None:
    assert {one.code for one in parse_context(FILLED).findings} == set()


def test_template_and_schema_have_the_same_fields() -> None:
    schema = context_schema()
    in_schema = {("", name) for name in schema["properties"] if name not in SECTIONS}
    for section in SECTIONS:
        kind = schema["properties"][section]
        reference = (kind.get("items") or kind.get("allOf", [kind])[0])["$ref"]
        inner = schema["$defs"][reference.rsplit("/", 1)[1]]
        in_schema |= {(section, name) for name in inner["properties"]}
    in_template, section = set(), ""
    for line in FILLED.splitlines():
        head = re.match(r"\[\[?(\w+)\]", line)
        section = head[1] if head else section
        key = re.match(r"(\w+) = ", line)
        if key:
            in_template.add((section, key[1]))
    assert in_schema == in_template


def test_the_schema_refuses_other_fields_and_takes_days_as_text() -> None:
    schema = context_schema()
    assert all(one["additionalProperties"] is False for one in schema["$defs"].values())
    kinds = schema["$defs"]["Drug"]["properties"]["start"]["anyOf"]
    patterns = [kind["pattern"] for kind in kinds if "pattern" in kind]
    assert [bool(re.search(patterns[0], text)) for text in ("day 14", "day x")] == [True, False]


def test_every_line_of_the_template_is_explained() -> None:
    fields = [line for line in context_template().splitlines() if re.match(r"# \w+ = ", line)]
    assert len(fields) == len(EVERY_FIELD) + 3
    assert all(re.search(r" {2}# \S", line) for line in fields)


def test_a_template_is_never_written_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "subject.toml"
    write_template(file)
    assert file.read_text(encoding="utf-8") == context_template()
    file.write_text("mine")
    with pytest.raises(SettingsError, match=r"subject.toml: found a file that exists"):
        write_template(file)
    assert file.read_text() == "mine"
    with pytest.raises(SettingsError, match="no such file or directory"):
        write_template(tmp_path / "nowhere" / "subject.toml")


def test_one_table_stands_for_a_list_of_one() -> None:
    assert of("[bars]\nglobal = 2") == of("[[bars]]\nglobal = 2")


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("\n")
    assert read_context(tmp_path / "c.toml").context == Context()


@pytest.mark.parametrize("text", ['"day 14"', '"Day 14"', '" day  +14 "', "14"])
def test_a_day_may_be_written_as_number_or_text(text: str) -> None:
    assert of(f'[[symptoms]]\nsite = "back"\nonset = {text}').symptoms[0].onset == 14


def test_dates_are_dates_with_or_without_quotes() -> None:
    bare = of('[[symptoms]]\nsite = "back"\nonset = 2024-03-15').symptoms[0].onset
    quoted = of('[[symptoms]]\nsite = "back"\nonset = "2024-03-15"').symptoms[0].onset
    assert bare == quoted == date(2024, 3, 15)


def test_false_is_an_answer_and_left_out_is_none() -> None:
    (symptom,) = of('[[symptoms]]\nsite = "back"\nurge = false\nrelief = "partly"').symptoms
    assert (symptom.urge, symptom.relief, symptom.rest) == (False, "partly", None)


# refused

DRUG = '[[drugs]]\nname = "amisulpride"\n'
BACK = '[[symptoms]]\nsite = "back"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[person", "c.toml, line 1: found no TOML"),
        ("x = 1\nx = 2", "c.toml, line 2: found a name that is written twice"),
        ("[persn]", "c.toml, line 1: persn: found the unknown field 'persn'.*mean 'person'"),
        ("[laboratory]\nname = 'ferritin'\nrange_low = 3", "line 3.*Did you mean 'low'"),
        ("\n[person]\nagee = 3", "line 3: person, agee: found the unknown.* Did you mean 'age'"),
        ('[person]\nage = "50"', "line 2: person, age: found '50', wanted a valid number"),
        ("[person]\nage = -1", "line 2: person, age: found -1, wanted greater than or equal to 0"),
        ("[person]\nage = nan", "line 2: person, age: found nan, wanted a finite number"),
        ("[person]\nage = true", "line 2: person, age: found True, wanted a valid number"),
        ("person = 3", r"line 1: person: found 3, wanted a table \[person\]"),
        ("drugs = 3", r"line 1: drugs: found 3, wanted \[\[drugs\]\]"),
        ("drugs = [3]", r"line 1: drugs: found \[3\], wanted \[\[drugs\]\]"),
        ("day_0 = 3", "line 1: day_0: found 3, wanted a valid date"),
        ("[[symptoms]]\nurge = true", "line 1: symptoms 1: found no field 'site', wanted legs"),
        ('[[symptoms]]\nsite = "leg"', "line 2: symptoms 1, site: found 'leg'.*mean 'legs'"),
        (f"{BACK}urge = 1", 'line 3: symptoms 1, urge: found 1, wanted true, false or "partly"'),
        (f'{BACK}urge = "yes"', "symptoms 1, urge: found 'yes', wanted true, false"),
        (f'{BACK}sensations = ["itch"]', "wanted a list of itching, burning"),
        (f'{BACK}relieved_by = "walking"', "relieved_by: found 'walking', wanted a list of texts"),
        (f'{BACK}onset = "soon"', r"onset: found 'soon', wanted a date \(2024-03-31\) or a day"),
        (f"{BACK}onset = 2024-03-01T10:00:00", "onset: found '2024-03-01 10:00:00', wanted a date"),
        (f"{BACK}onset = 1.5", "onset: found 1.5, wanted a date"),
        (f"{BACK}times_per_week = 8", "times_per_week: found 8, wanted less than or equal to 7"),
        (f"{BACK}{BACK}", "line 4: symptoms 2, site: found 'back' twice, wanted each site once"),
        (f"{BACK}onset = 9\nend = 8", "line 4: symptoms 1, end: found an end before the onset"),
        (f"{BACK}onset = 50000", "line 3: symptoms 1, onset: found day 50000, wanted at most"),
        ("[bars]\nglobal = 6", "line 2: bars 1, global: found 6, wanted less than or equal to 5"),
        ("[bars]\nobjective = 1.5", "bars 1, objective: found 1.5, wanted a valid integer"),
        ("[skin]\nrash = 0", 'line 2: skin, rash: found 0, wanted true, false or "partly"'),
        ('[conditions]\ndialysis = "no"', "dialysis: found 'no', wanted true or false"),
        (f"{DRUG}dose = 0.6", "line 3: drugs 1, dose: found 0.6 without a unit, wanted a unit"),
        (f'{DRUG}dose = 1\nunit = " "', "drugs 1, dose: found 1 without a unit"),
        (f'{DRUG}dose = 0\nunit = "g"', "drugs 1, dose: found 0, wanted greater than 0"),
        (f"{DRUG}start = 5\nstop = 4", "line 4: drugs 1, stop: found a stop before the start"),
        (f"{DRUG}start = 5\n{DRUG}start = 4", "line 6: drugs 2, start: found a start before that"),
        (f'{DRUG}class = "antipsychotics"', "class: found 'antipsychotics'.*mean 'antipsychotic'"),
        (f"{DRUG}start = 5\n{BACK}onset = 2024-03-01", "line 3: drugs 1, start: found a day among"),
        (
            '[[serum]]\ndrug = "x"\nlow = 3\nhigh = 2',
            "line 4: serum 1, high: found 2 below low = 3",
        ),
        ('[[laboratory]]\nname = ""', "line 2: laboratory 1, name: found ''"),
        ('[[responses]]\nchange = "reduced"', "change: found 'reduced', wanted one of started"),
    ],
)
def test_what_is_refused_and_how(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        of(text)
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith("c.toml")


def test_nothing_that_says_who_the_person_is_is_taken() -> None:
    for name in sorted(IDENTIFYING):
        for text in (f'[person]\n{name} = "x"', f'{name} = "x"'):
            with pytest.raises(SettingsError, match="identifies the person") as caught:
                of(text)
            assert "no patient data" in str(caught.value)


def test_a_binary_or_missing_file_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone.toml: found no such file"):
        read_context(tmp_path / "gone.toml")
    (tmp_path / "zip.toml").write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(SettingsError, match="a zip archive"):
        read_context(tmp_path / "zip.toml")


def test_days_and_dates_may_be_mixed_where_day_0_has_a_date() -> None:
    text = f"day_0 = 2024-03-01\n{DRUG}start = 0\n{BACK}onset = 2024-03-15"
    assert of(text).symptoms[0].onset == date(2024, 3, 15)


@given(place=st.sampled_from(EVERY_FIELD), data=st.data())
def test_a_misspelt_field_is_refused_and_the_right_one_suggested(
    place: tuple[str, str], data: st.DataObject
) -> None:
    section, name = place
    at = data.draw(st.integers(0, len(name) - 1))
    misspelt = f"{name[:at]}{name[at]}{name[at:]}"  # one letter doubled
    known = fields_in_file(section_class(section) or Context)
    assume(misspelt not in known)
    head = f"[[{section}]]" if is_listed(section) else f"[{section}]"
    with pytest.raises(SettingsError) as caught:
        of(f"\n{head}\n{misspelt} = 1")
    assert f"line 3: {section}" in str(caught.value)
    assert f"Did you mean {name!r}?" in str(caught.value)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert refusal_of(text).startswith("c.toml")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 100),
    st.floats(),
    st.sampled_from(["day 3", "2024-01-01", "legs", "mg", ""]),
)


@given(st.lists(st.tuples(st.sampled_from(EVERY_FIELD), VALUES), max_size=8))
def test_any_values_of_any_fields_are_read_or_refused(
    rows: list[tuple[tuple[str, str], object]],
) -> None:
    text = ""
    for (section, name), value in rows:
        if value is None or (not is_listed(section) and f"[{section}]" in text):
            continue
        head = f"[[{section}]]" if is_listed(section) else f"[{section}]"
        plain = str(value).lower() if isinstance(value, bool | int | float) else f'"{value}"'
        text += f"{head}\n{name} = {plain}\n"
    assert re.match(r"c\.toml( is fine|, line \d+: \w+)", refusal_of(text))


# plain data and lines


@pytest.mark.parametrize("text", [FILLED, "", "day_0 = 2024-03-01", f"{BACK}onset = 2024-03-01"])
def test_plain_data_give_the_same_context_back(text: str) -> None:
    context = of(text)
    plain = json.loads(json.dumps(plain_context(context)))
    assert context_from(plain).context == context


def test_plain_data_hold_only_what_was_told() -> None:
    assert plain_context(of(f"{BACK}urge = false")) == {
        "symptoms": [{"site": "back", "urge": False}]
    }


def test_an_error_in_plain_data_names_no_line() -> None:
    with pytest.raises(SettingsError, match=r"^context: person, age: found 'x', wanted"):
        context_from({"person": {"age": "x"}})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("person.age = 200", 1),
        ('"person" . "age" = 200', 1),
        ("\n[ 'person' ]\n'age' = 200", 3),
        ("\nperson = { age = 200 }", 2),
        ('source = """\n[person]\nage = 3\n"""\n[person]\n\nage = 200', 7),
        ("source = '''[person]'''\r\n[person]\r\nage = 200", 3),
        ("[person] # who\nage = 200", 2),
    ],
)
def test_the_line_is_found_however_the_field_is_written(text: str, line: int) -> None:
    with pytest.raises(SettingsError, match=rf"^c\.toml, line {line}: person, age: found 200"):
        of(text)


def test_the_line_of_a_row_in_a_list_of_inline_tables_is_that_of_the_list() -> None:
    with pytest.raises(SettingsError, match=r"^c\.toml, line 2: drugs 2, dose: found 3 without"):
        of('\ndrugs = [{name = "x"},\n  {name = "y", dose = 3}]')


@pytest.mark.parametrize("number", ["1" * 400, "-" + "9" * 30, "1e400", "inf", "-inf"])
def test_a_number_beyond_all_bounds_is_refused(number: str) -> None:
    for field in ("[person]\nage", f"{BACK}onset", "[bars]\nglobal"):
        with pytest.raises(SettingsError, match=r"^c\.toml, line \d"):
            of(f"{field} = {number}")


@pytest.mark.parametrize("text", ["[[drugs.x]]", "[drugs.x]", "[ drugs . x ]"])
def test_a_table_below_a_table_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^c\.toml, line 2: drugs 1, x: found the unknown"):
        of(f"\n{text}\ny = 1")
