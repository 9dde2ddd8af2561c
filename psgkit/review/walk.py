"""Open a review: read the night, detect, take up the review file, and return the session."""

import getpass
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from psgkit.analysis.groups import NightFrame
from psgkit.detect.trace import TraceRecorder
from psgkit.document.values import plain
from psgkit.io.files import sha256_of
from psgkit.night.files import NightChoice, NightFiles, read_night
from psgkit.night.walk import MeasuredNight, measure_night
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.review_file import SUFFIX, ReviewedNight, open_for_review
from psgkit.review.session import ReviewSession
from psgkit.settings import Settings

REVIEW_FILE = f"review{SUFFIX}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewChoice:
    """How a night is reviewed.

    Attributes
    ----------
    files : NightFiles
        Stages, events, channel map, context.
    choice : NightChoice
        Settings and lights.
    scorer : str
        Name in the review file; the user of this computer by default.
    folder : Path or None
        Of the report, where the review file and the signed files are; by default ``NAME_review``
        beside the recording.
    blind : bool
        Whether to hide what psgkit found.
    """

    files: NightFiles = field(default_factory=NightFiles)
    choice: NightChoice = field(default_factory=NightChoice)
    scorer: str = ""
    folder: Path | None = None
    blind: bool = False


def open_review(path: Path, chosen: ReviewChoice | None = None) -> ReviewSession:
    """Return the review of a recording, which goes on where its file ended.

    Raises
    ------
    PsgkitError
        If a file cannot be used, or the review is open in another window.
    """
    chosen = chosen or ReviewChoice()
    scorer = chosen.scorer or getpass.getuser()
    target = review_file_of(path, chosen.folder, scorer, blind=chosen.blind)
    file, review = open_for_review(target, scorer)
    recorder = TraceRecorder()
    read = read_night(path, chosen.files, chosen.choice)
    night = measure_night(
        read.recording, read.hypnogram, read.events, read.settings, recorder=recorder
    )
    sha256 = sha256_of(path)
    base = scoring_of(night, blind=chosen.blind)
    facts = night_facts(night, sha256, blind=chosen.blind)
    if review is None:
        file.append("start", **facts.as_dict(), base=base.as_dict())
    else:
        file.append("opened")
    return ReviewSession.of(
        Rescorer(night=night, base=base),
        scorer,
        review,
        file=file,
        trace=recorder.trace(sha256),
        blind=chosen.blind,
        others=() if review is None else tuple(n for n in review.scorers if n != scorer),
        findings=() if review is None else review.findings,
    )


def review_file_of(path: Path, folder: Path | None, scorer: str, *, blind: bool) -> Path:
    """Return where the review of a recording is kept; a blind one has the name of its scorer.

    Examples
    --------
    >>> review_file_of(Path("a/night.edf"), None, "AB", blind=False).as_posix()
    'a/night_review/review.jsonl'
    """
    folder = folder or path.with_name(f"{path.stem}_review")
    if not blind:
        return folder / REVIEW_FILE
    plain_name = "".join(letter if letter.isalnum() else "_" for letter in scorer)
    return folder / f"review_blind_{plain_name}{SUFFIX}"


def night_facts(night: MeasuredNight, sha256: str | None, *, blind: bool) -> ReviewedNight:
    """Return which recording is reviewed, and by which settings."""
    recording, settings = night.recording, night.settings
    frame = NightFrame.of(recording, night.scorer, settings)
    return ReviewedNight(
        file=recording.source,
        sha256=sha256,
        start=recording.start,
        duration_s=frame.duration_s,
        rules=settings.rules.name,
        settings_digest=settings_digest(settings),
        blind=blind,
    )


def settings_digest(settings: Settings) -> str:
    """Return the digest of every value that decides a result."""
    text = json.dumps(plain(settings.as_dict()), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
