"""Texts of reports by key."""

import pytest

from psgkit.report.texts import text


def test_a_key_without_text_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"report\.nothing"):
        text("report.nothing")


def test_a_table_is_no_text() -> None:
    with pytest.raises(KeyError, match="'report'"):
        text("report")
