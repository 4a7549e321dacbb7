"""dramatiq on SQS: `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`.

One process, as many threads as slots; it prefetches what SQS gives at once (10). It renews no visibility: 12 hours from the start.
"""

import logging
import os
import signal
import sys
import threading
import time

import dramatiq
from dramatiq_sqs import SQSBroker
from meter import tick
from producing import produce

broker = SQSBroker(
    endpoint_url=os.environ["BENCH_SQS"],
    region_name="ap-northeast-2",
    dead_letter=True,
)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=os.environ["BENCH_QUEUE"])
def job(n: int, seconds: float) -> None:  # noqa: ARG001 - as large as ours
    tick()
    if seconds:
        time.sleep(seconds)


def many(numbers: range, seconds: float) -> None:
    for n in numbers:
        job.send(n, seconds)


def work(slots: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker = dramatiq.Worker(broker, worker_threads=slots, worker_timeout=2000)
    worker.start()
    stop.wait()
    # A drain would wait for the long poll; nothing is left to do.
    os._exit(0)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    if sys.argv[1] == "work":
        work(int(sys.argv[2]))
    else:
        produce(many, lambda seconds: job.send(0, seconds))
