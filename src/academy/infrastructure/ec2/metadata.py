"""Instance metadata, version 2 only: every look is authorised by a session token.

Source: Amazon EC2 user guide, "Use the Instance Metadata Service to access instance metadata"
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html).
"""

from collections.abc import Callable

from academy.application.ports.instance import InstanceUnavailable
from academy.infrastructure.http.client import HttpAnswer, HttpClient, HttpFailed, HttpLimits

__all__ = ["LIMITS", "InstanceMetadata"]

TOKEN_SECONDS = 21_600
"""Longest life a token may have; a new one is fetched at half of it, or when the service refuses the old one."""
LIMITS = HttpLimits(connections=1, connect_seconds=2.0, answer_seconds=2.0, body_bytes=1 << 16)
"""The service answers within milliseconds. From inside a container whose machine has a hop limit of 1 the answer to the
token's PUT never arrives: waiting longer would not help."""


class InstanceMetadata:
    """Reads items of the metadata; holds one token and one connection."""

    def __init__(self, url: str, monotonic: Callable[[], float], limits: HttpLimits = LIMITS) -> None:
        """Ask at `url` ("http://169.254.169.254"); `monotonic` tells when the token is old."""
        self.url = url
        self._http = HttpClient(url, limits)
        self._monotonic = monotonic
        self._token = ""
        self._renew_at = 0.0

    async def item(self, path: str) -> str | None:
        """Return an item ("meta-data/instance-id"), None when there is none. Raises InstanceUnavailable."""
        answer = await self._get(path)
        if answer.status == 401:
            self._token = ""
            answer = await self._get(path)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise InstanceUnavailable(f"the instance metadata answered {answer.status} to {path}")
        return _text(answer)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _get(self, path: str) -> HttpAnswer:
        headers = {"X-aws-ec2-metadata-token": await self._session()}
        return await self._ask("GET", f"/latest/{path}", headers)

    async def _session(self) -> str:
        if not self._token or self._monotonic() >= self._renew_at:
            headers = {"X-aws-ec2-metadata-token-ttl-seconds": str(TOKEN_SECONDS)}
            answer = await self._ask("PUT", "/latest/api/token", headers)
            if answer.status != 200:
                raise InstanceUnavailable(f"the instance metadata refused a token with {answer.status}")
            self._token = _text(answer)
            self._renew_at = self._monotonic() + TOKEN_SECONDS / 2
        return self._token

    async def _ask(self, method: str, path: str, headers: dict[str, str]) -> HttpAnswer:
        try:
            return await self._http.request(method, path, headers)
        except (HttpFailed, ValueError) as error:
            raise InstanceUnavailable(f"instance metadata: {error}") from error


def _text(answer: HttpAnswer) -> str:
    return answer.body.decode("utf-8", "replace").strip()
