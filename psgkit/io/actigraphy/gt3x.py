"""ActiGraph GT3X: a zip with ``info.txt`` and ``log.bin``, or ``activity.bin`` in old files.

The log is unpacked into a temporary file, which is removed with the recording; samples are decoded
on access.  The device keeps local time of its start and does not follow changes of clocks.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.day_clock import YEARS, DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.gt3x_log import (
    ACTIVITY,
    ACTIVITY2,
    BATTERY,
    INFO,
    KEPT,
    LUX,
    METADATA,
    N_AXES,
    PARAMETERS,
    WANTED,
    Gt3xAxis,
    Gt3xInfo,
    Gt3xSeconds,
    PacketIndex,
    index_packets,
    stretches,
    unpacked_log,
)
from psgkit.io.actigraphy.times import TICKS_AT_1970, TICKS_PER_S
from psgkit.io.actigraphy.zones import stated_zone, zone_findings
from psgkit.io.channels.assign import with_roles
from psgkit.io.files import ScratchFile

FORMAT = "ActiGraph GT3X"
MOST_DAYS = 400
OLD_SCALE, NEW_SCALE = 341.0, 256.0
OLD_SERIALS = ("NEO", "CLE", "MRA")
ACCEL_SCALE = (0, 55)
LUX_EPOCH_S = 60.0
UNNEEDED = (*KEPT, BATTERY, METADATA)
"""Types of packets that are read, or say nothing about movement."""
EARLIEST_S = -5_364_662_400
"""1800, from 1970 on: dates may be shifted on purpose."""


def read_gt3x(path: Path, zone: str) -> DayRecording:
    """Return the accelerometer in a GT3X file.

    Parameters
    ----------
    path : Path
    zone : str
        Time zone, empty if it is not stated.

    Raises
    ------
    InputFileError
        If the archive is damaged or too large, or no second of samples can be read.
    """
    info, log, old, findings = unpacked_log(path)
    if old:
        seconds, time_s, index = _old_seconds(log, info)
    else:
        index = index_packets(log, info.where)
        seconds, time_s, more = _seconds(log, index, info)
        findings += more
    if not len(time_s):
        raise InputFileError(path.name, "no second of samples", WANTED)
    if time_s[-1] - time_s[0] > MOST_DAYS * 86400:
        found = f"{(time_s[-1] - time_s[0]) / 86400:.0f} days"
        raise InputFileError(path.name, found, f"at most {MOST_DAYS}")
    start = _local(int(time_s[0]), path.name)
    parts = stretches(time_s)
    segments = tuple(
        Segment(start_s=float(time_s[first] - time_s[0]), duration_s=float(last - first))
        for first, last in parts
    )
    if len(segments) > 1:
        missing_s = int(time_s[-1] - time_s[0]) + 1 - len(time_s)
        message = f"{missing_s} s are missing, in {len(segments) - 1} gaps (idle, or damaged)"
        findings.append(Finding("warning", "gt3x.gap", path.name, message))
    recording = with_roles(
        Recording(
            source=path.name,
            start=start,
            segments=segments,
            channels=_channels(seconds, info),
            path=str(path),
        )
    )
    stated = stated_zone(info.said.get("timezone", info.said.get("time zone", "")))
    clock = DayClock.of(start, zone or stated)
    findings += zone_findings(stated, zone, clock, path.name)
    return DayRecording(
        source=path.name,
        clock=clock,
        duration_s=recording.duration_s,
        recording=recording,
        tracks=_lux(log, index, time_s),
        device=f"ActiGraph {info.said.get('device type', '')[:20]}".strip(),
        findings=tuple(findings),
    )


def _seconds(
    log: ScratchFile, index: PacketIndex, info: Gt3xInfo
) -> tuple[Gt3xSeconds, NDArray[np.int64], list[Finding]]:
    """Return the seconds of samples; of repeated seconds the first is kept."""
    rate = info.rate
    rows = index.of(ACTIVITY, ACTIVITY2)
    # a single byte reports a USB plug
    rows = rows[index.size[rows] > 1]
    time_s = index.time_s[rows]
    latest = np.maximum.accumulate(time_s) if len(time_s) else time_s
    forward = np.concatenate(([True], time_s[1:] > latest[:-1])) if len(time_s) else time_s > 0
    findings = _findings(index, info.where)
    if (~forward).any():
        message = f"{int((~forward).sum())} packets repeat or step back in time; left out"
        findings.append(Finding("warning", "gt3x.order", info.where, message))
    rows, time_s = rows[forward], time_s[forward]
    packed = index.kind[rows] == ACTIVITY
    wanted = np.where(packed, -(-rate * N_AXES * 12 // 8), rate * N_AXES * 2)
    odd = int(np.count_nonzero(index.size[rows] != wanted))
    if odd:
        message = (
            f"{odd} seconds hold more or fewer than {rate} samples; cut, or missing at the end"
        )
        findings.append(Finding("warning", "gt3x.size", info.where, message))
    seconds = Gt3xSeconds(
        file=log,
        kind=index.kind[rows],
        at=index.at[rows],
        size=np.where(packed, index.size[rows], index.size[rows] // 2 * 2),
        rate=rate,
        per_g=_scale(log, index, info),
    )
    return seconds, time_s, findings


def _old_seconds(
    log: ScratchFile, info: Gt3xInfo
) -> tuple[Gt3xSeconds, NDArray[np.int64], PacketIndex]:
    """Return the seconds of an old log, which has packed samples only."""
    size = info.rate * N_AXES * 12 // 8
    n = len(log) // size
    ticks = info.number("start date")
    if ticks is None or not EARLIEST_S <= (ticks - TICKS_AT_1970) / TICKS_PER_S < 2**32:
        raise InputFileError(f"{info.where}, {INFO}, Start Date", "no date", "ticks of a date")
    start_s = int((ticks - TICKS_AT_1970) // TICKS_PER_S)
    nothing = np.empty(0, dtype=np.int64)
    index = PacketIndex(kind=nothing.astype(np.uint8), time_s=nothing, at=nothing, size=nothing)
    seconds = Gt3xSeconds(
        file=log,
        kind=np.full(n, ACTIVITY, dtype=np.uint8),
        at=np.arange(n, dtype=np.int64) * size,
        size=np.full(n, size, dtype=np.int64),
        rate=info.rate,
        per_g=OLD_SCALE,
    )
    return seconds, start_s + np.arange(n, dtype=np.int64), index


def _findings(index: PacketIndex, where: str) -> list[Finding]:
    findings = []
    if index.bad_checksums:
        message = f"{index.bad_checksums} packets with a wrong checksum; left out"
        findings.append(Finding("warning", "gt3x.checksum", where, message))
    if index.lost_bytes:
        message = f"{index.lost_bytes} bytes belong to no packet; left out"
        findings.append(Finding("warning", "gt3x.lost", where, message))
    others = {kind: n for kind, n in index.counted.items() if kind not in UNNEEDED and n}
    if others:
        kinds = ", ".join(str(kind) for kind in sorted(others))
        message = f"{sum(others.values())} packets of other kinds are not used (types {kinds})"
        findings.append(Finding("info", "gt3x.packets", where, message))
    return findings


def _scale(log: ScratchFile, index: PacketIndex, info: Gt3xInfo) -> float:
    """Return the steps per g: from the parameters, else the info, else the kind of device."""
    for row in index.of(PARAMETERS):
        payload = log.read(int(index.at[row]), int(index.size[row]) // 8 * 8)
        raw = np.frombuffer(payload, dtype="<u4").reshape(-1, 2)
        for key, value in raw.tolist():
            if (key & 0xFFFF, key >> 16) == ACCEL_SCALE:
                found = _parameter(value)
                if 10 <= found <= 100_000:  # noqa: PLR2004 - what could be a scale
                    return found
    stated = info.number("acceleration scale")
    if stated is not None and stated >= 10:  # noqa: PLR2004
        return stated
    serial = info.said.get("serial number", "").upper()
    return OLD_SCALE if serial.startswith(OLD_SERIALS) else NEW_SCALE


def _parameter(code: int) -> float:
    """Return a number of the parameters: a fraction of 24 bits, and an exponent of 8.

    Examples
    --------
    >>> _parameter(0x09400000)
    256.0
    """
    fraction, exponent = code & 0xFFFFFF, code >> 24
    fraction -= 2**24 if fraction >= 2**23 else 0
    exponent -= 2**8 if exponent >= 2**7 else 0
    return float(fraction / 2**23 * 2.0**exponent)


def _channels(seconds: Gt3xSeconds, info: Gt3xInfo) -> tuple[Channel, ...]:
    low, high = info.number("acceleration min"), info.number("acceleration max")
    stated = low is not None and high is not None and low < high
    limits = (low, high) if stated and low is not None and high is not None else None
    if limits is None and len(seconds) and (seconds.kind == ACTIVITY).all():
        limits = (-2048 / seconds.per_g, 2047 / seconds.per_g)
    label = info.place or "Acc"
    return tuple(
        Channel(
            label=f"{label} {axis}",
            rate_hz=float(seconds.rate),
            samples=Gt3xAxis(seconds, row),
            unit="g",
            stored_unit="g",
            resolution=1 / seconds.per_g,
            limits=limits,
        )
        for row, axis in enumerate("XYZ")
    )


def _lux(log: ScratchFile, index: PacketIndex, time_s: NDArray[np.int64]) -> tuple[Track, ...]:
    """Return the light, averaged over minutes."""
    rows = index.of(LUX)
    rows = rows[(index.size[rows] == 2) & (index.time_s[rows] >= time_s[0])]  # noqa: PLR2004
    rows = rows[index.time_s[rows] <= time_s[-1]]
    if not len(rows):
        return ()
    values = np.empty(len(rows))
    for number, row in enumerate(rows):
        values[number] = int.from_bytes(log.read(int(index.at[row]), 2), "little")
    epoch = ((index.time_s[rows] - time_s[0]) // LUX_EPOCH_S).astype(np.int64)
    n_epochs = int((time_s[-1] - time_s[0]) // LUX_EPOCH_S) + 1
    counted = np.bincount(epoch, minlength=n_epochs)
    sums = np.bincount(epoch, weights=values, minlength=n_epochs)
    mean = np.where(counted > 0, sums / np.maximum(counted, 1), np.nan)
    return (Track(name="light", unit="lux", values=mean, epoch_s=LUX_EPOCH_S),)


def _local(seconds: int, where: str) -> datetime:
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).replace(tzinfo=None)
    if moment.year not in YEARS:
        raise InputFileError(where, f"a start in {moment.year}", f"a year from {YEARS[0]} on")
    return moment
