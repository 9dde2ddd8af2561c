"""Annotations of a scorer's file: which have a usable time, and how they get onto our clock."""

from collections.abc import Iterator
from datetime import datetime

from psgkit.core.finding import Finding
from psgkit.core.recording import Annotations, Recording
from psgkit.io.text.tables import MAX_TIME_S

DAY_S = 86400.0


def usable_rows(annotations: Annotations) -> Iterator[tuple[float, float, str]]:
    """Return onset, duration and text of the annotations whose times are within thirty years.

    Examples
    --------
    >>> marks = Annotations(onset_s=(5.0, 1e99), duration_s=(0.0, 0.0), text=("a", "b"))
    >>> list(usable_rows(marks))
    [(5.0, 0.0, 'a')]
    """
    rows = zip(annotations.onset_s, annotations.duration_s, annotations.text, strict=True)
    for onset_s, duration_s, text in rows:
        if abs(onset_s) <= MAX_TIME_S and 0 <= duration_s <= MAX_TIME_S:
            yield onset_s, duration_s, text


def unusable_findings(recording: Recording) -> tuple[Finding, ...]:
    """Say how many annotations have a time no recording has."""
    n_usable = sum(1 for _ in usable_rows(recording.annotations))
    n_dropped = len(recording.annotations) - n_usable
    if not n_dropped:
        return ()
    message = f"{n_dropped} annotations have an impossible onset or duration and are left out"
    return (Finding("warning", "annotations.time", recording.source, message),)


def clock_shift_s(
    recording: Recording, recording_start: datetime | None
) -> tuple[float, tuple[Finding, ...]]:
    """Return the seconds that bring the times of a scorer's file onto the recording's clock.

    Parameters
    ----------
    recording : Recording
        The scorer's file.
    recording_start : datetime or None
        Clock time of second 0 of what was scored; None if it is not known.

    Examples
    --------
    >>> start = datetime(2024, 1, 1, 22, 0, 0)
    >>> scored = Recording(source="s.edf", start=start, segments=(), channels=())
    >>> clock_shift_s(scored, datetime(2024, 1, 1, 22, 0, 30))[0]
    -30.0
    """
    if recording_start is None:
        return 0.0, ()
    if recording.start is None:
        message = "the file does not say when it starts; taken to start with the recording"
        return 0.0, (Finding("warning", "clock.unknown", recording.source, message),)
    # An EDF has local time without a zone; MNE calls the same time UTC.
    apart = recording.start.replace(tzinfo=None) - recording_start.replace(tzinfo=None)
    shift_s = apart.total_seconds()
    if abs(shift_s) < DAY_S:
        return shift_s, ()
    message = (
        f"the file starts {abs(shift_s) / DAY_S:.1f} days {'after' if shift_s > 0 else 'before'} "
        "the recording; its times are aligned by clock all the same"
    )
    return shift_s, (Finding("warning", "clock.days_apart", recording.source, message),)
