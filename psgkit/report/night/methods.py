"""Methods paragraph of a night for a paper, its references, and the provenance section.

Every number comes from the settings of the report, so that the paragraph is right for changed
rules; what a report does not state is left out.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel
from psgkit.document.outside_text import bare_name
from psgkit.document.values import plain
from psgkit.document.write import SCHEMA
from psgkit.report.night.content import lights_source
from psgkit.report.night.summary import review_in_words
from psgkit.report.page_model import Facts, Notes, Section
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import short_number, with_unit
from psgkit.report.words.rule_words import span_in_words
from psgkit.report.words.words import site_in_words

_LIMBS = ("leg", "arm", "trunk")
_RULE_KEYS = ("wasm2016", "wasm2006", "aasm3")
_ANCHORS = Words(
    {
        "end": marked("the end of a respiratory event"),
        "whole_event": marked("a respiratory event"),
    }
)
_RESPIRATORY = {
    "candidate": marked(
        "Candidates at {window} around {anchor} counted as respiratory; series were linked once "
        "with and once without them."
    ),
    "no_candidate": marked(
        "Movements at {window} around {anchor} counted as respiratory and were no candidates."
    ),
}
"""What becomes of movements that are tied to a respiratory event."""


def methods_section(report: NightReport) -> Section:
    """Return the paragraph; ``bibtex_of`` has the entries.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> methods_section(score_night(Events.none())).parts[0].lines[0][:42]
    'Movements were marked by a scorer. They we'
    """
    paragraph = " ".join(_sentences(report))
    return Section(
        key="methods",
        title=_("Methods, for a paper"),
        note=_("Made from the settings of this report. Check it against your protocol before use."),
        parts=(Notes(lines=(paragraph,)),),
    )


def bibtex_of(report: NightReport) -> str:
    """Return the BibTeX entries of the references of the paragraph, and of psgkit."""
    entries = [str(_citations()[key]["bibtex"]).strip() for key in _cited(report)]
    own = (
        "@software{psgkit,\n"
        "  title   = {psgkit: periodic limb movements from polysomnography},\n"
        f"  version = {{{report.version}}}\n}}"
    )
    return "\n\n".join((own, *entries))


def provenance_section(report: NightReport) -> Section:
    """Return the section on the input files and the version of the program."""
    lights = report.lights
    facts = (
        (_("File"), bare_name(report.source)),
        (_("SHA-256"), report.sha256 or _("not computed")),
        (_("Made by"), f"psgkit {report.version}"),
        (_("Schema of the JSON"), SCHEMA),
        (_("Rule set"), str(_found(report, "rules.name") or "")),
        (_("Sleep stages"), _("given") if report.hypnogram is not None else _("none")),
        (
            _("Lights off and on from"),
            "; ".join(map(lights_source, (lights.off_source, lights.on_source))),
        ),
    )
    rows = tuple((label, shown) for label, shown in facts if shown)
    return Section(key="provenance", title=_("Provenance"), parts=(Facts(rows=rows),))


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
        yield _(
            "Surface EMG of {channels} was analysed with psgkit {version}.",
            channels=_channels_in_words(limbs),
            version=report.version,
        )
        yield from _detection(report)
    elif not sensors:
        yield _("Movements were marked by a scorer.")
    if sensors:
        yield _(
            "Accelerometer signals ({channels}) were calibrated and separated into "
            "gravity and movement; their movements were scored by the same rules in "
            "separate groups and are estimates that cannot be compared with EMG.",
            channels=_channels_in_words(sensors),
        )
    yield from _rules(report)
    if any(channel.role in ("arm", "trunk") for channel in limbs):
        yield _("For arms and trunk the leg rules were applied; there is no published standard.")
    if report.hypnogram is None:
        yield _("No sleep stages were available, so rates are per hour recorded.")
    else:
        yield _(
            "Sleep had been staged in epochs of {epoch} s.",
            epoch=short_number(report.hypnogram.epoch_s),
        )
    yield _(
        "Rates are per hour between lights off and on in which a movement could have been seen."
    )
    if "imi_log_mean_s" in report.indices.get("legs", {}):
        yield _("Intervals are described after {cite}.", cite=_citations()["periodicity"]["cite"])
    yield _about_review(report)


def _about_review(report: NightReport) -> str:
    if report.reviewed is None:
        return _(
            "Scoring was done by a program (psgkit {version}) and is subject to review.",
            version=report.version,
        )
    return _(
        "Scoring was done by a program (psgkit {version}), {review}.",
        version=report.version,
        review=review_in_words(report.reviewed),
    )


def _channels_in_words(channels: list[Channel]) -> str:
    """Return sites with their rates, each once."""
    shown = [
        f"{site_in_words(str(channel.place or channel.site))}"
        f" ({with_unit(short_number(channel.rate_hz), 'Hz')})"
        for channel in channels
    ]
    return ", ".join(dict.fromkeys(shown))


def _detection(report: NightReport) -> Iterator[str]:
    """Yield the sentences on detection, if the settings have them."""
    rule, band = _found(report, "emg.rule"), _found(report, "emg.conditioning.band")
    if not isinstance(rule, Mapping) or not isinstance(band, Mapping):
        return
    yield _(
        "It was band-passed without phase shift ({low_hz}-{high_hz} Hz) and rectified, and "
        "its mean over {amplitude_window_s} s was compared with a resting level that follows "
        "the night. A limb movement began {onset_above_rest_uv} µV above rest, ended where "
        "the amplitude stayed within {offset_above_rest_uv} µV of rest for {offset_hold_s} "
        "s, and lasted at least {min_duration_s} s; its median amplitude had to reach "
        "{morphology_above_rest_uv} µV above rest for {morphology_s} s.",
        **{name: short_number(value) for name, value in {**band, **rule}.items()},
    )
    if rule.get("quiet_share_of_rest"):
        yield _(
            "Where rest was loud, the thresholds were at least {onset} (onset), {offset} (end) and "
            "{morphology} (median) times the resting level above it.",
            onset=short_number(rule["onset_share_of_rest"]),
            offset=short_number(rule["quiet_share_of_rest"]),
            morphology=short_number(rule["morphology_share_of_rest"]),
        )
    groups = _found(report, "emg.heart.groups")
    if groups and any(c.role == "trunk" and c.status == "used" for c in report.channels):
        yield _("Heart beats and breathing were subtracted from trunk EMG first.")


def _rules(report: NightReport) -> Iterator[str]:
    """Yield the sentences on scoring rules, if the settings have them."""
    rules = _found(report, "rules")
    if not isinstance(rules, Mapping) or "series" not in rules or "bilateral" not in rules:
        return
    title = str(rules.get("title") or rules.get("name"))
    cited = [_citations()[key]["cite"] for key in _cited(report) if key in _RULE_KEYS]
    yield _(
        "They were scored by {title}{cite}.", title=title, cite=f" ({cited[0]})" if cited else ""
    )
    longest = rules["bilateral"]["max_duration_s"]
    yield _(
        "Movements of {shortest} to {longest} s{bilateral} were candidates.",
        shortest=short_number(rules["min_duration_s"]),
        longest=short_number(rules["candidate_max_duration_s"]),
        bilateral=_(" (up to {longest} s if of both sides)", longest=short_number(longest))
        if longest
        else "",
    )
    yield _(
        "At least {n} candidates with intervals of {imi} from onset to onset formed a "
        "periodic series.",
        n=rules["series"]["min_movements"],
        imi=span_in_words(rules["series"]["imi_s"], "s"),
    )
    respiratory = rules["respiratory"]
    yield _(
        _RESPIRATORY[respiratory["scored_as"]],
        window=span_in_words(respiratory["window_s"], "s"),
        anchor=_ANCHORS[respiratory["anchor"]],
    )
    yield _(
        "A movement and an arousal less than {within} s apart were counted as associated.",
        within=short_number(rules["arousal_within_s"]),
    )


def _cited(report: NightReport) -> list[str]:
    """Return the citation keys: of the rule set and of the sources of the indices."""
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
