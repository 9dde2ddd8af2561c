"""PDFs as a reader sees them: the words of each sheet, and where on the paper they stand."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import pypdf
from PIL import ImageFont

from psgkit.core.caution import Caution
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.report.pdf.night import night_as_pdf
from tests.report.night_fixtures import hostile_night
from tests.report.test_figures import NIGHTS


def wordy_night() -> NightReport:
    """Return a night with as many rows in as many sections as nights have at most."""
    report = NIGHTS["3000 movements"]()
    sensors = {f"accelerometer_{name}": report.indices["legs"] for name in ("lumbar", "left_wrist")}
    profile = replace(report.profile, evidence=report.profile.evidence * 9)
    said = f"{report.findings[0].message}, and why it matters for what is counted" * 2
    cautions = tuple(
        Caution(
            code="emg.high_rest", severity="warning", message=f"{said} {k}.", concerns=("legs",)
        )
        for k in range(12)
    )
    parts = dict.fromkeys(("arms", "trunk", "whole_body"), report.indices["legs"])
    indices = {**report.indices, **parts, **sensors}
    return replace(report, indices=indices, profile=profile, cautions=cautions)


PRINTED: dict[str, Callable[[], NightReport]] = {
    # 576 changes of stage take long to read back
    **{name: make for name, make in NIGHTS.items() if name != "24 hours"},
    "hostile": hostile_night,
    "wordy": wordy_night,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """Text of a sheet, its size, and each run of words: left and right edge, and base line."""

    text: str
    width: float
    height: float
    runs: tuple[tuple[str, float, float, float], ...]

    @property
    def flat(self) -> str:
        """The text on one line."""
        return " ".join(self.text.split())


@cache
def night_sheets(name: str, paper: str = "a4") -> list[Sheet]:
    """Return the sheets of a night of ``PRINTED``, printed by a laboratory."""
    letterhead = Letterhead(name="Sleep laboratory", paper=paper)
    return sheets_of(night_as_pdf(PRINTED[name](), letterhead))


def sheets_of(pdf: bytes) -> list[Sheet]:
    """Return the sheets of a PDF."""
    return [_sheet(page) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def _sheet(page: pypdf.PageObject) -> Sheet:
    found = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:  # noqa: ANN401
        if text.strip() and font:
            scale = abs(tm[0] * cm[0])
            drawn = _font(round(size * scale, 1), bold="Bold" in font["/BaseFont"])
            x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
            found.append((text.strip(), x, x + drawn.getlength(text.strip()) / 10, y))

    text = page.extract_text(visitor_text=visit)
    width, height = (float(one) for one in page.mediabox[2:])
    return Sheet(text=text, width=width, height=height, runs=tuple(found))


@cache
def _font(size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), 10 * size)
