"""Producers of graph requests are told everything on their queue: progress, one result for every request, refusals (GRA-1, JOB-13)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.jobs import World, open_world, running_clock, until
from tests.support.running import switchable, working

from academy.application.errors import WorkFailed
from academy.application.graph.job_types import ADD_NODE, ERASE, GENERATE, SUMMARIZE, TEND, graph_job_types
from academy.application.graph.told import refusal_text
from academy.application.jobs.attempt import JobHandler, Work
from academy.application.jobs.intake import Intake
from academy.application.jobs.refusals import Refusal
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Database, JobFilter
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.contracts.graph import SummaryMade
from academy.domain.failures import Failure
from academy.infrastructure.ids import new_id
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = [pytest.mark.requirement("GRA-1"), pytest.mark.requirement("JOB-13")]

REQUESTS, RESULTS = "requests", "results"
NAMES = {"graph_requests": REQUESTS, "graph_results": RESULTS}


class Summarizer:
    """Takes its time, and fails for the user "unlucky"."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.go_on = asyncio.Event()

    async def run(self, work: Work) -> SummaryMade:
        user = str(work.job.payload["user_id"])
        self.runs.append(user)
        work.report("summarise", 0.5)
        await self.go_on.wait()
        if user == "unlucky":
            raise WorkFailed(Failure("no_graph", "There is no graph.", "그래프가 없습니다."))
        return SummaryMade(user_id=user, summary_key="tenants/t1/graph/summary.json", claims=2)


class Tidy:
    """Has nothing to remove."""

    async def run(self, work: Work) -> None:
        work.report("remove", 1.0)


