"""Sphinx directives that run examples while the pages are built, and show what they gave.

``{run} python`` runs code in one namespace per page; ``{run} bash`` runs commands.  Both work in
a folder of the page that holds ``sample_data``.  An example that fails is a warning, which ends
the build.  ``{made} FILE`` links, or shows, a file that an example wrote.
"""

import ast
import io
import os
import shlex
import shutil
import subprocess
import sys
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(os.environ["PSGKIT_DOCS_ROOT"])
SIMULATED = "simulated data"
_PICTURES = (".svg", ".png")
_LONGEST_S = 900


class _Session:
    """What the examples of one page share: a folder, the names of Python, a count of figures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.figures_n = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "sample_data").symlink_to(ROOT / "sample_data")


_SESSIONS: dict[str, _Session] = {}


def _calls_of_psgkit(code: str) -> list[list[str]] | None:
    """Return the arguments of each line, or None if a line is not a plain call of psgkit."""
    if any(sign in code for sign in "$`*|;&<>"):
        return None
    lines = code.replace("\\\n", " ").splitlines()
    calls = [words for line in lines if (words := shlex.split(line, comments=True))]
    return calls if all(words[0] == "psgkit" for words in calls) else None


def _here(calls: list[list[str]]) -> tuple[object, str]:
    """Return exit code and output of calls in this process: most of a short call is its start."""
    from psgkit.cli import main

    said, given = io.StringIO(), sys.argv
    exit_code: object = 0
    for sys.argv in calls:
        try:
            with redirect_stdout(said), redirect_stderr(said):
                main()
        except SystemExit as leaving:
            exit_code = leaving.code or 0
        if exit_code:
            break
    sys.argv = given
    return exit_code, said.getvalue()


def _shell(code: str) -> tuple[object, str]:
    call = f'psgkit() {{ "{sys.executable}" -m psgkit "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", call + code],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PSGKIT_PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LONGEST_S,
        check=False,
    )
    return done.returncode, done.stdout.decode()


def _forget(_app: Sphinx, docname: str, _source: list[str]) -> None:
    _SESSIONS.pop(docname, None)


class _OfSession(SphinxDirective):
    @property
    def session(self) -> _Session:
        """Return the session of the page, with a folder of its own."""
        name = self.env.docname
        if name not in _SESSIONS:
            _SESSIONS[name] = _Session(Path(self.env.srcdir) / "_work" / name)
        return _SESSIONS[name]

    def text(self, words: str) -> list[nodes.Node]:
        """Return printed output as a block; of a long one the first lines, if so asked."""
        lines = words.rstrip().splitlines()
        most = self.options.get("lines", len(lines))
        if len(lines) > most:
            lines = [*lines[:most], f"... ({len(lines) - most} more lines)"]
        if not lines or "quiet" in self.options:
            return []
        shown = nodes.literal_block("\n".join(lines), "\n".join(lines), language="text")
        return [nodes.container("", shown, classes=["run-output"])]


class Run(_OfSession):
    """``{run} python`` or ``{run} bash``.

    Options: ``quiet`` shows no output, ``hidden`` shows nothing, ``lines`` limits the output,
    ``exit`` is the exit code that a command must have, ``shown`` is what a reader types
    where that differs, ``alt`` describes figures.
    """

    has_content = True
    required_arguments = 1
    option_spec: ClassVar = {
        "quiet": directives.flag,
        "hidden": directives.flag,
        "lines": directives.positive_int,
        "exit": directives.nonnegative_int,
        "shown": directives.unchanged_required,
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Run the example; return it with its output."""
        code, language = "\n".join(self.content), self.arguments[0]
        shown = self.options.get("shown", code)
        block = nodes.literal_block(shown, shown, language=language)
        self.set_source_info(block)
        found = self._bash(code) if language == "bash" else self._python(code)
        return [] if "hidden" in self.options else [block, *found]

    def _bash(self, code: str) -> list[nodes.Node]:
        calls = _calls_of_psgkit(code)
        with chdir(self.session.folder):
            exit_code, words = _shell(code) if calls is None else _here(calls)
        words = words.replace(f"{self.session.folder}/", "").replace(str(Path.home()), "~")
        if exit_code != self.options.get("exit", 0):
            raise self.error(f"exit code {exit_code}:\n{code}\n{words}")
        return self.text(words)

    def _python(self, code: str) -> list[nodes.Node]:
        session, printed = self.session, io.StringIO()
        tree = ast.parse(code)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        value = None
        try:
            with chdir(session.folder), redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("error")
                exec(compile(tree, "<example>", "exec"), session.names)
                if isinstance(last, ast.Expr):
                    value = eval(
                        compile(ast.Expression(last.value), "<example>", "eval"), session.names
                    )
        # whatever an example raises is reported with its page, and the build goes on to the next
        except Exception as error:
            raise self.error(f"{type(error).__name__}: {error}\n{code}") from error
        figures = self._figures(value)
        shown = [] if value is None or figures else self._value(value)
        return [*self.text(printed.getvalue()), *shown, *figures]

    def _value(self, value: object) -> list[nodes.Node]:
        html = getattr(value, "_repr_html_", lambda: None)()
        if html is None:
            return self.text(repr(value))
        return [nodes.raw("", f'<div class="run-html">{html}</div>', format="html")]

    def _figures(self, value: object) -> list[nodes.Node]:
        """Return the figure that is the value of the last line, and those of pyplot."""
        import matplotlib.pyplot as plt
        from matplotlib.figure import Figure

        figures = [plt.figure(number) for number in plt.get_fignums()]
        if isinstance(value, Figure) and value not in figures:
            figures.append(value)
        plt.close("all")
        return [self._picture(figure) for figure in figures]

    def _picture(self, figure: "Figure") -> nodes.Node:
        _state_that_it_is_simulated(figure)
        self.session.figures_n += 1
        path = self.session.folder / f"figure-{self.session.figures_n}.png"
        figure.savefig(path, dpi=140, bbox_inches="tight", facecolor="white")
        return _image(path, Path(self.env.srcdir), self.options.get("alt", SIMULATED))


