"""Keep Python and its libraries from obeying files of the working folder.

Commands are typed in folders of recordings, which come from others and may hold any file.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

_STYLE_FILE = "matplotlibrc"


@contextmanager
def imports_from_no_working_folder() -> Iterator[None]:
    """Keep Python processes started in this block from importing modules of the working folder.

    Workers and helpers of multiprocessing are started by ``python -c``, which searches that folder
    first.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def obey_no_style_of_working_folder() -> None:
    """Load matplotlib elsewhere if the working folder has settings for it.

    They could name programs to run, make pictures differ, or be a pipe that is waited for.  The
    command line and its workers call this; in Python the style is the caller's.
    """
    if "matplotlib" not in sys.modules and os.path.lexists(_STYLE_FILE):
        with chdir(Path(__file__).parent):
            import matplotlib  # noqa: F401 - it reads its settings once
