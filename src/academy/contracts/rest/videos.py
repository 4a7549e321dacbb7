"""Videos: upload, list, manage."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from academy.contracts.rest.common import PageQuery, RestRequest, RestResponse, Title
from academy.contracts.rest.jobs import FailureView, JobView

__all__ = [
    "AccessModeName",
    "BeginUploadRequest",
    "ChangeVideoRequest",
    "CompleteUploadRequest",
    "NoBody",
    "PartView",
    "RungView",
    "TicketView",
    "UploadStarted",
    "VideoAndJob",
    "VideoPage",
    "VideoQuery",
    "VideoStateName",
    "VideoView",
]

AccessModeName = Literal["free_review", "proctored", "blocked"]
VideoStateName = Literal["PENDING", "UPLOADED", "PROCESSING", "READY", "FAILED", "DELETING"]
ContentType = Annotated[
    str,
    StringConstraints(
        max_length=100, pattern=r"^[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]*(; ?[A-Za-z0-9=.,\" -]*)?$"
    ),
]


class BeginUploadRequest(RestRequest):
    """A file that a teacher wants to upload."""

    title: Title
    file_name: Title = Field(description="As on the teacher's machine; for people only.")
    size: int = Field(ge=0, le=1 << 50, description="Bytes of the file.")
    content_type: ContentType = Field(description="`video/…` or `audio/…`.", examples=["video/mp4"])
    access_mode: AccessModeName = "free_review"


class TicketView(RestResponse):
    """How to send the file: one PUT per address."""

    upload_id: str = Field(description="Empty for a single PUT.")
    part_size: int = Field(
        description="Bytes of every part but the last; of the whole file for a single PUT."
    )
    urls: list[str] = Field(description="Signed addresses in order of the parts; PUT part n to the nth.")
    headers: dict[str, str] = Field(description="To be sent with each PUT.")
    expires_at: AwareDatetime


class RungView(RestResponse):
    """One rendition of a published stream."""

    name: str
    width: int
    height: int
    codecs: str
    peak_bitrate: int = Field(description="Bits per second, audio included.")
    average_bitrate: int = Field(description="Bits per second, audio included.")
    copied: bool = Field(description="The source's own picture, not encoded again.")


class VideoView(RestResponse):
    """A video. What only its academy's staff sees is null for students and parents."""

    id: str
    title: str
    state: VideoStateName
    access_mode: AccessModeName
    playable: bool = Field(
        description="Whether a stream is published and its access mode lets it be watched."
    )
    duration: float = Field(description="Seconds; 0 before it is known.")
    poster_url: str | None = Field(
        None, description="Signed, good for at least an hour; null unless the video is playable."
    )
    created_at: AwareDatetime
    updated_at: AwareDatetime
    file_name: str | None = None
    size: int | None = Field(None, description="Bytes of the uploaded file.")
    content_type: str | None = None
    encrypted: bool | None = None
    rungs: list[RungView] | None = None
    job_id: str | None = Field(None, description="The latest job that makes its stream; empty before one.")
    failure: FailureView | None = None


class UploadStarted(RestResponse):
    """A new video and how to send its file; then POST `…/complete`."""

    video: VideoView
    upload: TicketView


class PartView(RestRequest):
    """A part as it was sent."""

    number: int = Field(ge=1, le=10_000, description="From 1.")
    etag: str = Field(min_length=1, max_length=200, description="The header `ETag` of the PUT's answer.")


class CompleteUploadRequest(RestRequest):
    """The parts of a multipart upload; empty for a single PUT."""

    parts: list[PartView] = Field(default_factory=list, max_length=10_000)


class ChangeVideoRequest(RestRequest):
    """What to change; what is left out stays."""

    title: Title | None = None
    access_mode: AccessModeName | None = None


class NoBody(RestRequest):
    """A request that needs nothing said."""


class VideoAndJob(RestResponse):
    """A video and the job that works on it."""

    video: VideoView
    job: JobView


class VideoQuery(PageQuery):
    """Which videos; the list is newest first."""


class VideoPage(RestResponse):
    """Videos, newest first."""

    items: list[VideoView]
    next_cursor: str = Field(description="Empty on the last page.")
