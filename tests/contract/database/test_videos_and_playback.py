"""Rows of academies, videos, viewers and answered requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.database import (
    IdempotencyConflict,
    StoredResponse,
    Transaction,
    ViewerProgress,
)
from academy.application.ports.page import Page
from academy.domain.failures import Failure
from academy.domain.video.video import AccessMode, RungSummary, Video, VideoState
from academy.domain.video.watching import Watched

CREATED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def video(video_id: str, tenant: str = "t1", **changes: object) -> Video:
    plain = Video(
        id=video_id,
        tenant_id=tenant,
        title="미적분 1강",
        state=VideoState.PENDING,
        file_key=f"tenants/{tenant}/video/source/{video_id}/original",
        file_name="강의.mp4",
        size=5_000_000_000,
        content_type="video/mp4",
        upload_id="",
        job_id="",
        revision="",
        encrypted=False,
        duration=0.0,
        rungs=(),
        access_mode=AccessMode.FREE_REVIEW,
        failure=None,
        created_at=CREATED,
        updated_at=CREATED,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def add(place: Place, *videos: Video) -> None:
    assert place.database.run_sync(lambda tx: [tx.videos.add(each) for each in videos]) == [True] * len(
        videos
    )


def get(place: Place, tenant: str, video_id: str) -> Video | None:
    return place.database.read_sync(lambda tx: tx.videos.get(tenant, video_id))


def test_academies_are_found_by_id_and_code(place: Place) -> None:
    made = place.database.run_sync(lambda tx: tx.tenants.add("t1", "gangnam", "강남학원"))
    assert (made.id, made.code, made.name) == ("t1", "gangnam", "강남학원")
    assert place.database.run_sync(lambda tx: tx.tenants.add("t1", "other", "Other")) == made
    assert place.database.read_sync(lambda tx: tx.tenants.by_code("gangnam")) == made
    assert place.database.read_sync(lambda tx: tx.tenants.get("t2")) is None
    assert place.database.read_sync(lambda tx: tx.tenants.by_code("GANGNAM")) is None


def test_code_of_another_academy_is_refused(place: Place) -> None:
    place.database.run_sync(lambda tx: tx.tenants.add("t2", "seocho", "B"))
    place.database.run_sync(lambda tx: tx.tenants.add("t1", "gangnam", "A"))
    with pytest.raises(ValueError, match="gangnam"):
        place.database.run_sync(lambda tx: tx.tenants.add("t3", "gangnam", "C"))
    every = place.database.read_sync(lambda tx: tx.tenants.all())
    assert [tenant.code for tenant in every] == ["gangnam", "seocho"]


@pytest.mark.requirement("VID-1")
def test_video_reads_back_as_written(place: Place) -> None:
    given = video(
        "v1",
        state=VideoState.READY,
        revision="r3",
        encrypted=True,
        duration=3600.125,
        rungs=(RungSummary("720p", 1280, 720, "avc1.64001f,mp4a.40.2", 3_000_000, 2_100_000, True),),
        failure=Failure("bad", "It broke.", "고장", True, "probe", "detail"),
    )
    add(place, given)
    assert get(place, "t1", "v1") == given


@pytest.mark.requirement("VID-8")
def test_a_source_is_in_use_while_another_living_video_of_the_academy_has_it(place: Place) -> None:
    add(place, video("v1", file_key="k"), video("v2", file_key="k"), video("v3", tenant="t2", file_key="k"))

    def in_use(key: str, but: str, tenant: str = "t1") -> bool:
        return place.database.read_sync(lambda tx: tx.videos.file_in_use(tenant, key, but=but))

    assert (in_use("k", "v1"), in_use("k", "v2"), in_use("k", "nobody")) == (True, True, True)
    assert (in_use("other", "v1"), in_use("k", "v3", "t2")) == (False, False)
    place.database.run_sync(lambda tx: tx.videos.save(video("v2", file_key="k", state=VideoState.DELETING)))
    assert (in_use("k", "v1"), in_use("k", "v2")) == (False, True)


def test_video_id_is_taken_once_per_academy(place: Place) -> None:
    add(place, video("v1"), video("v1", tenant="t2"))
    assert not place.database.run_sync(lambda tx: tx.videos.add(video("v1", title="another")))
    first = get(place, "t1", "v1")
    assert first is not None
    assert first.title == "미적분 1강"


def test_save_writes_every_field_and_touches_the_time(place: Place) -> None:
    add(place, video("v1"), video("v1", tenant="t2"))
    changed = video("v1", state=VideoState.FAILED, title="새 제목", failure=Failure("x", "X."), job_id="j9")
    place.database.run_sync(lambda tx: tx.videos.save(changed))
    saved = get(place, "t1", "v1")
    now = place.database.read_sync(lambda tx: tx.now())
    assert saved is not None
    assert replace(saved, updated_at=CREATED) == changed
    assert abs(saved.updated_at - now) < timedelta(seconds=60)
    assert get(place, "t2", "v1") == video("v1", tenant="t2")


@pytest.mark.requirement("API-2")
def test_another_academy_sees_nothing(place: Place) -> None:
    add(place, video("v1"))
    assert get(place, "t2", "v1") is None
    assert place.database.read_sync(lambda tx: tx.videos.list("t2", "", 10)).items == []
    place.database.run_sync(lambda tx: tx.videos.remove("t2", "v1"))
    assert get(place, "t1", "v1") is not None


def test_list_is_newest_first_without_those_being_deleted(place: Place) -> None:
    for number in range(5):
        add(place, video(f"v{number}", created_at=CREATED + timedelta(seconds=number // 2)))
    add(place, video("gone", state=VideoState.DELETING), video("ready", state=VideoState.READY))
    first = place.database.read_sync(lambda tx: tx.videos.list("t1", "", 4))
    second = place.database.read_sync(lambda tx: tx.videos.list("t1", first.next_cursor, 4))
    assert [each.id for each in (*first.items, *second.items)] == ["v4", "v3", "v2", "v1", "v0", "ready"]
    assert second.next_cursor == ""
    ready = place.database.read_sync(lambda tx: tx.videos.list("t1", "", 4, ready_only=True))
    assert [each.id for each in ready.items] == ["ready"]


@pytest.mark.requirement("VID-8")
def test_removing_a_video_removes_what_viewers_did_with_it(place: Place) -> None:
    add(place, video("v1"), video("v2"))

    def watch(tx: Transaction) -> None:
        for video_id in ("v1", "v2"):
            tx.playback.open(f"s-{video_id}", "t1", video_id, "student", "proctored")
            tx.playback.save_watched("t1", video_id, "student", Watched().add(0, 10), False)

    place.database.run_sync(watch)
    place.database.run_sync(lambda tx: tx.videos.remove("t1", "v1"))
    assert get(place, "t1", "v1") is None
    assert place.database.read_sync(lambda tx: tx.playback.session("t1", "s-v1")) is None
    assert place.database.read_sync(lambda tx: tx.playback.watched("t1", "v1", "student")) is None
    assert place.database.read_sync(lambda tx: tx.playback.watched("t1", "v2", "student")) is not None


@pytest.mark.requirement("VID-1")
def test_abandoned_uploads_are_found(place: Place) -> None:
    now = place.database.read_sync(lambda tx: tx.now())
    add(place, video("old", created_at=now), video("done", created_at=now, state=VideoState.UPLOADED))
    place.pass_time(3600)
    now = place.database.read_sync(lambda tx: tx.now())
    add(place, video("new", created_at=now))
    found = place.database.read_sync(lambda tx: tx.videos.abandoned(timedelta(minutes=30), 10))
    assert [each.id for each in found] == ["old"]


@pytest.mark.requirement("VID-7")
def test_playback_session_belongs_to_its_academy(place: Place) -> None:
    opened = place.database.run_sync(lambda tx: tx.playback.open("s1", "t1", "v1", "student-1", "proctored"))
    assert (opened.id, opened.viewer, opened.mode, opened.last_beat_at) == (
        "s1",
        "student-1",
        "proctored",
        None,
    )
    assert place.database.read_sync(lambda tx: tx.playback.session("t1", "s1")) == opened
    assert place.database.read_sync(lambda tx: tx.playback.session("t2", "s1")) is None
    place.database.run_sync(lambda tx: tx.playback.beat("s1"))
    beaten = place.database.run_sync(lambda tx: tx.playback.session("t1", "s1", lock=True))
    assert beaten is not None
    assert beaten.last_beat_at is not None


@pytest.mark.requirement("VID-7")
def test_recent_session_is_found_and_old_ones_are_forgotten(place: Place) -> None:
    def recent(tenant: str, video_id: str, viewer: str, mode: str = "proctored", minutes: int = 5) -> str:
        within = timedelta(minutes=minutes)
        found = place.database.run_sync(lambda tx: tx.playback.recent(tenant, video_id, viewer, mode, within))
        return found.id if found else ""

    def open_as(session_id: str, viewer: str = "kim") -> None:
        place.database.run_sync(lambda tx: tx.playback.open(session_id, "t1", "v1", viewer, "proctored"))

    open_as("lee", "lee")
    open_as("idle")
    open_as("watched")
    place.pass_time(600)
    place.database.run_sync(lambda tx: tx.playback.beat("watched"))
    assert recent("t1", "v1", "kim") == ""
    open_as("young")
    assert recent("t1", "v1", "kim") == "young"
    assert recent("t1", "v1", "lee", minutes=60) == "lee"
    for others in (("t2", "v1", "kim"), ("t1", "v2", "kim"), ("t1", "v1", "park")):
        assert recent(*others) == ""
    assert recent("t1", "v1", "kim", "free_review") == ""

    place.database.run_sync(lambda tx: tx.playback.forget("t1", "v1", "kim", timedelta(minutes=5)))
    names = ("lee", "idle", "watched", "young")
    left = [place.database.read_sync(lambda tx, n=name: tx.playback.session("t1", n)) for name in names]  # type: ignore[misc]
    assert [each.id for each in left if each] == ["lee", "watched", "young"]


def test_second_session_with_an_id_is_refused(place: Place) -> None:
    place.database.run_sync(lambda tx: tx.playback.open("s1", "t1", "v1", "a", "proctored"))
    with pytest.raises(ValueError, match="refused"):
        place.database.run_sync(lambda tx: tx.playback.open("s1", "t2", "v1", "b", "proctored"))


@pytest.mark.requirement("VID-7")
def test_completion_never_falls_back(place: Place) -> None:
    def save(watched: Watched, *, completed: bool) -> None:
        place.database.run_sync(lambda tx: tx.playback.save_watched("t1", "v1", "kim", watched, completed))

    save(Watched(((0.0, 9.5),), 9.5), completed=True)
    save(Watched(((0.0, 12.25), (20.0, 21.0)), 21.0), completed=False)
    progress = place.database.read_sync(lambda tx: tx.playback.watched("t1", "v1", "kim"))
    assert progress is not None
    assert progress.completed
    assert progress.watched == Watched(((0.0, 12.25), (20.0, 21.0)), 21.0)
    assert place.database.read_sync(lambda tx: tx.playback.watched("t1", "v1", "lee")) is None


def viewers_after(place: Place, cursor: str) -> Page[ViewerProgress]:
    return place.database.read_sync(lambda tx: tx.playback.viewers("t1", "v1", cursor, 2))


def test_viewers_are_paged_in_order(place: Place) -> None:
    names = ["가람", "a'b", "a:b", "kim", "Kim", "이"]

    def watch(tx: Transaction) -> None:
        for name in names:
            tx.playback.save_watched("t1", "v1", name, Watched(), False)
        tx.playback.save_watched("t2", "v1", "other academy", Watched(), False)

    place.database.run_sync(watch)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = viewers_after(place, cursor)
        seen += [each.viewer for each in page.items]
        cursor = page.next_cursor
    assert cursor == ""
    assert seen == sorted(names)
    with pytest.raises(ValueError, match="cursor"):
        viewers_after(place, "!!")


@pytest.mark.requirement("API-1")
def test_repeated_request_gets_the_first_answer(place: Place) -> None:
    def begin(tenant: str = "t1", fingerprint: str = "f") -> StoredResponse | None:
        return place.database.run_sync(lambda tx: tx.idempotency.begin(tenant, "key", fingerprint))

    answer = StoredResponse(201, {"id": "v1", "제목": "1강"})
    assert begin() is None
    assert begin() == StoredResponse(0, {})
    place.database.run_sync(lambda tx: tx.idempotency.finish("t1", "key", answer))
    assert begin() == answer
    assert begin("t2") is None
    with pytest.raises(IdempotencyConflict):
        begin(fingerprint="another request")


@pytest.mark.requirement("API-1")
def test_key_is_free_again_when_the_request_failed(place: Place) -> None:
    def work(tx: Transaction) -> None:
        tx.idempotency.begin("t1", "key", "f")
        raise LookupError("the effect failed")

    with pytest.raises(LookupError):
        place.database.run_sync(work)
    assert place.database.run_sync(lambda tx: tx.idempotency.begin("t1", "key", "f")) is None


def test_old_answers_are_forgotten(place: Place) -> None:
    place.database.run_sync(lambda tx: [tx.idempotency.begin("t1", key, "f") for key in ("a", "b")])
    place.pass_time(7200)
    place.database.run_sync(lambda tx: tx.idempotency.begin("t1", "young", "f"))
    hour = timedelta(hours=1)
    assert place.database.run_sync(lambda tx: tx.idempotency.trim(hour, 1)) == 1
    assert place.database.run_sync(lambda tx: tx.idempotency.trim(hour, 10)) == 1
    assert place.database.run_sync(lambda tx: tx.idempotency.begin("t1", "young", "f")) is not None
