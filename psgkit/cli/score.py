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
    StageCodesText,
    codes_of,
    refuse_pdf_without_folder,
    settings_of,
)


def score(
    events: Annotated[
        Path,
        typer.Argument(metavar="EVENTS", help="Table onset_s,duration_s,kind,site with kind lm."),
    ],
    hypnogram: HypnogramFile = None,
    stage_codes: StageCodesText = None,
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
      psgkit score events.csv --hypnogram stages.txt --stage-codes "0=W,1=R,2=N1,3=N2,4=N3,5=N3"
    """
    from dataclasses import replace

    from psgkit.cli.report import deliver
    from psgkit.core.events import Events
    from psgkit.document.scoring import read_any_scoring
    from psgkit.io.files import sha256_of
    from psgkit.io.scoring.build import on_one_clock
    from psgkit.night.scored import score_night

    refuse_pdf_without_folder(out, pdf=pdf)
    chosen = settings_of(settings, rules)
    codes = codes_of(stage_codes)
    # files of scoring programs hold both; of a table that is given with stages, events are wanted
    found = read_any_scoring(events, wanted=None if hypnogram is None else "events", codes=codes)
    if found.events is None and found.hypnogram is not None:
        found = read_any_scoring(events, wanted="events", codes=codes)
    findings = found.findings
    if hypnogram is not None:
        staged = read_any_scoring(hypnogram, wanted="stages", codes=codes)
        found, staged = on_one_clock(found, staged)
        findings = tuple(dict.fromkeys((*findings, *staged.findings)))
        stages = staged.hypnogram
    else:
        stages = found.hypnogram
    lasts_s = found.duration_s or 0.0
    night = score_night(found.events or Events.none(), stages, chosen, duration_s=lasts_s)
    night = replace(
        night,
        source=events.name,
        start=found.start,
        sha256=sha256_of(events),
        findings=(*findings, *night.findings),
    )
    deliver(night, out, as_json=as_json, pdf=pdf, full=full, lab=chosen.lab)
