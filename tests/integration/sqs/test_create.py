"""What `create` makes on SQS (QUE-1)."""

import asyncio
import json
import secrets

import pytest

from academy.application.ports.job_queue import QueueSettings
from academy.infrastructure.sqs.client import SqsEndpoint, open_client
from academy.infrastructure.sqs.queue import SqsJobQueue


@pytest.mark.requirement("QUE-1")
async def test_queues_are_made_as_promised_also_by_two_at_once(moto_url: str) -> None:
    name = f"jobs-{secrets.token_hex(6)}"
    async with open_client(SqsEndpoint("ap-northeast-2", moto_url, "test", "test")) as client:
        queue = SqsJobQueue(client)
        await asyncio.gather(*(queue.create([QueueSettings(name, visibility_seconds=60)]) for _ in range(2)))
        assert await queue.create([QueueSettings(name, visibility_seconds=60)]) == []
        answers = [
            await client.call_queue("get_queue_attributes", one, AttributeNames=["All"])
            for one in (name, f"{name}-dlq")
        ]
    made, dead = (answer["Attributes"] for answer in answers)
    assert made["MessageRetentionPeriod"] == dead["MessageRetentionPeriod"] == str(14 * 86_400)
    assert made["ReceiveMessageWaitTimeSeconds"] == "20"
    assert made["VisibilityTimeout"] == "60"
    assert json.loads(made["RedrivePolicy"]) == {
        "deadLetterTargetArn": dead["QueueArn"],
        "maxReceiveCount": 10,
    }
    assert "RedrivePolicy" not in dead
