"""psgkit and people who scored the same nights, each compared with every other of the people.

Schema ``psgkit.validation/1``.  Every scoring of a night, psgkit's among them, is taken through the
same steps after detection, with the same stages, so that indices differ by the movements alone.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit._version import __version__
from psgkit.agreement.events import Agreement, compare_events, compare_overlaps
from psgkit.agreement.validation_datasets import DATASETS
from psgkit.agreement.validation_files import LEGS
from psgkit.agreement.validation_layouts import find_nights
from psgkit.agreement.validation_nights import PSGKIT, TOGETHER, RatedNight, rated_night, refusal
from psgkit.agreement.validation_statistics import (
    bland_altman,
    icc_of_raters,
    mean_of,
    quartiles,
)
from psgkit.core.events import Events
from psgkit.core.intervals import union
from psgkit.core.site import Site
from psgkit.document.values import plain
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.channels.channel_map import ChannelMap
from psgkit.night.scored import score_night

SCHEMA = "psgkit.validation/1"
TOLERANCE_S = 0.5
"""Largest distance of two onsets that match, in marks of exact times."""
INDICES = ("lm_index_recording", "plm_index_recording", "plms_index")
WAYS = ("onset", "overlap")
Document = dict[str, Any]


def validate(
    dataset: str,
    folder: Path,
    progress: Callable[[str], object] | None = None,
    channels: ChannelMap | None = None,
) -> Document:
    """Return how psgkit and the people agree on the nights of a data set.

    A file that cannot be read is left out with an error among the findings.

    Parameters
    ----------
    dataset : str
        One of ``psgkit.agreement.validation_datasets.DATASETS``.
    folder : Path
    progress : callable, optional
        Is given the name of each night before it is analysed.
    channels : ChannelMap, optional
        Roles and sites of channels that their labels do not say.

    Raises
    ------
    SettingsError
        If the data set cannot be read, or the channel map does not fit.
    InputFileError, TableError, EdfFormatError
        If the folder is not as expected, or none of its nights can be read.
    """
    about = DATASETS.get(dataset)
    found, findings = find_nights(dataset, folder)
    nights, refused = [], []
    for one in found:
        if progress is not None:
            progress(one.name)
        try:
            nights.append(rated_night(one, channels))
        except SettingsError:
            # the channel map is wrong for every night
            raise
        except PsgkitError as error:
            refused.append(error)
            findings.append(refusal(one.recording.name, error))
    if not nights:
        raise refused[0]
    about = DATASETS[dataset]
    return {
        "dataset": {
            "name": dataset,
            "about": about.about,
            "known": list(about.known),
            "assumed": list(about.assumed),
            "sources": list(about.sources),
        },
        **compared(nights, TOLERANCE_S + about.resolution_s),
        "findings": plain([*findings, *(each for night in nights for each in night.findings)]),
    }


def compared(nights: Sequence[RatedNight], tolerance_s: float = TOLERANCE_S) -> Document:
    """Return pairs, indices and summary of rated nights.

    Parameters
    ----------
    nights : sequence of RatedNight
    tolerance_s : float
        Largest distance of two onsets that match.

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
        for site in _places_of(night):
            looked = [name for name in night.raters if _looked(night, name, site)]
            for candidate, reference in combinations(looked, 2):
                row, overlap = _pair(night, site, (reference, candidate), tolerance_s)
                pairs.append(row)
                of = errors["psgkit" if candidate == PSGKIT else "people"]
                of["onset"].append(overlap.onset_error_s)
                of["end"].append(overlap.end_error_s)
    rows = [row for night in nights for row in _indices(night)]
    standing = _standing(pairs)
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "settings": {"onset_tolerance_s": tolerance_s},
        "nights_n": len(nights),
        "people_n": len({name for night in nights for name in night.raters} - {PSGKIT}),
        "pairs": pairs,
        "nights": rows,
        "standing": standing,
        "f1": {way: _f1_of(standing, way) for way in WAYS},
        "boundaries": {who: _boundaries(found) for who, found in errors.items()},
        "indices": {name: _index_agreement(rows, name) for name in INDICES},
    }


def _places_of(night: RatedNight) -> tuple[str, ...]:
    """Return where movements are compared: both legs together only if some marks say no side."""
    unsided = any(sides == (TOGETHER,) for sides in night.sides.values())
    return (*LEGS, TOGETHER) if unsided else LEGS


