"""Everything that can happen to jobs, in any order: two workers, a relay, a reconciler, an operator, time and bad luck."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from tests.contract.lifecycle.model import HANDLERS, HOW, RETRY, STOPS, Done, JobModel, end_of, timer_ran_out
from tests.contract.lifecycle.places import QUEUE, Place
from tests.support.jobs import Counters, Payload

from academy.application.jobs.admission import Admission, Claimed
from academy.application.jobs.attempt import Attempt
from academy.application.jobs.intake import Intake
from academy.application.jobs.job_type import JobType, JobTypes
from academy.application.jobs.operate import Operations
from academy.application.jobs.reconcile import GRACE, Reconciler
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import announce, cancel, revive, submit
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.application.ports.job_queue import Delivery, OutgoingMessage
from academy.domain.job.job import Job
from academy.domain.job.progress import StepPlan
from academy.domain.job.states import IllegalTransition, JobState
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.tables import outbox

__all__ = ["LifecycleMachine"]

T = TypeVar("T")
WORK = "test.work"
LEASE = timedelta(seconds=60)
NAMES = st.sampled_from(["one", "two", "three"])
WORKERS = st.sampled_from(["A", "B"])
PICK = st.integers(0, 5)
SECONDS = st.sampled_from([5, 25, 70, 200, 800, 4000])


class Effects:
    """Leaves one row per end of an attempt (as an academy), in the transaction of the end."""

    def created(self, tx: Transaction, job: Job) -> None:
        """Nothing to follow."""

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Any job may come back."""

    def started(self, tx: Transaction, job: Job) -> None:
        self._once(tx, f"started:{job.id}:{job.token}")

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        # A job that nobody ran can be cancelled in each of its lives; every other end is that of a claim.
        if end.state is not JobState.CANCELLED:
            kind = "effect" if end.state is JobState.SUCCEEDED else "end"
            self._once(tx, f"{kind}:{job.id}:{end.lease.token}")

    def _once(self, tx: Transaction, name: str) -> None:
        assert tx.tenants.get(name) is None, f"{name} happened twice"
        tx.tenants.add(name, name, name)


TYPES = JobTypes(
    [JobType(WORK, "test", Payload, Done, StepPlan(("work",), (1,)), Effects(), RETRY)], {"test": QUEUE}
)


@dataclass
class Hands:
    """What one worker has received and claimed."""

    intake: Intake
    inbox: list[Delivery] = field(default_factory=list)
    held: list[Claimed] = field(default_factory=list)


