"""``psgkit cohort``: the nights of a batch summarised, groups compared."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import OutFolder, say


def cohort(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="What psgkit batch wrote with --out."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Column that makes the groups, of the manifest or of nights.parquet; "
            "default group, if there is one.",
        ),
    ] = None,
    index: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Index to compare, such as legs__plms_index, in place of the usual ones; repeat.",
        ),
    ] = None,
    stages: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="scored or estimated: take indices of sleep from nights with such stages alone.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="What psgkit batch was given: name its files in cohort.html, and say how to "
            "review each night. For a page that stays on this computer.",
        ),
    ] = None,
    out: OutFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print what every column of the tables is, and stop.")
    ] = False,
) -> None:
    """Summarise the nights of a batch: what failed and why, indices by group, nights to look at.

    Brings nights.parquet, indices.parquet, movements.parquet and findings.parquet (and the CSV
    files beside them) up to date first. The summary is written into DIR, or into --out:
    cohort.html, cohort.json, cohort.csv and three more tables. cohort.html lists all nights, to
    search and to sort. Groups are compared by effect sizes
    and by rank tests that are corrected for their number; it is never a diagnosis.

    \b
    Examples:
      psgkit cohort results
      psgkit cohort results --by sex --out summary
      psgkit cohort results --stages scored
      psgkit cohort results --source nights
      psgkit cohort results --index legs__plms_index --index arms__plms_index --json
      psgkit cohort --schema
    """
    if schema:
        from psgkit.cohort.tables.schema import schema_as_text

        sys.stdout.write(schema_as_text())
        return
    if folder is None:
        raise typer.BadParameter("missing: the folder that psgkit batch wrote", param_hint="DIR")
    from psgkit.cli.options import printed_width
    from psgkit.cohort.summary.document import cohort_as_json
    from psgkit.cohort.summary.night_list import local_nights, refuse_other_source
    from psgkit.cohort.summary.page import page_about_cohort, write_summary
    from psgkit.cohort.summary.summarise import MAIN, summarise_cohort
    from psgkit.report.terminal import page_as_text

    summary = summarise_cohort(folder, by, index or MAIN, stages=stages)
    known = {} if source is None else local_nights(source, folder)
    if source is not None:
        refuse_other_source(source, known, summary.nights)
    written = write_summary(summary, folder, folder if out is None else out, known)
    say(*(f"wrote {path}" for path in written))
    if as_json:
        sys.stdout.write(cohort_as_json(summary))
    else:
        page = page_about_cohort(summary, brief=True)
        sys.stdout.write(page_as_text(page, width=printed_width(), colour=sys.stdout.isatty()))
