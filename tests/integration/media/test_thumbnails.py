"""Poster, sprites and their WebVTT map."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.media import ClipFactory, clip, run_ffmpeg
from tests.support.numbered import make_numbered, shown_numbers, stream_facts
from tests.support.streams import SMALL, make_streams

from academy.application.ports.media import ThumbnailFiles

__all__ = ["clip"]

pytestmark = pytest.mark.requirement("VID-3")

B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "25")
CUE = re.compile(
    r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n"
)


def shown(thumbnails: ThumbnailFiles, folder: Path) -> list[tuple[float, float, int]]:
    """Return (start, end, number in the picture) of every cue."""
    found = []
    for match in CUE.finditer(thumbnails.vtt.read_text()):
        start, end = (
            3600 * int(match[part]) + 60 * int(match[part + 1]) + float(match[part + 2]) for part in (1, 4)
        )
        picture = folder / "picture.mp4"
        x, y, width, height = (int(match[part]) for part in (8, 9, 10, 11))
        cut = f"crop={width}:{height}:{x}:{y},scale=320:180"
        run_ffmpeg(picture, ["-i", str(thumbnails.vtt.parent / match[7]), "-vf", cut, "-c:v", "libx264"])
        found.append((start, end, shown_numbers(picture)[0]))
    return found


async def test_every_cue_shows_the_picture_of_its_time_whatever_the_chunks(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "source.mp4", range(200), "25", *B_FRAMES)
    settings = replace(SMALL, sprite_columns=3, sprite_rows=2)
    streams = await make_streams(source, tmp_path / "out", settings)
    assert streams.thumbnails is not None
    assert len(streams.plan.chunks) == 4
    assert [sprite.name for sprite in streams.thumbnails.sprites] == ["sprite-001.jpg", "sprite-002.jpg"]
    # An eight-second video gets a picture a second.
    assert shown(streams.thumbnails, tmp_path) == [(n, n + 1, 25 * n) for n in range(8)]


async def test_a_copied_video_gets_its_previews_from_key_frames(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "source.mp4", range(200), "25", *B_FRAMES, "-x264-params", "scenecut=0")
    streams = await make_streams(source, tmp_path / "out", replace(SMALL, copy=True, rungs=SMALL.rungs[:1]))
    assert streams.thumbnails is not None
    assert [rung.copy for rung in streams.plan.rungs] == [True]
    assert shown(streams.thumbnails, tmp_path) == [(n, n + 1, 25 * n) for n in range(8)]


@pytest.mark.parametrize(("gop", "number"), [("15", 15), ("25", 0), ("200", 0)])
async def test_the_poster_shows_the_planned_moment_or_a_key_frame_shortly_before(
    tmp_path: Path, gop: str, number: int
) -> None:
    source = make_numbered(tmp_path / "source.mp4", range(200), "25", *B_FRAMES, "-g", gop)
    streams = await make_streams(source, tmp_path / "out")
    assert streams.plan.thumbnails is not None
    assert streams.plan.thumbnails.poster_time == pytest.approx(0.8)
    assert streams.thumbnails is not None
    assert shown_numbers(streams.thumbnails.poster) == [number]
    assert stream_facts(streams.thumbnails.poster)["width"] == 320


async def test_without_a_key_frame_near_the_poster_shows_the_moment_itself(tmp_path: Path) -> None:
    source = make_numbered(
        tmp_path / "source.mp4", range(1000), "25", *B_FRAMES, "-g", "1000", "-sc_threshold", "0"
    )
    streams = await make_streams(source, tmp_path / "out", replace(SMALL, chunk_seconds=60.0))
    assert streams.thumbnails is not None
    assert shown_numbers(streams.thumbnails.poster) == [100]


@pytest.mark.parametrize(
    "kind", ["hdr_pq", "rotated_90", "anamorphic", "late_video", "short_video", "slides"]
)
async def test_thumbnails_of_unusual_sources_have_the_planned_shape(
    clip: ClipFactory, tmp_path: Path, kind: str
) -> None:
    streams = await make_streams(clip(kind), tmp_path)
    assert streams.thumbnails is not None
    assert streams.plan.thumbnails is not None
    poster = stream_facts(streams.thumbnails.poster)
    assert (poster["width"], poster["height"]) == (streams.plan.rungs[0].width, streams.plan.rungs[0].height)
    cues = CUE.findall(streams.thumbnails.vtt.read_text())
    sheet = stream_facts(streams.thumbnails.sprites[0])
    width, height = streams.plan.thumbnails.width, streams.plan.thumbnails.height
    assert {(int(cue[9]), int(cue[10])) for cue in cues} == {(width, height)}
    assert all(int(cue[7]) + width <= sheet["width"] for cue in cues)
    assert all(int(cue[8]) + height <= sheet["height"] for cue in cues)
    assert not list(streams.thumbnails.vtt.parent.glob("*.mjpeg"))


async def test_a_percent_sign_in_a_folder_is_no_pattern(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("plain"), tmp_path / "100%d lesson")
    assert streams.thumbnails is not None
    assert all(sprite.is_file() for sprite in streams.thumbnails.sprites)
