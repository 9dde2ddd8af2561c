"""What each index is called; the labels lie in the texts."""

from psgkit.core.index_catalogue import INDEX_ORDER
from psgkit.report.words.texts import TextTable

INDEX_LABELS = TextTable("index", INDEX_ORDER)
"""Label of every index of the schema, in its order, and of a few more beside their kin."""

INDEX_OF_GROUP = (
    "episodes_n",
    "before_rate",
    "up_rate",
    "after_rate",
    "relief_ratio",
    "relief_ratio_low",
    "relief_ratio_high",
    "up_ratio",
    "up_ratio_low",
    "up_ratio_high",
)
"""Ends of names that begin with the group of movements they are about."""
