"""Spikes of a pacemaker are found, by chamber; what is no pacemaker has none."""

import numpy as np
import pytest

from psgkit.conditioning.cardiac.beats import Beats
from psgkit.conditioning.cardiac.spikes import SpikeRule, find_spikes, paced_beats
from psgkit.core.signal import Signal

SECONDS = 120
BEATS_S = np.arange(0.5, SECONDS, 0.8)
BEATS = Beats(times_s=BEATS_S, covered=np.array([[0.0, float(SECONDS)]]))


def recorded(spikes_s: np.ndarray, rate_hz: float, qrs: float = 100.0) -> Signal:
    """Return noise of 2, QRS complexes of ``qrs`` and spikes of 2 ms and 300."""
    at = (np.arange(round(SECONDS * rate_hz)) + 0.5) / rate_hz
    out = 2 * np.random.default_rng(0).standard_normal(len(at))
    for beat_s in BEATS_S:
        out += qrs * np.exp(-0.5 * ((at - beat_s) / 0.009) ** 2)
    first = np.searchsorted(at, spikes_s - 0.001)
    for k in range(max(1, round(0.002 * rate_hz))):
        out[np.minimum(first + k, len(out) - 1)] += 300
    return Signal(samples=out.astype(np.float32), rate_hz=rate_hz)


@pytest.mark.parametrize("rate_hz", [200.0, 256.0, 512.0, 1000.0, 2000.0])
def test_each_chamber_has_its_spikes(rate_hz: float) -> None:
    both = np.sort(np.concatenate((BEATS_S - 0.2, BEATS_S[::2] - 0.04)))
    found = find_spikes(recorded(both, rate_hz), BEATS, SpikeRule())
    assert sorted(len(times_s) for times_s in found) == [len(BEATS_S[::2]), len(BEATS_S)]
    found = paced_beats(recorded(both, rate_hz), BEATS, SpikeRule())
    assert found is not None
    np.testing.assert_allclose(found.paced_s, BEATS_S[::2], atol=0.006)
    np.testing.assert_array_equal(found.own_s, BEATS_S[1::2])
    assert [len(times_s) for times_s in found.apart_s] == [len(BEATS_S)]


@pytest.mark.parametrize("rate_hz", [200.0, 512.0, 1000.0])
def test_beats_and_pops_at_any_time_are_no_pacemaker(rate_hz: float) -> None:
    assert paced_beats(recorded(np.empty(0), rate_hz), BEATS, SpikeRule()) is None
    pops_s = np.sort(np.random.default_rng(1).uniform(1, SECONDS - 1, 60))
    assert paced_beats(recorded(pops_s, rate_hz), BEATS, SpikeRule()) is None
    none = Beats(times_s=np.empty(0), covered=np.empty((0, 2)))
    assert paced_beats(recorded(BEATS_S, rate_hz), none, SpikeRule()) is None
