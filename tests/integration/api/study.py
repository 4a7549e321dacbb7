"""Study material over HTTP: an academy that uploads notes, and a graph worker that does what was ordered while the API answers."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from tests.support.api import Api, Person, School

from academy.bootstrap.background import outbox_relay, reconciler
from academy.bootstrap.graph_worker import open_graph_setup
from academy.bootstrap.models import offline_models
from academy.interfaces.workers.runtime.role import worker_of

__all__ = ["ENGLISH", "KOREAN", "Study", "working"]

KOREAN: Mapping[str, str] = {
    "프로세스.md": "# 프로세스\n\n프로세스는 실행 중인 프로그램이다. 운영체제(OS)는 프로세스마다 메모리를 따로 준다. 스레드는 메모리를 함께 쓴다.",
    "스케줄링.md": "# 스케줄링\n\n운영체제는 스케줄링으로 어느 프로세스가 CPU를 쓸지 정한다. 라운드 로빈은 같은 시간을 주는 스케줄링이다.",
    "가상 메모리.md": "# 가상 메모리\n\n가상 메모리는 프로세스가 실제보다 큰 메모리를 쓰게 한다. 페이지 교체는 운영체제가 한다.",
    "조선.md": "# 조선\n\n이성계는 1392년에 조선을 건국했다. 세종대왕은 훈민정음을 창제했다. 조선의 수도는 한양이다.",
    "고려.md": "# 고려\n\n왕건은 918년에 고려를 건국했다. 고려의 수도는 개경이다. 고려는 팔만대장경을 만들었다.",
    "신라.md": "# 신라\n\n신라는 삼국을 통일했다. 신라의 수도는 경주이다. 선덕여왕은 첨성대를 세웠다.",
}
ENGLISH: Mapping[str, str] = {
    "cells.txt": "A cell is the smallest unit of life. The nucleus of a cell holds its genes. Mitochondria give the cell energy.",
    "genes.txt": "Genes are made of DNA. A gene tells the cell which protein to make. Mutations change genes.",
    "volcano.txt": "A volcano is an opening in the crust. Magma rises through it and cools into rock. Ash falls far away.",
    "rocks.txt": "Igneous rock forms when magma cools. Sedimentary rock forms from layers of sand and shells.",
}


class Study:
    """One academy whose teacher has notes."""

    def __init__(self, api: Api, school: School | None = None) -> None:
        self.api = api
        self.school = school or api.school()
        self.teacher: Person = self.school.teacher

    def upload(
        self, name: str, content: str | bytes, *, kind: str = "text/plain", purpose: str = "study"
    ) -> str:
        """Upload a file and complete it; return the id of the document."""
        document, done = self.uploaded(name, content, kind=kind, purpose=purpose)
        assert (done.status_code, done.json()["state"]) == (200, "ready"), done.text
        return document

    def uploaded(
        self, name: str, content: str | bytes, *, kind: str, purpose: str = "study"
    ) -> tuple[str, httpx2.Response]:
        """Upload a file; return the id of the document and the answer to its completion."""
        data = content.encode() if isinstance(content, str) else content
        wish = {"purpose": purpose, "file_name": name, "size": len(data), "content_type": kind}
        begun = self.teacher.post("/api/v1/documents", json=wish)
        assert begun.status_code == 201, begun.text
        ticket, document = begun.json()["upload"], str(begun.json()["document"]["id"])
        sent = self.api.anybody.put(self.api.at(ticket["urls"][0]), content=data, headers=ticket["headers"])
        assert sent.status_code == 200, sent.text
        return document, self.teacher.post(f"/api/v1/documents/{document}/complete", json={"parts": []})

    def uploads(self, notes: Mapping[str, str]) -> list[str]:
        """Upload notes; return the ids of the documents."""
        return [self.upload(name, text) for name, text in notes.items()]

    def order(self, path: str, **wish: Any) -> dict[str, Any]:
        """Order a job that must be taken; return it."""
        answer = self.teacher.post(f"/api/v1/{path}", json=wish)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
        job: dict[str, Any] = answer.json()
        return job

    def ended(self, job: Mapping[str, Any], seconds: float = 90.0) -> dict[str, Any]:
        """Wait for a job as a client would; return it."""
        until = time.monotonic() + seconds
        while True:
            seen: dict[str, Any] = self.teacher.get(f"/api/v1/jobs/{job['id']}").json()
            if seen["finished_at"]:
                return seen
            assert time.monotonic() < until, seen
            time.sleep(0.1)

    def done(self, path: str, **wish: Any) -> dict[str, Any]:
        """Order a job and wait for its result."""
        job = self.ended(self.order(path, **wish))
        assert job["status"] == "succeeded", job
        result: dict[str, Any] = job["result"]
        return result

    def graph(self, user_id: str) -> dict[str, Any]:
        """Show a user's graph."""
        answer = self.teacher.get("/api/v1/graphs/one", params={"user_id": user_id})
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def summary(self, user_id: str) -> httpx2.Response:
        """Ask for the summary of a user's graph."""
        return self.teacher.get("/api/v1/graphs/summary", params={"user_id": user_id})

    def fetch(self, address: Mapping[str, str]) -> bytes:
        """Fetch a file as a browser would, without a login."""
        answer = self.api.anybody.get(self.api.at(address["url"]))
        assert answer.status_code == 200, answer.text
        return answer.content


@contextmanager
def working(api: Api) -> Iterator[None]:
    """Let a relay, a reconciler and a graph worker work on the server's loop."""
    stop = asyncio.Event()
    task = api.await_(_begin(api, stop))
    try:
        yield
    finally:
        api.await_(_end(task, stop))


async def _begin(api: Api, stop: asyncio.Event) -> "asyncio.Task[None]":
    begun = asyncio.Event()
    task = asyncio.create_task(_work(api, begun, stop))
    waiting = asyncio.create_task(begun.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    return task


async def _end(task: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stop.set()
    await task


async def _work(api: Api, begun: asyncio.Event, stop: asyncio.Event) -> None:
    async with open_graph_setup(api.backends, offline_models()) as setup, asyncio.TaskGroup() as group:
        worker = worker_of(setup)
        group.create_task(outbox_relay(api.backends).run(stop))
        group.create_task(reconciler(api.backends).run(stop))
        group.create_task(worker.run())
        begun.set()
        await stop.wait()
        worker.drain()
