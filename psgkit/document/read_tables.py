"""Tables of a night report back to the nouns they were written from."""

from typing import Any

import numpy as np

from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.hypnogram import STAGES, Hypnogram
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.postures import Postures, Turns
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.document.fields import (
    COUNT,
    COUNT_OR_NULL,
    FLAG,
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Kind,
    Node,
    broken,
    column,
    has,
    inside,
    naming,
    rows,
    taken,
)
from psgkit.io.scoring.stage_rows import StageRows, hypnogram_from_rows

_SITES = frozenset(site.value for site in Site)
_SITE = Kind(
    f"null or one of {', '.join(sorted(_SITES - {''}))}",
    lambda value: value is None or (isinstance(value, str) and value in _SITES),
)
_MODALITIES = ("emg", "accelerometer", "scored")
_MODALITY = Kind(f"one of {', '.join(_MODALITIES)}", lambda value: value in _MODALITIES)
_STAGE = Kind(f"one of {', '.join(STAGES)}", lambda value: value in STAGES)
_TEXTS = Kind(
    "a list of texts",
    lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
)
_SPANS = "finite times, no end before its onset"


def movements_of(table: Node) -> Movements:
    """Return the movements of a report, without what scoring found out about them."""
    with naming(table, _SPANS):
        return Movements(
            onset_s=_floats(table, "onset_s", NUMBER),
            end_s=_floats(table, "end_s", NUMBER),
            site=_words(table, "site", _SITE),
            n_parts=np.array(column(table, "n_parts", COUNT), dtype=np.int64),
            amplitude=_floats(table, "amplitude", NUMBER_OR_NULL),
            channels=tuple(map(tuple, column(table, "channels", _TEXTS))),
            modality=_words(table, "modality", _MODALITY),
            amplitude_unit=_words(table, "amplitude_unit", TEXT_OR_NULL),
        )


def scored_movements_of(table: Node) -> ScoredMovements:
    """Return the movements of a report with their context and series.

    A report of psgkit 0.1.0 without ``imi_nr_s`` has no intervals of the second linking.
    """
    found = rows(table)
    nr = bool(found) and has(found[0], "imi_nr_s")
    _refuse_contradiction(table, "plm", "series")
    _refuse_unsorted(table)
    with naming(table, _SPANS):
        return ScoredMovements(
            movements=movements_of(table),
            candidate=_flags(table, "candidate"),
            respiratory=_flags(table, "respiratory"),
            arousal=_flags(table, "arousal"),
            stage=_words(table, "stage", _STAGE),
            imi_s=_floats(table, "imi_s", NUMBER_OR_NULL),
            series=_numbers(table, "series"),
            imi_nr_s=(
                _floats(table, "imi_nr_s", NUMBER_OR_NULL) if nr else np.full(len(found), np.nan)
            ),
            series_nr=_numbers(table, "series_nr"),
        )


def _refuse_contradiction(table: Node, flag: str, number: str) -> None:
    """Raise if a row is in a series and no PLM, or the other way round."""
    pairs = zip(column(table, flag, FLAG), column(table, number, COUNT_OR_NULL), strict=True)
    for row, (is_plm, series) in enumerate(pairs):
        if is_plm != bool(series):
            node = inside(rows(table)[row], flag)
            raise broken(node, f"what {number} ({series}) says")


def _refuse_unsorted(table: Node) -> None:
    """Raise unless onsets ascend: the columns of a table are sorted together, or not at all."""
    steps = np.diff(_floats(table, "onset_s", NUMBER))
    if (steps < 0).any():
        row = int(np.flatnonzero(steps < 0)[0]) + 1
        raise broken(inside(rows(table)[row], "onset_s"), "movements in the order of their onsets")


def events_of(table: Node) -> Events:
    """Return the events a scorer wrote."""
    with naming(table, _SPANS):
        return Events.of(
            _floats(table, "onset_s", NUMBER),
            _floats(table, "end_s", NUMBER),
            column(table, "kind", TEXT),
            _words(table, "site", _SITE),
        )


