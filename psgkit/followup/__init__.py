"""The same person over several nights: indices along the doses that were taken, and their change.

Nothing here scores anything: the numbers are those of night reports (``report.json``).
"""

from psgkit.followup.change import Change, ChangeRule
from psgkit.followup.published import PUBLISHED_SPREAD, PublishedSpread
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
