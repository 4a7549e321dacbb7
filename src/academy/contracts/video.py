"""Payloads of the video job types."""

from typing import Annotated

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = [
    "OWN_KEY",
    "OWN_PREFIX",
    "PurgeVideo",
    "SweepVideo",
    "TranscodeResult",
    "TranscodeVideo",
    "TranscodedRung",
    "VideoId",
]

OWN_KEY = (
    "It lies under `tenants/{the academy's id or code}/`; "
    "any other key is not touched and the job fails with `foreign_key`."
)
OWN_PREFIX = f"{OWN_KEY} Its last part is the video's id, and it is not a folder that videos share."
_ID = r"[A-Za-z0-9](\.?[A-Za-z0-9_-])*\.?"
# The rule of `domain.tenant.tenant.check_id`, for JSON Schema: never two dots in a row, so that it can stand in an object key.
VideoId = Annotated[str, StringConstraints(pattern=rf"^{_ID}$", max_length=100)]
_Revision = Annotated[str, StringConstraints(pattern=rf"^({_ID})?$", max_length=100)]
ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class TranscodeVideo(Contract):
    """`video.transcode`: make the adaptive stream of an uploaded file."""

    video_id: VideoId = Field(description="The video; a row is made for one that does not exist yet.")
    file_key: ObjectKey = Field(description=f"Key of the uploaded source in the video bucket. {OWN_KEY}")
    etag: str = Field(
        "",
        max_length=200,
        description="ETag of the source as it was checked, without quotes; another one is refused. Empty: any will do.",
    )


class PurgeVideo(Contract):
    """`video.purge`: remove every object of a video, then its row."""

    video_id: VideoId
    file_key: str = Field(
        "", max_length=1024, description=f"Source outside the usual place; empty: there is none. {OWN_KEY}"
    )
    hls_prefix: str = Field(
        "",
        max_length=1024,
        description=f"Published stream outside the usual place; empty: there is none. {OWN_PREFIX}",
    )


class SweepVideo(Contract):
    """`video.sweep`: remove finished work and every revision but the published one."""

    video_id: VideoId
    keep_revision: _Revision = Field(description="The published revision, empty when there is none.")


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
