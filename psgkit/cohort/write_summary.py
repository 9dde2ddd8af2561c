"""Summary of a cohort into a folder: complete files or none."""

import os
from pathlib import Path

from psgkit.cohort.distribution_sections import index_pictures
from psgkit.cohort.page import page_about_cohort
from psgkit.cohort.summary import CohortSummary
from psgkit.cohort.summary_json import cohort_as_json, cohort_csvs
from psgkit.report.html import page_as_html
from psgkit.report.write import write_texts


def write_summary(summary: CohortSummary, batch: str | Path, folder: str | Path) -> list[Path]:
    """Return the files written into ``folder``, ``cohort.json`` last.

    Parameters
    ----------
    summary : CohortSummary
    batch : path
        Folder of the batch, which the page leads to.
    folder : path
        Made if it is not there; it may be that of the batch.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    page = page_about_cohort(summary, home=_way(Path(folder), Path(batch)))
    texts = {
        **cohort_csvs(summary),
        "cohort.html": page_as_html(page, pictures=index_pictures(summary)),
        "cohort.json": cohort_as_json(summary),
    }
    return write_texts(texts, Path(folder))


def _way(start: Path, end: Path) -> tuple[str, ...]:
    """Return the steps from one folder to the other; none if it is the same."""
    way = os.path.relpath(end.resolve(), start.resolve())
    return tuple(step for step in Path(way).parts if step != os.curdir)
