"""How a night was analysed, as a paragraph for a paper, with what it cites; and where it is from.

Every number comes from the settings the report was made with, so that the paragraph is right for
changed rules too; what a report does not state is left out.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel
from psgkit.document.open import SCHEMA
from psgkit.document.outside_text import bare_name
from psgkit.document.values import plain
from psgkit.report.night.content import lights_source
from psgkit.report.page_model import Facts, Notes, Section
from psgkit.report.words.number_format import short_number, with_unit
from psgkit.report.words.rule_words import span_in_words
from psgkit.report.words.texts import text
from psgkit.report.words.words import site_in_words

_LIMBS = ("leg", "arm", "trunk")
_RULE_KEYS = ("wasm2016", "wasm2006", "aasm3")


def methods_section(report: NightReport) -> Section:
    """Return the paragraph; ``bibtex_of`` has the entries.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.walk import score_night
    >>> methods_section(score_night(Events.none())).parts[0].lines[0][:42]
    'Movements were marked by a scorer. They we'
    """
    paragraph = " ".join(_sentences(report))
    return Section(
        key="methods",
        title=text("methods.title"),
        note=text("methods.note"),
        parts=(Notes(lines=(paragraph,)),),
    )


def bibtex_of(report: NightReport) -> str:
    """Return the BibTeX entries of what the paragraph cites, and of psgkit itself."""
    entries = [str(_citations()[key]["bibtex"]).strip() for key in _cited(report)]
    own = text("methods.bibtex", version=report.version).strip()
    return "\n\n".join((own, *entries))


def provenance_section(report: NightReport) -> Section:
    """Return what the report was made of, and by what."""
    lights = report.lights
    stages = "methods.stages_given" if report.hypnogram is not None else "methods.stages_none"
    facts = (
        ("file", bare_name(report.source)),
        ("sha256", report.sha256 or text("provenance.not_computed")),
        ("program", f"psgkit {report.version}"),
        ("schema", SCHEMA),
        ("rules", str(_found(report, "rules.name") or "")),
        ("stages", text(stages)),
        ("lights", "; ".join(map(lights_source, (lights.off_source, lights.on_source)))),
    )
    rows = tuple((text(f"provenance.{key}"), shown) for key, shown in facts if shown)
    return Section(key="provenance", title=text("provenance.title"), parts=(Facts(rows=rows),))


def _found(report: NightReport, path: str) -> Any:  # noqa: ANN401 - any value of a setting
    """Return a setting, None if the report does not state it."""
    value: Any = plain(report.settings)
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _sentences(report: NightReport) -> Iterator[str]:
    used = [channel for channel in report.channels if channel.status == "used"]
    limbs = [channel for channel in used if channel.role in _LIMBS]
    sensors = [channel for channel in used if channel.role == "accelerometer"]
    if limbs:
        yield text("methods.emg", channels=_channels_in_words(limbs), version=report.version)
        yield from _detection(report)
    elif not sensors:
        yield text("methods.marked")
    if sensors:
        yield text("methods.accelerometers", channels=_channels_in_words(sensors))
    yield from _rules(report)
    if any(channel.role in ("arm", "trunk") for channel in limbs):
        yield text("methods.other_limbs")
    if report.hypnogram is None:
        yield text("methods.without_stages")
    else:
        yield text("methods.with_stages", epoch=short_number(report.hypnogram.epoch_s))
    yield text("methods.rates")
    if "imi_log_mean_s" in report.indices.get("legs", {}):
        yield text("methods.periodicity", cite=_citations()["periodicity"]["cite"])
    yield text("methods.program", version=report.version)


def _channels_in_words(channels: list[Channel]) -> str:
    """Return sites with their rates, each once."""
    shown = [
        f"{site_in_words(str(channel.place or channel.site))}"
        f" ({with_unit(short_number(channel.rate_hz), 'Hz')})"
        for channel in channels
    ]
    return ", ".join(dict.fromkeys(shown))


def _detection(report: NightReport) -> Iterator[str]:
    """Yield how movements were found, if the settings say so."""
    rule, band = _found(report, "emg.rule"), _found(report, "emg.conditioning.band")
    if not isinstance(rule, Mapping) or not isinstance(band, Mapping):
        return
    yield text(
        "methods.detection",
        **{name: short_number(value) for name, value in {**band, **rule}.items()},
    )
    groups = _found(report, "emg.heart.groups")
    if groups and any(c.role == "trunk" and c.status == "used" for c in report.channels):
        yield text("methods.heart")


def _rules(report: NightReport) -> Iterator[str]:
    """Yield how movements were joined, tied and linked, if the settings say so."""
    rules = _found(report, "rules")
    if not isinstance(rules, Mapping) or "series" not in rules or "bilateral" not in rules:
        return
    title = str(rules.get("title") or rules.get("name"))
    cited = [_citations()[key]["cite"] for key in _cited(report) if key in _RULE_KEYS]
    yield text("methods.rules", title=title, cite=f" ({cited[0]})" if cited else "")
    longest = rules["bilateral"]["max_duration_s"]
    yield text(
        "methods.candidates",
        shortest=short_number(rules["min_duration_s"]),
        longest=short_number(rules["candidate_max_duration_s"]),
        bilateral=text("methods.bilateral", longest=short_number(longest)) if longest else "",
    )
    yield text(
        "methods.series",
        n=rules["series"]["min_movements"],
        imi=span_in_words(rules["series"]["imi_s"], "s"),
    )
    tied = text(f"methods.anchor_{rules['respiratory']['anchor']}")
    window = span_in_words(rules["respiratory"]["window_s"], "s")
    yield text(f"methods.{rules['respiratory']['scored_as']}", window=window, anchor=tied)
    yield text("methods.arousals", within=short_number(rules["arousal_within_s"]))


def _cited(report: NightReport) -> list[str]:
    """Return the keys of what is cited: the rule set, and what the indices follow."""
    name = str(_found(report, "rules.name") or "")
    keys = [key for key in _RULE_KEYS if name.split(" ", maxsplit=1)[0] == key]
    if "imi_log_mean_s" in report.indices.get("legs", {}):
        keys.append("periodicity")
    if report.indices.get("whole_body"):
        keys.append("large")
    return keys


@cache
def _citations() -> Mapping[str, Any]:
    """Return the citations by key, read once."""
    return tomllib.loads(files(__package__).joinpath("citations.toml").read_text("utf-8"))