class LifecycleMachine(RuleBasedStateMachine):
    """Plays the parts; `place` is set by the test."""

    place: Place

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, JobModel] = {}
        self.names: dict[str, str] = {}
        self.ghosts: list[tuple[Job, Settlement]] = []
        self.workers = {name: self._hands(name) for name in ("A", "B")}
        self.slack = timedelta(0) if self.place.exact else timedelta(seconds=3)

    def _hands(self, name: str) -> Hands:
        return Hands(
            Intake(
                self.place.database,
                TYPES,
                worker=name,
                lease=LEASE,
                new_id=new_id,
                queue_tenants={},
                handled=frozenset({WORK}),
            )
        )

    # The world around.

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.place.runner.run(work)

    def _rows(self) -> tuple[Mapping[str, Job], datetime]:
        return self.place.database.read_sync(lambda tx: (tx.jobs.get_many(list(self.models)), tx.now()))

    def _any(self, number: int) -> str:
        return sorted(self.models)[number % len(self.models)]

    @initialize()
    def begin(self) -> None:
        self.place.clean()
        self.submits("one")

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.place.pass_time(seconds)

    # The producer and the operator.

    @rule(name=NAMES)
    def submits(self, name: str) -> None:
        fresh = new_id()
        added = self.place.database.run_sync(
            lambda tx: submit(
                tx,
                TYPES,
                job_id=fresh,
                tenant_id="t1",
                type_name=WORK,
                payload=Payload(name=name),
                idempotency_key=name,
            )
        )
        assert added.created == (name not in self.names)
        self.names.setdefault(name, fresh)
        assert added.job.id == self.names[name]
        self.models.setdefault(added.job.id, JobModel())

    @precondition(lambda self: self.models)
    @rule(number=PICK)
    def cancels(self, number: int) -> None:
        job_id = self._any(number)
        self.place.database.run_sync(lambda tx: cancel(tx, TYPES, job_id))
        self.models[job_id].cancelled()

    @precondition(lambda self: self.models)
    @rule(number=PICK)
    def revives(self, number: int) -> None:
        job_id = self._any(number)
        model = self.models[job_id]
        if model.over and model.state is not JobState.SUCCEEDED:
            self.place.database.run_sync(lambda tx: revive(tx, TYPES, job_id))
            model.revived()
            return
        with pytest.raises(IllegalTransition):
            self.place.database.run_sync(lambda tx: revive(tx, TYPES, job_id))

    @precondition(lambda self: self.place.redrives)
    @rule()
    def redrives(self) -> None:
        operations = Operations(self.place.database, self.place.queue, TYPES)
        redriven = self._run(operations.redrive(QUEUE, 100))
        for job_id in redriven.revived:
            assert self.models[job_id].state is JobState.DEAD
            self.models[job_id].revived()

    # The side tasks.

    @precondition(lambda self: self.models)
    @rule()
    def relays(self) -> None:
        relay = OutboxRelay(self.place.database, self.place.queue, Counters())
        while self._run(relay.relay_once()):
            pass

    @rule()
    def reconciles(self) -> None:
        before, now = self._rows()
        self._run(Reconciler(self.place.database, TYPES, Counters()).reconcile_once())
        after, _ = self._rows()
        for job_id, row in before.items():
            overdue = timer_ran_out(row, now, GRACE, self.slack)
            touched = after[job_id].due_at != row.due_at
            assert overdue in (touched, None)
            if touched:
                self.models[job_id].reconciled()

    @precondition(lambda self: self.models)
    @rule(number=PICK)
    def a_message_is_doubled(self, number: int) -> None:
        job = self._rows()[0][self._any(number)]
        message = announce(job)
        self._run(self.place.queue.publish(QUEUE, [OutgoingMessage(message.body, message.group)]))

    @precondition(lambda self: self.models)
    @rule()
    def a_message_is_lost(self) -> None:
        for delivery in self._run(self.place.queue.receive(QUEUE, 1, 0, 60)):
            self._run(self.place.queue.ack([delivery.receipt]))

    @precondition(lambda self: self.models and all(model.over for model in self.models.values()))
    @rule()
    def old_jobs_are_removed(self) -> None:
        """After the longest retention no message of them is left, as in real life."""
        for hands in self.workers.values():
            self._let_go(hands)
        self.place.pass_time(40_000)
        self.place.clean()
        for model in self.models.values():
            assert model.over
        self.models, self.names, self.ghosts = {}, {}, []

    # The workers.

    @rule(worker=WORKERS, most=st.integers(1, 4))
    def receives(self, worker: str, most: int) -> None:
        found = self._run(self.place.queue.receive(QUEUE, most, 0, int(LEASE.total_seconds())))
        self.workers[worker].inbox += found

    @precondition(lambda self: any(hands.inbox for hands in self.workers.values()))
    @rule(worker=WORKERS)
    def claims(self, worker: str) -> None:
        hands = self.workers[worker]
        inbox, hands.inbox = hands.inbox, []
        before, now = self._rows()
        admission = self._run(hands.intake.admit(inbox))
        self._check_claims(admission, inbox, before, now)
        hands.held += admission.claimed
        self._run(self._dispose(admission))

    @precondition(lambda self: self.models)
    @rule(worker=WORKERS)
    def works(self, worker: str) -> None:
        """What happens most: all goes well until the claim."""
        self.relays()
        self.receives(worker, 4)
        self.claims(worker)

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule(worker=WORKERS, seconds=st.sampled_from([70, 200, 800]))
    def takes_over(self, worker: str, seconds: int) -> None:
        """The other worker is silent for so long that its lease runs out."""
        self.place.pass_time(seconds)
        self.works(worker)

    def _check_claims(
        self, admission: Admission, inbox: list[Delivery], before: Mapping[str, Job], now: datetime
    ) -> None:
        assert admission.invalid == []
        lists = (admission.claimed, admission.finished, admission.dead, admission.held)
        assert sum(map(len, lists)) == len(inbox)
        won = {claimed.job.id: claimed.job for claimed in admission.claimed}
        assert len(won) == len(admission.claimed)
        for job_id, job in won.items():
            model, row = self.models[job_id], before[job_id]
            waiting = model.state in {JobState.RUNNING, JobState.RETRY_WAIT}
            assert not waiting or timer_ran_out(row, now, timedelta(0), self.slack) is not False
            model.claimed()
            assert (job.token, job.attempt) == (model.token, model.attempt)
        dead = len(admission.dead)
        finished = len(admission.finished)
        over = [self.models[_job_id(one)].state for one in inbox if self.models[_job_id(one)].over]
        assert (dead, dead + finished) == (over.count(JobState.DEAD), len(over))
        for one in inbox:
            self._check_not_claimed(_job_id(one), won, before, now)

    def _check_not_claimed(
        self, job_id: str, won: Mapping[str, Job], before: Mapping[str, Job], now: datetime
    ) -> None:
        model = self.models[job_id]
        if model.over or job_id in won:
            return
        assert model.state is not JobState.PENDING
        assert timer_ran_out(before[job_id], now, timedelta(0), self.slack) is not True

    async def _dispose(self, admission: Admission) -> None:
        queue = self.place.queue
        await queue.ack([delivery.receipt for delivery in admission.finished])
        for delivery, reason in admission.dead:
            await queue.dead_letter(delivery, reason)
        for delivery, seconds in admission.held:
            await queue.extend([delivery.receipt], seconds)

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule(worker=WORKERS)
    def beats(self, worker: str) -> None:
        held = self.workers[worker].held
        leases = [Lease(one.job.id, one.job.token) for one in held]
        states = self.place.database.run_sync(lambda tx: tx.jobs.renew(leases, LEASE))
        for lease, state in zip(leases, states, strict=True):
            model = self.models.get(lease.job_id)
            mine = model is not None and model.holds(lease.token)
            assert (state.job_id, state.token, state.held) == (lease.job_id, lease.token, mine)
            assert state.cancel_requested == (mine and model is not None and model.unwanted)
        self._run(self.place.queue.extend([one.delivery.receipt for one in held], int(LEASE.total_seconds())))

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule(number=PICK, how=st.sampled_from(HOW), acked=st.booleans())
    def an_attempt_ends(self, number: int, how: str, acked: bool) -> None:
        everybody = [(hands, one) for hands in self.workers.values() for one in hands.held]
        hands, claimed = everybody[number % len(everybody)]
        hands.held.remove(claimed)
        end = self._attempted(claimed, how)
        if end is None:
            self.ghosts.append((claimed.job, self._success(claimed.job)))
            return
        if self._settles([(claimed.job, end)]) and acked:
            self._run(self._close(claimed.delivery, end))
        self.ghosts.append((claimed.job, end))

    @precondition(lambda self: any(not model.over for model in self.models.values()))
    @rule(worker=WORKERS, hows=st.lists(st.sampled_from(HOW), min_size=1, max_size=3), seconds=SECONDS)
    def attempts_follow_one_another(self, worker: str, hows: list[str], seconds: int) -> None:
        """A worker claims what it can and ends it all in one way, after a while in another."""
        for how in hows:
            self.works(worker)
            while self.workers[worker].held:
                everybody = [one for hands in self.workers.values() for one in hands.held]
                self.an_attempt_ends(everybody.index(self.workers[worker].held[0]), how, acked=True)
            self.place.pass_time(seconds)

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule()
    def everything_ends_well_at_once(self) -> None:
        """One batch, also with several claims of one job in it."""
        everybody = [one for hands in self.workers.values() for one in hands.held]
        self._settles([(one.job, self._success(one.job)) for one in everybody])
        for hands in self.workers.values():
            hands.held = []

    @precondition(lambda self: self.ghosts)
    @rule(number=PICK, state=st.sampled_from([s for s in JobState if s is not JobState.RUNNING]))
    def a_ghost_speaks(self, number: int, state: JobState) -> None:
        """Somebody who lost the job, or has ended it, ends it again."""
        job, end = self.ghosts[number % len(self.ghosts)]
        self._settles([(job, Settlement(end.lease, state))])

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule(worker=WORKERS)
    def drains(self, worker: str) -> None:
        """A worker that is told to go gives back what it has in hand."""
        while self.workers[worker].held:
            everybody = [one for hands in self.workers.values() for one in hands.held]
            self.an_attempt_ends(everybody.index(self.workers[worker].held[0]), "drained", acked=True)

    @precondition(lambda self: any(hands.held for hands in self.workers.values()))
    @rule(worker=WORKERS)
    def dies(self, worker: str) -> None:
        self._let_go(self.workers[worker])

    def _let_go(self, hands: Hands) -> None:
        self.ghosts += [(one.job, self._success(one.job)) for one in hands.held]
        hands.inbox, hands.held = [], []

    def _attempted(self, claimed: Claimed, how: str) -> Settlement | None:
        handler = HANDLERS.get(how, HANDLERS["succeeds"])
        attempt = Attempt(claimed, TYPES[WORK], handler, self.place.clock)
        if how in STOPS:
            attempt.stop(STOPS[how])
        end = self._run(attempt.run())
        assert (end.state if end else None) is end_of(claimed.job, how)
        return end

    def _success(self, job: Job) -> Settlement:
        return Settlement(Lease(job.id, job.token), JobState.SUCCEEDED, result={"by": "machine"})

    def _settles(self, ends: list[tuple[Job, Settlement]]) -> bool:
        """Settle together; return whether anything was applied. Exactly the holders' ends are."""
        before = self._outbox()
        applied = self.place.database.run_sync(lambda tx: settle(tx, TYPES, ends))
        expected = {end.lease for _, end in ends if self._holds(end.lease)}
        assert {end.lease for _, end in ends if end.lease in applied} == expected
        for _, end in ends:
            if end.lease in expected:
                expected.discard(end.lease)
                model = self.models[end.lease.job_id]
                model.ended(end.state, counted=end.counted)
                before += not model.over
        # Whatever comes back is announced at once: the reconciler is for what goes wrong.
        assert self._outbox() == before
        return bool(applied)

    def _outbox(self) -> int:
        """Return how many messages are committed and not published."""
        return self.place.connections.read(
            lambda c: c.execute(select(func.count()).select_from(outbox)).scalar_one()
        )

    def _holds(self, lease: Lease) -> bool:
        model = self.models.get(lease.job_id)
        return model is not None and model.holds(lease.token)

    async def _close(self, delivery: Delivery, end: Settlement) -> None:
        if end.state is JobState.DEAD:
            await self.place.queue.dead_letter(delivery, "dead")
        else:
            await self.place.queue.ack([delivery.receipt])

    # What always holds.

    @invariant()
    def every_job_stands_as_it_should(self) -> None:
        rows, _ = self._rows()
        assert set(rows) == set(self.models)
        for job_id, row in rows.items():
            model = self.models[job_id]
            stands = (row.state, row.token, row.attempt, row.interruptions)
            assert stands == (model.state, model.token, model.attempt, model.interruptions)
            assert 0 <= row.attempt <= RETRY.max_attempts
            assert (row.due_at is None) == row.finished == (row.finished_at is not None)
            assert bool(row.worker) == (row.state is JobState.RUNNING)
            assert (row.result is not None) == (row.state is JobState.SUCCEEDED)

    @invariant()
    def at_most_one_holds_a_job(self) -> None:
        held = [one.job for hands in self.workers.values() for one in hands.held]
        holders = [job.id for job in held if self._holds(Lease(job.id, job.token))]
        assert len(holders) == len(set(holders))

    @invariant()
    def every_effect_happened_once(self) -> None:
        marks = [mark.id for mark in self.place.database.read_sync(lambda tx: tx.tenants.all())]
        effects = [mark.split(":")[1] for mark in marks if mark.startswith("effect:")]
        wanted = [job_id for job_id, model in self.models.items() if model.state is JobState.SUCCEEDED]
        assert sorted(effects) == sorted(wanted)
        assert all(model.succeeded <= 1 for model in self.models.values())

    def teardown(self) -> None:
        """In the end, with one healthy worker left, every job comes to its end and every message is gone."""
        for hands in self.workers.values():
            self._let_go(hands)
        for _ in range(8):
            self.place.pass_time(7 * 3600)
            self.reconciles()
            self.relays()
            self._works_off()
        self.every_job_stands_as_it_should()
        self.every_effect_happened_once()
        assert all(model.over for model in self.models.values())
        depth = self._run(self.place.queue.depth(QUEUE))
        assert (depth.visible, depth.in_flight, depth.delayed) == (0, 0, 0)
        assert self.place.database.read_sync(lambda tx: tx.outbox.next_due()) is None

    def _works_off(self) -> None:
        while True:
            self.receives("A", 4)
            if not self.workers["A"].inbox:
                return
            self.claims("A")
            while self.workers["A"].held:
                self.an_attempt_ends(0, "succeeds", acked=True)


def _job_id(delivery: Delivery) -> str:
    """Return which job a message of ours announces."""
    return delivery.body.partition('"id":"')[2].partition('"')[0]
