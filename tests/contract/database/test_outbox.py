"""JOB-6: messages that are committed with what they announce."""

import threading
from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place, new_job

from academy.application.ports.database import OutboxMessage, OutboxRow, Transaction

pytestmark = pytest.mark.requirement("JOB-6")
LEASE = timedelta(seconds=30)


def put(place: Place, *bodies: str, delay: timedelta = timedelta(0)) -> None:
    messages = [OutboxMessage("jobs", body, "t1", delay, {"traceparent": "00-1-2-01"}) for body in bodies]
    place.database.run_sync(lambda tx: tx.outbox.add(messages))


def take(place: Place, limit: int = 10) -> list[OutboxRow]:
    return list(place.database.run_sync(lambda tx: tx.outbox.take(limit, LEASE)))


def bodies(rows: list[OutboxRow]) -> list[str]:
    return [row.body for row in rows]


def test_message_is_taken_as_it_was_put_in(place: Place) -> None:
    put(place, '{"한글": 1}')
    (row,) = take(place)
    assert (row.queue, row.body, row.group, row.tries) == ("jobs", '{"한글": 1}', "t1", 0)
    assert dict(row.attributes) == {"traceparent": "00-1-2-01"}


def test_job_and_message_are_committed_together_or_not_at_all(place: Place) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.add([new_job("j1")])
        tx.outbox.add([OutboxMessage("jobs", "{}", "t1")])
        raise LookupError("something went wrong afterwards")

    with pytest.raises(LookupError):
        place.database.run_sync(work)
    assert place.database.read_sync(lambda tx: tx.jobs.get("j1")) is None
    assert take(place) == []


def test_oldest_messages_go_first(place: Place) -> None:
    put(place, "1", "2")
    place.pass_time(1)
    put(place, "3")
    assert bodies(take(place, 2)) == ["1", "2"]
    assert bodies(take(place, 2)) == ["3"]


def test_taken_message_is_hidden_until_its_relay_crashed(place: Place) -> None:
    put(place, "1")
    assert bodies(take(place)) == ["1"]
    assert take(place) == []
    place.pass_time(31)
    assert bodies(take(place)) == ["1"]


def test_published_message_is_gone_for_good(place: Place) -> None:
    put(place, "1", "2")
    first, _ = take(place)
    place.database.run_sync(lambda tx: tx.outbox.published([first.id]))
    place.pass_time(31)
    assert bodies(take(place)) == ["2"]


def test_failed_publication_is_tried_again_later(place: Place) -> None:
    put(place, "1")
    (row,) = take(place)
    place.database.run_sync(lambda tx: tx.outbox.failed([row.id], "broker down " * 200, timedelta(seconds=5)))
    assert take(place) == []
    place.pass_time(6)
    (again,) = take(place)
    assert (again.id, again.tries) == (row.id, 1)


def test_delayed_message_waits_however_long(place: Place) -> None:
    put(place, "later", delay=timedelta(days=3))
    assert take(place) == []
    place.pass_time(3 * 24 * 3600 + 1)
    assert bodies(take(place)) == ["later"]


def test_next_due_tells_how_long_to_sleep(place: Place) -> None:
    def next_due() -> timedelta | None:
        return place.database.read_sync(lambda tx: tx.outbox.next_due())

    assert next_due() is None
    put(place, "later", delay=timedelta(seconds=60))
    wait = next_due()
    assert wait is not None
    assert timedelta(seconds=30) < wait <= timedelta(seconds=60)
    put(place, "now")
    wait = next_due()
    assert wait is not None
    assert wait <= timedelta(0)


def test_backlog_counts_due_messages_and_the_age_of_the_oldest(place: Place) -> None:
    assert place.database.read_sync(lambda tx: tx.outbox.backlog()) == (0, 0.0)
    put(place, "1", "2")
    put(place, "later", delay=timedelta(hours=1))
    place.pass_time(120)
    count, age = place.database.read_sync(lambda tx: tx.outbox.backlog())
    assert count == 2
    assert 119 < age < 180


