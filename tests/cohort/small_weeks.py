"""Recordings of days for tests of batches: counts of somebody who sleeps from 23 to 7 o'clock."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

START = datetime(2024, 6, 3, 12, 0)


def write_week(path: Path, *, seed: int = 1, days: float = 2.5, busy: float = 200.0) -> Path:
    """Write a table of counts a minute; ``busy`` is how much somebody moves by day."""
    rng = np.random.default_rng(seed)
    rows = ["time,counts"]
    for minute in range(round(days * 1440)):
        at = START + timedelta(minutes=minute)
        awake = 7 <= at.hour < 23
        counts = rng.poisson(busy) if awake else rng.poisson(4) * (rng.random() < 0.2)
        rows.append(f"{at:%Y-%m-%dT%H:%M},{counts}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
