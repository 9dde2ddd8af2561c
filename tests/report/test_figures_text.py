"""Text from outside on figures: never mathematics, no letter lost, no warning."""

import io
import os
import subprocess
import sys

import pytest
from rounds import first_of

matplotlib = pytest.importorskip("matplotlib")
from matplotlib.figure import Figure  # noqa: E402

from psgkit.report.figures import drawn_text  # noqa: E402
from psgkit.report.figures.drawn_text import harmless, put_text, text_style  # noqa: E402

HOSTILE = {
    "mathematics": "$\\frac{a}{b$ EMG $",
    "half mathematics": "$x",
    "commands": "^_{x}\\alpha \\input{/etc/passwd} %",
    "control": "\x00\x07\x1b[31mEMG\x7f\x9b",
    "lines": "EMG\nleft\r\n\tleg\v\f",
    "direction": "leg\u202egnp.exe\u2066\u200f",
    "half a character": "\ud800 EMG \udfff",
    "piled marks": "Z" + "\u0338\u0321\u0347" * 50 + "EMG",
    "emoji": "\U0001f9b5\U0001f3fd\u200d\u2695\ufe0f leg \U0001f600",
    "not a character": "\uffff\ufdd0\U0010ffff",
    "private": "\ue000\U000f0000",
    "empty": "",
    "spaces": "   \u3000\u00a0 ",
    "long": "A" * 10_000,
    "long line of words": "leg " * 2_500,
}
WRITTEN = {
    "French": "Jambe gauche, \u0153dème é è ç",
    "Greek": "Αριστερό πόδι",
    "Cyrillic": "Левая нога",
    "Arabic": "الساق اليسرى EMG",
    "Hebrew": "רגל שמאל",
    "Japanese": "左脚きん",
    "Korean": "왼쪽 다리",
    "Chinese": "左腿肌电图",
    "Hindi": "बायां पैर",
}
CJK = ("Japanese", "Korean", "Chinese")


@pytest.fixture
def no_other_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it a machine that has no fonts but those that come with matplotlib."""
    monkeypatch.setattr(drawn_text, "_installed", lambda: ())
    drawn_text._font_of.cache_clear()
    yield
    drawn_text._font_of.cache_clear()


def pdf_of(text: str) -> bytes:
    figure = Figure(figsize=(4, 1))
    put_text(figure, (0.05, 0.5), text)
    file = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(file, format="pdf")
        figure.savefig(io.BytesIO(), format="png")
    return file.getvalue()


@pytest.mark.parametrize("text", [*HOSTILE.values(), *WRITTEN.values()], ids=[*HOSTILE, *WRITTEN])
def test_every_text_is_drawn_without_a_warning(text: str) -> None:
    assert pdf_of(text).startswith(b"%PDF")


@pytest.mark.usefixtures("no_other_fonts")
@pytest.mark.parametrize(
    "text", first_of([*HOSTILE.values(), *WRITTEN.values()], 4), ids=[*HOSTILE, *WRITTEN]
)
def test_without_other_fonts_every_text_is_still_drawn_without_a_warning(text: str) -> None:
    assert pdf_of(text).startswith(b"%PDF")


@pytest.mark.usefixtures("no_other_fonts")
def test_a_letter_that_no_font_has_is_spelled_out_as_its_code_point() -> None:
    assert harmless("左 leg \U0001f9b5") == "\\u5de6 leg \\U0001f9b5"


@pytest.mark.parametrize("name", ["French", "Greek", "Cyrillic", "Arabic", "Hebrew"])
def test_scripts_of_the_font_that_is_always_there_stay_text(name: str) -> None:
    text = WRITTEN[name]
    assert harmless(text) == text
    assert "path_effects" not in text_style(text)


@pytest.mark.parametrize(
    ("name", "form"), [("Chinese", "SC"), ("Japanese", "JP"), ("Korean", "KR")]
)
def test_an_installed_font_draws_its_script_in_its_own_forms(name: str, form: str) -> None:
    if f"Noto Sans CJK {form}" not in drawn_text._installed():
        pytest.skip("fonts-noto-cjk is not installed")
    text = WRITTEN[name]
    assert harmless(text) == text
    families = text_style(text)["fontfamily"]
    assert [one for one in families if "CJK" in one] == [f"Noto Sans CJK {form}"]


@pytest.mark.parametrize("name", CJK)
def test_letters_of_other_fonts_are_outlines_so_that_a_pdf_holds_truetype_only(name: str) -> None:
    pdf = pdf_of(WRITTEN[name])
    assert b"/CIDFontType0" not in pdf
    assert b"CJK" not in pdf


def test_a_label_is_one_line_of_bounded_length() -> None:
    for text in HOSTILE.values():
        shown = harmless(text, 40)
        assert len(shown) <= 40
        assert "\n" not in shown
    assert harmless("leg " * 100, 10) == "leg leg l…"


def test_marks_piled_on_a_letter_do_not_climb_into_the_line_above() -> None:
    assert len(harmless("Z" + "\u0338" * 200)) == 3


def test_mathematics_stays_off_even_where_the_reader_has_switched_tex_on() -> None:
    with matplotlib.rc_context({"text.usetex": True}):
        put_text(Figure(), (0, 0), "$x$").figure.savefig(io.BytesIO(), format="png")


def test_a_font_installed_after_matplotlib_first_looked_is_found() -> None:
    if not drawn_text._installed():
        pytest.skip("no font of FALLBACKS is installed")
    forget = (
        "from matplotlib.font_manager import fontManager as m\n"
        "m.ttflist = [one for one in m.ttflist if 'DejaVu' in one.name]\n"
        "from psgkit.report.figures.drawn_text import harmless\n"
        "print(harmless('左').encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", forget], capture_output=True, check=True, env={**os.environ}
    )
    assert done.stdout.decode().strip() == repr("左".encode())


def test_a_name_on_two_lines_stays_text() -> None:
    assert "path_effects" not in text_style("Leg movements\nPLMS index, /h")
