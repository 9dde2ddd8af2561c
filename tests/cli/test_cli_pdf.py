"""``--pdf`` of the commands that write reports."""

from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]
Files = dict[str, Path]
CASE = Path(__file__).resolve().parents[2] / "sample_data" / "case"


def test_report_writes_a_pdf_beside_the_other_files(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    code, _, err = psgkit("report", good["recording"], "--out", tmp_path / "out", "--pdf")
    assert code == 0, err
    assert f"wrote {tmp_path / 'out' / 'report.pdf'}\n" in err
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_test_of_immobilisation_and_a_course_of_nights_have_a_pdf_too(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    sit = ("--protocol", "sit", "--from", "0", "--to", "300")
    code, _, err = psgkit("report", good["recording"], *sit, "--out", tmp_path, "--pdf")
    assert code == 0, err
    code, _, err = psgkit("nights", *sorted(CASE.glob("night-*.json")), "--out", tmp_path, "--pdf")
    assert code == 0, err
    assert {path.name for path in tmp_path.glob("*.pdf")} == {"sit.pdf", "nights.pdf"}


def test_without_the_option_no_pdf_is_written(psgkit: Command, good: Files, tmp_path: Path) -> None:
    code, _, _ = psgkit("report", good["recording"], "--out", tmp_path)
    assert code == 0
    assert not list(tmp_path.glob("*.pdf"))


@pytest.mark.parametrize("command", ["report", "score", "nights"])
def test_a_pdf_without_a_folder_is_refused(command: str, psgkit: Command, good: Files) -> None:
    code, out, err = psgkit(command, good["events"], "--pdf")
    assert (code, out) == (2, "")
    assert err == "psgkit: --pdf: found no --out, wanted a folder for the PDF. Add --out DIR.\n"


def test_a_logo_that_is_not_there_is_bad_settings(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    settings = tmp_path / "lab.toml"
    settings.write_text('[lab]\nlogo = "gone.png"\n', encoding="utf-8")
    code, out, err = psgkit("report", good["recording"], "--settings", settings)
    assert (code, out) == (2, "")
    assert err == "psgkit: lab.logo: gone.png: found no such file, wanted a PNG or JPEG picture.\n"


def test_the_laboratory_of_the_settings_is_on_page_and_pdf(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    settings = tmp_path / "lab.toml"
    settings.write_text('[lab]\nname = "Sleep laboratory"\n', encoding="utf-8")
    out = tmp_path / "out"
    code, _, err = psgkit("report", good["recording"], "--settings", settings, "--out", out)
    assert code == 0, err
    assert "Sleep laboratory" in (out / "report.html").read_text(encoding="utf-8")
    assert "Sleep laboratory" not in (out / "report.json").read_text(encoding="utf-8")
    sit = ("--protocol", "sit", "--from", "0", "--to", "300", "--out", out)
    code, _, err = psgkit("report", good["recording"], "--settings", settings, *sit)
    assert code == 0, err
    assert "Sleep laboratory" in (out / "sit.html").read_text(encoding="utf-8")
