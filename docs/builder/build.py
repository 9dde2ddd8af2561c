"""Build the documentation: ``scripts/docs`` calls this.

Sources are copied into OUT/source beside pages that are generated from psgkit itself, so that the
checkout stays as it is; the site is written to OUT/site.  A warning of Sphinx, an example that
fails and a broken link end the build with exit code 1.
"""

import argparse
import os
import shutil
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from links import broken_links
from made_pages import write_pages
from sphinx.cmd.build import main as sphinx_build

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
NOT_SOURCES = shutil.ignore_patterns("builder", "__pycache__")
TOP_FILES = {"CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}


def copy_sources(source: Path) -> None:
    """Copy the pages, and those that lie at the top of the project, into ``source``."""
    shutil.copytree(DOCS, source, ignore=NOT_SOURCES, dirs_exist_ok=True)
    for name, copied in TOP_FILES.items():
        shutil.copy2(ROOT / name, source / copied)
    (source / "_extra").mkdir(exist_ok=True)


def build(out: Path, jobs: int, *, again: bool) -> int:
    """Return 0 if every page was built without a warning and every link leads somewhere."""
    source, site = out / "source", out / "site"
    if not again:
        for folder in (source, site, out / "doctrees"):
            shutil.rmtree(folder, ignore_errors=True)
    source.mkdir(parents=True, exist_ok=True)
    copy_sources(source)
    write_pages(source)
    options = ["--fail-on-warning", "--keep-going", "--quiet", "-j", str(jobs)]
    status = sphinx_build([*options, "-d", str(out / "doctrees"), str(source), str(site)])
    if status:
        return status
    broken, links_n = broken_links(site)
    for line in broken:
        print(line, file=sys.stderr)
    print(f"{site / 'index.html'}: {links_n} links checked, {len(broken)} broken")
    return 1 if broken else 0


def serve(site: Path, port: int) -> None:
    """Show the site on this machine until Ctrl-C."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


def main() -> int:
    """Build, and serve if asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "docs", help="folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--again", action="store_true", help="build only pages that changed")
    parser.add_argument("--serve", action="store_true", help="show the site afterwards")
    parser.add_argument("--port", type=int, default=8000, help="of --serve; 0 is a free one")
    asked = parser.parse_args()
    status = build(asked.out.resolve(), asked.jobs, again=asked.again)
    if asked.serve and not status:
        serve(asked.out.resolve() / "site", asked.port)
    return status


if __name__ == "__main__":
    sys.exit(main())
