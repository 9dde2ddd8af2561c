"""The table of all nights: what it says of each, how it is searched and sorted, and whose names."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from cohort_fixtures import Night, simulated_report, with_values, write_cohort
from small_nights import small_night

from psgkit.cohort.ledger import nights_of
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.cohort.summary.night_list import local_nights, review_command
from psgkit.cohort.summary.page import write_summary
from psgkit.cohort.summary.summarise import summarise_cohort
from psgkit.cohort.tables.rows import PARTS, read_rows, rows_as_bytes
from psgkit.cohort.tables.schema import LATER_COLUMNS, arrow_type
from psgkit.core.reviewed import Reviewed
from psgkit.night.files import NightFiles
from psgkit.report.words.language import in_language
from psgkit.report.words.number_format import NO_VALUE

Command = Callable[..., tuple[int, str, str]]
Opener = Callable[..., Any]
EVIL = '</script><img src=x onerror="window.hacked=1">'


def some_nights() -> list[Night]:
    """Return 120 nights of 60 subjects, of which one failed and one was reviewed."""
    report = simulated_report()
    reviewed = Reviewed(
        by=f"A. Meier {EVIL}",
        at="2026-03-01T08:00:00Z",
        version="1",
        changes={"movements_n": 20, "movements_changed_n": 3},
    )
    nights = []
    for k in range(120):
        value = None if k == 5 else float((37 * k) % 120)
        found = with_values(report, {"legs__plms_index": value})
        if k == 8:
            found = replace(found, reviewed=reviewed)
        if k == 9:
            found = replace(found, cautions=())
        nights.append(
            Night(
                night_id=f"s{k // 2}-{k % 2 + 1}",
                subject=f"s{k // 2}",
                extra={"group": "rls" if k % 4 else EVIL},
                report=None if k == 7 else found,
            )
        )
    return nights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = write_cohort(tmp_path_factory.mktemp("cohort") / "study", some_nights())
    write_summary(summarise_cohort(out), out, out)
    with in_language("de"):
        write_summary(summarise_cohort(out), out, out / "deutsch")
    return out


@pytest.fixture
def open_page(browser: Any) -> Iterator[Opener]:  # noqa: ANN401
    """Return what opens a page, and fails for any error or request."""
    problems: list[str] = []
    contexts = []

    def opened(path: Path, **wanted: Any) -> Any:  # noqa: ANN401
        context = browser.new_context(reduced_motion="reduce", **wanted)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: problems.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        address = path.as_uri()
        page.on("request", lambda r: None if r.url == address else problems.append(r.url))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def column(page: Any, number: int) -> list[str]:  # noqa: ANN401
    """Return the cells of a column that are shown, top to bottom."""
    return page.evaluate(
        """(k) => [...document.querySelectorAll(".listing tbody tr")].filter((row) => !row.hidden)
            .map((row) => (row.cells[k].querySelector("summary") || row.cells[k]).textContent)""",
        number,
    )


def test_it_is_sorted_by_a_click_or_a_key_and_searched(open_page: Opener, folder: Path) -> None:
    page = open_page(folder / "cohort.html")
    count = page.locator(".listing [role=status]")
    assert count.text_content() == "120 of 120 nights"
    assert len(column(page, 0)) == 100
    page.click("[data-more]")
    head = page.locator(".listing thead th", has_text="PLMS")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    values = [float(cell) for cell in column(page, 2)[:-2]]
    assert values == sorted(values)
    assert len(values) == 118
    assert column(page, 2)[-2:] == [NO_VALUE] * 2  # what has no value comes last, either way
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(cell) for cell in column(page, 2)[:-2]] == values[::-1]
    assert column(page, 2)[-2:] == [NO_VALUE] * 2
    page.locator(".listing thead button", has_text="Night").press(" ")
    names = [name.split()[-1] for name in column(page, 0)]
    assert names[:3] == ["s0-1", "s0-2", "s1-1"]
    assert names.index("s10-1") > names.index("s9-2")  # numbers in names as numbers
    page.fill(".listing input", "MEIER s4")
    assert count.text_content() == "1 of 120 nights"
    assert column(page, 4)[0].startswith("by A. Meier </script>")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


def test_cautions_are_counted_and_said_in_words(open_page: Opener, folder: Path) -> None:
    page = open_page(folder / "cohort.html", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    rows = {name.split()[-1]: k for k, name in enumerate(column(page, 0))}
    said = column(page, 3)
    cautions = [one.message for one in simulated_report().cautions]
    assert said[rows["s0-1"]] == str(len(cautions))
    assert said[rows["s4-2"]] == "0"
    assert said[rows["s3-2"]] == "failed"
    box = page.locator(".listing tbody tr").nth(rows["s0-1"]).locator("details")
    box.locator("summary").click()
    assert box.locator("li").all_text_contents() == cautions
    box.locator("summary").hover()
    assert box.get_attribute("title") == "\n".join(cautions)


def test_without_a_script_all_nights_are_there(open_page: Opener, folder: Path) -> None:
    page = open_page(folder / "cohort.html", java_script_enabled=False)
    rows = page.locator(".listing tbody tr")
    assert rows.count() == 120
    assert rows.last.is_visible()
    assert page.locator(".listing input").is_hidden()
    assert page.locator("[data-more]").is_hidden()


def test_the_page_is_german_in_german(open_page: Opener, folder: Path) -> None:
    page = open_page(folder / "deutsch" / "cohort.html")
    said = page.locator("section", has=page.locator(".listing")).inner_text()
    assert "120 von 120 Nächten" in said
    assert "nicht durchgesehen" in said
    for english in ("Night", "Caution", "Reviewed", "Search", "of 120", "recording"):
        assert english not in said
    link = page.locator(".listing a").first.get_attribute("href")
    assert (folder / "deutsch" / unquote(link)).parent.is_dir()


# names of files


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder with a night, a copy of it, and a broken one, all named after people."""
    folder = tmp_path / "recordings"
    (folder / "more").mkdir(parents=True)
    (folder / "Maier Anna.edf").write_bytes(small_night(folder))
    shutil.copy(folder / "Maier Anna.edf", folder / "more" / "Maier_again.edf")
    (folder / "Xylander.edf").write_bytes(b"0       " + b" " * 300)
    return folder


