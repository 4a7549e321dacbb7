"""Watching as the API offers it: sessions, heartbeats, keys (VID-7)."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from tests.support.studio import SECRET, Studio

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.database import Transaction
from academy.application.video.playback import TOKEN_SECONDS, WATCHABLE_SECONDS, OpenedPlayback, Playback
from academy.domain.video.playback import PlaybackSigner, PlaybackTokenRefused, content_key
from academy.domain.video.video import AccessMode, Video
from academy.domain.video.watching import Beat, Verdict
from academy.infrastructure.ids import new_id

T = TypeVar("T")


class Viewer:
    """One viewer of the studio's videos."""

    def __init__(self, studio: Studio, name: str = "viewer-1") -> None:
        self.studio = studio
        self.name = name
        signer = PlaybackSigner({"k1": b"p" * 32}, "k1")
        self.playback = Playback(signer, SECRET, studio.world.clock, new_id)

    def run(self, work: Callable[[Transaction], T]) -> T:
        return self.studio.world.database.run_sync(work)

    def open(self, video: Video) -> OpenedPlayback:
        return self.run(lambda tx: self.playback.open(tx, "t1", video.id, self.name))

    def beat(
        self, opened: OpenedPlayback, position: float, start: float, seconds: float, rate: float = 1.0
    ) -> tuple[Verdict, bool]:
        """Let time pass, then report; what the player claims of the time is of no importance."""
        self.studio.world.manual.advance(seconds)
        beat = Beat(position, start, rate, 1e9)
        return self.run(lambda tx: self.playback.beat(tx, "t1", opened.session.id, self.name, beat))


def set_mode(studio: Studio, video: Video, mode: AccessMode) -> None:
    studio.world.database.run_sync(
        lambda tx: studio.catalogue.rename(tx, "t1", video.id, title=None, access_mode=mode)
    )


def token_and_path(opened: OpenedPlayback) -> tuple[str, str]:
    media, token, path = opened.path.split("/", 2)
    assert media == "media"
    return token, path


@pytest.mark.requirement("VID-7")
async def test_an_opened_session_opens_what_was_published(studio: Studio) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    opened = viewer.open(video)
    token, path = token_and_path(opened)
    assert path in studio.store.stored()
    for name in studio.published(video):
        grant = viewer.playback.check(token, path.replace("master.m3u8", name))
        assert (grant.tenant_id, grant.video_id, grant.viewer) == ("t1", video.id, "viewer-1")
    for other in (opened.poster_path, opened.sprites_path):
        _, again, place = other.split("/", 2)
        viewer.playback.check(again, place)
        assert place in studio.store.stored()
    studio.world.manual.advance(TOKEN_SECONDS)
    with pytest.raises(PlaybackTokenRefused):
        viewer.playback.check(token, path)


@pytest.mark.requirement("VID-7")
async def test_only_what_is_published_and_allowed_can_be_watched(studio: Studio) -> None:
    viewer = Viewer(studio)
    video = await studio.uploaded()
    with pytest.raises(Conflict):
        viewer.open(video)
    await studio.work_off()
    with pytest.raises(NotFound):
        viewer.run(lambda tx: viewer.playback.open(tx, "t2", video.id, "v"))
    set_mode(studio, video, AccessMode.BLOCKED)
    with pytest.raises(Refused):
        viewer.open(video)
    studio.world.database.run_sync(lambda tx: studio.catalogue.delete(tx, "t1", video.id))
    with pytest.raises(NotFound):
        viewer.open(video)


@pytest.mark.requirement("VID-7")
async def test_the_content_key_needs_a_token_of_the_current_revision(studio: Studio) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    token, path = token_and_path(viewer.open(video))
    place = path.replace("master.m3u8", "key")
    key = viewer.run(lambda tx: viewer.playback.content_key(tx, token, place))
    assert key == content_key(SECRET, "t1", video.id, video.revision)
    for bad_token, bad_path in (
        (token[:-1] + "x", place),
        (token, place.replace("/r1-", "/r2-")),
        ("", place),
    ):
        with pytest.raises(PlaybackTokenRefused):
            viewer.run(lambda tx, t=bad_token, p=bad_path: viewer.playback.content_key(tx, t, p))  # type: ignore[misc]
    set_mode(studio, video, AccessMode.BLOCKED)
    with pytest.raises(PlaybackTokenRefused):
        viewer.run(lambda tx: viewer.playback.content_key(tx, token, place))


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize("mode", [AccessMode.FREE_REVIEW, AccessMode.PROCTORED])
async def test_who_watches_90_percent_has_completed_and_stays_so(studio: Studio, mode: AccessMode) -> None:
    video = await studio.ready()
    set_mode(studio, video, mode)
    viewer = Viewer(studio)
    opened = viewer.open(video)
    assert [viewer.beat(opened, at, at - 10, 10)[1] for at in (10, 20)] == [False, False]
    assert viewer.beat(opened, 27, 20, 7)[1] is True
    assert viewer.beat(opened, 5, 0, 5)[1] is True
    page = viewer.run(lambda tx: viewer.playback.viewers(tx, "t1", video.id, "", 10))
    assert [(p.viewer, p.completed, p.watched.seconds()) for p in page.items] == [("viewer-1", True, 27.0)]


