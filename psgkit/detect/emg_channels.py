"""Choose the EMG channels a rule in microvolts can use, and detect movements in them."""

from dataclasses import dataclass, field, replace

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, complement, intersect, total, union
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording, Status
from psgkit.core.rhythms import Rhythms
from psgkit.detect.emg import MIN_RATE_HZ, EmgDetection, EmgResult, detect_emg
from psgkit.detect.emg_rhythm_sides import SiteTrains, rhythms_of

EMG_GROUPS = {"legs": "leg", "arms": "arm"}
"""Group of indices, and the role of its channels."""

FULL_BAND_RATE_HZ = 200.0
"""AASM and WASM ask for 200 Hz; below, the band is narrower and the 8 uV rule another one."""

_HIGH_REST_UV = 10.0
"""AASM and WASM accept 5 uV of rectified resting EMG; at twice that noise alone makes movements."""

_WORTH_SAYING = 0.001


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroupDetection:
    """Movements of one group of channels, and when they could have been seen.

    ``observed`` are seconds; ``reason`` is empty, or why nothing could be detected.  ``gross`` are
    movements that are no limb movements but end every series; ``rhythms`` are trains of bursts that
    are no movements.
    """

    movements: Movements
    observed: Intervals
    reason: str
    gross: Movements = field(default_factory=lambda: Movements.joined([]))
    rhythms: Rhythms = field(default_factory=Rhythms.none)


def choose_channels(recording: Recording, detection: EmgDetection) -> Recording:
    """Return the recording with the status of every limb channel set, and the reason."""
    limit_uv = detection.rule.offset_above_rest_uv
    changed, findings = {}, []
    for channel in recording.channels:
        if channel.status == "refused":
            continue
        if channel.role not in EMG_GROUPS.values():
            why = f"no analysis of limb EMG uses it ({channel.rule or 'no role'})"
            changed[channel.label] = replace(channel, reason=why)
            continue
        why_not = _why_not(channel, limit_uv)
        status: Status = "refused" if why_not else "used"
        changed[channel.label] = replace(channel, status=status, reason=why_not)
        if why_not:
            findings.append(
                Finding("warning", "emg.refused", f"channel {channel.label!r}", why_not)
            )
        elif channel.rate_hz < FULL_BAND_RATE_HZ:
            findings.append(_narrow_band(channel))
    return recording.with_channels(changed).with_findings(*findings)


def _why_not(channel: Channel, limit_uv: float) -> str:
    if not channel.unit:
        return "unit unknown: a rule in microvolts needs one; state it in a channel map"
    if channel.unit != "uV":
        return f"unit {channel.unit!r} is not a voltage: a rule in microvolts cannot be applied"
    if channel.rate_hz < MIN_RATE_HZ:
        return f"{channel.rate_hz:g} Hz: too slow for EMG, at least {MIN_RATE_HZ:g} Hz are needed"
    if channel.resolution is not None and channel.resolution > limit_uv:
        return (
            f"one step of the recorder is {channel.resolution:.3g} uV: too coarse for a rule that "
            f"tells {limit_uv:g} uV above rest from rest"
        )
    return ""


def no_leg_channel(recording: Recording) -> list[Finding]:
    """Return the finding that no channel serves a leg, with the names there are."""
    if recording.with_role("leg"):
        return []
    names = ", ".join(map(repr, recording.labels()))
    message = (
        f"no leg EMG channel was found by name and unit; a channel map can name one of {names}"
        if names
        else "the file holds no signals"
    )
    return [Finding("warning", "night.no_legs", recording.source, message)]


def _narrow_band(channel: Channel) -> Finding:
    return Finding(
        "warning",
        "emg.low_rate",
        f"channel {channel.label!r}",
        f"{channel.rate_hz:g} Hz, {FULL_BAND_RATE_HZ:g} Hz are asked for: band cut at "
        f"{0.45 * channel.rate_hz:g} Hz, amplitudes are lower than the rule expects",
    )


