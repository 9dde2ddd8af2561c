"""Choose the EMG channels that a microvolt rule can score, and detect movements in them."""

from dataclasses import field, replace
from functools import partial

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, complement, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording, Status
from psgkit.core.rejected import Rejected
from psgkit.core.rhythms import Rhythms
from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import MIN_RATE_HZ, EmgDetection, EmgResult, detect_emg
from psgkit.detect.emg.ecg import (
    EcgBeats,
    LazyEcgBeats,
    heart_findings,
    why_heart_is_left,
    with_ecg_chosen,
)
from psgkit.detect.emg.findings import findings_of
from psgkit.detect.emg.trains.sides import SiteTrains, rhythms_of
from psgkit.detect.emg.trunk import HeartFilter
from psgkit.detect.trace import ChannelRecorder, TraceRecorder

EMG_GROUPS = {"legs": "leg", "arms": "arm", "trunk": "trunk"}
"""Group of indices, and the role of its channels."""

FULL_BAND_RATE_HZ = 200.0
"""AASM and WASM ask for 200 Hz; below it the band is narrower, and amplitudes are corrected."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroupDetection:
    """Movements of one group of channels, and the time in which they could be detected.

    ``observed`` is that time in seconds; ``reason`` is empty, or why nothing could be detected.
    ``gross`` movements are no limb movements but end every series; ``rhythms`` are trains of
    bursts, which are no movements; ``rejected`` what no muscle made.  ``channels`` are those whose
    status changed during detection; ``beats`` the known heart beats; ``part`` is the part of the
    body, where the name of the group does not state it.  ``usable`` are the site and the usable
    time of each channel, which a review needs: an artefact at one leg leaves the other observed.
    """

    movements: Movements
    observed: Intervals
    reason: str
    gross: Movements = field(default_factory=lambda: Movements.joined([]))
    rhythms: Rhythms = field(default_factory=Rhythms.none)
    rejected: Rejected = field(default_factory=Rejected.none)
    channels: tuple[Channel, ...] = ()
    beats: EcgBeats | None = None
    part: str = ""
    usable: tuple[tuple[str, Intervals], ...] = ()


def choose_channels(recording: Recording, detection: EmgDetection) -> Recording:
    """Return the recording with the status of every EMG channel set, and the reason."""
    limit_uv = detection.rule.offset_above_rest_uv
    changed, findings = {}, []
    for channel in recording.channels:
        if channel.status == "refused":
            continue
        if channel.role not in EMG_GROUPS.values():
            why = translatable(f"no analysis of limb EMG uses it ({channel.rule or 'no role'})")
            changed[channel.label] = replace(channel, reason=why)
            continue
        why_not = _why_not(channel, limit_uv)
        status: Status = "refused" if why_not else "used"
        changed[channel.label] = replace(channel, status=status, reason=why_not)
        if why_not:
            findings.append(
                Finding(
                    "warning", "emg.refused", translatable(f"channel {channel.label!r}"), why_not
                )
            )
            continue
        if channel.rate_hz < FULL_BAND_RATE_HZ:
            findings.append(_narrow_band(channel))
        if channel.resolution is not None and channel.resolution > limit_uv / 2:
            findings.append(_coarse_step(channel, limit_uv))
    chosen = recording.with_channels(changed).with_findings(*findings)
    return with_ecg_chosen(chosen, detection.heart)


def _why_not(channel: Channel, limit_uv: float) -> str:
    if channel.doubt:
        return channel.doubt
    if not channel.unit:
        return translatable(
            "unit unknown: a rule in microvolts needs one; state it in a channel map"
        )
    if channel.unit != "uV":
        return translatable(
            f"unit {channel.unit!r} is not a voltage: a rule in microvolts cannot be applied"
        )
    if channel.rate_hz < MIN_RATE_HZ:
        return translatable(
            f"{channel.rate_hz:g} Hz: too slow for EMG, at least {MIN_RATE_HZ:g} Hz are needed"
        )
    if channel.resolution is not None and channel.resolution > limit_uv:
        return translatable(
            f"one step of the recorder is {channel.resolution:.3g} uV: too coarse for a rule that "
            f"distinguishes {limit_uv:g} uV above rest from rest"
        )
    return ""


def no_leg_channel(recording: Recording) -> list[Finding]:
    """Return the finding that no channel has the role of a leg, listing the channel names."""
    if recording.with_role("leg"):
        return []
    names = ", ".join(map(repr, recording.labels()))
    message = (
        translatable(
            f"no leg EMG channel was found by name and unit; a channel map can name one of {names}"
        )
        if names
        else translatable("the file holds no signals")
    )
    return [Finding("warning", "night.no_legs", recording.source, message)]


def _coarse_step(channel: Channel, limit_uv: float) -> Finding:
    return Finding(
        "warning",
        "emg.coarse_step",
        translatable(f"channel {channel.label!r}"),
        translatable(
            f"one step of the recorder is {channel.resolution:.3g} uV: rest and the "
            f"{limit_uv:g} uV above it at which a movement ends are hardly told apart"
        ),
    )


def _narrow_band(channel: Channel) -> Finding:
    return Finding(
        "warning",
        "emg.low_rate",
        translatable(f"channel {channel.label!r}"),
        translatable(
            f"{channel.rate_hz:g} Hz, {FULL_BAND_RATE_HZ:g} Hz are asked for: band cut at "
            f"{0.45 * channel.rate_hz:g} Hz; amplitudes are estimates"
        ),
    )


def detect_group(
    recording: Recording,
    group: str,
    detection: EmgDetection,
    beats: LazyEcgBeats | None = None,
    recorder: TraceRecorder | None = None,
) -> tuple[GroupDetection, list[Finding]]:
    """Return the movements in all used channels of a group, and findings about them.

    Parameters
    ----------
    recording : Recording
        With the status of every channel, as ``choose_channels`` sets it.
    group : str
        One of ``EMG_GROUPS``.
    detection : EmgDetection
    beats : LazyEcgBeats, optional
        Shared by the groups of a recording, so that heart beats are looked for once.
    recorder : TraceRecorder, optional
        Keeps what is measured.
    """
    beats = beats or LazyEcgBeats(recording, detection.heart)
    role = EMG_GROUPS[group]
    used = [channel for channel in recording.with_role(role) if channel.status == "used"]
    known = beats.known() if used and group in detection.heart.groups else None
    kept: list[EmgResult] = []
    observed: list[Intervals] = []
    trains: list[SiteTrains] = []
    findings = list(known.findings) if known else []
    refused: list[Channel] = []
    for channel in used:
        signals = recording.signals(channel)
        traced = recorder.channel([channel], str(channel.site)) if recorder else None
        results, filters = _detected(signals, detection, known or beats, traced)
        blocked = union(*(result.unusable for result in results))
        usable = intersect(complement(blocked, 0.0, recording.duration_s), recording.recorded())
        findings.extend(findings_of(channel, results, detection, recording))
        why_not = ""
        if known:
            why_not, found = _about_heart(channel, results, filters, detection, total(usable))
            findings.extend(found)
        if why_not:
            refused.append(replace(channel, status="refused", reason=why_not))
        else:
            kept.extend(results)
            found_trains = tuple(train for result in results for train in result.trains)
            trains.append((str(channel.site), channel.label, found_trains))
            observed.append(usable)
    whole = union(*observed) if observed else np.empty((0, 2))
    changed = (*refused, *(known.channels if known else beats.channels_for_limbs()))
    recording = recording.with_channels({channel.label: channel for channel in changed})
    return GroupDetection(
        movements=Movements.joined([result.movements for result in kept]),
        observed=whole,
        rhythms=rhythms_of(trains, detection.rhythm),
        rejected=Rejected.joined([result.rejected for result in kept]),
        reason=_why_nothing(recording, group, total(whole)),
        channels=(*changed, *_unseen(recording, role, observed)),
        beats=known,
        usable=tuple((site, own) for (site, _, _), own in zip(trains, observed, strict=True)),
    ), findings


def _unseen(recording: Recording, role: str, observed: list[Intervals]) -> list[Channel]:
    """Return the used channels without any usable time, as refused."""
    used = [channel for channel in recording.with_role(role) if channel.status == "used"]
    why_not = "no usable time: missing, flat or saturated throughout"
    return [
        replace(channel, status="refused", reason=why_not)
        for channel, usable in zip(used, observed, strict=True)
        if recording.duration_s and not len(usable)
    ]


def _detected(
    signals: tuple[Signal, ...],
    detection: EmgDetection,
    beats: EcgBeats | LazyEcgBeats,
    traced: ChannelRecorder | None,
) -> tuple[list[EmgResult], list[HeartFilter]]:
    """Return the detection in each segment, and the filter that subtracted its heart beats.

    Known beats are subtracted; otherwise beats are searched for where they leak into a limb.
    """
    take = traced.take if traced else None
    results, filters = [], []
    for row, signal in enumerate(signals):
        if isinstance(beats, LazyEcgBeats):
            known = partial(beats.of_limb, row)
            results.append(detect_emg(signal, detection, beats=known, take=take))
        else:
            filters.append(beats.filter_of(signal, row))
            results.append(detect_emg(signal, detection, filters[-1], take=take))
    if traced:
        traced.unusable_s = union(*(result.unusable for result in results))
    return results, filters


def _about_heart(
    channel: Channel,
    results: list[EmgResult],
    filters: list[HeartFilter],
    detection: EmgDetection,
    usable_s: float,
) -> tuple[str, list[Finding]]:
    """Return why heart beats prevent scoring of a channel (empty if they do not), and findings."""
    where = translatable(f"channel {channel.label!r}")
    left = [part for result in results for part in result.heart]
    found = heart_findings(where, filters, left)
    blips_n = sum(result.cardiac_n for result in results)
    limit_uv = detection.rule.offset_above_rest_uv
    why_not = why_heart_is_left(left, blips_n, usable_s, limit_uv)
    if why_not:
        found.append(
            Finding("warning", "emg.heart_left", where, translatable(f"{why_not}; not scored"))
        )
    return why_not, found


def _why_nothing(recording: Recording, group: str, usable_s: float) -> str:
    role = EMG_GROUPS[group]
    used = [channel.label for channel in recording.with_role(role) if channel.status == "used"]
    if used:
        return "" if usable_s else translatable(f"no usable time in {', '.join(used)}")
    refused = [c for c in recording.with_role(role) if c.status == "refused"]
    by_reason: dict[str, list[str]] = {}
    for channel in refused:
        by_reason.setdefault(channel.reason, []).append(channel.label)
    if by_reason:
        return "; ".join(f"{', '.join(labels)}: {why}" for why, labels in by_reason.items())
    return translatable(f"no {role} EMG channel in the recording")
