"""One run: an academy's orders are placed, a worker process sends them through the local Solapi server, the books are compared."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gauge import _cpu_seconds, _peak_mib
from sqlalchemy import func, select
from tests.chaos.messaging_provider import API_KEY, API_SECRET, Carried, SolapiProcess

from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Role, load_settings
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState
from academy.domain.messaging.settings import MessagingSettings
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.schema import migrate
from academy.infrastructure.sql.tables_messaging import messages

__all__ = ["FASTEST", "Sent", "measured"]

ROOT = Path(__file__).parents[2]
FASTEST = 10_000.0
TENANT, SENDER, PRICE, CREDIT = "t1", "0212345678", 20, 1_000_000
TEXT = "[강남학원] #{이름} 학생이 #{시각}에 등원했습니다."
SETTLED_SECONDS = 0.5
"""What the worker still does after the last message is recorded belongs to the messages: acks, the last writes."""
START_SECONDS, LOOK_SECONDS, STUCK_SECONDS = 20.0, 0.05, 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run took and came to.

    Attributes:
        placing_ms, worker_ms: CPU for one message: of whoever orders, and of the worker from the first job to the end of the last.
        per_second: messages sent a second of the clock, from the moment that the worker hears of the first order.
        difference_won: what ledger, transfers and provider disagree about, in sum.
        astray: messages that were not sent, or more than once.
        moments: when each message went out at the provider, seconds.
    """

    placing_ms: float
    worker_ms: float
    per_second: float
    peak_mib: float
    requests: int
    difference_won: int
    astray: int
    moments: Sequence[float]


async def measured(url: str, folder: Path, orders: int, people: int, rate: float) -> Sent:
    """Place `orders` orders of `people` messages each into a new database and have a worker of its own send them."""
    migrate(url)
    settings = load_settings(Role.OPERATOR, create=True, data_dir=folder, database_url=url)
    async with SolapiProcess() as provider, open_backends(settings) as backends:
        await backends.queue.create([QueueSettings(queue_names(settings)["messaging"])])
        placing = await _place(backends, orders, people)
        total = orders * people
        async with _worker(url, folder, provider.url, rate) as worker:
            began, cpu = time.monotonic(), _cpu_seconds(worker.pid)
            async with _relaying(backends):
                await _all_sent(backends, worker, total)
            seconds = time.monotonic() - began
            await asyncio.sleep(SETTLED_SECONDS)
            spent, peak = _cpu_seconds(worker.pid) - cpu, _peak_mib(worker.pid)
        seen = await provider.look()
        return Sent(
            placing * 1000 / total,
            spent * 1000 / total,
            total / seconds,
            peak,
            seen.requests.total(),
            await _difference(backends, seen.spent),
            await _astray(backends, seen.carried),
            [text.at for text in seen.carried],
        )


async def _place(backends: Backends, orders: int, people: int) -> float:
    """Return the CPU seconds that placing took, all threads of this process together."""
    use_case = Orders(messaging_job_types(queue_names(backends.settings)), new_id)

    def found(tx: Transaction) -> None:
        tx.tenants.add(TENANT, "gangnam", "강남학원")
        prices = Prices(PRICE, 50, 19)
        tx.messaging.save(MessagingSettings(TENANT, True, SENDER, "", False, prices, tx.now()))
        tx.credits.transfer(TENANT, TransferKind.TOP_UP, {"": CREDIT})

    await backends.database.run(found)
    requests = [OrderRequest(TENANT, _recipients(order, people), TEXT) for order in range(orders)]
    began = time.process_time()
    for request in requests:
        await backends.database.run(lambda tx, request=request: use_case.place(tx, request))  # type: ignore[misc]
    return time.process_time() - began


def _recipients(order: int, people: int) -> list[Recipient]:
    return [
        Recipient(
            f"010-{2000 + order}-{n:04}", f"학부모 {n}", {"이름": f"학생 {n}", "시각": f"{n % 12 + 1}시"}
        )
        for n in range(people)
    ]


@asynccontextmanager
async def _relaying(backends: Backends) -> AsyncIterator[None]:
    """Run a relay: a large order makes room for others every few seconds and is announced anew."""
    stop = asyncio.Event()
    running = asyncio.create_task(outbox_relay(backends).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


@asynccontextmanager
async def _worker(
    url: str, folder: Path, provider: str, rate: float
) -> AsyncIterator["subprocess.Popen[str]"]:
    """Run the worker as it is run, from its own environment; yield it once it has started."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "ACADEMY_DATA_DIR": str(folder),
        "ACADEMY_DATABASE_URL": url,
        "ACADEMY_MESSAGE_PROVIDER": "solapi",
        "ACADEMY_MESSAGE_RATE": str(rate),
        "ACADEMY_SOLAPI_URL": provider,
        "ACADEMY_SOLAPI_API_KEY": API_KEY,
        "ACADEMY_SOLAPI_API_SECRET": API_SECRET,
    }
    log = folder / "worker.log"
    process = _started(environment, log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while "worker_started" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the worker did not start:\n" + log.read_text()[-3000:])
            await asyncio.sleep(LOOK_SECONDS)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(process.wait, START_SECONDS)
    if code:
        raise RuntimeError(f"the worker ended with {code}:\n{log.read_text()[-3000:]}")


def _started(environment: Mapping[str, str], log: Path) -> "subprocess.Popen[str]":
    with log.open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "academy.interfaces.workers.messaging"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=output,
            text=True,
        )


async def _all_sent(backends: Backends, worker: "subprocess.Popen[str]", total: int) -> None:
    """Wait until every message is recorded as sent."""
    recorded = select(func.count()).where(messages.c.state == MessageState.SENT)
    before, moved = -1, time.monotonic()

    def look(tx: Any) -> int:
        count: int = tx._connection.scalar(recorded)  # noqa: SLF001 - what no use case asks
        return count

    while True:
        sent = await backends.database.read(look)
        if sent == total:
            return
        if sent != before:
            before, moved = sent, time.monotonic()
        if worker.poll() is not None or time.monotonic() > moved + STUCK_SECONDS:
            raise RuntimeError(f"{sent} of {total} messages were sent, and no more")
        await asyncio.sleep(LOOK_SECONDS)


async def _difference(backends: Backends, provider_spent: int) -> int:
    """Return how many won the balance, the transfers and the provider are apart."""
    kept, summed = await backends.database.read(
        lambda tx: (tx.credits.balance(TENANT), tx.credits.audit(TENANT))
    )
    apart = [
        kept.funding + kept.available + kept.reserved + kept.spent,
        kept.funding + CREDIT,
        kept.reserved,
        kept.spent - provider_spent,
        *(
            getattr(kept, name) - getattr(summed, name)
            for name in ("funding", "available", "reserved", "spent")
        ),
    ]
    return sum(map(abs, apart))


async def _astray(backends: Backends, carried: Sequence[Carried]) -> int:
    def ids(tx: Any) -> set[str]:
        return set(tx._connection.scalars(select(messages.c.id)))  # noqa: SLF001 - what no use case asks

    known = await backends.database.read(ids)
    sent = [text.id for text in carried]
    return len(sent) - len(set(sent)) + len(known.symmetric_difference(sent))
