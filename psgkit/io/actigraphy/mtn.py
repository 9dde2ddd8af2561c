"""CamNtech MTN: XML with a log whose entries include channels of counts and light."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.epochs import MOST_EPOCHS
from psgkit.io.actigraphy.row_times import MOST_UNREADABLE
from psgkit.io.actigraphy.times import as_datetime, read_instants
from psgkit.io.channels.roles import role_of_label
from psgkit.io.text.tables import quoted
from psgkit.io.text.xml_tree import is_xml, parsed_xml, text_of

FORMAT = "CamNtech MTN"
ROOT = "motionfile"
LONGEST_EPOCH_S = 3600


def is_mtn(text: str) -> bool:
    """Return whether a text is XML whose root is that of an MTN file.

    Examples
    --------
    >>> is_mtn("<?xml version='1.0'?><motionfile><log2/></motionfile>"), is_mtn("<html/>")
    (True, False)
    """
    head = text[:2000]
    return is_xml(head) and f"<{ROOT}" in head


def read_mtn(text: str, where: str, zone: str) -> DayRecording:
    """Return the counts and the light of an MTN file.

    Parameters
    ----------
    text, where : str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated.

    Raises
    ------
    InputFileError
        If it is not well formed, or states no start, epoch or counts.
    TableError
        If the start is no time.
    """
    root = parsed_xml(text, where)
    properties = {text_of(one, "name"): text_of(one, "content") for one in root.iter("property")}
    written = properties.get("=StartTime", "")
    if not written:
        raise InputFileError(where, "no property =StartTime", "the time of the start")
    start: datetime = as_datetime(read_instants([written], lambda _: f"{where}, =StartTime").at[0])
    clock = DayClock.of(start, zone)
    channels = [one for one in root.iter("channel") if text_of(one, "data")]
    motion = [one for one in channels if text_of(one, "name").casefold() == "motion"]
    if not motion:
        names = ", ".join(quoted(text_of(one, "name")) for one in channels[:12])
        raise InputFileError(where, f"the channels {names or 'none'}", "a channel motion")
    findings: list[Finding] = []
    counts = _counts(motion[0], where, properties.get("+Position", ""), findings)
    tracks = tuple(
        Track(name="light", unit=text_of(one, "units"), values=values, epoch_s=epoch_s)
        for one in channels
        if text_of(one, "name").casefold() == "light"
        for values, epoch_s in (_values(one, where, findings),)
    )
    called = [text_of(one, "name") for one in channels]
    others = [name for name in called if name.casefold() not in ("motion", "light")]
    others += [name for name in called if name.casefold() == "motion"][1:]
    if others:
        message = f"{len(others)} channels are not used: {', '.join(map(quoted, others[:12]))}"
        findings.append(Finding("info", "mtn.channels", where, message))
    if any(one.get("type") == "buttons" and len(one) > 1 for one in root.iter("ann")):
        message = "presses of the button are in the file, in a layout that is not read"
        findings.append(Finding("warning", "mtn.markers", where, message))
    return DayRecording(
        source=where,
        clock=clock,
        duration_s=counts.end_s,
        counts=(counts,),
        tracks=tracks,
        device=f"CamNtech {properties.get('=Device', '')[:20]}".strip(),
        findings=tuple(findings),
    )


def _counts(channel: Element, where: str, position: str, findings: list[Finding]) -> Counts:
    values, epoch_s = _values(channel, where, findings)
    worn = role_of_label(f"acc {position}", "g")
    return Counts(
        counts=values,
        epoch_s=epoch_s,
        definition=f"MotionWatch counts, {quoted(text_of(channel, 'units'))}",
        place=worn.place if position and worn.site else "",
        site=worn.site,
        label="motion",
    )


def _values(
    channel: Element, where: str, findings: list[Finding]
) -> tuple[NDArray[np.float64], float]:
    """Return the numbers of a channel, NaN for cells that are none, and its epoch in seconds.

    More than a tenth of such cells are an error.
    """
    place = f"{where}, channel {quoted(text_of(channel, 'name'))}"
    epoch = text_of(channel, "epoch")
    if not (epoch.isascii() and epoch.isdigit() and 1 <= int(epoch[:9]) <= LONGEST_EPOCH_S):
        raise InputFileError(f"{place}, epoch", quoted(epoch), "whole seconds")
    if text_of(channel, "offset") not in ("", "0"):
        found = f"an offset of {quoted(text_of(channel, 'offset'))}"
        raise InputFileError(place, found, "0: what another means is not documented")
    data = channel.find("data")
    if data is None or data.get("encoding", "text") != "text":
        raise InputFileError(place, "data in another encoding", "numbers as text")
    text = data.text or ""
    if text.count(",") > MOST_EPOCHS:
        raise InputFileError(place, f"{text.count(',')} epochs", f"at most {MOST_EPOCHS}")
    values = np.fromiter(map(_number, _cells(text)), np.float64)
    lost = np.flatnonzero(~np.isfinite(values))
    if not len(lost):
        return values, float(epoch)
    cell = next(islice(_cells(text), int(lost[0]), None))
    first = f"number {int(lost[0]) + 1}: {quoted(cell)}"
    if len(lost) > MOST_UNREADABLE * len(values):
        raise InputFileError(place, first, "numbers with commas between, each 0 or more")
    message = f"{len(lost)} of {len(values)} values are no counts, first {first}; taken as missing"
    findings.append(Finding("warning", "counts.cell", place, message))
    return values, float(epoch)


def _cells(text: str) -> Iterator[str]:
    """Yield what stands between commas, one by one: a list of millions would take much memory."""
    at = 0
    while (end := text.find(",", at)) >= 0:
        yield text[at:end].strip()
        at = end + 1
    if last := text[at:].strip():
        yield last


def _number(cell: str) -> float:
    """Return a number of 0 or more, NaN for anything else."""
    try:
        found = float(cell)
    except ValueError:
        return float("nan")
    return found if 0 <= found < np.inf else float("nan")
