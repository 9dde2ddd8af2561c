"""Validation against people: made layouts run whole, and tiny cases agree with counts by hand."""

import csv
import hashlib
import json
import runpy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from psgkit.agreement.validation import compared
from psgkit.agreement.validation_datasets import REFUSED
from psgkit.agreement.validation_layouts import find_nights
from psgkit.agreement.validation_nights import RatedNight
from psgkit.agreement.validation_statistics import icc_of_raters
from psgkit.cohort.summary.statistics import icc_one_way
from psgkit.core.events import Events
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording
from psgkit.errors import InputFileError
from psgkit.io.edf.write import write_edf
from psgkit.simulate import simulate_night
from psgkit.simulate.simulated import SimulatedNight

Main = Callable[[list[str]], int]
Download = Callable[[str, Path, str], int]
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "validate.py"
LEGS = {"left_leg": "emg lat", "right_leg": "emg rat"}


@pytest.fixture(scope="module")
def main() -> Main:
    return runpy.run_path(str(SCRIPT))["main"]


@pytest.fixture(scope="module")
def download() -> Download:
    return runpy.run_path(str(SCRIPT))["download"]


def publish(site: Path) -> str:
    """Write the sums of a data set; return them."""
    files = [path for path in sorted(site.rglob("*")) if path.is_file()]
    rows = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(site).as_posix()}"
        for path in files
    ]
    text = "\n".join([*rows, ""])
    (site / "SHA256SUMS.txt").write_text(text, encoding="utf-8")
    return text


