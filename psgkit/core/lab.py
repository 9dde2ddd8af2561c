"""Who makes a report: name and logo of a laboratory, for its head, and the paper it prints on."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Paper: TypeAlias = Literal["a4", "letter"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lab:
    """A laboratory; it decides no result.

    Attributes
    ----------
    name : str
        Empty if it is not stated.
    logo : str
        Path of a PNG or JPEG file, or empty.
    paper : str
        Of PDFs: ``"a4"`` or ``"letter"``.
    """

    name: str = ""
    logo: str = ""
    paper: Paper = "a4"


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """A picture as PNG."""

    png: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What stands in the head of a report, and its paper; the logo has been read."""

    name: str = ""
    logo: Logo | None = None
    paper: Paper = "a4"
