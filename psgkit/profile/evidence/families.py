"""Families of evidence: items of one family see the same property twice, in words."""

from collections.abc import Mapping

FAMILY_WORDS: Mapping[str, str] = {
    "place": "where it moves",
    "time_structure": "periodic or rhythmic",
    "amount": "how much",
    "posture": "lying or upright",
    "relief": "before and after getting up",
    "clock": "time of day and night",
    "sleep": "sleep",
    "skin": "scratching",
    "test": "immobilisation test",
    "criteria": "criteria asked",
    "scale": "rating scale",
    "feeling": "what is felt",
    "drugs": "drugs",
    "response": "what helped",
    "causes": "other causes",
    "diary": "diary of symptoms",
    "contradiction": "answers against recording",
}
