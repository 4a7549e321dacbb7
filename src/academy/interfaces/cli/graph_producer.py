"""A back end that asks for graphs: it knows the published JSON (docs/schemas/asyncapi.json) and the names of two queues."""

import json
from collections.abc import Iterator
from typing import Any, Protocol

REQUESTS, RESULTS = "academy-graph-requests", "academy-graph-results"


class Queues(Protocol):
    """Any client of the queue service will do."""

    def send(self, queue: str, text: str) -> None: ...  # noqa: D102
    def take(self, queue: str) -> list[str]: ...  # noqa: D102


def ask(queues: Queues, task: str, task_id: str, user_id: str, **wish: object) -> Iterator[dict[str, Any]]:
    """Ask for a task; yield what is told of it: progress, then its one result."""
    request = {"taskType": f"{task}_REQUEST", "taskId": task_id, "payload": {"userId": user_id, **wish}}
    queues.send(REQUESTS, json.dumps(request))
    while True:
        for told in map(json.loads, queues.take(RESULTS)):
            if told["taskId"] == task_id:
                yield told
                if told["taskType"] == f"{task}_RESULT":
                    return
