"""What each index is called; the labels lie in the texts."""

from psgkit.core.index_catalogue import index_order
from psgkit.report.words.texts import TextTable, has_text

INDEX_LABELS = TextTable("index", tuple(n for n in index_order() if has_text(f"index.{n}")))
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
