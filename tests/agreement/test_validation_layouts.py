"""Layouts of DREAMS and of the Challenge 2026, mimicked by small made files; what does not fit."""

import csv
import json
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psgkit.agreement.validation import compared, validate
from psgkit.agreement.validation_datasets import DATASETS, REFUSED
from psgkit.agreement.validation_files import read_challenge, read_dreams, read_dreams_stages
from psgkit.agreement.validation_layouts import find_nights
from psgkit.agreement.validation_nights import RatedNight
from psgkit.core.events import Events
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import InputFileError, PsgkitError, TableError
from psgkit.io.edf.write import write_edf
from psgkit.simulate import simulate_night
from psgkit.simulate.simulated import SimulatedNight

Main = Callable[[list[str]], int]
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "validate.py"
NAME = "sub-S0001111_ses-1"


@pytest.fixture(scope="module")
def main() -> Main:
    return runpy.run_path(str(SCRIPT))["main"]


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    return simulate_night("rls", hours=0.2, seed=5)


def relabelled(night: SimulatedNight, **labels: str) -> Recording:
    """Return the recording with some channels only, called otherwise."""
    chosen = [
        replace(one, label=labels[one.label])
        for one in night.recording.channels
        if one.label in labels
    ]
    return replace(night.recording, channels=tuple(chosen))


def codes_of(night: SimulatedNight, code: dict[str, int]) -> np.ndarray:
    """Return a code a second, of the movements that the night was made from."""
    values = np.zeros(round(night.recording.duration_s))
    for onset_s, end_s, site in zip(
        night.truth.onset_s, night.truth.end_s, night.truth.site, strict=True
    ):
        if site in code:
            values[int(onset_s) : int(end_s) + 1] = code[str(site)]
    return values


def write_codes(path: Path, start: object, **signals: np.ndarray) -> None:
    """Write signals of codes, each with as many values as its length gives in the same time."""
    duration_s = float(len(next(iter(signals.values()))))
    channels = tuple(
        Channel(label=name, rate_hz=len(values) / duration_s, samples=values)
        for name, values in signals.items()
    )
    segments = (Segment(start_s=0.0, duration_s=duration_s),)
    write_edf(Recording(source="", start=start, segments=segments, channels=channels), path)


