"""Agreement of two scorings of one night: events by onset or overlap, stages epoch by epoch.

A score without a denominator is None, never 0: precision without a candidate event, recall without
a reference event, kappa if chance alone explains all agreement.
"""

from psgkit.agreement.events import (
    Agreement,
    Scoring,
    Spread,
    compare_by_site,
    compare_events,
    compare_overlaps,
)
from psgkit.sleep.stage_agreement import StageAgreement, compare_stages

__all__ = [
    "Agreement",
    "Scoring",
    "Spread",
    "StageAgreement",
    "compare_by_site",
    "compare_events",
    "compare_overlaps",
    "compare_stages",
]
