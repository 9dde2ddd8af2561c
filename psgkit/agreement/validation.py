"""psgkit and people who scored the same nights, each compared with every other of the people.

Schema ``psgkit.validation/1``.  Every scoring of a night, psgkit's among them, is taken through the
same steps after detection, with the same stages, so that indices differ by the movements alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit._version import __version__
from psgkit.agreement.events import Agreement, compare_events, compare_overlaps
from psgkit.agreement.sources import Scored, read_scored
from psgkit.agreement.validation_layouts import READ, ScoredRecording, find_nights
from psgkit.agreement.validation_statistics import (
    bland_altman,
    icc_of_raters,
    mean_of,
    quartiles,
)
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.site import GROUP_SITES, Site
from psgkit.document.values import plain
from psgkit.io.read import read_recording
from psgkit.io.scoring.read import outside_findings
from psgkit.night.scored import score_night
from psgkit.night.walk import measure_night

SCHEMA = "psgkit.validation/1"
PSGKIT = "psgkit"
"""Name of psgkit among the raters."""
TOLERANCE_S = 0.5
"""Largest distance of two onsets that match."""
LEGS = (Site.LEFT_LEG.value, Site.RIGHT_LEG.value)
INDICES = ("lm_index_recording", "plm_index_recording", "plms_index")
WAYS = ("onset", "overlap")
Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RatedNight:
    """A night with the limb movements of every rater.

    Attributes
    ----------
    name : str
    duration_s : float
        Recorded time.
    raters : mapping of str to Events
        Movements of the legs, psgkit's first if it could look for any.
    sides : mapping of str to tuple of str
        Legs at which each rater looked for movements.
    hypnogram : Hypnogram or None
        Used for every rater.
    stages : str
        Whose stages they are, or why there are none.
    findings : tuple of Finding
    """

    name: str
    duration_s: float
    raters: dict[str, Events]
    sides: dict[str, tuple[str, ...]]
    hypnogram: Hypnogram | None
    stages: str
    findings: tuple[Finding, ...] = ()


def validate(
    dataset: str, folder: Path, progress: Callable[[str], object] | None = None
) -> Document:
    """Return how psgkit and the people agree on the nights of a data set.

    Parameters
    ----------
    dataset : str
        One of ``psgkit.agreement.validation_layouts.READ``.
    folder : Path
    progress : callable, optional
        Is given the name of each night before it is analysed.

    Raises
    ------
    SettingsError
        If the data set cannot be read.
    InputFileError, TableError, EdfFormatError
        If the folder or a file is not as expected.
    """
    found, left_out = find_nights(dataset, folder)
    nights = []
    for one in found:
        if progress is not None:
            progress(one.name)
        nights.append(rated_night(one))
    return {
        "dataset": {"name": dataset, "about": READ[dataset]},
        **compared(nights),
        "findings": plain([*left_out, *(each for night in nights for each in night.findings)]),
    }


def rated_night(files: ScoredRecording) -> RatedNight:
    """Return the movements that psgkit and each person found in a night."""
    recording = read_recording(files.recording)
    measured = measure_night(recording)
    legs = measured.detected["legs"]
    usable = tuple(site for site in LEGS if site in {str(place) for place, _time in legs.usable})
    findings = [
        Finding(
            "warning",
            "validation.no_leg",
            files.recording.name,
            f"{site.replace('_', ' ')}: psgkit is not compared, no usable channel "
            f"({legs.reason or 'see psgkit report'})",
        )
        for site in LEGS
        if site not in usable
    ]
    raters: dict[str, Events] = {}
    sides = {PSGKIT: usable}
    if usable:
        movements = legs.movements
        kinds = ["lm"] * len(movements)
        raters[PSGKIT] = Events.of(movements.onset_s, movements.end_s, kinds, movements.site)
    people = {name: read_scored(path, recording.start) for name, path in files.scorings}
    for name, scored in people.items():
        raters[name], about = _leg_marks(scored, recording.duration_s)
        sides[name] = LEGS
        findings += [*scored.findings, *about]
    hypnogram, stages = _stages_for_all(measured.scorer.hypnogram, people)
    return RatedNight(
        name=files.name,
        duration_s=recording.duration_s,
        raters=raters,
        sides=sides,
        hypnogram=hypnogram,
        stages=stages,
        findings=tuple(findings),
    )


def _leg_marks(scored: Scored, duration_s: float) -> tuple[Events, list[Finding]]:
    """Return the leg movements of a person, and findings on everything that is not one."""
    marks = scored.events.of_kind(["lm"])
    findings = [*outside_findings(marks, duration_s, scored.name)]
    inside = (marks.end_s >= 0) & (marks.onset_s <= duration_s)
    known = np.isin(marks.site, [*GROUP_SITES["legs"], Site.NONE])
    notes = (
        ("no movement is marked; taken as none found", int(not len(marks))),
        ("marks without a side are in the indices of both legs only", _n(marks, Site.NONE)),
        ("marks of both legs are counted for each leg", _n(marks, Site.BOTH_LEGS)),
        ("marks at other parts of the body are left out", int((~known).sum())),
    )
    findings += [
        Finding("warning", "validation.marks", scored.name, f"{text} ({n})")
        for text, n in notes
        if n
    ]
    return marks.where(inside & known), findings


def _n(marks: Events, site: Site) -> int:
    return int((marks.site == site.value).sum())


def _stages_for_all(
    annotated: Hypnogram | None, people: dict[str, Scored]
) -> tuple[Hypnogram | None, str]:
    """Return one hypnogram for all raters: that of the recording, or the people's majority."""
    if annotated is not None:
        return annotated, "annotated in the recording"
    known = [one.hypnogram for one in people.values() if one.hypnogram is not None]
    if not known:
        return None, "no stages: per hour recorded only"
    if len({(one.epoch_s, one.start_s) for one in known}) > 1:
        return None, "epochs of the people begin at different times: per hour recorded only"
    longest = max(len(one) for one in known)
    table = np.full((len(known), longest), UNSCORED, dtype=object)
    for row, one in enumerate(known):
        table[row, : len(one)] = one.stages
    voted = [_most_frequent(column) for column in table.T]
    first = known[0]
    return Hypnogram.of(voted, first.epoch_s, first.start_s), f"majority of {len(known)} people"


