"""The review of a recording, applied to an immobilisation test or a rest test in it."""

from dataclasses import replace

from psgkit.analysis.artefacts import without_artefacts
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.core.message import translatable
from psgkit.core.recording import Recording
from psgkit.detect.trace import TraceRecorder
from psgkit.night.walk import measure_night
from psgkit.review.apply import fitted, night_facts
from psgkit.review.finish import reviewed_by
from psgkit.review.rescore import corrected, scoring_of
from psgkit.review.review_file import Review, Signature
from psgkit.settings import Settings
from psgkit.sit.groups import MeasuredTest, gathered
from psgkit.sit.report import SitSettings


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReviewedTest:
    """A test as a reviewer corrected it: its movements, and the stages that say who was awake."""

    measured: MeasuredTest
    hypnogram: Hypnogram | None


def reviewed_test(
    review: Review,
    recording: Recording,
    scoring: tuple[Hypnogram | None, Events | None],
    settings: SitSettings,
    part: Intervals,
    sha256: str | None,
) -> ReviewedTest:
    """Return a test with the movements, stages and artefacts of a review.

    The review is of the whole recording; what lies in the test counts.  Its lights, arousals and
    respiratory events do not: a test has its own bounds, and is scored awake.

    Parameters
    ----------
    review : Review
    recording : Recording
        As read.
    scoring : (Hypnogram or None, Events or None)
        Given beside the recording.
    settings : SitSettings
    part : Intervals
        The test, or its parts, in seconds.
    sha256 : str or None
        Digest of the recording.

    Raises
    ------
    InputFileError
        If the review is of another recording.
    """
    recorder = TraceRecorder()
    own = Settings(emg=settings.emg, accelerometer=settings.accelerometer)
    night = measure_night(recording, *scoring, own, recorder=recorder)
    blind = review.night.blind
    base = scoring_of(night, blind=blind)
    facts = night_facts(night, sha256, blind=blind)
    now, about = fitted(review, base, facts, night.motion.groups_by_sensor())
    signature = review.signed or Signature(by=review.last[0], at=review.last[1])
    reviewed = reviewed_by(base, now, signature, signed=review.signed is not None, blind=blind)
    after = corrected(night, now, base)
    groups = without_artefacts(
        {**after.detected, **after.motion.groups}, after.scorer.events, recording.duration_s
    )
    limbs = {name: groups[name] for name in after.detected}
    sensors = {name: groups[name] for name in after.motion.groups}
    # the posture of the trunk is not part of a test, and sensors are told of below
    known = {*night.motion.findings}
    kept = tuple(one for one in night.recording.findings if one not in known)
    detected = gathered(limbs, after.motion, (*review.findings, *about, *_lights(review)), part)
    return ReviewedTest(
        measured=MeasuredTest(
            recording=replace(night.recording, findings=kept),
            detected=replace(detected, groups={**limbs, **sensors}),
            trace=recorder.trace(),
            reviewed=reviewed,
        ),
        hypnogram=after.scorer.hypnogram,
    )


def _lights(review: Review) -> tuple[Finding, ...]:
    """Return the finding that the reviewer moved the lights, which a test does not use."""
    if review.now.lights == review.base.lights:
        return ()
    message = translatable("lights moved by the reviewer are not used: the test has its own bounds")
    return (Finding("info", "review.lights_of_test", review.name, message),)
