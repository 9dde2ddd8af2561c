"""Every number that decides a result, in one frozen object, and TOML files that change them."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, field, fields, replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from psgkit.core.caution import CautionRule
from psgkit.core.dataclass import dataclass
from psgkit.core.lab import Lab
from psgkit.detect.accelerometer.detect import AccelerometerDetection
from psgkit.detect.accelerometer.trains.find import RhythmRule
from psgkit.detect.emg.atonia import AtoniaRule
from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.posture.rule import Mounting, PostureRule
from psgkit.detect.posture.walking import WalkingRule
from psgkit.errors import SettingsError
from psgkit.indices.movement_relief import ReliefRule
from psgkit.io.logo import read_logo
from psgkit.io.text.read import file_name
from psgkit.io.text.toml import parse_toml, read_toml_text, refuse_odd_numbers
from psgkit.scoring.large_movements import LargeMovementRule
from psgkit.scoring.rules import RULE_SETS, WASM_2016, ScoringRules
from psgkit.sleep.staging.method import StagingRule

Chosen = TypeVar("Chosen")
_LIGHTS_WITHIN_S = 31 * 86400.0
"""Of the start of a recording; lights outside it are refused with the line to type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How a night is analysed.

    Attributes
    ----------
    rules : ScoringRules
        Or the name of a rule set: ``Settings(rules="aasm3")``.
    emg : EmgDetection
    large : LargeMovementRule
    accelerometer : AccelerometerDetection
    rhythm : RhythmRule
        Trains in accelerometers; those in EMG are part of ``emg``.
    walking : WalkingRule
    mounting : Mounting
        How the trunk sensor lies on the body, as far as it is known.
    posture : PostureRule
    relief : ReliefRule
    rem_atonia : AtoniaRule
        What counts as muscle activity in REM sleep.
    cautions : CautionRule
        When a report warns its reader, and when sleep efficiency is not given.
    staging : StagingRule
        Whether stages are estimated from the EEG.
    lab : Lab
        Who makes the report.
    lights_off_s, lights_on_s : float or None
        Seconds from the start of the recording; None takes them from the events, else from the
        recording's ends.
    """

    rules: ScoringRules = WASM_2016
    emg: EmgDetection = field(default_factory=EmgDetection)
    large: LargeMovementRule = field(default_factory=LargeMovementRule)
    accelerometer: AccelerometerDetection = field(default_factory=AccelerometerDetection)
    rhythm: RhythmRule = field(default_factory=RhythmRule)
    walking: WalkingRule = field(default_factory=WalkingRule)
    mounting: Mounting = field(default_factory=Mounting)
    posture: PostureRule = field(default_factory=PostureRule)
    relief: ReliefRule = field(default_factory=ReliefRule)
    rem_atonia: AtoniaRule = field(default_factory=AtoniaRule)
    cautions: CautionRule = field(default_factory=CautionRule)
    staging: StagingRule = field(default_factory=StagingRule)
    lights_off_s: float | None = None
    lights_on_s: float | None = None
    lab: Lab = field(default_factory=Lab)

    def __post_init__(self) -> None:
        """Take a rule set by its name; raise ``SettingsError`` for a field of a wrong type."""
        if isinstance(self.rules, str):
            object.__setattr__(self, "rules", rules_named(self.rules))
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name.endswith("_s"):
                wanted: Any = "seconds, or None"
                number = isinstance(value, int | float)
                fits = value is None or (number and abs(value) <= _LIGHTS_WITHIN_S)
            else:
                kind = type(_usual(each))
                wanted, fits = f"{kind.__name__}(...)", isinstance(value, kind)
            if not fits:
                raise SettingsError(f"Settings, {each.name}", repr(value), wanted)

    @classmethod
    def of(cls, given: "Settings | ScoringRules | str | None") -> "Settings":
        """Return settings; those of a rule set, or of its name, have the other defaults.

        Raises
        ------
        SettingsError
            If it is something else, such as a dict.

        Examples
        --------
        >>> Settings.of("aasm3").rules.title
        'AASM 3'
        """
        if given is None:
            return cls()
        if isinstance(given, cls):
            return given
        if isinstance(given, ScoringRules | str):
            return cls(rules=given)  # type: ignore[arg-type] # a name is looked up
        wanted = 'Settings(...), a rule set such as psgkit.AASM_3, or its name such as "aasm3"'
        raise SettingsError("settings", type(given).__name__, wanted)

    def as_dict(self) -> dict[str, Any]:
        """Return every value that decides a result as plain data, in a fixed order."""
        return {name: value for name, value in asdict(self).items() if name != "lab"}


GivenSettings: TypeAlias = Settings | ScoringRules | str | None
"""What is taken for settings: a rule set, or its name, stands for settings with that rule set."""


def _usual(each: "Field[Any]") -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()


def rules_named(name: str, where: str = "rules") -> ScoringRules:
    """Return the rule set called ``name``.

    Examples
    --------
    >>> rules_named("wasm2016").title
    'WASM 2016'
    """
    if name not in RULE_SETS:
        raise SettingsError(where, repr(name), f"one of {', '.join(RULE_SETS)}")
    return RULE_SETS[name]


def read_settings(path: str | Path, rules: str | None = None) -> Settings:
    """Return the settings of a TOML file; what it does not name keeps its default.

    Parameters
    ----------
    path : path
        Tables ``[rules]`` (``base`` names the rule set that is changed; any field of it),
        ``[emg]`` (``rule``, ``conditioning``, ``cardiac``), ``[lab]`` (``name``, ``logo``: a PNG or
        JPEG file, beside the settings unless its path is absolute, ``paper``: ``"a4"`` or
        ``"letter"``, ``shared = true``: others may read new files as the umask says,
        ``show_names = true``: findings in files keep what they quote from a recording), and
        ``lights_off_s``, ``lights_on_s``.
    rules : str, optional
        Rule set to change, instead of ``base``.

    Raises
    ------
    SettingsError
        Naming file, field, value and what was wanted.
    """
    path = Path(path)
    settings = settings_from(settings_table(path), where=path.name, rules=rules)
    if not settings.lab.logo:
        return settings
    logo = path.parent / settings.lab.logo
    read_logo(logo)  # before a night is analysed for a report that could not be written
    return replace(settings, lab=replace(settings.lab, logo=str(logo)))


def settings_table(path: str | Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    SettingsError
        If it cannot be read, is no TOML, or is nested too deeply.
    """
    wanted = "a TOML file with settings"
    return parse_toml(read_toml_text(path, wanted), file_name(path), wanted)


