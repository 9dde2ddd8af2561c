"""The table of all nights of a cohort: what is known of each, and the way to its report.

Names of files are not kept in a batch.  Where the user names the source again, they are looked up
in it, for the page alone.
"""

import functools
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from psgkit.cohort.plan.content import name_hash_by
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.cohort.plan.sources import find_nights
from psgkit.cohort.run.batch import known_files_of
from psgkit.cohort.summary.nights import PLMS, CohortNights
from psgkit.cohort.summary.outcome_sections import REPORT_FILE, STATE_NAMES, flag_in_words
from psgkit.cohort.tables.night_chunk import NIGHTS_FOLDER
from psgkit.core.dataclass import dataclass
from psgkit.errors import SettingsError
from psgkit.report.html.listing import Entry, Listing
from psgkit.report.marked_numbers import Link
from psgkit.report.page_model import Notes, Section
from psgkit.report.words.language import _
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import NO_VALUE, digits
from psgkit.scoring.rules import RULE_SETS
from psgkit.settings import Settings

LIST = "all"
"""Key of the section."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalNight:
    """What the user calls a night, and the command that reviews it; empty for one of days."""

    name: str
    command: str


def local_nights(source: str, out: Path) -> dict[str, LocalNight]:
    """Return the nights of a batch by ``night_id``, as their source calls them.

    Parameters
    ----------
    source : str
        Folder, pattern, BIDS data set or manifest, as ``psgkit batch`` was given it.
    out : Path
        Folder of the batch.

    Raises
    ------
    InputFileError
        If there is no recording.
    SettingsError
        If a manifest has an error.
    """
    found = find_nights(source, functools.partial(name_hash_by, known_files_of(out)))
    return {
        night.night_id: LocalNight(
            name=_path_of(night), command="" if night.days is not None else review_command(night)
        )
        for night in found.nights
    }


def _path_of(night: PlannedNight) -> str:
    """Return the path below the source; of a night in a manifest the name of the file."""
    own = night.recording.name
    return night.asked_as if Path(night.asked_as).name == own else own


def review_command(night: PlannedNight) -> str:
    """Return the command that reviews a night with the files and lights that its batch used."""
    files = night.files
    options: dict[str, Path | str | None] = {
        "--hypnogram": files.hypnogram,
        "--events": files.events,
        "--channels": files.channels,
        "--context": files.context,
        "--stage-codes": files.stage_codes.as_text() if files.stage_codes is not None else None,
        "--lights-off": night.lights[0],
        "--lights-on": night.lights[1],
    }
    words = ["psgkit", "review", str(night.recording.absolute())]
    words += ["--sidecar"] if files.sidecar and night.sidecars else []
    for option, value in options.items():
        if value:
            words += [option, str(value.absolute() if isinstance(value, Path) else value)]
    return shlex.join(words)


def with_rules(command: str, rules: object) -> str:
    """Return the command with the rule set of its night, where that is not the usual one.

    Examples
    --------
    >>> with_rules("psgkit review a.edf", "aasm3"), with_rules("psgkit review a.edf", "wasm2016")
    ('psgkit review a.edf --rules aasm3', 'psgkit review a.edf')
    """
    if not command or rules not in RULE_SETS or rules == Settings().rules.name:
        return command
    return f"{command} --rules {rules}"


def refuse_other_source(source: str, known: Mapping[str, LocalNight], nights: CohortNights) -> None:
    """Raise ``SettingsError`` if none of the recordings of a source is a night of the cohort."""
    if known and not set(known) & set(nights.head["night_id"]):
        raise SettingsError(
            f"--source {source}",
            f"{len(known)} recordings, none of which is a night of this batch",
            "the source that psgkit batch was given",
        )


def list_section(known: Mapping[str, LocalNight]) -> Section:
    """Return the section that holds the table."""
    if known:
        said = _(
            "This page names files of this computer. To give it to others, make it again without "
            "--source."
        )
    else:
        said = _(
            "Files are not named here. psgkit cohort DIR --source SOURCE, with the source that "
            "psgkit batch was given, adds their names and the command that reviews each night; "
            "such a page is for this computer."
        )
    return Section(key=LIST, title=_("All nights"), parts=(Notes(lines=(said,)),))


def night_list(
    nights: CohortNights, home: tuple[str, ...], known: Mapping[str, LocalNight]
) -> Listing:
    """Return the table of all nights, failed ones included.

    Parameters
    ----------
    nights : CohortNights
    home : tuple of str
        Folders from the page to that of the batch.
    known : mapping of night_id to LocalNight
        Empty where files are not to be named.
    """
    head = (
        _("Night"),
        *([_("Group")] if nights.by else []),
        _("PLMS index, /h"),
        _("Cautions"),
        _("Reviewed"),
        *([_("Command for the review")] if known else []),
    )
    rows = (tuple(_row(nights, number, home, known)) for number in range(len(nights)))
    return Listing(
        title=_("All nights"),
        head=head,
        rows=tuple(rows),
        counted=_("{shown} of {n} nights", shown="{shown}", n="{n}"),
        more=_("Show all {shown}", shown="{shown}"),
    )


def _row(
    nights: CohortNights, number: int, home: tuple[str, ...], known: Mapping[str, LocalNight]
) -> Iterator[Entry]:
    cells = {name: column[number] for name, column in nights.head.items()}
    night_id, done = str(cells["night_id"]), cells["state"] == "done"
    mine = known.get(night_id)
    name = mine.name if mine is not None else _stated(cells) or night_id
    shown = Link.to(name, *home, NIGHTS_FOLDER, night_id, REPORT_FILE) if done else name
    yield Entry(text=shown, sort=f"{name} {night_id}", also="" if name == night_id else night_id)
    if nights.by:
        group = nights.group[number]
        yield Entry(text=group or NO_VALUE, sort=group)
    plms = cells[PLMS]
    yield Entry(
        text=NO_VALUE if plms is None else digits(plms, 1),
        sort=None if plms is None else float(plms),
        style="number",
    )
    yield _limits(cells)
    yield _reviewed(cells)
    if known:
        command = with_rules(mine.command, cells["rules"]) if mine is not None and done else ""
        yield Entry(text=command, sort=command or None, style="command")


def _stated(cells: Mapping[str, object]) -> str:
    """Return subject and session as the source states them, else the name that was kept."""
    stated = ", ".join(str(cells[name]) for name in ("subject", "session") if cells[name])
    recording = str(cells["recording"] or "")
    kept = recording.rpartition(".")[0]
    return stated or ("" if kept == cells["night_id"] else recording)


def _limits(cells: Mapping[str, object]) -> Entry:
    """Return the number of cautions with their sentences, or why a night has no result."""
    state = str(cells["state"])
    if state != "done":
        reason = str(cells["reason"] or "")
        more = (translated(reason),) if reason else ()
        return Entry(text=STATE_NAMES[state], sort=-1.0, more=more, style="error")
    said = _sentences(cells)
    return Entry(
        text=digits(len(said), 0), sort=float(len(said)), more=said, style="warning" if said else ""
    )


def _sentences(cells: Mapping[str, object]) -> tuple[str, ...]:
    """Return what limits a night, in sentences; of recordings of days, their flags in words."""
    said, codes = cells["caution_messages"], str(cells["cautions"] or "")
    if said:
        stop = "."
        return tuple(
            translated(one.removesuffix(stop)) + stop * one.endswith(stop)
            for one in str(said).split("\n")
        )
    if codes:  # rows of an earlier version have no sentences
        return tuple(codes.split("+"))
    flags = str(cells["quality_flags"] or "")
    return tuple(map(flag_in_words, flags.split("+"))) if flags else ()


def _reviewed(cells: Mapping[str, object]) -> Entry:
    by = cells["reviewed_by"]
    if by is None:
        return Entry(text=_("not reviewed") if cells["state"] == "done" else NO_VALUE)
    day = str(cells["reviewed_at"] or "")[:10]
    text = _(
        "by {by}, {day}, {n} changed", by=str(by), day=day, n=str(cells["reviewed_changed_n"] or 0)
    )
    return Entry(text=text, sort=str(by))
