"""How fast messages leave: as fast as the provider takes them, over all orders, and no faster (MSG-1, MSG-6)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit.messaging.handling import Provider
from tests.unit.messaging.leaping import leaping
from tests.unit.messaging.post import TENANT, Post, open_post, recipient

from academy.domain.job.rate import RateLimit
from academy.domain.messaging.message import OrderState

pytestmark = pytest.mark.requirement("MSG-1", "MSG-6")
LIMIT = RateLimit("memory", per_second=50, burst=5)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.mark.parametrize("turn", [timedelta(seconds=1), timedelta(hours=1)])
@pytest.mark.parametrize("people", [1, 5, 6, 40, 400])
def test_messages_leave_as_fast_as_the_provider_takes_them_and_no_faster(
    provider: Provider, people: int, turn: timedelta
) -> None:
    """Neither does a job that makes room for others again and again."""
    with open_post(provider=provider, batch=1000, limit=LIMIT, turn=turn) as post:
        order = post.place(people)
        leaping(post.clock, lambda: post.run(order.job_id))
        assert Counter(text.to for text in provider.sent) == {f"0101234{n:04d}": 1 for n in range(people)}
        assert post.order(order).state is OrderState.DONE
        assert (post.yielded > 0) == (turn < timedelta(hours=1) and people == 400)
        left = sorted(departures(post, provider))
        within_limit(left, LIMIT)
        # Five may leave at once, and of the others one every 20 ms; to spread all of them takes no longer than those five more.
        least = max(0, people - LIMIT.burst) / LIMIT.per_second
        took = (left[-1] - left[0]).total_seconds()
        assert least <= took <= least + LIMIT.burst / LIMIT.per_second


def test_two_orders_share_one_rate(provider: Provider) -> None:
    with open_post(provider=provider, batch=1000, limit=LIMIT) as post:
        orders = [post.place([recipient(n + 100 * k) for n in range(40)]) for k in range(2)]

        async def both() -> None:
            for order in orders:
                await post.run(order.job_id)

        leaping(post.clock, both)
        assert len(provider.sent) == 80
        within_limit(sorted(departures(post, provider)), LIMIT)


def departures(post: Post, provider: Provider) -> Iterator[datetime]:
    """Yield, for every message, the moment at which it was allowed to leave."""
    for batch_id, size in provider.batches:
        batch = post.plain.read_sync(lambda tx, name=batch_id: tx.messages.batch(TENANT, name))  # type: ignore[misc]
        assert batch is not None
        yield from [batch.created_at] * size


def within_limit(left: Sequence[datetime], limit: RateLimit) -> None:
    """Whatever stretch of time is looked at, no more left in it than a bucket of that size and rate gives."""
    for first, begin in enumerate(left):
        for last, end in enumerate(left[first:], first):
            # Times are kept in whole milliseconds.
            seconds = (end - begin).total_seconds() + 0.001
            assert last - first + 1 <= limit.burst + limit.per_second * seconds
