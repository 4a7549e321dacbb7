"""`/media/{token}/tenants/…`: playlists, segments, pictures and keys, for who holds a good token (VID-7, SEC-3)."""

import logging

from academy.application.ports.object_store import ObjectMissing
from academy.domain.video.playback import Grant, PlaybackTokenRefused
from academy.interfaces.api import kinds
from academy.interfaces.api.delivery.sending import send_object
from academy.interfaces.api.http import SAFE_HEADERS, Answer, Scope, Send, send_answer
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.runtime import Runtime

__all__ = ["CORS", "serve_media"]

log = logging.getLogger(__name__)
CORS = (
    # The token in the path is the whole credential, so any page may play; no cookie is ever looked at.
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
    ("access-control-allow-headers", "Range, If-Range, If-None-Match"),
    ("access-control-expose-headers", "Content-Length, Content-Range, ETag"),
    ("access-control-max-age", "86400"),
)
_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
}
_KEY_NAME = "key"


async def serve_media(scope: Scope, send: Send, runtime: Runtime) -> None:
    """Answer a request for media. Raises Trouble; a refusal looks the same whatever was wrong."""
    if scope["method"] == "OPTIONS":
        await send_answer(scope, send, Answer(204, headers=CORS))
        return
    if scope["method"] not in {"GET", "HEAD"}:
        raise Trouble(kinds.METHOD_NOT_ALLOWED, headers=(("Allow", "GET, HEAD, OPTIONS"), *CORS))
    token, _, path = scope["path"].removeprefix("/media/").partition("/")
    try:
        if path.rpartition("/")[2] == _KEY_NAME:
            await _send_key(scope, send, runtime, token, path)
        else:
            services = runtime.services
            grant = await services.playback.check_media(services.database, token, path)
            await send_object(
                scope, send, runtime.services.video_objects, path, _headers(path, grant, runtime)
            )
    except PlaybackTokenRefused as refused:
        runtime.services.telemetry.count("academy_media_refused_total", code=refused.code)
        raise Trouble(kinds.MEDIA_REFUSED, headers=CORS) from None
    except ObjectMissing:
        raise Trouble(kinds.NOT_FOUND, headers=CORS) from None


async def _send_key(scope: Scope, send: Send, runtime: Runtime, token: str, path: str) -> None:
    services = runtime.services
    key = await services.database.read(lambda tx: services.playback.content_key(tx, token, path))
    own = (("content-type", "application/octet-stream"), ("cache-control", "no-store"))
    await send_answer(scope, send, Answer(200, key, (*own, *CORS, *SAFE_HEADERS)))


def _headers(path: str, grant: Grant, runtime: Runtime) -> tuple[tuple[str, str], ...]:
    # A revision is never changed once published, so its files are good for as long as the address is.
    seconds = max(0, grant.expires - int(runtime.services.clock.now().timestamp()))
    kind = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    own = (("content-type", kind), ("cache-control", f"private, max-age={seconds}, immutable"))
    return (*own, *CORS, *SAFE_HEADERS)
