"""Analyses of psgkit that can use a channel or a file, and why not."""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.analysis.stages import usable_stages
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.recording import Channel, Recording
from psgkit.core.site import Site
from psgkit.detect.accelerometer.channels import accelerometers, choose_accelerometers
from psgkit.detect.emg.channels import EMG_GROUPS, choose_channels
from psgkit.detect.emg.detect import EmgDetection
from psgkit.io.scoring.annotations import events_from_annotations
from psgkit.io.scoring.stage_codes import StageCodes

_SENSOR = "accelerometer"
_N_AXES = 3
_KINDS_THAT_COUNT = ("lm", "arousal", "apnea", "hypopnea", "rera", "lights_off", "lights_on")


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """Whether one analysis can use a channel or file; ``reason`` is why not, or what is used."""

    analysis: str
    usable: bool
    reason: str = ""


def uses_of_channels(recording: Recording) -> dict[str, tuple[Use, ...]]:
    """Return the uses of each channel by label, one row for each analysis.

    Examples
    --------
    >>> leg = Channel(label="LAT", rate_hz=40.0, samples=[0.0] * 40, unit="uV", role="leg")
    >>> night = Recording(source="x", start=None, segments=(), channels=(leg,))
    >>> print(uses_of_channels(night)["LAT"][0].reason)
    40 Hz: too slow for EMG, at least 50 Hz are needed
    """
    detection = EmgDetection()
    as_role = {
        group: choose_channels(_all_as(recording, role), detection).channels
        for group, role in EMG_GROUPS.items()
    }
    as_sensor = choose_accelerometers(recording).channels
    halves = {half.label for channel in recording.channels for half in channel.electrodes}
    found = {}
    for row, channel in enumerate(recording.channels):
        emg = (
            _emg_use(channel, as_role[group][row], group, role, channel.label in halves)
            for group, role in EMG_GROUPS.items()
        )
        found[channel.label] = (*emg, _sensor_use(channel, as_sensor[row]))
    return found


def _sensor_use(channel: Channel, tried: Channel) -> Use:
    if channel.role == _SENSOR:
        return Use(analysis=_SENSOR, usable=tried.status == "used", reason=tried.reason)
    return Use(analysis=_SENSOR, usable=False, reason=_other_role(channel, _SENSOR))


def _all_as(recording: Recording, role: str) -> Recording:
    """Return the recording as if every channel had ``role``."""
    as_role = {channel.label: replace(channel, role=role) for channel in recording.channels}
    return recording.with_channels(as_role)


def _emg_use(
    channel: Channel,
    tried: Channel,
    group: str,
    role: str,
    is_half: bool,  # noqa: FBT001
) -> Use:
    """Return the use of a channel for a group; ``is_half`` if it is one electrode of a pair."""
    if channel.role == role or channel.status == "refused":
        return Use(analysis=group, usable=tried.status == "used", reason=tried.reason)
    reason = _other_role(channel, role)
    if not channel.role and not is_half and tried.status == "used":
        reason += "; a channel map can name it"
    return Use(analysis=group, usable=False, reason=reason)


def _other_role(channel: Channel, role: str) -> str:
    return f"not recognised as {role}" + (f" ({channel.role})" if channel.role else "")


def uses_of_file(
    recording: Recording,
    of_channels: Mapping[str, tuple[Use, ...]],
    codes: StageCodes | None = None,
) -> tuple[Use, ...]:
    """Return the uses of the whole file; ``reason`` names what is used, or why not."""
    found = [_group_use(recording, of_channels, group) for group in EMG_GROUPS]
    sensors = (_sensors(recording, of_channels), _posture(recording))
    events = events_from_annotations(recording.annotations, codes=codes)
    return (*found, *sensors, _stages(recording, codes), use_of_events(events))


def _sensors(recording: Recording, of_channels: Mapping[str, tuple[Use, ...]]) -> Use:
    """Return the places at which accelerometers are worn."""
    own = recording.with_role(_SENSOR)
    rows = {
        channel.label: next(use for use in of_channels[channel.label] if use.analysis == _SENSOR)
        for channel in own
    }
    places = [channel.place for channel in own if rows[channel.label].usable]
    if places:
        return Use(analysis=_SENSOR, usable=True, reason=", ".join(dict.fromkeys(places)))
    why_not = "; ".join(f"{label}: {use.reason}" for label, use in rows.items())
    return Use(analysis=_SENSOR, usable=False, reason=why_not or "no accelerometer by its name")


def _posture(recording: Recording) -> Use:
    """Return whether a sensor of three axes at the trunk can show postures and turns."""
    sensors = accelerometers(choose_accelerometers(recording))
    trunk = [sensor for sensor in sensors if sensor.channels[0].site == Site.TRUNK]
    whole = [sensor.name for sensor in trunk if len(sensor.channels) == _N_AXES]
    if whole:
        return Use(analysis="posture", usable=True, reason=", ".join(whole))
    few = ", ".join(sensor.name for sensor in trunk)
    why_not = f"{few}: three axes are needed" if few else "no accelerometer at the trunk"
    return Use(analysis="posture", usable=False, reason=why_not)


def _group_use(recording: Recording, of_channels: Mapping[str, tuple[Use, ...]], group: str) -> Use:
    rows = {
        label: next(use for use in uses if use.analysis == group)
        for label, uses in of_channels.items()
    }
    role = EMG_GROUPS[group]
    used = [label for label, use in rows.items() if use.usable]
    if used:
        return Use(analysis=group, usable=True, reason=", ".join(used))
    own = [channel.label for channel in recording.with_role(role)]
    why_not = "; ".join(f"{label}: {rows[label].reason}" for label in own)
    return Use(analysis=group, usable=False, reason=why_not or f"no {role} EMG channel by its name")


def _stages(recording: Recording, codes: StageCodes | None) -> Use:
    hypnogram, findings = usable_stages(recording, codes)
    if hypnogram is not None:
        return use_of_stages(hypnogram)
    why_not = "; ".join(one.message for one in findings if one.code == "stages.unusable")
    reason = why_not or "no sleep stages are annotated"
    return Use(analysis="stages", usable=False, reason=reason)


def use_of_stages(hypnogram: Hypnogram | None) -> Use:
    """Return whether a file has stages."""
    if hypnogram is None:
        return Use(analysis="stages", usable=False, reason="no sleep stages")
    said = f"{len(hypnogram)} epochs of {hypnogram.epoch_s:g} s are annotated"
    return Use(analysis="stages", usable=True, reason=said)


def use_of_events(events: Events | None) -> Use:
    """Return whether a file has events that count, and how many."""
    kinds = [] if events is None else events.kind.tolist()
    counts = [f"{kinds.count(kind)} {kind}" for kind in _KINDS_THAT_COUNT if kind in kinds]
    said = ", ".join(counts) or "no arousals, respiratory events, movements or lights are annotated"
    return Use(analysis="events", usable=bool(counts), reason=said)