def hypnogram_of(report: Node) -> Hypnogram | None:
    """Return the stages of a report; None if nobody scored any.

    The rows alone do not tell the exact length of an epoch, and an empty table may be a hypnogram
    without epochs: ``epochs`` says both.  Reports without that key are read by their rows.
    """
    table = inside(report, "hypnogram")
    stages = column(table, "stage", _STAGE)
    onset_s = _floats(table, "onset_s", NUMBER)
    if not has(report, "epochs"):
        return _from_rows(table, stages, onset_s) if stages else None
    epochs = inside(report, "epochs")
    if epochs.value is None:
        return None
    with naming(epochs, "epochs of a positive length"):
        found = Hypnogram.of(
            stages,
            epoch_s=taken(inside(epochs, "duration_s"), NUMBER),
            start_s=taken(inside(epochs, "start_s"), NUMBER),
        )
    if not np.allclose(found.epoch_starts_s(), onset_s, rtol=0, atol=SLACK_S):
        raise broken(epochs, "the times of the rows in hypnogram")
    return found


def _from_rows(table: Node, stages: list[str], onset_s: Any) -> Hypnogram:  # noqa: ANN401
    places = [node.name for node in rows(table)]
    durations = _floats(table, "duration_s", NUMBER)
    with naming(table, "equal epochs"):
        return hypnogram_from_rows(
            StageRows(
                onset_s=onset_s,
                duration_s=durations,
                stages=stages,
                places=places,
                where=table.file,
            )
        )


def postures_of(table: Node) -> Postures:
    """Return the postures of a report."""
    with naming(table, _SPANS):
        return Postures(
            onset_s=_floats(table, "onset_s", NUMBER),
            end_s=_floats(table, "end_s", NUMBER),
            posture=_words(table, "posture", TEXT),
            angle_deg=_floats(table, "angle_deg", NUMBER_OR_NULL),
        )


def turns_of(table: Node) -> Turns:
    """Return the turns of a report."""
    with naming(table, _SPANS):
        return Turns(
            onset_s=_floats(table, "onset_s", NUMBER),
            end_s=_floats(table, "end_s", NUMBER),
            angle_deg=_floats(table, "angle_deg", NUMBER_OR_NULL),
            speed_deg_s=_floats(table, "speed_deg_s", NUMBER_OR_NULL),
            before=_words(table, "before", TEXT),
            after=_words(table, "after", TEXT),
        )


def rhythms_of(table: Node) -> Rhythms:
    """Return the trains of bursts of a report."""
    with naming(table, _SPANS):
        return Rhythms(
            onset_s=_floats(table, "onset_s", NUMBER),
            end_s=_floats(table, "end_s", NUMBER),
            site=_words(table, "site", _SITE),
            place=_words(table, "place", TEXT_OR_NULL),
            modality=_words(table, "modality", _MODALITY),
            kind=_words(table, "kind", TEXT),
            frequency_hz=_floats(table, "frequency_hz", NUMBER_OR_NULL),
            bursts_n=np.array(column(table, "bursts_n", COUNT), dtype=np.int64),
            regularity=_floats(table, "regularity", NUMBER_OR_NULL),
            alternating=_flags(table, "alternating"),
            stage=_words(table, "stage", _STAGE),
        )


def _floats(table: Node, key: str, kind: Kind) -> Any:  # noqa: ANN401 - float64 array, shape (n,)
    """Return a column of numbers; NaN where there is none."""
    return np.array(column(table, key, kind), dtype=np.float64)


def _numbers(table: Node, key: str) -> Any:  # noqa: ANN401 - int64 array, shape (n,)
    """Return a column of series numbers; 0 outside."""
    return np.array([n or 0 for n in column(table, key, COUNT_OR_NULL)], dtype=np.int64)


def _flags(table: Node, key: str) -> Any:  # noqa: ANN401 - bool array, shape (n,)
    return np.array(column(table, key, FLAG), dtype=np.bool_)


def _words(table: Node, key: str, kind: Kind) -> Any:  # noqa: ANN401 - str array, shape (n,)
    """Return a column of words; empty where there is none."""
    return np.array([word or "" for word in column(table, key, kind)], dtype=np.str_)
