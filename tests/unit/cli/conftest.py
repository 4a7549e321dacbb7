"""The command line run in this process, on an installation of its own in a temporary folder."""

import io
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest

from academy.bootstrap.operator import Operator, migrate_database, open_operator
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import load_settings
from academy.interfaces.cli import console
from academy.interfaces.cli.main import main

T = TypeVar("T")
OURS = ("ACADEMY_", "R2_", "AWS_")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Installation:
    """A data folder; commands run on it."""

    data_dir: Path

    def run(self, *arguments: str, typed: str = "") -> Ran:
        """Run `academy …` and return how it ended."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr("sys.argv", ["academy", *arguments])
            patch.setattr("sys.stdin", io.StringIO(typed))
            with pytest.raises(SystemExit) as ended:
                main()
        return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    def within(self, work: Callable[[Operator], Awaitable[T]]) -> T:
        """Do something with the adapters, as the system itself would."""

        async def run() -> T:
            async with open_operator(load_settings()) as operator:
                return await work(operator)

        return anyio.run(run)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation before its first migration."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACADEMY_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(console.out, "_width", console.PLAIN_WIDTH)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Installation(tmp_path / "var")
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def installed(empty: Installation) -> Installation:
    """An installation with its schema and queues."""
    settings = load_settings()
    migrate_database(settings)

    async def create(operator: Operator) -> None:
        await operator.backends.queue.create(queue_plan(settings))

    empty.within(create)
    return empty
