"""Questions are solved again on as few pages as leave room to work (DOC-3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.infrastructure.typst.practice import COLUMN, TALLEST, WHOLE, Card, Form, pages

pytestmark = pytest.mark.requirement("DOC-3")

ROOM, TITLE = 249.5, 14.0
SIZES = st.one_of(st.just((0.0, 0.0)), st.tuples(st.floats(1, WHOLE - 3), st.floats(1, TALLEST)))


@given(st.lists(SIZES, min_size=1, max_size=40))
def test_each_question_stands_once_in_order_and_every_page_has_room_for_its_rows(
    sizes: list[tuple[float, float]],
) -> None:
    cards = [Card(at, *size) for at, size in enumerate(sizes)]
    found = pages(cards)
    assert [card for rows in found for row in rows for card in row.cards] == cards
    for at, rows in enumerate(found):
        gaps = 7.2 * (len(rows) - 1)
        assert sum(row.height for row in rows) + gaps <= ROOM - (0 if at else TITLE) + 0.1
        for row in rows:
            assert all(card.width <= COLUMN for card in row.cards) or row.form is Form.WHOLE
            assert len(row.cards) == (2 if row.form is Form.HALF else 1)


@given(st.lists(SIZES, min_size=1, max_size=40))
def test_there_is_room_to_work_beside_or_below_each_picture(sizes: list[tuple[float, float]]) -> None:
    for rows in pages([Card(at, *size) for at, size in enumerate(sizes)]):
        for row in rows:
            taken = 0.0 if row.form is Form.SIDE else max(card.height for card in row.cards)
            assert row.height - taken > 45, "heads and feet are 23 of it"


@pytest.mark.parametrize(
    ("size", "many"), [((0.0, 0.0), 4), ((80.0, 40.0), 4), ((160.0, 45.0), 2), ((80.0, 130.0), 1)]
)
def test_as_many_stand_on_a_page_as_fit(size: tuple[float, float], many: int) -> None:
    found = pages([Card(at, *size) for at in range(8)])
    assert [sum(len(row.cards) for row in rows) for rows in found] == [many] * (8 // many)
