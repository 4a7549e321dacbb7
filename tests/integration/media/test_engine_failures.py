"""What goes wrong while encoding, told as a person should hear it; and nothing is left running."""

import asyncio
import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.media import ClipFactory, clip, make_video, tools
from tests.support.streams import SMALL, new_engine, no_report

from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildFailed
from academy.domain.failures import Failure
from academy.domain.video.failures import VideoFailure
from academy.domain.video.ladder import plan_stream
from academy.infrastructure.ffmpeg.engine import FfmpegMediaEngine
from academy.infrastructure.ffmpeg.running import media_error, write_error
from academy.infrastructure.process.local import LocalChildProcesses

__all__ = ["clip"]


async def failure(
    engine: FfmpegMediaEngine, source: Path, folder: Path, *, before: Path | None = None
) -> Failure:
    """Encode the first chunk of `source` (probed under the name `before`) and return how that failed."""
    info = await new_engine().probe(before or source)
    plan = plan_stream(info, SMALL)
    with pytest.raises(MediaError) as raised:
        await engine.encode_chunk(source, info, plan, plan.chunks[0], folder, no_report)
    return raised.value.failure


def pretender(folder: Path, script: str) -> FfmpegMediaEngine:
    """Return an engine whose ffmpeg is a shell script."""
    program = folder / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return FfmpegMediaEngine(LocalChildProcesses(), replace(tools(), ffmpeg=program))


def users_of(folder: Path) -> list[int]:
    """Return the processes that have `folder` in their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue  # ended meanwhile
        if os.fsencode(folder) in words:
            found.append(int(entry.parent.name))
    return found


@pytest.mark.requirement("JOB-5")
async def test_a_full_disk_is_worth_a_retry(clip: ClipFactory, tmp_path: Path) -> None:
    (tmp_path / "180p.mp4").symlink_to("/dev/full")
    found = await failure(new_engine(), clip("plain"), tmp_path)
    assert (found.code, found.retryable, found.stage) == (VideoFailure.DISK_FULL, True, "transcode")
    assert "No space left on device" in found.detail


@pytest.mark.requirement("JOB-5")
async def test_a_vanished_source_is_fetched_again(clip: ClipFactory, tmp_path: Path) -> None:
    found = await failure(new_engine(), tmp_path / "gone.mp4", tmp_path, before=clip("plain"))
    assert (found.code, found.retryable) == (VideoFailure.SOURCE_VANISHED, True)


@pytest.mark.requirement("VID-4")
async def test_a_source_that_turned_into_a_playlist_opens_no_other_file(
    clip: ClipFactory, tmp_path: Path
) -> None:
    lure = tmp_path / "lure.mp4"
    lure.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{clip('plain')}\n#EXT-X-ENDLIST\n")
    found = await failure(new_engine(), lure, tmp_path, before=clip("plain"))
    assert found.code == VideoFailure.DAMAGED_FILE
    assert not found.retryable


@pytest.mark.requirement("JOB-11")
async def test_a_crash_of_the_encoder_costs_one_attempt(clip: ClipFactory, tmp_path: Path) -> None:
    found = await failure(pretender(tmp_path, "kill -SEGV $$"), clip("plain"), tmp_path)
    assert (found.code, found.retryable) == (VideoFailure.ENCODE_CRASHED, True)


@pytest.mark.requirement("JOB-4")
async def test_an_encoder_that_reports_without_headway_is_stopped(clip: ClipFactory, tmp_path: Path) -> None:
    script = "while :; do echo frame=7; echo progress=continue; done"
    found = await failure(pretender(tmp_path, script), clip("plain"), tmp_path)
    assert (found.code, found.retryable) == (VideoFailure.ENCODE_STALLED, True)
    assert users_of(tmp_path) == []


@pytest.mark.requirement("JOB-5")
async def test_an_encoder_that_makes_nothing_is_not_believed(clip: ClipFactory, tmp_path: Path) -> None:
    found = await failure(pretender(tmp_path, "exit 0"), clip("plain"), tmp_path)
    assert (found.code, found.retryable) == (VideoFailure.OUTPUT_INVALID, True)


@pytest.mark.requirement("JOB-8")
async def test_a_cancelled_encoding_leaves_no_process(tmp_path: Path) -> None:
    source = make_video(tmp_path, "long", size="1280x720", seconds=8)
    engine = new_engine()
    info = await engine.probe(source)
    plan = plan_stream(info, replace(SMALL, chunk_seconds=60.0))
    running = asyncio.Event()
    folder = tmp_path / "work"
    work = asyncio.ensure_future(
        engine.encode_chunk(source, info, plan, plan.chunks[0], folder, lambda _part: running.set())
    )
    await running.wait()
    assert users_of(folder) != []
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert users_of(folder) == []


@pytest.mark.requirement("JOB-5")
@pytest.mark.parametrize(
    ("reason", "words", "code"),
    [
        ("timeout", "", VideoFailure.ENCODE_TIMEOUT),
        ("stalled", "", VideoFailure.ENCODE_STALLED),
        ("signal", "", VideoFailure.ENCODE_CRASHED),
        ("memory", "", VideoFailure.TOO_MUCH_MEMORY),
        ("not_found", "", VideoFailure.TOOL_MISSING),
        ("exit", "av_interleaved_write_frame(): No space left on device", VideoFailure.DISK_FULL),
        ("exit", "Disk quota exceeded", VideoFailure.DISK_FULL),
        (
            "exit",
            "x264 [error]: malloc of size 12441600 failed: Cannot allocate memory",
            VideoFailure.TOO_MUCH_MEMORY,
        ),
        ("exit", "Error opening input: No such file or directory", VideoFailure.SOURCE_VANISHED),
        ("exit", "Error opening input: Invalid data found when processing input", VideoFailure.DAMAGED_FILE),
        ("exit", "Conversion failed!", VideoFailure.ENCODE_FAILED),
        ("output", "", VideoFailure.ENCODE_FAILED),
    ],
)
def test_every_end_of_a_child_has_its_code(reason: str, words: str, code: VideoFailure) -> None:
    found = media_error(ChildFailed(reason, 1, words), "transcode").failure
    assert (found.code, found.stage) == (code, "transcode")
    assert words in found.detail


@pytest.mark.requirement("JOB-5")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, VideoFailure.DISK_FULL),
        (errno.EDQUOT, VideoFailure.DISK_FULL),
        (errno.EIO, VideoFailure.PACKAGE_FAILED),
    ],
)
def test_a_failed_write_of_ours_has_its_code(number: int, code: VideoFailure) -> None:
    error = OSError(number, os.strerror(number))
    assert write_error(error, "package", VideoFailure.PACKAGE_FAILED).failure.code == code
