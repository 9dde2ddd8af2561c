"""Several nights in one call, folders, --quiet, --subject, and the defaults of a laboratory."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.settings import Settings, read_settings

Files = dict[str, Path]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def two(good: Files, tmp_path: Path) -> Path:
    """Return a folder with one night in each of two folders, of one name."""
    for name in ("first", "second"):
        (tmp_path / "nights" / name).mkdir(parents=True)
        shutil.copy(good["recording"], tmp_path / "nights" / name / "night.edf")
    return tmp_path / "nights"


def test_a_folder_gives_a_line_a_night(two: Path, psgkit: Command, tmp_path: Path) -> None:
    code, out, err = psgkit("report", two, "--out", tmp_path / "out")
    assert code == 0, err
    lines = [line for line in out.splitlines() if line.startswith(("first/", "second/"))]
    assert len(lines) == 2
    assert "PLMS index" in out
    assert "scorer must review" in out
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["first-night", "second-night"]


def test_quiet_prints_nothing(two: Path, psgkit: Command, tmp_path: Path) -> None:
    code, out, err = psgkit("report", two, "--out", tmp_path / "out", "--quiet")
    assert (code, out, err) == (0, "", "")
    assert (tmp_path / "out" / "first-night" / "report.json").is_file()


def test_quiet_needs_a_folder_for_the_files(good: Files, psgkit: Command) -> None:
    code, out, err = psgkit("report", good["recording"], "--quiet")
    assert (code, out) == (2, "")
    assert "--quiet" in err
    assert "Add --out DIR." in err


def test_a_folder_without_recordings_is_told(psgkit: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = psgkit("report", tmp_path / "empty")
    assert (code, out) == (3, "")
    assert "no recording" in err


def test_a_large_folder_is_a_batch(psgkit: Command, tmp_path: Path) -> None:
    for number in range(51):
        (tmp_path / f"{number}.edf").write_bytes(b"0       ")
    code, _out, err = psgkit("report", tmp_path)
    assert code == 2
    assert "psgkit batch" in err


def test_a_subject_stands_on_the_page_only(good: Files, psgkit: Command, tmp_path: Path) -> None:
    said = "P-0017 <b>"
    code, _out, err = psgkit(
        "report", good["recording"], "--out", tmp_path / "out", "--subject", said
    )
    assert code == 0, err
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "P-0017 &lt;b&gt;" in page
    assert "P-0017" not in (tmp_path / "out" / "report.json").read_text(encoding="utf-8")


def test_settings_of_the_folder_then_of_the_user_hold_unasked(
    psgkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, config = tmp_path / "here", tmp_path / "config" / "psgkit"
    here.mkdir()
    config.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert json.loads(psgkit("settings", "--json")[1])["source"] is None
    (config / "psgkit.toml").write_text('[rules]\nbase = "aasm3"\n', encoding="utf-8")
    of_user = json.loads(psgkit("settings", "--json")[1])
    assert of_user["source"] == str(config / "psgkit.toml")
    assert of_user["settings"]["rules"]["name"] == "aasm3"
    (here / "psgkit.toml").write_text('[rules]\nbase = "wasm2006"\n', encoding="utf-8")
    code, out, err = psgkit("settings", "--json")
    assert code == 0
    assert json.loads(out)["settings"]["rules"]["name"] == "wasm2006"
    assert "settings of psgkit.toml" in err


def test_what_settings_prints_is_a_settings_file(psgkit: Command, tmp_path: Path) -> None:
    for rules in ("wasm2016", "aasm3"):
        code, out, err = psgkit("settings", "--rules", rules)
        assert code == 0, err
        (tmp_path / "again.toml").write_text(out, encoding="utf-8")
        again = read_settings(tmp_path / "again.toml")
        assert again.as_dict() == Settings(rules=rules).as_dict()


def test_what_differs_from_psgkits_own_numbers_is_marked(psgkit: Command, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[emg.rule]\nonset_above_rest_uv = 9.0\n", encoding="utf-8")
    out = psgkit("settings", "--settings", own)[1]
    assert "onset_above_rest_uv = 9.0  # psgkit: 8.0" in out.splitlines()


def test_completion_can_be_installed(psgkit: Command) -> None:
    assert "--install-completion" in psgkit("--help")[1]
