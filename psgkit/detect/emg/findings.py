"""Findings about what was measured in a channel of EMG."""

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.intervals import complement, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.rejected import REASONS, Rejected
from psgkit.detect.emg.detect import EmgDetection, EmgResult
from psgkit.detect.emg.limb_movements import LimbMovementRule

_HIGH_REST_UV = 10.0
"""AASM and WASM accept 5 uV of rectified resting EMG; at twice that noise makes movements."""

_ACCEPTED_REST_UV = 5.0
"""Resting EMG that AASM and WASM accept, mean rectified."""

_LOUD_SHARE = 0.1
"""Share of the time from which loud rest is reported.  Psgkit's own choice."""

_NEAR_UV = 2.0
_NEAR_SHARE, _NEAR_LEAST = 0.3, 10
"""Movements that peak this near to the onset threshold are reported where they are this share of at
least so many.  Psgkit's own choice."""

_WORTH_SAYING, _AFFECTS = 0.001, 0.05
"""Shares of unusable time from which it is told, and from which it affects the result."""


def findings_of(
    channel: Channel, results: list[EmgResult], detection: EmgDetection, recording: Recording
) -> list[Finding]:
    """Return what the detection in a channel met: unusable time, loud rest, hum, heart beats.

    Parameters
    ----------
    channel : Channel
    results : list of EmgResult
        One for each segment of the recording.
    detection : EmgDetection
    recording : Recording
    """
    if not results:
        return []
    where = translatable(f"channel {channel.label!r}")
    n = max(len(channel.samples), 1)
    blocked = union(*(result.unusable for result in results))
    usable = intersect(complement(blocked, 0.0, recording.duration_s), recording.recorded())
    usable_s = total(usable)
    lengths = [round(s.duration_s * channel.rate_hz) for s in recording.segments]
    found = []
    for kind in ("missing", "flat", "saturated"):
        share = sum(r.share[kind] * k for r, k in zip(results, lengths, strict=True)) / n
        if share >= _WORTH_SAYING:
            found.append(
                Finding(
                    "warning" if share >= _AFFECTS else "info",
                    f"emg.{kind}",
                    where,
                    translatable(
                        f"{kind} for {100 * share:.1f} % of the time; taken out of the "
                        f"denominators, {usable_s / 3600:.2f} h are left"
                    ),
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
                translatable(
                    f"resting level {level:.0f} uV (median of the night): 5 uV are accepted. Not "
                    "relaxed, or an electrode problem; noise may look like movements"
                ),
            )
        )
    return [
        *found,
        *_loud_rest(where, results, detection.rule),
        *_not_muscle(where, results),
        *_band_lost(where, results, channel.rate_hz),
        *_near_bound(where, results, detection.rule),
        *_removed(where, results, detection.rule),
    ]


def _loud_rest(where: str, results: list[EmgResult], rule: LimbMovementRule) -> list[Finding]:
    """Return the finding that thresholds follow the resting level for part of the time."""
    if not rule.quiet_share_of_rest:
        return []
    rest = np.concatenate([result.rest_uv for result in results])
    known = rest[np.isfinite(rest)]
    from_uv = rule.offset_above_rest_uv / rule.quiet_share_of_rest
    loud = known[known > from_uv]
    if len(loud) < max(1.0, _LOUD_SHARE * len(known)):
        return []
    level = np.array([np.median(loud)], dtype=np.float32)
    off, on = (float(threshold[0] - level[0]) for threshold in rule.thresholds(level))
    accepted = np.count_nonzero(loud > _ACCEPTED_REST_UV) < _LOUD_SHARE * len(known)
    return [
        Finding(
            "info" if accepted else "warning",
            "emg.loud_rest",
            where,
            translatable(
                f"resting EMG above {from_uv:.1f} uV for {100 * len(loud) / len(known):.0f} % of "
                f"the time, {level[0]:.1f} uV there in the median: its scatter covers the "
                f"{rule.offset_above_rest_uv:g} uV of the standard. Thresholds follow the resting "
                f"level there: {on:.1f} uV above rest for an onset, {off:.1f} uV for an end; weak "
                "movements are missed and ends are early"
            ),
        )
    ]


