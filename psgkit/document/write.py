"""Night report to JSON, schema ``psgkit.night/1``.

Conventions: keys and their order are fixed; a missing value is null, never an absent key and never
NaN; times and values have six decimals, settings and sampling rates all digits; text is written as
it was found, because JSON escapes what needs escaping.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.index_catalogue import in_order, is_count
from psgkit.core.night_report import HeartRateCurve, ImiHistogram, NightReport, Profile
from psgkit.core.recording import Channel
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.core.stage_source import is_estimate
from psgkit.core.threshold_index import ThresholdIndex
from psgkit.document.masking import masked
from psgkit.document.outside_text import bare_name, encodable
from psgkit.document.rows import (
    epoch_rows,
    event_rows,
    movement_rows,
    posture_rows,
    rejected_rows,
    rhythm_rows,
    turn_rows,
)
from psgkit.document.values import finite, plain, tidy, tidy_column, tidy_count

INDEX_FIELDS = ("value", "unit", "numerator", "denominator_h", "reason", "stages_from")
"""The keys of an index in every document and table; see ``index_row``."""
SCHEMA = "psgkit.night/1"
TEST_SCHEMA = "psgkit.sit/1"
_GROUPS = ("sleep", "disruption", "legs", "arms", "trunk")
_EVIDENCE: dict[str, Any] = {
    "id": None,
    "value": None,
    "unit": None,
    "reason": None,
    "supports": [],
    "against": [],
    "grade": None,
    "source": None,
    "source_status": None,
    "compared_with": None,
    "n": None,
    "text": None,
}


def night_as_json(report: NightReport) -> str:
    """Return the night report as JSON text; the same report always gives the same bytes.

    A table has a line a row, so that thousands of movements stay readable.
    """
    return "".join(night_json_pieces(report))


def night_json_pieces(report: NightReport) -> Iterator[str]:
    """Yield the JSON text piece by piece, so that it is never held as a whole."""
    report = masked(report)
    return json_pieces(_document(report, movement_rows(report.movements)))


def as_lines(document: Mapping[str, Any]) -> str:
    """Return a document as JSON text with a line a row."""
    return "".join(json_pieces(document))


def json_pieces(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a document as JSON text with a line a row; a table may be an iterator of rows."""
    for number, (key, value) in enumerate(document.items()):
        yield f'{"," if number else "{"}\n  "{key}": '
        yield from map(encodable, _value_pieces(value))
    yield "\n}\n" if document else "{\n\n}\n"


def _value_pieces(value: Any) -> Iterator[str]:  # noqa: ANN401 - any value of the schema
    """Yield one top-level value as text: rows of a table and indices a line each."""
    if isinstance(value, (list, Iterator)):
        yield from _row_pieces(value)
    elif isinstance(value, dict) and value:
        yield "{\n" + ",\n".join(_group_line(key, inner) for key, inner in value.items()) + "\n  }"
    else:
        yield _compact(value)


