"""How much of a list has room where room is bounded."""

import json
from collections.abc import Iterable

from academy.contracts.base import Contract

__all__ = ["most_that_fit", "size_of"]


def size_of(item: Contract | str) -> int:
    """Return the bytes of something as JSON in ASCII, in which a letter of Korean takes six; in UTF-8 it takes no more."""
    return len(json.dumps(item if isinstance(item, str) else item.model_dump(mode="json", by_alias=True)))


def most_that_fit(items: Iterable[Contract | str], room: int) -> int:
    """Return how many of these, from the first on, take no more than `room` bytes together."""
    count = 0
    for item in items:
        room -= size_of(item) + 2
        if room < 0:
            break
        count += 1
    return count
