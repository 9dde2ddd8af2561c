"""What a reader of one format hands over: marks with a time, and what they are counted from."""

from dataclasses import dataclass
from datetime import datetime

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoring:
    """What one file of a scorer holds.

    Attributes
    ----------
    hypnogram : Hypnogram or None
        None if the file has no stages.
    events : Events or None
        None if the file holds stages only.
    format : str
        The format, in words.
    findings : tuple of Finding
        What was decided while reading.
    start : datetime or None
        Clock time of second 0; None if the file and the caller do not say.
    """

    hypnogram: Hypnogram | None
    events: Events | None
    format: str
    findings: tuple[Finding, ...] = ()
    start: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One thing a scorer marked.

    Attributes
    ----------
    onset_s : float
        From the zero of its ``MarkList``.
    duration_s : float
        0 where it was not stated.
    text : str
        As written.
    place : str
        Channel or location it was marked in; empty if not stated.
    spot : str
        Where it stands in the file (``line 12``), for messages.
    stage : str or None
        The sleep stage it states; None for an event.
    """

    onset_s: float
    duration_s: float
    text: str
    place: str = ""
    spot: str = ""
    stage: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkList:
    """The marks of one file.

    Attributes
    ----------
    where : str
        Name of the file.
    format : str
        In words.
    marks : tuple of Mark
    zero : datetime or None
        Clock time the onsets are counted from; None where they are counted from the start of the
        recording, whenever that was.
    findings : tuple of Finding
    """

    where: str
    format: str
    marks: tuple[Mark, ...]
    zero: datetime | None = None
    findings: tuple[Finding, ...] = ()
