"""The local Solapi server as a process of its own, which can be frozen, and the hand that steers it.

`SolapiProcess` starts it; `python -m tests.chaos.messaging_provider SETTINGS` is it. Each line it reads is an order as JSON: "weather" (what
goes wrong by chance), "late" (carry out what was held back) or "look" (tell everything); each is answered by one line.
"""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.servers.solapi import API_KEY, API_SECRET, SolapiServer, solapi_server
from tests.support.servers.solapi_account import Group
from tests.support.servers.solapi_faults import Fault

__all__ = ["API_KEY", "API_SECRET", "Carried", "Seen", "SolapiProcess"]

PR_SET_PDEATHSIG = 1
LONGEST_LINE = 1 << 27
BALANCE = 10_000_000


@dataclass(frozen=True, slots=True)
class Carried:
    """A text that went out: our id, the number, Solapi's kind of it, when its group was sent (monotonic seconds, ISO 8601)."""

    id: str
    to: str
    type: str
    at: float
    date: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server knows: texts in the order they went out, what went wrong, requests by kind, won that it charged."""

    carried: Sequence[Carried]
    faults: Counter[str]
    requests: Counter[str]
    spent: int


class SolapiProcess:
    """The server from outside; use as an asynchronous context. Attribute `url`: where it listens."""

    def __init__(self, **account: object) -> None:
        """Set these attributes of its account (see `solapi_account.py`)."""
        self.url = ""
        self._settings = {"balance": BALANCE, **account}
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> "SolapiProcess":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.chaos.messaging_provider", json.dumps(self._settings)),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:."},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self.url = str((await self._answer())["url"])
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def weather(self, chances: Mapping[Fault, float], slow_seconds: float, seed: int) -> None:
        """Let requests go wrong by chance from now on; nothing any more when there are no chances."""
        by_name = {fault.name: chance for fault, chance in chances.items()}
        await self._ask(do="weather", chances=by_name, slow=slow_seconds, seed=seed)

    async def deliver_late(self) -> int:
        """Have what was held back carried out; return how many requests that were."""
        return int((await self._ask(do="late"))["late"])

    async def look(self) -> Seen:
        """Return what the server knows."""
        said = await self._ask(do="look")
        carried = [Carried(*row) for row in said["carried"]]
        return Seen(carried, Counter(said["faults"]), Counter(said["requests"]), int(said["spent"]))

    async def freeze(self, seconds: float) -> None:
        """Let it answer nobody for a while, whoever is connected."""
        self._process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    async def _ask(self, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        async with self._asking:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return await self._answer()

    async def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return said


def _obeyed(server: SolapiServer, order: Mapping[str, Any]) -> dict[str, object]:
    if order["do"] == "weather":
        server.faults.slow_seconds = order["slow"]
        chances = {Fault[name]: chance for name, chance in order["chances"].items()}
        server.faults.by_chance(chances, order["seed"])
        return {}
    if order["do"] == "late":
        return {"late": len(server.deliver_late())}
    account = server.account
    return {
        "carried": [row for group in account.groups.values() for row in _carried(group)],
        "faults": Counter(f"{kind} {fault.name}" for kind, fault in server.faults.seen),
        "requests": Counter(server.requests),
        "spent": account.spent(),
    }


def _carried(group: Group) -> list[list[object]]:
    if group.date_sent is None:
        return []
    return [
        [held.said["customFields"]["id"], held.said["to"], held.said["type"], group.sent_at, group.date_sent]
        for held in group.messages.values()
        if held.accepted
    ]


async def main() -> None:
    settings = json.loads(sys.argv[1])
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with solapi_server() as server:
        for name, value in settings.items():
            setattr(server.account, name, value)
        print(json.dumps({"url": server.url}), flush=True)
        async for line in reader:
            print(json.dumps(_obeyed(server, json.loads(line))), flush=True)


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    asyncio.run(main())
