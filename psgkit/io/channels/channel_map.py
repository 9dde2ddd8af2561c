"""Channel map: role, site and unit of channels, stated by the user in TOML.

::

    ["EMG RF"]
    role = "leg"
    site = "left_leg"
    unit = "mV"

``minus = "LAT2"`` subtracts another channel, ``minus = ""`` uses a channel as it is stored.
An accelerometer may state its ``place`` (as in ``left_ankle``) and ``axis`` (``x``, ``y``, ``z``).
The name of a table is the label of a channel; every field is optional.  A list of ``[[channel]]``
tables, each with a ``label``, is equivalent.  A map overrides every rule.

``[stage_codes]`` says what words or numbers for stages mean in the scoring of these recordings::

    [stage_codes]
    0 = "W"
    1 = "R"
"""

import difflib
import os
import re
from collections.abc import Sequence
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.channels.places import PLACES, site_of_place
from psgkit.io.channels.role_rules import ROLES
from psgkit.io.channels.roles import LIMB_ROLES, may_be_several
from psgkit.io.channels.units import unit_factor
from psgkit.io.scoring.stage_codes import StageCodes, parse_stage_codes, stage_codes_of
from psgkit.io.text.read import file_name, lines_of
from psgkit.io.text.toml import parse_toml, read_toml_text

SITES_OF_ROLE = {
    "leg": (Site.NONE, Site.LEFT_LEG, Site.RIGHT_LEG),
    "arm": (Site.NONE, Site.LEFT_ARM, Site.RIGHT_ARM),
    "trunk": (Site.NONE, Site.TRUNK),
}
"""Sites that fit a role; an accelerometer may be anywhere, and other roles have no place."""
STAGE_CODES = "stage_codes"
_FIELDS = ("role", "site", "unit", "place", "axis", "minus")
_WANTED = "a channel map (TOML)"
_EXAMPLE = 'Write ["LABEL"] and below it role = "leg" and site = "left_leg".'


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedChannel:
    """Entry of a map for one channel; None for fields not stated.

    An empty role excludes the channel.  ``minus`` is the label of the channel that is subtracted;
    if it is empty, none is.
    """

    label: str
    role: str | None = None
    site: Site | None = None
    unit: str | None = None
    place: str | None = None
    axis: str | None = None
    minus: str | None = None

    @property
    def says_what(self) -> bool:
        """Return whether the entry says what the channel is, not its unit only."""
        return any(said is not None for said in (self.role, self.site, self.place, self.minus))

    @property
    def stays_alone(self) -> bool:
        """Return whether the channel is no electrode of a pair."""
        return self.minus == "" or self.role == ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelMap:
    """A checked channel map; ``source`` is the name of its file."""

    source: str
    channels: tuple[MappedChannel, ...]
    stage_codes: StageCodes | None = None


def read_channel_map(path: str | os.PathLike[str]) -> ChannelMap:
    r"""Return the channel map in a TOML file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "map.toml"
    >>> _ = file.write_text('["EMG RF"]\nrole = "leg"\nsite = "left_leg"\n')
    >>> read_channel_map(file).channels[0].role
    'leg'

    Raises
    ------
    SettingsError
        If the file cannot be read, is no TOML, names no channel, names one twice, has an unknown
        field, role, site, unit, place or axis, or gives one limb to two channels.
    """
    text = read_toml_text(path, _WANTED, _EXAMPLE)
    return parse_channel_map(text, file_name(path))


def parse_channel_map(text: str, where: str) -> ChannelMap:
    r"""Return the channel map in ``text``; ``where`` names it in messages.

    Examples
    --------
    >>> parse_channel_map('["Leg 1"]\nrole = "leg"', "map.toml").channels[0].label
    'Leg 1'

    Raises
    ------
    SettingsError
        As ``read_channel_map``.
    """
    content = parse_toml(text, where, _WANTED, _EXAMPLE)
    codes = _stage_codes(content.pop(STAGE_CODES, None), where)
    rows = _rows(content, where)
    if not rows and codes is None:
        raise SettingsError(where, "no channel", "at least one", _EXAMPLE)
    channels = [_checked(label, fields, text, where) for label, fields in rows]
    _refuse_doubles(channels, text, where)
    return ChannelMap(source=where, channels=tuple(channels), stage_codes=codes)