def test_two_relays_never_take_the_same_message(place: Place) -> None:
    put(place, *map(str, range(6)))
    other = place.another()
    mine, theirs = take(place, 3), other.run_sync(lambda tx: tx.outbox.take(10, LEASE))
    assert sorted(bodies([*mine, *theirs])) == list("012345")


def test_relay_of_this_process_is_woken_after_the_commit_only(place: Place) -> None:
    woken: list[int] = []
    one_at_a_time = threading.Lock()

    def look() -> None:
        # Called by whoever commits, and on PostgreSQL by the thread that listens, once it does.
        with one_at_a_time:
            woken.append(len(take(place)))

    place.database.on_outbox(look)
    put(place, "1", "2")
    # What it was woken for is there.
    assert sum(woken) == 2
    place.database.run_sync(lambda tx: tx.outbox.add([]))
    place.jobs("j1")

    def work(tx: Transaction) -> None:
        tx.outbox.add([OutboxMessage("jobs", "{}", "t1")])
        raise LookupError("rolled back")

    with pytest.raises(LookupError):
        place.database.run_sync(work)
    # A call too many does no harm.
    assert sum(woken) == 2


def put_for(
    place: Place, tenant: str, count: int, queue: str = "jobs", delay: timedelta = timedelta(0)
) -> None:
    messages = [OutboxMessage(queue, f"{tenant} {number}", tenant, delay) for number in range(count)]
    place.database.run_sync(lambda tx: tx.outbox.add(messages))


@pytest.mark.requirement("QUE-4")
def test_many_rows_of_one_tenant_do_not_keep_back_anothers(place: Place) -> None:
    put_for(place, "heavy", 3_000)
    take(place, 100)
    put_for(place, "light", 1)
    assert "light 0" in bodies(take(place, 100))


@pytest.mark.requirement("QUE-4")
def test_many_rows_for_one_queue_do_not_keep_back_the_same_tenants_for_another(place: Place) -> None:
    put_for(place, "t", 1_000)
    put_for(place, "t", 1, queue="other")
    assert "other" in {row.queue for row in take(place, 10)}


@pytest.mark.requirement("QUE-4")
def test_rows_that_come_due_together_do_not_keep_back_immediate_ones(place: Place) -> None:
    put_for(place, "heavy", 1_000, delay=timedelta(minutes=5))
    put_for(place, "heavy", 10, queue="later", delay=timedelta(days=30))
    place.pass_time(301)
    take(place, 10)
    put_for(place, "light", 1)
    assert "light 0" in bodies(take(place, 10))


def test_rows_whose_time_has_come_go_out_though_new_ones_keep_coming(place: Place) -> None:
    put(place, "planned", delay=timedelta(seconds=5))
    place.pass_time(6)
    found: list[str] = []
    for _ in range(10):
        put_for(place, "busy", 20)
        found += bodies(take(place, 10))
        if "planned" in found:
            break
    assert "planned" in found


def test_thousands_of_rows_are_put_in_and_come_out_once_each(place: Place) -> None:
    put_for(place, "a", 2_000)
    put_for(place, "b", 100)
    found: list[str] = []
    while rows := take(place, 300):
        found += bodies(rows)
        place.database.run_sync(lambda tx, rows=rows: tx.outbox.published([row.id for row in rows]))
    assert sorted(found) == sorted([f"a {n}" for n in range(2_000)] + [f"b {n}" for n in range(100)])
    assert place.database.read_sync(lambda tx: tx.outbox.backlog()) == (0, 0.0)


@pytest.mark.parametrize("value", ["nul \x00", "surrogate \ud800", "한글 😀 \\u0000 \x01 '\""])
def test_text_that_no_database_holds_is_refused_and_any_other_kept_whole(place: Place, value: str) -> None:
    try:
        place.database.run_sync(lambda tx: tx.outbox.add([OutboxMessage("jobs", value, "t")]))
    except ValueError:
        assert take(place) == []
    else:
        assert bodies(take(place)) == [value]
