"""Good films that are unusual: each comes out whole, or is refused with the reason."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.media import AAC, GOP, X264, make_video, picture, run_ffmpeg, tone, tools
from tests.support.numbered import flashes, make_numbered, shown_numbers, stream_facts
from tests.support.streams import SMALL, Streams, make_streams, new_engine

from academy.application.ports.media import MediaError
from academy.domain.video.ladder import plan_stream
from academy.domain.video.source import FieldOrder
from academy.infrastructure.process.local import LocalChildProcesses

pytestmark = pytest.mark.requirement("VID-2")

TS_AT_ZERO = ("-muxdelay", "0", "-muxpreload", "0")


def joined(output: Path, parts: Sequence[Path]) -> Path:
    output.write_bytes(b"".join(part.read_bytes() for part in parts))
    return output


async def numbers_after_change(tmp_path: Path, second: str, *coding: str) -> Streams:
    """Make streams of 25 frames of 320x180 followed by 25 frames of another size."""
    code = (*X264, *GOP, *coding, *TS_AT_ZERO)
    first = make_numbered(tmp_path / "a.ts", range(25), "25", *code)
    after = make_numbered(
        tmp_path / "b.ts", range(25, 50), "25", "-vf", f"scale={second}", *code, "-output_ts_offset", "1"
    )
    settings = replace(SMALL, chunk_seconds=60.0, preview_interval=0.4)
    return await make_streams(joined(tmp_path / "change.ts", [first, after]), tmp_path / "out", settings)


def previews(streams: Streams) -> int:
    assert streams.thumbnails is not None
    return streams.thumbnails.vtt.read_text().count("-->")


@pytest.mark.parametrize("second", ["256x144", "640x360"])
async def test_a_picture_that_changes_its_size_midway_goes_on(tmp_path: Path, second: str) -> None:
    streams = await numbers_after_change(tmp_path, second)
    assert shown_numbers(streams.playlist("180p")) == list(range(50))
    assert previews(streams) == 5


async def test_a_woven_picture_that_changes_its_size_midway_goes_on(tmp_path: Path) -> None:
    streams = await numbers_after_change(
        tmp_path, "256x144", "-flags", "+ildct+ilme", "-x264-params", "tff=1"
    )
    assert streams.info.video is not None
    assert streams.info.video.field_order is not FieldOrder.PROGRESSIVE
    assert shown_numbers(streams.playlist("180p"))[::10] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
async def test_a_picture_may_start_a_minute_after_the_sound(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"late{suffix}"
    inputs = ["-itsoffset", "60", *picture(rate="5", seconds=1), *tone("mono", seconds=61)]
    run_ffmpeg(source, [*inputs, *X264, *GOP, *AAC])
    streams = await make_streams(source, tmp_path / "out", replace(SMALL, chunk_seconds=40.0))
    assert streams.info.video is not None
    assert streams.info.video.start == pytest.approx(60.0, abs=0.1)
    assert streams.info.duration == pytest.approx(61.0, abs=0.1)
    assert len(flashes(streams.playlist("90p"))) == pytest.approx(61 * 5, abs=1)


async def test_slides_of_thirty_seconds_each_come_out_whole(tmp_path: Path) -> None:
    """Chunks are shorter than the time between two preview pictures."""
    source = make_numbered(tmp_path / "slides.mp4", range(4), "1/30", *X264, "-g", "2")
    settings = replace(SMALL, segment_seconds=10.0, chunk_seconds=10.0, preview_interval=20.0)
    streams = await make_streams(source, tmp_path / "out", settings)
    assert streams.plan.frame_rate == 1
    assert shown_numbers(streams.playlist("180p"))[::10] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


async def test_a_chunk_without_a_preview_picture_is_fine(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "long.mp4", range(20), "1/2", *X264, "-g", "10")
    settings = replace(SMALL, segment_seconds=4.0, chunk_seconds=4.0, max_previews=4)
    streams = await make_streams(source, tmp_path / "out", settings)
    assert len(streams.plan.chunks) == 10
    assert previews(streams) == 4
    assert len(flashes(streams.playlist("90p"))) == 40


async def test_recordings_joined_with_their_own_clocks_are_refused_and_not_halved(tmp_path: Path) -> None:
    part = make_video(tmp_path, "part", suffix=".ts")
    with pytest.raises(MediaError) as raised:
        await new_engine().probe(joined(tmp_path / "joined.ts", [part, part]))
    found = raised.value.failure
    assert (found.code, found.retryable) == ("clock_restarts", False)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
async def test_av1_is_decoded(tmp_path: Path, suffix: str) -> None:
    coding = ("-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "25")
    source = make_numbered(tmp_path / f"source{suffix}", range(50), "25", *coding)
    streams = await make_streams(source, tmp_path / "out")
    assert streams.info.video is not None
    assert streams.info.video.codec == "av1"
    assert shown_numbers(streams.playlist("180p")) == list(range(50))
    assert stream_facts(streams.playlist("90p"))["codec_name"] == "h264"


async def test_a_codec_that_only_ffmpeg_knows_is_decoded(tmp_path: Path) -> None:
    """Screen recorders write PNG in QuickTime; ffprobe, of another build than ffmpeg, cannot read its picture format."""
    source = make_numbered(tmp_path / "screen.mov", range(25), "25", "-c:v", "png", "-pix_fmt", "rgb24")
    streams = await make_streams(source, tmp_path / "out")
    assert shown_numbers(streams.playlist("180p")) == list(range(25))


@pytest.mark.requirement("VID-6")
async def test_chunks_of_another_encoder_are_never_taken(tmp_path: Path) -> None:
    info = await new_engine().probe(make_video(tmp_path, "plain", audio=None))
    mine = await tools().build(LocalChildProcesses())
    other = tmp_path / "ffmpeg"
    other.write_text("#!/bin/sh\necho ffmpeg version n9.9\n")
    other.chmod(0o755)
    theirs = await replace(tools(), ffmpeg=other).build(LocalChildProcesses())
    assert info.build == mine != theirs
    assert plan_stream(info).recipe != plan_stream(replace(info, build=theirs)).recipe
