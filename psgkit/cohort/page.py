"""What the page about a cohort says, on a terminal and in a browser."""

from collections.abc import Iterator

from psgkit import __version__
from psgkit.cohort.check_section import check_section
from psgkit.cohort.compare_sections import comparison_section, reliability_section
from psgkit.cohort.distribution_sections import index_sections
from psgkit.cohort.outcome_sections import analysis_section, night_section
from psgkit.cohort.summary import CohortSummary
from psgkit.report.marked import Number
from psgkit.report.parts import Notes, Page, Section
from psgkit.report.texts import text
from psgkit.report.words import digits, disclaimer

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
    if len(outcomes.analyses) > 1:
        yield text("cohort.several_settings", n=len(outcomes.analyses))
    if outcomes.nameless_n:
        yield text("cohort.nameless", n=outcomes.nameless_n)
    if outcomes.groupless_n:
        yield text("cohort.groupless", n=outcomes.groupless_n, by=summary.nights.by)
    if summary.compared.shared_subjects_n:
        yield text("cohort.shared", n=summary.compared.shared_subjects_n)


def _headline(summary: CohortSummary) -> Iterator[tuple[str, str]]:
    """Yield the counts that matter most."""
    outcomes = summary.outcomes
    states = dict(outcomes.states)
    lost = states.get("failed", 0) + states.get("set_aside", 0)
    yield text("cohort.nights"), _count(len(summary.nights), "nights.all_n")
    yield text("cohort.done"), _count(outcomes.done_n, "nights.done_n")
    yield text("cohort.not_done"), digits(lost, 0)
    if states.get("pending"):
        yield text("cohort.pending"), _count(states["pending"], "nights.pending_n")
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
