"""Check the links of a built site: files and anchors within it, the form of addresses outside it.

Addresses outside are not fetched, so that a build needs no network.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src"}
_INNER = ("data", "mailto", "javascript")
_THEME = "_static"
_MADE = "made"
"""Pages that psgkit wrote in an example: their scripts make anchors, so only files are checked."""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors.update(filter(None, (values.get("id"), values.get("name"))))
        if link := values.get(_LINKS.get(tag, "")):
            self.links.append(link)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken_links(site: Path) -> tuple[list[str], int]:
    """Return a line for each broken link below ``site``, and how many links were checked."""
    found = sorted(path for path in site.rglob("*.html") if _THEME not in path.parts)
    pages = {path: _read(path) for path in found}
    broken, links_n = [], 0
    for path, page in pages.items():
        shown = path.relative_to(site)
        for link in page.links:
            links_n += 1
            broken += [f"{shown}: {link}: {why}" for why in _faults(link, path, site, pages)]
    return broken, links_n


def _faults(link: str, path: Path, site: Path, pages: dict[Path, _Page]) -> Iterator[str]:
    parts = urlsplit(link)
    if parts.scheme in _INNER:
        return
    if parts.scheme or parts.netloc:
        if parts.scheme not in {"http", "https"} or "." not in parts.netloc:
            yield "not an address of the web"
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(site):
        yield "leads out of the site"
    elif not target.is_file():
        yield "no such file"
    elif parts.fragment and target in pages and _MADE not in target.relative_to(site).parts:
        anchors = pages[target].anchors
        yield from () if unquote(parts.fragment) in anchors else ("no such anchor",)
