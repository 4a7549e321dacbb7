"""A reservation never goes out before its time, whatever brings its job early (MSG-4)."""

from datetime import timedelta

import pytest
from tests.unit.messaging.post import DAY, open_post

from academy.application.errors import WorkFailed
from academy.application.messaging.names import SEND
from academy.application.ports.message_provider import ProviderBusy
from academy.domain.messaging.message import MessageState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = pytest.mark.requirement("MSG-4")


async def test_a_job_that_runs_early_sends_nothing_and_comes_again_in_time() -> None:
    provider = MemoryMessageProvider()
    with open_post(provider=provider) as post:
        order = post.place(2, send_at=DAY + timedelta(hours=5))
        await post.run(order.job_id)
        assert (provider.sent, post.states(order)) == ([], {MessageState.QUEUED: 2})
        (again,) = [job for job in post.jobs(SEND) if job.id != order.job_id]
        post.clock.advance(5 * 3600)
        await post.run(again.id)
        assert (len(provider.sent), post.states(order)) == (2, {MessageState.SENT: 2})


@pytest.mark.requirement("MSG-1")
async def test_text_as_other_systems_write_it_is_sent_and_not_refused() -> None:
    provider = MemoryMessageProvider()
    with open_post(provider=provider) as post:
        order = post.place(1, text="\u1112\u1161\u11ab\u1100\u1173\u11af ₩1,000")
        await post.run(order.job_id)
        assert [text.text for text in provider.sent] == ["한글 ￦1,000"]


class Busy(MemoryMessageProvider):
    """Wants to be left alone for ten minutes."""

    async def open(self, reference: str) -> str:
        raise ProviderBusy("too many requests", timedelta(minutes=10))


@pytest.mark.requirement("MSG-1")
async def test_a_provider_that_wants_rest_for_long_holds_no_slot_and_costs_no_attempt() -> None:
    with open_post(provider=Busy()) as post:
        order = post.place(2)
        with pytest.raises(WorkFailed) as failed:
            await post.run(order.job_id)
        assert (failed.value.failure.retryable, failed.value.failure.costs_attempt) == (True, False)
        assert post.states(order) == {MessageState.QUEUED: 2}
