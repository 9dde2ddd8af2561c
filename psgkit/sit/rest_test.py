"""Analysis of a rest test: periodic and rhythmic movements and discomfort lying, seated, standing.

An immobilisation test asks whether the legs move periodically at rest.  This test asks in which
posture the person is restless, and how: periodic movements and discomfort that rises at rest and
falls on rising belong to restless legs, arms or back; rhythm while seated or standing belongs to
akathisia, which the BARS observes in these postures.  The test is psgkit's own; it has no published
limits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.discomfort import DISCOMFORT_SITES, Discomfort
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, no_intervals, total, union
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import Profile
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.reviewed import Reviewed
from psgkit.core.rhythms import Rhythms
from psgkit.core.staged_indices import with_source
from psgkit.core.trace import SLOW_HZ, NightTrace
from psgkit.detect.trace import TraceRecorder
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.of_night import profile_of_test
from psgkit.scoring.score import in_onset_order
from psgkit.sit.groups import MeasuredTest, SitDetection, measure_test
from psgkit.sit.indices import GroupTest, group_indices, group_test
from psgkit.sit.report import MarkedPart, Protocol, SitSettings, SitTest
from psgkit.sit.rest_parts import RestPart
from psgkit.sit.test_window import time_awake

if TYPE_CHECKING:
    import mne
    import yasa

PROTOCOL = Protocol(
    name="rest-test",
    title="Rest test: lying, seated, standing",
    index_older="sit_index_older",
    index_newer="sit_index_wasm2016",
    movement="the person was asked to stay in the posture, and not to move",
)
_AFTER_S = 600.0
"""Answers so long after a part are about the time after rising; psgkit's own choice."""
_LEAST_FOR_SLOPE = 3
_STEP_S = 600.0
_SCALE = 10.0
_MINUTE_S = 60.0
NOT_ASKED = "no discomfort was asked about at this site in this part"


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteDiscomfort:
    """Discomfort at one site during a part, in points of 0 to 10.

    Attributes
    ----------
    site : str
        ``legs``, ``arms``, ``trunk``, or empty for the whole body.
    n : int
        Answers during the part.
    mean, rise, relief : Index
        Mean; slope in points in 10 minutes; last answer less the first after the part.
    """

    site: str
    n: int
    mean: Index
    rise: Index
    relief: Index


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestPartResult:
    """One part of a rest test.

    ``indices`` are by group of channels and name, ``rhythm`` by name, ``discomfort`` one for each
    site that was asked about anywhere in the test.
    """

    part: RestPart
    awake_s: float
    indices: Mapping[str, Mapping[str, Index]]
    rhythm: Mapping[str, Index]
    discomfort: tuple[SiteDiscomfort, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestTestReport:
    """Everything about a rest test; the first fields are those of ``SitReport``.

    Attributes
    ----------
    parts : tuple of RestPartResult
    movements : ScoredMovements
        By the older rule, of all parts and groups, in order of onset.
    trains : Rhythms
    answers : Discomfort or None
    summary : mapping
        The indices of the test that evidence reads, by name.
    trace : NightTrace
        The measured signals, for the picture.
    reviewed : Reviewed or None
        Who corrected the movements.
    """

    source: str
    sha256: str | None
    start: datetime | None
    duration_s: float
    segments: tuple[Segment, ...]
    settings: Mapping[str, Any]
    channels: tuple[Channel, ...]
    findings: tuple[Finding, ...]
    parts: tuple[RestPartResult, ...]
    movements: ScoredMovements
    trains: Rhythms
    answers: Discomfort | None
    summary: Mapping[str, Index]
    profile: Profile
    trace: NightTrace
    reviewed: Reviewed | None = None


def analyse_rest_test(
    recording: "Recording | mne.io.BaseRaw",
    parts: Sequence[RestPart],
    answers: Discomfort | None = None,
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    settings: SitSettings | None = None,
    context: Context | None = None,
    *,
    measured: MeasuredTest | None = None,
) -> RestTestReport:
    """Return the report of a rest test.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
    parts : sequence of RestPart
        From ``find_parts``; each is scored for itself.
    answers : Discomfort, optional
        Discomfort by site, during the parts and after rising.
    hypnogram : Hypnogram or yasa.Hypnogram, optional
        Time scored as sleep is cut out.
    settings : SitSettings, optional
    context : Context, optional
        Answers of the person, for the profile.
    measured : MeasuredTest, optional
        From ``measure_test``, if other artefacts than the annotated ones are known, or from a
        review.

    Examples
    --------
    >>> from psgkit.simulate import simulate_night
    >>> recording = simulate_night("rls", hours=0.2, seed=1).recording
    >>> part = RestPart(posture="lying", session="evening", from_s=0.0, to_s=600.0, source="")
    >>> analyse_rest_test(recording, [part]).parts[0].indices["legs"]["sit_index_older"].unit
    '1/h'
    """
    settings = settings or SitSettings()
    hypnogram = as_hypnogram(hypnogram)
    if measured is None:
        spans = np.array([[one.from_s, one.to_s] for one in parts])
        whole = as_recording(recording)
        measured = measure_test(whole, settings, spans, recorder=TraceRecorder())
    recording, detected = measured.recording, measured.detected
    results, scored, awake, findings = [], [], [], list(recording.findings)
    for one in parts:
        marked = MarkedPart(from_s=one.from_s, to_s=one.to_s, source=one.source)
        test = SitTest(protocol=PROTOCOL, part=marked)
        counts = time_awake(recording, hypnogram, test)
        groups = {
            name: group_test(group, test, counts.stretches, settings)
            for name, group in detected.groups.items()
        }
        findings += counts.findings
        awake.append(counts.stretches)
        scored += [group.older for group in groups.values()]
        result = _result(one, counts.stretches, groups, detected, settings)
        source = None if counts.hypnogram is None else counts.hypnogram.stages_from
        indices = {name: with_source(own, "sit", source) for name, own in result.indices.items()}
        results.append(replace(result, indices=indices))
    results = _with_discomfort(results, answers)
    findings += [*detected.findings, *_left_out(parts, answers)]
    summary = _summary(results, awake, detected)
    return RestTestReport(
        source=recording.source,
        sha256=None,
        start=recording.start,
        duration_s=recording.duration_s,
        segments=recording.segments,
        settings=settings.as_dict(),
        channels=recording.channels,
        findings=tuple(dict.fromkeys(findings)),
        parts=tuple(results),
        movements=in_onset_order(scored),
        trains=detected.trains,
        answers=answers,
        summary=summary,
        profile=_profile(summary, findings, context),
        trace=measured.trace or NightTrace(duration_s=recording.duration_s, rate_hz=SLOW_HZ),
        reviewed=measured.reviewed,
    )


def with_context(report: RestTestReport, context: Context) -> RestTestReport:
    """Return the report with the answers of a person in its profile."""
    return replace(report, profile=_profile(report.summary, report.findings, context))


def _profile(
    summary: Mapping[str, Index], findings: Iterable[Finding], context: Context | None
) -> Profile:
    rated = {f"rest_{site}" for site in DISCOMFORT_SITES if _has(summary, site)}
    simulated = any(finding.says_simulated for finding in findings)
    return profile_of_test(
        summary, context, simulated=simulated, kind="rest_test", met=("rest_test", *rated)
    )


def _has(summary: Mapping[str, Index], site: str) -> bool:
    return summary[f"rest_{site}_discomfort"].value is not None


def _result(
    part: RestPart,
    awake: Intervals,
    groups: dict[str, GroupTest],
    detected: SitDetection,
    settings: SitSettings,
) -> RestPartResult:
    return RestPartResult(
        part=part,
        awake_s=total(awake),
        indices={name: group_indices(group, PROTOCOL, settings) for name, group in groups.items()},
        rhythm=detected.rhythm(awake),
        discomfort=(),
    )


def _with_discomfort(
    results: Sequence[RestPartResult], answers: Discomfort | None
) -> list[RestPartResult]:
    """Return the parts with their discomfort at each site that was asked about."""
    if answers is None or not len(answers):
        return list(results)
    sites = [site for site in ("", *DISCOMFORT_SITES) if (answers.site == site).any()]
    found = []
    for number, one in enumerate(results):
        before_s = results[number - 1].part.to_s if number else -np.inf
        later = results[number + 1 :]
        next_s = later[0].part.from_s if later else np.inf
        found.append(
            replace(
                one,
                discomfort=tuple(
                    _discomfort(site, answers.at(site), one.part, (before_s, next_s))
                    for site in sites
                ),
            )
        )
    return found


def _discomfort(
    site: str, answers: Discomfort, part: RestPart, around: tuple[float, float]
) -> SiteDiscomfort:
    """Return the discomfort of a part.

    An answer at the end of a part is about it; one at its beginning, too, unless the part before
    ends there.  ``around`` are the end of the part before and the beginning of the next.
    """
    time_s, points = answers.time_s, answers.score * (_SCALE / answers.scale_max)
    begins = time_s >= part.from_s - SLACK_S
    if around[0] >= part.from_s - SLACK_S:
        begins = time_s > part.from_s + SLACK_S
    inside = begins & (time_s <= part.to_s + SLACK_S)
    last_s = min(part.to_s + _AFTER_S, around[1])
    after = (time_s > part.to_s + SLACK_S) & (time_s <= last_s + SLACK_S)
    n = int(inside.sum())
    mean = float(points[inside].mean()) if n else None
    relief = float(points[inside][-1] - points[after][0]) if n and after.any() else None
    return SiteDiscomfort(
        site=site,
        n=n,
        mean=_points("discomfort", site, mean, NOT_ASKED),
        rise=_points(
            "rise",
            site,
            _slope(time_s[inside], points[inside]),
            f"{n} answers at different times, {_LEAST_FOR_SLOPE} are needed for a slope",
        ),
        relief=_points(
            "relief", site, relief, "no answer within 10 min after this part, before the next"
        ),
    )


def _slope(time_s: NDArray[np.float64], points: NDArray[np.float64]) -> float | None:
    """Return points in 10 minutes by least squares; None for too few answers."""
    if len(np.unique(time_s)) < _LEAST_FOR_SLOPE:
        return None
    return float(np.polyfit((time_s - time_s[0]) / _STEP_S, points, 1)[0])


def _points(what: str, site: str, value: float | None, otherwise: str) -> Index:
    name = f"rest_{site or 'body'}_{what}"
    if value is None:
        return Index.missing(name, otherwise, unit="points")
    return Index.plain(name, value, "points")


def _left_out(parts: Sequence[RestPart], answers: Discomfort | None) -> list[Finding]:
    """Return the finding that answers lie neither in a part nor soon after one."""
    if answers is None:
        return []
    used = np.zeros(len(answers), dtype=bool)
    for one in parts:
        low, high = one.from_s - SLACK_S, one.to_s + _AFTER_S + SLACK_S
        used |= (answers.time_s >= low) & (answers.time_s <= high)
    n = int((~used).sum())
    if not n:
        return []
    message = f"{n} of {len(answers)} scores lie neither in a part nor within 10 min after one"
    return [Finding("warning", "discomfort.outside", "discomfort", f"{message}: left out")]


def _summary(
    results: Sequence[RestPartResult], awake: Sequence[Intervals], detected: SitDetection
) -> dict[str, Index]:
    """Return the indices of the whole test."""
    found = [Index.plain("test_awake_min", sum(one.awake_s for one in results) / _MINUTE_S)]
    for name, upright in (("upright", True), ("lying", False)):
        spans = [
            span for one, span in zip(results, awake, strict=True) if one.part.is_upright is upright
        ]
        rhythm = detected.rhythm(union(no_intervals(np.float64), *spans))
        why = f"no part {'seated or standing' if upright else 'lying'}" if not spans else ""
        for old, new in (("waking_rest_min", "min"), ("rhythm_rest_share", "rhythm_share")):
            index = replace(rhythm[old], name=f"rest_{name}_{new}")
            found.append(Index.missing(index.name, why) if why else index)
    lying = [
        one.indices["legs"][PROTOCOL.index_older] for one in results if not one.part.is_upright
    ]
    rated = [one for one in lying if one.value is not None]
    n = sum(one.numerator or 0.0 for one in rated)
    hours = sum(one.denominator_h or 0.0 for one in rated)
    why = str(lying[0].reason) if lying and not rated else "no part lying"
    found.append(Index.rate("rest_lying_plm_index", n, hours, otherwise=why))
    for site in DISCOMFORT_SITES:
        found += _of_site(results, site)
    return {one.name: one for one in found}


def _of_site(results: Sequence[RestPartResult], site: str) -> list[Index]:
    """Return the discomfort at a site: mean, rise and relief at rest, evening less morning."""
    rated = [(one.part, each) for one in results for each in one.discomfort if each.site == site]
    resting = [each for part, each in rated if part.posture != "standing"]
    by_time: dict[tuple[str, str], list[float]] = {}
    for part, each in rated:
        if each.mean.value is not None:
            by_time.setdefault((part.posture, part.session), []).append(each.mean.value)
    differences = [
        float(np.mean(values) - np.mean(by_time[posture, "morning"]))
        for (posture, session), values in by_time.items()
        if session == "evening" and (posture, "morning") in by_time
    ]
    columns: dict[str, list[float | None]] = {
        "discomfort": [each.mean.value for _part, each in rated],
        "rise": [each.rise.value for each in resting],
        "relief": [each.relief.value for each in resting],
        "evening": [*differences],
    }
    why = {
        "discomfort": "no discomfort was asked about at this site",
        "rise": "no part lying or seated with three answers about this site",
        "relief": "no answer about this site after a part lying or seated",
        "evening": "no answers about this site morning and evening in the same posture",
    }
    return [_points(name, site, _mean(values), why[name]) for name, values in columns.items()]


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
