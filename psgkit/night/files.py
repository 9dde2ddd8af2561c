"""Report of one night from its files; called by ``psgkit report`` and ``psgkit batch``."""

from collections.abc import Callable
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.analysis.stages import usable_stages
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.sleeper import CONTEXT, Sleeper
from psgkit.detect.trace import TraceRecorder
from psgkit.document.scoring import read_any_scoring
from psgkit.io.channels.channel_map import read_channel_map
from psgkit.io.files import sha256_of
from psgkit.io.read import read_recording
from psgkit.io.scoring.annotations import events_from_annotations
from psgkit.io.scoring.marks import Wanted
from psgkit.io.scoring.read import (
    outside_findings as events_outside,
)
from psgkit.io.scoring.sidecars import find_sidecars, read_sidecars, unused_findings
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.io.text.clock import lights_window_s
from psgkit.night.walk import MeasuredNight, measure_night, report_of_measured
from psgkit.profile.evidence.of_night import with_profile
from psgkit.settings import Settings
from psgkit.sleep.alignment import align, outside_findings

if TYPE_CHECKING:
    from psgkit.profile.context.read import ContextFile
    from psgkit.sit.evidence import ReportedTest


@dataclass(frozen=True, kw_only=True, slots=True)
class NightFiles:
    """The files read with the recording.

    Attributes
    ----------
    hypnogram, events, channels, context : Path or None
    review : Path or None
        A review of the night; ``psgkit.review.apply`` reads it.
    sit : Path or None
        The report of an immobilisation test (``sit.json``) for the profile of the night.
    sidecar : bool
        Whether stages and events not named are read from the files beside the recording.
    stage_codes : StageCodes or None
        What words and numbers for stages mean; by default as the channel map says.
    """

    hypnogram: Path | None = None
    events: Path | None = None
    channels: Path | None = None
    sidecar: bool = False
    context: Path | None = None
    sit: Path | None = None
    review: Path | None = None
    stage_codes: StageCodes | None = None

    def codes(self) -> StageCodes | None:
        """Return what words and numbers for stages mean, as stated here or in the channel map."""
        if self.stage_codes is not None or self.channels is None:
            return self.stage_codes
        return read_channel_map(self.channels).stage_codes


@dataclass(frozen=True, kw_only=True, slots=True)
class NightChoice:
    """Settings and lights of the analysis.

    Attributes
    ----------
    settings : Settings
    lights : (str or None, str or None)
        Lights off and on as typed, clock times or seconds; they override those of the settings.
    """

    settings: Settings = field(default_factory=Settings)
    lights: tuple[str | None, str | None] = (None, None)


def report_of_files(
    path: Path,
    files: NightFiles,
    choice: NightChoice,
    sha256: str | None = None,
    recorder: TraceRecorder | None = None,
    score: Callable[[MeasuredNight, str], NightReport] | None = None,
) -> NightReport:
    """Return the report of the night in ``path``; its digest may be given.

    A ``recorder`` keeps the measured signals and levels.  ``score`` makes the report of what was
    measured and the digest, where a review corrects it.

    Raises
    ------
    PsgkitError
        If a file cannot be used, or does not belong to the recording.
    """
    beside = read_beside(files)  # fast to read and to refuse, so before hours of samples
    read = read_night(path, files, choice)
    measured = read.measured(beside[0], recorder)
    digest = sha256 or sha256_of(path)
    night = report_of_measured(measured) if score is None else score(measured, digest)
    return with_beside(replace(night, sha256=digest), *beside)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadNight:
    """A night read but not analysed; events and hypnogram are None if not given.

    ``settings`` are those of the choice with the typed lights.
    """

    recording: Recording
    hypnogram: Hypnogram | None
    events: Events | None
    settings: Settings

    def measured(
        self, context: "ContextFile | None", recorder: TraceRecorder | None = None
    ) -> MeasuredNight:
        """Return the night after detection; age and sex are those of the context first."""
        return measure_night(
            self.recording,
            self.hypnogram,
            self.events,
            self.settings,
            recorder=recorder,
            sleeper=sleeper_of(context),
        )


