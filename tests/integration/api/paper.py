"""Exams on paper over HTTP: an academy with a class, uploads, a worker that does what was ordered, and sheets filled in."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pypdfium2
from PIL import Image, ImageDraw
from tests.support.academics import make
from tests.support.api import Api, Person, School

from academy.bootstrap.ai_worker import ai_worker_setup
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.models import offline_models
from academy.domain.omr.sheet import SheetSpec, bubbles
from academy.interfaces.workers.runtime.role import worker_of

__all__ = ["NAMES", "PDF", "Paper", "filled", "put", "single_key"]

DPI = 150
NAMES = ("김하늘", "박산", "이바다")
PDF = b"%PDF-1.7\n%%EOF\n"


class Paper:
    """A school with a class of three, an exam of today and its sheet of ten questions."""

    def __init__(self, api: Api, school: School | None = None) -> None:
        self.api = api
        self.school = school or api.school()
        self.teacher: Person = self.school.teacher
        self.class_id: str = make(self.teacher, "classes", name="수학 A")["id"]
        wish = [
            {"name": name, "identifier": f"1020300{at}", "class_names": ["수학 A"]}
            for at, name in enumerate(NAMES, 1)
        ]
        added = make(self.teacher, "students/bulk", students=wish)
        self.students: dict[str, str] = {each["name"]: each["id"] for each in added["students"]}
        self.exam: str = make(self.teacher, "exams", class_id=self.class_id, title="3월 모의고사")["id"]

    @property
    def path(self) -> str:
        return f"/api/v1/exams/{self.exam}"

    def sheet(self, **wish: Any) -> dict[str, Any]:
        answer = put(self.teacher, f"{self.path}/sheet", {"standard": wish or {"questions": 10}})
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def upload(
        self,
        content: bytes = PDF,
        purpose: str = "scan",
        *,
        name: str = "3반.pdf",
        kind: str = "application/pdf",
    ) -> str:
        """Upload a file and complete it; return the id of the document."""
        wish = {"purpose": purpose, "file_name": name, "size": len(content), "content_type": kind}
        begun = self.teacher.post("/api/v1/documents", json=wish)
        assert begun.status_code == 201, begun.text
        ticket, document = begun.json()["upload"], begun.json()["document"]["id"]
        sent = self.api.anybody.put(
            self.api.at(ticket["urls"][0]), content=content, headers=ticket["headers"]
        )
        assert sent.status_code == 200, sent.text
        done = self.teacher.post(f"/api/v1/documents/{document}/complete", json={"parts": []})
        assert (done.status_code, done.json()["state"]) == (200, "ready"), done.text
        return str(document)

    def fetch(self, document: str) -> bytes:
        """Fetch a document as a browser would."""
        answer = self.teacher.get(f"/api/v1/documents/{document}/url")
        assert answer.status_code == 200, answer.text
        file = self.api.anybody.get(self.api.at(answer.json()["url"]))
        assert file.status_code == 200
        return file.content

    def done(self, job_id: str, person: Person | None = None) -> dict[str, Any]:
        """Let a worker do a job; return it."""
        self.api.await_(self._work(job_id))
        job: dict[str, Any] = (person or self.teacher).get(f"/api/v1/jobs/{job_id}").json()
        return job

    async def _work(self, job_id: str) -> None:
        backends = self.api.backends
        async with _working(self.api):
            while not backends.database.read_sync(lambda tx: tx.jobs.get(job_id)).finished:  # type: ignore[union-attr]  # noqa: ASYNC110 - other processes end it
                await asyncio.sleep(0.05)

    def read_scan(self, content: bytes) -> dict[str, Any]:
        """Upload a scan and have it read; return the scan as it stands then."""
        wish = {"document_id": self.upload(content)}
        added = self.teacher.post(f"{self.path}/scans", json=wish)
        assert added.status_code == 202, added.text
        job = self.done(added.json()["job"]["id"])
        assert job["status"] == "succeeded", job
        scan: dict[str, Any] = self.teacher.get(f"/api/v1/scans/{added.json()['scan']['id']}").json()
        return scan


@asynccontextmanager
async def _working(api: Api) -> AsyncIterator[None]:
    worker, stop = worker_of(ai_worker_setup(api.backends, offline_models())), asyncio.Event()
    relay = asyncio.create_task(outbox_relay(api.backends).run(stop))
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.drain()
        stop.set()
        await asyncio.gather(relay, work)


def put(person: Person, path: str, body: Mapping[str, Any]) -> httpx2.Response:
    """Write something whole."""
    return person.http.put(path, json=dict(body))


def single_key(answers: Mapping[str, str], points: float = 10.0) -> dict[str, Any]:
    """Return a key in which each question has one right choice."""
    items = [{"question": name, "answers": [choice], "points": points} for name, choice in answers.items()]
    return {"items": items}


def filled(
    sheets: bytes, spec: SheetSpec, answers: list[Mapping[str, str]], faint: frozenset[str] = frozenset()
) -> bytes:
    """Return the printed sheets with a page for each of `answers` (choice by field) as a scan; `faint` fields of the last page hardly."""
    pages = []
    with pypdfium2.PdfDocument(sheets) as document:
        for at, marks in enumerate(answers):
            picture = document[at].render(scale=DPI / 72).to_pil().convert("L")
            hardly = faint if at == len(answers) - 1 else frozenset()
            _fill(picture, spec, marks, hardly)
            pages.append(picture)
    target = io.BytesIO()
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=DPI)
    return target.getvalue()


def _fill(picture: Image.Image, spec: SheetSpec, marks: Mapping[str, str], faint: frozenset[str]) -> None:
    draw, scale = ImageDraw.Draw(picture), DPI / 25.4
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        name, choice = block.fields[bubble.field], block.choices[bubble.choice]
        if marks.get(name) != choice:
            continue
        # Half a bubble is no mark and no blank.
        half, side = block.grid.height / 2, block.grid.width / (4 if name in faint else 2)
        x, y = bubble.centre.x, bubble.centre.y
        box = [(x - side) * scale, (y - half) * scale, (x + side) * scale, (y + half) * scale]
        draw.ellipse(box, fill=130 if name in faint else 40)
