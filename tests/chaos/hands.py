"""What every chaos run does with the processes under test and their grounds: start, kill, freeze, drain, and hurt database and broker."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from tests.chaos.grounds import Grounds
from tests.chaos.nursery import Nursery

from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.bootstrap.backends import Backends

__all__ = ["Hands", "Hurt"]

T = TypeVar("T")
DRAIN_PATIENCE = 20.0


class Hurt(Protocol):
    """A planned fault, as far as all plans have it in common; `fault` is its name in the report."""

    @property
    def fault(self) -> str: ...

    @property
    def strength(self) -> float: ...

    @property
    def seed(self) -> int: ...


class Hands:
    """One run's hands.

    Attributes:
        survived: how often each fault was really done, by name.
        exits: of processes that were to end by themselves and ended otherwise.
    """

    def __init__(self, grounds: Grounds, backends: Backends, nursery: Nursery) -> None:
        self.survived: Counter[str] = Counter()
        self.exits: dict[str, int | None] = {}
        self._grounds = grounds
        self._backends = backends
        self._nursery = nursery
        self._places: dict[str, int] = {}

    async def stop(self) -> None:
        """Drain every process; what does not end by itself and well is noted in `exits`, then killed."""
        for pid in self._places.values():
            self._nursery.kill(pid, signal.SIGTERM)
        for name, pid in self._places.items():
            code = await self._nursery.ended(pid, DRAIN_PATIENCE)
            if code != 0:
                self.exits[name] = code
            self._nursery.kill(pid)

    def _options(self, _name: str) -> Mapping[str, object]:
        """Return what a process is told at its start, by its name ("worker 0")."""
        return {}

    async def _start(self, name: str) -> None:
        self._places[name] = await self._nursery.start(name.partition(" ")[0], **self._options(name))

    async def _start_all(self, counts: Mapping[str, int]) -> None:
        """Start so many processes of each role."""
        for role, count in counts.items():
            for number in range(count):
                await self._start(f"{role} {number}")

    async def _later(self, at: float, what: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        await what

    async def _surely(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction of the harness, whose connections are cut as everybody's."""
        while True:
            try:
                return await self._backends.database.run(work)
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)

    async def _kill(self, name: str, fault: Hurt) -> None:
        pid = self._places[name]
        if self._nursery.kill(pid):
            await self._nursery.ended(pid, 5)
            self.survived[fault.fault] += 1
            await asyncio.sleep(fault.strength * 0.8)
            await self._again(name, pid)

    async def _freeze(self, name: str, seconds: float, fault: Hurt) -> None:
        """Stop a process in its tracks; it wakes with leases that may be somebody else's by now."""
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGSTOP):
            try:
                await asyncio.sleep(seconds)
            finally:
                self._nursery.kill(pid, signal.SIGCONT)
            self.survived[fault.fault] += 1

    async def _drain(self, name: str, fault: Hurt) -> None:
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGTERM):
            code = await self._nursery.ended(pid, DRAIN_PATIENCE)
            # Killed by another fault meanwhile, it has nothing to drain.
            if code not in {0, -signal.SIGKILL}:
                self.exits[f"{name} drained, process {pid}"] = code
            self.survived[fault.fault] += 1
            await self._again(name, pid)

    async def _again(self, name: str, pid: int) -> None:
        """Start a process anew, unless another fault did so meanwhile."""
        if self._places[name] == pid:
            self._places[name] = -1
            await self._start(name)

    async def _hurt_database(self, fault: Hurt) -> None:
        """Lock SQLite, or cut connections to PostgreSQL."""
        if self._grounds.database_file is not None:
            await asyncio.to_thread(self._grounds.lock_database, 0.3 + 1.7 * fault.strength)
            self.survived["database locked"] += 1
            return
        cut = self._grounds.cut_connections
        share = 0.2 + fault.strength
        self.survived["database connections cut"] += await asyncio.to_thread(cut, share, fault.seed)

    async def _change_weather(self, weather: str, fault: Hurt) -> None:
        """Let the broker be out of order for a while."""
        proxy = self._grounds.proxy
        assert proxy is not None
        before = proxy.met[weather]
        proxy.weather = weather  # type: ignore[assignment]
        await asyncio.sleep(0.3 + 1.5 * fault.strength)
        if proxy.weather == weather:
            proxy.weather = None
        self.survived[f"broker: {weather}"] += proxy.met[weather] - before

    async def _restart_progress(self, fault: Hurt) -> None:
        """Restart the store of progress; it comes back empty."""
        assert self._grounds.valkey is not None
        await self._grounds.valkey.restart(fault.strength * 1.5)
        self.survived[fault.fault] += 1
