"""Sections on rhythmic trains and turns; the longest are listed, the others counted."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import NightReport
from psgkit.core.rhythms import Rhythms
from psgkit.report.marked_numbers import row_number
from psgkit.report.page_model import Section, Table
from psgkit.report.words.language import _, in_context
from psgkit.report.words.number_format import NO_VALUE, clock, digits
from psgkit.report.words.words import (
    POSTURE_NAMES,
    REJECTION_NAMES,
    STAGE_NAMES,
    TRAIN_NAMES,
    capitalised,
    site_in_words,
    word_of,
    yes_or_no,
)

_LISTED = 10


def rhythm_section(report: NightReport) -> Section | None:
    """Return the section on rhythmic trains, by kind and place and singly; None without any."""
    trains = report.rhythms
    if not len(trains):
        return None
    return Section(
        key="trains",
        title=_("Trains by kind"),
        note=_(
            "Bursts at 0.3 to 4 Hz. They occur in half-sleep in healthy people too: a rhythm "
            "alone is no sign of akathisia."
        ),
        parts=(_by_place(trains), _longest(trains, report.start)),
    )


def rejected_section(report: NightReport) -> Section | None:
    """Return the section on what was rejected as no movement, by channel; None without any."""
    rejected = report.rejected
    if not len(rejected):
        return None
    rows = []
    pairs = zip(rejected.channel.tolist(), rejected.reason.tolist(), strict=True)
    for channel, reason in sorted(set(pairs)):
        here = (rejected.channel == channel) & (rejected.reason == reason)
        seconds = (rejected.end_s - rejected.onset_s)[here]
        rows.append(
            (
                channel,
                word_of(REJECTION_NAMES, reason),
                digits(int(here.sum()), 0),
                digits(seconds.sum() / 60, 1),
                digits(float(np.median(rejected.amplitude_uv[here])), 1),
            )
        )
    return Section(
        key="rejected",
        title=_("Rejected: no muscle"),
        note=_(
            "What reached the thresholds of a movement without the spectrum of muscle. It is in no "
            "count; each one is in the JSON report."
        ),
        parts=(
            Table(
                head=(_("Channel"), _("Reason"), _("Number"), _("min"), _("Median amplitude, µV")),
                rows=tuple(rows),
                n_text=2,
            ),
        ),
    )


def turn_section(report: NightReport) -> Section | None:
    """Return the section on the largest turns; None without any."""
    turns = report.turns
    if not len(turns):
        return None
    rows = np.sort(np.argsort(-turns.angle_deg, kind="stable")[:_LISTED])
    left_n = len(turns) - len(rows)
    table = Table(
        title=_("The largest of {n} turns", n=digits(len(turns), 0)) if left_n else "",
        head=(
            _("At"),
            in_context("turn", "From"),
            in_context("turn", "To"),
            _("Angle, deg"),
            _("Seconds"),
            _("deg/s"),
        ),
        n_text=3,
        rows=tuple(
            (
                clock(report.start, float(turns.onset_s[row])),
                word_of(POSTURE_NAMES, str(turns.before[row])) or NO_VALUE,
                word_of(POSTURE_NAMES, str(turns.after[row])) or NO_VALUE,
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
    return Section(
        key="turns",
        title=_("Turns"),
        note=_("From the direction of gravity at the trunk."),
        parts=(table,),
    )


def _cell(shown: str, place: tuple[str, int, str], column: NDArray[Any]) -> str:
    """Return a number marked with table, row and field of the JSON, if it is known."""
    if shown == NO_VALUE:
        return shown
    return row_number(shown, ".".join(map(str, place)), column[place[1]])


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
                capitalised(word_of(TRAIN_NAMES, kind)),
                site_in_words(place),
                digits(int(here.sum()), 0),
                digits(trains.duration_s[here].sum() / 60, 1),
                digits(float(np.median(trains.frequency_hz[here])), 1),
                digits(float(np.median(known)), 2) if len(known) else NO_VALUE,
            )
        )
    head = (_("Kind"), _("Where"), _("Trains"), _("min"), _("Hz, median"), _("Regularity"))
    return Table(head=head, rows=tuple(rows), n_text=2)


def _longest(trains: Rhythms, start: datetime | None) -> Table:
    rows = np.sort(np.argsort(-trains.duration_s, kind="stable")[:_LISTED])
    return Table(
        title=(
            _("The longest of {n}", n=digits(len(trains), 0))
            if len(trains) > len(rows)
            else _("One by one")
        ),
        head=(
            _("At"),
            _("Where"),
            _("Stage"),
            _("Seconds"),
            _("Bursts"),
            _("Hz"),
            _("Alternating"),
        ),
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
