"""Who makes a report: the name and the logo of a laboratory, for its head."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Lab:
    """A laboratory; it decides no result.

    Attributes
    ----------
    name : str
        Empty if it is not stated.
    logo : str
        Path of a PNG or JPEG file, or empty.
    """

    name: str = ""
    logo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """A picture as PNG."""

    png: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What stands in the head of a report; the logo has been read."""

    name: str = ""
    logo: Logo | None = None
