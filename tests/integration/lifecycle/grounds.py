"""Settings of a system for the life of a job, on each combination of adapters."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.support.servers.fauxqs import REGION
from tests.support.servers.postgres import new_postgres_database
from tests.support.standin.types import EFFECT, Numbered, effects, standin_types

from academy.application.jobs.submit import submit
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.backends import Backends
from academy.bootstrap.settings import Role, Settings, load_settings
from academy.domain.job.retry import RetryPolicy
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.schema import prepare as make_schema

__all__ = ["ADAPTERS", "TENANT", "happened", "prepare", "settings_on", "submit_on"]

ADAPTERS = ("sqlite", "postgresql", "sqs")
"""Queue and database in one SQLite file; both in PostgreSQL; SQS beside PostgreSQL."""
TENANT = "t1"
LEASE_SECONDS = 2


@contextmanager
def settings_on(adapter: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[dict[str, object]]:
    """Yield the settings of a fresh system; its queues share the broker with others and have names of their own."""
    settings: dict[str, object] = {
        "data_dir": str(folder),
        "lease_seconds": LEASE_SECONDS,
        "sqs_wait_seconds": 1,
        "queue_messaging": f"life-{uuid.uuid4().hex[:10]}",
    }
    if adapter == "sqlite":
        url = f"sqlite:///{folder}/academy.sqlite3"
        connections = SqlConnections(url, SystemClock())
        make_schema(connections)
        connections.close()
        yield settings | {"database_url": url}
        return
    if adapter == "sqs":
        settings |= {
            "queue_backend": "sqs",
            "sqs_endpoint_url": request.getfixturevalue("fauxqs_url"),
            "aws_region": REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
    with new_postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield settings | {"database_url": url}


def of_queue(settings: dict[str, object], name: str) -> Settings:
    """Return the settings of a process whose queue is called after `name`."""
    given = settings | {"queue_messaging": queue_called(settings, name)}
    return load_settings(Role.RECONCILER, **given)


def queue_called(settings: dict[str, object], name: str) -> str:
    """Return the broker's name of such a queue."""
    return f"{settings['queue_messaging']}-{name}"


async def prepare(backends: Backends, queues: list[str]) -> None:
    """Make queues, the table of effects and an academy."""
    await backends.queue.create([QueueSettings(name) for name in queues])

    def work(tx: Transaction) -> None:
        effects.metadata.create_all(tx._connection)  # type: ignore[attr-defined]
        tx.tenants.add(TENANT, "hagwon", "Hagwon")

    await backends.database.run(work)


async def submit_on(
    backends: Backends, settings: Settings, job_id: str, payload: Numbered, retry: RetryPolicy | None = None
) -> None:
    """Submit a job to the queue of `settings`; its message stays in the outbox."""
    types = standin_types(settings, retry)
    await backends.database.run(
        lambda tx: submit(
            tx,
            types,
            job_id=job_id,
            tenant_id=TENANT,
            type_name=EFFECT,
            payload=payload,
            idempotency_key=job_id,
        )
    )


def happened(tx: Transaction, job_id: str) -> list[str]:
    """Return the effects of a job, in order."""
    query = select(effects.c.what).where(effects.c.job_id == job_id).order_by(effects.c.id)
    return list(tx._connection.scalars(query))  # type: ignore[attr-defined]
