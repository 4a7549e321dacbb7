"""What will be made of a source: rungs, the shared audio, chunks. Pure data; `ladder` computes it."""

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["AudioPlan", "Chunk", "Rung", "StreamPlan", "ThumbnailPlan"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition.

    Attributes:
        name: short side with "p": "720p"; unique within a plan and safe in an object key.
        width, height: output pixels, even.
        copy: the source's own stream is repackaged, not encoded.
        crf: x264 constant rate factor; ignored for a copy.
        max_bitrate: VBV maximum, bits per second; ignored for a copy.
        buffer_size: VBV buffer, bits; ignored for a copy.
    """

    name: str
    width: int
    height: int
    copy: bool
    crf: float
    max_bitrate: int
    buffer_size: int


@dataclass(frozen=True, slots=True)
class AudioPlan:
    """The one AAC track shared by all rungs: stereo or mono, 48 kHz, loudness normalised to -16 LUFS (EBU R 128)."""

    channels: int
    bitrate: int
    sample_rate: int = 48_000
    normalise: bool = True


@dataclass(frozen=True, slots=True)
class ThumbnailPlan:
    """Poster and preview sprites.

    Attributes:
        interval: seconds between two preview pictures.
        width, height: pixels of one preview picture.
        columns, rows: pictures per sprite sheet.
        poster_time: seconds into the video at which the poster is taken.
    """

    interval: float
    width: int
    height: int
    columns: int
    rows: int
    poster_time: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole segments encoded by one process; finished chunks are never made again.

    Attributes:
        index: 0-based.
        first_frame: index on the output frame grid of the first frame.
        frames: number of frames on the grid; for a copy-only or audio-only plan, 0.
        start, end: seconds on the source's timeline; `end` is exclusive.
    """

    index: int
    first_frame: int
    frames: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Everything that decides the output's bytes.

    Attributes:
        recipe: hex digest of the source's fingerprint, the encoder's build and every setting below; names the work prefix,
            so that chunks of another recipe are never reused.
        rungs: highest first; empty for audio only.
        audio: None for a source without sound.
        thumbnails: None for audio only.
        frame_rate: output frames per second, the same for all encoded rungs.
        gop_frames: frames per group of pictures (about 2 s).
        segment_gops: groups per segment (3: about 6 s).
        chunks: in order, covering the whole duration without overlap.
        duration: seconds.
    """

    recipe: str
    rungs: tuple[Rung, ...]
    audio: AudioPlan | None
    thumbnails: ThumbnailPlan | None
    frame_rate: Fraction
    gop_frames: int
    segment_gops: int
    chunks: tuple[Chunk, ...]
    duration: float
