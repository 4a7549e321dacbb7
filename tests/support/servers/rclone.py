"""S3 with signature checks by `rclone serve s3`: forged, expired and unsigned requests are refused as a real store does."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers.process import ServerSpec, accepts, find_binary, shared_server, unavailable

__all__ = ["ACCESS_KEY", "SECRET_KEY", "rclone_url"]

ACCESS_KEY = "academytestkey"
SECRET_KEY = "academytestsecret"


@pytest.fixture(scope="session")
def rclone_url() -> Iterator[str]:
    """Return the URL of an S3 server that knows ACCESS_KEY and SECRET_KEY alone."""
    explicit = os.environ.get("ACADEMY_TEST_S3_SIGNED_URL", "")
    if explicit:
        yield explicit
        return
    binary = find_binary("rclone", Path(sys.executable).parent) or unavailable("rclone was not found")

    def command(folder: Path, port: int) -> list[str]:
        options = ["--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--addr", f"127.0.0.1:{port}"]
        return [
            str(binary),
            "serve",
            "s3",
            str(folder),
            *options,
            "--disable-multipart-streaming",
            "--config",
            str(folder / ".none"),
        ]

    spec = ServerSpec(name="rclone", command=command, ready=lambda _, port: accepts(port))
    with shared_server(spec) as server:
        yield f"http://127.0.0.1:{server.port}"
