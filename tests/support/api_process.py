"""The API in a process of its own, as `python -m tests.support.api_process`: prints its port, ends when its input does."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import httpx2

from academy.bootstrap.backends import open_backends
from academy.bootstrap.operator import migrate_database
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Role, Settings, load_settings
from academy.interfaces.api.demo import ensure_demo
from academy.interfaces.api.migrate import migrate_django
from academy.interfaces.api.server import serve

__all__ = ["api_process", "client_of"]


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    async with open_backends(settings) as backends:
        await backends.queue.create(queue_plan(settings))
        demo = await asyncio.to_thread(ensure_demo, settings, backends.database)

        def started(port: int) -> None:
            sys.stdout.write(f"{port} {demo.logins['teacher']}\n")
            sys.stdout.flush()

        await serve(settings, stop, backends=backends, started=started)


@contextmanager
def api_process(database_url: str, folder: Path) -> Iterator[httpx2.Client]:
    """Run the API on a database; yield a client that is logged in as the demo academy's teacher."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "src",
        "ACADEMY_DATABASE_URL": database_url,
        "ACADEMY_DATA_DIR": str(folder),
        "ACADEMY_BIND": "127.0.0.1:0",
        "ACADEMY_API_THREADS": "3",
        "ACADEMY_DATABASE_POOL": "2",
    }
    command = [sys.executable, "-W", "error", "-m", "tests.support.api_process"]
    with Popen(command, env=env, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port, _, password = process.stdout.readline().strip().partition(" ")
            with client_of(f"http://127.0.0.1:{port}", "teacher", password) as client:
                yield client
        finally:
            process.stdin.close()
        assert process.wait(30) == 0


@contextmanager
def client_of(url: str, username: str, password: str) -> Iterator[httpx2.Client]:
    """Log in and yield a client."""
    with httpx2.Client(base_url=url, timeout=30, trust_env=False, verify=False) as client:
        answer = client.post("/api/v1/auth/login", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


def main() -> None:
    """Bring the database up to date and serve."""
    settings = load_settings(Role.API)
    migrate_database(settings)
    migrate_django(settings)
    asyncio.run(_serve(settings))


if __name__ == "__main__":
    main()
