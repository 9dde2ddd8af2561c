"""The command line: one module a command, each reads, calls and writes.

Data go to standard output, everything else to standard error.  Exit codes: 0 done; 2 bad usage or
settings; 3 the input cannot be used, or memory or disk do not suffice; 4 a batch finished and some
nights failed; 130 stopped; 1 a bug.
"""

import gc
import io
import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path
from types import FrameType
from typing import NoReturn

from psgkit.core.regex import regex
from psgkit.document.masking import names_kept
from psgkit.document.outside_text import visible
from psgkit.errors import STOPPED, PsgkitError
from psgkit.extras import told
from psgkit.io.new_files import disk_error, noting_files, private_files
from psgkit.working_folder import obey_no_style_of_working_folder

_NO_MEMORY = regex("map segment|allocate memory")
"""What a library says that cannot be mapped into memory."""

_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Products of matrices are small here: threads that wait for each other double the time."""


_OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Importing makes many objects that stay: looking among them for garbage takes a tenth of it."""


def main() -> None:
    """Run the command line; an error about the input is one message and its exit code."""
    interrupts = _noting_interrupts()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for name in _THREADS:
        # read when numpy is imported
        os.environ.setdefault(name, "1")
    with noting_files() as written:
        _run_to_an_end(interrupts, written)


def _run_to_an_end(interrupts: list[int], written: Collection[Path]) -> None:
    try:
        # recordings are of patients: only their owner reads what is made of them
        with private_files(), names_kept(kept=False):
            _run()
    except PsgkitError as error:
        # whichever command, and whatever it took the error of the disk for
        _leave_if_full(error, str(error), written)
        _leave(str(error), error.exit_code)
    except KeyboardInterrupt:
        _leave("stopped", STOPPED)
    except SystemExit as leaving:
        if interrupts:
            _leave("stopped", STOPPED)
        # so typer leaves when it meets the closed pipe first; here 1 means a bug
        sys.exit(0 if leaving.code == 1 else leaving.code)
    except Exception as error:
        if interrupts:
            # libraries make errors of their own of an interrupt
            _leave("stopped", STOPPED)
        if _is_out_of_memory(error):
            _leave("more memory was needed than this process may have", PsgkitError.exit_code)
        _leave_if_full(error, "no room to write", written)
        raise


def _is_out_of_memory(error: Exception) -> bool:
    unmapped = isinstance(error, ImportError) and _NO_MEMORY.search(str(error)) is not None
    return isinstance(error, MemoryError) or unmapped


_MOST_NAMED = 20


def _leave_if_full(error: Exception, words: str, written: Collection[Path]) -> None:
    """Leave with what was and what was not written, if an error arose from a full disk."""
    full = disk_error(error)
    if full is None:
        return
    # a batch renames whole folders of files
    there = [str(path) for path in written if path.exists()]
    more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
    complete = f"{', '.join(there[:_MOST_NAMED])}{more}" if there else "nothing"
    name = full.filename if isinstance(full, OSError) else None
    missing = f"{name} and what comes after it" if name else "the rest"
    _leave(
        f"{words}\nThe disk is full, or a quota or limit is reached. Written, and complete: "
        f"{complete}. Not written: {missing}. Make room, then repeat the same call.",
        PsgkitError.exit_code,
    )


def _run() -> None:
    from psgkit.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal or pipe that cannot show a character shows a question mark
            stream.reconfigure(errors="replace")
    obey_no_style_of_working_folder()
    try:
        try:
            app(prog_name="psgkit")
        except ModuleNotFoundError as error:
            raise told(error) from error
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # the reader of a pipe (head, less) has what it wants; nothing more can be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _leave(words: str, code: int) -> NoReturn:
    # names and labels from outside may hold commands for the terminal
    said = "\n".join(visible(line) for line in words.split("\n"))
    sys.stderr.write(f"psgkit: {said}\n")
    sys.exit(code)


def _noting_interrupts() -> list[int]:
    """Return a list that grows when SIGINT arrives: typer leaves without a word then.

    ``psgkit batch`` sets its own handler, and has its own words.
    """
    interrupts: list[int] = []

    def on_interrupt(number: int, _frame: FrameType | None) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, on_interrupt)
    return interrupts
