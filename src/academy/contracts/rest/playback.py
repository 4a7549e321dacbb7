"""Watching a video (VID-7)."""

from typing import Literal

from pydantic import AwareDatetime, Field

from academy.contracts.rest.accounts import RoleName
from academy.contracts.rest.common import PageQuery, RestRequest, RestResponse
from academy.contracts.rest.videos import AccessModeName

__all__ = ["BeatAnswer", "BeatRequest", "PlaybackOpened", "ViewerPage", "ViewerQuery", "ViewerView"]


class PlaybackOpened(RestResponse):
    """What a player needs. The addresses are signed; a player follows them without further credentials."""

    session_id: str
    master_url: str = Field(description="HLS master playlist (RFC 8216).")
    poster_url: str
    sprites_url: str = Field(description="WebVTT that maps times to preview pictures.")
    expires_at: AwareDatetime = Field(description="When the addresses stop working; open again before.")
    mode: AccessModeName
    duration: float = Field(description="Seconds.")
    resume_at: float = Field(description="Seconds into the video where the viewer left off.")
    heartbeat_seconds: int = Field(description="POST `…/beats` this often while playing.")


class BeatRequest(RestRequest):
    """What a player did since its last beat."""

    position: float = Field(ge=0, le=1e6, description="Seconds into the video now.")
    played_from: float = Field(
        ge=0, le=1e6, description="Position at the last beat, or where playback began since."
    )
    rate: float = Field(1.0, ge=0, le=16, description="Playback speed.")


class BeatAnswer(RestResponse):
    """What the server says to a beat."""

    code: Literal["ok", "blocked", "seek_not_allowed", "rate_not_allowed"]
    allowed_position: float = Field(description="The furthest second the viewer may go to.")
    watched_seconds: float
    completed: bool = Field(description="Whether 90 % was seen; once true it stays so.")


class ViewerQuery(PageQuery):
    """Which viewers; the list is in order of viewer."""


class ViewerView(RestResponse):
    """How much a viewer has seen."""

    viewer: str = Field(description="Id of the user.")
    name: str = Field(description="Empty when the user is no longer known.")
    role: RoleName | None = Field(description="In this academy; null when the user no longer belongs to it.")
    watched_seconds: float
    share: float = Field(description="0 to 1 of the video.")
    furthest: float = Field(description="Seconds.")
    completed: bool
    updated_at: AwareDatetime


class ViewerPage(RestResponse):
    """Everybody who watched."""

    items: list[ViewerView]
    next_cursor: str = Field(description="Empty on the last page.")
