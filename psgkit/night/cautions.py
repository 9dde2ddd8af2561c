"""The cautions of a night: drawn from its report, once, for everything that shows it.

``caution_table.py`` has their sentences.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from psgkit.core.caution import Caution, CautionRule
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel
from psgkit.core.site import Site
from psgkit.io.channels.other_leg import like_other_leg
from psgkit.night.caution_table import (
    COMPUTED,
    NOTES,
    OF_FINDINGS,
    OWN_GROUP,
    SAME_FLAG,
    FindingCaution,
)

_RANKS = ("error", "warning", "info")
_GROUP_OF_ROLE = {"leg": "legs", "arm": "arms", "trunk": "trunk"}
_SIDES = {Site.LEFT_LEG: "left", Site.RIGHT_LEG: "right"}
_OTHER_SIDE = {"left": "right", "right": "left"}
_FEWEST_MARKS = 10
"""Fewer scored movements may well be of one leg; psgkit's own choice."""

Found = tuple[str, Mapping[str, object]]
"""Code of a caution, and the values of the fields of its sentence."""


def with_cautions(report: NightReport, rule: CautionRule) -> NightReport:
    """Return the report with its cautions, the gravest first.

    Examples
    --------
    >>> from psgkit.simulate import simulate_night
    >>> from psgkit.night.walk import analyse_night
    >>> night = simulate_night("rls", hours=0.1, seed=1)
    >>> report = analyse_night(night.recording, night.hypnogram, night.events)
    >>> [one.code for one in with_cautions(report, CautionRule()).cautions][:2]
    ['short_recording', 'short_sleep']
    """
    computed = [_computed(code, values) for code, values in _all_found(report, rule)]
    found = [*computed, *_of_findings(report)]
    return replace(
        report, cautions=tuple(sorted(found, key=lambda one: _RANKS.index(one.severity)))
    )


def _computed(code: str, values: Mapping[str, object]) -> Caution:
    kind = COMPUTED[code]
    return Caution(
        code=SAME_FLAG.get(code, code),
        severity=kind.severity,
        message=kind.message.format_map(values),
        advice=kind.advice.format_map(values),
        concerns=kind.concerns,
    )


def _all_found(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    yield from _about_legs(report)
    yield from _about_stages(report, rule)
    yield from _about_length(report, rule)


def _about_legs(report: NightReport) -> Iterator[Found]:
    """Yield whether fewer than two legs were scored."""
    if not report.channels and len(report.movements):
        yield from _about_marks(report)
        return
    used = [one for one in report.channels if one.role == "leg" and one.status == "used"]
    sites = {channel.site for channel in used}
    if not used:
        index = report.indices.get("legs", {}).get("lm_n")
        yield "no_legs", {"reason": (index and index.reason) or "no channel of a leg was found"}
    elif len(sites) == 1:
        yield _about_one_channel(used[0], report.channels)


def _about_one_channel(used: Channel, channels: tuple[Channel, ...]) -> Found:
    """Return that one channel served both legs, or one leg, with those that may be the other."""
    if "both" in used.rule:
        return "legs_in_one_channel", {"label": repr(used.label)}
    side = _SIDES.get(used.site, "")
    told = {"label": repr(used.label), "side": f"{side} leg" if side else "side not stated"}
    others = like_other_leg(used, channels)
    refused = [one for one in others if one.status == "refused"]
    free = [one for one in others if one.status != "refused"]
    if refused and not free:
        return "one_leg_refused", {**told, "refused": "; ".join(map(_why, refused))}
    if not free:
        return "one_leg", told
    label = json.dumps(free[0].label, ensure_ascii=False)  # as a key in TOML
    site = f"{_OTHER_SIDE.get(side, 'right')}_leg"
    line = f'{label} = {{role = "leg", site = "{site}"}}'
    return "one_leg_of_two", {**told, "others": _either(free), "line": line}


def _either(channels: list[Channel]) -> str:
    return " or ".join(repr(one.label) for one in channels)


def _why(channel: Channel) -> str:
    return f"{channel.label!r} was refused: {channel.reason}"


def _about_marks(report: NightReport) -> Iterator[Found]:
    """Yield whether all movements scored by hand are of one leg."""
    sites = report.movements.movements.site
    sides = {word: int((sites == site).sum()) for site, word in _SIDES.items()}
    ((most, n), (_, others)) = sorted(sides.items(), key=lambda one: -one[1])
    if n >= _FEWEST_MARKS and not others and not (sites == Site.BOTH_LEGS).any():
        yield "one_leg_marked", {"n": n, "side": most}


def _about_stages(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether much of the night has no stage."""
    sleep = report.indices.get("sleep", {})
    unscored, night = _value(sleep.get("unscored_min")), _value(sleep.get("tib_min"))
    if unscored is not None and night and unscored > rule.max_unscored_share * night:
        yield "unscored", {"percent": f"{100 * unscored / night:.0f}", "minutes": f"{unscored:.0f}"}


def _about_length(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether little was recorded or slept."""
    recorded_h = sum(segment.duration_s for segment in report.segments) / 3600
    if recorded_h < rule.min_recorded_h:
        yield "short_recording", {"hours": f"{recorded_h:.1f}"}
    lost_h = report.duration_s / 3600 - recorded_h
    if lost_h > rule.max_gap_share * report.duration_s / 3600:
        percent = f"{100 * 3600 * lost_h / report.duration_s:.0f}"
        yield "gaps", {"percent": percent, "minutes": f"{60 * lost_h:.0f}"}
    slept = _value(report.indices.get("sleep", {}).get("tst_min"))
    if slept is not None and slept < 60 * rule.min_sleep_h:
        yield "short_sleep", {"minutes": f"{slept:.0f}"}


def _value(index: Index | None) -> float | None:
    """Return the value of an index; None if it is missing."""
    return None if index is None else index.value


def _of_findings(report: NightReport) -> Iterator[Caution]:
    """Yield the warnings and errors that a reader must see first, those of one code as one."""
    by_code: dict[str, list[Finding]] = {}
    for finding in report.findings:
        shown = finding.code in OF_FINDINGS or not _stands(finding.code, NOTES)
        if finding.severity == "error" or (finding.severity == "warning" and shown):
            by_code.setdefault(finding.code, []).append(finding)
    for code, findings in by_code.items():
        kind = _kind_of(code)
        yield Caution(
            code=code,
            severity=min((one.severity for one in findings), key=_RANKS.index),
            message=_sentence("; ".join(f"{one.where}: {one.message}" for one in findings)),
            advice=kind.advice,
            concerns=tuple(
                dict.fromkeys(
                    one for finding in findings for one in _concerned(kind, finding, report)
                )
            ),
        )


def _kind_of(code: str) -> FindingCaution:
    known = next((one for one in OF_FINDINGS if _stands(code, [one])), "")
    return OF_FINDINGS[known] if known else FindingCaution(())


def _stands(code: str, names: "list[str] | tuple[str, ...]") -> bool:
    """Return whether a code is one of ``names``, or begins with one that ends in a dot."""
    return any(code == one or (one.endswith(".") and code.startswith(one)) for one in names)


def _concerned(kind: FindingCaution, finding: Finding, report: NightReport) -> Iterator[str]:
    for concern in kind.concerns:
        if concern != OWN_GROUP:
            yield concern
            continue
        for channel in report.channels:
            if finding.where == f"channel {channel.label!r}" and channel.role:
                worn = f"{channel.role}_{channel.place}"
                yield _GROUP_OF_ROLE.get(channel.role, worn)


def _sentence(text: str) -> str:
    """Return a text that ends in a full stop."""
    return text if text.endswith(".") else f"{text}."
