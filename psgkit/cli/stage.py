"""``psgkit stage``: stages of an unscored night, estimated from its EEG."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import say
from psgkit.errors import InputFileError


def stage(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="EDF, EDF+, BDF or BDF+ file.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="METHOD", help="The library: yasa.")] = "yasa",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table of epochs (CSV); without it, it is printed."),
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Clinical context (TOML), for age and sex; else those of the header.",
        ),
    ] = None,
    channels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Channel map (TOML): role by label."),
    ] = None,
    least: Annotated[
        float,
        typer.Option("--least", metavar="P", help="Epochs less probable are marked for review."),
    ] = 0.5,
) -> None:
    """Estimate the stages of a recording and write stage and probabilities of each epoch.

    The table is one that --hypnogram reads. The stages are an estimate, not a scoring.

    \b
    Examples:
      psgkit stage night.edf --by yasa --out stages.csv
      psgkit stage night.edf --out stages.csv --context subject.toml
      psgkit compare night.edf stages.csv
    """
    from psgkit.analysis.stages import usable_stages
    from psgkit.cli.options import busy
    from psgkit.io.read import read_recording
    from psgkit.night.files import sleeper_of
    from psgkit.night.staging import agreement_with_scored, findings_of_estimate
    from psgkit.profile.context.read import read_context
    from psgkit.report.csv_tables import stages_csv
    from psgkit.report.write import write_texts
    from psgkit.sleep.staging.method import StagingRule, staging_method

    method = staging_method(by)
    rule = StagingRule(method=by, min_probability=_share(least))
    sleeper = sleeper_of(None if context is None else read_context(context))
    night = read_recording(recording, channels)
    about = [*sleeper.contradictions(night.sleeper)]
    sleeper = sleeper.filled_from(night.sleeper)
    with busy(f"{recording.name}: estimating stages"):
        found = method.estimate(night, sleeper)
    if isinstance(found, str):
        raise InputFileError(
            recording.name,
            found,
            "a voltage channel of role eeg",
            'A channel map (--channels map.toml) names it: "LABEL" = {role = "eeg"}',
        )
    about += findings_of_estimate(found, rule)
    scored, _ = usable_stages(night)
    if scored is not None:
        about.append(agreement_with_scored(scored, found))
    table = stages_csv(found, rule.min_probability)
    if out is None:
        sys.stdout.write(table)
    else:
        say(*(f"wrote {one}" for one in write_texts({out.name: table}, out.parent)))
    say(*(f"{one.where}: {one.message}" for one in about))


def _share(value: float) -> float:
    from psgkit.errors import SettingsError

    if not 0 <= value <= 1:
        raise SettingsError("--least", f"{value:g}", "a probability from 0 to 1")
    return value
