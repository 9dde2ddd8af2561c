"""Subtract channels: pairs of electrodes by their names, and what a channel map asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import DifferenceSamples
from psgkit.errors import SettingsError
from psgkit.io.channels.channel_map import ChannelMap, MappedChannel, apply_channel_map
from psgkit.io.channels.electrodes import (
    Derivation,
    derivation_of,
    find_electrodes,
    map_line,
)

DERIVED = "channels.derived"
"""Code of the finding on a difference."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Differences:
    """What is subtracted in a recording.

    Attributes
    ----------
    pairs : tuple of Derivation
    suspected : mapping of str to str
        Why a channel cannot be used as it is, by label.
    """

    pairs: tuple[Derivation, ...] = ()
    suspected: Mapping[str, str] = field(default_factory=dict)

    def findings(self) -> tuple[Finding, ...]:
        """Return a finding on each difference."""
        return tuple(
            Finding("info", DERIVED, translatable(f"channel {pair.label!r}"), _about(pair))
            for pair in self.pairs
        )


def stored_only(recording: Recording) -> Recording:
    """Return the recording without differences, and without what was found about electrodes."""
    return replace(
        recording,
        channels=tuple(
            replace(channel, doubt="") for channel in recording.channels if not channel.electrodes
        ),
        findings=tuple(f for f in recording.findings if f.code != DERIVED),
    )


def named_differences(recording: Recording, channel_map: ChannelMap | None) -> Differences:
    """Return the differences that a map asks for, and those by the names of electrodes.

    Raises
    ------
    SettingsError
        If the map subtracts a channel that the recording does not have.
    """
    entries = {} if channel_map is None else {c.label: c for c in channel_map.channels}
    stated = () if channel_map is None else tuple(_stated(recording, channel_map))
    decided = {label for label, entry in entries.items() if entry.stays_alone}
    decided |= {label for pair in stated for label in (pair.first, pair.second)}
    found = find_electrodes([(c.label, c.stored_unit) for c in recording.channels], decided)
    known = {label for label, entry in entries.items() if entry.says_what}
    return Differences(
        pairs=(*stated, *(pair for pair in found.pairs if not _are_two(pair, entries))),
        suspected={label: why for label, why in found.suspected.items() if label not in known},
    )


def subtracted(
    recording: Recording, named: Differences, channel_map: ChannelMap | None
) -> tuple[Recording, Differences]:
    """Return the recording with differences before their first electrode, and what they are.

    Electrodes that cannot be subtracted are suspected.

    Raises
    ------
    SettingsError
        If the map asks for a difference that cannot be computed.
    """
    stated = {c.label for c in channel_map.channels if c.minus} if channel_map else set()
    pairs, suspected = [], dict(named.suspected)
    for pair in named.pairs:
        why_not = _why_not(recording, pair)
        if not why_not:
            pairs.append(pair)
        elif channel_map is not None and pair.first in stated:
            where = f"{channel_map.source}, channel {pair.first!r}, minus"
            raise SettingsError(where, why_not, "two channels of one rate and one unit")
        else:
            advice = translatable(
                f"write {map_line(pair.first, minus='')} if it is a difference already"
            )
            message = translatable(
                f"electrodes of one pair by their names; {why_not}. In a channel map {advice}"
            )
            suspected |= dict.fromkeys((pair.first, pair.second), message)
    before = {pair.first: _difference(recording, pair) for pair in pairs}
    channels = tuple(
        one
        for channel in recording.channels
        for one in (*filter(None, [before.get(channel.label)]), channel)
    )
    return replace(recording, channels=channels), Differences(
        pairs=tuple(pairs), suspected=suspected
    )


def _stated(recording: Recording, channel_map: ChannelMap) -> Iterator[Derivation]:
    """Yield the differences that the map asks for."""
    for entry in channel_map.channels:
        if not entry.minus:
            continue
        where = f"{channel_map.source}, channel {entry.label!r}, minus"
        # raises if one of them is not there
        both = (entry, replace(entry, label=entry.minus, minus=None))
        apply_channel_map(replace(channel_map, channels=both), recording.labels())
        pair = derivation_of(entry.label, entry.minus)
        if pair.label in recording.labels():
            found = f"a difference that would be called {pair.label!r}, as another channel is"
            raise SettingsError(where, found, f"the channel {pair.label!r} itself")
        yield pair


def _are_two(pair: Derivation, entries: Mapping[str, MappedChannel]) -> bool:
    """Return whether a map says that the channels of a pair are two signals."""
    ends = [entries[label] for label in (pair.first, pair.second) if label in entries]
    said = {(end.role, end.site) for end in ends if end.says_what}
    return len(said) > 1


def _why_not(recording: Recording, pair: Derivation) -> str:
    """Return why two channels cannot be subtracted, empty if they can."""
    first, second = recording.channel(pair.first), recording.channel(pair.second)
    for channel in (first, second):
        if channel.status == "refused":
            return translatable(f"{channel.label!r} cannot be read ({channel.reason})")
    if first.rate_hz != second.rate_hz or len(first.samples) != len(second.samples):
        rates = f"{first.rate_hz:g} and {second.rate_hz:g} Hz"
        return translatable(
            f"{first.label!r} and {second.label!r} have {rates}; export them at one rate"
        )
    if first.unit != second.unit:
        units = " and ".join(repr(channel.stored_unit) for channel in (first, second))
        known = next((c.stored_unit for c in (first, second) if c.unit == "uV"), "uV")
        lines = [map_line(c.label, unit=known) for c in (first, second) if c.unit != "uV"]
        return translatable(
            f"{first.label!r} and {second.label!r} have the units {units}. State the right one, as "
            f"in {' and '.join(lines)}"
        )
    return ""


def _difference(recording: Recording, pair: Derivation) -> Channel:
    """Return the channel of a difference; its samples are subtracted when they are accessed."""
    first, second = recording.channel(pair.first), recording.channel(pair.second)
    steps = [c.resolution for c in (first, second) if c.resolution is not None]
    limits = None
    if first.limits is not None and second.limits is not None:
        limits = (first.limits[0] - second.limits[1], first.limits[1] - second.limits[0])
    return Channel(
        label=pair.label,
        rate_hz=first.rate_hz,
        samples=DifferenceSamples(first.samples, second.samples),
        unit=first.unit,
        stored_unit=first.stored_unit,
        resolution=max(steps, default=None),
        limits=limits,
        electrodes=(first, second),
    )


def _about(pair: Derivation) -> str:
    if not pair.by_name:
        return pair.rule
    line = map_line(pair.first, minus="")
    return translatable(
        f"{pair.rule}. Where they are two signals instead, write {line} in a channel map"
    )
