"""Every number on the page is the JSON's: read back out of the page and compared."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import night_store
import pytest
from night_fixtures import night_without_stages, ordinary_night

from psgkit.core.night_report import NightReport
from psgkit.document.write import night_as_json
from psgkit.report.html.page import night_as_html


class Numbers(HTMLParser):
    """Collect what is marked: key, value and the words shown; the table of movements; cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.marked: list[tuple[str, str, str]] = []
        self.fields: list[str] = []
        self.rows: list[list[tuple[str | None, str]]] = []
        self.unmarked: list[str] = []
        self._now: tuple[str, dict[str, str | None]] | None = None
        self._words = ""
        self._in_movements = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._in_movements = given.get("id") == "movement-table"
        if self._in_movements and tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "b"):
            self._now, self._words = (tag, given), ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if self._now is None or tag != self._now[0]:
            return
        given = self._now[1]
        if self._in_movements and tag == "td":
            self.rows[-1].append((given.get("data-value"), self._words))
        elif self._in_movements:
            self.fields.append(given.get("data-field") or "")
        elif given.get("data-key"):
            self.marked.append((given["data-key"] or "", given["data-value"] or "", self._words))
        elif given.get("class") == "number" and tag == "td":
            self.unmarked.append(self._words)
        self._now = None


def looked_up(document: dict[str, Any], key: str) -> Any:  # noqa: ANN401
    parts = key.split(".")
    if parts[0] == "breakdown":
        _, group, by, level, name, what = parts
        (row,) = [
            one
            for one in document["breakdown"]
            if (one["group"], one["by"], one["level"]) == (group, by, level)
        ]
        return row["indices"][name][what]
    found: Any = document
    for part in parts:
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def agrees(shown: str, value: float) -> bool:
    """Return whether the words round the value: half of their last digit at most."""
    words = re.search(r"[-\u2212]?[\d,]+(?:\.(\d+))?", shown)
    assert words is not None, shown
    number = float(words[0].replace(",", "").replace("\u2212", "-"))
    return abs(number - value) <= 0.5 * 10 ** -len(words[1] or "") * (1 + 1e-9)


def simulated(kind: str) -> NightReport:
    return night_store.analysed(kind, hours=1.0)


@pytest.fixture(scope="module")
def rls() -> NightReport:
    return simulated("rls")


@pytest.fixture(scope="module", params=["ordinary", "no stages", "rls", "akathisia"])
def night(request: pytest.FixtureRequest) -> NightReport:
    made = {"ordinary": ordinary_night, "no stages": night_without_stages}
    return made[request.param]() if request.param in made else simulated(request.param)


def test_every_marked_number_is_the_one_of_the_json(night: NightReport) -> None:
    document = json.loads(night_as_json(night))
    marked = Numbers(night_as_html(night)).marked
    assert len(marked) > 10
    for key, value, shown in marked:
        exact = looked_up(document, key)
        assert float(value) == exact, key
        assert agrees(shown, exact), (key, shown, exact)


def test_every_movement_is_the_one_of_the_json(night: NightReport) -> None:
    document = json.loads(night_as_json(night))
    found = Numbers(night_as_html(night))
    rows = [row for row in found.rows if row]
    assert len(rows) == len(document["movements"]) > 5
    fields = {"onset_s", "duration_s", "imi_s", "series", "series_nr", "amplitude"}
    assert set(filter(None, found.fields)) == fields
    for row, movement in zip(rows, document["movements"], strict=True):
        for field, (value, shown) in zip(found.fields, row, strict=True):
            if not field:
                continue
            assert (None if value is None else float(value)) == movement[field]
            scale = 1000 if shown.endswith("mg") else 1
            assert value is None or agrees(shown, scale * movement[field])


def test_a_number_in_a_table_of_indices_is_marked(rls: NightReport) -> None:
    """Only dashes, and numbers of trains and turns, which the JSON has line by line."""
    bare = [words for words in Numbers(night_as_html(rls)).unmarked if re.search(r"\d", words)]
    assert bare == []
