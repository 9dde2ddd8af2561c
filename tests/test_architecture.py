"""The shape of the package: imports point down, modules stay small, nothing heavy comes early."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import psgkit

PACKAGE = Path(psgkit.__file__).resolve().parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = [
    {"errors"},
    {"core"},
    {"io", "conditioning", "sleep"},
    {"detect", "scoring"},
    {"indices"},
    {"profile"},
    {"settings"},
    {"analysis"},
    {"night", "protocol", "days"},
    {"nights"},
    {"report", "simulate", "agreement"},
    {"check"},
    {"cohort"},
    {"review"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
LONGEST_MODULE = 300
HEAVY = ["scipy.signal", "pandas", "mne", "matplotlib", "dask", "distributed", "pydantic", "yasa"]
HEAVY += ["jinja2", "pyedflib", "pyarrow", "starlette", "uvicorn", "defusedxml", "scipy.stats"]

every_module = pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(PACKAGE)) for path in MODULES]
)


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(path: Path) -> set[str]:
    """Return the dotted names of what a module imports, at its top or anywhere else in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
            assert node.level == 0, f"line {node.lineno}: a relative import"
    return found


def imported_layers(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported_names(path)]
    return {name[1] for name in parts if name[0] == "psgkit" and name[1:] and name[1] in RANK}


def names_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@every_module
def test_imports_point_down(path: Path) -> None:
    own = layer_of(path)
    if own == "__init__":  # resolves the public names when they are first used
        return
    upward = {name for name in imported_layers(path) - {own} if RANK[name] >= RANK[own]}
    assert not upward, f"{own} may not import {sorted(upward)}"


def test_every_room_has_its_place_among_the_layers() -> None:
    rooms = {layer_of(path) for path in MODULES} - {"__init__"}
    assert rooms <= set(RANK)


def test_there_is_no_room_for_odds_and_ends() -> None:
    words = {part for path in MODULES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert not words & {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


@every_module
def test_a_module_is_no_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@every_module
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(names_of(path))


@every_module
def test_every_public_function_says_what_it_does(path: Path) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = [
        node.name
        for scope in ast.walk(names_of(path))
        if isinstance(scope, ast.Module | ast.ClassDef)
        for node in scope.body
        if isinstance(node, definitions)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


@every_module
def test_nothing_is_printed_and_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(names_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.id if isinstance(node.type, ast.Name) else ""
            assert node.type is not None, f"line {node.lineno}: a bare except"
            assert caught not in {"Exception", "BaseException"}, f"line {node.lineno}"


def test_the_public_names_are_all_there() -> None:
    for name in psgkit.__all__:
        assert getattr(psgkit, name).__doc__, name
    assert set(psgkit.__all__) <= set(dir(psgkit))
    with pytest.raises(AttributeError, match="no attribute 'analyze_night'"):
        psgkit.analyze_night  # noqa: B018


# what an import costs


def loaded_by(statement: str) -> set[str]:
    """Return the modules that are loaded after ``statement`` in a new process."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return set(json.loads(done.stdout))


def test_importing_psgkit_loads_neither_numpy_nor_any_room() -> None:
    loaded = loaded_by("import psgkit")
    assert "numpy" not in loaded
    assert {name for name in loaded if name.startswith("psgkit")} == {"psgkit"}


def test_importing_the_walk_of_a_night_loads_nothing_heavy() -> None:
    assert not loaded_by("import psgkit.night") & set(HEAVY)


def test_no_module_loads_anything_heavy_when_imported() -> None:
    names = [
        ".".join(("psgkit", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in MODULES
        if path.name not in {"__init__.py", "__main__.py"}
    ]
    loaded = loaded_by("\n".join(f"import {name}" for name in names))
    assert set(names) <= loaded
    assert not loaded & set(HEAVY)


def test_the_help_of_the_command_line_needs_no_numpy() -> None:
    loaded = loaded_by(
        "import contextlib, io, sys\nsys.argv = ['psgkit', '--help']\n"
        "from psgkit.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main()"
    )
    assert "psgkit.cli.app" in loaded
    assert "numpy" not in loaded


def test_scoring_a_night_from_samples_to_json_never_loads_scipy_signal_or_pandas() -> None:
    loaded = loaded_by(
        "import numpy as np\n"
        "from psgkit.core.recording import Channel, Recording, Segment\n"
        "from psgkit.core.site import Site\n"
        "from psgkit.night import analyse_night\n"
        "from psgkit.report.as_json import night_as_json\n"
        "emg = 2 * np.random.default_rng(0).standard_normal(60 * 200)\n"
        "leg = Channel(label='LAT', rate_hz=200.0, samples=emg, unit='uV', role='leg',\n"
        "              site=Site.LEFT_LEG)\n"
        "part = Segment(start_s=0.0, duration_s=60.0)\n"
        "night = Recording(source='x', start=None, segments=(part,), channels=(leg,))\n"
        "night_as_json(analyse_night(night))"
    )
    assert not loaded & set(HEAVY)
