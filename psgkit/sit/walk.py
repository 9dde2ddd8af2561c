"""Analysis of an immobilisation test: time awake, detection, scoring by two rules, indices.

Most intervals of a test (11-12 s) lie near the shortest interval that WASM 2016 allows (10 s), and
each shorter one ends a series.  Published values used intervals from 4 s.  Both rules are applied.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import contains, total
from psgkit.core.recording import Recording
from psgkit.core.staged_indices import with_source
from psgkit.io.bridge import as_hypnogram, as_recording
from psgkit.profile.evidence.items import profile_without_evidence
from psgkit.scoring.score import in_onset_order
from psgkit.sit.evidence import with_test_profile
from psgkit.sit.groups import MeasuredTest, measure_test
from psgkit.sit.indices import discomfort_means, group_indices, group_test, steps_of
from psgkit.sit.report import REFERENCES, SitReport, SitSettings, SitTest
from psgkit.sit.test_window import findings_about, time_awake, with_answers_inside

if TYPE_CHECKING:
    import mne
    import yasa


def analyse_sit(
    recording: "Recording | mne.io.BaseRaw",
    test: SitTest,
    hypnogram: "Hypnogram | yasa.Hypnogram | None" = None,
    settings: SitSettings | None = None,
    *,
    events: Events | None = None,
    measured: MeasuredTest | None = None,
) -> SitReport:
    """Return the report of a test.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
    test : SitTest
        Which test, which part of the recording it is, and the answers to its prompts.
    hypnogram : Hypnogram or yasa.Hypnogram, optional
        Time scored as sleep is cut out.  Without it the stages annotated in the recording are
        used; without these, all of the test counts as awake, with a finding.
    settings : SitSettings, optional
    events : Events, optional
        Artefacts among them hide their site; by default those annotated in the recording.
    measured : MeasuredTest, optional
        What a review made of the movements that were detected.

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
    part = np.array([[test.part.from_s, test.part.to_s]])
    if measured is None:
        measured = measure_test(as_recording(recording), settings, part, events)
    recording, detected = measured.recording, measured.detected
    awake = time_awake(recording, as_hypnogram(hypnogram), test)
    test, about_answers = with_answers_inside(test)
    groups = {
        name: group_test(group, test, awake.stretches, settings)
        for name, group in detected.groups.items()
    }
    scored = in_onset_order([group.older for group in groups.values()])
    if awake.hypnogram is not None:
        scored = replace(scored, stage=awake.hypnogram.stage_at(scored.movements.onset_s))
    source = None if awake.hypnogram is None else awake.hypnogram.stages_from
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
        findings=(
            *recording.findings,
            *findings_about(test, settings),
            *awake.findings,
            *about_answers,
            *detected.findings,
        ),
        movements=scored,
        counted=contains(awake.stretches, scored.movements.onset_s),
        indices={
            name: with_source(group_indices(group, test.protocol, settings), "sit", source)
            for name, group in groups.items()
        },
        rhythm=detected.rhythm(awake.stretches),
        steps=steps_of(groups, test, awake.stretches, settings),
        discomfort=discomfort_means(test.discomfort),
        references=REFERENCES[test.protocol.name],
        profile=profile_without_evidence(),
        reviewed=measured.reviewed,
    )
    return with_test_profile(report)
