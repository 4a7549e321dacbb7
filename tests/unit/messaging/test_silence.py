"""What a provider does not say: a message of a group that was sent is never sent again for want of an answer (MSG-3)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from tests.unit.messaging.handling import Provider, attempt
from tests.unit.messaging.post import PRICE, Post, open_post

from academy.application.errors import WorkFailed
from academy.application.messaging.names import REPORTS, SETTLE
from academy.application.messaging.provider_errors import note_error
from academy.application.ports.message_provider import (
    AccountRefused,
    Carried,
    CarriedState,
    OutgoingText,
    ProviderError,
    ProviderUnavailable,
)
from academy.application.ports.telemetry import NoTelemetry
from academy.domain.failures import Failure
from academy.domain.job.states import JobState
from academy.domain.messaging.message import MessageState, Order, OrderState

pytestmark = pytest.mark.requirement("MSG-3")
S = MessageState
WRONG_NUMBER = Failure("recipient_refused", "wrong", "잘못된 번호")
KEY = Failure("provider_credentials_refused", "key", "키", retryable=True, costs_attempt=False)


class Lagging(Provider):
    """Sends the first group without an answer, and does not list the messages to the numbers in `unseen` yet."""

    def __init__(self) -> None:
        super().__init__()
        self.unseen: set[str] = set()
        self._numbers_of: dict[str, str] = {}
        self._lose = True

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        self._numbers_of.update((each.id, each.to) for each in messages)
        return await super().add(group, messages)

    async def send(self, group: str) -> None:
        await super().send(group)
        if self._lose:
            self._lose = False
            raise ProviderUnavailable("the answer is lost")

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        said = await super().outcomes(group)
        return {id_: each for id_, each in said.items() if self._numbers_of[id_] not in self.unseen}


def numbers(*last: int) -> set[str]:
    return {f"0101234{each:04d}" for each in last}


async def first_try(post: Post, people: int = 8) -> Order:
    order = post.place(people)
    with pytest.raises(WorkFailed, match="provider_unavailable"):
        await post.run(order.job_id)
    return order


async def test_messages_that_a_list_does_not_show_yet_are_not_sent_again() -> None:
    provider = Lagging()
    provider.refuse = dict.fromkeys(numbers(0, 1, 2), WRONG_NUMBER)
    provider.unseen = numbers(5, 6, 7)
    with open_post(provider=provider, batch=10) as post:
        order = await first_try(post)
        assert post.states(order) == {S.FAILED: 3, S.SENT: 2, S.AMBIGUOUS: 3}
        with pytest.raises(WorkFailed, match="provider_undecided"):
            await post.run(order.job_id)
        assert len(provider.sent) == 5
        assert (post.balance().reserved, post.balance().spent) == (3 * PRICE, 2 * PRICE)
        provider.unseen = set()
        (asking,) = post.jobs(SETTLE)
        await post.run(asking.id)
        assert (post.states(order), len(provider.sent)) == ({S.FAILED: 3, S.SENT: 5}, 5)
        assert (post.balance().reserved, post.balance().spent) == (0, 5 * PRICE)
        assert post.order(order).state is OrderState.DONE


async def test_what_was_refused_before_is_refused_even_if_no_list_shows_it() -> None:
    provider = Lagging()
    provider.refuse = dict.fromkeys(numbers(0, 1), WRONG_NUMBER)
    provider.unseen = numbers(0, 1)
    with open_post(provider=provider, batch=10) as post:
        order = await first_try(post)
        assert post.states(order) == {S.FAILED: 2, S.SENT: 6}


async def test_reports_are_asked_for_as_long_as_messages_may_turn_out_to_be_sent() -> None:
    provider = Lagging()
    provider.unseen = numbers(7)
    with open_post(provider=provider, batch=10) as post:
        await first_try(post)
        (reports,) = post.jobs(REPORTS)

        async def delivered(group: str) -> Mapping[str, Carried]:
            said = await Lagging.outcomes(provider, group)
            return {id_: Carried(CarriedState.DELIVERED, each.provider_id) for id_, each in said.items()}

        provider.outcomes = delivered  # type: ignore[method-assign]
        post.clock.advance(timedelta(days=5))
        with pytest.raises(WorkFailed, match="reports_open"):
            await post.run(reports.id)


class Renamed(Provider):
    """Another provider; it knows none of the groups."""

    name = "another"


async def test_a_batch_of_another_provider_is_settled_by_nobody_else() -> None:
    provider = Lagging()
    provider.errors["withdraw"] = [ProviderUnavailable("away")]
    with open_post(provider=provider, batch=10) as post:
        order = await first_try(post, 4)
        assert post.states(order) == {S.AMBIGUOUS: 4}
        post.provider = another = Renamed()
        (asking,) = post.jobs(SETTLE)
        for job_id in (asking.id, order.job_id):
            with pytest.raises(WorkFailed, match="provider_undecided"):
                await post.run(job_id)
        assert (post.states(order), another.sent) == ({S.AMBIGUOUS: 4}, [])
        post.provider = provider
        await post.run(asking.id)
        assert (post.states(order), len(provider.sent)) == ({S.SENT: 4}, 4)


class Counted(NoTelemetry):
    """Notes what was counted."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        self.seen.append((name, labels))


@pytest.mark.parametrize(
    ("error", "label"),
    [(AccountRefused(KEY), "ProviderRefused"), (ProviderUnavailable("away"), "ProviderUnavailable")],
)
def test_errors_are_counted_by_the_labels_that_alarms_look_at(error: ProviderError, label: str) -> None:
    counted = Counted()
    note_error(counted, error)
    assert counted.seen == [("academy_provider_errors_total", {"error": label})]


@pytest.mark.parametrize("step", ["open", "add", "send"])
async def test_a_wrong_key_fails_nothing_and_is_told_to_operators(
    step: str, caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider(**{step: [AccountRefused(KEY)] * 3})
    with open_post(provider=provider) as post:
        order = post.place(9)
        for _ in range(3):
            job = await attempt(post, order.job_id)
            assert (job.state, job.attempt, job.interruptions) == (JobState.RETRY_WAIT, 0, 0)
            assert job.failure is not None
            assert job.failure.code == "provider_credentials_refused"
            assert post.states(order) == {S.QUEUED: 9}
            post.clock.advance(timedelta(minutes=20))
        told = [each for each in caplog.records if each.message == "provider_refuses_account"]
        assert [each.levelno for each in told] == [logging.ERROR] * 3
        job = await attempt(post, order.job_id)
        assert (job.state, post.states(order)) == (JobState.SUCCEEDED, {S.SENT: 9})
