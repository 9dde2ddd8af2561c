"""Files and text of a test: of an immobilisation test, or of one lying, seated and standing."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.lab import Letterhead
from psgkit.document.masking import masked
from psgkit.report.figures.rest_test import rest_test_figure
from psgkit.report.html.page import page_as_html
from psgkit.report.page_model import Figure, Page
from psgkit.report.pdf.typeset import page_as_pdf
from psgkit.report.sit.document import sit_as_json, sit_movements_csv
from psgkit.report.sit.page import page_about_sit
from psgkit.report.sit.rest_document import rest_movements_csv, rest_test_as_json
from psgkit.report.sit.rest_page import page_about_rest_test
from psgkit.report.terminal import page_as_text
from psgkit.report.write import encoded, write_contents
from psgkit.sit.report import SitReport
from psgkit.sit.rest_test import RestTestReport

AnyTest: TypeAlias = SitReport | RestTestReport


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forms:
    """How one test is shown; ``stem`` begins the names of its files."""

    stem: str
    page: Page
    as_json: Callable[[], str]
    movements_csv: Callable[[], str]
    figure: Figure | None = None


def _forms_of(report: AnyTest, *, drawn: bool = False) -> _Forms:
    """Return the forms of a report; its figure only if it shall be ``drawn``."""
    if isinstance(report, RestTestReport):
        return _Forms(
            stem="rest_test",
            page=page_about_rest_test(report),
            as_json=lambda: rest_test_as_json(report),
            movements_csv=lambda: rest_movements_csv(report),
            figure=rest_test_figure(report) if drawn else None,
        )
    return _Forms(
        stem="sit",
        page=page_about_sit(report),
        as_json=lambda: sit_as_json(report),
        movements_csv=lambda: sit_movements_csv(report),
    )


def text_of_test(
    report: AnyTest, *, width: int = 100, colour: bool = False, full: bool = True
) -> str:
    """Return the report as lines of at most ``width`` characters; see ``night_as_text``."""
    return page_as_text(_forms_of(report).page, width=width, colour=colour, full=full)


def json_of_test(report: AnyTest) -> str:
    """Return the report as JSON text."""
    return _forms_of(report).as_json()


def write_test(
    report: AnyTest,
    folder: str | Path,
    *,
    pdf: bool = False,
    letterhead: Letterhead | None = None,
) -> list[Path]:
    """Write the report into ``folder``, its JSON last, and return the files.

    ``letterhead`` says on page and PDF who made them, and whose test it is.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    forms = _forms_of(masked(report), drawn=True)
    stem, page, figure = forms.stem, forms.page.headed(letterhead), forms.figure
    texts = {f"{stem}_movements.csv": forms.movements_csv()}
    if figure is not None:
        texts[f"{stem}.svg"] = figure.svg
    texts[f"{stem}.html"] = page_as_html(page, figure)
    texts[f"{stem}.json"] = forms.as_json()
    contents = {f"{stem}.pdf": page_as_pdf(page, figure, report.start)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))