def _row_pieces(rows: Iterable[Any]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield f"{before}    {_compact(row)}"
        before = ",\n"
    yield "[]" if before == "[\n" else "\n  ]"


def _group_line(key: str, inner: Any) -> str:  # noqa: ANN401 - any value of the schema
    """Return a group of indices, a line each, or another value on one line."""
    if isinstance(inner, dict) and any(isinstance(one, dict) for one in inner.values()):
        rows = (f"      {_compact(name)}: {_compact(one)}" for name, one in inner.items())
        return f"    {_compact(key)}: {{\n" + ",\n".join(rows) + "\n    }"
    return f"    {_compact(key)}: {_compact(inner)}"


def _compact(value: Any) -> str:  # noqa: ANN401 - any value of the schema
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def night_as_dict(report: NightReport) -> dict[str, Any]:
    """Return the night report as plain values, keyed as in the schema."""
    return _document(report, list(movement_rows(report.movements)))


def _document(report: NightReport, movements: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the parts of the schema in their order."""
    lights = report.lights
    return {
        "schema": SCHEMA,
        "psgkit": {"version": report.version},
        "recording": {
            "file": bare_name(report.source),
            "sha256": report.sha256,
            "start": report.start.isoformat() if report.start else None,
            "duration_s": tidy(report.duration_s),
            "segments": [
                {"start_s": tidy(part.start_s), "duration_s": tidy(part.duration_s)}
                for part in report.segments
            ],
        },
        "settings": plain(report.settings),
        "lights": {
            "off_s": tidy(lights.off_s),
            "on_s": tidy(lights.on_s),
            "off_source": lights.off_source,
            "on_source": lights.on_source,
        },
        "channels": [channel_row(channel) for channel in report.channels],
        "findings": plain(report.findings),
        "movements": movements,
        "postures": posture_rows(report.postures),
        "turns": turn_rows(report.turns),
        "rhythms": rhythm_rows(report.rhythms),
        "rejected": rejected_rows(report.rejected),
        "relief": plain(report.relief),
        "events": event_rows(report.events),
        "hypnogram": epoch_rows(report.hypnogram),
        "epochs": _epochs(report.hypnogram),
        "staging": _staging(report.staging),
        "cautions": plain(report.cautions),
        "reviewed": plain(report.reviewed),
        "person": plain(report.person),
        "indices": _indices(report.indices),
        "breakdown": [
            {"group": row.group, "by": row.by, "level": row.level, "indices": _named(row.indices)}
            for row in report.breakdown
        ],
        "imi": {group: _imi(histogram) for group, histogram in report.imi.items()},
        "heart_rate": {name: _heart_rate(curve) for name, curve in report.heart_rate.items()},
        "sensitivity": _sensitivity(report.sensitivity),
        "profile": profile_row(report.profile),
    }


def _sensitivity(found: tuple[ThresholdIndex, ...]) -> list[dict[str, Any]]:
    """Return one mapping a pair of thresholds."""
    return [
        {
            "onset_uv": tidy(one.onset_uv),
            "offset_uv": tidy(one.offset_uv),
            "movements_n": one.movements_n,
            "name": one.index.name,
            "index": index_json(one.index),
        }
        for one in found
    ]


def index_row(index: Index) -> dict[str, Any]:
    """Return an index by ``INDEX_FIELDS``; a value that is no finite number counts as missing.

    Examples
    --------
    >>> index_row(Index.rate("plms_index", 30, 6.0, otherwise="no sleep"))["denominator_h"]
    6.0
    """
    index = finite(index)
    return {
        "value": tidy_count(index.value) if is_count(index.name) else tidy(index.value),
        "unit": index.unit,
        "numerator": tidy_count(index.numerator),
        "denominator_h": tidy(index.denominator_h),
        "reason": index.reason,
        "stages_from": index.stages_from,
    }


def index_json(index: Index) -> dict[str, Any]:
    """Return an index as an object of JSON: with ``stages_from`` only where stages are estimated.

    Examples
    --------
    >>> "stages_from" in index_json(Index.rate("plms_index", 30, 6.0, otherwise="no sleep"))
    False
    """
    row = index_row(index)
    if not is_estimate(index.stages_from):
        del row["stages_from"]
    return row


def _named(indices: Mapping[str, Index]) -> dict[str, Any]:
    return {name: index_json(indices[name]) for name in in_order(indices)}


def _indices(groups: Mapping[str, Mapping[str, Index]]) -> dict[str, Any]:
    """Return all groups; the five of the schema are written even without indices."""
    others = [group for group in groups if group not in _GROUPS]
    return {group: _named(groups.get(group, {})) for group in (*_GROUPS, *others)}


def channel_row(channel: Channel) -> dict[str, Any]:
    """Return one channel without its samples."""
    return {
        "label": channel.label,
        "role": channel.role or None,
        "site": str(channel.site) or None,
        "unit": channel.unit or None,
        "rate_hz": plain(channel.rate_hz),
        "status": channel.status,
        "reason": channel.reason or None,
        "place": channel.place or None,
        "axis": channel.axis or None,
        "rule": channel.rule or None,
    }


def _epochs(hypnogram: Hypnogram | None) -> dict[str, Any] | None:
    """Return start and length of the epochs with all digits; the rows have six decimals."""
    if hypnogram is None:
        return None
    return {
        "start_s": plain(hypnogram.start_s),
        "duration_s": plain(hypnogram.epoch_s),
        "stages_from": hypnogram.stages_from,
    }


def _staging(estimate: StageEstimate | None) -> dict[str, Any] | None:
    """Return how stages were estimated; None for stages that a scorer gave."""
    if estimate is None:
        return None
    return {
        "label": estimate.hypnogram.stages_from,
        "method": estimate.method,
        "version": estimate.version,
        "channels": dict(estimate.channels),
        "missing": dict(estimate.missing),
        "age_years": plain(estimate.sleeper.age_years),
        "sex": estimate.sleeper.sex,
        "probability": {
            stage: tidy_column(column)
            for stage, column in zip(PROBABLE_STAGES, estimate.probability.T, strict=True)
        },
    }


def _imi(histogram: ImiHistogram) -> dict[str, Any]:
    """Return the counts of a histogram of inter-movement intervals."""
    return {
        "edges_s": tidy_column(histogram.edges_s),
        "sleep_n": histogram.sleep_n.tolist(),
        "wake_n": histogram.wake_n.tolist(),
    }


def _heart_rate(curve: HeartRateCurve) -> dict[str, Any]:
    """Return the change of heart rate around movements."""
    return {
        "n": curve.n,
        "at_s": tidy_column(curve.at_s),
        "median": tidy_column(curve.median),
        "low": tidy_column(curve.low),
        "high": tidy_column(curve.high),
    }


def profile_row(profile: Profile) -> dict[str, Any]:
    """Return the profile; fields that a piece of evidence lacks are null."""
    return {
        "statement": profile.statement,
        "evidence": [{**_EVIDENCE, **plain(piece)} for piece in profile.evidence],
        "leaning": plain(profile.leaning),
        "rule": profile.rule,
        "missing": plain(profile.missing),
        "answers": profile.answers,
        "timing": profile.timing,
        "recording": profile.recording,
        "together": profile.together,
        "cautions": list(profile.cautions),
        "matrix": plain(profile.matrix),
        "questions": plain(profile.questions),
    }
