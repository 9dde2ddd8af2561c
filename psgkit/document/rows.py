"""Scored movements as rows of plain values, the same in JSON, CSV and HTML."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from psgkit.core.events import KNOWN_KINDS
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.document.values import tidy_column

MOVEMENT_COLUMNS = (
    "onset_s",
    "end_s",
    "duration_s",
    "site",
    "modality",
    "channels",
    "n_parts",
    "candidate",
    "respiratory",
    "arousal",
    "stage",
    "imi_s",
    "plm",
    "series",
    "plmnr",
    "series_nr",
    "amplitude",
    "amplitude_unit",
    "imi_nr_s",
)


def scored_rows(scored: ScoredMovements) -> list[dict[str, Any]]:
    """Return one mapping a movement; see ``iter_rows``."""
    return list(iter_rows(scored))


def iter_rows(scored: ScoredMovements) -> Iterator[dict[str, Any]]:
    """Yield one mapping a movement, keyed by ``MOVEMENT_COLUMNS``; null where there is nothing.

    Outside a series the number of the series is null; ``plmnr`` is null for a respiratory
    candidate, which was removed before the second linking.
    """
    found = scored.movements
    onset_s, end_s = tidy_column(found.onset_s), tidy_column(found.end_s)
    columns = (
        onset_s,
        end_s,
        # of the times as written: whoever reads them back finds the same duration
        tidy_column(np.array(end_s, dtype=np.float64) - np.array(onset_s, dtype=np.float64)),
        [site or None for site in found.site.tolist()],
        found.modality.tolist(),
        [list(names) for names in found.channels],
        found.n_parts.tolist(),
        scored.candidate.tolist(),
        scored.respiratory.tolist(),
        scored.arousal.tolist(),
        scored.stage.tolist(),
        tidy_column(scored.imi_s),
        scored.plm.tolist(),
        [number or None for number in scored.series.tolist()],
        [
            None if left_out else plmnr
            for plmnr, left_out in zip(
                scored.plmnr.tolist(), scored.left_out_nr.tolist(), strict=True
            )
        ],
        [number or None for number in scored.series_nr.tolist()],
        tidy_column(found.amplitude),
        [unit or None for unit in found.amplitude_unit.tolist()],
        tidy_column(scored.imi_nr_s),
    )
    for row in zip(*columns, strict=True):
        yield dict(zip(MOVEMENT_COLUMNS, row, strict=True))


def event_rows(report: NightReport) -> list[dict[str, Any]]:
    """Return one mapping an event of a kind psgkit knows.

    Other kinds are texts that somebody typed, maybe with a name in them, and do not leave.
    """
    found = report.events.of_kind(KNOWN_KINDS)
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        kind=found.kind.tolist(),
        site=[site or None for site in found.site.tolist()],
    )


def posture_rows(report: NightReport) -> list[dict[str, Any]]:
    """Return one mapping a posture."""
    found = report.postures
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        posture=found.posture.tolist(),
        angle_deg=tidy_column(found.angle_deg),
    )


def turn_rows(report: NightReport) -> list[dict[str, Any]]:
    """Return one mapping a turn."""
    found = report.turns
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        angle_deg=tidy_column(found.angle_deg),
        speed_deg_s=tidy_column(found.speed_deg_s),
        before=found.before.tolist(),
        after=found.after.tolist(),
    )


def rhythm_rows(report: NightReport) -> list[dict[str, Any]]:
    """Return one mapping a rhythmic train."""
    found = report.rhythms
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        site=[site or None for site in found.site.tolist()],
        place=[place or None for place in found.place.tolist()],
        modality=found.modality.tolist(),
        kind=found.kind.tolist(),
        frequency_hz=tidy_column(found.frequency_hz),
        bursts_n=found.bursts_n.tolist(),
        regularity=tidy_column(found.regularity),
        alternating=found.alternating.tolist(),
        stage=found.stage.tolist(),
    )


def _rows(**columns: list[Any]) -> list[dict[str, Any]]:
    """Return one mapping a row of parallel columns."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
