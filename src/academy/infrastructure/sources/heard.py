"""The messages of one chat as they come out of an export, until the tree can be put together."""

import math
from dataclasses import replace

from academy.domain.graph.conversation import linked, turns_of
from academy.domain.graph.source import Turn
from academy.infrastructure.sources.clean import bytes_of
from academy.infrastructure.sources.limits import SourceLimits

__all__ = ["Heard"]

_NOBODY = -1


class Heard:
    """Messages in the order of the file. One that nobody saw has no turn but may have answers."""

    def __init__(self, limits: SourceLimits) -> None:
        """Begin with none."""
        self._limits = limits
        self._names: dict[str, str] = {}
        self._ids: list[str] = []
        self._parents: list[str] = []
        self._turns: list[Turn | None] = []
        self._times: list[float] = []
        self._listed: dict[str, str] = {}
        self._bytes = 0
        self.too_large = False

    def add(self, turn: Turn, time: float = -math.inf, *, hidden: bool = False) -> None:
        """Take a message; its text counts unless it is hidden. Once it is too much, nothing is kept any more."""
        size = 0 if hidden else bytes_of(turn.text)
        self._bytes += size
        self.too_large |= size > self._limits.text_bytes or self._bytes > self._limits.chat_bytes
        self.too_large |= len(self._ids) >= self._limits.messages
        if self.too_large:
            return
        name, parent = self._same(turn.id), self._same(turn.parent)
        self._ids.append(name)
        self._parents.append(parent)
        self._turns.append(None if hidden else replace(turn, id=name, parent=parent))
        self._times.append(time)

    def lists(self, parent: str, child: str) -> None:
        """Note that a message names another as its answer; it counts where that one does not say what it answers."""
        self._listed.setdefault(self._same(child), self._same(parent))

    def tree(self, current: str) -> tuple[Turn, ...]:
        """Return the turns of a tree; `current`: id of the message seen last, "" when unknown."""
        known = set(self._ids)
        parents = [
            parent if parent in known else self._listed.get(name, "")
            for name, parent in zip(self._ids, self._parents, strict=True)
        ]
        return self._turned(linked(self._ids, parents), current)

    def line(self, current: str) -> tuple[Turn, ...]:
        """Return the turns of a list: a tree where messages name one another, else each answers the one before it."""
        known = set(self._ids) - {""}
        if any(parent in known for parent in self._parents):
            return self.tree(current)
        return self._turned(list(range(-1, len(self._ids) - 1)), "")

    def _turned(self, links: list[int], current: str) -> tuple[Turn, ...]:
        last = self._ids.index(current) if current and current in self._ids else _NOBODY
        return turns_of(self._turns, links, self._times, last)

    def _same(self, name: str) -> str:
        return self._names.setdefault(name, name)
