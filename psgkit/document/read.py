"""Read a night report (``report.json``) back, and the parts of reports that others need.

``model`` says what a file must hold and checks it with pydantic; here its values become nouns.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from psgkit.core.caution import Caution
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.message import translatable
from psgkit.core.night_report import (
    BreakdownRow,
    HeartRateCurve,
    ImiHistogram,
    Lights,
    NightReport,
    Profile,
)
from psgkit.core.recording import Channel, Segment
from psgkit.core.rejected import Rejected
from psgkit.core.reviewed import Reviewed
from psgkit.core.site import Site
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.core.stage_source import program_in
from psgkit.core.staged_indices import with_stage_source
from psgkit.core.threshold_index import ThresholdIndex
from psgkit.document.rows import (
    events_of,
    hypnogram_of_rows,
    movements_of,
    postures_of,
    rejected_of,
    rhythms_of,
    turns_of,
)
from psgkit.document.write import SCHEMA, TEST_SCHEMA
from psgkit.errors import InputFileError
from psgkit.io.text.own_files import own_file
from psgkit.io.text.read import file_name, read_text, refuse_large_json

if TYPE_CHECKING:
    from psgkit.document.model import (
        ChannelRow,
        Epochs,
        IndexRow,
        NightDocument,
        NightHead,
        RecordedFile,
    )
    from psgkit.document.sit_model import SitDocument

_TEST_SCHEMAS = (TEST_SCHEMA, "psgkit.rest_test/1")
_NIGHT = f"a night report ({SCHEMA})"
_WRITES_ONE = "psgkit report --out DIR writes one."


def read_report(path: str | os.PathLike[str]) -> NightReport:
    """Return the night report in a file; written again it is the same, byte for byte.

    Samples are not part of a report: its channels have none.

    Parameters
    ----------
    path : path
        ``report.json`` as ``psgkit report --out DIR`` writes it.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON or of another schema, or a field of it is broken;
        the message names the field.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from psgkit import Events, Hypnogram, score_night
    >>> from psgkit.report.write import write_report
    >>> table = Events.of([60.0], [62.0], ["lm"], ["left_leg"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_report(score_night(table, Hypnogram.of(["N2"] * 4)), folder)
    ...     read_report(Path(folder) / "report.json").indices["legs"]["lm_n"].value
    1
    """
    from psgkit.document.model import checked, night_document

    file = file_name(path)
    found = checked(_night_json(path), night_document(), file)
    recording, profile = found["recording"], found["profile"]
    report = NightReport(
        source=recording["file"] or "",
        sha256=recording["sha256"],
        start=start_of(recording),
        duration_s=recording["duration_s"],
        segments=tuple(Segment(**row) for row in recording["segments"]),
        settings=found["settings"],
        channels=tuple(map(_channel, found["channels"])),
        findings=(*findings_of(found), *_of_an_older_report(found, file)),
        movements=movements_of(found["movements"]),
        hypnogram=_hypnogram(found, file),
        events=events_of(found["events"]) if "events" in found else Events.none(),
        lights=Lights(**found["lights"]),
        indices=indices_of(found["indices"]),
        profile=Profile(
            statement=profile["statement"],
            evidence=tuple(profile["evidence"]),
            leaning=profile["leaning"],
            rule=profile["rule"],
            missing=tuple(profile["missing"]),
            # reports of earlier versions lack them
            answers=profile.get("answers", ""),
            timing=profile.get("timing", ""),
            recording=profile.get("recording", ""),
            together=profile.get("together", ""),
            cautions=tuple(profile.get("cautions", ())),
            matrix=tuple(profile.get("matrix", ())),
            questions=profile.get("questions", {}),
        ),
        postures=postures_of(found["postures"]),
        turns=turns_of(found["turns"]),
        rhythms=rhythms_of(found["rhythms"]),
        rejected=rejected_of(found["rejected"]) if "rejected" in found else Rejected.none(),
        relief=tuple(found["relief"]),
        breakdown=tuple(
            BreakdownRow(
                group=row["group"],
                by=row["by"],
                level=row["level"],
                indices=named_indices(row["indices"]),
            )
            for row in found["breakdown"]
        ),
        staging=_estimate(found, file),
        person=Sleeper(**found["person"]) if "person" in found else Sleeper(),
        imi={
            group: ImiHistogram(
                edges_s=np.array(row["edges_s"], dtype=np.float64),
                sleep_n=np.array(row["sleep_n"], dtype=np.int64),
                wake_n=np.array(row["wake_n"], dtype=np.int64),
            )
            for group, row in found["imi"].items()
        },
        sensitivity=tuple(
            ThresholdIndex(
                onset_uv=row["onset_uv"],
                offset_uv=row["offset_uv"],
                movements_n=row["movements_n"],
                index=named_indices({row["name"]: row["index"]})[row["name"]],
            )
            for row in found.get("sensitivity", ())
        ),
        heart_rate={
            name: HeartRateCurve(
                n=row["n"],
                at_s=np.array(row["at_s"], dtype=np.float64),
                median=np.array(row["median"], dtype=np.float64),
                low=np.array(row["low"], dtype=np.float64),
                high=np.array(row["high"], dtype=np.float64),
            )
            for name, row in found.get("heart_rate", {}).items()
        },
        cautions=cautions_of(found),
        version=found["psgkit"]["version"],
        reviewed=reviewed_of(found, file),
    )
    # in a file only indices of estimated stages say so
    return with_stage_source(report)


def reviewed_of(night: "NightHead | NightDocument", file: str) -> Reviewed | None:
    """Return who reviewed a night; None if not reviewed, or an earlier psgkit wrote it.

    Raises
    ------
    InputFileError
        If a field of it is broken.
    """
    row = night.get("reviewed")
    if row is None:
        return None
    kinds = {"by": str, "at": str, "version": str, "changes": dict, "comment": str}
    for name, kind in {**kinds, "signed": bool, "blind": bool}.items():
        if not isinstance(row.get(name), kind):
            wanted = f"a {kind.__name__} there, as psgkit writes it"
            raise InputFileError(f"{file}: reviewed.{name}", repr(row.get(name))[:60], wanted)
    counts = row["changes"]
    if not all(isinstance(count, int) for count in counts.values()):
        raise InputFileError(f"{file}: reviewed.changes", repr(counts)[:60], "whole numbers")
    return Reviewed(**{name: row[name] for name in (*kinds, "signed", "blind")})


def read_night_head(path: str | os.PathLike[str]) -> "NightHead":
    """Return recording, settings, findings and indices of a night report, checked.

    Raises
    ------
    InputFileError
        As ``read_report``; parts that are not returned are not looked at.
    """
    from psgkit.document.model import checked, night_head

    return checked(_night_json(path), night_head(), file_name(path))


def read_sit_document(path: str | os.PathLike[str]) -> "SitDocument":
    """Return what the report of an immobilisation test (``sit.json``) says for a profile, checked.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON, of another schema, or a field of it is broken.
    """
    from psgkit.document.model import checked
    from psgkit.document.sit_model import sit_document

    advice = "psgkit report RECORDING --protocol sit --out DIR writes one as sit.json."
    wanted = f"a report of an immobilisation test ({TEST_SCHEMA})"
    document = _json(path, wanted, advice)
    if _schema(document) != TEST_SCHEMA:
        own = own_file(_schema(document))
        instead = advice if own is None else f"{own.read_by} {advice}"
        raise InputFileError(file_name(path), _schema_in_words(document), wanted, instead)
    return checked(document, sit_document(), file_name(path))


def is_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a text file is a JSON object, as a report is."""
    return read_text(path).lstrip("\ufeff \t\r\n").startswith("{")


def is_test_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a JSON file is the report of an immobilisation test or of a rest test.

    Raises
    ------
    InputFileError
        If the file cannot be read or is no JSON.
    """
    return _schema(_json(path, _NIGHT, _WRITES_ONE)) in _TEST_SCHEMAS


def start_of(recording: "RecordedFile") -> datetime | None:
    """Return when a recording began; None where its report does not say."""
    return datetime.fromisoformat(recording["start"]) if recording["start"] else None


def findings_of(night: "NightHead | NightDocument") -> tuple[Finding, ...]:
    """Return the findings of a night report."""
    return tuple(
        Finding(row["severity"], row["code"], row["where"], row["message"])
        for row in night["findings"]
    )


def cautions_of(night: "NightHead | NightDocument") -> tuple[Caution, ...]:
    """Return the cautions of a night report; none if an earlier psgkit wrote it."""
    return tuple(
        Caution(
            code=row["code"],
            severity=row["severity"],
            message=row["message"],
            advice=row["advice"],
            concerns=tuple(row["concerns"]),
        )
        for row in night.get("cautions", ())
    )


def indices_of(groups: "Mapping[str, Mapping[str, IndexRow]]") -> dict[str, dict[str, Index]]:
    """Return the indices of a report by group and name."""
    return {group: named_indices(rows) for group, rows in groups.items()}


def named_indices(rows: "Mapping[str, IndexRow]") -> dict[str, Index]:
    """Return indices by name."""
    return {
        name: Index(
            name=name,
            value=row["value"],
            unit=row["unit"],
            numerator=row["numerator"],
            denominator_h=row["denominator_h"],
            reason=row["reason"],
            # reports of earlier versions lack it
            stages_from=row.get("stages_from"),
        )
        for name, row in rows.items()
    }


def _json(path: str | os.PathLike[str], wanted: str, advice: str) -> Any:  # noqa: ANN401
    """Return a parsed JSON file of any schema."""
    where = file_name(path)
    try:
        text = read_text(path)
    except InputFileError as error:
        raise InputFileError(where, error.found, wanted, advice) from error
    refuse_large_json(text, where, wanted)
    try:
        return json.loads(text.lstrip("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputFileError(where, f"broken JSON ({error})", wanted) from None


def _night_json(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 - not yet checked
    document = _json(path, _NIGHT, _WRITES_ONE)
    schema = _schema(document)
    if schema == SCHEMA:
        return document
    advice = "psgkit report --out DIR writes one as report.json."
    own = own_file(schema)
    if own is not None:
        advice = own.read_by
    found = _schema_in_words(document)
    raise InputFileError(file_name(path), found, f"the schema {SCHEMA!r}", advice)


def _schema(document: object) -> object:
    """Return the schema that a document states, None without one."""
    return document.get("schema") if isinstance(document, Mapping) else None


def _schema_in_words(document: object) -> str:
    schema = _schema(document)
    own = own_file(schema)
    if own is not None:
        return f"{own.words}, schema {schema!r}"
    return f"JSON with the schema {schema!r}" if schema else "JSON without a schema"


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _channel(row: "ChannelRow") -> Channel:
    return Channel(
        label=row["label"],
        role=row["role"] or "",
        site=Site(row["site"] or ""),
        unit=row["unit"] or "",
        rate_hz=row["rate_hz"],
        status=row["status"],
        reason=row["reason"] or "",
        place=row.get("place") or "",
        axis=row.get("axis") or "",
        rule=row.get("rule") or "",
        samples=np.empty(0, dtype=np.float32),
    )


def _estimate(found: "NightDocument", file: str) -> StageEstimate | None:
    """Return how the stages were estimated; None if a scorer gave them."""
    row, stages = found.get("staging"), _hypnogram(found, file)
    if row is None or stages is None:
        return None
    columns = [row["probability"].get(stage, []) for stage in PROBABLE_STAGES]
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise InputFileError(
            f"{file}: staging.probability",
            f"columns of {sorted(lengths)} epochs",
            f"one column of equal length for each of {', '.join(PROBABLE_STAGES)}",
        )
    return StageEstimate(
        method=row["method"],
        version=row["version"],
        hypnogram=stages,
        probability=np.array(columns, dtype=np.float64).T,
        channels=row["channels"],
        missing=row["missing"],
        sleeper=Sleeper(age_years=row["age_years"], sex=row["sex"]),
    )


def _hypnogram(night: "NightDocument", file: str) -> Hypnogram | None:
    """Return the stages; None if there are none.

    An empty table may be a hypnogram without epochs, and rounded rows do not state the exact length
    of an epoch: ``epochs`` does both.  Reports without that key are read by their rows.
    """
    rows = night["hypnogram"]
    if "epochs" not in night:
        return hypnogram_of_rows(rows, file)
    epochs = night["epochs"]
    if epochs is None:
        return None
    stages = [row["stage"] for row in rows]
    found = Hypnogram.of(stages, epoch_s=epochs["duration_s"], start_s=epochs["start_s"])
    return replace(found, estimated_by=_program_of(night, epochs))


def _program_of(night: "NightDocument", epochs: "Epochs") -> str:
    """Return the program that estimated the stages; earlier versions say it elsewhere."""
    staging = night.get("staging")
    if staging is not None:
        return f"{staging['method']} {staging['version']}"
    said = [epochs.get("stages_from", "")]
    said += [row["message"] for row in night["findings"] if row["code"] == "staging.estimated"]
    return next(filter(None, map(program_in, said)), "")


def _of_an_older_report(night: "NightDocument", file: str) -> tuple[Finding, ...]:
    """Return the finding that a report was written before events and epochs were part of it."""
    if "events" in night and "epochs" in night:
        return ()
    message = translatable(
        "the report was written by an earlier psgkit, without the events a scorer marked: "
        "arousals and respiratory events are not shown or exported"
    )
    return (Finding("warning", "report.older", file, message),)
