"""The academy that the tests of this folder mark exams in."""

from collections.abc import Iterator

import pytest
from tests.unit.ai.room import Room, open_room


@pytest.fixture
def room() -> Iterator[Room]:
    """An academy with an exam, its sheet and its key; nothing is scanned yet."""
    with open_room() as opened:
        yield opened
