"""Tables on a narrow terminal: nothing is broken, nothing is lost, no line is too long."""

import pytest

from psgkit.report.page_model import Page, Section, Table
from psgkit.report.terminal import page_as_text, pieces_of, widths_of

HEAD = ("Date", "Worn, h", "Activity", "Seated, %", "Walking, %", "Movements, /h", "Trains, /h")
ROWS = tuple(
    (f"Mon {day:02d} Jan", "12.0", f"{day},431.92", "75", "17", f"{day}.3", f"0.{day}")
    for day in range(1, 8)
)
DAYS = Table(head=HEAD, rows=ROWS, foot="From midnight to midnight.")


def shown(width: int) -> str:
    section = Section(key="days", title="Days", parts=(DAYS,))
    page = Page(
        title="x", subtitle="", banners=(), headline=(), sections=(section,), disclaimer="y"
    )
    return page_as_text(page, width=width, colour=False)


@pytest.mark.parametrize("width", [40, 50, 60, 72, 80, 100, 140])
def test_no_cell_and_no_word_of_a_head_is_broken(width: int) -> None:
    text = shown(width)
    assert max(map(len, text.splitlines())) <= width
    lines = text.splitlines()
    for row in ROWS:
        for cell in row:
            assert any(cell in line for line in lines), cell
    for head in HEAD:
        for word in head.split():
            assert any(word in line.split() for line in lines), word


def test_every_piece_begins_with_the_first_column_and_each_other_is_there_once() -> None:
    pieces = pieces_of(DAYS, 44)
    assert len(pieces) > 1
    assert all(piece.head[0] == "Date" and piece.n_text == 1 for piece in pieces)
    assert tuple(name for piece in pieces for name in piece.head[1:]) == HEAD[1:]
    assert all([row[0] for row in piece.rows] == [row[0] for row in ROWS] for piece in pieces)


def test_what_fits_stays_as_it_is_and_a_long_text_gives_way_first() -> None:
    assert pieces_of(DAYS, 200) == [DAYS]
    assert widths_of(DAYS, 200) == [10, 7, 8, 9, 10, 13, 10]
    long = Table(head=("Why", "Share, %"), rows=(("not worn for an hour or more on end", "4.7"),))
    assert widths_of(long, 30) == [19, 8]


def test_letters_that_take_two_places_are_counted_so() -> None:
    wide = Table(head=("名前", "n"), rows=(("山田太郎", "1"),))
    assert widths_of(wide, 80) == [8, 1]
