"""Kill the video worker in each step of a job, at a random moment of it, and see that nothing is lost or left over.

`python -m tests.chaos.video_kills --runs 20` prints a table and one JSON line; the seed is printed and replays the moments.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.media import make_video
from tests.support.system import RoleProcess

from academy.application.ports.job_queue import QueueSettings
from academy.application.video.catalogue import BeginUpload, VideoCatalogue
from academy.application.video.job_types import video_job_types
from academy.bootstrap.backends import Backends, open_backends, open_uploads
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.domain.job.states import JobState
from academy.domain.video.video import Video, VideoState
from academy.infrastructure.filesystem.uploads import FolderUploadGateway
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.schema import migrate

__all__ = ["STEPS", "Outcome", "kill_runs"]

STEPS = ("download", "probe", "transcode", "package", "thumbnails", "upload")
LEASE_SECONDS = 2
TENANT = "t1"
SECRET = "a content secret of at least 32 bytes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended; `complaint` is empty when everything was right."""

    step: str
    killed: bool
    complaint: str


class Killer:
    """Watches a worker's log and kills it `delay` seconds after it announced `step`."""

    def __init__(self, step: str, delay: float) -> None:
        self.step = step
        self.delay = delay
        self.killed = threading.Event()
        self.settled = threading.Event()

    def __call__(self, worker: RoleProcess, event: dict[str, Any]) -> None:
        if event["event"] == "job_settled":
            self.settled.set()
        if event["event"] == "job_step" and event["step"] == self.step and not self.killed.is_set():
            time.sleep(self.delay)
            worker.process.kill()
            self.killed.set()


def environment(folder: Path) -> dict[str, str]:
    return {
        "ACADEMY_DATA_DIR": str(folder),
        "ACADEMY_WORK_DIR": str(folder / "scratch"),
        "ACADEMY_LEASE_SECONDS": str(LEASE_SECONDS),
        "ACADEMY_VIDEO_CHUNK_SECONDS": "6",
        "ACADEMY_CONTENT_SECRET": SECRET,
        "ACADEMY_UPLOAD_SECRET": SECRET,
    }


async def step_seconds(folder: Path, clip: Path) -> dict[str, float]:
    """Run one job undisturbed and return how long each step took."""
    async with Case(folder) as case:
        worker = RoleProcess("video", environment(folder))
        try:
            await case.upload(clip)
            await asyncio.to_thread(worker.wait_for, "job_settled", job_type="video.transcode")
        finally:
            await asyncio.to_thread(worker.close)
    times = {e["step"]: e["timestamp"] for e in worker.events if e["event"] == "job_step"}
    end = next(e["timestamp"] for e in worker.events if e["event"] == "job_settled")
    marks = [_seconds(times[step]) for step in STEPS] + [_seconds(end)]
    return {step: max(0.001, later - now) for step, now, later in zip(STEPS, marks, marks[1:], strict=False)}


def _seconds(stamp: str) -> float:
    clock = stamp.rstrip("Z").partition("T")[2].split(":")
    return int(clock[0]) * 3600 + int(clock[1]) * 60 + float(clock[2])


class Case:
    """A fresh embedded system without its worker: database, queue, objects, relay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __aenter__(self) -> "Case":
        settings = Settings(data_dir=self.folder, upload_secret=SECRET, content_secret=SECRET)
        migrate(settings.database)
        self._open = open_backends(settings)
        self.backends: Backends = await self._open.__aenter__()
        self._uploads = open_uploads(settings, self.backends.clock, settings.bucket_video)
        gateway = await self._uploads.__aenter__()
        assert isinstance(gateway, FolderUploadGateway)
        self.gateway = gateway
        types = video_job_types(queue_names(settings))
        self.catalogue = VideoCatalogue(
            self.backends.database, self.backends.video_objects, gateway, types, new_id
        )
        await self.backends.queue.create([QueueSettings(settings.queue_video)])
        await self.backends.database.run(lambda tx: tx.tenants.add(TENANT, "demo", "Demo"))
        self._stop = asyncio.Event()
        self._relay = asyncio.create_task(outbox_relay(self.backends).run(self._stop))
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stop.set()
        await self._relay
        await self._uploads.__aexit__(None, None, None)
        await self._open.__aexit__(None, None, None)

    async def upload(self, clip: Path) -> Video:
        size = clip.stat().st_size  # noqa: ASYNC240 - a test may wait for its disk
        video, _ = await self.catalogue.begin_upload(
            TENANT, BeginUpload("lecture", clip.name, size, "video/mp4")
        )

        async def whole() -> AsyncIterator[bytes]:
            yield clip.read_bytes()  # noqa: ASYNC240 - a test may wait for its disk

        await self.gateway.accept_part(video.file_key, video.upload_id, 1, size, whole())
        video, _ = await self.catalogue.complete_upload(TENANT, video.id, [])
        return video

    async def settled(self, video_id: str, seconds: float = 90) -> Video:
        """Wait until the video and everything that follows it has come to an end."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            video, busy = await self.backends.database.read(lambda tx: self._look(tx, video_id))
            if video.state in {VideoState.READY, VideoState.FAILED} and not busy:
                return video
            await asyncio.sleep(0.1)
        raise AssertionError(f"the video is still {video.state} after {seconds} s")

    def _look(self, tx: Any, video_id: str) -> tuple[Video, bool]:
        counts = tx.jobs.count_by_state()
        active = {JobState.PENDING, JobState.RUNNING, JobState.RETRY_WAIT}
        return tx.videos.get(TENANT, video_id), any(n for (_, state), n in counts.items() if state in active)

    async def complaint(self, video: Video) -> str:
        """Say what is wrong with the end of a run, "" for nothing."""
        if video.state is not VideoState.READY:
            return f"the video is {video.state}: {video.failure}"
        counts = await self.backends.database.read(lambda tx: tx.jobs.count_by_state())
        if counts.get(("video.transcode", JobState.SUCCEEDED)) != 1:
            return f"jobs: {dict(counts)}"
        keys = [head.key async for head in self.backends.video_objects.list(f"tenants/{TENANT}/")]
        published = f"tenants/{TENANT}/video/hls/{video.id}/{video.revision}/"
        stray = [key for key in keys if not key.startswith(published) and key != video.file_key]
        if stray:
            return f"stray objects: {stray[:5]}"
        missing = await self._missing(published, set(keys))
        left = [str(p) for p in (self.folder / "scratch").rglob("*") if p.is_file()]
        return f"missing: {missing}" if missing else (f"scratch files: {left[:5]}" if left else "")

    async def _missing(self, prefix: str, keys: set[str]) -> list[str]:
        """Follow every address from the master playlist and return those that lead nowhere."""
        todo, seen, missing = ["master.m3u8"], set(), []
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if prefix + name not in keys:
                missing.append(name)
            elif name.endswith(".m3u8"):
                text = (await self.backends.video_objects.get(prefix + name)).decode()
                folder = name.rpartition("/")[0]
                todo += [f"{folder}/{uri}" if folder else uri for uri in _addresses(text)]
        return missing


