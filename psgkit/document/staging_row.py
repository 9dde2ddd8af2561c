"""How a night report states estimated stages; a part of ``model.py``."""

from typing_extensions import TypedDict


class StagingRow(TypedDict):
    """How stages were estimated, and the probability of each stage in each epoch."""

    label: str
    method: str
    version: str
    channels: dict[str, str]
    missing: dict[str, str]
    age_years: float | None
    sex: str | None
    probability: dict[str, list[float | None]]
