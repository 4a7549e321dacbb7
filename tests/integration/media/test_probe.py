"""The probe against real files: every kind of recording, every kind of mischief (VID-2, VID-4, SEC-2)."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.support.media import (
    HOSTILE,
    LURES,
    SECRET_NAME,
    ClipFactory,
    clip,
    make_clip,
    make_video,
    tools,
    write_lure,
)
from tests.support.watch import FileWatch, PortWatch, watch_file, watch_port

from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildFailed, ChildLimits
from academy.domain.video.source import FieldOrder, SourceInfo, Transfer, VideoTrack
from academy.infrastructure.ffmpeg.examine import Examiner
from academy.infrastructure.ffmpeg.gate import FORMATS
from academy.infrastructure.ffmpeg.probe import ProbeLimits, probe
from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.infrastructure.process import LocalChildProcesses

__all__ = ["clip"]

PROCESSES = LocalChildProcesses()


async def examine(source: Path, **limits: Any) -> SourceInfo:
    return await probe(source, tools=tools(), processes=PROCESSES, limits=ProbeLimits(**limits))


async def refusal(source: Path, **limits: Any) -> str:
    with pytest.raises(MediaError) as error:
        await examine(source, **limits)
    failure = error.value.failure
    assert failure.message.endswith(".")
    assert failure.message_ko.endswith(".")
    return failure.code


def facts(track: VideoTrack | None, names: dict[str, Any]) -> dict[str, Any]:
    assert track is not None
    return {name: getattr(track, name) for name in names}


# --- recordings as they come ------------------------------------------------------------------------------------------

PICTURES: dict[str, dict[str, Any]] = {
    "plain": {"codec": "h264", "display_width": 320, "display_height": 180, "keyframe_times": (0.0, 1.0),
              "closed_gop": True, "start": 0.0, "variable_rate": False, "frame_rate": Fraction(25)},
    "b_frames": {"closed_gop": True, "start": 0.0, "profile": "Main"},
    "open_gop": {"closed_gop": False, "frame_rate": Fraction(25)},
    "long_gop": {"keyframe_times": (0.0,)},
    "portrait": {"display_width": 180, "display_height": 320, "rotation": 0},
    "rotated_90": {"rotation": 90, "coded_width": 320, "display_width": 180, "display_height": 320},
    "rotated_180": {"rotation": 180, "display_width": 320, "display_height": 180},
    "rotated_270": {"rotation": 270, "display_width": 180, "display_height": 320},
    "anamorphic": {"coded_width": 240, "display_width": 320, "sample_aspect": Fraction(4, 3)},
    "odd_size": {"coded_width": 161, "coded_height": 91, "display_width": 160, "display_height": 90},
    "vfr": {"variable_rate": True, "frame_rate": Fraction(24000, 1001)},
    "slides": {"variable_rate": False, "frame_rate": Fraction(1)},
    "rate_120": {"variable_rate": False, "frame_rate": Fraction(60), "closed_gop": False},
    "rate_ntsc": {"variable_rate": False, "frame_rate": Fraction(30000, 1001)},
    "hdr_pq": {"transfer": Transfer.PQ, "pixel_format": "yuv420p10le", "codec": "hevc", "matrix": "bt2020nc"},
    "hdr_hlg": {"transfer": Transfer.HLG, "pixel_format": "yuv420p10le"},
    "yuv444": {"pixel_format": "yuv444p", "profile": "High 4:4:4 Predictive"},
    "interlaced_tff": {"field_order": FieldOrder.TOP_FIRST},
    "interlaced_bff": {"field_order": FieldOrder.BOTTOM_FIRST},
    "late_video": {"start": 0.48, "keyframe_times": (0.48, 1.48)},
    "many_tracks": {"index": 1, "coded_width": 320},
    "matroska": {"codec": "h264", "frame_rate": Fraction(25), "closed_gop": True},
    "webm": {"codec": "vp8", "frame_rate": Fraction(25)},
    "avi": {"codec": "mpeg4", "frame_rate": Fraction(25)},
    "transport_stream": {"codec": "h264", "variable_rate": False, "closed_gop": True},
    "quicktime": {"codec": "h264", "closed_gop": True},
    "fragmented": {"codec": "h264", "variable_rate": False, "closed_gop": True},
    "wrong_extension": {"codec": "h264", "display_width": 320},
    "mkv_named_mp4": {"codec": "h264", "display_width": 320},
}  # fmt: skip


@pytest.mark.requirement("VID-2")
@pytest.mark.parametrize("kind", PICTURES)
async def test_a_picture_is_described_as_it_is(clip: ClipFactory, kind: str) -> None:
    info = await examine(clip(kind))
    assert facts(info.video, PICTURES[kind]) == PICTURES[kind]
    assert "truncated" not in info.warnings


@pytest.mark.requirement("VID-2")
@pytest.mark.parametrize(
    ("kind", "container"),
    [
        ("mkv_named_mp4", "matroska"),
        ("wrong_extension", "mov"),
        ("transport_stream", "mpegts"),
        ("audio_mp3", "mp3"),
    ],
)
async def test_the_content_decides_and_not_the_name(clip: ClipFactory, kind: str, container: str) -> None:
    info = await examine(clip(kind))
    assert info.container.partition(",")[0] == container


SOUNDS: dict[str, tuple[str, int, bool]] = {
    "plain": ("aac", 2, False),
    "mono_audio": ("aac", 1, False),
    "surround_audio": ("aac", 6, False),
    "silent_audio": ("aac", 2, True),
    "audio_only": ("aac", 2, False),
    "audio_mp3": ("mp3", 2, False),
    "audio_wav": ("pcm_s16le", 2, False),
    "audio_flac": ("flac", 2, False),
    "audio_adts": ("aac", 2, False),
    "audio_ogg": ("opus", 2, False),
    "webm": ("opus", 2, False),
}


@pytest.mark.requirement("VID-2")
@pytest.mark.parametrize("kind", SOUNDS)
async def test_a_sound_track_is_described_as_it_is(clip: ClipFactory, kind: str) -> None:
    info = await examine(clip(kind))
    assert info.audio is not None
    assert (info.audio.codec, info.audio.channels, info.audio.silent) == SOUNDS[kind]
    assert info.audio.sample_rate == 48_000
    assert info.audio.start == 0
    assert info.duration == pytest.approx(2.0, abs=0.03)
    assert (info.video is None) == kind.startswith("audio_")


@pytest.mark.requirement("VID-2")
async def test_a_recording_without_sound_has_none(clip: ClipFactory) -> None:
    info = await examine(clip("no_audio"))
    assert info.audio is None
    assert info.video is not None


@pytest.mark.requirement("VID-2")
async def test_late_sound_keeps_its_place(clip: ClipFactory) -> None:
    info = await examine(clip("late_audio"))
    assert info.audio is not None
    assert info.audio.start == pytest.approx(0.5, abs=0.03)
    assert info.duration == pytest.approx(2.0, abs=0.01)


@pytest.mark.requirement("VID-2")
async def test_the_longest_track_gives_the_duration(clip: ClipFactory) -> None:
    info = await examine(clip("short_video"))
    assert info.video is not None
    assert info.video.duration == pytest.approx(1.0, abs=0.01)
    assert info.duration == pytest.approx(3.0, abs=0.03)


@pytest.mark.requirement("VID-2")
@pytest.mark.parametrize(
    ("kind", "has_video"), [("cover_mp4", True), ("cover_m4a", False), ("cover_mp3", False)]
)
async def test_cover_art_is_no_moving_picture(clip: ClipFactory, kind: str, has_video: bool) -> None:
    info = await examine(clip(kind))
    assert (info.video is not None) == has_video
    assert info.warnings == ("cover_art_ignored",)


@pytest.mark.requirement("VID-2")
async def test_of_several_tracks_the_default_ones_are_taken(clip: ClipFactory) -> None:
    info = await examine(clip("many_tracks"))
    assert info.audio is not None
    assert info.audio.index == 3
    assert info.warnings == ("extra_video_ignored", "extra_audio_ignored")


@pytest.mark.requirement("VID-6")
async def test_the_fingerprint_is_that_of_the_bytes(clip: ClipFactory) -> None:
    source = clip("plain")
    data = source.read_bytes()
    info = await examine(source)
    assert (info.fingerprint, info.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize(
    "name", ["-i http:", "%d.mp4", "a:b|c,d.mp4", "concat:x.mp4", "수업 1강.mp4", "a\nb.mp4"]
)
async def test_the_name_of_the_file_means_nothing_to_the_tools(
    clip: ClipFactory, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    shutil.copyfile(clip("plain"), source)
    info = await examine(source)
    assert info.video is not None


# --- damaged and false ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("VID-4")
async def test_a_cut_recording_gives_what_is_left(clip: ClipFactory) -> None:
    info = await examine(clip("truncated"))
    assert "truncated" in info.warnings
    assert 0.8 < info.duration < 1.4
    assert info.video is not None
    assert not info.video.closed_gop


@pytest.mark.requirement("VID-4")
async def test_a_header_that_claims_a_hundred_hours_is_not_believed(clip: ClipFactory) -> None:
    info = await examine(clip("claims_100_hours"))
    assert info.duration == pytest.approx(2.0, abs=0.05)


@pytest.mark.requirement("VID-4")
@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_bad_file_gets_a_clear_code(clip: ClipFactory, kind: str) -> None:
    assert await refusal(clip(kind)) == HOSTILE[kind]


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    ("kind", "limits", "code"),
    [
        ("plain", {"max_duration": 1.0}, "duration_too_long"),
        ("plain", {"min_duration": 3.0}, "duration_too_short"),
        ("plain", {"max_streams": 1}, "too_many_streams"),
        ("plain", {"max_dimension": 300}, "too_large_dimensions"),
        ("plain", {"max_pixels": 1000}, "too_large_dimensions"),
        ("tiny", {"min_dimension": 40}, "too_small_dimensions"),
        ("rate_120", {"max_frame_rate": 100}, "frame_rate_too_high"),
        ("many_tracks", {"max_pixels": 320 * 180 - 1}, "too_large_dimensions"),
    ],
)
async def test_every_limit_is_kept(clip: ClipFactory, kind: str, limits: dict[str, Any], code: str) -> None:
    assert await refusal(clip(kind), **limits) == code


@pytest.mark.requirement("VID-4")
async def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert await refusal(tmp_path / "pipe.mp4") == "not_a_video"
    assert await refusal(tmp_path / "gone.mp4") == "source_vanished"


# --- nothing else is read, nobody is called ---------------------------------------------------------------------------


@pytest.fixture
def secret(clip: ClipFactory, tmp_path: Path) -> Iterator[FileWatch]:
    shutil.copyfile(clip("plain"), tmp_path / SECRET_NAME)
    with watch_file(tmp_path / SECRET_NAME) as watch:
        yield watch


@pytest.fixture
def port() -> Iterator[PortWatch]:
    with watch_port() as watch:
        yield watch


@pytest.mark.requirement("VID-4")
@pytest.mark.parametrize("kind", LURES)
async def test_a_list_in_disguise_reaches_nothing(
    tmp_path: Path, secret: FileWatch, port: PortWatch, kind: str
) -> None:
    lure = write_lure(kind, tmp_path / "lecture.mp4", tmp_path / SECRET_NAME, port.url)
    assert await refusal(lure) == "playlist_refused"
    assert (secret.touched(), port.touched()) == (0, 0)


@pytest.mark.requirement("VID-4")
@pytest.mark.parametrize("kind", LURES)
async def test_even_past_the_gate_a_list_reaches_nothing(
    tmp_path: Path, secret: FileWatch, port: PortWatch, kind: str
) -> None:
    lure = write_lure(kind, tmp_path / "lecture.mp4", tmp_path / SECRET_NAME, port.url)
    for demuxer in FORMATS:
        examiner = Examiner(tools(), PROCESSES, lure, demuxer, wall_seconds=20, memory_bytes=1 << 30)
        try:
            header = await examiner.header()
        except MediaError:
            continue
        assert not [stream for stream in header.streams if stream.pixel_format]
    assert (secret.touched(), port.touched()) == (0, 0)


@pytest.mark.requirement("VID-4")
async def test_the_traps_would_have_noticed(tmp_path: Path, secret: FileWatch, port: PortWatch) -> None:
    lure = write_lure("ffconcat", tmp_path / "lecture.mp4", tmp_path / SECRET_NAME, port.url)
    careless = [str(tools().ffprobe), "-v", "error", "-safe", "0", "-f", "concat", "-show_packets", str(lure)]
    with pytest.raises(ChildFailed, match="output"):
        await PROCESSES.run(careless, limits=ChildLimits(20), max_output=1000)
    playlist = write_lure("hls_playlist", tmp_path / "other.m3u8", tmp_path / "none", port.url)
    with pytest.raises(ChildFailed):
        await PROCESSES.run([str(tools().ffprobe), "-v", "error", str(playlist)], limits=ChildLimits(20))
    assert secret.touched() > 0


@pytest.mark.requirement("VID-4")
async def test_a_movie_whose_samples_lie_elsewhere_does_not_open_them(tmp_path: Path) -> None:
    shutil.copyfile(make_clip("index_last", tmp_path), tmp_path / SECRET_NAME)
    lure = make_clip("external_reference", tmp_path)
    careless = [str(tools().ffprobe), "-v", "error", "-enable_drefs", "1", "-i", str(lure)]
    with watch_file(tmp_path / SECRET_NAME) as secret:
        await PROCESSES.run(careless, limits=ChildLimits(20))
        assert secret.touched() > 0
        assert await refusal(lure) == "no_decodable_stream"
        assert secret.touched() == 0


# --- the tools themselves fail ----------------------------------------------------------------------------------------


def broken_tools(folder: Path, script: str) -> MediaTools:
    program = folder / "ffprobe"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return replace(tools(), ffprobe=program)


@pytest.mark.requirement("JOB-11")
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("kill -SEGV $$", "probe_crashed"),
        ("kill -KILL $$", "too_much_memory"),
        ("echo 'Cannot allocate memory' >&2; exit 244", "too_much_memory"),
        ("sleep 600", "probe_timeout"),
        ("exit 1", "damaged_file"),
        ("echo nonsense", "damaged_file"),
        ("yes", "probe_crashed"),
        ("exec /nonexistent/ffprobe", "tool_missing"),
    ],
)
async def test_a_tool_that_fails_is_a_failure_a_person_can_read(
    clip: ClipFactory, tmp_path: Path, script: str, code: str
) -> None:
    with pytest.raises(MediaError) as error:
        await probe(
            clip("plain"),
            tools=broken_tools(tmp_path, script),
            processes=PROCESSES,
            limits=ProbeLimits(wall_seconds=1.0),
        )
    assert error.value.failure.code == code
    assert error.value.failure.stage == "probe"


async def test_a_missing_tool_is_said_so(clip: ClipFactory) -> None:
    missing = replace(tools(), ffprobe=Path("/nonexistent/ffprobe"))
    with pytest.raises(MediaError) as error:
        await probe(clip("plain"), tools=missing, processes=PROCESSES)
    assert error.value.failure.code == "tool_missing"


@pytest.mark.requirement("JOB-8")
async def test_a_cancelled_probe_leaves_nothing_running(clip: ClipFactory, tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    slow = broken_tools(tmp_path, f"echo $$ > {started}; exec sleep 600")
    running = asyncio.ensure_future(probe(clip("plain"), tools=slow, processes=PROCESSES))
    pid = int(await asyncio.to_thread(started.read_text))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.requirement("OPS-5")
async def test_the_tools_report_themselves(tmp_path: Path) -> None:
    report = await tools().check(PROCESSES)
    assert set(report.versions) == {"ffmpeg", "ffprobe"}
    assert report.tone_mapping
    with pytest.raises(MediaError, match="tool_missing") as error:
        MediaTools.find(ffmpeg=str(tmp_path / "ffmpeg"))
    assert str(tmp_path / "ffmpeg") in error.value.failure.detail
    poor = broken_tools(tmp_path, "echo 'ffmpeg version n0.1'")
    with pytest.raises(MediaError, match="tool_missing") as error:
        await replace(poor, ffmpeg=poor.ffprobe).check(PROCESSES)
    assert "libx264" in error.value.failure.detail


@pytest.mark.requirement("VID-2")
async def test_an_hour_of_packets_is_examined_in_one_pass(tmp_path: Path) -> None:
    short = make_video(tmp_path, "short", size="64x36", rate="10", gop=10)
    long = tmp_path / "long.mp4"
    loop = [
        str(tools().ffmpeg),
        "-v",
        "error",
        "-stream_loop",
        "900",
        "-i",
        str(short),
        "-c",
        "copy",
        str(long),
    ]
    await PROCESSES.run(loop, limits=ChildLimits(60))
    info = await examine(long)
    assert info.duration == pytest.approx(1802, rel=0.02)
    assert info.video is not None
    assert len(info.video.keyframe_times) == 1802