def _addresses(text: str) -> list[str]:
    lines = text.splitlines()
    tags = [line for line in lines if 'URI="' in line and not line.startswith("#EXT-X-KEY")]
    named = [line.split('URI="')[1].split('"')[0] for line in tags]
    return [line for line in lines if line and not line.startswith("#")] + named


async def kill_once(folder: Path, clip: Path, step: str, delay: float) -> Outcome:
    """Kill the worker once in `step`, start another, and judge the end."""
    killer = Killer(step, delay)
    async with Case(folder) as case:
        first = RoleProcess("video", environment(folder), killer)
        video = await case.upload(clip)
        await asyncio.to_thread(_either, killer)
        second = RoleProcess("video", environment(folder))
        try:
            ended = await case.settled(video.id)
            complaint = await case.complaint(ended)
        except AssertionError as error:
            complaint = f"{error}; {second.events[-5:]}"
        finally:
            await asyncio.to_thread(first.close)
            await asyncio.to_thread(second.close)
        settled = [e for e in first.events + second.events if e["event"] == "job_settled"]
        ready = [e for e in settled if e["job_type"] == "video.transcode" and e["outcome"] == "SUCCEEDED"]
        if not complaint and len(ready) > 1:
            complaint = f"settled {len(ready)} times"
    return Outcome(step, killer.killed.is_set(), complaint)


def _either(killer: Killer) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and not killer.killed.wait(0.05):
        if killer.settled.is_set():
            return


async def kill_runs(folder: Path, steps: Sequence[str], runs: int, seed: int) -> list[Outcome]:
    """Kill `runs` times in each of `steps`."""
    chance = random.Random(seed)
    clip = make_video(folder, "lecture", size="320x180", seconds=13)
    (folder / "calibrate").mkdir()
    seconds = await step_seconds(folder / "calibrate", clip)
    outcomes = []
    for step in steps:
        for number in range(runs):
            case = folder / f"{step}-{number}"
            case.mkdir()
            outcomes.append(await kill_once(case, clip, step, chance.uniform(0, seconds[step])))
    return outcomes


def report(outcomes: Sequence[Outcome]) -> bool:
    killed, fine = (
        Counter(o.step for o in outcomes if o.killed),
        Counter(o.step for o in outcomes if not o.complaint),
    )
    for step in dict.fromkeys(o.step for o in outcomes):
        print(
            f"{step:12} runs {sum(o.step == step for o in outcomes):3} killed {killed[step]:3} right {fine[step]:3}"
        )
    for outcome in outcomes:
        if outcome.complaint:
            print(f"  {outcome.step}: {outcome.complaint}")
    print(
        json.dumps(
            {
                "chaos": "video_kills",
                "runs": len(outcomes),
                "killed": sum(killed.values()),
                "right": sum(fine.values()),
            }
        )
    )
    return sum(fine.values()) == len(outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="kills per step")
    parser.add_argument("--steps", nargs="+", default=list(STEPS), choices=STEPS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as folder:
        outcomes = asyncio.run(kill_runs(Path(folder), arguments.steps, arguments.runs, arguments.seed))
    sys.exit(0 if report(outcomes) else 1)


if __name__ == "__main__":
    main()
