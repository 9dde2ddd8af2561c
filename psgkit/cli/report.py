"""``psgkit report``: one night, from a recording to its report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import (
    AsJson,
    AsPdf,
    ChannelMap,
    ContextFile,
    EventsFile,
    Full,
    HypnogramFile,
    LightsOff,
    LightsOn,
    OutFolder,
    PatientLine,
    Quiet,
    Restage,
    RulesName,
    SettingsFile,
    Sidecar,
    StageBy,
    StageCodesText,
    Subject,
    codes_of,
    printed_width,
    refuse_pdf_without_folder,
    say,
    settings_of,
    with_staging,
)
from psgkit.cli.protocol import (
    ProtocolOptions,
    deliver_test,
    test_of_file,
)
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.core.lab import Lab
    from psgkit.core.night_report import NightReport
    from psgkit.core.trace import NightTrace
    from psgkit.night.files import NightChoice, NightFiles
    from psgkit.settings import Settings


def report(
    recordings: Annotated[
        list[Path],
        typer.Argument(metavar="RECORDING", help="EDF, EDF+, BDF or BDF+ file, or a folder."),
    ],
    hypnogram: HypnogramFile = None,
    stage_codes: StageCodesText = None,
    stage: StageBy = None,
    restage: Restage = False,
    events: EventsFile = None,
    sidecar: Sidecar = False,
    channels: ChannelMap = None,
    context: ContextFile = None,
    sit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="sit.json of --protocol: beside this night.")
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Review of this night, as psgkit review writes it."),
    ] = None,
    rules: RulesName = None,
    settings: SettingsFile = None,
    lights_off: LightsOff = None,
    lights_on: LightsOn = None,
    protocol: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Not a night but a test: sit, msit, rest-test."),
    ] = None,
    parts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Parts of a rest test (CSV, TOML): posture, from, to, session."
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="Start of the test; else where it is annotated."),
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="T", help="End of the test.")] = None,
    discomfort: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answers to the prompts of the test: time, score, site."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar="MAX", help="Their scale: 100 (mm, sit) or 10 (msit).")
    ] = None,
    out: OutFolder = None,
    pdf: AsPdf = False,
    keep_trace: Annotated[
        bool,
        typer.Option(
            "--keep-trace", help="Write trace.npz, too: the signals as measured; needs --out."
        ),
    ] = False,
    subject: Subject = "",
    patient_line: PatientLine = False,
    full: Full = False,
    quiet: Quiet = False,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Give the index at onset thresholds of 4 to 16 uV and offset thresholds of 1 to "
            "4 uV, too; takes ten times as long.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Report one night: movements, series, sleep and its disruption.

    \b
    Examples:
      psgkit report night.edf
      psgkit report night.edf --hypnogram stages.csv --events events.csv --out report
      psgkit report night.edf --out report --pdf
      psgkit report night.edf --out report --keep-trace
      psgkit report night.edf --sensitivity
      psgkit report night.edf --stage yasa --out report
      psgkit report night.edf --sidecar
      psgkit report night.edf --full
      psgkit report nights/ --sidecar --out reports --quiet
      psgkit report night.edf --out report --pdf --subject "P-0017, second night"
      psgkit report night.edf --lights-off 23:05 --lights-on 06:40 --json
      psgkit report night.edf --channels map.toml --rules aasm3
      psgkit report night.edf --context subject.toml
      psgkit report night.edf --review night_review/review.jsonl --out signed --pdf
      psgkit report evening.edf --protocol sit --from 20:00 --to 21:00 --discomfort vas.csv
      psgkit report evening.edf --protocol sit --review evening_review/review.jsonl
      psgkit report night.edf --sit evening/sit.json
      psgkit report test.edf --protocol rest-test --parts parts.csv --discomfort vas.csv

    Parts of a rest test are annotated ("lying evening start", "lying evening end", or one
    annotation that lasts), or listed in a file; discomfort is rated from 0 to 10, three times
    a part and once in the 10 minutes after it, before the next part:

    \b
      parts.csv                        vas.csv
      posture,from,to,session          time,site,score
      lying,20:00,20:20,evening        20:10,legs,4
      seated,20:25,20:45,evening       20:20,legs,7
      standing,20:50,20:55,evening     20:22,legs,1
    """
    from psgkit.cli.several import folders_of, nights_as_text, recordings_in
    from psgkit.night.files import NightChoice, NightFiles

    recordings = recordings_in(recordings)
    test = ProtocolOptions(
        name=protocol,
        from_=from_,
        to=to,
        discomfort=discomfort,
        scale=scale,
        parts=parts,
        review=review,
    )
    of_a_night = {
        "--rules": rules,
        "--lights-off": lights_off,
        "--lights-on": lights_on,
        "--sit": str(sit) if sit else None,
        "--stage": stage,
        "--restage": "wanted" if restage else None,
        "--keep-trace": "wanted" if keep_trace else None,
        "--sensitivity": "wanted" if sensitivity else None,
        "--patient-line": "wanted" if patient_line else None,
    }
    test.check(of_a_night, recordings)
    if len(recordings) > 1 and (hypnogram or events or review or as_json):
        raise SettingsError(
            "report",
            f"{len(recordings)} recordings with --hypnogram, --events, --review or --json",
            "one recording with these options",
        )
    refuse_pdf_without_folder(out, pdf=pdf, patient_line=patient_line)
    _refuse_without_folder(out, {"--keep-trace": keep_trace, "--quiet": quiet})
    several = len(recordings) > 1
    folders = folders_of(recordings, out) if out is not None and several else {}
    in_short = []
    for path in recordings:
        chosen = with_staging(settings_of(settings, rules), stage, restage=restage)
        files = NightFiles(
            hypnogram=hypnogram,
            events=events,
            channels=channels,
            sidecar=sidecar,
            context=context,
            sit=sit,
            review=review,
            stage_codes=codes_of(stage_codes),
        )
        if test.name is not None:
            from psgkit.io.logo import read_letterhead

            deliver_test(
                test_of_file(path, files, chosen, test),
                out,
                as_json=as_json,
                pdf=pdf,
                full=full,
                quiet=quiet,
                letterhead=None if out is None else read_letterhead(chosen.lab, subject),
            )
            continue
        choice = NightChoice(settings=chosen, lights=(lights_off, lights_on))
        night, trace = _night(path, files, choice, traced=out is not None)
        if sensitivity:
            night = _with_sensitivity(night, path, files, choice)
        folder = folders.get(path, out)
        if several and not full:
            in_short.append((path, night))
        deliver(
            night,
            folder,
            trace,
            keep_trace=keep_trace,
            as_json=as_json,
            pdf=pdf,
            full=full,
            quiet=quiet,
            in_short=bool(in_short),
            lab=_with_patient_line(chosen.lab, wanted=patient_line),
            subject=subject,
        )
    if in_short and not quiet:
        sys.stdout.write(nights_as_text(in_short, printed_width()))


