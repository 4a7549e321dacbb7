"""Two cancellations at once have their effects once (JOB-3, JOB-8)."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from tests.support.jobs import WORK, Payload, job_types

from academy.application.jobs.submit import cancel, submit
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.requirement("JOB-3", "JOB-8")


class Noted:
    def __init__(self) -> None:
        self.ends = []

    def created(self, tx: Any, job: Any) -> None: ...
    def check_revival(self, tx: Any, job: Any) -> None: ...
    def started(self, tx: Any, job: Any) -> None: ...
    def settled(self, tx: Any, job: Any, end: Any) -> None:
        self.ends.append(end.state)


def test_effects_of_a_cancel_happen_once(postgres_url: str) -> None:
    connections = SqlConnections(postgres_url, SystemClock())
    try:
        prepare(connections)
        database = SqlDatabase(connections)
        database.run_sync(lambda tx: tx.tenants.add("t1", "hagwon", "Hagwon"))
        effects = Noted()
        types = job_types(effects=effects)
        database.run_sync(
            lambda tx: submit(
                tx,
                types,
                job_id="j",
                tenant_id="t1",
                type_name=WORK,
                payload=Payload(name="x"),
                idempotency_key="k",
                reply_to="results",
            )
        )

        def slowly(tx: Any) -> None:
            get = tx.jobs.get

            def late(*args: Any, **more: Any) -> Any:
                job = get(*args, **more)
                time.sleep(0.5)  # the other click comes now
                return job

            tx.jobs.get = late
            cancel(tx, types, "j")

        one = threading.Thread(target=database.run_sync, args=(slowly,))
        one.start()
        time.sleep(0.2)
        database.run_sync(lambda tx: cancel(tx, types, "j"))
        one.join()
        rows = database.run_sync(lambda tx: tx.outbox.take(100, timedelta(1)))
        assert len(effects.ends) == 1, effects.ends
        assert sum(row.queue == "results" for row in rows) == 1
    finally:
        connections.close()
