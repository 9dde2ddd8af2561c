"""``psgkit review``: look at a night, correct its scoring, sign it."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import (
    ChannelMap,
    ContextFile,
    EventsFile,
    HypnogramFile,
    LightsOff,
    LightsOn,
    Restage,
    RulesName,
    SettingsFile,
    Sidecar,
    StageBy,
    StageCodesText,
    busy,
    codes_of,
    say,
    settings_of,
    with_staging,
)
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.review.session import ReviewSession


def review(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="EDF, EDF+, BDF or BDF+ file.")
    ],
    hypnogram: HypnogramFile = None,
    stage_codes: StageCodesText = None,
    events: EventsFile = None,
    sidecar: Sidecar = False,
    channels: ChannelMap = None,
    context: ContextFile = None,
    sit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="sit.json of --protocol: beside this night.")
    ] = None,
    rules: RulesName = None,
    settings: SettingsFile = None,
    stage: StageBy = None,
    restage: Restage = False,
    lights_off: LightsOff = None,
    lights_on: LightsOn = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--report",
            metavar="DIR",
            help="Folder of the report and of the review; else NAME_review beside the recording.",
        ),
    ] = None,
    scorer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who reviews; else the user's name.")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Hide the movements that were found.")
    ] = False,
    consensus: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="FILE FILE",
            help="Two reviews of this night: step through where they differ, and decide.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--anew", help="Go on where the review ended; --anew keeps it and begins anew."
        ),
    ] = True,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser: only print the address.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=65535, help="Port here; 0 is a free one."),
    ] = 0,
) -> None:
    """Look at a night in a browser, correct its scoring and sign it.

    Every change is on the disk at once, in review.jsonl beside the report.  The page can be seen
    from this machine only; its address holds a secret and is the first line of standard output.

    \b
    Examples:
      psgkit review night.edf --hypnogram stages.csv --events events.csv
      psgkit review night.edf --scorer "A. Meier" --out report
      psgkit review night.edf --stage yasa
      psgkit review night.edf --blind --scorer CD
      psgkit review night.edf --consensus report/review.jsonl report/review_blind_CD.jsonl
      psgkit review night.edf --no-browser --port 8765
      psgkit report night.edf --review night_review/review.jsonl --out signed --pdf
      psgkit report evening.edf --protocol sit --review evening_review/review.jsonl
    """
    from psgkit import extras

    extras.require("starlette")
    extras.require("uvicorn")

    from psgkit.night.files import NightChoice, NightFiles
    from psgkit.review.server import serve
    from psgkit.review.walk import ReviewChoice, open_review

    if scorer is not None and not scorer.strip():
        raise SettingsError("--scorer", "an empty name", "the name or the initials of the scorer")
    if blind and consensus is not None:
        raise SettingsError("--blind", "it with --consensus", "one of both")
    files = NightFiles(
        hypnogram=hypnogram,
        events=events,
        channels=channels,
        sidecar=sidecar,
        context=context,
        sit=sit,
        stage_codes=codes_of(stage_codes),
    )
    staged = with_staging(settings_of(settings, rules), stage, restage=restage)
    choice = NightChoice(settings=staged, lights=(lights_off, lights_on))
    chosen = ReviewChoice(
        files=files,
        choice=choice,
        scorer=(scorer or "").strip(),
        folder=out,
        blind=blind,
        consensus=consensus,
        resume=resume,
    )
    with busy(f"{recording.name}: reading and detecting"):
        session = open_review(recording, chosen)
    for finding in session.findings:
        say(f"{finding.where}: {finding.message}")
    if session.others:
        say(f"also worked on by {', '.join(session.others)}")
    try:
        serve(session, port, browser=not no_browser)
    finally:
        session.close()
        say(_ended(session, recording))
        if about_test := _of_a_test(session, recording):
            say(about_test)


def _of_a_test(session: "ReviewSession", recording: Path) -> str:
    """Return how the review goes into a test that is marked in the recording; empty for none."""
    from psgkit.sit.test_window import find_part

    part, _findings = find_part(session.recording, session.rescorer.night.scorer.events)
    if "annotation" not in part.source or session.file is None:
        return ""
    kept = ("--review", str(session.file.path))
    command = shlex.join(("psgkit", "report", str(recording), "--protocol", "sit", *kept))
    marked = "an immobilisation test is marked in it; its indices with these marks"
    return f"{marked}: {command}"


def _ended(session: "ReviewSession", recording: Path) -> str:
    """Return where the review is, for the scorer who just closed it."""
    kept = session.file.path if session.file is not None else session.folder
    if session.signed is not None:
        done = f"signed by {session.signed.by}: open {session.folder}/report.html"
        words = ["report", recording, "--review", kept, "--out", session.folder, "--pdf"]
        staging = session.rescorer.night.settings.staging
        if staging.method:
            words += ["--stage", staging.method, *(["--restage"] if staging.restage else [])]
        pdf = shlex.join(("psgkit", *map(str, words)))
        return f"{done}; a PDF, with the scoring files of this review: {pdf}"
    return f"not signed yet; every change is in {kept}: the same command goes on with it"
