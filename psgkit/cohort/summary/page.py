"""Content of the page about a cohort, for terminal and browser."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from psgkit._version import __version__
from psgkit.cohort.summary.compare_sections import comparison_section, reliability_section
from psgkit.cohort.summary.distribution_sections import index_pictures, index_sections
from psgkit.cohort.summary.document import STATEMENT, cohort_as_json, cohort_csvs
from psgkit.cohort.summary.night_list import LIST, LocalNight, list_section, night_list
from psgkit.cohort.summary.outcome_sections import analysis_section, check_section, night_section
from psgkit.cohort.summary.summarise import CohortSummary
from psgkit.core.stage_source import is_estimate
from psgkit.io.files import real_path
from psgkit.report.html.page import page_as_html
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Notes, Page, Section
from psgkit.report.words.language import _
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import digits
from psgkit.report.words.words import disclaimer
from psgkit.report.write import write_texts

_ON_A_TERMINAL = 12


def page_about_cohort(
    summary: CohortSummary,
    *,
    home: tuple[str, ...] = (),
    brief: bool = False,
    known: Mapping[str, LocalNight] | None = None,
) -> Page:
    """Return the page about a cohort.

    Parameters
    ----------
    summary : CohortSummary
    home : tuple of str
        Folders from the page to that of the batch, for the links to the nights.
    brief : bool
        Whether lists are cut and explanations left out, as on a terminal.
    known : mapping of night_id to LocalNight, optional
        What the user calls the nights, where files are to be named.
    """
    at_most = _ON_A_TERMINAL if brief else None
    return Page(
        title=_("Cohort"),
        subtitle=summary.nights.name,
        banners=tuple(_banners(summary)),
        headline=tuple(_headline(summary)),
        sections=(
            night_section(summary),
            *([] if brief else [list_section(known or {})]),
            *analysis_section(summary),
            *index_sections(summary, brief=brief),
            comparison_section(summary, at_most),
            *reliability_section(summary),
            check_section(summary, home, at_most),
            *(() if brief else (_how_to_read(summary),)),
        ),
        disclaimer=f"{_(STATEMENT)} {disclaimer(__version__)}",
    )


def _banners(summary: CohortSummary) -> Iterator[str]:
    """Yield the banners: simulated nights, mixed analyses, missing subjects and the like."""
    outcomes = summary.outcomes
    done, everything = outcomes.done_n, len(summary.nights)
    if not done:
        yield _("No night has a result: there is nothing to summarise but the reasons.")
    elif done < everything:
        yield _(
            "Nights without a result: {n} of {of}, see the first table. What is left may not "
            "be like what is missing.",
            n=everything - done,
            of=everything,
        )
    if done and outcomes.simulated_n == done:
        yield _("All nights are SIMULATED: no person was recorded.")
    elif outcomes.simulated_n:
        yield _(
            "{n} of {of} finished nights are SIMULATED: no person was recorded in them.",
            n=outcomes.simulated_n,
            of=done,
        )
    yield from _ways(summary)
    yield from _estimates(summary)
    if outcomes.nameless_n:
        yield _(
            "Nights without a stated subject: {n}. Each counts as another person, which "
            "makes intervals and p values too small if one person has several of them.",
            n=outcomes.nameless_n,
        )
    if outcomes.groupless_n:
        yield _(
            "Finished nights without anything in the column '{by}', which belong to no group: {n}.",
            n=outcomes.groupless_n,
            by=summary.nights.by,
        )
    if summary.compared.shared_subjects_n:
        yield _(
            "Subjects with nights in several groups: {n}. The tests and intervals here are "
            "for different people in each group and are not made.",
            n=summary.compared.shared_subjects_n,
        )


def _ways(summary: CohortSummary) -> Iterator[str]:
    """Yield a warning if nights, or recordings of days, were not all analysed alike."""
    ways = Counter(one.protocol for one in summary.outcomes.analyses)
    if ways["night"] > 1:
        yield _(
            "The nights were analysed in {n} different ways (rules, settings or version): "
            "their indices may not be comparable. psgkit batch brings all of them to one.",
            n=digits(ways["night"], 0),
        )
    if ways["days"] > 1:
        yield _(
            "The recordings of days were analysed in {n} different ways (rules, settings or "
            "version): their indices may not be comparable. psgkit batch brings all of them "
            "to one.",
            n=digits(ways["days"], 0),
        )


def _estimates(summary: CohortSummary) -> Iterator[str]:
    """Yield that stages were estimated, and in how many nights of each group."""
    outcomes, nights = summary.outcomes, summary.nights
    if not outcomes.estimated_n:
        return
    staged_n = sum(n for _source, n in outcomes.stages)
    programs = [source for source, _n in outcomes.stages if is_estimate(source)]
    words = "; ".join(dict.fromkeys(translated(one) for one in programs))
    if outcomes.estimated_n == staged_n:
        yield _(
            "The stages of all {n} nights that have any are {words}. Every index of sleep rests "
            "on them.",
            n=digits(staged_n, 0),
            words=words,
        )
        return
    said = _(
        "The stages of {n} of {of} nights are {words}; those of the others are scored. Indices of "
        "sleep of both kinds are not comparable: --stages scored (or estimated) takes one kind "
        "alone, --by stages_from compares them.",
        n=digits(outcomes.estimated_n, 0),
        of=digits(staged_n, 0),
        words=words,
    )
    if nights.stages is not None:
        said = _(
            "The stages of {n} of {of} nights are {words}; those of the others are scored. Indices "
            "of sleep here are of nights with one kind alone, as --stages {chosen} wants.",
            n=digits(outcomes.estimated_n, 0),
            of=digits(staged_n, 0),
            words=words,
            chosen=nights.stages,
        )
    elif summary.groups:
        shares = "; ".join(_share_in(summary, group) for group in summary.groups)
        said += " " + _("Estimated in each group: {shares}.", shares=shares)
    yield said


def _share_in(summary: CohortSummary, group: str) -> str:
    """Return in how many nights of a group the stages were estimated."""
    nights = summary.nights
    staged = np.array([one is not None for one in nights.head["stages_from"]], dtype=np.bool_)
    mine = nights.done & staged & (nights.group == group)
    return _(
        "{group} {n} of {of}",
        group=group,
        n=digits(int((mine & nights.estimated).sum()), 0),
        of=digits(int(mine.sum()), 0),
    )


def _headline(summary: CohortSummary) -> Iterator[tuple[str, str]]:
    """Yield the main counts."""
    outcomes = summary.outcomes
    states = dict(outcomes.states)
    nights_n, days_n = (sum(outcomes.states_of(kind).values()) for kind in ("night", "days"))
    lost = states.get("failed", 0) + states.get("set_aside", 0)
    if nights_n or not days_n:
        yield _("Nights"), _count(nights_n, "nights.all_n")
    if days_n:
        yield _("Recordings of days"), _count(days_n, "days.all_n")
    key = "" if nights_n and days_n else "days.done_n" if days_n else "nights.done_n"
    done = digits(outcomes.done_n, 0)
    yield _("Done"), _count(outcomes.done_n, key) if key else done
    yield _("Failed or set aside"), digits(lost, 0)
    if states.get("pending"):
        yield _("Not yet done"), digits(states["pending"], 0)
    yield _("Subjects"), _count(outcomes.subjects_n, "nights.subjects_n")
    if summary.groups:
        yield _("Groups"), digits(len(summary.groups), 0)


def _count(n: int, key: str) -> str:
    """Return a count marked with its place in the JSON."""
    return Number.of(digits(n, 0), key, n)


def _how_to_read(summary: CohortSummary) -> Section:
    """Return the section on the meaning and the limits of the figures."""
    rule = summary.rule.effects
    lines = (
        _(
            "Every subject counts once, with the mean over its nights: nights of one person "
            "are not independent. A subject with nights in several groups counts in each."
        ),
        _(
            "Hedges' g is the difference of means in pooled standard deviations, shown for "
            "durations and shares of sleep and for log intervals. Cliff's delta is the share "
            "of pairs in which the first is higher less the share in which the second is, "
            "shown for counts and rates, which are skewed and often 0. The files have both. "
            "Positive: the first group is higher."
        ),
        _(
            "Intervals are percentile bootstraps over whole subjects ({resamples} draws, the "
            "same ones every time; fewer in large groups), from {few} subjects a group on. "
            "With few subjects they are too narrow.",
            resamples=digits(rule.resamples, 0),
            few=rule.min_subjects,
        ),
        _(
            "Mann-Whitney for two groups, Kruskal-Wallis for more, two-sided, from 3 "
            "subjects a group on, corrected by Holm for all tests of this page. Choosing "
            "indices or groups after looking is not corrected for."
        ),
        _(
            "Age, sex, drugs and the recorder are not adjusted for: a difference between "
            "groups may be due to them. A value of 0 and a missing value are different: "
            "missing values are left out, and may not be missing at random."
        ),
        _(STATEMENT),
    )
    return Section(key="how", title=_("How to read this"), parts=(Notes(lines=lines),))


def write_summary(
    summary: CohortSummary,
    batch: str | Path,
    folder: str | Path,
    known: Mapping[str, LocalNight] | None = None,
) -> list[Path]:
    """Write the summary into ``folder``, ``cohort.json`` last, and return the files.

    Parameters
    ----------
    summary : CohortSummary
    batch : path
        Folder of the batch, for links.
    folder : path
        Created if missing; may be the folder of the batch.
    known : mapping of night_id to LocalNight, optional
        What the user calls the nights, where the page is to name files; no other file does.

    Raises
    ------
    SettingsError
        If the folder cannot be created or written to.
    """
    home = _way(Path(folder), Path(batch))
    page = page_about_cohort(summary, home=home, known=known)
    listings = {LIST: night_list(summary.nights, home, known or {})}
    texts = {
        **cohort_csvs(summary),
        "cohort.html": page_as_html(page, pictures=index_pictures(summary), listings=listings),
        "cohort.json": cohort_as_json(summary),
    }
    return write_texts(texts, Path(folder))


def _way(start: Path, end: Path) -> tuple[str, ...]:
    """Return the relative path from one folder to the other; empty if they are the same."""
    way = os.path.relpath(real_path(end), real_path(start))
    return tuple(step for step in Path(way).parts if step != os.curdir)
