"""The voice of the recording: what it shows for each condition, and what it could not show."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.answer.phrases import listed
from psgkit.profile.answer.rule import RecordedSigns
from psgkit.profile.answer.signs import NOUNS
from psgkit.profile.evidence.items import CONDITIONS, CONTRADICTION, all_evidence

Kind: TypeAlias = Literal["night", "test", "rest_test", "days"]

_KINDS = {
    "night": "recording",
    "test": "immobilisation test",
    "rest_test": "rest test",
    "days": "days of actigraphy",
}
_COULD_SHOW: Mapping[str, tuple[tuple[str, ...], str]] = {
    "rls": (
        ("emg_legs", "leg_rhythm", "sit", "rest_test", "days"),
        translatable("EMG of both legs missing"),
    ),
    "ras": (("emg_arms", "rest_arms"), translatable("EMG of both arms missing")),
    "rbs": (("emg_trunk", "rest_trunk"), translatable("EMG of the back missing")),
    "akathisia": (
        ("akathisia_sensors", "sit", "rest_test", "days"),
        translatable("sensors at ankle and waist missing"),
    ),
}
"""What has to be recorded for a condition to show, any of them; and what is missing otherwise."""
_WHERE_AND_WHEN = frozenset({"place", "relief"})
"""Families that say where, or when, something moves: worth a word only beside what moves."""
NO_RECORDING = f"{translatable('No recording')}."
_MOST_FINDINGS = 3
_RECORDED = {"legs": "emg_legs", "arms": "emg_arms", "back": "emg_trunk"}
_SITE_OF = {
    "contradiction_legs": "legs",
    "contradiction_arms": "arms",
    "contradiction_back": "back",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What was recorded.

    Attributes
    ----------
    evidence : sequence of mappings
        The entries of a profile, those of answers among them.
    met : collection of str
        The needs of the evidence that were recorded.
    kind : {"night", "test", "rest_test", "days"}
    simulated : bool
    """

    evidence: Sequence[Mapping[str, Any]]
    met: Collection[str]
    kind: Kind = "night"
    simulated: bool = False

    @property
    def measured(self) -> list[Mapping[str, Any]]:
        """Return the entries that the recording itself gave, with a value."""
        answers = {item.id for item in all_evidence().items if item.from_context}
        return [
            one for one in self.evidence if one["id"] not in answers and one["value"] is not None
        ]

    @property
    def points_to(self) -> list[str]:
        """Return the conditions that findings support and none speaks against."""
        signs = self.signs
        return [name for name in CONDITIONS if name in signs.supports - signs.against]

    @property
    def signs(self) -> RecordedSigns:
        """Return what the rule of leaning reads."""
        return RecordedSigns(
            supports=frozenset(
                name for one in self.measured for name in one["supports"] if _counts_alone(one)
            ),
            against=frozenset(name for one in self.measured for name in one["against"]),
            contradicted=frozenset(
                _SITE_OF[one["id"]]
                for one in self.evidence
                if one["family"] == CONTRADICTION and one["contradicts"]
            ),
            simulated=self.simulated,
        )

    def could_show(self, condition: str) -> bool:
        """Return whether a condition could have shown itself in what was recorded."""
        return any(_is_met(need, self.met) for need in _COULD_SHOW[condition][0])


def _counts_alone(entry: Mapping[str, Any]) -> bool:
    """Return whether a finding can point to a condition, or agree with answers, without others.

    Place, relief and evening were compared with nobody.  Arms of healthy people move periodically
    awake (68 % above 5/h, Gabelia 2014) and their legs asleep (36 % above 5/h, Frauscher 2014), so
    that the few movements of a quiet night lie somewhere, and before or after getting up.
    Discomfort that a test asks for is an answer, which counts as one already.
    """
    compared = entry["compared_with"] != "none"
    return compared or bool(entry["family"] == "time_structure")


def _is_met(need: str, met: Collection[str]) -> bool:
    return {"ankle", "waist"} <= set(met) if need == "akathisia_sensors" else need in met


def recording_sentence(recorded: Recorded | None) -> str:
    """Return what the recording shows and could not show, in one sentence.

    Examples
    --------
    >>> recording_sentence(None)
    'No recording.'
    >>> recording_sentence(Recorded(evidence=(), met=("emg_legs",)))[:44]
    'The recording shows nothing that bears on ei'
    """
    if recorded is None:
        return NO_RECORDING
    shown = list(_shown(recorded)) or [_nothing(recorded)]
    return f"{'; '.join([*shown, *_separates(recorded), *_blind(recorded)])}."


def _named(recorded: Recorded) -> str:
    """Return what was recorded, as the beginning of a sentence."""
    simulated = "simulated " if recorded.simulated else ""
    return f"The {simulated}{_KINDS[recorded.kind]}"


def _nothing(recorded: Recorded) -> str:
    what = _named(recorded)
    if recorded.kind == "days":
        return translatable(f"{what} show nothing that bears on either question")
    return translatable(f"{what} shows nothing that bears on either question")


def _shown(recorded: Recorded) -> Iterator[str]:
    """Yield a clause for each condition, akathisia first: what speaks for it, and against."""
    first = _first_clause(recorded)
    supported = recorded.signs.supports
    for name in ("akathisia", *CONDITIONS[:-1]):
        for column, word in (("supports", "for"), ("against", "against")):
            bearing = sorted((one for one in recorded.measured if name in one[column]), key=_rank)
            if column == "supports" and name not in supported:
                bearing = [one for one in bearing if one["family"] not in _WHERE_AND_WHEN]
            briefs = [str(one["brief"]) for one in bearing if one["brief"]]
            if briefs:
                yield first(word, NOUNS[name], ", ".join(briefs[:_MOST_FINDINGS]))
                first = _clause


def _first_clause(recorded: Recorded) -> Callable[[str, str, str], str]:
    """Return how the first clause is made, which names what was recorded."""
    what = _named(recorded)

    def made(word: str, noun: str, found: str) -> str:
        said = translatable(f"{what} speaks {word} {noun} ({found})")
        several = translatable(f"{what} speak {word} {noun} ({found})")
        return several if recorded.kind == "days" else said

    return made


def _clause(word: str, noun: str, found: str) -> str:
    against = translatable(f"against {noun} ({found})")
    return translatable(f"for {noun} ({found})") if word == "for" else against


def _rank(entry: Mapping[str, Any]) -> int:
    """Return the rank of a finding in its clause: time structure first, then as in the file."""
    return 0 if entry["family"] in {"time_structure", "test"} else 1


def _separates(recorded: Recorded) -> Iterator[str]:
    bearing = [one for one in recorded.measured if one["supports"] or one["against"]]
    compared = [one for one in bearing if one["compared_with"] in {"akathisia", "rls"}]
    if bearing and not compared:
        yield translatable("none of this was compared between akathisia and restless legs")


def _blind(recorded: Recorded) -> Iterator[str]:
    """Yield which conditions could not show in this montage."""
    blind = [name for name in CONDITIONS if not recorded.could_show(name)]
    if blind:
        words = listed([f"{NOUNS[name]} ({_COULD_SHOW[name][1]})" for name in blind], "or")
        it = translatable(f"it could not show {words}")
        yield translatable(f"they could not show {words}") if recorded.kind == "days" else it