def _not_muscle(where: str, results: list[EmgResult]) -> list[Finding]:
    """Return the finding that candidates were rejected, with their number by reason."""
    rejected = Rejected.joined([result.rejected for result in results])
    found = []
    for reason in REASONS:
        here = rejected.reason == reason
        if not here.any():
            continue
        n = np.count_nonzero(here)
        minutes = float((rejected.end_s - rejected.onset_s)[here].sum()) / 60
        messages = {
            "sway": translatable(
                f"{n} candidates for movements ({minutes:.1f} min) are slower than muscle, as of a "
                "cable that sways; rejected"
            ),
            "hum": translatable(
                f"{n} candidates for movements ({minutes:.1f} min) are hum alone, as of an "
                "electrode that is off; rejected"
            ),
            "noise": translatable(
                f"{n} candidates for movements ({minutes:.1f} min) are steady white noise, as of "
                "an electrode that is off; rejected"
            ),
        }
        found.append(Finding("info", "emg.not_muscle", where, messages[reason]))
    return found


def _band_lost(where: str, results: list[EmgResult], rate_hz: float) -> list[Finding]:
    """Return the finding that amplitudes were corrected for a missing part of the band."""
    lost = max((result.lost for result in results), key=lambda one: one.factor)
    if lost.factor == 1:
        return []
    top_hz, percent, factor = f"{lost.top_hz:g}", f"{100 / lost.factor:.0f}", f"{lost.factor:.2f}"
    if lost.cause == "filter":
        message = translatable(
            f"a low-pass filter of about {top_hz} Hz shows in the spectrum and leaves about "
            f"{percent} % of the amplitude of a muscle; amplitudes are multiplied by {factor}. "
            "Record limb EMG with a filter of 100 Hz or more"
        )
    else:
        message = translatable(
            f"{rate_hz:g} Hz leave the band up to {top_hz} Hz, about {percent} % of the amplitude "
            f"of a muscle; amplitudes are multiplied by {factor}"
        )
    return [
        Finding("warning" if lost.cause == "filter" else "info", "emg.band_lost", where, message)
    ]


def _near_bound(where: str, results: list[EmgResult], rule: LimbMovementRule) -> list[Finding]:
    """Return the finding that the number of movements depends on the onset threshold."""
    peak_uv = np.concatenate([result.peak_uv for result in results])
    near = np.abs(peak_uv - rule.onset_above_rest_uv) <= _NEAR_UV
    n = int(np.count_nonzero(near))
    if len(peak_uv) < _NEAR_LEAST or n < _NEAR_SHARE * len(peak_uv):
        return []
    message = translatable(
        f"{n} of {len(peak_uv)} movements peak within {_NEAR_UV:g} uV of the onset threshold: "
        "their number depends on it. psgkit report --sensitivity gives the index at 4 to 16 uV"
    )
    return [Finding("warning", "emg.near_bound", where, message)]


def _removed(where: str, results: list[EmgResult], rule: LimbMovementRule) -> list[Finding]:
    found = []
    lines = [result.mains for result in results if result.mains is not None]
    if lines:
        strongest = max(lines, key=lambda line: line.amplitude_uv)
        found.append(
            Finding(
                # what is left of hum as large as a movement may look like one
                "warning" if strongest.amplitude_uv >= rule.onset_above_rest_uv else "info",
                "emg.mains",
                where,
                translatable(
                    f"{strongest.frequency_hz:g} Hz hum of {strongest.amplitude_uv:.1f} uV, "
                    f"{100 * strongest.share:.0f} % of the resting amplitude; subtracted"
                ),
            )
        )
    beats = sum(result.cardiac_n for result in results)
    if beats:
        found.append(
            Finding(
                "info",
                "emg.cardiac",
                where,
                translatable(
                    f"{beats} blips as regular as a heart beat; kept from joining movements"
                ),
            )
        )
    return found