def _looked(night: RatedNight, name: str, site: str) -> bool:
    """Return whether a rater looked at a leg, or at both."""
    sides = night.sides[name]
    return site in sides or (site == TOGETHER and len(sides) == len(LEGS))


def _pair(
    night: RatedNight, site: str, names: tuple[str, str], tolerance_s: float
) -> tuple[Document, Agreement]:
    """Return how the second of two raters agrees with the first."""
    reference, candidate = names
    one, other = (_of_leg(night.raters[name], site) for name in names)
    onset = compare_events(one, other, onset_tolerance_s=tolerance_s)
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
    """Return the movements of a leg; of both together, those that share time as one."""
    if site != TOGETHER:
        return marks.where(np.isin(marks.site, [site, Site.BOTH_LEGS]))
    spans = union(marks.intervals())
    n = len(spans)
    return Events.of(spans[:, 0], spans[:, 1], ["lm"] * n, [Site.NONE] * n)


def _indices(night: RatedNight) -> list[Document]:
    """Return one row for each rater and leg, and for both legs together."""
    rows = []
    for name, marks in night.raters.items():
        sides = night.sides[name]
        places: dict[str, Events] = {
            site: _of_leg(marks, site) for site in sides if site != TOGETHER
        }
        if _looked(night, name, TOGETHER):
            places[TOGETHER] = marks
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
            program = means.pop(PSGKIT, None)
            people = [one for one in means.values() if one is not None]
            known = program is not None and bool(people)
            rows.append(
                {
                    "night": night,
                    "site": site,
                    "way": way,
                    "psgkit": program,
                    "people_n": len(means),
                    "people_lowest": min(people, default=None),
                    "people_median": median(people) if people else None,
                    "people_highest": max(people, default=None),
                    "people": means,
                    "at_least_lowest": None
                    if program is None or not people
                    else program >= min(people),
                    "better_than_n": None
                    if program is None
                    else sum(program > one for one in people),
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
    """Return the agreement on an index, night by night: of both legs, or of the one leg marked."""
    nights = []
    for night in dict.fromkeys(row["night"] for row in rows):
        here = [row for row in rows if row["night"] == night and row[index] is not None]
        for place in (TOGETHER, *LEGS):
            values = {row["rater"]: row[index] for row in here if row["site"] == place}
            program = values.pop(PSGKIT, None)
            if program is not None and values:
                nights.append(_index_of_night(night, place, program, values))
                break
    judged = [one["within_range"] for one in nights if one["within_range"] is not None]
    same = set.intersection(*(set(one["people"]) for one in nights)) if nights else set()
    return {
        "unit": "1/h",
        "nights": nights,
        "bland_altman": bland_altman([one["psgkit"] - one["people_median"] for one in nights]),
        "bland_altman_people": _people_apart(nights),
        "icc_psgkit_median": icc_of_raters(
            [[one["psgkit"], one["people_median"]] for one in nights]
        ),
        "icc_people": icc_of_raters(
            [[one["people"][name] for name in sorted(same)] for one in nights]
        ),
        "within_range_n": sum(judged),
        "judged_n": len(judged),
    }


def _index_of_night(night: str, place: str, program: float, people: dict[str, float]) -> Document:
    values = list(people.values())
    return {
        "night": night,
        "site": place,
        "psgkit": program,
        "people": people,
        "people_lowest": min(values),
        "people_median": median(values),
        "people_highest": max(values),
        "within_range": min(values) <= program <= max(values) if len(values) > 1 else None,
    }


def _people_apart(nights: Sequence[Document]) -> Document:
    """Return bias and limits of each person less the median of the others, over people.

    The limits are the yardstick for those of psgkit: as far apart are people among themselves.
    """
    names = sorted({name for one in nights for name in one["people"]})
    found = []
    for name in names:
        apart = [
            one["people"][name] - median([v for who, v in one["people"].items() if who != name])
            for one in nights
            if name in one["people"] and len(one["people"]) > 1
        ]
        found.append({"person": name, **bland_altman(apart)})
    known = [one for one in found if one["bias"] is not None]
    widths = [one["high"] - one["low"] for one in known]
    return {
        "each": found,
        "bias_lowest": min((one["bias"] for one in known), default=None),
        "bias_highest": max((one["bias"] for one in known), default=None),
        "width_median": median(widths) if widths else None,
    }