def _with_patient_line(lab: "Lab", *, wanted: bool) -> "Lab":
    """Return the laboratory with a line for the patient, if the command or the settings want it."""
    from dataclasses import replace

    return replace(lab, patient_line=wanted or lab.patient_line)


def _with_sensitivity(
    night: "NightReport", path: Path, files: "NightFiles", choice: "NightChoice"
) -> "NightReport":
    """Return the report with the index of the legs at other thresholds."""
    from dataclasses import replace

    from psgkit.night.sensitivity import threshold_sensitivity

    def analysed(settings: "Settings") -> "NightReport":
        if settings == choice.settings:
            return night
        return _night(path, files, replace(choice, settings=settings), traced=False)[0]

    return replace(night, sensitivity=threshold_sensitivity(analysed, choice.settings))


def _write_sensitivity(night: "NightReport", folder: Path) -> list[Path]:
    """Write table and figure of the index at other thresholds; return the files."""
    from psgkit.document.masking import masked
    from psgkit.report.csv_tables import as_csv
    from psgkit.report.figures.frame import as_svg
    from psgkit.report.figures.sensitivity import plot_sensitivity
    from psgkit.report.write import write_texts

    night = masked(night)
    rows = [
        {
            "onset_uv": f"{one.onset_uv:g}",
            "offset_uv": f"{one.offset_uv:g}",
            "movements_n": one.movements_n,
            "index": one.index.name,
            "value": None if one.index.value is None else f"{one.index.value:.2f}",
            "reason": one.index.reason,
        }
        for one in night.sensitivity
    ]
    drawing = as_svg(lambda axes: plot_sensitivity(night.sensitivity, axes), 340.0, 220.0)
    texts = {"sensitivity.csv": as_csv(list(rows[0]), rows), "sensitivity.svg": drawing}
    return write_texts(texts, folder)


def _refuse_without_folder(folder: Path | None, wanted: dict[str, bool]) -> None:
    """Raise if an option is given that needs a folder, and there is none."""
    for option, given in wanted.items():
        if given and folder is None:
            raise SettingsError(option, "no --out", "a folder for the files", "Add --out DIR.")


def _night(
    path: Path, files: "NightFiles", choice: "NightChoice", *, traced: bool
) -> "tuple[NightReport, NightTrace | None]":
    """Return the report of a night, and the trace of its signals if there will be a page."""
    from psgkit.cli.options import busy
    from psgkit.detect.trace import TraceRecorder
    from psgkit.night.files import report_of_files

    recorder = TraceRecorder() if traced else None
    with busy(f"{path.name}: reading and detecting"):
        if files.review is None and recorder is None:
            return report_of_files(path, files, choice), None
        from psgkit.review.apply import reviewed_report_of_files

        night = reviewed_report_of_files(path, files, choice, recorder=recorder)
    return night, None if recorder is None else recorder.trace(night.sha256)


def deliver(
    night: "NightReport",
    folder: Path | None,
    trace: "NightTrace | None" = None,
    *,
    keep_trace: bool = False,
    as_json: bool,
    pdf: bool = False,
    full: bool = False,
    quiet: bool = False,
    in_short: bool = False,
    lab: "Lab | None" = None,
    subject: str = "",
) -> None:
    """Write the files, if wanted, and print the report.

    ``quiet`` prints neither it nor the names of files; ``in_short`` leaves it to a table of nights.
    """
    if folder is not None:
        from psgkit.io.logo import read_letterhead
        from psgkit.report.write import write_report

        letterhead = None if lab is None else read_letterhead(lab, subject)
        written = write_report(
            night, folder, trace, pdf=pdf, keep_trace=keep_trace, letterhead=letterhead
        )
        if night.sensitivity:
            written += _write_sensitivity(night, folder)
        if not quiet:
            say(*(f"wrote {path}" for path in written))
    if as_json:
        from psgkit.document.write import night_json_pieces

        sys.stdout.writelines(night_json_pieces(night))
        return
    if quiet or in_short:
        return
    from psgkit.report.terminal import night_as_text

    colour = sys.stdout.isatty()
    sys.stdout.write(night_as_text(night, width=printed_width(), colour=colour, full=full))
