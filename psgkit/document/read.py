"""Read a night report (``report.json``) back, so that pages and exports can be made from it."""

import os
from typing import Any

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.night_report import BreakdownRow, ImiHistogram, Lights, NightReport, Profile
from psgkit.core.recording import Channel, Segment
from psgkit.core.site import Site
from psgkit.document.fields import (
    COUNT,
    NUMBER,
    NUMBER_OR_NULL,
    TABLE,
    TABLE_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Kind,
    Node,
    has,
    inside,
    members,
    naming,
    rows,
    taken,
)
from psgkit.document.open import head_of, indices_of, named_indices, open_report
from psgkit.document.read_tables import (
    events_of,
    hypnogram_of,
    postures_of,
    rhythms_of,
    scored_movements_of,
    turns_of,
)

_STATUS = Kind("used, refused or ignored", lambda v: v in ("used", "refused", "ignored"))
_ADDED = ("events", "epochs")
"""What reports did not have at first; see ``_of_an_older_report``."""


def read_report(path: str | os.PathLike[str]) -> NightReport:
    """Return the night report in a file; written again it is the same, byte for byte.

    Samples are not part of a report: its channels have none.

    Parameters
    ----------
    path : path
        ``report.json`` as ``psgkit report --out DIR`` writes it.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON or of another schema, or a field of it is broken;
        the message names the field.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from psgkit import Events, Hypnogram, score_night
    >>> from psgkit.report.write import write_report
    >>> table = Events.of([60.0], [62.0], ["lm"], ["left_leg"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_report(score_night(table, Hypnogram.of(["N2"] * 4)), folder)
    ...     read_report(Path(folder) / "report.json").indices["legs"]["lm_n"].value
    1
    """
    document = open_report(path)
    head = head_of(document)
    return NightReport(
        source=head.source,
        sha256=head.sha256,
        start=head.start,
        duration_s=head.duration_s,
        segments=tuple(_segment(row) for row in _rows(document, "recording", "segments")),
        settings=head.settings,
        channels=tuple(_channel(row) for row in _rows(document, "channels")),
        findings=(*head.findings, *_of_an_older_report(document)),
        movements=scored_movements_of(inside(document, "movements")),
        hypnogram=hypnogram_of(document),
        events=events_of(inside(document, "events")) if has(document, "events") else Events.none(),
        lights=_lights(inside(document, "lights")),
        indices=indices_of(inside(document, "indices")),
        profile=_profile(inside(document, "profile")),
        postures=postures_of(inside(document, "postures")),
        turns=turns_of(inside(document, "turns")),
        rhythms=rhythms_of(inside(document, "rhythms")),
        relief=tuple(taken(row, TABLE) for row in _rows(document, "relief")),
        breakdown=tuple(_breakdown(row) for row in _rows(document, "breakdown")),
        imi={name: _imi(node) for name, node in members(inside(document, "imi")).items()},
        version=head.version,
    )


def _rows(document: Node, *keys: str) -> list[Node]:
    """Return the entries of the list that ``keys`` lead to."""
    for key in keys:
        document = inside(document, key)
    return rows(document)


def _of_an_older_report(document: Node) -> tuple[Finding, ...]:
    """Return the finding that a report was written before everything was in it."""
    if all(has(document, key) for key in _ADDED):
        return ()
    message = (
        "the report was written by an earlier psgkit, without the events a scorer marked: "
        "arousals and respiratory events are not shown or exported"
    )
    return (Finding("warning", "report.older", document.file, message),)


def _segment(row: Node) -> Segment:
    start_s, duration_s = (taken(inside(row, key), NUMBER) for key in ("start_s", "duration_s"))
    return Segment(start_s=start_s, duration_s=duration_s)


def _channel(row: Node) -> Channel:
    """Return a channel without its samples."""
    site = inside(row, "site")
    with naming(site, f"null or one of {', '.join(filter(None, Site))}"):
        where = Site(taken(site, TEXT_OR_NULL) or "")
    later: dict[str, Any] = {
        key: taken(inside(row, key), TEXT_OR_NULL) or ""
        for key in ("place", "axis", "rule")
        if has(row, key)
    }
    return Channel(
        label=taken(inside(row, "label"), TEXT),
        role=taken(inside(row, "role"), TEXT_OR_NULL) or "",
        site=where,
        unit=taken(inside(row, "unit"), TEXT_OR_NULL) or "",
        rate_hz=taken(inside(row, "rate_hz"), NUMBER),
        status=taken(inside(row, "status"), _STATUS),
        reason=taken(inside(row, "reason"), TEXT_OR_NULL) or "",
        samples=np.empty(0, dtype=np.float32),
        **later,
    )


def _lights(node: Node) -> Lights:
    off_s, on_s = (taken(inside(node, key), NUMBER) for key in ("off_s", "on_s"))
    off, on = (taken(inside(node, key), TEXT) for key in ("off_source", "on_source"))
    return Lights(off_s=off_s, on_s=on_s, off_source=off, on_source=on)


def _breakdown(row: Node) -> BreakdownRow:
    words = {key: taken(inside(row, key), TEXT) for key in ("group", "by", "level")}
    return BreakdownRow(indices=named_indices(inside(row, "indices")), **words)


def _imi(node: Node) -> ImiHistogram:
    edges_s = [taken(edge, NUMBER_OR_NULL) for edge in _rows(node, "edges_s")]
    counts: dict[str, Any] = {
        key: np.array([taken(n, COUNT) for n in _rows(node, key)], dtype=np.int64)
        for key in ("sleep_n", "wake_n")
    }
    return ImiHistogram(edges_s=np.array(edges_s, dtype=np.float64), **counts)


def _profile(node: Node) -> Profile:
    return Profile(
        statement=taken(inside(node, "statement"), TEXT),
        evidence=tuple(taken(row, TABLE) for row in _rows(node, "evidence")),
        leaning=taken(inside(node, "leaning"), TABLE_OR_NULL),
        rule=taken(inside(node, "rule"), TEXT),
        missing=tuple(taken(row, TABLE) for row in _rows(node, "missing")),
    )
