"""Migrations make what the tables say, and a program refuses a schema that is not its own."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.messaging import Moved
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.message import MessageState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql import schema
from academy.infrastructure.sql.all_tables import metadata
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue

FAR = 4_000_000_000_000
"""Milliseconds since 1970: a time long after this test."""
NewDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A maker of empty databases."""
    with ExitStack() as stack:
        made: list[str] = []

        def sqlite() -> str:
            made.append(f"sqlite:///{tmp_path}/{len(made)}.db")
            return made[-1]

        if request.param == "sqlite":
            yield sqlite
        else:
            new: NewDatabase = request.getfixturevalue("postgres_databases")
            yield lambda: stack.enter_context(new())


def described(url: str) -> dict[str, str]:
    """Return the definition of every table and index as the database tells it."""
    connections = SqlConnections(url, ManualClock(), pool_size=1)
    lite = "SELECT name, coalesce(sql, '') FROM sqlite_master WHERE name <> 'alembic_version'"
    server = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
        "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default, collation_name) "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    )

    def work(connection: Connection) -> dict[str, str]:
        rows = connection.execute(text(lite if connections.sqlite else server)).all()
        # White space, quotes and the order of constraints are a matter of taste.
        return {
            str(row[0]): "".join(sorted(re.sub(r"([(),])", r" \1 ", str(row[1]).replace('"', "")).split()))
            for row in rows
        }

    try:
        return connections.read(work)
    finally:
        connections.close()


def test_migrations_and_tables_say_the_same(urls: Callable[[], str]) -> None:
    migrated, made = urls(), urls()
    assert schema.migrate(migrated) == ""
    connections = SqlConnections(made, ManualClock(), pool_size=1)
    schema.prepare(connections)
    connections.close()
    assert described(migrated) == described(made)


def test_nothing_is_left_for_autogenerate(urls: Callable[[], str]) -> None:
    url = urls()
    schema.migrate(url)
    connections = SqlConnections(url, ManualClock(), pool_size=1)
    found = connections.write(lambda each: compare_metadata(MigrationContext.configure(each), metadata))
    connections.close()
    assert found == []


def test_migrating_twice_changes_nothing(urls: Callable[[], str]) -> None:
    url = urls()
    schema.migrate(url)
    before = described(url)
    assert schema.migrate(url) == schema.REVISION
    assert described(url) == before


def test_processes_that_migrate_at_once_do_no_harm(urls: Callable[[], str]) -> None:
    url = urls()
    barrier = threading.Barrier(3)

    def migrate(_: int) -> str:
        barrier.wait()
        return schema.migrate(url)

    # Alembic keeps its context in module globals: threads stand for processes only up to that.
    with ThreadPoolExecutor(3) as pool:
        before = sorted(pool.map(migrate, range(3)))
    assert before == ["", schema.REVISION, schema.REVISION]


def test_newest_migration_is_the_one_the_program_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


async def test_empty_or_other_schema_is_refused(urls: Callable[[], str]) -> None:
    connections = SqlConnections(urls(), ManualClock(), pool_size=1)
    database = SqlDatabase(connections)
    with pytest.raises(DatabaseUnavailable, match="academy migrate"):
        await database.ping()
    schema.prepare(connections)
    await database.ping()
    connections.write(lambda each: each.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseUnavailable, match="9999"):
        await database.ping()
    connections.close()


def test_database_in_memory_works_like_one_in_a_file() -> None:
    connections = SqlConnections("sqlite://", ManualClock())
    schema.prepare(connections)
    schema.prepare(connections)
    database = SqlDatabase(connections)
    database.run_sync(lambda tx: tx.tenants.add("t1", "c", "n"))
    assert database.read_sync(lambda tx: tx.tenants.get("t1")) is not None
    connections.close()


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        SqlConnections("mysql://root@localhost/x", ManualClock())


