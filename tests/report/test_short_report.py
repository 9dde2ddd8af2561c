"""The short report on the terminal: what stands first, how long it is, and what --full adds."""

from pathlib import Path

import pytest

from psgkit.core.night_report import NightReport
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.settings import Settings

SAMPLES = Path(__file__).parents[2] / "sample_data"
KINDS = ("akathisia", "rls", "rbs", "ras", "healthy")


@pytest.fixture(scope="module")
def nights() -> dict[str, NightReport]:
    return {kind: sample_of(kind) for kind in KINDS}


def sample_of(kind: str) -> NightReport:
    folder = SAMPLES / kind
    files = NightFiles(hypnogram=folder / "hypnogram.csv", events=folder / "events.csv")
    return report_of_files(folder / "night.edf", files, NightChoice(settings=Settings()))


def test_the_short_report_of_every_sample_has_25_to_45_lines(
    nights: dict[str, NightReport],
) -> None:
    for kind, night in nights.items():
        lines = night_as_text(night, full=False).splitlines()
        assert 25 <= len(lines) <= 45, kind
        assert len(night_as_text(night).splitlines()) > 100


def test_cautions_then_the_answer_then_the_numbers(nights: dict[str, NightReport]) -> None:
    for night in nights.values():
        text = night_as_text(night, full=False)
        wanted = ("! Simulated", "What speaks for what", "Together", "Sleep efficiency", "--full")
        places = [text.index(words) for words in wanted]
        assert places == sorted(places)
        assert text.index(night.cautions[0].message[:20]) < places[1]


def test_the_akathisia_sample_says_in_one_line_what_speaks_for_akathisia(
    nights: dict[str, NightReport],
) -> None:
    lines = night_as_text(nights["akathisia"], full=False).splitlines()
    (line,) = [one for one in lines if "speaks for akathisia" in one]
    assert "simulated" in line
    assert "rhythmic in" in line
    assert "waking rest" in line


def test_a_page_shows_the_answer_open_and_the_rest_closed(nights: dict[str, NightReport]) -> None:
    page = night_as_html(nights["akathisia"])
    answer, glance = page.index('class="answer"'), page.index('class="tiles"')
    overview, rest = page.index('id="overview"'), page.index('<details class="fold">')
    assert answer < glance < overview < rest
    assert page.index('class="cautions"') < answer
    assert '<table class="matrix">' in page[answer:glance]
