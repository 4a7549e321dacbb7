"""Signed playback: one token opens one revision of one video for one viewer until it expires (VID-7).

The token is a part of the path, `/media/{token}/tenants/{tenant}/video/hls/{video}/{revision}/…`, so that every relative
address inside a playlist carries it by itself. A content delivery network applies the same rule at its edge: it needs the
secret of the key id and nothing else.

    token  = kid "~" expiry "~" viewer "~" signature
    signed = "v1" LF prefix LF expiry LF kid LF viewer

`prefix` is the first six parts of the path with a trailing slash, `expiry` whole seconds since 1970, the signature
HMAC-SHA256 in base64url without padding.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Grant", "PlaybackSigner", "PlaybackTokenRefused", "content_key"]

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_PATH = re.compile(
    rf"(tenants/({_PART})/video/hls/({_PART})/({_PART})/)([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+(\.[a-z0-9]+)?"
)
# An expiry has one spelling: ASCII digits without a leading zero, or two tokens would say the same.
_TOKEN = re.compile(r"([A-Za-z0-9]{1,16})~([1-9][0-9]{0,11})~([A-Za-z0-9_-]{1,100})~([A-Za-z0-9_-]{43})")
MIN_SECRET_BYTES = 32


class PlaybackTokenRefused(Exception):
    """A token or path that opens nothing; `code` is "malformed", "unknown_key", "bad_signature" or "expired"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Grant:
    """What a good token opens."""

    tenant_id: str
    video_id: str
    revision: str
    viewer: str
    expires: int


class PlaybackSigner:
    """Makes and checks tokens. Several keys may be good at once, so that a secret can be rotated."""

    def __init__(self, secrets: Mapping[str, bytes], active: str) -> None:
        """Take secrets by key id and the id that signs; raise ValueError for a short secret or an unknown active id."""
        if active not in secrets or any(len(secret) < MIN_SECRET_BYTES for secret in secrets.values()):
            raise ValueError(
                f"playback needs an active key id and secrets of at least {MIN_SECRET_BYTES} bytes"
            )
        self._secrets = dict(secrets)
        self._active = active

    def sign(self, prefix: str, viewer: str, expires: int) -> str:
        """Return the token for `prefix` (`tenants/…/{revision}/`), good for `viewer` until `expires` (exclusive)."""
        token = f"{self._active}~{expires}~{viewer}~{self._signature(self._active, prefix, expires, viewer)}"
        place = _PATH.fullmatch(f"{prefix}x")
        if not _TOKEN.fullmatch(token) or not place or place[1] != prefix:
            raise ValueError("the viewer or the prefix cannot stand in a token")
        return token

    def verify(self, token: str, path: str, now: float) -> Grant:
        """Return what `token` grants for `path` (no leading slash) at `now`. Raises PlaybackTokenRefused."""
        fields, place = _TOKEN.fullmatch(token), _PATH.fullmatch(path)
        if not fields or not place or ".." in path:
            raise PlaybackTokenRefused("malformed")
        kid, expires, viewer = fields[1], int(fields[2]), fields[3]
        if kid not in self._secrets:
            raise PlaybackTokenRefused("unknown_key")
        if not hmac.compare_digest(fields[4], self._signature(kid, place[1], expires, viewer)):
            raise PlaybackTokenRefused("bad_signature")
        if now >= expires:
            raise PlaybackTokenRefused("expired")
        return Grant(place[2], place[3], place[4], viewer, expires)

    def _signature(self, kid: str, prefix: str, expires: int, viewer: str) -> str:
        text = f"v1\n{prefix}\n{expires}\n{kid}\n{viewer}"
        digest = hmac.new(self._secrets[kid], text.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def content_key(secret: bytes, tenant_id: str, video_id: str, revision: str) -> bytes:
    """Return the 16-byte AES key of one revision, derived so that no key is ever stored.

    HMAC-SHA256 as a key derivation function, NIST SP 800-108r1, truncated to 128 bits.
    """
    if len(secret) < MIN_SECRET_BYTES:
        raise ValueError(f"the content secret must have at least {MIN_SECRET_BYTES} bytes")
    label = f"hls-aes-128\n{tenant_id}\n{video_id}\n{revision}"
    return hmac.new(secret, label.encode(), hashlib.sha256).digest()[:16]
