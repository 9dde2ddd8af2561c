"""The figure of one movement shows what the detector measured, at the times that were scored."""

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from psgkit import Recording, analyse_night, plot_movement, score_night, simulate_night
from psgkit.core.events import Events
from psgkit.core.night_report import NightReport
from psgkit.report.palette import LIGHT


@pytest.fixture(scope="module")
def night() -> tuple[Recording, NightReport]:
    simulated = simulate_night("rls", hours=0.5, seed=3)
    return simulated.recording, analyse_night(simulated.recording, simulated.hypnogram)


def spans_of(axes: Axes, colour: str) -> list[tuple[float, float]]:
    return [
        (one.get_x(), one.get_x() + one.get_width())
        for one in axes.patches
        if to_hex(one.get_facecolor()) == colour
    ]


@pytest.mark.parametrize("movement", [0, 5, 11])
def test_the_scored_span_is_where_the_envelope_is_above_the_thresholds(
    night: tuple[Recording, NightReport], movement: int
) -> None:
    recording, report = night
    found = report.movements.movements
    axes = plot_movement(recording, report, movement)
    onset_s, end_s = found.onset_s[movement], found.end_s[movement]
    assert spans_of(axes, LIGHT["plm"]) == [pytest.approx((onset_s, end_s))]
    _, level, _, on, off = axes.lines[:5]
    times_s = np.asarray(level.get_xdata())
    above = np.asarray(level.get_ydata()) >= np.asarray(on.get_ydata())
    inside = (times_s >= onset_s - 0.1) & (times_s <= end_s)
    assert above[inside].any()
    after = (times_s > end_s + 0.1) & (times_s < end_s + 0.45)
    assert (np.asarray(level.get_ydata())[after] < np.asarray(off.get_ydata())[after]).all()


def test_thresholds_lie_above_rest_as_the_rule_says(night: tuple[Recording, NightReport]) -> None:
    recording, report = night
    _, _, rest, on, off = plot_movement(recording, report, 3).lines[:5]
    rule = report.settings["emg"]["rule"]
    above_on = np.asarray(on.get_ydata()) - np.asarray(rest.get_ydata())
    above_off = np.asarray(off.get_ydata()) - np.asarray(rest.get_ydata())
    np.testing.assert_allclose(above_on, rule["onset_above_rest_uv"], atol=1e-4)
    np.testing.assert_allclose(above_off, rule["offset_above_rest_uv"], atol=1e-4)


def test_an_axes_that_is_given_is_used_and_pages_take_it(
    night: tuple[Recording, NightReport],
) -> None:
    axes = Figure().add_subplot()
    assert plot_movement(*night, 2, axes) is axes
    axes.figure.savefig(io.BytesIO(), format="pdf")


def test_each_channel_of_a_movement_can_be_chosen(night: tuple[Recording, NightReport]) -> None:
    recording, report = night
    both = next(k for k, names in enumerate(report.movements.movements.channels) if len(names) > 1)
    for label in report.movements.movements.channels[both]:
        title = plot_movement(recording, report, both, channel=label).get_title(loc="left")
        assert f"Both legs · {label} · " in title


def test_a_label_with_mathematics_and_controls_is_drawn(
    night: tuple[Recording, NightReport],
) -> None:
    recording, _ = night
    label = "$\\frac{1}{$ \u202eLAT\x07"
    channels = tuple(
        replace(one, label=label) if one.label == "LAT" else one for one in recording.channels
    )
    hostile = replace(recording, channels=channels)
    report = analyse_night(hostile)
    seen = next(k for k, names in enumerate(report.movements.movements.channels) if label in names)
    axes = plot_movement(hostile, report, seen, channel=label)
    axes.figure.savefig(io.BytesIO(), format="png")
    assert "\\u202eLAT\\x07" in axes.get_title(loc="left")


@pytest.mark.parametrize("movement", [-1, 10_000])
def test_a_movement_that_is_not_there_is_refused(
    night: tuple[Recording, NightReport], movement: int
) -> None:
    with pytest.raises(ValueError, match=rf"no movement {movement}: the report has \d+"):
        plot_movement(*night, movement)


def test_a_channel_it_was_not_seen_in_is_refused(night: tuple[Recording, NightReport]) -> None:
    with pytest.raises(ValueError, match=r"movement 0 was seen in .*, not in 'C3'"):
        plot_movement(*night, 0, channel="C3")


def test_a_movement_that_somebody_marked_has_no_signal(
    night: tuple[Recording, NightReport],
) -> None:
    marked = score_night(Events.of([10.0], [12.0], ["lm"], ["left_leg"]))
    with pytest.raises(ValueError, match="movement 0 was marked by a scorer"):
        plot_movement(night[0], marked, 0)


def test_a_recording_without_the_channel_is_refused(night: tuple[Recording, NightReport]) -> None:
    recording, report = night
    without = replace(recording, channels=recording.channels[1:])
    row = next(
        k
        for k, names in enumerate(report.movements.movements.channels)
        if names[0] == recording.channels[0].label
    )
    with pytest.raises(ValueError, match=r"no channel 'LAT' in use; in use are RAT"):
        plot_movement(without, report, row)
