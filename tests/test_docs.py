"""The documentation: it builds without a warning, its links lead somewhere, its examples run."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILDER = ROOT / "docs" / "builder"
MODULES = ("sphinx", "myst_parser", "pydata_sphinx_theme", "sphinx_design", "sphinx_copybutton")
MISSING = [name for name in MODULES if find_spec(name) is None]


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201 - a module
    monkeypatch.syspath_prepend(str(BUILDER))
    import links

    return links


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"the extra [docs] is not installed: {MISSING}")
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BUILDER / "build.py"), "--out", str(tmp_path), "--jobs", "2"],
        env={**os.environ, "PSGKIT_DOCS_ROOT": str(ROOT), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.rstrip().endswith("0 broken")
    site = tmp_path / "site"
    assert "plms_index" in (site / "reference" / "glossary.html").read_text("utf-8")
    assert (site / "made" / "start" / "my-report" / "report.html").is_file()
    figures = list((tmp_path / "source" / "_work").rglob("figure-*.png"))
    assert len(figures) >= 15


def site_of(folder: Path, **pages: str) -> Path:
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text)
    return folder


def test_a_broken_link_is_found(tmp_path: Path, links) -> None:  # noqa: ANN001
    first = '<a href="b.html#there">1</a><a href="c.html">2</a><a href="b.html#not">3</a>'
    first += '<a href="../../x.html">4</a><a href="https://example.org/a">5</a>'
    first += '<a href="https:///a">6</a><img src="none.png">'
    broken, links_n = links.broken_links(site_of(tmp_path, a=first, b='<p id="there">'))
    assert links_n == 7
    assert broken == [
        "a.html: c.html: no such file",
        "a.html: b.html#not: no such anchor",
        "a.html: ../../x.html: leads out of the site",
        "a.html: https:///a: not an address of the web",
        "a.html: none.png: no such file",
    ]


@pytest.mark.skipif(bool(MISSING), reason=f"the extra [docs] is not installed: {MISSING}")
def test_an_example_that_fails_ends_the_build(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text('extensions = ["myst_parser", "run_blocks"]\n')
    page = "# Page\n\n```{run} python\n1 / 0\n```\n\n```{run} bash\npsgkit report none.edf\n```\n"
    (tmp_path / "index.md").write_text(page)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(tmp_path), "out"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PSGKIT_DOCS_ROOT": str(ROOT),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(BUILDER)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "exit code 3:" in done.stderr


def test_every_public_name_and_every_page_has_a_place() -> None:
    """A page that no table of contents names would be found by nobody."""
    import psgkit

    text = (BUILDER / "made_pages.py").read_text("utf-8")
    assert [name for name in psgkit.__all__ if name[0] != "_" and f'"{name}"' not in text] == []
    pages = [path for path in (ROOT / "docs").rglob("*.md") if "decisions" not in path.parts]
    named = "".join(path.read_text("utf-8") for path in pages)
    missing = [path.stem for path in pages if path.stem != "index" and path.stem not in named]
    assert missing == []
