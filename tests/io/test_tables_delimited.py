"""Tables: delimiters, decimal marks, lines, and every fault with its place."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import PsgkitError, TableError
from psgkit.io.text.read import decode_text
from psgkit.io.text.tables import delimiter_of, parse_table, refuse_several_nights, spans_s


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_gives_the_same_table(delimiter: str, newline: str) -> None:
    lines = ["onset_s,duration_s,stage", "0,30,W", "", "30.5,30,N2", ""]
    table = parse_table(newline.join(lines).replace(",", delimiter), "t")
    assert table.delimiter == delimiter
    assert table.numbers("onset_s").tolist() == [0.0, 30.5]
    assert table.text("stage") == ("W", "N2")
    assert table.lines == (2, 4)


def test_only_the_header_line_decides_the_delimiter() -> None:
    table = parse_table("onset;note\n1,5;a,b,c,d,e\n", "t")
    assert table.numbers("onset").tolist() == [1.5]
    assert delimiter_of("stage") == ""


def test_header_names_are_compared_without_case_and_blanks() -> None:
    assert parse_table(' Onset_S , STAGE\n"1", "W"\n', "t").header == ("onset_s", "stage")


def test_a_quoted_cell_may_hold_the_delimiter_and_lines_still_count() -> None:
    table = parse_table('a,b\n"x,\ny",1\nz,q\n', "t")
    assert table.text("a") == ("x,\ny", "z")
    assert table.lines == (2, 4)
    with pytest.raises(TableError, match="t, line 4, column 'b': found 'q'"):
        table.numbers("b")


def test_empty_cells_at_the_end_of_a_row_may_be_too_many() -> None:
    assert parse_table("a,b,\n1,2,,,\n,,\n", "t").text("b") == ("2",)


@pytest.mark.parametrize(
    ("row", "found"), [("1", "1 cells"), ("1,2,3", "3 cells"), ("1,5,30,W", "4 cells")]
)
def test_a_row_with_a_wrong_number_of_cells_names_its_line(row: str, found: str) -> None:
    with pytest.raises(TableError, match=f"t.csv, line 3: found {found}, wanted 2: 'a', 'b'"):
        parse_table(f"a,b\n1,2\n{row}\n", "t.csv")


def test_an_open_quote_does_not_swallow_the_rest_of_the_file() -> None:
    with pytest.raises(TableError, match=r"line 3: found .*stray quote"):
        parse_table('a,b\n1,2\n"3,4\n5,6\n7,8\n', "t")


@pytest.mark.parametrize(
    "cell",
    ["", "x", "nan", "inf", "-inf", "1e999", "1_000", "0x10", "1 000", "n/a", "\u0661", "--1"],
)
def test_what_is_no_finite_number_names_line_and_column(cell: str) -> None:
    table = parse_table(f"onset;x\n1;a\n{cell};b\n", "t")
    with pytest.raises(TableError, match="t, line 3, column 'onset': found"):
        table.numbers("onset")


def test_a_decimal_comma_is_no_number_where_the_comma_separates() -> None:
    with pytest.raises(TableError, match=r"found '1,5', wanted a number"):
        parse_table('onset,x\n"1,5",a\n', "t").numbers("onset")


def test_points_and_commas_in_one_column_are_refused() -> None:
    with pytest.raises(TableError, match=r"line 3.*'1,234', wanted a point in every number"):
        parse_table("onset\tx\n0.5\ta\n1,234\tb\n", "t").numbers("onset")


def test_a_column_named_twice_is_refused_only_when_it_is_needed() -> None:
    table = parse_table("a,b,b\n1,2,3\n", "t")
    assert table.text("a") == ("1",)
    with pytest.raises(TableError, match="several columns called 'b'"):
        table.text("b")


def test_a_missing_column_lists_those_there_are() -> None:
    with pytest.raises(TableError, match="found the columns 'a', 'b', wanted a column onset_s or"):
        spans_s(parse_table("a,b\n1,2\n", "t"))


def test_spans_come_from_duration_or_from_end() -> None:
    by_duration = spans_s(parse_table("onset,duration\n5,10\n", "t"))
    by_end = spans_s(parse_table("onset,end_s\n5,15\n", "t"))
    np.testing.assert_array_equal(by_duration, by_end)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("onset_s,end_s\n5,15\n5,4\n", "line 3, column 'end_s': found '4', wanted an end at or"),
        (
            "onset_s,duration_s\n5,-1\n",
            "line 2, column 'duration_s': found '-1', wanted a duration",
        ),
        ("onset_s,duration_s\n2e9,1\n", "line 2, column 'onset_s': found '2e9', wanted seconds"),
        (
            "onset_s,duration_s\n1,\n",
            "found an empty cell, .* Write a moment without duration as 0",
        ),
        ("onset_s,duration_s,end_s\n1,2,9\n", "column 'end_s': found '9', wanted onset plus"),
        ("onset_s,stage\n1,W\n", "wanted a column duration_s or duration or end_s"),
    ],
)
def test_impossible_times_name_their_cell(text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        spans_s(parse_table(text, "t"))


def test_the_rows_of_several_nights_are_refused_and_one_night_is_fine() -> None:
    refuse_several_nights(parse_table("case,onset\nR1,1\nR1,2\n", "t"))
    refuse_several_nights(parse_table("onset,x\n1,2\n", "t"))
    with pytest.raises(TableError, match=r"line 3, column 'case': found 'R2' .*several nights"):
        refuse_several_nights(parse_table("case,onset\nR1,1\nR2,2\n", "t"))


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1), st.sampled_from([",", ";", "\t"]))
def test_quoted_cells_come_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    def line(cells: tuple[str, ...]) -> str:
        return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells)

    table = parse_table("\n".join([f"a{delimiter}b", *map(line, rows)]), "t")
    filled = [row for row in rows if any(row)]
    assert list(zip(table.text("a"), table.text("b"), strict=True)) == filled


@given(st.binary(max_size=300))
def test_random_bytes_end_in_a_table_or_a_typed_error(content: bytes) -> None:
    with contextlib.suppress(PsgkitError):
        table = parse_table(decode_text(content, "t"), "t")
        spans_s(table)


@given(st.text(alphabet='onset_s,duration;\t\n"0123.-e', max_size=80))
def test_almost_tables_end_in_spans_or_a_typed_error(body: str) -> None:
    with contextlib.suppress(PsgkitError):
        onset_s, end_s = spans_s(parse_table("onset_s,duration_s\n" + body, "t"))
        assert (end_s >= onset_s).all()
