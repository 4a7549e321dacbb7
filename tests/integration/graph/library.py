"""An academy whose producers speak the format of graph requests, on SQLite and folders; jobs are done by a real graph worker."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from tests.architecture.source_rules import ROOT

from academy.application.graph.job_types import TEND, graph_job_types
from academy.application.jobs.submit import submit
from academy.application.ports.database import JobFilter
from academy.application.ports.job_queue import OutgoingMessage
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay, reconciler
from academy.bootstrap.graph_worker import open_graph_setup
from academy.bootstrap.models import Models, offline_models
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import Settings
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.schema import migrate
from academy.interfaces.workers.runtime.role import worker_of
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["NOTES", "TENANT", "Library", "open_library"]

SCHEMAS = ROOT / "docs" / "schemas"
TENANT, USER = "t1", "학생/1"
NOTES: Mapping[str, str] = {
    "os/process.md": "# 프로세스와 스레드\n\n프로세스는 실행 중인 프로그램이다. 운영체제(OS)는 프로세스마다 메모리를 따로 준다. 스레드는 프로세스 안에서 메모리를 함께 쓰는 실행 흐름이다.",
    "os/scheduling.md": "# CPU 스케줄링\n\n운영체제는 스케줄링으로 어느 프로세스가 CPU를 쓸지 정한다. 라운드 로빈은 프로세스마다 같은 시간을 주는 스케줄링이다.",
    "os/memory.md": "# 가상 메모리\n\n가상 메모리는 프로세스가 실제보다 큰 메모리를 쓰게 한다. 페이지 교체는 운영체제가 한다. 스레드도 같은 가상 메모리를 본다.",
    "os/deadlock.md": "# 교착 상태\n\n교착 상태는 프로세스들이 서로의 자원을 기다리며 멈춘 상태이다. 운영체제는 자원 할당 순서를 정해 교착 상태를 막는다.",
    "math/derivative.md": "# 미분\n\n미분은 함수의 순간 변화율을 구한다. 도함수는 함수의 각 점에서 접선의 기울기이다. 다항 함수의 미분은 항마다 한다.",
    "math/integral.md": "# 적분\n\n적분은 함수 아래의 넓이를 구한다. 미분과 적분은 서로 반대이다. 부분 적분은 함수의 곱을 적분하는 방법이다.",
    "math/limit.md": "# 극한\n\n극한은 함수의 값이 가까워지는 수이다. 미분은 극한으로 정의한다. 연속 함수는 극한과 함숫값이 같다.",
    "math/series.md": "# 급수\n\n급수는 수열의 합이다. 급수가 수렴하면 부분합의 극한이 있다. 함수를 급수로 나타낼 수 있다.",
    "history/joseon.md": "# 조선\n\n이성계는 1392년에 조선을 건국했다. 세종대왕은 훈민정음을 창제했다. 조선의 수도는 한양이다.",
    "history/goryeo.md": "# 고려\n\n왕건은 918년에 고려를 건국했다. 고려의 수도는 개경이다. 고려는 팔만대장경을 만들었다.",
    "history/silla.md": "# 신라\n\n신라는 삼국을 통일했다. 신라의 수도는 경주이다. 선덕여왕은 첨성대를 세웠다.",
    "history/imjin.md": "# 임진왜란\n\n임진왜란은 1592년에 일어났다. 이순신은 한산도에서 조선 수군을 이끌었다. 조선은 명나라의 도움을 받았다.",
}


@dataclass
class Library:
    """What producers see: a bucket, a queue of requests and a queue of results."""

    backends: Backends
    folder: Path
    models: Models = field(default_factory=offline_models)
    results: list[dict[str, Any]] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)

    async def put(self, files: Mapping[str, str | bytes], prefix: str = f"tenants/{TENANT}/notes/") -> None:
        """Store files as a producer would."""
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            await self.backends.ai_objects.put(prefix + name, data)

    async def ask(self, task: str, task_id: object, **payload: object) -> None:
        """Send a request."""
        body = {"taskType": f"{task}_REQUEST", "taskId": task_id, "payload": {"userId": USER, **payload}}
        await self.send(json.dumps(body, ensure_ascii=False))

    async def send(self, body: str) -> None:
        """Send a message as it is."""
        queue = self.backends.settings.queue_graph_requests
        await self.backends.queue.publish(queue, [OutgoingMessage(body)])

    async def read(self) -> None:
        """Read what is on the queue of results now."""
        queue = self.backends.settings.queue_graph_results
        found = await self.backends.queue.receive(queue, 10, 0, 60)
        for delivery in found:
            told = json.loads(delivery.body)
            published(told).validate(told)
            (self.results if told["taskType"].endswith("_RESULT") else self.progress).append(told)
        if found:
            await self.backends.queue.ack([delivery.receipt for delivery in found])

    async def told(self, task_id: object, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for the result of a task and return it."""
        async with asyncio.timeout(seconds):
            while True:
                await self.read()
                for result in self.results:
                    if result["taskId"] == task_id:
                        return result
                await asyncio.sleep(0.05)

    async def done(self, task: str, task_id: object, **payload: object) -> dict[str, Any]:
        """Send a request and return the payload of its result, which must be COMPLETED."""
        await self.ask(task, task_id, **payload)
        told: dict[str, Any] = (await self.told(task_id))["payload"]
        assert told["status"] == "COMPLETED", (told, self.failures())
        return told

    def order(self, name: str, payload: Contract) -> str:
        """Order a job as the API does; return its id."""
        types, job_id = graph_job_types(queue_names(self.backends.settings)), new_id()
        self.backends.database.run_sync(
            lambda tx: submit(
                tx,
                types,
                job_id=job_id,
                tenant_id=TENANT,
                type_name=name,
                payload=payload,
                idempotency_key=job_id,
                subject=types[name].subject(payload),
            )
        )
        return job_id

    async def ended(self, job_id: str, seconds: float = 60.0) -> Job:
        """Wait until a job has come to its end."""
        async with asyncio.timeout(seconds):
            while True:
                job = self.backends.database.read_sync(lambda tx: tx.jobs.get(job_id))
                assert job is not None
                if job.finished:
                    return job
                await asyncio.sleep(0.05)

    def tending(self) -> set[str]:
        """Return the states of what removes old files, of those that began already."""
        jobs = self.backends.database.read_sync(lambda tx: tx.jobs.list(JobFilter(type=TEND), "", 50)).items
        return {job.state.value for job in jobs if job.token}

    def failures(self) -> list[Failure | None]:
        """Return why the last jobs failed."""
        return [
            job.failure
            for job in self.backends.database.read_sync(lambda tx: tx.jobs.list(JobFilter(), "", 5)).items
        ]

    async def json(self, key: str) -> Any:
        """Return an object as JSON."""
        return json.loads(await self.backends.ai_objects.get(key))

    async def keys(self, prefix: str = f"tenants/{TENANT}/graph/") -> list[str]:
        """Return the keys under a prefix."""
        return sorted([head.key async for head in self.backends.ai_objects.list(prefix)])

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Worker]:
        """Let a relay, a reconciler and a graph worker work."""
        async with open_graph_setup(self.backends, self.models) as setup:
            worker, stop = worker_of(setup), asyncio.Event()
            relay = asyncio.create_task(outbox_relay(self.backends).run(stop))
            mending = asyncio.create_task(reconciler(self.backends).run(stop))
            work = asyncio.create_task(worker.run())
            try:
                yield worker
            finally:
                worker.drain()
                stop.set()
                await asyncio.gather(relay, mending, work)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


def published(told: Mapping[str, Any]) -> Draft202012Validator:
    """Return what a strict consumer holds a message against: the schema that is published for it."""
    name = str(told["taskType"])
    return _validator("GRAPH_PROGRESS" if name.endswith("_PROGRESS") else name)


@asynccontextmanager
async def open_library(folder: Path, **given: object) -> AsyncIterator[Library]:
    """Open an academy in a folder of its own."""
    given.setdefault("graph_keep_minutes", 0)
    given.setdefault("graph_rest_seconds", 0)
    settings = Settings(
        data_dir=folder / "data",
        work_dir=folder / "scratch",
        upload_secret="s" * 40,
        queue_graph_tenant=TENANT,
        **given,  # type: ignore[arg-type]
    )
    (folder / "data").mkdir()
    migrate(settings.database)
    async with open_backends(settings) as backends:
        await backends.queue.create(queue_plan(settings))
        backends.database.run_sync(lambda tx: tx.tenants.add(TENANT, "hagwon", "Hagwon"))
        yield Library(backends, folder)
