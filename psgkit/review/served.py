"""What all requests of one review share: session, montage, signals, and the secret."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from psgkit.core.dataclass import dataclass
from psgkit.core.index_catalogue import entry_of
from psgkit.core.recording import Recording
from psgkit.core.trace import NightTrace
from psgkit.errors import SettingsError
from psgkit.report.words.number_format import unit_in_words
from psgkit.report.words.words import group_title, index_label
from psgkit.review.montage import (
    Montage,
    montage_for,
    montage_from,
    read_montage,
    write_montage,
)
from psgkit.review.pyramid import Filter, Window
from psgkit.review.reading import FOLDER, LevelFiles, Reader
from psgkit.review.signals import MOST_WIDTH_PX, SignalStore, envelope_lines, packed

_MOST_HOURS = 24 * 31


class Session(Protocol):
    """What the server needs of a review; ``psgkit.review.session.ReviewSession`` has it."""

    trace: Any
    file: Any

    @property
    def recording(self) -> Any:  # noqa: ANN401 - a recording, or a double of one
        """Return the recording, for samples."""
        ...

    def state(self) -> dict[str, Any]:
        """Return everything a page shows."""
        ...

    def apply(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Make one change and return what it changed."""
        ...

    def undo(self) -> dict[str, Any]:
        """Undo the last change."""
        ...

    def redo(self) -> dict[str, Any]:
        """Make the last undone change again."""
        ...

    def sign(self, comment: str = "", by: str = "") -> dict[str, Any]:
        """Write the finished scoring."""
        ...

    def close(self) -> None:
        """Release the review file."""
        ...


@dataclass(kw_only=True, slots=True, eq=False)
class ReviewServer:
    """What the requests of one page share.

    Attributes
    ----------
    session : Session
    port : int
    secret : str
        In the URL, and in the cookie.
    cookie : str
        Name of the cookie.  Browsers share cookies among ports, so that it has the port, and a
        random part: two reviews at once do not log each other out.
    montage_path : Path or None
        Where the montage is kept; None keeps it until the end.
    stop : callable
        Ends the server.
    """

    session: Session
    port: int
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    montage_path: Path | None = None
    stop: Callable[[], None] = lambda: None
    montage: Montage = field(default_factory=Montage)
    cookie: str = field(init=False)
    store: SignalStore = field(init=False)
    reader: Reader = field(init=False)
    _lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.cookie = f"psgkit_review_{self.port}_{secrets.token_hex(4)}"
        recording: Recording = self.session.recording
        given = read_montage(self.montage_path) if self.montage_path else None
        self.montage = montage_for(recording, given)
        self.store = SignalStore(recording)
        sha256 = getattr(self.session, "sha256", None) or ""
        beside = self.montage_path if sha256 else None
        folder = None if beside is None else beside.with_name(FOLDER)
        files = LevelFiles(folder=folder, sha256=sha256)
        self.reader = Reader(store=self.store, files=files, shown=self.shown)

    @property
    def url(self) -> str:
        """Return the URL that opens the page, with its secret."""
        return f"http://127.0.0.1:{self.port}/?key={self.secret}"

    def state(self) -> dict[str, Any]:
        """Return the state of the session, with the montage and the names of indices."""
        state = self.session.state()
        names = {**state["indices"].get("before", {}), **state["indices"].get("after", {})}
        traced: NightTrace | None = self.session.trace
        labels = {one.label for one in traced.channels} if traced else set()
        return {
            **state,
            "montage": self.montage.as_dict()["channels"],
            "traced": sorted(labels),
            "words": {
                group: {"title": group_title(group), "indices": _index_words(group, indices)}
                for group, indices in names.items()
            },
        }

    def change(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Make a change on the version that the page knows; None if there is a newer one."""
        with self._lock:
            version = self.session.state()["version"] if "version" in given else None
            if version != given.get("version"):
                return None
            return self.session.apply(given.get("change"))  # type: ignore[arg-type]

    def window(self, asked: Mapping[str, str]) -> tuple[list[int], Window]:
        """Return the channels and the window that a request asks for.

        Raises
        ------
        SettingsError
            If one of them is no number, or out of bounds.
        """
        try:
            channels = [int(one) for one in asked.get("channel", "").split(",")]
            first, last = float(asked.get("from", "")), float(asked.get("to", ""))
            width = int(asked.get("width", ""))
        except ValueError as error:
            raise SettingsError("signal", str(error)[:80], "channel, from, to and width") from error
        n = len(self.store.recording.channels)
        if len(channels) > n or not all(0 <= one < n for one in channels):
            raise SettingsError("signal: channel", f"{channels[:9]}", f"numbers from 0 to {n - 1}")
        if not (abs(first) < _MOST_HOURS * 3600 and first < last < _MOST_HOURS * 3600):
            raise SettingsError("signal: from, to", f"{first:g} to {last:g}", "a span in seconds")
        if not 1 <= width <= MOST_WIDTH_PX:
            raise SettingsError("signal: width", f"{width}", f"1 to {MOST_WIDTH_PX} pixels")
        return channels, Window(from_s=first, to_s=last, width_px=width)

    def signals(self, asked: Mapping[str, str]) -> bytes:
        """Return the lines of some channels over a window, packed."""
        channels, window = self.window(asked)
        labels = self.store.recording.labels()
        wanted = [(one, self.montage.row(labels[one]).filter) for one in channels]
        with self.reader.answering():
            lines = [self.store.ready(one, window, chosen) for one, chosen in wanted]
            content = packed(lines)
        missing = [one for one, line in zip(wanted, lines, strict=True) if line.partial]
        if missing:
            self.reader.want(window, missing)
        else:
            self.reader.begin()
        return content

    def shown(self) -> list[tuple[int, Filter]]:
        """Return the channels that are shown, with their filters."""
        number = {label: n for n, label in enumerate(self.store.recording.labels())}
        return [
            (number[row.label], row.filter)
            for row in self.montage.rows
            if row.shown and row.label in number
        ]

    def envelopes(self, asked: Mapping[str, str]) -> bytes:
        """Return envelope, resting level and thresholds of limb channels, packed."""
        channels, window = self.window(asked)
        labels, trace = self.store.recording.labels(), self.session.trace
        if trace is None:
            return packed([])
        lines = [envelope_lines(trace, one, labels[one], window) for one in channels]
        return packed([line for found in lines for line in found])

    def end(self) -> dict[str, bool]:
        """End the server once this request is answered."""
        self.reader.end()
        self.stop()
        return {"closed": True}

    def keep_montage(self, given: object) -> dict[str, Any]:
        """Take a montage over and keep it on the disk."""
        with self._lock:
            self.montage = montage_for(self.store.recording, montage_from(given))
            if self.montage_path is not None:
                write_montage(self.montage_path, self.montage)
            self.reader.look_again()
            return self.montage.as_dict()


def _index_words(group: str, indices: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        name: {
            "label": index_label(name, group),
            "unit": unit_in_words(row.get("unit") or ""),
            "definition": entry.definition if (entry := entry_of(name, group)) else "",
        }
        for name, row in indices.items()
    }
