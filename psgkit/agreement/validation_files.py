"""Scorings of public data sets in forms that only they have: DREAMS and the Challenge 2026."""

import csv
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.agreement.sources import Scored
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.recording import Channel, Recording
from psgkit.core.site import Site
from psgkit.errors import InputFileError, TableError
from psgkit.io.edf.read import read_edf
from psgkit.io.text.read import read_text

LEGS = (Site.LEFT_LEG.value, Site.RIGHT_LEG.value)
LEGS_FILE = "legs.csv"
_LIMB_SITES = {
    1: Site.NONE,
    2: Site.NONE,
    3: Site.LEFT_LEG,
    4: Site.RIGHT_LEG,
    5: Site.LEFT_LEG,
    6: Site.RIGHT_LEG,
    7: Site.BOTH_LEGS,
    8: Site.LEFT_LEG,
    9: Site.RIGHT_LEG,
    10: Site.NONE,
    11: Site.LEFT_LEG,
    12: Site.RIGHT_LEG,
}
"""Codes of limb movements in the Challenge 2026, and their legs."""
_GENERIC_MOVEMENT = 10
_CHALLENGE_STAGES = {1: "N3", 2: "N2", 3: "N1", 4: "R", 5: "W", 9: UNSCORED}
_DREAMS_STAGES = {5: "W", 4: "R", 3: "N1", 2: "N2", 1: "N3", 0: "N3", -1: UNSCORED}
_DREAMS_STAGES |= {-2: UNSCORED, -3: UNSCORED}
_DREAMS_EPOCH_S = 5.0
_EPOCH_S = 30.0
_OFF_CODE = 0.05
"""Largest distance of a stored value from a code: 16 bits store codes less exactly than this."""
_LONGEST_S = 60.0
"""A median mark above this is no duration of a limb movement."""
_START_SLACK_S = 1.0


def read_challenge(path: Path, recording: Recording) -> Scored:
    """Return movements and stages in ``*_expert_annotations.edf`` of the Challenge 2026.

    Raises
    ------
    InputFileError, EdfFormatError
        If the file is no EDF, has no signal of limb movements, or holds other codes.
    """
    scored = read_edf(path)
    limb = _signal(scored, ("limb_expert", "limb"), path.name)
    codes = _codes(limb, _LIMB_SITES.keys() | {0}, path.name)
    steps = np.flatnonzero(np.diff(codes)) + 1
    first, last = np.append(0, steps), np.append(steps, len(codes))
    kept = codes[first] != 0
    kinds = codes[first][kept]
    events = Events.of(
        first[kept] / limb.rate_hz,
        last[kept] / limb.rate_hz,
        ["lm"] * len(kinds),
        [_LIMB_SITES[int(code)] for code in kinds],
    )
    findings = []
    if n_generic := int((kinds == _GENERIC_MOVEMENT).sum()):
        text = f"code 10, generic movement: taken as a limb movement without a side ({n_generic})"
        findings.append(Finding("warning", "validation.generic_movement", path.name, text))
    apart_s = _starts_apart_s(scored, recording)
    if apart_s > _START_SLACK_S:
        text = f"begins {apart_s:g} s apart from the recording by its header; taken as together"
        findings.append(Finding("warning", "validation.start", path.name, text))
    hypnogram, about = _challenge_stages(scored, path.name)
    return Scored(
        name=path.name,
        events=events,
        states_kinds=frozenset({"lm"}),
        hypnogram=hypnogram,
        findings=(*findings, *about),
    )


def _signal(scored: Recording, labels: tuple[str, ...], where: str) -> Channel:
    for channel in scored.channels:
        if channel.label.strip().lower() in labels:
            return channel
    found = ", ".join(channel.label for channel in scored.channels) or "none"
    raise InputFileError(where, f"the signals {found}", f"a signal {labels[0]}")


def _codes(channel: Channel, known: "set[int]", where: str) -> NDArray[np.int64]:
    """Return the samples as codes."""
    values = np.asarray(channel.samples[:], dtype=np.float64)
    codes = np.rint(values)
    wrong = ~np.isin(codes, sorted(known)) | (np.abs(values - codes) > _OFF_CODE)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        found = f"the value {values[at]:g} at {at / channel.rate_hz:g} s in {channel.label}"
        raise InputFileError(where, found, f"one of the codes {_listed(known)}")
    return codes.astype(np.int64)


def _listed(codes: "set[int]") -> str:
    return ", ".join(map(str, sorted(codes)))


def _starts_apart_s(scored: Recording, recording: Recording) -> float:
    if scored.start is None or recording.start is None:
        return 0.0
    return abs((scored.start - recording.start).total_seconds())


