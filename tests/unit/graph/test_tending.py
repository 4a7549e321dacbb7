"""What `graph.tend` removes while other jobs settle under its eyes, as they may between two statements on PostgreSQL (GRA-2, GRA-8)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from academy.application.errors import Yielded
from academy.application.graph.drawing import DRAWN
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
_FILES = 3 + len(DRAWN)
"""Of a build."""


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
        for name in ("graph_final.json", "documents.jsonl", *DRAWN):
            await store.put(prefix_of(build) + name, b"{}")
    return store


class Drawing:
    """Draws at once."""

    def __init__(self) -> None:
        self.drawn = 0

    async def call(self, _work: object, entry: str, request: Any, _answer: object) -> None:
        assert entry.endswith(":draw_graph")
        self.drawn += 1
        for name in DRAWN:
            (Path(request.folder) / name).write_text("drawn")


async def tend(
    rows: Any,
    store: MemoryObjectStore,
    folder: Path,
    children: object = None,
    rest: timedelta = timedelta(0),
    age: timedelta = timedelta(0),
) -> set[str]:
    """Run it; return the builds of which something is left, and in brackets those of which only texts are."""
    files = GraphFiles(rows, store, Scratch(folder), "bucket")
    tools = GraphTools(rows, files, children, SimpleNamespace(), SystemClock(), rest=rest)  # type: ignore[arg-type]
    job = SimpleNamespace(tenant_id=TENANT, id="tend", token=1, created_at=NOW - age)
    await TendHandler(tools).run(Work(job, TendGraph(user_id=USER), lambda _step, _part: None))  # type: ignore[arg-type]
    return {head.key.split("/builds/")[1] async for head in store.list(f"tenants/{TENANT}/")}


async def test_a_build_that_is_published_meanwhile_stays(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    left = await tend(Settling("first", "second", after=2), store, tmp_path)
    assert {"second-1/graph_final.json", "second-1/build.json", "second-1/documents.jsonl"} <= left
    assert "first-1/documents.jsonl" in left, "the text of nodes that are still there"


async def test_nothing_goes_while_the_notes_of_the_build_cannot_be_found(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    await store.delete([prefix_of("second") + "build.json"])
    assert len(await tend(Settling("second", "second"), store, tmp_path)) == 2 * _FILES - 1


async def test_notes_that_went_with_the_build_before_are_looked_for_again(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    await store.delete([prefix_of("first") + "build.json"])
    with pytest.raises(Yielded):
        await tend(Settling("first", "second", after=3), store, tmp_path)
    assert len([head async for head in store.list(f"tenants/{TENANT}/")]) == 2 * _FILES - 1


async def test_features_that_others_add_to_stay_with_them(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    base, other = prefix_of("first") + "features.npz", prefix_of("none") + "features.npz"
    noted = {"documents": [prefix_of("second") + "documents.jsonl"], "features": base}
    await store.put(prefix_of("second") + "build.json", json.dumps(noted).encode())
    for key in (base, other):
        await store.put(key, b"npz")
    left = await tend(Settling("second", "second"), store, tmp_path)
    assert [name for name in left if not name.startswith("second")] == ["first-1/features.npz"]


async def test_a_graph_without_a_picture_is_drawn_when_it_has_rested(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"]})
    await store.delete([prefix_of("first") + "graph.svg"])
    children = Drawing()
    with pytest.raises(Yielded) as waits:
        await tend(Settling("first", "first"), store, tmp_path, children, rest=timedelta(seconds=10))
    assert (waits.value.delay, children.drawn) == (timedelta(seconds=10), 0)
    left = await tend(Settling("first", "first"), store, tmp_path, children)
    assert "first-1/graph.svg" in left
    assert children.drawn == 1
    await tend(Settling("first", "first"), store, tmp_path, children)
    assert children.drawn == 1, "it has its picture"


async def test_a_graph_that_changes_without_end_is_tended_to_all_the_same(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["second"]})
    await store.delete([prefix_of("second") + "graph.svg"])
    rest, children = timedelta(seconds=10), Drawing()
    with pytest.raises(Yielded):
        await tend(Settling("second", "second"), store, tmp_path, children, rest)
    assert len([head async for head in store.list(f"tenants/{TENANT}/")]) == 2 * _FILES - 1
    with pytest.raises(Yielded):
        await tend(Settling("second", "second"), store, tmp_path, children, rest, age=timedelta(minutes=1))
    left = {head.key.split("/builds/")[1].split("/")[0] async for head in store.list(f"tenants/{TENANT}/")}
    assert left == {"second-1"}
    assert children.drawn == 0


async def test_a_picture_of_a_graph_that_is_no_more_is_not_left_behind(tmp_path: Path) -> None:
    store = await store_of({"first": ["first"], "second": ["first", "second"]})
    await store.delete([prefix_of("first") + "graph.svg"])
    left = await tend(Settling("first", "second", after=3), store, tmp_path, Drawing())
    assert not {f"first-1/{name}" for name in DRAWN} & left
