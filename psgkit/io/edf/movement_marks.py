"""Movements as annotations that other readers show at a channel: ``Limb movement@@EMG LAT``."""

from collections.abc import Mapping, Sequence

from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.recording import Channel, Recording
from psgkit.core.site import BOTH_SIDES, Site
from psgkit.io.channels.roles import LIMB_ROLES, role_of_label
from psgkit.io.edf.write import Annotation

TEXT = "Limb movement"
SENSOR_TEXT = "Accelerometer movement"
LARGE_TEXT = "Large movement"
"""Texts that no reader takes for a limb movement."""
_TEXTS = {Site.WHOLE_BODY.value: LARGE_TEXT}
_SIDES_OF = {
    both: tuple(site for site, joined in BOTH_SIDES.items() if joined is both and site is not both)
    for both in set(BOTH_SIDES.values())
}


def movement_marks(
    movements: Movements | ScoredMovements, recording: Recording | None = None
) -> list[Annotation]:
    """Return onset, duration and text of each movement, in time order.

    A bilateral movement becomes two marks of equal length, one for each side, because a mark
    belongs to one channel.  Of several channels at one site the first is named; without a channel
    whose name states the site, the site itself is named (``@@left leg``).

    Parameters
    ----------
    movements : Movements or ScoredMovements
    recording : Recording, optional
        For the sites of channels; without it they follow from the channel names.

    Examples
    --------
    >>> movement_marks(Movements.of([1.0, 5.0], [2.5, 7.0], ["left_leg", "both_legs"]))[1:]
    [(5.0, 2.0, 'Limb movement@@left leg'), (5.0, 2.0, 'Limb movement@@right leg')]
    """
    table = movements.movements if isinstance(movements, ScoredMovements) else movements
    known = () if recording is None else recording.channels
    rows = zip(table.onset_s, table.duration_s, movement_texts(table, known), strict=True)
    return [
        (float(onset_s), float(duration_s), f"{text}@@{place}" if place else text)
        for onset_s, duration_s, (text, places) in rows
        for place in places
    ]


def movement_texts(
    movements: Movements, channels: Sequence[Channel] = ()
) -> list[tuple[str, list[str]]]:
    """Return the text of each movement, and the place of its mark on each side.

    Examples
    --------
    >>> movement_texts(Movements.of([1.0], [2.5], "both_legs"))
    [('Limb movement', ['left leg', 'right leg'])]
    """
    known = {channel.label: channel.site for channel in channels}
    rows = zip(movements.site, movements.channels, movements.modality, strict=True)
    return [
        (
            SENSOR_TEXT if modality == "accelerometer" else _TEXTS.get(str(site), TEXT),
            _places(Site(str(site)), labels, known),
        )
        for site, labels, modality in rows
    ]


def _places(site: Site, channels: tuple[str, ...], known: Mapping[str, Site]) -> list[str]:
    """Return the places of one movement, one for each side; empty if not known."""
    if not site:
        return [""]
    return [_place(side, channels, known) for side in _SIDES_OF.get(site, (site,))]


def _place(site: Site, channels: tuple[str, ...], known: Mapping[str, Site]) -> str:
    """Return the channel whose name states ``site``, else the site."""
    for label in channels:
        if known.get(label, site) is site and _site_of(label) is site:
            return label
    return site.value.replace("_", " ")


def _site_of(label: str) -> Site:
    """Return the site that the name of a channel states."""
    found = role_of_label(label)
    return found.site if found.role in (*LIMB_ROLES, "trunk") else Site.NONE
