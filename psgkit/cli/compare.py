"""``psgkit compare``: how well two scorings of one night agree."""

import math
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import StageCodesText, codes_of, say


def compare(
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="What to compare with.")],
    candidates: Annotated[
        list[Path], typer.Argument(metavar="CANDIDATE...", help="Scorings to judge, one or more.")
    ],
    tolerance: Annotated[
        float, typer.Option(metavar="SECONDS", help="Onsets this far apart still match.")
    ] = 0.5,
    stage_codes: StageCodesText = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write a page, tables (CSV) and the JSON into it."),
    ] = None,
) -> None:
    """Compare scorings with a reference: movements, other events and stages that both state.

    A file is a report.json, a table of events or of stages, an EDF+ with annotations, or what
    RemLogic, DOMINO, Noxturnal, Compumedics, NSRR, Embla or Luna write, or a review of psgkit.

    \b
    Examples:
      psgkit compare truth.csv report.json
      psgkit compare scorer1.edf scorer2.edf --json
      psgkit compare scorer1.edf scorer2.edf scorer3.edf --out agreement
      psgkit compare night_review/review.jsonl night_review/review_blind_CD.jsonl
      psgkit compare events-by-hand.csv night-report/report.json --tolerance 1
    """
    from psgkit.agreement.comparison import compare_scorings
    from psgkit.errors import SettingsError
    from psgkit.report.agreement import agreement_as_json, agreement_as_text
    from psgkit.review.compare import read_scored_or_reviewed
    from psgkit.review.review_file import is_review_file

    if not 0 <= tolerance < math.inf:
        wanted = "a finite number of seconds, 0 or more"
        raise SettingsError("--tolerance", f"{tolerance:g}", wanted)
    codes = codes_of(stage_codes)
    first = read_scored_or_reviewed(reference, codes=codes)
    if as_json and len(candidates) > 1:
        found = f"{len(candidates)} candidates"
        advice = "Name one candidate, or --out FOLDER for a JSON file of each."
        raise SettingsError("--json", found, "one candidate", advice=advice)
    documents = [
        compare_scorings(
            first,
            read_scored_or_reviewed(candidate, first.start, codes),
            onset_tolerance_s=tolerance,
        )
        for candidate in candidates
    ]
    texts = (agreement_as_json(one) if as_json else agreement_as_text(one) for one in documents)
    sys.stdout.write("\n".join(texts))
    if out is not None:
        from psgkit.report.agreement_page import write_agreement

        for path in write_agreement(documents, out):
            say(f"wrote {path}")
    reviews = [one for one in (reference, *candidates) if is_review_file(one)]
    if len(reviews) == len(candidates) + 1 == 2:  # noqa: PLR2004 - a consensus is of two
        files = " ".join(shlex.quote(str(path)) for path in reviews)
        how = f"To step through where they differ: psgkit review RECORDING --consensus {files}"
        say(how)
