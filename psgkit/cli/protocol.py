"""``psgkit report --protocol``: a test with a protocol of its own, from recording to report."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit.cli.options import say
from psgkit.core.dataclass import dataclass
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.core.discomfort import Discomfort
    from psgkit.core.events import Events
    from psgkit.core.finding import Finding
    from psgkit.core.hypnogram import Hypnogram
    from psgkit.core.lab import Letterhead
    from psgkit.core.recording import Recording
    from psgkit.night.files import NightFiles
    from psgkit.profile.context.read import ContextFile
    from psgkit.report.sit.write import AnyTest
    from psgkit.review.of_test import ReviewedTest
    from psgkit.settings import Settings
    from psgkit.sit.report import MarkedPart, SitReport, SitSettings
    from psgkit.sit.rest_test import RestTestReport

REST_TEST = "rest-test"
NAMES = ("sit", "msit", REST_TEST)
SCALES = {"100": 100.0, "10": 10.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolOptions:
    """What was typed about the test; None where nothing was."""

    name: str | None = None
    from_: str | None = None
    to: str | None = None
    discomfort: Path | None = None
    scale: str | None = None
    parts: Path | None = None
    review: Path | None = None

    @property
    def is_rest_test(self) -> bool:
        """Return whether the test has parts lying, seated and standing."""
        return self.name == REST_TEST

    def check(self, given: Mapping[str, Any], recordings: list[Path]) -> None:
        """Raise ``SettingsError`` for options that do not go together.

        ``given`` are the options of a night.
        """
        own = {
            "--from": self.from_,
            "--to": self.to,
            "--discomfort": self.discomfort,
            "--scale": self.scale,
            "--parts": self.parts,
        }
        if self.name is None:
            _refuse(own, "without --protocol", "--protocol sit, msit or rest-test with it")
            return
        if self.name not in NAMES:
            raise SettingsError("--protocol", repr(self.name), f"one of {', '.join(NAMES)}")
        if self.is_rest_test:
            bounds = {"--from": self.from_, "--to": self.to}
            _refuse(
                bounds, "with --protocol rest-test", "--parts FILE, or annotations of the parts"
            )
        else:
            _refuse({"--parts": self.parts}, f"with --protocol {self.name}", "--from and --to")
        _refuse(given, f"with --protocol {self.name}", "--from and --to; the rules are those of it")
        if self.scale is not None and self.scale not in SCALES:
            raise SettingsError("--scale", repr(self.scale), f"one of {', '.join(SCALES)}")
        if len(recordings) > 1:
            raise SettingsError("--protocol", f"{len(recordings)} recordings", "one recording")


def _refuse(options: Mapping[str, Any], found: str, wanted: str) -> None:
    for name, value in options.items():
        if value is not None:
            raise SettingsError(name, f"the option {found}", wanted)


def analyse_protocol(
    path: Path,
    recording: "Recording",
    hypnogram: "Hypnogram | None",
    events: "Events | None",
    options: ProtocolOptions,
    settings: "SitSettings",
) -> "SitReport":
    """Return the report of the test in a recording that was read."""
    from psgkit.io.files import sha256_of
    from psgkit.io.text.clock import lights_window_s
    from psgkit.sit.report import PROTOCOLS, SitTest
    from psgkit.sit.test_window import find_part
    from psgkit.sit.walk import analyse_sit

    typed = (options.from_, options.to)
    names = ("--from", "--to")
    from_s, to_s = lights_window_s(typed, recording.start, recording.duration_s, names)
    part, findings = find_part(recording, events, from_s, to_s)
    answers, about = _answers(recording, part, options)
    test = SitTest(protocol=PROTOCOLS[str(options.name)], part=part, discomfort=answers)
    recording = recording.with_findings(*findings, *about)
    sha256, spans = sha256_of(path), [(part.from_s, part.to_s)]
    measured = None
    if options.review is not None:
        found = _reviewed(recording, (hypnogram, events), options.review, settings, spans, sha256)
        measured, hypnogram = found.measured, found.hypnogram
    report = analyse_sit(recording, test, hypnogram, settings, events=events, measured=measured)
    return replace(report, sha256=sha256)


def _reviewed(
    recording: "Recording",
    scoring: "tuple[Hypnogram | None, Events | None]",
    review: Path,
    settings: "SitSettings",
    spans: list[tuple[float, float]],
    sha256: str,
) -> "ReviewedTest":
    """Return the test as the reviewer of the recording corrected it."""
    import numpy as np

    from psgkit.review.of_test import reviewed_test
    from psgkit.review.review_file import read_review

    part = np.array(spans, dtype=np.float64)
    return reviewed_test(read_review(review), recording, scoring, settings, part, sha256)


def _answers(
    recording: "Recording", part: "MarkedPart", options: ProtocolOptions
) -> "tuple[Discomfort | None, tuple[Finding, ...]]":
    from psgkit.sit.read_discomfort import SCALES as USUAL
    from psgkit.sit.read_discomfort import read_discomfort

    if options.discomfort is None:
        return None, ()
    limit = SCALES[options.scale] if options.scale else USUAL[str(options.name)]
    during = (part.from_s, part.to_s)
    return read_discomfort(options.discomfort, during, recording.start, limit)


def analyse_parts(
    path: Path,
    recording: "Recording",
    hypnogram: "Hypnogram | None",
    events: "Events | None",
    options: ProtocolOptions,
    settings: "SitSettings",
) -> "RestTestReport":
    """Return the report of the rest test in a recording that was read."""
    import numpy as np

    from psgkit.detect.trace import TraceRecorder
    from psgkit.io.files import sha256_of
    from psgkit.sit.groups import measure_test
    from psgkit.sit.read_discomfort import read_discomfort
    from psgkit.sit.rest_parts import find_parts
    from psgkit.sit.rest_test import analyse_rest_test

    parts, findings = find_parts(recording, events, options.parts)
    answers: Discomfort | None = None
    about: tuple[Finding, ...] = ()
    if options.discomfort is not None:
        answers, about = read_discomfort(
            options.discomfort,
            (parts[0].from_s, parts[-1].to_s),
            recording.start,
            SCALES[options.scale or "10"],
        )
    recording = recording.with_findings(*findings, *about)
    sha256, spans = sha256_of(path), [(one.from_s, one.to_s) for one in parts]
    if options.review is None:
        measured = measure_test(recording, settings, np.array(spans), events, TraceRecorder())
    else:
        found = _reviewed(recording, (hypnogram, events), options.review, settings, spans, sha256)
        measured, hypnogram = found.measured, found.hypnogram
    report = analyse_rest_test(recording, parts, answers, hypnogram, settings, measured=measured)
    return replace(report, sha256=sha256)


def test_of_file(
    path: Path, files: "NightFiles", settings: "Settings", options: ProtocolOptions
) -> "AnyTest":
    """Return the report of the test in a recording, with the answers of a context if one is given.

    ``files`` are the hypnogram, events, channel map and context beside the recording.
    """
    from psgkit.cli.options import busy
    from psgkit.io.read import read_recording
    from psgkit.night.files import with_scoring
    from psgkit.profile.context.read import read_context
    from psgkit.sit.report import SitSettings

    context = None if files.context is None else read_context(files.context)
    with busy(f"{path.name}: reading and detecting"):
        recording = read_recording(path, files.channels)
        recording, hypnogram, events = with_scoring(path, recording, files)
        own = SitSettings(emg=settings.emg, accelerometer=settings.accelerometer)
        analyse = analyse_parts if options.is_rest_test else analyse_protocol
        found: AnyTest = analyse(path, recording, hypnogram, events, options, own)
    return found if context is None else _with_context(found, context)


def _with_context(report: "AnyTest", file: "ContextFile") -> "AnyTest":
    """Return the report with the answers in a file, and with what was found in it."""
    from psgkit.sit.evidence import with_test_profile
    from psgkit.sit.rest_test import RestTestReport, with_context

    findings = (*report.findings, *file.findings)
    if isinstance(report, RestTestReport):
        return with_context(replace(report, findings=findings), file.context)
    return with_test_profile(replace(report, findings=findings), file.context)


def deliver_test(
    report: "AnyTest",
    folder: Path | None,
    *,
    as_json: bool,
    pdf: bool = False,
    full: bool = False,
    quiet: bool = False,
    letterhead: "Letterhead | None" = None,
) -> None:
    """Write the files and name them, and print the report, unless it shall be ``quiet``."""
    from psgkit.cli.options import printed_width
    from psgkit.document.masking import masked
    from psgkit.report.sit.write import json_of_test, text_of_test, write_test

    kept = masked(report)
    if folder is not None:
        written = write_test(kept, folder, pdf=pdf, letterhead=letterhead)
        if not quiet:
            say(*(f"wrote {path}" for path in written))
    if as_json:
        sys.stdout.write(json_of_test(kept))
    elif not quiet:
        colour = sys.stdout.isatty()
        shown = text_of_test(report, width=printed_width(), colour=colour, full=full)
        sys.stdout.write(shown)
