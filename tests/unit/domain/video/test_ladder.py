"""What is made of which source (VID-2)."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.domain.video.ladder import LadderSettings, could_be_copied, plan_stream
from academy.domain.video.plan import StreamPlan
from academy.domain.video.source import AudioTrack, FieldOrder, SourceInfo, Transfer, VideoTrack

pytestmark = [pytest.mark.requirement("VID-2")]

AUDIO = AudioTrack(1, "aac", 2, 48_000, 0.0, 120.0)


def video(size: tuple[int, int] = (1920, 1080), **changes: Any) -> VideoTrack:
    """A recording that fits a copy in everything, 120 s long with a key frame every 2 s."""
    track = VideoTrack(
        index=0,
        codec="h264",
        profile="High",
        level=41,
        pixel_format="yuv420p",
        coded_width=size[0],
        coded_height=size[1],
        display_width=size[0],
        display_height=size[1],
        rotation=0,
        sample_aspect=Fraction(1),
        frame_rate=Fraction(25),
        variable_rate=False,
        start=0.0,
        duration=120.0,
        bitrate=3_000_000,
        transfer=Transfer.SDR,
        field_order=FieldOrder.PROGRESSIVE,
        keyframe_times=tuple(2.0 * n for n in range(60)),
        closed_gop=True,
    )
    return replace(track, **changes)


def source(track: VideoTrack | None, audio: AudioTrack | None = AUDIO, duration: float = 120.0) -> SourceInfo:
    return SourceInfo("mov", 1000, duration, track, audio, "f" * 64)


def plan(track: VideoTrack | None, **changes: Any) -> StreamPlan:
    return plan_stream(source(track), LadderSettings(**changes))


@pytest.mark.parametrize(
    ("size", "rungs"),
    [
        ((3840, 2160), ["1080p 1920x1080", "720p 1280x720", "480p 854x480", "360p 640x360"]),
        ((1920, 1080), ["1080p 1920x1080", "720p 1280x720", "480p 854x480", "360p 640x360"]),
        ((1600, 900), ["720p 1280x720", "480p 854x480", "360p 640x360"]),
        ((1080, 1920), ["1080p 1080x1920", "720p 720x1280", "480p 480x854", "360p 360x640"]),
        ((1440, 1080), ["1080p 1440x1080", "720p 960x720", "480p 640x480", "360p 480x360"]),
        ((640, 360), ["360p 640x360"]),
        ((640, 358), ["358p 640x358"]),
        ((320, 180), ["180p 320x180"]),
        ((180, 320), ["180p 180x320"]),
        ((720, 720), ["720p 720x720", "480p 480x480", "360p 360x360"]),
    ],
)
def test_the_short_side_gives_the_rungs_and_none_is_above_the_source(
    size: tuple[int, int], rungs: list[str]
) -> None:
    made = plan(video(size)).rungs
    assert [f"{rung.name} {rung.width}x{rung.height}" for rung in made] == rungs


@given(st.integers(16, 8192), st.integers(16, 8192))
@settings(max_examples=200)
def test_every_size_gives_even_rungs_of_the_same_aspect(width: int, height: int) -> None:
    width, height = width - width % 2, height - height % 2
    rungs = plan(video((width, height))).rungs
    assert rungs
    assert len({rung.name for rung in rungs}) == len(rungs)
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width
        assert rung.height <= height
        assert abs(rung.width * height - rung.height * width) <= max(width, height) * 1.01
        assert rung.buffer_size >= rung.max_bitrate > 0


def test_higher_rungs_may_use_more_bits_and_fast_motion_more_still() -> None:
    slow, fast = plan(video()), plan(video(frame_rate=Fraction(60)))
    assert all(upper.max_bitrate > lower.max_bitrate for upper, lower in pairwise(slow.rungs))
    assert all(
        quick.max_bitrate > calm.max_bitrate for quick, calm in zip(fast.rungs, slow.rungs, strict=True)
    )


def test_a_source_that_fits_is_copied_for_its_own_rung_only() -> None:
    assert [rung.copy for rung in plan(video()).rungs] == [True, False, False, False]


@pytest.mark.parametrize(
    "change",
    [
        {"codec": "hevc"},
        {"profile": "High 4:4:4 Predictive"},
        {"profile": "High 10"},
        {"pixel_format": "yuv420p10le"},
        {"level": 52},
        {"level": 0},
        {"field_order": FieldOrder.TOP_FIRST},
        {"sample_aspect": Fraction(4, 3)},
        {"rotation": 180},
        {"variable_rate": True},
        {"transfer": Transfer.HLG},
        {"closed_gop": False},
        {"keyframe_times": ()},
        {"keyframe_times": (0.0, 2.1, *(2.0 * n for n in range(2, 60)))},
        {"keyframe_times": tuple(2.0 * n for n in range(59))},
        {"keyframe_times": tuple(2.0 * n for n in range(1, 60))},
        {"coded_height": 1088},
        {"start": 0.5},
        {"bitrate": 50_000_000},
    ],
    ids=str,
)
def test_anything_that_does_not_fit_prevents_the_copy(change: dict[str, Any]) -> None:
    assert not any(rung.copy for rung in plan(video(**change)).rungs)


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "Constrained Baseline"},
        {"profile": "Main"},
        {"level": 51},
        {"keyframe_times": (0.0, 2.04, *(2.0 * n for n in range(2, 60)))},
        {"keyframe_times": tuple(0.8 * n for n in range(150))},
        {"start": 0.02, "keyframe_times": tuple(0.02 + 2.0 * n for n in range(60))},
    ],
    ids=str,
)
def test_what_players_take_is_copied(change: dict[str, Any]) -> None:
    assert plan(video(**change)).rungs[0].copy


@pytest.mark.parametrize(("seconds_of_sound", "copied"), [(120.0, True), (120.2, True), (121.0, False)])
def test_a_picture_that_ends_well_before_the_sound_is_not_copied(
    seconds_of_sound: float, copied: bool
) -> None:
    made = plan_stream(source(video(), duration=seconds_of_sound))
    assert made.rungs[0].copy is copied


def test_a_size_between_the_rungs_is_not_copied() -> None:
    assert not any(rung.copy for rung in plan(video((1600, 900))).rungs)


def test_copying_can_be_switched_off() -> None:
    assert not any(rung.copy for rung in plan(video(), copy=False).rungs)
    assert could_be_copied(video())


@pytest.mark.parametrize(
    ("rate", "gop", "segment"),
    [
        (Fraction(25), 50, 6.0),
        (Fraction(30), 60, 6.0),
        (Fraction(30000, 1001), 60, 6.006),
        (Fraction(24000, 1001), 48, 6.006),
        (Fraction(60), 120, 6.0),
        (Fraction(25, 2), 25, 6.0),
        (Fraction(1), 2, 6.0),
    ],
)
def test_groups_and_segments_are_whole_frames(rate: Fraction, gop: int, segment: float) -> None:
    made = plan(video(frame_rate=rate, codec="hevc"))
    assert (made.frame_rate, made.gop_frames) == (rate, gop)
    assert made.segment_gops * gop / rate == pytest.approx(segment)


@pytest.mark.parametrize(("every", "gop", "groups"), [(1.0, 50, 3), (0.8, 40, 4), (1.4, 35, 4), (2.0, 50, 3)])
def test_groups_fall_on_the_key_frames_of_a_copied_source(every: float, gop: int, groups: int) -> None:
    times = tuple(every * n for n in range(int(120 / every + 0.999)))
    made = plan(video(keyframe_times=times))
    assert made.rungs[0].copy
    assert (made.gop_frames, made.segment_gops) == (gop, groups)


def test_a_rate_above_the_limit_is_halved() -> None:
    assert plan(video(frame_rate=Fraction(50)), max_frame_rate=30).frame_rate == 25


@given(
    st.floats(0.05, 43_200),
    st.sampled_from([Fraction(1), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]),
    st.floats(6, 600),
)
def test_chunks_cover_the_whole_video_in_whole_segments(
    duration: float, rate: Fraction, chunk: float
) -> None:
    track = video(frame_rate=rate, codec="hevc", duration=duration)
    made = plan_stream(source(track, None, duration), LadderSettings(chunk_seconds=chunk))
    segment = made.gop_frames * made.segment_gops
    chunks = made.chunks
    assert [one.index for one in chunks] == list(range(len(chunks)))
    assert chunks[0].first_frame == 0
    assert all(one.first_frame + one.frames == two.first_frame for one, two in pairwise(chunks))
    assert all(one.frames % segment == 0 for one in chunks[:-1])
    assert all(one.end == two.start for one, two in pairwise(chunks))
    assert chunks[-1].end == pytest.approx(duration, abs=float(1 / rate))
    assert len(chunks) == 1 or chunks[-1].frames >= segment


def test_chunks_are_about_a_minute() -> None:
    track = video(codec="hevc", duration=600.0)
    assert [chunk.start for chunk in plan_stream(source(track, duration=600.0)).chunks] == [
        60.0 * n for n in range(10)
    ]


def test_a_picture_that_ends_before_the_sound_is_held() -> None:
    made = plan_stream(source(video(codec="hevc", duration=100.0), duration=120.0))
    assert made.chunks[-1].end == 120.0


def test_a_last_packet_of_sound_adds_no_frame() -> None:
    made = plan_stream(source(video(codec="hevc", duration=100.0), duration=100.021))
    assert sum(chunk.frames for chunk in made.chunks) == 2500


def test_sound_alone_has_no_rungs_and_no_pictures() -> None:
    made = plan(None)
    assert (made.rungs, made.thumbnails) == ((), None)
    assert [(chunk.frames, chunk.start, chunk.end) for chunk in made.chunks] == [(0, 0.0, 120.0)]
    assert made.audio is not None


def test_a_copy_alone_needs_no_encoding() -> None:
    made = plan(video((640, 360)))
    assert [rung.copy for rung in made.rungs] == [True]
    assert [chunk.frames for chunk in made.chunks] == [0]
    assert made.thumbnails is not None


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (AUDIO, (2, 128_000, True)),
        (replace(AUDIO, channels=1), (1, 64_000, True)),
        (replace(AUDIO, channels=6), (2, 128_000, True)),
        (replace(AUDIO, silent=True), (2, 128_000, False)),
    ],
)
def test_sound_is_stereo_or_mono_and_silence_is_left_alone(
    track: AudioTrack, expected: tuple[int, int, bool]
) -> None:
    audio = plan_stream(source(video(), track)).audio
    assert audio is not None
    assert (audio.channels, audio.bitrate, audio.normalise) == expected
    assert audio.sample_rate == 48_000


def test_no_sound_stays_no_sound() -> None:
    assert plan_stream(source(video(), None)).audio is None


@pytest.mark.parametrize(
    ("size", "expected"), [((1920, 1080), (160, 90)), ((1080, 1920), (90, 160)), ((8000, 100), (360, 90))]
)
def test_preview_pictures_keep_the_aspect(size: tuple[int, int], expected: tuple[int, int]) -> None:
    thumbnails = plan(video(size)).thumbnails
    assert thumbnails is not None
    assert (thumbnails.width, thumbnails.height) == expected


@pytest.mark.parametrize("duration", [0.1, 2.0, 90.0, 3600.0, 43_200.0])
def test_preview_pictures_are_neither_rare_nor_countless(duration: float) -> None:
    track = video(codec="hevc", duration=duration)
    thumbnails = plan_stream(source(track, None, duration)).thumbnails
    assert thumbnails is not None
    assert duration / thumbnails.interval <= 1000
    assert thumbnails.interval <= 45
    assert 0 <= thumbnails.poster_time < duration


@pytest.mark.requirement("VID-6")
def test_the_recipe_changes_with_whatever_changes_the_bytes() -> None:
    base = source(video())
    recipes = [
        plan_stream(base).recipe,
        plan_stream(replace(base, fingerprint="e" * 64)).recipe,
        plan_stream(replace(base, build="another ffmpeg")).recipe,
        plan_stream(source(video(rotation=90))).recipe,
        plan_stream(base, LadderSettings(chunk_seconds=30)).recipe,
        plan_stream(base, LadderSettings(copy=False)).recipe,
        plan_stream(base, LadderSettings(normalise=False)).recipe,
        plan_stream(base, LadderSettings(preview_short_side=120)).recipe,
    ]
    assert len(set(recipes)) == len(recipes)
    assert plan_stream(base).recipe == recipes[0]
