"""What operators do to jobs and dead letters (OPS-5)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from academy.application.claim_check import check_out
from academy.application.errors import Conflict
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel_for_somebody, revive
from academy.application.ports.database import Database, Transaction
from academy.application.ports.job_queue import DeadLetter, QueueAdmin
from academy.application.ports.object_store import ObjectStore
from academy.contracts.base import InvalidMessage
from academy.contracts.incoming import Incoming, parse_incoming
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

__all__ = ["Operations", "Redriven"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Redriven:
    """What a redrive did: messages moved back, and the ids of the jobs that got a new life for them."""

    moved: int
    revived: tuple[str, ...]


class Operations:
    """The operators' use cases; they may touch the jobs of every academy."""

    def __init__(
        self, database: Database, queue: QueueAdmin, types: JobTypes, claims: ObjectStore | None = None
    ) -> None:
        """Work on the jobs in `database` and the queues of `queue`; `claims` holds bodies too large for a queue."""
        self._claims = claims
        self._database = database
        self._queue = queue
        self._types = types

    async def redrive(self, queue: str, limit: int) -> Redriven:
        """Give dead messages and their DEAD jobs another chance; interrupted at any point it can be run again.

        The jobs come first: a worker that met the message of a job still DEAD would only put it back. A message whose job was not
        seen in time dies once more, so it is not lost either. Raises DatabaseUnavailable, QueueError, ObjectStoreUnavailable.
        """
        letters = await self._queue.dead_letters(queue, limit)
        messages = [message for letter in letters if (message := await self._understood(letter))]
        revived = await self._database.run(lambda tx: self._revive(tx, messages)) if messages else ()
        return Redriven(await self._queue.redrive(queue, limit), revived)

    async def retry(self, job_id: str) -> Job | None:
        """Give a FAILED, DEAD or CANCELLED job a new life; None if there is none. Raises IllegalTransition, Conflict."""
        return await self._database.run(lambda tx: revive(tx, self._types, job_id))

    async def cancel(self, job_id: str) -> Job | None:
        """Ask for a job to stop and return it as it is then; None if there is none. Raises Conflict."""
        return await self._database.run(lambda tx: cancel_for_somebody(tx, self._types, job_id))

    async def _understood(self, letter: DeadLetter) -> Incoming | None:
        """Return what a dead letter announces, None when nobody can understand it: that one simply dies again."""
        try:
            body = letter.body if self._claims is None else await check_out(self._claims, letter.body)
            return parse_incoming(body)
        except InvalidMessage:
            return None

    def _revive(self, tx: Transaction, messages: Sequence[Incoming]) -> tuple[str, ...]:
        revived: dict[str, None] = {}
        for message in messages:
            job = _job_of(tx, message)
            if job and job.state is JobState.DEAD and job.type in self._types:
                try:
                    revive(tx, self._types, job.id)
                except Conflict as refused:
                    # The job stays dead, and so its message: a worker puts it back with the reason.
                    log.warning("job_not_revived", extra={"job_id": job.id, "code": refused.failure.code})
                    continue
                revived[job.id] = None
        return tuple(revived)


def _job_of(tx: Transaction, message: Incoming) -> Job | None:
    """Return the job that a message announces, None for one that never became a job."""
    if message.id and (job := tx.jobs.get(message.id)):
        return job
    tenant_id = _tenant_of(tx, message)
    return tx.jobs.by_key(tenant_id, message.idempotency_key) if tenant_id else None


def _tenant_of(tx: Transaction, message: Incoming) -> str:
    if message.tenant_id or not message.tenant_code:
        return message.tenant_id
    tenant = tx.tenants.by_code(message.tenant_code)
    return tenant.id if tenant else ""
