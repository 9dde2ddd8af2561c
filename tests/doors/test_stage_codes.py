"""Numbers and words for stages: one coding, a stated one, or a line for each that fits."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.errors import SettingsError, TableError
from psgkit.io.channels.channel_map import parse_channel_map
from psgkit.io.scoring.stage_codes import CODINGS, parse_stage_codes, read_stages

Run = Callable[..., tuple[int, str, str]]


def read(words: str, codes: str | None = None) -> tuple[list[str], set[str]]:
    said = words.split()
    spots = [f"line {k}" for k in range(1, len(said) + 1)]
    stated = None if codes is None else parse_stage_codes(codes)
    found = read_stages(said, spots, "night.txt", stated)
    return found.stages, {one.code for one in found.findings}


@pytest.mark.parametrize(
    ("words", "stages"),
    [
        ("0 1 2 3 4 -1", "W N1 N2 N3 R UNSCORED"),
        ("0 1 2 3 4 8", "W N1 N2 N3 R UNSCORED"),
        ("0 1 2 3 4", "W N1 N2 N3 R"),
        ("0 1 2 3 5", "W N1 N2 N3 R"),
        ("0 1 2 3 4 5 9", "W N1 N2 N3 N3 R UNSCORED"),
        ("0 1 2 3", "W N1 N2 N3"),
        ("0.0 2.0 5.0", "W N2 R"),
        ("W 1 2 3 4 REM", "W N1 N2 N3 N3 R"),
    ],
)
def test_numbers_of_one_coding(words: str, stages: str) -> None:
    assert read(words) == (stages.split(), {"stages.coding"})


@pytest.mark.parametrize(
    "words",
    [
        "0 1 2 3 4 5",
        "0 4 5",
        "0 1 2 3 4 5 6",
        "0 1 2 3 4 6",
        "1 2 3 4 5",
        "1 2 3",
        "0 1 2 3 4 5 -1",
    ],
)
def test_numbers_of_several_codings_are_refused_with_a_line_for_each(words: str) -> None:
    with pytest.raises(TableError) as caught:
        read(words)
    lines = [one.option for one in CODINGS if one.option in caught.value.advice]
    assert len(lines) > 1
    for line in lines:
        codes = line.split('"')[1]
        assert "UNSCORED" not in read("1 2", codes)[0]


@pytest.mark.parametrize(
    ("codes", "words", "stages"),
    [
        ("0=W,1=R,2=N1,3=N2,4=N3,5=N3", "0 1 2 3 4 5", "W R N1 N2 N3 N3"),
        ("0=W,1=N1,2=N2,3=N3,4=REM,5=?", "0 1 2 3 4 5", "W N1 N2 N3 R UNSCORED"),
        ("5=W;4=R;3=S1;2=S2;1=S3;0=S4", "0 1 2 3 4 5", "N3 N3 N2 N1 R W"),
        ("1:W 2:N1".replace(" ", ","), "1 2", "W N1"),
        ("A=W,B=N1,C=Sleep stage 2", "A B C", "W N1 N2"),
        ("wk=W", "WK N2 R", "W N2 R"),
        ("11=W,12=N2", "11.0 12 12", "W N2 N2"),
        ("0=W,1=SLEEP", "0 1 1", "W SLEEP SLEEP"),
    ],
)
def test_stated_codes(codes: str, words: str, stages: str) -> None:
    found, said = read(words, codes)
    assert found == stages.split()
    assert "stages.codes" in said


def test_a_number_that_the_codes_do_not_name_is_no_guess() -> None:
    found, said = read("0 1 1 3", "0=W,1=N2")
    assert found == ["W", "N2", "N2", "UNSCORED"]
    assert "stages.unknown" in said


@pytest.mark.parametrize("codes", ["", "0", "0=", "0=W,0=R", "0=Q", "=W", "0-W"])
def test_faulty_codes_say_how_they_are_written(codes: str) -> None:
    with pytest.raises(SettingsError, match="--stage-codes"):
        parse_stage_codes(codes)


@pytest.mark.parametrize(
    ("words", "asleep"),
    [
        ("WAKE SLEEP SLEEP", 2),
        ("Wake Light Deep REM", 3),
        ("W NREM NREM R", 3),
        ("awake asleep", 1),
        ("wach schlaf", 1),
        ("W deep-sleep light-sleep", 2),
        ("Eveil leger profond", 2),
    ],
)
def test_words_for_sleep_without_a_stage(words: str, asleep: int) -> None:
    found, said = read(words)
    assert sum(stage not in ("W", "UNSCORED") for stage in found) == asleep
    assert "SLEEP" in found
    assert said == {"stages.sleep_only"}


def test_a_channel_map_states_the_codes() -> None:
    for text in ('[stage_codes]\n0 = "W"\n1 = "R"\n', 'stage_codes = "0=W,1=R"\n'):
        codes = parse_channel_map(text, "map.toml").stage_codes
        assert codes is not None
        assert codes.stage("1") == "R"
    with pytest.raises(SettingsError, match=r"map.toml, stage_codes"):
        parse_channel_map("[stage_codes]\n0 = 1\n", "map.toml")


# --- on the command line -------------------------------------------------------------------------

EVENTS = "onset_s,duration_s,kind,site\n" + "".join(
    f"{600 + 25 * k},2,lm,left_leg\n" for k in range(8)
)
AMBIGUOUS = "\n".join(["0"] * 10 + ["1", "2", "3", "4", "5"] * 10)
REM_FIRST = "0=W,1=R,2=N1,3=N2,4=N3,5=N3"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "stages.txt").write_text(AMBIGUOUS)
    (tmp_path / "events.csv").write_text(EVENTS)
    (tmp_path / "map.toml").write_text('[stage_codes]\n0 = "W"\n1 = "R"\n2 = "N1"\n3 = "N2"\n')
    return {name: tmp_path / name for name in ("stages.txt", "events.csv", "map.toml")}


def test_score_refuses_an_ambiguous_file_and_takes_the_codes(
    files: dict[str, Path], psgkit: Run
) -> None:
    given = ("score", files["events.csv"], "--hypnogram", files["stages.txt"], "--json")
    code, _, err = psgkit(*given)
    assert code == 3
    assert f'--stage-codes "{REM_FIRST}"' in err
    code, out, err = psgkit(*given, "--stage-codes", REM_FIRST)
    assert (code, err) == (0, "")
    sleep = json.loads(out)["indices"]["sleep"]
    assert (sleep["r_min"]["value"], sleep["n3_min"]["value"]) == (5.0, 10.0)


def test_check_and_compare_agree_with_score_about_the_file(
    files: dict[str, Path], psgkit: Run
) -> None:
    stages = files["stages.txt"]
    for command in (("check", stages), ("compare", stages, stages)):
        code, out, err = psgkit(*command)
        assert code == 3
        assert "--stage-codes" in " ".join((out + err).split())
        assert psgkit(*command, "--stage-codes", REM_FIRST)[0] == 0


def test_words_for_sleep_give_the_indices_of_sleep_and_wake_alone(
    files: dict[str, Path], tmp_path: Path, psgkit: Run
) -> None:
    coarse = tmp_path / "coarse.txt"
    coarse.write_text("\n".join(["WAKE"] * 10 + ["LIGHT"] * 30 + ["DEEP"] * 20 + ["REM"] * 20))
    code, out, _ = psgkit("score", files["events.csv"], "--hypnogram", coarse, "--json")
    assert code == 0
    found = json.loads(out)["indices"]
    assert found["sleep"]["tst_min"]["value"] == 35.0
    assert found["legs"]["plms_index"]["value"] == pytest.approx(8 / (35 / 60), rel=1e-6)
    for group, name in (
        *(("sleep", "n2_min"), ("sleep", "r_min"), ("sleep", "rem_latency_min")),
        *(("legs", "plms_nrem_index"), ("legs", "plms_rem_index"), ("disruption", "sfi_morrell")),
    ):
        assert found[group][name]["value"] is None
        assert "not the stages of sleep" in found[group][name]["reason"]
