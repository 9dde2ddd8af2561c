"""``psgkit score``: manually scored movements to series and indices; no signals needed."""

from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import (
    AsJson,
    AsPdf,
    Full,
    HypnogramFile,
    OutFolder,
    RulesName,
    SettingsFile,
    refuse_pdf_without_folder,
    settings_of,
)


def score(
    events: Annotated[
        Path,
        typer.Argument(metavar="EVENTS", help="Table onset_s,duration_s,kind,site with kind lm."),
    ],
    hypnogram: HypnogramFile = None,
    rules: RulesName = None,
    settings: SettingsFile = None,
    out: OutFolder = None,
    pdf: AsPdf = False,
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    """Score movements that were marked by hand or by another program.

    \b
    Examples:
      psgkit score events.csv --hypnogram stages.csv
      psgkit score events.csv --hypnogram stages.csv --rules aasm3 --json
    """
    from dataclasses import replace

    from psgkit.cli.report import deliver
    from psgkit.core.events import Events
    from psgkit.io.files import sha256_of
    from psgkit.io.scoring.build import on_one_clock
    from psgkit.io.scoring.read import read_scoring
    from psgkit.night.scored import score_night

    refuse_pdf_without_folder(out, pdf=pdf)
    chosen = settings_of(settings, rules)
    found = read_scoring(events, wanted="events")
    findings = found.findings
    if hypnogram is not None:
        staged = read_scoring(hypnogram, wanted="stages")
        found, staged = on_one_clock(found, staged)
        findings = tuple(dict.fromkeys((*findings, *staged.findings)))
        stages = staged.hypnogram
    else:
        # files of scoring programs hold both
        stages = found.hypnogram
    night = score_night(found.events or Events.none(), stages, chosen)
    night = replace(
        night,
        source=events.name,
        start=found.start,
        sha256=sha256_of(events),
        findings=(*findings, *night.findings),
    )
    deliver(night, out, as_json=as_json, pdf=pdf, full=full, lab=chosen.lab)
