"""The cautions of a night: drawn from its report, once, for everything that shows it.

``caution_table.py`` has their sentences.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from psgkit.core.caution import Caution, CautionRule
from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.index_catalogue import entry_of
from psgkit.core.intervals import Intervals, complement, contains, intersect, total
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel
from psgkit.core.site import GROUP_SITES, Site
from psgkit.indices.movement import RATES
from psgkit.io.channels.other_leg import like_other_leg
from psgkit.night.caution_table import (
    COMPUTED,
    NOTES,
    OF_FINDINGS,
    OWN_GROUP,
    SAME_CODE,
    FindingCaution,
)

_RANKS = ("error", "warning", "info")
_GROUP_OF_ROLE = {"leg": "legs", "arm": "arms", "trunk": "trunk"}
_SIDES = {Site.LEFT_LEG: "left", Site.RIGHT_LEG: "right"}
_OTHER_SIDE = {"left": "right", "right": "left"}
_MOST = 0.8
"""Share of the unscored time that lies in one stretch at an end of the night."""
_LONG = 4
"""Times half an hour: a shorter recording may well have all movements within it."""
_STAGE_WORDS = {("W",): "wake", ("R",): "R", NREM_STAGES: "NREM"}
_FEWEST_MARKS = 10
"""Fewer scored movements may well be of one leg; psgkit's own choice."""


class Found(NamedTuple):
    """Code of a sentence, the fields of it and of its advice, and indices beside the table's."""

    code: str
    said: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()


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
    found = [*map(_computed, _all_found(report, rule)), *_of_findings(report)]
    return replace(
        report, cautions=tuple(sorted(found, key=lambda one: _RANKS.index(one.severity)))
    )


def _computed(found: Found) -> Caution:
    kind = COMPUTED[found.code]
    return Caution(
        code=SAME_CODE.get(found.code, found.code),
        severity=kind.severity,
        message=_sentence(kind.message.format(*found.said)),
        advice=_sentence(kind.advice.format(*found.advised)),
        concerns=(*kind.concerns, *found.concerns),
    )


