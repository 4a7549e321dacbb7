"""Adapter: a provider of text messages that keeps them in memory (port `message_provider`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    GroupSpent,
    OutgoingText,
)
from academy.domain.failures import Failure

__all__ = ["MemoryMessageProvider"]

_GONE = Failure("provider_refused", "The provider does not send this group.", "발송할 수 없는 그룹입니다.")


@dataclass(slots=True)
class _Group:
    texts: dict[str, OutgoingText] = field(default_factory=dict)
    sent: bool = False
    withdrawn: bool = False


class MemoryMessageProvider:
    """The `MessageProvider` port; `sent` lists every message that went out, in order, `refuse` the numbers that are refused."""

    name = "memory"
    largest_group = 10_000

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.sent: list[OutgoingText] = []
        self.refuse: dict[str, Failure] = {}
        self._groups: dict[str, _Group] = {}
        self._numbers = count(1)

    async def open(self, reference: str) -> str:
        """Begin a group."""
        group = f"{reference}-{next(self._numbers)}"
        self._groups[group] = _Group()
        return group

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        """Put messages into an unsent group."""
        place = self._open_group(group)
        place.texts.update((each.id, each) for each in messages)
        return {each.id: self._said(each) for each in messages}

    async def send(self, group: str) -> None:
        """Send what was added and not refused."""
        place = self._open_group(group)
        place.sent = True
        self.sent += [each for each in place.texts.values() if each.to not in self.refuse]

    async def withdraw(self, group: str) -> bool:
        """Make sure that an unsent group never is sent."""
        place = self._groups[group]
        place.withdrawn = not place.sent
        return place.sent

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        """Return what became of a group's messages."""
        place = self._groups[group]
        return {each.id: self._said(each) for each in place.texts.values()} if place.sent else {}

    async def balance(self) -> int:
        """Return a sum that never ends."""
        return 1_000_000

    async def close(self) -> None:
        """Do nothing."""

    def _open_group(self, group: str) -> _Group:
        place = self._groups[group]
        if place.sent or place.withdrawn:
            raise GroupSpent(_GONE)
        return place

    def _said(self, text: OutgoingText) -> Carried:
        refused = self.refuse.get(text.to)
        if refused is not None:
            return Carried(CarriedState.REFUSED, f"m-{text.id}", failure=refused)
        return Carried(CarriedState.TAKEN, f"m-{text.id}", text.channel)
