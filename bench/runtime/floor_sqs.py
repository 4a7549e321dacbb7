"""No runtime at all on SQS: receive 10, validate, delete 10. `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any

from aiobotocore.session import get_session
from meter import tick
from producing import produce_async
from tests.support.standin.types import Numbered

from academy.contracts.envelope import Envelope


def _client() -> Any:
    return get_session().create_client(
        "sqs", region_name="ap-northeast-2", endpoint_url=os.environ["BENCH_SQS"]
    )


def _body(n: int, seconds: float) -> str:
    return Envelope(
        v=1,
        id=f"job-{n}",
        type="standin.noop",
        tenant_id="bench",
        payload={"n": n, "seconds": seconds},
        created_at=datetime.now(UTC),
        idempotency_key=f"job-{n}",
        trace=None,
        reply_to="",
    ).to_json()


async def produce() -> None:
    async with _client() as client:
        url = (await client.create_queue(QueueName=os.environ["BENCH_QUEUE"]))["QueueUrl"]

        async def many(numbers: range, seconds: float) -> None:
            for start in range(0, len(numbers), 10):
                entries = [
                    {"Id": str(n), "MessageBody": _body(n, seconds)} for n in numbers[start : start + 10]
                ]
                await client.send_message_batch(QueueUrl=url, Entries=entries)

        await produce_async(
            many, lambda seconds: client.send_message(QueueUrl=url, MessageBody=_body(0, seconds))
        )


async def _run(body: str) -> None:
    payload = Numbered.model_validate(Envelope.model_validate_json(body).payload)
    tick()
    if payload.seconds:
        await asyncio.sleep(payload.seconds)


async def work() -> None:
    async with _client() as client:
        url = (await client.get_queue_url(QueueName=os.environ["BENCH_QUEUE"]))["QueueUrl"]
        while True:
            answer = await client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2, VisibilityTimeout=60
            )
            messages = answer.get("Messages", [])
            if not messages:
                continue
            await asyncio.gather(*(_run(message["Body"]) for message in messages))
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages)
            ]
            await client.delete_message_batch(QueueUrl=url, Entries=entries)


if __name__ == "__main__":
    asyncio.run(work() if sys.argv[1] == "work" else produce())
