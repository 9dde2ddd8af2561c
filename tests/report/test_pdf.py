"""The PDF read back: its numbers are the JSON's, its fonts are in it, and nothing is lost."""

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
from rounds import first_of

from psgkit.core.finding import Finding
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.document.write import night_as_json
from psgkit.report.night.methods import methods_section
from psgkit.report.page_model import Page
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.pdf.typeset import page_as_pdf
from psgkit.report.words.number_format import number
from psgkit.report.words.words import index_label, research_only
from psgkit.report.write import write_report
from tests.report.night_fixtures import ordinary_night
from tests.report.printed import PRINTED, night_sheets

pypdf = pytest.importorskip("pypdf")
PAPERS = {"a4": [595.28, 841.89], "letter": [612.0, 792.0]}
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
KEY_RATES = ("plms_index", "plmsnr_index", "plms_arousal_index", "plmw_index")


@pytest.fixture(scope="module")
def report() -> NightReport:
    return night_store.analysed("rls", hours=1.5, seed=4)


@pytest.fixture(scope="module")
def pdf(report: NightReport) -> "pypdf.PdfReader":
    return read(night_as_pdf(report))


def read(pdf: bytes) -> "pypdf.PdfReader":
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: "pypdf.PdfReader") -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("name", "paper"), [*first_of(((name, "a4") for name in PRINTED), 2), ("wordy", "letter")]
)
def test_the_clinical_page_is_one_sheet_and_the_appendix_follows(name: str, paper: str) -> None:
    sheets = night_sheets(name, paper)
    for number_, sheet in enumerate(sheets, 1):
        assert (sheet.width, sheet.height) == pytest.approx(PAPERS[paper], abs=0.01)
        assert "Sleep laboratory · Night report · " in sheet.text
        assert f"{number_} / {len(sheets)}" in sheet.text
    first, second, *_ = sheets
    assert "Appendix" not in first.text
    assert "Appendix" in second.text


def test_every_page_says_that_it_is_no_medical_device_and_that_the_night_is_simulated(
    pdf: "pypdf.PdfReader",
) -> None:
    for page in pdf.pages:
        text = flat(page.extract_text())
        assert research_only() in text
        assert "Simulated: Everything is simulated" in text


def test_the_answer_stands_above_the_night_on_the_first_sheet(pdf: "pypdf.PdfReader") -> None:
    first = flat(pdf.pages[0].extract_text())
    places = [first.index(words) for words in ("What speaks for what", "Together", "Akathisia")]
    assert places == sorted(places)
    assert places[-1] < first.index("Sleep efficiency") < first.index("Left leg")
    assert first.index("Left leg") < first.index("Comment") < first.index("Signature")


