"""Rating scales of a context: totals, severity, items, and the probability of a drug reaction."""

import pytest

from psgkit.errors import SettingsError
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.read import parse_context
from psgkit.profile.context.scales import irls_scores, naranjo_scores
from psgkit.report.context import context_page
from psgkit.report.terminal import page_as_text
from psgkit.report.words.language import in_language


@pytest.mark.parametrize(
    ("total", "severity"),
    [
        (0, "none"),
        (1, "mild"),
        (10, "mild"),
        (11, "moderate"),
        (20, "moderate"),
        (21, "severe"),
        (31, "very severe"),
        (40, "very severe"),
    ],
)
def test_severity_of_the_irls(total: int, severity: str) -> None:
    (one,) = irls_scores(parse_context(f"[[irls]]\ntotal = {total}").context)
    assert (one.total, one.severity) == (total, severity)


def test_items_of_the_irls_give_its_total() -> None:
    text = "[[irls]]\nitems = [4, 3, 2, 1, 0, 4, 3, 2, 1, 0]"
    assert irls_scores(parse_context(text).context)[0].total == 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[irls]]\ntotal = 41", "line 2: irls 1, total"),
        ("[[irls]]\nitems = [1, 2]", "line 2: irls 1, items.*2 items"),
        ("[[irls]]\nitems = [5, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "from 0 to 4"),
        ("[[irls]]\nitems = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]\ntotal = 2", "total = 1"),
        ("[[rls6]]\nnight = 11", "rls6 1, night"),
        ("[[aims]]\ntotal = 29", "aims 1, total"),
        ("[[diepss]]\nakathisia = 5", "diepss 1, akathisia"),
        ("[[naranjo]]\nafter = true", "no field 'drug'"),
        ('[[naranjo]]\ndrug = "x"\ntotal = 14', "naranjo 1, total"),
        (
            '[[naranjo]]\ndrug = "x"\nafter = true\ntotal = 5',
            "total = 2, the points of the answers",
        ),
        ('[[naranjo]]\ndrug = "x"\ntotal = 5\nprobability = "definite"', '= "probable", the class'),
        ('[[naranjo]]\ndrug = "x"\nprobability = "likely"', "naranjo 1, probability"),
        ('[[naranjo]]\ndrug = "Solian"\n[[naranjo]]\ndrug = "amisulpride"', "each drug once"),
    ],
)
def test_what_does_not_fit_a_scale_is_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_context(text, "c.toml")


YES = "known after dechallenge rechallenge level dose earlier objective".split()  # noqa: SIM905


def naranjo(**answers: bool) -> tuple[int, str]:
    lines = "\n".join(f"{name} = {str(answer).lower()}" for name, answer in answers.items())
    text = f'[[naranjo]]\ndrug = "x"\n{lines}'
    (one,) = naranjo_scores(parse_context(text).context)
    return one.points, one.probability


def test_points_of_naranjo() -> None:
    assert naranjo() == (0, "doubtful")
    most = {**dict.fromkeys(YES, True), "other_causes": False, "placebo": False}
    assert naranjo(**most) == (13, "definite")
    least = {"after": False, "rechallenge": False, "other_causes": True, "placebo": True}
    assert naranjo(**least) == (-4, "doubtful")
    assert naranjo(after=True) == (2, "possible")
    assert naranjo(after=True, other_causes=False, known=True) == (5, "probable")
    assert naranjo(after=True, other_causes=False, known=True, rechallenge=True, dose=True) == (
        8,
        "probable",
    )


@pytest.mark.parametrize(
    ("given", "points", "probability", "unanswered"),
    [
        ("total = 6", 6, "probable", 0),
        ('probability = "possible"', None, "possible", 10),
        ('total = 2\nprobability = "possible"\nafter = true', 2, "possible", 9),
    ],
)
def test_total_and_class_of_naranjo_may_stand_alone(
    given: str, points: int | None, probability: str, unanswered: int
) -> None:
    file = parse_context(f'[[naranjo]]\ndrug = "x"\n{given}')
    (one,) = naranjo_scores(file.context)
    assert (one.points, one.probability, len(one.unanswered)) == (points, probability, unanswered)
    assert [found.code for found in file.findings] == ["context.drug_not_listed"]


def test_naranjo_stands_beside_what_followed_the_dose() -> None:
    text = (
        '[[symptoms]]\nsite = "back"\nonset = "day 14"\n[[drugs]]\nname = "amisulpride"\n'
        'start = "day 0"\n[[responses]]\nchange = "stopped"\ndrug = "amisulpride"\n'
        'effect = "gone"\nafter_days = 7\n[[naranjo]]\ndrug = "amisulpride"\ntotal = 6\n'
    )
    profile = answer_of_context(parse_context(text).context)
    assert (
        "was started (window 42 days, unverified) and remission 7 days after it was stopped"
        in profile.timing
    )
    assert "; a Naranjo score of 6 makes amisulpride a probable cause" in profile.timing
    found = {row["feature"]: row["finding"] for row in profile.matrix}
    assert found["Better after less of it"] == "yes; Naranjo 6 (probable)"


def test_scales_stand_on_the_page() -> None:
    text = (
        '[[irls]]\ntotal = 22\ndate = "day 3"\n[[rls6]]\nnight = 7\n[[aims]]\ntotal = 4\nlegs = 2\n'
        '[[diepss]]\nakathisia = 3\n[[naranjo]]\ndrug = "amisulpride"\nafter = true\n'
    )
    page = page_as_text(context_page(parse_context(text)), width=110, colour=False)
    for words in ("22 of 40", "severe", "night 7", "4 of 28", "legs 2", "akathisia 3"):
        assert words in page
    assert "amisulpride: 2 points, a drug reaction is possible (9 questions unanswered)" in page


def test_the_severity_of_the_irls_is_written_in_german() -> None:
    with in_language("de"):
        said = page_as_text(context_page(parse_context("[[irls]]\ntotal = 25\n", "c.toml")))
    assert "schwer" in said
    assert "severe" not in said


def test_a_total_alone_says_nothing_of_questions() -> None:
    text = '[[naranjo]]\ndrug = "x"\ntotal = 7\n'
    said = page_as_text(context_page(parse_context(text, "c.toml")))
    assert "x: 7 points, a drug reaction is probable" in said
    assert "unanswered" not in said
