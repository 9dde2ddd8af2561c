"""Every kind of report, and what a reader sees of it on the terminal, in HTML and in the PDF."""

import html
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pypdf

from psgkit.agreement.comparison import compare_scorings
from psgkit.agreement.sources import read_scored
from psgkit.check.as_json import files_as_json
from psgkit.check.as_text import file_as_text, files_as_lines
from psgkit.check.survey import CheckedFile, check_file
from psgkit.cohort.summary.distribution_sections import index_pictures
from psgkit.cohort.summary.document import cohort_as_json
from psgkit.cohort.summary.page import page_about_cohort
from psgkit.cohort.summary.summarise import CohortSummary, summarise_cohort
from psgkit.core.days.days_report import DaysReport
from psgkit.core.discomfort import Discomfort
from psgkit.core.night_report import NightReport, Profile
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.days.settings import DaysSettings
from psgkit.days.walk import days_of_file
from psgkit.document.read import read_report
from psgkit.document.write import night_as_json
from psgkit.followup.reported import read_reported_nights
from psgkit.followup.walk import NightCourse, follow_nights
from psgkit.io.actigraphy.read import DayOptions
from psgkit.io.edf.write import write_edf
from psgkit.io.read import read_recording
from psgkit.profile.context.read import read_context
from psgkit.report.agreement import agreement_as_json, agreement_as_text
from psgkit.report.context import context_page
from psgkit.report.days.document import days_as_json
from psgkit.report.days.page import page_about_days
from psgkit.report.figures.actogram import actogram_figure
from psgkit.report.figures.nights import nights_figure
from psgkit.report.followup.document import nights_as_json
from psgkit.report.followup.page import page_about_nights
from psgkit.report.html.page import night_as_html, page_as_html
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.pdf.typeset import page_as_pdf
from psgkit.report.sit.document import sit_as_json
from psgkit.report.sit.page import page_about_sit
from psgkit.report.terminal import night_as_text, page_as_text
from psgkit.sit.evidence import with_test_profile
from psgkit.sit.report import PROTOCOLS, SitReport, SitTest
from psgkit.sit.test_window import MarkedPart
from psgkit.sit.walk import analyse_sit
from tests.cohort.cohort_fixtures import Night, simulated_report, with_values, write_cohort

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
CONTEXT = SAMPLES / "case" / "context.toml"
WIDE = 4000
"""Characters of a line on the terminal, so that none is broken."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A report as a reader sees it, and as JSON."""

    terminal: str
    html: str
    json: str
    pdf: str = ""

    @property
    def seen(self) -> dict[str, str]:
        """The renderings that a person reads, by name."""
        named = {"terminal": self.terminal, "HTML": self.html, "PDF": self.pdf}
        return {name: shown for name, shown in named.items() if shown}


def seen_in_html(page: str) -> str:
    """Return what a browser shows of a page, and what it says to those who only hear it."""
    page = re.sub(r"<style>.*?</style>|<pre.*?</pre>", " ", page, flags=re.DOTALL)
    labels = re.findall(r'(?:aria-label|title)="([^"]*)"', page)
    data = re.search(r'id="night-data">(.*?)</script>', page)
    said = list(_shown_by_program(json.loads(data[1]))) if data else []
    page = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    return html.unescape("\n".join((re.sub(r"<[^>]*>", "\n", page), *labels, *said)))


def _shown_by_program(night: Any) -> Iterator[str]:  # noqa: ANN401 - what JSON holds
    """Yield what the program of a page can show of its data."""
    # the program fills in what stands in braces
    yield from (re.sub(r"\{\w+\}", " ", words) for words in night["words"].values())
    for lane in night["lanes"]:
        yield lane["title"]
        yield from lane.get("words", ())


