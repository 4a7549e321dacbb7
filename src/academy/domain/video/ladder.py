"""Decide what will be made of a source: rungs, frame grid, chunks, sound, preview pictures (VID-2)."""

import hashlib
import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

from academy.domain.video.plan import AudioPlan, Chunk, Rung, StreamPlan, ThumbnailPlan
from academy.domain.video.source import AudioTrack, FieldOrder, SourceInfo, Transfer, VideoTrack

__all__ = ["LadderSettings", "RungSettings", "could_be_copied", "plan_stream"]

_RECIPE_VERSION = 1  # raise it when the same plan would give other bytes
_COPY_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
_COPY_MAX_LEVEL = 51
_COPY_MAX_GAP = 0.25
"""Seconds of sound after the last picture that nobody minds: codecs of sound end on whole frames of their own."""
_WIDE = Fraction(16, 9)
_SMALLEST_BITRATE = 150_000


@dataclass(frozen=True, slots=True)
class RungSettings:
    """One step of the ladder for a 16:9 picture of at most 30 frames per second.

    Attributes:
        short_side: pixels.
        crf: x264 constant rate factor.
        max_bitrate: bits per second; grows with area and frame rate.
    """

    short_side: int
    crf: float
    max_bitrate: int


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """What an operator may tune.

    Attributes:
        rungs: highest first.
        gop_seconds: aim for a group of pictures, rounded to whole frames.
        segment_seconds: aim for a segment, rounded to whole groups.
        chunk_seconds: aim for a chunk, rounded to whole segments.
        max_frame_rate: frames per second of the output.
        copy: whether a source that fits is copied for its own rung.
        copy_bitrate_factor: a source above this multiple of its rung's `max_bitrate` is encoded all the same: a camera's
            50 Mbit/s would fit no student's line.
        copy_bitrate_floor: bits per second that are always fine to copy.
        normalise: whether loudness is brought to -16 LUFS.
        preview_interval: seconds between preview pictures of a long video; a short one gets them closer.
        max_previews: pictures per video.
        preview_short_side: pixels of a preview picture's short side.
        sprite_columns, sprite_rows: pictures per sheet.
    """

    rungs: tuple[RungSettings, ...] = (
        RungSettings(1080, 23.0, 4_500_000),
        RungSettings(720, 23.0, 2_500_000),
        RungSettings(480, 23.0, 1_200_000),
        RungSettings(360, 23.0, 750_000),
    )
    gop_seconds: float = 2.0
    segment_seconds: float = 6.0
    chunk_seconds: float = 60.0
    max_frame_rate: int = 60
    copy: bool = True
    copy_bitrate_factor: float = 4.0
    copy_bitrate_floor: int = 3_000_000
    normalise: bool = True
    preview_interval: float = 10.0
    max_previews: int = 1_000
    preview_short_side: int = 90
    sprite_columns: int = 10
    sprite_rows: int = 10


@dataclass(frozen=True, slots=True)
class _Grid:
    """The output's frames: rate, frames per group, groups per segment."""

    rate: Fraction
    gop: int
    segment_gops: int

    @property
    def segment(self) -> int:
        return self.gop * self.segment_gops

    def seconds(self, frame: int) -> float:
        return float(frame / self.rate)


def plan_stream(info: SourceInfo, settings: LadderSettings | None = None) -> StreamPlan:
    """Return the plan for a source.

    - Rungs are the settings' short sides that the source reaches; a size in between (900p) gets the rungs below it and
      none of its own, so that every video offers the same steps. A source below the lowest rung gets one rung of
      its own size.
    - Frame 0 of the grid is the container's start; a picture that starts later or ends before the sound is held by
      repeating its first or last frame.
    - When a copied source has evenly spaced key frames, the grid's groups fall on them, so that segments of all
      rungs begin together.
    - Without anything to encode (sound only, or only a copied rung) there is one chunk with no frames.
    """
    settings = settings or LadderSettings()
    audio = _audio(info.audio, settings)
    video = info.video
    if video is None:
        plan = StreamPlan("", (), audio, None, Fraction(0), 0, 0, (_empty_chunk(info),), info.duration)
        return replace(plan, recipe=_recipe(info, plan))
    rungs = tuple(_rung(info, video, step, settings) for step in _steps(video, settings))
    grid = _grid(video, settings, aligned=any(rung.copy for rung in rungs))
    encodes = not all(rung.copy for rung in rungs)
    plan = StreamPlan(
        recipe="",
        rungs=rungs,
        audio=audio,
        thumbnails=_thumbnails(info, video, settings),
        frame_rate=grid.rate,
        gop_frames=grid.gop,
        segment_gops=grid.segment_gops,
        chunks=_chunks(info, video, grid, settings) if encodes else (_empty_chunk(info),),
        duration=info.duration,
    )
    return replace(plan, recipe=_recipe(info, plan))


def could_be_copied(video: VideoTrack) -> bool:
    """Return whether everything but size and groups of pictures lets a player take this stream as it is."""
    return (
        video.codec == "h264"
        and video.profile in _COPY_PROFILES
        and 0 < video.level <= _COPY_MAX_LEVEL
        and video.pixel_format == "yuv420p"
        and video.transfer is Transfer.SDR
        and video.field_order is FieldOrder.PROGRESSIVE
        and video.sample_aspect == 1
        and video.rotation == 0
        and (video.coded_width, video.coded_height) == (video.display_width, video.display_height)
        and not video.variable_rate
        and abs(video.start) < 1 / video.frame_rate
    )