def test_the_key_indices_stand_below_the_night_with_number_and_hours(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    indices = json.loads(night_as_json(report))["indices"]
    lines = flat(pdf.pages[1].extract_text())
    for group, names in (("legs", KEY_RATES), ("disruption", ("arousal_index",))):
        for name in names:
            one = indices[group][name]
            shown = f"{one['value']:.1f} {one['numerator']:.0f} {one['denominator_h']:.2f}"
            # a night of 1.5 h is short: the mark stands behind each label
            assert f"{index_label(name, group)} (!) {shown}" in lines
    with_arousal, of = (
        indices["legs"][name]["numerator"] for name in ("plms_arousal_index", "plms_index")
    )
    assert f"PLMS with an arousal {with_arousal:.0f} of {of:.0f}" in lines


def test_a_key_index_that_is_missing_is_on_the_clinical_page_with_its_reason() -> None:
    assert "no hypnogram was given" in night_sheets("without stages")[0].flat


def test_cautions_beyond_those_on_the_clinical_page_are_counted_and_stand_in_the_appendix() -> None:
    first, *others = (sheet.flat for sheet in night_sheets("wordy"))
    assert "and 6 more in the appendix." in first
    assert all(f"counted {k}." in " ".join(others) for k in range(12))


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
        assert f"{index_label(name, 'legs')} {shown}" in lines
    for name in ("lm_n", "clm_n", "plm_n", "series_n"):
        assert f"{index_label(name, 'legs')} {legs[name]['value']:.0f}" in lines


@pytest.mark.parametrize("name", first_of(PRINTED, 2))
def test_the_methods_of_every_night_are_in_its_pdf_to_the_last_word(name: str) -> None:
    (paragraph,) = methods_section(PRINTED[name]()).parts[0].lines
    said = unspaced("".join(sheet.text for sheet in night_sheets(name)))
    assert all(unspaced(sentence) in said for sentence in paragraph.split(". "))


def test_sleep_and_disruption_are_those_of_the_json(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    indices = json.loads(night_as_json(report))["indices"]
    lines = flat(text_of(pdf))
    for name in ("tst_min", "se_pct", "waso_min", "sol_min"):
        one = indices["sleep"][name]
        shown = flat(number(one["value"], one["unit"], name))
        assert f"{index_label(name, 'sleep')} {shown}" in lines
    arousal = indices["disruption"]["arousal_index"]
    assert f"Arousal index {arousal['value']:.1f} {arousal['numerator']:.0f}" in lines


def fonts_of(pdf: "pypdf.PdfReader") -> list["pypdf.generic.DictionaryObject"]:
    return [
        font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()
    ]


def test_every_font_is_embedded_as_truetype(pdf: "pypdf.PdfReader") -> None:
    fonts = fonts_of(pdf)
    assert fonts
    for font in fonts:
        (below,) = font["/DescendantFonts"]
        assert below.get_object()["/Subtype"] == "/CIDFontType2"
        assert "/FontFile2" in below.get_object()["/FontDescriptor"].get_object()
        assert "DejaVuSans" in font["/BaseFont"]


def test_figures_are_vectors_whose_words_are_text(pdf: "pypdf.PdfReader") -> None:
    assert not any(list(page.images) for page in pdf.pages)
    first = pdf.pages[0].extract_text()
    assert all(word in first for word in ("periodic (in a series)", "Left leg"))
    assert "in sleep" in pdf.pages[1].extract_text()


def test_five_numbers_with_norms_stand_on_the_first_sheet(pdf: "pypdf.PdfReader") -> None:
    first = flat(pdf.pages[0].extract_text())
    assert "28.6" in first
    assert "Haba-Rubio 2016" in first


def test_the_line_for_the_patient_is_there_only_if_it_is_wanted() -> None:
    for wanted in (False, True):
        letterhead = Letterhead(patient_line=wanted)
        first = read(night_as_pdf(ordinary_night(), letterhead)).pages[0].extract_text()
        assert ("Patient, number" in first) == wanted


def test_the_file_says_what_it_is_and_its_date_is_that_of_the_recording(
    pdf: "pypdf.PdfReader", report: NightReport
) -> None:
    assert report.start is not None
    date = f"D:{report.start:%Y%m%d%H%M%S}Z"
    assert pdf.metadata["/Title"] == f"Night report · {report.source}"
    assert (pdf.metadata["/CreationDate"], pdf.metadata["/ModDate"]) == (date, date)
    assert "/Author" not in pdf.metadata
    named = read(night_as_pdf(ordinary_night(), Letterhead(name="Sleep laboratory")))
    assert named.metadata["/Author"] == "Sleep laboratory"


def test_a_night_with_a_start_is_an_archive_file_and_one_without_has_no_date(
    pdf: "pypdf.PdfReader",
) -> None:
    assert (pdf.xmp_metadata.pdfaid_part, pdf.xmp_metadata.pdfaid_conformance) == ("2", "B")
    undated = read(night_as_pdf(PRINTED["no clock"]()))
    assert "/CreationDate" not in undated.metadata


def test_the_same_report_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib\n"
        "from psgkit.report.pdf.night import night_as_pdf\n"
        "from tests.report.night_fixtures import ordinary_night\n"
        "print(hashlib.sha256(night_as_pdf(ordinary_night())).hexdigest())\n"
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


@pytest.mark.parametrize("name", ["hostile", "without anything"])
def test_nights_that_try_something_or_say_nothing_become_a_pdf(name: str) -> None:
    said = " ".join(sheet.flat for sheet in night_sheets(name))
    assert research_only() in said
    assert "/home/someone" not in said
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e]", said)


def test_text_from_outside_is_never_taken_for_typst() -> None:
    tries = ("#panic()", '#read("/etc/passwd")', "$x^2$", "*bold*", "= title", "@label", "\\u{41}")
    findings = tuple(Finding("warning", said, said, "code") for said in tries)
    said = unspaced(text_of(read(night_as_pdf(ordinary_night(findings=findings)))))
    assert all(unspaced(f"{one}: code ({one})") in said for one in tries)


def test_names_in_other_scripts_are_in_the_pdf() -> None:
    said = ["Jambe gauche œ", "Левая нога", "Αριστερό πόδι", "\U0001d5a0"]
    findings = tuple(Finding("warning", name, "x", "code") for name in (*said, "左脚", "الساق"))
    text = text_of(read(night_as_pdf(ordinary_night(findings=findings))))
    assert all(name in text for name in said[:3])
    assert "左脚" in text or "\\u5de6\\u811a" in text  # spelled out where no font has it
    assert said[3] in text or "\\U0001d5a0" in text


def test_the_style_of_the_reader_changes_nothing_and_is_left_as_it_was() -> None:
    import matplotlib

    plain = night_as_pdf(ordinary_night())
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True, "svg.fonttype": "path"}):
        assert night_as_pdf(ordinary_night()) == plain
        assert matplotlib.rcParams["svg.fonttype"] == "path"


def test_a_page_of_nothing_is_a_pdf() -> None:
    page = Page(title="a", subtitle="b", banners=(), headline=(), sections=(), disclaimer="c")
    assert len(read(page_as_pdf(page)).pages) == 1


def test_a_report_is_written_with_its_pdf_when_it_is_wanted(tmp_path: Path) -> None:
    night = replace(ordinary_night(), source="n.edf")
    names = [path.name for path in write_report(night, tmp_path / "with", pdf=True)]
    assert "report.pdf" in names
    assert names[-1] == "report.json"
    assert "report.pdf" not in [path.name for path in write_report(night, tmp_path / "without")]
