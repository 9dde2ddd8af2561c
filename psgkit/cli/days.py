"""``psgkit days``: rest-activity rhythm, nights and movements at rest over days on end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import (
    AsJson,
    AsPdf,
    ContextFile,
    Full,
    OutFolder,
    SettingsFile,
    Symptoms,
    refuse_pdf_without_folder,
    say,
    use_lab,
)
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.core.days.days_report import DaysReport


def days(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="Accelerometers or counts of days on end.")
    ],
    tz: Annotated[
        str | None,
        typer.Option("--tz", metavar="ZONE", help="Where it was worn, as in Europe/Berlin."),
    ] = None,
    diary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sleep diary: a table, a row a night.")
    ] = None,
    markers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Presses of the event button (a column time, as the device wrote it): ends of "
            "nights that the diary does not have.",
        ),
    ] = None,
    clock: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Two or more events that a reference such as a PSG saw, too: device_time and "
            "reference_time. Corrects offset and drift of the device clock.",
        ),
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option(
            metavar="ORDER", help="Date order where it is ambiguous (03/04/2024): dmy or mdy."
        ),
    ] = None,
    channels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Channel map (TOML), for EDF.")
    ] = None,
    hypnogram_by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="How sleep is estimated; 'list' shows the names."),
    ] = None,
    counts_by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What the rhythm is of: counts, enmo or mad."),
    ] = None,
    count_scale: Annotated[
        float | None,
        typer.Option(
            metavar="FACTOR",
            min=0.0,
            help="What counts are multiplied by for the method of sleep; known for counts of an "
            "ActiGraph and an Actiwatch, and stated by the warning for others.",
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="Sensor for sleep and rhythm, as in left_wrist."),
    ] = None,
    settings: SettingsFile = None,
    context: ContextFile = None,
    symptoms: Symptoms = None,
    out: OutFolder = None,
    pdf: AsPdf = False,
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    """Report days on end: rhythm of rest and activity, nights, movements at rest by hour.

    Sleep is estimated from movement, and every figure that rests on it says so.

    \b
    Examples:
      psgkit days week.edf --tz Europe/Berlin --out week-report
      psgkit days week.csv --tz America/New_York --diary diary.csv
      psgkit days week.csv --markers markers.csv --clock common-events.csv --out week-report
      psgkit days week.edf --hypnogram-by sadeh_ps-4 --counts-by enmo --json
      psgkit days week.edf --hypnogram-by list
      psgkit days week.edf --context subject.toml --symptoms symptoms.csv
    """
    from psgkit.sleep.from_movement.actigraphy import METHODS

    if hypnogram_by == "list":
        sys.stdout.write("".join(f"{name}\n" for name in METHODS))
        return
    from psgkit.cli.options import busy, printed_width
    from psgkit.days.settings import ACTIVITIES, read_days_settings
    from psgkit.days.walk import days_of_file
    from psgkit.io.actigraphy.read import DayOptions
    from psgkit.report.days.document import days_as_json
    from psgkit.report.days.page import page_about_days
    from psgkit.report.terminal import page_as_text
    from psgkit.report.write import write_days

    _check("--hypnogram-by", hypnogram_by, METHODS)
    _check("--counts-by", counts_by, ACTIVITIES)
    _check("--dates", dates, ("dmy", "mdy"))
    refuse_pdf_without_folder(out, pdf=pdf)
    asked = {
        "sleep_by": hypnogram_by,
        "activity_by": counts_by,
        "sleep_place": place,
        "count_scale": count_scale,
    }
    chosen = read_days_settings(settings, {k: v for k, v in asked.items() if v is not None})
    use_lab(chosen.night.lab)
    options = DayOptions(
        zone=tz or "",
        diary=diary,
        markers=markers,
        clock=clock,
        channels=channels,
        day_first=None if dates is None else dates == "dmy",
    )
    with busy(f"{recording.name}: reading and analysing"):
        report = days_of_file(recording, options, chosen)
    report = _with_answers(report, context, symptoms, options.day_first)
    if out is not None:
        say(*(f"wrote {path}" for path in write_days(report, out, pdf=pdf)))
    if as_json:
        sys.stdout.write(days_as_json(report))
    else:
        page = page_about_days(report)
        sys.stdout.write(
            page_as_text(page, width=printed_width(), colour=sys.stdout.isatty(), full=full)
        )


def _with_answers(
    report: "DaysReport", context: Path | None, symptoms: Path | None, day_first: bool | None
) -> "DaysReport":
    """Return the report with the answers and the diary of symptoms in files, if there are any."""
    if context is None and symptoms is None:
        return report
    from psgkit.days.walk import with_answers
    from psgkit.io.symptoms import read_symptoms
    from psgkit.profile.context.read import read_context

    file = None if context is None else read_context(context)
    diary, about = (None, ()) if symptoms is None else read_symptoms(symptoms, day_first=day_first)
    findings = (*(() if file is None else file.findings), *about)
    return with_answers(report, None if file is None else file.context, diary, findings)


def _check(option: str, name: str | None, known: tuple[str, ...]) -> None:
    """Raise for a name that is not one of those there are."""
    if name is not None and name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else ""
        raise SettingsError(option, repr(name), f"one of {', '.join(known)}", advice)
