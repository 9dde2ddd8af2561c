"""Rhythmic trains and turns as sections of the page; the longest are listed, the rest counted."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import NightReport
from psgkit.core.rhythms import Rhythms
from psgkit.report.marked import row_number
from psgkit.report.parts import Section, Table
from psgkit.report.words import NO_VALUE, STAGE_NAMES, clock, name_in_words, site_in_words

_LISTED = 10
RHYTHM_NOTE = (
    "Bursts at 0.3 to 4 Hz. They occur in half-sleep in healthy people too: a rhythm alone is no "
    "sign of akathisia."
)
TURN_NOTE = "From the direction of gravity at the trunk."


def rhythm_section(report: NightReport) -> Section | None:
    """Return the rhythmic trains, by kind and place and one by one; None if there are none."""
    trains = report.rhythms
    if not len(trains):
        return None
    return Section(
        key="trains",
        title="Rhythmic trains",
        note=RHYTHM_NOTE,
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
        title=f"The largest of {len(turns)} turns" if left_n else "",
        head=("At", "From", "To", "Angle, deg", "Seconds", "deg/s"),
        n_text=3,
        rows=tuple(
            (
                clock(report.start, float(turns.onset_s[row])),
                str(turns.before[row]) or NO_VALUE,
                str(turns.after[row]) or NO_VALUE,
                _cell(f"{turns.angle_deg[row]:.0f}", f"turns.{row}.angle_deg", turns.angle_deg),
                f"{turns.end_s[row] - turns.onset_s[row]:.1f}",
                _cell(
                    f"{turns.speed_deg_s[row]:.0f}", f"turns.{row}.speed_deg_s", turns.speed_deg_s
                ),
            )
            for row in rows.tolist()
        ),
    )
    return Section(key="turns", title="Turns", note=TURN_NOTE, parts=(table,))


def _cell(shown: str, place: str, column: NDArray[Any]) -> str:
    """Return a number of a row, marked with where the JSON has it, unless it is not known."""
    if shown == NO_VALUE:
        return shown
    return row_number(shown, place, column[int(place.split(".")[1])])


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
                name_in_words(kind),
                site_in_words(place),
                str(int(here.sum())),
                f"{trains.duration_s[here].sum() / 60:.1f}",
                f"{np.median(trains.frequency_hz[here]):.1f}",
                f"{np.median(known):.2f}" if len(known) else NO_VALUE,
            )
        )
    head = ("Kind", "Where", "Trains", "min", "Hz, median", "Regularity")
    return Table(head=head, rows=tuple(rows), n_text=2)


def _longest(trains: Rhythms, start: datetime | None) -> Table:
    """Return the longest trains in time order."""
    rows = np.sort(np.argsort(-trains.duration_s, kind="stable")[:_LISTED])
    return Table(
        title=f"The longest of {len(trains)}" if len(trains) > len(rows) else "One by one",
        head=("At", "Where", "Stage", "Seconds", "Bursts", "Hz", "Alternating"),
        n_text=3,
        rows=tuple(
            (
                clock(start, float(trains.onset_s[row])),
                site_in_words(str(trains.place[row] or trains.site[row])),
                STAGE_NAMES.get(str(trains.stage[row]), str(trains.stage[row])),
                f"{trains.duration_s[row]:.1f}",
                _cell(
                    str(int(trains.bursts_n[row]) or NO_VALUE),
                    f"rhythms.{row}.bursts_n",
                    trains.bursts_n,
                ),
                _cell(
                    f"{trains.frequency_hz[row]:.1f}",
                    f"rhythms.{row}.frequency_hz",
                    trains.frequency_hz,
                ),
                "yes" if trains.alternating[row] else "no",
            )
            for row in rows.tolist()
        ),
    )
