"""SQS and S3 by moto's stand-alone server.

It keeps visibility, receive counts and dead letters as SQS does, but checks no signature (rclone does) and manages only a
few messages a second.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers.process import ServerSpec, accepts, shared_server, unavailable

__all__ = ["moto_url"]

_PROGRAM = Path(__file__).with_name("moto_server.py")


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Return the URL of a moto server, http://host:port."""
    explicit = os.environ.get("ACADEMY_TEST_MOTO_URL", "")
    if explicit:
        yield explicit
        return
    try:
        import moto.server  # noqa: F401, PLC0415
    except ImportError as error:
        unavailable(f"moto cannot be imported: {error}")
    spec = ServerSpec(
        name="moto",
        # Without -P this folder would come first on the path, and this module in place of the package it is named for.
        command=lambda _, port: [sys.executable, "-P", str(_PROGRAM), str(port)],
        ready=lambda _, port: accepts(port),
        env={"PYTHONWARNINGS": "ignore"},
    )
    with shared_server(spec) as server:
        yield f"http://127.0.0.1:{server.port}"