def _stage_codes(stated: object, where: str) -> StageCodes | None:
    """Return the codes of a map: a table, or the text of the option."""
    place = f"{where}, {STAGE_CODES}"
    if stated is None:
        return None
    if isinstance(stated, str):
        return parse_stage_codes(stated, place)
    if not isinstance(stated, dict) or not all(isinstance(one, str) for one in stated.values()):
        advice = f'Write {STAGE_CODES} = "0=W,1=R,2=N1".'
        raise SettingsError(place, repr(stated), "stages in quotes by code", advice)
    return stage_codes_of(stated, place)


def apply_channel_map(channel_map: ChannelMap, labels: Sequence[str]) -> dict[str, MappedChannel]:
    """Return the entries of the map by label, after checking that the recording has these channels.

    Examples
    --------
    >>> channel_map = parse_channel_map('["Leg 1"]', "map.toml")
    >>> sorted(apply_channel_map(channel_map, ["Leg 1", "ECG"]))
    ['Leg 1']

    Raises
    ------
    SettingsError
        If a label is not in ``labels``; the message lists them and suggests the nearest.
    """
    for channel in channel_map.channels:
        if channel.label not in labels:
            near = _nearest(channel.label, labels)
            raise SettingsError(
                f"{channel_map.source}, channel {channel.label!r}",
                "a channel that the recording does not have",
                f"one of {', '.join(map(repr, labels)) or 'none: it has no channels'}",
                f"Did you mean {near!r}?" if near else "",
            )
    return {channel.label: channel for channel in channel_map.channels}


def refuse_misfit(role: str, site: Site, worn: str | None, where: str) -> None:
    """Raise ``SettingsError`` if a site, or a place or axis (``worn``), does not fit a role."""
    if role == "accelerometer":
        return
    fitting = SITES_OF_ROLE.get(role, (Site.NONE,))
    if site not in fitting:
        wanted = ", ".join(filter(None, fitting)) or "no site"
        raise SettingsError(f"{where}, site", f"{site.value!r} for the role {role!r}", wanted)
    if worn:
        found = f"{worn!r} for the role {role!r}"
        raise SettingsError(f"{where}, place and axis", found, 'role = "accelerometer"')


