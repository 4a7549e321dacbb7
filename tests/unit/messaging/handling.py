"""What tests of sending do again and again: change settings, call off, run a job as a worker does, look at what is left."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from tests.unit.messaging.post import TENANT, Post

from academy.application.jobs.admission import Claimed
from academy.application.jobs.attempt import Attempt, Work
from academy.application.jobs.settle import settle
from academy.application.ports.message_provider import Carried, OutgoingText, ProviderError
from academy.contracts.base import Contract, validate
from academy.domain.job.job import Job
from academy.domain.messaging.message import Order
from academy.infrastructure.memory.message_provider import MemoryMessageProvider


class Provider(MemoryMessageProvider):
    """Raises what `errors` says at a step, once each (None lets it pass), and notes how large each batch was."""

    def __init__(self, **errors: Sequence[ProviderError | None]) -> None:
        super().__init__()
        self.errors = {step: list(each) for step, each in errors.items()}
        self.batches: list[tuple[str, int]] = []

    def _fail(self, step: str) -> None:
        error = self.errors[step].pop(0) if self.errors.get(step) else None
        if error is not None:
            raise error

    async def open(self, reference: str) -> str:
        self._fail("open")
        self.batches.append((reference, 0))
        return await super().open(reference)

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        self._fail("add")
        self.batches[-1] = (self.batches[-1][0], len(messages))
        return await super().add(group, messages)

    async def send(self, group: str) -> None:
        self._fail("send")
        await super().send(group)

    async def withdraw(self, group: str) -> bool:
        self._fail("withdraw")
        return await super().withdraw(group)


def save(post: Post, **changes: object) -> None:
    post.plain.run_sync(lambda tx: tx.messaging.save(post.settings(**changes)))


def cancel(post: Post, order: Order) -> Order:
    return post.plain.run_sync(lambda tx: post.orders.cancel(tx, TENANT, order.id))


class Runs:
    """The handlers of a post as one."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def run(self, work: Work) -> Contract | None:
        return await self.post.run(work.job.id)


def claim(post: Post, job_id: str) -> Job:
    (job,) = post.plain.run_sync(lambda tx: tx.jobs.claim([job_id], "w1", timedelta(minutes=2))).values()
    return job


async def attempt(post: Post, job_id: str) -> Job:
    """Run a job as a worker does, with the end written down; return it as it stands afterwards."""
    job = claim(post, job_id)
    kind = post.types[job.type]
    claimed = Claimed(None, job, validate(kind.payload, job.payload), timedelta(0))  # type: ignore[arg-type]
    end = await Attempt(claimed, kind, Runs(post), post.clock).run()
    assert end is not None
    post.plain.run_sync(lambda tx: settle(tx, post.types, [(job, end)]))
    return post.job(job_id)


def given_back(post: Post) -> None:
    balance = post.balance()
    assert (balance.available, balance.reserved, balance.spent) == (100_000, 0, 0)


def due(post: Post) -> int:
    """Return how many messages for workers may be published."""
    return post.plain.read_sync(lambda tx: tx.outbox.backlog())[0]
