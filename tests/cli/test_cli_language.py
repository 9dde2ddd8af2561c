"""Reports in another language on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
CASE = Path(__file__).resolve().parents[2] / "sample_data" / "case"


def test_an_unknown_language_is_refused_and_the_known_ones_are_named(psgkit: Run) -> None:
    code, said, told = psgkit("--language", "xx", "nights", CASE / "night-1.json")
    assert (code, said) == (2, "")
    assert "--language: found 'xx', wanted one of en, de." in told


def test_the_language_of_the_system_is_not_obeyed(
    psgkit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    code, said, _ = psgkit("nights", *sorted(CASE.glob("night-*.json")))
    assert code == 0
    assert said.startswith("Nights of one person")


def test_reports_are_german_and_their_json_stays_english(psgkit: Run, tmp_path: Path) -> None:
    nights = sorted(CASE.glob("night-*.json"))
    code, said, _ = psgkit("--language", "de", "nights", *nights, "--out", tmp_path / "german")
    assert code == 0
    assert said.startswith("N\u00e4chte einer Person \u00b7 3 N\u00e4chte")
    assert '<html lang="de">' in (tmp_path / "german" / "nights.html").read_text("utf-8")
    psgkit("nights", *nights, "--out", tmp_path / "english")
    for name in ("nights.json", "nights.csv"):
        german, english = (tmp_path / one / name for one in ("german", "english"))
        assert german.read_bytes() == english.read_bytes()
