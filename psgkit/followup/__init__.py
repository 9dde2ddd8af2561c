"""One person over several nights: indices along the doses of drugs, and their change.

Nothing is scored here: all numbers come from night reports (``report.json``).
"""

from psgkit.followup.change import PUBLISHED_SPREAD, Change, ChangeRule, PublishedSpread
from psgkit.followup.reported import ReportedNight, read_reported_night, read_reported_nights
from psgkit.followup.walk import NightCourse, follow_nights

__all__ = [
    "PUBLISHED_SPREAD",
    "Change",
    "ChangeRule",
    "NightCourse",
    "PublishedSpread",
    "ReportedNight",
    "follow_nights",
    "read_reported_night",
    "read_reported_nights",
]
