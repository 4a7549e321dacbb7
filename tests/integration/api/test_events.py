"""News of a job (API-3): true, shared by all who listen, over when the job is."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.support.api import Api

from academy.application.ports.database import Lease, Settlement
from academy.application.ports.progress import ProgressUpdate
from academy.bootstrap.job_types import all_job_types
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState
from academy.interfaces.api.jobs.feed import MOST_PER_TENANT, MOST_PER_VIEWER, JobFeed, TooManyListeners

Event = tuple[str, str, dict[str, Any]]


def events(answer: httpx2.Response) -> Iterator[Event]:
    name = identity = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "id":
            identity = value
        elif field == "data":
            yield name, identity, json.loads(value)


def claim(api: Api, job: Job) -> Job:
    claimed = api.backends.database.run_sync(
        lambda tx: tx.jobs.claim([job.id], "worker", timedelta(minutes=5))
    )
    return claimed[job.id]


def report(api: Api, job: Job, percent: float) -> None:
    progress = Progress("transcode", 3, 6, percent, 12.5)
    api.await_(api.backends.progress.write([ProgressUpdate(job.id, job.token, progress)]))


def settle(api: Api, job: Job, state: JobState, **more: Any) -> None:
    end = Settlement(Lease(job.id, job.token), state, **more)
    api.backends.database.run_sync(lambda tx: tx.jobs.settle([end]))


@pytest.mark.requirement("API-3")
@pytest.mark.requirement("JOB-9")
def test_progress_comes_as_events_until_the_job_has_ended(api: Api) -> None:
    school = api.school()
    job = school.job()
    with school.teacher.http.stream("GET", f"/api/v1/jobs/{job.id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        news = events(answer)
        queued = next(news)
        running = claim(api, job)
        report(api, running, 41.5)
        # The claim and its progress may be seen in one look or in two.
        working = next(event for event in news if event[2]["progress"])
        settle(api, running, JobState.SUCCEEDED, result={"revision": "r1"})
        ended = next(news)
        rest = list(news)

    assert (queued[0], queued[2]["status"]) == ("progress", "queued")
    assert working[2]["progress"] == {
        "step": "transcode",
        "step_index": 3,
        "step_count": 6,
        "percent": 41.5,
        "remaining_seconds": 12.5,
    }
    assert (ended[0], ended[2]["status"], ended[2]["result"]) == ("end", "succeeded", {"revision": "r1"})
    assert rest == []
    assert school.teacher.get(f"/api/v1/jobs/{job.id}").json() == ended[2]


@pytest.mark.requirement("API-3")
def test_a_finished_job_ends_the_stream_at_once(api: Api) -> None:
    school = api.school()
    job = school.job()
    school.teacher.post(f"/api/v1/jobs/{job.id}/cancel")

    with school.teacher.http.stream("GET", f"/api/v1/jobs/{job.id}/events") as answer:
        found = list(events(answer))

    assert [(name, data["status"]) for name, _, data in found] == [("end", "cancelled")]


@pytest.mark.requirement("API-3")
def test_who_comes_again_is_told_only_what_is_new(api: Api) -> None:
    school = api.school()
    job = school.job()
    path = f"/api/v1/jobs/{job.id}/events"
    with school.teacher.http.stream("GET", path) as answer:
        _, seen, _ = next(events(answer))
    with school.teacher.http.stream("GET", path, headers={"Last-Event-ID": seen}) as answer:
        claim(api, job)
        name, identity, data = next(events(answer))

    assert (name, data["status"]) == ("progress", "running")
    assert identity != seen
    with school.teacher.http.stream("GET", path, headers={"Last-Event-ID": "no such id"}) as answer:
        assert next(events(answer))[2]["status"] == "running"


@pytest.mark.requirement("API-3")
@pytest.mark.requirement("JOB-1")
def test_the_status_is_the_outcome_that_a_person_would_see(api: Api) -> None:
    school = api.school()
    failure = Failure(
        "damaged_file", "The file is damaged.", "파일이 손상되었습니다.", stage="probe", detail="secret"
    )
    job = claim(api, school.job())
    settle(
        api, job, JobState.RETRY_WAIT, reason=EndReason.RETRYABLE_ERROR, failure=failure, delay=timedelta(0)
    )
    waiting = school.teacher.get(f"/api/v1/jobs/{job.id}").json()
    again = claim(api, job)
    settle(api, again, JobState.DEAD, reason=EndReason.RETRIES_EXHAUSTED, failure=failure)
    dead = school.teacher.get(f"/api/v1/jobs/{job.id}", headers={"Accept-Language": "ko"})

    assert (waiting["status"], waiting["state"], waiting["next_attempt_at"] is not None) == (
        "retrying",
        "RETRY_WAIT",
        True,
    )
    body = dead.json()
    assert (body["status"], body["state"], body["reason"]) == ("failed", "DEAD", "retries_exhausted")
    assert body["failure"]["message"] == "파일이 손상되었습니다."
    assert body["status_text"] == "여러 번 시도했지만 실패했습니다."
    assert "secret" not in dead.text
    assert "secret" in school.operator.get(f"/api/v1/operator/jobs/{job.id}").text


@pytest.mark.requirement("JOB-8")
def test_a_running_job_that_is_told_to_stop_says_so(api: Api) -> None:
    school = api.school()
    job = claim(api, school.job())

    answer = school.teacher.post(f"/api/v1/jobs/{job.id}/cancel")

    assert (answer.status_code, answer.json()["status"], answer.json()["state"]) == (
        202,
        "cancelling",
        "RUNNING",
    )


@pytest.mark.requirement("API-3")
def test_a_client_that_hangs_up_is_forgotten(api: Api) -> None:
    school = api.school()
    job = school.job()
    path = f"/api/v1/jobs/{job.id}/events"
    for _ in range(MOST_PER_VIEWER + 2):
        with school.teacher.http.stream("GET", path) as answer:
            assert answer.status_code == 200
            next(events(answer))


@pytest.mark.requirement("API-3")
def test_who_listens_too_often_is_told_so_before_the_stream_begins_and_takes_no_place_of_others(
    api: Api,
) -> None:
    school = api.school()
    path = f"/api/v1/jobs/{school.job().id}/events"
    with ExitStack() as streams:
        # Held on to: a reader that is let go closes its stream.
        mine = [
            events(streams.enter_context(school.teacher.http.stream("GET", path)))
            for _ in range(MOST_PER_VIEWER)
        ]
        assert {next(news)[0] for news in mine} == {"progress"}
        refused = streams.enter_context(school.teacher.http.stream("GET", path))
        refused.read()
        other = events(streams.enter_context(school.owner.http.stream("GET", path)))
        assert next(other)[0] == "progress"

    assert (refused.status_code, refused.json()["code"]) == (503, "too_many_listeners")
    assert int(refused.headers["retry-after"]) > 0


class CountingDatabase:
    """Reads of the real database, counted."""

    def __init__(self, api: Api) -> None:
        self._database = api.backends.database
        self.reads = 0

    async def read(self, work: Any) -> Any:
        self.reads += 1
        return await self._database.read(work)


@pytest.mark.requirement("API-3")
def test_a_hundred_listeners_cost_one_look_each_round(api: Api) -> None:
    school = api.school()
    job = school.job()
    teacher = school.teacher
    database = CountingDatabase(api)

    async def listen() -> int:
        feed = JobFeed(database, api.backends.progress, all_job_types(api.settings), look_seconds=0.05)  # type: ignore[arg-type]
        with ExitStack() as places:
            streams = [
                places.enter_context(feed.listening(school.id, f"v{n}", job.id, 30)) for n in range(100)
            ]
            firsts = await asyncio.gather(*(anext(stream) for stream in streams))
            assert all(first is not None and first.job.id == job.id for first in firsts)
            before = database.reads
            await asyncio.to_thread(teacher.post, f"/api/v1/jobs/{job.id}/cancel")
            seen = await asyncio.gather(*(anext(stream) for stream in streams))
            assert {news.job.state for news in seen if news} == {JobState.CANCELLED}
            for stream in streams:
                assert [news async for news in stream] == []
        assert feed.listeners == 0
        await feed.close()
        return before

    assert api.await_(listen()) < 100


@pytest.mark.requirement("API-3")
def test_listeners_are_bounded_and_let_go_when_the_server_stops(api: Api) -> None:
    school = api.school()
    job = school.job()

    async def crowd() -> None:
        feed = JobFeed(api.backends.database, api.backends.progress, all_job_types(api.settings))
        with ExitStack() as places:
            streams = [
                places.enter_context(feed.listening(school.id, f"v{n}", job.id, 30))
                for n in range(MOST_PER_TENANT)
            ]
            for stream in streams:
                await anext(stream)
            with pytest.raises(TooManyListeners):
                places.enter_context(feed.listening(school.id, "one more", job.id, 30))
            await feed.close()
            for stream in streams:
                assert [news async for news in stream] == []
            with pytest.raises(TooManyListeners):
                places.enter_context(feed.listening(school.id, "late", job.id, 30))

    api.await_(crowd())


@pytest.mark.requirement("API-3")
def test_a_quiet_stream_is_kept_alive(api: Api) -> None:
    school = api.school()
    job = school.job()

    async def quiet() -> list[str]:
        feed = JobFeed(
            api.backends.database, api.backends.progress, all_job_types(api.settings), look_seconds=0.02
        )
        with feed.listening(school.id, "viewer", job.id, 0.1) as stream:
            kinds = [type(await anext(stream)).__name__ for _ in range(3)]
            await stream.aclose()
        await feed.close()
        return kinds

    assert api.await_(quiet()) == ["News", "NoneType", "NoneType"]
