"""What the page about a cohort says, on a terminal and in a browser."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from psgkit._version import __version__
from psgkit.cohort.summary.compare_sections import comparison_section, reliability_section
from psgkit.cohort.summary.distribution_sections import index_pictures, index_sections
from psgkit.cohort.summary.document import cohort_as_json, cohort_csvs
from psgkit.cohort.summary.outcome_sections import analysis_section, check_section, night_section
from psgkit.cohort.summary.summarise import CohortSummary
from psgkit.report.html.page import page_as_html
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Notes, Page, Section
from psgkit.report.words.number_format import digits
from psgkit.report.words.texts import text
from psgkit.report.words.words import disclaimer
from psgkit.report.write import write_texts

_ON_A_TERMINAL = 12


def page_about_cohort(
    summary: CohortSummary, *, home: tuple[str, ...] = (), brief: bool = False
) -> Page:
    """Return the page about a cohort.

    Parameters
    ----------
    summary : CohortSummary
    home : tuple of str
        Folders on the way from the page to that of the batch; the nights are linked from there.
    brief : bool
        Whether long lists end early and the explanations are left out, as on a terminal.
    """
    at_most = _ON_A_TERMINAL if brief else None
    return Page(
        title=text("cohort.title"),
        subtitle=summary.nights.name,
        banners=tuple(_banners(summary)),
        headline=tuple(_headline(summary)),
        sections=(
            night_section(summary),
            *analysis_section(summary),
            *index_sections(summary, brief=brief),
            comparison_section(summary, at_most),
            *reliability_section(summary),
            check_section(summary, home, at_most),
            *(() if brief else (_how_to_read(summary),)),
        ),
        disclaimer=f"{text('cohort.statement')} {disclaimer(__version__)}",
    )


def _banners(summary: CohortSummary) -> Iterator[str]:
    """Yield what must not be missed."""
    outcomes = summary.outcomes
    done, everything = outcomes.done_n, len(summary.nights)
    if not done:
        yield text("cohort.nothing_done")
    elif done < everything:
        yield text("cohort.not_all_done", n=everything - done, of=everything)
    if done and outcomes.simulated_n == done:
        yield text("cohort.simulated_all")
    elif outcomes.simulated_n:
        yield text("cohort.simulated_some", n=outcomes.simulated_n, of=done)
    yield from _ways(summary)
    if outcomes.nameless_n:
        yield text("cohort.nameless", n=outcomes.nameless_n)
    if outcomes.groupless_n:
        yield text("cohort.groupless", n=outcomes.groupless_n, by=summary.nights.by)
    if summary.compared.shared_subjects_n:
        yield text("cohort.shared", n=summary.compared.shared_subjects_n)


def _ways(summary: CohortSummary) -> Iterator[str]:
    """Yield that nights, or recordings of days, were not all analysed alike."""
    ways = Counter(one.protocol for one in summary.outcomes.analyses)
    if ways["night"] > 1:
        yield text("cohort.several_settings", n=digits(ways["night"], 0))
    if ways["days"] > 1:
        yield text("cohort.several_settings_days", n=digits(ways["days"], 0))


def _headline(summary: CohortSummary) -> Iterator[tuple[str, str]]:
    """Yield the counts that matter most."""
    outcomes = summary.outcomes
    states = dict(outcomes.states)
    nights_n, days_n = (sum(outcomes.states_of(kind).values()) for kind in ("night", "days"))
    lost = states.get("failed", 0) + states.get("set_aside", 0)
    if nights_n or not days_n:
        yield text("cohort.nights"), _count(nights_n, "nights.all_n")
    if days_n:
        yield text("cohort.days"), _count(days_n, "days.all_n")
    key = "" if nights_n and days_n else "days.done_n" if days_n else "nights.done_n"
    done = digits(outcomes.done_n, 0)
    yield text("cohort.done"), _count(outcomes.done_n, key) if key else done
    yield text("cohort.not_done"), digits(lost, 0)
    if states.get("pending"):
        yield text("cohort.pending"), digits(states["pending"], 0)
    yield text("cohort.subjects"), _count(outcomes.subjects_n, "nights.subjects_n")
    if summary.groups:
        yield text("cohort.groups"), digits(len(summary.groups), 0)


def _count(n: int, key: str) -> str:
    """Return a count that knows its place in the JSON."""
    return Number.of(digits(n, 0), key, n)


def _how_to_read(summary: CohortSummary) -> Section:
    """Return what the figures mean, and what they do not."""
    rule = summary.rule.effects
    lines = (
        text("cohort.how_subject"),
        text("cohort.how_effect"),
        text("cohort.how_interval", resamples=digits(rule.resamples, 0), few=rule.min_subjects),
        text("cohort.how_test"),
        text("cohort.how_cause"),
        text("cohort.statement"),
    )
    return Section(key="how", title=text("cohort.how"), parts=(Notes(lines=lines),))


def write_summary(summary: CohortSummary, batch: str | Path, folder: str | Path) -> list[Path]:
    """Return the files written into ``folder``, ``cohort.json`` last.

    Parameters
    ----------
    summary : CohortSummary
    batch : path
        Folder of the batch, which the page leads to.
    folder : path
        Made if it is not there; it may be that of the batch.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    page = page_about_cohort(summary, home=_way(Path(folder), Path(batch)))
    texts = {
        **cohort_csvs(summary),
        "cohort.html": page_as_html(page, pictures=index_pictures(summary)),
        "cohort.json": cohort_as_json(summary),
    }
    return write_texts(texts, Path(folder))


def _way(start: Path, end: Path) -> tuple[str, ...]:
    """Return the steps from one folder to the other; none if it is the same."""
    way = os.path.relpath(end.resolve(), start.resolve())
    return tuple(step for step in Path(way).parts if step != os.curdir)
