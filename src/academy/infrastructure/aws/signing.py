"""AWS Signature Version 4, in headers and in the query of a presigned URL.

Source: "AWS Signature Version 4 for API requests" in the AWS Identity and Access Management guide, and "Authenticating Requests:
Using Query Parameters" in the Amazon S3 API reference.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

__all__ = ["Credentials", "Signer", "query_string"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs. `session_token` and `expires_at` (aware) belong to the temporary ones of a role."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    expires_at: datetime | None = None


class Signer:
    """Signs requests to one service in one region."""

    def __init__(self, region: str, service: str) -> None:
        """Prepare.

        Args:
            region: "ap-northeast-2".
            service: as the signature names it: "sqs", "s3".
        """
        self._region = region
        self._service = service
        self._key_of: tuple[str, str] = ("", "")
        self._key = b""

    def headers(
        self,
        credentials: Credentials,
        now: datetime,
        method: str,
        target: tuple[str, str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> dict[str, str]:
        """Return `headers` with what signs them added.

        Args:
            credentials: who signs.
            now: aware, UTC; AWS refuses what is off by more than 15 minutes.
            method: "POST".
            target: host as in the Host header, path percent-encoded as it is sent, query as of `query_string`.
            headers: every one that is sent but Host and Content-Length; all are signed.
            body: signed too.
        """
        host, path, query = target
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        signed = {**headers, "X-Amz-Date": stamp}
        if credentials.session_token:
            signed["X-Amz-Security-Token"] = credentials.session_token
        if self._service == "s3":
            signed["X-Amz-Content-Sha256"] = digest
        names, lines = _canonical({**signed, "host": host})
        request = "\n".join((method, self._path(path), query, lines, "", names, digest))
        signature = self._signature(credentials, stamp, request)
        signed["Authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key_id}/{self._scope(stamp)},"
            f" SignedHeaders={names}, Signature={signature}"
        )
        return signed

    def presigned(
        self,
        credentials: Credentials,
        now: datetime,
        method: str,
        target: tuple[str, str, Mapping[str, str]],
        headers: Mapping[str, str],
        expires_seconds: int,
    ) -> str:
        """Return the query of a URL that allows one method on one path, with exactly these headers, until it expires.

        Args:
            credentials: who allows it; temporary ones end the URL when they end.
            now: aware, UTC.
            method: "PUT".
            target: host, path percent-encoded, parameters of the query.
            headers: what the request must carry beside Host, by name.
            expires_seconds: up to seven days.
        """
        host, path, parameters = target
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        names, lines = _canonical({**headers, "host": host})
        query = {
            **parameters,
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{credentials.access_key_id}/{self._scope(stamp)}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(expires_seconds),
            "X-Amz-SignedHeaders": names,
        }
        if credentials.session_token:
            query["X-Amz-Security-Token"] = credentials.session_token
        text = query_string(query)
        request = "\n".join((method, self._path(path), text, lines, "", names, _UNSIGNED))
        return f"{text}&X-Amz-Signature={self._signature(credentials, stamp, request)}"

    def _path(self, path: str) -> str:
        # S3 takes the path as it is sent; every other service encodes it once more.
        return path if self._service == "s3" else quote(path, safe="/")

    def _scope(self, stamp: str) -> str:
        return f"{stamp[:8]}/{self._region}/{self._service}/aws4_request"

    def _signature(self, credentials: Credentials, stamp: str, request: str) -> str:
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join((_ALGORITHM, stamp, self._scope(stamp), digest))
        return hmac.digest(self._signing_key(credentials, stamp[:8]), text.encode(), "sha256").hex()

    def _signing_key(self, credentials: Credentials, day: str) -> bytes:
        wanted = (credentials.secret_access_key, day)
        if self._key_of != wanted:
            key = f"AWS4{credentials.secret_access_key}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key_of, self._key = wanted, key
        return self._key


def query_string(parameters: Mapping[str, str]) -> str:
    """Return a query in the order and encoding that are signed: sorted by name, everything but A-Z a-z 0-9 - . _ ~ encoded."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _canonical(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the names that are signed, and the signed lines."""
    lowered = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    return ";".join(name for name, _ in lowered), "\n".join(f"{name}:{value}" for name, value in lowered)
