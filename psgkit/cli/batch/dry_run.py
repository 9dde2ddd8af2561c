"""``psgkit batch --dry-run``: what would be done, a line a night."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psgkit.cohort.plan.plan import Plan
    from psgkit.cohort.plan.sources import FoundNights
    from psgkit.cohort.run.batch import BatchRequest, WorkerChoice
    from psgkit.cohort.run.preview import Preview

_LONGEST_NAME = 60
_LONG = 90.0
"""From so many seconds or minutes on the next larger unit is used."""


def show_dry_run(request: "BatchRequest", choice: "WorkerChoice") -> None:
    """Print what a batch would do; nothing is written."""
    from psgkit.cli.options import counted
    from psgkit.cohort.out_folder import BATCH_FILE, differences_from
    from psgkit.cohort.plan.plan import plan_nights
    from psgkit.cohort.run.batch import known_of, prepare
    from psgkit.cohort.run.preview import preview_of, seconds_of_all

    found, nights, facts = prepare(request)
    known = known_of(request.out)
    plan = plan_nights(nights, known, facts.digest, request.again)
    with counted("looking at nights", len(plan.steps)) as advance:
        previews = []
        for step in plan.steps:
            previews.append(preview_of(step.night, request.settings))
            advance()
    sys.stdout.write("".join(f"{line}\n" for line in _lines(previews)))
    there = request.out / BATCH_FILE
    differences = differences_from(there, facts) if there.is_file() else []
    seconds = seconds_of_all(previews, known.rows, choice.jobs)
    sys.stdout.write("".join(f"{line}\n" for line in _totals(found, plan, previews)))
    where = (
        f"with {choice.jobs} process{'es' * (choice.jobs > 1)}" if choice.scheduler is None else ""
    )
    who = where or "on one worker of the scheduler"
    sys.stdout.write(f"estimated time: about {in_words(seconds)} {who}\n")
    if differences:
        sys.stdout.write(f"--out would be refused without --force: {'; '.join(differences)}\n")


def _lines(previews: "Sequence[Preview]") -> list[str]:
    """Return a line a night: its name, what it is known as, scoring, channels or the problem."""
    from psgkit.document.outside_text import end_of, visible

    rows = []
    for preview in previews:
        name = end_of(visible(preview.night.asked_as), _LONGEST_NAME)
        channels = ", ".join(preview.channels) or "no channel that shows movements"
        nothing = "no diary" if preview.night.days is not None else "no scoring"
        can_run = f"{preview.scoring or nothing}; {channels}"
        told = f"CANNOT RUN: {preview.problem}" if preview.problem else can_run
        rows.append((preview.night.night_id, name, visible(told)))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"{one:<{widths[0]}}  {two:<{widths[1]}}  {three}" for one, two, three in rows]


def _totals(found: "FoundNights", plan: "Plan", previews: "Sequence[Preview]") -> list[str]:
    from psgkit.document.outside_text import visible

    unable = sum(bool(preview.problem) for preview in previews)
    of_nights = [preview for preview in previews if preview.night.days is None]
    scored = sum(bool(preview.scoring) for preview in of_nights)
    days_n = sum(night.days is not None for night in found.nights)
    nights_n = len(found.nights) - days_n
    counted = [f"{nights_n} nights"] if nights_n or not days_n else []
    counted += [f"{days_n} recording{'s' * (days_n != 1)} of days"] if days_n else []
    lines = [
        f"{found.kind}: {', '.join(counted)}, {len(plan.steps)} to do, "
        f"{plan.done_n} done, {plan.failed_n} failed before",
        f"of those to do: {scored} with a scoring, {unable} cannot run",
    ]
    return [*lines, *(f"left out, a copy: {visible(copy)}" for copy in found.copies)]


def in_words(seconds: float) -> str:
    """Return a time as a person says it.

    Examples
    --------
    >>> in_words(42.0), in_words(3000.0), in_words(100000.0)
    ('42 s', '50 min', '27.8 h')
    """
    if seconds < _LONG:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < _LONG else f"{minutes / 60:.1f} h"