def test_the_terminal_names_files_and_copies_and_the_outputs_do_not(
    source: Path, tmp_path: Path, psgkit: Command
) -> None:
    out = tmp_path / "out"
    log = tmp_path / "log.jsonl"
    code, said, _ = psgkit("batch", source, "--out", out, "--jobs", "1", "--log", log)
    assert code == 4
    assert "Xylander.edf (" in said
    assert "left out, a copy: more/Maier_again.edf (as Maier Anna.edf)" in said
    psgkit("cohort", out)
    written = [path.read_bytes() for path in (*out.rglob("*"), log) if path.is_file()]
    for name in (b"Maier", b"Xylander"):
        assert not [one for one in written if name in one]


def test_named_source_gives_names_and_commands_to_the_page_alone(
    source: Path, tmp_path: Path, psgkit: Command
) -> None:
    out = tmp_path / "out"
    psgkit("batch", source, "--out", out, "--jobs", "1")
    code, _, _ = psgkit("cohort", out, "--source", source)
    assert code == 0
    page = (out / "cohort.html").read_text()
    assert ">Maier Anna.edf</a>" in page
    assert f"psgkit review &#39;{source}/Maier Anna.edf&#39;" in page
    assert "psgkit review &#39;" not in page.split("Xylander.edf", 1)[1].split("</tr>", 1)[0]
    others = [path for path in out.rglob("*") if path.is_file() and path.name != "cohort.html"]
    assert not [path for path in others if b"Maier" in path.read_bytes()]
    # the same night by its own name in the ledger
    with nights_of(out) as rows:
        assert {row.night_id for row in rows} == set(local_nights(str(source), out))
    other = tmp_path / "other"
    other.mkdir()
    (other / "else.edf").write_bytes(b"0       " + b"x" * 300)
    code, _, error = psgkit("cohort", out, "--source", other)
    assert code == 2
    assert "none of which is a night of this batch" in error


def test_the_command_has_the_rules_of_the_batch(
    source: Path, tmp_path: Path, psgkit: Command
) -> None:
    out = tmp_path / "out"
    psgkit("batch", source, "--out", out, "--jobs", "1", "--rules", "aasm3")
    assert psgkit("cohort", out, "--source", source)[0] == 0
    page = (out / "cohort.html").read_text()
    assert f"{source}/Maier Anna.edf&#39; --rules aasm3" in page


def test_the_command_has_the_files_and_lights_of_the_batch(tmp_path: Path) -> None:
    night = PlannedNight(
        identity=NightIdentity(night_id="a"),
        recording=tmp_path / "a b.edf",
        files=NightFiles(hypnogram=tmp_path / "h.csv", channels=tmp_path / "m.toml", sidecar=True),
        lights=("23:05", None),
    )
    assert review_command(night) == (
        f"psgkit review '{tmp_path}/a b.edf' --hypnogram {tmp_path}/h.csv "
        f"--channels {tmp_path}/m.toml --lights-off 23:05"
    )
    beside = replace(night, sidecars=(tmp_path / "a b_stages.csv",))
    assert "--sidecar" in review_command(beside)


# rows of earlier versions


def test_rows_without_the_later_columns_are_read_as_null(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, identity = simulated_report(), NightIdentity(night_id="a", recording="a.edf")
    facts = PARTS["night"]["facts"]
    earlier = tuple(column for column in facts if column.name not in LATER_COLUMNS)
    with monkeypatch.context() as patched:
        patched.setitem(PARTS["night"], "facts", earlier)
        content = rows_as_bytes(report, identity)
    path = tmp_path / "rows.arrow"
    path.write_bytes(content)
    found = read_rows(path)["facts"]
    assert found.schema.names == [column.name for column in facts]
    for column in facts[-len(LATER_COLUMNS) :]:
        assert found[column.name].type == arrow_type(column.kind)
        assert found[column.name].null_count == 1


def test_the_tables_say_who_reviewed(folder: Path) -> None:
    import pandas as pd

    nights = pd.read_parquet(folder / "nights.parquet").set_index("night_id")
    reviewed = nights.loc["s4-1"]
    assert reviewed["reviewed_by"].startswith("A. Meier")
    assert reviewed["reviewed_changed_n"] == 3
    assert nights["reviewed_by"].notna().sum() == 1
    said = nights.loc["s0-1", "caution_messages"].split("\n")
    assert said == [one.message for one in simulated_report().cautions]
    assert json.loads((folder / "cohort.json").read_text())["nights"]["all_n"] == 120
