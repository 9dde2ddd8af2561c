"""What a batch would make of a recording of days, as far as that is quick to see."""

from pathlib import Path

from psgkit.cohort.days_work import options_of
from psgkit.cohort.planned import DaysFiles, PlannedNight
from psgkit.errors import SettingsError
from psgkit.io.actigraphy.read import read_days
from psgkit.io.actigraphy.recognise import kind_of_days

QUICK = ("EDF", "table of counts", "Actiware export", "Actiwatch AWD", "CamNtech MTN")
"""What is read for a look; an archive of raw samples of a week takes as long as the week."""
_DAY_S = 86400.0


def days_in_words(night: PlannedNight, days: DaysFiles) -> tuple[str, tuple[str, ...]]:
    """Return what lies beside a recording of days, and what it holds.

    Raises
    ------
    PsgkitError
        If it, or what lies beside it, cannot be used.
    """
    beside = {"diary": days.diary, "markers": days.markers, "clock": days.clock}
    for what, path in beside.items():
        if path is not None and not path.is_file():
            raise SettingsError(f"{what} {Path(path).name}", "no such file", "a table")
    told = ", ".join(what for what, path in beside.items() if path is not None)
    kind = kind_of_days(night.recording) or "days"
    if kind not in QUICK:
        return told, (f"days ({kind})",)
    found = read_days(night.recording, options_of(night, days))
    places = [one.place or one.label for one in found.counts]
    if found.recording is not None:
        sensors = found.recording.with_role("accelerometer")
        places = [*dict.fromkeys(one.place or one.label for one in sensors), *places]
    return told, (f"{found.duration_s / _DAY_S:.1f} days ({kind})", *places)
