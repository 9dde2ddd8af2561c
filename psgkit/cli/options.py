"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

HypnogramFile: TypeAlias = Annotated[
    Path | None, typer.Option(help="Stages, in any format of a scoring program.")
]
RulesName: TypeAlias = Annotated[
    str | None, typer.Option(help="wasm2016 (default), wasm2006 or aasm3.")
]
SettingsFile: TypeAlias = Annotated[
    Path | None, typer.Option(help="Settings (TOML) that change any number.")
]
OutFolder: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the files here.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