def steps(url: str, move: Callable[[Config], None]) -> None:
    """Move a database along the migrations."""
    connections = SqlConnections(url, SystemClock(), pool_size=1)

    def work(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        move(config)

    connections.write(work)
    connections.close()


@pytest.mark.requirement("MSG-2")
def test_a_message_ordered_before_its_ways_were_priced_costs_what_it_was_ordered_at(
    urls: Callable[[], str],
) -> None:
    url = urls()
    steps(url, lambda config: command.upgrade(config, "0004"))
    old = (
        'INSERT INTO messages (id, tenant_id, order_id, "to", name, channel, fallback, text, kakao_template_id, price, state, '
        "batch_id, provider_id, failure, created_at, updated_at) VALUES ('m1', 't1', 'o1', '01012345678', '', 'alimtalk', 'sms', "
        "'결석', 'tp', 20, 'SENT', 'b1', 'p1', NULL, 1, 1)"
    )
    before = SqlConnections(url, SystemClock(), pool_size=1)
    before.write(lambda each: each.execute(text(old)))
    before.close()
    assert schema.migrate(url) == "0004"
    after = SqlConnections(url, SystemClock(), pool_size=1)
    delivered = Moved("m1", MessageState.DELIVERED, went_by=Channel.ALIMTALK)
    (message,) = SqlDatabase(after).run_sync(lambda tx: tx.messages.move("t1", [delivered]))
    assert (message.channel_price, message.fallback_price, message.cost) == (None, None, 20)
    assert message.went_by is Channel.ALIMTALK
    after.close()
    steps(url, lambda config: command.downgrade(config, "0004"))
    assert schema.migrate(url) == "0004"


async def test_turns_are_given_to_what_waits_and_taken_back_without_a_loss(urls: Callable[[], str]) -> None:
    url = urls()
    steps(url, lambda config: command.upgrade(config, "0001"))
    before = SqlConnections(url, SystemClock(), pool_size=1)
    columns = "queue, grp, body, attributes, visible_at, receive_count, receipt, reason, sent_at"
    fill = (
        "INSERT INTO queues VALUES ('jobs', 'jobs-dlq', 30, 5, 14, 20), ('jobs-dlq', '', 30, 9, 14, 20)",
        (
            f"INSERT INTO queue_messages ({columns}) VALUES ('jobs', 'a', 'a1', '{{}}', 1, 0, 0, '', {FAR}), "
            f"('jobs', 'a', 'a2', '{{}}', 1, 0, 0, '', {FAR}), ('jobs', 'b', 'b1', '{{}}', 1, 0, 0, '', {FAR}), "
            f"('jobs', 'b', 'hidden', '{{}}', {FAR}, 1, 1, '', {FAR})"
        ),
        (
            "INSERT INTO outbox (queue, body, grp, attributes, tries, error, ready_at, due_at) VALUES "
            f"('jobs', 'now', 't', '{{}}', 0, '', 1, 1), ('jobs', 'later', 't', '{{}}', 0, '', {FAR}, {FAR})"
        ),
    )
    before.write(lambda each: [each.execute(text(statement)) for statement in fill])
    before.close()
    assert schema.migrate(url) == "0001"
    after = SqlConnections(url, SystemClock(), pool_size=1)
    queue, database = SqlJobQueue(after), SqlDatabase(after)
    found = [delivery.body for _ in range(3) for delivery in await queue.receive("jobs", 1, 0, 30)]
    assert found == ["a1", "b1", "a2"]
    assert (await queue.depth("jobs")).in_flight == 4
    taken = database.run_sync(lambda tx: tx.outbox.take(10, timedelta(minutes=1)))
    assert [row.body for row in taken] == ["now"]
    after.close()
    steps(url, lambda config: command.downgrade(config, "0001"))
    again = SqlConnections(url, SystemClock(), pool_size=1)
    count = "SELECT (SELECT count(*) FROM queue_messages), (SELECT count(*) FROM outbox)"
    assert tuple(again.read(lambda each: each.execute(text(count)).one())) == (4, 2)
    again.close()
    assert schema.migrate(url) == "0001"
