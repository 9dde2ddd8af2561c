"""Rhythmic trains and turns as sections of the page; the longest are listed, the rest counted."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import NightReport
from psgkit.core.rhythms import Rhythms
from psgkit.report.marked_numbers import row_number
from psgkit.report.page_model import Section, Table
from psgkit.report.words.number_format import NO_VALUE, clock, digits
from psgkit.report.words.texts import text
from psgkit.report.words.words import STAGE_NAMES, capitalised, site_in_words, word_of, yes_or_no

_LISTED = 10
_KINDS = ("kind", "where", "number", "minutes", "frequency_median", "regularity")
_TRAINS = ("at", "where", "stage", "seconds", "bursts", "frequency", "alternating")
_TURNS = ("at", "from", "to", "angle", "seconds", "speed")


def rhythm_section(report: NightReport) -> Section | None:
    """Return the rhythmic trains, by kind and place and one by one; None if there are none."""
    trains = report.rhythms
    if not len(trains):
        return None
    return Section(
        key="trains",
        title=text("trains.title"),
        note=text("trains.note"),
        parts=(_by_place(trains), _longest(trains, report.start)),
    )


def turn_section(report: NightReport) -> Section | None:
    """Return the largest turns one by one; None if there are none."""
    turns = report.turns
    if not len(turns):
        return None
    rows = np.sort(np.argsort(-turns.angle_deg, kind="stable")[:_LISTED])
    left_n = len(turns) - len(rows)
    table = Table(
        title=text("turns.largest", n=digits(len(turns), 0)) if left_n else "",
        head=tuple(text(f"turns.{name}") for name in _TURNS),
        n_text=3,
        rows=tuple(
            (
                clock(report.start, float(turns.onset_s[row])),
                word_of("posture", str(turns.before[row])) or NO_VALUE,
                word_of("posture", str(turns.after[row])) or NO_VALUE,
                _cell(
                    digits(turns.angle_deg[row], 0), ("turns", row, "angle_deg"), turns.angle_deg
                ),
                digits(turns.end_s[row] - turns.onset_s[row], 1),
                _cell(
                    digits(turns.speed_deg_s[row], 0),
                    ("turns", row, "speed_deg_s"),
                    turns.speed_deg_s,
                ),
            )
            for row in rows.tolist()
        ),
    )
    return Section(key="turns", title=text("turns.title"), note=text("turns.note"), parts=(table,))


def _cell(shown: str, place: tuple[str, int, str], column: NDArray[Any]) -> str:
    """Return a number, marked with table, row and field of the JSON, unless it is not known."""
    if shown == NO_VALUE:
        return shown
    _, row, _ = place
    return row_number(shown, ".".join(map(str, place)), column[row])


def _by_place(trains: Rhythms) -> Table:
    """Return number, minutes, frequency and regularity of each kind at each place."""
    where = [
        place or site
        for place, site in zip(trains.place.tolist(), trains.site.tolist(), strict=True)
    ]
    keys = list(dict.fromkeys(zip(trains.kind.tolist(), where, strict=True)))
    at = np.array(where, dtype=object)
    rows = []
    for kind, place in sorted(keys):
        here = (trains.kind == kind) & (at == place)
        regularity = trains.regularity[here]
        known = regularity[~np.isnan(regularity)]
        rows.append(
            (
                capitalised(word_of("train_kind", kind)),
                site_in_words(place),
                digits(int(here.sum()), 0),
                digits(trains.duration_s[here].sum() / 60, 1),
                digits(float(np.median(trains.frequency_hz[here])), 1),
                digits(float(np.median(known)), 2) if len(known) else NO_VALUE,
            )
        )
    head = tuple(text(f"trains.{name}") for name in _KINDS)
    return Table(head=head, rows=tuple(rows), n_text=2)


def _longest(trains: Rhythms, start: datetime | None) -> Table:
    """Return the longest trains in time order."""
    rows = np.sort(np.argsort(-trains.duration_s, kind="stable")[:_LISTED])
    return Table(
        title=(
            text("trains.longest", n=digits(len(trains), 0))
            if len(trains) > len(rows)
            else text("trains.all")
        ),
        head=tuple(text(f"trains.{name}") for name in _TRAINS),
        n_text=3,
        rows=tuple(
            (
                clock(start, float(trains.onset_s[row])),
                site_in_words(str(trains.place[row] or trains.site[row])),
                STAGE_NAMES.get(str(trains.stage[row]), str(trains.stage[row])),
                digits(trains.duration_s[row], 1),
                _cell(
                    str(int(trains.bursts_n[row]) or NO_VALUE),
                    ("rhythms", row, "bursts_n"),
                    trains.bursts_n,
                ),
                _cell(
                    digits(trains.frequency_hz[row], 1),
                    ("rhythms", row, "frequency_hz"),
                    trains.frequency_hz,
                ),
                yes_or_no(bool(trains.alternating[row])),
            )
            for row in rows.tolist()
        ),
    )
