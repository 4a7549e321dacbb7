"""Job rows: lists, counts, trimming."""

from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place, finish

from academy.application.ports.database import JobFilter
from academy.application.ports.page import Page
from academy.domain.job.job import Job
from academy.domain.job.states import JobState


def page_of(place: Place, cursor: str, limit: int) -> Page[Job]:
    return place.database.read_sync(lambda tx: tx.jobs.list(JobFilter(), cursor, limit))


def test_counts_tell_types_and_states_apart(place: Place) -> None:
    place.jobs("a", "b", "c", "d")
    place.jobs("e", type="video.purge")
    place.claim("b")
    finish(place, "c", JobState.FAILED)
    counts = place.database.read_sync(lambda tx: tx.jobs.count_by_state())
    assert counts == {
        ("video.transcode", JobState.PENDING): 2,
        ("video.transcode", JobState.RUNNING): 1,
        ("video.transcode", JobState.FAILED): 1,
        ("video.purge", JobState.PENDING): 1,
    }


def test_trim_removes_only_old_finished_jobs(place: Place) -> None:
    place.jobs("old1", "old2", "active", "young")
    finish(place, "old1", JobState.SUCCEEDED)
    finish(place, "old2", JobState.DEAD)
    place.pass_time(3600)
    finish(place, "young", JobState.SUCCEEDED)
    border = place.database.read_sync(lambda tx: tx.now()) - timedelta(minutes=30)
    assert place.database.run_sync(lambda tx: tx.jobs.trim(border, 1)) == 1
    assert place.database.run_sync(lambda tx: tx.jobs.trim(border, 10)) == 1
    assert set(
        place.database.read_sync(lambda tx: tx.jobs.get_many(["old1", "old2", "active", "young"]))
    ) == {
        "active",
        "young",
    }


def test_lists_are_newest_first_and_page_without_gaps(place: Place) -> None:
    for number in range(7):
        place.jobs(f"j{number}")
        # Two of a time: ties are broken by id.
        if number % 2:
            place.pass_time(1)
    seen: list[str] = []
    cursor = ""
    while True:
        page = page_of(place, cursor, 3)
        assert len(page.items) <= 3
        seen += [job.id for job in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [f"j{number}" for number in range(6, -1, -1)]


@pytest.mark.requirement("API-2")
def test_lists_show_what_was_asked_for_and_no_other_tenant(place: Place) -> None:
    place.jobs("a", subject="video:1")
    place.jobs("b", subject="video:2", type="video.purge")
    place.jobs("c", tenant="t2", subject="video:1")
    place.claim("b")

    def ids(**where: object) -> set[str]:
        wanted = JobFilter(**where)  # type: ignore[arg-type]
        return {job.id for job in place.database.read_sync(lambda tx: tx.jobs.list(wanted, "", 10)).items}

    assert ids() == {"a", "b", "c"}
    assert ids(tenant_id="t1") == {"a", "b"}
    assert ids(tenant_id="t1", subject="video:1") == {"a"}
    assert ids(state=JobState.RUNNING) == {"b"}
    assert ids(type="video.purge", tenant_id="t2") == set()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "AAAA",
        "=" * 8,
        "a" * 5000,
        "MTIzOg",
        "LTE6ag",
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk6ag",
        "MTIzOmoA",
        "MTIz OmE",
        "' OR 1=1",
    ],
)
def test_cursors_that_are_not_ours_are_refused(place: Place, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        place.database.read_sync(lambda tx: tx.jobs.list(JobFilter(tenant_id="t1"), cursor, 10))
    with pytest.raises(ValueError, match="cursor"):
        place.database.read_sync(lambda tx: tx.videos.list("t1", cursor, 10))
