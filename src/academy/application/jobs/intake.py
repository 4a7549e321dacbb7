"""From deliveries to claimed jobs (JOB-2, JOB-3): understand, record what is new, claim, say what happens to the rest."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from academy.application.claim_check import check_out, is_claim_check
from academy.application.jobs.admission import Admission, Claimed
from academy.application.jobs.job_type import JobTypes, TierNotAllowed
from academy.application.jobs.refusals import Refusal, Refusals
from academy.application.jobs.results import result_message
from academy.application.jobs.settle import settle
from academy.application.ports.database import (
    Database,
    DatabaseUnavailable,
    Lease,
    Settlement,
    Transaction,
)
from academy.application.ports.job_queue import Delivery, Receipt
from academy.application.ports.object_store import ObjectStore, ObjectStoreUnavailable
from academy.application.ports.rates import RateWish
from academy.contracts.base import Contract, InvalidMessage, validate
from academy.contracts.incoming import Incoming, parse_incoming
from academy.domain.job.job import Job, NewJob
from academy.domain.job.states import EndReason, JobState
from academy.domain.job.tier import Tier

__all__ = ["Intake"]

log = logging.getLogger(__name__)

_NO_ACADEMY = (
    "the message names no academy that exists (tenant_id, tenant_code), nor does the setting of its queue",
    "",
    "요청의 학원을 알 수 없습니다. 운영자가 대기열의 학원을 설정해야 합니다.",
)
OUTAGE_SECONDS = 60
"""How long a message is put aside whose body or row cannot be reached while those of others can."""
LONGEST_HELD_SECONDS = 6 * 3600
BODIES_AT_ONCE = 16
LARGE_BODY_CHARACTERS = 256 << 10
"""Bodies over this are read on a thread: the heartbeat must not wait for them."""


@dataclass(frozen=True, slots=True)
class _Understood:
    delivery: Delivery
    message: Incoming
    payload: Contract
    queue: str
    """Where its job belongs."""


class Intake:
    """Turns deliveries into claims with one transaction a batch."""

    def __init__(
        self,
        database: Database,
        types: JobTypes,
        *,
        worker: str,
        lease: timedelta,
        new_id: Callable[[], str],
        queue_tenants: Mapping[str, str],
        handled: frozenset[str],
        reply_queues: frozenset[str] = frozenset(),
        claims: ObjectStore | None = None,
        refusals: Mapping[str, Refusal] | None = None,
    ) -> None:
        """Take what is needed.

        `queue_tenants` names the tenant of messages that name none, `handled` our job types, `reply_queues` where a message may ask
        for its result, `claims` is where bodies lie that were too large for the queue, `refusals` says how producers of a queue are told
        of a message that cannot be understood.
        """
        self._database = database
        self._types = types
        self._worker = worker
        self._lease = lease
        self._new_id = new_id
        self._queue_tenants = queue_tenants
        self._handled = handled
        self._reply_queues = reply_queues
        self._claims = claims
        self._refusals = Refusals(database, refusals or {})

    async def admit(self, deliveries: Sequence[Delivery]) -> Admission:
        """Understand and claim a batch. Raises DatabaseUnavailable: then nothing is claimed and nothing may be acked."""
        admission = Admission()
        understood: list[_Understood] = []
        slow = {delivery.receipt: delivery for delivery in deliveries if self._takes_time(delivery.body)}
        bodies = await self._bodies(list(slow.values())) if slow else {}
        for delivery in deliveries:
            try:
                message = bodies.get(delivery.receipt) if slow else None
                if isinstance(message, BaseException):
                    raise message
                understood.append(self._understand(delivery, message or parse_incoming(delivery.body)))
            except InvalidMessage as error:
                admission.invalid.append((delivery, error))
            except ObjectStoreUnavailable as error:
                log.warning(
                    "body_not_fetched", extra={"message_id": delivery.message_id, "error": str(error)}
                )
                admission.held.append((delivery, OUTAGE_SECONDS))
        if understood:
            admission.extend(await self._claim_together(understood))
        if admission.invalid and not await self._refusals.tell(admission.invalid):
            admission.held += [(delivery, OUTAGE_SECONDS) for delivery, _ in admission.invalid]
            admission.invalid = []
        return admission

    def _takes_time(self, body: str) -> bool:
        return len(body) > LARGE_BODY_CHARACTERS or (self._claims is not None and is_claim_check(body))

    async def _bodies(self, deliveries: Sequence[Delivery]) -> Mapping[Receipt, Incoming | BaseException]:
        """Fetch and parse what takes time, together: a store that hangs must not hold up a drain once for every body."""
        some = asyncio.Semaphore(BODIES_AT_ONCE)

        async def parsed(body: str) -> Incoming:
            async with some:
                whole = body if self._claims is None else await check_out(self._claims, body)
                return await asyncio.to_thread(parse_incoming, whole)

        found = await asyncio.gather(*(parsed(each.body) for each in deliveries), return_exceptions=True)
        return {delivery.receipt: look for delivery, look in zip(deliveries, found, strict=True)}

    def _understand(self, delivery: Delivery, message: Incoming) -> _Understood:
        if message.type not in self._handled:
            raise InvalidMessage(
                f"job type {message.type!r} is not handled on queue {delivery.receipt.queue}"
            )
        if message.reply_to and message.reply_to not in self._reply_queues:
            raise InvalidMessage("reply_to names no result queue of this system (ACADEMY_RESULT_QUEUES)")
        if not message.idempotency_key:
            key = f"{delivery.receipt.queue}:{delivery.message_id}"
            message = replace(message, idempotency_key=key)
        if not message.reply_to and (told := self._types.reply_queue(message.type)):
            message = replace(message, reply_to=told)
        payload = validate(self._types[message.type].payload, message.payload)
        return _Understood(delivery, message, payload, self._queue_of(delivery, message))

    def _queue_of(self, delivery: Delivery, message: Incoming) -> str:
        """Return the queue of the tier that the message names, else that on which it came where its type is done there."""
        types, name = self._types, message.type
        if message.tier:
            try:
                return types.queue_of(name, Tier(message.tier))
            except (TierNotAllowed, ValueError):
                raise InvalidMessage(f"job type {name!r} is not done in the tier that is named") from None
        came = delivery.receipt.queue
        return came if came in types.queues_of(name) else types.queue_of(name)

    async def _claim_together(self, batch: Sequence[_Understood]) -> Admission:
        """Claim a batch in one transaction; when one message breaks it, every message gets its own.

        What is wrong with a message that is well formed shows only beside the rows; it must not take its batch or the worker down.
        """
        admission = Admission()
        try:
            await self._database.run(lambda tx: self._claim(tx, batch, admission))
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if len(batch) > 1:
                return await self._claim_apart(batch)
            (item,) = batch
            if isinstance(error, InvalidMessage):
                return Admission(invalid=[(item.delivery, error)])
            log.exception("message_not_admitted", extra={"message_id": item.delivery.message_id})
            reason = f"the message does not fit what is stored: {type(error).__name__}"
            return Admission(invalid=[(item.delivery, InvalidMessage(reason))])
        return admission

    async def _claim_apart(self, batch: Sequence[_Understood]) -> Admission:
        admission = Admission()
        for item in batch:
            try:
                admission.extend(await self._claim_together([item]))
            except DatabaseUnavailable as error:
                # Others of the batch may be claimed by now: they are run, this one comes back.
                log.warning("claim_failed", extra={"error": str(error)})
                admission.held.append((item.delivery, OUTAGE_SECONDS))
        return admission

    def _claim(self, tx: Transaction, batch: Sequence[_Understood], admission: Admission) -> None:
        ids = {index: item.message.id for index, item in enumerate(batch) if item.message.id}
        won = dict(tx.jobs.claim(sorted(set(ids.values())), self._worker, self._lease))
        known = {**won, **tx.jobs.get_many([i for i in ids.values() if i not in won])}
        # In one order, so that two batches with the same new jobs never wait for each other in a circle.
        for index, item in sorted(enumerate(batch), key=lambda one: one[1].message.idempotency_key):
            if ids.get(index, "") in known:
                continue
            job = self._record(tx, item, admission)
            if job is not None:
                ids[index] = job.id
                claimed = tx.jobs.claim([job.id], self._worker, self._lease)
                won.update(claimed)
                known.setdefault(job.id, job)
                known.update(claimed)
        rejected = {delivery.message_id for delivery, _ in admission.invalid}
        waiting = self._hold_to_limits(tx, list(won.values()))
        for index, item in enumerate(batch):
            if item.delivery.message_id in rejected:
                continue
            if ids[index] in waiting:
                admission.finished.append(item.delivery)
            else:
                # Two deliveries of one job in one batch: the first gets the claim, the second is held.
                self._place(tx, item, won.pop(ids[index], None), known[ids[index]], admission)

    def _hold_to_limits(self, tx: Transaction, jobs: Sequence[Job]) -> frozenset[str]:
        """Put back the jobs that may not begin yet, each with a fresh message for its moment; return their ids."""
        asking = [
            job
            for job in jobs
            if job.type in self._types and self._types[job.type].limits and not job.cancel_requested
        ]
        if not asking:
            return frozenset()
        waits = tx.rates.take([RateWish(job.tenant_id, self._types[job.type].limits) for job in asking])
        reason = EndReason.RATE_LIMITED
        ends = [
            (
                job,
                Settlement(
                    Lease(job.id, job.token), JobState.RETRY_WAIT, reason=reason, delay=wait, counted=False
                ),
            )
            for job, wait in zip(asking, waits, strict=True)
            if wait > timedelta(0)
        ]
        return frozenset(lease.job_id for lease in settle(tx, self._types, ends)) if ends else frozenset()

    def _record(self, tx: Transaction, item: _Understood, admission: Admission) -> Job | None:
        """Make the job row of a message that has none, or return the one that its key names."""
        message = item.message
        tenant_id = self._tenant_of(tx, item)
        if tenant_id is None:
            admission.invalid.append((item.delivery, InvalidMessage(*_NO_ACADEMY)))
            return None
        new = NewJob(
            id=message.id or self._new_id(),
            tenant_id=tenant_id,
            type=message.type,
            queue=item.queue,
            idempotency_key=message.idempotency_key,
            payload=item.payload.model_dump(mode="json"),
            subject=self._types[message.type].subject(item.payload),
            reply_to=message.reply_to,
            trace=message.trace,
        )
        (added,) = tx.jobs.add([new])
        if added.created:
            self._types[message.type].effects.created(tx, added.job)
        return added.job

    def _tenant_of(self, tx: Transaction, item: _Understood) -> str | None:
        message = item.message
        named = message.tenant_id or (
            not message.tenant_code and self._queue_tenants.get(item.delivery.receipt.queue)
        )
        tenant = tx.tenants.get(named) if named else tx.tenants.by_code(message.tenant_code)
        return tenant.id if tenant else None

    def _place(
        self, tx: Transaction, item: _Understood, job: Job | None, known: Job, admission: Admission
    ) -> None:
        """Put a delivery into its list; `job` is what it claimed, `known` the row it names."""
        self._check_same(item, known)
        if job is not None:
            if not job.cancel_requested:
                self._types[job.type].effects.started(tx, job)
            admission.claimed.append(Claimed(item.delivery, job, self._payload_of(job, item), self._age(job)))
        elif not known.finished:
            wait = (known.due_at - tx.now()).total_seconds() if known.due_at else 0.0
            admission.held.append((item.delivery, _held_seconds(wait, item.delivery.receive_count)))
        else:
            if known.reply_to:
                # Asked again, or its ack was lost: the answer is sent again, under the same id.
                tx.outbox.add([result_message(self._types, known)])
            if known.state is JobState.DEAD:
                reason = known.failure.message if known.failure else "no reason was recorded"
                admission.dead.append((item.delivery, f"{known.end_reason}: {reason}"))
            else:
                admission.finished.append(item.delivery)

    def _check_same(self, item: _Understood, known: Job) -> None:
        """Raise InvalidMessage where the job that a message names is not the one that it asks for."""
        message, once = item.message, self._types[item.message.type].once
        other = known.type != message.type
        if once is not None and not message.id:
            before = None if other else self._stored(known)
            if other or (before is not None and not once.same(item.payload, before)):
                raise InvalidMessage(once.refusal.message, once.refusal.code, once.refusal.message_ko)
        if other or (message.tenant_id and message.tenant_id != known.tenant_id):
            raise InvalidMessage("another job, of another type or academy, has this id")

    def _age(self, job: Job) -> timedelta:
        assert job.due_at is not None
        assert job.started_at is not None
        return job.due_at - self._lease - job.started_at

    def _payload_of(self, job: Job, item: _Understood) -> Contract | None:
        """Return the row's payload: the row is the truth; the message's payload serves only where both agree."""
        if job.payload == item.message.payload and job.type == item.message.type:
            return item.payload
        return self._stored(job)

    def _stored(self, job: Job) -> Contract | None:
        try:
            return validate(self._types[job.type].payload, job.payload)
        except InvalidMessage:
            log.exception("stored_payload_invalid", extra={"job_id": job.id, "job_type": job.type})
            return None


def _held_seconds(wait: float, receive_count: int) -> int:
    """Return how long a message is put aside whose job will not be free for `wait` seconds.

    From the fourth time on ever longer: a copy that meets a job which runs for hours must not use up the broker's receives and become a
    dead letter. Should the worker vanish meanwhile, its own message or the reconciler's comes first.
    """
    seconds = (max(0.0, wait) + 1) * 3.0 ** max(0, receive_count - 3)
    return max(1, min(int(seconds), LONGEST_HELD_SECONDS))