def settings_from(
    given: Mapping[str, Any], *, where: str = "settings", rules: str | None = None
) -> Settings:
    """Return the default settings with the fields in ``given`` (nested as in TOML) changed.

    Examples
    --------
    >>> settings_from({"rules": {"base": "wasm2006", "series": {"min_movements": 5}}}).rules.name
    'wasm2006 with changes'
    """
    changes = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    wanted = changes.get("rules", {})
    if not isinstance(wanted, dict):
        raise SettingsError(f"{where}: rules", repr(wanted), "a table [rules]")
    in_file = str(wanted.pop("base", WASM_2016.name))
    base = rules_named(rules) if rules else rules_named(in_file, f"{where}: rules.base")
    if wanted:
        wanted.setdefault("name", f"{base.name} with changes")
        wanted.setdefault("title", f"{base.title} with changes")
    return with_changes(Settings, asdict(Settings(rules=base)), changes, where)


def with_changes(
    kind: type[Chosen], default: Mapping[str, Any], changes: Mapping[str, Any], where: str
) -> Chosen:
    """Return an object of ``kind`` made of the values of ``default`` with ``changes``.

    Raises
    ------
    SettingsError
        For a field that does not exist or a value that does not fit, with its place.
    """
    from pydantic import TypeAdapter, ValidationError

    _check_names(default, changes, where)
    refuse_odd_numbers(changes, where)
    try:
        # as JSON, where strict still lets an array be a tuple, but no text be a number
        text = json.dumps(_merged(default, changes))
        return TypeAdapter(kind).validate_json(text, strict=True)
    except TypeError as error:
        raise SettingsError(where, str(error), "numbers, texts, arrays and tables") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        found = first["input"]
        shown = "a table" if isinstance(found, dict) else repr(found)
        fits = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{where}: {place}", shown, fits) from None


def _check_names(default: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> None:
    """Raise for a field that does not exist: a misspelt one must not be dropped in silence."""
    from difflib import get_close_matches

    for name, value in changes.items():
        if name not in default:
            near = get_close_matches(name, default, n=1)
            advice = f"Did you mean {near[0]!r}?" if near else ""
            raise SettingsError(where, f"{name!r}", f"one of {', '.join(default)}", advice)
        if isinstance(default[name], Mapping) and isinstance(value, Mapping):
            _check_names(default[name], value, f"{where}: {name}")


def _merged(default: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    def value(name: str) -> Any:  # noqa: ANN401 - whatever a TOML file may hold
        old, new = default[name], changes.get(name, default[name])
        both = isinstance(old, Mapping) and isinstance(new, Mapping)
        return _merged(old, new) if both else new

    return {name: value(name) for name in default}