def _has_short_closed_groups(video: VideoTrack, seconds: float) -> bool:
    if not video.closed_gop or not video.keyframe_times:
        return False
    frame = float(1 / video.frame_rate)
    times = (*video.keyframe_times, video.start + video.duration)
    longest = max(after - before for before, after in itertools.pairwise(times))
    return abs(times[0] - video.start) < frame / 2 and longest <= seconds + frame


def _even(value: Fraction | float) -> int:
    return max(2, 2 * round(value / 2))


def _steps(video: VideoTrack, settings: LadderSettings) -> tuple[RungSettings, ...]:
    short = min(video.display_width, video.display_height)
    steps = tuple(step for step in settings.rungs if step.short_side <= short)
    if steps:
        return steps
    lowest = settings.rungs[-1]
    share = (short / lowest.short_side) ** 2
    bitrate = max(_SMALLEST_BITRATE, round(lowest.max_bitrate * share))
    return (RungSettings(short - short % 2, lowest.crf, bitrate),)


def _rung(info: SourceInfo, video: VideoTrack, step: RungSettings, settings: LadderSettings) -> Rung:
    size = video.display_width, video.display_height
    scale = Fraction(step.short_side, min(size))
    width, height = (step.short_side if side == min(size) else _even(side * scale) for side in size)
    area = width * height / (step.short_side**2 * _WIDE)
    motion = 1.5 if video.frame_rate > 30 else 1.0
    bitrate = round(step.max_bitrate * min(2.0, max(0.5, float(area))) * motion)
    allowed = max(bitrate * settings.copy_bitrate_factor, settings.copy_bitrate_floor)
    copy = (
        settings.copy
        and size == (width, height)
        and could_be_copied(video)
        # An encoded picture is held until the sound ends, a copied one would end before the other rungs.
        and info.duration - (video.start + video.duration) <= _COPY_MAX_GAP
        and _has_short_closed_groups(video, settings.gop_seconds)
        and video.bitrate <= allowed
        and video.frame_rate <= settings.max_frame_rate
    )
    return Rung(f"{step.short_side}p", width, height, copy, step.crf, bitrate, 2 * bitrate)


def _grid(video: VideoTrack, settings: LadderSettings, *, aligned: bool) -> _Grid:
    rate = video.frame_rate
    while rate > settings.max_frame_rate:
        rate /= 2
    gop = max(1, round(rate * Fraction(settings.gop_seconds)))
    if aligned and (own := _even_spacing(video)):
        gop = own * max(1, round(gop / own))
    return _Grid(rate, gop, max(1, round(settings.segment_seconds * rate / gop)))


def _even_spacing(video: VideoTrack) -> int | None:
    """Return the frames between two key frames if that number is always the same."""
    frames = [round(time * video.frame_rate) for time in video.keyframe_times]
    gaps = {after - before for before, after in itertools.pairwise(frames)}
    return gaps.pop() if len(gaps) == 1 else None


def _chunks(info: SourceInfo, video: VideoTrack, grid: _Grid, settings: LadderSettings) -> tuple[Chunk, ...]:
    end = video.start + video.duration
    if info.duration - end > 1 / grid.rate:
        end = info.duration
    total = max(1, round(end * grid.rate))
    size = grid.segment * max(1, round(settings.chunk_seconds * grid.rate / grid.segment))
    starts = list(range(0, total, size))
    if len(starts) > 1 and total - starts[-1] < grid.segment:
        starts.pop()  # a last chunk shorter than a segment is not worth a process
    ends = [*starts[1:], total]
    return tuple(
        Chunk(index, first, last - first, grid.seconds(first), grid.seconds(last))
        for index, (first, last) in enumerate(zip(starts, ends, strict=True))
    )


def _empty_chunk(info: SourceInfo) -> Chunk:
    return Chunk(0, 0, 0, 0.0, info.duration)


def _audio(track: AudioTrack | None, settings: LadderSettings) -> AudioPlan | None:
    if track is None:
        return None
    channels = 1 if track.channels == 1 else 2
    return AudioPlan(
        channels=channels, bitrate=64_000 * channels, normalise=settings.normalise and not track.silent
    )


def _thumbnails(info: SourceInfo, video: VideoTrack, settings: LadderSettings) -> ThumbnailPlan:
    short, long = sorted((video.display_width, video.display_height))
    scale = Fraction(settings.preview_short_side, short)
    small, large = settings.preview_short_side, min(_even(long * scale), 4 * settings.preview_short_side)
    wide = video.display_width >= video.display_height
    interval = min(settings.preview_interval, max(1.0, info.duration / 60))
    return ThumbnailPlan(
        interval=max(interval, info.duration / settings.max_previews),
        width=large if wide else small,
        height=small if wide else large,
        columns=settings.sprite_columns,
        rows=settings.sprite_rows,
        poster_time=video.start + min(10.0, video.duration / 10),
    )


def _recipe(info: SourceInfo, plan: StreamPlan) -> str:
    facts = (_RECIPE_VERSION, info.fingerprint, info.build, info.video, info.audio, plan)
    return hashlib.sha256(repr(facts).encode()).hexdigest()
