"""Documents that join one after the other, many at once, and after a worker's restart (GRA-5, GRA-8)."""

import asyncio
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.graph.library import NOTES, TENANT, USER, Library, open_library

from academy.application.graph.job_types import ERASE
from academy.contracts.graph import EraseGraph

pytestmark = pytest.mark.requirement("GRA-5")
PREFIX = f"tenants/{TENANT}/notes/"
_DRAWN = ("graph.svg", "graph.graphml", "graph.gexf")


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with open_library(tmp_path) as opened:
        yield opened


async def add(library: Library, name: str, text: str) -> dict[str, Any]:
    await library.put({name: text})
    return await library.done("ADD_NODE", name, s3Key=PREFIX + name)


async def here(library: Library, keys: set[str]) -> None:
    """Wait until these are the objects of builds."""
    async with asyncio.timeout(30):
        while {key for key in await library.keys() if "/builds/" in key} != keys:  # noqa: ASYNC110 - only the store knows
            await asyncio.sleep(0.05)


async def test_a_graph_that_documents_joined_is_drawn_with_them(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        told = await add(library, "new.md", "# 뮤텍스\n\n뮤텍스는 스레드가 메모리를 함께 쓸 때 필요하다.")
        build = told["resultS3Key"].removesuffix("graph_final.json")
        async with asyncio.timeout(30):
            while not {build + name for name in _DRAWN} <= set(await library.keys()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    graph = await library.json(told["resultS3Key"])
    drawn = ET.fromstring(await library.backends.ai_objects.get(build + "graph.graphml"))
    nodes = [each.get("id") for each in drawn.iter() if each.tag.endswith("}node")]
    assert len(nodes) == len(graph["nodes"]) == len(NOTES) + 1
    for name in ("graph.svg", "graph.gexf"):
        assert "뮤텍스" in (await library.backends.ai_objects.get(build + name)).decode()


async def test_what_joined_is_there_for_the_next_worker_too(library: Library) -> None:
    await library.put(NOTES)
    texts = {
        "joins-1.md": "# 세마포어\n\n세마포어는 프로세스와 스레드가 자원을 나누게 한다. 모니터도 그렇다.",
        "joins-2.md": "# 모니터\n\n모니터는 세마포어처럼 스레드를 동기화한다. 운영체제가 돕는다.",
        "joins-3.md": "# 세마포어와 모니터\n\n세마포어와 모니터는 스레드의 교착 상태를 막는다.",
    }
    async with library.working():
        built = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        for name in list(texts)[:2]:
            await add(library, name, texts[name])
    async with library.working():
        told = await add(library, "joins-3.md", texts["joins-3.md"])
        graph = await library.json(told["resultS3Key"])
        build = told["resultS3Key"].removesuffix("graph_final.json")
        # The large file of the build stays as long as additions go on from it, and nothing else of older builds but their texts.
        own = {
            build + name
            for name in (*_DRAWN, "graph_final.json", "features.npz", "build.json", "outcomes.jsonl")
        }
        noted = await library.json(build + "build.json")
        assert noted["features"] == built["featuresS3Key"]
        await here(library, own | {*noted["documents"], noted["features"]})
    near = {
        frozenset((edge["source"].removeprefix(PREFIX), edge["target"].removeprefix(PREFIX)))
        for edge in graph["edges"]
    }
    assert {frozenset(("joins-1.md", "joins-3.md")), frozenset(("joins-2.md", "joins-3.md"))} <= near
    assert len(graph["nodes"]) == len(NOTES) + 3


async def test_the_base_of_additions_goes_with_the_next_build_and_with_an_erasure(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        built = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        await add(library, "joins.md", "# 세마포어\n\n세마포어는 스레드가 자원을 나누게 한다.")
        assert built["featuresS3Key"] in await library.keys()
        again = await library.done("GRAPH_GENERATION", 2, s3Prefix=PREFIX)
        build = again["resultS3Key"].removesuffix("graph_final.json")
        names = {key for key in await library.keys() if key.startswith(build)}
        await here(library, names)
        await add(library, "more.md", "# 모니터\n\n모니터는 스레드를 동기화한다.")
        job = library.order(ERASE, EraseGraph(user_id=USER))
        assert (await library.ended(job)).failure is None
        assert await library.keys() == []


async def test_thousands_that_join_at_once_are_told_as_far_as_there_is_room(library: Library) -> None:
    await library.put(NOTES)
    notes = [
        {"id": f"메모/{at:05}", "title": f"메모 {at}", "content": f"스레드와 프로세스에 대한 {at}번째 메모"}
        for at in range(4000)
    ]
    await library.put({"many.json": json.dumps(notes, ensure_ascii=False)})
    async with library.working():
        await library.done("GRAPH_GENERATION", 1, s3Prefix=f"{PREFIX}os/")
        told = await library.done("ADD_NODE", 2, s3Key=f"{PREFIX}many.json")
    assert told["nodes"] == 4004
    assert told["outcomeCounts"]["ok"] == 4000
    listed = told["nodeIds"]
    assert listed == [note["id"] for note in notes][: len(listed)]
    assert 100 < len(listed) < 4000
    graph = await library.json(told["resultS3Key"])
    assert {note["id"] for note in notes} <= {node["id"] for node in graph["nodes"]}
    outcomes = await library.backends.ai_objects.get(told["outcomesS3Key"])
    assert {json.loads(line)["id"] for line in outcomes.splitlines()} == {note["id"] for note in notes}
