"""Scoring files beside a recording: which belong to it, and what is made of them."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import SettingsError
from psgkit.io.scoring import sidecars
from psgkit.io.scoring.read import outside_findings
from psgkit.io.scoring.sidecars import (
    FolderNames,
    find_sidecars,
    names_beside,
    read_sidecars,
    unused_findings,
)

STAGES = "onset_s,duration_s,stage\n0,30,N2\n"
EVENTS = "onset_s,duration_s,kind,site\n1,2,lm,left_leg\n"
AROUSALS = "onset_s,duration_s,kind,site\n1,5,arousal,\n"
DOMINO = (
    "Signal ID: FlowD\\flow\nStart Time: 02.03.2024 22:15:30\nUnit: s\nSignal Type: Impuls\n\n"
    "22:15:40,000-22:15:52,000; 12;Hypopnea\n"
)


def night(folder: Path, name: str = "night.edf") -> Path:
    path = folder / name
    path.write_bytes(edf_bytes([ordinary(np.arange(80), 4, label="EMG LAT")]))
    return path


def names(path: Path) -> list[str]:
    return [found.path.name for found in find_sidecars(path)]


@pytest.mark.parametrize(
    "name",
    [
        "night.csv",
        "night_events.tsv",
        "night-Hypnogram.txt",
        "night.stages",
        "night hypnogram",
        "Flow Events - night.txt",
    ],
)
@pytest.mark.parametrize("text", [STAGES, EVENTS, DOMINO, "N1\nN2\nN2\nN3\nN3\nR\n"])
def test_a_scoring_that_shares_the_name_is_found_by_content(
    tmp_path: Path, name: str, text: str
) -> None:
    path = night(tmp_path)
    (tmp_path / name).write_text(text)
    assert names(path) == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.csv", STAGES),
        ("nights.csv", STAGES),
        ("night2.csv", STAGES),
        ("night.csv", "sample,value\n1,2\n"),
        ("night.txt", "1024\n1025\n1026\n1027\n1028\n"),
        ("night.json", '{"schema": "psgkit.night/1"}'),
        ("night.html", "<html><body>N2</body></html>"),
        ("night.png", "\x89PNG\r\n"),
        ("night.empty", ""),
    ],
)
def test_other_files_are_none(tmp_path: Path, name: str, text: str) -> None:
    path = night(tmp_path)
    (tmp_path / name).write_text(text)
    assert names(path) == []


def test_an_edf_is_one_if_it_holds_annotations_alone(tmp_path: Path) -> None:
    path = night(tmp_path)
    night(tmp_path, "night-2.edf")
    stamps = [tal("+0") + tal("+0", "Sleep stage N2", duration="30")]
    content = edf_bytes([annotations(stamps, 40)], reserved="EDF+C", record_s="0")
    (tmp_path / "night-Hypnogram.edf").write_bytes(content)
    assert names(path) == ["night-Hypnogram.edf"]


def test_a_file_belongs_to_the_recording_with_the_longer_name(tmp_path: Path) -> None:
    first, second = night(tmp_path), night(tmp_path, "night-2.edf")
    (tmp_path / "night-2_events.tsv").write_text(EVENTS)
    assert names(first) == []
    assert names(second) == ["night-2_events.tsv"]


def test_bids_and_sleep_edf_name_their_files_in_their_own_way(tmp_path: Path) -> None:
    bids = night(tmp_path, "sub-1_task-sleep_eeg.edf")
    (tmp_path / "sub-1_task-sleep_events.tsv").write_text("onset\tduration\tstage\n0\t30\t2\n")
    assert names(bids) == ["sub-1_task-sleep_events.tsv"]
    sleep_edf = night(tmp_path, "SC4001E0-PSG.edf")
    (tmp_path / "SC4001EC-Hypnogram.txt").write_text(STAGES)
    assert names(sleep_edf) == ["SC4001EC-Hypnogram.txt"]


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    path = night(tmp_path)
    (tmp_path / "night.csv").write_text(STAGES)
    (found,) = unused_findings(find_sidecars(path))
    assert (found.code, found.where) == ("sidecar.not_used", "night.csv")
    assert "a table of stages" in found.message


def test_files_with_different_parts_of_the_scoring_are_joined_and_named(tmp_path: Path) -> None:
    path = night(tmp_path)
    (tmp_path / "night.csv").write_text(STAGES)
    (tmp_path / "night_events.csv").write_text(EVENTS)
    (tmp_path / "Flow Events - night.txt").write_text(DOMINO)
    found = read_sidecars(path, find_sidecars(path), datetime(2024, 3, 2, 22, 15, 30))
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["N2"]
    assert found.events.kind.tolist() == ["lm", "hypopnea"]
    assert found.events.onset_s.tolist() == [1.0, 10.0]
    used = [one.where for one in found.findings if one.code == "sidecar.used"]
    assert sorted(used) == ["Flow Events - night.txt", "night.csv", "night_events.csv"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([STAGES, STAGES], "stages in 2 files: night-0.csv, night-1.csv, wanted one"),
        ([EVENTS, EVENTS], "events 'lm' in 2 files: night-0.csv, night-1.csv, wanted one"),
        ([], "no scoring file beside night.edf, wanted one that shares its name"),
    ],
)
def test_a_choice_between_files_is_not_made(tmp_path: Path, texts: list[str], message: str) -> None:
    path = night(tmp_path)
    for k, text in enumerate(texts):
        (tmp_path / f"night-{k}.csv").write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_sidecars(path, find_sidecars(path), None)


def test_what_is_named_elsewhere_is_not_a_choice(tmp_path: Path) -> None:
    path = night(tmp_path)
    (tmp_path / "night-0.csv").write_text(STAGES)
    (tmp_path / "night-1.csv").write_text(STAGES)
    (tmp_path / "night-2.csv").write_text(AROUSALS)
    found = read_sidecars(path, find_sidecars(path), None, ["events"])
    assert found.hypnogram is None
    assert found.events is not None
    assert found.events.kind.tolist() == ["arousal"]


def test_events_outside_the_recording_are_counted(tmp_path: Path) -> None:
    path = night(tmp_path)
    (tmp_path / "night.csv").write_text(EVENTS + "900,1,lm,left_leg\n-9,1,lm,left_leg\n")
    found = read_sidecars(path, find_sidecars(path), None)
    assert found.events is not None
    (finding,) = outside_findings(found.events, 20.0, "night.csv")
    assert finding.message.startswith("2 of 3 events lie outside")
    assert outside_findings(found.events, 1000.0, "night.csv")[0].message.startswith("1 of 3")


PARTS = [
    "a",
    "b",
    "ab",
    " - ",
    "_",
    "1",
    "_eeg",
    "SC4001E0-PSG",
    "SC4001EC-Hypnogram",
    ".",
    "a - b",
]
NAMES = st.lists(
    st.builds(
        lambda parts, end: "".join(parts) + end,
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=4),
        st.sampled_from([".edf", ".csv", ".BDF", ".tsv", ""]),
    ),
    max_size=12,
    unique=True,
)


def names_beside_one_by_one(recording: str, names: list[str]) -> list[str]:
    """Return what ``names_beside`` returns, by looking at every pair of names."""
    stems = sidecars._stems(Path(recording).stem)

    def is_own(name: str) -> bool:
        return any(sidecars._belongs(Path(name).stem, stem) for stem in stems)

    def is_edf(name: str) -> bool:
        return Path(name).suffix.lower() in (".edf", ".bdf", ".rec")

    longer = [Path(n).stem for n in names if is_edf(n) and n != recording and is_own(n)]
    return [
        name
        for name in sorted(names)
        if name != recording
        and is_own(name)
        and (is_edf(name) or not any(sidecars._belongs(Path(name).stem, other) for other in longer))
    ]


@given(NAMES)
def test_names_found_in_a_sorted_listing_are_those_found_one_by_one(names: list[str]) -> None:
    folder = FolderNames.from_names(names)
    for recording in names:
        assert names_beside(recording, folder) == names_beside_one_by_one(recording, names)


def test_the_table_of_another_night_with_a_longer_name_is_not_taken(tmp_path: Path) -> None:
    for name in ("n.edf", "n_2.edf"):
        (tmp_path / name).write_bytes(b"")
    for name in ("n.csv", "n_2.csv"):
        (tmp_path / name).write_text(STAGES)
    assert names(tmp_path / "n.edf") == ["n.csv"]
    assert names(tmp_path / "n_2.edf") == ["n_2.csv"]