@pytest.mark.requirement("VID-7")
async def test_the_servers_clock_counts_not_the_players(studio: Studio) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    opened = viewer.open(video)
    verdict, completed = viewer.beat(opened, 30, 0, 2)
    assert not completed
    assert verdict.watched.seconds() <= 3.0
    for _ in range(100):
        verdict, completed = viewer.beat(opened, 30, 0, 0)
    assert not completed
    assert verdict.watched.seconds() <= 3.0


@pytest.mark.requirement("VID-7")
async def test_several_sessions_of_one_viewer_share_the_same_time(studio: Studio) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    sessions = [viewer.open(video) for _ in range(6)]
    studio.world.manual.advance(5)
    for n, opened in enumerate(sessions):
        verdict, completed = viewer.beat(opened, 5.0 * (n + 1), 5.0 * n, 0)
    assert not completed
    assert verdict.watched.seconds() <= 7.5


@pytest.mark.requirement("VID-7")
async def test_a_proctored_viewer_resumes_where_the_last_session_ended(studio: Studio) -> None:
    video = await studio.ready()
    set_mode(studio, video, AccessMode.PROCTORED)
    viewer = Viewer(studio)
    first = viewer.open(video)
    assert viewer.beat(first, 29, 19, 10)[0].code == "seek_not_allowed"
    assert viewer.beat(first, 10, 0, 10)[0].code == "ok"
    assert viewer.beat(first, 30, 10, 10, rate=2.0)[0].code == "rate_not_allowed"
    second = viewer.open(video)
    assert second.resume_at == 10.0
    assert viewer.beat(second, 20, 10, 10)[0].allowed_position == 20.0
    set_mode(studio, video, AccessMode.BLOCKED)
    assert viewer.beat(second, 25, 20, 5)[0].code == "blocked"


@pytest.mark.requirement("VID-7")
async def test_nobody_reports_for_another(studio: Studio) -> None:
    video = await studio.ready()
    opened = Viewer(studio).open(video)
    other = Viewer(studio, "viewer-2")
    with pytest.raises(NotFound):
        other.beat(opened, 10, 0, 10)
    with pytest.raises(NotFound):
        other.run(lambda tx: other.playback.beat(tx, "t2", opened.session.id, "viewer-1", Beat(1, 0, 1, 1)))
    with pytest.raises(NotFound):
        other.run(lambda tx: other.playback.viewers(tx, "t2", video.id, "", 10))


@pytest.mark.requirement("VID-7", "VID-8")
async def test_a_deleted_or_blocked_video_stops_playing_at_once(studio: Studio) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    token, path = token_and_path(viewer.open(video))
    database = studio.world.database

    async def plays() -> bool:
        studio.world.manual.advance(WATCHABLE_SECONDS + 1)
        try:
            grant = await viewer.playback.check_media(database, token, path)
        except PlaybackTokenRefused as refused:
            return refused.code != "not_allowed"
        return grant.video_id == video.id

    assert await plays()
    set_mode(studio, video, AccessMode.BLOCKED)
    assert not await plays()
    set_mode(studio, video, AccessMode.FREE_REVIEW)
    assert await plays()
    database.run_sync(lambda tx: studio.catalogue.delete(tx, "t1", video.id))
    assert not await plays()
    place = path.replace("master.m3u8", "key")
    with pytest.raises(PlaybackTokenRefused):
        viewer.run(lambda tx: viewer.playback.content_key(tx, token, place))
    await studio.work_off()
    assert not await plays()


@pytest.mark.requirement("VID-7")
async def test_the_row_of_a_video_is_looked_at_every_few_seconds_not_for_every_segment(
    studio: Studio,
) -> None:
    video = await studio.ready()
    viewer = Viewer(studio)
    token, path = token_and_path(viewer.open(video))
    reads = 0

    class Counted:
        async def read(self, work: Callable[[Transaction], T]) -> T:
            nonlocal reads
            reads += 1
            return await studio.world.database.read(work)

    for _ in range(20):
        await viewer.playback.check_media(Counted(), token, path)  # type: ignore[arg-type]
    studio.world.manual.advance(WATCHABLE_SECONDS + 1)
    await viewer.playback.check_media(Counted(), token, path)  # type: ignore[arg-type]
    assert reads == 2
