"""Two scorings of one night compared in everything that both state, as plain values.

Schema ``psgkit.agreement/1``: a score is ``{value, unit, reason}``, with a reason exactly if the
value is null.  Movements are compared site by site, and over all sites (``site`` is null); other
kinds of events over all sites only.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit._version import __version__
from psgkit.agreement.events import Agreement, Spread, compare_events, compare_overlaps
from psgkit.agreement.sources import COMPARED_KINDS, Scored
from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED
from psgkit.core.movements import Movements
from psgkit.core.site import BOTH_SIDES, GROUP_SITES, Site
from psgkit.document.values import plain
from psgkit.errors import InputFileError
from psgkit.scoring.combine import combine
from psgkit.scoring.rules import RULE_SETS, WASM_2016, ScoringRules
from psgkit.sleep.stage_agreement import StageAgreement, compare_stages

SCHEMA = "psgkit.agreement/1"
Document = dict[str, Any]
_NO_PAIR = "no pair of events"
ANOTHER_NIGHT_S = 12 * 3600.0
"""Distance in seconds, end to start, beyond which two scorings are rejected as of other nights."""


def compare_scorings(
    reference: Scored, candidate: Scored, *, onset_tolerance_s: float = 0.5
) -> Document:
    """Return the agreement of two scorings, keyed as in the schema.

    If only one side has joined movements of both legs (or arms), those of the other are joined by
    the same rule first, and a finding says so.

    Raises
    ------
    InputFileError
        If the two have nothing in common, or are of different nights.
    ValueError
        If the tolerance is negative or not finite.
    """
    first, second, joined = _joined_alike(reference, candidate)
    kinds = [kind for kind in COMPARED_KINDS if _is_comparable(kind, first, second)]
    one, other = first.hypnogram, second.hypnogram
    if not kinds and (one is None or other is None):
        raise InputFileError(
            f"{reference.name} and {candidate.name}",
            f"nothing that both state ({reference.name}: {_content(reference)}; "
            f"{candidate.name}: {_content(candidate)})",
            "movements, events of one kind, or stages in both",
        )
    _refuse_another_night(reference, candidate)
    stages = None if one is None or other is None else compare_stages(one, other)
    lacking = [side.name for side in (first, second) if side.hypnogram is None]
    findings = (*reference.findings, *candidate.findings, *joined, *_clock(reference, candidate))
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "reference": _side(reference),
        "candidate": _side(candidate),
        "settings": {"onset_tolerance_s": onset_tolerance_s, "joined_sides": bool(joined)},
        "findings": plain(list(dict.fromkeys(findings))),
        "events": [
            row
            for kind in kinds
            for row in _rows_of_kind(
                kind, first.events.of_kind([kind]), second.events.of_kind([kind]), onset_tolerance_s
            )
        ],
        "not_compared": _not_compared(first, second),
        "stages": None if stages is None else _stages(stages),
        "stages_reason": f"no stages in {' and '.join(lacking)}" if lacking else None,
    }


def score(value: float | None, unit: str, reason: str) -> Document:
    """Return one score as the schema has it; the reason is dropped where there is a value.

    Examples
    --------
    >>> score(None, "1", "no candidate event")
    {'value': None, 'unit': '1', 'reason': 'no candidate event'}
    """
    return {"value": value, "unit": unit, "reason": reason if value is None else None}


def _is_comparable(kind: str, first: Scored, second: Scored) -> bool:
    """Return whether both state events of a kind, even that there were none."""
    return kind in first.states_kinds and kind in second.states_kinds


def _refuse_another_night(reference: Scored, candidate: Scored) -> None:
    """Raise ``InputFileError`` if half a day or more lies between the two scorings."""
    (first, last), (start, end) = _extent_s(reference), _extent_s(candidate)
    apart_s = max(start - last, first - end)
    if apart_s >= ANOTHER_NIGHT_S:
        raise InputFileError(
            f"{reference.name} and {candidate.name}",
            f"scorings that lie {apart_s / 3600:.0f} h apart by their clocks",
            "two scorings of one night",
        )


def _extent_s(side: Scored) -> tuple[float, float]:
    """Return the begin and end of a scoring; infinite if nothing was scored."""
    spans = [side.events.intervals()] if len(side.events) else []
    if side.hypnogram is not None:
        spans.append(np.array([[side.hypnogram.start_s, side.hypnogram.end_s]]))
    if not spans:
        return -np.inf, np.inf
    joined = np.concatenate(spans)
    return float(joined[:, 0].min()), float(joined[:, 1].max())


def _content(side: Scored) -> str:
    words = [kind for kind in COMPARED_KINDS if kind in side.states_kinds]
    return ", ".join([*words, *(["stages"] if side.hypnogram is not None else [])])


def _side(side: Scored) -> Document:
    """Return what was read from one file."""
    stages = side.hypnogram
    return {
        "file": side.name,
        "start": side.start.isoformat() if side.start else None,
        "events_n": {
            kind: len(side.events.of_kind([kind]))
            for kind in COMPARED_KINDS
            if kind in side.states_kinds
        },
        "scored_epochs_n": 0 if stages is None else int(np.sum(stages.stages != UNSCORED)),
    }


def _clock(reference: Scored, candidate: Scored) -> tuple[Finding, ...]:
    """Return a finding if the start of the reference is unknown and taken to be the candidate's."""
    if reference.start is not None or candidate.start is None:
        return ()
    message = f"does not say when it starts; taken to start with {candidate.name}"
    return (Finding("info", "clock.unknown", reference.name, message),)


