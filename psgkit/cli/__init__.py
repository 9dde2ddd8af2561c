"""The command line: one module a command, each reads, calls and writes.

Data go to standard output, everything else to standard error.  Exit codes: 0 done; 2 bad usage or
settings; 3 the input cannot be used; 4 a batch finished and some nights failed; 1 a bug.
"""

import io
import os
import sys

from psgkit.document.outside_text import visible
from psgkit.errors import PsgkitError

_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Products of matrices are small here: threads that wait for each other double the time."""


def main() -> None:
    """Run the command line; an error about the input is one message and its exit code."""
    for name in _THREADS:
        # read when numpy is imported
        os.environ.setdefault(name, "1")
    from psgkit.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal or pipe that cannot show a character shows a question mark
            stream.reconfigure(errors="replace")
    try:
        try:
            app(prog_name="psgkit")
        finally:
            sys.stdout.flush()
    except PsgkitError as error:
        # names and labels from outside may hold commands for the terminal
        said = "\n".join(visible(line) for line in str(error).split("\n"))
        sys.stderr.write(f"psgkit: {said}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # the reader of a pipe (head, less) has what it wants; nothing more can be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except SystemExit as leaving:
        # so typer leaves when it meets the closed pipe first; here 1 means a bug
        sys.exit(0 if leaving.code == 1 else leaving.code)