def _rows(content: dict[str, Any], where: str) -> list[tuple[str, dict[str, Any]]]:
    """Return label and fields of each channel, from tables and from the list form."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for key, value in content.items():
        entries = value if key == "channel" and isinstance(value, list) else None
        for entry in entries or ():
            if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
                raise SettingsError(
                    f"{where}, [[channel]] number {len(rows) + 1}", "no label", "a label", _EXAMPLE
                )
            fields = {name: field for name, field in entry.items() if name != "label"}
            rows.append((entry["label"], fields))
        if entries is not None:
            continue
        if not isinstance(value, dict):
            raise SettingsError(
                f"{where}, {key!r}", "a value outside a channel", "the table of a channel", _EXAMPLE
            )
        rows.append((key, value))
    return rows


def _fields(fields: dict[str, Any], label: str, place: str) -> dict[str, str | None]:
    """Return the fields of a channel as text; None where one is left out."""
    for name, value in fields.items():
        if isinstance(value, dict):
            label_alone = f'A channel is named alone in brackets: ["{name}"].'
            dotted = (
                f'A label with a dot needs quotes: ["{label}.{name}"]. A channel on one line '
                "stands above the first one in brackets."
            )
            advice = label_alone if label.casefold() in ("channel", "channels") else dotted
            raise SettingsError(f"{place}, {name!r}", "a table", "a field", advice)
        if name not in _FIELDS:
            wanted = f"{', '.join(_FIELDS[:-1])} or {_FIELDS[-1]}"
            raise SettingsError(place, f"the field {name!r}", wanted)
        if not isinstance(value, str):
            raise SettingsError(f"{place}, {name}", repr(value), "text in quotes")
    return {name: fields.get(name) for name in _FIELDS}


def _checked(label: str, fields: dict[str, Any], text: str, where: str) -> MappedChannel:
    place = f"{where}{_line_of(label, text)}, channel {label!r}"
    said = _fields(fields, label, place)
    role, unit = said["role"], said["unit"]
    if role and role not in ROLES:
        advice = "An empty role leaves the channel out."
        raise SettingsError(f"{place}, role", repr(role), ", ".join(ROLES), advice)
    if said["site"] is not None and said["site"] not in set(Site):
        raise SettingsError(f"{place}, site", repr(said["site"]), ", ".join(filter(None, Site)))
    if unit is not None and unit_factor(unit) is None:
        raise SettingsError(f"{place}, unit", repr(unit), "V, mV, uV, nV, g, mg or m/s^2")
    site = None if said["site"] is None else Site(said["site"])
    _refuse_unknown_place(said["place"], said["axis"], site, place)
    if role is not None:
        refuse_misfit(role, site or Site.NONE, said["place"] or said["axis"], place)
    if said["minus"] == label:
        raise SettingsError(f"{place}, minus", "the channel itself", "the label of another channel")
    return MappedChannel(
        label=label,
        role=role,
        site=site,
        unit=unit,
        place=said["place"],
        axis=said["axis"],
        minus=said["minus"],
    )


def _refuse_unknown_place(
    place: str | None, axis: str | None, site: Site | None, where: str
) -> None:
    """Raise ``SettingsError`` for a place or axis that is none, or a place at another site."""
    if place is not None and place not in PLACES:
        near = difflib.get_close_matches(place.casefold().replace(" ", "_"), PLACES, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"{where}, place", repr(place), ", ".join(PLACES), advice)
    if axis not in (None, "", "x", "y", "z"):
        raise SettingsError(f"{where}, axis", repr(axis), "x, y, z, or empty if there is only one")
    fitting = site_of_place(place or "")
    if site and fitting and fitting != site:
        found = f"{site.value!r} for the place {place!r}"
        raise SettingsError(f"{where}, site", found, repr(fitting.value))


def _refuse_doubles(channels: Sequence[MappedChannel], text: str, where: str) -> None:
    """Raise ``SettingsError`` if a channel is named twice, or a limb given to two channels.

    An arm with a side may have several: they are its muscles.
    """
    labels: set[str] = set()
    limbs: dict[tuple[str, Site], str] = {}
    for channel in channels:
        if channel.label in labels:
            raise SettingsError(
                f"{where}{_line_of(channel.label, text)}",
                f"the channel {channel.label!r} twice",
                "each channel once",
            )
        labels.add(channel.label)
        if channel.role not in LIMB_ROLES:
            continue
        limb = (channel.role, channel.site or Site.NONE)
        if limb in limbs and not may_be_several(*limb):
            named = limb[1].value or f"{limb[0]} without a site"
            raise SettingsError(
                f"{where}{_line_of(channel.label, text)}",
                f"{named} given to {limbs[limb]!r} and to {channel.label!r}",
                "one channel for each limb",
            )
        limbs[limb] = channel.label


def _line_of(label: str, text: str) -> str:
    """Return ``, line N`` of the last line that names the channel, else an empty text."""
    pattern = re.compile(
        rf"""^\s*(\[\s*["']?|label\s*=\s*["']|["']?){re.escape(label)}["']?\s*(\]|$|\#|=)"""
    )
    lines = [n for n, line in enumerate(lines_of(text), start=1) if pattern.match(line)]
    return f", line {lines[-1]}" if lines else ""


def _nearest(label: str, labels: Sequence[str]) -> str | None:
    """Return the label most similar to ``label``, if any is."""
    folded = {known.casefold(): known for known in labels}
    near = difflib.get_close_matches(label.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else None
