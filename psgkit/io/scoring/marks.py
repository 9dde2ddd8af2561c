"""Marks of a scoring program, as the readers of the formats return them, and a read scoring."""

from datetime import datetime
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.site import Site

UNKNOWN_STAGE = "?"
Wanted = Literal["stages", "events"]
"""What a caller reads of a scoring."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One stage or event as a scorer marked it.

    Attributes
    ----------
    onset_s, duration_s : float
        From the zero of its ``MarkList``; a duration of 0 was not stated.
    text : str
        As written.
    place : str
        Channel or location it was marked in; empty if not stated.
    spot : str
        Place in the file (``line 12``), for messages.
    stage : str or None
        The sleep stage it states; None for an event, ``UNKNOWN_STAGE`` for an unknown word that can
        only be a stage.
    site : Site or None
        Part of the body, where the file states that and not a channel.
    """

    onset_s: float
    duration_s: float
    text: str
    place: str = ""
    spot: str = ""
    stage: str | None = None
    site: Site | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkList:
    """The marks of one file.

    Attributes
    ----------
    marks : tuple of Mark
    zero : datetime or None
        Clock time from which onsets count; None if they count from the start of the recording.
    findings : tuple of Finding
    duration_s : float or None
        Length of the recording from ``zero`` on, where the file states it.
    """

    marks: tuple[Mark, ...] = ()
    zero: datetime | None = None
    findings: tuple[Finding, ...] = ()
    duration_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoring:
    """Content of one or several files of a scorer.

    Attributes
    ----------
    hypnogram : Hypnogram or None
        None if there are no stages.
    events : Events or None
        None if there are stages only.
    format : str
        The format, in words.
    findings : tuple of Finding
        Decisions made while reading.
    start : datetime or None
        Clock time of second 0; None if neither file nor caller states it.
    duration_s : float or None
        Length of the recording as the file states it.
    """

    hypnogram: Hypnogram | None
    events: Events | None
    format: str
    findings: tuple[Finding, ...] = ()
    start: datetime | None = None
    duration_s: float | None = None
