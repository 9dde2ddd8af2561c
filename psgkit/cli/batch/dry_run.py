"""``psgkit batch --dry-run``: what would be done, a line a night."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from psgkit.analysis.groups import scorer_of
from psgkit.cohort.ledger import LedgerRow
from psgkit.cohort.plan.planned import DaysFiles, PlannedNight
from psgkit.cohort.run.night_task import files_there, options_of, reason_of
from psgkit.core.dataclass import dataclass
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import choose_channels
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.actigraphy.read import kind_of_days, read_days
from psgkit.io.files import is_file
from psgkit.night.files import NightChoice, ReadNight, read_night
from psgkit.settings import Settings

if TYPE_CHECKING:
    from psgkit.cohort.plan.plan import Plan
    from psgkit.cohort.plan.sources import FoundNights
    from psgkit.cohort.run.batch import BatchRequest, WorkerChoice


_LONGEST_NAME = 60
_LONG = 90.0
"""From so many seconds or minutes on the next larger unit is used."""


def show_dry_run(request: "BatchRequest", choice: "WorkerChoice") -> None:
    """Print what a batch would do; nothing is written."""
    from psgkit.cli.options import counted
    from psgkit.cohort.out_folder import BATCH_FILE, differences_from
    from psgkit.cohort.plan.plan import plan_nights
    from psgkit.cohort.run.batch import intact, known_of, prepare

    found, nights, facts = prepare(request)
    known, _ = intact(known_of(request.out), nights, request)
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
        shown = f"CANNOT RUN: {preview.problem}" if preview.problem else can_run
        rows.append((preview.night.night_id, name, visible(shown)))
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


SECONDS_A_NIGHT = 0.5
SAMPLES_A_SECOND = 30e6
BYTES_A_SECOND = 0.6e9
"""What a night takes on one core of the machine of ``scripts/benchmark_batch.py``, roughly: a part
that does not depend on its length, samples of the channels that are used, and bytes of the file."""
SECONDS_OF_DAYS = 1.5
DAYS_BYTES_A_SECOND = 6e6
"""The same for a recording of days, by its bytes alone."""
ENOUGH_NIGHTS_N = 3
"""Finished nights whose time says more about this machine and these nights than these figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What would be made of one night.

    Attributes
    ----------
    night : PlannedNight
    problem : str
        Why it cannot run; empty if it can.
    scoring : str
        What was found of stages and events, in words.
    channels : tuple of str
        Labels of channels in which movements will be looked for.
    seconds : float
        What it may take on one core.
    """

    night: PlannedNight
    problem: str = ""
    scoring: str = ""
    channels: tuple[str, ...] = ()
    seconds: float = 0.0


def preview_of(night: PlannedNight, settings: Settings) -> Preview:
    """Return what would be made of a night; no sample is read."""
    try:
        if night.days is not None:
            size_bytes = night.recording.stat().st_size
            beside, holds = days_in_words(night, night.days)
            seconds = SECONDS_OF_DAYS + size_bytes / DAYS_BYTES_A_SECOND
            return Preview(night=night, scoring=beside, channels=holds, seconds=seconds)
        size_bytes = night.recording.stat().st_size
        choice = NightChoice(settings=settings, lights=night.lights)
        read = read_night(night.recording, files_there(night), choice)
        scoring = _scoring_of(read)
    except (PsgkitError, OSError) as error:
        return Preview(night=night, problem=reason_of(error, str)[1])
    recording = choose_accelerometers(
        choose_channels(read.recording, settings.emg), settings.accelerometer
    )
    used = [channel for channel in recording.channels if channel.status == "used"]
    samples_n = sum(channel.rate_hz for channel in used) * recording.duration_s
    return Preview(
        night=night,
        scoring=scoring,
        channels=tuple(channel.label for channel in used),
        seconds=SECONDS_A_NIGHT + samples_n / SAMPLES_A_SECOND + size_bytes / BYTES_A_SECOND,
    )


def seconds_of_all(previews: Iterable[Preview], rows: Mapping[str, LedgerRow], jobs: int) -> float:
    """Return what the nights may take, by those that were done before if there are enough.

    Examples
    --------
    >>> seconds_of_all([], {}, 2)
    0.0
    """
    able = [preview for preview in previews if not preview.problem]
    before = [row.seconds for row in rows.values() if row.state == "done" and row.seconds]
    if len(before) >= ENOUGH_NIGHTS_N:
        return len(able) * fmean(before) / jobs
    return sum(preview.seconds for preview in able) / jobs


def _scoring_of(read: ReadNight) -> str:
    """Return what a scorer left, in words: in files beside the recording, or annotated in it."""
    scorer = scorer_of(read.recording, read.hypnogram, read.events)
    found = ["stages"] if scorer.hypnogram is not None else []
    return ", ".join([*found, *([f"{len(scorer.events)} events"] if len(scorer.events) else [])])


QUICK = ("EDF", "table of counts", "Actiware export", "Actiwatch AWD", "CamNtech MTN")
"""What is read for a look; an archive of raw samples of a week takes as long as the week."""
_DAY_S = 86400.0


def days_in_words(night: PlannedNight, days: DaysFiles) -> tuple[str, tuple[str, ...]]:
    """Return what lies beside a recording of days, and what it holds.

    Raises
    ------
    PsgkitError
        If it, or what lies beside it, cannot be used.
    """
    beside = {"diary": days.diary, "markers": days.markers, "clock": days.clock}
    for what, path in beside.items():
        if path is not None and not is_file(path):
            raise SettingsError(f"{what} {Path(path).name}", "no such file", "a table")
    shown = ", ".join(what for what, path in beside.items() if path is not None)
    kind = kind_of_days(night.recording) or "days"
    if kind not in QUICK:
        return shown, (f"days ({kind})",)
    found = read_days(night.recording, options_of(night, days))
    places = [one.place or one.label for one in found.counts]
    if found.recording is not None:
        sensors = found.recording.with_role("accelerometer")
        places = [*dict.fromkeys(one.place or one.label for one in sensors), *places]
    return shown, (f"{found.duration_s / _DAY_S:.1f} days ({kind})", *places)
