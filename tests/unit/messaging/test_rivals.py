"""Two workers at one batch, one of which took the other for dead: what the one calls off is not the other's failure (MSG-3)."""

from collections.abc import Mapping, Sequence

import pytest
from tests.unit.messaging.post import PRICE, open_post

from academy.application.errors import WorkFailed
from academy.application.ports.message_provider import Carried, OutgoingText
from academy.domain.messaging.message import MessageState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider


class CalledOff(MemoryMessageProvider):
    """Its first group is withdrawn by another worker, which has not recorded that yet, just before the step that is named."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        await self._rival("add", group)
        return await super().add(group, messages)

    async def send(self, group: str) -> None:
        await self._rival("send", group)
        await super().send(group)

    async def _rival(self, step: str, group: str) -> None:
        if step == self._step:
            self._step = ""
            await super().withdraw(group)


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("step", ["add", "send"])
async def test_messages_whose_group_another_worker_called_off_are_sent_and_not_failed(step: str) -> None:
    provider = CalledOff(step)
    with open_post(provider=provider) as post:
        order = post.place(2)
        with pytest.raises(WorkFailed) as failed:
            await post.run(order.job_id)
        assert failed.value.failure.costs_attempt is False
        assert post.states(order) == {MessageState.QUEUED: 2}
        await post.run(order.job_id)
        assert post.states(order) == {MessageState.SENT: 2}
        assert len(provider.sent) == 2
        assert post.balance().spent == 2 * PRICE
