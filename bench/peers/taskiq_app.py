"""taskiq on SQS: `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`.

Receives 10 at once, prefetches 10, sends in batches of 10, heartbeat of the visibility on, uvloop: what its documents advise for load.
"""

import asyncio
import logging
import os
import signal
import sys

import uvloop
from aiobotocore.session import get_session
from meter import tick
from producing import produce_async
from taskiq.api import run_receiver_task
from taskiq_aio_sqs import SQSBroker

BATCH_SECONDS = 0.1

broker = SQSBroker(
    os.environ["BENCH_QUEUE"],
    endpoint_url=os.environ["BENCH_SQS"],
    region_name="ap-northeast-2",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    wait_time_seconds=2,
    max_number_of_messages=10,
    visibility_timeout=60,
    enable_batching=True,
    batch_size=10,
    batch_timeout=BATCH_SECONDS,
    skip_batch_tasks=["single"],
    enable_heartbeat=True,
)


@broker.task(task_name="job")
async def job(n: int, seconds: float) -> None:  # noqa: ARG001 - as large as ours
    tick()
    if seconds:
        await asyncio.sleep(seconds)


@broker.task(task_name="single")
async def single(n: int, seconds: float) -> None:  # noqa: ARG001 - as large as ours
    tick()


async def make_queue() -> None:
    async with get_session().create_client(
        "sqs", region_name="ap-northeast-2", endpoint_url=os.environ["BENCH_SQS"]
    ) as client:
        await client.create_queue(QueueName=os.environ["BENCH_QUEUE"], Attributes={"VisibilityTimeout": "60"})


async def produce() -> None:
    await make_queue()
    await broker.startup()

    async def many(numbers: range, seconds: float) -> None:
        for start in range(0, len(numbers), 100):
            await asyncio.gather(*(job.kiq(n, seconds) for n in numbers[start : start + 100]))
        # What is still in the broker's buffer when it shuts down is lost.
        while not broker._batch_buffers[os.environ["BENCH_QUEUE"]].empty():  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0.01)
        await asyncio.sleep(3 * BATCH_SECONDS)

    await produce_async(many, lambda seconds: single.kiq(0, seconds))
    await broker.shutdown()


async def work(slots: int) -> None:
    receiving = asyncio.create_task(
        run_receiver_task(broker, max_async_tasks=slots, max_prefetch=10, run_startup=True)
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, receiving.cancel)
    await asyncio.wait([receiving])


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    if sys.argv[1] == "work":
        uvloop.run(work(int(sys.argv[2])))
    else:
        uvloop.run(produce())
