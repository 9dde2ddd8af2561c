"""Events, postures, turns and rhythmic trains as plain values, for JSON and CSV alike."""

from typing import Any

from psgkit.core.events import KNOWN_KINDS
from psgkit.core.night_report import NightReport
from psgkit.report.numbers import tidy_column


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
