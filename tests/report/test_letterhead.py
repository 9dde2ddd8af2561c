"""A laboratory's name and logo: on the page and the PDF, in no result, and never a danger."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from psgkit import Settings, analyse_night, simulate_night
from psgkit.core.lab import Lab, Letterhead
from psgkit.document.write import night_as_json
from psgkit.errors import SettingsError
from psgkit.io.logo import LARGEST_BYTES, read_letterhead, read_logo
from psgkit.report.html.page import night_as_html
from psgkit.report.pdf.night import night_as_pdf
from psgkit.settings import read_settings, settings_from
from tests.report.night_fixtures import ordinary_night

pypdf = pytest.importorskip("pypdf")
Command = Callable[..., tuple[int, str, str]]


def picture(format_: str, size: tuple[int, int] = (60, 20), **more: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#0b6e99").save(file, format=format_, **more)
    return file.getvalue()


def settings_file(folder: Path, logo: bytes | None = None, name: str = "Sleep laboratory") -> Path:
    line = ""
    if logo is not None:
        (folder / "logo.png").write_bytes(logo)
        line = 'logo = "logo.png"\n'
    path = folder / "lab.toml"
    path.write_text(f'[lab]\nname = "{name}"\n{line}', encoding="utf-8")
    return path


def letterhead_from(path: Path) -> Letterhead:
    found = read_letterhead(read_settings(path).lab)
    assert found is not None
    return found


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_name_and_logo_are_on_the_page_and_in_the_pdf(format_: str, tmp_path: Path) -> None:
    letterhead = letterhead_from(settings_file(tmp_path, picture(format_)))
    page = night_as_html(ordinary_night(), None, letterhead)
    (shown,) = re.findall(r'<img alt="" src="data:image/png;base64,([^"]+)">', page)
    with Image.open(io.BytesIO(base64.b64decode(shown))) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (60, 20))
    assert "Sleep laboratory" in page
    pdf = pypdf.PdfReader(io.BytesIO(night_as_pdf(ordinary_night(), letterhead)))
    assert len(list(pdf.pages[0].images)) == 1
    assert all("Sleep laboratory" in one.extract_text() for one in pdf.pages)


def test_the_policy_of_the_page_allows_pictures_only_where_there_is_a_logo(tmp_path: Path) -> None:
    with_logo = letterhead_from(settings_file(tmp_path, picture("PNG")))
    for letterhead, allowed in ((with_logo, True), (Letterhead(name="x"), False), (None, False)):
        policy = re.search(
            r'Policy" content="([^"]+)"', night_as_html(ordinary_night(), None, letterhead)
        )
        assert ("img-src data:" in policy[1]) == allowed


def test_the_laboratory_changes_no_result(tmp_path: Path) -> None:
    night = simulate_night("rls", hours=0.1, seed=1)
    settings = read_settings(settings_file(tmp_path, picture("PNG")))
    with_lab = night_as_json(analyse_night(night.recording, settings=settings))
    assert with_lab == night_as_json(analyse_night(night.recording))
    assert str(tmp_path) not in with_lab
    assert "lab" not in Settings().as_dict()


def test_a_logo_is_drawn_anew_without_what_else_its_file_holds(tmp_path: Path) -> None:
    secret = b"51.5074 N, photographed by Jane Doe"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    path = tmp_path / "logo.jpg"
    path.write_bytes(picture("JPEG", exif=exif, comment=secret) + b"<script>alert(1)</script>")
    assert secret in path.read_bytes()
    png = read_logo(path).png
    assert secret not in png
    assert b"script" not in png


def test_a_large_logo_is_made_smaller_and_keeps_its_shape(tmp_path: Path) -> None:
    (tmp_path / "l.png").write_bytes(picture("PNG", (3000, 1500)))
    logo = read_logo(tmp_path / "l.png")
    assert (logo.width_px, logo.height_px) == (600, 300)


BAD = {
    "missing": (None, "no such file"),
    "empty": (b"", "no picture that can be read"),
    "text": (b"this is my logo", "no picture that can be read"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no picture that can be read"),
    "gif": (picture("GIF"), "no picture that can be read"),
    "cut off": (picture("PNG", (400, 400))[:200], "no picture that can be read"),
    "too many bytes": (picture("PNG") + b"x" * LARGEST_BYTES, "bytes"),
    "too many pixels": (picture("PNG", (7000, 10)), "7000 x 10 pixels"),
    "a bomb": (
        picture("PNG", (1, 1)).replace(b"\0\0\0\1\0\0\0\1", b"\0\1\x86\xa0\0\1\x86\xa0"),
        "no picture that can be read",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_logo_is_refused_before_a_night_is_analysed(name: str, tmp_path: Path) -> None:
    content, found = BAD[name]
    path = settings_file(tmp_path, content)
    if content is None:
        path.write_text('[lab]\nlogo = "gone.png"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refused:
        read_settings(path)
    assert "lab.logo" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_a_folder_or_a_name_with_nul_is_no_logo(tmp_path: Path) -> None:
    for path in (tmp_path, "a\0b"):
        with pytest.raises(SettingsError, match=r"lab\.logo"):
            read_logo(path)


def test_a_misspelt_field_and_a_number_are_refused() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'logo'"):
        settings_from({"lab": {"lgo": "x.png"}})
    with pytest.raises(SettingsError, match=r"lab\.name"):
        settings_from({"lab": {"name": 3}})


def test_a_hostile_name_is_harmless_everywhere() -> None:
    name = "<script>alert(1)</script>$\\frac{$\u202e\x07" + "long " * 200
    letterhead = Letterhead(name=name)
    assert "<script>alert" not in night_as_html(ordinary_night(), None, letterhead)
    pdf = pypdf.PdfReader(io.BytesIO(night_as_pdf(ordinary_night(), letterhead)))
    assert "\\u202e" in pdf.pages[0].extract_text()


def test_without_name_and_logo_there_is_no_letterhead() -> None:
    assert read_letterhead(Lab()) is None