def _most_frequent(column: NDArray[np.object_]) -> str:
    """Return the stage of most people; of equally frequent ones the first in the alphabet."""
    names, counts = np.unique(column.astype(str), return_counts=True)
    return str(names[int(np.argmax(counts))])


def compared(nights: Sequence[RatedNight]) -> Document:
    """Return pairs, indices and summary of rated nights.

    Examples
    --------
    >>> def marks(*onsets_s):
    ...     n = len(onsets_s)
    ...     return Events.of(onsets_s, [t + 2 for t in onsets_s], ["lm"] * n, ["left_leg"] * n)
    >>> raters = {"psgkit": marks(10.0, 30.0), "a": marks(10.2, 50.0)}
    >>> night = RatedNight(name="n1", duration_s=3600.0, raters=raters, hypnogram=None, stages="",
    ...                    sides={"psgkit": ("left_leg",), "a": ("left_leg",)})
    >>> compared([night])["pairs"][0]["onset_f1"]
    0.5
    """
    pairs: list[Document] = []
    errors: dict[str, dict[str, list[NDArray[np.float64]]]] = {
        who: {"onset": [], "end": []} for who in ("psgkit", "people")
    }
    for night in nights:
        for site in LEGS:
            looked = [name for name in night.raters if site in night.sides[name]]
            for candidate, reference in combinations(looked, 2):
                row, overlap = _pair(night, site, reference, candidate)
                pairs.append(row)
                of = errors["psgkit" if candidate == PSGKIT else "people"]
                of["onset"].append(overlap.onset_error_s)
                of["end"].append(overlap.end_error_s)
    rows = [row for night in nights for row in _indices(night)]
    standing = _standing(pairs)
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "settings": {"onset_tolerance_s": TOLERANCE_S},
        "nights_n": len(nights),
        "people_n": len({name for night in nights for name in night.raters} - {PSGKIT}),
        "pairs": pairs,
        "nights": rows,
        "standing": standing,
        "f1": {way: _f1_of(standing, way) for way in WAYS},
        "boundaries": {who: _boundaries(found) for who, found in errors.items()},
        "indices": {name: _index_agreement(rows, name) for name in INDICES},
    }


def _pair(
    night: RatedNight, site: str, reference: str, candidate: str
) -> tuple[Document, Agreement]:
    one, other = (_of_leg(night.raters[name], site) for name in (reference, candidate))
    onset = compare_events(one, other, onset_tolerance_s=TOLERANCE_S)
    overlap = compare_overlaps(one, other)
    row: Document = {
        "night": night.name,
        "site": site,
        "reference": reference,
        "candidate": candidate,
        "reference_n": len(one),
        "candidate_n": len(other),
    }
    for way, found in zip(WAYS, (onset, overlap), strict=True):
        row |= {
            f"{way}_matched_n": found.n_matched,
            f"{way}_precision": found.precision,
            f"{way}_recall": found.recall,
            f"{way}_f1": found.f1,
        }
    for boundary, values in (("onset", overlap.onset_error_s), ("end", overlap.end_error_s)):
        found_s = quartiles(values)
        row |= {f"{boundary}_error_{name}_s": found_s[name] for name in ("median", "q25", "q75")}
    reason = None if len(one) + len(other) else "no movement in either"
    return {**row, "reason": reason}, overlap


def _of_leg(marks: Events, site: str) -> Events:
    return marks.where(np.isin(marks.site, [site, Site.BOTH_LEGS]))


