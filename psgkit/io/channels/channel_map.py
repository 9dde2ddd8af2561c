"""A channel map: which channel is what, stated by the user in TOML.

::

    ["EMG RF"]
    role = "leg"
    site = "left_leg"
    unit = "mV"

An accelerometer may state its ``place`` (as in ``left_ankle``) and ``axis`` (``x``, ``y``, ``z``).
The name of a table is the label of a channel; every field may be left out.  The same may be
written as a list of ``[[channel]]`` tables, each with a ``label``.  A map overrides every rule.
"""

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from psgkit.core.site import Site
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.channels.places import (
    RECORDER,
    Limb,
    limb_of,
    may_be_one,
    may_be_several,
    refuse_place,
    refuse_unknown_place,
    site_of_place,
)
from psgkit.io.channels.roles import LIMB_ROLES, ROLES, RoleAssignment, assign_roles
from psgkit.io.channels.units import unit_factor
from psgkit.io.text.read import file_name, lines_of, read_text

if TYPE_CHECKING:
    from pydantic import BaseModel


SITES_OF_ROLE = {
    "leg": (Site.NONE, Site.LEFT_LEG, Site.RIGHT_LEG),
    "arm": (Site.NONE, Site.LEFT_ARM, Site.RIGHT_ARM),
    "trunk": (Site.NONE, Site.TRUNK),
}
"""Sites that fit a role; an accelerometer may be anywhere, and other roles have no place."""
_FIELDS = "role, site, unit, place or axis"
_EXAMPLE = 'Write ["LABEL"] and below it role = "leg" and site = "left_leg".'


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedChannel:
    """What a map says about one channel; None where it says nothing.

    An empty role means that the channel is not to be used.
    """

    label: str
    role: str | None = None
    site: Site | None = None
    unit: str | None = None
    place: str | None = None
    axis: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelMap:
    """A checked channel map; ``source`` is the name of its file."""

    source: str
    channels: tuple[MappedChannel, ...]


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
    try:
        return parse_channel_map(read_text(path), file_name(path))
    except InputFileError as error:
        raise SettingsError(error.where, error.found, "a channel map (TOML)", _EXAMPLE) from error


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
    import tomllib

    try:
        content = tomllib.loads(text)
    except ValueError as error:
        # TOMLDecodeError is one; a number of 5000 digits is another.
        place = re.search(r"\(at (line \d+), column \d+\)", str(error))
        line = f", {place[1]}" if place else ""
        twice = re.search(r"twice|overwrite", str(error), re.IGNORECASE)
        found = "a channel or field that is named twice" if twice else f"no TOML: {error}"
        wanted = "each name once" if twice else "a channel map (TOML)"
        raise SettingsError(f"{where}{line}", found, wanted, _EXAMPLE) from error
    except RecursionError as error:
        raise SettingsError(where, "TOML nested too deeply", "a channel map", _EXAMPLE) from error
    rows = _rows(content, where)
    if not rows:
        raise SettingsError(where, "no channel", "at least one", _EXAMPLE)
    channels = [_checked(label, fields, text, where) for label, fields in rows]
    _refuse_doubles(channels, text, where)
    return ChannelMap(source=where, channels=tuple(channels))


