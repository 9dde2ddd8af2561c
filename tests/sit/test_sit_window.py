"""Which part of a recording is the test: typed, marked, or all of it."""

import pytest

from psgkit.core.events import Events
from psgkit.core.recording import Annotations, Recording, Segment
from psgkit.errors import SettingsError
from psgkit.sit.test_window import MarkedPart, find_part


def recording(*marks: tuple[float, float, str], lasts_s: float = 4000.0) -> Recording:
    onset_s, duration_s, text = zip(*marks, strict=True) if marks else ((), (), ())
    return Recording(
        source="sit.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=lasts_s),),
        channels=(),
        annotations=Annotations(onset_s=onset_s, duration_s=duration_s, text=text),
    )


def codes(recording: Recording, **typed: float) -> list[str]:
    return [finding.code for finding in find_part(recording, **typed)[1]]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("SIT start", "SIT end"),
        ("sit_start", "sit_stop"),
        ("Start of SIT", "End of the SIT"),
        ("m-SIT begin", "mSIT finished"),
        ("SIT 2: start", "SIT 2: end"),
        ("Suggested Immobilization Test start", "suggested immobilisation test ended"),
        ("Immobilisationstest Beginn", "Immobilisationstest Ende"),
        ("d\u00e9but du test d'immobilisation", "fin du test d'immobilisation"),
    ],
)
def test_marks_are_recognised_loosely_and_a_finding_says_how(start: str, end: str) -> None:
    part, findings = find_part(recording((300.0, 0.0, start), (3900.0, 0.0, end)))
    assert part == MarkedPart(from_s=300.0, to_s=3900.0, source="annotation")
    assert [finding.code for finding in findings] == ["protocol.marks"]
    assert repr(start) in findings[0].message
    assert repr(end) in findings[0].message


@pytest.mark.parametrize(
    "text", ["sits up", "SIT?", "sitting start", "visit start", "SIT", "started", "transit end"]
)
def test_other_texts_mark_nothing(text: str) -> None:
    part, findings = find_part(recording((300.0, 0.0, text)))
    assert (part.from_s, part.to_s) == (0.0, 4000.0)
    assert [finding.code for finding in findings] == ["protocol.unmarked"]


def test_one_mark_that_lasts_is_the_whole_test() -> None:
    part, _ = find_part(recording((200.0, 3600.0, "SIT")))
    assert (part.from_s, part.to_s) == (200.0, 3800.0)


def test_a_start_without_an_end_lasts_to_the_end_of_the_recording_and_is_said() -> None:
    part, findings = find_part(recording((300.0, 0.0, "SIT start")))
    assert (part.from_s, part.to_s) == (300.0, 4000.0)
    assert part.source == "annotation, end of the recording"
    assert [finding.code for finding in findings] == ["protocol.marks", "protocol.unmarked"]


def test_events_mark_it_too_and_a_mark_in_both_is_one() -> None:
    marks = ((300.0, 0.0, "SIT start"), (3900.0, 0.0, "SIT end"))
    events = Events.of([300.0, 3900.0], [300.0, 3900.0], ["sit start", "sit end"], ["", ""])
    assert find_part(recording(), events)[0].from_s == 300.0
    events = Events.of([300.0], [300.0], ["SIT start"], [""])
    assert [found.code for found in find_part(recording(*marks), events)[1]] == ["protocol.marks"]


def test_what_was_typed_goes_before_a_mark() -> None:
    marked = recording((300.0, 0.0, "SIT start"), (3900.0, 0.0, "SIT end"))
    part, _ = find_part(marked, from_s=600.0, to_s=1200.0)
    assert part == MarkedPart(from_s=600.0, to_s=1200.0, source="--from, --to")


SEVERAL = (
    (100.0, 0.0, "SIT 1 start"),
    (700.0, 0.0, "SIT 1 end"),
    (2000.0, 0.0, "SIT 2 start"),
    (2600.0, 0.0, "SIT 2 end"),
)


def test_of_several_tests_the_first_is_taken_and_said() -> None:
    part, findings = find_part(recording(*SEVERAL))
    assert (part.from_s, part.to_s) == (100.0, 700.0)
    assert [found.code for found in findings] == ["protocol.marks", "protocol.several"]


def test_a_typed_start_chooses_another_and_the_next_end() -> None:
    part, _ = find_part(recording(*SEVERAL), from_s=2000.0)
    assert (part.from_s, part.to_s) == (2000.0, 2600.0)


def test_a_part_that_reaches_beyond_the_recording_is_cut_and_said() -> None:
    part, findings = find_part(recording(), from_s=0.0, to_s=5000.0)
    assert part.to_s == 4000.0
    assert [found.code for found in findings] == ["protocol.cut"]


@pytest.mark.parametrize(
    ("from_s", "to_s"), [(600.0, 600.0), (700.0, 600.0), (-1.0, 600.0), (4000.0, 5000.0)]
)
def test_a_part_that_is_none_is_refused(from_s: float, to_s: float) -> None:
    with pytest.raises(SettingsError, match="the marked part") as caught:
        find_part(recording(), from_s=from_s, to_s=to_s)
    assert caught.value.exit_code == 2
