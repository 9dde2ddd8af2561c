"""One immobilisation test, from a recording to its report, on one screen.

cut out the part -> who was awake when -> detect -> score by two rules -> count and divide.

The 10 s floor of WASM 2016 lies where most intervals of a test are (11-12 s): the short ones among
them end series, so that the rate falls apart, and the published values, which were found with
intervals from 4 s, do not apply to it.  Hence two rules side by side.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.bounds import SLACK_S
from psgkit.core.discomfort import DISCOMFORT_SITES, Discomfort
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.intervals import (
    Intervals,
    contains,
    intersect,
    total,
)
from psgkit.core.movements import ScoredMovements
from psgkit.core.recording import Recording
from psgkit.detect.accelerometer.channels import choose_accelerometers
from psgkit.detect.emg.channels import choose_channels
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.io.scoring.annotations import hypnogram_from_annotations
from psgkit.profile.evidence.items import profile_without_evidence
from psgkit.scoring.score import in_onset_order
from psgkit.sit.evidence import with_test_profile
from psgkit.sit.groups import detect_groups, group_test
from psgkit.sit.indices import (
    GroupTest,
    answers_between,
    discomfort_mean,
    group_indices,
    step_indices,
)
from psgkit.sit.references import REFERENCES
from psgkit.sit.report import (
    DiscomfortMean,
    SitReport,
    SitSettings,
    SitStep,
    SitTest,
)
from psgkit.sleep.alignment import align

if TYPE_CHECKING:
    import mne
    import yasa

_NOT_ASKED = "no discomfort scores were given"
FLOOR = (
    "Intervals in an immobilisation test are typically 11-12 s, right at the 10 s floor of WASM "
    "2016: each shorter one ends a series there, so the older rule (4-90 s), with which the "
    "published SIT index was found, comes first."
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Awake:
    """The stretches of the test that count, and what was found out about the others."""

    stretches: Intervals
    hypnogram: Hypnogram | None
    findings: tuple[Finding, ...]


def analyse_sit(
    recording: "Recording | mne.io.BaseRaw",
    test: SitTest,
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    settings: SitSettings | None = None,
) -> SitReport:
    """Return the report of a test.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
    test : SitTest
        Which test, which part of the recording it is, and the answers to its prompts.
    hypnogram : Hypnogram or yasa.Hypnogram, optional
        What is scored as sleep is cut out.  Without it the stages annotated in the recording are
        taken; without those, too, all of the test counts as awake and a finding says so.
    settings : SitSettings, optional

    Raises
    ------
    HypnogramError
        If the hypnogram is of another night.

    Examples
    --------
    >>> from psgkit.sit.test_window import find_part
    >>> from psgkit.sit.report import PROTOCOLS
    >>> from psgkit.simulate import simulate_night
    >>> recording = simulate_night("rls", hours=0.2, seed=1).recording
    >>> part, _ = find_part(recording, from_s=60.0, to_s=660.0)
    >>> report = analyse_sit(recording, SitTest(protocol=PROTOCOLS["sit"], part=part))
    >>> report.indices["legs"]["sit_index_older"].unit
    '1/h'
    """
    settings = settings or SitSettings()
    recording = choose_channels(as_recording(recording), settings.emg)
    recording = choose_accelerometers(recording, settings.accelerometer)
    awake = _awake(recording, as_hypnogram(hypnogram), test)
    test, about_answers = _with_answers_inside(test)
    part = np.array([[test.part.from_s, test.part.to_s]])
    detected = detect_groups(recording, settings, part)
    findings = [*_about(test, settings), *awake.findings, *about_answers, *detected.findings]
    groups = {
        name: group_test(group, test, awake.stretches, settings)
        for name, group in detected.groups.items()
    }
    scored = in_onset_order([group.older for group in groups.values()])
    report = SitReport(
        source=recording.source,
        sha256=None,
        start=recording.start,
        duration_s=recording.duration_s,
        segments=recording.segments,
        settings=settings.as_dict(),
        test=test,
        awake_s=total(awake.stretches),
        channels=recording.channels,
        findings=(*recording.findings, *findings),
        movements=_staged(scored, awake.hypnogram),
        counted=contains(awake.stretches, scored.movements.onset_s),
        indices={
            name: group_indices(group, test.protocol, settings) for name, group in groups.items()
        },
        rhythm=detected.rhythm(awake.stretches),
        steps=_steps(groups, test, awake.stretches, settings),
        discomfort=_discomfort(test.discomfort),
        references=REFERENCES[test.protocol.name],
        profile=profile_without_evidence(),
    )
    return with_test_profile(report)


def _awake(recording: Recording, hypnogram: Hypnogram | None, test: SitTest) -> _Awake:
    """Return when the person was awake and recorded, by the stages within the test."""
    part = intersect(np.array([[test.part.from_s, test.part.to_s]]), recording.recorded())
    if hypnogram is None:
        hypnogram = hypnogram_from_annotations(recording.annotations, where=recording.source)
    hypnogram = align(hypnogram, recording.duration_s) if hypnogram is not None else None
    spent_s = {
        state: total(intersect(hypnogram.stretches(stages), part)) if hypnogram else 0.0
        for state, stages in (("W", ("W",)), ("asleep", SLEEP_STAGES), ("unscored", (UNSCORED,)))
    }
    if hypnogram is None or not spent_s["W"] + spent_s["asleep"]:
        what = "no stages were given or annotated" if hypnogram is None else "no stage is scored"
        message = f"{what} within the test: all of it counts as awake"
        found = (Finding("warning", "sit.no_hypnogram", "hypnogram", message),)
        return _Awake(stretches=part, hypnogram=None, findings=found)
    findings = tuple(
        Finding(
            "warning",
            f"sit.{state}",
            "hypnogram",
            f"{spent_s[state] / 60:.1f} min of the test are {state}: cut out of counts and hours",
        )
        for state in ("asleep", "unscored")
        if spent_s[state] > SLACK_S
    )
    stretches = intersect(hypnogram.stretches(("W",)), part)
    return _Awake(stretches=stretches, hypnogram=hypnogram, findings=findings)


def _with_answers_inside(test: SitTest) -> tuple[SitTest, list[Finding]]:
    """Return the test with the answers given while it lasted, both ends included."""
    answers, part = test.discomfort, test.part
    if answers is None:
        return test, []
    inside = (answers.time_s >= part.from_s - SLACK_S) & (answers.time_s <= part.to_s + SLACK_S)
    outside_n = int((~inside).sum())
    if not outside_n:
        return test, []
    message = f"{outside_n} of {len(answers)} scores were not given during the test: left out"
    found = Finding("warning", "discomfort.outside", "discomfort", message)
    return replace(test, discomfort=answers.where(inside)), [found]


def _about(test: SitTest, settings: SitSettings) -> list[Finding]:
    """Return what must be known of any such test, and whether this one was stopped early."""
    part = test.part
    where = f"from {part.from_s:g} to {part.to_s:g} s"
    found = [Finding("info", f"{test.protocol.name}.rules", "rules", FLOOR)]
    if test.protocol.name == "msit":
        found.append(Finding("info", "msit.movement", "protocol", test.protocol.movement))
    if part.duration_s < settings.full_length_s - SLACK_S:
        message = (
            f"the test lasts {part.duration_s / 60:.1f} min, {settings.full_length_s / 60:g} are "
            "meant: rates are per hour all the same"
        )
        found.append(Finding("warning", "sit.short", where, message))
    return found


def _staged(scored: ScoredMovements, hypnogram: Hypnogram | None) -> ScoredMovements:
    """Return the movements with the stage each begins in; UNSCORED without stages."""
    if hypnogram is None:
        return scored
    return replace(scored, stage=hypnogram.stage_at(scored.movements.onset_s))


def _steps(
    groups: dict[str, GroupTest], test: SitTest, awake: Intervals, settings: SitSettings
) -> tuple[SitStep, ...]:
    """Return the test in steps of ten minutes; the last may be shorter."""
    part = test.part
    count = max(1, int(np.ceil((part.duration_s - SLACK_S) / settings.step_s)))
    steps = []
    for number in range(count):
        from_s = part.from_s + number * settings.step_s
        to_s = min(from_s + settings.step_s, part.to_s)
        step = np.array([[from_s, to_s]])
        asked = test.discomfort
        answers = None if asked is None else answers_between(asked, from_s, to_s, part.from_s)
        why = _NOT_ASKED if asked is None else "no score in this part"
        steps.append(
            SitStep(
                from_s=from_s,
                to_s=to_s,
                awake_s=total(intersect(awake, step)),
                indices={
                    name: step_indices(group.within(step), test.protocol)
                    for name, group in groups.items()
                },
                discomfort=discomfort_mean(answers, why),
            )
        )
    return tuple(steps)


def _discomfort(answers: Discomfort | None) -> dict[str, DiscomfortMean]:
    """Return the mean over all answers, and that of each part of the body that was asked about."""
    if answers is None:
        return {"all": discomfort_mean(None, _NOT_ASKED)}
    means = {"all": discomfort_mean(answers, "no score was given during the test")}
    for site in DISCOMFORT_SITES:
        if (answers.site == site).any():
            means[site] = discomfort_mean(answers.at(site), "")
    return means
