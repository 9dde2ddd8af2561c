"""``psgkit check``: what is in recordings, what is wrong with them, what they can be used for."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import ChannelMap, StageCodesText, codes_of, say
from psgkit.document.outside_text import visible
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psgkit.check.survey import CheckedFile
    from psgkit.io.edf.copies import Source

UNREADABLE = 3


def check(
    recordings: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDING",
            help="EDF or BDF files, folders of them, or files of stages and events.",
        ),
    ],
    channels: ChannelMap = None,
    stage_codes: StageCodesText = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print one row a channel.")] = False,
    repair: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write corrected copies and a log here.")
    ] = None,
    anonymise: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write copies without names and dates here.")
    ] = None,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Do not rename anonymised copies.")
    ] = False,
) -> None:
    """Say what is in recordings, what is wrong with them, and what they can be used for.

    A file of stages or events is read as psgkit report and score read it.

    A folder is searched for *.edf, *.bdf and *.rec and gives one line a file.  The exit code is 3
    if any file could not be read.  Repaired copies keep every sample; repair.log says what changed.
    Anonymised copies start on 1985-01-01 at the true time of day, hold no names, numbers or free
    annotations, and are called by a hash of their content.

    \b
    Examples:
      psgkit check night.edf
      psgkit check recordings --csv > channels.csv
      psgkit check night.edf --repair repaired
      psgkit check recordings --anonymise shared
    """
    from psgkit.io.edf.copies import find_recordings, refuse_own_folder

    if as_json and as_csv:
        raise SettingsError("check", "--json and --csv", "one of them")
    if keep_names and anonymise is None:
        raise SettingsError("check", "--keep-names", "--anonymise DIR with it")
    if repair is not None and anonymise is not None:
        raise SettingsError("check", "--repair and --anonymise", "one after the other")
    sources = [source for path in recordings for source in find_recordings(path)]
    for folder in filter(None, (repair, anonymise)):
        refuse_own_folder(sources, folder)
    files = _checked(sources, channels, stage_codes)
    sys.stdout.write(_text(files, sources, "json" if as_json else "csv" if as_csv else ""))
    failed = any(file.error is not None for file in files)
    readable = [s for s, file in zip(sources, files, strict=True) if file.error is None]
    if repair is not None:
        _repair(readable, repair)
    if anonymise is not None:
        failed |= not _anonymise(readable, anonymise, hashed=not keep_names)
    if failed:
        raise typer.Exit(UNREADABLE)


def _checked(
    sources: "Sequence[Source]", channels: Path | None, stage_codes: str | None
) -> "list[CheckedFile]":
    from psgkit.check.survey import CheckedFile, check_file
    from psgkit.cli.options import counted
    from psgkit.io.channels.channel_map import read_channel_map

    codes = codes_of(stage_codes)
    channel_map = read_channel_map(channels) if channels is not None else None
    with counted("checking", len(sources)) as advance:
        files = []
        for source in sources:
            try:
                files.append(check_file(source.path, source.name, channel_map, codes))
            except SettingsError as error:
                # one of many files that does not have the channels of the map is a row like others
                if len(sources) == 1:
                    raise
                files.append(CheckedFile(name=source.name, error=error))
            advance()
        return files


def _text(files: "Sequence[CheckedFile]", sources: "Sequence[Source]", kind: str) -> str:
    from psgkit.check.as_json import channels_csv, files_as_json
    from psgkit.check.as_text import file_as_text, files_as_lines
    from psgkit.cli.options import printed_width

    if kind == "json":
        return files_as_json(files)
    if kind == "csv":
        rows = channels_csv(files)
        if not sys.stdout.isatty():
            return rows
        # labels may hold commands for the terminal; files and pipes get them as they are
        return "\n".join(visible(line) for line in rows.split("\n"))
    colour, width = sys.stdout.isatty(), printed_width()
    pages = [
        file_as_text(file, width=width, colour=colour)
        for file, source in zip(files, sources, strict=True)
        if source.folder is None
    ]
    lines = [f for f, source in zip(files, sources, strict=True) if source.folder is not None]
    return "\n".join([*pages, *([files_as_lines(lines)] if lines else [])])


def _repair(sources: "Sequence[Source]", folder: Path) -> None:
    """Write corrected copies and the log of what was changed."""
    from psgkit.cli.options import counted
    from psgkit.io.edf.copies import new_copy
    from psgkit.io.edf.repair import log_lines, repair_edf

    lines = ["file\tfield\tbyte\told\tnew"]
    with counted("repairing", len(sources)) as advance:
        for source in sources:
            done = repair_edf(source.path, folder / source.name)
            lines += log_lines(source.name, done)
            outcome_words = f"{len(done.changes)} changes, {len(done.left)} faults left"
            say(f"wrote {done.path}: {outcome_words}")
            advance()
    with new_copy(folder / "repair.log") as log:
        log.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    say(f"wrote {folder / 'repair.log'}")


def _anonymise(sources: "Sequence[Source]", folder: Path, *, hashed: bool) -> bool:
    """Write copies without names and dates; return whether all could be."""
    from psgkit.cli.options import counted
    from psgkit.io.edf.anonymise import (
        AnonymiseError,
        anonymise_edf,
        hashed_name,
        unknown_labels,
    )

    complete = True
    with counted("anonymising", len(sources)) as advance:
        for source in sources:
            target = folder / (hashed_name(source.path) if hashed else source.name)
            try:
                anonymise_edf(source.path, target)
                say(f"wrote {target} from {source.name}")
                kept = ", ".join(map(repr, unknown_labels(target)))
                if kept:
                    said = f"labels of {target.name} that only you can judge, kept: {kept}"
                    say(said)
            except AnonymiseError as error:
                complete = False
                say(f"psgkit: {error}")
            advance()
    return complete
