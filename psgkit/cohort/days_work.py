"""What a worker does with a recording of days: the report of ``psgkit days``, and its rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from psgkit.analysis.days_settings import DaysSettings
from psgkit.cohort.days_rows import write_day_rows
from psgkit.cohort.masked_names import renaming
from psgkit.cohort.planned import DaysFiles, PlannedNight
from psgkit.cohort.rows import ROWS_FILE
from psgkit.core.days_report import DaysReport
from psgkit.core.finding import Finding
from psgkit.days import days_of_file
from psgkit.io.actigraphy.read import DayOptions
from psgkit.report.days_write import write_days


def report_of_days(night: PlannedNight, days: DaysFiles, settings: DaysSettings) -> DaysReport:
    """Return the report of a recording of days under the name it has here.

    Raises
    ------
    PsgkitError
        If a file cannot be used.
    """
    if days.count_scale is not None:
        settings = replace(settings, count_scale=days.count_scale)
    report = days_of_file(night.recording, options_of(night, days), settings)
    rename = renaming(night)
    return replace(
        report,
        source=rename(report.source),
        findings=tuple(_renamed(report.findings, rename)),
    )


def options_of(night: PlannedNight, days: DaysFiles) -> DayOptions:
    """Return what a recording of days does not say itself."""
    return DayOptions(
        zone=days.zone,
        diary=days.diary,
        markers=days.markers,
        clock=days.clock,
        channels=night.files.channels,
        day_first={"dmy": True, "mdy": False}.get(days.dates),
    )


def write_about_days(report: DaysReport, folder: Path, *, pdf: bool) -> None:
    """Write everything about a recording of days into its folder."""
    write_days(report, folder, pdf=pdf)
    write_day_rows(report, folder / ROWS_FILE)


def _renamed(findings: tuple[Finding, ...], rename: Callable[[str], str]) -> Iterator[Finding]:
    for one in findings:
        yield replace(one, where=rename(one.where), message=rename(one.message))
