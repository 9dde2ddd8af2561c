"""``psgkit check``: files and folders, forms, exit codes, corrected and anonymised copies."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Files = dict[str, Path]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(good: Files, tmp_path: Path) -> Path:
    """Return a folder with two recordings, one that is none, and something else."""
    nights = tmp_path / "nights"
    (nights / "ward").mkdir(parents=True)
    shutil.copy(good["recording"], nights / "a.EDF")
    shutil.copy(good["recording"], nights / "ward" / "b.rec")
    (nights / "c.bdf").write_bytes(b"<html>")
    (nights / "notes.txt").write_text("x")
    return nights


def test_a_good_file_is_described_with_exit_code_0(good: Files, psgkit: Command) -> None:
    code, out, err = psgkit("check", good["recording"])
    assert (code, err) == (0, "")
    assert "Simulated: no person was recorded." in out
    assert "EMG LAT" in out or "LAT" in out
    assert "Research software, not a medical device" in out


def test_a_folder_gives_one_line_a_file_and_3_for_an_unreadable_one(
    folder: Path, psgkit: Command
) -> None:
    code, out, err = psgkit("check", folder)
    assert (code, err) == (3, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["a.EDF", "c.bdf", "ward/b.rec"]
    assert "unreadable" in lines[1]
    assert "legs:" in lines[0]


def test_json_and_csv_hold_every_file(folder: Path, psgkit: Command) -> None:
    code, out, _ = psgkit("check", folder, "--json")
    assert code == 3
    said = json.loads(out)
    assert said["schema"] == "psgkit.check/1"
    assert [file["status"] for file in said["files"]] == ["read", "unreadable", "read"]
    assert str(folder) not in out
    code, out, _ = psgkit("check", folder, "--csv")
    assert code == 3
    rows = list(csv.DictReader(io.StringIO(out)))
    labels = [channel["label"] for channel in said["files"][0]["channels"]]
    assert [row["channel"] for row in rows if row["file"] == "a.EDF"] == labels
    assert [row["status"] for row in rows if row["file"] == "c.bdf"] == ["unreadable"]


def test_several_files_are_described_in_turn(good: Files, psgkit: Command) -> None:
    code, out, _ = psgkit("check", good["recording"], good["recording"])
    assert code == 0
    assert out.count("Recording check") == 2


def test_what_does_not_go_together_is_refused(good: Files, psgkit: Command) -> None:
    for words in (
        ("--json", "--csv"),
        ("--keep-names",),
        ("--repair", "x", "--anonymise", "y"),
    ):
        code, out, err = psgkit("check", good["recording"], *words)
        assert (code, out) == (2, "")
        assert err.startswith("psgkit: check: found ")


def test_a_folder_without_recordings_and_a_missing_file_are_said(
    tmp_path: Path, psgkit: Command
) -> None:
    code, _, err = psgkit("check", tmp_path)
    assert code == 3
    assert "*.edf" in err
    code, out, _ = psgkit("check", tmp_path / "gone.edf")
    assert code == 3
    assert "no such file" in out


def test_repair_writes_copies_and_a_log_and_leaves_the_originals(
    folder: Path, tmp_path: Path, psgkit: Command
) -> None:
    (folder / "c.bdf").unlink()
    whole = (folder / "a.EDF").read_bytes()
    cut = whole[:-1000]
    (folder / "a.EDF").write_bytes(cut)
    code, _, err = psgkit("check", folder, "--repair", tmp_path / "fixed")
    assert code == 0
    assert "wrote " in err
    assert (folder / "a.EDF").read_bytes() == cut
    assert (tmp_path / "fixed" / "ward" / "b.rec").read_bytes() == whole
    log = (tmp_path / "fixed" / "repair.log").read_text(encoding="utf-8").splitlines()
    assert log[0] == "file\tfield\tbyte\told\tnew"
    assert any(line.startswith("a.EDF\tnumber of records\t236\t") for line in log)
    code, out, _ = psgkit("check", tmp_path / "fixed", "--json")
    assert code == 0
    codes = [f["code"] for file in json.loads(out)["files"] for f in file["findings"]]
    assert "edf.truncated" not in codes


@pytest.mark.parametrize("option", ["--repair", "--anonymise"])
def test_copies_are_never_written_among_the_originals(
    folder: Path, option: str, psgkit: Command
) -> None:
    before = sorted(folder.rglob("*"))
    for target in (folder, folder / "copies", folder / "ward" / ".." / "x"):
        code, _, err = psgkit("check", folder, option, target)
        assert code == 2
        assert "originals" in err
    code, _, err = psgkit("check", folder / "a.EDF", option, folder)
    assert code == 2
    assert sorted(folder.rglob("*")) == before


def test_two_files_of_one_name_are_not_written_over_each_other(
    folder: Path, tmp_path: Path, psgkit: Command
) -> None:
    shutil.copy(folder / "a.EDF", tmp_path / "a.EDF")
    code, _, err = psgkit(
        "check", folder / "a.EDF", tmp_path / "a.EDF", "--repair", tmp_path / "fixed"
    )
    assert code == 2
    assert "two files called a.EDF" in err


def test_anonymise_renames_by_content_unless_asked_not_to(
    folder: Path, tmp_path: Path, psgkit: Command
) -> None:
    (folder / "c.bdf").unlink()
    code, _, _ = psgkit("check", folder, "--anonymise", tmp_path / "out")
    assert code == 0
    names = [path.name for path in (tmp_path / "out").iterdir()]
    assert "a.EDF" not in names
    code, _, _ = psgkit("check", folder, "--anonymise", tmp_path / "kept", "--keep-names")
    assert code == 0
    assert (tmp_path / "kept" / "ward" / "b.rec").is_file()
    code, out, _ = psgkit("check", tmp_path / "kept", "--json")
    assert code == 0
    starts = {file["start"][:10] for file in json.loads(out)["files"]}
    assert starts == {"1985-01-01"}
    assert all(file["simulated"] for file in json.loads(out)["files"])


def test_a_map_that_fits_some_files_only_is_an_error_of_the_others(
    folder: Path, good: Files, tmp_path: Path, psgkit: Command
) -> None:
    (folder / "c.bdf").unlink()
    whole = good["recording"].read_bytes()
    code, out, _ = psgkit("check", good["recording"], "--json")
    label = json.loads(out)["files"][0]["channels"][0]["label"]
    renamed = whole.replace(label.encode().ljust(16), b"another".ljust(16), 1)
    (folder / "a.EDF").write_bytes(renamed)
    (tmp_path / "map.toml").write_text(f'["{label}"]\nrole = ""\n', encoding="utf-8")
    words = ("--channels", tmp_path / "map.toml")
    code, out, _ = psgkit("check", folder, "--json", *words)
    assert code == 3
    assert [file["status"] for file in json.loads(out)["files"]] == ["unreadable", "read"]
    code, out, err = psgkit("check", folder / "a.EDF", *words)
    assert (code, out) == (2, "")
    assert label in err
