"""Render a page by the template: no text can become markup, and nothing is loaded.

Control characters are replaced by visible ones, then the template escapes every text.  Data of the
script are JSON in which no tag can begin.  A Content-Security-Policy allows this script and this
style, by their digests, and nothing else.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from psgkit.document.outside_text import visible
from psgkit.report.html.pictures import inline_svg
from psgkit.report.page_model import Page
from psgkit.report.palette import DARK, LIGHT, css_variables
from psgkit.report.words.language import _, language
from psgkit.report.words.words import SEVERITY_NAMES

if TYPE_CHECKING:
    from jinja2 import Template


def rendered(**content: Any) -> str:  # noqa: ANN401 - variables of the template
    """Return the page rendered from ``content``; variables not given are undefined."""
    from markupsafe import Markup

    script = _script(content)
    logo = _logo_of(content["page"])
    policy = [
        "default-src 'none'",
        *([f"script-src {_digest(script)}"] if script else []),
        f"style-src {_digest(_style())}",
        *(["img-src data:"] if logo else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    found = {
        "night": None,
        "figure": None,
        "histograms": {},
        "folded_pictures": (),
        "periodicity": {},
        "logo": logo,
        "bibtex": "",
        "reviewable": "",
        "listings": {},
        **content,
    }
    found |= {"_": _, "language": language(), "severities": SEVERITY_NAMES}
    # style, script and data come from psgkit and contain no text that could end their elements
    found |= {
        "drawn": Markup(inline_svg(found["figure"].svg) if found["figure"] else ""),
        "style": Markup(_style()),
        "script": Markup(script),
        "data": Markup(content.get("data", "")),
        "packed": Markup(content.get("packed", "")),
        "reviewable": Markup(content.get("reviewable", "")),
        "policy": Markup("; ".join(policy)),
    }
    return _template().render(found).strip() + "\n"


def _script(content: Mapping[str, Any]) -> str:
    """Return the script of a page: of a night, with its review if it can be reviewed, or a list."""
    if content.get("listings"):
        return _file("page_list.js")
    if not content.get("night"):
        return ""
    return _file("page.js") + (_file("page_review.js") if content.get("reviewable") else "")


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _style() -> str:
    """Return the style: the palette, with light colours on paper."""
    colours = f":root {{ --ground: #f4f5f7; {css_variables(LIGHT)} }}\n"
    dark = f":root {{ --ground: #12161c; {css_variables(DARK)} }}"
    at_night = f"@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"
    return f"{colours}{at_night}{_file('page.css')}"


def _logo_of(page: Page) -> str:
    """Return the logo in the head of a page as base64, or nothing."""
    if page.letterhead is None or page.letterhead.logo is None:
        return ""
    return base64.b64encode(page.letterhead.logo.png).decode("ascii")


def _digest(content: str) -> str:
    """Return the digest of a script or style as a policy names it."""
    sha256 = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(sha256).decode('ascii')}'"


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_file("page.html"))


def _harmless(value: Any) -> Any:  # noqa: ANN401
    """Return text without control characters; escaping follows, unless a macro made it."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def safe_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    r"""Return JSON that is safe inside a script element.

    Examples
    --------
    >>> print(safe_json({"label": "</script>"}))
    {"label":"\u003c/script\u003e"}
    """
    compact = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        compact = compact.replace(sign, f"\\u{ord(sign):04x}")
    return compact


def all_visible(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return ``value`` with control characters visible in every text."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {key: all_visible(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)) and value and not isinstance(value[0], (int, float)):
        return [all_visible(inner) for inner in value]
    return value
