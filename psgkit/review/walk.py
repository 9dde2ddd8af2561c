"""Open a review: read the night, detect, take up the review file, and return the session."""

import getpass
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import field, replace
from pathlib import Path

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.detect.trace import TraceRecorder
from psgkit.errors import InputFileError
from psgkit.io.files import sha256_of
from psgkit.io.logo import read_letterhead
from psgkit.night.files import (
    NightChoice,
    NightFiles,
    read_beside,
    read_night,
    with_beside,
)
from psgkit.review.apply import REVIEW_FILE, fitted, night_facts, review_folder
from psgkit.review.consensus import Consensus, consensus_of
from psgkit.review.marks import Scoring
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.review_file import (
    SUFFIX,
    Review,
    ReviewedNight,
    ReviewFile,
    open_for_review,
    read_review,
)
from psgkit.review.session import ReviewSession


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
    consensus : (Path, Path) or None
        Two reviews between which this one decides.
    resume : bool
        Whether to go on with the review that is there; else it is renamed, and one begins anew.
    """

    files: NightFiles = field(default_factory=NightFiles)
    choice: NightChoice = field(default_factory=NightChoice)
    scorer: str = ""
    folder: Path | None = None
    blind: bool = False
    consensus: tuple[Path, Path] | None = None
    resume: bool = True


def open_review(path: Path, chosen: ReviewChoice | None = None) -> ReviewSession:
    """Return the review of a recording, which goes on where its file ended.

    Raises
    ------
    PsgkitError
        If a file cannot be used, or the review is open in another window.
    """
    chosen = chosen or ReviewChoice()
    scorer = chosen.scorer or getpass.getuser()
    folder = chosen.folder or review_folder(path)
    beside = read_beside(chosen.files)
    read = read_night(path, chosen.files, chosen.choice)
    target = folder / review_file_name(scorer, chosen)
    pair = None
    if chosen.consensus is not None:
        pair = read_review(chosen.consensus[0]), read_review(chosen.consensus[1])
    file, review = open_for_review(target, scorer, anew=not chosen.resume)
    with ExitStack() as unless_opened:
        unless_opened.callback(file.close)
        recorder = TraceRecorder()
        night = read.measured(beside[0], recorder)
        sha256 = sha256_of(path)
        blind = chosen.blind or (pair is not None and pair[0].night.blind)
        base = scoring_of(night, blind=blind)
        facts = night_facts(night, sha256, blind=blind)
        consensus = None if pair is None else consensus_of(*pair, base)
        sensors = night.motion.groups_by_sensor()
        review = begun(file, review, base, facts, consensus, sensors)
        lab = read.settings.lab
        session = ReviewSession.of(
            Rescorer(night=night, base=base, beside=lambda report: with_beside(report, *beside)),
            scorer,
            review,
            file=file,
            trace=recorder.trace(sha256),
            blind=blind,
            others=tuple(name for name in review.scorers if name != scorer),
            findings=review.findings,
            folder=folder,
            letterhead=read_letterhead(lab),
            sha256=sha256,
            consensus=consensus,
        )
        unless_opened.pop_all()
        return session


def begun(
    file: ReviewFile,
    review: Review | None,
    base: Scoring,
    facts: ReviewedNight,
    consensus: Consensus | None,
    sensors: Iterable[str] = (),
) -> Review:
    """Return the review to go on with; a line in the file says who begins, or goes on."""
    sides = () if consensus is None else consensus.digests
    about: tuple[Finding, ...] = () if consensus is None else (consensus.finding(),)
    of_both = {"consensus": list(sides)} if sides else {}
    if review is None:
        now = base if consensus is None else consensus.start
        whole = {"base": base.as_dict(), "now": now.as_dict()}
        row = file.append("start", **facts.as_dict(), **of_both, **whole)
        who = (file.scorer, row["when"])
        name = file.path.name
        return Review(name=name, night=facts, base=base, now=now, last=who, findings=about)
    now, findings = fitted(review, base, facts, sensors)
    if sides and (review.sides != sides or now is not review.now):
        raise InputFileError(
            file.path.name,
            "a consensus that began with other reviews, or another recording or settings",
            "the consensus of these two reviews",
            "Add --anew to begin it anew; the file that is there is kept under another name.",
        )
    if now is review.now:
        file.append("opened")
        return replace(review, findings=(*review.findings, *about))
    # found anew: a second start, from which undo does not go back
    file.append("start", **facts.as_dict(), base=base.as_dict(), now=now.as_dict())
    about = (*review.findings, *findings)
    return replace(
        review, night=facts, base=base, now=now, done=(), undone=(), signed=None, findings=about
    )


def review_file_name(scorer: str, chosen: ReviewChoice) -> str:
    """Return the name of a review file; a blind one has the name of its scorer.

    Examples
    --------
    >>> review_file_name("AB", ReviewChoice()), review_file_name("A B", ReviewChoice(blind=True))
    ('review.jsonl', 'review_blind_A_B.jsonl')
    """
    if chosen.consensus is not None:
        return f"review_consensus{SUFFIX}"
    safe = "".join(letter if letter.isalnum() else "_" for letter in scorer)
    return f"review_blind_{safe}{SUFFIX}" if chosen.blind else REVIEW_FILE
