"""pgqueuer on PostgreSQL: `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`.

asyncpg and uvloop, batches of half the slots: its cap of jobs at once must be twice the batch.
"""

import asyncio
import json
import logging
import os
import signal
import sys

import asyncpg
import uvloop
from meter import tick
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from producing import produce_async


async def produce() -> None:
    connection = await asyncpg.connect(os.environ["BENCH_POSTGRES"])
    queries = Queries(AsyncpgDriver(connection))
    if not await queries.schema_is_installed():
        await queries.install()

    async def many(numbers: range, seconds: float) -> None:
        for start in range(0, len(numbers), 100):
            some = numbers[start : start + 100]
            bodies = [json.dumps({"n": n, "seconds": seconds}).encode() for n in some]
            await queries.enqueue(["job"] * len(some), list(bodies), [0] * len(some))

    async def one(seconds: float) -> None:
        await queries.enqueue("job", json.dumps({"n": 0, "seconds": seconds}).encode())

    await produce_async(many, one)
    await connection.close()


async def work(slots: int) -> None:
    connection = await asyncpg.connect(os.environ["BENCH_POSTGRES"])
    worker = PgQueuer.from_asyncpg_connection(connection)

    @worker.entrypoint("job")
    async def job(job: Job) -> None:
        assert job.payload is not None
        body = json.loads(job.payload)
        tick()
        if body["seconds"]:
            await asyncio.sleep(body["seconds"])

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.shutdown.set)
    await worker.run(batch_size=max(10, slots // 2), max_concurrent_tasks=max(20, slots))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(work(int(sys.argv[2])) if sys.argv[1] == "work" else produce())