def _all_found(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    yield from _about_legs(report, rule)
    yield from _about_stages(report, rule)
    yield from _about_length(report, rule)
    yield from _about_rates(report, rule)


def _about_legs(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether fewer than two legs were scored."""
    if not report.channels and len(report.movements):
        yield from _about_marks(report)
        return
    used = [one for one in report.channels if one.role == "leg" and one.status == "used"]
    sites = {channel.site for channel in used}
    if not used:
        index = report.indices.get("legs", {}).get("lm_n")
        reason = (index and index.reason) or "no leg EMG channel in the recording"
        yield Found("no_legs", (reason,))
    elif len(sites) == 1:
        yield _about_one_channel(used[0], report.channels)
    elif any("assumed" in one.rule for one in used):
        yield from _about_sides(used, report, rule)


def _about_sides(used: list[Channel], report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield which leg is assumed to be left, and whether both channels show the same leg."""
    sides = [(one, _SIDES[one.site]) for one in used if one.site in _SIDES]
    assumed = ", ".join(f"{one.label!r} {side}" for one, side in sides)
    swapped = " and ".join(_map_line(one, f"{_OTHER_SIDE[side]}_leg") for one, side in sides)
    yield Found("sides_assumed", (assumed,), (swapped,))
    both, n = (_index(report, "legs", name) for name in ("bilateral_share", "clm_n"))
    if both is not None and n is not None and n >= _FEWEST_MARKS and both > rule.max_bilateral:
        excluded = f'{json.dumps(used[-1].label, ensure_ascii=False)} = {{role = ""}}'
        labels = ", ".join(repr(one.label) for one in used)
        yield Found("same_leg_twice", (f"{100 * both:.0f}", labels), (excluded,))


def _map_line(channel: Channel, site: str) -> str:
    """Return the line of a channel map that makes a channel a leg."""
    label = json.dumps(channel.label, ensure_ascii=False)  # as a key in TOML
    return f'{label} = {{role = "leg", site = "{site}"}}'


def _about_one_channel(used: Channel, channels: tuple[Channel, ...]) -> Found:
    """Return that one channel served both legs, or one leg, with those that may be the other."""
    if "both" in used.rule:
        return Found("legs_in_one_channel", (repr(used.label),))
    side = _SIDES.get(used.site, "")
    told = (repr(used.label), f"{side} leg" if side else "side not stated")
    others = like_other_leg(used, channels)
    refused = [one for one in others if one.status == "refused"]
    free = [one for one in others if one.status != "refused"]
    if refused and not free:
        return Found("one_leg_refused", (*told, " and ".join(map(_why, refused))))
    if not free:
        return Found("one_leg", told)
    line = _map_line(free[0], f"{_OTHER_SIDE.get(side, 'right')}_leg")
    return Found("one_leg_of_two", (*told, _either(free)), (line,))


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
        yield Found("one_leg_marked", (str(n), most))


def _about_stages(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether the stages cover the night and fit lights and events."""
    stages, lights = report.hypnogram, report.lights
    if stages is None or lights.on_s <= lights.off_s:
        return
    window = np.array([[lights.off_s, lights.on_s]])
    night_s = total(window)
    unscored = complement(
        intersect(stages.stretches(("W", *SLEEP_STAGES)), window), lights.off_s, lights.on_s
    )
    if total(unscored) > rule.max_unscored_share * night_s:
        yield _about_unscored(unscored, report)
    asleep = stages.stretches(SLEEP_STAGES)
    outside_min = [
        total(intersect(asleep, np.array([span]))) / 60
        for span in ((-np.inf, lights.off_s), (lights.on_s, np.inf))
    ]
    if max(outside_min) > rule.max_sleep_outside_min:
        yield Found("sleep_outside_lights", tuple(f"{minutes:.0f}" for minutes in outside_min))
    yield from _about_events(report, asleep, rule)


def _about_unscored(unscored: Intervals, report: NightReport) -> Found:
    """Return where the unscored time lies: mostly before or after the stages, or anywhere."""
    lights = report.lights
    whole_s = total(unscored)
    percent = f"{100 * whole_s / (lights.on_s - lights.off_s):.0f}"
    first_s, last_s = (float(end - start) for start, end in (unscored[0], unscored[-1]))
    if unscored[-1, 1] >= lights.on_s and last_s > _MOST * whole_s:
        return Found("unscored_end", (hours_and_minutes(last_s), percent))
    if unscored[0, 0] <= lights.off_s and first_s > _MOST * whole_s:
        return Found("unscored_start", (hours_and_minutes(first_s), percent))
    return Found("unscored", (percent, f"{whole_s / 60:.0f}"))


def hours_and_minutes(seconds: float) -> str:
    """Return a duration as in ``4 h 05 min``.

    Examples
    --------
    >>> hours_and_minutes(14700.0), hours_and_minutes(600.0)
    ('4 h 05 min', '0 h 10 min')
    """
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min"


def _about_events(report: NightReport, asleep: Intervals, rule: CautionRule) -> Iterator[Found]:
    """Yield whether events of sleep are as frequent in wake; wake beside sleep does not count."""
    stages = report.hypnogram
    events = report.events.of_kind(("arousal", *RESPIRATORY_KINDS))
    if stages is None or not len(events):
        return
    awake = stages.stretches(("W",))
    inner = awake + np.array([stages.epoch_s, -stages.epoch_s])
    inner = inner[inner[:, 1] > inner[:, 0]]
    middle_s = (events.onset_s + events.end_s) / 2
    sleep_h, wake_h = total(asleep) / 3600, total(inner) / 3600
    if not sleep_h or not wake_h:
        return
    in_sleep = contains(asleep, middle_s).sum() / sleep_h
    in_wake = contains(inner, middle_s).sum() / wake_h
    if in_sleep * wake_h >= _FEWEST_MARKS and in_wake > rule.max_wake_event_ratio * in_sleep:
        yield Found("events_in_wake", (f"{in_wake:.1f}", f"{in_sleep:.1f}"))


def _about_length(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether little was recorded or slept."""
    recorded_h = sum(segment.duration_s for segment in report.segments) / 3600
    if recorded_h < rule.min_recorded_h:
        yield Found("short_recording", (f"{recorded_h:.1f}",))
    lost_h = report.duration_s / 3600 - recorded_h
    if lost_h > rule.max_gap_share * report.duration_s / 3600:
        share = lost_h * 3600 / report.duration_s
        yield Found("gaps", (f"{100 * share:.0f}", f"{60 * lost_h:.0f}"))
    slept = _index(report, "sleep", "tst_min")
    if slept is not None and slept < 60 * rule.min_sleep_h:
        yield Found("short_sleep", (f"{slept:.0f}",))


def _about_rates(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether rates are implausible, of little time, or of one part of the night."""
    rates = {
        f"{group}.{name}": index
        for group in ("legs", "arms", "trunk", "disruption")
        for name, index in report.indices.get(group, {}).items()
        if index.unit == "1/h" and index.value is not None
    }
    high = {key: index for key, index in rates.items() if _of(index) > rule.max_rate_per_h}
    if high:
        group, name = max(high, key=lambda key: _of(high[key])).split(".")
        entry = entry_of(name, group)
        label = entry.label if entry else name
        highest = max(map(_of, high.values()))
        yield Found("implausible", (label, f"{highest:.0f}"), concerns=tuple(high))
    short: dict[str, float] = {}
    concerned = []
    for key, index in rates.items():
        rate = RATES.get(index.name)
        stage = _STAGE_WORDS.get(rate.stages, "") if rate else ""
        minutes = 60 * (index.denominator_h or 0.0)
        if stage and minutes < rule.min_stage_min:
            short[stage] = max(minutes, short.get(stage, 0.0))
            concerned.append(key)
    # in a short recording all stages are short
    slept = _index(report, "sleep", "tst_min")
    if short and slept is not None and slept >= 60 * rule.min_sleep_h:
        said = ", ".join(f"{minutes:.0f} min of {stage}" for stage, minutes in short.items())
        yield Found("short_stage", (said,), concerns=tuple(concerned))
    yield from _about_spread(report, rule)


def _of(index: Index) -> float:
    return index.value or 0.0


def _about_spread(report: NightReport, rule: CautionRule) -> Iterator[Found]:
    """Yield whether all leg movements of a longer recording lie within half an hour."""
    table = report.movements.movements
    legs = np.isin(table.site, GROUP_SITES["legs"]) & (table.modality != "accelerometer")
    onset_s = table.onset_s[legs]
    most_s = 60 * rule.concentrated_min
    long = report.duration_s > _LONG * most_s
    if long and len(onset_s) >= _FEWEST_MARKS and np.ptp(onset_s) <= most_s:
        yield Found("concentrated", (str(len(onset_s)), hours_and_minutes(float(onset_s[0]))))


def _index(report: NightReport, group: str, name: str) -> float | None:
    """Return the value of an index; None if it is missing."""
    index = report.indices.get(group, {}).get(name)
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
            advice=_sentence(kind.advice),
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
    """Return a text that ends in a full stop, nothing for nothing."""
    return text if text.endswith(".") or not text else f"{text}."