def detect_group(
    recording: Recording, group: str, detection: EmgDetection
) -> tuple[GroupDetection, list[Finding]]:
    """Return the movements in all used channels of a group, and findings about them."""
    role = EMG_GROUPS[group]
    channels = recording.with_role(role)
    used = [channel for channel in channels if channel.status == "used"]
    movements: list[Movements] = []
    observed: list[Intervals] = []
    trains: list[SiteTrains] = []
    findings: list[Finding] = []
    for channel in used:
        results = [detect_emg(signal, detection) for signal in recording.signals(channel)]
        movements.extend(result.movements for result in results)
        found = tuple(train for result in results for train in result.trains)
        trains.append((str(channel.site), channel.label, found))
        blocked = union(*(result.unusable for result in results))
        whole = np.array([[0.0, recording.duration_s]])
        usable = intersect(complement(blocked, *whole[0]), recording.recorded())
        observed.append(usable)
        findings.extend(_findings(channel, results, total(usable), recording))
    seen = union(*observed) if observed else np.empty((0, 2))
    reason = _why_nothing(recording, group, used)
    if not reason and not total(seen):
        reason = f"no usable time in {', '.join(channel.label for channel in used)}"
    return GroupDetection(
        movements=Movements.joined(movements),
        observed=seen,
        reason=reason,
        rhythms=rhythms_of(trains, detection.rhythm),
    ), findings


def _why_nothing(recording: Recording, group: str, used: list[Channel]) -> str:
    if used:
        return ""
    role = EMG_GROUPS[group]
    refused = [c for c in recording.with_role(role) if c.status == "refused"]
    by_reason: dict[str, list[str]] = {}
    for channel in refused:
        by_reason.setdefault(channel.reason, []).append(channel.label)
    if by_reason:
        return "; ".join(f"{', '.join(labels)}: {why}" for why, labels in by_reason.items())
    return f"no {role} EMG channel in the recording"


def _findings(
    channel: Channel, results: list[EmgResult], usable_s: float, recording: Recording
) -> list[Finding]:
    if not results:
        return []
    where = f"channel {channel.label!r}"
    n = max(len(channel.samples), 1)
    lengths = [round(s.duration_s * channel.rate_hz) for s in recording.segments]
    found = []
    for kind in ("missing", "flat", "saturated"):
        share = sum(r.share[kind] * k for r, k in zip(results, lengths, strict=True)) / n
        if share >= _WORTH_SAYING:
            found.append(
                Finding(
                    "warning",
                    f"emg.{kind}",
                    where,
                    f"{kind} for {100 * share:.1f} % of the time; taken out of the denominators, "
                    f"{usable_s / 3600:.2f} h are left",
                )
            )
    rest = np.concatenate([result.rest_uv for result in results])
    level = float(np.nanmedian(rest)) if np.isfinite(rest).any() else 0.0
    if level > _HIGH_REST_UV:
        found.append(
            Finding(
                "warning",
                "emg.high_rest",
                where,
                f"resting level {level:.0f} uV (median of the night): 5 uV are accepted. Not "
                "relaxed, or an electrode problem; noise may look like movements",
            )
        )
    found.extend(_removed(where, results))
    return found


def _removed(where: str, results: list[EmgResult]) -> list[Finding]:
    found = []
    lines = [result.mains for result in results if result.mains is not None]
    if lines:
        strongest = max(lines, key=lambda line: line.amplitude_uv)
        found.append(
            Finding(
                "info",
                "emg.mains",
                where,
                f"{strongest.frequency_hz:g} Hz hum of {strongest.amplitude_uv:.1f} uV, "
                f"{100 * strongest.share:.0f} % of the resting amplitude; subtracted",
            )
        )
    beats = sum(result.cardiac_n for result in results)
    if beats:
        found.append(
            Finding(
                "info",
                "emg.cardiac",
                where,
                f"{beats} blips as regular as a heart beat; kept from joining movements",
            )
        )
    return found


def trunk_not_scored(recording: Recording) -> GroupDetection:
    """Return an empty trunk group with the reason: none recorded, or heart beats are in the way."""
    labels = [channel.label for channel in recording.with_role("trunk")]
    reason = (
        f"trunk EMG ({', '.join(labels)}) is not scored: heart beats have to be removed first"
        if labels
        else "no trunk EMG channel in the recording"
    )
    return GroupDetection(movements=Movements.joined([]), observed=np.empty((0, 2)), reason=reason)
