"""procrastinate on PostgreSQL: `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`.

The asynchronous worker with psycopg's pool, as many jobs at once as slots; it fetches jobs one by one.
"""

import asyncio
import logging
import os
import sys

import procrastinate
from meter import tick
from producing import produce_async

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES"]))


@app.task(name="job", queue="bench")
async def job(n: int, seconds: float) -> None:  # noqa: ARG001 - as large as ours
    tick()
    if seconds:
        await asyncio.sleep(seconds)


async def produce() -> None:
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()

        async def many(numbers: range, seconds: float) -> None:
            for start in range(0, len(numbers), 100):
                await job.batch_defer_async(
                    *({"n": n, "seconds": seconds} for n in numbers[start : start + 100])
                )

        await produce_async(many, lambda seconds: job.defer_async(n=0, seconds=seconds))


async def work(slots: int) -> None:
    async with app.open_async():
        await app.run_worker_async(queues=["bench"], concurrency=slots)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(work(int(sys.argv[2])) if sys.argv[1] == "work" else produce())
