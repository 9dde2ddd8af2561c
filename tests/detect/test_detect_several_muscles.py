"""Several muscles of one arm, from labels to scored movements."""

import numpy as np
from emg_maker import emg

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.detect.emg.channels import choose_channels, detect_group
from psgkit.detect.emg.detect import EmgDetection
from psgkit.io.channels.roles import assign_roles
from psgkit.scoring.score import score_movements

SECONDS = 240.0
ONSETS = [40.0, 70.0, 100.0, 130.0]


def recording(*muscles: tuple[str, float]) -> Recording:
    """Return channels with these labels, each moving so much later than ``ONSETS``."""
    found = assign_roles([(label, "uV") for label, _ in muscles])
    channels = tuple(
        Channel(
            label=label,
            rate_hz=200.0,
            samples=emg(
                SECONDS,
                200.0,
                [(t + later_s, t + later_s + 2.0, 40.0) for t in ONSETS],
                seed=row,
            ),
            unit="uV",
            role=found[row].role,
            site=found[row].site,
        )
        for row, (label, later_s) in enumerate(muscles)
    )
    whole = Segment(start_s=0.0, duration_s=SECONDS)
    return Recording(source="arms", start=None, segments=(whole,), channels=channels)


def test_all_muscles_of_an_arm_are_detected_and_joined_by_site() -> None:
    detection = EmgDetection()
    chosen = choose_channels(recording(("FDS L", 0.0), ("Biceps L", 1.0)), detection)
    assert [channel.status for channel in chosen.channels] == ["used", "used"]
    arms, _ = detect_group(chosen, "arms", detection)
    assert len(arms.movements) == 8
    scored = score_movements(arms.movements)
    assert scored.movements.site.tolist() == ["left_arm"] * 4
    assert scored.movements.n_parts.tolist() == [1] * 4
    assert scored.movements.channels == (("FDS L", "Biceps L"),) * 4
    assert np.allclose(scored.movements.onset_s, ONSETS, atol=0.1)
    assert np.allclose(scored.movements.duration_s, 3.0, atol=0.2)
    assert scored.plm.tolist() == [True] * 4


def test_both_arms_with_two_muscles_each_are_two_parts() -> None:
    detection = EmgDetection()
    chosen = choose_channels(
        recording(("FDS L", 0.0), ("EDC L", 0.2), ("FDS R", 0.1), ("EDC R", 0.3)), detection
    )
    arms, _ = detect_group(chosen, "arms", detection)
    scored = score_movements(arms.movements)
    assert scored.movements.site.tolist() == ["both_arms"] * 4
    assert scored.movements.n_parts.tolist() == [2] * 4
