"""Stages of a night that no scorer staged: estimated, and called so everywhere."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.analysis.groups import Scorer
from psgkit.analysis.stages import usable_stages
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.intervals import runs_of_true
from psgkit.core.message import translatable
from psgkit.core.recording import Recording
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import StageEstimate
from psgkit.sleep.stage_agreement import compare_stages
from psgkit.sleep.staging.method import StagingRule, staging_method

_WHERE = "stages"
_MOST_RUNS = 20
_ROLE_NAMES = {"eeg": "EEG", "eog": "EOG", "chin": "chin EMG"}


def estimated_stages(
    recording: Recording,
    given: Hypnogram | None,
    rule: StagingRule,
    sleeper: Sleeper | None = None,
) -> tuple[StageEstimate | None, tuple[Finding, ...]]:
    """Return the estimate that replaces or supplies the stages of a night, with findings.

    None if no method is set, if a scorer staged the night and ``rule.restage`` is not set, or if
    stages cannot be estimated; a finding says which.

    Raises
    ------
    SettingsError
        If the library of the method is not installed.
    """
    if not rule.method:
        return None, ()
    scored = given if given is not None else usable_stages(recording)[0]
    has_stages = scored is not None and bool((scored.stages != UNSCORED).any())
    if has_stages and not rule.restage:
        message = translatable(
            "the stages of the scorer are used and none are estimated; --restage would replace them"
        )
        return None, (Finding("info", "staging.scored", _WHERE, message),)
    found = staging_method(rule.method).estimate(recording, sleeper or Sleeper())
    if isinstance(found, str):
        return None, (Finding("warning", "staging.impossible", _WHERE, found),)
    about = findings_of_estimate(found, rule)
    if has_stages and scored is not None:
        about = (*about, agreement_with_scored(scored, found))
    return found, about


def without_comparison(scorer: Scorer) -> Scorer:
    """Return the scoring without its comparison of given and annotated stages.

    It is about two scorings; that of an estimate and a scoring is ``agreement_with_scored``.
    """
    kept = tuple(one for one in scorer.about_stages if one.code != "stages.annotated")
    return replace(scorer, about_stages=kept)


def agreement_with_scored(scored: Hypnogram, found: StageEstimate) -> Finding:
    """Return how an estimate agrees with the stages of the scorer."""
    agreement = compare_stages(scored, found.hypnogram)
    kappa, n = agreement.kappa, agreement.compared_n
    if kappa is None:
        message = translatable(
            f"the estimated stages cannot be compared with the scored ones: {n:.0f} epochs in both"
        )
    elif scored.estimated_by:
        message = translatable(
            f"the estimated stages agree with the given ones, {scored.stages_from}, by a kappa of "
            f"{kappa:.2f} ({n:.0f} epochs)"
        )
    else:
        message = translatable(
            f"the estimated stages agree with the scored ones by a kappa of {kappa:.2f} "
            f"({n:.0f} epochs)"
        )
    return Finding("info", "staging.kappa", _WHERE, message)


def findings_of_estimate(found: StageEstimate, rule: StagingRule) -> tuple[Finding, ...]:
    """Return what a reader must know of an estimate: source, channels, confidence, epochs."""
    used = ", ".join(f"{_ROLE_NAMES[role]} {label!r}" for role, label in found.channels.items())
    message = translatable(f"estimated by {found.name}, not scored, from {used}")
    about = [Finding("warning", "staging.estimated", _WHERE, message)]
    for why in found.missing.values():
        message = translatable(f"staged without one signal: {why}")
        about.append(Finding("info", "staging.missing", _WHERE, message))
    used_by = found.sleeper
    if used_by.age_years is None:
        message = translatable(
            "age and sex were not used; the classifiers take both, from person.age and person.sex "
            "of the context or from the header of the recording"
        )
    else:
        message = translatable(
            f"age ({used_by.age_years:g}, from {used_by.age_from}) and sex ({used_by.sex}, from "
            f"{used_by.sex_from}) were used"
        )
    about.append(Finding("info", "staging.sleeper", _WHERE, message))
    return (*about, *_about_confidence(found, rule))


def _about_confidence(found: StageEstimate, rule: StagingRule) -> list[Finding]:
    """Return the epochs to review, and a caution if there are many."""
    unsure = found.unsure(rule.min_probability)
    staged_n = int((found.hypnogram.stages != UNSCORED).sum())
    about = []
    if len(unsure) > staged_n:
        message = translatable(
            f"{len(unsure) - staged_n} epochs have a gap or a flat EEG and no estimated stage"
        )
        about.append(Finding("info", "staging.unscored", _WHERE, message))
    n = int(unsure.sum())
    if not n:
        return about
    if n > rule.max_unsure_share * staged_n:
        message = translatable(
            f"{100 * n / staged_n:.0f} % of the estimated stages have a probability below "
            f"{rule.min_probability:g}"
        )
        about.append(Finding("warning", "staging.low_confidence", _WHERE, message))
    message = translatable(
        f"epochs to review, probability below {rule.min_probability:g} ({n} of {staged_n}): "
        f"{epoch_ranges(unsure)}"
    )
    about.append(Finding("info", "staging.review", _WHERE, message))
    return about


def epoch_ranges(chosen: NDArray[np.bool_]) -> str:
    """Return the numbers of epochs, from 1, as ranges; the first twenty runs at most.

    Examples
    --------
    >>> epoch_ranges(np.array([False, True, True, False, True]))
    '2-3, 5'
    """
    runs = runs_of_true(chosen).astype(int)
    shown = [f"{a + 1}" if b == a + 1 else f"{a + 1}-{b}" for a, b in runs.tolist()]
    if len(shown) <= _MOST_RUNS:
        return ", ".join(shown)
    # the table of epochs has them all, so the text keeps the first ones
    left = int(chosen[runs[_MOST_RUNS, 0] :].sum())
    return ", ".join(shown[:_MOST_RUNS]) + f"; {left} more are marked in stages.csv"