def _indices(night: RatedNight) -> list[Document]:
    """Return one row for each rater and leg, and for both legs together."""
    rows = []
    for name, marks in night.raters.items():
        places: dict[str, Events] = {site: _of_leg(marks, site) for site in night.sides[name]}
        if len(places) == len(LEGS):
            places["legs"] = marks
        for place, chosen in places.items():
            report = score_night(chosen, night.hypnogram, duration_s=night.duration_s)
            found = report.indices["legs"]
            row = {
                "night": night.name,
                "site": place,
                "rater": name,
                "lm_n": len(chosen),
                "recorded_h": night.duration_s / 3600.0,
                "stages": night.stages,
            }
            for index in INDICES:
                row[index] = _value(found[index].value, chosen, night, index)
            reasons = [found[index].reason for index in INDICES if row[index] is None]
            rows.append({**row, "reason": "; ".join(dict.fromkeys(map(str, reasons))) or None})
    return rows


def _value(value: float | None, marks: Events, night: RatedNight, index: str) -> float | None:
    """Return an index; 0 where somebody looked and marked nothing, if its hours are known."""
    if len(marks) or value is not None:
        return value
    asleep = night.hypnogram is not None and bool(len(night.hypnogram))
    return 0.0 if index.endswith("_recording") or asleep else None


def _standing(pairs: Sequence[Document]) -> list[Document]:
    """Return the mean F1 of psgkit with the people, and of each person with the others."""
    rows = []
    for night, site in dict.fromkeys((pair["night"], pair["site"]) for pair in pairs):
        here = [pair for pair in pairs if (pair["night"], pair["site"]) == (night, site)]
        names = dict.fromkeys(pair[side] for pair in here for side in ("candidate", "reference"))
        for way in WAYS:
            means = {
                name: mean_of(
                    [
                        pair[f"{way}_f1"]
                        for pair in here
                        if name in (pair["candidate"], pair["reference"])
                        and (name == PSGKIT or pair["candidate"] != PSGKIT)
                    ]
                )
                for name in names
            }
            ours = means.pop(PSGKIT, None)
            people = [one for one in means.values() if one is not None]
            known = ours is not None and bool(people)
            rows.append(
                {
                    "night": night,
                    "site": site,
                    "way": way,
                    "psgkit": ours,
                    "people_n": len(people),
                    "people_lowest": min(people, default=None),
                    "people_median": median(people) if people else None,
                    "people_highest": max(people, default=None),
                    "at_least_lowest": None if ours is None or not people else ours >= min(people),
                    "better_than_n": None if ours is None else sum(ours > one for one in people),
                    "reason": None if known else "needs psgkit and two people with movements",
                }
            )
    return rows


def _f1_of(standing: Sequence[Document], way: str) -> Document:
    """Return the F1 of psgkit and of people over nights and legs that have both."""
    rows = [row for row in standing if row["way"] == way]
    both = [row for row in rows if row["at_least_lowest"] is not None]
    return {
        "psgkit": quartiles([row["psgkit"] for row in rows if row["psgkit"] is not None]),
        "people": quartiles([row["people_median"] for row in both]),
        "legs_n": len(both),
        "at_least_lowest_n": sum(row["at_least_lowest"] for row in both),
    }


def _boundaries(errors: dict[str, list[NDArray[np.float64]]]) -> Document:
    """Return signed errors and their sizes, pooled over the pairs matched by overlap."""
    joined = {name: np.concatenate([np.zeros(0), *parts]) for name, parts in errors.items()}
    return {
        name: {"error_s": quartiles(values), "size_s": quartiles(np.abs(values))}
        for name, values in joined.items()
    }


def _index_agreement(rows: Sequence[Document], index: str) -> Document:
    """Return the agreement on an index of both legs, night by night."""
    nights = []
    for night in dict.fromkeys(row["night"] for row in rows):
        values = {
            row["rater"]: row[index]
            for row in rows
            if row["night"] == night and row["site"] == "legs" and row[index] is not None
        }
        ours = values.pop(PSGKIT, None)
        if ours is None or not values:
            continue
        people = list(values.values())
        nights.append(
            {
                "night": night,
                "psgkit": ours,
                "people": values,
                "people_median": median(people),
                "within_range": min(people) <= ours <= max(people) if len(people) > 1 else None,
            }
        )
    judged = [one["within_range"] for one in nights if one["within_range"] is not None]
    same = set.intersection(*(set(one["people"]) for one in nights)) if nights else set()
    return {
        "unit": "1/h",
        "nights": nights,
        "bland_altman": bland_altman([one["psgkit"] - one["people_median"] for one in nights]),
        "icc_psgkit_median": icc_of_raters(
            [[one["psgkit"], one["people_median"]] for one in nights]
        ),
        "icc_people": icc_of_raters(
            [[one["people"][name] for name in sorted(same)] for one in nights]
        ),
        "within_range_n": sum(judged),
        "judged_n": len(judged),
    }
