"""The shape of the package: imports point down, modules stay small, nothing heavy comes early."""

import ast
import json
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import psgkit

PACKAGE = Path(psgkit.__file__).resolve().parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = [
    {"_version"},
    {"errors"},
    {"extras", "working_folder"},
    {"core"},
    {"io", "conditioning", "sleep"},
    {"detect", "scoring"},
    {"indices"},
    {"profile"},
    {"settings"},
    {"analysis"},
    {"document"},
    {"days", "sit"},
    {"night"},
    {"followup"},
    {"report", "simulate", "agreement"},
    {"check"},
    {"review"},
    {"cohort"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
LONGEST_MODULE = 500
HEAVY = ["scipy.signal", "pandas", "mne", "matplotlib", "dask", "distributed", "pydantic", "yasa"]
CHECKED_BY_PYDANTIC = {
    "psgkit.document.model",
    "psgkit.document.sit_model",
    "psgkit.document.days_model",
}
"""Types that pydantic reads; only functions that read documents import them."""
HEAVY += ["jinja2", "pyedflib", "pyarrow", "starlette", "uvicorn", "defusedxml", "scipy.stats"]


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every module, by its dotted name."""
    return {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported_modules(module: str) -> set[str]:
    """Return the modules of psgkit that a module imports, at its top or inside its functions."""
    found = set()
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in trees() else str(node.module) for name in names}
    return {name for name in found if name.split(".")[0] == "psgkit"} - {module}


@cache
def imports() -> dict[str, set[str]]:
    """Return what each module imports."""
    return {module: imported_modules(module) for module in trees() if module != "psgkit"}


def test_imports_point_down() -> None:
    assert {room_of(module) for module in imports()} <= set(RANK), "a room without a layer"
    upward = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if room_of(other) != room_of(module) and RANK[room_of(other)] >= RANK[room_of(module)]
    ]
    assert not upward


def test_no_imports_go_in_a_circle() -> None:
    TopologicalSorter(imports()).prepare()  # raises CycleError and names the circle


def test_modules_are_imported_by_name_only_where_public_names_are_resolved() -> None:
    by_name = [
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and (node.id if isinstance(node, ast.Name) else node.attr)
        in {"import_module", "__import__"}
    ]
    packages = {dotted(path) for path in MODULES if path.name == "__init__.py"}
    assert set(by_name) <= packages


def test_there_is_no_room_for_odds_and_ends() -> None:
    words = {part for module in trees() for part in module.split(".")}
    assert not words & {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def test_no_module_is_longer_than_500_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {dotted(path): n for path, n in lengths.items() if n > LONGEST_MODULE}


def test_every_module_and_every_public_name_says_what_it_is() -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert not [module for module, tree in trees().items() if not ast.get_docstring(tree)]
    silent = [
        f"{module}.{node.name}"
        for module, tree in trees().items()
        for scope in ast.walk(tree)
        if isinstance(scope, ast.Module | ast.ClassDef)
        for node in scope.body
        if isinstance(node, definitions)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


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
    ours = {name for name in loaded if name.startswith("psgkit")}
    assert ours == {"psgkit", "psgkit._version", "psgkit.core", "psgkit.core.shown"}


def test_importing_the_walk_of_a_night_loads_nothing_heavy() -> None:
    assert not loaded_by("import psgkit.night.walk") & set(HEAVY)


def test_no_module_loads_anything_heavy_when_imported() -> None:
    names = [
        ".".join(("psgkit", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in MODULES
        if path.name not in {"__init__.py", "__main__.py"}
        and dotted(path) not in CHECKED_BY_PYDANTIC
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


def test_a_report_loads_one_command_and_no_checker_of_documents() -> None:
    recording = next((Path(__file__).parents[1] / "sample_data").rglob("*.edf"))
    loaded = loaded_by(
        "import contextlib, io, sys\n"
        f"sys.argv = ['psgkit', 'report', {str(recording)!r}, '--json']\n"
        "from psgkit.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main()"
    )
    assert "psgkit.night.walk" in loaded
    assert not loaded & {*HEAVY, "rich", "jinja2", "importlib.metadata", "psgkit.cli.batch"}
    assert "psgkit.cli.review" not in loaded


def test_scoring_a_night_from_samples_to_json_never_loads_scipy_signal_or_pandas() -> None:
    loaded = loaded_by(
        "import numpy as np\n"
        "from psgkit.core.recording import Channel, Recording, Segment\n"
        "from psgkit.core.site import Site\n"
        "from psgkit.night.walk import analyse_night\n"
        "from psgkit.document.write import night_as_json\n"
        "emg = 2 * np.random.default_rng(0).standard_normal(60 * 200)\n"
        "leg = Channel(label='LAT', rate_hz=200.0, samples=emg, unit='uV', role='leg',\n"
        "              site=Site.LEFT_LEG)\n"
        "part = Segment(start_s=0.0, duration_s=60.0)\n"
        "night = Recording(source='x', start=None, segments=(part,), channels=(leg,))\n"
        "night_as_json(analyse_night(night))"
    )
    assert not loaded & set(HEAVY)
