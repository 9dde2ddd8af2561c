"""A diary of symptoms as answers: its counts, what they decide, and where they are drawn."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from psgkit.core.symptom_diary import SymptomDiary, SymptomEntry
from psgkit.profile.answer.diary import DIARY_SOURCE, diary_counts
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.model import Context, Symptom

Command = Callable[..., tuple[int, str, str]]
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
LATE, EARLY = 22, 10


def diary_of(site: str, late: Sequence[float], by_day: Sequence[float]) -> SymptomDiary:
    """Return a diary with an entry a day in the evening, and one by day."""
    entries = [
        SymptomEntry(at=datetime(2024, 1, day, hour), site=site, severity=float(severity))
        for hour, severities in ((EARLY, by_day), (LATE, late))
        for day, severity in enumerate(severities, 1)
    ]
    return SymptomDiary(source="diary.csv", entries=tuple(entries))


def entry(posture: str = "", severity: float = 5.0, helped: str = "") -> SymptomEntry:
    at = datetime(2024, 1, 8, 12)
    return SymptomEntry(
        at=at, site="back", severity=severity, posture=posture, moving_helped=helped
    )


def test_the_statement_has_the_counts() -> None:
    diary = diary_of("back", [6, 7, 5, 8, 6, 7, 1, 6, 9], [2, 2, 1, 3, 2])
    profile = answer_of_context(Context(), diary)
    count = "8 of 9 evening entries of the back exceed the median by day (2)"
    assert profile.answers.endswith(f"; by the diary {count}.")
    (piece,) = profile.evidence
    assert piece["id"] == "diary_evening_back"
    assert piece["text"].startswith(f"{count}.")
    assert piece["source"] == DIARY_SOURCE
    assert (piece["supports"], piece["against"]) == (["rbs"], [])
    assert round(piece["value"]) == 89


@pytest.mark.parametrize(
    ("late", "by_day", "shown"),
    [
        ([5, 5, 5], [1, 1, 1], True),
        ([5, 5, 1], [1, 1, 1], True),
        ([5, 1, 1], [1, 1, 1], False),
        ([5, 1, 5, 1], [1, 1, 1], None),
        ([0, 0, 0], [0, 0, 0], False),
    ],
)
def test_two_thirds_show_it(late: list[float], by_day: list[float], shown: object) -> None:
    (found,) = diary_counts(diary_of("legs", late, by_day))
    assert found.shown is shown


@pytest.mark.parametrize(("late", "by_day"), [([5, 5, 5, 5], []), ([5, 5], [1, 1, 1]), ([], [1])])
def test_too_few_entries_on_a_side_say_nothing(late: list[float], by_day: list[float]) -> None:
    assert diary_counts(diary_of("legs", late, by_day)) == ()


def test_what_nothing_can_exceed_is_not_compared() -> None:
    assert diary_counts(diary_of("legs", [10, 10, 10], [10, 10, 3])) == ()


def test_lying_is_compared_with_other_postures_and_relief_is_counted() -> None:
    entries = [entry("lying", 7, "no")] * 4 + [entry("seated", 2, "yes")] * 2
    entries += [entry("walking", 1, "partly"), entry(severity=9)]
    found = {
        one.asked: one for one in diary_counts(SymptomDiary(source="x", entries=tuple(entries)))
    }
    assert (found["lying"].n, found["lying"].of) == (4, 4)
    assert (found["relief"].n, found["relief"].of) == (3, 7)
    assert "evening" not in found


def test_elsewhere_answers_neither_question() -> None:
    assert diary_counts(diary_of("other", [5, 5, 5], [1, 1, 1])) == ()


def test_it_answers_what_was_left_open_and_no_more() -> None:
    diary = diary_of("back", [6, 6, 6], [1, 1, 1])
    open_one = Context(symptoms=(Symptom(site="back", rest=True),))
    assert answer_of_context(open_one).questions["sites"] == {"back": "open"}
    assert answer_of_context(open_one, diary).questions["sites"] == {"back": "weak"}
    denied = Context(symptoms=(Symptom(site="back", rest=True, evening=False),))
    found = answer_of_context(denied, diary)
    assert found.questions["sites"] == {"back": "against"}
    assert "denied, but 3 of 3 evening entries" in found.cautions[0]


def test_it_denies_nothing() -> None:
    diary = diary_of("back", [1, 1, 1], [6, 6, 6])
    asked = Context(symptoms=(Symptom(site="back", rest=True, relief=True, urge=True),))
    found = answer_of_context(asked, diary)
    assert found.questions["sites"] == answer_of_context(asked).questions["sites"]
    assert found.evidence[0]["against"] == ["rbs"]
    affirmed = Context(symptoms=(Symptom(site="back", evening=True),))
    assert "affirmed, but 0 of 3" in answer_of_context(affirmed, diary).cautions[0]


def test_evidence_of_a_diary_is_none_of_the_recording() -> None:
    from psgkit.profile.evidence.of_days import profile_of_days

    found = profile_of_days({}, 0.0, diary=diary_of("back", [6, 6, 6], [1, 1, 1]))
    assert found.questions["recording"] == []
    assert "diary_evening_back" in {one["id"] for one in found.evidence}


def written(folder: Path, first: date) -> Path:
    """Write a diary of a week, back worse in the evening."""
    rows = [
        f"{date.fromordinal(first.toordinal() + day)} {hour}:00,back,{hour // 3}"
        for day in range(7)
        for hour in (EARLY, LATE)
    ]
    path = folder / "symptoms.csv"
    path.write_text("time,site,severity\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_days_take_context_and_diary_and_draw_the_entries(tmp_path: Path, psgkit: Command) -> None:
    diary = written(tmp_path, date(2001, 3, 24))
    context = SAMPLES / "case" / "context.toml"
    given = ("--tz", "Europe/Berlin", "--context", context, "--symptoms", diary)
    code, out, err = psgkit(
        "days", SAMPLES / "days" / "counts.csv", *given, "--json", "--out", tmp_path / "out"
    )
    assert code == 0, err
    profile = json.loads(out)["profile"]
    assert "criteria 2 to 4" in profile["answers"]
    assert profile["timing"].startswith("Onset 14 days after amisulpride")
    assert "simulated days of actigraphy" in profile["recording"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "diary: back, severity 0-10" in page


def test_nights_place_the_entries_on_their_line(tmp_path: Path, psgkit: Command) -> None:
    nights = [SAMPLES / "case" / f"night-{number}.json" for number in (1, 2, 3)]
    context = tmp_path / "context.toml"
    text = (SAMPLES / "case" / "context.toml").read_text(encoding="utf-8")
    context.write_text(f"day_0 = 2024-03-01\n{text}", encoding="utf-8")
    diary = written(tmp_path, date(2024, 3, 10))
    given = (*nights, "--context", context, "--symptoms", diary)
    code, out, err = psgkit("nights", *given, "--json", "--out", tmp_path / "out")
    assert code == 0, err
    assert "by the diary 7 of 7 evening entries" in json.loads(out)["answer"]["answers"]
    svg = (tmp_path / "out" / "nights.svg").read_text(encoding="utf-8")
    assert "Diary: back" in svg
    far = written(tmp_path, date(2034, 3, 10))
    found = json.loads(
        psgkit("nights", *nights, "--context", context, "--symptoms", far, "--json")[1]
    )
    said = [one["message"] for one in found["findings"] if one["code"] == "symptoms.off_line"]
    assert said == [
        "14 of 14 entries lie more than 62 days from all nights and dates of the context: counted, "
        "but not drawn"
    ]
