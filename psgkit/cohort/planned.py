"""A night that is to be analysed: who, which files, which lights, and why it perhaps cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from psgkit.cohort.night_identity import NightIdentity
from psgkit.cohort.one_night import NightFiles


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysFiles:
    """What is said about a recording of days, and lies beside it.

    Attributes
    ----------
    zone : str
        Where it was worn, as in ``Europe/Berlin``; empty if nobody says.
    diary, markers, clock : Path or None
        Tables, as ``psgkit days`` takes them.
    dates : str
        ``dmy`` or ``mdy``, the order of ``03/04/2024`` in its tables; empty where they tell.
    count_scale : float or None
        What its counts are multiplied by for the method of sleep; None for that of the settings.
    """

    zone: str = ""
    diary: Path | None = None
    markers: Path | None = None
    clock: Path | None = None
    dates: str = ""
    count_scale: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedNight:
    """One night of the source, or one recording of days.

    Attributes
    ----------
    identity : NightIdentity
    recording : Path
    files : NightFiles
        What is named for it; ``sidecar`` if files beside it are used where there are any.
    sidecars : tuple of Path
        Files beside it that belong to it by their names, whatever they hold.
    lights : (str or None, str or None)
        Off and on, as written in the manifest.
    days : DaysFiles or None
        For a recording of days; None for a night.
    protocol_from : {"content", "manifest"}
        Who decides which of both it is.
    asked_as : str
        How the person who asked knows it: a line of the manifest, or a name below the folder.
        For the terminal alone.
    """

    identity: NightIdentity
    recording: Path
    files: NightFiles = field(default_factory=NightFiles)
    sidecars: tuple[Path, ...] = ()
    lights: tuple[str | None, str | None] = (None, None)
    days: DaysFiles | None = None
    protocol_from: Literal["content", "manifest"] = "content"
    asked_as: str = ""

    @property
    def night_id(self) -> str:
        """Return the name of the night."""
        return self.identity.night_id

    def with_own_name(self) -> "PlannedNight":
        """Return the night with its recording called as its file is."""
        return replace(self, identity=replace(self.identity, recording=self.recording.name))

    def files_by_purpose(self) -> Iterator[tuple[str, Path]]:
        """Return every file whose bytes decide the result, with what it is for."""
        yield "recording", self.recording
        for purpose in ("hypnogram", "events", "channels", "context", "sit"):
            path = getattr(self.files, purpose)
            if path is not None:
                yield purpose, path
        for purpose in ("diary", "markers", "clock"):
            path = getattr(self.days, purpose, None)
            if path is not None:
                yield purpose, path
        for path in self.sidecars:
            yield "sidecar", path
