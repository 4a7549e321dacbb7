"""What `graph.tend` removes while other jobs settle under its eyes, as they may between two statements on PostgreSQL (GRA-2, GRA-8)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from academy.application.errors import Yielded
from academy.application.graph.files import GraphFiles
from academy.application.graph.tending import TendHandler
from academy.application.graph.tools import GraphTools
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.ports.page import Page
from academy.contracts.graph import TendGraph
from academy.domain.graph.graph import UserGraph
from academy.domain.tenant.graph_keys import build_prefix
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = [pytest.mark.requirement("GRA-2"), pytest.mark.requirement("GRA-8")]
TENANT, USER = "t1", "user"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def prefix_of(build: str) -> str:
    return build_prefix(TENANT, USER, build, 1)


def graph_of(build: str) -> UserGraph:
    return UserGraph(TENANT, USER, "", build, prefix_of(build), "", "r", 1, 0, 1, NOW)


class Settling:
    """Rows in which the build `new` takes the place of `old` after so many looks at any of them."""

    def __init__(self, old: str, new: str, after: int = 1) -> None:
        self._old, self._new, self._after = old, new, after
        self._looks = 0
        self.graphs = self.lens = self.jobs = self

    def _settled(self) -> bool:
        self._looks += 1
        return self._looks > self._after

    def get(self, _tenant: str, _user: str) -> UserGraph:
        return graph_of(self._new if self._settled() else self._old)

    def list(self, *_given: object) -> Page[Any]:
        return Page([], "")

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Any]:
        settled = self._settled()
        ended = {each: each != self._new or settled for each in ids}
        return {
            each: SimpleNamespace(id=each, finished=over, finished_at=NOW if over else None)
            for each, over in ended.items()
        }

    def now(self) -> datetime:
        return NOW

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return work(self)


async def store_of(builds: Mapping[str, Sequence[str]]) -> MemoryObjectStore:
    """Store each build with the texts that its notes name."""
    store = MemoryObjectStore(SystemClock())
    for build, documents in builds.items():
        texts = [prefix_of(each) + "documents.jsonl" for each in documents]
        await store.put(prefix_of(build) + "build.json", json.dumps({"documents": texts}).encode())
        for name in ("graph_final.json", "documents.jsonl"):
            await store.put(prefix_of(build) + name, b"{}")
    return store


async def tend(rows: Any, store: MemoryObjectStore, folder: Path) -> set[str]:
    """Run it; return the builds of which something is left, and in brackets those of which only texts are."""
    files = GraphFiles(rows, store, Scratch(folder), "bucket")
    tools = GraphTools(rows, files, SimpleNamespace(), SimpleNamespace(), SystemClock())  # type: ignore[arg-type]
    job = SimpleNamespace(tenant_id=TENANT, id="tend", token=1)
    await TendHandler(tools).run(Work(job, TendGraph(user_id=USER), lambda _step, _part: None))  # type: ignore[arg-type]
    return {head.key.split("/builds/")[1] async for head in store.list(f"tenants/{TENANT}/")}


async def test_a_build_that_is_published_meanwhile_stays(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    left = await tend(Settling("first", "second"), store, tmp_path)
    assert {"second-1/graph_final.json", "second-1/build.json", "second-1/documents.jsonl"} <= left
    assert "first-1/documents.jsonl" in left, "the text of nodes that are still there"


async def test_nothing_goes_while_the_notes_of_the_build_cannot_be_found(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    await store.delete([prefix_of("second") + "build.json"])
    assert len(await tend(Settling("second", "second"), store, tmp_path)) == 5


async def test_notes_that_went_with_the_build_before_are_looked_for_again(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    await store.delete([prefix_of("first") + "build.json"])
    with pytest.raises(Yielded):
        await tend(Settling("first", "second", after=2), store, tmp_path)
    assert len([head async for head in store.list(f"tenants/{TENANT}/")]) == 5
