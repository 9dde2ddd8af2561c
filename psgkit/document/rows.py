"""Tables of a night as rows of plain values, written and read back.

JSON, CSV, pages, exports and the tables of cohorts take these rows; there is no second form of a
movement below the nouns.  What is missing is None.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.postures import Postures, Turns
from psgkit.core.rejected import Rejected
from psgkit.core.rhythms import Rhythms
from psgkit.document.values import tidy, tidy_column

if TYPE_CHECKING:
    from psgkit.document.model import (
        EpochRow,
        EventRow,
        MovementRow,
        PostureRow,
        RejectedRow,
        RhythmRow,
        TurnRow,
    )

Row = dict[str, Any]
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
    "intensity",
)


def movement_rows(scored: ScoredMovements) -> Iterator[Row]:
    """Yield one mapping a movement, keyed by ``MOVEMENT_COLUMNS``.

    Outside a series the number of the series is None; ``plmnr`` is None for a respiratory
    candidate, which is removed before the second linking.
    """
    found = scored.movements
    onset_s, end_s = tidy_column(found.onset_s), tidy_column(found.end_s)
    # of the times as written: a reader of the row finds the same duration
    duration_s = np.array(end_s, dtype=np.float64) - np.array(onset_s, dtype=np.float64)
    amplitude = tidy_column(found.amplitude)
    plmnr = scored.plmnr.astype(object)
    plmnr[scored.left_out_nr] = None
    columns = (
        onset_s,
        end_s,
        tidy_column(duration_s),
        _or_none(found.site),
        found.modality.tolist(),
        map(list, found.channels),
        found.n_parts.tolist(),
        scored.candidate.tolist(),
        scored.respiratory.tolist(),
        scored.arousal.tolist(),
        scored.stage.tolist(),
        tidy_column(scored.imi_s),
        scored.plm.tolist(),
        _or_none(scored.series),
        plmnr.tolist(),
        _or_none(scored.series_nr),
        amplitude,
        _or_none(found.amplitude_unit),
        tidy_column(scored.imi_nr_s),
        # of the numbers as written: a reader of the row finds the same product
        tidy_column(np.array(amplitude, dtype=np.float64) * duration_s),
    )
    for row in zip(*columns, strict=True):
        yield dict(zip(MOVEMENT_COLUMNS, row, strict=True))


def movements_of(rows: "Sequence[MovementRow]") -> ScoredMovements:
    """Return the movements of a report with their context and series.

    Reports without ``imi_nr_s`` (early ones of psgkit 0.1.0) have no intervals of the second
    linking.
    """
    return ScoredMovements(
        movements=Movements(
            onset_s=_numbers(rows, "onset_s"),
            end_s=_numbers(rows, "end_s"),
            site=_words(rows, "site"),
            n_parts=_counts(rows, "n_parts"),
            amplitude=_numbers(rows, "amplitude"),
            channels=tuple(tuple(row["channels"]) for row in rows),
            modality=_words(rows, "modality"),
            amplitude_unit=_words(rows, "amplitude_unit"),
        ),
        candidate=_flags(rows, "candidate"),
        respiratory=_flags(rows, "respiratory"),
        arousal=_flags(rows, "arousal"),
        stage=_words(rows, "stage"),
        imi_s=_numbers(rows, "imi_s"),
        series=_counts(rows, "series"),
        imi_nr_s=np.array([row.get("imi_nr_s") for row in rows], dtype=np.float64),
        series_nr=_counts(rows, "series_nr"),
    )


def event_rows(events: Events) -> list[Row]:
    """Return one mapping an event of a kind psgkit knows.

    Other kinds are free text, which may hold the name of a person, and are not written.
    """
    found = events.of_kind(KNOWN_KINDS)
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        kind=found.kind.tolist(),
        site=_or_none(found.site),
    )


def events_of(rows: "Sequence[EventRow]") -> Events:
    """Return the events of a report."""
    return Events(
        onset_s=_numbers(rows, "onset_s"),
        end_s=_numbers(rows, "end_s"),
        kind=_words(rows, "kind"),
        site=_words(rows, "site"),
    )


def posture_rows(found: Postures) -> list[Row]:
    """Return one mapping a posture."""
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        posture=found.posture.tolist(),
        angle_deg=tidy_column(found.angle_deg),
    )


def postures_of(rows: "Sequence[PostureRow]") -> Postures:
    """Return the postures of a report."""
    return Postures(
        onset_s=_numbers(rows, "onset_s"),
        end_s=_numbers(rows, "end_s"),
        posture=_words(rows, "posture"),
        angle_deg=_numbers(rows, "angle_deg"),
    )


def turn_rows(found: Turns) -> list[Row]:
    """Return one mapping a turn."""
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        angle_deg=tidy_column(found.angle_deg),
        speed_deg_s=tidy_column(found.speed_deg_s),
        before=found.before.tolist(),
        after=found.after.tolist(),
    )


def turns_of(rows: "Sequence[TurnRow]") -> Turns:
    """Return the turns of a report."""
    return Turns(
        onset_s=_numbers(rows, "onset_s"),
        end_s=_numbers(rows, "end_s"),
        angle_deg=_numbers(rows, "angle_deg"),
        speed_deg_s=_numbers(rows, "speed_deg_s"),
        before=_words(rows, "before"),
        after=_words(rows, "after"),
    )


def rhythm_rows(found: Rhythms) -> list[Row]:
    """Return one mapping a train of bursts."""
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        site=_or_none(found.site),
        place=_or_none(found.place),
        modality=found.modality.tolist(),
        kind=found.kind.tolist(),
        frequency_hz=tidy_column(found.frequency_hz),
        bursts_n=found.bursts_n.tolist(),
        regularity=tidy_column(found.regularity),
        alternating=found.alternating.tolist(),
        stage=found.stage.tolist(),
    )


def rhythms_of(rows: "Sequence[RhythmRow]") -> Rhythms:
    """Return the trains of bursts of a report."""
    return Rhythms(
        onset_s=_numbers(rows, "onset_s"),
        end_s=_numbers(rows, "end_s"),
        site=_words(rows, "site"),
        place=_words(rows, "place"),
        modality=_words(rows, "modality"),
        kind=_words(rows, "kind"),
        frequency_hz=_numbers(rows, "frequency_hz"),
        bursts_n=_counts(rows, "bursts_n"),
        regularity=_numbers(rows, "regularity"),
        alternating=_flags(rows, "alternating"),
        stage=_words(rows, "stage"),
    )


def rejected_rows(found: Rejected) -> list[Row]:
    """Return one mapping a rejected candidate."""
    return _rows(
        onset_s=tidy_column(found.onset_s),
        end_s=tidy_column(found.end_s),
        site=_or_none(found.site),
        channel=_or_none(found.channel),
        reason=found.reason.tolist(),
        amplitude_uv=tidy_column(found.amplitude_uv),
    )


def rejected_of(rows: "Sequence[RejectedRow]") -> Rejected:
    """Return the rejected candidates of a report."""
    return Rejected(
        onset_s=_numbers(rows, "onset_s"),
        end_s=_numbers(rows, "end_s"),
        site=_words(rows, "site"),
        channel=_words(rows, "channel"),
        reason=_words(rows, "reason"),
        amplitude_uv=_numbers(rows, "amplitude_uv"),
    )


def epoch_rows(hypnogram: Hypnogram | None) -> list[Row]:
    """Return one mapping an epoch; none without a hypnogram."""
    if hypnogram is None:
        return []
    return _rows(
        onset_s=tidy_column(hypnogram.epoch_starts_s()),
        duration_s=[tidy(hypnogram.epoch_s)] * len(hypnogram),
        stage=hypnogram.stages.tolist(),
    )


def hypnogram_of_rows(rows: "Sequence[EpochRow]", file: str) -> Hypnogram | None:
    """Return the stages of an early report, which does not state the length of an epoch.

    Raises
    ------
    TableError
        If epochs overlap or no length divides them all.
    """
    from psgkit.io.scoring.stage_rows import StageRows, hypnogram_from_rows

    if not rows:
        return None
    return hypnogram_from_rows(
        StageRows(
            onset_s=_numbers(rows, "onset_s"),
            duration_s=_numbers(rows, "duration_s"),
            stages=[row["stage"] for row in rows],
            places=[f"hypnogram[{number}]" for number in range(len(rows))],
            where=file,
        )
    )


def _rows(**columns: list[Any]) -> list[Row]:
    """Return one mapping a row of parallel columns."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _or_none(column: NDArray[Any]) -> list[Any]:
    """Return a column with None for an empty word, and for 0, which no series is called."""
    return [value or None for value in column.tolist()]


_Rows = Sequence[Mapping[str, Any]]


def _numbers(rows: _Rows, key: str) -> NDArray[np.float64]:
    """Return a column of numbers; NaN for None."""
    return np.array([row[key] for row in rows], dtype=np.float64)


def _counts(rows: _Rows, key: str) -> NDArray[np.int64]:
    """Return a column of whole numbers; 0 for None."""
    return np.array([row[key] or 0 for row in rows], dtype=np.int64)


def _flags(rows: _Rows, key: str) -> NDArray[np.bool_]:
    return np.array([row[key] for row in rows], dtype=np.bool_)


def _words(rows: _Rows, key: str) -> NDArray[np.str_]:
    """Return a column of words; empty for None."""
    return np.array([row[key] or "" for row in rows], dtype=np.str_)
