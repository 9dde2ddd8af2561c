"""``trace.npz``: a page of a finished night needs no recording, and no other file passes for it."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import night_store
import numpy as np
import pytest

from psgkit import plot_movement, read_report
from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.document.trace_file import TRACE_FILE, read_trace, trace_as_npz
from psgkit.errors import InputFileError
from psgkit.report.html.page import night_as_html
from psgkit.report.write import write_report
from psgkit.simulate.plan.options import SimulationOptions


@pytest.fixture(scope="module")
def night() -> tuple[NightReport, NightTrace]:
    options = SimulationOptions(sensors="legs+trunk+ankles")
    report, trace = night_store.traced("rls", hours=0.2, options=options)
    return replace(report, sha256="ab" * 32), replace(trace, sha256="ab" * 32)


@pytest.fixture(scope="module")
def written(
    night: tuple[NightReport, NightTrace], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_report(*night[:1], folder, night[1], keep_trace=True)
    return folder


def test_what_is_written_is_read_back(night: tuple[NightReport, NightTrace], written: Path) -> None:
    _, trace = night
    back = read_trace(written / TRACE_FILE)
    assert (back.sha256, back.rate_hz, back.duration_s) == ("ab" * 32, 20.0, trace.duration_s)
    assert len(back.channels) == len(trace.channels) > 2
    for one, other in zip(trace.channels, back.channels, strict=True):
        assert (one.labels, one.place, one.unit, one.scale) == (
            other.labels,
            other.place,
            other.unit,
            other.scale,
        )
        assert list(one.lines) == list(other.lines)
        for name in one.lines:
            np.testing.assert_array_equal(one.lines[name], other.lines[name])
        np.testing.assert_array_equal(one.unusable_s, other.unusable_s)


def test_a_page_made_of_report_and_trace_is_the_page_of_the_run(written: Path) -> None:
    report = read_report(written / "report.json")
    page = night_as_html(report, read_trace(written / TRACE_FILE, report))
    assert page == (written / "report.html").read_text(encoding="utf-8")


def test_the_same_trace_gives_the_same_bytes(night: tuple[NightReport, NightTrace]) -> None:
    report, trace = night
    assert trace_as_npz(trace, report) == trace_as_npz(trace, report)


def test_numpy_opens_it_without_pickle(written: Path) -> None:
    with np.load(written / TRACE_FILE, allow_pickle=False) as opened:
        assert opened["0.low"].dtype == np.int8
        about = json.loads(opened["trace.json"])
    assert about["schema"] == "psgkit.trace/1"
    assert about["recording_sha256"] == "ab" * 32


def test_a_figure_of_a_movement_is_drawn_from_it(
    night: tuple[NightReport, NightTrace], written: Path
) -> None:
    report, _ = night
    trace = read_trace(written / TRACE_FILE, report)
    found = report.movements.movements
    row = int(np.flatnonzero(found.modality == "emg")[3])
    signal, level, _, on, _ = plot_movement(trace, report, row).lines[:5]
    times_s, values = np.asarray(level.get_xdata()), np.asarray(level.get_ydata())
    inside = (times_s >= found.onset_s[row] - 0.1) & (times_s <= found.end_s[row])
    threshold = np.interp(times_s, np.asarray(on.get_xdata()), np.asarray(on.get_ydata()))
    assert (values >= 0.9 * threshold)[inside].any()
    assert len(signal.get_xdata()) == 2 * len(times_s)


def test_a_figure_of_a_channel_that_a_trace_has_not_is_refused(
    night: tuple[NightReport, NightTrace],
) -> None:
    report, trace = night
    row = int(np.flatnonzero(report.movements.movements.modality == "emg")[0])
    with pytest.raises(ValueError, match="the trace has no channel"):
        plot_movement(replace(trace, channels=()), report, row)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_cut_file_is_refused(written: Path, tmp_path: Path, share: float) -> None:
    whole = (written / TRACE_FILE).read_bytes()
    path = tmp_path / TRACE_FILE
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputFileError, match=r"trace.npz: found no whole archive .* --keep-trace"):
        read_trace(path)


def test_a_damaged_file_is_refused_or_says_the_same(written: Path, tmp_path: Path) -> None:
    whole = (written / TRACE_FILE).read_bytes()
    rng, path = np.random.default_rng(0), tmp_path / TRACE_FILE
    expected = read_trace(written / TRACE_FILE)
    for at in rng.integers(0, len(whole), 40):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            found = read_trace(path)
        except InputFileError:
            continue
        for one, other in zip(expected.channels, found.channels, strict=True):
            for name in one.lines:
                np.testing.assert_array_equal(one.lines[name], other.lines[name])


def changed(whole: bytes, **members: bytes | None) -> bytes:
    """Return an archive with other members; None leaves one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = members.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def about_with(whole: bytes, **fields: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        about = json.loads(archive.read("trace.json"))
    return changed(whole, **{"trace.json": json.dumps({**about, **fields}).encode()})


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda whole: whole[::-1], "no whole archive"),
        (lambda whole: changed(whole, **{"trace.json": None}), "an archive without trace.json"),
        (lambda whole: changed(whole, **{"trace.json": b"[1]"}), "no schema"),
        (lambda whole: changed(whole, **{"trace.json": b"{"}), "does not fit its description"),
        (lambda whole: about_with(whole, schema="psgkit.trace/2"), "the schema 'psgkit.trace/2'"),
        (lambda whole: about_with(whole, rate_hz="fast"), "does not fit its description"),
        (lambda whole: about_with(whole, duration_s=1e12), "does not fit its description"),
        (lambda whole: about_with(whole, duration_s=float("nan")), "does not fit"),
        (lambda whole: about_with(whole, channels=[{}]), "does not fit its description"),
        (lambda whole: changed(whole, **{"0.low.npy": None}), "does not fit its description"),
        (
            lambda whole: changed(whole, **{"0.low.npy": npy(np.zeros(5, np.int8))}),
            r"0.low.npy has the shape \(5,\), not",
        ),
        (
            lambda whole: changed(whole, **{"0.low.npy": npy(np.array([{}], dtype=object))}),
            "0.low.npy holds object, not int8",
        ),
        (
            lambda whole: changed(whole, **{"0.low.npy": npy(np.zeros(10**6))}),
            "0.low.npy is too long",
        ),
        (
            lambda whole: changed(whole, **{"0.unusable_s.npy": npy(np.zeros(3))}),
            r"0.unusable_s.npy has the shape \(3,\)",
        ),
    ],
)
def test_a_file_that_is_no_trace_is_refused(
    written: Path, tmp_path: Path, change: Callable[[bytes], bytes], found: str
) -> None:
    path = tmp_path / TRACE_FILE
    path.write_bytes(change((written / TRACE_FILE).read_bytes()))
    with pytest.raises(InputFileError, match=found):
        read_trace(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"trace.npz: found no such file, wanted a trace"):
        read_trace(tmp_path / TRACE_FILE)
    with pytest.raises(InputFileError, match="wanted a readable file"):
        read_trace(tmp_path)


def test_the_trace_of_another_recording_or_analysis_is_refused(
    night: tuple[NightReport, NightTrace], written: Path
) -> None:
    report, _ = night
    with pytest.raises(InputFileError, match="the trace of another recording"):
        read_trace(written / TRACE_FILE, replace(report, sha256="cd" * 32))
    with pytest.raises(InputFileError, match="the trace of another recording"):
        read_trace(written / TRACE_FILE, replace(report, duration_s=report.duration_s + 1))
    rule = {**report.settings["emg"]["rule"], "onset_above_rest_uv": 12.0}
    settings = {**report.settings, "emg": {**report.settings["emg"], "rule": rule}}
    with pytest.raises(InputFileError, match="the trace of an analysis with other settings"):
        read_trace(written / TRACE_FILE, replace(report, settings=settings))
