"""Scoring files of other programs by command line: score, report, and files beside a recording."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

Command = Callable[..., tuple[int, str, str]]
Files = dict[str, Path]


def codes(report: str) -> set[str]:
    return {finding["code"] for finding in json.loads(report)["findings"]}


def remlogic(start: datetime, n_epochs: int) -> str:
    clocks = [f"{start + timedelta(seconds=30 * k):%H:%M:%S}" for k in range(n_epochs)]
    rows = [f"{clock}\tSLEEP-S2\t30\t" for clock in clocks]
    rows.append(f"{clocks[10]}\tAROUSAL\t4\tEEG")
    head = ["RemLogic Event Export", "", "Time [hh:mm:ss]\tEvent\tDuration[s]\tLocation"]
    return "\n".join([*head, *rows])


def test_score_takes_stages_and_movements_from_one_noxturnal_file(
    shared: Path, psgkit: Command
) -> None:
    code, out, err = psgkit("score", shared / "data/nox-psg/noxturnal-events_2.csv", "--json")
    assert (code, err) == (0, "")
    night = json.loads(out)
    assert night["indices"]["legs"]["lm_n"]["value"] == 29
    assert night["indices"]["sleep"]["tst_min"]["value"] == 339.5
    assert {"events.plm_series", "events.no_side", "scoring.format"} <= codes(out)


def test_score_brings_two_domino_files_onto_one_clock(shared: Path, psgkit: Command) -> None:
    folder = shared / "data/domino"
    stages = folder / "Sleep profile - test1 Unbekannt.txt"
    for name in ("Generic - test1 Unbekannt.txt", "Generic_NO_test1.txt"):
        code, out, _ = psgkit("score", folder / name, "--hypnogram", stages, "--json")
        assert code == 0
        night = json.loads(out)
        assert night["recording"]["duration_s"] == 3630.0
        assert night["hypnogram"][0]["onset_s"] == 0.0
        assert {"legs", "arms"} <= set(night["indices"])
        assert night["movements"][0]["stage"] == "R"


def test_report_takes_domino_files_for_stages_and_events(
    shared: Path, good: Files, psgkit: Command
) -> None:
    # the hour begins at 01:00 and the simulated night does not: the clock must say so
    folder = shared / "data/domino"
    profile = folder / "Sleep profile - test1 Unbekannt.txt"
    code, _, err = psgkit("report", good["recording"], "--hypnogram", profile)
    assert code == 3
    assert "another night" in err
    flow = folder / "Flow Events - test1 Unbekannt.txt"
    code, out, _ = psgkit("report", good["recording"], "--events", flow, "--json")
    assert code == 0
    assert {"scoring.format", "events.outside"} <= codes(out)


def test_report_takes_a_noxturnal_file_for_both(shared: Path, good: Files, psgkit: Command) -> None:
    path = shared / "data/nox-psg/noxturnal-events_2.csv"
    code, out, _ = psgkit("report", good["recording"], "--events", path, "--json")
    assert code == 0
    assert {"events.plm_series", "clock.placeholder_date", "events.outside"} <= codes(out)


def test_a_file_beside_the_recording_is_named_and_used_only_on_request(
    tmp_path: Path, good: Files, psgkit: Command
) -> None:
    path = tmp_path / "ward.edf"
    shutil.copy(good["recording"], path)
    shutil.copy(good["hypnogram"], tmp_path / "ward.csv")
    shutil.copy(good["events"], tmp_path / "ward_events.csv")
    code, unused, _ = psgkit("report", path, "--json")
    assert code == 0
    assert "sidecar.not_used" in codes(unused)
    code, used, _ = psgkit("report", path, "--sidecar", "--json")
    assert code == 0
    assert "sidecar.used" in codes(used)
    assert "sidecar.not_used" not in codes(used)
    named = ("--hypnogram", good["hypnogram"], "--events", good["events"])
    code, same, _ = psgkit("report", path, *named, "--json")
    assert json.loads(used)["indices"] == json.loads(same)["indices"]
    assert not {code for code in codes(same) if code.startswith("sidecar")}


def test_a_sidecar_that_is_not_there_is_an_error_that_says_what_was_looked_for(
    tmp_path: Path, good: Files, psgkit: Command
) -> None:
    path = tmp_path / "ward.edf"
    shutil.copy(good["recording"], path)
    code, out, err = psgkit("report", path, "--sidecar")
    assert (code, out) == (2, "")
    assert "no scoring file beside ward.edf" in err


def test_report_of_a_remlogic_file_is_aligned_by_clock(
    tmp_path: Path, good: Files, psgkit: Command
) -> None:
    plain = json.loads(psgkit("report", good["recording"], "--json")[1])
    start = datetime.fromisoformat(plain["recording"]["start"])
    path = tmp_path / "export.txt"
    path.write_text(remlogic(start, 30))
    options = ("--hypnogram", path, "--events", path, "--json")
    code, out, err = psgkit("report", good["recording"], *options)
    assert (code, err) == (0, "")
    night = json.loads(out)
    assert night["indices"]["sleep"]["n2_min"]["value"] == 15.0
    assert [one["message"] for one in night["findings"] if one["code"] == "scoring.format"] == [
        "read as RemLogic text"
    ]
