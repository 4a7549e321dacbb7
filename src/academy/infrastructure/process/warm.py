"""Child processes that are kept between calls: what a module costs to import, and what it holds ready, is paid once.

A process belongs to one key: entry, affinity, environment, and those limits that the kernel or the keeper was told at its start. It
is never given to another, so what a call leaves in its memory meets the data of no other owner. It serves one call at a time; wall
time and silence are watched for each, memory by the keeper all the time. A call whose CPU time is limited gets a fresh process,
for the kernel takes no such limit back.

A process is retired, and so the next call pays for a start, after anything but a result, when it printed something, left a child
or a thread behind, holds too much memory, served its number of calls, waited too long, when there are too many, or when its owner is to
be forgotten.
"""

import asyncio
import logging
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from academy.application.ports.processes import ChildFailed, ChildLimits, ChildReport
from academy.infrastructure.process.kept_warm import KeptWarm
from academy.infrastructure.process.local import LocalChildProcesses, import_path
from academy.infrastructure.process.watching import to_its_end

__all__ = ["WarmChildProcesses"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """Calls that may follow each other in one process."""

    entry: str
    affinity: str
    limits: ChildLimits
    environment: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class _Waiting:
    """A process between two calls."""

    key: _Key
    child: KeptWarm
    timer: asyncio.TimerHandle | None = None


class WarmChildProcesses(LocalChildProcesses):
    """`ChildProcesses` whose `call` keeps interpreters; `run` starts a process each time. For one event loop; `close` it there.

    Args:
        keep: processes at most; one more is started when all are at work, and goes when it is done.
        most_calls: that one process serves.
        most_bytes: resident memory with which a process may wait.
        idle_seconds: for which a process may wait.
        environment, python: as of LocalChildProcesses.
    """

    def __init__(
        self,
        *,
        keep: int = 4,
        most_calls: int = 500,
        most_bytes: int = 1 << 30,
        idle_seconds: float = 600.0,
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        super().__init__(environment=environment, python=python)
        self._keep = keep
        self._most_calls = most_calls
        self._most_bytes = most_bytes
        self._idle_seconds = idle_seconds
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._busy = 0
        self._working: dict[KeptWarm, _Key] = {}
        self._forgotten: set[KeptWarm] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def call(
        self,
        entry: str,
        request: bytes,
        *,
        limits: ChildLimits,
        on_report: Callable[[str], None],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_report: int = 512 << 10,
        max_result: int = 256 << 10,
        affinity: str = "",
    ) -> ChildReport:
        """See the port."""
        if limits.cpu_seconds is not None or self._closed:
            return await super().call(
                *(entry, request),
                limits=limits,
                on_report=on_report,
                cwd=cwd,
                env=env,
                max_report=max_report,
                max_result=max_result,
            )
        folder = (cwd or Path()).absolute()
        if not folder.is_dir():
            raise ChildFailed("not_found", None, f"no such folder: {folder}")
        environment = {**self._environment, **(env or {})}
        lasting = replace(limits, wall_seconds=0.0, stall_seconds=None)
        key = _Key(entry, affinity, lasting, tuple(sorted(environment.items())))
        head = {"entry": entry, "path": import_path(), "max_result": max_result, "cwd": str(folder)}
        self._busy += 1
        try:
            child = await self._take(key)
            self._working[child] = key
            try:
                return await child.serve(head, request, limits, on_report, max_report)
            finally:
                del self._working[child]
                self._put(key, child)
        finally:
            self._busy -= 1

    async def forget(self, affinity: str) -> None:
        """See the port."""
        self._forgotten |= {child for child, key in self._working.items() if key.affinity == affinity}
        for each in list(self._waiting.values()):
            if each.key.affinity == affinity:
                self._let_go(each, "forgotten")
        if self._ending:
            await asyncio.wait(set(self._ending))

    async def close(self) -> None:
        """End the processes that wait; calls from now on start fresh ones."""
        self._closed = True
        for each in list(self._waiting.values()):
            self._let_go(each, "closed")
        while self._ending:
            await asyncio.wait(self._ending)

    async def _take(self, key: _Key) -> KeptWarm:
        """Return a process of this key: one that waits, or a new one."""
        for each in reversed(list(self._waiting.values())):
            if each.key == key and id(each) in self._waiting:
                self._remove(each)
                if await each.child.ready():
                    return each.child
                log.info("warm_child_retired", extra={"entry": key.entry, "why": each.child.retired})
        await self._make_room()
        try:
            return KeptWarm(
                self._python,
                key.limits,
                dict(key.environment),
                most_calls=self._most_calls,
                most_bytes=self._most_bytes,
            )
        except FileNotFoundError as error:
            raise ChildFailed("not_found", None, str(error)) from error

    def _put(self, key: _Key, child: KeptWarm) -> None:
        """Let a process wait for its next call, unless it was its last."""
        if child.retired:
            self._forgotten.discard(child)
            log.info("warm_child_retired", extra={"entry": key.entry, "why": child.retired})
            return
        each = _Waiting(key, child)
        if child in self._forgotten:
            self._forgotten.discard(child)
            self._waiting[id(each)] = each
            self._let_go(each, "forgotten")
            return
        each.timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go, each, "idle")
        self._waiting[id(each)] = each
        while self._waiting and (self._closed or self._busy - 1 + len(self._waiting) > self._keep):
            self._let_go(next(iter(self._waiting.values())), "room")

    async def _make_room(self) -> None:
        """End those that waited longest, for one more is to begin."""
        while self._waiting and self._busy + len(self._waiting) > self._keep:
            self._let_go(next(iter(self._waiting.values())), "room")
        if self._ending:  # their memory comes first
            await asyncio.wait(set(self._ending))

    def _remove(self, each: _Waiting) -> None:
        if each.timer is not None:
            each.timer.cancel()
        del self._waiting[id(each)]

    def _let_go(self, each: _Waiting, why: str) -> None:
        self._remove(each)
        log.info("warm_child_retired", extra={"entry": each.key.entry, "why": why})
        task = asyncio.get_running_loop().create_task(to_its_end(each.child.end()))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
