"""Published cases and their opposites: how both questions are answered, and in which words.

Each file of ``vignettes`` is a context; the text beside it has a title, the answers to both
questions, then every sentence and caution that a reader sees.
"""

from pathlib import Path

import pytest

from psgkit.core.night_report import Profile
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.read import read_context

FILES = sorted((Path(__file__).parent / "vignettes").glob("*.toml"))


def answers_to_both(profile: Profile) -> str:
    """Return the answers to both questions and the leaning on one line."""
    sites = ", ".join(f"{site} {said}" for site, said in profile.questions["sites"].items())
    leaning = profile.leaning
    leans = "undetermined"
    if leaning is not None:
        names = " and ".join(leaning["conditions"])
        leans = f"{names} ({leaning['strength']})" if names else "none"
    parts = [sites, f"akathisia {profile.questions['akathisia']}", f"leaning {leans}"]
    return "; ".join(part for part in parts if part)


def as_read(profile: Profile) -> list[str]:
    """Return all sentences, one a line."""
    voices = (profile.answers, profile.timing, profile.recording, profile.together)
    return [*voices, *(f"Caution: {said}" for said in profile.cautions)]


def test_there_are_forty_and_each_has_its_text() -> None:
    assert len(FILES) >= 40
    texts = sorted((Path(__file__).parent / "vignettes").glob("*.txt"))
    assert [file.stem for file in FILES] == [text.stem for text in texts]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_both_questions_are_answered_as_expected(file: Path) -> None:
    _, wanted, *_ = file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert answers_to_both(answer_of_context(read_context(file).context)) == wanted


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_voices_say_what_was_written_down(file: Path) -> None:
    _, _, *wanted = file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert as_read(answer_of_context(read_context(file).context)) == wanted


def test_answers_do_not_depend_on_the_order_of_the_drugs_and_symptoms() -> None:
    from dataclasses import replace

    for file in FILES:
        context = read_context(file).context
        turned = replace(context, symptoms=context.symptoms[::-1], bars=context.bars[::-1])
        dated = all(rating.date is not None for rating in context.bars)
        if dated or len(context.bars) < 2:
            one, other = answer_of_context(context), answer_of_context(turned)
            assert one.questions["akathisia"] == other.questions["akathisia"]
            assert dict(one.questions["sites"]) == dict(other.questions["sites"])
