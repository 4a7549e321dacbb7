"""Show videos to people: staff sees all, students and parents what they need to watch."""

from academy.application.ports.object_store import UploadTicket
from academy.contracts.rest.videos import RungView, TicketView, VideoView
from academy.domain.video.video import Video
from academy.interfaces.api.jobs.present import failure_view
from academy.interfaces.api.language import Language

__all__ = ["ticket_view", "video_view"]


def video_view(video: Video, language: Language, *, staff: bool, poster_url: str) -> VideoView:
    """Return a video; without `staff` only what a viewer may know."""
    shown = VideoView(
        id=video.id,
        title=video.title,
        state=video.state.value,
        access_mode=video.access_mode.value,
        playable=video.playable,
        duration=video.duration,
        poster_url=poster_url or None,
        created_at=video.created_at,
        updated_at=video.updated_at,
    )
    if not staff:
        return shown
    rungs = [
        RungView(
            name=rung.name,
            width=rung.width,
            height=rung.height,
            codecs=rung.codecs,
            peak_bitrate=rung.peak_bitrate,
            average_bitrate=rung.average_bitrate,
            copied=rung.copied,
        )
        for rung in video.rungs
    ]
    own = {
        "file_name": video.file_name,
        "size": video.size,
        "content_type": video.content_type,
        "encrypted": video.encrypted,
        "rungs": rungs,
        "job_id": video.job_id,
        "failure": failure_view(video.failure, language),
    }
    return shown.model_copy(update=own)


def ticket_view(ticket: UploadTicket) -> TicketView:
    """Return how to send a file."""
    return TicketView(
        upload_id=ticket.upload_id,
        part_size=ticket.part_size,
        urls=list(ticket.urls),
        headers=dict(ticket.headers),
        expires_at=ticket.expires_at,
    )