def _state_that_it_is_simulated(figure: "Figure") -> None:
    from matplotlib.text import Text

    words = " ".join(text.get_text() for text in figure.findobj(Text)).lower()
    if "simulated" not in words:
        box = figure.get_tightbbox()
        # below all that is drawn, so that nothing is covered
        height, width = figure.get_figheight(), figure.get_figwidth()
        place = (box.x1 / width, (box.y0 - 0.05) / height)
        figure.text(*place, SIMULATED, ha="right", va="top", fontsize=8, color="#777777")


def _image(path: Path, source: Path, alt: str) -> nodes.image:
    return nodes.image(uri=f"/{path.relative_to(source)}", alt=alt, classes=["run-figure"])


class Made(_OfSession):
    """``{made} FILE`` with words: a link to a file that an example of this page wrote.

    ``also`` is a pattern of files beside it that it links to.
    """

    has_content = True
    required_arguments = 1
    option_spec: ClassVar = {"also": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Copy the file into the site; return the link, or the picture itself."""
        path, words = self.session.folder / self.arguments[0], " ".join(self.content)
        if not path.is_file():
            raise self.error(f"no example of this page has written {self.arguments[0]}")
        if path.suffix in _PICTURES:
            return [_image(path, Path(self.env.srcdir), words)]
        name = f"made/{self.env.docname}/{self.arguments[0]}"
        copied = Path(self.env.srcdir) / "_extra" / name
        beside = path.parent.glob(self.options["also"]) if "also" in self.options else ()
        for one in (path, *beside):
            target = copied.parent / one.relative_to(path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one, target)
        up = "../" * self.env.docname.count("/")
        html = f'<p class="run-made"><a href="{up}{name}">{words}</a></p>'
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives to Sphinx."""
    app.add_directive("run", Run)
    app.add_directive("made", Made)
    app.connect("source-read", _forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