def apply_channel_map(channel_map: ChannelMap, labels: Sequence[str]) -> dict[str, MappedChannel]:
    """Return what the map says, by label, after checking that the recording has these channels.

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


@cache
def _fields_model() -> "type[BaseModel]":
    """Return what pydantic needs to know of the fields a channel may have."""
    from pydantic import BaseModel, ConfigDict

    class Fields(BaseModel):
        """The fields of one channel."""

        model_config = ConfigDict(extra="forbid", strict=True)

        role: str | None = None
        site: str | None = None
        unit: str | None = None
        place: str | None = None
        axis: str | None = None

    return Fields


def _validated(fields: dict[str, Any], label: str, place: str) -> dict[str, str | None]:
    """Return the fields as text; None where one is left out."""
    from pydantic import ValidationError

    try:
        return _fields_model().model_validate(fields).model_dump()
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"]))
        if isinstance(problem["input"], dict):
            advice = f'A label with a dot needs quotes: ["{label}.{field}"].'
            raise SettingsError(f"{place}, {field!r}", "a table", "a field", advice) from error
        if problem["type"] == "extra_forbidden":
            raise SettingsError(place, f"the field {field!r}", _FIELDS) from error
        found = repr(problem["input"])
        raise SettingsError(f"{place}, {field}", found, "text in quotes") from error


def _checked(label: str, fields: dict[str, Any], text: str, where: str) -> MappedChannel:
    """Return one channel after checking its fields."""
    place = f"{where}{_line_of(label, text)}, channel {label!r}"
    said = _validated(fields, label, place)
    role, unit = said["role"], said["unit"]
    if role and role not in ROLES:
        advice = "An empty role leaves the channel out."
        raise SettingsError(f"{place}, role", repr(role), ", ".join(ROLES), advice)
    if said["site"] is not None and said["site"] not in set(Site):
        raise SettingsError(f"{place}, site", repr(said["site"]), ", ".join(filter(None, Site)))
    if unit is not None and unit_factor(unit) is None:
        raise SettingsError(f"{place}, unit", repr(unit), "V, mV, uV, nV, g, mg or m/s^2")
    site = None if said["site"] is None else Site(said["site"])
    mapped = MappedChannel(
        label=label, role=role, site=site, unit=unit, place=said["place"], axis=said["axis"]
    )
    refuse_unknown_place(said["place"], said["axis"], site, place)
    if role is not None:
        refuse_misfit(role, site or Site.NONE, place)
        refuse_place(role, said["place"] or said["axis"], place)
    return mapped


def refuse_misfit(role: str, site: Site, place: str) -> None:
    """Raise ``SettingsError`` if a site does not fit a role."""
    if role == "accelerometer":
        return
    fitting = SITES_OF_ROLE.get(role, (Site.NONE,))
    if site not in fitting:
        wanted = ", ".join(filter(None, fitting)) or "no site"
        raise SettingsError(f"{place}, site", f"{site.value!r} for the role {role!r}", wanted)


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
    """Return ``, line N`` of the last line that names the channel, or nothing if none does."""
    pattern = re.compile(
        rf"""^\s*(\[\s*["']?|label\s*=\s*["']){re.escape(label)}["']?\s*(\]|$|\#)"""
    )
    lines = [n for n, line in enumerate(lines_of(text), start=1) if pattern.match(line)]
    return f", line {lines[-1]}" if lines else ""


def _nearest(label: str, labels: Sequence[str]) -> str | None:
    """Return the label that looks most like ``label``, if one does."""
    folded = {known.casefold(): known for known in labels}
    near = difflib.get_close_matches(label.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else None


_RULE = "stated in the channel map"


def roles_with_map(
    channel_map: ChannelMap, labels_and_units: Sequence[tuple[str, str]]
) -> tuple[RoleAssignment, ...]:
    r"""Return the roles of all channels: those the map states, the others by the rules.

    A channel that the map leaves out does not serve a limb that the map gives to another.

    Examples
    --------
    >>> from psgkit.io.channels.channel_map import parse_channel_map
    >>> channel_map = parse_channel_map('["B"]\nrole = "leg"\nsite = "left_leg"', "map.toml")
    >>> [found.role for found in roles_with_map(channel_map, [("LAT", "uV"), ("B", "uV")])]
    ['', 'leg']

    Raises
    ------
    SettingsError
        If a mapped channel is not there, or its site does not fit the role the rules gave it.
    """
    mapped = apply_channel_map(channel_map, [label for label, _ in labels_and_units])
    stated = {
        label: _override(mapped[label], assign_roles([(label, unit)])[0], channel_map.source)
        for label, unit in labels_and_units
        if label in mapped
    }
    taken = _limbs(stated.values(), channel_map.source)
    # The rules share out among the others what the map left to them.
    others = [pair for pair in labels_and_units if pair[0] not in stated]
    by_rule = {found.label: _yielding(found, taken) for found in assign_roles(others)}
    return tuple((stated | by_rule)[label] for label, _ in labels_and_units)


def _override(channel: MappedChannel, by_rule: RoleAssignment, where: str) -> RoleAssignment:
    """Return the role the map states; what it leaves out is as the rules say."""
    role = by_rule.role if channel.role is None else channel.role
    if role == by_rule.role and channel.site is None:
        site = by_rule.site
    else:
        site = channel.site or (Site.TRUNK if role == "trunk" else Site.NONE)
    refuse_misfit(role, site, f"{where}, channel {channel.label!r}")
    refuse_place(role, channel.place or channel.axis, f"{where}, channel {channel.label!r}")
    stated = channel.role is not None or channel.site is not None or channel.place is not None
    found = RoleAssignment(
        label=channel.label, role=role, site=site, rule=_RULE if stated else by_rule.rule
    )
    return _worn(found, channel, by_rule) if role == "accelerometer" else found


def _worn(found: RoleAssignment, channel: MappedChannel, by_rule: RoleAssignment) -> RoleAssignment:
    """Return an accelerometer with its place: the one stated, else by its site or its name."""
    place = channel.place
    if place is None and channel.site and channel.site != by_rule.site:
        place = channel.site.value
    if place is None:
        place = by_rule.place or RECORDER
    return replace(
        found,
        site=channel.site or site_of_place(place),
        place=place,
        axis=by_rule.axis if channel.axis is None else channel.axis,
    )


def _limbs(stated: Iterable[RoleAssignment], where: str) -> dict[str, Limb]:
    """Return which limb each channel serves; raise ``SettingsError`` if two serve one.

    An arm with a side has many muscles, and whoever maps two of them knows which.
    """
    limbs: dict[str, Limb] = {}
    taken: dict[tuple[str, Site], str] = {}
    for found in stated:
        limb = (found.role, found.site)
        if found.role not in LIMB_ROLES:
            continue
        limbs[found.label] = limb_of(found.role, found.site, found.label)
        if limb in taken and not may_be_several(*limb):
            both = f"{taken[limb]!r} and {found.label!r} for {found.site or found.role}"
            raise SettingsError(where, both, "one channel for each limb")
        taken[limb] = found.label
    return limbs


def _yielding(found: RoleAssignment, taken: dict[str, Limb]) -> RoleAssignment:
    """Return ``found`` without its role if the map gave that limb to another channel.

    A limb of unknown side may be any limb of its kind, and so may an arm muscle without a name.
    """
    if found.role not in LIMB_ROLES:
        return found
    own = limb_of(found.role, found.site, found.label)
    for label, limb in taken.items():
        if may_be_one(own, limb):
            rule = f"not used: the channel map gives this {found.role} to {label!r}"
            return replace(found, role="", site=Site.NONE, rule=rule)
    return found
