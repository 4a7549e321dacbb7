"""Signed URLs for objects that our own API serves (SEC-3): who holds one may do one thing with one object for a time.

The store signs, the API verifies; both hold the same secret. HMAC-SHA256 (RFC 2104) over every part of the grant.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

__all__ = ["MIN_SECRET_BYTES", "ObjectGrant", "SignatureRefused", "UrlSigner"]

MIN_SECRET_BYTES = 32
_METHODS = frozenset({"GET", "PUT"})
_PARAMETERS = ("expires", "size", "upload", "part")
_SIGNATURE = "signature"
_PURPOSE = "academy object url 1"
_MAX_DIGITS = 15


class SignatureRefused(Exception):
    """A URL is unsigned, forged, altered or expired; the message says nothing that helps to forge one."""


@dataclass(frozen=True, slots=True)
class ObjectGrant:
    """What a signed URL allows.

    Attributes:
        method: "GET" (HEAD goes with it) or "PUT".
        bucket: bucket of the object.
        key: its key.
        expires_at: Unix time in seconds at which the grant ends.
        size: bytes that a PUT must send, neither more nor fewer; 0 for GET.
        upload_id: upload that a PUT belongs to, empty for GET.
        part: 1-based number of the part a PUT sends, 0 for GET.
    """

    method: str
    bucket: str
    key: str
    expires_at: int
    size: int = 0
    upload_id: str = ""
    part: int = 0


class UrlSigner:
    """Makes and checks signed URLs."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """Sign with the first secret and accept all of them, so that one can be replaced while URLs are out.

        Raises ValueError unless there is one and each has at least MIN_SECRET_BYTES.
        """
        if not secrets or min(map(len, secrets)) < MIN_SECRET_BYTES:
            raise ValueError(f"URL signing needs a secret of at least {MIN_SECRET_BYTES} bytes")
        self._secrets = tuple(secrets)

    def url(self, base_url: str, grant: ObjectGrant) -> str:
        """Return `{base_url}/objects/{bucket}/{key}?…` for a grant."""
        values = (grant.expires_at, grant.size, grant.upload_id, grant.part)
        query = dict(zip(_PARAMETERS, map(str, values), strict=True))
        query[_SIGNATURE] = _signature(self._secrets[0], grant)
        path = f"/objects/{quote(grant.bucket, safe='')}/{quote(grant.key)}"
        return f"{base_url.rstrip('/')}{path}?{urlencode(query)}"

    def verify(self, method: str, bucket: str, key: str, query: Mapping[str, str], now: float) -> ObjectGrant:
        """Return what a request's URL allows.

        Args:
            method: of the request.
            bucket: from the path, decoded.
            key: from the path, decoded.
            query: its parameters, decoded.
            now: Unix time in seconds.

        Raises:
            SignatureRefused: anything is missing, altered, unknown or past.
        """
        if set(query) != {*_PARAMETERS, _SIGNATURE}:
            raise SignatureRefused("the URL is not a signed one")
        grant = ObjectGrant(
            method="GET" if method == "HEAD" else method,
            bucket=bucket,
            key=key,
            expires_at=_number(query["expires"]),
            size=_number(query["size"]),
            upload_id=query["upload"],
            part=_number(query["part"]),
        )
        given = query[_SIGNATURE].encode("utf-8", "replace")
        # Every secret is tried, so that the time taken does not tell which one signed.
        good = [hmac.compare_digest(_signature(secret, grant).encode(), given) for secret in self._secrets]
        if not any(good) or grant.method not in _METHODS:
            raise SignatureRefused("the URL's signature does not fit")
        if now >= grant.expires_at:
            raise SignatureRefused("the URL has expired")
        return grant


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise SignatureRefused("the URL is not a signed one")
    return int(text)


def _signature(secret: bytes, grant: ObjectGrant) -> str:
    # JSON keeps the parts apart: no two grants are the same text.
    parts = [
        _PURPOSE,
        grant.method,
        grant.bucket,
        grant.key,
        grant.expires_at,
        grant.size,
        grant.upload_id,
        grant.part,
    ]
    return hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()
