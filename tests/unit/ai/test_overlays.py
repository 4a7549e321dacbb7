"""Pictures of pages that nobody shows any more do not stay (OMR-4)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.unit.ai.papers import page
from tests.unit.ai.room import Room

from academy.application.ai.documents import Documents
from academy.application.ai.expiry import DocumentExpiry
from academy.application.ai.orphans import Orphans
from academy.application.ai.overlays import LEFT_AFTER, Overlays, overlay_folder
from academy.domain.job.states import JobState
from academy.domain.omr.scan import Scan
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.uploads import MemoryUploadGateway

pytestmark = pytest.mark.requirement("OMR-4")
ONE = "1" * 8


class Pictures:
    """A store with the overlays that readings left."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.store = MemoryObjectStore(room.clock)
        self.overlays = Overlays(room.database, self.store)

    async def put(self, scan: Scan, *revisions: str) -> None:
        for revision in revisions:
            for number in (1, 2):
                await self.store.put(
                    f"{overlay_folder('t1', scan.id)}{revision}/{number:05d}.jpg", b"\xff\xd8"
                )

    async def revisions(self, scan: Scan) -> Sequence[str]:
        found = [head.key.split("/")[3] async for head in self.store.list(overlay_folder("t1", scan.id))]
        assert all(found.count(each) == 2 for each in found)
        return sorted(set(found))


@pytest.fixture
def pictures(room: Room) -> Pictures:
    return Pictures(room)


async def test_those_of_a_removed_scan_go_with_it_and_no_others(room: Room, pictures: Pictures) -> None:
    gone, kept = room.scan(page(1, ONE)), room.scan(page(1, "2" * 8))
    await pictures.put(gone, gone.revision, "an-attempt-1")
    await pictures.put(kept, kept.revision)
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, gone.id))
    await pictures.overlays.drop("t1", gone.id)
    assert (await pictures.revisions(gone), await pictures.revisions(kept)) == ([], [kept.revision])


async def test_what_a_crash_left_of_a_removed_scan_is_swept_once_nobody_can_write_it(
    room: Room, pictures: Pictures
) -> None:
    gone, kept = room.scan(page(1, ONE)), room.scan(page(1, "2" * 8))
    await pictures.put(gone, gone.revision)
    await pictures.put(kept, kept.revision)
    await pictures.store.put("scans/readme", b"not ours")
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, gone.id))
    assert await pictures.overlays.sweep() == 0, "a worker may be at it still"
    room.clock.advance(LEFT_AFTER)
    assert await pictures.overlays.sweep() == 2
    assert (await pictures.revisions(gone), await pictures.revisions(kept)) == ([], [kept.revision])
    assert await pictures.store.head("scans/readme")
    assert await pictures.overlays.sweep() == 0


async def test_readings_that_do_not_count_are_swept_and_the_one_under_way_is_not(
    room: Room, pictures: Pictures
) -> None:
    scan = room.scan(page(1, ONE))
    before = f"{scan.job_id}-1"
    again, job = room.reread(scan)
    running = room.claim(job)
    await pictures.put(again, again.revision, before, f"{job.id}-{running.token}")
    room.clock.advance(LEFT_AFTER)
    assert await pictures.overlays.sweep() == 2
    assert await pictures.revisions(scan) == sorted([scan.revision, f"{job.id}-{running.token}"])
    room.settle(running, JobState.FAILED)
    assert await pictures.overlays.sweep() == 2
    assert await pictures.revisions(scan) == [scan.revision], "what was read before counts still"


async def test_many_are_looked_at_batch_by_batch(room: Room, pictures: Pictures) -> None:
    scan = room.scan(page(1, ONE))
    folder = overlay_folder("t1", scan.id)
    for number in range(1, 2102):
        await pictures.store.put(f"{folder}old-1/{number:05d}.jpg", b"")
    await pictures.put(scan, scan.revision)
    room.clock.advance(LEFT_AFTER)
    assert await pictures.overlays.sweep() == 2101
    assert await pictures.revisions(scan) == [scan.revision]


async def test_the_reconciler_looks_for_them_when_it_starts(room: Room, pictures: Pictures) -> None:
    scan = room.scan(page(1, ONE))
    await pictures.put(scan, "old-1")
    room.clock.advance(LEFT_AFTER + timedelta(seconds=1))
    documents = Documents(
        room.database, pictures.store, MemoryUploadGateway(pictures.store, room.clock), room.new_id
    )
    stop = asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        expiry = DocumentExpiry(documents, pictures.overlays, Orphans(room.database, pictures.store))
        group.create_task(expiry.expire_until(stop))
        while await pictures.revisions(scan):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
        stop.set()
