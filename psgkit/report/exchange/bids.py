"""Night report as a BIDS derivative: events as TSV with a JSON sidecar on its columns.

Names follow BIDS 1.10 (``sub``, ``ses``, ``task``, ``run``, ``desc``); a missing value is ``n/a``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psgkit._version import __version__
from psgkit.core.night_report import NightReport
from psgkit.core.stage_source import is_estimate
from psgkit.document.outside_text import csv_cell, visible
from psgkit.document.rows import movement_rows, posture_rows, rhythm_rows
from psgkit.report.exchange.marks import SENSOR_KIND, scored_marks
from psgkit.report.exchange.names import Entities, bids_names

BIDS_VERSION = "1.10.0"
_COLUMNS = {
    "onset": "Onset from the start of the recording",
    "duration": "Duration",
    "trial_type": "What the line is",
    "site": "Part of the body of a movement",
    "channel": "Channels in which a movement was detected, joined by +",
    "modality": "What a movement was found in: emg, accelerometer, or scored elsewhere",
    "candidate": "Whether a movement may join a series (CLM)",
    "plm": "Whether a movement is periodic, in a series (PLM); n/a for accelerometers",
    "series": "Number of the series a movement belongs to",
    "plmnr": "Whether a movement is in a series linked without respiratory ones (PLMnr)",
    "series_nr": "Number of that series",
    "respiratory": "Whether a movement is tied to a respiratory event",
    "arousal": "Whether a movement is tied to an arousal",
    "movement_stage": "Sleep stage a movement is counted in",
    "imi": "Interval from the onset of the candidate before",
    "imi_nr": "The same interval without respiratory candidates",
    "amplitude": "Mean amplitude of a movement above the resting level",
    "amplitude_unit": "Unit of the amplitude",
}
"""Columns of a table of events, and their descriptions, which are English for other programs."""
_UNITS = {"onset": "s", "duration": "s", "imi": "s", "imi_nr": "s"}
_FLAGS = ("candidate", "plm", "plmnr", "respiratory", "arousal")
_TRIAL_TYPES = {
    "limb_movement": "Limb or trunk movement (LM)",
    SENSOR_KIND: "Movement of an accelerometer: an estimate, not comparable with EMG",
    "arousal": "EEG arousal",
    "apnea": "Apnea",
    "hypopnea": "Hypopnea",
    "rera": "Respiratory effort related arousal",
    "artifact": "Artifact",
    "lights_off": "Lights off",
    "lights_on": "Lights on",
    "sleep_stage_W": "Wake",
    "sleep_stage_N1": "N1",
    "sleep_stage_N2": "N2",
    "sleep_stage_N3": "N3",
    "sleep_stage_R": "REM sleep",
    "sleep_stage_SLEEP": "Sleep, stage not stated",
    "posture": "Posture of the trunk: supine, prone, left, right, lying, upright, walking, unknown",
    "rhythm": "Rhythmic train; which kind follows",
}
"""What a row can be; ``posture`` and ``rhythm`` go on with which one (``posture_left``)."""
_MISSING = "n/a"
_README = """\
Movements, events and sleep stages of nights, exported by psgkit {version}.

One line of an events file is a movement, an event that a scorer marked, an epoch of sleep, a
posture or a rhythmic train; the JSON beside it says what its columns mean. Movements of
accelerometers are estimates, not comparable with those of the EMG, and are never called periodic
limb movements. Subjects without a given label are called by a digest of their recording.

Research software, not a medical device: a scorer must review what it found.
"""


def bids_files(reports: Sequence[NightReport], entities: Entities) -> dict[str, str]:
    """Return the files of a BIDS derivative with the events of all ``reports``, by path."""
    files = {
        "dataset_description.json": _as_json(_description()),
        "README": _README.format(version=__version__),
    }
    for name, report in zip(bids_names(reports, entities), reports, strict=True):
        files[f"{name}_events.tsv"] = _events_tsv(report)
        files[f"{name}_events.json"] = _as_json(_sidecar(report))
    return files


def _as_json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _description() -> dict[str, Any]:
    return {
        "Name": "Scored movements, events and sleep stages by psgkit",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [
            {
                "Name": "psgkit",
                "Version": __version__,
                "Description": (
                    "Periodic limb movements from polysomnography. Research software, not a "
                    "medical device."
                ),
            }
        ],
    }


def _sidecar(report: NightReport) -> dict[str, Any]:
    """Return the meaning of each column and of the codes of ``trial_type``."""
    columns: dict[str, Any] = {
        name: {
            "Description": description,
            **({"Units": _UNITS[name]} if name in _UNITS else {}),
            **({"Levels": {"1": "yes", "0": "no"}} if name in _FLAGS else {}),
        }
        for name, description in _COLUMNS.items()
    }
    source = f", {report.stages_from}" if is_estimate(report.stages_from) else ""
    columns["trial_type"]["Levels"] = {
        name: f"{words}{source}" if name.startswith("sleep_stage_") else words
        for name, words in _TRIAL_TYPES.items()
    }
    if source:
        columns["trial_type"]["Description"] += f"; sleep stages are {report.stages_from}"
    rules = report.settings.get("rules", {})
    columns["plm"]["Rules"] = str(rules.get("name", ""))
    return columns


def _events_tsv(report: NightReport) -> str:
    """Return one line for each movement, event, epoch, posture and train, in time order."""
    rows = sorted(_rows(report), key=lambda row: float(row["onset"]))
    lines = ["\t".join(_COLUMNS)]
    lines += ["\t".join(_cell(row.get(name)) for name in _COLUMNS) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _rows(report: NightReport) -> Iterator[dict[str, Any]]:
    yield from map(_movement, movement_rows(report.movements))
    for mark in scored_marks(report):
        if mark.sort in ("event", "stage"):
            word = f"sleep_stage_{mark.kind}" if mark.sort == "stage" else mark.kind
            site = mark.place.replace(" ", "_")
            times = {"onset": mark.onset_s, "duration": mark.duration_s}
            yield {**times, "trial_type": word, "site": site}
    for row in posture_rows(report.postures):
        yield {**_spanned(row), "trial_type": f"posture_{row['posture']}"}
    for row in rhythm_rows(report.rhythms):
        own = {"channel": row["place"], "site": row["site"], "modality": row["modality"]}
        yield {**_spanned(row), "trial_type": f"rhythm_{row['kind']}", **own}


def _spanned(row: Mapping[str, Any]) -> dict[str, float]:
    return {"onset": row["onset_s"], "duration": round(row["end_s"] - row["onset_s"], 6)}


def _movement(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a movement; one of an accelerometer has ``n/a`` for PLM."""
    sensor = row["modality"] == "accelerometer"
    return {
        **row,
        **_spanned(row),
        "trial_type": SENSOR_KIND if sensor else "limb_movement",
        "channel": "+".join(row["channels"]),
        "movement_stage": row["stage"],
        "imi": row["imi_s"],
        "imi_nr": row["imi_nr_s"],
        **({"plm": None, "plmnr": None} if sensor else {}),
    }


def _cell(value: Any) -> str:  # noqa: ANN401 - any value of a row
    """Return one value as a TSV cell: on one line, no formula, ``n/a`` for a missing one."""
    if value is None or value == "":
        return _MISSING
    if isinstance(value, bool):
        return "1" if value else "0"
    return csv_cell(visible(value)) if isinstance(value, str) else str(value)
