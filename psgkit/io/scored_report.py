"""Read what a night report (``report.json``) says that another scoring can be compared with."""

import os
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.io.report_document import head_of, open_report
from psgkit.io.report_fields import inside
from psgkit.io.report_tables import hypnogram_of, movements_of

MUSCLE_MODALITIES = ("emg", "scored")
"""What is comparable with movements that somebody scored in the EMG."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredReport:
    """What a night report says that can be compared: movements as events of kind ``lm``, stages."""

    events: Events
    hypnogram: Hypnogram | None
    start: datetime | None
    rules_name: str
    findings: tuple[Finding, ...]


def read_scored_report(path: str | os.PathLike[str]) -> ScoredReport:
    """Return the movements and the stages of a night report.

    Movements that an accelerometer found are left out, and a finding says so: they are not
    comparable with those of the EMG.

    Raises
    ------
    InputFileError
        If the file is no JSON, of another schema, or a field of it is broken.
    """
    document = open_report(path)
    head, found = head_of(document), movements_of(inside(document, "movements"))
    kept = found.where(np.isin(found.modality, MUSCLE_MODALITIES))
    left_out_n = len(found) - len(kept)
    message = f"{left_out_n} movements of accelerometers are left out: not comparable with EMG"
    left_out = (Finding("info", "report.modality", document.file, message),)
    return ScoredReport(
        events=Events.of(kept.onset_s, kept.end_s, ["lm"] * len(kept), kept.site),
        hypnogram=hypnogram_of(document),
        start=head.start,
        rules_name=head.rules_name,
        findings=left_out if left_out_n else (),
    )
