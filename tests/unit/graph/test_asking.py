"""Which documents a question asks: those that are there, and what is told of the others (GRA-6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from academy.contracts.microscope import AskMicroscope, MicroscopeAnswer
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
        self.more = ""
        self.lens = SimpleNamespace(list=lambda *_: Page(self._look(), self.more), get_many=self._named)

    def _named(self, _tenant: str, _user: str, named: Sequence[str]) -> list[LensDocument]:
        return [each for each in self._look() if each.document_id in named]

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


@dataclass
class Asked:
    """What was asked, and what was told of it."""

    files: list[str]
    told: MicroscopeAnswer


async def ask(rows: Any, folder: Path, *named: str) -> Asked:
    store = MemoryObjectStore(SystemClock())
    for key in ("a-2", "b-1"):
        await store.put(key, key.encode())
    children = Children()
    files = GraphFiles(rows, store, Scratch(folder), "bucket")
    tools = GraphTools(rows, files, children, SimpleNamespace(), SystemClock())  # type: ignore[arg-type]
    job = SimpleNamespace(tenant_id="t1", id="ask", token=1)
    payload = AskMicroscope(user_id="user", question="?", document_ids=named)
    told = await QueryHandler(tools).run(Work(job, payload, lambda _step, _part: None))  # type: ignore[arg-type]
    return Asked(children.asked, told)


def failures(told: MicroscopeAnswer) -> dict[str, str]:
    return {each.id: each.code for each in told.outcomes}


async def test_what_was_read_again_meanwhile_is_asked_as_it_is_now(tmp_path: Path) -> None:
    other = document("b", "b-1")
    rows = Rows([document("a", "a-1"), other], [document("a", "a-2"), other])
    asked = await ask(rows, tmp_path)
    assert asked.files == ["a-2", "b-1"]
    assert (failures(asked.told), asked.told.degraded) == ({}, ())


async def test_what_is_lost_is_left_out_and_told(tmp_path: Path) -> None:
    asked = await ask(Rows([document("a", "gone"), document("b", "b-1")]), tmp_path)
    assert asked.files == ["b-1"]
    assert failures(asked.told) == {"a": "object_missing"}
    with pytest.raises(WorkFailed, match="document_not_ingested"):
        await ask(Rows([document("a", "gone")]), tmp_path)


async def test_documents_that_are_named_and_not_there_are_told(tmp_path: Path) -> None:
    asked = await ask(
        Rows([document("a", "a-2"), document("b", "b-1")]), tmp_path, "x", "b", "없는 문서", "x"
    )
    assert asked.files == ["b-1"]
    assert failures(asked.told) == {"x": "document_unknown", "없는 문서": "document_unknown"}
    assert asked.told.outcome_counts.failed == 2
    assert "MICROSCOPE_INGEST_REQUEST" in asked.told.outcomes[0].message


async def test_when_none_of_those_that_are_named_is_there_it_fails_and_says_so(tmp_path: Path) -> None:
    rows = Rows([document("a", "a-2")])
    with pytest.raises(WorkFailed, match="document_unknown"):
        await ask(rows, tmp_path, "x", "y")
    with pytest.raises(WorkFailed, match="document_not_ingested"):
        await ask(Rows([]), tmp_path)


async def test_that_only_the_first_documents_were_asked_is_told(tmp_path: Path) -> None:
    rows = Rows([document("b", "b-1")])
    rows.more = "b"
    (told,) = (await ask(rows, tmp_path)).told.degraded
    assert (told.what, told.code) == ("documents", "first_documents_only")
    assert "documentIds" in told.message
    assert (await ask(rows, tmp_path, "b")).told.degraded == ()
