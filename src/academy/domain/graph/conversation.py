"""A chat is a tree: an edited question or an answer asked for again begins a branch. Which path the user saw last (GRA-3)."""

from collections.abc import Sequence
from dataclasses import replace

from academy.domain.graph.source import Turn

__all__ = ["linked", "spoken", "turns_of"]

_ROOT = -1
_BETWEEN = "\n\n"


def linked(ids: Sequence[str], parents: Sequence[str]) -> list[int]:
    """Return of each message the index of the one that it answers, -1 where there is none.

    `parents`: as the export names them, as long as `ids`. An id that several have stands for the first of them.
    """
    index: dict[str, int] = {}
    for number, name in enumerate(ids):
        if name:
            index.setdefault(name, number)
    found = [index.get(name, _ROOT) for name in parents]
    return [_ROOT if parent == number else parent for number, parent in enumerate(found)]


def turns_of(
    messages: Sequence[Turn | None], parents: Sequence[int], times: Sequence[float], current: int = _ROOT
) -> tuple[Turn, ...]:
    """Return what was said, each message before those that answer it, with its parent and whether it is active.

    `messages`: None for one that nobody saw; those that answer it answer what it answers. `parents`: see `linked`; a circle
    is cut before the first of its messages. `times`: seconds, anything that sorts before them where unknown. `current`: the
    message seen last, -1 when the export does not say: then the newest that has no answer. Linear in the number of messages.
    """
    links = _without_circles(parents)
    answers: list[list[int]] = [[] for _ in links]
    roots: list[int] = []
    for number, parent in enumerate(links):
        (roots if parent == _ROOT else answers[parent]).append(number)
    if current == _ROOT and links:
        leaves = (number for number, those in enumerate(answers) if not those)
        current = max(leaves, key=lambda number: (times[number], number))
    active = _path(links, current)
    told: list[Turn] = []
    waiting = [(number, "") for number in reversed(roots)]
    while waiting:
        number, above = waiting.pop()
        turn = messages[number]
        if turn is not None:
            told.append(replace(turn, parent=above, active=bool(active[number])))
            above = turn.id or above
        waiting.extend((answer, above) for answer in reversed(answers[number]))
    return tuple(told)


def spoken(turns: Sequence[Turn]) -> str:
    """Return the text of the active path, one turn after the other."""
    return _BETWEEN.join(turn.text for turn in turns if turn.active and turn.text)


def _path(links: Sequence[int], leaf: int) -> bytearray:
    on_path = bytearray(len(links))
    while leaf != _ROOT:
        on_path[leaf] = 1
        leaf = links[leaf]
    return on_path


def _without_circles(parents: Sequence[int]) -> list[int]:
    links = list(parents)
    seen = [0] * len(links)
    for start in range(len(links)):
        walk: list[int] = []
        number = start
        while number != _ROOT and not seen[number]:
            seen[number] = start + 1
            walk.append(number)
            number = links[number]
        if number != _ROOT and seen[number] == start + 1:
            links[min(walk[walk.index(number) :])] = _ROOT
    return links
