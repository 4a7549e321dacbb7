"""A question that is asked while one of its documents is read again finds the document all the same (GRA-6)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from academy.application.errors import WorkFailed
from academy.application.graph.files import GraphFiles
from academy.application.graph.microscope import QueryHandler
from academy.application.graph.tools import GraphTools
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.ports.page import Page
from academy.contracts.children.graph import AskDocuments, AskedAnswer
from academy.contracts.microscope import AskMicroscope
from academy.domain.graph.graph import LensDocument
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = pytest.mark.requirement("GRA-6")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def document(name: str, key: str) -> LensDocument:
    return LensDocument("t1", "user", name, "build", key, "", name, "ko", "d", 1, 1, 1, NOW)


class Rows:
    """Documents by what each look finds; the last is found from then on."""

    def __init__(self, *looks: list[LensDocument]) -> None:
        self._looks = list(looks)
        self.tenants = SimpleNamespace(
            get=lambda _: SimpleNamespace(id="t1", code="t1"), by_code=lambda _: None
        )
        self.lens = SimpleNamespace(list=lambda *_: Page(self._look(), ""))

    def _look(self) -> list[LensDocument]:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return work(self)


class Children:
    """Notes what is asked of which files."""

    asked: list[str]

    async def call(self, _work: Work, _entry: str, request: AskDocuments, _answer: type) -> AskedAnswer:
        self.asked = _read(request.files)
        return AskedAnswer()


def _read(files: tuple[str, ...]) -> list[str]:
    return sorted(Path(name).read_text() for name in files)


async def ask(rows: Any, folder: Path) -> list[str]:
    store = MemoryObjectStore(SystemClock())
    for key in ("a-2", "b-1"):
        await store.put(key, key.encode())
    children = Children()
    files = GraphFiles(rows, store, Scratch(folder), "bucket")
    tools = GraphTools(rows, files, children, SimpleNamespace(), SystemClock())  # type: ignore[arg-type]
    job = SimpleNamespace(tenant_id="t1", id="ask", token=1)
    payload = AskMicroscope(user_id="user", question="?")
    await QueryHandler(tools).run(Work(job, payload, lambda _step, _part: None))  # type: ignore[arg-type]
    return children.asked


async def test_what_was_read_again_meanwhile_is_asked_as_it_is_now(tmp_path: Path) -> None:
    other = document("b", "b-1")
    rows = Rows([document("a", "a-1"), other], [document("a", "a-2"), other])
    assert await ask(rows, tmp_path) == ["a-2", "b-1"]


async def test_what_is_lost_is_left_out(tmp_path: Path) -> None:
    assert await ask(Rows([document("a", "gone"), document("b", "b-1")]), tmp_path) == ["b-1"]
    with pytest.raises(WorkFailed, match="document_not_ingested"):
        await ask(Rows([document("a", "gone")]), tmp_path)
