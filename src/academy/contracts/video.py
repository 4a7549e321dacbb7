"""Payloads of the video job types."""

from typing import Annotated

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = ["PurgeVideo", "SweepVideo", "TranscodeResult", "TranscodeVideo", "TranscodedRung", "VideoId"]

VideoId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class TranscodeVideo(Contract):
    """`video.transcode`: make the adaptive stream of an uploaded file."""

    video_id: VideoId = Field(description="The video; a row is made for one that does not exist yet.")
    file_key: ObjectKey = Field(description="Key of the uploaded source in the video bucket.")
    etag: str = Field(
        "",
        max_length=200,
        description="ETag of the source as it was checked, without quotes; another one is refused. Empty: any will do.",
    )


class PurgeVideo(Contract):
    """`video.purge`: remove every object of a video, then its row."""

    video_id: VideoId
    file_key: str = Field(
        "", max_length=1024, description="Source outside the usual place, as older producers have it."
    )
    hls_prefix: str = Field(
        "", max_length=1024, description="Published stream outside the usual place, likewise."
    )


class SweepVideo(Contract):
    """`video.sweep`: remove finished work and every revision but the published one."""

    video_id: VideoId
    keep_revision: str = Field(max_length=100, description="The published revision.")


class TranscodedRung(Contract):
    """One rendition that was made."""

    name: str
    width: int
    height: int
    codecs: str
    peak_bitrate: int = Field(description="Measured, bits per second, audio included.")
    average_bitrate: int = Field(description="Measured, bits per second, audio included.")
    copied: bool = Field(description="Repackaged from the source, not encoded again.")


class TranscodeResult(Contract):
    """Result of `video.transcode`."""

    video_id: VideoId
    revision: str
    duration: float = Field(description="Seconds.")
    encrypted: bool
    rungs: list[TranscodedRung]
    warnings: list[str] = Field(description="Codes of what was put right in the source.")