def read_night(path: Path, files: NightFiles, choice: NightChoice) -> ReadNight:
    """Read the files of a night, without samples.

    Raises
    ------
    PsgkitError
        If a file cannot be used, or does not belong to the recording.
    """
    recording = read_recording(path, files.channels)
    recording, hypnogram, events = with_scoring(path, recording, files)
    off_s, on_s = lights_window_s(choice.lights, recording.start, recording.duration_s)
    settings = choice.settings
    if off_s is not None or on_s is not None:
        settings = replace(
            settings,
            lights_off_s=settings.lights_off_s if off_s is None else off_s,
            lights_on_s=settings.lights_on_s if on_s is None else on_s,
        )
    return ReadNight(recording=recording, hypnogram=hypnogram, events=events, settings=settings)


def with_scoring(
    path: Path, recording: Recording, files: NightFiles
) -> tuple[Recording, Hypnogram | None, Events | None]:
    """Return the recording with findings about its scoring, the stages and the events."""
    hypnogram, events = None, None
    findings: list[Finding] = []
    stages_from = events_from = "sidecar"
    codes = files.codes()
    named: dict[Wanted, Path | None] = {"stages": files.hypnogram, "events": files.events}
    wanted = [what for what, file in named.items() if file is None]
    if files.sidecar and wanted:
        scoring = read_sidecars(path, find_sidecars(path), recording.start, wanted, codes)
        hypnogram, events = scoring.hypnogram, scoring.events
        findings += scoring.findings
    elif len(wanted) == len(named):
        findings += unused_findings(find_sidecars(path))
    if files.hypnogram is not None:
        staged = read_any_scoring(files.hypnogram, recording.start, "stages", codes)
        hypnogram, stages_from = staged.hypnogram, files.hypnogram.name
        findings += staged.findings
    if files.events is not None:
        marked = read_any_scoring(files.events, recording.start, "events", codes)
        events, events_from = marked.events, files.events.name
        findings += marked.findings
    if codes is not None:
        hypnogram, events, found = _with_annotated(recording, (hypnogram, events), codes)
        findings += found
    if hypnogram is not None and recording.duration_s:
        findings += outside_findings(hypnogram, recording.duration_s, stages_from)
        hypnogram = align(hypnogram, recording.duration_s, where=stages_from)
    if events is not None:
        findings += events_outside(events, recording.duration_s, events_from)
    return recording.with_findings(*dict.fromkeys(findings)), hypnogram, events


def _with_annotated(
    recording: Recording, given: tuple[Hypnogram | None, Events | None], codes: StageCodes
) -> tuple[Hypnogram | None, Events | None, tuple[Finding, ...]]:
    """Return stages and events, those not given from the annotations of the recording by codes."""
    hypnogram, events = given
    found: tuple[Finding, ...] = ()
    if hypnogram is None:
        hypnogram, found = usable_stages(recording, codes)
    if events is None:
        events = events_from_annotations(recording.annotations, codes=codes)
    return hypnogram, events, found


def read_beside(files: NightFiles) -> tuple["ContextFile | None", "ReportedTest | None"]:
    """Return the clinical context and the immobilisation test, if given."""
    context, test = None, None
    if files.context is not None:
        # the models of a context load pydantic
        from psgkit.profile.context.read import read_context

        context = read_context(files.context)
    if files.sit is not None:
        from psgkit.sit.evidence import read_reported_test

        test = read_reported_test(files.sit)
    return context, test


def sleeper_of(context: "ContextFile | None") -> Sleeper:
    """Return age and sex of a clinical context, as far as they are known."""
    person = None if context is None else context.context.person
    if person is None:
        return Sleeper()
    return Sleeper(
        age_years=person.age,
        sex=person.sex,
        age_from="" if person.age is None else CONTEXT,
        sex_from="" if person.sex is None else CONTEXT,
    )


def with_beside(
    night: NightReport, context: "ContextFile | None", test: "ReportedTest | None"
) -> NightReport:
    """Return the report with clinical context and test in its profile."""
    if context is None and test is None:
        return night
    if test is not None:
        from psgkit.sit.evidence import beside_night

        night = beside_night(night, test)
    if context is None:
        return with_profile(night)
    findings = (*night.findings, *context.findings)
    known = replace(night, findings=findings, person=sleeper_of(context).filled_from(night.person))
    return with_profile(known, context.context)
