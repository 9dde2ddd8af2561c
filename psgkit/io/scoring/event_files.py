"""Read the events in any file of a scorer, in tables and in EDF+ annotations."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.recording import Annotations, Recording
from psgkit.core.site import Site
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.event_words import kind_of_text, site_of_text
from psgkit.io.scoring.scored_annotations import clock_shift_s, unusable_findings, usable_rows
from psgkit.io.scoring.stage_words import stage_of_annotation
from psgkit.io.text.tables import Table, parse_table, refuse_several_nights, spans_s

SITES = tuple(site.value for site in Site)
SITED_KINDS = ("lm", "artifact")
"""Kinds that happen at a place on the body; the channel of an arousal is where it was seen."""


def events_of_text(text: str, where: str) -> tuple[Events, tuple[Finding, ...]]:
    r"""Return the events in the text of a table, and what was decided while reading it.

    Kinds are stripped and in lower case; other words for a known kind (``EEG arousal``) become
    that kind, and unknown kinds stay.

    Examples
    --------
    >>> text = "onset;end_s;kind\n12,5;15;EEG arousal\n"
    >>> events_of_text(text, "events.csv")[0].kind.tolist()
    ['arousal']

    Raises
    ------
    TableError
        As ``read_events``.
    """
    table = parse_table(text, where)
    refuse_several_nights(table)
    onset_s, end_s = spans_s(table)
    column = table.one_of(("kind", "trial_type"))
    written = table.text(column)
    for row, word in enumerate(written):
        if not word:
            raise table.fault(row, column, f"a kind of event, such as {', '.join(KNOWN_KINDS)}")
    kind_of = {word: kind_of_text(word) or word.lower() for word in set(written)}
    kinds = [kind_of[word] for word in written]
    events = Events.of(onset_s, end_s, kinds, _sites(table, written, kinds))
    renamed = sorted(word for word, kind in kind_of.items() if word.lower() != kind)
    return events, (*_renamed_findings(where, renamed), *_moment_findings(where, events))


def events_of_recording(
    recording: Recording, recording_start: datetime | None = None
) -> tuple[Events, tuple[Finding, ...]]:
    """Return the events in the annotations of a scorer's file, aligned by clock.

    The times are shifted by the difference of the two starts when both are known.

    Raises
    ------
    InputFileError
        If the file has no annotations at all.
    """
    if not len(recording.annotations):
        raise InputFileError(
            recording.source, "a recording without annotations", "annotations or a table"
        )
    shift_s, about_clock = clock_shift_s(recording, recording_start)
    events = events_from_annotations(recording.annotations, shift_s)
    findings = (*recording.findings, *unusable_findings(recording), *about_clock)
    return events, (*findings, *_moment_findings(recording.source, events))


def events_from_annotations(annotations: Annotations, shift_s: float = 0.0) -> Events:
    """Return the annotations that are no sleep stages as events.

    A text that is not known is kept as the kind of its event.  A movement has the site of the
    channel after ``@@``.

    Examples
    --------
    >>> marks = Annotations(
    ...     onset_s=(0.0, 5.0), duration_s=(30.0, 2.0), text=("Sleep stage W", "LM@@EMG RAT")
    ... )
    >>> events_from_annotations(marks).to_frame().values.tolist()
    [[5.0, 2.0, 'lm', 'right_leg']]
    """
    rows = []
    for onset_s, duration_s, text in usable_rows(annotations):
        if _is_stage(text):
            continue
        kind = kind_of_text(text)
        site = site_of_text(text) if kind in SITED_KINDS else Site.NONE
        rows.append((onset_s + shift_s, onset_s + shift_s + duration_s, kind or text, site))
    if not rows:
        return Events.none()
    onset_s_of, end_s_of, kinds, sites = zip(*rows, strict=True)
    return Events.of(onset_s_of, end_s_of, kinds, sites)


def _sites(table: Table, written: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """Return the site of each row: of its cell, else of the words for its kind."""
    cells = table.text("site") if "site" in table.header else ("",) * len(kinds)
    sites = ["" if cell.lower() == "n/a" else cell.lower() for cell in cells]
    for row, site in enumerate(sites):
        if site not in SITES:
            raise table.fault(row, "site", f"{', '.join(filter(None, SITES))}, or nothing")
        if not site and kinds[row] == "lm":
            sites[row] = site_of_text(written[row]).value
            if not sites[row] and "site" not in table.header:
                raise TableError(
                    f"{table.where}, line {table.lines[row]}",
                    "a movement (lm) in a table without a column site",
                    "a column site",
                    "Name the limb; the cells of other events may stay empty.",
                )
    return sites


def _is_stage(text: str) -> bool:
    """Return whether an annotation states a sleep stage, known or not."""
    try:
        return stage_of_annotation(text) is not None
    except TableError:
        return True


def _renamed_findings(where: str, words: list[str]) -> tuple[Finding, ...]:
    """Say which words were taken for a known kind."""
    if not words:
        return ()
    said = ", ".join(f"{word!r} as {kind_of_text(word)}" for word in words)
    return (Finding("info", "events.kind", where, f"read {said}"),)


def _moment_findings(where: str, events: Events) -> tuple[Finding, ...]:
    """Say how many movements last no time."""
    n_moments = int(np.sum((events.kind == "lm") & (events.end_s <= events.onset_s)))
    if not n_moments:
        return ()
    message = f"{n_moments} movements last 0 s and are too short for every rule"
    return (Finding("warning", "events.no_duration", where, message),)