def _challenge_stages(scored: Recording, where: str) -> tuple[Hypnogram | None, list[Finding]]:
    """Return stages of 30 s, each the first code of its epoch."""
    labels = ("stage_expert", "stage")
    if not any(channel.label.strip().lower() in labels for channel in scored.channels):
        return None, [Finding("warning", "validation.no_stages", where, "has no signal of stages")]
    channel = _signal(scored, labels, where)
    codes = _codes(channel, {*_CHALLENGE_STAGES, 0}, where)
    in_epoch = channel.rate_hz * _EPOCH_S
    step = max(1, round(in_epoch))
    if abs(in_epoch - step) > 1e-6 * step:
        found = f"{channel.label} at {channel.rate_hz:g} Hz"
        raise InputFileError(where, found, "a whole number of values in 30 s")
    whole = codes[: len(codes) // step * step].reshape(-1, step)
    mixed, unknown = int((whole != whole[:, :1]).any(axis=1).sum()), int((whole[:, 0] == 0).sum())
    findings = [
        Finding("warning", "validation.stages", where, f"{text} ({n})")
        for n, text in (
            (mixed, "epochs of more than one stage take the first"),
            (unknown, "epochs of code 0 are taken as not scored"),
        )
        if n
    ]
    stages = [_CHALLENGE_STAGES.get(int(code), UNSCORED) for code in whole[:, 0]]
    return (Hypnogram.of(stages, _EPOCH_S) if stages else None), findings


def read_dreams(path: Path) -> tuple[Scored, str]:
    """Return the marks in ``Visual_scoring1_NAME.txt`` of DREAMS, and the header's channel.

    Raises
    ------
    InputFileError
        If the file is no text.
    TableError
        If a line is not onset and duration in seconds.
    """
    header, lines = _dreams_lines(path)
    wanted = "onset and duration in seconds, as in: 396.56 1.00"
    rows = []
    for number, line in lines:
        try:
            onset_s, duration_s = (float(part) for part in line.split())
        except ValueError:
            raise TableError(f"{path.name}, line {number}", repr(line[:60]), wanted) from None
        if not (np.isfinite(onset_s) and 0 <= duration_s < np.inf):
            raise TableError(f"{path.name}, line {number}", repr(line[:60]), wanted)
        rows.append((onset_s, duration_s))
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    if len(table) and float(np.median(table[:, 1])) > _LONGEST_S:
        found = f"a median of {np.median(table[:, 1]):g} in the second column"
        raise TableError(path.name, found, "durations in seconds, not ends")
    table = table[np.argsort(table[:, 0], kind="stable")]
    n = len(table)
    events = Events.of(table[:, 0], table.sum(axis=1), ["lm"] * n, [""] * n)
    scored = Scored(name=path.name, events=events, states_kinds=frozenset({"lm"}))
    return scored, header.rpartition("/")[2].strip()


def _dreams_lines(path: Path) -> tuple[str, list[tuple[int, str]]]:
    """Return what stands in brackets on the first line, and the numbered lines below it."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(read_text(path).splitlines(), 1)
        if line.strip("\x1a \t")
    ]
    if not lines or not re.fullmatch(r"\[.*\]", lines[0][1]):
        found = repr(lines[0][1][:60]) if lines else "no line"
        wanted = "a first line in brackets, as in [vis1_PLMs/EMG TIB G]"
        raise TableError(f"{path.name}, line 1", found, wanted)
    return lines[0][1][1:-1], lines[1:]


def read_dreams_stages(path: Path) -> Hypnogram:
    """Return the stages in ``HypnogramAASM_NAME.txt`` of DREAMS, one for each 5 s.

    Raises
    ------
    InputFileError
        If the file is no text.
    TableError
        If a line is no stage.
    """
    stages = []
    for number, line in _dreams_lines(path)[1]:
        if not re.fullmatch(r"-?\d", line) or int(line) not in _DREAMS_STAGES:
            wanted = "one stage a line, 5 wake, 4 REM, 3 to 0 stages 1 to 4, -1 to -3 not known"
            raise TableError(f"{path.name}, line {number}", repr(line[:60]), wanted)
        stages.append(_DREAMS_STAGES[int(line)])
    return Hypnogram.of(stages, _DREAMS_EPOCH_S)


def marked_leg(channel: str, given: str, recording: Recording, path: Path, night: str) -> str:
    """Return the leg that a person marked in DREAMS.

    Parameters
    ----------
    channel : str
        Channel in the first line of the scoring.
    given : str
        Leg in ``legs.csv``; empty without one.
    recording : Recording
    path : Path
        Of the scoring, for the message.
    night : str

    Raises
    ------
    InputFileError
        If nothing says which leg it is.
    """
    if given:
        return given
    legs = {
        str(one.site): one.label
        for one in recording.channels
        if one.role == "leg" and one.site in LEGS
    }
    named = [
        str(one.site)
        for one in recording.channels
        if _plain(one.label) == _plain(channel) and one.site in LEGS
    ]
    if named:
        return named[0]
    if len(legs) == 1:
        return next(iter(legs))
    found = f"the channel {channel!r} in its first line, and the leg channels "
    found += ", ".join(legs.values()) or "none"
    advice = f"Write {LEGS_FILE} beside the recordings, a line for each: {night},left_leg"
    raise InputFileError(path.name, found, "the leg that was marked", advice)


def _plain(label: str) -> str:
    return re.sub(r"[\W_]+", "", label).casefold()


def read_legs(folder: Path) -> dict[str, str]:
    """Return the marked leg of each night in ``legs.csv``; nothing without the file.

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If a line is not a night and a leg, or a night has two lines.
    """
    path = folder / LEGS_FILE
    if not path.is_file():
        return {}
    legs: dict[str, str] = {}
    for number, row in enumerate(csv.reader(read_text(path).splitlines()), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[-1] == "leg"):
            continue
        if len(cells) != 2 or cells[1] not in LEGS or cells[0].casefold() in legs:  # noqa: PLR2004
            wanted = f"a night and its leg, once each, as in: PLM1,{LEGS[0]}"
            raise TableError(f"{LEGS_FILE}, line {number}", repr(",".join(cells)[:60]), wanted)
        legs[cells[0].casefold()] = cells[1]
    return legs
