"""One queue in memory: messages in a line and beside it."""

import asyncio
import heapq
from dataclasses import dataclass, field
from datetime import datetime

from academy.application.ports.job_queue import OutgoingMessage, QueueSettings

__all__ = ["Message", "Queue"]


@dataclass(slots=True)
class Message:
    """A message and where it stands."""

    number: int
    outgoing: OutgoingMessage
    sent_at: datetime
    visible_at: datetime
    receive_count: int = 0
    # Grows with every receive and move: a receipt names one delivery for ever.
    receipt: int = 0
    reason: str = ""
    # Its round in the line, None while it is hidden.
    turn: int | None = None


@dataclass(slots=True)
class Queue:
    """Messages in a line and beside it; groups take turns as in the SQL queue (QUE-4).

    Each group has at most one message in a round; who comes joins the next round, or the one after the group's last message.
    Entries of the heaps that no longer tell the truth are skipped when they come up.
    """

    settings: QueueSettings
    dead_letter: str
    messages: dict[int, Message] = field(default_factory=dict)
    # (turn, number) of what is visible, (visible_at, number) of what is not yet.
    line: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[tuple[datetime, int]] = field(default_factory=list)
    # By group, the last turn in the line and how many stand there.
    groups: dict[str, tuple[int, int]] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def place(self, message: Message, now: datetime) -> None:
        """Take a message in: into the line when it is visible."""
        self.leave(message)
        self.messages[message.number] = message
        if message.visible_at > now:
            heapq.heappush(self.hidden, (message.visible_at, message.number))
        else:
            self._join(message)
        self.arrived.set()

    def take(self, now: datetime) -> Message | None:
        """Take out of the line who is first, None if nobody is."""
        if not self.waits(now):
            return None
        message = self.messages[self.line[0][1]]
        self.leave(message)
        return message

    def waits(self, now: datetime) -> bool:
        """Let what has become visible join the line; return whether anybody stands there."""
        while self.hidden and self.hidden[0][0] <= now:
            visible_at, number = heapq.heappop(self.hidden)
            message = self.messages.get(number)
            if message is not None and message.visible_at == visible_at and message.turn is None:
                self._join(message)
        self._round()
        return bool(self.line)

    def leave(self, message: Message) -> None:
        """Take a message out of the line if it stands there."""
        if message.turn is not None:
            last, count = self.groups.pop(message.outgoing.group)
            message.turn = None
            if count > 1:
                self.groups[message.outgoing.group] = (last, count - 1)

    def _join(self, message: Message) -> None:
        begun = self._round()
        last, count = self.groups.get(message.outgoing.group, (0, 0))
        # What was received before joins the round under way: it had its turn.
        message.turn = begun if message.receive_count else max(begun, last) + 1
        self.groups[message.outgoing.group] = (max(last, message.turn), count + 1)
        heapq.heappush(self.line, (message.turn, message.number))

    def _round(self) -> int:
        """Return the round under way, 0 when nobody stands in the line."""
        while self.line:
            turn, number = self.line[0]
            message = self.messages.get(number)
            if message is not None and message.turn == turn:
                return turn
            heapq.heappop(self.line)
        return 0
