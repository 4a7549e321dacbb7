"""Whole tasks of the graph worker, from request to result, on SQLite and folders: python whole.py CASE SEED.

Prints one JSON line: CPU seconds of the worker and of every process below it, the worker being warm; the largest of these processes.
"""

import asyncio
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus import english, korean
from tests.integration.graph.library import NOTES, TENANT, Library, open_library

from academy.domain.job.states import ACTIVE

_PREFIX = f"tenants/{TENANT}/notes/"
_MANY, _CHATS, _JOINS = 10_000, 300, 7
_KIB = 1024
_NUMBERS = itertools.count()
_MAKERS = {"english": english, "korean": korean}


def main() -> None:
    """Measure, and print one JSON line."""
    case, seed = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"case": case, **asyncio.run(_measured(Path(folder), case, seed))}))


async def _measured(folder: Path, case: str, seed: int) -> dict[str, Any]:
    async with open_library(folder, graph_rest_seconds=1) as library, library.working():
        await library.put(NOTES)
        await _done(library, "GRAPH_GENERATION", s3Prefix=_PREFIX, includeSummary=True)
        await library.put({"joins.md": "# 뮤텍스\n\n스레드를 동기화한다."})
        await _done(library, "ADD_NODE", s3Key=f"{_PREFIX}joins.md")
        await _quiet(library)
        return await (_chats if case == "chats" else _documents)(library, case, seed)


async def _chats(library: Library, _case: str, seed: int) -> dict[str, Any]:
    """One export of chats becomes a graph with its summary."""
    await library.put({"conversations.json": json.dumps(_export(seed))}, "tenants/t1/chats/")
    return await _generated(library, "tenants/t1/chats/", _CHATS, includeSummary=True)


async def _documents(library: Library, case: str, seed: int) -> dict[str, Any]:
    """Ten thousand objects become a graph, and a few more join it, one after the other."""
    made = [one.item for one in _MAKERS[case](_MANY + _JOINS, seed)]
    prefix = f"tenants/t1/{case}/"
    await library.put({f"{item.id}.txt": item.text for item in made}, prefix)
    await library.put({f"{item.id}.txt": item.text for item in made[_MANY:]}, "tenants/t1/more/")
    await library.backends.ai_objects.delete([f"{prefix}{item.id}.txt" for item in made[_MANY:]])
    found = await _generated(library, prefix, _MANY)
    joins, redraws = [], []
    for item in made[_MANY:]:
        begun = _spent()
        await _done(library, "ADD_NODE", s3Key=f"tenants/t1/more/{item.id}.txt")
        joins.append((_spent() - begun) * 1000)
        begun = _spent()
        await _quiet(library)
        redraws.append((_spent() - begun) * 1000)
    return {
        **found,
        "first_join_cpu_ms": round(joins[0], 1),
        "join_cpu_ms": round(statistics.median(joins[1:]), 1),
        "redraw_cpu_ms": round(statistics.median(redraws[1:]), 1),
    }


async def _generated(library: Library, prefix: str, nodes: int, **payload: object) -> dict[str, Any]:
    begun = _spent()
    told = await _done(library, "GRAPH_GENERATION", s3Prefix=prefix, **payload)
    spent = _spent() - begun
    if told["nodes"] != nodes:
        raise SystemExit(f"{told['nodes']} nodes, not {nodes}")
    peaks = sorted(map(_peak_mib, _family()))
    await _quiet(library)
    return {"nodes": nodes, "cpu_s": round(spent, 3), "peak_mib": round(peaks[-1], 1)}


async def _done(library: Library, task: str, **payload: object) -> dict[str, Any]:
    """Send a request and return the payload of its result; nothing of the waiting is worth counting."""
    name = f"task-{next(_NUMBERS)}"
    await library.ask(task, name, **payload)
    told: dict[str, Any] = (await library.told(name, 600.0))["payload"]
    if told["status"] != "COMPLETED":
        raise SystemExit(f"{task}: {told['errorCode']}: {told['error']}")
    return told


async def _quiet(library: Library) -> None:
    """Wait until what tends to the graph afterwards has ended, too."""
    while await _busy(library):  # noqa: ASYNC110 - only the database knows
        await asyncio.sleep(0.05)


async def _busy(library: Library) -> bool:
    counted = await library.backends.database.read(lambda tx: tx.jobs.count_by_state())
    return any(state in ACTIVE for _, state in counted)


def _export(seed: int) -> list[Mapping[str, Any]]:
    """Chats in the form of a ChatGPT export: questions and answers of about 150 words, half in Korean."""
    rng = random.Random(seed)
    talks = [*english(_CHATS * 2, seed, 150), *korean(_CHATS * 2, seed, 600)]
    rng.shuffle(talks)
    return [_chat(at, [one.item.text for one in talks[at * 4 : at * 4 + 4]]) for at in range(_CHATS)]


def _chat(number: int, texts: list[str]) -> Mapping[str, Any]:
    names = [f"{number}-{at}" for at in range(len(texts) + 1)]
    mapping: dict[str, Any] = {
        names[0]: {"id": names[0], "message": None, "parent": None, "children": names[1:2]}
    }
    for at, text in enumerate(texts, 1):
        author = {"role": "user" if at % 2 else "assistant"}
        message = {"id": names[at], "author": author, "content": {"content_type": "text", "parts": [text]}}
        mapping[names[at]] = {
            "id": names[at],
            "message": {**message, "create_time": 1.7e9 + number * 3600 + at},
            "parent": names[at - 1],
            "children": names[at + 1 : at + 2],
        }
    return {
        "title": f"chat {number}",
        "conversation_id": f"chat-{number:04}",
        "create_time": 1.7e9 + number * 3600,
        "update_time": 1.7e9 + number * 3600 + 60,
        "mapping": mapping,
        "current_node": names[-1],
    }


def _spent() -> float:
    """CPU seconds of this process, of those below it, and of those that have ended."""
    times = os.times()
    ended = times.children_user + times.children_system
    return ended + sum(time.clock_gettime((~pid << 3) | 2) for pid in _family())


def _family() -> list[int]:
    """Return this process and all below it."""
    found = [os.getpid()]
    for pid in found:
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, tasks.read_text().split())
    return found


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / _KIB


if __name__ == "__main__":
    main()
