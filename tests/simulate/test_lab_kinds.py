"""The five kinds of nights in a laboratory are like for like: only the person tells them apart."""

import re
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from psgkit.cli.app import app
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.io.read import read_recording
from psgkit.simulate.body_night import BodyPlan, plan_body
from psgkit.simulate.plan.kinds import APART_S
from psgkit.simulate.plan.lab_kinds import FIDGETS, LAB_KINDS, ORDINARY
from psgkit.simulate.plan.options import SimulationOptions

KINDS = tuple(LAB_KINDS)
SEEDS = range(4)


@cache
def planned(kind: str, seed: int) -> BodyPlan:
    return plan_body(LAB_KINDS[kind], 960, seed, SimulationOptions())


def in_bed(body: BodyPlan) -> np.ndarray:
    """Return the stages between lights off and on."""
    off_s, on_s = body.course.lights_s
    return body.hypnogram.stages[int(off_s // 30) + 1 : int(on_s // 30)]


def latency_and_waso_min(kind: str) -> tuple[float, float]:
    found = []
    for seed in SEEDS:
        asleep = np.flatnonzero(np.isin(in_bed(planned(kind, seed)), SLEEP_STAGES))
        waso_n = asleep[-1] - asleep[0] + 1 - len(asleep)
        found.append((asleep[0] / 2, waso_n / 2))
    latency, waso = np.mean(found, axis=0)
    return float(latency), float(waso)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    for kind in KINDS:
        words = ["simulate", kind, "--out", folder / kind, "--hours", 0.1, "--rate", 100]
        words += ["--emg", "noise"]
        done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
        assert done.exit_code == 0
    return {kind: folder / kind for kind in KINDS}


def test_files_of_the_kinds_are_the_same_and_their_headers_differ_by_the_stated_kind_alone(
    written: dict[str, Path],
) -> None:
    headers = {kind: (path / "night.edf").read_bytes() for kind, path in written.items()}
    size_n = int(headers["rls"][184:192])
    stated = {kind: header[:size_n] for kind, header in headers.items()}
    for kind, header in stated.items():
        assert f"SIMULATED_{kind}_seed_0".encode() in header[88:168]
    masked = {
        kind: header[:88] + re.sub(kind.encode(), b"KIND", header[88:168]).strip() + header[168:]
        for kind, header in stated.items()
    }
    assert len(set(masked.values())) == 1
    names = [sorted(one.name for one in path.iterdir()) for path in written.values()]
    assert all(one == names[0] for one in names)
    recorded = [read_recording(path / "night.edf") for path in written.values()]
    assert len({(tuple(one.labels()), one.duration_s, one.start) for one in recorded}) == 1
    assert len({tuple(channel.rate_hz for channel in one.channels) for one in recorded}) == 1
    assert len({len(header) for header in headers.values()}) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_has_the_same_evening(seed: int) -> None:
    bodies = [planned(kind, seed) for kind in KINDS]
    assert len({body.course.lights_s for body in bodies}) == 1
    assert len({body.course.up_s[0] for body in bodies}) == 1
    lies_s = bodies[0].course.up_s[0][1]
    assert 1800.0 <= lies_s <= 3600.0


def test_everybody_has_the_ordinary_movements_the_same_channels_and_breathing() -> None:
    for kind in LAB_KINDS.values():
        assert kind.night.processes[-len(ORDINARY) :] == ORDINARY
        assert FIDGETS in kind.seated
        assert kind.night.channels == LAB_KINDS["healthy"].night.channels
        assert kind.night.respiratory == LAB_KINDS["healthy"].night.respiratory
        assert {train.kind for train in kind.trains} == {"rhythm", "scratch"}


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_has_a_hypnogram_of_their_own(seed: int) -> None:
    for one, other in combinations(KINDS, 2):
        stages = (planned(one, seed).hypnogram.stages, planned(other, seed).hypnogram.stages)
        assert np.mean(stages[0] != stages[1]) > 0.05, (one, other)


def test_sleep_is_ordered_as_in_the_literature() -> None:
    found = {kind: latency_and_waso_min(kind) for kind in KINDS}
    latency = {kind: one[0] for kind, one in found.items()}
    waso = {kind: one[1] for kind, one in found.items()}
    for kind in ("rls", "ras", "rbs"):
        assert latency[kind] > latency["healthy"]
        assert waso[kind] > waso["healthy"]
    assert latency["rls"] == max(latency.values())
    assert latency["akathisia"] < 1.3 * latency["healthy"]
    assert waso["healthy"] < waso["akathisia"] < waso["rls"]


def test_half_of_the_nights_with_akathisia_sleep_as_others_do() -> None:
    kind = LAB_KINDS["akathisia"]
    broken = [planned("akathisia", seed).night.sleep == kind.other_sleep for seed in SEEDS]
    assert 0 < sum(broken) < len(broken)


def test_healthy_people_move_awake_and_sometimes_periodically() -> None:
    awake = dict.fromkeys(("legs", "arms"), 0)
    for seed in SEEDS:
        body = planned("healthy", seed)
        off_s, on_s = body.course.lights_s
        for one in body.plan.activations:
            stage = body.hypnogram.stage_at(np.array([one.onset_s]))[0]
            if one.kind == "plm" and stage == "W" and off_s < one.onset_s < on_s:
                awake["legs" if one.site.endswith("leg") else "arms"] += 1
    assert min(awake.values()) > 10


def test_feet_are_rhythmic_seated_in_akathisia_and_rarely_otherwise() -> None:
    shares = {}
    for kind in KINDS:
        up, rhythmic = 0.0, []
        for seed in SEEDS:
            body = planned(kind, seed)
            up += sum(to_s - from_s for from_s, to_s in body.course.up_s)
            for train in body.trains:
                if train.kind == "rhythm":
                    seated = any(
                        from_s <= train.cycles_s[0] < to_s for from_s, to_s in body.course.up_s
                    )
                    rhythmic.append((seated, train.cycles_s[-1] - train.cycles_s[0]))
        seated_s = sum(length_s for seated, length_s in rhythmic if seated)
        shares[kind] = seated_s / up
        if kind == "akathisia":
            assert np.mean([seated for seated, _ in rhythmic]) > 0.75
    assert shares.pop("akathisia") > 0.3
    assert 0.0 < max(shares.values()) < 0.06


@pytest.mark.parametrize("kind", KINDS)
def test_movements_of_people_seated_keep_away_from_walks_and_from_the_bed(kind: str) -> None:
    found = 0
    for seed in SEEDS:
        body = planned(kind, seed)
        for one in body.plan.activations:
            for from_s, to_s in body.course.up_s:
                if from_s < one.onset_s < to_s:
                    found += 1
                    assert one.stops_s <= to_s
                    for start_s, end_s in body.course.walks_s:
                        assert one.stops_s <= start_s or one.starts_s >= end_s + APART_S - 1.0
    assert found > 20


def test_a_restless_back_is_quiet_while_seated() -> None:
    for seed in SEEDS:
        body = planned("rbs", seed)
        trunk = [one for one in body.plan.activations if (one.kind, one.site) == ("plm", "trunk")]
        up_s = body.course.up_s
        assert not [one for one in trunk if any(a < one.onset_s < b for a, b in up_s)]