@pytest.fixture
def challenge(tmp_path: Path, night: SimulatedNight) -> Path:
    base = tmp_path / "data" / "training_set_small"
    signals, scored = base / "physiological_data/S0001", base / "human_annotations/S0001"
    for folder in (signals, scored, base.parent / "supplementary_set/physiological_data/I0004"):
        folder.mkdir(parents=True)
    write_edf(relabelled(night, LAT="lat", RAT="rat"), signals / f"{NAME}.edf")
    limb = codes_of(night, {"left_leg": 3, "right_leg": 4})
    stages = np.full(len(limb) // 30 * 30, 2.0)
    stages[:120] = 5.0
    write_codes(
        scored / f"{NAME}_expert_annotations.edf",
        night.recording.start,
        limb_expert=limb[: len(stages)],
        stage_expert=stages,
    )
    return base.parent


def test_a_made_challenge_is_compared_leg_by_leg(
    challenge: Path, tmp_path: Path, main: Main
) -> None:
    out = tmp_path / "out"
    assert main(["challenge-2026", str(challenge), "--out", str(out)]) == 0
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    # times of a second: half a second and that second apart, and no more
    assert found["settings"]["onset_tolerance_s"] == 1.5
    assert found["f1"]["onset"]["psgkit"]["median"] > 0.8
    with (out / "nights.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["site"] for row in rows} == {"left_leg", "right_leg", "legs"}
    assert {row["stages"] for row in rows} == {"those of one person"}
    assert all(row["plms_index"] for row in rows)
    page = (out / "validation.html").read_text(encoding="utf-8")
    assert "limb_expert" in page
    assert "No leg was scored by two people" in page
    assert {row["people_n"] for row in found["standing"]} == {1}


def test_codes_without_a_leg_are_compared_on_both_legs_together(
    challenge: Path, night: SimulatedNight
) -> None:
    path = challenge / f"training_set_small/human_annotations/S0001/{NAME}_expert_annotations.edf"
    write_codes(
        path, night.recording.start, limb_expert=codes_of(night, {"left_leg": 1, "right_leg": 2})
    )
    found = validate("challenge-2026", challenge)
    (pair,) = found["pairs"]
    assert (pair["site"], pair["reference"]) == ("legs", "expert")
    assert pair["onset_f1"] > 0.8
    messages = " ".join(one["message"] for one in found["findings"])
    assert "without a side" in messages
    assert "no signal of stages" in messages


@pytest.mark.parametrize(
    ("stem", "wanted"), [("sub-1-ses1", "sub-1_ses-1"), ("sub-1_ses-12", "sub-1_ses-12")]
)
def test_both_ways_to_write_a_session_are_one(stem: str, wanted: str, tmp_path: Path) -> None:
    for folder, name in (
        ("physiological_data", f"{stem}.edf"),
        ("human_annotations", f"{wanted}_expert_annotations.edf"),
    ):
        (tmp_path / folder / "I0002").mkdir(parents=True)
        (tmp_path / folder / "I0002" / name).touch()
    ((one,), findings) = find_nights("challenge-2026", tmp_path)
    assert one.name == f"I0002/{wanted}"
    assert not findings


def test_neighbouring_codes_are_two_movements_and_others_are_refused(
    tmp_path: Path, night: SimulatedNight
) -> None:
    path = tmp_path / "x_expert_annotations.edf"
    values = np.zeros(60)
    values[10:12], values[12:15], values[30:31] = 3, 12, 10
    write_codes(path, night.recording.start, limb_expert=values)
    found = read_challenge(path, night.recording)
    assert found.events.onset_s.tolist() == [10.0, 12.0, 30.0]
    assert found.events.end_s.tolist() == [12.0, 15.0, 31.0]
    assert found.events.site.tolist() == ["left_leg", "right_leg", ""]
    assert {one.code for one in found.findings} == {
        "validation.generic_movement",
        "validation.no_stages",
    }
    values[40] = 13
    write_codes(path, night.recording.start, limb_expert=values)
    with pytest.raises(InputFileError, match=r"13 at 40 s in limb_expert.*one of the codes 0, 1"):
        read_challenge(path, night.recording)
    write_codes(path, night.recording.start, resp_expert=np.zeros(60))
    with pytest.raises(InputFileError, match="resp_expert, wanted a signal limb_expert"):
        read_challenge(path, night.recording)


def test_stages_of_one_value_in_30_s_are_read(tmp_path: Path, night: SimulatedNight) -> None:
    path = tmp_path / "x_expert_annotations.edf"
    write_codes(
        path,
        night.recording.start,
        limb_expert=np.zeros(150),
        stage_expert=np.array([5.0, 3.0, 2.0, 4.0, 9.0]),
    )
    found = read_challenge(path, night.recording).hypnogram
    assert found is not None
    assert found.stages.tolist() == ["W", "N1", "N2", "R", "UNSCORED"]


def test_two_partitions_are_not_mixed(challenge: Path) -> None:
    for folder in ("physiological_data", "human_annotations"):
        (challenge / "training_set_large" / folder).mkdir(parents=True)
    with pytest.raises(InputFileError, match="training_set_large, training_set_small, wanted one"):
        find_nights("challenge-2026", challenge)


def dreams(folder: Path, night: SimulatedNight, header: str, name: str = "PLM1") -> Path:
    """Write a night of DREAMS whose left leg was marked; return the scoring."""
    folder.mkdir(exist_ok=True)
    recording = relabelled(night, LAT="EMG TIB G", RAT="EMG TIB D")
    write_edf(recording, folder / f"{name}.edf")
    left = night.truth.where(night.truth.site == "left_leg")
    rows = [f"{on:10.4f} {end - on:8.4f}" for on, end in zip(left.onset_s, left.end_s, strict=True)]
    path = folder / f"Visual_scoring1_{name}.txt"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def test_a_made_dreams_is_compared_on_the_marked_leg(
    tmp_path: Path, night: SimulatedNight, main: Main
) -> None:
    folder = tmp_path / "data"
    dreams(folder, night, "[vis1_PLMs/EMG_TIB_G]")
    (folder / "HypnogramAASM_PLM1.txt").write_text("[hypnogram]\n" + "2\n" * 144, encoding="utf-8")
    (folder / "PLM1.txt").write_text("[EMG TIB G]\n1.5\n", encoding="utf-8")
    assert main(["dreams", str(folder), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    (onset, overlap) = found["standing"]
    assert onset["site"] == overlap["site"] == "left_leg"
    assert onset["psgkit"] > 0.9
    assert found["indices"]["plms_index"]["nights"][0]["site"] == "left_leg"
    assert [one["code"] for one in found["findings"]] == ["validation.other_texts"]


def test_a_leg_that_nothing_says_is_not_guessed(tmp_path: Path, night: SimulatedNight) -> None:
    dreams(tmp_path, night, "[vis1_PLMs]")
    with pytest.raises(InputFileError, match=r"EMG TIB G, EMG TIB D.*Write legs\.csv.*PLM1,left"):
        validate("dreams", tmp_path)
    (tmp_path / "legs.csv").write_text("recording,leg\nPLM1,left_leg\nPLM9,right_leg\n", "utf-8")
    found = validate("dreams", tmp_path)
    assert {pair["site"] for pair in found["pairs"]} == {"left_leg"}
    assert [one["code"] for one in found["findings"]] == ["validation.legs"]
    (tmp_path / "legs.csv").write_text("PLM1,left\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"legs\.csv, line 1.*PLM1,left_leg"):
        validate("dreams", tmp_path)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10.0 1.0\n", r"line 1: found '10\.0 1\.0', wanted a first line in brackets"),
        ("[vis1]\n10,5 1,0\n", r"line 2: found '10,5 1,0', wanted onset and duration in seconds"),
        ("[vis1]\n10.5\n", "line 2: .*onset and duration"),
        ("[vis1]\n10.5 1.0 0.3\n", "line 2: .*onset and duration"),
        ("[vis1]\n10.5 -1.0\n", "line 2: .*onset and duration"),
        ("[vis1]\n10.5 inf\n", "line 2: .*onset and duration"),
        ("[vis1]\n100.5 101.9\n300 301\n", "second column, wanted durations in seconds, not ends"),
    ],
)
def test_a_scoring_of_another_form_says_what_was_wanted(
    text: str, wanted: str, tmp_path: Path
) -> None:
    path = tmp_path / "Visual_scoring1_PLM1.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=wanted):
        read_dreams(path)


def test_stages_of_another_code_say_which_line(tmp_path: Path) -> None:
    path = tmp_path / "HypnogramAASM_PLM1.txt"
    path.write_text("[hypnogram]\n5\n3\n-1\n", encoding="utf-8")
    assert read_dreams_stages(path).stages.tolist() == ["W", "N1", "UNSCORED"]
    path.write_text("[hypnogram]\n5\nN2\n", encoding="utf-8")
    with pytest.raises(TableError, match="line 3: found 'N2', wanted one stage a line"):
        read_dreams_stages(path)


def test_a_file_that_cannot_be_read_is_left_out_and_said(
    tmp_path: Path, night: SimulatedNight, main: Main, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    dreams(folder, night, "[vis1_PLMs/EMG TIB G]")
    (folder / "PLM2.edf").write_bytes((folder / "PLM1.edf").read_bytes())
    (folder / "Visual_scoring1_PLM2.txt").write_text("[v/EMG TIB G]\nleg\n", encoding="utf-8")
    (folder / "Visual_scoring2_PLM1.txt").write_text("[v/EMG TIB G]\n1;2\n", encoding="utf-8")
    assert main(["dreams", str(folder), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "Visual_scoring1_PLM2.txt, line 2" in said
    assert "Visual_scoring2_PLM1.txt, line 2" in said
    found = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert (found["nights_n"], found["people_n"]) == (1, 1)
    (folder / "Visual_scoring1_PLM1.txt").unlink()
    with pytest.raises(PsgkitError, match="Visual_scoring2_PLM1"):
        validate("dreams", folder)


def test_each_layout_says_what_is_known_and_what_is_assumed(
    main: Main, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--list"]) == 0
    said = capsys.readouterr().out
    for dataset in DATASETS.values():
        for line in (*dataset.known, *dataset.assumed, *dataset.sources):
            assert line in said
    assert all(reason in said for reason in REFUSED.values())


def events(*rows: tuple[float, float, str]) -> Events:
    onsets, ends, sites = zip(*rows, strict=True)
    return Events.of(onsets, ends, ["lm"] * len(rows), sites)


def test_on_both_legs_together_movements_that_share_time_are_one() -> None:
    ours = events((10, 12, "left_leg"), (11, 13, "right_leg"), (40, 41, "left_leg"))
    theirs = events((10.2, 13, ""), (60, 61, ""))
    found = compared(
        [
            RatedNight(
                name="n",
                duration_s=600.0,
                raters={"psgkit": ours, "a": theirs},
                sides={"psgkit": ("left_leg", "right_leg"), "a": ("legs",)},
                hypnogram=None,
                stages="",
            )
        ]
    )
    (pair,) = found["pairs"]
    assert (pair["site"], pair["candidate_n"], pair["onset_f1"]) == ("legs", 2, 0.5)


def test_the_spread_among_people_is_stated_beside_that_of_psgkit() -> None:
    every = [40.0 * k for k in range(1, 12)]

    def rated(k: int) -> RatedNight:
        counts = {"psgkit": k, "a": k, "b": k + 1, "c": k + 2}
        raters = {
            who: events(*((t, t + 1, "left_leg") for t in every[:n])) for who, n in counts.items()
        }
        both = dict.fromkeys(counts, ("left_leg", "right_leg"))
        return RatedNight(
            name=f"n{k}", duration_s=3600.0, raters=raters, sides=both, hypnogram=None, stages=""
        )

    found = compared([rated(k) for k in (3, 4, 5)])["indices"]["lm_index_recording"]
    people = found["bland_altman_people"]
    # a has one and a half fewer than the median of b and c, c as many more than that of a and b
    assert (people["bias_lowest"], people["bias_highest"]) == pytest.approx((-1.5, 1.5))
    assert people["width_median"] == pytest.approx(0.0)
    assert found["bland_altman"]["bias"] == pytest.approx(-1.0)
