"""What the page of a report needs for a review in the browser, and the file it then saves.

A page has the scoring as it was found, so that its script can write a review file that
``psgkit report --review`` and ``psgkit batch`` read like one of ``psgkit review``.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from psgkit._version import __version__
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.core.reviewed import ReviewStart
from psgkit.core.site import BOTH_SIDES, Site
from psgkit.review.marks import Mark, Scoring
from psgkit.review.review_file import SCHEMA, ReviewedNight

_SLACK_S = 1e-6


def with_start(
    report: NightReport, night: ReviewedNight, base: Scoring, now: Scoring
) -> NightReport:
    """Return the report with what a review of it begins with.

    Parameters
    ----------
    report : NightReport
        Of ``now``.
    night : ReviewedNight
    base, now : Scoring
        As found, and as corrected by an earlier review.
    """
    line = {
        "schema": SCHEMA,
        "type": "start",
        **night.as_dict(),
        "base": base.as_dict(),
        **({} if now == base else {"now": now.as_dict()}),
        "psgkit": {"version": __version__},
    }
    counted = [mark for mark in now.marks.values() if mark.counts and mark.is_movement]
    marks = marks_of_rows(report.movements.movements, counted)
    return replace(report, review_start=ReviewStart(line=line, marks=marks))


def marks_of_rows(rows: Movements, marks: list[Mark]) -> tuple[tuple[str, ...], ...]:
    """Return the ids of the marks that became each movement of a report.

    Movements of a report are joined: one of both legs has a mark on each side.  A mark belongs to
    the shortest movement of its site, or of both sides, that contains it.

    Examples
    --------
    >>> rows = Movements.of([10.0], [15.0], ["both_legs"], modality="emg")
    >>> both = [("m1", 10.0, 13.0, "left_leg"), ("m2", 11.0, 15.0, "right_leg")]
    >>> marks_of_rows(rows, [
    ...     Mark(id=name, kind="lm", onset_s=onset, end_s=end, site=site, modality="emg")
    ...     for name, onset, end, site in both
    ... ])
    (('m1', 'm2'),)
    """
    onset_s = np.array([mark.onset_s for mark in marks])
    order = np.argsort(onset_s, kind="stable")
    onset_s = onset_s[order]
    owner: dict[str, int] = {}
    channels = [frozenset(labels) for labels in rows.channels]
    for row in np.argsort(-rows.duration_s, kind="stable").tolist():
        first, last = float(rows.onset_s[row]), float(rows.end_s[row])
        start, stop = np.searchsorted(onset_s, (first - _SLACK_S, last + _SLACK_S)).tolist()
        sites = set(_sites_in(str(rows.site[row])))
        for at in order[start:stop].tolist():
            mark = marks[at]
            inside = mark.end_s <= last + _SLACK_S and mark.site in sites
            if inside and mark.modality == rows.modality[row] and _of_row(mark, channels[row]):
                owner[mark.id] = row
    found: list[list[str]] = [[] for _ in range(len(rows))]
    for name, row in owner.items():
        found[row].append(name)
    return tuple(map(tuple, found))


def _of_row(mark: Mark, channels: frozenset[str]) -> bool:
    """Return whether a movement of an accelerometer is one of the sensor of a row."""
    return not mark.of_sensor or channels.issuperset(mark.channels)


def _sites_in(site: str) -> Iterator[str]:
    """Yield a site and, of both sides, each of them."""
    yield site
    for one, both in BOTH_SIDES.items():
        if both.value == site:
            yield one.value
    if site in (Site.BOTH_LEGS.value, Site.LEFT_LEG.value, Site.RIGHT_LEG.value):
        # a movement without a site counts as one of a leg
        yield ""
