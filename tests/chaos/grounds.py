"""What a chaos run stands on: a database, a broker and a progress store, with the handles that hurt them."""

import asyncio
import random
import socket
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.servers.fauxqs import REGION, fauxqs_server
from tests.support.servers.postgres import new_postgres_database, running_postgres
from tests.support.servers.process import accepts
from tests.support.servers.valkey import valkey_binary, valkey_command

from academy.infrastructure.sql.schema import migrate

__all__ = ["BACKENDS", "Grounds", "Valkey", "open_grounds"]

BACKENDS = ("sqlite", "postgresql", "sqs")
LEASE_SECONDS = 2
DRAIN_SECONDS = 3


class Valkey:
    """A server whose data and life are short."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._command = valkey_command(valkey_binary(), folder, self.port)
        self._restarting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        nothing = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=nothing, stdout=nothing, stderr=nothing
        )
        async with asyncio.timeout(10):
            while not accepts(self.port):  # noqa: ASYNC110 - another process, which has no event
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def restart(self, after: float) -> None:
        """Be away for `after` seconds and come back empty; one restart at a time."""
        async with self._restarting:
            await self.kill()
            await asyncio.sleep(after)
            await self.start()


@dataclass(frozen=True, slots=True)
class Grounds:
    """Settings of the processes under test, those of the harness (which meets no proxy), and what can be hurt.

    `database_file` is SQLite's, `server` PostgreSQL's address for psycopg; what a backend does not have is None or empty.
    """

    theirs: dict[str, object]
    ours: dict[str, object]
    database_file: Path | None = None
    server: str = ""
    proxy: FaultProxy | None = None
    valkey: Valkey | None = None

    def lock_database(self, seconds: float) -> None:
        """Keep every writer out of SQLite for that long; for a thread."""
        assert self.database_file is not None
        with closing(sqlite3.connect(self.database_file, isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            threading.Event().wait(seconds)
            connection.execute("ROLLBACK")

    def cut_connections(self, share: float, seed: int) -> int:
        """End a share of the connections to PostgreSQL, whoever holds them, and return how many; for a thread."""
        chance = random.Random(seed)
        with psycopg.connect(self.server, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            chosen = [pid for (pid,) in sorted(rows) if chance.random() < share]
            for pid in chosen:
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])
        return len(chosen)


@asynccontextmanager
async def open_grounds(backend: str, folder: Path, seed: int) -> AsyncIterator[Grounds]:
    """Start the servers of a backend and make its schema."""
    common: dict[str, object] = {
        "data_dir": str(folder),
        "lease_seconds": LEASE_SECONDS,
        "drain_seconds": DRAIN_SECONDS,
        "log_format": "json",
    }
    async with AsyncExitStack() as stack:
        if backend == "sqlite":
            file = folder / "academy.sqlite3"
            url = f"sqlite:///{file}"
            await asyncio.to_thread(migrate, url)
            settings = common | {"database_url": url}
            yield Grounds(settings, settings, database_file=file)
            return
        server = stack.enter_context(running_postgres())
        url = stack.enter_context(new_postgres_database(server))
        settings = common | {"database_url": url}
        address = url.replace("+psycopg", "", 1)
        if backend == "postgresql":
            yield Grounds(settings, settings, server=address)
            return
        broker = stack.enter_context(fauxqs_server())
        proxy = await stack.enter_async_context(fault_proxy(broker, seed))
        valkey = Valkey(folder)
        await valkey.start()
        stack.push_async_callback(valkey.kill)
        # The server is shared with other runs.
        own = f"chaos-{folder.name}-{seed}"[:60]
        settings |= {
            "queue_backend": "sqs",
            "aws_region": REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "sqs_wait_seconds": 1,
            "queue_messaging": own,
            "queue_graph_requests": f"{own}-requests",
            "queue_graph_results": f"{own}-results",
            "progress_backend": "redis",
            "redis_url": f"redis://127.0.0.1:{valkey.port}",
        }
        yield Grounds(
            settings | {"sqs_endpoint_url": proxy.url},
            settings | {"sqs_endpoint_url": broker},
            server=address,
            proxy=proxy,
            valkey=valkey,
        )
