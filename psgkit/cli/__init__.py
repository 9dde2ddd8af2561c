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
from types import FrameType
from typing import NoReturn

from psgkit.core.regex import regex
from psgkit.document.masking import names_kept
from psgkit.document.outside_text import visible
from psgkit.errors import STOPPED, PsgkitError
from psgkit.extras import told
from psgkit.io.new_files import is_full, private_files
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
    try:
        # recordings are of patients: only their owner reads what is made of them
        with private_files(), names_kept(kept=False):
            _run()
    except PsgkitError as error:
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
        _leave_if_something_lacks(error)
        raise


def _is_out_of_memory(error: Exception) -> bool:
    unmapped = isinstance(error, ImportError) and _NO_MEMORY.search(str(error)) is not None
    return isinstance(error, MemoryError) or unmapped


def _leave_if_something_lacks(error: Exception) -> None:
    """Leave with one line if an error is about memory or room on the disk."""
    if _is_out_of_memory(error):
        _leave("more memory was needed than this process may have", PsgkitError.exit_code)
    if is_full(error):
        _leave(_what_is_full(error), PsgkitError.exit_code)


def _what_is_full(error: Exception) -> str:
    name = error.filename if isinstance(error, OSError) else None
    at = f" at {name}" if name else ""
    return (
        f"no room to write{at}: files that are named are complete, nothing else was written; make "
        "room, and the same call goes on"
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
