"""Signed requests to one bucket: the few that obstore does not make, errors by their code.

Source: "Amazon S3 REST API" (CreateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload, HeadObject, error responses).
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import quote
from xml.etree.ElementTree import ParseError, fromstring

from academy.application.ports.clock import Clock
from academy.infrastructure.aws.credentials import CredentialsSource
from academy.infrastructure.aws.service import AwsEndpoint, AwsService, AwsUnavailable, own_endpoint
from academy.infrastructure.http.client import HttpAnswer, HttpLimits
from academy.infrastructure.s3.location import S3Location

__all__ = ["S3Client", "S3Refusal", "S3Unreachable"]

_CODE = re.compile(r"[A-Za-z0-9.]{1,64}")


class S3Unreachable(Exception):
    """No answer, or one that S3 does not give."""


class S3Refusal(Exception):
    """An error answer; `code` is S3's, or the status where there is none (HEAD, a proxy's page)."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(f"{code} ({status})")
        self.code = code


class S3Client:
    """Requests to one bucket and its objects. See `open`."""

    def __init__(self, service: AwsService, base: str) -> None:
        self._service = service
        self._base = base

    @classmethod
    @asynccontextmanager
    async def open(cls, location: S3Location, clock: Clock) -> AsyncIterator[Self]:
        """Hold a client and its connections open. Nothing is sent before the first call."""
        own = own_endpoint("s3", location.region)
        host = own.replace("://", f"://{location.bucket}.", 1)
        url = location.endpoint or own if location.path_style else location.bucket_endpoint or host
        endpoint = AwsEndpoint(
            "s3",
            location.region,
            url,
            CredentialsSource(location.access_key_id, location.secret_access_key),
            HttpLimits(location.connections, location.connect_seconds, location.request_seconds),
        )
        async with AwsService.open(endpoint, clock) as service:
            yield cls(service, f"/{quote(location.bucket, safe='')}" if location.path_style else "")

    async def send(
        self,
        method: str,
        key: str = "",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Send a request about an object, or the bucket without a key. Raises S3Refusal, S3Unreachable."""
        try:
            answer = await self._service.request(method, self._path(key), headers or {}, body, query)
        except AwsUnavailable as error:
            raise S3Unreachable(str(error)) from error
        if answer.status >= 300:
            raise S3Refusal(_code(answer), answer.status)
        return answer

    async def told(
        self,
        method: str,
        key: str,
        name: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> str:
        """Send a request whose answer is an XML document; return the text of its element `name`.

        Raises S3Refusal, also for an error in an answer of success, and S3Unreachable for an answer without the element. The name
        of the whole document is not looked at: servers differ.
        """
        answer = await self.send(method, key, query=query, headers=headers, body=body)
        texts = _texts(answer.body)
        if "Code" in texts:
            # S3 sends its status before it joins the parts, so a failure can come in an answer of success.
            raise S3Refusal(_code(answer), answer.status)
        if not texts.get(name):
            raise S3Unreachable(f"answered {answer.status} without {name}")
        return texts[name]

    async def presigned_put(
        self, key: str, query: Mapping[str, str], headers: Mapping[str, str], expires_seconds: int
    ) -> str:
        """Return a URL that takes one PUT with exactly these headers. Raises S3Unreachable without credentials."""
        try:
            return await self._service.presigned("PUT", self._path(key), headers, query, expires_seconds)
        except AwsUnavailable as error:
            raise S3Unreachable(str(error)) from error

    def _path(self, key: str) -> str:
        return f"{self._base}/{quote(key, safe='/')}" if key else self._base or "/"


def _code(answer: HttpAnswer) -> str:
    code = _texts(answer.body).get("Code", "")
    return code if _CODE.fullmatch(code) else str(answer.status)


def _texts(body: bytes) -> dict[str, str]:
    """Return the texts below the root of a document by name; nothing for what is no document of S3."""
    # While it joins parts S3 sends spaces, which no XML document may begin with.
    text = body.strip()
    # No document of S3 declares a type, and what one can declare is what makes XML dangerous.
    if not text or b"<!DOCTYPE" in text:
        return {}
    try:
        root = fromstring(text)  # noqa: S314 - see above
    except ParseError:
        return {}
    return {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in root}
