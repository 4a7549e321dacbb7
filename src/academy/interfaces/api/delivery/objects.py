"""`/objects/{bucket}/{key}`: what a signed address allows, when the objects lie in our own folder (VID-1, SEC-3)."""

from urllib.parse import parse_qsl

from academy.application.ports.object_store import ObjectMissing, ObjectTooLarge, UploadMismatch
from academy.bootstrap.api import ServedBucket
from academy.domain.signing import ObjectGrant, SignatureRefused
from academy.interfaces.api import kinds
from academy.interfaces.api.delivery.sending import send_object
from academy.interfaces.api.http import (
    SAFE_HEADERS,
    Answer,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    header,
    paced_body,
    send_answer,
)
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.runtime import Runtime

__all__ = ["serve_objects"]

_CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, HEAD, PUT, OPTIONS"),
    ("access-control-allow-headers", "Content-Type, Range"),
    ("access-control-expose-headers", "ETag, Content-Length, Content-Range"),
    ("access-control-max-age", "86400"),
)
_MAX_PARAMETERS = 10


async def serve_objects(scope: Scope, receive: Receive, send: Send, runtime: Runtime) -> None:
    """Answer a request to a signed address. Raises Trouble."""
    objects = runtime.services.objects
    if objects is None:
        raise Trouble(kinds.NOT_FOUND)
    method = scope["method"]
    if method == "OPTIONS":
        await send_answer(scope, send, Answer(204, headers=_CORS))
        return
    if method not in {"GET", "HEAD", "PUT"}:
        raise Trouble(kinds.METHOD_NOT_ALLOWED, headers=(("Allow", "GET, HEAD, PUT, OPTIONS"), *_CORS))
    now = runtime.services.clock.now().timestamp()
    name, _, key = scope["path"].removeprefix("/objects/").partition("/")
    try:
        grant = objects.signer.verify(method, name, key, _query(scope), now)
        bucket = objects.buckets[name]
    except (SignatureRefused, KeyError):
        runtime.services.telemetry.count("academy_object_address_refused_total", method=method)
        raise Trouble(kinds.SIGNATURE_REFUSED, headers=_CORS) from None
    if method == "PUT":
        await _receive(scope, receive, send, bucket, grant)
    else:
        await _send(scope, send, bucket, grant, now)


def _query(scope: Scope) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError:
        raise SignatureRefused("the URL is not a signed one") from None
    # A parameter given twice could be read in two ways.
    if len(dict(pairs)) != len(pairs):
        raise SignatureRefused("the URL is not a signed one")
    return dict(pairs)


async def _receive(
    scope: Scope, receive: Receive, send: Send, bucket: ServedBucket, grant: ObjectGrant
) -> None:
    announced = header(scope, "content-length")
    if announced and announced != str(grant.size):
        raise Trouble(kinds.SIZE_WRONG, headers=(*_CORS, ("Connection", "close")))
    try:
        etag = await bucket.receiver.accept_part(
            grant.key, grant.upload_id, grant.part, grant.size, paced_body(receive)
        )
    except (ObjectTooLarge, UploadMismatch):
        raise Trouble(kinds.SIZE_WRONG, headers=(*_CORS, ("Connection", "close"))) from None
    except ObjectMissing:
        raise Trouble(kinds.UPLOAD_GONE, headers=_CORS) from None
    except BodyTooSlow:
        raise Trouble(kinds.BODY_TOO_SLOW, headers=(*_CORS, ("Connection", "close"))) from None
    except ClientGone:
        return
    headers = (("etag", f'"{etag.strip(chr(34))}"'), ("cache-control", "no-store"), *_CORS, *SAFE_HEADERS)
    await send_answer(scope, send, Answer(200, headers=headers))


async def _send(scope: Scope, send: Send, bucket: ServedBucket, grant: ObjectGrant, now: float) -> None:
    seconds = max(0, grant.expires_at - int(now))
    headers = (
        # What people uploaded is never shown by a browser as a page of ours.
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment"),
        ("cache-control", f"private, max-age={seconds}"),
        *_CORS,
        *SAFE_HEADERS,
    )
    try:
        await send_object(scope, send, bucket.store, grant.key, headers)
    except ObjectMissing:
        raise Trouble(kinds.NOT_FOUND, headers=_CORS) from None
