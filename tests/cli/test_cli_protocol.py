"""``psgkit report --protocol``: what is printed and written, and what is refused."""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.io.edf.write import write_edf

Command = Callable[..., tuple[int, str, str]]
SECONDS = 900.0


@pytest.fixture(scope="module")
def waking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording of somebody awake whose left leg jerks every 6, 12 and 11 s."""
    samples = np.random.default_rng(5).standard_normal(round(SECONDS * 200)).astype(np.float32)
    for onset_s in 130 + np.cumsum(np.resize([6.0, 12.0, 11.0], 60)):
        samples[round(onset_s * 200) : round((onset_s + 1.5) * 200)] *= 40
    leg = Channel(
        label="LAT", rate_hz=200.0, samples=samples, unit="uV", role="leg", site=Site.LEFT_LEG
    )
    recording = Recording(
        source="sit.edf",
        start=datetime(2024, 1, 1, 19, 58),
        segments=(Segment(start_s=0.0, duration_s=SECONDS),),
        channels=(leg,),
    )
    path = tmp_path_factory.mktemp("sit") / "sit.edf"
    write_edf(recording, path, [(120.0, 0.0, "SIT start"), (720.0, 0.0, "SIT end")])
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "vas.csv"
    path.write_text("time,score\n20:05,20\n20:10,40\n", encoding="utf-8")
    return path


def test_a_marked_test_becomes_a_document(waking: Path, answers: Path, psgkit: Command) -> None:
    code, out, _ = psgkit("report", waking, "--protocol", "sit", "--discomfort", answers, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["schema"] == "psgkit.sit/1"
    assert (found["protocol"]["from_s"], found["protocol"]["to_s"]) == (120.0, 720.0)
    assert found["protocol"]["source"] == "annotation"
    legs = found["indices"]["legs"]
    assert legs["sit_index_older"]["value"] == pytest.approx(360.0)
    assert legs["sit_index_older"]["numerator"] == 60
    assert legs["sit_index_wasm2016"]["value"] == 0.0
    assert found["discomfort"]["mean"] == 30.0
    assert found["recording"]["sha256"]
    assert "NaN" not in out


def test_the_terminal_shows_what_files_mask(tmp_path: Path, psgkit: Command) -> None:
    """The terminal masked what a test quotes from its recording, unlike that of a night."""
    sample = Path(__file__).parents[2] / "sample_data" / "rls" / "night.edf"
    recording = tmp_path / "night.edf"
    recording.write_bytes(sample.read_bytes().replace(b"SIMULATED_rls", b"SIMULATED_Foo", 1))
    command = ("report", recording, "--protocol", "sit", "--from", "22:30", "--to", "22:40")
    _, out, _ = psgkit(*command, "--out", tmp_path)
    assert "SIMULATED_Foo" in out
    assert "[masked]" not in out
    assert "SIMULATED_Foo" not in (tmp_path / "sit.json").read_text(encoding="utf-8")


def test_a_typed_part_by_the_clock(waking: Path, psgkit: Command) -> None:
    command = ("report", waking, "--protocol", "sit", "--from", "20:05", "--to", "20:08", "--json")
    found = json.loads(psgkit(*command)[1])
    assert (found["protocol"]["from_s"], found["protocol"]["to_s"]) == (420.0, 600.0)
    assert found["protocol"]["source"] == "--from, --to"


def test_the_page_shows_both_rules_and_published_values(waking: Path, psgkit: Command) -> None:
    code, out, _ = psgkit("report", waking, "--protocol", "sit", "--full")
    assert code == 0
    for words in ("SIT index, older rule", "WASM 2016", "Montplaisir", "confirmed", "no diagnosis"):
        assert words in " ".join(out.split())


def test_files_are_written(waking: Path, tmp_path: Path, psgkit: Command) -> None:
    folder = tmp_path / "out"
    code, _, err = psgkit("report", waking, "--protocol", "msit", "--out", folder)
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "sit.html",
        "sit.json",
        "sit_movements.csv",
    ]
    assert err.count("wrote") == 3
    html = (folder / "sit.html").read_text(encoding="utf-8")
    assert "not comparable" in html
    assert "<script" not in html
    lines = (folder / "sit_movements.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    found = json.loads((folder / "sit.json").read_text(encoding="utf-8"))
    assert len(rows) == len(found["movements"])
    assert {row["counted"] for row in rows} == {"true"}
    assert found["indices"]["legs"]["msit_plmw"]["value"] == pytest.approx(360.0)


def test_subject_and_quiet_count_for_a_test(waking: Path, tmp_path: Path, psgkit: Command) -> None:
    given = ("--protocol", "sit", "--subject", "Case 7", "--out", tmp_path, "--quiet")
    code, out, _ = psgkit("report", waking, *given)
    assert (code, out) == (0, "")
    assert "Case 7" in (tmp_path / "sit.html").read_text("utf-8")
    assert "Case 7" not in (tmp_path / "sit.json").read_text("utf-8")
    code, _, err = psgkit("report", waking, "--protocol", "sit", "--quiet")
    assert code == 2
    assert "--quiet" in err


def test_stages_are_cut_out(waking: Path, tmp_path: Path, psgkit: Command) -> None:
    stages = tmp_path / "stages.csv"
    rows = "".join(f"{30 * n},30,{'N1' if n == 10 else 'W'}\n" for n in range(30))
    stages.write_text(f"onset_s,duration_s,stage\n{rows}", encoding="utf-8")
    command = ("report", waking, "--protocol", "sit", "--hypnogram", stages, "--json")
    found = json.loads(psgkit(*command)[1])
    assert found["protocol"]["awake_s"] == 570.0
    index = found["indices"]["legs"]["sit_index_older"]
    assert index["denominator_h"] == pytest.approx(570 / 3600, abs=1e-6)
    assert index["numerator"] == sum(row["counted"] for row in found["movements"])


FAULTS = {
    "unknown": (["--protocol", "fit"], 2, ("'fit'", "sit, msit")),
    "a part without a test": (["--from", "10"], 2, ("--from", "--protocol")),
    "answers without a test": (["--discomfort", "x.csv"], 2, ("--discomfort", "--protocol")),
    "rules of a night": (["--protocol", "sit", "--rules", "aasm3"], 2, ("--rules",)),
    "lights of a night": (["--protocol", "sit", "--lights-off", "20:00"], 2, ("--lights-off",)),
    "a test beside a test": (["--protocol", "sit", "--sit", "x.json"], 2, ("--sit",)),
    "a line for the patient": (
        ["--protocol", "sit", "--patient-line", "--pdf", "--out", "out"],
        2,
        ("--patient-line",),
    ),
    "a line on no PDF": (["--patient-line"], 2, ("--patient-line", "Add --pdf")),
    "no scale": (["--protocol", "sit", "--scale", "7"], 2, ("--scale", "100, 10")),
    "end before start": (
        ["--protocol", "sit", "--from", "600", "--to", "300"],
        2,
        ("--from", "600 s", "300 s"),
    ),
    "no time": (["--protocol", "sit", "--from", "soon"], 2, ("--from", "'soon'")),
    "no answers": (["--protocol", "sit", "--discomfort", "gone.csv"], 3, ("gone.csv",)),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_does_not_go_together_is_refused(kind: str, waking: Path, psgkit: Command) -> None:
    options, code, words = FAULTS[kind]
    found = psgkit("report", waking, *options)
    assert found[0] == code, found
    assert found[1] == ""
    assert found[2].startswith("psgkit: ")
    assert found[2].count("\n") == 1
    for word in words:
        assert word in found[2]


def test_a_score_out_of_range_is_refused_with_its_place(
    waking: Path, tmp_path: Path, psgkit: Command
) -> None:
    path = tmp_path / "vas.csv"
    path.write_text("time,score\n300,12\n400,40\n", encoding="utf-8")
    code, out, err = psgkit("report", waking, "--protocol", "msit", "--discomfort", path)
    assert (code, out) == (3, "")
    assert "vas.csv, line 2, column 'score'" in err
    command = ("report", waking, "--protocol", "msit", "--discomfort", path, "--scale", "100")
    assert psgkit(*command)[0] == 0


def test_two_recordings_are_refused(waking: Path, psgkit: Command) -> None:
    code, _, err = psgkit("report", waking, waking, "--protocol", "sit")
    assert code == 2
    assert "one recording" in err


def test_the_report_of_a_test_goes_beside_a_night(
    waking: Path, good: dict[str, Path], tmp_path: Path, psgkit: Command
) -> None:
    assert psgkit("report", waking, "--protocol", "sit", "--out", tmp_path)[0] == 0
    command = ("report", good["recording"], "--sit", tmp_path / "sit.json")
    code, out, _ = psgkit(*command, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["indices"]["sit"]["sit_index_older"]["value"] == pytest.approx(360.0)
    assert "sit.edf" in next(
        row["message"] for row in found["findings"] if row["code"] == "night.sit"
    )
    (piece,) = [one for one in found["profile"]["evidence"] if one["id"] == "sit_index"]
    assert "30 min awake" in piece["reason"]
    page = " ".join(psgkit(*command, "--full")[1].split())
    assert "Immobilisation test, recorded beside this night" in page


def test_a_night_beside_a_night_is_refused_before_anything_is_read(
    tmp_path: Path, psgkit: Command
) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"schema": "psgkit.night/1"}', encoding="utf-8")
    code, out, err = psgkit("report", tmp_path / "gone.edf", "--sit", path)
    assert (code, out) == (3, "")
    assert "report.json" in err
    assert "--protocol sit" in err


def test_a_test_takes_a_clinical_context(waking: Path, tmp_path: Path, psgkit: Command) -> None:
    path = tmp_path / "subject.toml"
    path.write_text("[[bars]]\nglobal = 3\n", encoding="utf-8")
    command = ("report", waking, "--protocol", "sit", "--context", path, "--json")
    found = json.loads(psgkit(*command)[1])
    (piece,) = [one for one in found["profile"]["evidence"] if one["id"] == "bars"]
    assert piece["supports"] == ["akathisia"]
