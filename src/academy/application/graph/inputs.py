"""Bring and read the inputs of a request; one that kills its reader costs itself and not the others (GRA-3, JOB-11)."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from academy.application.errors import WorkFailed
from academy.application.graph.analysing import read_lines
from academy.application.graph.evidence import unreadable
from academy.application.graph.files import write_lines
from academy.application.graph.reading import NEW_FILES
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.jobs.attempt import Work
from academy.contracts.children.graph import ReadAnswer, ReadInputs
from academy.contracts.graph import AddNodes, GenerateGraph, InputOutcome

__all__ = ["read_inputs_of"]

_DEADLY = frozenset({"memory_limit", "crashed", "time_limit", "stalled"})
"""Ends of a reader that an input may be to blame for."""
_HARMLESS_BYTES = 64 << 10
_PACKED = (b"%PDF", b"PK")
"""First bytes of what may hold far more than its size says."""


async def read_inputs_of(
    tools: GraphTools, work: Work, payload: GenerateGraph | AddNodes, folder: Path, tally: Tally
) -> ReadAnswer:
    """Bring the inputs that a request names and read them; every input has an outcome in the tally afterwards. Raises WorkFailed, also where no document came of them."""
    fetched = await tools.files.fetch(work, payload.keys, payload.prefixes, folder)
    refused = list(fetched.outcomes)
    if not fetched.lines:
        await asyncio.to_thread(tally.take, refused, folder)
        raise WorkFailed(await unreadable(tools.files, work, payload.user_id, folder, tally))
    cache = await tools.files.bring_cache(work.job.tenant_id, payload.user_id, folder)
    try:
        read = await _read(tools, work, folder, cache)
    except WorkFailed as error:
        if error.failure.code not in _DEADLY:
            raise
        refused += await _without_deadly(tools, work, folder, cache)
        read = await _read(tools, work, folder, cache, apart=True)
    tally.did(read)
    await asyncio.to_thread(tally.take, refused, folder)
    new = (folder / NEW_FILES).read_text(encoding="utf-8").splitlines()
    await tools.files.keep_cache(work.job.tenant_id, payload.user_id, cache, new)
    if not read.documents:
        raise WorkFailed(await unreadable(tools.files, work, payload.user_id, folder, tally))
    return read


async def _read(
    tools: GraphTools, work: Work, folder: Path, cache: Path, *, apart: bool = False
) -> ReadAnswer:
    request = ReadInputs(folder=str(folder), cache=str(cache), keep_all=apart)
    return await tools.children.call(work, f"{CHILD}:read_documents", request, ReadAnswer)


async def _without_deadly(tools: GraphTools, work: Work, folder: Path, cache: Path) -> Sequence[InputOutcome]:
    """Read what may have killed the reader one by one, into the cache; strike those that do, and return their outcomes."""
    lines = await asyncio.to_thread(read_lines, folder / "inputs.jsonl")
    refused, left = [], []
    for at, line in enumerate(lines):
        if "size" in line or await asyncio.to_thread(_harmless, folder / line["file"]):
            left.append(line)
            continue
        alone = folder / f"alone-{at}"
        alone.mkdir()
        (alone / "inputs.jsonl").write_text(json.dumps({**line, "file": str(folder / line["file"])}))
        try:
            await _read(tools, work, alone, cache, apart=True)
            left.append(line)
        except WorkFailed as error:
            if error.failure.code not in _DEADLY:
                raise
            refused.append(_too_heavy(line))
    write_lines(folder / "inputs.jsonl", left)
    return refused


def _harmless(path: Path) -> bool:
    with path.open("rb") as file:
        return path.stat().st_size < _HARMLESS_BYTES and not file.read(4).startswith(_PACKED)


def _too_heavy(line: dict[str, Any]) -> InputOutcome:
    return InputOutcome(
        key=line["key"],
        status="failed",
        code="input_too_heavy",
        message="Reading it took more memory or time than one file may; split it, or hand it in as text.",
    )
