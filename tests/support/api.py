"""The real HTTP API on a free port, over a SQLite file and a folder; one for all tests of a process.

    def test_something(api: Api) -> None:
        school = api.school()
        answer = school.teacher.post("/api/v1/videos", json={...})

Every test makes its own academy, so tests share the server and nothing else.
"""

import asyncio
import threading
import uuid
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connections

from academy.application.video.job_types import submit_transcode, video_job_types
from academy.bootstrap.backends import Backends, open_backends, url_signer
from academy.bootstrap.operator import migrate_database
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import Role as Process
from academy.bootstrap.settings import Settings, load_settings
from academy.domain.job.job import Job
from academy.domain.signing import UrlSigner
from academy.domain.tenant.tenant import Role, hls_prefix, source_key
from academy.domain.video.playback import PlaybackSigner
from academy.domain.video.video import AccessMode, Video, VideoState
from academy.infrastructure.ids import new_id
from academy.interfaces.api.migrate import migrate_django
from academy.interfaces.api.server import serve

__all__ = ["PASSWORD", "SEGMENT", "Api", "School", "api"]

T = TypeVar("T")
PASSWORD = "correct horse battery"
SEGMENT = bytes(range(256)) * 40
START_SECONDS = 60.0


@dataclass(frozen=True)
class Person:
    """A member of a school with a client that is logged in."""

    http: httpx2.Client
    username: str
    viewer: str
    token: str

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.http.get(path, **more)

    def post(self, path: str, **more: Any) -> httpx2.Response:
        return self.http.post(path, **more)


class Api:
    """The running API and the ports behind it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = ""
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._failure: BaseException | None = None
        self._clients: list[httpx2.Client] = []
        self.backends: Backends
        self.anybody: httpx2.Client
        self._thread = threading.Thread(target=self._main, name="api under test")

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(START_SECONDS)
        if self._failure is not None:
            raise self._failure
        self.anybody = self.client()
        # Stays a stranger to the end: what one test is given to remember is none of the next one's.
        self.anybody.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_SECONDS)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    def client(self, token: str = "", **headers: str) -> httpx2.Client:
        given = {"Authorization": f"Bearer {token}"} if token else {}
        # Without verify=False every client would load the machine's certificates, which takes longer than most tests.
        client = httpx2.Client(
            base_url=self.url, headers=given | headers, timeout=30, trust_env=False, verify=False
        )
        self._clients.append(client)
        return client

    def await_(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def person(self, tenant_id: str, role: Role) -> Person:
        """Make a user with a token, without the cost of a password."""
        username = f"{role.value}-{uuid.uuid4().hex[:12]}"
        try:
            user = get_user_model().objects.create_user(username, None, name=f"이름 {role.value}")
            user.memberships.create(tenant_id=tenant_id, role=role.value)
            _, token = apps.get_model("knox", "AuthToken").objects.create(user=user)
            return Person(self.client(token), username, user.viewer, token)
        finally:
            connections.close_all()

    def school(self) -> "School":
        """Make an academy."""
        tenant_id = f"t{uuid.uuid4().hex[:12]}"
        self.backends.database.run_sync(lambda tx: tx.tenants.add(tenant_id, tenant_id, f"학원 {tenant_id}"))
        return School(self, tenant_id)

    def at(self, url: str) -> str:
        """Return a signed address on the port of this server; it names the configured host."""
        parts = urlsplit(url)
        return f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    @property
    def url_signer(self) -> UrlSigner:
        return url_signer(self.settings)

    @property
    def playback_signer(self) -> PlaybackSigner:
        return PlaybackSigner(self.settings.playback_keys, self.settings.playback_key_id)

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_backends(self.settings) as backends:
            self.backends = backends
            await backends.queue.create(queue_plan(self.settings))
            await serve(self.settings, self._stop, backends=backends, started=self._started)

    def _started(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._ready.set()


class School:
    """An academy; its people are made when first asked for."""

    def __init__(self, api: Api, tenant_id: str) -> None:
        self.api = api
        self.id = tenant_id

    @cached_property
    def owner(self) -> Person:
        return self.api.person(self.id, Role.OWNER)

    @cached_property
    def teacher(self) -> Person:
        return self.api.person(self.id, Role.TEACHER)

    @cached_property
    def student(self) -> Person:
        return self.api.person(self.id, Role.STUDENT)

    @cached_property
    def parent(self) -> Person:
        return self.api.person(self.id, Role.PARENT)

    @cached_property
    def operator(self) -> Person:
        return self.api.person(self.id, Role.OPERATOR)

    def video(self, **changes: Any) -> Video:
        """Record a video as it stands after its upload was begun, with changes."""
        database = self.api.backends.database

        def work(tx: Any) -> Video:
            video = _video(self.id, changes.pop("id", new_id()), tx.now())
            video = replace(video, **changes)
            tx.videos.add(video)
            return video

        return database.run_sync(work)

    def ready_video(self, *, duration: float = 100.0, mode: AccessMode = AccessMode.FREE_REVIEW) -> Video:
        """Record a published video with a playlist, a segment and a poster in the store."""
        video = self.video(
            state=VideoState.READY, revision="r1", duration=duration, encrypted=True, access_mode=mode
        )
        prefix = hls_prefix(self.id, video.id, "r1")
        files = {
            "master.m3u8": b"#EXTM3U\n",
            "720p/00001.m4s": SEGMENT,
            "thumbnails/poster.jpg": b"\xff\xd8\xff",
            "thumbnails/sprites.vtt": b"WEBVTT\n",
        }
        for name, content in files.items():
            self.api.await_(self.api.backends.video_objects.put(prefix + name, content))
        return video

    def job(self, video: Video | None = None) -> Job:
        """Record the job that makes a video's stream."""
        about = video or self.video(state=VideoState.UPLOADED)
        types = video_job_types(queue_names(self.api.settings))

        def work(tx: Any) -> Job:
            job = submit_transcode(tx, types, about, new_id(), f"video:{about.id}:{about.file_key}", etag="")
            tx.videos.save(replace(about, job_id=job.id))
            return job

        return self.api.backends.database.run_sync(work)


def _video(tenant_id: str, video_id: str, now: Any) -> Video:
    return Video(
        id=video_id,
        tenant_id=tenant_id,
        title="강의",
        state=VideoState.PENDING,
        file_key=source_key(tenant_id, video_id),
        file_name="lecture.mp4",
        size=10,
        content_type="video/mp4",
        upload_id="",
        job_id="",
        revision="",
        encrypted=False,
        duration=0.0,
        rungs=(),
        access_mode=AccessMode.FREE_REVIEW,
        failure=None,
        created_at=now,
        updated_at=now,
    )


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The running API."""
    folder: Path = tmp_path_factory.mktemp("api")
    settings = load_settings(Process.API, data_dir=folder, bind="127.0.0.1:0", drain_seconds=2)
    migrate_database(settings)
    migrate_django(settings)
    running = Api(settings)
    running.start()
    yield running
    running.stop()
