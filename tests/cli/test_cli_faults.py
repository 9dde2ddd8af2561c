"""Input that cannot be used: exit code 2 or 3, one message, nothing else anywhere."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rounds import slow

Files = dict[str, Path]
Command = Callable[..., tuple[int, str, str]]
EVENTS = "onset_s,duration_s,kind,site\n"
MAP = '["{label}"]\nrole = "leg"\nsite = "left_leg"\n'


def file_of(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def truncated(good: Files, length: int) -> bytes:
    return good["recording"].read_bytes()[:length]


RECORDINGS: dict[str, tuple[Callable[[Path, Files], Path], int, tuple[str, ...]]] = {
    "missing": (lambda at, _: at / "gone.edf", 3, ("gone.edf", "no such file", "EDF")),
    "a folder": (lambda at, _: at, 3, ("no recording", "EDF")),
    "text": (
        lambda at, _: file_of(at, "notes.edf", "These are my notes, not a recording. " * 20),
        3,
        ("notes.edf", "byte 0", "'0' (EDF)"),
    ),
    "empty": (lambda at, _: file_of(at, "empty.edf", ""), 3, ("empty.edf", "an empty file", "EDF")),
    "cut off in its first header": (
        lambda at, good: file_of(at, "cut.edf", truncated(good, 200)),
        3,
        ("cut.edf", "200 bytes", "256"),
    ),
    "cut off in its signal headers": (
        lambda at, good: file_of(at, "cut.edf", truncated(good, 700)),
        3,
        ("cut.edf", "number of signals", "byte 252", "700"),
    ),
    "cut off in its first record": (
        lambda at, good: file_of(at, "cut.edf", truncated(good, 1600)),
        3,
        ("cut.edf", "samples per record", "cut off"),
    ),
}


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_recording_that_cannot_be_read(
    kind: str,
    good: Files,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    make, code, words = RECORDINGS[kind]
    out = tmp_path / "out"
    found = psgkit("report", make(tmp_path, good), "--out", out, "--json")
    check_fault(found, code, words)
    assert not out.exists()


def check_fault(found: tuple[int, str, str], code: int, words: tuple[str, ...]) -> None:
    """Check that a command failed with one message that holds ``words``."""
    assert found[0] == code, found
    assert found[1] == ""
    message = found[2]
    assert message.startswith("psgkit: ")
    assert message.count("\n") == 1
    assert message.endswith("\n")
    assert "Traceback" not in message
    for word in words:
        assert word in message, (word, message)


Maker = Callable[[Path], Path]
SIDECARS: dict[str, tuple[str, Maker, int, tuple[str, ...]]] = {
    "stages missing": ("--hypnogram", lambda at: at / "gone.csv", 3, ("gone.csv", "no such file")),
    "stages a folder": ("--hypnogram", lambda at: at, 3, ("a folder",)),
    "stages empty": (
        "--hypnogram",
        lambda at: file_of(at, "stages.csv", ""),
        3,
        ("stages.csv", "an empty file"),
    ),
    "stages binary": (
        "--hypnogram",
        lambda at: file_of(at, "stages.csv", b"\x7fELF\x01\x02" * 99),
        3,
        ("stages.csv",),
    ),
    "unknown stage": (
        "--hypnogram",
        lambda at: file_of(at, "stages.csv", "onset_s,duration_s,stage\n0,30,W\n30,30,drowsy\n"),
        3,
        ("stages.csv", "line 3", "drowsy"),
    ),
    "no stage column": (
        "--hypnogram",
        lambda at: file_of(at, "stages.csv", "onset_s,duration_s,mood\n0,30,W\n"),
        3,
        ("stages.csv", "stage"),
    ),
    "stages of another night": (
        "--hypnogram",
        lambda at: file_of(
            at,
            "stages.csv",
            "onset_s,duration_s,stage\n" + "".join(f"{90000 + 30 * i},30,N2\n" for i in range(99)),
        ),
        3,
        ("stages.csv", "another night"),
    ),
    "events missing": ("--events", lambda at: at / "gone.csv", 3, ("gone.csv", "no such file")),
    "events without kind": (
        "--events",
        lambda at: file_of(at, "marks.csv", "onset_s,duration_s,site\n1,2,left_leg\n"),
        3,
        ("marks.csv", "kind"),
    ),
    "events without times": (
        "--events",
        lambda at: file_of(at, "marks.csv", "kind,site\nlm,left_leg\n"),
        3,
        ("marks.csv", "onset_s"),
    ),
    "end before start": (
        "--events",
        lambda at: file_of(at, "marks.csv", "onset_s,end_s,kind,site\n9,12,arousal,\n60,50,lm,\n"),
        3,
        ("marks.csv", "line 3", "'50'", "60"),
    ),
    "negative duration": (
        "--events",
        lambda at: file_of(at, "marks.csv", EVENTS + "60,-2,lm,left_leg\n"),
        3,
        ("marks.csv", "line 2", "-2"),
    ),
    "onset no number": (
        "--events",
        lambda at: file_of(at, "marks.csv", EVENTS + "soon,2,lm,left_leg\n"),
        3,
        ("marks.csv", "line 2", "soon"),
    ),
    "unknown site": (
        "--events",
        lambda at: file_of(at, "marks.csv", EVENTS + "60,2,lm,tail\n"),
        3,
        ("marks.csv", "line 2", "tail", "left_leg"),
    ),
    "map missing": ("--channels", lambda at: at / "gone.toml", 2, ("gone.toml", "no such file")),
    "map of no channel": (
        "--channels",
        lambda at: file_of(at, "map.toml", "# nothing yet\n"),
        2,
        ("map.toml", "no channel", "at least one"),
    ),
    "map that names a channel twice": (
        "--channels",
        lambda at: file_of(at, "map.toml", MAP.format(label="LAT") * 2),
        2,
        ("map.toml", "twice"),
    ),
    "map that gives a leg twice": (
        "--channels",
        lambda at: file_of(at, "map.toml", MAP.format(label="LAT") + MAP.format(label="RAT")),
        2,
        ("map.toml", "left_leg", "'LAT'", "'RAT'"),
    ),
    "map of a label that is not there": (
        "--channels",
        lambda at: file_of(at, "map.toml", MAP.format(label="LTA")),
        2,
        ("map.toml", "'LTA'", "'LAT', 'RAT', 'ECG'"),
    ),
    "map that is no toml": (
        "--channels",
        lambda at: file_of(at, "map.toml", "LAT: leg\n"),
        2,
        ("map.toml", "line 1"),
    ),
    "map with an unknown role": (
        "--channels",
        lambda at: file_of(at, "map.toml", '["LAT"]\nrole = "lge"\n'),
        2,
        ("map.toml", "'lge'", "leg"),
    ),
    "settings missing": ("--settings", lambda at: at / "gone.toml", 2, ("gone.toml", "no such")),
    "settings a folder": ("--settings", lambda at: at, 2, ("TOML file",)),
    "unknown setting": (
        "--settings",
        lambda at: file_of(at, "set.toml", "[emg.rule]\nonset_above_rest = 8\n"),
        2,
        ("set.toml", "'onset_above_rest'", "'onset_above_rest_uv'"),
    ),
    "setting of the wrong kind": (
        "--settings",
        lambda at: file_of(at, "set.toml", '[emg.rule]\nonset_above_rest_uv = "eight"\n'),
        2,
        ("set.toml", "onset_above_rest_uv", "'eight'"),
    ),
    "settings that contradict themselves": (
        "--settings",
        lambda at: file_of(at, "set.toml", "[emg.rule]\nonset_above_rest_uv = 1\n"),
        2,
        ("set.toml", "offset threshold"),
    ),
    "unknown rules in settings": (
        "--settings",
        lambda at: file_of(at, "set.toml", '[rules]\nbase = "wasm2061"\n'),
        2,
        ("'wasm2061'", "wasm2016, wasm2006, aasm3"),
    ),
}


@pytest.mark.parametrize("kind", SIDECARS)
def test_a_file_beside_the_recording_that_cannot_be_used(
    kind: str,
    good: Files,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    option, make, code, words = SIDECARS[kind]
    out = tmp_path / "out"
    report = ("report", good["recording"], option, make(tmp_path), "--out", out, "--json")
    check_fault(psgkit(*report), code, words)
    assert not out.exists()


@pytest.mark.parametrize("kind", [k for k, row in SIDECARS.items() if row[0] == "--events"])
def test_score_refuses_the_same_events(
    kind: str,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    _, make, code, words = SIDECARS[kind]
    out = tmp_path / "out"
    check_fault(psgkit("score", make(tmp_path), "--out", out), code, words)
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rules", "wasm2061"], ("'wasm2061'", "wasm2016, wasm2006, aasm3")),
        (["--lights-off", "03:00", "--lights-on", "01:00"], ("--lights-off 22:30", "lights off")),
        (["--lights-on", "22:00"], ("lights on", "22:00:00", "Write --lights-on 22:48")),
        (["--lights-off", "600", "--lights-on", "300"], ("off at 600 s", "on at 300 s")),
        (["--lights-off", "99999"], ("lights off: found 99999 s", "to 22:48:00")),
        (["--lights-off", "nan"], ("lights",)),
        (["--lights-on", "late"], ("lights on", "'late'", "23:15")),
        (["--lights-on", "25:00"], ("lights on", "'25:00'", "23:15")),
    ],
    ids=" ".join,
)
def test_an_option_that_makes_no_sense(
    options: list[str],
    words: tuple[str, ...],
    good: Files,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    out = tmp_path / "out"
    report = ("report", good["recording"], "--out", out, *options)
    check_fault(psgkit(*report), 2, words)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["report", "night.edf", "--loud"], "--loud"),
        (["report"], "RECORDING"),
        (["score"], "EVENTS"),
        (["simulate", "rls"], "--out"),
        (["simulate", "rls", "--out", "there", "--hours", "eight"], "--hours"),
        (["simulate", "rls", "--out", "there", "--seed", "-1"], "--seed"),
        (["dance"], "dance"),
        (["--loud"], "--loud"),
    ],
    ids=" ".join,
)
def test_wrong_usage(
    words: list[str],
    named: str,
    tmp_path: Path,
    psgkit: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = psgkit(*words)
    assert code == 2
    assert out == ""
    assert named in err
    assert err.count("Error: ") == 1
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("extra", [["--json"], ["--hypnogram", "h.csv"], ["--events", "e.csv"]])
def test_several_recordings_cannot_share_what_belongs_to_one(
    extra: list[str],
    good: Files,
    psgkit: Command,
) -> None:
    path = good["recording"]
    check_fault(psgkit("report", path, path, *extra), 2, ("2 recordings",))


@pytest.mark.parametrize("command", ["report", "score", "simulate"])
def test_a_folder_that_cannot_be_written_to(
    command: str,
    good: Files,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    out = file_of(tmp_path, "taken", "I am a file")
    given: dict[str, object] = {
        "report": good["recording"],
        "score": good["truth"],
        "simulate": "rls",
    }
    options = ["--hours", "0.1"] if command == "simulate" else []
    found = psgkit(command, given[command], "--out", out, *options)
    check_fault(found, 2, ("taken", "a folder that can be written to"))
    assert out.read_text() == "I am a file"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["simulate", "nobody"], ("'nobody'", "healthy, rls")),
        (["simulate", "rls", "--hours", "0"], ("hours", "0.1")),
        (["simulate", "rls", "--hours", "nan"], ("hours", "nan")),
        (["simulate", "rls", "--rate", "7"], ("rate_hz", "50")),
    ],
    ids=" ".join,
)
def test_a_night_that_cannot_be_simulated(
    words: list[str],
    named: tuple[str, ...],
    tmp_path: Path,
    psgkit: Command,
) -> None:
    out = tmp_path / "out"
    check_fault(psgkit(*words, "--out", out), 2, named)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["report", "gone.edf"], 3),
        (["report", "gone.edf", "--rules", "none"], 2),
        (["--version"], 0),
        slow((["report", "gone.edf", "--loud"], 2)),
        slow((["score", "gone.csv"], 3)),
        slow((["simulate", "nobody", "--out", "there"], 2)),
    ],
)
def test_exit_codes_of_the_program(words: list[str], code: int, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "psgkit", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert (done.stdout == "") == (code != 0)
    assert (done.stderr == "") == (code == 0)
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
