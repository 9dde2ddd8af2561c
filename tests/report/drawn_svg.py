"""What stands where in an SVG that matplotlib drew."""

import re
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"


def assert_words_inside(svg: str) -> None:
    """Check that every text begins and ends on the drawing."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    words = [*root.iter(f"{_SVG}text")]
    assert words
    for one in words:
        moved = re.search(r"translate\(([\d.-]+) ([\d.-]+)\)", one.get("transform", ""))
        x, y = moved.groups() if moved else (one.get("x", "0"), one.get("y", "0"))
        assert 0 <= float(x) <= width, one.text
        assert 0 <= float(y) <= height, one.text
