"""The evidence as it is read: nothing is said twice, and nothing that was told is hidden."""

import re
from typing import Any

import pytest

from psgkit.core.night_report import Profile
from psgkit.profile.evidence.from_indices import Value
from psgkit.profile.evidence.items import Item, all_evidence
from psgkit.profile.evidence.of_night import Found, _entry
from psgkit.report.night.profile import evidence_in_words, section_of_profile
from psgkit.report.words.language import in_language


def evidence(id_: str, value: float, says: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "value": value, "text": says, "supports": [], "against": [], **more}


@pytest.mark.parametrize(
    ("helped", "failed", "said"),
    [
        (0.0, 1.0, ["lorazepam failed."]),
        (1.0, 0.0, ["lorazepam helped."]),
        (1.0, 1.0, ["lorazepam helped.", "lorazepam failed."]),
    ],
)
def test_that_none_helped_is_not_said_beside_that_all_failed(
    helped: float, failed: float, said: list[str]
) -> None:
    words = {0.0: "none", 1.0: "lorazepam"}
    pieces = (
        evidence("akathisia_drugs", helped, f"{words[helped]} helped."),
        evidence("akathisia_drugs_failed", failed, f"{words[failed]} failed."),
        evidence("sleep_latency", 0.0, "It took 0 min to fall asleep."),
    )
    section = section_of_profile(Profile(statement="", evidence=pieces))
    rows = [row[0] for part in section.parts if part.kind == "table" for row in part.rows]
    assert rows == [*said, "It took 0 min to fall asleep."]


@pytest.mark.parametrize("item", all_evidence().items, ids=lambda item: item.id)
def test_every_sentence_of_evidence_is_in_german(item: Item) -> None:
    english = re.compile(r"\b(the|of|was|were|and|as|in|is|not|this|at|by)\b")
    values = [1.5, *(band.start for band in item.bands if band.start > float("-inf"))]
    for value in values:
        found = Value(value=value, words="Amisulprid" if item.from_context else "")
        piece = _entry(Found(item=item, value=found, band=item.bears(value)))
        with in_language("de"):
            said = evidence_in_words(piece)
        assert said != piece["text"]
        # "in" and "was" are German, too
        wrong = [word for word in english.findall(said) if word not in {"in", "was"}]
        assert wrong == [], said
    assert evidence_in_words(piece) == piece["text"]


def test_a_channel_that_is_missing_and_a_diary_are_in_german() -> None:
    piece = {
        "id": "x",
        "text": "It took 12 min to fall asleep. Not interpretable here: this needs sleep stages.",
    }
    count = {
        "id": "diary_evening_back",
        "text": "8 of 9 evening entries of the back exceed the median by day (2.5). "
        "The cut-off is psgkit's own choice.",
    }
    with in_language("de"):
        said = evidence_in_words(piece)
        assert said.startswith("Das Einschlafen dauerte 12 min. Hier nicht deutbar")
        assert evidence_in_words(count) == (
            "8 von 9 Eintr\u00e4gen (R\u00fccken, Abend) liegen \u00fcber dem Median am Tag "
            "(2,5). Der Grenzwert ist eine eigene Wahl von psgkit."
        )