class Office:
    """The queues of the graph worker in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.types = graph_job_types(NAMES)
        self.handler = Summarizer()

    def worker(self, database: Database | None = None) -> Worker:
        world = self.world
        handlers: dict[str, JobHandler] = dict.fromkeys((SUMMARIZE, GENERATE, ADD_NODE), self.handler)
        handlers[TEND] = Tidy()
        intake = Intake(
            database or world.database,
            self.types,
            worker="w1",
            lease=timedelta(seconds=3),
            new_id=new_id,
            queue_tenants={REQUESTS: "t1"},
            handled=frozenset(handlers),
            reply_queues=frozenset({RESULTS}),
            refusals={REQUESTS: Refusal(RESULTS, refusal_text)},
        )
        parts = WorkerParts(
            world.database,
            world.queue,
            world.queue,
            world.progress,
            intake,
            self.types,
            handlers,
            world.clock,
            world.telemetry,
        )
        config = WorkerConfig(
            "w1",
            (PolledQueue(REQUESTS),),
            slots=4,
            lease=timedelta(seconds=3),
            receive_wait=0.1,
            watch_interval=0.05,
            tell_interval=0.05,
        )
        return Worker(config, parts)

    async def ask(self, *bodies: str) -> None:
        for body in bodies:
            await self.world.queue.publish(REQUESTS, [OutgoingMessage(body)])

    async def read(self) -> list[dict[str, Any]]:
        """Return what the producers read now, everything that the outbox holds included."""
        await self.world.relay().relay_once()
        told = []
        while found := await self.world.queue.receive(RESULTS, 10, 0, 60):
            told += [json.loads(delivery.body) for delivery in found]
        return told

    async def results(self, count: int) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        async with asyncio.timeout(8):
            while len(results) < count:
                results += [told for told in await self.read() if told["taskType"].endswith("_RESULT")]
                await asyncio.sleep(0.02)
        return results


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_world(tmp_path, running_clock()) as world:
        for name in (REQUESTS, RESULTS):
            await world.queue.create([QueueSettings(name)])
        yield Office(world)


def request(task_id: object = "task-1", user: str = "user-1", **changed: Any) -> str:
    body = {"taskType": "GRAPH_SUMMARY_REQUEST", "taskId": task_id, "payload": {"userId": user}, **changed}
    return json.dumps(body, ensure_ascii=False)


async def test_a_request_is_answered_though_it_does_not_ask_to_be(office: Office) -> None:
    office.handler.go_on.set()
    await office.ask(request("task-1"))
    async with working(office.worker()):
        (result,) = await office.results(1)
    assert (result["taskType"], result["taskId"]) == ("GRAPH_SUMMARY_RESULT", "task-1")
    payload = result["payload"]
    assert (payload["status"], payload["userId"], payload["error"], payload["errorCode"]) == (
        "COMPLETED",
        "user-1",
        "",
        "",
    )
    assert payload["summaryS3Key"] == "tenants/t1/graph/summary.json"
    assert payload["outcomes"] == []
    assert payload["usage"]["tokensIn"] == 0


async def test_a_failure_is_told_in_the_same_form(office: Office) -> None:
    office.handler.go_on.set()
    await office.ask(request("task-1", "unlucky"))
    async with working(office.worker()):
        (result,) = await office.results(1)
    payload = result["payload"]
    assert (payload["status"], payload["errorCode"], payload["error"]) == (
        "FAILED",
        "no_graph",
        "There is no graph.",
    )
    assert payload["userId"] == "unlucky"
    assert not payload["retryable"]


async def test_the_same_request_twice_is_done_once_and_has_one_result_id(office: Office) -> None:
    office.handler.go_on.set()
    await office.ask(request("task-1"), request("task-1"))
    async with working(office.worker()):
        first = await office.results(1)
        await office.ask(request("task-1"))
        again = await office.results(1)
    assert office.handler.runs == ["user-1"]
    assert {result["resultId"] for result in (*first, *again)} == {first[0]["resultId"]}


async def test_progress_comes_with_one_percentage_and_a_number_that_grows(office: Office) -> None:
    await office.ask(request("task-1"))
    told: list[dict[str, Any]] = []
    async with working(office.worker()):
        async with asyncio.timeout(8):
            while not told:
                told += await office.read()
                await asyncio.sleep(0.02)
        office.handler.go_on.set()
        await office.results(1)
    first = told[0]
    assert (first["taskType"], first["taskId"]) == ("GRAPH_SUMMARY_PROGRESS", "task-1")
    assert first["payload"]["percent"] == 29.2
    assert first["payload"]["stage"] == "summarise"
    assert first["payload"]["sequence"] > 0
    assert len(told) == 1, "what did not change is not told again"


@pytest.mark.parametrize(
    ("body", "task_id", "said"),
    [
        (request("task-1")[:60], "task-1", "JSON"),
        (request("task-1", taskType="GRAPH_PAINTING_REQUEST"), "task-1", "taskType"),
        (request("task-1", payload={}), "task-1", "userId"),
        (
            request(
                "task-1",
                taskType="ADD_NODE_REQUEST",
                payload={"userId": "u", "s3Key": [str(n) for n in range(20_001)]},
            ),
            "task-1",
            "payload.s3Key: Give at most 20,000 items",
        ),
        ("{}", None, "known older format"),
        (
            '{"taskType": "GRAPH_SUMMARY_REQUEST", "taskId": "s\\ud800", "payload": {"userId": "u"}}',
            "s\ufffd",
            "surrogate",
        ),
        (
            '{"taskType": "GRAPH_SUMMARY_REQUEST", "taskId": "s", "payload": {"userId": "u\\ud800"}}',
            "s",
            "surrogate",
        ),
    ],
)
async def test_what_cannot_be_understood_is_answered_and_a_dead_letter(
    office: Office, body: str, task_id: object, said: str
) -> None:
    await office.ask(body)
    async with working(office.worker()):
        (result,) = await office.results(1)
    letters = await office.world.queue.dead_letters(REQUESTS, 10)
    assert said in letters[0].reason
    assert result["taskId"] == task_id
    assert result["payload"]["status"] == "FAILED"
    assert said in result["payload"]["error"]
    assert office.handler.runs == []


async def test_a_number_and_the_same_as_text_are_two_tasks_each_answered_as_it_was_asked(
    office: Office,
) -> None:
    office.handler.go_on.set()
    await office.ask(request(77, "user-1"), request("77", "user-2"))
    async with working(office.worker()):
        results = await office.results(2)
    assert sorted((result["payload"]["userId"], result["taskId"]) for result in results) == [
        ("user-1", 77),
        ("user-2", "77"),
    ]


async def test_a_request_with_a_byte_order_mark_is_a_request(office: Office) -> None:
    office.handler.go_on.set()
    await office.ask("\ufeff" + request("task-1"))
    async with working(office.worker()):
        (result,) = await office.results(1)
    assert (result["taskId"], result["payload"]["status"]) == ("task-1", "COMPLETED")


@pytest.mark.parametrize("kind", [TEND, ERASE])
async def test_a_message_of_our_own_that_is_refused_is_told_to_nobody(office: Office, kind: str) -> None:
    refused = {"v": 1, "id": "tend-1", "type": kind, "tenant_id": "t1", "payload": {}, "idempotency_key": "k"}
    await office.ask(json.dumps({**refused, "created_at": "2026-03-02T09:00:00Z"}))
    async with working(office.worker()):
        async with asyncio.timeout(8):
            while not await office.world.queue.dead_letters(REQUESTS, 10):  # noqa: ASYNC110 - a queue has no event
                await asyncio.sleep(0.02)
    assert await office.read() == []


@pytest.mark.parametrize(
    ("other", "told_as"),
    [
        (request("task-1", taskType="GRAPH_GENERATION_REQUEST"), "GRAPH_GENERATION_RESULT"),
        (request("task-1", user="user-2"), "GRAPH_SUMMARY_RESULT"),
        (request("task-1", payload={"userId": "user-1", "language": "ko"}), "GRAPH_SUMMARY_RESULT"),
    ],
    ids=["another type", "another user", "another wish"],
)
@pytest.mark.parametrize("at_once", [False, True])
async def test_another_request_under_a_known_id_is_refused_and_the_first_result_stays(
    office: Office, other: str, told_as: str, at_once: bool
) -> None:
    office.handler.go_on.set()
    same = request("task-1", payload={"userId": "user-1", "colour": "a field that there is not"})
    async with working(office.worker()):
        await office.ask(request("task-1"))
        results = [] if at_once else await office.results(1)
        await office.ask(other)
        results += await office.results(2 if at_once else 1)
        await office.ask(same)
        (again,) = await office.results(1)
    done = [result for result in results if result["payload"]["status"] == "COMPLETED"]
    (refused,) = [result for result in results if result["payload"]["status"] == "FAILED"]
    assert (refused["taskType"], refused["taskId"]) == (told_as, "task-1")
    assert refused["payload"]["errorCode"] == "task_id_reused"
    assert "taskId of its own" in refused["payload"]["error"]
    assert "taskId" in refused["payload"]["errorKo"]
    assert [result["resultId"] for result in done] == [again["resultId"]]
    assert again["payload"]["userId"] == "user-1"
    assert office.handler.runs == ["user-1"]


async def test_a_refusal_that_cannot_be_written_down_keeps_its_message(office: Office) -> None:
    """Told first, durably, then a dead letter: an outage between the two loses neither."""
    database = switchable(office.world)
    await office.ask("{}", "{}")
    database.away = True
    async with working(office.worker(database)):
        await until(lambda: database.refused > 0)
    assert not await office.world.queue.dead_letters(REQUESTS, 10)
    database.away = False
    assert await office.read() == []


async def test_a_cancelled_task_is_told(office: Office) -> None:
    await office.ask(request("task-1"))
    world = office.world
    async with working(office.worker()):
        await until(lambda: bool(office.handler.runs))
        (job,) = world.database.read_sync(lambda tx: tx.jobs.list(JobFilter(), "", 10)).items
        await world.database.run(lambda tx: cancel(tx, office.types, job.id))
        (result,) = await office.results(1)
    assert (result["payload"]["status"], result["payload"]["errorCode"]) == ("FAILED", "cancelled")
