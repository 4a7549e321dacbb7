"""The encoder on real sources: one frame grid whatever the chunks, one timeline, upright and plain pictures."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import m3u8
import pytest
from tests.support.media import AAC, ClipFactory, clip, picture, run_ffmpeg, tone
from tests.support.numbered import flashes, make_numbered, shown_numbers, sound_starts, stream_facts
from tests.support.streams import SMALL, make_streams

from academy.domain.video.source import FieldOrder

__all__ = ["clip"]

pytestmark = pytest.mark.requirement("VID-2")

ONE_CHUNK = replace(SMALL, chunk_seconds=60.0)
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3")
OPEN_GOP = (*B_FRAMES, "-g", "60", "-x264-params", "open-gop=1:scenecut=0")
IRREGULAR = "select='lt(mod(n,7),5)*not(between(n,70,120))'"


@pytest.mark.requirement("VID-6")
@pytest.mark.parametrize(
    ("name", "rate", "options"),
    [
        ("open_gop.mp4", "25", OPEN_GOP),
        ("film.mkv", "24000/1001", (*B_FRAMES, "-g", "250")),
        ("broadcast.ts", "25", (*B_FRAMES, "-g", "50", "-muxdelay", "0", "-output_ts_offset", "10")),
        (
            "irregular.mp4",
            "25",
            (*B_FRAMES, "-vf", IRREGULAR, "-fps_mode", "passthrough", "-enc_time_base", "demux"),
        ),
    ],
)
async def test_chunks_join_without_a_lost_doubled_or_shifted_frame(
    tmp_path: Path, name: str, rate: str, options: tuple[str, ...]
) -> None:
    source = make_numbered(tmp_path / name, range(200), rate, *options)
    whole = await make_streams(source, tmp_path / "whole", ONE_CHUNK)
    parts = await make_streams(source, tmp_path / "parts")
    assert (len(whole.plan.chunks), len(parts.plan.chunks)) == (1, 4)
    for rung in ("180p", "90p"):
        numbers = shown_numbers(parts.playlist(rung))
        assert numbers == shown_numbers(whole.playlist(rung))
        times = [time for time, _ in flashes(parts.playlist(rung))]
        frame = float(1 / parts.plan.frame_rate)
        assert times == pytest.approx([index * frame for index in range(len(numbers))], abs=0.001)
    if name != "irregular.mp4":
        assert numbers == list(range(200))
    else:
        assert numbers == sorted(numbers)
        assert (numbers[0], numbers[-1]) == (0, 199)


async def test_every_segment_of_every_rung_can_be_played_first(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "source.mp4", range(150), "25", *OPEN_GOP)
    streams = await make_streams(source, tmp_path / "out")
    for rung in streams.plan.rungs:
        folder = streams.folder / rung.name
        shown: list[int] = []
        for segment in m3u8.load(str(folder / "index.m3u8")).segments:
            alone = tmp_path / "alone.mp4"
            alone.write_bytes((folder / "init.mp4").read_bytes() + (folder / segment.uri).read_bytes())
            numbers = shown_numbers(alone)
            assert len(numbers) == round(segment.duration * 25)
            shown += numbers
        assert shown == list(range(150))


async def test_rungs_are_square_pixel_8_bit_bt709_with_even_sides(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("anamorphic"), tmp_path)
    for rung in streams.plan.rungs:
        facts = stream_facts(streams.playlist(rung.name))
        assert (facts["width"], facts["height"]) == (rung.width, rung.height)
        assert facts["sample_aspect_ratio"] == "1:1"
        assert facts["pix_fmt"] == "yuv420p"
        assert (facts["color_space"], facts["color_range"]) == ("bt709", "tv")
    assert (streams.plan.rungs[0].width, streams.plan.rungs[0].height) == (320, 180)


@pytest.mark.parametrize(
    "kind", ["yuv444", "odd_size", "webm", "avi", "truncated", "no_audio", "rate_120", "slides"]
)
async def test_unusual_sources_come_out_whole(clip: ClipFactory, tmp_path: Path, kind: str) -> None:
    streams = await make_streams(clip(kind), tmp_path)
    frames = sum(chunk.frames for chunk in streams.plan.chunks)
    for rung in streams.plan.rungs:
        assert len(flashes(streams.playlist(rung.name))) == frames
        assert stream_facts(streams.playlist(rung.name))["pix_fmt"] == "yuv420p"


async def test_a_turned_phone_video_stands_upright(tmp_path: Path) -> None:
    flat = make_numbered(tmp_path / "flat.mp4", range(50), "25", *B_FRAMES)
    turned = tmp_path / "turned.mp4"
    run_ffmpeg(turned, ["-i", str(flat), "-vf", "hflip,vflip", *B_FRAMES])
    marked = tmp_path / "marked.mp4"
    run_ffmpeg(marked, ["-display_rotation", "180", "-i", str(turned), "-c", "copy"])
    streams = await make_streams(marked, tmp_path / "out")
    assert shown_numbers(streams.playlist("180p"), "-noautorotate") == list(range(50))
    assert "rotation" not in stream_facts(streams.playlist("180p"))


async def test_a_portrait_video_keeps_its_shape(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("rotated_90"), tmp_path)
    facts = stream_facts(streams.playlist("180p"))
    assert (facts["width"], facts["height"]) == (180, 320)


@pytest.mark.parametrize(("mode", "first"), [("interleave_top", "tff"), ("interleave_bottom", "bff")])
async def test_of_two_fields_the_first_one_is_shown(tmp_path: Path, mode: str, first: str) -> None:
    """Every stored frame holds the lines of two numbers."""
    fields = ("-vf", f"tinterlace={mode},setfield={first}", "-r", "25", "-flags", "+ilme+ildct")
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-x264-params", f"{first}=1")
    source = make_numbered(tmp_path / "fields.mp4", range(100), "50", *fields, *coding)
    streams = await make_streams(source, tmp_path / "out")
    assert streams.info.video is not None
    assert streams.info.video.field_order is not FieldOrder.PROGRESSIVE
    assert shown_numbers(streams.playlist("180p")) == list(range(0, 100, 2))


@pytest.mark.parametrize("kind", ["hdr_pq", "hdr_hlg"])
async def test_high_dynamic_range_is_brought_to_standard_range(
    clip: ClipFactory, tmp_path: Path, kind: str
) -> None:
    streams = await make_streams(clip(kind), tmp_path)
    facts = stream_facts(streams.playlist("180p"))
    assert (facts["pix_fmt"], facts["color_transfer"], facts["color_primaries"]) == (
        "yuv420p",
        "bt709",
        "bt709",
    )
    plain = [light for _, light in flashes(clip("plain"))]
    shown = [light for _, light in flashes(streams.playlist("180p"))]
    # Neither the grey veil of untouched PQ code values nor crushed to black.
    assert sum(shown) / len(shown) == pytest.approx(sum(plain) / len(plain), abs=25)


async def test_a_late_picture_is_held_from_the_start(tmp_path: Path) -> None:
    silent = make_numbered(tmp_path / "numbers.mp4", range(50), "25", *B_FRAMES, "-g", "25")
    source = tmp_path / "late.ts"
    mux = ["-c:v", "copy", *AAC, "-muxdelay", "0", "-output_ts_offset", "10"]
    run_ffmpeg(source, ["-itsoffset", "0.6", "-i", str(silent), *tone(seconds=2.6), *mux])
    streams = await make_streams(source, tmp_path / "out")
    numbers = shown_numbers(streams.playlist("180p"))
    assert numbers[:50] == [0] * (len(numbers) - 50) + list(range(50 - len(numbers) + 50))
    assert len(numbers) - 50 in {15, 16}  # the sound starts a priming frame before time 0


async def test_a_short_picture_is_held_to_the_end_of_the_sound(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("short_video"), tmp_path, replace(SMALL, segment_seconds=1.0))
    assert [chunk.start for chunk in streams.plan.chunks] == [0.0, 2.0]  # the picture ends after 1 s
    assert len(flashes(streams.playlist("90p"))) == 75


@pytest.mark.parametrize(
    ("suffix", "sound_late"), [(".mp4", "0"), (".mkv", "0.5"), (".ts", "0"), (".ts", "0.5")]
)
async def test_picture_and_sound_stay_together(tmp_path: Path, suffix: str, sound_late: str) -> None:
    """A white picture and a tone both start at 1.2 s; the sound track itself may start late."""
    source = tmp_path / f"source{suffix}"
    light = "color=black:s=320x180:r=25:d=1.2[a];color=white:s=320x180:r=25:d=1.6[b];[a][b]concat"
    onset = 1.2 - float(sound_late)
    sound = f"aevalsrc='if(gte(t,{onset}),0.5*sin(880*2*PI*t),0)':s=48000:d={2.8 - float(sound_late)}"
    inputs = ["-f", "lavfi", "-i", light, "-itsoffset", sound_late, "-f", "lavfi", "-i", sound]
    run_ffmpeg(source, [*inputs, *B_FRAMES, "-pix_fmt", "yuv420p", "-g", "20", *AAC])
    streams = await make_streams(source, tmp_path / "out")
    white = next(time for time, light in flashes(streams.playlist("180p")) if light > 128)
    loud = sound_starts(streams.playlist("audio"))
    assert white - loud == pytest.approx(0, abs=0.03)
    assert white == pytest.approx(1.2, abs=0.06)


async def test_key_frames_stand_where_the_plan_says(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "cuts.mp4", [0, 1023] * 75, "25", *B_FRAMES)
    streams = await make_streams(source, tmp_path / "out")
    for rendition in streams.renditions:
        fragments = [fragment for segment in rendition.segments for fragment in segment.fragments]
        assert [fragment.duration for fragment in fragments] == [1.0] * 6


@pytest.mark.requirement("VID-6")
async def test_progress_rises_to_the_end_in_every_chunk(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    run_ffmpeg(source, [*picture(seconds=2), *B_FRAMES, "-pix_fmt", "yuv420p"])
    streams = await make_streams(source, tmp_path / "out", ONE_CHUNK)
    assert streams.reports[-1] == 1.0
    assert all(before <= after for before, after in pairwise(streams.reports))


async def test_a_damaged_stretch_costs_pictures_but_no_time(tmp_path: Path) -> None:
    source = make_numbered(tmp_path / "source.mp4", range(100), "25", *B_FRAMES, "-g", "25")
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 100] = bytes(100)
    source.write_bytes(data)
    streams = await make_streams(source, tmp_path / "out")
    numbers = shown_numbers(streams.playlist("180p"))
    assert len(numbers) == 100
    assert (numbers[:20], numbers[-20:]) == (list(range(20)), list(range(80, 100)))
