"""Reports in another language on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
CASE = Path(__file__).resolve().parents[2] / "sample_data" / "case"


@pytest.fixture
def german(tmp_path: Path) -> Path:
    path = tmp_path / "texts_de.toml"
    path.write_text('[nights]\ntitle = "N\u00e4chte einer Person"\n', encoding="utf-8")
    return path


def test_a_report_takes_the_words_of_a_file(psgkit: Run, german: Path, tmp_path: Path) -> None:
    nights = sorted(CASE.glob("night-*.json"))
    code, said, _ = psgkit("--texts", german, "nights", *nights, "--out", tmp_path / "out")
    assert code == 0
    assert said.startswith("N\u00e4chte einer Person \u00b7 3 nights")
    assert "N\u00e4chte einer Person" in (tmp_path / "out" / "nights.html").read_text("utf-8")
    code, said, _ = psgkit("nights", *nights)
    assert said.startswith("Nights of one person")


def test_a_file_with_a_wrong_key_is_refused(psgkit: Run, german: Path) -> None:
    german.write_text('[nights]\ntitel = "N\u00e4chte"\n', encoding="utf-8")
    code, said, told = psgkit("--texts", german, "nights", CASE / "night-1.json")
    assert (code, said) == (2, "")
    assert "texts_de.toml, nights.titel: found a key that no report uses" in told
    assert "Did you mean nights.title?" in told


def test_a_batch_says_that_it_writes_english(psgkit: Run, german: Path, tmp_path: Path) -> None:
    code, _, told = psgkit("--texts", german, "batch", CASE, "--out", tmp_path / "out")
    assert code == 2
    assert "--texts: found batch" in told
