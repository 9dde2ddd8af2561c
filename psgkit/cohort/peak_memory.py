"""How much memory a process had at most since it was asked to measure."""

import sys
from pathlib import Path

_FORGET_PEAK = "5"
"""What the kernel takes as: forget the highest resident size so far (proc(5), clear_refs)."""


def start_measuring() -> None:
    """Forget the peak so far, where the system can: else it is that of the whole process."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        try:
            clear.write_text(_FORGET_PEAK)
        except OSError:
            # a hardened kernel does not let a process forget; the peak is then never too low
            return


def peak_bytes() -> int:
    """Return the highest resident size; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        peaks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peaks[0]) * 1024 if peaks else 0
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, the others kilobytes
    return peak if sys.platform == "darwin" else peak * 1024
