"""Which nights there are: folders, patterns, BIDS data sets, manifests, and what is refused."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_nights import annotations_alone, small_night, variants

from psgkit.cohort.out_folder import refuse_among_originals
from psgkit.cohort.plan.content import name_hash_of
from psgkit.cohort.plan.sources import FoundNights, find_nights
from psgkit.errors import InputFileError, PsgkitError, SettingsError, TableError

STAGES = "onset_s,duration_s,stage\n0,30,N2\n30,30,N2\n"


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return list(variants(small_night(tmp_path_factory.mktemp("small")), 4))


def found_in(source: Path | str) -> FoundNights:
    return find_nights(str(source), name_hash_of)


def put(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# folders and patterns


def test_a_folder_is_searched_and_nights_are_called_by_their_content(
    tmp_path: Path, contents: list[bytes]
) -> None:
    put(tmp_path / "a" / "Smith John.edf", contents[0])
    put(tmp_path / "b.EDF", contents[1])
    put(tmp_path / ".hidden" / "c.edf", contents[2])
    put(tmp_path / "notes.txt", "nothing")
    nights = found_in(tmp_path).nights
    assert [night.asked_as for night in nights] == ["a/Smith John.edf", "b.EDF"]
    assert all(len(night.night_id) == 12 for night in nights)
    (tmp_path / "b.EDF").rename(tmp_path / "renamed.edf")
    assert {n.night_id for n in found_in(tmp_path).nights} == {n.night_id for n in nights}


def test_copies_of_a_recording_are_one_night_and_are_named(
    tmp_path: Path, contents: list[bytes]
) -> None:
    for name in ("a.edf", "b.edf"):
        put(tmp_path / name, contents[0])
    found = found_in(tmp_path)
    assert (len(found.nights), found.copies) == (1, ("b.edf (as a.edf)",))


def test_files_beside_a_recording_belong_to_it_and_scorings_are_no_nights(
    tmp_path: Path, contents: list[bytes]
) -> None:
    put(tmp_path / "SC4001E0-PSG.edf", contents[0])
    put(tmp_path / "SC4001EC-Hypnogram.edf", annotations_alone())
    put(tmp_path / "n.edf", contents[1])
    put(tmp_path / "n.csv", STAGES)
    put(tmp_path / "n_2.edf", contents[2])
    beside = {
        night.asked_as: [path.name for path in night.sidecars]
        for night in found_in(tmp_path).nights
    }
    assert beside == {
        "SC4001E0-PSG.edf": ["SC4001EC-Hypnogram.edf"],
        "n.edf": ["n.csv"],
        "n_2.edf": [],
    }


def test_a_pattern_takes_what_it_matches(tmp_path: Path, contents: list[bytes]) -> None:
    put(tmp_path / "s1" / "psg.edf", contents[0])
    put(tmp_path / "s1" / "other.edf", contents[1])
    put(tmp_path / "s2" / "psg.edf", contents[2])
    found = found_in(f"{tmp_path}/*/psg.edf")
    assert [night.recording.parent.name for night in found.nights] == ["s1", "s2"]
    assert found.root == tmp_path


@pytest.mark.parametrize("source", ["none", "none/*.edf", "empty"])
def test_a_source_without_recordings_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFileError, match=r"no recording|no such file or folder"):
        found_in(f"{tmp_path}/{source}")


def test_a_folder_that_cannot_be_read_stops_the_search(
    tmp_path: Path, contents: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a.edf", contents[0])
    put(tmp_path / "closed" / "b.edf", contents[1])
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputFileError, match="closed: found Permission denied"):
        found_in(tmp_path)


# BIDS


def test_a_bids_data_set_names_nights_and_brings_its_participants(
    tmp_path: Path, contents: list[bytes]
) -> None:
    night = tmp_path / "sub-01" / "ses-2" / "eeg" / "sub-01_ses-2_task-sleep_run-1_eeg.edf"
    put(night, contents[0])
    put(night.with_name("sub-01_ses-2_task-sleep_run-1_events.tsv"), "onset\tduration\n")
    put(tmp_path / "sub-02" / "eeg" / "sub-02_task-sleep_eeg.edf", contents[1])
    put(tmp_path / "derivatives" / "sub-01" / "sub-01_eeg.edf", contents[2])
    put(tmp_path / "task-sleep_events.json", "{}")
    put(tmp_path / "participants.tsv", "participant_id\tgroup\nsub-01\trls\nsub-02\tcontrol\n")
    found = found_in(tmp_path)
    assert found.kind == "BIDS"
    one, two = found.nights
    assert (one.night_id, two.night_id) == ("sub-01_ses-2_task-sleep_run-1", "sub-02_task-sleep")
    assert (one.identity.subject, one.identity.session) == ("sub-01", "ses-2")
    assert (one.identity.extra["group"], two.identity.extra["group"]) == ("rls", "control")
    assert [path.name for path in one.sidecars] == [
        "sub-01_ses-2_task-sleep_run-1_events.tsv",
        "task-sleep_events.json",
    ]


# manifests


def test_a_manifest_says_everything_and_carries_the_rest(
    tmp_path: Path, contents: list[bytes]
) -> None:
    put(tmp_path / "data" / "a.edf", contents[0])
    put(
        tmp_path / "nights.tsv",
        "recording\thypnogram\tchannels\tsubject\tsession\tlights_off\tGroup\tage\n"
        "data/a.edf\ta.csv\t\tP 1\t2\t23:05\trls\t61\n"
        "data/none.edf\t\tmap.toml\tP2\t\t\tcontrol\t\n",
    )
    one, two = found_in(tmp_path / "nights.tsv").nights
    assert (one.night_id, one.recording) == ("P-1_2", tmp_path / "data/a.edf")
    assert (one.files.hypnogram, one.files.sidecar) == (tmp_path / "a.csv", False)
    assert one.lights == ("23:05", None)
    assert dict(one.identity.extra) == {"group": "rls", "age": "61"}
    assert (two.files.channels, two.files.sidecar) == (tmp_path / "map.toml", True)


def test_a_night_without_a_subject_is_called_by_its_content(
    tmp_path: Path, contents: list[bytes]
) -> None:
    recording = put(tmp_path / "Smith.edf", contents[0])
    put(tmp_path / "nights.csv", "recording\nSmith.edf\n")
    (night,) = found_in(tmp_path / "nights.csv").nights
    assert night.night_id == name_hash_of(recording)[:12]
    assert night.identity.recording == f"{night.night_id}.edf"


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("hypnogramm", "hypnogram"),
        ("lights off", "lights_off"),
        ("light_on", "lights_on"),
        ("subjects", "subject"),
        ("channel", "channels"),
        ("event", "events"),
        ("sesion", "session"),
    ],
)
def test_a_column_that_looks_like_a_known_one_is_refused(
    tmp_path: Path, column: str, meant: str
) -> None:
    put(tmp_path / "nights.csv", f"recording,{column}\na.edf,x\n")
    with pytest.raises(SettingsError, match=f"'{column}'.*Did you mean '{meant}'"):
        found_in(tmp_path / "nights.csv")


@pytest.mark.parametrize("column", ["group", "age", "sex", "ahi", "site", "dose_mg", "ferritin"])
def test_columns_of_a_study_are_carried(tmp_path: Path, column: str) -> None:
    put(tmp_path / "nights.csv", f"recording,subject,{column}\na.edf,1,x\n")
    (night,) = found_in(tmp_path / "nights.csv").nights
    assert dict(night.identity.extra) == {column: "x"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a.edf,1,\nb.edf,1,\n", r"same name: line 2: a\.edf and line 3: b\.edf"),
        ("a.edf,p 1,\nb.edf,p-1,\n", "same name"),
        ("a.edf,1,\n./a.edf,2,\n", "same recording and lights: line 2"),
    ],
)
def test_a_night_that_is_there_twice_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    put(tmp_path / "nights.csv", f"recording,subject,lights_off\n{rows}")
    with pytest.raises(SettingsError, match=message):
        found_in(tmp_path / "nights.csv")


def test_the_halves_of_a_split_night_are_two_nights(tmp_path: Path) -> None:
    rows = "a.edf,1,first,,02:00\na.edf,1,second,02:00,\n"
    put(tmp_path / "nights.csv", f"recording,subject,run,lights_off,lights_on\n{rows}")
    assert [n.night_id for n in found_in(tmp_path / "nights.csv").nights] == ["1_first", "1_second"]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("file,subject\na.edf,1\n", TableError, "a column recording"),
        ("recording,subject\n,1\n", TableError, "line 2, column 'recording'"),
        ("recording,subject\n", InputFileError, "a header line alone"),
        ("recording,subject\na.edf\n", TableError, "line 2: found 1 cells"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, error: type[PsgkitError], message: str
) -> None:
    put(tmp_path / "nights.csv", text)
    with pytest.raises(error, match=message):
        found_in(tmp_path / "nights.csv")


# where results may lie


@pytest.mark.parametrize(
    ("out", "root", "holders"),
    [
        ("data/out", "data", []),
        ("data", "data", []),
        ("study", "study/data", []),
        ("study", None, ["study/data"]),
        ("study/data", None, ["study/data"]),
    ],
)
def test_results_never_lie_among_recordings(
    tmp_path: Path, out: str, root: str | None, holders: list[str]
) -> None:
    searched = None if root is None else tmp_path / root
    with pytest.raises(SettingsError, match=r"inside the source|holds recordings"):
        refuse_among_originals(tmp_path / out, searched, [tmp_path / one for one in holders])


def test_results_may_lie_beside_the_manifest_and_beside_the_source(tmp_path: Path) -> None:
    refuse_among_originals(tmp_path / "study/out", None, [tmp_path / "study/data"])
    refuse_among_originals(tmp_path / "out", tmp_path / "data", [])
