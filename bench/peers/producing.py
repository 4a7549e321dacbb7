"""What the producers of all peers share: the commands `enqueue JOBS SECONDS` and `trickle SECONDS`."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

__all__ = ["produce", "produce_async"]


def produce(many: Callable[[range, float], None], one: Callable[[float], object]) -> None:
    """Enqueue all jobs and print the CPU it took, ms a job; or one for each line of the input, printing its moment."""
    if sys.argv[1] == "enqueue":
        jobs, seconds = int(sys.argv[2]), float(sys.argv[3])
        # What is looked up and connected on first use is not counted.
        many(range(1), seconds)
        before = time.process_time()
        many(range(jobs - 1), seconds)
        print(json.dumps({"cpu_ms": (time.process_time() - before) * 1000 / max(1, jobs - 1)}))
        return
    seconds = float(sys.argv[2])
    while sys.stdin.readline():
        print(time.monotonic_ns(), flush=True)
        one(seconds)


async def produce_async(
    many: Callable[[range, float], Awaitable[None]], one: Callable[[float], Awaitable[object]]
) -> None:
    """Like `produce`, on an event loop."""
    if sys.argv[1] == "enqueue":
        jobs, seconds = int(sys.argv[2]), float(sys.argv[3])
        await many(range(1), seconds)
        before = time.process_time()
        await many(range(jobs - 1), seconds)
        print(json.dumps({"cpu_ms": (time.process_time() - before) * 1000 / max(1, jobs - 1)}))
        return
    seconds = float(sys.argv[2])
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(time.monotonic_ns(), flush=True)
        await one(seconds)
