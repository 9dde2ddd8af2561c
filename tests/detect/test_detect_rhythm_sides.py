"""Trains of both sides: which alternate, of what kind they are, and how a group carries them."""

import numpy as np
import pytest
from rhythm_maker import Emg

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.channels import choose_channels, detect_group
from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.emg.trains.bursts import Bursts
from psgkit.detect.emg.trains.find import Train
from psgkit.detect.emg.trains.rule import EmgRhythmRule
from psgkit.detect.emg.trains.sides import alternate, rhythms_of

RULE = EmgRhythmRule()


def train(
    onset_s: float, frequency_hz: float, n: int = 12, width_s: float = 0.3, jitter_s: float = 0.0
) -> Train:
    starts_s = onset_s + np.arange(n) / frequency_hz
    starts_s = starts_s + jitter_s * np.random.default_rng(0).standard_normal(n)
    bursts = Bursts(
        start_s=starts_s,
        end_s=starts_s + width_s,
        centre_s=starts_s + width_s / 2,
        area_uv_s=np.ones(n),
        peak_uv=np.ones(n),
        trough_uv=np.zeros(n),
    )
    return Train(bursts=bursts, cycles=n - 1, regularity=1.0)


@pytest.mark.parametrize(
    ("phase", "does"), [(0.0, False), (0.2, False), (0.37, True), (0.5, True), (0.63, True)]
)
def test_bursts_alternate_when_they_lie_half_way(phase: float, *, does: bool) -> None:
    one, other = train(10.0, 1.0), train(10.0 + phase, 1.0)
    assert alternate(one, other, RULE) is does
    assert alternate(other, one, RULE) is does


def test_trains_of_another_pace_or_time_do_not_alternate() -> None:
    one = train(10.0, 1.0)
    assert not alternate(one, train(10.5, 1.4), RULE)
    assert not alternate(one, train(40.5, 1.0), RULE)
    # 21.0 is the last burst of the one: only it meets the other
    assert not alternate(one, train(20.5, 1.0), RULE)


def test_phases_without_order_do_not_alternate() -> None:
    one = train(10.0, 1.0, n=40)
    assert not alternate(one, train(10.5, 1.2, n=48), RULE)
    assert alternate(one, train(10.5, 1.0, n=40, jitter_s=0.05), RULE)


@pytest.mark.parametrize(
    ("frequency_hz", "width_s", "site", "kind"),
    [
        (1.0, 0.3, "left_leg", "foot_tremor"),
        (1.0, 0.25, "left_leg", "foot_tremor"),
        (0.5, 1.0, "left_leg", "foot_tremor"),
        (1.0, 0.2, "left_leg", "high_frequency"),
        (0.4, 1.1, "left_leg", "high_frequency"),
        (1.0, 0.3, "left_arm", "high_frequency"),
    ],
)
def test_kind_of_one_side(frequency_hz: float, width_s: float, site: str, kind: str) -> None:
    table = rhythms_of([(site, "x", (train(10.0, frequency_hz, width_s=width_s),))], RULE)
    assert table.kind.tolist() == [kind]
    assert table.alternating.tolist() == [False]
    assert table.place.tolist() == ["x"]
    assert table.stage.tolist() == ["UNSCORED"]


@pytest.mark.parametrize(
    ("frequency_hz", "width_s", "kind"),
    [
        (1.0, 0.3, "alma"),
        (0.5, 0.5, "alma"),
        (3.0, 0.1, "alma"),
        (3.4, 0.1, "high_frequency"),
        (0.8, 0.6, "foot_tremor"),
    ],
)
def test_kind_of_bursts_that_alternate(frequency_hz: float, width_s: float, kind: str) -> None:
    legs = [
        (str(site), label, (train(onset_s, frequency_hz, width_s=width_s),))
        for site, label, onset_s in (
            (Site.LEFT_LEG, "LAT", 10.0),
            (Site.RIGHT_LEG, "RAT", 10.0 + 0.5 / frequency_hz),
        )
    ]
    table = rhythms_of(legs, RULE)
    assert table.site.tolist() == ["left_leg", "right_leg"]
    assert table.kind.tolist() == [kind, kind]
    assert table.alternating.all()


def test_a_leg_and_an_arm_or_two_channels_of_a_leg_do_not_alternate() -> None:
    for site in ("left_arm", "left_leg", "right_arm"):
        channels = [
            ("left_leg", "LAT", (train(10.0, 1.0),)),
            (site, "other", (train(10.5, 1.0),)),
        ]
        assert not rhythms_of(channels, RULE).alternating.any()


@pytest.mark.parametrize(("phase", "kind"), [(0.5, "alma"), (0.0, "foot_tremor")])
def test_a_group_carries_one_row_a_side(phase: float, kind: str) -> None:
    legs = []
    for seed, site, onset_s in ((1, Site.LEFT_LEG, 60.0), (2, Site.RIGHT_LEG, 60.0 + phase)):
        emg = Emg(200.0, 256.0, seed)
        emg.train(onset_s, 1.0, 20, width_s=0.35, jitter=0.01)
        emg.burst(120.0, 2.0, 60.0)
        label = "LAT" if site == Site.LEFT_LEG else "RAT"
        legs.append(
            Channel(
                label=label,
                rate_hz=256.0,
                samples=emg.samples(),
                unit="uV",
                role="leg",
                site=site,
            )
        )
    recording = Recording(
        source="x",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=200.0),),
        channels=tuple(legs),
    )
    detection = EmgDetection()
    group, _ = detect_group(choose_channels(recording, detection), "legs", detection)
    assert group.rhythms.site.tolist() == ["left_leg", "right_leg"]
    assert group.rhythms.place.tolist() == ["LAT", "RAT"]
    assert group.rhythms.kind.tolist() == [kind, kind]
    assert group.rhythms.modality.tolist() == ["emg", "emg"]
    assert group.rhythms.bursts_n.tolist() == [20, 20]
    assert len(group.movements) == 2


def test_a_group_without_channels_has_no_rhythms() -> None:
    recording = Recording(
        source="x", start=None, segments=(Segment(start_s=0.0, duration_s=60.0),), channels=()
    )
    group, _ = detect_group(recording, "legs", EmgDetection())
    assert len(group.rhythms) == 0
