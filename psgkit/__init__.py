"""Periodic limb and trunk movements and sleep disruption from polysomnography and actigraphy.

A night in five lines::

    import psgkit

    recording = psgkit.read_recording("night.edf")
    hypnogram = psgkit.read_hypnogram("stages.csv", recording)
    report = psgkit.analyse_night(recording, hypnogram)
    report.legs.plms_index, report.plot(), report.to_frame()

Read: ``read_recording``, ``read_hypnogram``, ``read_events``, ``read_report``, ``read_days``.
Analyse: ``analyse_night``, ``analyse_many``, ``score_night``, ``analyse_days``; in parts,
``detect_movements`` and ``score_movements``.  Settings: ``Settings``, ``WASM_2016``, ``WASM_2006``,
``AASM_3``.  Draw: ``plot_night``, ``plot_hypnogram``, ``plot_recording``, ``plot_movements``,
``plot_movement``, ``plot_imi``, ``plot_heart_rate``, ``plot_profile``, ``plot_sensitivity``,
``plot_nights``, ``plot_actogram``.  Studies: ``summary`` (one row a night), ``compare_groups``,
``compare_events``, ``compare_stages``, ``threshold_sensitivity``.  Nights with known truth:
``simulate_night``.  Every error on purpose is a ``PsgkitError``.

psgkit is research software, not a medical device; a scorer must review what it finds.

The public names are resolved when they are first used, so that ``import psgkit`` costs no more
than importing numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.core.shown import drawn_by

if TYPE_CHECKING:
    from psgkit.agreement import compare_events, compare_stages
    from psgkit.cohort.many import analyse_many
    from psgkit.cohort.summary.frames import compare_groups, summary
    from psgkit.core.days.days_report import DaysReport
    from psgkit.core.events import Events
    from psgkit.core.hypnogram import Hypnogram
    from psgkit.core.movements import Movements
    from psgkit.core.night_report import NightReport
    from psgkit.core.recording import Recording
    from psgkit.core.signal import Signal
    from psgkit.days.walk import analyse_days
    from psgkit.detect.emg.detect import detect_movements
    from psgkit.document.read import read_report
    from psgkit.errors import PsgkitError
    from psgkit.indices.night_course import arousal_hazard, cumulative_plm, minute_series
    from psgkit.io.actigraphy.read import read_days
    from psgkit.io.read import read_recording
    from psgkit.io.scoring.read import read_events, read_hypnogram
    from psgkit.night.scored import score_night
    from psgkit.night.sensitivity import threshold_sensitivity
    from psgkit.night.walk import analyse_night
    from psgkit.report.figures.actogram import plot_actogram
    from psgkit.report.figures.heart_rate import plot_heart_rate
    from psgkit.report.figures.hypnogram import plot_hypnogram
    from psgkit.report.figures.imi import plot_imi
    from psgkit.report.figures.movement import plot_movement
    from psgkit.report.figures.movements import plot_movements
    from psgkit.report.figures.night import plot_night
    from psgkit.report.figures.nights import plot_nights
    from psgkit.report.figures.profile import plot_profile
    from psgkit.report.figures.recording import plot_recording
    from psgkit.report.figures.sensitivity import plot_sensitivity
    from psgkit.scoring.rules import AASM_3, WASM_2006, WASM_2016
    from psgkit.scoring.score import score_movements
    from psgkit.settings import Settings
    from psgkit.simulate import simulate_night

_WHERE = {
    "AASM_3": "psgkit.scoring.rules",
    "DaysReport": "psgkit.core.days.days_report",
    "Events": "psgkit.core.events",
    "Hypnogram": "psgkit.core.hypnogram",
    "Movements": "psgkit.core.movements",
    "NightReport": "psgkit.core.night_report",
    "PsgkitError": "psgkit.errors",
    "Recording": "psgkit.core.recording",
    "Settings": "psgkit.settings",
    "Signal": "psgkit.core.signal",
    "WASM_2006": "psgkit.scoring.rules",
    "WASM_2016": "psgkit.scoring.rules",
    "analyse_days": "psgkit.days.walk",
    "analyse_many": "psgkit.cohort.many",
    "analyse_night": "psgkit.night.walk",
    "compare_events": "psgkit.agreement",
    "compare_groups": "psgkit.cohort.summary.frames",
    "compare_stages": "psgkit.agreement",
    "arousal_hazard": "psgkit.indices.night_course",
    "cumulative_plm": "psgkit.indices.night_course",
    "minute_series": "psgkit.indices.night_course",
    "detect_movements": "psgkit.detect.emg.detect",
    "plot_actogram": "psgkit.report.figures.actogram",
    "plot_heart_rate": "psgkit.report.figures.heart_rate",
    "plot_hypnogram": "psgkit.report.figures.hypnogram",
    "plot_imi": "psgkit.report.figures.imi",
    "plot_movement": "psgkit.report.figures.movement",
    "plot_movements": "psgkit.report.figures.movements",
    "plot_night": "psgkit.report.figures.night",
    "plot_nights": "psgkit.report.figures.nights",
    "plot_profile": "psgkit.report.figures.profile",
    "plot_recording": "psgkit.report.figures.recording",
    "plot_sensitivity": "psgkit.report.figures.sensitivity",
    "read_days": "psgkit.io.actigraphy.read",
    "read_events": "psgkit.io.scoring.read",
    "read_hypnogram": "psgkit.io.scoring.read",
    "read_recording": "psgkit.io.read",
    "read_report": "psgkit.document.read",
    "score_movements": "psgkit.scoring.score",
    "score_night": "psgkit.night.scored",
    "simulate_night": "psgkit.simulate",
    "summary": "psgkit.cohort.summary.frames",
    "threshold_sensitivity": "psgkit.night.sensitivity",
}
_DRAWINGS = {
    "as_notebook_html": "psgkit.report.notebook",
    "indices_frame": "psgkit.report.notebook",
}
"""What nouns ask for besides public names to show themselves."""

__all__ = [  # noqa: RUF022 - in the order of a walk
    "__version__",
    "read_recording",
    "read_hypnogram",
    "read_events",
    "read_report",
    "analyse_night",
    "analyse_many",
    "score_night",
    "read_days",
    "analyse_days",
    "score_movements",
    "detect_movements",
    "compare_events",
    "compare_stages",
    "summary",
    "compare_groups",
    "simulate_night",
    "threshold_sensitivity",
    "plot_night",
    "plot_hypnogram",
    "plot_recording",
    "plot_movements",
    "plot_movement",
    "plot_imi",
    "plot_heart_rate",
    "plot_profile",
    "plot_sensitivity",
    "plot_nights",
    "plot_actogram",
    "arousal_hazard",
    "cumulative_plm",
    "minute_series",
    "Settings",
    "WASM_2016",
    "WASM_2006",
    "AASM_3",
    "Recording",
    "Signal",
    "Events",
    "Hypnogram",
    "Movements",
    "NightReport",
    "DaysReport",
    "PsgkitError",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name is
    if name not in _WHERE:
        raise AttributeError(f"module 'psgkit' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _drawing(name: str) -> Any:  # noqa: ANN401 - a function of any signature
    return getattr(import_module({**_WHERE, **_DRAWINGS}[name]), name)


drawn_by(_drawing)