@pytest.fixture
def published(psg_ipa: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a data set with its sums from this machine; yield its folder and its address."""
    site = tmp_path / "site"
    shutil.copytree(psg_ipa, site)
    publish(site)
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield site, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_data_set_is_fetched_once_and_compared_with_its_sums(
    main: Main,
    download: Download,
    published: tuple[Path, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site, address = published
    folder, out = tmp_path / "data", tmp_path / "out"
    wanted = list(site.rglob("*.edf"))
    assert download("psg-ipa", folder, address) == len(wanted)
    assert sorted(p.name for p in folder.rglob("*.edf")) == sorted(p.name for p in wanted)
    assert not list(folder.rglob("*.part"))
    assert download("psg-ipa", folder, address) == 0
    # the command fetches what is missing, then compares
    for path in (*folder.rglob("SN2*"), *folder.rglob("*scorer10.edf")):
        path.unlink(missing_ok=True)
    for path in (*site.rglob("SN2*"), *site.rglob("*scorer10.edf")):
        path.unlink(missing_ok=True)
    kept = publish(site)
    lost = next(folder.rglob("*scorer2.edf"))
    lost.unlink()
    call = ["psg-ipa", str(folder), "--out", str(out), "--download", "--source", address]
    assert main(call) == 0
    assert "1 files downloaded" in capsys.readouterr().out
    assert lost.name in kept


def test_a_file_that_is_not_what_its_sum_says_is_refused(
    main: Main, published: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, address = published
    wrong = next(iter(sorted(site.rglob("*.edf"))))
    wrong.write_bytes(wrong.read_bytes()[:-1] + b"x")
    folder = tmp_path / "data"
    call = ["psg-ipa", str(folder), "--out", str(tmp_path / "out"), "--download"]
    assert main([*call, "--source", address]) == 3
    assert "SHA-256" in capsys.readouterr().err
    assert not list(folder.rglob(wrong.name + "*"))


@pytest.mark.parametrize(
    ("source", "said"),
    [("ftp://example.org/", "begins with https://"), ("http://127.0.0.1:9/", "--source")],
)
def test_an_address_that_cannot_be_used_says_what_to_give(
    main: Main, source: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["psg-ipa", str(tmp_path), "--out", str(tmp_path / "out"), "--download"]
    assert main([*call, "--source", source]) in (2, 3)
    assert said in capsys.readouterr().err


def test_a_name_that_leaves_the_folder_is_refused(
    main: Main, published: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, address = published
    sums = site / "SHA256SUMS.txt"
    sums.write_text("0" * 64 + "  ../Annotations/manual/x_scorer1.edf\n", encoding="utf-8")
    call = ["psg-ipa", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--download"]
    assert main([*call, "--source", address]) == 3
    assert "names below the folder" in capsys.readouterr().err


def marks_of(truth: Movements, seed: int) -> list[tuple[float, float, str]]:
    """Return the truth with boundaries moved by up to 0.2 s, as PSG-IPA writes it."""
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-0.2, 0.2, (len(truth), 2))
    rows = zip(truth.onset_s + shift[:, 0], truth.end_s + shift[:, 1], truth.site, strict=True)
    return [
        (max(0.0, float(on)), float(end - on), f"limb movement@@{LEGS[str(site)]}")
        for on, end, site in rows
    ]


def scorer_file(night: SimulatedNight, path: Path, seed: int) -> None:
    duration_s = night.recording.duration_s
    marker = Channel(label="M", unit="uV", rate_hz=1.0, samples=np.zeros(round(duration_s)))
    plain = Recording(
        source="",
        start=night.recording.start,
        segments=night.recording.segments,
        channels=(marker,),
    )
    write_edf(plain, path, marks_of(night.truth, seed))


@pytest.fixture(scope="module")
def psg_ipa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("psg-ipa")
    recordings, manual = root / "Limb_movements/PSG", root / "Limb_movements/Annotations/manual"
    recordings.mkdir(parents=True)
    manual.mkdir(parents=True)
    for number in (1, 2):
        night = simulate_night("rls", hours=0.2, seed=number)
        channels = tuple(
            replace(channel, label=f"EMG {channel.label}")
            for channel in night.recording.channels
            if channel.label in ("LAT", "RAT")
        )
        name = f"SN{number}_LimbMovements"
        write_edf(replace(night.recording, channels=channels), recordings / f"{name}.edf")
        for scorer in (1, 2, 10):
            scorer_file(night, manual / f"{name}_manual_scorer{scorer}.edf", 10 * number + scorer)
    return root


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_made_psg_ipa_is_compared_whole(psg_ipa: Path, tmp_path: Path, main: Main) -> None:
    assert main(["psg-ipa", str(psg_ipa), "--out", str(tmp_path)]) == 0
    pairs, nights = rows_of(tmp_path / "pairs.csv"), rows_of(tmp_path / "nights.csv")
    # four raters make six pairs, of two legs in two nights; three places a rater and night
    assert (len(pairs), len(nights)) == (24, 24)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["nights_n"], summary["people_n"]) == (2, 3)
    assert summary["f1"]["onset"]["psgkit"]["median"] > 0.8
    assert summary["f1"]["overlap"]["people"]["median"] == 1.0
    assert summary["boundaries"]["people"]["onset"]["size_s"]["median"] <= 0.4
    assert summary["indices"]["plms_index"]["bland_altman"]["reason"]
    page = (tmp_path / "validation.html").read_text(encoding="utf-8")
    assert "SN2" in page
    assert (tmp_path / "bland_altman.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_scorers_are_in_the_order_of_their_numbers(psg_ipa: Path) -> None:
    nights, findings = find_nights("psg-ipa", psg_ipa / "Limb_movements")
    assert [night.name for night in nights] == ["SN1", "SN2"]
    assert [name for name, _file in nights[0].scorings] == ["scorer1", "scorer2", "scorer10"]
    assert not findings


def lm(onsets_s: list[float]) -> Events:
    n = len(onsets_s)
    return Events.of(onsets_s, [t + 2.0 for t in onsets_s], ["lm"] * n, ["left_leg"] * n)


def rated(name: str, **onsets_s: list[float]) -> RatedNight:
    return RatedNight(
        name=name,
        duration_s=3600.0,
        raters={who: lm(times) for who, times in onsets_s.items()},
        sides=dict.fromkeys(onsets_s, ("left_leg", "right_leg")),
        hypnogram=None,
        stages="none",
    )


def test_f1_errors_and_standing_are_those_counted_by_hand() -> None:
    night = rated("n", psgkit=[10.0, 30.0, 50.0], a=[10.4, 31.0, 90.0], b=[10.4, 31.0])
    found = compared([night])
    left = [pair for pair in found["pairs"] if pair["site"] == "left_leg"]
    f1 = {(p["candidate"], p["reference"]): (p["onset_f1"], p["overlap_f1"]) for p in left}
    # within 0.5 s only 10.0 and 10.4; sharing time also 30.0 and 31.0
    assert f1["psgkit", "a"] == pytest.approx((2 * 1 / 6, 2 * 2 / 6))
    assert f1["psgkit", "b"] == pytest.approx((2 * 1 / 5, 2 * 2 / 5))
    assert f1["a", "b"] == pytest.approx((2 * 2 / 5, 2 * 2 / 5))
    assert left[0]["onset_error_median_s"] == pytest.approx(-0.7)
    row = next(r for r in found["standing"] if (r["site"], r["way"]) == ("left_leg", "onset"))
    assert row["psgkit"] == pytest.approx((2 / 6 + 2 / 5) / 2)
    assert row["people_lowest"] == pytest.approx(0.8)
    assert row["at_least_lowest"] is False
    rates = {(r["rater"], r["site"]): r["lm_index_recording"] for r in found["nights"]}
    assert (rates["psgkit", "legs"], rates["b", "left_leg"], rates["b", "right_leg"]) == (3, 2, 0)
    right = [pair for pair in found["pairs"] if pair["site"] == "right_leg"]
    assert all(pair["onset_f1"] is None and pair["reason"] for pair in right)


def test_bias_and_range_are_over_nights() -> None:
    every = [40.0 * k for k in range(1, 9)]
    nights = [
        rated(f"n{k}", psgkit=every[: 2 + k], a=every[: 1 + k], b=every[:k]) for k in (2, 3, 4)
    ]
    found = compared(nights)["indices"]["lm_index_recording"]
    assert found["bland_altman"]["bias"] == pytest.approx(1.5)
    assert (found["within_range_n"], found["judged_n"]) == (0, 3)


def test_the_correlation_is_that_of_cohorts() -> None:
    values = np.random.default_rng(1).normal(size=(6, 4)) + np.arange(6)[:, None]
    found = icc_of_raters(values)
    other = icc_one_way(values.ravel(), np.repeat(np.arange(6), 4))
    wanted = (other.icc, other.low, other.high)
    assert (found["icc"], found["low"], found["high"]) == pytest.approx(wanted)


@pytest.mark.parametrize("dataset", REFUSED)
def test_other_data_sets_are_refused_with_the_reason(
    dataset: str,
    tmp_path: Path,
    main: Callable[[list[str]], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([dataset, str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert REFUSED[dataset] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_generic_folder_takes_scorings_beside_and_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "scorings").mkdir()
    for name in ("a.edf", "a_scorer1.edf", "b.edf", "scorings/a_scorer2.csv", "c_scorer1.tsv"):
        (tmp_path / name).touch()
    (night,), findings = find_nights("generic", tmp_path)
    assert [name for name, _file in night.scorings] == ["scorer1", "scorer2"]
    assert {found.code for found in findings} == {
        "validation.no_scoring",
        "validation.no_recording",
    }
    (tmp_path / "a_scorer2.tsv").touch()
    with pytest.raises(InputFileError, match=r"a_scorer2\.csv|two files of one scoring"):
        find_nights("generic", tmp_path)


def test_a_folder_of_another_layout_is_refused_with_the_names_wanted(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="SN1_LimbMovements_manual_scorer1"):
        find_nights("psg-ipa", tmp_path)
