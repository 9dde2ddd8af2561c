"""An immobilisation test recorded by an accelerometer as well."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf

Command = Callable[..., tuple[int, str, str]]
SECONDS = 600.0
ONSETS = 60 + np.cumsum(np.resize([6.0, 12.0, 11.0], 40))


def test_an_accelerometer_is_a_group_of_its_own(tmp_path: Path, psgkit: Command) -> None:
    noise = np.random.default_rng(7)
    moves = np.zeros(round(SECONDS * 100))
    for onset_s in ONSETS:
        jerk = slice(round(onset_s * 100), round((onset_s + 1.5) * 100))
        moves[jerk] = 0.2 * np.sin(2 * np.pi * 3 * np.arange(150) / 100)
    channels = tuple(
        Channel(
            label=f"Left ankle {axis}",
            rate_hz=100.0,
            samples=still + 0.002 * noise.standard_normal(len(moves)) + share * moves,
            unit="g",
        )
        for axis, still, share in (("X", 0.1, 1.0), ("Y", 0.2, 0.3), ("Z", 0.97, 0.1))
    )
    whole = Segment(start_s=0.0, duration_s=SECONDS)
    recording = Recording(source="sit.edf", start=None, segments=(whole,), channels=channels)
    write_edf(recording, tmp_path / "sit.edf")
    code, out, _ = psgkit("report", tmp_path / "sit.edf", "--protocol", "sit", "--json")
    found = json.loads(out)
    assert code == 0
    legs, ankle = found["indices"]["legs"], found["indices"]["accelerometer_left_ankle"]
    assert legs["sit_index_older"]["value"] is None
    assert ankle["plm_older_n"]["value"] == len(ONSETS)
    assert ankle["sit_index_older"]["numerator"] == len(ONSETS)
    assert ankle["plm_wasm2016_n"]["value"] == 0
    assert {row["modality"] for row in found["movements"]} == {"accelerometer"}
    code, out, _ = psgkit("report", tmp_path / "sit.edf", "--protocol", "sit", "--full")
    assert "Estimated, not comparable with EMG." in out
