"""``psgkit export``: what was scored, in the files of other tools."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import say
from psgkit.errors import InputFileError, SettingsError

if TYPE_CHECKING:
    from psgkit.core.night_report import NightReport
    from psgkit.core.recording import Recording
    from psgkit.core.trace import NightTrace


def export(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT", help="report.json, as psgkit report --out writes it."),
    ],
    to: Annotated[
        str,
        typer.Option("--to", metavar="FORM", help="bids, edf, luna, csv, mne, yasa, wide or html."),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write here; psgkit-FORM without it.")
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Of --to edf: the recording, for a copy with its signals."
        ),
    ] = None,
    sub: Annotated[
        str, typer.Option(help="BIDS subject; without it a digest of the recording.")
    ] = "",
    ses: Annotated[str, typer.Option(help="BIDS session.")] = "",
    task: Annotated[str, typer.Option(help="BIDS task.")] = "sleep",
    run: Annotated[str, typer.Option(help="BIDS run; the first of several reports.")] = "",
    desc: Annotated[str, typer.Option(help="BIDS description.")] = "psgkit",
) -> None:
    """Export night reports: bids, edf (EDF+), luna (.annot), csv, mne (FIF, CSV), yasa, wide, html.

    wide is one table with a row a night and a column an index; without --out it is printed.  Files
    of the same name are replaced.  Movements of accelerometers have a name of their own, never PLM.
    html is the page of a night, without its recording: signals come from trace.npz beside the
    report, as psgkit report --keep-trace writes it.

    \b
    Examples:
      psgkit export night-report/report.json --to luna --out annotations
      psgkit export night-report/report.json --to edf --recording night.edf
      psgkit export before/report.json after/report.json --to bids --sub 01 --out derivatives
      psgkit export night-*/report.json --to wide > nights.csv
      psgkit export night-report/report.json --to html --out pages
    """
    from psgkit.document.read import read_report
    from psgkit.report.exchange.edf import write_beside_signals
    from psgkit.report.exchange.forms import exported
    from psgkit.report.exchange.names import Entities, file_stem
    from psgkit.report.exchange.wide import WIDE_TABLE
    from psgkit.report.write import write_contents

    if recording is not None and (to != "edf" or len(reports) > 1):
        raise SettingsError("--recording", "it", "it with --to edf and one report")
    entities = Entities(sub=sub, ses=ses, task=task, run=run, desc=desc)
    nights = [read_report(path) for path in reports]
    signals = None if recording is None else _recording_of(nights[0], recording)
    traces = []
    if to == "html":
        traces = [_trace_beside(path, night) for path, night in zip(reports, nights, strict=True)]
    files = exported(nights, to, entities, traces)
    if to == "wide" and out is None:
        sys.stdout.write(files[WIDE_TABLE].decode("utf-8"))
        return
    folder = Path(f"psgkit-{to}") if out is None else out
    written = []
    if signals is not None:
        path = folder / f"{file_stem(nights[0])}_scored.edf"
        written.append(write_beside_signals(nights[0], signals, path))
    written += write_contents(files, folder)
    say(*(f"wrote {path}" for path in written))


def _trace_beside(path: Path, night: "NightReport") -> "NightTrace | None":
    """Return the trace beside a report; say on standard error that there is none."""
    from psgkit.document.trace_file import TRACE_FILE, read_trace

    beside = path.with_name(TRACE_FILE)
    if beside.exists():
        return read_trace(beside, night)
    say(f"no {TRACE_FILE} beside {path}: the page shows no signals")
    return None


def _recording_of(night: "NightReport", path: Path) -> "Recording":
    """Return the recording of a report; raise if it is another one."""
    from psgkit.io.files import sha256_of
    from psgkit.io.read import read_recording

    recording = read_recording(path)
    digest = sha256_of(path) if night.sha256 else None
    same_length = abs(recording.duration_s - night.duration_s) < 1.0
    if digest != night.sha256 or not same_length:
        raise InputFileError(
            path.name,
            "another recording than that of the report",
            f"the recording called {night.source!r} there, byte by byte",
        )
    return recording
