"""Colours keep their meaning everywhere, and people with colour blindness can tell them apart."""

import itertools
import re

import night_store
import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.core.hypnogram import STAGES
from psgkit.core.postures import POSTURES
from psgkit.core.site import Site
from psgkit.report.html.page import night_as_html
from psgkit.report.palette import DARK, LIGHT, SETS, css_variables, site_colour, stage_colour

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
FEWEST_APART = 10.0
"""CIE 1976 difference; 2.3 is just noticeable side by side, thin marks need more."""


def linear(colour: str) -> NDArray[np.float64]:
    share = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_colours_of_a_set_are_told_apart_by_everybody(
    names: tuple[str, ...], blindness: str, colours: dict[str, str]
) -> None:
    seen = {name: lab(BLINDNESS[blindness] @ linear(colours[name])) for name in names}
    apart = {
        (one, other): float(np.linalg.norm(seen[one] - seen[other]))
        for one, other in itertools.combinations(names, 2)
    }
    assert {pair: value for pair, value in apart.items() if value < FEWEST_APART} == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "faint", "error", "warning", "accent"])
def test_words_have_the_contrast_that_wcag_asks_for(name: str, colours: dict[str, str]) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = sorted(
        (float(weights @ linear(colours[key])) for key in (name, "paper")), reverse=True
    )
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_site_stage_and_posture_has_a_colour_in_both_themes() -> None:
    assert set(LIGHT) == set(DARK)
    assert all(re.fullmatch("#[0-9a-f]{6}", one) for one in [*LIGHT.values(), *DARK.values()])
    assert len({site_colour(str(site)) for site in Site}) == len(Site)
    assert len({stage_colour(stage) for stage in STAGES}) == len(STAGES)
    assert {f"posture-{name}" for name in POSTURES} <= set(LIGHT)


def test_a_site_nobody_knows_gets_the_colour_of_no_site() -> None:
    assert site_colour("} body { display: none") == LIGHT["site-none"]


def test_css_variables_give_the_palette_back() -> None:
    assert dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", css_variables(DARK))) == DARK


def test_the_html_page_uses_these_colours() -> None:
    page = night_as_html(night_store.analysed("rls", hours=0.5))
    light, _, dark = page.partition("prefers-color-scheme: dark")
    for theme, colours in ((light, LIGHT), (dark, DARK)):
        stated = re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})\b", theme)
        known = {name: value.lower() for name, value in stated if name in colours}
        assert {"plm", "candidate", "movement", "asleep", "awake", "ink", "paper"} <= set(known)
        assert known == {name: colours[name] for name in known}
