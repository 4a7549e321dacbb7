"""Celery on SQS: `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`.

A pool of threads, acks late (as all others do), no results, no events, no gossip; it prefetches one job more a slot.
"""

import os
import sys
import time

from celery import Celery
from meter import tick
from producing import produce

app = Celery("bench", broker=f"sqs://test:test@{os.environ['BENCH_SQS'].removeprefix('http://')}//")
app.conf.update(
    broker_transport_options={
        "region": "ap-northeast-2",
        "is_secure": False,
        "visibility_timeout": 60,
        "wait_time_seconds": 2,
        "polling_interval": 0.1,
    },
    task_default_queue=os.environ["BENCH_QUEUE"],
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=2,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="job")
def job(n: int, seconds: float) -> None:  # noqa: ARG001 - as large as ours
    tick()
    if seconds:
        time.sleep(seconds)


def many(numbers: range, seconds: float) -> None:
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        for n in numbers:
            job.apply_async((n, seconds), producer=producer)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        quiet = ["--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        app.worker_main(["worker", "--pool=threads", f"--concurrency={sys.argv[2]}", *quiet])
    else:
        produce(many, lambda seconds: job.delay(0, seconds))
