"""Read a file with MNE once, in a process of its own with limits of memory and time.

``psgkit.io.bridge.incoming`` starts it by its path before it reads the file itself: a damaged file
that makes MNE fill the memory, hang or crash ends this process only.  Every sample is decoded once,
block by block, because a damaged block is only noticed then.
"""

import json
import sys
import warnings

MOST_BYTES = 4 * 2**30
"""Of address space; libraries take 1 GB of it."""
BLOCK_SAMPLES = 2**22
"""Of all channels together."""
REFUSED = 3
"""Exit code with the reason, as JSON, on standard output; of any other error Python's own words on
standard error are enough."""


def main(file: str, most_s: str) -> int:
    """Read ``file`` and return the exit code."""
    _limit(int(most_s))
    import mne

    try:
        with mne.utils.catch_logging(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raw = mne.io.read_raw(file, preload=False, verbose="error")
            step = max(1, BLOCK_SAMPLES // max(len(raw.ch_names), 1))
            for first in range(0, raw.n_times, step):
                raw.get_data(start=first, stop=min(first + step, raw.n_times))
    except ImportError as error:
        return _refuse("package", error)
    except MemoryError as error:
        return _refuse("memory", error)
    return 0


def _limit(most_s: int) -> None:
    """Limit memory and time of this process, where the system can."""
    try:
        import resource
    except ModuleNotFoundError:
        # Windows: the time is limited by the process that waits
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (most_s, most_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(kind: str, error: BaseException) -> int:
    said = " ".join(str(error).split()) or type(error).__name__
    sys.stdout.write(json.dumps({"kind": kind, "said": said[:500]}) + "\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
