"""Names of exported files: valid on every system, inside the folder, without patient names."""

import hashlib
import re
from collections.abc import Sequence
from itertools import count

from psgkit.core.dataclass import dataclass
from psgkit.core.night_report import NightReport
from psgkit.core.regex import regex
from psgkit.document.outside_text import bare_name
from psgkit.document.write import night_as_json
from psgkit.errors import SettingsError

_LONGEST_STEM = 64
_DIGITS_OF_DIGEST = 10
_LABEL = regex("[0-9A-Za-z]+")
_RESERVED = regex(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def file_stem(report: NightReport) -> str:
    """Return the name of the recording without suffix, valid on every system.

    Examples
    --------
    >>> from psgkit import Events, score_night
    >>> file_stem(score_night(Events.none()))
    'events'
    """
    name = bare_name(report.source)
    stem = name.rsplit(".", 1)[0] if "." in name[1:] else name
    plain = re.sub(r"[^0-9A-Za-z_-]+", "-", stem).strip("-_")[:_LONGEST_STEM]
    return f"{plain}-night".lstrip("-") if not plain or _RESERVED.fullmatch(plain) else plain


def stems(reports: Sequence[NightReport]) -> list[str]:
    """Return a stem for each report; equal stems are numbered in their order."""
    found = [file_stem(report) for report in reports]
    alone = {stem for stem in found if found.count(stem) == 1}
    taken, unique = set(alone), []
    for stem in found:
        # a numbered stem may equal the name of another recording
        numbered = (name for n in count(1) if (name := f"{stem}-{n}") not in taken)
        unique.append(stem if stem in alone else next(numbered))
        taken.add(unique[-1])
    return unique


@dataclass(frozen=True, kw_only=True, slots=True)
class Entities:
    """Entities of a file name in a BIDS data set; empty ones are left out.

    Attributes
    ----------
    sub : str
        If empty, each report gets a digest, because its file name may be that of a patient.
    ses, task, run, desc : str
    """

    sub: str = ""
    ses: str = ""
    task: str = "sleep"
    run: str = ""
    desc: str = "psgkit"

    def __post_init__(self) -> None:
        for entity in ("sub", "ses", "task", "run", "desc"):
            value: str = getattr(self, entity).removeprefix(f"{entity}-")
            object.__setattr__(self, entity, value)
            if value and not _LABEL.fullmatch(value):
                raise SettingsError(f"--{entity}", repr(value), "ASCII letters and digits")
        if not self.task:
            raise SettingsError("--task", "nothing", "ASCII letters and digits")
        if self.run and not self.run.isdigit():
            raise SettingsError("--run", repr(self.run), "a number")


def bids_names(reports: Sequence[NightReport], entities: Entities) -> list[str]:
    """Return folder and first part of the file names of each report, entities in the order of BIDS.

    Reports with equal names are numbered by ``run`` in their order.

    Examples
    --------
    >>> from psgkit import Events, score_night
    >>> bids_names([score_night(Events.none())], Entities(sub="01", ses="1"))
    ['sub-01/ses-1/eeg/sub-01_ses-1_task-sleep_desc-psgkit']
    """
    subjects = [entities.sub or _digest(report) for report in reports]
    names = []
    for at, sub in enumerate(subjects):
        run = entities.run
        if subjects.count(sub) > 1:
            run = str(int(run or 1) + subjects[:at].count(sub))
        first = [f"sub-{sub}", *([f"ses-{entities.ses}"] if entities.ses else [])]
        rest = {"task": entities.task, "run": run, "desc": entities.desc}
        parts = [*first, *(f"{key}-{value}" for key, value in rest.items() if value)]
        names.append("/".join([*first, "eeg", "_".join(parts)]))
    return names


def _digest(report: NightReport) -> str:
    """Return a label that depends on the recording only and reveals nothing about it."""
    of = report.sha256 or night_as_json(report)
    return hashlib.sha256(of.encode("utf-8")).hexdigest()[:_DIGITS_OF_DIGEST]
