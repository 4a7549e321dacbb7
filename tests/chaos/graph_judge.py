"""What must be true after a chaos run of graph requests, read from the database, the object store and the index of vectors."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from tests.chaos.graph_plan import NOBODY, TENANT, USERS, Plan, base_keys

from academy.application.graph.job_types import ADD_NODE, GENERATE
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import QueueError
from academy.bootstrap.backends import Backends
from academy.bootstrap.graph_worker import open_vectors
from academy.domain.graph.graph import LensDocument, UserGraph
from academy.domain.job.job import Job
from academy.domain.job.states import TERMINAL, JobState
from academy.domain.tenant.graph_keys import cache_prefix, tenant_graphs, user_prefix
from academy.infrastructure.sql.tables import jobs as job_table
from academy.infrastructure.sql.tables import outbox
from academy.infrastructure.sql.tables_graph import graphs, lens_documents

__all__ = ["Left", "come_to_rest", "look", "state_complaints"]


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left: rows, keys of what was made, what each graph and each build's notes say, how many vectors each user has."""

    jobs: Sequence[Job]
    graphs: Mapping[str, UserGraph]
    lenses: Sequence[LensDocument]
    keys: Sequence[str]
    files: Mapping[str, dict[str, Any]]
    notes: Mapping[str, dict[str, Any]]
    vectors: Mapping[str, int]
    letters: Sequence[str]


async def come_to_rest(backends: Backends, patience: float, longest: float) -> str:
    """Wait until nothing is left to do and return ""; else what is left when nothing moved for `patience` seconds, or after `longest`."""
    end, moved, before = time.monotonic() + longest, time.monotonic(), ""
    while True:
        try:
            left = await _unsettled(backends)
        except (DatabaseUnavailable, QueueError) as error:
            left = str(error)
        now = time.monotonic()
        moved = moved if left == before else now
        if not left or now > min(end, moved + patience):
            return left
        before = left
        await asyncio.sleep(0.3)


async def _unsettled(backends: Backends) -> str:
    def work(tx: Any) -> tuple[int, int]:
        active = select(func.count()).select_from(job_table).where(job_table.c.state.not_in(TERMINAL))
        waiting = select(func.count()).select_from(outbox)
        return tx._connection.scalar(active), tx._connection.scalar(waiting)

    active, waiting = await backends.database.read(work)
    settings = backends.settings
    queued = 0
    for name in (settings.queue_graph_requests, settings.queue_graph_results):
        depth = await backends.queue.depth(name)
        queued += depth.visible + depth.in_flight + depth.delayed
    if active or waiting or queued:
        return f"{active} jobs not ended, {waiting} rows in the outbox, {queued} messages in the queues"
    return ""


async def look(backends: Backends) -> Left:
    """Read everything; the workers have to be gone, for one of them may hold the folder of vectors."""

    def work(tx: Any) -> tuple[list[Job], dict[str, UserGraph], list[LensDocument]]:
        connection = tx._connection
        return (
            [Job(*row) for row in connection.execute(select(job_table))],
            {row.user_id: UserGraph(*row) for row in connection.execute(select(graphs))},
            [LensDocument(*row) for row in connection.execute(select(lens_documents))],
        )

    jobs, rows, lenses = await backends.database.read(work)
    store = backends.ai_objects
    keys = sorted([head.key async for head in store.list(tenant_graphs(TENANT))])
    files, notes = {}, {}
    for user, graph in rows.items():
        if graph.build:
            files[user] = json.loads(await store.get(graph.file("graph_final.json")))
            notes[user] = json.loads(await store.get(graph.file("build.json")))
    vectors = {}
    async with open_vectors(backends.settings) as index:
        for user in USERS:
            space = await index.space(TENANT, user)
            vectors[user] = space[1] if space else 0
    letters = await backends.queue.dead_letters(backends.settings.queue_graph_requests, 10_000)
    return Left(jobs, rows, lenses, keys, files, notes, vectors, [letter.body for letter in letters])


def state_complaints(plan: Plan, left: Left) -> list[str]:
    """Return everything that is not as it has to be."""
    wrong = [f"{user}: held by {graph.holder}" for user, graph in left.graphs.items() if graph.holder]
    wrong += [f"{job.id}: {job.type} is {job.state}: {job.failure}" for job in left.jobs if _is_odd(job)]
    wrong += list(_orphans(left))
    if NOBODY in left.graphs:
        wrong.append("a user without a graph has a row")
    for user in USERS:
        wrong += _of_graph(plan, left, user)
    bodies = {request.body for request in plan.requests if request.code == "request_invalid"}
    wrong += [f"a dead letter that is a good request: {body[:200]}" for body in set(left.letters) - bodies]
    return wrong


def _is_odd(job: Job) -> bool:
    """Return whether a job ended in a way that none of the plan may."""
    return job.state is not JobState.SUCCEEDED and (
        job.type == "graph.tend" or job.state is not JobState.FAILED
    )


def _of_graph(plan: Plan, left: Left, user: str) -> Iterator[str]:
    """Go through the changes of a graph in the order in which they were published; each saw what those before it made."""
    adds = {request.task_id: request.adds for request in plan.requests if request.adds}
    changes = [
        job
        for job in left.jobs
        if job.type in {GENERATE, ADD_NODE}
        and job.state is JobState.SUCCEEDED
        and job.payload["user_id"] == user
    ]
    nodes: set[str] = set()
    for job in sorted(changes, key=lambda each: (each.finished_at, each.id)):
        if job.type == GENERATE:
            nodes = set(base_keys(user))
        else:
            nodes.add(adds[job.payload["task_id"]])
        assert job.result is not None
        if job.result["nodes"] != len(nodes):
            yield f"{user}: {job.id} made {job.result['nodes']} nodes, {len(nodes)} by the order of its changes"
    there = {node["id"] for node in left.files.get(user, {"nodes": ()})["nodes"]}
    if there != nodes:
        yield f"{user}: the graph lacks {sorted(nodes - there)} and has {sorted(there - nodes)} too many"
    if left.vectors[user] != len(nodes):
        yield f"{user}: {left.vectors[user]} vectors for {len(nodes)} nodes"


def _orphans(left: Left) -> Iterator[str]:
    """Say which objects nobody names, and which are named and not there."""
    named = {lens.key for lens in left.lenses}
    prefixes: list[str] = []
    for user, graph in left.graphs.items():
        prefixes += [each for each in (graph.prefix, cache_prefix(TENANT, user)) if each]
        named |= {graph.summary_key} - {""}
        notes = left.notes.get(user, {})
        named |= {*notes.get("documents", ()), notes.get("features", "")} - {""}
    nobody = cache_prefix(TENANT, NOBODY)
    for key in left.keys:
        if key not in named and not key.startswith((*prefixes, nobody)):
            yield f"nobody names {key.removeprefix(user_prefix(TENANT, NOBODY))}"
    for key in sorted(named - set(left.keys)):
        yield f"named and not there: {key}"
