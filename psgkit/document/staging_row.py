"""How a night report states estimated stages, and who slept; a part of ``model.py``."""

from typing import NotRequired

from typing_extensions import TypedDict


class PersonRow(TypedDict):
    """Age and sex, null where they are not stated, and where each is known from."""

    age_years: float | None
    sex: str | None
    age_from: NotRequired[str]
    sex_from: NotRequired[str]


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
