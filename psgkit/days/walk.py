"""Analysis of a recording of days: wear, activity, sleep, movements, rest, rhythm, profile."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from psgkit._version import __version__
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import DaysReport
from psgkit.core.finding import Finding
from psgkit.core.staged_indices import marked_groups
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.days.measure import measure, with_activity
from psgkit.days.nights import night_rows, over_nights, score_nights
from psgkit.days.rest import akathisia_group, day_rows, find_rest, rest_activity_group
from psgkit.days.sensors import find_sensors
from psgkit.days.settings import DaysSettings
from psgkit.days.sleep import estimate_sleep, hypnogram_of
from psgkit.indices.rhythms import with_stages
from psgkit.io.actigraphy.read import DayOptions, read_days
from psgkit.io.files import sha256_of
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.of_days import profile_of_days


def analyse_days(recording: DayRecording, settings: DaysSettings | None = None) -> DaysReport:
    """Return the report of a recording of days.

    Sleep is estimated from movement and labelled as an estimate; groups of movements are called
    after the place of their accelerometer.  Time not recorded or not worn is in no denominator.

    Parameters
    ----------
    recording : DayRecording
        Accelerometers, or counts of a device, with a clock.
    settings : DaysSettings, optional

    Examples
    --------
    >>> from datetime import datetime
    >>> import numpy as np
    >>> from psgkit.core.days.counts import Counts
    >>> from psgkit.core.days.day_clock import DayClock
    >>> awake = np.arange(3 * 1440) % 1440 >= 480
    >>> counts = Counts(counts=200.0 * awake + np.arange(3 * 1440) % 7, epoch_s=60.0)
    >>> days = DayRecording(source="x", clock=DayClock.of(datetime(2024, 1, 8)),
    ...                     duration_s=3 * 86400.0, counts=(counts,))
    >>> report = analyse_days(days)
    >>> round(report.indices["rest_activity"]["interdaily_stability"].value, 2)
    1.0
    >>> report.sleep_label[:32]
    'sleep estimated from movement by'
    """
    settings = settings or DaysSettings()
    sensors = find_sensors(recording, settings)
    recording = sensors.recording
    measured = measure(recording, sensors.worn, sensors.calibrations, settings)
    sleep, windows, about_sleep = estimate_sleep(recording, measured, settings)
    hypnogram = hypnogram_of(sleep)
    motion = sensors.motion(hypnogram, windows, settings)
    measured = with_activity(measured, motion.tracks, recording, settings)
    scored = score_nights(recording, motion, hypnogram, settings.night)
    rest = find_rest(recording, motion, hypnogram, windows)
    nights = night_rows(recording, windows, sleep, scored, motion, settings.night)
    indices = {
        "rest_activity": rest_activity_group(recording, measured, sleep, motion, rest, settings),
        "akathisia": akathisia_group(rest),
        **over_nights(nights),
    }
    source = None if sleep is None else sleep.label
    return DaysReport(
        source=recording.source,
        sha256=None,
        clock=recording.clock,
        duration_s=recording.duration_s,
        device=recording.device,
        settings=settings.as_dict(),
        sensors=sensors.described(),
        findings=(
            *recording.findings,
            *recording.clock.findings(),
            *sensors.findings,
            *measured.findings,
            *about_sleep,
            *motion.findings,
        ),
        left_out=sensors.left_out,
        activity=measured.activity,
        activity_of=measured.place,
        sleep=sleep,
        nights=tuple(replace(one, indices=marked_groups(one.indices, source)) for one in nights),
        days=tuple(
            replace(one, indices=marked_groups(one.indices, source))
            for one in day_rows(recording, measured, motion, rest, settings)
        ),
        movements=scored.movements(windows),
        postures=motion.trunk.postures,
        rhythms=with_stages(motion.rhythms, hypnogram),
        indices=marked_groups(indices, source),
        profile=profile_of_days(indices, recording.duration_s, findings=recording.findings),
        light=sensors.light(),
        markers_s=recording.markers_s,
        version=__version__,
    )


def with_answers(
    report: DaysReport,
    context: Context | None = None,
    symptoms: SymptomDiary | None = None,
    findings: Sequence[Finding] = (),
) -> DaysReport:
    """Return the report with the answers of a context and a diary of symptoms in its profile.

    Parameters
    ----------
    report : DaysReport
    context : Context, optional
    symptoms : SymptomDiary, optional
    findings : sequence of Finding
        Of reading both.

    Examples
    --------
    >>> from datetime import datetime
    >>> import numpy as np
    >>> from psgkit.core.days.counts import Counts
    >>> from psgkit.core.days.day_clock import DayClock
    >>> from psgkit.profile.context.model import Symptom
    >>> counts = Counts(counts=100.0 + np.arange(2880) % 50, epoch_s=60.0)
    >>> days = DayRecording(source="x", clock=DayClock.of(datetime(2024, 1, 8)),
    ...                     duration_s=2 * 86400.0, counts=(counts,))
    >>> asked = Context(symptoms=(Symptom(site="back", rest=True, evening=True),))
    >>> with_answers(analyse_days(days), asked).profile.answers[:37]
    'Answers fit a restless back on criter'
    """
    profile = profile_of_days(
        report.indices,
        report.duration_s,
        context,
        diary=symptoms,
        findings=report.findings,
    )
    return replace(
        report, symptoms=symptoms, profile=profile, findings=(*report.findings, *findings)
    )


def days_of_file(
    path: str | Path, options: DayOptions | None = None, settings: DaysSettings | None = None
) -> DaysReport:
    """Return the report of a file of days, with the digest of its bytes.

    Raises
    ------
    PsgkitError
        If the file, or a table beside it, cannot be read.
    """
    report = analyse_days(read_days(path, options), settings)
    return replace(report, sha256=sha256_of(path))
