"""What a batch would do, without doing it: each night is read as far as headers and scoring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from psgkit.analysis.scorer import scorer_of
from psgkit.cohort.ledger import LedgerRow
from psgkit.cohort.plan.planned import DaysFiles, PlannedNight
from psgkit.cohort.run.night_work import files_there, options_of, reason_of
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import choose_channels
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.actigraphy.read import read_days
from psgkit.io.actigraphy.recognise import kind_of_days
from psgkit.night.files import NightChoice, ReadNight, read_night
from psgkit.settings import Settings

SECONDS_A_NIGHT = 0.5
SAMPLES_A_SECOND = 30e6
BYTES_A_SECOND = 0.6e9
"""What a night takes on one core of the machine of ``scripts/benchmark_batch.py``, roughly: a part
that does not depend on its length, samples of the channels that are used, and bytes of the file."""
SECONDS_OF_DAYS = 1.5
DAYS_BYTES_A_SECOND = 6e6
"""The same for a recording of days, by its bytes alone."""
ENOUGH_NIGHTS_N = 3
"""Finished nights whose time says more about this machine and these nights than our numbers."""


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
    """Return what a scorer left, in words: in files of its own, or annotated in the recording."""
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
        if path is not None and not path.is_file():
            raise SettingsError(f"{what} {Path(path).name}", "no such file", "a table")
    told = ", ".join(what for what, path in beside.items() if path is not None)
    kind = kind_of_days(night.recording) or "days"
    if kind not in QUICK:
        return told, (f"days ({kind})",)
    found = read_days(night.recording, options_of(night, days))
    places = [one.place or one.label for one in found.counts]
    if found.recording is not None:
        sensors = found.recording.with_role("accelerometer")
        places = [*dict.fromkeys(one.place or one.label for one in sensors), *places]
    return told, (f"{found.duration_s / _DAY_S:.1f} days ({kind})", *places)
