"""Signed requests to one AWS service.

AwsUnavailable
├─ no credentials (CredentialsUnavailable)
└─ no answer (HttpFailed)
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Self
from urllib.parse import urlsplit

from academy.application.ports.clock import Clock
from academy.infrastructure.aws.credentials import (
    CredentialsSource,
    CredentialsUnavailable,
    RenewedCredentials,
)
from academy.infrastructure.aws.signing import Signer, query_string
from academy.infrastructure.http.client import (
    ConnectionFailed,
    HttpAnswer,
    HttpClient,
    HttpFailed,
    HttpLimits,
)

__all__ = ["AwsEndpoint", "AwsService", "AwsUnavailable", "own_endpoint"]

_TRIED_AGAIN = frozenset({500, 502, 503, 504})


class AwsUnavailable(Exception):
    """A request could not be signed or was not answered; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class AwsEndpoint:
    """A service somewhere.

    Attributes:
        service: as signatures name it: "sqs", "s3".
        region: AWS region.
        url: scheme, host and port; a path stands before the path of every request.
        credentials: where they come from.
        limits: of its connections.
        trust: whom to believe to be the server; None: the system's certificates.
    """

    service: str
    region: str
    url: str
    credentials: CredentialsSource
    limits: HttpLimits
    trust: SSLContext | None = None


def own_endpoint(service: str, region: str) -> str:
    """Return AWS's own address of a service in a region (AWS General Reference, "Service endpoints")."""
    return f"https://{service}.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


class AwsService:
    """One service. See `open`."""

    def __init__(self, endpoint: AwsEndpoint, clock: Clock) -> None:
        """Prepare; nothing is sent before the first call. Raises ValueError for an address that is none."""
        parts = urlsplit(endpoint.url)
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path.rstrip("/")
        self._endpoint = endpoint
        self._clock = clock
        self._http = HttpClient(endpoint.url, endpoint.limits, endpoint.trust)
        self._signer = Signer(endpoint.region, endpoint.service)
        self._renewed: RenewedCredentials | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, endpoint: AwsEndpoint, clock: Clock) -> AsyncIterator[Self]:
        """Hold a service and its connections open."""
        service = cls(endpoint, clock)
        try:
            yield service
        finally:
            await service._http.aclose()

    async def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Send a signed request and return its answer, whatever the status. Raises AwsUnavailable.

        A lost connection and a server's error get one quick second try; longer outages are our own back-off's affair.

        Args:
            method: "POST".
            path: percent-encoded, begins with "/".
            headers: beside those that the signature adds.
            body: sent as it is.
            query: parameters, not encoded.
        """
        try:
            answer = await self._once(method, path, headers, body, query or {})
            if answer.status not in _TRIED_AGAIN:
                return answer
        except ConnectionFailed:
            pass
        except (HttpFailed, CredentialsUnavailable) as error:
            raise AwsUnavailable(str(error)) from error
        try:
            return await self._once(method, path, headers, body, query or {})
        except (HttpFailed, CredentialsUnavailable) as error:
            raise AwsUnavailable(str(error)) from error

    async def _once(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
    ) -> HttpAnswer:
        credentials = await self._credentials().get()
        text, path = query_string(query), self._prefix + path
        target = (self._http.host, path, text)
        signed = self._signer.headers(credentials, self._clock.now(), method, target, headers, body)
        return await self._http.request(method, f"{path}?{text}" if text else path, signed, body)

    async def presigned(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        expires_seconds: int,
    ) -> str:
        """Return a URL that lets its holder send one request, with exactly these headers. Raises AwsUnavailable."""
        try:
            credentials = await self._credentials().get()
        except CredentialsUnavailable as error:
            raise AwsUnavailable(str(error)) from error
        path = self._prefix + path
        target = (self._http.host, path, query)
        text = self._signer.presigned(
            credentials, self._clock.now(), method, target, headers, expires_seconds
        )
        return f"{self._base}{path}?{text}"

    def _credentials(self) -> RenewedCredentials:
        if self._renewed is None:
            self._renewed = RenewedCredentials(self._endpoint.credentials, self._clock)
        return self._renewed
