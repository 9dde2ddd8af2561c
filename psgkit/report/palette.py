"""Palette of figures, PDF and HTML page, by the meaning of a colour.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/) and, for postures, of
Paul Tol (SRON/EPS/TN/09-002, "bright"), with shades of them where a set needs more; a test checks
that every set is distinguishable with protanopia, deuteranopia and tritanopia.  Left is cool, right
is warm, both sides are purple; deeper sleep is darker: psgkit's own choice.
"""

from collections.abc import Mapping
from types import MappingProxyType

from psgkit.core.site import Site

_KINDS = {"plm": "#d55e00", "candidate": "#0072b2", "movement": "#9aa3ae"}
_STAGES = {
    "stage-w": "#e69f00",
    "stage-n1": "#a9d6f5",
    "stage-n2": "#4a9bd4",
    "stage-n3": "#0b3050",
    "stage-r": "#b5367f",
    "stage-sleep": "#787848",
    "stage-unscored": "#c9ccd1",
}
_SITES = {
    "site-left-leg": "#0072b2",
    "site-right-leg": "#d55e00",
    "site-both-legs": "#4b2a6b",
    "site-left-arm": "#56b4e9",
    "site-right-arm": "#e69f00",
    "site-both-arms": "#cc79a7",
    "site-trunk": "#009e73",
    "site-whole-body": "#3d4450",
    "site-none": "#b9bdc4",
}
_POSTURES = {
    "posture-supine": "#4477aa",
    "posture-left": "#66ccee",
    "posture-right": "#228833",
    "posture-prone": "#aa3377",
    "posture-lying": "#a9b4c2",
    "posture-upright": "#ccbb44",
    "posture-walking": "#ee6677",
    "posture-unknown": "#dfe2e6",
}
_EVENTS = {
    "arousal": "#009e73",
    "respiratory": "#4a3f8f",
    "rhythm": "#cc79a7",
    "asleep": "#0072b2",
    "awake": "#e69f00",
    "activity": "#4a5568",
    "light": "#f0e442",
    "not-worn": "#c9ccd1",
}
_GROUND = {
    "paper": "#ffffff",
    "ink": "#1d2430",
    "faint": "#5d6878",
    "line": "#d9dee6",
    "shade": "#e6e9ee",
    "band": "#e2eef6",
    "accent": "#0b6e99",
    "error": "#b3261e",
    "warning": "#8a5a00",
    "alert": "#fff4e0",
    "fits": "#cde4f4",
    "unfit": "#fbd9bd",
}

LIGHT: Mapping[str, str] = MappingProxyType(
    {**_KINDS, **_STAGES, **_SITES, **_POSTURES, **_EVENTS, **_GROUND}
)
"""Colours on white paper, as ``#rrggbb``, by name."""

DARK: Mapping[str, str] = MappingProxyType(
    {
        **LIGHT,
        "plm": "#ff9a5c",
        "candidate": "#6cb8ea",
        "movement": "#6b7686",
        "stage-w": "#f0b840",
        "stage-n1": "#c4e4fa",
        "stage-n2": "#5faee3",
        "stage-n3": "#2f6ea5",
        "stage-r": "#d977b0",
        "stage-sleep": "#a8a878",
        "stage-unscored": "#4a5361",
        "site-left-leg": "#4aa3dc",
        "site-right-leg": "#f07f33",
        "site-both-legs": "#7b50a8",
        "site-left-arm": "#a5dcfb",
        "site-right-arm": "#f5c35a",
        "site-both-arms": "#f0b6d6",
        "site-trunk": "#35c79b",
        "site-whole-body": "#f4f6f9",
        "site-none": "#8f959e",
        "posture-lying": "#7d8896",
        "posture-unknown": "#3a4250",
        "arousal": "#35c79b",
        "respiratory": "#a79df0",
        "rhythm": "#e7a9cb",
        "asleep": "#4aa3dc",
        "awake": "#f0b840",
        "activity": "#aab4c2",
        "not-worn": "#4a5361",
        "paper": "#1b2028",
        "ink": "#e7ebf1",
        "faint": "#9aa6b6",
        "line": "#343c49",
        "shade": "#2a313c",
        "band": "#24323b",
        "fits": "#1d4a68",
        "unfit": "#653a17",
        "accent": "#6cc0e5",
        "error": "#ff8a80",
        "warning": "#f2c46d",
        "alert": "#33290f",
    }
)
"""The same names on a dark page."""

SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kinds": tuple(_KINDS),
        "stages": tuple(_STAGES),
        "sites": tuple(_SITES),
        "sleep and wake": ("asleep", "awake"),
    }
)
"""Names that stand beside each other in one figure and must differ by colour alone."""


def site_colour(site: str, colours: Mapping[str, str] = LIGHT) -> str:
    """Return the colour of a site.

    Examples
    --------
    >>> site_colour("left_leg"), site_colour("trunk", DARK)
    ('#0072b2', '#35c79b')
    """
    name = f"site-{site.replace('_', '-')}" if site in {str(one) for one in Site} else ""
    return colours.get(name) or colours["site-none"]


def stage_colour(stage: str, colours: Mapping[str, str] = LIGHT) -> str:
    """Return the colour of a stage of the closed vocabulary.

    Examples
    --------
    >>> stage_colour("R"), stage_colour("UNSCORED")
    ('#b5367f', '#c9ccd1')
    """
    return colours[f"stage-{stage.lower()}"]


def css_variables(colours: Mapping[str, str] = LIGHT) -> str:
    """Return every colour as a CSS variable, for a rule such as ``:root``.

    Examples
    --------
    >>> css_variables()[:32]
    '--plm: #d55e00; --candidate: #00'
    """
    return " ".join(f"--{name}: {value};" for name, value in colours.items())
