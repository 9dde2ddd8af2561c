"""The walk of ``psgkit check`` over one file: header, channels, uses, findings with advice."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.analysis.stages import usable_stages
from psgkit.check.shares import Shares, shares_of
from psgkit.check.uses import (
    Use,
    use_of_events,
    use_of_stages,
    uses_of_channels,
    uses_of_file,
)
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import total
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.regex import regex
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import choose_channels, no_leg_channel
from psgkit.detect.emg.detect import EmgDetection
from psgkit.document.scoring import read_any_scoring
from psgkit.errors import InputFileError, PsgkitError, SettingsError
from psgkit.io.actigraphy.read import kind_of_days
from psgkit.io.bridge.incoming import format_for_mne
from psgkit.io.edf.read import read_edf_header
from psgkit.io.read import read_recording
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.io.text.read import open_kind
from psgkit.report.words.language import Words, marked

if TYPE_CHECKING:
    from psgkit.io.channels.channel_map import ChannelMap
    from psgkit.io.edf.header import EdfHeader


_BYTE = regex(r"\(byte (\d+)\)")
_WORTH_SAYING = {"flat": 0.01, "saturated": 0.001, "mains": 0.1}
_NAMED_AT_MOST = 12
_ALL = 0.999


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedChannel:
    """One channel; ``channel.samples`` are not read."""

    channel: Channel
    shares: Shares
    uses: tuple[Use, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFinding:
    """A finding with its byte in the file, if known, and advice."""

    finding: Finding
    byte: int | None
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """Contents of a file.

    Attributes
    ----------
    name : str
        Relative to the checked folder.
    size_bytes : int
    error : PsgkitError or None
        Why it could not be read; everything below is empty then.
    format : str
        ``EDF``, ``EDF+C``, ``EDF+D``, ``BDF``...
    simulated : bool
    start : datetime or None
    segments : tuple of Segment
    annotations_n : int
    channels : tuple of CheckedChannel
    uses : tuple of Use
        Analyses that can use the whole file.
    findings : tuple of CheckedFinding
    """

    name: str
    size_bytes: int = 0
    error: PsgkitError | None = None
    format: str = ""
    simulated: bool = False
    start: datetime | None = None
    segments: tuple[Segment, ...] = ()
    annotations_n: int = 0
    channels: tuple[CheckedChannel, ...] = ()
    uses: tuple[Use, ...] = ()
    findings: tuple[CheckedFinding, ...] = ()

    @property
    def duration_s(self) -> float:
        """Return the time from the start to the end of the last segment, gaps included."""
        return max((segment.end_s for segment in self.segments), default=0.0)

    @property
    def recorded_s(self) -> float:
        """Return the time that was recorded."""
        return sum(segment.duration_s for segment in self.segments)


def check_file(
    path: str | Path,
    name: str = "",
    channels: "ChannelMap | None" = None,
    codes: StageCodes | None = None,
) -> CheckedFile:
    """Return the contents of the file; a file that cannot be read has an ``error`` instead.

    Parameters
    ----------
    path : path
    name : str
        Name shown for the file; by default its file name.
    channels : ChannelMap, optional
    codes : StageCodes, optional
        What words for stages mean; by default as the channel map says.

    Raises
    ------
    SettingsError
        If the channel map does not fit.
    """
    path = Path(path)
    name = name or path.name
    if codes is None and channels is not None:
        codes = channels.stage_codes
    try:
        if is_scoring_file(path):
            return _checked_scoring(path, name, codes)
        recording = read_recording(path, channels)
        form = format_for_mne(path) or _format(read_edf_header(path))
        size_bytes = path.stat().st_size
    except SettingsError:
        raise
    except PsgkitError as error:
        kind = kind_of_days(path)
        if kind:
            return CheckedFile(name=name, error=_of_days(name, kind))
        return CheckedFile(name=name, error=_without_folder(error, path, name))
    except OSError as error:
        why = error.strerror or "unreadable"
        return CheckedFile(name=name, error=PsgkitError(name, why, "a readable file"))
    empty = CheckedFile(name=name, size_bytes=size_bytes, format=form)
    return _checked(recording, empty, codes)


def is_scoring_file(path: Path) -> bool:
    """Return whether a file is a text, so a scoring at best and no recording."""
    return path.is_file() and open_kind(path) == "text" and not format_for_mne(path)


def _checked_scoring(path: Path, name: str, codes: StageCodes | None) -> CheckedFile:
    """Return the content of a file of stages or events, as ``report`` and ``score`` read it."""
    found = read_any_scoring(path, codes=codes)
    stages, events = found.hypnogram, found.events
    ends = [found.duration_s or 0.0, 0.0 if stages is None else stages.end_s]
    ends.append(float(events.end_s.max(initial=0.0)) if events is not None else 0.0)
    return CheckedFile(
        name=name,
        size_bytes=path.stat().st_size,
        format=found.format,
        start=found.start,
        segments=(Segment(start_s=0.0, duration_s=max(ends)),) if max(ends) > 0 else (),
        annotations_n=(0 if stages is None else len(stages))
        + (0 if events is None else len(events)),
        uses=(use_of_stages(stages), use_of_events(events)),
        findings=tuple(map(_with_advice, found.findings)),
    )


def _of_days(name: str, kind: str) -> InputFileError:
    """Return the error for a recording of days, which another command reads."""
    found = f"a recording of days ({kind})"
    advice = f"Read it with: psgkit days {shlex.quote(name)}"
    return InputFileError(name, found, "a recording of one night", advice)


def _without_folder(error: PsgkitError, path: Path, name: str) -> PsgkitError:
    where = error.where.replace(str(path), name)
    return type(error)(where, error.found, error.wanted, error.advice)


def _checked(recording: Recording, empty: CheckedFile, codes: StageCodes | None) -> CheckedFile:
    recorded_s = total(recording.recorded())
    uses = uses_of_channels(recording)
    channels = tuple(
        _checked_channel(channel, recorded_s, uses[channel.label]) for channel in recording.channels
    )
    found = (
        *choose_accelerometers(choose_channels(recording, EmgDetection())).findings,
        *no_leg_channel(recording),
        *_share_findings(channels),
        *usable_stages(recording, codes)[1],
    )
    usable = {row.channel.label: row.uses for row in channels}
    return replace(
        empty,
        simulated=any(finding.code == "edf.simulated" for finding in found),
        start=recording.start,
        segments=recording.segments,
        annotations_n=len(recording.annotations),
        channels=channels,
        uses=uses_of_file(recording, usable, codes),
        findings=tuple(map(_with_advice, found)),
    )


def _format(header: "EdfHeader") -> str:
    plus = header.kind[3:5] if header.kind[3:5] in ("+C", "+D") else ""
    return ("EDF" if header.sample_bytes == 2 else "BDF") + plus  # noqa: PLR2004


def _checked_channel(channel: Channel, recorded_s: float, uses: Sequence[Use]) -> CheckedChannel:
    shares = Shares() if channel.status == "refused" else shares_of(channel, recorded_s)
    flat_or_saturated = (shares.flat or 0.0) + (shares.saturated or 0.0)
    if shares.is_constant or flat_or_saturated >= _ALL:
        why = "all samples looked at are equal: no electrode"
        if not shares.is_constant:
            why = "all samples looked at are flat or saturated: no electrode"
        uses = [replace(use, usable=False, reason=why) if use.usable else use for use in uses]
    return CheckedChannel(channel=channel, shares=shares, uses=tuple(uses))


def _share_findings(channels: Sequence[CheckedChannel]) -> list[Finding]:
    """Find channels that cannot be used for part of the time; equal shares make one finding."""
    found = []
    for kind, least in _WORTH_SAYING.items():
        alike: dict[str, list[str]] = {}
        for row in channels:
            share = getattr(row.shares, kind)
            if share is not None and share >= least:
                hum = f"{row.shares.mains_hz or 0:g} Hz stronger than the signal"
                what = f"{hum if kind == 'mains' else kind} for {100 * share:.1f} % of the time"
                alike.setdefault(what, []).append(repr(row.channel.label))
        for what, labels in alike.items():
            more = len(labels) - _NAMED_AT_MOST
            named = ", ".join(labels[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
            where = f"channel{'s' * (len(labels) > 1)} {named}"
            found.append(Finding("warning", f"check.{kind}", where, f"{what} looked at"))
    return found


def _with_advice(finding: Finding) -> CheckedFinding:
    match = _BYTE.search(finding.where)
    byte = int(match[1]) if match else None
    return CheckedFinding(finding=finding, byte=byte, advice=advice_on(finding.code))


ADVICE = Words(
    {
        "edf.truncated": marked(
            "Copy the file again from the recorder if it still has it; 'psgkit check --repair "
            "DIR' writes a copy with the right number of records."
        ),
        "edf.record_count": marked(
            "'psgkit check --repair DIR' writes a copy with the number counted."
        ),
        "edf.trailing_bytes": marked(
            "If the recording lasted longer than its header says, export it again; 'psgkit "
            "check --repair DIR' writes a copy that ends where the header says."
        ),
        "edf.header_bytes": marked(
            "'psgkit check --repair DIR' writes a copy with the right size."
        ),
        "edf.decimal_comma": marked("'psgkit check --repair DIR' writes a copy with points."),
        "edf.encoding": marked("'psgkit check --repair DIR' writes a copy in ASCII."),
        "edf.start_unknown": marked(
            "Times by the clock are missing; give lights off and on in seconds, and correct "
            "the date in the exporting program."
        ),
        "edf.date_unknown": marked(
            "Give psgkit nights the date in the context; times by the clock are right."
        ),
        "edf.startdate": marked("Correct the date in the exporting program."),
        "edf.dates_differ": marked("Find out which date is right; scorings with dates follow it."),
        "edf.version": marked("'psgkit check --repair DIR' writes a copy with the right version."),
        "edf.duplicate_label": marked("Name the channels by label and number in a channel map."),
        "edf.scaling": marked(
            "Export the channel again; its samples have no unit without a range."
        ),
        "edf.rate": marked("Export the channel again; its rate does not follow from the header."),
        "edf.timekeeping": marked(
            "If the recording was interrupted, export it as EDF+D; otherwise the times are right."
        ),
        "edf.annotations": marked(
            "Export the annotations again, or give stages and events as a table."
        ),
        "edf.annotations_dropped": marked(
            "Export the recording without what is no stage or event, or give stages and events as "
            "tables."
        ),
        "edf.gaps": marked("Nothing to do; rates are per hour recorded."),
        "edf.empty": marked(
            "Copy the file again from the recorder: the recording itself is missing."
        ),
        "edf.simulated": marked("Do not mix it with recordings of persons."),
        "emg.refused": marked(
            "See the reason; a channel map can state a unit, or what is subtracted."
        ),
        "emg.low_rate": marked(
            "Record legs at 200 Hz or more; compare such nights only with each other."
        ),
        "night.no_legs": marked(
            "Name the leg channels in a channel map (psgkit report --channels F.toml)."
        ),
        "check.flat": marked("The electrode was off or the channel not connected for that time."),
        "check.saturated": marked(
            "The amplifier was at its limit: an electrode fault, or too small a range."
        ),
        "check.mains": marked(
            "Check the electrode and its ground; leg and arm channels are cleaned of hum."
        ),
    }
)
"""What to do about a finding, by its code."""


def advice_on(code: str) -> str:
    """Return advice on findings of this code, empty if there is none.

    Examples
    --------
    >>> advice_on("edf.simulated")
    'Do not mix it with recordings of persons.'
    """
    return ADVICE.get(code, "")
