"""Signals of a review, read and filtered in the background before a window shows them.

One thread builds the pyramids block by block: first what a window waits for, then everything that
is shown, each first as recorded and then filtered.  It stands back while a request is answered.
Finished pyramids are kept in files, so that the next opening of the review reads nothing again.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.io.new_files import new_file
from psgkit.review.pyramid import Filter, Pyramid, Window
from psgkit.review.signals import SignalStore

FOLDER = "signal_cache"
"""Beside the review file; it can be deleted at any time."""
_VERSION = 1
_SUFFIX = ".npy"
_STAND_BACK_S = 0.02
Shown = tuple[int, Filter]
"""A channel by its number, and its filter."""


@dataclass(kw_only=True, slots=True, eq=False)
class LevelFiles:
    """Files with the lowest level of finished pyramids; None as ``folder`` keeps nothing.

    A folder that cannot be written to keeps nothing, too: the pyramids are then built each time.
    """

    folder: Path | None
    sha256: str

    def path(self, channel: int, stretch: int, pyramid: Pyramid) -> Path | None:
        """Return the file of a pyramid."""
        if self.folder is None:
            return None
        what = (_VERSION, stretch, pyramid.bin_n, len(pyramid.signal.samples), pyramid.chosen)
        digest = hashlib.sha256(repr(what).encode()).hexdigest()[:16]
        return self.folder / f"{self._prefix(channel)}-{stretch}-{digest}{_SUFFIX}"

    def _prefix(self, channel: int) -> str:
        return f"{self.sha256[:16]}-{channel}"

    def take(self, channel: int, stretch: int, pyramid: Pyramid) -> bool:
        """Take a pyramid over from its file; return whether there was one that fits."""
        path = self.path(channel, stretch, pyramid)
        if path is None or not path.is_file():
            return False
        try:
            lowest = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return False  # cut off or damaged: it is built, and written, again
        return isinstance(lowest, np.ndarray) and pyramid.take_level(lowest)

    def keep(self, channel: int, stretch: int, pyramid: Pyramid) -> None:
        """Write a finished pyramid, and remove those of other filters of the channel."""
        path = self.path(channel, stretch, pyramid)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with new_file(path) as part, part.open("wb") as file:
                np.save(file, pyramid.lowest_level(), allow_pickle=False)
            for other in path.parent.glob(f"{self._prefix(channel)}-{stretch}-*{_SUFFIX}"):
                if other != path:
                    other.unlink()
        except OSError:
            self.folder = None

    def remove_others(self) -> None:
        """Remove the files of another recording, as after the file was exchanged."""
        if self.folder is None or not self.folder.is_dir():
            return
        for other in self.folder.glob(f"*{_SUFFIX}"):
            if not other.name.startswith(f"{self.sha256[:16]}-"):
                other.unlink(missing_ok=True)


@dataclass(kw_only=True, slots=True, eq=False)
class Reader:
    """Builds the pyramids of a store in a thread of its own.

    Attributes
    ----------
    store : SignalStore
    files : LevelFiles
    shown : callable
        Returns the channels that are shown, with their filters.
    """

    store: SignalStore
    files: LevelFiles
    shown: Callable[[], Sequence[Shown]]
    _thread: Thread | None = None
    _wish: tuple[Window, tuple[Shown, ...]] | None = None
    _ended: bool = False
    _asking: int = 0
    _turn: int = 0
    _changed: Any = field(default_factory=Condition)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Stand back while a request is answered."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def begin(self) -> None:
        """Start reading, unless it has begun."""
        with self._changed:
            if self._thread is None and not self._ended:
                self._thread = Thread(target=self._run, name="signals", daemon=True)
                self._thread.start()

    def want(self, window: Window, channels: Sequence[Shown]) -> None:
        """Read these channels over a window before everything else."""
        with self._changed:
            before = self._wish
            together = before[1] if before is not None and before[0] == window else ()
            wish = window, (*together, *(one for one in channels if one not in together))
            if wish != before:
                self._wish = wish
                self._turn += 1
                self._changed.notify_all()
        self.begin()

    def look_again(self) -> None:
        """Read what is shown now: channels or filters were changed."""
        with self._changed:
            self._turn += 1
            self._changed.notify_all()

    def end(self) -> None:
        """Stop after the block that is being read."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _run(self) -> None:
        self.files.remove_others()
        while not self._ended:
            turn = self._turn
            if self._read_all(turn):
                with self._changed:
                    while turn == self._turn and not self._ended:
                        self._changed.wait()

    def _read_all(self, turn: int) -> bool:
        """Read what is wanted, then what is shown; return whether nothing else came between."""
        wish, shown = self._wish, tuple(self.shown())
        duration_s = self.store.recording.duration_s
        self._take_files((*(() if wish is None else wish[1]), *shown))
        spans = [] if wish is None else [(wish[1], wish[0].from_s, wish[0].to_s)]
        for channels, from_s, to_s in (*spans, (shown, 0.0, duration_s)):
            for filtered in (False, True):
                for pyramid, block in self._blocks(channels, from_s, to_s, filtered=filtered):
                    pyramid.build(block)
                    if not self._may_go_on(turn):
                        return False
            self._keep_files(channels)
        return True

    def _may_go_on(self, turn: int) -> bool:
        with self._changed:
            if self._asking:
                self._changed.wait(_STAND_BACK_S)
            return turn == self._turn and not self._ended

    def _blocks(
        self, channels: Sequence[Shown], from_s: float, to_s: float, *, filtered: bool
    ) -> Iterator[tuple[Pyramid, int]]:
        """Yield missing blocks, those of all channels at one time together as they lie in the file.

        Without ``filtered`` those of the signals as recorded, where they will be filtered.
        """
        found = []
        for channel, chosen in channels:
            own = self.store.stretches(channel, chosen)
            if not filtered:
                done = chosen == Filter() or all(one.is_whole for one in own)
                own = [] if done else self.store.raw(channel)
            for pyramid in own:
                blocks = pyramid.missing(from_s, to_s)
                found += [
                    (rank / len(blocks), channel, pyramid, block)
                    for rank, block in enumerate(blocks)
                ]
        found.sort(key=lambda one: one[:2])
        return ((pyramid, block) for _rank, _channel, pyramid, block in found)

    def _take_files(self, channels: Sequence[Shown]) -> None:
        for channel, chosen in dict.fromkeys(channels):
            for number, pyramid in enumerate(self.store.stretches(channel, chosen)):
                if not pyramid.has_begun:
                    self.files.take(channel, number, pyramid)

    def _keep_files(self, channels: Sequence[Shown]) -> None:
        for channel, chosen in channels:
            for number, pyramid in enumerate(self.store.stretches(channel, chosen)):
                path = self.files.path(channel, number, pyramid)
                if path is not None and pyramid.is_whole and not path.is_file():
                    self.files.keep(channel, number, pyramid)
