"""Sections on leg movements in time: arousals around them, PLM by time of night, minutes."""

import numpy as np

from psgkit.core.night_report import NightReport
from psgkit.indices.night_course import ArousalHazard, cumulative_columns, hazards
from psgkit.report.page_model import Section, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import NO_VALUE, clock, digits

HAZARD, CUMULATIVE, MINUTES = "arousal_hazard", "cumulative_plm", "minutes"
_ROWS_EVERY = 12
_FEWEST = 10
HAZARD_NAMES = Words(
    {
        "plms_all": marked("PLM in sleep"),
        "plms_nrem": marked("PLM in NREM sleep"),
        "plms_rem": marked("PLM in REM sleep"),
        "other_all": marked("Other LM in sleep"),
        "other_nrem": marked("Other LM in NREM sleep"),
        "other_rem": marked("Other LM in REM sleep"),
    }
)


def course_sections(report: NightReport) -> tuple[Section, ...]:
    """Return the sections that have content; their pictures are drawn by their keys."""
    if not len(report.movements):
        return ()
    return (*_hazard(report), *_cumulative(report), _minutes())


def _hazard(report: NightReport) -> tuple[Section, ...]:
    found = hazards(report)
    if not found:
        return ()
    head = (
        _("Movements"),
        _("Number"),
        _("Arousals"),
        _("Highest, %/s"),
        _("at, s"),
        _("Usual, %/s"),
    )
    note = _(
        "Of the movements asleep and without an arousal so far, the share in which an arousal "
        "begins, in each second from 10 s before to 20 s after the onset; arousal_hazard.csv has "
        "every second with the number at risk. An arousal counts for every movement within reach. "
        "Usual: arousals a second of such sleep. The highest is given for ten movements or more."
    )
    return (
        Section(
            key=HAZARD,
            title=_("Arousals around leg movements"),
            note=note,
            parts=(Table(head=head, rows=tuple(map(_hazard_row, found))),),
        ),
    )


def _hazard_row(one: ArousalHazard) -> tuple[str, ...]:
    per_s = np.nan_to_num(one.per_s)
    highest = int(per_s.argmax())
    there = one.n >= _FEWEST and per_s[highest] > 0
    return (
        HAZARD_NAMES[f"{one.kind}_{one.part}"],
        digits(one.n, 0),
        digits(int(one.arousals.sum()), 0),
        digits(100 * float(per_s[highest]), 1) if there else NO_VALUE,
        digits(int(one.at_s[highest]), 0) if there else NO_VALUE,
        digits(100 * one.usual_per_s, 2),
    )


def _cumulative(report: NightReport) -> tuple[Section, ...]:
    columns = cumulative_columns(report)
    if not columns["plm_n"][-1]:
        return ()
    last = len(columns["time_s"]) - 1
    shown = [*range(0, last, _ROWS_EVERY), last]
    rows = tuple(
        (
            clock(report.start, columns["time_s"][row]),
            NO_VALUE if columns["sleep_min"][row] is None else digits(columns["sleep_min"][row], 0),
            *(digits(columns[name][row], 0) for name in ("plms_n", "plmw_n", "plm_n")),
        )
        for row in shown
    )
    head = (_("Until"), _("Sleep, min"), _("PLM in sleep"), _("PLM in wake"), _("PLM"))
    return (
        Section(
            key=CUMULATIVE,
            title=_("Periodic leg movements by time of night"),
            note=_(
                "Counted from lights off; cumulative_plm.csv has every five minutes. Restless "
                "legs and PLMS tend to the first half of the night; no limit is validated."
            ),
            parts=(Table(head=head, rows=rows),),
        ),
    )


def _minutes() -> Section:
    return Section(
        key=MINUTES,
        title=_("Leg movements by the minute"),
        note=_(
            "Intensity: area under the rectified EMG above rest, of the movements that begin in a "
            "minute. minutes.csv has it with stage, movements, PLM, arousals and breathing."
        ),
    )
