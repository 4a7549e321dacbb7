"""JOB-9: progress that is written behind."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from tests.contract.progress.stores import ProgressPlace

from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress

pytestmark = pytest.mark.requirement("JOB-9")


@pytest.fixture
def job() -> str:
    """An id that no other test uses: they share servers."""
    return f"job-{uuid.uuid4().hex}"


def progress(percent: float, step: str = "transcode", left: float | None = 12.5) -> Progress:
    return Progress(step, 3, 6, percent, left)


async def write(place: ProgressPlace, *updates: tuple[str, int, Progress]) -> None:
    await place.store.write([ProgressUpdate(*update) for update in updates])


async def test_latest_progress_is_read_as_written(place: ProgressPlace, job: str) -> None:
    await write(place, (job, 1, progress(10.5)))
    await write(place, (job, 1, progress(42.25, "변환", None)))
    assert dict(await place.store.read([job])) == {job: progress(42.25, "변환", None)}


async def test_many_updates_travel_at_once(place: ProgressPlace, job: str) -> None:
    ids = [f"{job}-{number}" for number in range(50)]
    await write(place, *((job_id, 1, progress(number)) for number, job_id in enumerate(ids)))
    found = await place.store.read([*ids, f"{job}-unknown"])
    assert {job_id: each.percent for job_id, each in found.items()} == dict(zip(ids, range(50), strict=True))


async def test_worker_that_lost_its_lease_changes_nothing(place: ProgressPlace, job: str) -> None:
    await write(place, (job, 2, progress(5)))
    await write(place, (job, 1, progress(99)))
    assert (await place.store.read([job]))[job].percent == 5


async def test_new_attempt_starts_from_the_beginning(place: ProgressPlace, job: str) -> None:
    await write(place, (job, 1, progress(80)))
    await write(place, (job, 2, progress(0)))
    assert (await place.store.read([job]))[job].percent == 0


async def test_last_update_of_a_job_in_one_batch_counts(place: ProgressPlace, job: str) -> None:
    await write(place, (job, 1, progress(1)), (job, 1, progress(2)), (job, 1, progress(3)))
    assert (await place.store.read([job]))[job].percent == 3


async def test_forgotten_progress_is_gone(place: ProgressPlace, job: str) -> None:
    other = f"{job}-other"
    await write(place, (job, 1, progress(1)), (other, 1, progress(2)))
    await place.store.forget([job, f"{job}-unknown"])
    assert set(await place.store.read([job, other])) == {other}


async def test_nothing_to_do_is_no_error(place: ProgressPlace) -> None:
    await place.store.write([])
    await place.store.forget([])
    assert dict(await place.store.read([])) == {}


async def test_concurrent_batches_over_the_same_jobs_all_arrive(place: ProgressPlace, job: str) -> None:
    ids = [f"{job}-{number}" for number in range(10)]

    async def one(order: Sequence[str]) -> None:
        await write(place, *((job_id, 1, progress(50)) for job_id in order))

    await asyncio.gather(*(one(ids if turn % 2 else ids[::-1]) for turn in range(8)))
    assert len(await place.store.read(ids)) == 10


async def test_outage_is_an_error_in_every_call(place: ProgressPlace, job: str) -> None:
    gone = place.unreachable
    calls = (
        lambda: gone.write([ProgressUpdate(job, 1, progress(1))]),
        lambda: gone.read([job]),
        lambda: gone.forget([job]),
        gone.ping,
    )
    for call in calls:
        with pytest.raises(ProgressUnavailable):
            await call()
    await place.store.ping()
