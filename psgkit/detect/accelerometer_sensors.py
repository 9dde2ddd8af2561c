"""Which axes belong to one accelerometer."""

from collections.abc import Sequence

from psgkit.core.recording import Channel


def axes_together(channels: Sequence[Channel]) -> dict[str, tuple[Channel, ...]]:
    """Return the channels of each sensor, by its name, in file order.

    Axes of one place and one rate belong together until a letter comes a second time: that is a
    second sensor there, and its name is numbered.  A channel without a letter is a sensor of one
    axis.

    Examples
    --------
    >>> import numpy as np
    >>> def axis(label, letter):
    ...     return Channel(label=label, rate_hz=50.0, samples=np.zeros(0), place="hip", axis=letter)
    >>> found = axes_together([axis("X", "x"), axis("Y", "y"), axis("X-1", "x"), axis("H", "")])
    >>> [(name, [channel.label for channel in axes]) for name, axes in found.items()]
    [('hip', ['X', 'Y']), ('hip_2', ['X-1']), ('hip_3', ['H'])]
    """
    sensors: list[list[Channel]] = []
    for channel in channels:
        home = next((axes for axes in sensors if _takes(axes, channel)), None)
        if home is None:
            sensors.append([channel])
        else:
            home.append(channel)
    named: dict[str, tuple[Channel, ...]] = {}
    for axes in sensors:
        place = axes[0].place or "recorder"
        name, number = place, 2
        while name in named:
            name, number = f"{place}_{number}", number + 1
        named[name] = tuple(axes)
    return named


def _takes(axes: list[Channel], channel: Channel) -> bool:
    first = axes[0]
    letters = {axis.axis for axis in axes}
    return (
        bool(channel.axis and first.axis)
        and channel.axis not in letters
        and (first.place, first.site, first.rate_hz)
        == (channel.place, channel.site, channel.rate_hz)
    )


def misfit_rates(channels: Sequence[Channel]) -> dict[str, str]:
    """Return why some axes cannot be used: they have another rate than the rest of their sensor.

    X at 100 Hz and Y at 50 Hz are one sensor; X, Y at both rates are two.
    """
    refused = {}
    places = {channel.place for channel in channels if channel.axis}
    for place in sorted(places):
        by_rate: dict[float, list[Channel]] = {}
        for channel in channels:
            if channel.place == place and channel.axis:
                by_rate.setdefault(channel.rate_hz, []).append(channel)
        letters = [channel.axis for group in by_rate.values() for channel in group]
        if len(by_rate) == 1 or len(set(letters)) < len(letters):
            continue
        kept = max(by_rate.values(), key=len)
        for channel in channels:
            if channel.place == place and channel.axis and channel not in kept:
                refused[channel.label] = (
                    f"{channel.rate_hz:g} Hz, but {', '.join(other.label for other in kept)} of "
                    f"the same sensor have {kept[0].rate_hz:g} Hz"
                )
    return refused
