"""What a transaction promises: all or nothing, one winner, no half-done work, recovery."""

import asyncio
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.database.academics import UNREAD
from tests.contract.database.conftest import LEASE, Place, new_job

from academy.application.ports.database import DatabaseUnavailable, Lease, Settlement, Transaction
from academy.domain.academics.teaching import SchoolClass
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase

THREADS = 8


def race(place: Place, work: Callable[[SqlDatabase, int], object]) -> list[object]:
    """Run `work` at the same moment on eight threads, each with connections of its own as another process has."""
    barrier = threading.Barrier(THREADS)
    databases = [place.another() for _ in range(THREADS)]

    def one(number: int) -> object:
        databases[number].read_sync(lambda tx: tx.now())
        barrier.wait()
        return work(databases[number], number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


@pytest.mark.requirement("JOB-3")
def test_of_eight_claims_exactly_one_wins(place: Place) -> None:
    ids = [f"j{number}" for number in range(20)]
    place.jobs(*ids)

    def claim(database: SqlDatabase, number: int) -> set[str]:
        # Each in another order: no order of locks may matter.
        mine = ids[number:] + ids[:number]
        return set(database.run_sync(lambda tx: tx.jobs.claim(mine, f"w{number}", LEASE)))

    won = race(place, claim)
    assert sorted(job_id for part in won for job_id in part) == sorted(ids)  # type: ignore[attr-defined]
    assert all(place.job(job_id).token == 1 for job_id in ids)


@pytest.mark.requirement("JOB-3")
def test_of_eight_takeovers_exactly_one_wins(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    place.pass_time(61)
    won = race(
        place,
        lambda database, number: database.run_sync(lambda tx: tx.jobs.claim(["j1"], f"w{number}", LEASE)),
    )
    assert sum(1 for part in won if part) == 1
    assert place.job("j1").token == 2


@pytest.mark.requirement("JOB-3")
def test_settling_and_renewing_the_same_jobs_at_once_never_deadlocks(place: Place) -> None:
    ids = [f"j{number:02}" for number in range(24)]
    place.jobs(*ids)
    place.claim(*ids)

    def work(database: SqlDatabase, number: int) -> int:
        leases = [Lease(job_id, 1) for job_id in (ids if number % 2 else reversed(ids))]
        if number < 4:
            return len(database.run_sync(lambda tx: tx.jobs.renew(leases, LEASE)))
        return len(
            database.run_sync(
                lambda tx: tx.jobs.settle([Settlement(each, JobState.SUCCEEDED, {}) for each in leases])
            )
        )

    results = race(place, work)
    assert sum(results[4:]) == len(ids)  # type: ignore[arg-type]
    assert results[:4] == [len(ids)] * 4


@pytest.mark.requirement("JOB-10")
def test_of_eight_equal_jobs_exactly_one_is_made(place: Place) -> None:
    def add(database: SqlDatabase, number: int) -> bool:
        new = [new_job(f"j{number}", idempotency_key="same"), new_job(f"other{number}")]
        return database.run_sync(lambda tx: tx.jobs.add(new))[0].created

    assert race(place, add).count(True) == 1


@pytest.mark.requirement("API-1")
def test_of_eight_equal_requests_exactly_one_is_carried_out(place: Place) -> None:
    answers = race(
        place, lambda database, _: database.run_sync(lambda tx: tx.idempotency.begin("t1", "key", "f"))
    )
    assert answers.count(None) == 1


@pytest.mark.requirement("JOB-6")
def test_eight_relays_share_the_outbox(place: Place) -> None:
    from academy.application.ports.database import OutboxMessage  # noqa: PLC0415

    messages = [OutboxMessage("q", str(number), "t") for number in range(40)]
    place.database.run_sync(lambda tx: tx.outbox.add(messages))
    taken = race(place, lambda database, _: database.run_sync(lambda tx: tx.outbox.take(10, LEASE)))
    bodies = [row.body for part in taken for row in part]  # type: ignore[attr-defined]
    assert len(bodies) == len(set(bodies))
    rest = place.database.run_sync(lambda tx: tx.outbox.take(100, LEASE))
    assert len(bodies) + len(rest) == 40


def test_work_that_raises_changes_nothing(place: Place) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.add([new_job("j1")])
        raise LookupError("no")

    with pytest.raises(LookupError):
        place.database.run_sync(work)
    assert place.database.read_sync(lambda tx: tx.jobs.get("j1")) is None


def test_time_stands_still_within_a_transaction(place: Place) -> None:
    def work(tx: Transaction) -> bool:
        first = tx.now()
        threading.Event().wait(0.005)
        return first == tx.now() and first.utcoffset() == timedelta(0)

    assert place.database.run_sync(work)
    assert place.database.read_sync(work)


def test_reading_cannot_write(place: Place) -> None:
    with pytest.raises(DatabaseUnavailable):
        place.database.read_sync(lambda tx: tx.jobs.add([new_job("j1")]))
    assert place.database.read_sync(lambda tx: tx.jobs.get("j1")) is None
    place.jobs("j1")


async def test_reading_never_waits_for_a_writer(place: Place) -> None:
    place.jobs("j1")
    writing, release = threading.Event(), threading.Event()

    def write(tx: Transaction) -> None:
        tx.jobs.claim(["j1"], "w1", LEASE)
        writing.set()
        release.wait(20)

    writer = asyncio.ensure_future(place.database.run(write))
    await asyncio.to_thread(writing.wait, 20)
    job = await asyncio.wait_for(place.database.read(lambda tx: tx.jobs.get("j1")), 10)
    assert job is not None
    assert job.state is JobState.PENDING
    release.set()
    await writer
    assert place.job("j1").state is JobState.RUNNING


async def test_cancelled_caller_waits_for_the_commit(place: Place) -> None:
    begun, release = threading.Event(), threading.Event()

    def work(tx: Transaction) -> None:
        begun.set()
        release.wait(20)
        tx.jobs.add([new_job("j1")])

    running = asyncio.ensure_future(place.database.run(work))
    await asyncio.to_thread(begun.wait, 20)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=0.05)
    assert not done
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert place.job("j1").id == "j1"


async def test_many_callers_at_once_all_commit(place: Place) -> None:
    async def add(number: int) -> None:
        await place.database.run(lambda tx: tx.jobs.add([new_job(f"j{number}")]))

    await asyncio.gather(*(add(number) for number in range(30)))
    counts = await place.database.read(lambda tx: tx.jobs.count_by_state())
    assert counts == {("video.transcode", JobState.PENDING): 30}


@pytest.mark.requirement("JOB-4")
def test_lease_starts_after_the_wait_for_a_lock(place: Place) -> None:
    """A claim that waited for another transaction gets its whole lease, not one that is half used up."""
    place.jobs("j1")
    other = place.another()
    locked = threading.Event()

    def hold(tx: Transaction) -> None:
        tx.jobs.request_cancel("missing")
        tx.jobs.overdue(timedelta(days=-1), 10)
        locked.set()
        threading.Event().wait(0.6)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(other.run_sync, hold)
        locked.wait(20)
        short = timedelta(seconds=30)
        claimed = place.database.run_sync(lambda tx: tx.jobs.claim(["j1"], "w1", short))["j1"]
        holding.result()
    now = place.database.read_sync(lambda tx: tx.now())
    assert claimed.due_at is not None
    assert claimed.due_at - now > timedelta(seconds=29.6)


async def test_unreachable_database_is_an_outage(place: Place, tmp_path: Path) -> None:
    url = (
        f"sqlite:///{tmp_path}/no/such.db"
        if place.connections.sqlite
        else f"postgresql://x@/x?host={tmp_path}"
    )
    connections = SqlConnections(url, SystemClock())
    gone = SqlDatabase(connections)
    with pytest.raises(DatabaseUnavailable):
        await gone.run(lambda tx: tx.now())
    with pytest.raises(DatabaseUnavailable):
        await gone.read(lambda tx: tx.now())
    with pytest.raises(DatabaseUnavailable):
        await gone.ping()
    connections.close()


@pytest.mark.parametrize("value", ["nul \x00", "surrogate \ud800"])
def test_text_that_no_database_holds_is_refused_or_kept_whole(place: Place, value: str) -> None:
    """Never cut short, never an outage that would be retried for ever."""
    try:
        place.jobs("j1", subject=value)
    except ValueError:
        assert place.database.read_sync(lambda tx: tx.jobs.get("j1")) is None
    else:
        assert place.job("j1").subject == value


@pytest.mark.requirement("SEC-3")
def test_an_error_of_the_database_says_nothing_of_whom_it_was_about(place: Place) -> None:
    def add(name: str) -> Callable[[Transaction], None]:
        return lambda tx: tx.teaching.add_class(SchoolClass("c1", "t1", name, "", True, UNREAD, UNREAD))

    place.database.run_sync(add("first"))
    private = "김민수 01012345678"
    with pytest.raises(ValueError, match="refused a value") as caught:
        place.database.run_sync(add(private))
    logged = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO classes" in logged
    assert private not in logged
