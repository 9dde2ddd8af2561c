"""``psgkit compare``: how well two scorings of one night agree."""

import math
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import StageCodesText, codes_of
from psgkit.document.outside_text import visible


def compare(
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="What to compare with.")],
    candidate: Annotated[Path, typer.Argument(metavar="CANDIDATE", help="Scoring to judge.")],
    tolerance: Annotated[
        float, typer.Option(metavar="SECONDS", help="Onsets this far apart still match.")
    ] = 0.5,
    stage_codes: StageCodesText = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare two scorings: movements, other events and stages that both state.

    A file is a report.json, a table of events or of stages, an EDF+ with annotations, or what
    RemLogic, DOMINO, Noxturnal, Compumedics, NSRR, Embla or Luna write, or a review of psgkit.

    \b
    Examples:
      psgkit compare truth.csv report.json
      psgkit compare scorer1.edf scorer2.edf --json
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
    second = read_scored_or_reviewed(candidate, first.start, codes)
    found = compare_scorings(first, second, onset_tolerance_s=tolerance)
    sys.stdout.write(agreement_as_json(found) if as_json else agreement_as_text(found))
    if is_review_file(reference) and is_review_file(candidate):
        files = " ".join(shlex.quote(str(path)) for path in (reference, candidate))
        say = f"To step through where they differ: psgkit review RECORDING --consensus {files}"
        sys.stderr.write(f"{visible(say)}\n")