def _not_compared(first: Scored, second: Scored) -> list[Document]:
    """Return the kinds of events that only one of the two states."""
    return [
        {
            "kind": kind,
            "reference_n": len(first.events.of_kind([kind])),
            "candidate_n": len(second.events.of_kind([kind])),
            "reason": f"{(second if kind in first.states_kinds else first).name} has none, and "
            "does not say whether they were looked for",
        }
        for kind in COMPARED_KINDS
        if (kind in first.states_kinds) != (kind in second.states_kinds)
    ]


def _rows_of_kind(
    kind: str, reference: Events, candidate: Events, tolerance_s: float
) -> list[Document]:
    """Return the agreement over all sites, then at each site that has movements."""
    rows = [_row(kind, None, (reference, candidate), tolerance_s)]
    if kind != "lm":
        return rows
    named = {*reference.site.tolist(), *candidate.site.tolist()}
    for site in (site.value for site in Site if site.value in named):
        pair = reference.where(reference.site == site), candidate.where(candidate.site == site)
        rows.append(_row(kind, site, pair, tolerance_s))
    return rows


def _row(kind: str, site: str | None, pair: tuple[Events, Events], tolerance_s: float) -> Document:
    """Return the agreement of two tables of events, by onset and by overlap."""
    return {
        "kind": kind,
        "site": site,
        "reference_n": len(pair[0]),
        "candidate_n": len(pair[1]),
        "count_difference_n": len(pair[1]) - len(pair[0]),
        "onset": _matched(compare_events(*pair, onset_tolerance_s=tolerance_s)),
        "overlap": _matched(compare_overlaps(*pair)),
    }


def _matched(found: Agreement) -> Document:
    """Return the scores of one kind of matching."""
    return {
        "matched_n": found.n_matched,
        "precision": score(found.precision, "1", "no candidate event"),
        "recall": score(found.recall, "1", "no reference event"),
        "f1": score(found.f1, "1", "no event in either"),
        "onset_error": _spread(found.onset_error_s),
        "end_error": _spread(found.end_error_s),
    }


def _spread(errors_s: NDArray[np.float64]) -> Document:
    found = Spread.of(errors_s)
    names = ("median_s", "q25_s", "q75_s", "low95_s", "high95_s")
    values = {name: None if found is None else getattr(found, name) for name in names}
    return {"n": len(errors_s), **values, "reason": _NO_PAIR if found is None else None}


def _stages(found: StageAgreement) -> Document:
    """Return the agreement of stages."""
    nothing = "no epoch is scored in both"
    alike = nothing if not found.compared_n else "both have one and the same stage throughout"
    return {
        "epoch_s": found.epoch_s,
        "compared_n": found.compared_n,
        "only_reference_n": found.only_reference_n,
        "only_candidate_n": found.only_candidate_n,
        "neither_n": found.neither_n,
        "agreement": score(found.agreement, "1", nothing),
        "kappa": score(found.kappa, "1", alike),
        "by_stage": [_one_stage(found, stage) for stage in found.stages],
        "confusion": {
            "rows": "reference",
            "columns": "candidate",
            "stages": list(found.stages),
            "epochs_n": found.confusion_n.tolist(),
        },
    }


def _one_stage(found: StageAgreement, stage: str) -> Document:
    row = found.stages.index(stage)
    table = found.confusion_n
    reference_n, candidate_n = float(table[row].sum()), float(table[:, row].sum())
    reason = "no epoch is scored in both"
    if found.compared_n:
        reason = (
            f"neither has {stage}" if not reference_n + candidate_n else f"both have {stage} only"
        )
    return {
        "stage": stage,
        "reference_n": reference_n,
        "candidate_n": candidate_n,
        "both_n": float(table[row, row]),
        "kappa": score(found.kappa_of(stage), "1", reason),
    }


def _joined_alike(
    reference: Scored, candidate: Scored
) -> tuple[Scored, Scored, tuple[Finding, ...]]:
    """Return both sides with movements of both legs (or arms) joined, if one side joined them."""
    joined = [_has_joined(side) for side in (reference, candidate)]
    if joined[0] == joined[1]:
        return reference, candidate, ()
    by, of = (reference, candidate) if joined[0] else (candidate, reference)
    # a scorer who joined by hand does not state the rule
    rules = RULE_SETS.get(by.rules_name, WASM_2016)
    changed = replace(of, events=_with_sides_joined(of.events, rules))
    before_n, after_n = len(of.events.of_kind(["lm"])), len(changed.events.of_kind(["lm"]))
    message = (
        f"{before_n} movements became {after_n}: left and right are joined as in {by.name} "
        f"(rule {rules.name})"
    )
    about = (Finding("info", "agreement.joined_sides", of.name, message),)
    return (reference, changed, about) if joined[0] else (changed, candidate, about)


def _has_joined(side: Scored) -> bool:
    """Return whether a side has movements of both legs or arms."""
    return bool(np.isin(side.events.site, [Site.BOTH_LEGS, Site.BOTH_ARMS]).any())


def _with_sides_joined(events: Events, rules: ScoringRules) -> Events:
    """Return the events with the movements of each limb joined across sides, nothing dropped."""
    only_sides = replace(rules, min_duration_s=SLACK_S, join_within_s=0.0)
    done = events.where(events.kind != "lm")
    moved = events.of_kind(["lm"])
    in_pairs = np.isin(moved.site, list(BOTH_SIDES))
    done = done.joined_with(moved.where(~in_pairs))
    for sites in GROUP_SITES.values():
        limb = moved.where(np.isin(moved.site, list(sites)) & in_pairs)
        movements = Movements.of(limb.onset_s, limb.end_s, limb.site)
        found = combine(movements, only_sides).movements
        rows = Events.of(found.onset_s, found.end_s, ["lm"] * len(found), found.site)
        done = done.joined_with(rows)
    return done
