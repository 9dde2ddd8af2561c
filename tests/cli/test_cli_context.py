"""``psgkit context``: a template, its check, the schema, and files that are refused."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.profile.context.read import read_context
from psgkit.report.context_answer import answer_page
from psgkit.report.terminal import page_as_text
from psgkit.report.words.language import in_language

Command = Callable[..., tuple[int, str, str]]
CASE = Path(__file__).parents[2] / "sample_data" / "case" / "context.toml"


def test_a_new_template_is_a_file_that_can_be_checked(psgkit: Command, tmp_path: Path) -> None:
    file = tmp_path / "subject.toml"
    assert psgkit("context", "--new", file) == (0, "", f"wrote {file}\n")
    code, out, err = psgkit("context", file)
    assert (code, err) == (0, "")
    assert "subject.toml" in out


def test_a_template_is_not_written_twice(psgkit: Command, tmp_path: Path) -> None:
    file = tmp_path / "subject.toml"
    psgkit("context", "--new", file)
    code, out, err = psgkit("context", "--new", file)
    assert (code, out) == (2, "")
    assert "a file that exists" in err


def test_the_schema_is_json(psgkit: Command) -> None:
    code, out, err = psgkit("context", "--schema")
    assert (code, err) == (0, "")
    assert "drugs" in json.loads(out)["properties"]


def test_the_case_is_summed_up(psgkit: Command) -> None:
    code, out, err = psgkit("context", CASE, "--full")
    assert (code, err) == (0, "")
    for words in (
        "began 14 days after amisulpride",
        "431 ng/mL",
        "high (100-320; Hiemke",
        "metoprolol",
    ):
        assert words in out
    assert "This is no diagnosis." in " ".join(out.split())


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_statement_of_the_case_ends_within_fifteen_lines_at_any_width(width: int) -> None:
    page = answer_page(read_context(CASE))
    lines = page_as_text(page, width=width).rstrip().splitlines()
    assert len(lines) <= 15
    assert " ".join(lines[-3:]).endswith("a BARS rating.")
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_german_statement_of_the_case_ends_within_fifteen_lines(width: int) -> None:
    with in_language("de"):
        lines = page_as_text(answer_page(read_context(CASE)), width=width).rstrip().splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= width
    said = " ".join(" ".join(lines).split())
    order = [said.index(voice) for voice in ("Angaben ", "Verlauf ", "Fazit ")]
    assert order == sorted(order)
    for words in (
        "keine Diagnose",
        "Restless-Back-Syndrom: Kriterien 2 und 3 (Ruhe und Besserung; 1, 4 und 5 nicht erfasst)",
        "gegen Akathisie: lokalisiertes Jucken und Kribbeln, Besserung beim Aufstehen",
        "weniger wahrscheinlich, nicht ausgeschlossen (keine Skala)",
        "nun erfragen: Bewegungsdrang",
    ):
        assert words in said
    assert said.endswith("BARS-Einstufung.")


def test_the_answer_of_the_case_ends_within_fifteen_lines(psgkit: Command) -> None:
    code, out, _ = psgkit("context", CASE)
    assert code == 0
    lines = out.rstrip().splitlines()
    assert len(lines) <= 15
    assert "no recording: evidence, no diagnosis" in lines[0]
    said = " ".join(out.split())
    order = [said.index(voice) for voice in ("Answers ", "Timing ", "Together ")]
    assert order == sorted(order)
    for words in (
        "Fit a restless back on criteria",
        "1, 4 and 5 not recorded",
        "speak against akathisia",
        "akathisia is less likely, not excluded (no rating scale)",
    ):
        assert words in said
    together = said[order[-1] :]
    assert "leans weakly toward a possibly drug-induced restless back" in together
    assert "ask next about" in together


def test_remarks_on_a_file_are_said_beside_its_answer(psgkit: Command, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[[drugs]]\nname = "moonshine"\n')
    _, out, err = psgkit("context", tmp_path / "c.toml")
    assert "moonshine" in err
    assert "moonshine" not in out
    assert "moonshine" in psgkit("context", tmp_path / "c.toml", "--full")[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[drugs]]\nname = "x"\ndose = 3', "line 3: drugs 1, dose: found 3 without a unit"),
        ("[person]\nagee = 3", "Did you mean 'age'?"),
        ("[person]\nname = 3", "no patient data"),
    ],
)
def test_a_wrong_file_is_a_wrong_setting(
    text: str, words: str, psgkit: Command, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text(text)
    code, out, err = psgkit("context", tmp_path / "c.toml")
    assert (code, out) == (2, "")
    assert err.startswith("psgkit: c.toml, line ")
    assert words in err


def test_one_thing_at_a_time(psgkit: Command, tmp_path: Path) -> None:
    for words in ([], [CASE, "--schema"], ["--new", tmp_path / "c.toml", "--schema"]):
        code, out, err = psgkit("context", *words)
        assert (code, out) == (2, "")
        assert "one of FILE, --new FILE, --ask FILE, --form KIND and --schema" in err
    assert not (tmp_path / "c.toml").exists()


def test_text_of_a_file_cannot_move_the_terminal(psgkit: Command, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[[symptoms]]\nsite = "back"\nwords = "a\\u001b[31mb"')
    _, out, _ = psgkit("context", tmp_path / "c.toml", "--full")
    assert "\x1b" not in out
    assert "a\\x1b[31mb" in out


# the same file beside a night and over nights

CASE_NIGHTS = sorted(CASE.parent.glob("night-*.json"))
DRUG = (
    '[[drugs]]\nname = "amisulpride"\ndose = 0.6\nunit = "g/day"\nstart = "day 0"\nstop = "day 9"\n'
)
REFUSED = {
    "dates out of order": (DRUG.replace("day 9", "day -9"), "c.toml, line 6: drugs 1, stop"),
    "a dose without unit": (DRUG.replace('unit = "g/day"\n', ""), "c.toml, line 3: drugs 1, dose"),
    "a misspelt field": (DRUG.replace("dose", "does"), "line 3: drugs 1, does.*mean 'dose'"),
}
KEPT = {
    "an unknown drug": (
        DRUG.replace("amisulpride", "moonshine"),
        ("c.toml, line 2: drugs 1, name", "context.unknown_drug", "class unknown"),
    ),
    "a value without unit": (
        '[[laboratory]]\nname = "ferritin"\nvalue = 12\nlow = 30\n',
        ("c.toml, line 3: laboratory 1, value", "context.no_unit", "no unit"),
    ),
    "a value without range": (
        '[[laboratory]]\nname = "ferritin"\nvalue = 12\nunit = "ug/L"\n',
        ("c.toml, line 3: laboratory 1, value", "context.no_range", "no reference range"),
    ),
    "a night outside the time line": (
        f'{DRUG}[[nights]]\nfile = "night-1.json"\ndate = "day 99"\n',
        ("", "night", "outside the time line"),
    ),
}


def beside(context: Path, good: dict[str, Path]) -> dict[str, list[object]]:
    """Return the commands that take a clinical context."""
    return {
        "report": ["report", good["recording"], "--context", context, "--json"],
        "nights": ["nights", *CASE_NIGHTS, "--context", context, "--json"],
    }


@pytest.mark.parametrize("command", ["report", "nights"])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_wrong_context_ends_every_command_with_file_line_and_field(
    kind: str, command: str, psgkit: Command, good: dict[str, Path], tmp_path: Path
) -> None:
    text, words = REFUSED[kind]
    (tmp_path / "c.toml").write_text(text)
    code, out, err = psgkit(*beside(tmp_path / "c.toml", good)[command])
    assert (code, out) == (2, "")
    assert re.search(words, err)


@pytest.mark.parametrize("command", ["report", "nights"])
@pytest.mark.parametrize("kind", KEPT)
def test_what_is_odd_is_a_finding_and_the_rest_is_used(
    kind: str, command: str, psgkit: Command, good: dict[str, Path], tmp_path: Path
) -> None:
    text, (where, code, words) = KEPT[kind]
    (tmp_path / "c.toml").write_text(text)
    done, out, _ = psgkit(*beside(tmp_path / "c.toml", good)[command])
    assert done == 0
    (found,) = [
        one
        for one in json.loads(out)["findings"]
        if words in one["message"] and code in one["code"]
    ]
    assert found["severity"] == "warning"
    assert where in found["where"]


# the interview and the form


def asked(psgkit: Command, monkeypatch: pytest.MonkeyPatch, lines: str, *words: object) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    code, out, _ = psgkit(*words)
    assert code == 0
    return out


def test_an_interview_saves_skips_and_goes_on_where_it_ended(
    psgkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "subject.toml"
    first = asked(psgkit, monkeypatch, "50\nx\nmale\nback\n\nq\n", "context", "--ask", file)
    assert "Not understood: subject.toml: sex: found 'x'" in first
    assert 'site = "back"' in file.read_text()
    assert "words" not in file.read_text()
    again = asked(psgkit, monkeypatch, "itching\n", "context", "--ask", file)
    assert "How old" not in again
    assert "Back: What does it feel like" in again
    assert 'words = "itching"' in file.read_text()
    code, _, err = psgkit("context", file)
    assert (code, err) == (0, "")


def test_an_interview_without_an_answer_writes_nothing(
    psgkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(psgkit, monkeypatch, "", "context", "--ask", tmp_path / "c.toml")
    asked(psgkit, monkeypatch, "\n" * 60, "context", "--ask", tmp_path / "c.toml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_form_is_one_page(language: str, psgkit: Command, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    for kind in ("pdf", "html"):
        file = tmp_path / f"form.{kind}"
        done = psgkit("--language", language, "context", "--form", kind, "--to", file)
        assert done == (0, "", f"wrote {file}\n")
    (page,) = pypdf.PdfReader(tmp_path / "form.pdf").pages
    title = {"en": "Restlessness: questions", "de": "Unruhe: Fragen"}[language]
    assert title in page.extract_text()
    html = (tmp_path / "form.html").read_text("utf-8")
    assert title in html
    assert f'<html lang="{language}">' in html


def test_a_form_is_refused_over_a_file_and_of_another_kind(psgkit: Command, tmp_path: Path) -> None:
    file = tmp_path / "form.html"
    file.write_text("mine")
    code, _, err = psgkit("context", "--form", "html", "--to", file)
    assert (code, file.read_text()) == (2, "mine")
    assert "a file that exists" in err
    code, _, err = psgkit("context", "--form", "docx")
    assert code == 2
    assert "one of pdf, html" in err
