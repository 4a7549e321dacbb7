"""What only a database server can do to us: lose connections, hold locks, count connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.contract.database.conftest import Place, new_job

from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase


@pytest.mark.requirement("JOB-7")
def test_overdue_rows_that_another_reconciler_holds_are_skipped(server: Place) -> None:
    server.jobs("j1", "j2")
    other = server.another()

    def nested(tx: Transaction) -> list[str]:
        assert len(tx.jobs.overdue(timedelta(days=-1), 1)) == 1
        return [job.id for job in other.run_sync(lambda inner: inner.jobs.overdue(timedelta(days=-1), 10))]

    assert len(server.database.run_sync(nested)) == 1


def test_lost_connection_is_replaced_without_an_error(server: Place) -> None:
    server.jobs("j1")
    others = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    killer = SqlConnections(server.connections.url, SystemClock(), pool_size=1)
    killer.write(lambda connection: connection.execute(others).all())
    killer.close()
    assert server.job("j1").id == "j1"


def test_connection_lost_within_a_transaction_is_an_outage_and_the_next_one_works(server: Place) -> None:

    def suicide(tx: Transaction) -> None:
        tx.jobs.add([new_job("j1")])
        connection = tx.jobs._connection  # type: ignore[attr-defined]
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailable):
        server.database.run_sync(suicide)
    assert server.database.read_sync(lambda tx: tx.jobs.get("j1")) is None


def test_pool_keeps_to_its_budget(server: Place) -> None:
    connections = SqlConnections(server.connections.url, SystemClock(), pool_size=2)
    database = SqlDatabase(connections)
    count = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND state <> 'idle'"
    )
    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(lambda _: connections.read(lambda each: each.scalar(count)), range(30)))
    assert max(number or 0 for number in seen) <= 2
    assert database.read_sync(lambda tx: tx.jobs.get("none")) is None
    connections.close()
