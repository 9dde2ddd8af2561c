"""Name and logo of a laboratory for the head of a report, and its paper size."""

from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass

Paper: TypeAlias = Literal["a4", "letter"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lab:
    """A laboratory; it changes no result.

    Attributes
    ----------
    name : str
        Empty if it is not stated.
    logo : str
        Path of a PNG or JPEG file, or empty.
    paper : str
        Of PDFs: ``"a4"`` or ``"letter"``.
    shared : bool
        Whether the umask decides who can read new files; else only their owner can.
    patient_line : bool
        Whether the PDF of a night has an empty line for name and number of the patient.
    show_names : bool
        Whether findings in files keep what they quote from a recording; else it is masked.
    """

    name: str = ""
    logo: str = ""
    paper: Paper = "a4"
    shared: bool = False
    patient_line: bool = False
    show_names: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """A picture as PNG."""

    png: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """Head of a report, with the logo read from its file, paper size, and whose night it is."""

    name: str = ""
    subject: str = ""
    logo: Logo | None = None
    paper: Paper = "a4"
    patient_line: bool = False
