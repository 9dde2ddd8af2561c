"""Amplitudes from the cells of activity alone are those from all cells."""

import numpy as np
import pytest

from psgkit.core.signal import Signal
from psgkit.detect.emg.active_cells import ActiveCells
from psgkit.detect.emg.detect import EmgDetection, detect_emg, meter_of
from psgkit.detect.emg.grid import Grid


def emg(rate_hz: int, seed: int) -> Signal:
    rng = np.random.default_rng(seed)
    samples = 2 * rng.standard_normal(240 * rate_hz)
    for onset_s in (20, 50.3, 71.77, 110, 237.5):
        begin = int(onset_s * rate_hz)
        samples[begin : begin + int(rng.uniform(0.6, 4) * rate_hz)] *= rng.uniform(8, 30)
    return Signal(samples=samples, rate_hz=rate_hz, unit="uV")


@pytest.mark.parametrize(("rate_hz", "seed"), [(200, 0), (256, 1), (333, 2), (512, 3)])
def test_amplitude_is_the_mean_of_all_cells_a_movement_touches(rate_hz: int, seed: int) -> None:
    signal, detection = emg(rate_hz, seed), EmgDetection()
    meter = meter_of(signal, detection, None)
    grid, dense_uv = meter.grid, meter.measure((0, len(signal.samples))).cells_uv
    found = detect_emg(signal, detection).movements
    assert len(found) >= 4
    samples = np.round(found.intervals() * rate_hz).astype(int)
    for (onset, end), amplitude in zip(samples, found.amplitude, strict=True):
        first = min(grid.cell_of(int(onset)), len(dense_uv) - 1)
        touched = dense_uv[first : max(first, grid.cell_of(int(end) - 1)) + 1]
        assert amplitude == pytest.approx(touched.mean(), rel=1e-5)


def test_a_quiet_night_keeps_next_to_no_cells() -> None:
    rate_hz, detection = 200, EmgDetection()
    quiet = 2 * np.random.default_rng(0).standard_normal(600 * rate_hz)
    signal = Signal(samples=quiet, rate_hz=rate_hz, unit="uV")
    core = (0, len(quiet))
    meter = meter_of(signal, detection, None)
    measured = meter.measure(core)
    kept = ActiveCells.of_stretch(measured, core, meter)
    assert 1 <= len(kept.row) < 0.05 * len(measured.cells_uv)


def test_without_a_cell_there_is_no_amplitude() -> None:
    rule = EmgDetection()
    grid = Grid.of(200, rule.rule, rule.conditioning.band)
    assert np.isnan(ActiveCells.joined([]).means(np.array([[0, 5]]), grid)).all()
