"""Every index that depends on stages says who or what gave them; no other one does."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit import Settings, analyse_night, simulate_night
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index_catalogue import CATALOGUE, needs_stages
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Annotations
from psgkit.core.stage_source import is_estimate, program_in, stage_source
from psgkit.scoring.rules import RULE_SETS
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.simulated import SimulatedNight

_EVERYWHERE = SimulationOptions(sensors="full", rem_phasic_per_min=5.0)


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    return simulate_night("rls", hours=0.25, seed=1, options=_EVERYWHERE)


def _other_stages(n: int) -> Hypnogram:
    found = np.random.default_rng(3).choice(["W", "N1", "N2", "N3", "R"], n)
    return Hypnogram(stages=found, estimated_by="YASA 0.7.0")


def _values(report: NightReport) -> dict[tuple[str, ...], tuple[float | None, str | None]]:
    whole = {
        (group, "", "", name): (one.value, one.stages_from)
        for group, indices in report.indices.items()
        for name, one in indices.items()
    }
    parts = {
        (row.group, row.by, row.level, name): (one.value, one.stages_from)
        for row in report.breakdown
        for name, one in row.indices.items()
    }
    return whole | parts


@pytest.mark.parametrize(
    "rules",
    [
        # rules of 2006 are as those of 2016 in this; by AASM all movements depend on stages
        pytest.param(rules, id=name, marks=[pytest.mark.slow] if name == "wasm2006" else [])
        for name, rules in RULE_SETS.items()
    ],
)
def test_what_changes_with_the_stages_says_where_they_are_from(
    rules: object, night: SimulatedNight
) -> None:
    """A law for all indices of all groups and parts of the night: other stages, other values."""
    settings = replace(Settings(), rules=rules)
    scored = _values(analyse_night(night.recording, night.hypnogram, night.events, settings))
    other = _other_stages(len(night.hypnogram))
    estimated = _values(analyse_night(night.recording, other, night.events, settings))
    changed = {key for key in scored if scored[key][0] != estimated.get(key, (None, None))[0]}
    assert len(changed) > 100
    assert not {key for key in changed if scored[key][1] != "scored"}
    words = stage_source("YASA 0.7.0")
    assert {source for _, source in estimated.values()} == {None, words}
    assert not {key for key in changed if key in estimated and estimated[key][1] != words}


def test_what_needs_no_stages_has_the_same_value_without_them_and_no_source(
    night: SimulatedNight,
) -> None:
    staged = analyse_night(night.recording, night.hypnogram, night.events).indices
    unstaged = replace(night.recording, annotations=Annotations())
    bare = analyse_night(unstaged, None, night.events).indices
    for group, indices in bare.items():
        for name, one in indices.items():
            assert one.stages_from is None
            if not needs_stages(name, group):
                assert (one.value, staged[group][name].stages_from) == (
                    staged[group][name].value,
                    None,
                ), (group, name)


def test_the_catalogue_derives_it_from_denominators() -> None:
    needs = {entry.name for one in CATALOGUE for entry in one.entries if entry.needs_stages()}
    assert {"plms_index", "ahi", "heart_risen_share", "chin_any_pct", "waking_rest_min"} <= needs
    assert not needs & {"tib_min", "lm_index_recording", "turns_30_index", "supine_pct", "l5"}
    assert needs_stages("plm_n", sleep_only=True)
    assert not needs_stages("plm_n")


def test_words_of_an_estimate_are_recognised_and_nothing_else() -> None:
    assert program_in(f"x,{stage_source('YASA 0.7.0')}\n") == "YASA 0.7.0"
    assert program_in("estimated by Dr Smith, not scored") == ""
    assert program_in("estimated by " + "x" * 80 + " 1, not scored") == ""
    assert is_estimate(stage_source("U-Sleep 2.0"))
    assert not is_estimate("scored")
    assert not is_estimate(None)
