"""Port: look into a video file and make streams of it. Every method runs its tool in a child process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.video.plan import Chunk, StreamPlan
from academy.domain.video.source import SourceInfo
from academy.domain.video.stream import Rendition

__all__ = ["ChunkFiles", "EncryptionKey", "MediaEngine", "MediaError", "Report", "ThumbnailFiles"]

Report = Callable[[float], None]
"""Called with the finished fraction, 0 to 1, of the call it was passed to; cheap, may be called often."""


class MediaError(Exception):
    """The file or the tool failed; `failure` says which, in words a teacher understands."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ChunkFiles:
    """What one chunk left in its folder.

    Attributes:
        rungs: rung name → fragmented MP4 (moov, then one moof/mdat per group of pictures).
        previews: preview pictures (JPEG) of this chunk in order of time; empty without a thumbnail plan.
    """

    rungs: dict[str, Path]
    previews: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ThumbnailFiles:
    """Poster, sprite sheets and the WebVTT file that maps times to them (names relative to the VTT)."""

    poster: Path
    sprites: tuple[Path, ...]
    vtt: Path


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """AES-128 key for whole-segment CBC (RFC 8216, 4.3.2.4).

    Attributes:
        key: 16 bytes.
        uri: what EXT-X-KEY names, relative to the media playlist.
    """

    key: bytes
    uri: str


class MediaEngine(Protocol):
    """Probe, encode, package. Opens no network connection and no file but the source and its own output folder.

    All methods raise MediaError; cancelling one kills its child processes before it returns.
    """

    async def probe(self, source: Path) -> SourceInfo:
        """Examine `source` fully: content decides, never the name. Nothing hostile gets past this call."""
        ...

    async def encode_chunk(
        self, source: Path, info: SourceInfo, plan: StreamPlan, chunk: Chunk, folder: Path, report: Report
    ) -> ChunkFiles:
        """Encode every rung of one chunk (and its preview pictures) with one decode of the source.

        Copied rungs are not in a chunk: see `copy_video`.
        """
        ...

    async def copy_video(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        """Repackage the source's own video stream as a fragmented MP4 for the rung with `copy`."""
        ...

    async def encode_audio(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        """Make the one AAC track as a fragmented MP4, loudness normalised in two passes, aligned to the video."""
        ...

    async def package(
        self,
        plan: StreamPlan,
        rungs: dict[str, tuple[Path, ...]],
        audio: Path | None,
        key: EncryptionKey | None,
        folder: Path,
        report: Report,
    ) -> tuple[Rendition, ...]:
        """Cut the fragmented files (per rung, in chunk order) into segments and write every playlist.

        Leaves in `folder`: `{rung}/init.mp4`, `{rung}/00001.m4s`, …, `{rung}/index.m3u8`, `{rung}/iframes.m3u8`,
        `audio/…`, and `master.m3u8`, whose bandwidths are measured from the finished segments, audio included.
        """
        ...

    async def thumbnails(
        self,
        plan: StreamPlan,
        previews: tuple[Path, ...],
        source: Path,
        info: SourceInfo,
        folder: Path,
        report: Report,
    ) -> ThumbnailFiles:
        """Make poster, sprites and VTT from the chunks' preview pictures; decode key frames where there are none."""
        ...
