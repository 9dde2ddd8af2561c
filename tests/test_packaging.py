"""What is published is whole: archive and wheel, one version everywhere, recipes that agree."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import psgkit

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_comes_from_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"]
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    recipe = (ROOT / "scripts" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    assert f"\nversion: {psgkit.__version__}\n" in cited
    assert f'version: "{psgkit.__version__}"' in recipe


def test_the_conda_recipe_asks_for_what_the_project_asks_for() -> None:
    recipe = (ROOT / "scripts" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    asked = dict(re.findall(r"^    - ([\w-]+) (>=[\d.]+)$", recipe, re.MULTILINE))
    names = {name.removesuffix("-base"): bound for name, bound in asked.items()}
    for line in PROJECT["dependencies"]:
        if ";" not in line:
            name, bound = re.fullmatch(r"([\w-]+)(>=[\d.]+)", line).groups()
            assert names.pop(name) == bound, name
    assert names == {"python": PROJECT["requires-python"]}


def test_the_container_runs_without_rights() -> None:
    lines = (ROOT / "scripts" / "container" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER scorer" in lines
    assert lines.index("USER scorer") > max(n for n, line in enumerate(lines) if "RUN" in line)


@pytest.mark.slow
def test_archive_and_wheel_hold_everything(tmp_path: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a clone: which files belong to the project is not known")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    archive, wheel = next(tmp_path.glob("*.tar.gz")), next(tmp_path.glob("*.whl"))
    with tarfile.open(archive) as tar:
        inside = {name.partition("/")[2] for name in tar.getnames()}
    dotted = {name for name in tracked if name.startswith(".")}
    assert set(tracked) - dotted <= inside
    with zipfile.ZipFile(wheel) as packed:
        installed = {name for name in packed.namelist() if name.startswith("psgkit/")}
    assert installed == {name for name in tracked if name.startswith("psgkit/")}
    check = [sys.executable, "-m", "twine", "check", "--strict", str(archive), str(wheel)]
    subprocess.run(check, check=True, capture_output=True)
