"""The indices of an immobilisation test that go into a profile.

A test has a separate profile, and its indices are added to a night as the group ``sit``.  They come
from an analysed test or from its report (``sit.json``), with the same values.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.index_catalogue import unit_of
from psgkit.core.night_report import NightReport
from psgkit.document.read import indices_of, named_indices, read_sit_document, start_of
from psgkit.io.text.read import file_name
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.items import TEST_GROUP
from psgkit.profile.evidence.of_night import profile_of_test
from psgkit.sit.report import PROTOCOLS, Protocol, SitReport

_MINUTE_S = 60.0
_RATES_OF = "legs"


@dataclass(frozen=True, kw_only=True, slots=True)
class SitFigures:
    """The results of a test that evidence uses.

    Attributes
    ----------
    protocol : Protocol
    awake_s : float
        Seconds of the test that count.
    legs, rhythm : mappings of name to Index
    discomfort : Index
        Mean of all answers.
    """

    protocol: Protocol
    awake_s: float
    legs: Mapping[str, Index]
    rhythm: Mapping[str, Index]
    discomfort: Index

    def indices(self) -> dict[str, Index]:
        """Return the indices of the group ``sit`` of a report.

        Published means of discomfort use one scale (a line of 100 mm in the SIT, 0 to 10 in the
        m-SIT); answers on another scale give no value.
        """
        protocol = self.protocol
        chosen = {
            name: self.legs[name]
            for name in (protocol.index_older, protocol.index_newer)
            if name in self.legs
        }
        name = f"{protocol.name}_discomfort_mean"
        awake = Index.plain("test_awake_min", self.awake_s / _MINUTE_S)
        shown = (awake, *chosen.values(), self._discomfort(name), *self.rhythm.values())
        return {index.name: index for index in shown}

    def _discomfort(self, name: str) -> Index:
        unit, found = unit_of(name), self.discomfort
        if found.value is None:
            return Index.missing(name, str(found.reason))
        if found.unit != unit:
            why = f"answered in {found.unit}; published values of this test are in {unit}"
            return Index.missing(name, why)
        return Index.plain(name, found.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedTest:
    """A test as its report (``sit.json``) states it; ``recording`` is the name of its file."""

    file: str
    recording: str | None
    start: datetime | None
    figures: SitFigures


def figures_of(report: SitReport) -> SitFigures:
    """Return the figures of a test."""
    return SitFigures(
        protocol=report.test.protocol,
        awake_s=report.awake_s,
        legs=report.indices.get(_RATES_OF, {}),
        rhythm=report.rhythm,
        discomfort=report.discomfort["all"].mean,
    )


def with_test_profile(report: SitReport, context: Context | None = None) -> SitReport:
    """Return the report with its profile; ``context`` adds answers of the patient."""
    simulated = any(finding.says_simulated for finding in report.findings)
    indices = figures_of(report).indices()
    return replace(report, profile=profile_of_test(indices, context, simulated=simulated))


def read_reported_test(path: str | os.PathLike[str]) -> ReportedTest:
    """Return the figures in the report of a test (``sit.json``, schema ``psgkit.sit/1``).

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON, of another schema, or a field of it is broken.
    """
    found = read_sit_document(path)
    protocol, recording, discomfort = found["protocol"], found["recording"], found["discomfort"]
    return ReportedTest(
        file=file_name(path),
        recording=recording["file"],
        start=start_of(recording),
        figures=SitFigures(
            protocol=PROTOCOLS[protocol["name"]],
            awake_s=protocol["awake_s"],
            legs=indices_of(found["indices"]).get(_RATES_OF, {}),
            # reports of the first versions lack it
            rhythm=named_indices(found.get("rhythm", {})),
            discomfort=Index(
                name="discomfort_mean",
                value=discomfort["mean"],
                unit=discomfort["unit"] or "",
                reason=discomfort["reason"],
            ),
        ),
    )


def beside_night(night: NightReport, test: ReportedTest) -> NightReport:
    """Return the report of a night with the indices of a test; its profile stays unchanged."""
    when = "date unknown" if test.start is None else f"of {test.start:%Y-%m-%d %H:%M}"
    message = (
        f"immobilisation test {test.recording or ''} ({when}) beside this night: another "
        "recording; that it is of the same person is not checked"
    )
    found = Finding("info", "night.sit", test.file, message)
    indices = {**night.indices, TEST_GROUP: test.figures.indices()}
    return replace(night, indices=indices, findings=(*night.findings, found))