def seen_in_pdf(pdf: bytes) -> str:
    """Return the text of a PDF."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def night(report: NightReport) -> Rendered:
    return Rendered(
        terminal=night_as_text(report, width=WIDE),
        html=seen_in_html(night_as_html(report)),
        pdf=seen_in_pdf(night_as_pdf(report)),
        json=night_as_json(report),
    )


def nights(course: NightCourse) -> Rendered:
    page, figure = page_about_nights(course, every_index=True), nights_figure(course)
    return Rendered(
        terminal=page_as_text(page, width=WIDE),
        html=seen_in_html(page_as_html(page, figure)),
        pdf=seen_in_pdf(page_as_pdf(page_about_nights(course), figure)),
        json=nights_as_json(course),
    )


def days(report: DaysReport) -> Rendered:
    page, figure = page_about_days(report), actogram_figure(report)
    return Rendered(
        terminal=page_as_text(page, width=WIDE),
        html=seen_in_html(page_as_html(page, figure)),
        pdf=seen_in_pdf(page_as_pdf(page, figure)),
        json=days_as_json(report),
    )


def sit(report: SitReport) -> Rendered:
    page = page_about_sit(report)
    return Rendered(
        terminal=page_as_text(page, width=WIDE),
        html=seen_in_html(page_as_html(page)),
        pdf=seen_in_pdf(page_as_pdf(page)),
        json=sit_as_json(report),
    )


def cohort(summary: CohortSummary) -> Rendered:
    page = page_about_cohort(summary)
    return Rendered(
        terminal=page_as_text(page_about_cohort(summary, brief=True), width=WIDE),
        html=seen_in_html(page_as_html(page, pictures=index_pictures(summary))),
        json=cohort_as_json(summary),
    )


def agreement(document: Any) -> Rendered:  # noqa: ANN401
    said = agreement_as_text(document, width=WIDE)
    return Rendered(terminal=said, html="", json=agreement_as_json(document))


def context(_: None = None) -> Rendered:
    page = context_page(read_context(CONTEXT))
    return Rendered(terminal=page_as_text(page, width=WIDE), html="", json="{}")


def checked(files: list[CheckedFile]) -> Rendered:
    pages = [file_as_text(file, width=WIDE) for file in files]
    said = "\n".join((*pages, files_as_lines(files)))
    return Rendered(terminal=said, html="", json=files_as_json(files))


@cache
def some_files() -> list[CheckedFile]:
    """Return a night with gaps and dead, unknown and humming channels, a web page, a sample."""
    random = np.random.default_rng(1)
    hum = 50 * np.sin(2 * np.pi * 50 * np.arange(18000) / 200)
    samples = {
        "EMG LAT": random.normal(0, 2, 18000),
        "EMG RAT": np.zeros(18000),
        "ECG": hum + random.normal(0, 2, 18000),
        "SpO2": np.full(18000, 97.0),
        "Thing": random.normal(0, 2, 18000),
    }
    channels = tuple(
        Channel(label=label, rate_hz=200.0, samples=values.astype(np.float32), unit="uV")
        for label, values in samples.items()
    )
    segments = (
        Segment(start_s=0.0, duration_s=60.0),
        Segment(start_s=120.0, duration_s=30.0),
    )
    whole = (Segment(start_s=0.0, duration_s=90.0),)
    night = Recording(source="", start=None, segments=whole, channels=channels)
    with TemporaryDirectory() as folder:
        good, bad = Path(folder) / "night.edf", Path(folder) / "page.edf"
        write_edf(night, good, note="SIMULATED rls")
        bad.write_bytes(b"<html>")
        with_gaps = replace(check_file(good), segments=segments)
        return [with_gaps, check_file(bad), check_file(SAMPLES / "rls" / "night.edf")]


@cache
def a_course() -> NightCourse:
    """Return three nights of one person with their doses."""
    paths = sorted((SAMPLES / "case").glob("night-*.json"))
    found, told = read_reported_nights(paths)
    return follow_nights(found, read_context(CONTEXT), about_reports=told)


@cache
def a_week() -> DaysReport:
    """Return the days of the sample of counts."""
    folder = SAMPLES / "days"
    options = DayOptions(zone="Europe/Berlin", diary=folder / "diary.csv")
    return days_of_file(folder / "counts.csv", options, DaysSettings(count_scale=0.0022))


@cache
def a_test() -> SitReport:
    """Return eight minutes of the akathisia sample as an immobilisation test."""
    recording = read_recording(SAMPLES / "akathisia" / "night.edf")
    part = MarkedPart(from_s=0.0, to_s=480.0, source="--from, --to")
    answers = Discomfort.of([0.0, 240.0, 480.0], [10, 20, 60])
    test = SitTest(protocol=PROTOCOLS["sit"], part=part, discomfort=answers)
    found = analyse_sit(recording, test, None)
    return with_test_profile(found, read_context(CONTEXT).context)


@cache
def a_cohort() -> CohortSummary:
    """Return two groups with values that vary, a night that failed, a value that is missing."""
    random = np.random.default_rng(4)
    made = []
    for k in range(16):
        values = {
            "legs__plms_index": None if k == 3 else float(random.gamma(2, 3 + 9 * (k % 2))),
            "sleep__tst_min": 400.0 if k != 5 else 9000.0,
        }
        report = None if k == 15 else with_values(simulated_report(), values)
        group = {"group": ("Cases", "Controls")[k // 2 % 2]}
        made.append(Night(night_id=f"n{k}", subject=f"s{k // 2}", extra=group, report=report))
    with TemporaryDirectory() as folder:
        return summarise_cohort(write_cohort(Path(folder) / "study", made), "group")


@cache
def an_agreement() -> Any:  # noqa: ANN401
    """Return two scorings with events and stages, and what only one of them has."""
    rls = SAMPLES / "rls"
    first = read_scored(rls / "night.edf")
    return compare_scorings(first, read_scored(rls / "hypnogram.csv", first.start))


REPORTS: dict[str, tuple[Callable[[Any], Rendered], Callable[[], Any]]] = {
    "night": (night, lambda: read_report(SAMPLES / "case" / "night-2.json")),
    "nights": (nights, a_course),
    "days": (days, a_week),
    "test": (sit, a_test),
    "cohort": (cohort, a_cohort),
    "agreement": (agreement, an_agreement),
    "context": (context, lambda: None),
    "check": (checked, some_files),
}
"""How each kind is rendered, and what makes one of it."""


def rendered(kind: str, *, with_profile: bool = True) -> Rendered:
    """Return a report of a kind in the language of the moment."""
    render, make = REPORTS[kind]
    made = make()
    if not with_profile and hasattr(made, "profile"):
        made = replace(made, profile=Profile(statement=""))
    if not with_profile and isinstance(made, NightCourse):
        made = replace(made, answer=None)
    return render(made)
