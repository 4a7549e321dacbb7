"""`/watch`, `/exams`, what lies below them, and `/console/…`: the console's files, served from memory beside the API."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from academy.bootstrap.settings import Objects, Settings
from academy.interfaces.api import kinds
from academy.interfaces.api.http import Answer, Scope, Send, header, send_answer
from academy.interfaces.api.problems import Trouble

__all__ = ["is_console", "serve_console"]

_FOLDER = Path(__file__).parent / "static"
_PREFIX = "/console/"
_PAGES = ("/watch", "/exams")
_BELOW = (*(f"{page}/" for page in _PAGES), _PREFIX)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_METHODS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes
    kind: str
    etag: str


@cache
def _files() -> Mapping[str, _File]:
    """Read every file once; only these names are ever served."""
    found = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            kind = _TYPES[path.suffix]
            name = path.relative_to(_FOLDER).as_posix()
            found[name] = _File(body, gzip.compress(body, mtime=0), kind, etag)
    return found


def is_console(path: str) -> bool:
    """Return whether a path is the console's."""
    return path in {"/", *_PAGES} or path.startswith(_BELOW)


async def serve_console(scope: Scope, send: Send, settings: Settings) -> None:
    """Answer a request for the console. Raises Trouble."""
    path: str = scope["path"]
    if scope["method"] not in _METHODS:
        raise Trouble(kinds.METHOD_NOT_ALLOWED, headers=(("Allow", ", ".join(_METHODS)),))
    if path == "/":
        await send_answer(scope, send, Answer(302, headers=(("location", "/watch"),)))
        return
    name = path.removeprefix(_PREFIX) if path.startswith(_PREFIX) else "index.html"
    file = _files().get(name)
    if file is None:
        raise Trouble(kinds.NOT_FOUND)
    await send_answer(scope, send, _answer(scope, file, settings))


def _answer(scope: Scope, file: _File, settings: Settings) -> Answer:
    headers = (
        ("content-type", file.kind),
        ("etag", file.etag),
        # Asked for again each time, answered with 304: a new release is seen at once.
        ("cache-control", "no-cache"),
        ("vary", "Accept-Encoding"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", _policy(settings)),
    )
    if header(scope, "if-none-match") == file.etag:
        return Answer(304, headers=headers)
    if "gzip" in header(scope, "accept-encoding"):
        return Answer(200, file.packed, (*headers, ("content-encoding", "gzip")))
    return Answer(200, file.body, headers)


def _policy(settings: Settings) -> str:
    """Return what the pages may load: our own files, media and overlays from where they are served, uploads to where they go."""
    media = _origin(settings.media_base)
    overlays = _store_origins(settings, settings.bucket_ai)
    uploads = _store_origins(settings, settings.bucket_video, settings.bucket_ai)
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: {media} {overlays}",
        "media-src": f"'self' blob: {media}",
        "connect-src": f"'self' {media} {uploads}",
        # hls.js takes segments apart in a worker that it makes from its own text.
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {' '.join(dict.fromkeys(value.split()))}" for name, value in rules.items())


def _store_origins(settings: Settings, *buckets: str) -> str:
    """Return where signed addresses of buckets lie: the name of a bucket stands in the path or in the host."""
    if settings.objects_backend is not Objects.S3:
        return _origin(settings.base_url)
    store = urlsplit(settings.r2_endpoint_url)
    hosts = (store.netloc, *(f"{bucket}.{store.netloc}" for bucket in buckets))
    return " ".join(f"{store.scheme}://{host}" for host in hosts)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
