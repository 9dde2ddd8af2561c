"""Read the logo of a laboratory: a PNG or JPEG becomes a small PNG without metadata."""

import io
import warnings
from pathlib import Path

from psgkit.core.lab import Lab, Letterhead, Logo
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import first_bytes

LARGEST_BYTES = 2_000_000
LARGEST_PX = 6000
"""Of each side; both limits are psgkit's own choice."""
_SHOWN_PX = (900, 300)
_WANTED = "a PNG or JPEG picture"


def read_letterhead(lab: Lab, subject: str = "") -> Letterhead | None:
    """Return name, logo and paper of a laboratory, and a subject; None if nothing is stated.

    Raises
    ------
    SettingsError
        If the logo cannot be used.

    Examples
    --------
    >>> read_letterhead(Lab(name="Sleep laboratory")).name
    'Sleep laboratory'
    """
    if lab == Lab() and not subject:
        return None
    logo = read_logo(lab.logo) if lab.logo else None
    return Letterhead(
        name=lab.name,
        subject=subject,
        logo=logo,
        paper=lab.paper,
        patient_line=lab.patient_line,
    )


def read_logo(path: str | Path) -> Logo:
    """Return a logo, reduced to the size that reports need.

    Raises
    ------
    SettingsError
        If there is no such file, or it is no PNG or JPEG, or too large.
    """
    path = Path(path)
    where = f"lab.logo: {path.name}"
    try:
        content = first_bytes(path, LARGEST_BYTES + 1, where, _WANTED)
    except InputFileError as error:
        raise SettingsError(where, error.found, error.wanted) from None
    if len(content) > LARGEST_BYTES:
        raise SettingsError(where, f"{path.stat().st_size} bytes", f"at most {LARGEST_BYTES} bytes")
    return _drawn_anew(content, where)


def _drawn_anew(content: bytes, where: str) -> Logo:
    """Return the picture in ``content`` as a PNG without metadata."""
    from PIL import Image

    try:
        with (
            warnings.catch_warnings(action="error"),
            Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture,
        ):
            if max(picture.size) > LARGEST_PX:
                found = "{} x {} pixels".format(*picture.size)
                raise SettingsError(where, found, f"at most {LARGEST_PX} pixels a side")
            drawn = picture.convert("RGBA")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise SettingsError(where, "no picture that can be read", _WANTED) from None
    drawn.thumbnail(_SHOWN_PX)
    file = io.BytesIO()
    plain = Image.new("RGBA", drawn.size)
    plain.paste(drawn)
    plain.save(file, format="PNG", optimize=True)
    return Logo(png=file.getvalue(), width_px=plain.width, height_px=plain.height)
