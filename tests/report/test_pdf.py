"""The PDF read back: its numbers are the JSON's, its fonts are in it, and no date or name."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import night_store
import pytest

from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.document.write import night_as_json
from psgkit.report.night.methods import methods_section
from psgkit.report.page_model import Page
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.pdf.page import page_as_pdf
from psgkit.report.words.number_format import number
from psgkit.report.words.words import index_label, research_only
from psgkit.report.write import write_report
from tests.report.night_fixtures import empty_night, hostile_night, ordinary_night

pypdf = pytest.importorskip("pypdf")
A4_SIZE = [595.28, 841.89]
PRINTED_RATES = (
    "plms_index",
    "plmw_index",
    "plms_nrem_index",
    "plms_rem_index",
    "plmsnr_index",
    "plms_arousal_index",
    "clms_index",
    "clmw_index",
    "isolated_lms_index",
)


@pytest.fixture(scope="module")
def report() -> NightReport:
    return night_store.analysed("rls", hours=1.5, seed=4)


@pytest.fixture(scope="module")
def pdf(report: NightReport) -> "pypdf.PdfReader":
    return pypdf.PdfReader(io.BytesIO(night_as_pdf(report)))


def text_of(pdf: "pypdf.PdfReader") -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_it_has_two_or_three_a4_pages_with_their_numbers(pdf: "pypdf.PdfReader") -> None:
    assert 2 <= len(pdf.pages) <= 3
    for number_, page in enumerate(pdf.pages, 1):
        assert [float(one) for one in page.mediabox[2:]] == pytest.approx(
            [595.28, 841.89], abs=0.01
        )
        assert f"{number_} / {len(pdf.pages)}" in page.extract_text()


def test_every_page_says_that_it_is_no_medical_device_and_that_the_night_is_simulated(
    pdf: "pypdf.PdfReader",
) -> None:
    for page in pdf.pages:
        text = flat(page.extract_text())
        assert research_only() in text
        assert "Simulated: Everything is simulated" in text


def test_rates_and_counts_are_those_of_the_json(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    legs = json.loads(night_as_json(report))["indices"]["legs"]
    lines = flat(text_of(pdf))
    rates = {name: one for name, one in legs.items() if one["unit"] == "1/h" and one["value"]}
    printed = [name for name in PRINTED_RATES if name in rates]
    assert len(printed) > 5
    for name in printed:
        one = rates[name]
        shown = f"{one['value']:.1f} {one['numerator']:.0f} {one['denominator_h']:.2f}"
        label = " ".join(index_label(name, "legs").split(",")[0].split()[:2])
        assert re.search(rf"{re.escape(label)}[^/]{{0,40}} {re.escape(shown)}", lines), name
    for name in ("lm_n", "clm_n", "plm_n", "series_n"):
        assert f"{index_label(name, 'legs')} {legs[name]['value']:.0f}" in lines


def test_the_methods_are_all_there(pdf: "pypdf.PdfReader", report: NightReport) -> None:
    (paragraph,) = methods_section(report).parts[0].lines
    said = re.sub(r"\s", "", text_of(pdf))
    for sentence in paragraph.split(". "):
        assert re.sub(r"\s", "", sentence) in said


def test_sleep_and_disruption_are_those_of_the_json(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    indices = json.loads(night_as_json(report))["indices"]
    lines = flat(text_of(pdf))
    for name in ("tst_min", "se_pct", "waso_min", "sol_min"):
        one = indices["sleep"][name]
        shown = number(one["value"], one["unit"], name)
        assert f"{index_label(name, 'sleep')} {shown}" in lines
    arousal = indices["disruption"]["arousal_index"]
    assert f"Arousal index {arousal['value']:.1f} {arousal['numerator']:.0f}" in lines


def fonts_of(pdf: "pypdf.PdfReader") -> list["pypdf.generic.DictionaryObject"]:
    found = {}
    for page in pdf.pages:
        for name, font in page["/Resources"]["/Font"].items():
            found[name] = font.get_object()
    return list(found.values())


def test_every_font_is_embedded_as_truetype(pdf: "pypdf.PdfReader") -> None:
    fonts = fonts_of(pdf)
    assert fonts
    for font in fonts:
        (below,) = font["/DescendantFonts"]
        assert below.get_object()["/Subtype"] == "/CIDFontType2"
        assert "/FontFile2" in below.get_object()["/FontDescriptor"].get_object()
        assert "DejaVuSans" in font["/BaseFont"]


def test_figures_are_vectors(pdf: "pypdf.PdfReader") -> None:
    assert not any(list(page.images) for page in pdf.pages)


def test_the_file_says_what_it_is_and_neither_when_nor_by_whom_it_was_made(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    assert set(pdf.metadata) == {"/Title", "/Creator", "/Producer"}
    assert pdf.metadata["/Title"] == f"Night report · {report.source}"


def test_the_same_report_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib\n"
        "from psgkit.report.page_model import Facts, Page, Section\n"
        "from psgkit.report.pdf.page import page_as_pdf\n"
        "facts = Facts(rows=tuple((f'label {k}', 'µ Ω Я') for k in range(9)))\n"
        "page = Page(title='a', subtitle='b', banners=('c',), headline=(('d', 'e'),),\n"
        "    sections=(Section(key='f', title='g', parts=(facts,)),), disclaimer='h')\n"
        "print(hashlib.sha256(page_as_pdf(page)).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("make", [hostile_night, empty_night], ids=["hostile", "empty"])
def test_nights_that_try_something_or_say_nothing_become_a_pdf(make: object) -> None:
    report = make()
    pdf = pypdf.PdfReader(io.BytesIO(night_as_pdf(report)))
    assert research_only() in flat(text_of(pdf))
    assert "/home/someone" not in text_of(pdf)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e]", text_of(pdf))


def test_names_in_other_scripts_are_in_the_pdf() -> None:
    said = ["Jambe gauche œ", "Левая нога", "Αριστερό πόδι"]
    findings = tuple(Finding("warning", name, "x", "code") for name in (*said, "左脚", "الساق"))
    pdf = pypdf.PdfReader(io.BytesIO(night_as_pdf(ordinary_night(findings=findings))))
    text = text_of(pdf)
    assert all(name in text for name in said)
    assert all("DejaVuSans" in font["/BaseFont"] for font in fonts_of(pdf))


def test_the_style_of_the_reader_changes_nothing_and_is_left_as_it_was() -> None:
    import matplotlib

    page = Page(title="a", subtitle="b", banners=(), headline=(), sections=(), disclaimer="c")
    plain = page_as_pdf(page)
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True, "pdf.fonttype": 3}):
        assert page_as_pdf(page) == plain
        assert matplotlib.rcParams["pdf.fonttype"] == 3


def test_a_report_is_written_with_its_pdf_when_it_is_wanted(tmp_path: Path) -> None:
    night = replace(ordinary_night(), source="n.edf")
    names = [path.name for path in write_report(night, tmp_path / "with", pdf=True)]
    assert "report.pdf" in names
    assert names[-1] == "report.json"
    assert "report.pdf" not in [path.name for path in write_report(night, tmp_path / "without")]
