"""Shares of REM sleep with muscle activity: exclusions, reasons, cut-offs, pages."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from night_store import analysed, simulated
from numpy.typing import NDArray

from psgkit import analyse_night, read_report
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.index_catalogue import names_of
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.atonia import AtoniaRule
from psgkit.document.write import night_as_json
from psgkit.indices.rem_atonia import CUT_OFFS, GROUP, MiniEpochs, cut_off_of
from psgkit.profile.evidence.items import all_evidence
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.simulate import SimulationOptions

RATE_HZ = 200.0
STAGES = ["N2"] * 20 + ["R"] * 20
NO_EVENTS = Events.none()
Floats = NDArray[np.float64]


def emg(spans_s: list[tuple[float, float]], seed: int = 0, gain: float = 1.0) -> Floats:
    """Return 20 minutes of quiet EMG, ten times as loud in some spans, louder before REM sleep."""
    samples = np.random.default_rng(seed).standard_normal(round(1200 * RATE_HZ))
    samples[: round(600 * RATE_HZ)] *= 2.0
    for from_s, to_s in spans_s:
        samples[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)] *= 10.0
    return gain * samples


def channel(label: str, role: str, samples: Floats, **changed: object) -> Channel:
    site = {"FDS L": Site.LEFT_ARM, "FDS R": Site.RIGHT_ARM}.get(label, Site.NONE)
    made = Channel(label=label, rate_hz=RATE_HZ, samples=samples, unit="uV", role=role, site=site)
    return replace(made, **changed)


def report(
    *channels: Channel,
    events: Events = NO_EVENTS,
    stages: list[str] | None = STAGES,
) -> NightReport:
    recording = Recording(
        source="night.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=1200.0),),
        channels=channels,
    )
    return analyse_night(recording, Hypnogram.of(stages) if stages else None, events)


def values(found: NightReport) -> dict[str, float | None]:
    return {name: index.value for name, index in found.indices[GROUP].items()}


BURSTS = [(700.2, 701.2), (760.2, 761.7), (901.0, 901.5)]
TONIC = (960.0, 990.0)
LONG = (1050.0, 1056.0)
CHIN = channel("Chin", "chin", emg([*BURSTS, TONIC, LONG]))
ARMS = (
    channel("FDS L", "arm", emg([(700.2, 701.2)], 1)),
    channel("FDS R", "arm", emg([(1111.0, 1112.0)], 2)),
)


def test_shares_count_mini_epochs_and_epochs() -> None:
    found = values(report(CHIN, *ARMS))
    assert found["rem_used_min"] == 10.0
    assert found["mini_epochs_n"] == 200
    assert found["epochs_n"] == 20
    assert found["chin_phasic_pct"] == pytest.approx(100 * 3 / 200)
    # the tonic epoch has ten, the burst of 6 s two
    assert found["chin_any_pct"] == pytest.approx(100 * (3 + 10 + 2) / 200)
    assert found["chin_tonic_pct"] == pytest.approx(100 / 20)
    assert found["chin_above_nrem_pct"] == pytest.approx(100 / 20)
    assert found["chin_any_epochs_pct"] == pytest.approx(100 / 20)
    assert found["arm_phasic_pct"] == pytest.approx(100 * 2 / 200)
    assert found["chin_or_arm_pct"] == pytest.approx(found["chin_any_pct"] + 100 / 200)


def test_what_was_scored_or_is_unusable_is_left_out_and_counted_once() -> None:
    events = Events.of(
        [660.0, 700.0, 750.0, 1000.0, 1020.0],
        [663.0, 703.5, 765.0, 1000.0, 1026.0],
        ["artifact", "arousal", "apnea", "arousal", "artifact"],
        ["whole_body", "", "", "", ""],
    )
    samples = emg([*BURSTS, TONIC, LONG])
    samples[round(700 * RATE_HZ) : round(702 * RATE_HZ)] = 0.0
    found = values(report(channel("Chin", "chin", samples), events=events))
    # 2 s of zeros with their margins touch 699-702 and 702-705, the arousal 699-705
    assert found["excluded_signal_n"] == 2
    assert found["excluded_artifact_n"] == 1  # one without a site hides no muscle
    assert found["excluded_arousal_n"] == 1  # a mark without a duration lies in one
    assert found["excluded_respiratory_n"] == 5
    assert found["mini_epochs_n"] == 200 - 2 - 1 - 1 - 5
    assert found["chin_phasic_pct"] == pytest.approx(100 * 1 / 191)


def test_not_scored_is_not_none() -> None:
    found = report(CHIN).indices[GROUP]
    assert found["excluded_arousal_n"].reason == "no arousals were scored"
    assert found["excluded_respiratory_n"].reason == "no respiratory events were scored"


SIX_R = ["N2"] * 34 + ["R"] * 6


@pytest.mark.parametrize(
    ("channels", "stages", "reason"),
    [
        ((), STAGES, "no chin EMG channel"),
        ((replace(CHIN, unit="mV"),), STAGES, "no chin EMG channel in volts: Chin"),
        ((CHIN,), None, "no hypnogram: sleep and wake are unknown"),
        ((CHIN,), ["N2"] * 40, "no R scored between lights off and on"),
        ((CHIN,), ["W", *["SLEEP"] * 39], "not the stages of sleep"),
        ((CHIN,), SIX_R, "3.0 min of REM sleep are left, and at least 5 are needed"),
        ((channel("Chin", "chin", np.zeros(240_000)),), STAGES, "no usable REM sleep in Chin"),
    ],
)
def test_shares_that_cannot_be_given_have_a_reason(
    channels: tuple[Channel, ...], stages: list[str] | None, reason: str
) -> None:
    found = report(*channels, stages=stages).indices[GROUP]
    assert set(found) == set(names_of(GROUP))
    for name in ("chin_any_pct", "chin_tonic_pct", "chin_or_arm_pct"):
        assert found[name].value is None
        assert reason in str(found[name].reason)


def test_a_slow_chin_is_not_measured() -> None:
    slow = replace(CHIN, rate_hz=50.0, samples=emg([])[::4])
    found = report(slow).indices[GROUP]["chin_any_pct"]
    assert found.reason == "no chin EMG channel of at least 100 Hz: Chin"


@pytest.mark.parametrize(
    ("arms", "reason"),
    [((), "no arm EMG channel was used"), (ARMS[:1], "EMG of both arms is needed")],
)
def test_one_arm_is_not_both(arms: tuple[Channel, ...], reason: str) -> None:
    found = report(CHIN, *arms).indices[GROUP]
    assert found["chin_or_arm_pct"].reason == reason
    assert found["chin_any_pct"].value is not None


def test_a_chin_tonic_throughout_is_said() -> None:
    samples = emg([])
    samples[round(600 * RATE_HZ) :] *= 3.5
    found = report(channel("Chin", "chin", samples))
    assert found.indices[GROUP]["chin_above_nrem_pct"].value == 100.0
    assert "rem_atonia.never_quiet" in {one.code for one in found.findings}
    assert any("rem_atonia" in one.concerns for one in found.cautions)


def test_mini_epochs_begin_with_each_stretch() -> None:
    minis = MiniEpochs.of(np.array([[0.0, 30.0], [100.0, 145.0]]), AtoniaRule())
    assert len(minis.starts_s) == 25
    assert minis.n_epochs == 2
    assert minis.epoch[[0, 9, 10, 19, 20, 24]].tolist() == [0, 0, 1, 1, -1, -1]
    spans = np.array([[2.9, 3.1], [29.0, 101.0]])
    assert minis.covered_s(spans)[[0, 1, 9, 10]] == pytest.approx([0.1, 0.1, 1.0, 1.0])


def test_cut_offs_that_were_not_verified_are_not_printed() -> None:
    unread = [one for one in CUT_OFFS if one.status == "unverified"]
    assert [one.percent for one in unread] == [27.0]
    assert all(cut_off_of(one.index, flexors=True) is None for one in unread)
    found = report(CHIN, *ARMS)
    for text in (night_as_text(found), night_as_html(found)):
        assert "18 %" in text or "18\u202f%" in text or "18\xa0%" in text
        assert "27 %" not in text
        assert "27\u202f%" not in text
        assert "27\xa0%" not in text
        assert "Frauscher et al. 2012" in text
        assert "not a diagnosis" in " ".join(text.split())
    biceps = [replace(one, label=one.label.replace("FDS", "Biceps")) for one in ARMS]
    assert "32 %" in night_as_text(found)
    assert "32 %" not in night_as_text(report(CHIN, *biceps))


def test_the_evidence_names_other_causes_and_bears_on_none_of_the_four() -> None:
    (item,) = [one for one in all_evidence().items if one.id == "rem_atonia"]
    assert not any(band.supports or band.against for band in item.bands)
    (entry,) = [one for one in report(CHIN).profile.evidence if one["id"] == "rem_atonia"]
    assert "18 %" not in entry["text"]
    loud = report(channel("Chin", "chin", emg([(600.0 + 6 * k, 601.0 + 6 * k) for k in range(90)])))
    (entry,) = [one for one in loud.profile.evidence if one["id"] == "rem_atonia"]
    assert "REM sleep behaviour disorder" in entry["text"]
    assert "Antidepressants" in entry["text"]
    assert entry["supports"] == entry["against"] == []


def test_a_report_read_back_has_the_same(tmp_path: Path) -> None:
    found = report(CHIN, *ARMS)
    path = tmp_path / "report.json"
    path.write_text(night_as_json(found), encoding="utf-8")
    written = json.loads(path.read_text(encoding="utf-8"))["indices"][GROUP]
    assert set(written) == set(names_of(GROUP))
    again = read_report(path)
    assert again.indices[GROUP]["chin_any_pct"].value == pytest.approx(
        found.indices[GROUP]["chin_any_pct"].value
    )
    assert night_as_text(again) == night_as_text(found)


def test_the_chin_changes_no_other_number() -> None:
    usual = simulated("rls", hours=0.5)
    options = SimulationOptions(rem_tonic_share=0.5, rem_phasic_per_min=2.0)
    with_chin = simulated("rls", hours=0.5, options=options)
    assert with_chin.recording.labels() == [*usual.recording.labels(), "Chin1-Chin2"]
    for one in usual.recording.channels:
        same = with_chin.recording.channel(one.label)
        assert np.array_equal(np.asarray(one.samples), np.asarray(same.samples))
    first = analysed("rls", hours=0.5)
    second = analysed("rls", hours=0.5, options=options)

    def numbers(found: NightReport) -> dict[str, dict[str, Index]]:
        return {name: dict(group) for name, group in found.indices.items() if name != GROUP}

    assert numbers(first) == numbers(second)


def test_without_half_an_epoch_left_only_shares_of_epochs_are_missing_and_say_so() -> None:
    stages = ["N2"] * 10 + ["R"] * 30
    onset_s = [300.0 + 30.0 * row for row in range(30)]
    arousals = Events.of(onset_s, [at + 18.0 for at in onset_s], ["arousal"] * 30, [""] * 30)
    found = report(CHIN, *ARMS, events=arousals, stages=stages).indices[GROUP]
    assert found["mini_epochs_n"].value == 120
    assert found["chin_any_pct"].value is not None
    of_epochs = [name for name, index in found.items() if name.endswith("_pct") and index.reason]
    assert {"chin_tonic_pct", "chin_any_epochs_pct", "chin_or_arm_epochs_pct"} <= set(of_epochs)
    for name in of_epochs:
        assert found[name].reason == "half of the mini-epochs are left in no epoch of REM sleep"
