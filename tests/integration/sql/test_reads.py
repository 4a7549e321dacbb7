"""What the frequent statements read on PostgreSQL: a few rows for each that they change, however many others there are.

Once with plans that the server makes from what it has counted; once with plans that it made while everything was empty, and keeps.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import text
from tests.contract.database.conftest import new_job
from tests.support.servers.postgres import new_postgres_database

from academy.application.ports.database import Lease, OutboxMessage, Settlement
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings, Receipt
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue

T = TypeVar("T")
MANY = 4000
FEW = 8
GROUPS = 180
HOUR = timedelta(hours=1)
FLUSH = text("SELECT pg_stat_force_next_flush()")
READ = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables")
ENTRIES = text("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes")


WARM = 20
"""From some time on the server makes do with one plan whatever the values are; how many rows a LIMIT means it then guesses."""
BOUND = FEW * 20 + 4 * WARM * FEW
"""Some indexes are looked into several times for a row, and past the entries of rows that left a moment ago; MANY are far more."""


class Server:
    """A database with many rows, and the one connection whose plans are looked at."""

    def __init__(self, url: str) -> None:
        # One connection: what it has read is told when it says so.
        self.connections = SqlConnections(url, SystemClock(), pool_size=1)
        self.database = SqlDatabase(self.connections)
        self.queue = SqlJobQueue(self.connections)
        self.counting = True

    def count(self) -> None:
        """Let the server count, which makes it plan anew."""
        if self.counting:
            self.connections.write(lambda each: each.execute(text("ANALYZE")))

    def plan_while_empty(self) -> None:
        """Do everything often enough for the server to keep its plans, and let nothing change its mind.

        The index by groups had to grow for many of them before, so that every other looks cheaper.
        """
        for statement in (text("VACUUM ANALYZE"), text("SET plan_cache_mode = force_generic_plan")):
            self.connections.write_each(lambda each, statement=statement: each.execute(statement))
        self._serve_many_groups()
        lease = Lease("nobody", 1)
        end = Settlement(lease, JobState.SUCCEEDED, result={})
        with asyncio.Runner() as runner:
            for _ in range(WARM):
                self.database.run_sync(lambda tx: tx.jobs.claim(["nobody"], "w", HOUR))
                self.database.run_sync(lambda tx: tx.jobs.renew([lease], HOUR))
                self.database.run_sync(lambda tx: tx.jobs.settle([end]))
                self.database.run_sync(lambda tx: tx.outbox.take(FEW, HOUR))
                self.database.run_sync(lambda tx: tx.outbox.published([1]))
                self.database.run_sync(lambda tx: tx.outbox.failed([1], "away", HOUR))
                runner.run(self.queue.receive("jobs", FEW, 0, 600))
                runner.run(self.queue.receive("jobs", FEW, 0.001, 600, also=["others"]))
                for seconds in (60, 0):
                    runner.run(self.queue.extend([Receipt("jobs", "1.1")], seconds))
                runner.run(self.queue.ack([Receipt("jobs", "1.1")]))
                runner.run(self.queue.publish("jobs", [OutgoingMessage("{}", "t")]))
                self.database.run_sync(lambda tx: tx.outbox.add([OutboxMessage("jobs", "{}", "t")]))
        self._empty()
        self.counting = False

    def _serve_many_groups(self) -> None:
        groups = [f"{n}".rjust(30, "-") for n in range(GROUPS)]
        self.database.run_sync(lambda tx: tx.outbox.add([OutboxMessage("jobs", "{}", one) for one in groups]))
        with asyncio.Runner() as runner:
            for start in range(0, GROUPS, 100):
                batch = [OutgoingMessage("{}", one) for one in groups[start : start + 100]]
                runner.run(self.queue.publish("jobs", batch))
        self._empty()

    def _empty(self) -> None:
        for emptied in (text("DELETE FROM queue_messages"), text("DELETE FROM outbox")):
            self.connections.write(lambda each, emptied=emptied: each.execute(emptied))

    def rows_read(self, work: Callable[[], T]) -> tuple[int, T]:
        """Return how many rows and entries of indexes the work read, and what it returned."""
        before = self._read()
        done = work()
        return self._read() - before, done

    def _read(self) -> int:
        self.connections.write(lambda each: each.execute(FLUSH))
        return sum(
            self.connections.write(lambda each, what=what: each.scalar(what)) for what in (READ, ENTRIES)
        )


@pytest.fixture(params=["counted", "planned while empty"])
def server(request: pytest.FixtureRequest, postgres_server: str) -> Iterator[Server]:
    """MANY jobs and rows of the outbox, in a database that has held none before: what was deleted is read, too."""
    with new_postgres_database(postgres_server) as url:
        made = Server(url)
        try:
            asyncio.run(made.queue.create([QueueSettings("jobs"), QueueSettings("none")]))
            leave_alone(made)
            if request.param != "counted":
                made.plan_while_empty()
            fill(made)
            yield made
        finally:
            made.connections.close()


def leave_alone(made: Server) -> None:
    """Keep the server from counting by itself meanwhile."""
    for table in ("jobs", "outbox", "queue_messages", "queues", "lines"):
        alone = text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        made.connections.write(lambda each, alone=alone: each.execute(alone))


def fill(made: Server) -> None:
    made.database.run_sync(lambda tx: tx.jobs.add([new_job(f"job-{n}") for n in range(MANY)]))
    made.database.run_sync(lambda tx: tx.outbox.add([OutboxMessage("jobs", "{}", "t")] * MANY))
    made.count()


@pytest.mark.requirement("JOB-2")
def test_a_batch_of_jobs_is_claimed_renewed_and_settled_without_a_look_at_the_others(server: Server) -> None:
    ids = [f"job-{n}" for n in range(FEW)]
    run = server.database.run_sync
    read, claimed = server.rows_read(lambda: run(lambda tx: tx.jobs.claim(ids, "w", HOUR)))
    assert (len(claimed), read < BOUND) == (FEW, True)
    # Hardly any is RUNNING: looking through all of them for those would seem cheap.
    server.count()
    leases = [Lease(job.id, job.token) for job in claimed.values()]
    read, renewed = server.rows_read(lambda: run(lambda tx: tx.jobs.renew(leases, HOUR)))
    assert (all(state.held for state in renewed), read < BOUND) == (True, True)
    ends = [Settlement(lease, JobState.SUCCEEDED, result={}) for lease in leases]
    read, settled = server.rows_read(lambda: run(lambda tx: tx.jobs.settle(ends)))
    assert (len(settled), read < BOUND) == (FEW, True)


@pytest.mark.requirement("JOB-6")
def test_rows_of_the_outbox_are_taken_and_removed_without_a_look_at_the_others(server: Server) -> None:
    run = server.database.run_sync
    for _ in range(WARM):
        run(lambda tx: tx.outbox.take(FEW, HOUR))
    read, taken = server.rows_read(lambda: run(lambda tx: tx.outbox.take(FEW, HOUR)))
    assert (len(taken), read < BOUND) == (FEW, True)
    server.count()
    half = [row.id for row in taken[: FEW // 2]]
    rest = [row.id for row in taken[FEW // 2 :]]
    read, _ = server.rows_read(lambda: run(lambda tx: tx.outbox.published(half)))
    assert read < BOUND
    read, _ = server.rows_read(lambda: run(lambda tx: tx.outbox.failed(rest, "away", HOUR)))
    assert read < BOUND


@pytest.mark.requirement("QUE-3")
def test_messages_are_received_extended_and_acked_without_a_look_at_the_others(server: Server) -> None:
    queue = server.queue
    with asyncio.Runner() as runner:
        for _ in range(MANY // 100):
            runner.run(queue.publish("jobs", [OutgoingMessage("{}", "t")] * 100))
        server.count()
        for _ in range(WARM):
            runner.run(queue.receive("jobs", FEW, 0, 600))
        read, found = server.rows_read(lambda: runner.run(queue.receive("jobs", FEW, 0, 600)))
        assert (len(found), read < BOUND) == (FEW, True)
        server.count()
        receipts = [delivery.receipt for delivery in found]
        read, void = server.rows_read(lambda: runner.run(queue.extend(receipts, 60)))
        assert (list(void), read < BOUND) == ([], True)
        # Each looks where the line begins, past those that left since it was last noted.
        read, void = server.rows_read(lambda: runner.run(queue.extend(receipts, 0)))
        assert (list(void), read < MANY) == ([], True)
        read, void = server.rows_read(lambda: runner.run(queue.ack(receipts)))
        assert (list(void), read < BOUND) == ([], True)
        read, none = server.rows_read(
            lambda: runner.run(queue.receive("none", FEW, 0.001, 600, also=["jobs"]))
        )
        assert (list(none), read < BOUND) == ([], True)


@pytest.mark.requirement("QUE-4")
def test_a_tenants_first_message_finds_its_place_without_a_walk_through_anothers_backlog(
    server: Server,
) -> None:
    queue, run = server.queue, server.database.run_sync
    with asyncio.Runner() as runner:
        for _ in range(MANY // 100):
            runner.run(queue.publish("jobs", [OutgoingMessage("{}", "busy")] * 100))
        server.count()
        for tenant in ("busy", "a", "zz"):
            one = [OutgoingMessage("{}", tenant)]
            read, _ = server.rows_read(lambda one=one: runner.run(queue.publish("jobs", one)))
            assert read < BOUND, f"{tenant}: published"
            row = [OutboxMessage("jobs", "{}", tenant)]
            read, _ = server.rows_read(lambda row=row: run(lambda tx: tx.outbox.add(row)))
            assert read < BOUND, f"{tenant}: put into the outbox"
