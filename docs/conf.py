"""Settings of Sphinx; ``scripts/docs`` builds the site."""

import os
import sys
from pathlib import Path

import matplotlib as mpl

ROOT = Path(os.environ["PSGKIT_DOCS_ROOT"])
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "builder")]
mpl.use("Agg")

from psgkit import __version__  # noqa: E402 - after the path is set

project = "psgkit"
author = "The psgkit developers"
project_copyright = author
version = release = __version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "run_blocks",
]
exclude_patterns = ["_work", "_extra"]
html_extra_path = ["_extra"]
html_static_path = ["_static"]
html_css_files = ["psgkit.css"]

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
# pages of the project that start at a second level, and files that are shown as they are
suppress_warnings = ["myst.header"]

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
python_use_unqualified_type_names = True
python_display_short_literal_types = True
python_maximum_signature_line_length = 72
add_module_names = False
toc_object_entries = False

templates_path: list[str] = []
html_theme = "pydata_sphinx_theme"
html_title = f"psgkit {release}"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "psgkit"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_center": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "changelog": []}
copybutton_exclude = ".linenos, .gp, .go"
copybutton_selector = "div:not(.run-output) > div.highlight > pre"
