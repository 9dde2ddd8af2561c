"""The parts of a report of an immobilisation test that psgkit reads, for pydantic."""

from functools import cache
from typing import Annotated, Literal, NotRequired

from pydantic import AfterValidator, TypeAdapter
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from psgkit.document.model import (
    IndexGroups,
    IndexValue,
    Number,
    NumberOrNull,
    OneOf,
    RecordedFile,
    TextOrNull,
    refusal,
)


class SitPart(TypedDict):
    """Which test it was, and how many of its seconds count."""

    name: Annotated[str, OneOf(("sit", "msit"))]
    awake_s: Number


class MeanAnswer(TypedDict):
    """The mean of the answers about discomfort, or why there is none."""

    mean: NumberOrNull
    unit: TextOrNull
    reason: TextOrNull


def _has_mean_or_reason(row: MeanAnswer) -> MeanAnswer:
    if (row["mean"] is None) != (row["reason"] is not None):
        found = f"mean {row['mean']} with reason {row['reason']!r}"
        raise refusal(found, "a mean or the reason why there is none")
    return row


class SitDocument(TypedDict):
    """The parts of a report of an immobilisation test that go into the profile of a night."""

    schema: Literal["psgkit.sit/1"]
    recording: RecordedFile
    protocol: SitPart
    indices: IndexGroups
    rhythm: NotRequired[dict[str, IndexValue]]
    discomfort: Annotated[MeanAnswer, AfterValidator(_has_mean_or_reason)]


@cache
def sit_document() -> TypeAdapter[SitDocument]:
    """Return what checks a report of an immobilisation test."""
    return TypeAdapter(SitDocument)
