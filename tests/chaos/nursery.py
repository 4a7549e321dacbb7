"""Processes of one system under test, forked from one that has imported everything: to start one takes milliseconds.

`Nursery` starts that process and speaks with it; `python -m tests.chaos.nursery SETTINGS` is it. Each line it reads is an order (a
role and its options as JSON); it answers with the process id, and later with how that process ended. Its children die with it.
"""

import asyncio
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.standin.hurry import HURRIED_RETRY, Counted, hurried_backends, reconcile_until
from tests.support.standin.types import QUEUE, standin_handlers, standin_types

import academy.infrastructure.redis.progress
import academy.infrastructure.sql.queue
import academy.infrastructure.sqs.queue  # noqa: F401 - imported before the fork, not after it
from academy.application.jobs.rotation import PolledQueue
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Role, Settings, load_settings
from academy.bootstrap.worker import worker_setup
from academy.interfaces.workers.runtime.main import leave_on_sigterm, stop_on_signals
from academy.interfaces.workers.runtime.role import run_worker

__all__ = ["Nursery"]

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.02


class Nursery:
    """The parent of the processes under test, from outside; use as an asynchronous context."""

    def __init__(self, settings: Mapping[str, object], log: Path) -> None:
        self._settings = settings
        self._log = log
        self._answers: asyncio.Queue[int] = asyncio.Queue()
        self.alive: set[int] = set()
        self.ends: dict[int, int] = {}
        self._ended = asyncio.Condition()

    async def __aenter__(self) -> "Nursery":
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "tests.chaos.nursery", json.dumps(self._settings)),
                env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:."},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def start(self, role: str, **options: object) -> int:
        """Start a process and return its id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"role": role, **options}).encode() + b"\n")
        return await self._answers.get()

    async def ended(self, pid: int, seconds: float) -> int | None:
        """Wait for the end of a process; return its exit code (minus the signal), None when it goes on."""
        async with self._ended:
            try:
                async with asyncio.timeout(seconds):
                    await self._ended.wait_for(lambda: pid in self.ends)
            except TimeoutError:
                return None
        return self.ends[pid]

    def kill(self, pid: int, how: signal.Signals = signal.SIGKILL) -> bool:
        """Send a signal; return whether the process was still there: the news of its end may not have been read yet."""
        if pid not in self.alive:
            return False
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return False
        return True

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            answer = json.loads(line)
            if "started" in answer:
                self.alive.add(answer["started"])
                await self._answers.put(answer["started"])
                continue
            async with self._ended:
                self.alive.discard(answer["ended"])
                self.ends[answer["ended"]] = answer["code"]
                self._ended.notify_all()


async def _worker(settings: Settings, options: dict[str, Any]) -> None:
    async with hurried_backends(settings, options["clock_shift"]) as backends:
        counted = replace(backends, queue=Counted(backends.queue, Path(options["receives"])))  # type: ignore[arg-type]
        setup = worker_setup(
            counted,
            "standin",
            queues=[PolledQueue(queue_names(settings)[QUEUE])],
            slots=options["slots"],
            types=standin_types(settings, HURRIED_RETRY),
            handlers=standin_handlers(),
        )
        await run_worker(setup)


async def _relay(settings: Settings, _options: dict[str, Any]) -> None:
    async with hurried_backends(settings) as backends:
        await outbox_relay(backends).run(stop_on_signals())


async def _reconciler(settings: Settings, _options: dict[str, Any]) -> None:
    async with hurried_backends(settings) as backends:
        await reconcile_until(stop_on_signals(), backends)


ROLES: dict[str, Callable[[Settings, dict[str, Any]], Awaitable[None]]] = {
    "worker": _worker,
    "relay": _relay,
    "reconciler": _reconciler,
}


def _fork(settings: Settings, options: dict[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(nothing, 1)
            asyncio.run(_coroutine(settings, options))
            code = 0
    except SystemExit as end:
        code = 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - the process ends here; what ended it is for the log
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _coroutine(settings: Settings, options: dict[str, Any]) -> None:
    await ROLES[options["role"]](settings, options)


def _say(**fields: int) -> None:
    os.write(1, json.dumps(fields).encode() + b"\n")


def _reap(children: set[int]) -> None:
    for pid in tuple(children):
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            children.discard(pid)
            _say(ended=pid, code=os.waitstatus_to_exitcode(status))


def main() -> None:
    settings = load_settings(Role.RECONCILER, **json.loads(sys.argv[1]))
    configure_logs(settings)
    # Before the first fork: a process that is told to end before its loop listens ends well.
    leave_on_sigterm()
    children: set[int] = set()
    rest = b""
    while True:
        ready, _, _ = select.select([0], [], [], LOOK_SECONDS)
        _reap(children)
        if not ready:
            continue
        read = os.read(0, 65_536)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            pid = _fork(settings, json.loads(line))
            children.add(pid)
            _say(started=pid)


if __name__ == "__main__":
    main()
